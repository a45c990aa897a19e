"""Reads a body off the front of a buffer, chunked ones too (RFC 9112 7).

Rules for this module: it finds the end of a body and gives its content; it never looks after the
end. A broken frame ends the reading.
"""

from enum import Enum
from typing import Final, NamedTuple, Protocol, assert_never, final

from . import grammar
from .framing import Framing

# A chunk header or trailer line longer than this is an attack: it has to be read past.
_MOST_CHUNK_LINE: Final = 4096
_MOST_TRAILERS: Final = 128


@final
class Piece(NamedTuple):
    """Part of a body."""

    wire: bytes
    """The octets as they came, chunk framing and all."""
    content: bytes
    """What they mean."""


@final
class ChunkError(Exception):
    """The chunked coding is broken; where the message ends is unknown from here on."""


class BodyReader(Protocol):
    """Takes one body off the front of a buffer, however it was cut."""

    @property
    def complete(self) -> bool:
        """Whether the last octet was taken. Never for a body that ends with the connection."""

    def take(self, buffer: bytearray) -> Piece | None:
        """Remove from the buffer what of it is body; None when it holds nothing usable yet.

        Raises :class:`ChunkError` where the framing breaks, once all before it was taken.
        """


def read_body(framing: Framing) -> BodyReader:
    """A reader for a body framed like this."""
    if framing.length is None and not framing.until_close:
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

    def take(self, buffer: bytearray) -> Piece | None:
        taken = bytes(memoryview(buffer)[: self._left])
        del buffer[: len(taken)]
        if self._left is not None:
            self._left -= len(taken)
        return Piece(taken, taken) if taken else None


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

    def take(self, buffer: bytearray) -> Piece | None:
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
        return Piece(wire, b"".join(content))

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
