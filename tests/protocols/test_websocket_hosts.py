"""Which hosts are answered for, against DNS rebinding (RFC 6455 10.2)."""

import pytest
from strategies_decide import Field, codes, handshake

from httpupgrade import (
    Accept101,
    Finding,
    HandshakeFailed,
    Policy,
    Reject,
    UpgradeToken,
    WebSocket,
    decide,
)


def judge(
    offer: WebSocket, *fields: Field, secure: bool = False, target: bytes = b"/chat"
) -> tuple[int, tuple[Finding, ...]]:
    """The status of a handshake with these fields, and its findings."""
    decision = decide(handshake(*fields, target=target), Policy(offer), secure=secure)
    assert isinstance(decision, Accept101 | Reject)
    status = 101 if isinstance(decision, Accept101) else decision.status_code
    return status, decision.findings


HOSTS = ["localhost", "127.0.0.1:8080", "[::1]", ".dev.example", ".port.example:81"]
KNOWN = [
    b"localhost",
    b"LOCALHOST",
    b"localhost:1234",
    b"127.0.0.1:8080",
    b"[::1]",
    b"[::1]:9",
    b"dev.example",
    b"a.dev.example",
    b"a.B.Dev.example:99",
    b"port.example:81",
    b"a.port.example:81",
]
REBOUND = [
    ("another name", b"evil.example"),
    ("a name that resolves here", b"localtest.me"),
    ("no port", b"127.0.0.1"),
    ("another port", b"127.0.0.1:8081"),
    ("no port below a domain", b"port.example"),
    ("another port below a domain", b"a.port.example:82"),
    ("a suffix", b"localhost.evil.example"),
    ("a prefix", b"evil-localhost"),
    ("a suffix of a domain", b"evildev.example"),
    ("a domain inside", b"dev.example.evil"),
    ("a parent", b"example"),
    ("a trailing dot", b"localhost."),
    ("empty", b""),
    # Forms that some resolvers or browsers take for an address (CVE-2022-32212, CVE-2022-43548).
    ("an octet too high", b"10.0.2.555"),
    ("octal", b"0177.0.0.1:8080"),
    ("more octal", b"127.000.000.001:8080"),
    ("hexadecimal", b"0x7f.0.0.1:8080"),
    ("one number", b"2130706433:8080"),
    ("one hexadecimal number", b"0x7f000001:8080"),
    ("two parts", b"127.1:8080"),
    ("three parts", b"127.0.1:8080"),
    ("five parts", b"127.0.0.1.0:8080"),
    ("an empty part", b"127.0..1:8080"),
    ("a neighbour", b"127.0.0.2:8080"),
    ("any address", b"0.0.0.0:8080"),
    ("mapped into IPv6", b"[::ffff:127.0.0.1]:8080"),
    ("mapped in hexadecimal", b"[::ffff:7f00:1]:8080"),
    ("IPv6, spelt otherwise", b"[0:0:0:0:0:0:0:1]"),
    ("a future address", b"[v1.::1]"),
    ("percent-encoded", b"%6cocalhost"),
    ("a list", b"localhost,evil.example"),
]


@pytest.mark.parametrize("host", KNOWN)
def test_a_host_of_the_list_is_answered_for(host: bytes) -> None:
    assert judge(WebSocket(hosts=HOSTS), (b"Host", host)) == (101, ())


@pytest.mark.parametrize("host", [pytest.param(value, id=name) for name, value in REBOUND])
def test_no_other_host_is_answered_for(host: bytes) -> None:
    """DNS rebinding: the browser resolves the attacker's name to this machine."""
    status, findings = judge(WebSocket(hosts=HOSTS), (b"Host", host))
    assert status == 403
    (finding,) = findings
    assert (finding.code, finding.field, finding.value) == ("host-not-allowed", "Host", host)


@pytest.mark.parametrize(
    ("listed", "host", "secure", "known"),
    [
        ("a.example:80", b"a.example", False, True),
        ("a.example:443", b"a.example", True, True),
        ("a.example:80", b"a.example:80", False, True),
        ("a.example:80", b"a.example", True, False),
        ("a.example:443", b"a.example:80", False, False),
    ],
)
def test_a_host_without_a_port_has_the_default_port(
    listed: str, host: bytes, secure: bool, known: bool
) -> None:
    """RFC 9110 4.2.1, 4.2.2: no client writes a default port."""
    status, _ = judge(WebSocket(hosts=[listed]), (b"Host", host), secure=secure)
    assert (status == 101) is known


