"""Version, Host and target: what is not clear is refused, if it asks; framing is beside them."""

import pytest
from strategies_decide import HANDSHAKE, Field, codes, handshake, values

from httpupgrade import (
    Accept101,
    ConnectTCP,
    CustomProtocol,
    Decision,
    Passthrough,
    Policy,
    Reject,
    RequestHead,
    Require426,
    WebSocket,
    decide,
)

OPTIONAL = Policy(WebSocket(), CustomProtocol("tcp"))
REQUIRED = Policy(WebSocket(), CustomProtocol("tcp"), mode="required")
KEPT = Policy(WebSocket(), mode="required", close="never")


def refused(head: RequestHead, status_code: int, *expected: str) -> Reject:
    """It is rejected for just this, and the connection closes whatever the policy says."""
    for policy in (OPTIONAL, REQUIRED, KEPT):
        decision = decide(head, policy)
        assert isinstance(decision, Reject)
        assert decision.status_code == status_code
        assert codes(decision) == expected
        assert decision.close is True
        assert values(decision.headers, b"connection") == [b"close"]
    assert isinstance(decision, Reject)
    return decision


@pytest.mark.parametrize("http_version", [b"0.9", b"2.0", b"3.0", b"9.9"])
def test_another_major_version_is_not_spoken(http_version: bytes) -> None:
    """RFC 9110 2.5, 15.6.6."""
    decision = refused(handshake(http_version=http_version), 505, "http-version-unsupported")
    assert decision.findings[0].value == http_version
    assert decision.to_bytes().startswith(b"HTTP/1.1 505 ")


BAD_HOSTS = [
    ("a port that is none", b"server.example:http"),
    ("two ports", b"server.example:80:80"),
    ("a port too high", b"server.example:65536"),
    ("a huge port", b"server.example:" + b"9" * 5000),
    ("a negative port", b"server.example:-1"),
    ("an IPv6 address without brackets", b"::1"),
    ("an open bracket", b"[::1"),
    ("a closed bracket", b"::1]"),
    ("no address in brackets", b"[localhost]"),
    ("an address that is none", b"[1::2::3]"),
    ("a zone", b"[fe80::1%25eth0]"),
    ("text behind a bracket", b"[::1]a"),
    ("white space", b"server example"),
    ("a path", b"server.example/a"),
    ("a scheme", b"http://server.example"),
    ("user information", b"user@server.example"),
    ("a backslash", b"server\\example"),
    ("a tag", b"<server>"),
    ("obs-text", b"b\xfccher.example"),
    ("a bad escape", b"server%zz"),
    ("a no-break space", b"server.example\xa0"),
    ("bad punycode is a name, but not with a space", b"xn-- a"),
]
GOOD_HOSTS = [
    b"",
    b"server.example",
    b"SERVER.example:80",
    b"server.example:",
    b"127.0.0.1:8080",
    b"10.0.2.555",
    b"[::1]",
    b"[::1]:8080",
    b"[2001:db8::192.0.2.1]",
    b"[v1.a:b]",
    b"xn--mnchen-3ya",
    b"xn--a\x2d\x2d",
    b"under_score",
    b"%65xample",
    b"a,b",
]


@pytest.mark.parametrize("host", [pytest.param(value, id=name) for name, value in BAD_HOSTS])
def test_a_malformed_host_is_refused(host: bytes) -> None:
    """RFC 9112 3.2; CVE-2026-61666, CVE-2025-12543."""
    decision = refused(handshake((b"Host", host)), 400, "host-malformed")
    assert decision.findings[0].value == host[:128]
    assert decision.findings[0].field == "Host"


@pytest.mark.parametrize("host", GOOD_HOSTS)
def test_a_host_that_is_merely_strange_is_not(host: bytes) -> None:
    """RFC 9112 3.2: an empty value is legal. RFC 3986 3.2.2: many names are names."""
    assert isinstance(decide(handshake((b"Host", host)), OPTIONAL), Accept101)


def test_a_host_is_there() -> None:
    """RFC 9112 3.2."""
    refused(handshake(without=[b"Host"]), 400, "host-missing")
    refused(handshake(without=[b"Host"], http_version=b"1.2"), 400, "host-missing")


def test_http_1_0_needs_no_host() -> None:
    head = handshake(without=[b"Host"], http_version=b"1.0")
    assert isinstance(decide(head, OPTIONAL), Passthrough)


@pytest.mark.parametrize("second", [b"server.example", b"evil", b"", b"@"])
@pytest.mark.parametrize("http_version", [b"1.0", b"1.1"])
def test_a_host_is_there_once(second: bytes, http_version: bytes) -> None:
    """RFC 9112 3.2."""
    fields = [(b"Host", b"server.example"), (b"hOST", second)]
    decision = refused(handshake(*fields, http_version=http_version), 400, "host-repeated")
    assert decision.findings[0].value == second


def test_a_host_is_needed_beside_an_absolute_target() -> None:
    """RFC 9112 3.2.2."""
    head = handshake(without=[b"Host"], target=b"http://server.example/chat")
    refused(head, 400, "host-missing")


