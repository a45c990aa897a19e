"""Which pages may connect: Origin, against cross-site hijacking (RFC 6455 10.2)."""

from typing import Literal

import pytest
from strategies_decide import Field, codes, handshake

from httpupgrade import (
    Accept101,
    Finding,
    Policy,
    Reject,
    RequestHead,
    UpgradeToken,
    WebSocket,
    decide,
)

Origins = list[str] | Literal["same-host"] | None


def judge(
    offer: WebSocket, *fields: Field, secure: bool = False, target: bytes = b"/chat"
) -> tuple[int, tuple[Finding, ...]]:
    """The status of a handshake with these fields, and its findings."""
    decision = decide(handshake(*fields, target=target), Policy(offer), secure=secure)
    assert isinstance(decision, Accept101 | Reject)
    status = 101 if isinstance(decision, Accept101) else decision.status_code
    return status, decision.findings


def allows(
    origins: Origins, origin: bytes, host: bytes = b"server.example", *, secure: bool = False
) -> bool:
    offer = WebSocket(origins=origins)
    status, findings = judge(offer, (b"Host", host), (b"Origin", origin), secure=secure)
    assert status in (101, 403)
    if status == 403:
        (finding,) = findings
        assert (finding.code, finding.field) == ("origin-not-allowed", "Origin")
        assert finding.value == origin
        assert finding.clause == "RFC 6455 10.2"
    return status == 101


def test_an_origin_in_a_request_without_a_host_is_not_allowed() -> None:
    head = RequestHead(b"GET", b"/", [(b"Origin", b"https://a")])
    offer = WebSocket(origins="same-host")
    answer = offer.negotiate(head, UpgradeToken("websocket"), secure=False)
    hints = {finding.code: finding.hint for finding in answer.findings}
    assert hints["origin-not-allowed"].startswith("There is no host in the request to compare")


LISTED = ["https://app.example", "http://app.example:8080", "http://[2001:db8::1]:81"]
EQUAL = [
    b"https://app.example",
    b"https://app.example:443",
    b"HTTPS://App.EXAMPLE",
    b"https://app.example:0443",
    b"http://app.example:8080",
    b"http://[2001:db8::1]:81",
    b"http://[2001:DB8::1]:81",
]
UNEQUAL = [
    ("another scheme", b"http://app.example"),
    ("another port", b"https://app.example:8443"),
    ("the default port of another scheme", b"https://app.example:80"),
    ("no port", b"http://app.example"),
    ("a subdomain", b"https://a.app.example"),
    ("a parent", b"https://example"),
    ("a longer suffix", b"https://app.example.evil"),
    ("a longer prefix", b"https://evil-app.example"),
    ("a longer label", b"https://app.examples"),
    ("a trailing dot", b"https://app.example."),
    ("a dot for a character", b"https://appxexample"),
    ("a trailing slash", b"https://app.example/"),
    ("a path", b"https://app.example/a"),
    ("a query", b"https://app.example?"),
    ("a fragment", b"https://app.example#"),
    ("user information", b"https://app.example@evil"),
    ("user information in front", b"https://evil@app.example"),
    ("a backslash", b"https://evil\\app.example"),
    ("an escaped dot", b"https://app%2eexample"),
    ("a port that is none", b"http://a:b"),
    ("a port too high", b"https://app.example:65536"),
    ("a port too long", b"https://app.example:000443"),
    ("an empty port", b"https://app.example:"),
    ("no scheme", b"app.example"),
    ("no slashes", b"https:app.example"),
    ("no host", b"https://"),
    ("an opaque scheme", b"data:text/html,x"),
    ("an extension of a browser", b"moz-extension://app.example"),
    ("a list by white space", b"https://app.example https://evil"),
    ("a list by commas", b"https://app.example, https://evil"),
    ("empty", b""),
    ("null", b"null"),
    ("a dash", b"-"),
    ("asterisk", b"*"),
    ("the keyword", b"same-host"),
    ("a no-break space", b"https://app.example\xa0"),
    ("a Kelvin sign", "https://\N{KELVIN SIGN}.example".encode()),
    ("a full-width dot", "https://app\N{FULLWIDTH FULL STOP}example".encode()),
    ("an unbracketed address", b"http://2001:db8::1:81"),
    ("the same address, spelt otherwise", b"http://[2001:db8:0::1]:81"),
    ("another address", b"http://[2001:db8::2]:81"),
    ("a zone", b"http://[2001:db8::1%25eth0]:81"),
    ("an open bracket", b"http://[2001:db8::1:81"),
]


@pytest.mark.parametrize("origin", EQUAL)
def test_a_listed_origin_may_connect_however_it_is_written(origin: bytes) -> None:
    """RFC 6454 4, 5: scheme and host without case, default ports."""
    assert allows(LISTED, origin)


@pytest.mark.parametrize("origin", [pytest.param(value, id=name) for name, value in UNEQUAL])
def test_an_origin_that_is_not_listed_draws_403(origin: bytes) -> None:
    """RFC 6455 4.2.2 item 3, 10.2; CVE-2018-14732, CVE-2025-24010, CVE-2026-22689."""
    assert not allows(LISTED, origin)


