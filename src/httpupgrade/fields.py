"""Field values, as octets and as values of Python: Upgrade, Connection, the WebSocket's.

Rules for this module: it gives names to what stands elsewhere, and defines nothing.
"""

from ._http1.field_values import (
    FieldSyntaxError,
    Headers,
    HeadersLike,
    UpgradeToken,
    format_upgrade,
    parse_connection,
    parse_token_list,
    parse_upgrade,
)
from ._http1.hop_by_hop import end_to_end_headers
from ._http1.received_lines import escape_octets
from ._protocols.websocket.accept_key import accept_key, generate_key
from ._protocols.websocket.extensions import Extension, format_extensions, parse_extensions

__all__ = [
    "Extension",
    "FieldSyntaxError",
    "Headers",
    "HeadersLike",
    "UpgradeToken",
    "accept_key",
    "end_to_end_headers",
    "escape_octets",
    "format_extensions",
    "format_upgrade",
    "generate_key",
    "parse_connection",
    "parse_extensions",
    "parse_token_list",
    "parse_upgrade",
]
