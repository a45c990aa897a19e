"""Heads as values: what can exist, what is found in them, and what they are on the wire."""

from collections.abc import Callable
from typing import Any

import pytest
from feeding import calls_of
from hypothesis import given
from hypothesis import strategies as st

from httpupgrade import Limits, RemoteProtocolError, RequestHead, ResponseHead, UpgradeToken
from httpupgrade._http1 import finding_codes as codes
from httpupgrade._http1.field_lines import checked_headers, require_reason, trusted_headers
from httpupgrade._http1.head_findings import fault
from httpupgrade._http1.heads import head_from_parts, response_from_parts
from httpupgrade._http1.hop_by_hop import MANAGED_FIELDS, added_headers
from httpupgrade._http1.request_scan import HeadParts
from httpupgrade._http1.response_scan import ResponseParts
from httpupgrade._http1.serialize import reason_phrase, write_head
from httpupgrade.testing.strategies import (
    Field,
    field_values,
    fields,
    hostile_requests,
    request_head_octets,
    request_heads,
    tokens,
    whitespace,
)

HEAD = b"GET /a HTTP/1.1\r\nHost:  a \r\nX:1\r\nx: \t2\r\nEmpty:\r\n\r\n"

# What would end a line or a head, or hide behind one. CVE-2026-1527, CVE-2020-7695.
BREAKING = (b"\r", b"\n", b"\r\n", b"\x00", b"a\r\nSet-Cookie: b", b"\x7f", b"\x1b")


def parsed() -> RequestHead:
    return RequestHead.parse(HEAD)


# --- What can exist -----------------------------------------------------------------------------


def test_a_head_keeps_what_it_was_given() -> None:
    head = RequestHead(b"PUT", b"*", [(b"Host", b" a\t"), (b"x", b"")], b"1.0")
    assert (head.method, head.target, head.http_version) == (b"PUT", b"*", b"1.0")
    assert head.headers == ((b"Host", b"a"), (b"x", b""))
    assert head.raw is None


def test_the_usual_version_is_1_1_and_the_usual_reason_is_empty() -> None:
    assert RequestHead(b"GET", b"/", ()).http_version == b"1.1"
    response = ResponseHead(101, ())
    assert (response.status_code, response.reason, response.http_version) == (101, b"", b"1.1")


@pytest.mark.parametrize("octets", [b"", b"a b", b"a/b", b"(", b"\xe9", b"a:", *BREAKING])
def test_a_method_and_a_field_name_are_tokens(octets: bytes) -> None:
    with pytest.raises(ValueError, match=r"^method is not a token"):
        RequestHead(octets, b"/", ())
    with pytest.raises(ValueError, match="a field name is not a token"):
        RequestHead(b"GET", b"/", [(octets, b"a")])
    with pytest.raises(ValueError, match="a field name is not a token"):
        ResponseHead(200, [(octets, b"a")])


@pytest.mark.parametrize("octets", [b"", b"/a b", b"/\t", b"/\xe9", *BREAKING])
def test_a_target_is_visible_ascii(octets: bytes) -> None:
    # CVE-2025-67735, CVE-2019-12387: CRLF in the target.
    with pytest.raises(ValueError, match=r"^target (must not hold 0x|is empty)"):
        RequestHead(b"GET", octets, ())


@pytest.mark.parametrize("octets", [b"", b"1", b"11", b"1.10", b"1,1", b"HTTP/1.1", b"1.1\n"])
def test_a_version_is_digit_dot_digit(octets: bytes) -> None:
    with pytest.raises(ValueError, match=r"^http_version is not a digit, a dot"):
        RequestHead(b"GET", b"/", (), octets)
    with pytest.raises(ValueError, match=r"^http_version is not a digit, a dot"):
        ResponseHead(200, (), b"", octets)


@pytest.mark.parametrize("octets", BREAKING)
def test_a_value_and_a_reason_hold_no_control_octet(octets: bytes) -> None:
    # CVE-2018-1000164, CVE-2012-2374, CVE-2025-67724.
    with pytest.raises(ValueError, match="the value of a must not hold 0x"):
        RequestHead(b"GET", b"/", [(b"a", octets)])
    with pytest.raises(ValueError, match="the value of a must not hold 0x"):
        ResponseHead(200, [(b"a", octets)])
    with pytest.raises(ValueError, match=r"^reason must not hold 0x"):
        ResponseHead(200, (), octets)
    with pytest.raises(ValueError, match=r"^reason must not hold 0x"):
        require_reason(octets)


