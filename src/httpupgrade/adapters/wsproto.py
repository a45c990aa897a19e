"""WebSockets behind a 101, both ends: frames and messages are those of ``wsproto``.

The law of this file: the connection begins as the 101 says, and with every octet that came behind
it. What wsproto could not keep to is refused before it begins.
"""

from typing import Final

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage
from wsproto.extensions import Extension, PerMessageDeflate

from .. import Accept101, Switched, WebSocketAgreement, parse_extensions
from .. import Extension as AgreedExtension

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


def websocket(event: Accept101 | Switched, trailing_data: bytes = b"") -> Connection:
    """The WebSocket that an acceptance begins: the server's end, or the client's.

    :param event: the ``Accept101`` that is sent, or the ``Switched`` that was received.
    :param trailing_data: what came behind the request or the 101. The connection's ``events()``
        has the messages in it, without more having to arrive.

    The subprotocol is ``event.agreement.subprotocol``. wsproto knows nothing of it.

    Raises :class:`TypeError` for other events, and :class:`ValueError` where no WebSocket was
    agreed on, or one with an extension or a parameter that wsproto has not.
    """
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
    return Connection(side, _set_up(agreement.extensions, side), trailing_data)


def _set_up(agreed: tuple[AgreedExtension, ...], side: ConnectionType) -> list[Extension]:
    if len(agreed) > 1 or any(extension.name != _NAME for extension in agreed):
        names = ", ".join(extension.name for extension in agreed)
        raise ValueError(f"wsproto has {_NAME} and nothing else, not {names}")
    return [_deflate(extension, side) for extension in agreed]


def _deflate(agreed: AgreedExtension, side: ConnectionType) -> PerMessageDeflate:
    parameters = dict(agreed.parameters)
    if len(parameters) < len(agreed.parameters) or not all(map(_is_known, agreed.parameters)):
        raise ValueError(f"not what a 101 says of {_NAME}: {agreed}")
    ours = "server" if side is ConnectionType.SERVER else "client"
    if parameters.get(f"{ours}_max_window_bits") == "8":
        raise ValueError("wsproto compresses with windows of 9 bits or more, not of 8")
    widened = [(name, "9" if value == "8" else value) for name, value in parameters.items()]
    extension = PerMessageDeflate()
    extension.finalize(str(AgreedExtension(_NAME, tuple(widened))))
    return extension


def _is_known(parameter: tuple[str, str | None]) -> bool:
    """RFC 7692 7.1: flags have no value; the windows of an answer have one."""
    name, value = parameter
    return (name in _FLAGS and value is None) or (name in _WINDOWS and value in _BITS)
