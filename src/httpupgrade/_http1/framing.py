"""Where a body ends (RFC 9112 6 and 7): a request's, and what responses share with it.

The law of this file: it finds the end of a body and may give its content, but it never looks behind
the end, and an unclear frame is a finding, never a guess.
"""

from enum import Enum
from typing import Final, NamedTuple, Protocol, assert_never, final

from . import grammar
from .fast_path_patterns import CONNECTION, CONTENT_LENGTH, STAYING
from .field_values import FieldSyntaxError, parse_connection, parse_transfer_codings
from .findings import Finding
from .head_findings import fault
from .heads import RequestHead, ResponseHead, usual_fields

# No body has more octets than this: 2**63 is beyond any file system. More digits would only make
# int() slow, or make it raise (RFC 9110 8.6: anticipate large numerals).
_MOST_LENGTH_DIGITS: Final = 18

# RFC 9112 7.2: the codings of the registry. The others cannot be told from a misspelt chunked.
COMPRESSIONS: Final = frozenset((b"gzip", b"x-gzip", b"deflate", b"compress", b"x-compress"))

# A chunk header or trailer line longer than this is an attack on whoever has to read past it.
_MOST_CHUNK_LINE: Final = 4096
_MOST_TRAILERS: Final = 128


@final
class Framing(NamedTuple):
    """How many octets of body follow a head."""

    length: int | None
    """Octets; None when the body is chunked and ends itself, or ends with the connection."""
    coded: bool = False
    """Whether the content has transfer codings other than chunked, which are not undone here."""
    until_close: bool = False
    """Whether it is a response's that ends where the connection does, which never persists then."""


NO_CONTENT: Final = Framing(0)
"""No body, or one of no octets: the only framing that has no content."""
CHUNKED: Final = Framing(None)
UNTIL_CLOSE: Final = Framing(None, until_close=True)


def frame_body(head: RequestHead) -> tuple[Framing, tuple[Finding, ...]]:
    """How the body of this request is framed, and what is wrong with that.

    With findings, where the body ends is unknown and the framing means nothing.
    """
    usual = usual_fields(head)
    if usual:  # its match proves that this is all there is to read
        length = usual[CONTENT_LENGTH]
        return framing_of(length or b""), ()
    lengths = head.get_all(b"content-length")
    codings = head.get_all(b"transfer-encoding")
    if not lengths and not codings:
        return NO_CONTENT, ()
    if not codings:
        return _frame_by_length(head, lengths)
    faults: list[Finding] = []
    if lengths:
        faults.append(fault(head, "content-length-and-transfer-encoding", "Content-Length"))
    framing, more = frame_by_codings(head, codings, COMPRESSIONS)
    return framing, (*faults, *more)


def ends_at_its_head(head: RequestHead) -> bool:
    """Whether it is an ordinary request that has no body, with another one to follow."""
    usual = usual_fields(head)
    return bool(usual) and usual[CONTENT_LENGTH] is None and usual[CONNECTION] in STAYING


def _frame_by_length(
    head: RequestHead, lengths: tuple[bytes, ...]
) -> tuple[Framing, tuple[Finding, ...]]:
    def refuse(code: str, line: int = 0) -> tuple[Framing, tuple[Finding, ...]]:
        return NO_CONTENT, (fault(head, code, "Content-Length", line),)

    # RFC 9112 6.3: a list of identical values may be accepted. Parsers differ on it; we refuse.
    if len(lengths) > 1:
        return refuse("content-length-repeated", 1)
    if b"," in lengths[0]:
        return refuse("content-length-repeated")
    if grammar.DIGITS.fullmatch(lengths[0]) is None:
        return refuse("content-length-malformed")
    return frame_by_digits(head, lengths[0])


