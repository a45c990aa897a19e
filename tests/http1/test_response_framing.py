"""Where the body of a response ends: how that is said, and how it is read (RFC 9112 6.3)."""

import h11
import pytest
from feeding import Read, read_pieces, singly
from hypothesis import given
from hypothesis import strategies as st

from httpupgrade import ResponseHead
from httpupgrade._http1 import finding_codes as http1_codes
from httpupgrade._http1.body_reader import read_body
from httpupgrade._http1.framing import (
    CHUNKED,
    NO_CONTENT,
    UNTIL_CLOSE,
    Framing,
    body_fault,
    frame_response,
    kept_codings,
    response_persists,
)
from httpupgrade.testing.strategies import Field, chunkings, response_head_octets

CL, TE = b"Content-Length", b"Transfer-Encoding"


def head_with(*headers: Field, status: int = 200, version: bytes = b"1.1") -> ResponseHead:
    return ResponseHead(status, headers, b"", version)


def codes(*headers: Field, version: bytes = b"1.1") -> list[str]:
    _, findings = frame_response(head_with(*headers, version=version), b"GET")
    return [finding.code for finding in findings]


# --- Responses that end at their empty line -----------------------------------------------------

FIELDS_OF_BODIES: tuple[list[Field], ...] = (
    [],
    [(CL, b"5")],
    [(CL, b"5"), (CL, b"6")],
    [(CL, b"five")],
    [(TE, b"chunked")],
    [(TE, b"gzip")],
    [(CL, b"5"), (TE, b"chunked")],
)


@pytest.mark.parametrize("headers", FIELDS_OF_BODIES, ids=repr)
@pytest.mark.parametrize(
    ("method", "status"),
    [
        (b"HEAD", 200),
        (b"HEAD", 426),
        (b"GET", 100),
        (b"GET", 101),
        (b"GET", 103),
        (b"GET", 199),
        (b"GET", 204),
        (b"GET", 304),
        # RFC 9110 9.3.6: what follows is the tunnel's.
        (b"CONNECT", 200),
        (b"CONNECT", 204),
        (b"CONNECT", 299),
    ],
)
def test_what_has_no_body_has_none_whatever_its_fields_say(
    method: bytes, status: int, headers: list[Field]
) -> None:
    assert frame_response(head_with(*headers, status=status), method) == (NO_CONTENT, ())


@pytest.mark.parametrize(
    ("method", "status"),
    [
        (b"GET", 200),
        (b"GET", 205),
        (b"GET", 426),
        # RFC 9112 6.3 names three codes and two methods. Methods are case-sensitive.
        (b"head", 200),
        (b"connect", 200),
        (b"CONNECT", 407),
        (b"CONNECT", 300),
        (b"OPTIONS", 200),
        # RFC 9110 15: codes without a class are errors like 5xx, and have bodies.
        (b"GET", 999),
        (b"GET", 600),
    ],
)
def test_everything_else_is_framed_by_its_fields(method: bytes, status: int) -> None:
    assert frame_response(head_with((CL, b"5"), status=status), method) == (Framing(5), ())
    assert frame_response(head_with((TE, b"chunked"), status=status), method) == (CHUNKED, ())
    assert frame_response(head_with(status=status), method) == (UNTIL_CLOSE, ())


@pytest.mark.parametrize("digits", [b"000", b"001", b"099"])
def test_a_code_below_100_is_no_interim_response(digits: bytes) -> None:
    head = ResponseHead.parse(b"HTTP/1.1 " + digits + b"\r\nContent-Length: 5\r\n\r\n")
    assert frame_response(head, b"GET") == (Framing(5), ())


