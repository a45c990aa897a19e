"""Where the response of an HTTP server ends, told from what the server writes.

Rules for this module: it watches, and changes nothing but what it was asked to add. What it cannot
tell is the end of watching, never a guess. No I/O.
"""

from enum import Enum
from typing import Final, final

from .. import Limits, ResponseHead
from .._http1.body_reader import ChunkError, PieceReader, read_body
from .._http1.fast_path_patterns import USUAL_RESPONSE
from .._http1.framing import frame_response
from .._http1.heads import response_from_parts
from .._http1.response_scan import response_in_front
from .._http1.serialize import write_head
from ..fields import Headers

# A server's own heads: these bound what is held until one is whole, and are no defence.
_OWN_HEADS: Final = Limits(1 << 20, 1 << 20, 1 << 20, 1 << 16)
_END_OF_HEAD: Final = b"\r\n\r\n"
# Whatever lines a head of this size has, they keep those bounds.
_MODEST: Final = 65536
# What their responses' fields say of a body, there is none, or it is no body (RFC 9112 6.3).
_BODILESS: Final = (b"HEAD", b"CONNECT")


@final
class Progress(Enum):
    """How far the answer to a request is."""

    COMPLETE = "nothing is being answered"
    HEAD = "a final response has not begun"
    BODY = "a response has begun"
    SWITCHED = "the server has switched protocols by itself"
    UNKNOWN = "where the response ends cannot be told, except by its connection's end"


@final
class ResponseWatch:
    """The responses of one connection, one request at a time."""

    def __init__(self) -> None:
        self.progress = Progress.COMPLETE
        self._method = b""
        self._advertise: Headers = ()
        self._head = bytearray()
        self._left = 0
        self._reader: PieceReader | None = None
        self._unread = bytearray()
        self._usual = False

    @property
    def has_begun(self) -> bool:
        """Whether some of the answer went out, as what is held until its head is whole did not."""
        return self.progress is not Progress.HEAD or (bool(self._head) and not self._advertise)

    def expect(self, method: bytes, advertise: Headers = ()) -> None:
        """A request was handed to the server.

        :param advertise: fields to add to the final response, unless it switches or has an Upgrade
            field of its own (RFC 9110 7.8).
        """
        if self.progress is Progress.COMPLETE:
            self.progress = Progress.HEAD
            self._method = method
            self._advertise = advertise
            self._usual = not advertise and method not in _BODILESS

    def take(self, data: bytes) -> bytes:
        """What the server writes; returns what is to be written for it."""
        if self.progress is Progress.HEAD:
            return data if self._takes_usual(data) else self._take_head(data)
        if self.progress is Progress.BODY:
            self._take_body(data)
        elif self.progress is Progress.COMPLETE and data:
            # An answer to no request. From here on, what belongs to which request is unknown.
            self.progress = Progress.UNKNOWN
        return data

    def give_up(self) -> bytes:
        """Nothing more is to be watched; returns what was held."""
        held = bytes(self._head) if self._advertise else b""
        self._head.clear()
        self.progress = Progress.UNKNOWN
        return held

    def _takes_usual(self, data: bytes) -> bool:
        """Whether this begins with a whole head, and one match says all that there is to know."""
        if not self._usual or self._head:
            return False
        match = USUAL_RESPONSE.match(data, 0, _MODEST)
        if match is None:
            self._usual = False
            return False
        self._left = int(match[1])
        self.progress = Progress.BODY
        self._count_body(len(data) - match.end())
        return True

    def _take_head(self, data: bytes) -> bytes:
        held = bool(self._advertise)
        written = bytearray()
        known = len(self._head)
        self._head += data
        while self.progress is Progress.HEAD:
            end = self._head.find(_END_OF_HEAD, max(known - len(_END_OF_HEAD) + 1, 0))
            if end < 0:
                break
            known = 0
            end += len(_END_OF_HEAD)
            octets = bytes(self._head[:end])
            del self._head[:end]
            written += self._read_head(octets)
        if self.progress is Progress.HEAD:
            if len(self._head) <= _OWN_HEADS.max_head_bytes:
                return bytes(written) if held else data
            self.progress = Progress.UNKNOWN
        rest = bytes(self._head)
        self._head.clear()
        if self.progress is Progress.BODY:
            self._take_body(rest)
        elif self.progress is Progress.COMPLETE and rest:
            self.progress = Progress.UNKNOWN
        return bytes(written + rest) if held else data

    def _read_head(self, octets: bytes) -> bytes:
        """Judge a head, and return it with what is to be added."""
        parts = response_in_front(bytearray(octets), _OWN_HEADS)
        if parts is None or parts.size < len(octets):
            self.progress = Progress.UNKNOWN
            return octets
        head = response_from_parts(parts)
        interim = head.status_code < 200
        tunnels = self._method == b"CONNECT" and 200 <= head.status_code < 300
        if head.status_code == 101 or tunnels:
            self.progress = Progress.SWITCHED
        elif not interim:
            self._begin_body(head)
        if interim or tunnels or not self._advertise or head.has(b"upgrade"):
            return octets
        start_line, _, rest = octets.partition(b"\r\n")
        return write_head(start_line, self._advertise).removesuffix(b"\r\n") + rest

    def _begin_body(self, head: ResponseHead) -> None:
        framing, faults = frame_response(head, self._method)
        if faults or framing.until_close:
            self.progress = Progress.UNKNOWN
        elif framing.length is None:
            self.progress = Progress.BODY
            self._reader = read_body(framing)
        else:
            self._left = framing.length
            self.progress = Progress.BODY if framing.length else Progress.COMPLETE

    def _take_body(self, data: bytes) -> None:
        if self._reader is None:
            self._count_body(len(data))
            return
        self._unread += data
        try:
            while self._unread and self._reader.take(self._unread) is not None:
                pass
        except ChunkError:
            self.progress = Progress.UNKNOWN
            return
        if self._reader.complete:
            self._reader = None
            self.progress = Progress.UNKNOWN if self._unread else Progress.COMPLETE

    def _count_body(self, octets: int) -> None:
        self._left -= octets
        if self._left <= 0:
            self.progress = Progress.UNKNOWN if self._left else Progress.COMPLETE
