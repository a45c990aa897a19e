"""TCP through HTTP, by a URI template (draft-ietf-httpbis-connect-tcp)."""

from ..._http1.field_values import UpgradeToken, upgrade_token
from .tunnel import CONNECT_TCP, HostTunnel


class ConnectTCP(HostTunnel):
    """The offer of a tunnel for TCP.

    :param template: where the service is, from the path on.
    :param token: each draft has its own name: ``"connect-tcp-07"``.

    The agreement is a :class:`TunnelAgreement`. Connect before you send the 101, or anything else
    but a 100, and send ``Reject(502)`` or ``Reject(504)`` in its place when that fails. Octets
    that arrive before the 101 are answered with 400. In mode "required", a classic ``CONNECT`` is
    answered with 426, from which clients learn where to go.

    Raises :class:`ValueError` for a template without ``{target_host}`` and ``{target_port}``, and
    for a token that is neither ``connect-tcp`` nor begins with ``connect-tcp-``.
    """

    __slots__ = ()

    def __init__(
        self,
        template: str = "/.well-known/masque/tcp/{target_host}/{target_port}/",
        *,
        token: UpgradeToken | str = CONNECT_TCP,
    ) -> None:
        named = upgrade_token(token)
        if named != CONNECT_TCP and not bytes(named).lower().startswith(b"connect-tcp-"):
            raise ValueError(f"not a token of this protocol: {named}")
        super().__init__(template, named)
