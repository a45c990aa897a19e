"""What a policy says of the handshake of a WebSocket that the server answers itself.

Rules for this module: heads in, decisions out. The server reads Sec-WebSocket-Key and writes the
101. Every other check that a policy states is made here, or the policy is refused.
"""

from collections.abc import Iterable
from typing import Final

from .. import (
    Accept101,
    AcceptConnect,
    Passthrough,
    Policy,
    Reject,
    RequestHead,
    Require426,
    UpgradeToken,
    WebSocket,
    decide_extended_connect,
)
from ..fields import Headers
from ..offers import Offer
from ._asgi_and_wsgi import Case

WEBSOCKET: Final = UpgradeToken("websocket")

_UPGRADE: Final = (b"upgrade", b"websocket")
_CONNECTION: Final = (b"connection", b"Upgrade")
_KEY: Final = (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ==")
_VERSION: Final = (b"sec-websocket-version", b"13")
_PROTOCOL: Final = b"sec-websocket-protocol"


def require_judgeable(policy: Policy) -> None:
    """Raise :class:`ValueError` for a policy that cannot be kept if the server writes the 101."""
    for offer in _websockets_of(policy):
        if not isinstance(offer, WebSocket):
            raise ValueError(
                f"the server answers WebSocket handshakes itself, and cannot send what {offer!r}"
                " answers: offer a WebSocket() here, or call decide(head_of(scope), policy) in the"
                " application"
            )
    require_one_websocket(policy)


def require_one_websocket(policy: Policy) -> None:
    """Raise :class:`ValueError` for several WebSocket offers if the application answers.

    The first that agrees would let the client in, and the application could choose a subprotocol
    of another one, which does not allow the Origin of the client.
    """
    if len(_websockets_of(policy)) > 1:
        raise ValueError(
            "a policy has one WebSocket where the application chooses the subprotocol: of several,"
            " one could agree and another be chosen. Return a policy with one for each path"
        )


def _websockets_of(policy: Policy) -> list[Offer]:
    def is_named(offer: Offer) -> bool:
        return WEBSOCKET in (*offer.tokens(secure=False), *offer.tokens(secure=True))

    return list(filter(is_named, policy.offers))


def handshake_of(head: RequestHead, subprotocols: Iterable[str]) -> RequestHead:
    """The handshake as its server has read it, with the fields that the server has taken away.

    :param head: the request, as far as the scope holds it.
    :param subprotocols: those that the client offers.

    Raises :class:`ValueError` for subprotocols that no field can hold.
    """
    offered = ", ".join(subprotocols).encode("ascii")
    put = [] if head.has(_PROTOCOL) or not offered else [(_PROTOCOL, offered)]
    dropped: frozenset[bytes] = frozenset()
    if _is_http1(head):
        # The server has chosen among the protocols in Upgrade, and answers the key.
        put += [_UPGRADE, _KEY]
        dropped = frozenset((_UPGRADE[0], _KEY[0]))
        if not head.has(_CONNECTION[0]):
            put.append(_CONNECTION)
        if not head.has(_KEY[0]) and not head.has(_VERSION[0]):
            put.append(_VERSION)
    kept = [field for field in head.headers if field[0].lower() not in dropped]
    return RequestHead(head.method, head.target, [*kept, *put], head.http_version)


def judge_handshake(case: Case) -> Accept101 | AcceptConnect | Require426 | Reject | Passthrough:
    """What to do with the handshake of a WebSocket. It passes only policies without a WebSocket.

    :param case: of what :func:`handshake_of` returns.

    Raises :class:`ValueError` for a policy that cannot be kept.
    """
    policy, handshake, secure = case.policy, case.head, case.secure
    require_judgeable(policy)
    offered = WEBSOCKET in policy.tokens(secure=secure)
    if offered and not _is_http1(handshake):
        connect = _as_extended_connect(handshake, secure=secure)
        return decide_extended_connect(connect, policy, secure=secure)
    decision = case.decide()
    # An Upgrade that does not count, or a head that was mended to another protocol: the server
    # cannot answer it as plain HTTP any more.
    ignored = offered and isinstance(decision, Passthrough)
    if ignored or (isinstance(decision, Accept101) and decision.token != WEBSOCKET):
        return case.refuse(decision.findings, 400)
    return decision


def _is_http1(head: RequestHead) -> bool:
    return head.http_version.startswith(b"1.")


def _as_extended_connect(head: RequestHead, *, secure: bool) -> Headers:
    """The request as it came (RFC 8441 4); servers make Host of its authority."""
    return (
        (b":method", b"CONNECT"),
        (b":scheme", b"https" if secure else b"http"),
        (b":authority", head.get(b"host") or b""),
        (b":path", head.target),
        (b":protocol", b"websocket"),
        *((name.lower(), value) for name, value in head.headers),
    )
