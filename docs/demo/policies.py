"""What the demo's server wants, by path."""

from collections.abc import Mapping
from typing import Final

from httpupgrade import H2C, TLS, Policy, RequestInfo, WebSocket

from .expectations import SUBPROTOCOLS

_SOCKET: Final = WebSocket(subprotocols=SUBPROTOCOLS)
_SECURED: Final = TLS("1.3", "1.2")

BY_PATH: Final[Mapping[bytes, Policy]] = {
    b"/chat": Policy(_SOCKET, mode="required"),
    b"/upload": Policy(_SOCKET, mode="optional"),
    b"/metrics": Policy(_SOCKET, mode="report"),
    b"/files": Policy(H2C(), mode="optional"),
    b"/account": Policy(_SECURED, mode="required"),
    b"/vault": Policy(_SECURED, _SOCKET, mode="required"),
    b"*": Policy(_SECURED, mode="optional"),  # RFC 2817 3.2: clients begin TLS with OPTIONS *
}


def policy_for(info: RequestInfo) -> Policy | None:
    """None where no path is known: the ordinary server answers."""
    path, _, _ = info.head.target.partition(b"?")
    return BY_PATH.get(path)
