"""Long lines are taken out before a match, and no outcome tells."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from httpupgrade import Limits
from httpupgrade._http1.fast_path import head_in_front
from httpupgrade._http1.limits import DEFAULT_LIMITS
from httpupgrade._http1.line_scan import MODEST, split_fields
from httpupgrade._http1.long_lines import LONG, without_long_lines
from httpupgrade._http1.request_facts import facts_of, wants_upgrade
from httpupgrade._http1.request_scan import HeadParts, RequestScanner

START = b"GET /chat HTTP/1.1\r\n"
LINES = (
    b"Host: a\r\n",
    b"Upgrade: websocket\r\n",
    b"Connection: Upgrade\r\n",
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    b"Sec-WebSocket-Version: 13\r\n",
)
NAMES = (b"Cookie", b"cookie", b"Authorization", b"COOKIE", b"X-Other", b"Upgrade", b"Cookie ", b"")


@st.composite
def long_lines(draw: st.DrawFn) -> bytes:
    """A line of some length, perhaps broken at some place."""
    size = draw(st.sampled_from((0, 1, LONG - 10, LONG, LONG + 1, 2 * LONG, 4096, 9000)))
    odd = draw(
        st.just(b"")
        | st.sampled_from(
            (b"\t", b"\xff", b"\x00", b"\x7f", b"\r", b"\n", b"\r\n", b"\r\n a", b":")
        )
        | st.binary(max_size=2)
    )
    value = b"v" * size
    place = draw(st.integers(0, size))
    end = draw(st.just(b"\r\n") | st.sampled_from((b"\n", b"\r", b"\r\r\n", b" \r\n", b"\r\n\r\n")))
    colon = draw(st.sampled_from((b": ", b": ", b":", b"")))
    return draw(st.sampled_from(NAMES)) + colon + value[:place] + odd + value[place:] + end


@st.composite
def heads(draw: st.DrawFn) -> bytes:
    lines = [*LINES] if draw(st.booleans()) else [LINES[0]]
    for line in draw(st.lists(long_lines(), min_size=1, max_size=3)):
        lines.insert(draw(st.integers(0, len(lines))), line)
    end = draw(st.just(b"\r\n") | st.sampled_from((b"", b"\n", b" \r\n\r\n")))
    return START + b"".join(lines) + end


near = st.builds(
    Limits,
    max_head_bytes=st.integers(600, 6000),
    max_request_line=st.integers(10, 60),
    max_header_line=st.integers(600, 5000),
    max_header_count=st.integers(0, 8),
) | st.sampled_from((Limits(), DEFAULT_LIMITS))


afters = st.sampled_from((b"", b"x", START + LINES[0] + b"\r\n")) | long_lines()


@given(heads(), afters, near, st.booleans())
@example(START + LINES[0] + b"Cookie: " + b"a" * 5000 + b"\r\n\r\n", b"", Limits(), True)
@example(START + LINES[0] + b"Cookie: " + b"a" * 5000 + b"\r\n\r\n", b"", DEFAULT_LIMITS, True)
def test_a_head_with_long_lines_is_the_one_that_the_scanner_finds(
    octets: bytes, after: bytes, limits: Limits, in_full: bool
) -> None:
    parts = RequestScanner(limits).scan(bytearray(octets + after))
    for data in (octets + after, bytearray(octets + after)):
        found = head_in_front(data, limits, in_full)
        assert data == octets + after
        assert (found is not None) is isinstance(parts, HeadParts)
        if found is None or not isinstance(parts, HeadParts):
            continue
        head, size = found
        assert (size, head.raw) == (parts.size, parts.raw)
        assert head.headers == split_fields(parts.raw)
        again = RequestScanner(Limits()).scan(bytearray(parts.raw))
        assert isinstance(again, HeadParts)
        assert type(head.raw) is bytes
        names = {name.lower() for name, _ in head.headers}
        assert wants_upgrade(head) is bool(names & {b"upgrade", b"sec-websocket-key"})
        assert facts_of(head).upgrade == head.get(b"upgrade")


def test_what_is_left_is_the_head_without_the_line() -> None:
    before = START + LINES[0]
    cookie = b"Cookie: " + b"a" * 2000 + b"\r\n"
    token = b"Authorization: " + b"b" * LONG + b"\r\n"
    rest = LINES[1] + b"\r\n"
    left, taken = without_long_lines(before + cookie + token + rest)
    assert left == before + rest
    assert taken == [(len(before), len(cookie)), (len(before), len(token))]


@pytest.mark.parametrize(
    "line",
    [
        b"Cookie: " + b"a" * (LONG - 20) + b"\r\n",
        b"X-Other: " + b"a" * LONG + b"\r\n",
        b"Upgrade: " + b"a" * LONG + b"\r\n",
        b"Cookie: " + b"a" * LONG + b"\x00\r\n",
        b"Cookie: " + b"a" * LONG + b"\n\r\n",
        b"Cookie: " + b"a" * LONG + b"\ra\r\n",
        b"Cookie: " + b"a" * LONG + b"\r",
    ],
)
def test_a_line_that_a_match_has_to_see_is_left(line: bytes) -> None:
    data = START + LINES[0] + line + b"\r\n" + b"a" * LONG
    assert without_long_lines(data) == (data, [])


def test_the_first_line_is_no_field_line() -> None:
    # Else octets after a message would be taken for the head that follows them.
    data = b"Cookie: " + b"a" * LONG + b"\r\n" + START + LINES[0] + b"\r\n"
    assert without_long_lines(data) == (data, [])
    for before in (b"", b"\r\n", b"\n"):
        assert head_in_front(before + data, DEFAULT_LIMITS) is None


def test_the_first_line_is_looked_at_from_its_first_octet() -> None:
    data = b"xCookie: " + b"a" * LONG + b"\r\n\r\n"
    assert without_long_lines(data) == (data, [])


@pytest.mark.parametrize("begin", [MODEST - 1, MODEST])
def test_a_line_is_looked_for_that_begins_before_a_certain_octet(begin: int) -> None:
    short = START + b"a:\r\n" * 240
    short += b"b:" + b"b" * (begin - len(short) - 4) + b"\r\n"
    data = short + b"Cookie: " + b"a" * LONG + b"\r\n\r\n"
    assert len(short) == begin
    left, taken = without_long_lines(data)
    assert bool(taken) is (left == short + b"\r\n") is (begin < MODEST)


def test_a_line_without_an_end_is_left() -> None:
    data = START + LINES[0] + b"Cookie: " + b"a" * LONG
    assert without_long_lines(data) == (data, [])


def test_a_long_line_after_one_that_stays_is_taken_out() -> None:
    target = b"GET /" + b"a" * LONG + b" HTTP/1.1\r\n"
    cookie = b"Cookie: " + b"a" * LONG + b"\r\n"
    left, taken = without_long_lines(target + cookie + b"\r\n")
    assert left == target + b"\r\n"
    assert taken == [(len(target), len(cookie))]


@pytest.mark.parametrize("more", [0, 1, 2, 3])
def test_a_line_is_long_from_a_certain_length_on(more: int) -> None:
    before = START + LINES[0]
    line = b"Cookie: " + b"a" * (LONG - 10 + more) + b"\r\n"
    data = before + line + b"\r\n"
    left, taken = without_long_lines(data)
    is_long = len(line.removesuffix(b"\r\n")) >= LONG
    assert taken == ([(len(before), len(line))] if is_long else [])
    assert left == (before + b"\r\n" if is_long else data)


@pytest.mark.parametrize("value", [b"", b"\x00", b"\x7f", b":"])
def test_each_octet_of_a_long_value_is_looked_at(value: bytes) -> None:
    before = START + LINES[0]
    for line in (b"Cookie:" + value + b"a" * LONG, b"Cookie:" + b"a" * LONG + value):
        left, taken = without_long_lines(before + line + b"\r\n\r\n")
        assert bool(taken) is (value in (b"", b":"))
        assert left == before + (b"" if taken else line + b"\r\n") + b"\r\n"


def test_nothing_is_looked_for_after_many_short_lines() -> None:
    # They may be the heads of a pipeline, and each would be looked through to its end.
    short = START + b"a:\r\n" * (MODEST // 4)
    data = short + b"Cookie: " + b"a" * LONG + b"\r\n\r\n"
    assert without_long_lines(data) == (data, [])