# --- Bodies -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "framing"),
    [
        ([], UNTIL_CLOSE),
        ([(b"Connection", b"keep-alive")], UNTIL_CLOSE),
        ([(CL, b"0")], NO_CONTENT),
        ([(CL, b"00")], NO_CONTENT),
        ([(CL, b"5")], Framing(5)),
        ([(CL, b"0005")], Framing(5)),
        ([(CL, b"9" * 18)], Framing(10**18 - 1)),
        ([(CL, b"0" * 5000 + b"7")], Framing(7)),
        # RFC 9112 6.3, 5: the same valid value, in a list or in lines of its own.
        ([(CL, b"5, 5")], Framing(5)),
        ([(CL, b"5,5 ,\t5")], Framing(5)),
        ([(CL, b"5"), (CL, b"5")], Framing(5)),
        ([(CL, b"5"), (b"content-length", b"5, 5")], Framing(5)),
        ([(CL, b"0, 0")], NO_CONTENT),
        # RFC 9110 5.6.1.2: empty elements of a list are ignored.
        ([(CL, b"5,")], Framing(5)),
        ([(CL, b"5"), (CL, b"")], Framing(5)),
        ([(TE, b"chunked")], CHUNKED),
        ([(TE, b",, Chunked ,")], CHUNKED),
        ([(TE, b""), (b"transfer-encoding", b"CHUNKED")], CHUNKED),
    ],
)
def test_a_body_ends_by_its_length_by_its_chunks_or_with_the_connection(
    headers: list[Field], framing: Framing
) -> None:
    framed, faults = frame_response(head_with(*headers), b"GET")
    assert (framed, faults) == (framing, ())
    assert (framed is NO_CONTENT) is (framed.length == 0)
    assert framed.until_close is (framing is UNTIL_CLOSE)


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (b"", b""),
        (b",", b","),
        (b"+5", b"+5"),
        (b"-5", b"-5"),
        (b"5_0", b"_0"),
        (b"0x5", b"x5"),
        (b"5 5", b"5"),
        (b"5.0", b".0"),
        (b"5;a", b";a"),
        (b"5, five", b"five"),
        (b"\xb2", b"\xb2"),
        (b"\xef\xbc\x95", b"\xef\xbc\x95"),
        (b"\xa05", b"\xa05"),
    ],
)
def test_a_length_is_ascii_digits_alone(value: bytes, at: bytes) -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: " + value + b"\r\n\r\n"
    (finding,) = frame_response(ResponseHead.parse(raw), b"GET")[1]
    assert (finding.code, finding.value) == ("content-length-malformed", at)
    assert finding.offset == len(raw) - len(at) - 4


@pytest.mark.parametrize(
    ("lines", "at"),
    [
        ((b"5, 6",), b"5, 6"),
        ((b"5, 05",), b"5, 05"),
        ((b"5", b"6"), b"6"),
        ((b"5", b"5", b"6"), b"6"),
        ((b"5, 5", b"5", b"5, 6", b"7"), b"5, 6"),
        ((b"0", b"5"), b"5"),
    ],
)
def test_lengths_that_differ_are_refused_at_the_first_that_does(
    lines: tuple[bytes, ...], at: bytes
) -> None:
    (finding,) = frame_response(head_with(*((CL, line) for line in lines)), b"GET")[1]
    assert (finding.code, finding.value) == ("content-length-repeated", at)
    assert finding.field == "Content-Length"


def test_of_lengths_that_differ_and_lengths_that_are_none_the_latter_count() -> None:
    assert codes((CL, b"5"), (CL, b"6"), (CL, b"x")) == ["content-length-malformed"]


@pytest.mark.parametrize("digits", [19, 20, 4300, 4301, 30000])
def test_a_length_beyond_what_can_exist_is_never_an_exception(digits: int) -> None:
    # RFC 9110 8.6; int() of more than 4300 digits raises.
    assert codes((CL, b"9" * digits)) == ["content-length-too-large"]
    assert codes((CL, b"9" * digits), (CL, b"9" * digits)) == ["content-length-too-large"]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"", "transfer-encoding-not-final"),
        # RFC 9112 6.1: chunked MUST NOT be applied more than once. 7.1: it has no parameters.
        (b"chunked, chunked", "transfer-encoding-not-final"),
        (b"chunked, gzip, chunked", "transfer-encoding-not-final"),
        (b"chunked;a=b", "transfer-encoding-not-final"),
        (b"gzip, chunked;a=b", "transfer-encoding-not-final"),
        (b"chunked\xa0", "transfer-encoding-malformed"),
        (b'"chunked"', "transfer-encoding-malformed"),
        (b"gzip chunked", "transfer-encoding-malformed"),
    ],
)
def test_codings_that_leave_the_end_unclear_are_refused(value: bytes, code: str) -> None:
    assert codes((TE, value)) == [code]


