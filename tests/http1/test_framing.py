"""Where a body ends: how it is announced, and how the readers find it."""

import pytest
from feeding import Read, read_pieces, singly
from hypothesis import given
from hypothesis import strategies as st

from httpupgrade import RequestHead
from httpupgrade._http1 import finding_codes as http1_codes
from httpupgrade._http1.body_reader import BodyPiece, ChunkError, read_body
from httpupgrade._http1.framing import (
    CHUNKED,
    NO_CONTENT,
    Framing,
    body_fault,
    frame_by_digits,
)
from httpupgrade._http1.request_facts import facts_of
from httpupgrade.testing.strategies import Field, chunkings, request_heads

CL, TE = b"Content-Length", b"Transfer-Encoding"
COMPRESSED = Framing(None, coded=True)
LEAST = b"0\r\n\r\n"


def head_with(*headers: Field, version: bytes = b"1.1") -> RequestHead:
    return RequestHead(b"POST", b"/", headers, version)


def codes(head: RequestHead) -> list[str]:
    return [finding.code for finding in facts_of(head).framing_faults]


# --- How a body is announced: RFC 9112 6.3 ------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "framing"),
    [
        ([], NO_CONTENT),
        ([(CL, b"0")], Framing(0)),
        ([(CL, b"5")], Framing(5)),
        ([(b"content-LENGTH", b"\t5 ")], Framing(5)),
        ([(CL, b"0005")], Framing(5)),
        ([(CL, b"0" * 5000 + b"7")], Framing(7)),
        ([(CL, b"9" * 18)], Framing(10**18 - 1)),
        ([(TE, b"chunked")], CHUNKED),
        ([(TE, b"Chunked")], CHUNKED),
        ([(TE, b",, chunked ,")], CHUNKED),
        ([(TE, b"gzip, chunked")], COMPRESSED),
        ([(TE, b"gzip"), (b"transfer-encoding", b"x-gzip, CHUNKED")], COMPRESSED),
        ([(TE, b"gzip;level=1, deflate, compress, x-compress, chunked")], COMPRESSED),
    ],
)
def test_a_body_is_framed_by_one_length_or_by_chunks(
    headers: list[Field], framing: Framing
) -> None:
    facts = facts_of(head_with(*headers))
    framed, faults = facts.framing, facts.framing_faults
    assert (framed, faults) == (framing, ())
    assert (framed is NO_CONTENT) is (framed.length == 0)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"+5", id="CVE-2022-24801 CVE-2021-32715 plus"),
        pytest.param(b"-5", id="minus"),
        pytest.param(b"5_0", id="CVE-2023-47627 underscore"),
        pytest.param(b"0x5", id="hex"),
        pytest.param(b"5 5", id="CVE-2018-7159 CVE-2016-2086 blanks"),
        pytest.param(b"5\t5", id="tab"),
        pytest.param(b"5.0", id="fraction"),
        pytest.param(b"5e1", id="exponent"),
        pytest.param(b"5;a", id="parameter"),
        pytest.param(b'"5"', id="quoted"),
        pytest.param(b"\xef\xbc\x95", id="full-width"),
        pytest.param(b"\xb2", id="superscript"),
        pytest.param(b"\xa05", id="nbsp"),
        pytest.param(b"\x855", id="nel"),
        pytest.param(b"five", id="word"),
    ],
)
def test_a_length_is_ascii_digits_alone(value: bytes) -> None:
    assert codes(head_with((CL, value))) == ["content-length-malformed"]


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([(CL, b"5"), (CL, b"6")], id="CVE-2020-10108 two lengths"),
        pytest.param([(CL, b"5"), (CL, b"5")], id="twice-the-same"),
        pytest.param([(CL, b"5"), (b"content-length", b"6")], id="CVE-2026-1525 in another case"),
        pytest.param([(CL, b"5"), (b"X", b""), (CL, b"")], id="one-empty"),
        pytest.param([(CL, b"5, 5")], id="list-of-one-value"),
        pytest.param([(CL, b"5,6")], id="list"),
        pytest.param([(CL, b"5,")], id="list-with-empty-element"),
    ],
)
def test_a_length_is_given_once(headers: list[Field]) -> None:
    assert codes(head_with(*headers)) == ["content-length-repeated"]


