"""Fields of one hop, and of the message as such: which of them stand where (RFC 9110 7.6.1).

Rules for this module: the sets of names are built from one another. They differ on purpose, and
each says why. A field of one hop never reaches the next, and no connection option takes away what
says where a message goes and where it ends.
"""

from collections.abc import Iterable
from typing import Final

from .arguments import items, require_flag
from .field_lines import checked_headers
from .field_values import Headers, HeadersLike, UpgradeToken, format_upgrade

FRAMING_FIELDS: Final = frozenset((b"content-length", b"transfer-encoding"))
"""What says where a message ends (RFC 9112 6.3)."""
MESSAGE_FIELDS: Final = FRAMING_FIELDS.union((b"host",))
"""What says where a message goes and where it ends. A connection option that names one of these
would have the next hop read another message."""
NEVER_IN_HTTP2: Final = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade")
)
"""A message of HTTP/2 or HTTP/3 with one of these is malformed (RFC 9113 8.2.2, RFC 9114 4.2)."""
UPGRADE_FIELDS: Final = frozenset((b"http2-settings", b"upgrade"))
"""The fields of one hop that ask for an upgrade (RFC 9110 7.8, RFC 7540 3.2.1)."""
HOP_FIELDS: Final = NEVER_IN_HTTP2.union(UPGRADE_FIELDS, (b"te",))
"""The fields of one hop, whether or not Connection names them (RFC 9110 7.6.1, RFC 7540 3.2.1). TE
may stand in HTTP/2, too, with ``trailers``."""
MANAGED_FIELDS: Final = FRAMING_FIELDS.union((b"connection", b"upgrade"))
"""What follows from the decision in an answer, and is never a caller's to give."""
NEVER_IN_REFUSALS: Final = frozenset((b"capsule-protocol",))
"""What stands in no response but a 101 and a 2xx (RFC 9297 3.4), whatever a policy offers."""
NOT_FOR_CALLERS: Final = HOP_FIELDS | MESSAGE_FIELDS
"""What follows from the arguments in a client's request, and is never a caller's to give."""
NOT_FOR_OFFERS: Final = NOT_FOR_CALLERS.difference((b"http2-settings",))
"""The same for a client's offers, one of which asks by HTTP2-Settings."""


def added_headers(headers: HeadersLike) -> Headers:
    """Fields that a caller adds to every answer of a kind.

    Raises :class:`ValueError` for what cannot stand on the wire and for :data:`MANAGED_FIELDS`.
    """
    added = checked_headers(headers)
    for name, _ in added:
        if name.lower() in MANAGED_FIELDS:
            raise ValueError(f"{name.decode('ascii')} follows from the decision")
    return added


def end_to_end_headers(
    headers: HeadersLike, *, upgrade: Iterable[UpgradeToken] = (), close: bool = False
) -> Headers:
    """The fields of a request or response that a proxy passes on, in order (RFC 9110 7.6.1).

    Connection, the fields that it names, Keep-Alive, Proxy-Connection, TE, Upgrade and
    HTTP2-Settings are not among them. Content-Length, Transfer-Encoding and Host always are: who
    frames the body anew takes their place.

    :param upgrade: protocols that this hop does ask for, switches to or requires: an Upgrade field
        of theirs is added, with its connection option. Of a request, what a proxy can verify; of a
        101 and of a 426, what they name; of other responses, nothing.
    :param close: whether the connection they go out on closes after them.

    Raises :class:`ValueError` or :class:`TypeError` for what cannot stand on the wire.
    """
    require_flag("close", close)
    fields = [(name.lower(), (name, value)) for name, value in checked_headers(headers)]
    named = {
        option.strip(b" \t").lower()
        for name, (_, value) in fields
        if name == b"connection"
        for option in value.split(b",")
    }
    # Transfer-Encoding is of this hop as well, but says how the octets that follow are cut.
    dropped = (named | HOP_FIELDS) - MESSAGE_FIELDS
    kept = tuple([field for name, field in fields if name not in dropped])
    tokens = items("upgrade", upgrade, UpgradeToken, "UpgradeTokens")
    if tokens:
        option = b"Upgrade, close" if close else b"Upgrade"
        return (*kept, (b"Upgrade", format_upgrade(tokens)), (b"Connection", option))
    return (*kept, (b"Connection", b"close")) if close else kept
