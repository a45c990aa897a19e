"""Answers as a whole: status, fields, closing, and where each finding points.

Each request is decided as a caller builds it, as it is parsed, and as a negotiator reads it.
"""

import pytest
from feeding import feed
from strategies_decide import KEY, handshake, request

from httpupgrade import (
    Accept101,
    CustomProtocol,
    Decision,
    Finding,
    Passthrough,
    Policy,
    Reject,
    RequestHead,
    Require426,
    ServerNegotiator,
    WebSocket,
    decide,
)

OFFERS = (WebSocket(), CustomProtocol("tcp", body="buffer"))
MODES = {
    "optional": Policy(*OFFERS),
    "advertise": Policy(*OFFERS, mode="advertise"),
    "report": Policy(*OFFERS, mode="report"),
    "required": Policy(*OFFERS, mode="required"),
    "never": Policy(*OFFERS, mode="required", close="never"),
}
ADVERTISED = ((b"Upgrade", b"websocket, tcp"), (b"Connection", b"upgrade"))
VERSION = (b"Sec-WebSocket-Version", b"13")
MISSING = "upgrade-missing Upgrade line 1 of 1"
NO_OPTION = "upgrade-option-missing Connection line 1 of 1"
CODED = "gzip, chunked"
UPGRADE, OPTION = (b"Upgrade", b"tcp"), (b"Connection", b"upgrade")


def told(finding: Finding) -> str:
    """Its code, and where it points."""
    value = "" if finding.value is None else f" {finding.value.decode('latin-1')!r}"
    lines = f" line {finding.line_number} of {finding.line_count}" if finding.line_count else ""
    shown = None if finding.line is None else finding.line[finding.start : finding.end]
    marked = "" if shown is None else f" at {shown.decode('latin-1')!r}"
    return f"{finding.code} {finding.field}{value}{lines}{marked}".replace(KEY.decode(), "KEY")


def whole(decision: Decision) -> list[str]:
    """What a user can see of a decision, but for sentences, and for what all of a kind have."""
    findings = [told(each) for each in decision.findings]
    match decision:
        case Passthrough():
            assert decision.advertisement in ((), ADVERTISED)
            advertised = ", advertised" if decision.advertisement else ""
            would = ", would require" if decision.would_require else ""
            return [f"passes{advertised}{would}", *findings]
        case Accept101():
            (_, upgrade), option, *_ = decision.headers
            assert option == (b"Connection", b"Upgrade")
            return [f"101 {upgrade.decode()}: {decision.agreement}", *findings]
        case Require426():
            closing = b", close" if decision.close else b""
            option = (b"Connection", b"upgrade" + closing)
            assert decision.headers[:3] == (ADVERTISED[0], option, VERSION)
        case Reject():
            assert ((b"Connection", b"close") in decision.headers) is decision.close
    return [f"{decision.status_code}{' closes' if decision.close else ''}", *findings]