@pytest.mark.parametrize("digits", [19, 20, 4300, 4301, 30000])
def test_a_length_beyond_what_can_exist_is_413_and_never_an_exception(digits: int) -> None:
    # RFC 9110 8.6; int() of more than 4300 digits raises.
    (finding,) = facts_of(head_with((CL, b"9" * digits))).framing_faults
    assert (finding.code, finding.status_code) == ("content-length-too-large", 413)


@pytest.mark.parametrize(
    ("value", "code", "status_code"),
    [
        pytest.param(b"", "transfer-encoding-not-final", 400, id="empty"),
        pytest.param(b"gzip", "transfer-encoding-not-final", 400, id="no-chunked"),
        pytest.param(b"identity", "transfer-encoding-not-final", 400, id="identity"),
        pytest.param(b"chunked, gzip", "transfer-encoding-not-final", 400, id="not-last"),
        pytest.param(b"chunked, identity", "transfer-encoding-not-final", 400, id="CVE-2019-16786"),
        pytest.param(b"chunked, xchunked", "transfer-encoding-not-final", 400, id="CVE-2026-89044"),
        pytest.param(b"xchunked", "transfer-encoding-not-final", 400, id="CVE-2020-25613 suffix"),
        pytest.param(b"chunkedx", "transfer-encoding-not-final", 400, id="prefix"),
        pytest.param(b"chunke", "transfer-encoding-not-final", 400, id="shorter"),
        pytest.param(b"chunked, chunked", "transfer-encoding-not-final", 400, id="twice"),
        pytest.param(b"chunked;a=b", "transfer-encoding-not-final", 400, id="parameter"),
        pytest.param(b"chun\xe2\x84\xaaed", "transfer-encoding-malformed", 400, id="kelvin-sign"),
        pytest.param(b"chunked\xa0", "transfer-encoding-malformed", 400, id="nbsp"),
        pytest.param(b"\x85chunked", "transfer-encoding-malformed", 400, id="nel"),
        pytest.param(b'"chunked"', "transfer-encoding-malformed", 400, id="quoted"),
        pytest.param(b"gzip chunked", "transfer-encoding-malformed", 400, id="CVE-2022-32213"),
        pytest.param(b"chunked;", "transfer-encoding-malformed", 400, id="bare-semicolon"),
        pytest.param(b"br, chunked", "transfer-encoding-unknown", 501, id="unknown"),
        pytest.param(b"identity, chunked", "transfer-encoding-unknown", 501, id="identity-first"),
    ],
)
def test_a_request_body_is_in_chunks_or_its_end_is_unknown(
    value: bytes, code: str, status_code: int
) -> None:
    # RFC 9112 6.1, 6.3.
    (finding,) = facts_of(head_with((TE, value))).framing_faults
    assert (finding.code, finding.status_code) == (code, status_code)
    assert finding.field == "Transfer-Encoding"


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([b"chunked", b"identity"], id="CVE-2024-1135 CVE-2021-21299"),
        pytest.param([b"chunked", b"chunked"], id="CVE-2020-8287 CVE-2022-32215"),
        pytest.param([b"chunked", b"x"], id="CVE-2026-2835"),
    ],
)
def test_codings_over_several_lines_are_one_list(lines: list[bytes]) -> None:
    assert codes(head_with(*((TE, line) for line in lines))) == ["transfer-encoding-not-final"]


@pytest.mark.parametrize(
    ("headers", "version", "expected"),
    [
        pytest.param(
            [(CL, b"5"), (TE, b"chunked")],
            b"1.1",
            ["content-length-and-transfer-encoding"],
            id="CVE-2026-42581 CVE-2020-10109 CVE-2019-15605",
        ),
        pytest.param(
            [(TE, b"chunked"), (CL, b"0")],
            b"1.1",
            ["content-length-and-transfer-encoding"],
            id="in-any-order-whatever-the-length",
        ),
        pytest.param(
            [(CL, b""), (TE, b"")],
            b"1.1",
            ["content-length-and-transfer-encoding", "transfer-encoding-not-final"],
            id="both-empty",
        ),
        pytest.param(
            [(TE, b"chunked")],
            b"1.0",
            ["transfer-encoding-in-http-1.0"],
            id="CVE-2026-2835 Transfer-Encoding in HTTP/1.0",
        ),
        pytest.param(
            [(CL, b"5"), (TE, b"x y")],
            b"1.0",
            [
                "content-length-and-transfer-encoding",
                "transfer-encoding-in-http-1.0",
                "transfer-encoding-malformed",
            ],
            id="everything-at-once",
        ),
    ],
)
def test_every_contradiction_in_the_framing_is_named(
    headers: list[Field], version: bytes, expected: list[str]
) -> None:
    assert codes(head_with(*headers, version=version)) == expected


