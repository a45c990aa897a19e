"""Inputs from the field that broke somebody: from issues, crash reports and captures of peers."""

from collections.abc import Callable
from typing import Final

import pytest
from feeding import feed
from wire import (
    FRAME,
    OPTIONAL,
    REQUIRED,
    Case,
    Rows,
    asks_for,
    cut,
    drive,
    handshake,
    lines_of,
    plain,
    splits,
)

from httpupgrade import (
    ConnectionClosed,
    CustomProtocol,
    LocalProtocolError,
    Passthrough,
    Policy,
    ServerNegotiator,
    UpgradeToken,
    WebSocket,
    WebSocketAgreement,
)

inputs: Final = Rows("input")

INPUTS: Final = frozenset(
    lines_of("""
    Upgrade: websocket, websocket
    Upgrade: madam-websocket
    Connection: not-upgrade-lol
    Upgrade: h2c, websocket/13
    Connection: close + Connection: Upgrade
    Upgrade: tcp, POST with 29 octets of JSON
    Upgrade: TLS/1.2 on GET
    Upgrade: TLS/1.0 in front of 0x16 0x03
    h2c + chunked + pipelined GET at every split
    64 requests, the upgrade at position 32
    rejected upgrade + pipelined GET /admin
    one trailing octet x LF
    9, 20 and 100 KB cookie
    150 headers
    key of 32 octets
    key with padding bits
    Kubernetes subprotocols
    Origin: http://a:b
    Origin with [::1]
    Origin with a default port
    HTTP/1.0 with Upgrade
    PRI * HTTP/2.0
    zero octets, then end of file
    PROXY protocol line
    """)
)

ADMIN: Final = plain(line=b"GET /admin HTTP/1.1")
SAME_HOST: Final = Policy(WebSocket(origins="same-host"))
JSON: Final = b'{"Detach":false,"Tty":true  }'
DOCKER: Final = asks_for(
    b"tcp",
    b"Content-Type: application/json",
    b"Content-Length: 29",
    line=b"POST /v1.44/exec/4e5f/start HTTP/1.1",
    body=JSON,
)
HELLO: Final = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
H2C_POST: Final = plain(
    b"Upgrade: h2c",
    b"Connection: Upgrade, HTTP2-Settings",
    b"HTTP2-Settings: AAMAAABkAAQAAP__",
    b"Transfer-Encoding: chunked",
    line=b"POST /items HTTP/1.1",
    body=b"3\r\nabc\r\n0\r\n\r\n",
)
PROXY: Final = b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n"


def _both(row: str, octets: bytes, code: str, required: str = "426 close") -> tuple[Case, Case]:
    """What is no good offer: ignored where it is optional, 426 where it is required."""
    return (
        Case(row, "required", octets, required, code),
        Case(row, "optional", octets, "pass", code, policy=OPTIONAL),
    )


