"""The names that both ends of a WebSocket's opening handshake use (RFC 6455 11.3).

The law of this file: it holds values, and judges nothing.
"""

from typing import Final, NamedTuple, final

from .._fields import Extension, UpgradeToken

WEBSOCKET: Final = UpgradeToken("websocket")

KEY_FIELD: Final = "Sec-WebSocket-Key"
ACCEPT_FIELD: Final = "Sec-WebSocket-Accept"
VERSION_FIELD: Final = "Sec-WebSocket-Version"
PROTOCOL_FIELD: Final = "Sec-WebSocket-Protocol"
EXTENSIONS_FIELD: Final = "Sec-WebSocket-Extensions"


@final
class WebSocketAgreement(NamedTuple):
    """What both ends of a new WebSocket keep to."""

    subprotocol: str | None
    extensions: tuple[Extension, ...]
    accept: bytes
    """The Sec-WebSocket-Accept that was sent; empty in HTTP/2 and HTTP/3, which have none."""
