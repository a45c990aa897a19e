"""UDP through HTTP (RFC 9298)."""

from .tunnel import CONNECT_UDP, HostTunnel


class ConnectUDP(HostTunnel):
    """The offer of a tunnel for UDP.

    :param template: where the service is, from the path on (RFC 9298 2).

    The agreement is a :class:`TunnelAgreement`. Look the host up before you send the 101, and send
    ``Reject(502)`` in its place when that fails (RFC 9298 3.1). Octets that arrive before the 101
    are answered with 400 (RFC 9931 6.3).

    Raises :class:`ValueError` for a template without ``{target_host}`` and ``{target_port}``.
    """

    __slots__ = ()

    def __init__(
        self, template: str = "/.well-known/masque/udp/{target_host}/{target_port}/"
    ) -> None:
        super().__init__(template, CONNECT_UDP)
