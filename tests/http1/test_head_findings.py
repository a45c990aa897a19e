"""Findings about a head: each shows the line at fault as it came, and the place in it."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import pytest

from httpupgrade import Finding, RequestHead, ResponseHead
from httpupgrade._http1 import finding_codes as codes
from httpupgrade._http1.field_values import parse_connection
from httpupgrade._http1.findings import make_finding
from httpupgrade._http1.head_findings import (
    fault,
    kept_controls,
    method_fault,
    read_list,
    read_once,
    target_fault,
    version_fault,
)

OCTETS: Final = (
    b"GET /chat?q HTTP/1.1\r\nHost: \ta b\r\nconnection: x, y  z\r\nUpgrade: a\r\n"
    b"UPGRADE:b ,c;d \r\nCookie: e=f\r\nExpect: \r\n\r\n"
)
HEAD: Final = RequestHead.parse(OCTETS)
MADE: Final = RequestHead(b"GET", b"/chat?q", [(b"hOST", b"a b"), (b"X", b"1"), (b"Host", b"c d")])
FOLDED: Final = ResponseHead.parse(b"HTTP/1.1 426 No\r\nX: 1\r\nUpgrade: a\r\n b c\r\n\r\n")
TABBED: Final = ResponseHead.parse(b"HTTP/1.1 426 No\r\nUpgrade: a\r\n\tb c\r\n\r\n")
WHOLE: Final = ResponseHead.parse(b"HTTP/1.1 426 No\r\nX: 1\r\nUpgrade:  a b\r\n\r\n")


def place(found: Finding) -> dict[str, Any]:
    """All that a finding says of the place of its fault."""
    names = ("field", "value", "offset", "line", "start", "end", "line_number", "line_count")
    return {name: getattr(found, name) for name in names}


def of_line(field: str | None, value: bytes, offset: int | None, *line: Any) -> dict[str, Any]:
    """The same from what a row says: line, start, end, and which of how many lines."""
    received, start, end, *number = line
    return {
        "field": field,
        "value": value,
        "offset": offset,
        "line": received,
        "start": start,
        "end": end,
        "line_number": (number or [1])[0],
        "line_count": (number or [1])[-1],
    }


CODE: Final = codes.HOST_MALFORMED
# Each is made in its test.
PLACES: Final[dict[str, tuple[Callable[[], Finding], dict[str, Any]]]] = {
    "a value as a whole": (
        partial(fault, HEAD, CODE, "Host"),
        of_line("Host", b"a b", OCTETS.index(b"a b"), b"Host: \ta b", 7, 10),
    ),
    "a name in another case": (
        partial(fault, HEAD, CODE, "Connection"),
        of_line("Connection", b"x, y  z", OCTETS.index(b"x, y"), b"connection: x, y  z", 12, 19),
    ),
    "an element that a blank ends": (
        partial(fault, HEAD, CODE, "Host", 0, 0),
        of_line("Host", b"a b", OCTETS.index(b"a b"), b"Host: \ta b", 7, 8),
    ),
    "an element that the line ends": (
        partial(fault, HEAD, CODE, "Host", 0, 2),
        of_line("Host", b"b", OCTETS.index(b"b\r\n"), b"Host: \ta b", 9, 10),
    ),
    "an element that a comma ends": (
        partial(fault, HEAD, CODE, "Connection", 0, 0),
        of_line("Connection", b"x, y  z", OCTETS.index(b"x, y"), b"connection: x, y  z", 12, 13),
    ),
    "a separator": (
        partial(fault, HEAD, CODE, "Connection", 0, 1),
        of_line("Connection", b", y  z", OCTETS.index(b", y  z"), b"connection: x, y  z", 13, 14),
    ),
    "the end of a value": (
        partial(fault, HEAD, CODE, "Connection", 0, 7),
        of_line("Connection", b"", OCTETS.index(b"\r\nUpgrade"), b"connection: x, y  z", 19, 19),
    ),
    "the second line of two": (
        partial(fault, HEAD, CODE, "Upgrade", 1, 4),
        of_line("Upgrade", b";d", OCTETS.index(b";d"), b"UPGRADE:b ,c;d ", 12, 14, 2, 2),
    ),
    "the first line of two": (
        partial(fault, HEAD, CODE, "Upgrade"),
        of_line("Upgrade", b"a", OCTETS.index(b"a\r\nUP"), b"Upgrade: a", 9, 10, 1, 2),
    ),
    "an empty value": (
        partial(fault, HEAD, CODE, "Expect"),
        of_line("Expect", b"", OCTETS.index(b"\r\n\r\n"), b"Expect: ", 8, 8),
    ),
    "a value that may be secret": (
        partial(fault, HEAD, CODE, "Cookie", 0, 2),
        of_line("Cookie", b"f", OCTETS.index(b"f\r\n"), b"Cookie: ...", 8, 11),
    ),
    "a head that came as values": (
        partial(fault, MADE, CODE, "Host", 1, 2),
        of_line("Host", b"d", None, b"Host: c d", 8, 9, 2, 2),
    ),
    "a head that came as values, in another case": (
        partial(fault, MADE, CODE, "Host", 0),
        of_line("Host", b"a b", None, b"hOST: a b", 6, 9, 1, 2),
    ),
    # What went on over two lines is shown as the one that it means (RFC 9112 5.2).
    "a value with a fold": (
        partial(fault, FOLDED, CODE, "Upgrade", 0, 4),
        of_line("Upgrade", b"c", 38, b"Upgrade: a b c", 13, 14),
    ),
    "a value with a fold of a tab": (
        partial(fault, TABBED, CODE, "Upgrade", 0, 4),
        of_line("Upgrade", b"c", 32, b"Upgrade: a b c", 13, 14),
    ),
    "a line of a response": (
        partial(fault, WHOLE, CODE, "Upgrade", 0, 2),
        of_line("Upgrade", b"b", 35, b"Upgrade:  a b", 12, 13),
    ),
    "a method": (
        partial(method_fault, HEAD, CODE),
        of_line(None, b"GET", 0, b"GET /chat?... HTTP/1.1", 0, 3),
    ),
    "a target": (
        partial(target_fault, HEAD, CODE),
        of_line(None, b"/chat?q", 4, b"GET /chat?... HTTP/1.1", 4, 13),
    ),
    "a version": (
        partial(version_fault, HEAD, CODE),
        of_line(None, b"1.1", 17, b"GET /chat?... HTTP/1.1", 14, 22),
    ),
}


@pytest.mark.parametrize(("make", "expected"), PLACES.values(), ids=PLACES)
def test_a_fault_has_its_line_and_its_place_in_it(
    make: Callable[[], Finding], expected: dict[str, Any]
) -> None:
    found = make()
    assert place(found) == expected
    assert (found.code, found.hint) == (CODE.name, CODE.hint)


MAKERS: Final[dict[str, Callable[..., Finding]]] = {
    "of a field": lambda **said: fault(HEAD, CODE, "Host", **said),
    "of a field that is missing": lambda **said: fault(HEAD, CODE, "Origin", **said),
    "of the method": lambda **said: method_fault(HEAD, CODE, **said),
    "of the target": lambda **said: target_fault(HEAD, CODE, **said),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_what_the_server_knows_goes_before_the_hint(make: Callable[..., Finding]) -> None:
    assert make(detail="This server is a.").hint == f"This server is a. {CODE.hint}"
    assert make().hint == CODE.hint


def test_a_field_that_is_missing_is_named_and_has_no_place() -> None:
    assert fault(HEAD, CODE, "Origin") == make_finding(CODE, field="Origin")
    assert fault(HEAD, CODE, "Host", 1) == make_finding(CODE, field="Host")


# --- Fields that are read, or found wrong ---------------------------------------------------------


def once(head: RequestHead, field: str) -> tuple[bytes | None, list[Finding]]:
    faults: list[Finding] = []
    return read_once(head, field, codes.HOST_MISSING, codes.HOST_REPEATED, faults), faults


def test_a_field_is_read_that_is_there_once() -> None:
    assert once(HEAD, "Host") == (b"a b", [])
    assert once(HEAD, "Origin") == (None, [make_finding(codes.HOST_MISSING, field="Origin")])
    # Of two lines, the second is the one too many.
    assert once(HEAD, "Upgrade") == (None, [fault(HEAD, codes.HOST_REPEATED, "Upgrade", 1)])


def test_a_list_is_read_that_keeps_its_grammar() -> None:
    faults: list[Finding] = []
    assert read_list(HEAD, "Origin", parse_connection, CODE, faults) == ()
    assert faults == []
    assert read_list(HEAD, "Upgrade", parse_connection, CODE, faults) is None
    assert faults == [fault(HEAD, CODE, "Upgrade", 1, 4)]


# --- Controls that may be kept: RFC 9110 5.5 ------------------------------------------------------


def with_controls(*lines: bytes) -> ResponseHead:
    return ResponseHead.parse(b"\r\n".join([b"HTTP/1.1 200 OK", *lines, b"", b""]))


def test_a_control_that_is_kept_is_noted_with_its_place() -> None:
    head = with_controls(b"Upgrade: a", b"X: y", b"upgrade: b\x1fc", b"upgrade: d\x7f")
    found = kept_controls(head)
    second = of_line("upgrade", b"b\x1fc", 45, b"upgrade: b\x1fc", 10, 12, 2, 3)
    third = of_line("upgrade", b"d\x7f", 59, b"upgrade: d\x7f", 10, 11, 3, 3)
    assert [place(each) for each in found] == [second, third]
    assert {each.code for each in found} == {codes.FIELD_VALUE_CONTROL.name}


@pytest.mark.parametrize(("lines", "noted"), [(1, 1), (15, 15), (16, 16), (17, 16), (40, 16)])
def test_16_of_them_are_noted_at_most(lines: int, noted: int) -> None:
    found = kept_controls(with_controls(*[b"X: \x01"] * lines))
    assert [each.line_number for each in found] == list(range(1, noted + 1))


def test_a_long_name_and_a_long_value_are_kept_in_part() -> None:
    (found,) = kept_controls(with_controls(b"N" * 129 + b": \x01" + b"v" * 128))
    assert found.field == "N" * 128
    assert found.value == b"\x01" + b"v" * 127


def test_what_did_not_come_as_octets_has_no_such_lines() -> None:
    assert kept_controls(ResponseHead(200, [(b"X", b"a")])) == ()
    assert kept_controls(with_controls(b"X: a")) == ()