# Method, target, and what is wrong with it.
TARGETS = [
    (b"GET", b"/", None),
    (b"GET", b"/a?b=c", None),
    (b"GET", b"//evil/a", None),
    (b"GET", b'/%00%zz<>"', None),
    (b"GET", b"http://server.example", None),
    (b"GET", b"http://server.example?q", None),
    (b"GET", b"HTTP://server.example:80/a", None),
    (b"GET", b"ws://[::1]:80/a", None),
    (b"OPTIONS", b"http://server.example", None),
    (b"OPTIONS", b"*", None),
    # RFC 3986 3.5: a fragment is none of a server's business.
    (b"GET", b"/a#b", "target-malformed"),
    (b"GET", b"/#", "target-malformed"),
    (b"GET", b"*", "target-malformed"),
    (b"OPTIONS", b"**", "target-malformed"),
    (b"GET", b"chat", "target-malformed"),
    (b"GET", b"server.example:80", "target-malformed"),
    (b"GET", b"?a", "target-malformed"),
    (b"GET", b"http:/a", "target-malformed"),
    (b"GET", b"http:a", "target-malformed"),
    (b"GET", b"http://", "target-malformed"),
    (b"GET", b"http:///a", "target-malformed"),
    (b"GET", b"http://:80/a", "target-malformed"),
    (b"GET", b"http://a:b/", "target-malformed"),
    (b"GET", b"http://a:65536/", "target-malformed"),
    (b"GET", b"http://[::1/", "target-malformed"),
    (b"GET", b"http://a#b", "target-malformed"),
    (b"GET", b"1http://a/", "target-malformed"),
    (b"GET", b"://a/", "target-malformed"),
    (b"GET", b"http://user@a/", "target-has-userinfo"),
    (b"GET", b"http://user:pass@a/", "target-has-userinfo"),
    (b"GET", b"http://@a/", "target-has-userinfo"),
    (b"CONNECT", b"a:443", None),
    (b"CONNECT", b"[::1]:443", None),
    (b"CONNECT", b"a", "target-malformed"),
    (b"CONNECT", b"a:", "target-malformed"),
    (b"CONNECT", b":443", "target-malformed"),
    (b"CONNECT", b"a:b", "target-malformed"),
    (b"CONNECT", b"a:0", "target-malformed"),
    (b"CONNECT", b"a:65536", "target-malformed"),
    (b"CONNECT", b"/", "target-malformed"),
    (b"CONNECT", b"*", "target-malformed"),
    (b"CONNECT", b"http://a:443/", "target-malformed"),
    (b"CONNECT", b"user@a:443", "target-malformed"),
    (b"CONNECT", b"::1:443", "target-malformed"),
    (b"connect", b"a:443", "target-malformed"),
]


@pytest.mark.parametrize(("method", "target", "code"), TARGETS)
def test_a_target_has_one_of_four_forms(method: bytes, target: bytes, code: str | None) -> None:
    """RFC 9112 3.2; RFC 9110 4.2.4, 9.3.6."""
    head = handshake((b"Upgrade", b"tcp"), method=method, target=target)
    if code is None:
        assert codes(decide(head, OPTIONAL)) == ()
        return
    decision = refused(head, 400, code)
    assert decision.findings[0].value == target
    assert decision.findings[0].offset == len(method) + 1


@pytest.mark.parametrize(
    ("status_code", "fields"),
    [
        (400, [(b"Content-Length", b"1"), (b"Transfer-Encoding", b"chunked")]),
        (400, [(b"Content-Length", b"1"), (b"Content-Length", b"1")]),
        (400, [(b"Content-Length", b"1, 1")]),
        (400, [(b"Content-Length", b"+1")]),
        (400, [(b"Content-Length", "\N{FULLWIDTH DIGIT ONE}".encode())]),
        (413, [(b"Content-Length", b"9" * 5000)]),
        (400, [(b"Transfer-Encoding", b"chunked, xchunked")]),
        (400, [(b"Transfer-Encoding", b"chunked"), (b"Transfer-Encoding", b"identity")]),
        (400, [(b"Transfer-Encoding", b"chunked, chunked")]),
        (400, [(b"Transfer-Encoding", b"chunked\xa0")]),
        (501, [(b"Transfer-Encoding", b"zstd, chunked")]),
    ],
)
def test_unclear_framing_is_refused_and_closes(status_code: int, fields: list[Field]) -> None:
    """RFC 9112 6.1, 6.3: a 101 cannot follow it, nor can anything else."""
    for policy in (OPTIONAL, REQUIRED, KEPT):
        decision = decide(handshake(*fields), policy)
        assert isinstance(decision, Reject)
        assert (decision.status_code, decision.close) == (status_code, True)


def test_a_body_in_chunks_is_no_body_of_http_1_0() -> None:
    """RFC 9112 6.1."""
    head = handshake((b"Transfer-Encoding", b"chunked"), http_version=b"1.0")
    refused(head, 400, "transfer-encoding-in-http-1.0")


def test_everything_that_is_unclear_is_reported() -> None:
    head = RequestHead(
        b"GET", b"*", [(b"Content-Length", b"x"), (b"Upgrade", b"websocket")], b"2.0"
    )
    refused(
        head,
        505,
        "http-version-unsupported",
        "host-missing",
        "target-malformed",
        "content-length-malformed",
    )


def test_what_does_not_ask_is_not_judged_in_optional_modes() -> None:
    fields = [(b"Content-Length", b"1"), (b"Transfer-Encoding", b"x"), (b"Connection", b"upgrade")]
    head = RequestHead(b"GET", b"*", fields, b"2.0")
    for policy in (OPTIONAL, Policy(WebSocket(), mode="advertise")):
        decision = decide(head, policy)
        assert isinstance(decision, Passthrough)
        assert (decision.head, decision.findings) == (head, ())
    assert isinstance(decide(head, REQUIRED), Reject)


def test_a_proxy_request_that_could_be_an_upgrade_draws_426() -> None:
    """draft-ietf-httpbis-connect-tcp: how a client of CONNECT finds connect-tcp."""
    policy = Policy(ConnectTCP(), mode="required")
    head = RequestHead(b"CONNECT", b"a:443", HANDSHAKE[:1])
    decision: Decision = decide(head, policy)
    assert isinstance(decision, Require426)
    assert values(decision.headers, b"upgrade") == [b"connect-tcp"]
    assert decision.close is True
