"""Origins by choice: ``file://``, patterns of subdomains, and a callable (RFC 6455 10.2)."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from feeding import feed
from hypothesis import example, given
from hypothesis import strategies as st
from strategies_decide import HANDSHAKE, Field, codes, handshake, judged_twice

from httpupgrade import (
    Accept101,
    Origin,
    Policy,
    Reject,
    RequestHead,
    ServerNegotiator,
    WebSocket,
    decide,
)

PATTERN = "https://*.example.com"


def allows(origins: Any, origin: bytes, *, secure: bool = False) -> bool:
    """Whether a page of this origin may connect; the fast path and the slow one say the same."""
    policy = Policy(WebSocket(origins=origins))
    fields: tuple[Field, ...] = (*HANDSHAKE, (b"Origin", origin))
    decision = judged_twice(policy, fields, secure=secure)
    if isinstance(decision, Accept101):
        return True
    assert isinstance(decision, Reject)
    assert decision.status_code == 403
    (finding,) = decision.findings
    assert (finding.code, finding.value) == ("origin-not-allowed", origin)
    return False


# --- file:// ------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", [b"file://", b"FILE://", b"File://"])
def test_file_may_be_listed(origin: bytes) -> None:
    assert allows(["https://app.example", "file://"], origin)
    assert not allows(["https://app.example"], origin)
    assert not allows("same-host", origin)
    assert not allows(["null"], origin)


@pytest.mark.parametrize(
    "origin",
    [b"null", b"file:", b"file:/", b"file:///", b"file:///path", b"file://host", b"file://:80"],
)
def test_a_listed_file_is_no_other_origin(origin: bytes) -> None:
    assert not allows(["file://"], origin)


def test_a_webview_is_let_in_where_file_is_listed() -> None:
    """Case S36: Cordova, Ionic, arduinoWebSockets."""
    octets = (
        b"GET /ws HTTP/1.1\r\nHost: app.example.test\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: file://\r\n\r\n"
    )
    same_host = Policy(WebSocket(origins="same-host"), mode="required")
    refused = feed(ServerNegotiator(same_host), octets)
    assert isinstance(refused, Reject)
    assert refused.status_code == 403
    listed = Policy(WebSocket(origins=["same-host", "file://"]), mode="required")
    assert isinstance(feed(ServerNegotiator(listed), octets), Accept101)


# --- Patterns -----------------------------------------------------------------------------------

BELOW = [
    ("one label", b"https://a.example.com"),
    ("several labels", b"https://a.b-c.d_e.example.com"),
    ("the default port", b"https://a.example.com:443"),
    ("upper case", b"HTTPS://A.Example.COM"),
    ("a label in Punycode", b"https://xn--bcher-kva.example.com"),
    ("a label of digits", b"https://127.example.com"),
]
NOT_BELOW = [
    ("the name itself", b"https://example.com"),
    ("the suffix of a label", b"https://evilexample.com"),
    ("the suffix of a label of a subdomain", b"https://a.evilexample.com"),
    ("a longer name", b"https://example.com.evil.com"),
    ("a longer name of a subdomain", b"https://a.example.com.evil.com"),
    ("user information", b"https://example.com@evil"),
    ("user information in front", b"https://evil@a.example.com"),
    ("user information, encoded", b"https://evil%40a.example.com"),
    ("a path with the name", b"https://evil/.example.com"),
    ("a query with the name", b"https://evil?.example.com"),
    ("a fragment with the name", b"https://evil#.example.com"),
    ("a backslash", b"https://evil\\.example.com"),
    ("an encoded slash", b"https://evil%2f.example.com"),
    ("an encoded dot", b"https://a%2eexample.com"),
    ("a trailing dot", b"https://a.example.com."),
    ("an empty label", b"https://.example.com"),
    ("an empty label in front", b"https://.a.example.com"),
    ("an empty label between", b"https://a..example.com"),
    ("another scheme", b"http://a.example.com"),
    ("another scheme on the port", b"http://a.example.com:443"),
    ("the scheme of a WebSocket", b"wss://a.example.com"),
    ("another port", b"https://a.example.com:8443"),
    ("another default port", b"https://a.example.com:80"),
    ("an empty port", b"https://a.example.com:"),
    ("a port in the name", b"https://a.example.com:443.example.com"),
    ("an asterisk", b"https://*.example.com"),
    ("a sub-delimiter", b"https://a!.example.com"),
    ("a comma", b"https://evil,a.example.com"),
    ("two origins", b"https://evil https://a.example.com"),
    ("an address", b"https://127.0.0.1"),
    ("an address in brackets", b"https://[::1]"),
    ("an address in brackets, and the name", b"https://[::1].example.com"),
    ("a Kelvin sign", "https://\N{KELVIN SIGN}.example.com".encode()),
    ("a full-width dot", "https://a\N{FULLWIDTH FULL STOP}example.com".encode()),
    ("a NUL", b"https://evil\x00.example.com"),
    ("null", b"null"),
    ("file", b"file://"),
    ("empty", b""),
]


@pytest.mark.parametrize("origin", [pytest.param(value, id=name) for name, value in BELOW])
def test_a_pattern_matches_one_or_more_whole_labels(origin: bytes) -> None:
    assert allows([PATTERN], origin)
    assert allows(["https://other.example", PATTERN.swapcase(), "same-host"], origin)
    assert allows([PATTERN], origin, secure=True)


@pytest.mark.parametrize(
    "origin",
    # A head holds no NUL, so the next test alone has that one.
    [pytest.param(value, id=name) for name, value in NOT_BELOW if b"\x00" not in value],
)
def test_a_pattern_matches_nothing_else(origin: bytes) -> None:
    assert not allows([PATTERN], origin)


@pytest.mark.parametrize(
    ("pattern", "origin", "allowed"),
    [
        ("https://*.example.com:8443", b"https://a.example.com:8443", True),
        ("https://*.example.com:8443", b"https://a.example.com", False),
        ("https://*.example.com:443", b"https://a.example.com", True),
        ("http://*.example.com", b"http://a.example.com:80", True),
        ("http://*.example.com", b"https://a.example.com", False),
        ("http://*.localhost:3000", b"http://a.localhost:3000", True),
        ("app://*.example.com", b"app://a.example.com", True),
        ("app://*.example.com", b"app://a.example.com:1", False),
    ],
)
def test_a_pattern_means_one_scheme_and_one_port(
    pattern: str, origin: bytes, allowed: bool
) -> None:
    assert allows([pattern], origin) is allowed


@pytest.mark.parametrize(
    "pattern",
    [
        "https://*.",
        "https://*.:443",
        "https://*..example.com",
        "https://*.example.com.",
        "https://*.*.example.com",
        "https://*.a*.example.com",
        "https://*.example.com:*",
        "https://*.example.com:",
        "https://*.example.com:99999",
        "https://*.example.com/",
        "https://*.user@example.com",
        "https://*.a,b.example",
        "https://*.b\xfccher.example",
        "https://*.0.0.1",
        "https://*.0x7f",
        "https://*.a.0X",
        "https://*.[::1]",
        "https://*.a://*.b",
        "file://*.",
        "://*.example.com",
        "*://*.example.com",
    ],
)
def test_what_is_no_pattern_cannot_be_listed(pattern: str) -> None:
    with pytest.raises(ValueError, match="not an origin"):
        WebSocket(origins=[PATTERN, pattern])


@pytest.mark.parametrize(
    "pattern",
    [
        "*.example.com",
        "https://*",
        "https://*:443",
        "https://a.*.example.com",
        "https://*example.com",
        "https://a*.example.com",
        "https://*-a.example.com",
        "https://example.*",
    ],
)
def test_the_asterisk_stands_for_whole_labels_in_front_and_for_nothing_else(pattern: str) -> None:
    with pytest.raises(ValueError, match="not an origin"):
        WebSocket(origins=[pattern])


@pytest.mark.parametrize("pattern", ["https://*.0xyz", "https://*.4you", "https://*.a-1"])
def test_a_name_that_ends_in_no_number_may_be_in_a_pattern(pattern: str) -> None:
    assert allows([pattern], pattern.replace("*", "a").encode())


labels = st.text("abcdeExX019-_.%*@:/ ", max_size=12)


@given(labels, st.sampled_from(["", "example.com", ".example.com", "evilexample.com"]), labels)
@example("a.", "example.com", "")
@example("a", ".example.com", ":443")
@example("a.b", ".example.com", "")
def test_a_match_implies_whole_labels_in_front_of_the_name(
    before: str, middle: str, behind: str
) -> None:
    """Law: read by splitting the text alone."""
    value = f"https://{before}{middle}{behind}".rstrip(" ")
    decision = decide(handshake((b"Origin", value.encode())), Policy(WebSocket(origins=[PATTERN])))
    host = value.lower().removeprefix("https://").removesuffix(":443").removesuffix(":0443")
    split = host.split(".")
    matches = (
        split[-2:] == ["example", "com"]
        and len(split) > 2
        and all(
            label and set(label) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_") for label in split
        )
    )
    if isinstance(decision, Accept101):
        assert matches
    elif matches:
        assert ":" in value.removeprefix("https://")  # a port with other zeros in front


# --- A callable ---------------------------------------------------------------------------------


class Asked:
    """Remembers what it is asked, and answers the same every time."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.origins: list[Origin] = []
        self.heads: list[RequestHead] = []

    def __call__(self, origin: Origin, head: RequestHead) -> bool:
        self.origins.append(origin)
        self.heads.append(head)
        answer: bool = self.answer
        return answer


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize(
    ("value", "origin"),
    [
        (b"HTTPS://App.Example", Origin(b"https", b"app.example", 443)),
        (b"http://[::1]:81", Origin(b"http", b"[::1]", 81)),
        (b"file://", Origin(b"file", b"", None)),
        (b"null", Origin(b"", b"", None)),
    ],
)
def test_a_callable_gets_the_origin_and_the_request_once(
    value: bytes, origin: Origin, allowed: bool
) -> None:
    asked = Asked(allowed)
    head = handshake((b"Origin", value), (b"Cookie", b"a=b"))
    decision = decide(head, Policy(WebSocket(origins=asked)))
    assert isinstance(decision, Accept101) is allowed
    assert asked.origins == [origin]
    assert asked.heads == [head]


