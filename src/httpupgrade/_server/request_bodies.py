"""How a server's machine reads bodies: for a switch, past a refusal, and of what passed.

Rules for this module: a body ends where its framing says, and no octet after it is touched. It
knows no head.
"""

from typing import Final, assert_never

from .._http1 import finding_codes as http1_codes
from .._http1.body_reader import ChunkError
from .._http1.findings import Code, make_finding
from .._http1.request_facts import facts_of, is_whole
from .._negotiation import finding_codes as rule_codes
from .._negotiation.events import NEED_DATA, PAUSED, ConnectionClosed, Event, Forward
from . import finding_codes as codes
from .exchange import NO_EXCHANGE
from .judging import Judging
from .states import TRANSITIONS, Cause, ServerState

_NOTHING_FOLLOWS: Final = Forward(b"", end=True)
_FORWARDED: Final = TRANSITIONS[ServerState.FORWARDING, Cause.MESSAGE_END]
_DRAINED: Final = TRANSITIONS[ServerState.DRAINING, Cause.MESSAGE_END]


class RequestBodies(Judging):
    """A server's machine, as far as it reads bodies. Steps return None when they lead to others."""

    __slots__ = ()

    def _advance(self) -> Event | None:
        """One step; None when it leads on to another."""
        match self._state:
            case ServerState.READING_HEAD:
                return self._read_head()
            case ServerState.FORWARDING:
                return self._forward()
            case ServerState.DRAINING:
                return self._drain()
            case ServerState.READING_BODY:
                return self._read_body()
            case ServerState.DECIDED:
                return self._hold()
            case ServerState.SWITCHED:
                return PAUSED
            case ServerState.OPAQUE:
                return self._forward_blindly()
            case ServerState.CLOSED:
                return self._closed
            case unreachable:
                assert_never(unreachable)

    def _read_head(self) -> Event | None:
        raise NotImplementedError

    def _read_body(self) -> Event | None:
        exchange = self._exchange
        assert exchange.accepting is not None
        if exchange.taken > self._limits.max_request_body:
            return self._refuse(rule_codes.BODY_TOO_LARGE)
        reader = exchange.read_body()
        if reader.complete:
            accept = exchange.accepting.replace(request_body=b"".join(exchange.body))
            return self._decided(accept)
        try:
            piece = reader.take(self._buffer)
        except ChunkError:
            return self._refuse(http1_codes.CHUNK_MALFORMED)
        if piece is None:
            return self._end(http1_codes.BODY_INCOMPLETE) if self._at_end else NEED_DATA
        exchange.body.append(piece.content)
        exchange.taken += len(piece.content)
        return None

    def _drain(self) -> Event | None:
        head = self.head
        if head is not None and is_whole(head):
            self._state = _DRAINED
            return None
        exchange = self._exchange
        reader = exchange.read_body()
        if reader.complete:
            self._go(Cause.MESSAGE_END)
            return None
        try:
            piece = reader.take(self._buffer)
        except ChunkError:
            return self._close(Cause.GIVE_UP, http1_codes.CHUNK_MALFORMED)
        if piece is None:
            return self._end(http1_codes.BODY_INCOMPLETE) if self._at_end else NEED_DATA
        exchange.taken += len(piece.wire)
        if exchange.taken > self._limits.max_drain:
            return self._close(Cause.GIVE_UP, codes.DRAIN_TOO_LONG)
        return None

    def _forward(self) -> Event | None:
        head = self.head
        assert head is not None
        if is_whole(head):
            self._state = _FORWARDED
            return _NOTHING_FOLLOWS
        exchange, facts = self._exchange, facts_of(head)
        if facts.persists is None:
            self._go(Cause.UNFRAMED)
            return None
        if not facts.has_content:
            exchange.forwarded = True
            self._go(Cause.MESSAGE_END if facts.persists else Cause.LAST_MESSAGE_END)
            return _NOTHING_FOLLOWS
        reader = exchange.read_body()
        try:
            piece = reader.take(self._buffer)
        except ChunkError:
            return self._refuse(http1_codes.CHUNK_MALFORMED)
        if piece is None and not reader.complete:
            return self._end(http1_codes.BODY_INCOMPLETE) if self._at_end else NEED_DATA
        exchange.forwarded = True
        if reader.complete:
            # RFC 9112 9.6: nothing after a request with "close" is processed.
            self._go(Cause.MESSAGE_END if facts.persists else Cause.LAST_MESSAGE_END)
        return Forward(b"" if piece is None else piece.wire, reader.complete)

    def _forward_blindly(self) -> Event:
        if self._octets:
            self._exchange.forwarded = True
            data = bytes(self._buffer)
            self._buffer.clear()
            return Forward(data, end=False)
        return self._end(None) if self._at_end else NEED_DATA

    def _end(self, code: Code | None) -> ConnectionClosed:
        """The peer has left: in the middle of something if there is a code."""
        if code is None and self._begun is NO_EXCHANGE and not self._octets:
            code = codes.NO_REQUEST
        return self._close(Cause.END_OF_FILE, code)

    def _close(self, cause: Cause, code: Code | None) -> ConnectionClosed:
        self._closed = ConnectionClosed(() if code is None else (make_finding(code),))
        self._go(cause)
        return self._closed