@pytest.mark.parametrize("status_code", [99, 1000, 0, -101])
def test_a_status_code_has_three_digits(status_code: int) -> None:
    with pytest.raises(ValueError, match="not a status code"):
        ResponseHead(status_code, ())


@pytest.mark.parametrize("status_code", [100, 999])
def test_the_first_and_the_last_status_code_can_be_sent(status_code: int) -> None:
    assert ResponseHead(status_code, ()).to_bytes() == b"HTTP/1.1 %d \r\n\r\n" % status_code


def test_a_head_that_was_made_was_not_received() -> None:
    for head in RequestHead(b"GET", b"/", ()), ResponseHead(200, ()):
        assert head.raw is None
        assert head.to_bytes()
        assert head.raw is None


@pytest.mark.parametrize("status_code", [101.0, "101", True, None])
def test_a_status_code_is_an_int(status_code: object) -> None:
    with pytest.raises(TypeError, match=r"^status_code is an int, not "):
        ResponseHead(status_code, ())  # type: ignore[arg-type]


def test_text_is_no_part_of_a_head() -> None:
    with pytest.raises(TypeError):
        RequestHead("GET", b"/", ())  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        RequestHead(b"GET", "/", ())  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        RequestHead(b"GET", b"/", [("a", b"b")])  # type: ignore[list-item]
    with pytest.raises(TypeError):
        RequestHead(b"GET", b"/", [(b"a", "b")])  # type: ignore[list-item]
    with pytest.raises(TypeError):
        ResponseHead(200, (), "OK")  # type: ignore[arg-type]


@pytest.mark.parametrize("http_version", [b"1.0", b"1.1"])
def test_what_can_become_octets_is_no_part_of_a_head(http_version: bytes) -> None:
    token: Any = UpgradeToken("GET")
    with pytest.raises(TypeError, match=r"^method is bytes, not UpgradeToken"):
        RequestHead(token, b"/", ((b"Host", b"a"),), http_version)


def test_octets_that_could_still_change_are_copied() -> None:
    head = RequestHead(
        bytearray(b"GET"),  # type: ignore[arg-type]
        bytearray(b"/"),  # type: ignore[arg-type]
        [(bytearray(b"a"), bytearray(b"b"))],  # type: ignore[list-item]
        bytearray(b"1.1"),  # type: ignore[arg-type]
    )
    parts = [head.method, head.target, head.http_version, *head.headers[0]]
    assert [type(part) for part in parts] == [bytes] * 5
    assert hash(head) == hash(RequestHead(b"GET", b"/", [(b"a", b"b")]))
    response = ResponseHead(200, (), bytearray(b"OK"), bytearray(b"1.1"))  # type: ignore[arg-type]
    assert hash(response) == hash(ResponseHead(200, (), b"OK"))


@pytest.mark.parametrize("parse", [RequestHead.parse, ResponseHead.parse])
def test_what_is_parsed_is_octets_within_limits(parse: Callable[..., object]) -> None:
    with pytest.raises(TypeError, match=r"^data is bytes, not str"):
        parse("GET / HTTP/1.1")
    with pytest.raises(TypeError, match=r"^limits is a Limits, not int"):
        parse(b"", 8192)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ((b"a:", b"b"), "a field name is not a token"),
        ((b"a:b", b""), "a field name is not a token"),
        ((b"a", b"b\r\nc: d"), "the value of a must not hold 0x0d"),
        ((b"a: b\r\nc", b"d"), "a field name is not a token"),
    ],
)
def test_parts_that_would_be_others_on_the_wire_are_refused_in_a_usual_head(
    field: Field, wrong: str
) -> None:
    with pytest.raises(ValueError, match=wrong):
        RequestHead(b"GET", b"/", ((b"Host", b"a"), field))


def test_a_usual_head_is_made_of_its_parts() -> None:
    fields = ((b"Host", b"a"), (b"B", b"c"))
    for headers in (fields, [*fields], iter(fields)):
        head = RequestHead(b"PUT", b"/a?b", headers)
        assert (head.method, head.target, head.http_version) == (b"PUT", b"/a?b", b"1.1")
        assert head.headers == fields
        assert head.to_bytes() == b"PUT /a?b HTTP/1.1\r\nHost: a\r\nB: c\r\n\r\n"