ROWS = [
    ("optional", request(OPTION), ["passes"]),
    ("advertise", request(), ["passes, advertised"]),
    ("advertise", request(OPTION), ["passes, advertised"]),
    ("advertise", request(http_version=b"1.0"), ["passes"]),
    ("advertise", request(http_version=b"1.2"), ["passes, advertised"]),
    (
        "advertise",
        request((b"Upgrade", b"h2c"), OPTION),
        ["passes, advertised", "no-common-protocol Upgrade 'h2c' line 1 of 1 at 'h2c'"],
    ),
    ("report", request(), ["passes, would require"]),
    (
        "report",
        request((b"Upgrade", b"h2c"), OPTION),
        ["passes, would require", "no-common-protocol Upgrade 'h2c' line 1 of 1 at 'h2c'"],
    ),
    (
        "report",
        handshake(without=[b"Upgrade"]),
        [
            "passes, would require",
            "hop-by-hop-fields-lost Sec-WebSocket-Key 'KEY' line 1 of 1 at 'KEY'",
        ],
    ),
    (
        "optional",
        handshake(without=[b"Connection"]),
        [
            "passes",
            "hop-by-hop-fields-lost Sec-WebSocket-Key 'KEY' line 1 of 1 at 'KEY'",
            NO_OPTION,
        ],
    ),
    ("required", request(), ["426", MISSING]),
    ("required", request(OPTION), ["426", "upgrade-missing Upgrade line 1 of 1 at 'upgrade'"]),
    (
        "required",
        request((b"Connection", b"keep-alive"), (b"Connection", b"te, Upgrade")),
        ["426", "upgrade-missing Upgrade line 2 of 2 at 'te, Upgrade'"],
    ),
    (
        "required",
        request(http_version=b"1.0"),
        [
            "426 closes",
            "upgrade-in-http-1.0 None '1.0' line 1 of 1 at 'HTTP/1.0'",
            MISSING,
        ],
    ),
    (
        "required",
        request(OPTION, http_version=b"1.0"),
        [
            "426 closes",
            "upgrade-in-http-1.0 None '1.0' line 1 of 1 at 'HTTP/1.0'",
            "upgrade-missing Upgrade line 1 of 1 at 'upgrade'",
        ],
    ),
    ("required", request(UPGRADE), ["426 closes", NO_OPTION]),
    (
        "required",
        request(UPGRADE, (b"Connection", b"te"), (b"Connection", b"a, @")),
        ["426 closes", "connection-malformed Connection '@' line 2 of 2 at '@'"],
    ),
    (
        "required",
        request((b"Upgrade", b"tcp"), (b"Upgrade", b"a, @"), OPTION),
        ["426 closes", "upgrade-malformed Upgrade '@' line 2 of 2 at '@'"],
    ),
    (
        "required",
        request((b"Upgrade", b"@"), (b"Connection", b"close")),
        [
            "426 closes",
            "upgrade-option-missing Connection 'close' line 1 of 1 at 'close'",
            "upgrade-malformed Upgrade '@' line 1 of 1 at '@'",
        ],
    ),
    (
        "required",
        request((b"Upgrade", b""), OPTION),
        ["426 closes", "no-common-protocol Upgrade '' line 1 of 1 at ''"],
    ),
    (
        "required",
        request((b"Upgrade", b"h2c"), (b"Upgrade", b"x/1"), OPTION),
        ["426 closes", "no-common-protocol Upgrade 'h2c' line 1 of 2 at 'h2c'"],
    ),
    (
        "required",
        handshake(without=[b"Upgrade"]),
        [
            "426",
            "hop-by-hop-fields-lost Sec-WebSocket-Key 'KEY' line 1 of 1 at 'KEY'",
            "upgrade-missing Upgrade line 1 of 1 at 'Upgrade'",
        ],
    ),
    (
        "required",
        handshake(without=[b"Connection"]),
        [
            "426 closes",
            "hop-by-hop-fields-lost Sec-WebSocket-Key 'KEY' line 1 of 1 at 'KEY'",
            NO_OPTION,
        ],
    ),
    (
        "required",
        handshake(without=[b"Upgrade", b"Connection"]),
        [
            "426",
            "hop-by-hop-fields-lost Sec-WebSocket-Key 'KEY' line 1 of 1 at 'KEY'",
            MISSING,
            NO_OPTION,
        ],
    ),
    (
        "required",
        handshake(http_version=b"1.0"),
        ["426 closes", "upgrade-in-http-1.0 None '1.0' line 1 of 1 at 'HTTP/1.0'"],
    ),
    (
        "optional",
        handshake(),
        ["101 websocket: WebSocketAgreement(subprotocol=None, extensions=(), accept=<28 octets>)"],
    ),
    (
        "optional",
        handshake((b"Upgrade", b"WebSocket")),
        ["101 websocket: WebSocketAgreement(subprotocol=None, extensions=(), accept=<28 octets>)"],
    ),
    ("optional", request(UPGRADE, OPTION), ["101 tcp: None"]),
    ("optional", request((b"Upgrade", b"TCP"), OPTION), ["101 tcp: None"]),
    (
        "optional",
        request((b"Upgrade", b"tcp/1"), OPTION),
        ["passes", "no-common-protocol Upgrade 'tcp/1' line 1 of 1 at 'tcp/1'"],
    ),
    ("optional", request((b"Upgrade", b"x, tcp"), OPTION), ["101 tcp: None"]),
    (
        "optional",
        handshake((b"Upgrade", b"tcp, websocket"), without=[b"Sec-WebSocket-Key"]),
        ["101 tcp: None", "websocket-key-missing Sec-WebSocket-Key line 1 of 1"],
    ),
    (
        "optional",
        handshake(without=[b"Sec-WebSocket-Key"]),
        ["400 closes", "websocket-key-missing Sec-WebSocket-Key line 1 of 1"],
    ),
    (
        "never",
        handshake(without=[b"Sec-WebSocket-Key"]),
        ["400", "websocket-key-missing Sec-WebSocket-Key line 1 of 1"],
    ),
    (
        "optional",
        handshake((b"Sec-WebSocket-Version", b"8")),
        [
            "426 closes",
            "websocket-version-unsupported Sec-WebSocket-Version '8' line 1 of 1 at '8'",
        ],
    ),
    (
        "never",
        handshake((b"Sec-WebSocket-Version", b"8")),
        ["426", "websocket-version-unsupported Sec-WebSocket-Version '8' line 1 of 1 at '8'"],
    ),
    (
        "required",
        handshake((b"Sec-WebSocket-Version", b"8")),
        [
            "426 closes",
            "websocket-version-unsupported Sec-WebSocket-Version '8' line 1 of 1 at '8'",
        ],
    ),
    (
        "optional",
        handshake(method=b"PUT"),
        ["405 closes", "method-not-allowed None 'PUT' line 1 of 1 at 'PUT'"],
    ),
    (
        "optional",
        handshake((b"Expect", b"x")),
        ["417 closes", "expectation-unknown Expect 'x' line 1 of 1 at 'x'"],
    ),
    (
        "optional",
        handshake((b"Expect", b"100-continue"), (b"Expect", b"x")),
        ["417 closes", "expectation-unknown Expect 'x' line 2 of 2 at 'x'"],
    ),
    (
        "optional",
        handshake((b"Content-Length", b"1")),
        ["400 closes", "body-not-allowed Content-Length '1' line 1 of 1 at '1'"],
    ),
    (
        "optional",
        handshake((b"Transfer-Encoding", b"chunked")),
        ["400 closes", "body-not-allowed Transfer-Encoding 'chunked' line 1 of 1 at 'chunked'"],
    ),
    (
        "optional",
        request(UPGRADE, OPTION, (b"Transfer-Encoding", CODED.encode())),
        [
            "501 closes",
            f"transfer-encoding-unknown Transfer-Encoding {CODED!r} line 1 of 1 at {CODED!r}",
        ],
    ),
    (
        "optional",
        request(UPGRADE, OPTION, (b"Host", b"a b")),
        ["400 closes", "host-malformed Host 'a b' line 1 of 1 at 'a b'"],
    ),
    (
        "never",
        request(UPGRADE, OPTION, (b"Host", b"a b")),
        ["400 closes", "host-malformed Host 'a b' line 1 of 1 at 'a b'"],
    ),
    (
        "never",
        request((b"Connection", b"close")),
        ["426 closes", MISSING],
    ),
    (
        "never",
        request(method=b"CONNECT", target=b"a:1"),
        ["426 closes", MISSING],
    ),
    (
        "never",
        request((b"Expect", b"100-continue"), (b"Content-Length", b"5"), method=b"POST"),
        ["426 closes", MISSING],
    ),
    (
        "never",
        request((b"Expect", b"100-continue")),
        ["426", MISSING],
    ),
    (
        "never",
        request((b"Expect", b"x"), (b"Content-Length", b"5"), method=b"POST"),
        ["426", MISSING],
    ),
    (
        "required",
        request((b"Accept", b"application/json")),
        ["426", MISSING],
    ),
    (
        "required",
        request((b"Accept", b"application/problem+json")),
        ["426", MISSING],
    ),
    ("required", request(method=b"HEAD"), ["426", MISSING]),
    (
        "required",
        request(method=b"OPTIONS", target=b"*"),
        ["426", MISSING],
    ),
]