@pytest.mark.parametrize("allowed", [True, False])
def test_a_machine_asks_a_callable_once_however_the_octets_are_cut(allowed: bool) -> None:
    octets = handshake((b"Origin", b"https://a.example")).to_bytes()
    for size in (1, 7, len(octets)):
        asked = Asked(allowed)
        machine = ServerNegotiator(Policy(WebSocket(origins=asked)))
        for place in range(0, len(octets), size):
            event = feed(machine, octets[place : place + size])
        assert isinstance(event, Accept101 if allowed else Reject)
        assert len(asked.origins) == 1


@pytest.mark.parametrize(
    "value", [b"", b"app.example", b"https://", b"https://a/", b"https://a b", b"\xff", b"file:///"]
)
def test_what_is_no_origin_never_reaches_a_callable(value: bytes) -> None:
    asked = Asked(True)
    decision = decide(handshake((b"Origin", value)), Policy(WebSocket(origins=asked)))
    assert codes(decision) == ("origin-not-allowed",)
    assert asked.origins == []


def test_a_callable_is_not_asked_about_a_missing_or_repeated_origin() -> None:
    asked = Asked(True)
    policy = Policy(WebSocket(origins=asked, allow_missing_origin=False))
    assert codes(decide(handshake(), policy)) == ("origin-missing",)
    twice = (*HANDSHAKE, (b"Origin", b"https://a"), (b"Origin", b"https://a"))
    decision = decide(RequestHead(b"GET", b"/", twice), policy)
    assert codes(decision) == ("origin-repeated",)
    assert isinstance(decide(handshake(), Policy(WebSocket(origins=asked))), Accept101)
    assert asked.origins == []