def test_of_a_usual_head_no_field_is_checked_by_itself() -> None:
    # One match of the whole takes less time; which of the two it was, nothing else can tell.
    def make(count: int) -> None:
        RequestHead(b"GET", b"/", ((b"Host", b"a"), *[(b"X", b"a")] * count))

    make(1)  # patterns are compiled when they are first used
    assert calls_of(lambda: make(5)) == calls_of(lambda: make(50))


# --- Values -------------------------------------------------------------------------------------


@given(request_heads())
def test_heads_with_the_same_parts_are_equal_wherever_they_came_from(head: RequestHead) -> None:
    again = RequestHead.parse(head.to_bytes())
    assert again == head
    assert hash(again) == hash(head)
    assert again != ResponseHead(200, head.headers)


@pytest.mark.parametrize(
    "other",
    [
        RequestHead(b"HEAD", b"/", [(b"a", b"b")]),
        RequestHead(b"GET", b"/x", [(b"a", b"b")]),
        RequestHead(b"GET", b"/", [(b"A", b"b")]),
        RequestHead(b"GET", b"/", []),
        RequestHead(b"GET", b"/", [(b"a", b"b")], b"1.0"),
        "GET /",
    ],
)
def test_request_heads_that_differ_in_a_part_differ(other: object) -> None:
    assert RequestHead(b"GET", b"/", [(b"a", b"b")]) != other


@pytest.mark.parametrize(
    "other",
    [
        ResponseHead(201, ()),
        ResponseHead(200, [(b"a", b"b")]),
        ResponseHead(200, (), b"OK"),
        ResponseHead(200, (), b"", b"1.0"),
        200,
    ],
)
def test_response_heads_that_differ_in_a_part_differ(other: object) -> None:
    assert ResponseHead(200, ()) != other


def test_the_repr_of_a_head_shows_lengths_and_the_values_that_hold_no_secrets() -> None:
    fields = [(b"host", b"a.example"), (b"a", b"b"), (b"Cookie", b"id=1")]
    request = RequestHead(b"GET", b"/a?token=1", fields, b"1.0")
    assert repr(request) == (
        "<RequestHead GET /a?<7 octets> HTTP/1.0"
        " [host: b'a.example', a: <1 octet>, Cookie: <4 octets>]>"
    )
    response = ResponseHead(426, [(b"Upgrade", b"tcp")], b"No")
    assert repr(response) == "<ResponseHead HTTP/1.1 426 <2 octets> [Upgrade: b'tcp']>"
    assert repr(ResponseHead(200, [])) == "<ResponseHead HTTP/1.1 200 []>"


# --- Fields -------------------------------------------------------------------------------------


def test_fields_are_looked_up_without_regard_to_case_and_keep_theirs() -> None:
    head = parsed()
    assert head.headers == ((b"Host", b"a"), (b"X", b"1"), (b"x", b"2"), (b"Empty", b""))
    for name in (b"X", b"x"):
        assert head.get_all(name) == (b"1", b"2")
        assert head.get(name) == b"1, 2"  # RFC 9110 5.3
        assert head.has(name)
    assert (head.get(b"empty"), head.get_all(b"EMPTY"), head.has(b"eMpTy")) == (b"", (b"",), True)
    assert (head.get(b"none"), head.get_all(b"none"), head.has(b"none")) == (None, (), False)


@given(st.lists(fields(), max_size=6), tokens())
def test_get_is_get_all_combined_and_order_is_kept(headers: list[Field], name: bytes) -> None:
    head = RequestHead(b"GET", b"/", headers)
    for wanted in (name, *(field for field, _ in headers)):
        values = tuple(value for field, value in headers if field.lower() == wanted.lower())
        assert head.get_all(wanted.swapcase()) == values
        assert head.get(wanted) == (b", ".join(values) if values else None)