def named(head: RequestHead) -> str:
    lines = [b"%b: %b" % field for field in head.headers if field[0] != b"Host"]
    return b" ".join((head.method, b"HTTP/" + head.http_version, *lines)).decode()


@pytest.mark.parametrize(
    ("mode", "head", "expected"),
    [pytest.param(*row, id=f"{row[0]} {named(row[1])}") for row in ROWS],
)
def test_an_answer_is_the_same_as_a_whole_on_each_path(
    mode: str, head: RequestHead, expected: list[str]
) -> None:
    octets, policy = head.to_bytes(), MODES[mode]
    assert whole(decide(head, policy)) == expected
    assert whole(decide(RequestHead.parse(octets), policy)) == expected
    answer = feed(ServerNegotiator(policy), octets)
    assert isinstance(answer, Accept101 | Require426 | Reject | Passthrough)
    assert whole(answer) == expected


def test_an_option_without_upgrade_is_no_proof_and_the_refusal_says_so() -> None:
    """nginx with a literal ``Connection "upgrade"`` sends it with every plain request."""
    (plain,) = decide(request(), MODES["required"]).findings
    (found,) = decide(request(OPTION), MODES["required"]).findings
    assert found.hint.startswith("Connection lists upgrade")
    assert found.hint.endswith(plain.hint)
    assert (found.field, found.value) == ("Upgrade", None)
