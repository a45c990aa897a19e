"""What both ends of a WebSocket agree on (RFC 6455 4)."""

from typing import Final, final

from ..._http1.field_values import UpgradeToken
from ..._http1.redaction import show_fields
from ..._http1.values import Value, field
from .extensions import Extension

WEBSOCKET: Final = UpgradeToken("websocket")


@final
class WebSocketAgreement(Value):
    """What both ends of a new WebSocket keep to."""

    __slots__ = __match_args__ = ()

    subprotocol: str | None = field("The subprotocol; None for none.")
    extensions: tuple[Extension, ...] = field("The extensions, in the order of the 101.")
    accept: bytes = field(
        "The Sec-WebSocket-Accept that was sent; empty in HTTP/2 and HTTP/3, which have none."
    )

    def __repr__(self) -> str:
        return show_fields(self, "subprotocol")