LENGTH, CODINGS = "Content-Length", "Transfer-Encoding"
# Fields, and where what is wrong with them stands.
POINTED_AT = [
    (b"content-length:  5x\r\n", "content-length-malformed", LENGTH, b"5x"),
    (b"Content-Length: 5\r\nContent-Length: 6\r\n", "content-length-repeated", LENGTH, b"6"),
    (
        b"Content-Length: 5\r\nContent-Length: 6\r\nContent-Length: 7\r\n",
        "content-length-repeated",
        LENGTH,
        b"6",
    ),
    (b"Content-Length: 5, 5\r\n", "content-length-repeated", LENGTH, b"5, 5"),
    (b"Content-Length: 1" + b"0" * 18 + b"\r\n", "content-length-too-large", LENGTH, None),
    (b"Transfer-Encoding: a,\tb c\r\n", "transfer-encoding-malformed", CODINGS, b"c"),
    (
        b"Transfer-Encoding: a\r\nTransfer-Encoding: b\r\n",
        "transfer-encoding-not-final",
        CODINGS,
        b"b",
    ),
    (
        b"Transfer-Encoding: a\r\nTransfer-Encoding: b\r\nTransfer-Encoding: c\r\n",
        "transfer-encoding-not-final",
        CODINGS,
        b"c",
    ),
    (b"Transfer-Encoding: a, chunked\r\n", "transfer-encoding-unknown", CODINGS, b"a, chunked"),
    (
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "content-length-and-transfer-encoding",
        LENGTH,
        b"5",
    ),
]


@pytest.mark.parametrize(("fields", "code", "field", "at"), POINTED_AT)
def test_a_framing_fault_points_at_its_line(
    fields: bytes, code: str, field: str, at: bytes | None
) -> None:
    raw = b"POST / HTTP/1.1\r\nHost: a\r\n" + fields + b"X: y\r\n\r\n"
    (finding,) = facts_of(RequestHead.parse(raw)).framing_faults
    assert (finding.code, finding.field) == (code, field)
    if at is not None:
        assert (finding.value, finding.offset) == (at, raw.rindex(at))


@pytest.mark.parametrize("digits", [b"9" * 18, b"0" * 30 + b"9" * 18])
def test_the_largest_length_is_one_of_18_digits(digits: bytes) -> None:
    assert frame_by_digits(head_with(), digits) == (Framing(10**18 - 1), ())
    framing, (finding,) = frame_by_digits(head_with((CL, digits + b"0")), digits + b"0")
    assert framing is NO_CONTENT
    assert (finding.code, finding.field) == ("content-length-too-large", LENGTH)


@given(request_heads())
def test_framing_is_total_and_agrees_with_what_the_head_announces(head: RequestHead) -> None:
    facts = facts_of(head)
    framing, findings = facts.framing, facts.framing_faults
    if head.has(b"transfer-encoding"):
        assert findings or framing.length is None
    if not findings:
        assert facts.has_content is (framing is not NO_CONTENT) is head.announces_content


@pytest.mark.parametrize(
    ("fields", "field", "at"),
    [
        (b"Content-Length: 5\r\n", "Content-Length", b"5"),
        (b"Transfer-Encoding: chunked\r\n", "Transfer-Encoding", b"chunked"),
        (b"Content-Length: 5\r\nTransfer-Encoding: gzip\r\n", "Transfer-Encoding", b"gzip"),
    ],
)
def test_a_fault_of_a_body_points_at_the_field_that_announces_it(
    fields: bytes, field: str, at: bytes
) -> None:
    raw = b"POST / HTTP/1.1\r\n" + fields + b"\r\n"
    finding = body_fault(RequestHead.parse(raw), http1_codes.BODY_INCOMPLETE)
    assert (finding.code, finding.field, finding.value) == ("body-incomplete", field, at)
    assert finding.offset == len(raw) - len(at) - 4


