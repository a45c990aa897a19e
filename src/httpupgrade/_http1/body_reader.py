"""Reads a body off the front of a buffer, chunked ones too (RFC 9112 7).

Rules for this module: it finds the end of a body and gives its content; it never looks after the
end. A broken frame ends the reading.
"""

from enum import Enum
from typing import Final, Protocol, assert_never, final

from . import finding_codes as codes
from . import grammar
from .arguments import require, require_octets
from .copying import Live
from .errors import LocalProtocolError, RemoteProtocolError
from .findings import Code, make_finding
from .framing import Framing
from .values import Value, field, made_of

# A chunk header or trailer line longer than this is an attack: it has to be read past.
_MOST_CHUNK_LINE: Final = 4096
_MOST_TRAILERS: Final = 128


@final
class BodyPiece(Value):
    """Part of a body."""

    __slots__ = __match_args__ = ()

    wire: bytes = field("The octets as they came, the framing of chunks and trailers included.")
    content: bytes = field("The content in them; empty where they are framing alone.")


@final
class ChunkError(Exception):
    """The chunked coding is broken; where the message ends is unknown from here on."""


class PieceReader(Protocol):
    """Takes one body off the front of a buffer, however it was cut."""

    @property
    def complete(self) -> bool:
        """Whether the last octet was taken. Never for a body that ends with the connection."""

    def take(self, buffer: bytearray) -> BodyPiece | None:
        """Remove from the buffer what of it is body; None when it holds nothing usable yet.

        Raises :class:`ChunkError` where the framing breaks, once all before it was taken.
        """


@final
class BodyReader(Live):
    """One body, read from the octets after its head (RFC 9112 6, 7).

    :param framing: ``RequestHead.framing``, or what ``ResponseHead.framing()`` returns.

    Feed what arrives to :meth:`receive_data` (``b""`` is end of file), and call :meth:`next_piece`
    until it returns None: then :attr:`complete` says whether the body has ended. After its end,
    :attr:`trailing_data` is what follows it, the next message for instance.

    Every split of the same octets gives the same content. What is held is at most what was fed and
    not yet taken, plus one line of a chunk; how much content there may be is the caller's to bound.

    A ``copy.deepcopy()`` continues from the same state and does not affect the original;
    ``copy.copy()`` and ``pickle`` raise :class:`TypeError`.
    """

    __slots__ = ("_at_end", "_buffer", "_error", "_framing", "_reader")

    _CHANGING = ("_buffer", "_error", "_reader")

    def __init__(self, framing: Framing) -> None:
        require("framing is a Framing", framing, Framing)
        self._framing = framing
        self._reader = read_body(framing)
        self._buffer = bytearray()
        self._at_end = False
        self._error: RemoteProtocolError | None = None

    @property
    def complete(self) -> bool:
        """Whether the body has ended, and all of it was taken.

        Where the connection's end is the body's (RFC 9112 6.3, item 8), only after end of file.
        """
        ends_here = self._framing.until_close and self._at_end and not self._buffer
        return self._reader.complete or ends_here

    @property
    def trailing_data(self) -> bytes:
        """What arrived and is in no piece: once the body is complete, what follows it."""
        return bytes(self._buffer)

    def receive_data(self, data: bytes) -> None:
        """Take octets, or ``b""`` at end of file.

        Raises :class:`LocalProtocolError` for octets after end of file.
        """
        require_octets("data", data)
        if self._at_end and len(data):
            raise LocalProtocolError("octets after the end of file")
        if not len(data):
            self._at_end = True
        self._buffer += data

    def next_piece(self) -> BodyPiece | None:
        """The next part of the body; None when it is complete, or more data is needed.

        Raises :class:`RemoteProtocolError`, again with every call that follows, where chunks break
        their grammar (``chunk-malformed``, RFC 9112 7.1) and where the connection ends inside the
        body (``body-incomplete``, RFC 9112 8). What was in front of that was returned before.
        """
        if self._error is not None:
            raise self._error.with_traceback(None)
        try:
            piece = self._reader.take(self._buffer)
        except ChunkError:
            raise self._broken(codes.CHUNK_MALFORMED) from None
        if piece is None and self._at_end and not self.complete:
            raise self._broken(codes.BODY_INCOMPLETE)
        return piece

    def _broken(self, code: Code) -> RemoteProtocolError:
        self._error = RemoteProtocolError((make_finding(code),))
        return self._error


