"""What both ends of a WebSocket agree on (RFC 6455 4)."""

from typing import final

from ..._http1.field_values import Headers
from ..._http1.redaction import show_fields
from ..._http1.values import Value, field
from .accept_key import ACCEPT_FIELD
from .extensions import Extension, extensions_field
from .subprotocols import PROTOCOL_FIELD


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


def response_fields(agreement: WebSocketAgreement) -> Headers:
    """The fields of the answer that agrees on this (RFC 6455 4.2.2, RFC 8441 5)."""
    fields = [(ACCEPT_FIELD.encode(), agreement.accept)] if agreement.accept else []
    if agreement.subprotocol is not None:
        fields.append((PROTOCOL_FIELD.encode(), agreement.subprotocol.encode("ascii")))
    return (*fields, *extensions_field(agreement.extensions))
