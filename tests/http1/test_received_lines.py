"""What is shown of a received line: all of it, or with each cut marked, and no secret."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpupgrade._http1.received_lines import (
    LINE_BOUND,
    Shown,
    escape_line,
    escape_octets,
    is_shown,
    marks_a_part,
    show_field_line,
    show_first_octets,
    show_line,
    show_named_line,
    show_request_line,
    show_status_line,
)


def fault_of(shown: Shown | None) -> bytes:
    assert shown is not None
    return shown.line[shown.start : shown.end]


def line_of(shown: Shown | None) -> bytes | None:
    return None if shown is None else shown.line


# --- Field lines --------------------------------------------------------------------------------

FIELD_LINES = [
    ("whole", b"Connection: keep-alive Upgrade", b"Connection: keep-alive Upgrade"),
    ("as it came", b"cOnnection:\tx \t", b"cOnnection:\tx \t"),
    ("an unknown field", b"X-Api-Key: 5ecre7", b"X-Api-Key: ..."),
    ("a cookie", b"Cookie:5ecre7", b"Cookie:..."),
    ("a subprotocol", b"Sec-WebSocket-Protocol: bearer.5ecre7, a", b"Sec-WebSocket-Protocol: ..."),
    ("an empty one", b"Sec-WebSocket-Protocol: ", b"Sec-WebSocket-Protocol: "),
    ("white space before the colon", b"Cookie : 5ecre7", b"Cookie : ..."),
    ("such a field that is shown", b"Upgrade : x", b"Upgrade : x"),
    ("a name with spaces", b"My Cookie: 5ecre7", b"My Cookie: ..."),
    ("no name", b"5ecre7", None),
    ("an empty name", b": 5ecre7", None),
    ("a name of other octets", b"5ecre7\xff: x", None),
    ("a line inside a line", b"Upgrade: a\rCookie: 5ecre7", b"Upgrade: a\r..."),
    ("a CR at its end", b"Upgrade: a\r", b"Upgrade: a\r"),
    ("a line end", b"Cookie: 5ecre7\n", b"Cookie: ...\n"),
    ("a query", b"Origin: https://a/?t=5ecre7", b"Origin: https://a/?..."),
    ("a fragment", b"Origin: https://a/#5ecre7", b"Origin: https://a/#..."),
    ("user information", b"Origin: https://u:5ecre7@a", b"Origin: https://...@a"),
    ("of the second URI", b"Origin: https://a https://u:5ecre7@b", b"Origin: https://...@b"),
    ("with a slash", b"Origin: https://u:5ecre7/5ecre7@a", b"Origin: https://...@a"),
    ("user information in Host", b"Host: u:5ecre7@a:80", b"Host: ...@a:80"),
    ("both", b"Host: 5ecre7@a?5ecre7 ", b"Host: ...@a?... "),
    ("a query behind a CR", b"Host: a\r?5ecre7", b"Host: a\r..."),
    ("a query before a CR", b"Host: a?5ecre7\r5ecre7", b"Host: a?...\r..."),
    ("an @ in a query", b"Origin: https://a?5ecre7@b", b"Origin: https://a?..."),
    ("two marks of a query", b"Origin: https://a?5ecre7?5", b"Origin: https://a?..."),
    ("two @", b"Host: u@5ecre7@a", b"Host: ...@a"),
    ("two CR", b"Upgrade: a\rCookie: 5ecre7\rb", b"Upgrade: a\r..."),
    ("a name that ends like one that is shown", b"XHost: 5ecre7", b"XHost: ..."),
    ("a name that begins like one", b"HostX: 5ecre7", b"HostX: ..."),
    ("white space before the name", b" \tUpgrade: x", b" \tUpgrade: x"),
    ("a control at the end", b"Cookie: 5ecre7\x0b", b"Cookie: ..."),
    ("a capital letter at the end", b"Cookie: 5ecreX", b"Cookie: ..."),
    ("white space and a line end", b"Cookie: 5ecre7 \t\r\n", b"Cookie: ... \t\r\n"),
]


@pytest.mark.parametrize(
    ("line", "shown"), [pytest.param(*row[1:], id=row[0]) for row in FIELD_LINES]
)
def test_a_field_line_is_shown_without_secrets(line: bytes, shown: bytes | None) -> None:
    assert line_of(show_field_line(line, 0, len(line))) == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (b"CONNECT me:s3cr", b"CONNECT ..."),
        (b"CONNECT me:s3/cr", b"CONNECT ..."),
        (b"CONNECT me@s3cr", b"CONNECT ..."),
        (b"GET http://me:s3cr", b"GET http://..."),
        (b"GET http://me:s3cr@a/b", b"GET http://...@a/b"),
        (b"GET http://me:s3cr?/", b"GET http://...?..."),
        (b"GET http://a/b@c", b"GET http://a/b@c"),
        (b"GET htt", b"GET ..."),
        (b"GET /a@b", b"GET /a@b"),
        (b"GET /a?b", b"GET /a?..."),
        (b"POST 123", b"POST ..."),
    ],
)
def test_of_a_request_line_that_is_cut_no_authority_without_its_end_is_shown(
    line: bytes, shown: bytes
) -> None:
    assert show_request_line(line, 0, len(line), is_cut=True).line == shown


def test_a_line_whose_name_is_known_is_whole_by_default() -> None:
    shown = Shown(b"Host: 5ecre7@a", 13, 14)
    assert show_named_line(b"host", 5, shown) == Shown(b"Host: ...@a", 10, 11)
    assert show_named_line(b"host", 5, shown, is_cut=True).line == b"Host: ..."


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (b"Host: me:s3cr", b"Host: ..."),
        (b"Origin: https://me:s3cr", b"Origin: https://..."),
        (b"Origin: https://a/s3cr", b"Origin: https://..."),
        (b"Connection: upgr", b"Connection: upgr"),
    ],
)
def test_of_a_field_line_that_is_cut_no_authority_is_shown(line: bytes, shown: bytes) -> None:
    whole = show_field_line(line, 0, len(line), is_cut=True)
    assert whole is not None
    assert whole.line == shown


def test_the_mark_stays_at_the_fault() -> None:
    line = b"Host: 5ecre7@a?b!"
    for octet in (b"@", b"a", b"?"):
        place = line.index(octet, 6)
        assert fault_of(show_field_line(line, place, place + 1)) == octet


@pytest.mark.parametrize(("start", "end"), [(8, 15), (10, 12), (10, 15), (8, 9)])
def test_a_mark_in_what_is_cut_marks_the_cut(start: int, end: int) -> None:
    assert fault_of(show_field_line(b"Cookie: 5ecre7s", start, end)) == b"..."


def test_a_mark_that_goes_into_what_is_cut_goes_around_the_cut() -> None:
    shown = show_field_line(b"Cookie: 5ecre7", 0, 10)
    assert shown == Shown(b"Cookie: ...", 0, 11)


def test_a_mark_that_ends_before_the_cut_stays_as_it_is() -> None:
    assert show_field_line(b"Cookie: 5ecre7", 6, 8) == Shown(b"Cookie: ...", 6, 8)


PATH = b"/" + b"a" * 300
NAME = b"Sec-" + b"a" * 96
LONG_LINES = [
    # What is before the fault is cut only if the fault is far from the front of a line too long.
    (show_line, b"a" * 256, 200, 201, b"a" * 256, 200, 201),
    (show_line, b"a" * 300, 128, 129, b"a" * 253 + b"...", 128, 129),
    (show_line, b"a" * 250 + b"b" * 50, 129, 130, b"..." + b"a" * 185 + b"b" * 50, 67, 68),
    (show_line, b"a" * 600, 129, 600, b"..." + b"a" * 250 + b"...", 67, 256),
    (
        show_request_line,
        b"GET " + PATH + b" HTTP/1.1",
        250,
        251,
        b"GET ..." + b"a" * 119 + b" HTTP/1.1",
        71,
        72,
    ),
    (
        show_status_line,
        b"HTTP/" + b"1" * 300 + b" 200",
        200,
        201,
        b"..." + b"1" * 169 + b" 200",
        67,
        68,
    ),
    # Of a long name, the first 64 octets are kept.
    (
        show_field_line,
        NAME + b": " + b"\t" * 300,
        150,
        151,
        NAME[:64] + b"..." + NAME[86:] + b": " + b"\t" * 170 + b"...",
        131,
        132,
    ),
]


@pytest.mark.parametrize(("show", "line", "start", "end", "shown", "first", "last"), LONG_LINES)
def test_of_a_long_line_the_front_and_what_is_around_the_fault_are_shown(
    show: Callable[[bytes, int, int], Shown | None],
    line: bytes,
    start: int,
    end: int,
    shown: bytes,
    first: int,
    last: int,
) -> None:
    assert show(line, start, end) == Shown(shown, first, last)


@pytest.mark.parametrize("length", [LINE_BOUND - 9, LINE_BOUND - 8, 4096])
def test_a_long_line_is_cut_at_its_end(length: int) -> None:
    line = b"Upgrade: " + b"v" * length
    shown = show_field_line(line, 9, 9)
    assert line_of(shown) == (line if len(line) <= LINE_BOUND else line[: LINE_BOUND - 3] + b"...")


def test_a_long_line_keeps_its_name_and_what_is_around_the_fault() -> None:
    line = b"Upgrade: " + b"a, " * 1000 + b"@" + b", b" * 1000
    place = line.index(b"@")
    shown = show_field_line(line, place, place + 1)
    assert shown is not None
    assert fault_of(shown) == b"@"
    assert shown.line.startswith(b"Upgrade: ...")
    assert b"a, @, b" in shown.line
    assert shown.line.endswith(b"...")
    assert len(shown.line) == LINE_BOUND


@given(
    st.sampled_from([b"Upgrade", b"Host", b"X", b"x" * 300]),
    st.binary(max_size=600).filter(lambda value: b"\n" not in value),
    st.integers(0, 900),
    st.integers(0, 900),
)
def test_every_mark_is_in_its_line(name: bytes, value: bytes, start: int, length: int) -> None:
    line = name + b": " + value
    begin = min(start, len(line))
    end = min(begin + length, len(line))
    for shown in (
        show_field_line(line, begin, end),
        show_line(line, begin, end),
        show_request_line(line, begin, end),
        show_request_line(b"GET " + line + b" HTTP/1.1", begin + 4, end + 4),
    ):
        if shown is not None:
            assert 0 <= shown.start <= shown.end <= len(shown.line) <= LINE_BOUND
            text, first, last = escape_line(shown)
            assert first <= last <= len(text)


# --- Start lines --------------------------------------------------------------------------------

REQUEST_LINES = [
    ("whole", b"GET /chat HTTP/1.1", b"GET /chat HTTP/1.1"),
    ("a query", b"GET /chat?t=5ecre7 HTTP/1.1", b"GET /chat?... HTTP/1.1"),
    ("an empty query", b"GET /chat? HTTP/1.1", b"GET /chat? HTTP/1.1"),
    ("spaces in a query", b"GET /a?5ecre7 5ecre7 HTTP/1.1", b"GET /a?... HTTP/1.1"),
    ("no version", b"GET /a?5ecre7 5ecre7", b"GET /a?..."),
    ("another version in the query", b"GET /?5ecre7 HTTP/1.1 HTTP/1.1", b"GET /?... HTTP/1.1"),
    ("a version that is none", b"GET /?5ecre7 HTTP/5ecre7", b"GET /?..."),
    ("a version in lower case", b"GET /?5ecre7 http/1.1", b"GET /?... http/1.1"),
    ("a fragment", b"GET /#5ecre7 HTTP/1.1", b"GET /#... HTTP/1.1"),
    ("user information", b"GET http://u:5ecre7@a/ HTTP/1.1", b"GET http://...@a/ HTTP/1.1"),
    ("of CONNECT", b"CONNECT u:5ecre7@a:1 HTTP/1.1", b"CONNECT ...@a:1 HTTP/1.1"),
    (
        "and another URI",
        b"GET http://u:5ecre7@a/b://c HTTP/1.1",
        b"GET http://...@a/b://c HTTP/1.1",
    ),
    ("of no URI", b"GET http:/u:5ecre7@a/ HTTP/1.1", b"GET ...@a/ HTTP/1.1"),
    ("an @ in a path", b"GET /@a HTTP/1.1", b"GET /@a HTTP/1.1"),
    ("a line inside a line", b"GET /\rCookie: 5ecre7 HTTP/1.1", b"GET /\r..."),
    ("a line end", b"GET /?5ecre7 HTTP/1.1\n", b"GET /?... HTTP/1.1\n"),
    ("more after the version", b"GET /?5ecre7 HTTP/1.1 ", b"GET /?..."),
    ("a letter after the version", b"GET /?5ecre7 HTTP/1.1X", b"GET /?..."),
    ("an @ in a query", b"GET http://a?5ecre7@b HTTP/1.1", b"GET http://a?... HTTP/1.1"),
    ("a method with a mark", b"G#T /a?5ecre7 HTTP/1.1", b"G#T /a?... HTTP/1.1"),
    ("no method", b"p=5ecre7 GET / HTTP/1.1", b"p=5ecre7..."),
    ("no space", b"abcdefgh5ecre7", b"abcdefgh..."),
]


@pytest.mark.parametrize(
    ("line", "shown"), [pytest.param(*row[1:], id=row[0]) for row in REQUEST_LINES]
)
def test_a_request_line_is_shown_without_secrets(line: bytes, shown: bytes) -> None:
    assert show_request_line(line, 0, len(line)).line == shown


@pytest.mark.parametrize(
    ("octets", "shown"),
    [(b"\x05", b"\x05"), (b"EHLO abc", b"EHLO abc"), (b"EHLO abcd", b"EHLO abc...")],
)
def test_of_what_is_not_http_eight_octets_are_shown(octets: bytes, shown: bytes) -> None:
    assert show_first_octets(octets) == Shown(shown, 0, len(shown))


STATUS_LINES = [
    (b"HTTP/1.1 200 OK", b"HTTP/1.1 200 ..."),
    (b"HTTP/1.1 200 ", b"HTTP/1.1 200 "),
    (b"HTTP/1.1 200", b"HTTP/1.1 200"),
    (b"HTTP/1.1 200 5ecre7\n", b"HTTP/1.1 200 ...\n"),
    (b"HTTP/1.1 200\rSet-Cookie: 5ecre7", b"HTTP/1.1 200..."),
    (b"HTTP/1.1 2O0 5ecre7", b"HTTP/1.1 2..."),
    (b"HTTP/1.1 5ecre7", b"HTTP/1.1 5..."),
    (b"HTTP/3", b"HTTP/3"),
    (b"HTTP/3\n", b"HTTP/3\n"),
    (b"HTTP/1.1a5ecre7 200", b"HTTP/1.1..."),
    (b"HTTP/a.1 200", b"HTTP/a.1..."),
    (b"HTTP/1.1X", b"HTTP/1.1..."),
    (b"HTTP/1.1\x0b", b"HTTP/1.1..."),
    (b"HTTP/1.1\r\n", b"HTTP/1.1\r\n"),
    (b"HTTP/1.1 200X 5ecre7", b"HTTP/1.1 200..."),
    (b"HTTP/1.1 200 5ecreX", b"HTTP/1.1 200 ..."),
    (b"HTTP/1.1 200 5ecre7 ", b"HTTP/1.1 200 ..."),
    (b"SSH-2.0-5ecre7", b"SSH-2.0-..."),
]


@pytest.mark.parametrize(("line", "shown"), STATUS_LINES)
def test_of_a_status_line_version_and_status_are_shown(line: bytes, shown: bytes) -> None:
    assert show_status_line(line, 0, 0).line == shown


def test_a_long_line_without_secrets_is_bounded() -> None:
    assert show_line(b":protocol: " + b"a" * 300, 11, 311).line[-4:] == b"a..."


# --- As text ------------------------------------------------------------------------------------


def test_the_mark_fits_the_escaped_text() -> None:
    text, start, end = escape_line(Shown(b"<\xff: b\n", 4, 6))
    assert text == r"\x3c\xff: b\x0a"
    assert text[start:end] == r"b\x0a"


@pytest.mark.parametrize("octets", [b"a<\xff", bytearray(b"a<\xff"), memoryview(b"a<\xff")])
def test_octets_of_any_kind_are_escaped(octets: bytes) -> None:
    assert escape_octets(octets) == r"a\x3c\xff"


@pytest.mark.parametrize("text", ["a", None, 1])
def test_only_octets_are_escaped(text: object) -> None:
    with pytest.raises(TypeError, match=r"^octets is bytes, not "):
        escape_octets(text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "start", "end", "a_part"),
    [
        (b"Upgrade: a", 9, 10, False),
        (b"Upgrade:a", 8, 9, False),
        (b"Upgrade: a ", 9, 10, False),
        (b"Upgrade: a b", 9, 10, True),
        (b"Upgrade: a b", 11, 12, True),
        (b"Upgrade: ", 9, 9, False),
        (b"Upgrade: a:b", 11, 12, True),
        (b"Upgrade: Xa", 10, 11, True),
        (b"Upgrade: aX", 9, 10, True),
        (b"Upgrade: \x0ba", 10, 11, True),
        (b"Upgrade: a\x0b", 9, 10, True),
        (b"GET / HTTP/1.1", 0, 14, False),
        (b"GET / HTTP/1.1", 0, 3, True),
        (b"GET / HTTP/1.1", 6, 14, True),
        (b"GET / HTTP/1.1", 14, 14, True),
    ],
)
def test_a_mark_that_covers_all_of_a_value_says_nothing(
    line: bytes, start: int, end: int, a_part: bool
) -> None:
    assert marks_a_part(Shown(line, start, end)) is a_part


@pytest.mark.parametrize(
    ("field", "shown"),
    [("Host", True), ("host", True), ("Cookie", False), ("X-Größe", False), (None, False)],
)
def test_some_fields_are_shown(field: str | None, shown: bool) -> None:
    assert is_shown(field) is shown