def read_body(framing: Framing) -> PieceReader:
    """A reader for a body framed like this."""
    if framing.chunked:
        return _ChunkedReader()
    return _PlainReader(framing.length)


@final
class _PlainReader:
    __slots__ = ("_left",)

    def __init__(self, length: int | None) -> None:
        self._left = length

    @property
    def complete(self) -> bool:
        return self._left == 0

    def take(self, buffer: bytearray) -> BodyPiece | None:
        taken = bytes(memoryview(buffer)[: self._left])
        del buffer[: len(taken)]
        if self._left is not None:
            self._left -= len(taken)
        return made_of(BodyPiece, (taken, taken)) if taken else None


@final
class _Part(Enum):
    """What the next octets of a chunked body are (RFC 9112 7.1)."""

    HEADER = "chunk-size [ chunk-ext ] CRLF"
    DATA = "chunk-data"
    END = "CRLF"
    TRAILER = "trailer-section CRLF"


@final
class _ChunkedReader:
    __slots__ = ("_left", "_part", "_searched", "_trailers", "complete")

    def __init__(self) -> None:
        self._part = _Part.HEADER
        self._left = 0  # octets of the chunk that is being read
        self._searched = 0  # octets of the line that is being read, known to hold no LF
        self._trailers = 0
        self.complete = False

    def take(self, buffer: bytearray) -> BodyPiece | None:
        content: list[bytes] = []
        end = 0
        try:
            while not self.complete and (after := self._step(buffer, end, content)) is not None:
                end = after
        except ChunkError:
            # What was before it comes first, whether or not it arrived together.
            if end == 0:
                raise
        if end == 0:
            return None
        wire = bytes(memoryview(buffer)[:end])
        del buffer[:end]
        return made_of(BodyPiece, (wire, b"".join(content)))

    def _step(self, buffer: bytearray, start: int, content: list[bytes]) -> int | None:
        """Past one part, or as much of a chunk's data as is there; None when more is needed."""
        match self._part:
            case _Part.DATA:
                data = bytes(memoryview(buffer)[start : start + self._left])
                content.append(data)
                self._left -= len(data)
                if self._left == 0:
                    self._part = _Part.END
                return start + len(data) if data else None
            case _Part.END:
                if not b"\r\n".startswith(bytes(buffer[start : start + 2])):
                    raise ChunkError
                if len(buffer) < start + 2:
                    return None
                self._part = _Part.HEADER
                return start + 2
            case _Part.HEADER | _Part.TRAILER:
                line = self._line(buffer, start)
                if line is None:
                    return None
                if self._part is _Part.HEADER:
                    self._read_header(line)
                else:
                    self._read_trailer(line)
                return start + len(line) + 2
            case unreachable:
                assert_never(unreachable)

    def _line(self, buffer: bytearray, start: int) -> bytes | None:
        feed = buffer.find(b"\n", start + self._searched, start + _MOST_CHUNK_LINE + 2)
        if feed < 0:
            self._searched = len(buffer) - start
            if self._searched >= _MOST_CHUNK_LINE + 2:
                raise ChunkError
            return None
        self._searched = 0
        line = bytes(buffer[start : feed + 1])
        # RFC 9112 2.2 lets a recipient take a bare LF in a head. Not here: 7.1 has CRLF.
        if not line.endswith(b"\r\n"):
            raise ChunkError
        return line[:-2]

    def _read_header(self, line: bytes) -> None:
        match = grammar.CHUNK_HEADER.fullmatch(line)
        if match is None:
            raise ChunkError
        self._left = int(match[1], 16)
        self._part = _Part.DATA if self._left else _Part.TRAILER

    def _read_trailer(self, line: bytes) -> None:
        # RFC 9110 6.5.1: trailers are never merged into the head; here they are read past.
        if not line:
            self.complete = True
            return
        self._trailers += 1
        if self._trailers > _MOST_TRAILERS or grammar.FIELD_LINE.fullmatch(line) is None:
            raise ChunkError
