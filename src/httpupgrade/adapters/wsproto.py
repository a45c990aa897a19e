"""WebSockets after a 101, both ends: frames and messages are those of ``wsproto``.

Rules for this module: the connection begins as the 101 says, and with every octet that came after
it. What wsproto could not keep to is refused before it begins.
"""

import zlib
from typing import Final, final

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage
from wsproto.extensions import Extension, PerMessageDeflate
from wsproto.frame_protocol import CloseReason, FrameDecoder, FrameProtocol, Opcode, RsvBits

from .. import Accept101, Switched, WebSocketAgreement
from ..fields import Extension as AgreedExtension
from ..fields import parse_extensions

# Those of wsproto are for who drives its connections beside this.
__all__ = [
    "BytesMessage",
    "CloseConnection",
    "Connection",
    "ConnectionState",
    "Ping",
    "Pong",
    "TextMessage",
    "websocket",
]

_NAME: Final = "permessage-deflate"
_FLAGS: Final = frozenset(("server_no_context_takeover", "client_no_context_takeover"))
_WINDOWS: Final = frozenset(("server_max_window_bits", "client_max_window_bits"))
# The window of 8 bits that RFC 7692 allows is none of wsproto's, whose zlib compresses with 9 and
# more. What was compressed with a smaller window is read with a larger one all the same.
_BITS: Final = frozenset(map(str, range(8, 16)))


def websocket(
    event: Accept101 | Switched, trailing_data: bytes = b"", *, max_inflated: int | None = None
) -> Connection:
    """The WebSocket that an acceptance begins: the server's end, or the client's.

    :param event: the ``Accept101`` that is sent, or the ``Switched`` that was received.
    :param trailing_data: what came after the request or the 101. The connection's ``events()``
        has the messages in it, without more having to arrive.
    :param max_inflated: octets that a compressed message may inflate to. A longer one is a
        ``CloseConnection`` with code 1009, and no more than this was inflated. None for no bound:
        1 MB of a message can inflate to 1 GB then.

    The subprotocol is ``event.agreement.subprotocol``. wsproto knows nothing of it.

    Raises :class:`TypeError` for other events, and :class:`ValueError` where no WebSocket was
    agreed on, or one with an extension or a parameter that wsproto has not; and both for a bound
    that is not a number of octets.
    """
    if max_inflated is not None:
        if type(max_inflated) is not int:
            kind = type(max_inflated).__name__
            raise TypeError(f"max_inflated is an int, or None, not {kind}")
        if max_inflated < 0:
            raise ValueError(f"max_inflated is 0 or more octets, or None, not {max_inflated}")
    match event:
        case Accept101():
            side, headers = ConnectionType.SERVER, event.headers
        case Switched():
            side, headers = ConnectionType.CLIENT, event.head.headers
        case _:
            raise TypeError(f"a WebSocket begins with a 101, not with {type(event).__name__}")
    agreement = event.agreement
    if not isinstance(agreement, WebSocketAgreement):
        raise ValueError(f"{event.token} was agreed on, and no WebSocket")
    said = [value for name, value in headers if name.lower() == b"sec-websocket-extensions"]
    if parse_extensions(said) != agreement.extensions:
        raise ValueError("the 101 names other extensions than were agreed on")
    extensions = _set_up(agreement.extensions, side, max_inflated)
    return Connection(side, extensions, trailing_data)


def _set_up(
    agreed: tuple[AgreedExtension, ...], side: ConnectionType, most: int | None
) -> list[Extension]:
    if len(agreed) > 1 or any(extension.name != _NAME for extension in agreed):
        names = ", ".join(extension.name for extension in agreed)
        raise ValueError(f"wsproto has {_NAME} and nothing else, not {names}")
    return [_deflate(extension, side, most) for extension in agreed]


def _deflate(agreed: AgreedExtension, side: ConnectionType, most: int | None) -> PerMessageDeflate:
    parameters = dict(agreed.parameters)
    if len(parameters) < len(agreed.parameters) or not all(map(_is_known, agreed.parameters)):
        raise ValueError(f"not what a 101 says of {_NAME}: {agreed}")
    ours = "server" if side is ConnectionType.SERVER else "client"
    if parameters.get(f"{ours}_max_window_bits") == "8":
        raise ValueError("wsproto compresses with windows of 9 bits or more, not of 8")
    widened = [(name, "9" if value == "8" else value) for name, value in parameters.items()]
    extension = _Deflate(most)
    extension.finalize(str(AgreedExtension(_NAME, tuple(widened))))
    return extension


