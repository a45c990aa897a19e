"""What was received and is shown in a refusal is text, to a browser, a terminal and a parser."""

import json
from collections.abc import Callable

import pytest
from feeding import feed
from hypothesis import given
from hypothesis import strategies as st
from strategies_decide import handshake, request

from httpupgrade import (
    Finding,
    Policy,
    RefusalReport,
    Reject,
    RequestHead,
    Require426,
    ServerNegotiator,
    WebSocket,
    decide,
    describe,
)
from httpupgrade._negotiation.refusal_response import DEFAULT_REFUSAL
from httpupgrade.fields import escape_octets

TEXT = b"text/plain; charset=utf-8"
JSON = b"application/json"
PROBLEM = b"application/problem+json"


def refused(head: RequestHead, accept: bytes) -> Reject | Require426:
    fields = (*head.headers, (b"Accept", accept))
    decision = decide(RequestHead(head.method, head.target, fields), GUARDED)
    assert isinstance(decision, Reject | Require426)
    return decision


def received(decision: Reject | Require426, accept: bytes) -> list[str]:
    """The parts of a body that show what was received."""
    if accept == TEXT:
        lines = decision.body.decode("ascii").splitlines()
        return [line for line in lines if line.startswith("  received")]
    findings = json.loads(decision.body)["findings"]
    return [finding["line"] for finding in findings if "line" in finding]


# Attempts to be more than text in whatever shows a refusal: a page, a terminal, a log.
ATTACKS = [
    ("a tag", b"<script>alert(1)</script>"),
    ("an attribute", b'" onload="alert(1)'),
    ("a single quote", b"' onload='alert(1)"),
    ("a template literal", b"`${alert(1)}`"),
    ("an entity", b"&lt;script&gt;"),
    ("a terminal's escape", b"\xc2\x9b2J\x9b31m"),
    ("a JSON escape", b'\\u003cscript\\u003e\\"'),
    ("a bidirectional override", b"\xe2\x80\xaegnp.exe"),
    ("UTF-7", b"+ADw-script+AD4-<"),
    ("overlong UTF-8", b"\xc0\xbcscript\xc0\xbe"),
    ("a line separator", b"a\xe2\x80\xa8b\xc2\x85c"),
    ("a tabulator", b"a\t<b"),
]

# Every place of a request that a refusal shows, and the status of that refusal.
REFLECTED = [
    ("Host", 400, lambda octets: handshake((b"Host", b"@" + octets))),
    ("Upgrade", 426, lambda octets: request((b"Upgrade", octets), (b"Connection", b"upgrade"))),
    ("Connection", 426, lambda octets: handshake((b"Connection", b"upgrade " + octets))),
    ("key", 400, lambda octets: handshake((b"Sec-WebSocket-Key", octets))),
    ("version", 400, lambda octets: handshake((b"Sec-WebSocket-Version", octets))),
    ("extension", 400, lambda octets: handshake((b"Sec-WebSocket-Extensions", b"a " + octets))),
    ("Origin", 403, lambda octets: handshake((b"Origin", octets))),
    ("second Origin", 400, lambda octets: handshake((b"Origin", b"a"), (b"Origin", octets))),
    ("Expect", 417, lambda octets: handshake((b"Expect", octets), (b"Origin", b"http://a"))),
    ("Content-Length", 400, lambda octets: handshake((b"Content-Length", octets))),
    ("Transfer-Encoding", 400, lambda octets: handshake((b"Transfer-Encoding", octets))),
]

GUARDED = Policy(WebSocket(origins=["http://a"]), mode="required")
STRICT = Policy(WebSocket(["a"], origins=["http://a"], require_subprotocol=True), mode="required")


@pytest.mark.parametrize("accept", [TEXT, JSON, PROBLEM])
@pytest.mark.parametrize("octets", [pytest.param(octets, id=name) for name, octets in ATTACKS])
@pytest.mark.parametrize(
    ("status_code", "make"),
    [pytest.param(status_code, make, id=name) for name, status_code, make in REFLECTED],
)
def test_what_was_received_is_shown_as_harmless_text(
    make: Callable[[bytes], RequestHead], status_code: int, octets: bytes, accept: bytes
) -> None:
    """CVE-2022-39348: Host was echoed as HTML. CVE-2020-7694: escapes in a log."""
    decision = refused(make(octets), accept)
    assert decision.status_code == status_code
    assert all(octet == 0x0A or 0x20 <= octet <= 0x7E for octet in decision.body)
    shown = "".join(received(decision, accept))
    assert shown
    assert not set(shown) & set("<>&\"'`")
    assert octets not in decision.body
    assert octets not in decision.to_bytes()


@pytest.mark.parametrize("accept", [TEXT, JSON])
@pytest.mark.parametrize("target", [b"<script>", b"/\\'\"<b>`&"[1:], b"http://<b>/"])
def test_targets_and_methods_are_shown_as_harmless_text(target: bytes, accept: bytes) -> None:
    decision = refused(RequestHead(b"`'&'`", target, handshake().headers), accept)
    shown = "".join(received(decision, accept))
    assert shown
    assert not set(shown) & set("<>&\"'`")


# Lines that break a head, and may hold what a script is not meant to read.
SECRETS = [
    b"Cookie: session=5ecre7\x01",
    b"Cookie : session=5ecre7",
    b"Authorization: Bearer 5ecre7\0",
    b"Cookie: a=b\r\n session=5ecre7",
    b"X-Api-Key: 5ecre7\rX: y",
    b"5ecre7",
]