@pytest.mark.parametrize(
    ("target", "host", "expected"),
    [
        (b"http://localhost/chat", b"evil.example", 101),
        (b"http://evil.example/chat", b"localhost", 403),
        (b"ws://evil.example", b"localhost", 403),
        (b"http://localhost:80?q", b"", 101),
    ],
)
def test_an_absolute_target_says_which_host_it_is(
    target: bytes, host: bytes, expected: int
) -> None:
    """RFC 9112 3.2.2: a server MUST ignore Host then."""
    status, findings = judge(WebSocket(hosts=HOSTS), (b"Host", host), target=target)
    assert status == expected
    assert [each.code for each in findings] == ["host-not-allowed"] * (expected == 403)


def test_a_finding_about_an_absolute_target_shows_the_target() -> None:
    """Not a Host that nobody looked at, and that may be in the list."""
    target = b"http://evil.example/chat"
    _, (finding,) = judge(WebSocket(hosts=HOSTS), (b"Host", b"localhost"), target=target)
    assert finding.value is not None
    assert b"evil.example" in finding.value
    assert finding.offset == len(b"GET ")


def test_a_finding_about_a_host_shows_the_host() -> None:
    """With a target that names none: ``*`` was not judged."""
    head = handshake((b"Host", b"evil"), method=b"OPTIONS", target=b"*")
    found = {
        each.code: each.value for each in decide(head, Policy(WebSocket(hosts=HOSTS))).findings
    }
    assert found == {"method-not-allowed": b"OPTIONS", "host-not-allowed": b"evil"}


def test_a_host_that_cannot_be_read_is_none_of_the_list() -> None:
    """``decide`` rejects it earlier; callers of an offer may not."""
    head = handshake((b"Host", b"::1"))
    answer = WebSocket(hosts=HOSTS).negotiate(head, UpgradeToken("websocket"), secure=False)
    assert isinstance(answer, HandshakeFailed)
    (finding,) = answer.findings
    assert (finding.code, finding.field, finding.value) == ("host-not-allowed", "Host", b"::1")


def test_an_empty_list_of_hosts_knows_none() -> None:
    assert judge(WebSocket(hosts=[]), (b"Host", b"localhost"))[0] == 403


def test_origin_and_host_are_both_reported() -> None:
    head = handshake((b"Host", b"evil"), (b"Origin", b"http://evil"))
    decision = decide(head, Policy(WebSocket(origins=["http://a"], hosts=HOSTS)))
    assert codes(decision) == ("origin-not-allowed", "host-not-allowed")


def test_a_rebound_host_does_not_pass_as_the_same_host() -> None:
    """Its page has that very host: only a list of hosts tells them apart."""
    fields = ((b"Host", b"evil.example"), (b"Origin", b"http://evil.example"))
    assert judge(WebSocket(origins="same-host"), *fields)[0] == 101
    assert judge(WebSocket(origins="same-host", hosts=HOSTS), *fields)[0] == 403


@pytest.mark.parametrize(
    "host",
    ["", ".", "::1", "a b", "a:b", "a:99999", "http://a", "a/b", "b\xfccher.example", "[::1"],
)
def test_what_is_no_host_cannot_be_listed(host: str) -> None:
    with pytest.raises(ValueError, match="not a host"):
        WebSocket(hosts=["localhost", host])


@pytest.mark.parametrize("host", ["*", "*.dev.example", "dev.*", "[::*]"])
def test_a_wildcard_is_not_taken_for_a_host(host: str) -> None:
    """It would match nothing, though its author thinks otherwise; ``.dev.example`` is the form."""
    with pytest.raises(ValueError, match="not a host"):
        WebSocket(hosts=[host])


def test_one_host_is_a_list_of_one() -> None:
    with pytest.raises(TypeError, match=r"^hosts is a sequence of strings, not str$"):
        WebSocket(hosts="localhost")