@final
class _Deflate(PerMessageDeflate):
    """wsproto's, with an inflater that is bounded.

    wsproto's own inflates all that has arrived of a frame at once, keeps what follows a final
    DEFLATE block without bound, and inflates no more of a message after a control frame in it.
    """

    def __init__(self, most: int | None) -> None:
        super().__init__()
        self._most = most
        self._inflater: _Inflater | None = None
        self._is_control = False
        self._is_compressed = False
        self._is_unfinished = False

    def frame_inbound_header(
        self, proto: FrameDecoder | FrameProtocol, opcode: Opcode, rsv: RsvBits, payload_length: int
    ) -> RsvBits | CloseReason:
        """Say which bits are the extension's: RSV1 of a message's first frame (RFC 7692 6)."""
        self._is_control = opcode.iscontrol()
        begins = opcode in (Opcode.TEXT, Opcode.BINARY)
        if not self._is_control and begins is self._is_unfinished:
            return CloseReason.PROTOCOL_ERROR  # RFC 6455 5.4: wsproto sees it after the payload
        if begins:
            self._is_compressed = rsv.rsv1
            if self._inflater is None and rsv.rsv1:
                bits = self.server_max_window_bits if proto.client else self.client_max_window_bits
                self._inflater = _Inflater(bits, self._most)
        return RsvBits(begins, False, False)

    def frame_inbound_payload_data(
        self, proto: FrameDecoder | FrameProtocol, data: bytes
    ) -> bytes | CloseReason:
        """Inflate what has arrived of a frame."""
        if self._is_control or not self._is_compressed:
            return data
        assert self._inflater is not None
        return self._inflater.inflate(data)

    def frame_inbound_complete(
        self, proto: FrameDecoder | FrameProtocol, fin: bool
    ) -> bytes | CloseReason | None:
        """Inflate what a message ends with (RFC 7692 7.2.2)."""
        if self._is_control:
            return None
        self._is_unfinished = not fin
        if not self._is_compressed or not fin:
            return None
        assert self._inflater is not None
        rest = self._inflater.end_message()
        ours = self.server_no_context_takeover if proto.client else self.client_no_context_takeover
        if ours or self._inflater.is_over:
            self._inflater = None
        return rest


@final
class _Inflater:
    """The messages of one direction, inflated (RFC 7692 7.2.2).

    :param bits: of the window.
    :param most: octets of a message; None for no bound.
    """

    def __init__(self, bits: int, most: int | None) -> None:
        self._inflater = zlib.decompressobj(-bits)
        self._most = most
        self._size = 0

    @property
    def is_over(self) -> bool:
        """Whether the peer has written a final block: the next message begins anew."""
        return self._inflater.eof

    def inflate(self, data: bytes) -> bytes | CloseReason:
        """Inflate more of a message; or the code of what is wrong with it."""
        room = 0 if self._most is None else self._most - self._size + 1  # 0 is all, to zlib
        try:
            inflated = self._inflater.decompress(data, room)
        except zlib.error:
            return CloseReason.INVALID_FRAME_PAYLOAD_DATA
        self._size += len(inflated)
        if self._most is not None and self._size > self._most:
            return CloseReason.MESSAGE_TOO_BIG
        # RFC 7692 7.2.3.4: after a final block there is one octet that does nothing.
        if self._inflater.unused_data not in (b"", b"\0"):
            return CloseReason.INVALID_FRAME_PAYLOAD_DATA
        return inflated

    def end_message(self) -> bytes | CloseReason:
        """Inflate the octets that every message ends with, and that are not sent."""
        rest = b"" if self.is_over else self.inflate(b"\0\0\xff\xff")
        self._size = 0
        return rest


def _is_known(parameter: tuple[str, str | None]) -> bool:
    """RFC 7692 7.1: flags have no value; the windows of an answer have one."""
    name, value = parameter
    return (name in _FLAGS and value is None) or (name in _WINDOWS and value in _BITS)