# --- Reading it ---------------------------------------------------------------------------------


def read_chunked(octets: bytes) -> Read:
    return read_pieces(read_body(CHUNKED), [octets])


@given(st.integers(0, 30), st.binary(max_size=40), st.data())
def test_a_body_of_known_length_is_that_many_octets_however_they_come(
    length: int, octets: bytes, data: st.DataObject
) -> None:
    body, rest = octets[:length], octets[length:]
    state = "complete" if len(body) == length else "incomplete"
    pieces = data.draw(chunkings(octets))
    assert read_pieces(read_body(Framing(length)), pieces) == Read(state, body, body, rest)


@pytest.mark.parametrize(
    ("octets", "content"),
    [
        (LEAST, b""),
        (b"5\r\nhello\r\n0\r\n\r\n", b"hello"),
        (b"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", b"hello"),
        (b"A\r\n0123456789\r\n00\r\n\r\n", b"0123456789"),
        (b"0000000000000005\r\nhello\r\n0\r\n\r\n", b"hello"),
        (b"2\r\n\r\n\r\n0\r\n\r\n", b"\r\n"),
        # RFC 9112 7.1.1: extensions that are not known are ignored.
        (b'5;a;b=c;d="e;f"\r\nhello\r\n0 ;g\r\n\r\n', b"hello"),
        # RFC 9112 7.1.2, CVE-2025-58068: trailers are read past, and are no content.
        (b"1\r\nx\r\n0\r\nHost: b\r\nContent-Length:5\r\n\r\n", b"x"),
    ],
)
def test_chunks_are_joined_and_what_follows_them_is_left_alone(
    octets: bytes, content: bytes
) -> None:
    rest = b"GET / HTTP/1.1\r\n"
    assert read_chunked(octets + rest) == Read("complete", octets, content, rest)


@pytest.mark.parametrize(
    "body",
    [
        b"5;a=b\r\nhello\r\n1\r\nx\r\n0;c\r\nA: b\r\nC:\r\n\r\n",
        b"00005\r\nhello\r\n0\r\nLong-Trailer: b\r\n\r\n",
        b"5\r\nhello\r\n0;a=b\r\nA : b\r\n\r\n",
    ],
)
def test_chunks_are_read_alike_across_any_two_cuts(body: bytes) -> None:
    whole = read_chunked(body + b"GET")
    for first in range(len(body)):
        for second in range(first, len(body)):
            pieces = [body[:first], body[first:second], body[second:] + b"GET"]
            assert read_pieces(read_body(CHUNKED), pieces) == whole


def test_a_reader_that_is_complete_takes_nothing_more() -> None:
    for framing, octets in ((CHUNKED, LEAST), (Framing(1), b"x"), (NO_CONTENT, b"")):
        reader, buffer = read_body(framing), bytearray(octets + b"5\r\nhello\r\n")
        while not reader.complete:
            assert reader.take(buffer) is not None
        assert reader.take(buffer) is None
        assert buffer == b"5\r\nhello\r\n"