@pytest.mark.parametrize("accept", [TEXT, JSON])
@pytest.mark.parametrize("line", SECRETS)
def test_credentials_are_not_shown_to_the_page_that_sent_them(line: bytes, accept: bytes) -> None:
    """A page reads the body of a refusal; cookies that its request had, it may not read."""
    octets = b"GET / HTTP/1.1\r\nAccept: " + accept + b"\r\n" + line + b"\r\nUpgrade: a\r\n\r\n"
    decision = feed(ServerNegotiator(GUARDED), octets)
    assert isinstance(decision, Reject)
    assert decision.findings
    assert b"5ecre7" in octets
    assert b"5ecre7" not in decision.to_bytes()
    assert "5ecre7" not in describe(decision, None)
    assert b"5ecre7" not in b"".join(each.line or b"" for each in decision.findings)


# Where a secret may be in a request whose refusal shows lines of it.
CARRYING = [
    b"GET /?t=5ecre7 HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    b"GET /?t=5ecre7 HTTP/1.0\r\nHost: a\r\n\r\n",
    b"GET /?t=5ecre7 HTTP/3.0\r\nHost: a\r\nUpgrade: x\r\n\r\n",
    b"GET /?t=5ecre7\xff HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\n",
    b"GET /?t=5ecre7 5ecre7 HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\n",
    b"GET /?t=5ecre7 HTTP/1.1\nHost: a\r\nUpgrade: x\r\n\r\n",
    b"GET /#5ecre7 HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\n",
    b"GET http://u:5ecre7@a/ HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: u:5ecre7@a\r\nUpgrade: x\r\n\r\n",
    b"POST /?t=5ecre7 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    b"GET /?5ecre7" + b"a" * 9000,
    b"GET / HTTP/1.1\r\nCookie: 5ecre7" + b"a" * 70000,
    b"GET / HTTP/1.1\r\n" + b"X: 5ecre7\r\n" * 2000,
    b"user=a&pass=5ecre7GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\n",
    handshake((b"Sec-WebSocket-Protocol", b"a b 5ecre7")).to_bytes(),
    handshake((b"Sec-WebSocket-Protocol", b"5ecre7")).to_bytes(),
    handshake((b"Origin", b"http://b/?5ecre7")).to_bytes(),
    handshake((b"Origin", b"http://u:5ecre7@b")).to_bytes(),
]


@pytest.mark.parametrize("body", [TEXT, JSON, PROBLEM])
@pytest.mark.parametrize("octets", CARRYING)
def test_no_secret_is_in_a_body_or_in_the_log(octets: bytes, body: bytes) -> None:
    octets = octets.replace(b"\r\nUpgrade:", b"\r\nAccept: " + body + b"\r\nUpgrade:", 1)
    decision = feed(ServerNegotiator(STRICT), octets)
    assert isinstance(decision, Reject | Require426)
    assert decision.findings
    assert b"5ecre7" not in decision.to_bytes()
    for head in (None, RequestHead(b"GET", b"/a?5ecre7", ())):
        line = describe(decision, head)
        assert "5ecre7" not in line
        assert line.isprintable()


def test_the_values_of_other_fields_are_for_the_log_alone() -> None:
    finding = Finding("own", "why", field="X-Api-Key", value=b"5ecre7")
    report = RefusalReport(400, (), (finding,), None)
    _, content = DEFAULT_REFUSAL.render(report)
    assert b"* why\n" in content
    assert b"5ecre7" not in content


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_printable_takes_octets_of_every_kind(kind: Callable[[bytes], bytes]) -> None:
    assert escape_octets(kind(b"a\x00")) == r"a\x00"


def test_printable_leaves_alone_what_needs_no_escape() -> None:
    assert escape_octets(b" azAZ09!#$%()*+,-./:;=?@[]^_{|}~") == " azAZ09!#$%()*+,-./:;=?@[]^_{|}~"
    assert escape_octets(b"\x00\t\n\x1f\x7f\x80\xff") == r"\x00\x09\x0a\x1f\x7f\x80\xff"
    assert escape_octets(b"<>&\"'`\\") == r"\x3c\x3e\x26\x22\x27\x60\x5c"


@given(st.binary())
def test_printable_text_is_ascii_without_any_meaning(octets: bytes) -> None:
    text = escape_octets(octets)
    assert all(" " <= character <= "~" for character in text)
    assert not set("<>&\"'`") & set(text)
    assert json.loads(json.dumps(text)) == text


@given(st.binary())
def test_printable_text_can_be_read_back(octets: bytes) -> None:
    """Two different values never look the same: the backslash is escaped as well."""
    assert (
        escape_octets(octets).encode("ascii").decode("unicode_escape").encode("latin-1") == octets
    )


def test_a_long_value_is_shown_in_part() -> None:
    decision = refused(handshake((b"Sec-WebSocket-Key", b"\xff" * 8000)), TEXT)
    assert 128 * 4 <= len(decision.body) < 1500


def test_a_refusal_is_not_much_longer_than_its_request_however_much_was_wrong() -> None:
    """Nobody gets to multiply what he sends."""
    offers = b", ".join([b"permessage-deflate;a"] * 1400)
    decision = refused(
        handshake((b"Sec-WebSocket-Extensions", offers), without=[b"Sec-WebSocket-Key"]), TEXT
    )
    assert decision.status_code == 400
    assert len(decision.to_bytes()) <= len(offers)