inputs.add(
    (
        Case(
            "Upgrade: websocket, websocket",
            "is one protocol",
            handshake(b"Upgrade: websocket, websocket"),
            "101",
            carries=(b"upgrade: websocket",),
        ),
        *_both(
            "Upgrade: madam-websocket",
            handshake(b"Upgrade: madam-websocket"),
            "no-common-protocol",
        ),
        *_both(
            "Connection: not-upgrade-lol",
            handshake(b"Connection: not-upgrade-lol"),
            "upgrade-option-missing",
        ),
        *_both(
            "Upgrade: h2c, websocket/13",
            handshake(b"Upgrade: h2c, websocket/13"),
            "no-common-protocol",
        ),
        Case(
            "Connection: close + Connection: Upgrade",
            "in a request",
            handshake(b"Connection: close", b"Connection: Upgrade"),
            "101",
            carries=(b"connection: Upgrade",),
        ),
        *_both("Upgrade: TLS/1.2 on GET", asks_for(b"TLS/1.2"), "no-common-protocol"),
        Case(
            "Upgrade: TLS/1.0 in front of 0x16 0x03",
            "required: nothing behind the refusal is read",
            asks_for(b"TLS/1.0") + HELLO,
            "426 close",
        ),
        Case(
            "Upgrade: TLS/1.0 in front of 0x16 0x03",
            "optional: what follows is no HTTP, and is handed on",
            asks_for(b"TLS/1.0") + HELLO,
            "pass, pass",
            "tls-client-hello",
            policy=OPTIONAL,
        ),
        Case(
            "rejected upgrade + pipelined GET /admin",
            "is not answered",
            handshake(without=b"Sec-WebSocket-Key", body=ADMIN),
            "400 close",
        ),
        Case(
            "rejected upgrade + pipelined GET /admin",
            "unless the policy says so",
            handshake(without=b"Sec-WebSocket-Key", body=ADMIN),
            "400, 426",
            policy=Policy(WebSocket(), mode="required", close="never"),
        ),
        Case(
            "one trailing octet x LF",
            "belongs to the new protocol",
            handshake(body=b"x\n"),
            "101",
            trailing=b"x\n",
        ),
        *(
            Case(
                "9, 20 and 100 KB cookie",
                f"{size} KB",
                handshake(b"Cookie: a=" + b"b" * size * 1024),
                said,
            )
            for size, said in ((9, "101"), (20, "101"), (100, "431 close"))
        ),
        Case(
            "150 headers",
            "are not too many",
            handshake(*[b"X-Field-%d: y" % each for each in range(150)]),
            "101",
        ),
        Case(
            "key of 32 octets",
            "is no key",
            handshake(b"Sec-WebSocket-Key: QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY="),
            "400 close",
            "websocket-key-malformed",
        ),
        Case(
            "key with padding bits",
            "is a key",
            handshake(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZX=="),
            "101",
        ),
        Case(
            "Origin: http://a:b",
            "is no origin that is allowed",
            handshake(b"Origin: http://a:b"),
            "403 close",
            "origin-not-allowed",
            policy=SAME_HOST,
        ),
        Case(
            "Origin: http://a:b",
            "is nobody's business where none is compared",
            handshake(b"Origin: http://a:b"),
            "101",
        ),
        *(
            Case(
                "Origin with [::1]",
                f"{origin!r} at {host!r}",
                handshake(b"Host: " + host, b"Origin: " + origin),
                said,
                policy=SAME_HOST,
            )
            for host, origin, said in (
                (b"[::1]", b"http://[::1]", "101"),
                (b"[::1]:8080", b"http://[::1]:8080", "101"),
                (b"[::1]:8080", b"http://[::1]", "403 close"),
                (b"[::1]", b"http://[::2]", "403 close"),
                (b"[::1]", b"http://::1", "403 close"),
            )
        ),
        *(
            Case(
                "Origin with a default port",
                f"{origin!r} at {host!r}",
                handshake(b"Host: " + host, b"Origin: " + origin),
                said,
                policy=SAME_HOST,
            )
            for host, origin, said in (
                (b"a.example", b"http://a.example:80", "101"),
                (b"a.example:80", b"http://a.example", "101"),
                (b"a.example", b"https://a.example:443", "101"),
                (b"a.example:443", b"https://a.example", "101"),
                (b"a.example:80", b"https://a.example", "403 close"),
                (b"a.example", b"http://a.example:443", "403 close"),
            )
        ),
        *_both(
            "HTTP/1.0 with Upgrade",
            handshake(b"Connection: keep-alive, Upgrade", line=b"GET / HTTP/1.0"),
            "upgrade-in-http-1.0",
        ),
        *_both("PRI * HTTP/2.0", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "http2-preface", "505 close"),
        *_both("PROXY protocol line", PROXY + handshake(), "proxy-protocol", "400 close"),
    )
)


@inputs("Connection: close + Connection: Upgrade")
def in_a_101_it_cannot_be_written() -> None:
    accepted = drive(handshake()).accepted
    with pytest.raises(LocalProtocolError, match="connection"):
        accepted.with_headers([(b"Connection", b"close")])
    both = accepted.replace(headers=(*accepted.headers, (b"Connection", b"close")))
    with pytest.raises(LocalProtocolError):
        drive(handshake(), substitute=both)


@inputs("Upgrade: tcp, POST with 29 octets of JSON")
def where_it_is_offered_the_body_comes_with_the_101() -> None:
    offers = Policy(CustomProtocol("tcp", methods=(b"POST",), body="buffer", reason=b"UPGRADED"))
    run = drive(DOCKER + b"raw", offers)
    assert run.said == "101"
    assert run.accepted.token == UpgradeToken("tcp")
    assert (run.accepted.request_body, run.trailing) == (JSON, b"raw")
    assert run.accepted.to_bytes().startswith(b"HTTP/1.1 101 UPGRADED\r\n")


@inputs("Upgrade: tcp, POST with 29 octets of JSON")
def where_it_is_not_it_passes_with_its_body() -> None:
    run = drive(DOCKER + handshake(body=FRAME), OPTIONAL)
    assert run.said == "pass, 101"
    assert (run.passed, run.trailing) == ((DOCKER,), FRAME)


@inputs("h2c + chunked + pipelined GET at every split")
def every_split_passes_both_messages_on_intact() -> None:
    for pieces in splits(H2C_POST + ADMIN):
        run = drive(pieces, OPTIONAL)
        assert run.said == "pass, pass"
        assert run.passed == (H2C_POST, ADMIN)


@inputs("64 requests, the upgrade at position 32")
def each_is_answered_in_order_up_to_the_switch() -> None:
    octets = plain() * 31 + handshake() + plain() * 32
    for size in (len(octets), 1000, 7):
        run = drive(cut(octets, size), OPTIONAL)
        assert run.events == ("pass",) * 31 + ("101",)
        assert run.passed == (plain(),) * 31
        assert run.trailing == plain() * 32
        assert drive(cut(octets, size), REQUIRED).events == ("426",) * 31 + ("101",)


@inputs("Kubernetes subprotocols")
def one_is_chosen_and_the_other_can_be_read() -> None:
    bearer = b"base64url.bearer.authorization.k8s.io.bXl0b2tlbg"
    offered = b"Sec-WebSocket-Protocol: " + bearer + b", base64.binary.k8s.io"
    policy = Policy(WebSocket(subprotocols=("base64.binary.k8s.io",), require_subprotocol=True))
    accepted = drive(handshake(offered), policy).accepted
    assert isinstance(accepted.agreement, WebSocketAgreement)
    assert accepted.agreement.subprotocol == "base64.binary.k8s.io"
    assert accepted.head is not None
    (value,) = accepted.head.get_all(b"sec-websocket-protocol")
    assert bearer in value


@inputs("zero octets, then end of file")
def a_probe_is_an_event_and_no_error() -> None:
    for policy in (REQUIRED, OPTIONAL):
        event = feed(ServerNegotiator(policy), b"")
        assert isinstance(event, ConnectionClosed)
        assert [finding.code for finding in event.findings] == ["no-request"]


@inputs("PROXY protocol line")
def the_binary_form_is_recognised_as_well() -> None:
    binary = b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + bytes(12) + handshake()
    assert drive(binary).codes == ("proxy-protocol",)
    run = drive(binary, OPTIONAL)
    assert run.passed == (binary,)


@inputs("PRI * HTTP/2.0")
def what_is_no_http_1_is_handed_on_octet_for_octet() -> None:
    for octets in (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", HELLO, PROXY + handshake()):
        for size in (1, len(octets)):
            run = drive(cut(octets, size), OPTIONAL)
            assert b"".join(run.passed) == octets
            (decision,) = run.decisions
            assert isinstance(decision, Passthrough)
            assert decision.head is None


@pytest.mark.parametrize("check", inputs.checks, ids=inputs.ids)
def test_of_the_field(check: Callable[[], None]) -> None:
    check()


def test_every_input_of_the_field_is_tested() -> None:
    assert inputs.covered == INPUTS