@pytest.mark.parametrize(
    ("good", "broken"),
    [
        pytest.param(b"5\r\nhello", b"XX0\r\n\r\n", id="CVE-2025-43859 no CRLF behind the data"),
        pytest.param(b"5\r\nhello", b"\n0\r\n\r\n", id="CVE-2025-43859 bare LF behind the data"),
        pytest.param(b"5\r\nhello", b"\rX0\r\n\r\n", id="CVE-2025-43859 bare CR behind the data"),
        pytest.param(b"5\r\nhello", b"more\r\n", id="data-longer-than-its-size"),
        pytest.param(b"", b"5\nhello\r\n", id="CVE-2025-22871 CVE-2025-58056 bare LF"),
        pytest.param(b"", b"5;a\nhello\r\n", id="CVE-2025-22871 bare LF behind an extension"),
        pytest.param(b"", b"5;\n5\r\nhello\r\n", id="CVE-2025-55315 LF in an extension"),
        pytest.param(b"", b"5;a\r5\r\nhello\r\n", id="CVE-2025-55315 CR in an extension"),
        pytest.param(b"", b"5\r\r\nhello\r\n", id="doubled-cr"),
        pytest.param(b"", b"+5\r\nhello\r\n", id="CVE-2023-38697 plus"),
        pytest.param(b"", b"-5\r\nhello\r\n", id="minus"),
        pytest.param(b"", b"0x5\r\nhello\r\n", id="CVE-2023-38697 CVE-2022-24801 0x"),
        pytest.param(b"", b"0_5\r\nhello\r\n", id="underscore"),
        pytest.param(b"", b" 5\r\nhello\r\n", id="blank-in-front"),
        pytest.param(b"", b"5 \r\nhello\r\n", id="blank-behind"),
        pytest.param(b"", b"5\x0b\r\nhello\r\n", id="vt"),
        pytest.param(b"", b"\xef\xbc\x95\r\nhello\r\n", id="full-width"),
        pytest.param(b"", b"\r\n5\r\nhello\r\n", id="empty-line"),
        pytest.param(b"", b";a\r\n", id="no-size"),
        pytest.param(b"", b"5;\r\nhello\r\n", id="extension-without-name"),
        pytest.param(b"", b"5;a=\r\nhello\r\n", id="extension-without-value"),
        pytest.param(
            b"",
            b'1;a="\r\nX\r\n0\r\n\r\n"\r\nY\r\n0\r\n\r\n',
            id="CVE-2026-33870 line end inside quotes",
        ),
        pytest.param(b"", b"5;a\x00\r\nhello\r\n", id="nul-in-extension"),
        pytest.param(b"", b"fffffffffffffffff\r\n", id="seventeen-digits"),
        pytest.param(b"0\r\n", b"\n", id="bare LF for the last line"),
        pytest.param(b"0\r\n", b"A: b\n\r\n", id="bare LF behind a trailer"),
        pytest.param(b"0\r\n", b"A : b\r\n\r\n", id="trailer-with-space"),
        pytest.param(b"0\r\n", b" fold\r\n\r\n", id="trailer-fold"),
        pytest.param(b"0\r\nA: b\r\n", b"no colon\r\n\r\n", id="trailer-no-colon"),
        pytest.param(b"0\r\n", b"A: \x00\r\n\r\n", id="trailer-nul"),
        pytest.param(b"0\r\n", b"GET / HTTP/1.1\r\n\r\n", id="next-request-without-the-empty-line"),
    ],
)
def test_broken_chunks_end_the_message_nowhere(good: bytes, broken: bytes) -> None:
    # RFC 9112 7.1: the allowance for a bare LF (2.2) does not reach chunk lines.
    for pieces in ([good + broken], singly(good + broken)):
        outcome = read_pieces(read_body(CHUNKED), pieces)
        assert (outcome.state, outcome.wire, outcome.rest) == ("broken", good, broken)


def test_what_stands_in_front_of_a_broken_chunk_comes_first() -> None:
    reader, buffer = read_body(CHUNKED), bytearray(b"5\r\nhello\r\nzz\r\n")
    piece = reader.take(buffer)
    assert piece == BodyPiece(b"5\r\nhello\r\n", b"hello")
    for _ in range(2):
        with pytest.raises(ChunkError):
            reader.take(buffer)
    assert buffer == b"zz\r\n"


@pytest.mark.parametrize("n", [4096, 4097])
def test_a_chunk_line_has_4096_octets_at_most(n: int) -> None:
    line = b"1;" + b"a" * (n - 2)
    for octets in (line + b"\r\nx\r\n" + LEAST, b"0\r\nA:" + b"a" * (n - 2) + b"\r\n\r\n"):
        for pieces in ([octets], singly(octets)):
            state = "complete" if n == 4096 else "broken"
            assert read_pieces(read_body(CHUNKED), pieces).state == state
    assert read_chunked(line[:4097]).state == "incomplete"
    assert read_chunked(line + b"a").state == ("incomplete" if n == 4096 else "broken")


@pytest.mark.parametrize(("n", "state"), [(0, "complete"), (128, "complete"), (129, "broken")])
def test_a_trailer_section_has_128_fields_at_most(n: int, state: str) -> None:
    assert read_chunked(b"0\r\n" + b"A: b\r\n" * n + b"\r\n").state == state
