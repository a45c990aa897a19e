"""What a request asks for, and whether a server can take it up.

Rules for this module: the library's own rules judge the request, under a policy that offers
everything it knows and whatever else the request names.
"""

from functools import cache
from typing import Final, NamedTuple, final

from .._client.request import indicated_tokens
from .._http1.field_values import UpgradeToken
from .._http1.findings import Finding
from .._http1.heads import RequestHead
from .._negotiation.decide import decide
from .._negotiation.decisions import Accept101, Passthrough
from .._negotiation.finding_codes import NO_COMMON_PROTOCOL
from .._negotiation.policy import Policy
from .._protocols.custom_protocol import CustomProtocol
from .._protocols.h2c import H2C
from .._protocols.tls import TLS
from .._protocols.tunnels.connect_ip import ConnectIP
from .._protocols.tunnels.connect_tcp import ConnectTCP
from .._protocols.tunnels.connect_udp import ConnectUDP
from .._protocols.websocket.finding_codes import WEBSOCKET_VERSION_UNSUPPORTED
from .._protocols.websocket.offer import WebSocket

Offers = tuple[WebSocket | H2C | TLS | ConnectUDP | ConnectIP | ConnectTCP | CustomProtocol, ...]

_MOST_CUSTOM: Final = 8
"""Tokens without an offer of their own that are looked at. Requests name one or two."""
# Not the request's faults: what a server speaks is its own to say.
_FOR_THE_SERVER: Final = (WEBSOCKET_VERSION_UNSUPPORTED.name, NO_COMMON_PROTOCOL.name)


@final
class Asked(NamedTuple):
    """What a request asks for."""

    tokens: tuple[UpgradeToken, ...]
    """The protocols, where a server may take them up; empty for a plain request."""
    fault: Finding | None
    """Why no server may, although an upgrade was meant."""
    offers: Offers
    """What a 101 may switch to."""


@cache
def _known() -> Offers:
    # Not at the top: to make all offers takes longer than to import this package.
    return (
        WebSocket(versions=range(13, -1, -1)),
        H2C(),
        TLS("1.3", "1.2", "1.1", "1.0"),
        ConnectUDP(),
        ConnectIP(),
        ConnectTCP(),
    )


def read_request(head: RequestHead, *, secure: bool) -> Asked:
    """Judge a request as it stands here, by the rules of HTTP/1.1."""
    tokens = indicated_tokens(head)
    offers = (*_known(), *_custom(tokens))
    optional = decide(head, Policy(*offers, order="client"), secure=secure)
    if isinstance(optional, Accept101) or _is_for_the_server(optional.findings):
        return Asked(tokens, None, offers)
    if isinstance(optional, Passthrough):
        if not optional.findings:
            return Asked((), None, offers)
        # A policy that requires an upgrade says what is missing, one by one.
        strict = decide(head, Policy(*offers, mode="required"), secure=secure)
        return Asked((), strict.findings[0], offers)
    return Asked((), optional.findings[0], offers)


def _is_for_the_server(findings: tuple[Finding, ...]) -> bool:
    return bool(findings) and findings[0].code in _FOR_THE_SERVER


def _custom(tokens: tuple[UpgradeToken, ...]) -> Offers:
    found: list[CustomProtocol] = []
    for token in dict.fromkeys(tokens[:_MOST_CUSTOM]):
        try:
            found.append(CustomProtocol(token, body="buffer"))
        except ValueError:  # it has an offer among the known, or none can be made here
            continue
    return tuple(found)
