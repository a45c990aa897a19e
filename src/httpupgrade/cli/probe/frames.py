"""Whether a WebSocket carries frames: a ping, and a polite close (RFC 6455 5.5).

Rules for this module: two control frames are written, and no message, so that no application takes
notice. What comes is read up to a bound of octets and of time.
"""

import os
from contextlib import suppress
from typing import Final, Protocol, final

from .connections import Deadline
from .outcomes import Tunnel

_PAYLOAD: Final = b"httpupgrade probe"
_CLOSE: Final = 0x8
_PING: Final = 0x9
_PONG: Final = 0xA
_CODE: Final = (1000).to_bytes(2, "big")
_OPCODES: Final = frozenset((0x0, 0x1, 0x2, _CLOSE, _PING, _PONG))
_MOST_READ: Final = 1048576
_BRIEFLY: Final = 1.0
"""Seconds for the echo of a close frame."""


class Stream(Protocol):
    """What carries frames."""

    deadline: Deadline

    def write(self, octets: bytes) -> None: ...
    def read(self) -> bytes: ...


def prove(stream: Stream, received: bytes, seconds: float) -> Tunnel:
    """Send a ping, and wait for its pong; then close.

    :param received: what came after the 101.
    :param seconds: how long to wait for frames.
    """
    stream.deadline = stream.deadline.at_most(seconds)
    frames = _Frames(stream, received)
    try:
        stream.write(_masked(_PING, _PAYLOAD))
        shown = _await_pong(frames)
        stream.deadline = stream.deadline.at_most(_BRIEFLY)
        stream.write(_masked(_CLOSE, _CODE))
        if shown is Tunnel.ANSWERED:
            _await_close(frames)
    except TimeoutError:
        return frames.shown or Tunnel.SILENT
    return shown


def close(stream: Stream) -> None:
    """Close politely, without waiting for the echo."""
    with suppress(TimeoutError):
        stream.write(_masked(_CLOSE, _CODE))


def _await_pong(frames: "_Frames") -> Tunnel:
    while True:
        match frames.next():
            case None:
                return frames.shown or Tunnel.ENDED
            case opcode if opcode not in _OPCODES:
                return Tunnel.NO_FRAMES
            case opcode if opcode == _PONG:
                frames.shown = Tunnel.ANSWERED
                return Tunnel.ANSWERED
            case opcode if opcode == _CLOSE:
                return Tunnel.CLOSED
            case _:
                frames.shown = Tunnel.ONE_WAY


def _await_close(frames: "_Frames") -> None:
    while frames.next() not in (None, _CLOSE):
        pass


@final
class _Frames:
    """The frames that come, of which the opcodes are looked at alone."""

    def __init__(self, stream: Stream, received: bytes) -> None:
        self._stream = stream
        self._buffer = bytearray(received)
        self._read = 0
        self.shown: Tunnel | None = None

    def next(self) -> int | None:
        """The opcode of the next frame; -1 for what a server never sends; None at the end."""
        head = self._take(2)
        if head is None:
            return None
        first, size = head
        # RFC 6455 5.1, 5.5: a server masks nothing; a control frame is short, and one piece.
        is_control = bool(first & _CLOSE)
        if size & 0x80 or (is_control and (size > 125 or first & 0xF0 != 0x80)):
            return -1
        if size > 125:
            longer = self._take(2 if size == 126 else 8)
            if longer is None:
                return None
            size = int.from_bytes(longer, "big")
        if self._take(size) is None:
            return None
        return first & 0xF

    def _take(self, size: int) -> bytes | None:
        while len(self._buffer) < size:
            octets = self._stream.read()
            self._read += len(octets)
            if not octets or self._read > _MOST_READ:
                return None
            self._buffer += octets
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken


def _masked(opcode: int, payload: bytes) -> bytes:
    """A frame of a client, which is masked (RFC 6455 5.3)."""
    mask = os.urandom(4)
    masked = bytes(octet ^ mask[index % 4] for index, octet in enumerate(payload))
    return bytes((0x80 | opcode, 0x80 | len(payload))) + mask + masked