@pytest.mark.parametrize(
    "value",
    [
        b"gzip",
        b"identity",
        b"xchunked",
        b"gzip, deflate",
        b"x;a=b",
        b"chunked, gzip",
        b"chunked, deflate",
        b"chunked, xchunked",
        b"chunked;a=b, gzip",
        b"chunked, chunked, br",
    ],
)
def test_without_a_final_chunked_a_body_ends_with_the_connection(value: bytes) -> None:
    """RFC 9112 6.3, item 4."""
    framing = Framing(None, coded=True, until_close=True)
    assert frame_response(head_with((TE, value)), b"GET") == (framing, ())
    assert frame_response(head_with((TE, b","), (TE, value)), b"GET") == (framing, ())


@pytest.mark.parametrize(
    "value", [b"gzip, chunked", b"x-gzip, deflate, Chunked", b"identity, chunked", b"x;a=b,chunked"]
)
def test_with_a_final_chunked_a_body_ends_with_its_last_chunk(value: bytes) -> None:
    """RFC 9112 6.3, item 4; 10.1.4 of RFC 9110 forbids the server the other codings."""
    assert frame_response(head_with((TE, value)), b"GET") == (Framing(None, coded=True), ())


def test_codings_that_stay_on_the_content_are_noted() -> None:
    for lines, noted in (((b"chunked",), []), ((b"gzip", b"chunked"), [b"gzip"])):
        head = head_with(*((TE, line) for line in lines))
        framing, _ = frame_response(head, b"GET")
        findings = kept_codings(head, framing)
        assert [(each.code, each.value) for each in findings] == [
            ("transfer-coding-kept", value) for value in noted
        ]


@pytest.mark.parametrize(
    ("headers", "version", "expected"),
    [
        ([(CL, b"5"), (TE, b"chunked")], b"1.1", ["content-length-and-transfer-encoding"]),
        ([(CL, b"0"), (TE, b"chunked")], b"1.1", ["content-length-and-transfer-encoding"]),
        ([(CL, b"x"), (TE, b"chunked")], b"1.1", ["content-length-and-transfer-encoding"]),
        ([(TE, b"chunked")], b"1.0", ["transfer-encoding-in-http-1.0"]),
        (
            [(CL, b"5"), (TE, b"gzip, chunked")],
            b"1.0",
            ["content-length-and-transfer-encoding", "transfer-encoding-in-http-1.0"],
        ),
        (
            [(TE, b"gzip")],
            b"1.0",
            ["transfer-encoding-in-http-1.0", "transfer-encoding-not-final"],
        ),
        ([(TE, b"chunked")], b"1.2", []),
    ],
)
def test_every_contradiction_in_the_framing_is_named(
    headers: list[Field], version: bytes, expected: list[str]
) -> None:
    assert codes(*headers, version=version) == expected


def test_a_fault_points_at_the_octets_that_came_folded_or_not() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 5,\r\n five\r\n\r\n"
    (finding,) = frame_response(ResponseHead.parse(raw), b"GET")[1]
    assert (finding.value, finding.offset) == (b"five", raw.index(b"five"))
    folded = raw.replace(b"five", b"5")
    assert frame_response(ResponseHead.parse(folded), b"GET") == (Framing(5), ())


def test_a_fault_of_a_body_points_at_the_field_that_announces_it() -> None:
    for field, value in ((CL, b"5"), (TE, b"chunked")):
        finding = body_fault(head_with((field, value)), http1_codes.BODY_INCOMPLETE)
        assert (finding.field, finding.value) == (field.decode("ascii"), value)
    finding = body_fault(head_with(), http1_codes.BODY_INCOMPLETE)
    assert (finding.field, finding.value) == ("Content-Length", None)


@given(response_head_octets(), st.sampled_from((b"GET", b"HEAD", b"CONNECT")))
def test_framing_is_total(octets: bytes, method: bytes) -> None:
    head = ResponseHead.parse(octets)
    framing, findings = frame_response(head, method)
    assert head.has(TE) or not framing.coded
    if framing.until_close:
        assert not findings
        assert not head.has(CL)
        assert head.has(TE) is framing.coded
        assert method != b"HEAD"


