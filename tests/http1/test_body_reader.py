"""The public reader of bodies: octets in, pieces out, and what follows is left."""

import copy
import pickle
from typing import Any

import pytest
from feeding import singly
from hypothesis import given
from hypothesis import strategies as st

from httpupgrade import LocalProtocolError, RemoteProtocolError, RequestHead, ResponseHead
from httpupgrade.framing import BodyPiece, BodyReader, Framing
from httpupgrade.testing.strategies import chunkings

NEXT = b"GET / HTTP/1.1\r\n"
CHUNKS = b"5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 1\r\n\r\n"
CHUNKED = Framing(None)
UNTIL_CLOSE = Framing(None, until_close=True)
WHOLE: dict[str, tuple[Framing, bytes, bytes]] = {
    "length": (Framing(6), b"hello!", b"hello!"),
    "chunks": (CHUNKED, CHUNKS, b"hello!"),
    "coded chunks": (Framing(None, coded=True), CHUNKS, b"hello!"),
    "nothing": (Framing(0), b"", b""),
}


def pieces_of(reader: BodyReader) -> list[BodyPiece]:
    return list(iter(reader.next_piece, None))


def read(reader: BodyReader, data: list[bytes]) -> tuple[bytes, bytes]:
    """The wire and the content of a body that is fed in these pieces."""
    pieces = []
    for each in data:
        reader.receive_data(each)
        pieces += pieces_of(reader)
    return b"".join(each.wire for each in pieces), b"".join(each.content for each in pieces)


@pytest.mark.parametrize(("framing", "octets", "content"), WHOLE.values(), ids=WHOLE)
def test_a_body_ends_where_its_framing_says(
    framing: Framing, octets: bytes, content: bytes
) -> None:
    for data in ([octets + NEXT], singly(octets + NEXT)):
        reader = BodyReader(framing)
        assert reader.complete is (framing.length == 0)
        assert read(reader, data) == (octets, content)
        assert reader.complete
        assert reader.trailing_data == NEXT
        reader.receive_data(b"")
        assert reader.next_piece() is None
        assert reader.complete


def test_it_is_complete_with_its_last_octet_and_not_before() -> None:
    for framing, octets, _ in WHOLE.values():
        for cut in range(len(octets)):
            reader = BodyReader(framing)
            read(reader, singly(octets[:cut]))
            assert not reader.complete
            read(reader, [octets[cut:]])
            assert reader.complete
            assert reader.trailing_data == b""


@pytest.mark.parametrize("framing", [UNTIL_CLOSE, Framing(None, coded=True, until_close=True)])
def test_a_body_that_ends_with_its_connection_is_complete_there(framing: Framing) -> None:
    reader = BodyReader(framing)
    assert read(reader, [CHUNKS, NEXT]) == (CHUNKS + NEXT, CHUNKS + NEXT)
    assert not reader.complete
    reader.receive_data(b"more")
    reader.receive_data(b"")
    assert not reader.complete, "there is a piece that was not taken"
    assert reader.next_piece() == BodyPiece(b"more", b"more")
    assert reader.complete
    assert reader.next_piece() is None


@pytest.mark.parametrize(("framing", "octets"), [(Framing(6), b"hello"), (CHUNKED, CHUNKS[:-1])])
def test_a_connection_that_ends_inside_a_body_is_an_error(framing: Framing, octets: bytes) -> None:
    reader = BodyReader(framing)
    reader.receive_data(octets)
    reader.receive_data(b"")
    piece = reader.next_piece()
    assert piece is not None, "what arrived comes first"
    assert piece.content.startswith(b"hello")
    for _ in range(2):
        with pytest.raises(RemoteProtocolError) as raised:
            reader.next_piece()
        assert [each.code for each in raised.value.findings] == ["body-incomplete"]
    assert not reader.complete


def test_chunks_that_break_their_grammar_are_an_error_after_what_was_good() -> None:
    reader = BodyReader(CHUNKED)
    reader.receive_data(b"5\r\nhello\r\nzz\r\n")
    assert reader.next_piece() == BodyPiece(b"5\r\nhello\r\n", b"hello")
    for data in (b"0\r\n\r\n", b""):
        with pytest.raises(RemoteProtocolError) as raised:
            reader.next_piece()
        assert [each.code for each in raised.value.findings] == ["chunk-malformed"]
        reader.receive_data(data)
    assert not reader.complete


def test_a_chunk_does_not_begin_with_a_line_feed() -> None:
    reader = BodyReader(CHUNKED)
    reader.receive_data(b"\n")
    with pytest.raises(RemoteProtocolError, match="chunk"):
        reader.next_piece()


def test_the_framing_is_that_of_a_head() -> None:
    request = RequestHead.parse(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
    reader = BodyReader(request.framing)
    assert read(reader, [b"hello" + NEXT]) == (b"hello", b"hello")
    response = ResponseHead.parse(b"HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n")
    assert read(BodyReader(response.framing(b"GET")), [CHUNKS]) == (CHUNKS, b"hello!")


def test_nothing_is_taken_after_the_end_of_file() -> None:
    reader = BodyReader(UNTIL_CLOSE)
    reader.receive_data(b"")
    reader.receive_data(b"")
    with pytest.raises(LocalProtocolError, match="after the end of file"):
        reader.receive_data(b"x")


@pytest.mark.parametrize("wrong", [None, "x", 5, (5, False, False), RequestHead])
def test_what_is_no_framing_and_no_octets_is_a_type_error(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"^framing is a Framing, not "):
        BodyReader(wrong)
    if wrong != (5, False, False):
        with pytest.raises(TypeError, match=r"^data is bytes, not "):
            BodyReader(CHUNKED).receive_data(wrong)


def test_a_deep_copy_goes_on_by_itself() -> None:
    reader = BodyReader(CHUNKED)
    read(reader, [CHUNKS[:9]])
    other = copy.deepcopy(reader)
    read(reader, [b"\r\nzz"][:0])
    assert read(other, [CHUNKS[9:]])[0] == CHUNKS[9:]
    assert other.complete
    assert not reader.complete
    assert read(reader, [CHUNKS[9:] + NEXT])[0] == CHUNKS[9:]
    for duplicate in (copy.copy, pickle.dumps):
        with pytest.raises(TypeError, match="BodyReader"):
            duplicate(reader)


@given(st.data(), st.sampled_from(sorted(WHOLE)))
def test_every_split_gives_the_same(data: st.DataObject, name: str) -> None:
    framing, octets, content = WHOLE[name]
    reader = BodyReader(framing)
    assert read(reader, data.draw(chunkings(octets + NEXT))) == (octets, content)
    assert reader.trailing_data == NEXT