def test_default_ports_in_the_list_are_default_ports() -> None:
    assert allows(["https://app.example:443"], b"https://app.example")
    assert allows(["HTTP://App.Example:80"], b"http://app.example")
    assert not allows(["http://app.example:443"], b"https://app.example")


# Origin, Host, inside TLS, and whether they are the same host and port.
SAME_HOST = [
    (b"http://server.example", b"server.example", False, True),
    (b"http://server.example", b"server.example:80", False, True),
    (b"http://server.example:80", b"server.example", False, True),
    (b"HTTP://SERVER.example", b"server.EXAMPLE", False, True),
    (b"http://server.example:8080", b"server.example:8080", False, True),
    (b"https://server.example", b"server.example", True, True),
    (b"https://server.example", b"server.example:443", True, True),
    (b"https://server.example:8443", b"server.example:8443", True, True),
    (b"http://[::1]:8080", b"[::1]:8080", False, True),
    (b"http://[::1]", b"[::1]:80", False, True),
    (b"http://127.0.0.1:8080", b"127.0.0.1:8080", False, True),
    # Behind a proxy that ends TLS, an https page reaches a cleartext port.
    (b"https://server.example", b"server.example", False, True),
    (b"https://server.example", b"server.example:443", False, True),
    # Inside TLS a Host without a port means 443, which no http page came from: whoever sits on
    # that page's path could have written the page.
    (b"http://server.example", b"server.example", True, False),
    (b"http://server.example", b"server.example:443", True, False),
    (b"http://server.example:8080", b"server.example", False, False),
    (b"http://server.example", b"server.example:8080", False, False),
    (b"http://server.example:8080", b"server.example:8081", False, False),
    (b"https://server.example", b"server.example:80", False, False),
    (b"http://evil", b"server.example", False, False),
    (b"http://server.example.evil", b"server.example", False, False),
    (b"http://evil-server.example", b"server.example", False, False),
    (b"http://example", b"server.example", False, False),
    (b"http://[::1]:8080", b"[::2]:8080", False, False),
    (b"http://[::1]", b"[0:0:0:0:0:0:0:1]", False, False),
    (b"http://localhost", b"127.0.0.1", False, False),
    (b"http://server.example/", b"server.example", False, False),
    (b"http://user@server.example", b"server.example", False, False),
    (b"http://server.example:b", b"server.example", False, False),
    (b"null", b"server.example", False, False),
    (b"null", b"null", False, False),
    (b"", b"", False, False),
    (b"http://", b"", False, False),
    (b"http://:80", b":80", False, False),
    (b"file://", b"", False, False),
    # Pages that no server sent have no port at all; those of apps often call themselves localhost.
    (b"chrome-extension://server.example", b"server.example", False, False),
    (b"tauri://localhost", b"localhost", False, False),
    (b"capacitor://localhost", b"localhost", True, False),
]


@pytest.mark.parametrize(("origin", "host", "secure", "same"), SAME_HOST)
def test_same_host_compares_host_and_port(
    origin: bytes, host: bytes, secure: bool, same: bool
) -> None:
    assert allows("same-host", origin, host, secure=secure) is same
    assert allows(["https://app.example", "same-host"], origin, host, secure=secure) is same


def test_same_host_and_a_list_add_up() -> None:
    origins: Origins = ["same-host", "https://app.example"]
    assert allows(origins, b"http://server.example")
    assert allows(origins, b"https://app.example")
    assert not allows(origins, b"https://evil")


def test_same_host_is_the_authority_of_an_absolute_target() -> None:
    """RFC 9112 3.2.2: Host MUST be ignored then."""
    offer = WebSocket(origins="same-host")
    target = b"http://real.example:8080/chat"
    fields = (b"Host", b"other.example")
    assert judge(offer, fields, (b"Origin", b"http://real.example:8080"), target=target)[0] == 101
    assert judge(offer, fields, (b"Origin", b"http://other.example"), target=target)[0] == 403


def test_null_is_an_origin_that_has_to_be_listed() -> None:
    """RFC 6454 6.2: sandboxed and local pages; any page can make itself one of them."""
    assert allows(["null"], b"null")
    assert allows(["https://app.example", "null"], b"null")
    assert not allows(["null"], b"Null")
    assert not allows(["null"], b"http://null")
    assert not allows(["null"], b"")
    assert not allows(["http://null"], b"null")


@pytest.mark.parametrize("origin", [b"http://evil", b"null", b"", b"http://a:b", b"\xff"])
def test_without_origins_nothing_is_compared(origin: bytes) -> None:
    assert allows(None, origin)


def test_an_empty_list_lets_no_page_in() -> None:
    assert not allows([], b"http://server.example")
    assert judge(WebSocket(origins=[]))[0] == 101