# --- Reading ------------------------------------------------------------------------------------


@given(st.binary(max_size=40), st.data())
def test_a_body_until_the_close_is_all_there_is_and_never_complete(
    octets: bytes, data: st.DataObject
) -> None:
    reader = read_body(UNTIL_CLOSE)
    read = read_pieces(reader, data.draw(chunkings(octets)))
    assert read == Read("incomplete", octets, octets, b"")
    assert not reader.complete
    assert reader.take(bytearray()) is None


def test_the_readers_of_other_framings_are_those_of_requests() -> None:
    assert read_pieces(read_body(Framing(5)), [b"helloHTTP"]) == Read(
        "complete", b"hello", b"hello", b"HTTP"
    )
    assert read_pieces(read_body(CHUNKED), singly(b"1\r\nx\r\n0\r\n\r\nHTTP")) == Read(
        "complete", b"1\r\nx\r\n0\r\n\r\n", b"x", b"HTTP"
    )


def content_by_h11(octets: bytes, method: str) -> tuple[bytes, str]:
    """The content of a response, and whether its end is known before the connection's."""
    peer = h11.Connection(h11.CLIENT)
    peer.send(h11.Request(method=method, target="/", headers=[("Host", "a")]))
    peer.send(h11.EndOfMessage())
    peer.receive_data(octets)
    assert isinstance(peer.next_event(), h11.Response)
    content = b""
    while isinstance(event := peer.next_event(), h11.Data):
        content += event.data
    return content, "complete" if isinstance(event, h11.EndOfMessage) else "incomplete"


@st.composite
def framed_responses(draw: st.DrawFn) -> bytes:
    """Responses that h11 reads, too: a final status, framed in one of the three ways."""
    status = draw(st.sampled_from((200, 204, 205, 304, 404, 426, 500)) | st.integers(200, 599))
    body = draw(st.binary(max_size=20))
    chunks = b"".join(b"%x\r\n%c\r\n" % (1, octet) for octet in body) + b"0\r\n\r\n"
    fields, wire = draw(
        st.sampled_from(
            (
                (b"", body),
                (b"Content-Length: %d\r\n" % len(body), body),
                (b"Content-Length: %d, %d\r\n" % (len(body), len(body)), body),
                (b"Content-Length: %d\r\n" % (len(body) + 1), body),
                (b"Transfer-Encoding: chunked\r\n", chunks),
                (b"Transfer-Encoding: chunked\r\n", chunks[:-2]),
            )
        )
    )
    return b"HTTP/1.1 %d\r\n%b\r\n%b" % (status, fields, wire)


@given(framed_responses(), st.sampled_from(("GET", "HEAD", "POST")))
def test_h11_reads_the_same_content_up_to_the_same_end(octets: bytes, method: str) -> None:
    size = octets.index(b"\r\n\r\n") + 4
    framing, findings = frame_response(ResponseHead.parse(octets[:size]), method.encode("ascii"))
    assert findings == ()
    read = read_pieces(read_body(framing), [octets[size:]])
    assert (read.content, read.state) == content_by_h11(octets, method)


# --- Whether the connection goes on -------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "lines", "expected"),
    [
        (b"1.1", [], True),
        (b"1.1", [b"Upgrade"], True),
        (b"1.1", [b"Upgrade", b"CLOSE"], False),
        (b"1.1", [b"close, keep-alive"], False),
        (b"1.0", [], False),
        (b"1.0", [b"Keep-Alive"], True),
        (b"1.0", [b"keep-alive, close"], False),
        (b"1.1", [b"keep alive"], False),
        (b"1.0", [b"\xa0"], False),
    ],
)
def test_a_response_says_whether_the_connection_persists(
    version: bytes, lines: list[bytes], expected: bool
) -> None:
    # RFC 9112 9.3. One that ends with the connection does not, whatever it says.
    head = head_with(*((b"Connection", line) for line in lines), version=version)
    assert response_persists(head) is expected
