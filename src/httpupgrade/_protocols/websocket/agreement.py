"""What both ends of a WebSocket's opening handshake name and read alike (RFC 6455 11.3).

The law of this file: whether a field keeps its grammar is said here; what it may say is not.
"""

from typing import Final, NamedTuple, final

from ..._http1.field_values import Extension, FieldSyntaxError, UpgradeToken, parse_extensions
from ..._http1.findings import Finding
from ..._http1.head_findings import fault
from ..._http1.heads import RequestHead, ResponseHead
from ..._http1.redaction import show_fields

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

    def __repr__(self) -> str:
        return show_fields(self, "subprotocol")


def read_extensions(
    head: RequestHead | ResponseHead, faults: list[Finding]
) -> tuple[Extension, ...]:
    """The elements of Sec-WebSocket-Extensions (RFC 6455 9.1): offers, or what was agreed on."""
    lines = head.get_all(EXTENSIONS_FIELD.encode())
    try:
        extensions = parse_extensions(lines)
    except FieldSyntaxError as error:
        faults.append(
            fault(head, "extensions-malformed", EXTENSIONS_FIELD, error.line, error.position)
        )
        return ()
    if lines and not extensions:
        faults.append(fault(head, "extensions-malformed", EXTENSIONS_FIELD))
    return extensions
