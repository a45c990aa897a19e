"""What an acceptance is held to before it goes out, whoever made it.

The law of this file: a connection is switched only to what its client asked for, in the way in
which that protocol begins. Offers check what they agree to; a caller's own may say anything.
"""

from ._decisions import Accept101
from ._errors import LocalProtocolError
from ._fields import HTTP_1_1, UpgradeToken, parse_upgrade
from ._messages import RequestHead
from .protocols.h2c import H2C_TOKEN, check_h2c
from .protocols.tls import check_tls, is_tls
from .protocols.tunnels import CONNECT_IP, check_tunnel, is_tunnel
from .protocols.websocket import check_acceptance
from .protocols.websocket_fields import WEBSOCKET, WebSocketAgreement


def check_switch(waiting: Accept101, decision: Accept101, *, secure: bool, early: bool) -> None:
    """Hold a decision to the request that waits to be switched.

    :param early: whether octets behind the request are there already.

    Raises :class:`LocalProtocolError`.
    """
    head, tokens = waiting.head, decision.tokens
    assert head is not None
    _check_tokens(head, decision)
    # What our own offer agreed to, it has checked; another offer may name the same token.
    checked = decision is waiting and isinstance(decision.agreement, WebSocketAgreement)
    if WEBSOCKET in tokens and not checked:
        check_acceptance(head, decision.headers)
    if H2C_TOKEN in tokens:
        _require_cleartext(H2C_TOKEN, secure)
        check_h2c(head)
    layer = next((each for each in tokens if is_tls(each)), None)
    if layer is not None:
        _require_cleartext(layer, secure)
        check_tls(head, tokens)
    tunnel = any(map(is_tunnel, tokens))
    if tunnel:
        check_tunnel(head, tokens, decision.headers)
    if CONNECT_IP in tokens and not secure:
        raise LocalProtocolError("connect-ip is for connections inside TLS, and this is none")
    both_take = decision.takes_early_data and waiting.takes_early_data
    if early and (layer is not None or tunnel or not both_take):
        raise LocalProtocolError(f"{decision.token} begins behind the 101, and octets are there")


def _check_tokens(head: RequestHead, decision: Accept101) -> None:
    """RFC 9110 7.8: a server MUST NOT switch to a protocol that the client did not indicate."""
    offered = frozenset(parse_upgrade(head.get_all(b"upgrade")))
    if decision.token not in decision.tokens:
        raise LocalProtocolError(f"{decision.token} is none of the layers that are switched to")
    for token in decision.tokens:
        # A layer that the connection speaks already (RFC 2817 3.3: "TLS/1.0, HTTP/1.1").
        spoken = token == HTTP_1_1 and token != decision.token
        if token not in offered and not spoken:
            raise LocalProtocolError(f"the client did not offer {token}")


def _require_cleartext(token: UpgradeToken, secure: bool) -> None:
    if secure:
        raise LocalProtocolError(f"{token} is for cleartext connections, and this is TLS")