def frame_by_digits(
    head: RequestHead | ResponseHead, digits: bytes
) -> tuple[Framing, tuple[Finding, ...]]:
    """The framing that one valid Content-Length makes, unless no body can be as long."""
    digits = digits.lstrip(b"0")
    if len(digits) > _MOST_LENGTH_DIGITS:
        return NO_CONTENT, (fault(head, "content-length-too-large", "Content-Length"),)
    return framing_of(digits), ()


def framing_of(digits: bytes) -> Framing:
    """The framing of a body whose length these digits are; none at all stand for zero."""
    length = int(digits or b"0")
    return Framing(length) if length else NO_CONTENT


def frame_by_codings(
    head: RequestHead | ResponseHead, lines: tuple[bytes, ...], known: frozenset[bytes] | None
) -> tuple[Framing, tuple[Finding, ...]]:
    """The framing that the lines of Transfer-Encoding make, and what is wrong with them.

    ``known`` are the codings that may be there apart from a final chunked; None: any.
    """
    faults: list[Finding] = []

    def note(code: str, line: int = 0, position: int = 0) -> None:
        faults.append(fault(head, code, "Transfer-Encoding", line, position))

    if head.http_version == b"1.0":
        note("transfer-encoding-in-http-1.0")
    try:
        codings = parse_transfer_codings(lines)
    except FieldSyntaxError as error:
        note("transfer-encoding-malformed", error.line, error.position)
        return CHUNKED, tuple(faults)
    *inner, last = codings or ((b"", False),)
    names = [name for name, _ in inner]
    # RFC 9112 7.1: chunked has no parameters, and is applied once (6.1).
    if last != (b"chunked", False) or b"chunked" in names:
        note("transfer-encoding-not-final", len(lines) - 1)
    elif known is not None and not known.issuperset(names):
        note("transfer-encoding-unknown")
    return (Framing(None, coded=True) if names else CHUNKED), tuple(faults)


def body_fault(head: RequestHead | ResponseHead, code: str) -> Finding:
    """The finding about a body as such: it points at the field that announces it."""
    chunked = head.has(b"transfer-encoding")
    return fault(head, code, "Transfer-Encoding" if chunked else "Content-Length")


def persists(head: RequestHead | ResponseHead) -> bool | None:
    """Whether another message may follow this one (RFC 9112 9.3); None if that is unclear."""
    if type(head) is RequestHead:
        usual = usual_fields(head)
        if usual and usual[CONNECTION] in STAYING:
            return True
    try:
        options = parse_connection(head.get_all(b"connection"))
    except FieldSyntaxError:
        return None
    if b"close" in options:
        return False
    return head.http_version != b"1.0" or b"keep-alive" in options


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
        """Whether the last octet of the body was taken; of one that ends by a close, never."""

    def take(self, buffer: bytearray) -> Piece | None:
        """Remove from the buffer what of it is body; None when it holds nothing usable yet.

        Raises :class:`ChunkError` where the framing breaks, once all in front of it was taken.
        """


def read_body(framing: Framing) -> BodyReader:
    """A reader for a body framed like this."""
    if framing.length is not None:
        return _LengthReader(framing.length)
    return _ReaderUntilClose() if framing.until_close else _ChunkedReader()


@final
class _LengthReader:
    __slots__ = ("_left",)

    def __init__(self, length: int) -> None:
        self._left = length

    @property
    def complete(self) -> bool:
        return self._left == 0

    def take(self, buffer: bytearray) -> Piece | None:
        taken = bytes(memoryview(buffer)[: self._left])
        del buffer[: len(taken)]
        self._left -= len(taken)
        return Piece(taken, taken) if taken else None


@final
class _ReaderUntilClose:
    __slots__ = ()

    complete: Final = False

    def take(self, buffer: bytearray) -> Piece | None:
        taken = bytes(buffer)
        buffer.clear()
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
            while not self.complete and (behind := self._step(buffer, end, content)) is not None:
                end = behind
        except ChunkError:
            # What stood in front of it comes first, whether or not it arrived together.
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
