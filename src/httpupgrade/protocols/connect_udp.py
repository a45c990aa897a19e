"""UDP through HTTP (RFC 9298)."""

from .._fields import Headers, UpgradeToken
from .._messages import RequestHead
from .._offers import Answer
from .tunnels import CONNECT_UDP, agree_on_host, template_to_host


class ConnectUDP:
    """The offer of a tunnel for UDP.

    :param template: where the service is, from the path on (RFC 9298 2).

    The agreement is a :class:`TunnelAgreement`. Look the host up before you send the 101, and send
    ``Reject(502)`` in its place when that fails (RFC 9298 3.1). Octets that arrive before the 101
    draw 400 (RFC 9931 6.3).

    Raises :class:`ValueError` for a template without ``{target_host}`` and ``{target_port}``.
    """

    __slots__ = ("_template",)

    def __init__(
        self, template: str = "/.well-known/masque/udp/{target_host}/{target_port}/"
    ) -> None:
        self._template = template_to_host(template)

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        """``connect-udp``, with and without TLS."""
        return (CONNECT_UDP,)

    @property
    def requirements(self) -> Headers:
        """A 426 for it says no more than its name."""
        return ()

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> Answer:
        """Judge the request (RFC 9298 3.2)."""
        return agree_on_host(head, CONNECT_UDP, self._template)

    def negotiate_connect(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> Answer:
        """Judge an Extended CONNECT, which asks for the same by the same fields."""
        return self.negotiate(head, token, secure=secure)
