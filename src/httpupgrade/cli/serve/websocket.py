"""A WebSocket that sends every message back (RFC 6455 5), without extensions.

Rules for this module: octets in, octets out. A frame is sent back as it came, so that no message
has to be held; one frame of bounded size is. What breaks the protocol is told by a close frame.
"""

import struct
from codecs import getincrementaldecoder
from typing import Final, final

MOST_PAYLOAD: Final = 1 << 20
"""Octets of one frame."""

_CONTINUATION: Final = 0
_TEXT: Final = 1
_BINARY: Final = 2
_CLOSE: Final = 8
_PING: Final = 9
_PONG: Final = 10
_FINAL: Final = 0x80
_CONTROL: Final = 0x08
_MOST_CONTROL: Final = 125

_BROKEN: Final = 1002
_MALFORMED: Final = 1007
_TOO_BIG: Final = 1009
# RFC 6455 7.4: those that may be sent; 3000 and up belong to libraries and applications.
_CODES: Final = frozenset((*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)))

_Utf8Decoder: Final = getincrementaldecoder("utf-8")


class _FailedError(Exception):
    """The connection is failed (RFC 6455 7.1.7) with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code: Final = code


@final
class EchoSocket:
    """The server's end of a WebSocket."""

    def __init__(self) -> None:
        self._buffer: Final = bytearray()
        self._message = 0  # the opcode of the message that has begun
        self._decoder = _Utf8Decoder()
        self.closed: bool = False
        """Whether the connection closes after what was returned."""

    def begin(self) -> bytes:
        """Nothing: the client speaks first."""
        return b""

    def receive(self, octets: bytes) -> bytes:
        """The frames to answer with."""
        if not octets:
            self.closed = True
            return b""
        self._buffer.extend(octets)
        written = bytearray()
        try:
            while not self.closed and (frame := self._take_frame()) is not None:
                written += self._answer(*frame)
        except _FailedError as failed:
            self.closed = True
            written += _frame(_FINAL | _CLOSE, failed.code.to_bytes(2))
        return bytes(written)

    def _take_frame(self) -> tuple[int, bytes] | None:
        """The first octet of the next frame, and its payload; None if it is not whole yet."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        first, size, begin = buffer[0], buffer[1] & 0x7F, 2
        self._check(first, size, is_masked=bool(buffer[1] & 0x80))
        if size > _MOST_CONTROL:
            begin = 4 if size == 126 else 10
            if len(buffer) < begin:
                return None
            size = int.from_bytes(buffer[2:begin])
        if size > MOST_PAYLOAD:
            raise _FailedError(_TOO_BIG)
        end = begin + 4 + size
        if len(buffer) < end:
            return None
        payload = _unmask(bytes(buffer[begin + 4 : end]), bytes(buffer[begin : begin + 4]))
        del buffer[:end]
        return first, payload

    def _check(self, first: int, size: int, *, is_masked: bool) -> None:
        """Check what the two first octets of a frame say (RFC 6455 5.1, 5.2, 5.4, 5.5)."""
        opcode = first & 0x0F
        if opcode & _CONTROL:
            is_known = opcode in (_CLOSE, _PING, _PONG)
            fits = bool(first & _FINAL) and size <= _MOST_CONTROL
        else:
            is_known = opcode in (_CONTINUATION, _TEXT, _BINARY)
            fits = (opcode == _CONTINUATION) is bool(self._message)
        if first & 0x70 or not (is_masked and is_known and fits):
            raise _FailedError(_BROKEN)

    def _answer(self, first: int, payload: bytes) -> bytes:
        match first & 0x0F:
            case 9:  # a ping
                return _frame(_FINAL | _PONG, payload)
            case 10:
                return b""
            case 8:
                self.closed = True
                return _frame(_FINAL | _CLOSE, _checked_close(payload)[:2])
            case opcode:
                self._take_data(opcode or self._message, payload, is_last=bool(first & _FINAL))
                return _frame(first, payload)

    def _take_data(self, opcode: int, payload: bytes, *, is_last: bool) -> None:
        self._message = 0 if is_last else opcode
        if opcode == _TEXT:
            try:
                self._decoder.decode(payload, is_last)
            except UnicodeDecodeError:
                raise _FailedError(_MALFORMED) from None


def _checked_close(payload: bytes) -> bytes:
    """The payload of a close frame that is in order (RFC 6455 5.5.1)."""
    if payload and (len(payload) == 1 or int.from_bytes(payload[:2]) not in _CODES):
        raise _FailedError(_BROKEN)
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        raise _FailedError(_MALFORMED) from None
    return payload


def _unmask(payload: bytes, mask: bytes) -> bytes:
    """RFC 6455 5.3."""
    size = len(payload)
    key = int.from_bytes((mask * (size // 4 + 1))[:size])
    return (int.from_bytes(payload) ^ key).to_bytes(size)


def _frame(first: int, payload: bytes) -> bytes:
    """A frame of the server's, which masks nothing."""
    size = len(payload)
    if size <= _MOST_CONTROL:
        return bytes((first, size)) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload
