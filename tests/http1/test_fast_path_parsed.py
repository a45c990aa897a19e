"""The fast path of heads that another parser has read: it captures what that of octets does."""

import pytest
from hypothesis import given
from strategies_decide import any_heads, good_heads
from strategies_heads import request_heads

from httpupgrade import RequestHead
from httpupgrade._http1.fast_path_patterns import PLACES, USUAL_HEAD, capture
from httpupgrade._http1.request_facts import facts_of

heads = any_heads() | good_heads() | request_heads()


def test_a_field_that_decides_nothing_keeps_no_head_from_the_fast_path() -> None:
    for field in ((b"Cookie", b"a\x01"), (b"a b", b""), (b"", b"\xff")):
        fields = [(b"Host", b"a"), field]
        assert facts_of(RequestHead.from_parser(b"GET", b"/", fields, b"1.1")).captured


@given(heads)
def test_what_the_usual_pattern_matches_is_captured_of_parts(head: RequestHead) -> None:
    match = USUAL_HEAD.fullmatch(head.to_bytes())
    found, joined = capture(head.method, head.target, head.headers)
    if match is not None:
        assert (found, joined) == (match.groups(), False)


def test_names_are_found_in_any_spelling() -> None:
    for name, place in PLACES.items():
        for spelling in (name, name.upper(), name.title(), name.title().replace(b"Webs", b"WebS")):
            captured, _ = capture(b"GET", b"/", [(spelling, b"x")])
            assert captured[place] == b"x"
    for odd in (
        b"Expect",
        b"EXPECT",
        b"Transfer-Encoding",
        b"Sec-WebSocket-Origin",
        b"sec-websocket-",
    ):
        assert capture(b"GET", b"/", [(odd, b"x")]) == ((), False)


@pytest.mark.parametrize("name", [b"Host", b"Connection"])
def test_no_long_value_is_remembered(name: bytes) -> None:
    for length in (255, 256):
        captured, _ = capture(b"GET", b"/", [(name, b"a" * length)])
        assert bool(captured) is (length == 255)
