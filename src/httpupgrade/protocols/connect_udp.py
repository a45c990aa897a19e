"""UDP through HTTP (RFC 9298)."""

from .._client_offers import Asked, Refuted, Verified
from .._fields import Headers, UpgradeToken
from .._messages import RequestHead, ResponseHead
from .._offers import Answer
from .tunnels import (
    CAPSULES,
    CONNECT_UDP,
    agree_on_host,
    expand_to_host,
    require_agreement,
    template_to_host,
    verify_tunnel,
)


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

    def request_target(self, host: str, port: int, **variables: str) -> bytes:
        """What a client's request addresses (RFC 9298 3).

        :param host: a name or an address, IPv6 without brackets.
        :param port: 1 to 65535.
        :param variables: the template's others; those that are not given are undefined.

        Raises :class:`ValueError` for what the template does not have.
        """
        return expand_to_host(self._template, host, port, variables)

    def wanted(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        """``connect-udp``, with and without TLS."""
        return self.tokens(secure=secure)

    def ask(self, key: bytes) -> Asked:
        """That what follows are capsules (RFC 9297 3.4)."""
        return CAPSULES

    def check_request(self, request: RequestHead) -> None:
        """Hold the request to what a server would. :meth:`request_target` makes its target."""
        self._agreement(request)

    def verify(
        self, request: RequestHead, response: ResponseHead, tokens: tuple[UpgradeToken, ...]
    ) -> Verified | Refuted:
        """Judge the 101 (RFC 9298 3.3)."""
        return verify_tunnel(response, tokens, self._agreement(request))

    def _agreement(self, request: RequestHead) -> object:
        return require_agreement(self.negotiate(request, CONNECT_UDP, secure=False))