@pytest.mark.parametrize("value", [b"\xe2\x84\xaa", b"\xc5\xbf"])
def test_names_fold_in_ascii_only(value: bytes) -> None:
    # Kelvin sign and long s are no letters of a name.
    assert not RequestHead(b"GET", b"/", [(b"k", b""), (b"s", b"")]).has(value)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], False),
        ([(b"Content-Length", b"0")], False),
        ([(b"Content-Length", b"00")], False),
        ([(b"content-length", b"5")], True),
        ([(b"Content-Length", b"0"), (b"Content-Length", b"5")], True),
        ([(b"Content-Length", b"x")], True),
        ([(b"Content-Length", b"X")], True),
        ([(b"Transfer-Encoding", b"chunked")], True),
        ([(b"transfer-encoding", b"")], True),
        ([(b"Content-Length", b"0"), (b"Transfer-Encoding", b"gzip")], True),
    ],
)
def test_a_head_announces_content_by_length_or_by_coding(
    headers: list[Field], expected: bool
) -> None:
    # RFC 9112 6.3.
    assert RequestHead(b"GET", b"/", headers).announces_content is expected


# --- Places -------------------------------------------------------------------------------------


def test_an_offset_is_that_of_the_value_without_its_padding() -> None:
    head = parsed()
    assert head.offset_of(b"host") == HEAD.index(b"a \r\n")
    assert head.offset_of(b"X") == HEAD.index(b"1\r\nx")
    assert head.offset_of(b"x", 1) == HEAD.index(b"2\r\n")
    assert head.offset_of(b"x", 1, 1) == HEAD.index(b"2\r\n") + 1
    assert head.offset_of(b"Empty") == HEAD.index(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("name", "line"), [(b"none", 0), (b"x", 2), (b"GET /a HTTP/1.1", 0), (b"", 0), (b"Hos", 0)]
)
def test_what_is_not_there_has_no_offset(name: bytes, line: int) -> None:
    assert parsed().offset_of(name, line) is None


def test_a_head_that_came_as_values_has_no_offsets() -> None:
    assert RequestHead(b"GET", b"/", [(b"a", b"b")]).offset_of(b"a") is None


@given(request_head_octets(), st.integers(0, 3))
def test_a_fault_points_at_the_octets_that_it_quotes(octets: bytes, position: int) -> None:
    head = RequestHead.parse(octets)
    for name, _ in head.headers:
        for line, value in enumerate(head.get_all(name)):
            place = min(position, len(value))
            finding = fault(head, codes.HOST_MALFORMED, name.decode("ascii"), line, place)
            assert finding.value == value[place:]
            assert finding.offset is not None
            assert octets.startswith(value[place:], finding.offset)
            assert octets.rindex(b":", 0, finding.offset) >= 0


def test_a_fault_in_a_field_that_is_not_there_has_no_place() -> None:
    for finding in (
        fault(parsed(), codes.HOST_MISSING, "None"),
        fault(parsed(), codes.HOST_MISSING, "X", 2),
    ):
        assert (finding.value, finding.offset) == (None, None)


def test_a_fault_in_a_head_that_came_as_values_has_a_value_alone() -> None:
    finding = fault(
        RequestHead(b"GET", b"/", [(b"Host", b"a b")]), codes.HOST_MALFORMED, "Host", 0, 1
    )
    assert (finding.field, finding.value, finding.offset) == ("Host", b" b", None)


FOLDED = b"HTTP/1.1 426 No\r\nA:\r\n  b \t\r\n\tc,\r\n \r\n d\r\nUpgrade: x\r\na: e\r\n f\r\n\r\n"


def test_a_value_that_went_on_over_lines_is_read_as_one_line() -> None:
    # RFC 9112 5.2.
    head = ResponseHead.parse(FOLDED)
    assert head.headers == ((b"A", b"b c,  d"), (b"Upgrade", b"x"), (b"a", b"e f"))
    assert head.get_all(b"a") == (b"b c,  d", b"e f")
    assert head.get(b"upgrade") == b"x"
    assert head.raw == head.to_bytes() == FOLDED


def test_an_offset_in_such_a_value_is_that_of_the_octet_that_came() -> None:
    head = ResponseHead.parse(FOLDED)
    for line, value in enumerate(head.get_all(b"a")):
        begin = FOLDED.index((b"A:", b"a:")[line])
        for letter in value.replace(b" ", b""):
            offset = head.offset_of(b"a", line, value.index(letter))
            assert offset == FOLDED.index(letter, begin)
    # One space stands for the whole fold, and points at where that begins.
    assert head.offset_of(b"a", 0, 1) == FOLDED.index(b" \t\r\n")
    assert head.offset_of(b"upgrade") == FOLDED.index(b"x\r\na")
    assert head.offset_of(b"a", 2) is None


