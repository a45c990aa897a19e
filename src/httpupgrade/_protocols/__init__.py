"""One file or folder for each upgrade token.

Rules for this package: no protocol imports another, and none is known outside, but for the public
names. What all of them have to know of one another is the table here.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

OFFERS_BY_NAME: Final[Mapping[bytes, str]] = MappingProxyType(
    {
        b"connect-ip": "ConnectIP",
        b"connect-tcp": "ConnectTCP",
        b"connect-tcp-": "ConnectTCP",
        b"connect-udp": "ConnectUDP",
        b"h2c": "H2C",
        b"tls": "TLS",
        b"websocket": "WebSocket",
    }
)
"""The offers of protocols that need more than a name, by the name in lower case. One that ends in
a hyphen is the beginning of the names of drafts."""
CAPSULE_PROTOCOLS: Final = (
    b"connect-ethernet",
    b"connect-ethernet-",
    b"connect-ip-",
    b"connect-udp-",
)
"""Names in the same form, of tunnels that have no offer here."""


def is_one_of(name: bytes, known: bytes) -> bool:
    """Whether a name in lower case is this one, or begins with it where it ends in a hyphen."""
    return name == known or (known.endswith(b"-") and name.startswith(known))