@pytest.mark.parametrize("origins", [None, "same-host", LISTED])
def test_an_origin_is_there_once(origins: Origins) -> None:
    """RFC 6454 7.3: whoever sends two wants one of them to be overlooked."""
    good = b"https://app.example"
    for first, second in ((good, good), (good, b"http://evil"), (b"http://evil", good)):
        status, findings = judge(
            WebSocket(origins=origins), (b"Origin", first), (b"origin", second)
        )
        assert status == 400
        (finding,) = findings
        assert (finding.code, finding.value) == ("origin-repeated", second)


def test_a_client_without_origin_is_no_browser() -> None:
    """RFC 6455 4.2.1 item 7."""
    assert judge(WebSocket(origins=LISTED))[0] == 101
    status, findings = judge(WebSocket(origins=LISTED, allow_missing_origin=False))
    assert status == 403
    (finding,) = findings
    assert (finding.code, finding.field, finding.value) == ("origin-missing", "Origin", None)


def test_without_origins_a_missing_one_is_never_asked_for() -> None:
    assert judge(WebSocket(allow_missing_origin=False))[0] == 101


def test_an_empty_origin_is_not_a_missing_one() -> None:
    assert not allows("same-host", b"")


@pytest.mark.parametrize(
    "origin",
    [
        "app.example",
        "https://app.example/",
        "https://*",
        "https://",
        "https://app.example:99999",
        "https://b\xfccher.example",
        "https://a b",
        "",
        "*",
    ],
)
def test_what_is_no_origin_cannot_be_listed(origin: str) -> None:
    """It could match nothing, and its author would believe that it does."""
    with pytest.raises(ValueError, match="not an origin"):
        WebSocket(origins=["https://app.example", origin])


def test_one_origin_is_a_list_of_one() -> None:
    with pytest.raises(ValueError, match="sequence of origins"):
        WebSocket(origins="https://app.example")


def test_the_origin_of_an_older_version_stands_in_another_field() -> None:
    """draft-ietf-hybi-thewebsocketprotocol-10 4.1, the version 8 of the registry.

    A server that speaks it must not take its browsers for clients without an origin.
    """
    offer = WebSocket(origins=["https://app.example"], versions=(13, 8))
    version = (b"Sec-WebSocket-Version", b"8")
    assert judge(offer, version, (b"Sec-WebSocket-Origin", b"http://evil.example"))[0] == 403
    assert judge(offer, version, (b"Sec-WebSocket-Origin", b"https://app.example"))[0] == 101


OLD, NEW = b"Sec-WebSocket-Origin", b"Origin"
NOT_ALLOWED = "origin-not-allowed"


@pytest.mark.parametrize(
    ("version", "fields", "expected"),
    [
        # RFC 6455 4.1 item 8 has Origin; what a page puts into other fields says nothing.
        (b"13", [(OLD, b"https://app.example")], (403, "origin-missing")),
        (b"13", [(OLD, b"http://evil.example")], (403, "origin-missing")),
        (b"13", [(OLD, b"https://app.example")] * 2, (403, "origin-missing")),
        (b"13", [(NEW, b"https://app.example"), (OLD, b"http://evil.example")], (101, None)),
        (b"13", [(NEW, b"http://evil.example"), (OLD, b"https://app.example")], (403, NOT_ALLOWED)),
        (b"25", [(OLD, b"https://app.example")], (403, "origin-missing")),
        (b"12", [(OLD, b"https://app.example")], (101, None)),
        (b"0", [(OLD, b"https://app.example")], (101, None)),
        (b"8", [(OLD, b"http://evil.example")], (403, NOT_ALLOWED)),
        (b"8", [(OLD, b"https://app.example")] * 2, (400, "origin-repeated")),
        (b"8", [(NEW, b"http://evil.example"), (OLD, b"https://app.example")], (403, NOT_ALLOWED)),
        (b"8", [], (403, "origin-missing")),
    ],
)
def test_the_other_field_counts_for_versions_before_13_alone(
    version: bytes, fields: list[Field], expected: tuple[int, str | None]
) -> None:
    offer = WebSocket(
        origins=["https://app.example"], allow_missing_origin=False, versions=(13, 8, 12, 0, 25)
    )
    status, findings = judge(offer, (b"Sec-WebSocket-Version", version), *fields)
    assert (status, next((each.code for each in findings), None)) == expected
    assert len(findings) == (status != 101)


@pytest.mark.parametrize("versions", [[b"8", b"8"], [b"8, 8"], [b"08"], [b"-1"], [b""], []])
def test_without_a_clear_version_origin_alone_counts(versions: list[bytes]) -> None:
    offer = WebSocket(origins=["https://app.example"], allow_missing_origin=False)
    head = handshake(
        *[(b"Sec-WebSocket-Version", version) for version in versions],
        (OLD, b"https://app.example"),
        without=[] if versions else [b"Sec-WebSocket-Version"],
    )
    decision = decide(head, Policy(offer))
    assert not isinstance(decision, Accept101)
    assert "origin-missing" in codes(decision)