def test_a_value_of_folds_alone_is_empty_and_stands_behind_them() -> None:
    head = ResponseHead.parse(b"HTTP/1.1 200 OK\r\nA: \r\n \r\nB: c\r\n\r\n")
    assert head.headers == ((b"A", b""), (b"B", b"c"))
    assert head.offset_of(b"a") == head.to_bytes().index(b"\r\nB")


def test_a_fault_in_a_response_points_at_its_octets() -> None:
    finding = fault(ResponseHead.parse(FOLDED), codes.BARE_CR, "A", 0, 3)
    assert (finding.field, finding.value) == ("A", b",  d")
    assert finding.offset == FOLDED.index(b",")
    finding = fault(ResponseHead(426, [(b"Upgrade", b"a b")]), codes.BARE_CR, "Upgrade", 0, 2)
    assert (finding.value, finding.offset) == (b"b", None)


# --- The wire -----------------------------------------------------------------------------------


@given(request_head_octets())
def test_what_was_parsed_is_written_octet_for_octet(octets: bytes) -> None:
    head = RequestHead.parse(octets)
    assert head.raw == octets
    assert head.to_bytes() == octets
    rebuilt = RequestHead(head.method, head.target, head.headers, head.http_version)
    assert rebuilt == head
    assert RequestHead.parse(rebuilt.to_bytes()) == head


@given(
    st.integers(100, 999),
    st.sampled_from((b"", b" ")) | field_values().map(lambda value: b" " + value),
    st.lists(fields(), max_size=5),
    whitespace(),
)
def test_a_response_head_round_trip(
    status_code: int, reason: bytes, headers: list[Field], ows: bytes
) -> None:
    line = b"HTTP/1.1 %d%b" % (status_code, reason)
    octets = b"\r\n".join([line, *(b"%b:%b%b" % (name, ows, value) for name, value in headers)])
    head = ResponseHead.parse(octets + b"\r\n\r\n")
    assert (head.status_code, head.reason) == (status_code, reason[1:])
    assert head.to_bytes() == head.raw == octets + b"\r\n\r\n"
    rebuilt = ResponseHead(head.status_code, head.headers, head.reason, head.http_version)
    assert rebuilt == head
    assert hash(rebuilt) == hash(head)
    assert ResponseHead.parse(rebuilt.to_bytes()) == head


@pytest.mark.parametrize("octets", [b"000", b"007", b"099"])
def test_a_status_code_without_a_class_is_received_and_never_made(octets: bytes) -> None:
    # RFC 9112 4: three digits. RFC 9110 15: a client treats what is no status code as 5xx.
    with pytest.raises(ValueError, match="not a status code"):
        ResponseHead(int(octets), ())
    head = ResponseHead.parse(b"HTTP/1.1 %b \r\n\r\n" % octets)
    assert (head.status_code, head.to_bytes()) == (int(octets), head.raw)


def test_a_head_is_written_with_one_space_behind_each_colon() -> None:
    head = RequestHead(b"GET", b"/", [(b"Host", b"a"), (b"Empty", b"")])
    assert head.to_bytes() == b"GET / HTTP/1.1\r\nHost: a\r\nEmpty: \r\n\r\n"


def test_the_space_in_front_of_an_empty_reason_is_written() -> None:
    # RFC 9112 4: MUST.
    assert ResponseHead(101, ()).to_bytes() == b"HTTP/1.1 101 \r\n\r\n"
    assert ResponseHead(426, (), b"No").to_bytes() == b"HTTP/1.1 426 No\r\n\r\n"


def test_write_head_writes_what_it_is_given() -> None:
    assert write_head(b"S", [(b"a", b"b")]) == b"S\r\na: b\r\n\r\n"


def test_a_status_without_a_usual_reason_has_an_empty_one() -> None:
    assert (reason_phrase(426), reason_phrase(299)) == (b"Upgrade Required", b"")


def test_a_head_from_parts_is_the_parsed_one() -> None:
    parts = HeadParts(len(HEAD), HEAD, b"GET", b"/a", b"1.1")
    assert head_from_parts(parts) == parsed()
    assert head_from_parts(parts).raw == HEAD