@pytest.mark.parametrize(
    ("answer", "shown"), [(None, "None"), (1, "int"), ("yes", "str"), (object(), "object")]
)
def test_a_callable_answers_with_a_bool(answer: object, shown: str) -> None:
    policy = Policy(WebSocket(origins=Asked(answer)))
    with pytest.raises(
        TypeError, match=f"^what a function for origins returns is True or False, not {shown}$"
    ):
        decide(handshake((b"Origin", b"https://a")), policy)


def test_a_coroutine_is_no_answer_and_is_closed() -> None:
    """An unawaited coroutine is true, and would let every page in."""

    async def check(origin: Origin, head: RequestHead) -> bool:
        return False

    def check_hidden(origin: Origin, head: RequestHead) -> Any:
        return check(origin, head)

    for known in (check, partial(check)):
        with pytest.raises(TypeError, match="it cannot be async"):
            WebSocket(origins=known)  # type: ignore[arg-type]
    policy = Policy(WebSocket(origins=check_hidden))
    with pytest.raises(TypeError, match="not a coroutine: it cannot be async"):
        decide(handshake((b"Origin", b"https://a")), policy)


# --- What is given ------------------------------------------------------------------------------


def generated() -> Iterator[str]:
    yield "https://a.example"
    yield PATTERN
    yield "same-host"


def test_the_list_may_be_any_iterable() -> None:
    for make in (list, tuple, set, frozenset):
        origins: Callable[[Iterator[str]], Any] = make
        assert allows(origins(generated()), b"https://b.example.com")
    assert allows(generated(), b"https://a.example")
    assert allows(generated(), b"http://server.example")


@pytest.mark.parametrize("entry", [b"https://a.example", None, 1, Origin(b"https", b"a", 443)])
def test_an_entry_is_a_string(entry: Any) -> None:
    with pytest.raises(TypeError, match=r"^origins holds strings, not"):
        WebSocket(origins=[PATTERN, entry])
