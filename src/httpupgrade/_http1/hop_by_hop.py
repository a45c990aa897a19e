"""What of a message goes beyond the hop that it came over (RFC 9110 7.6.1).

The law of this file: a field of one hop never reaches the next, and nobody's connection options
take away what says where a message goes and where it ends.
"""

from collections.abc import Iterable
from typing import Final

from .arguments import items, require_flag
from .field_lines import checked_headers
from .field_values import Headers, HeadersLike, UpgradeToken, format_upgrade

# RFC 9110 7.6.1, whether or not Connection names them; RFC 7540 3.2.1. Transfer-Encoding is of this
# hop as well, but says how the octets that follow are cut.
_OF_THIS_HOP: Final = frozenset(
    (b"connection", b"http2-settings", b"keep-alive", b"proxy-connection", b"te", b"upgrade")
)
# A connection option that names one of these would have the next hop read another message.
_OF_EVERY_HOP: Final = frozenset((b"content-length", b"host", b"transfer-encoding"))


def end_to_end(
    headers: HeadersLike, *, upgrade: Iterable[UpgradeToken] = (), close: bool = False
) -> Headers:
    """The fields of a request or response that a proxy passes on, in order (RFC 9110 7.6.1).

    Connection, the fields that it names, Keep-Alive, Proxy-Connection, TE, Upgrade and
    HTTP2-Settings are not among them. Content-Length, Transfer-Encoding and Host always are: who
    frames the body anew takes their place.

    :param upgrade: protocols that this hop does ask for, switches to or requires: an Upgrade field
        of theirs is added, with its connection option. Of a request, what a proxy can verify; of a
        101 and of a 426, what they name; of other responses, nothing.
    :param close: whether the connection they go out on closes behind them.

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
    dropped = (named - _OF_EVERY_HOP) | _OF_THIS_HOP
    kept = tuple([field for name, field in fields if name not in dropped])
    tokens = items("upgrade", upgrade, UpgradeToken, "UpgradeTokens")
    if tokens:
        option = b"Upgrade, close" if close else b"Upgrade"
        return (*kept, (b"Upgrade", format_upgrade(tokens)), (b"Connection", option))
    return (*kept, (b"Connection", b"close")) if close else kept