def test_a_response_from_parts_is_the_parsed_one() -> None:
    parts = ResponseParts(len(FOLDED), FOLDED, b"1.1", 426, b"No")
    head = response_from_parts(parts)
    assert head == ResponseHead.parse(FOLDED)
    assert (head.raw, head.has(b"Upgrade")) == (FOLDED, True)


# --- Parsing ------------------------------------------------------------------------------------


def test_parse_takes_empty_lines_in_front_of_requests_alone() -> None:
    # RFC 9112 2.2. The head's octets begin with its method.
    with pytest.raises(RemoteProtocolError) as raised:
        ResponseHead.parse(b"\r\n" + RESPONSE)
    assert raised.value.finding.code == "response-not-http"
    assert RequestHead.parse(b"\r\n\r\n" + HEAD) == parsed()
    assert RequestHead.parse(b"\r\n\r\n" + HEAD).raw == HEAD


@pytest.mark.parametrize("end", range(len(HEAD)))
def test_a_part_of_a_request_head_is_none(end: int) -> None:
    with pytest.raises(RemoteProtocolError) as raised:
        RequestHead.parse(HEAD[:end])
    assert (raised.value.finding.code, raised.value.finding.offset) == ("head-incomplete", end)


RESPONSE = b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\n\r\n"


@pytest.mark.parametrize("end", range(len(RESPONSE)))
def test_a_part_of_a_response_head_is_none(end: int) -> None:
    with pytest.raises(RemoteProtocolError) as raised:
        ResponseHead.parse(RESPONSE[:end])
    assert (raised.value.finding.code, raised.value.finding.offset) == ("head-incomplete", end)


@pytest.mark.parametrize("more", [b"x", b"\r\n", b"\r\n\r\n", b"A: b\r\n\r\n", RESPONSE, HEAD])
def test_more_than_a_head_is_a_mistake_of_the_caller(more: bytes) -> None:
    with pytest.raises(ValueError, match=f"octets follow the head, from {len(HEAD)} on"):
        RequestHead.parse(HEAD + more)
    with pytest.raises(ValueError, match=f"octets follow the head, from {len(RESPONSE)} on"):
        ResponseHead.parse(RESPONSE + more)


@pytest.mark.parametrize(
    ("octets", "codes"),
    [
        (b"HTTP/1.1 426\n\n", ["bare-lf"]),
        (b"HTTP/1.1 426\r\n\n", ["bare-lf"]),
        (b"HTTP/1.1 426\n\r\n", ["bare-lf"]),
        (b"HTTP/1.1 42 x\r\nA : b\r\n\r\n", ["status-line-malformed", "field-name-space"]),
        (b"HTTP/1.1 200 OK\r\n c\r\nA: b\r\n d\r\n\r\n", ["leading-whitespace"]),
        (b"GET / HTTP/1.1\r\n\r\n", ["response-not-http"]),
        (b"HTTP/2 200\r\n\r\n", ["response-version-unsupported"]),
        (b"HTTP/1.1 200 a\rb\r\n\r\n", ["bare-cr"]),
    ],
)
def test_a_broken_response_head_is_refused_with_every_fault(
    octets: bytes, codes: list[str]
) -> None:
    with pytest.raises(RemoteProtocolError) as raised:
        ResponseHead.parse(octets)
    assert [finding.code for finding in raised.value.findings] == codes


@given(hostile_requests())
def test_parse_gives_a_head_or_one_of_the_two_errors(octets: bytes) -> None:
    for parse in (RequestHead.parse, ResponseHead.parse):
        try:
            head: RequestHead | ResponseHead = parse(octets)
        except (RemoteProtocolError, ValueError):
            continue
        assert octets.endswith(head.to_bytes())


def test_parse_judges_by_the_limits_it_is_given() -> None:
    with pytest.raises(RemoteProtocolError) as raised:
        RequestHead.parse(HEAD, Limits(max_header_count=3))
    assert raised.value.finding.code == "too-many-headers"
    with pytest.raises(RemoteProtocolError) as raised:
        ResponseHead.parse(RESPONSE, Limits(max_request_line=28))
    assert raised.value.finding.code == "status-line-too-long"
    assert ResponseHead.parse(RESPONSE, Limits(max_request_line=29)).status_code == 426


# --- Fields that a caller adds ------------------------------------------------------------------


def test_checked_headers_are_octets_without_outer_ows() -> None:
    assert checked_headers([(b"A", b" b\t"), (b"a", b"")]) == ((b"A", b"b"), (b"a", b""))
    assert added_headers([(b"Retry-After", b" 5 ")]) == ((b"Retry-After", b"5"),)
    assert checked_headers([(b"A", b"\t XbX \t")]) == ((b"A", b"XbX"),)
    assert trusted_headers([(b"A", b"\t XbX \t")]) == ((b"A", b"XbX"),)
    assert trusted_headers([(bytearray(b"A"), b"\t XbX \t")]) == ((b"A", b"XbX"),)  # type: ignore[list-item]


@pytest.mark.parametrize("check", [checked_headers, trusted_headers])
@pytest.mark.parametrize(
    ("octets", "place"), [(b"X\r", 1), (b"\n", 0), (b"XX\0", 2), (b"ab\nc\r", 2)]
)
def test_a_value_that_would_end_its_line_is_refused_with_the_place(
    check: Callable[[list[tuple[bytes, bytes]]], object], octets: bytes, place: int
) -> None:
    octet = f"0x{octets[place]:02x}, as it does at octet {place}"
    with pytest.raises(ValueError, match=f"^in headers, the value of A must not hold {octet}$"):
        check([(b"Host", b"a"), (b"A", octets)])


def test_a_name_that_is_not_a_token_is_refused_without_it() -> None:
    said = r"^in headers, a field name is not a token \(RFC 9110 5.6.2\): <3 octets>$"
    with pytest.raises(ValueError, match=said):
        checked_headers([(b"a b", b"")])
    # Another parser has taken it.
    assert trusted_headers([(b"a b", b"X")]) == ((b"a b", b"X"),)


@pytest.mark.parametrize("check", [checked_headers, trusted_headers])
@pytest.mark.parametrize("wrong", [(b"A", "b"), ("A", b"b")])
def test_what_is_not_octets_is_a_type_error_wherever_it_stands(check: Any, wrong: Any) -> None:
    good = (b"A", b"b")
    for listed in ([good, wrong], [wrong, good], (wrong,)):
        with pytest.raises(TypeError, match=r"^in headers, a field \w+ is bytes, not str$"):
            check(listed)


@pytest.mark.parametrize("name", [*sorted(MANAGED_FIELDS), b"Content-Length", b"UPGRADE"])
def test_fields_that_follow_from_the_decision_are_not_a_callers_to_give(name: bytes) -> None:
    with pytest.raises(ValueError, match=rf"^{name.decode()} follows from the decision$"):
        added_headers([(b"Retry-After", b"5"), (name, b"0")])


@pytest.mark.parametrize("container", [bytes, bytearray, memoryview])
def test_a_response_head_keeps_octets_that_cannot_change(
    container: Callable[[bytearray], bytes],
) -> None:
    octets = bytearray(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n")
    head = ResponseHead.parse(container(octets))
    octets[-6:-4] = b"xx"
    assert (head.get(b"a"), head.headers) == (b"b", ((b"A", b"b"),))
    assert hash(head) == hash(ResponseHead(200, [(b"A", b"b")], b"OK"))


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"/", b"/"),
        (b"/chat", b"/chat"),
        (b"/chat?a=/b", b"/chat"),
        (b"/chat#a", b"/chat"),
        (b"/chat?a?b", b"/chat"),
        (b"/chat#a?b", b"/chat"),
        (b"/%63h%61t?%3f", b"/chat"),
        (b"/%2563hat", b"/%63hat"),
        (b"/a%2Fb%3Fc", b"/a/b?c"),
        (b"/100%", b"/100%"),
        (b"/%+1%0x", b"/%+1%0x"),
        (b"/%c3%a4", b"/\xc3\xa4"),
        (b"//chat", b"//chat"),
        (b"http://a/chat?b", b"/chat"),
        (b"HTTP://a:1/%63hat", b"/chat"),
        (b"http://a", b"/"),
        (b"http://a?b", b"/"),
        (b"*", b""),
        (b"a.example:443", b""),
        (b"chat", b""),
    ],
)
def test_the_path_is_what_routers_go_by(target: bytes, path: bytes) -> None:
    assert RequestHead(b"GET", target, []).path == path
