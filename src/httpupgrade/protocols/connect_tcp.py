"""TCP through HTTP, by a URI template (draft-ietf-httpbis-connect-tcp)."""

from .._client_offers import Asked, Refuted, Verified
from .._fields import Headers, UpgradeToken
from .._messages import RequestHead, ResponseHead
from .._offers import Answer
from .tunnels import (
    CAPSULES,
    CONNECT_TCP,
    agree_on_host,
    expand_to_host,
    is_connect_tcp,
    require_agreement,
    template_to_host,
    verify_tunnel,
)


class ConnectTCP:
    """The offer of a tunnel for TCP.

    :param template: where the service is, from the path on.
    :param token: drafts have a name of their own each: ``"connect-tcp-07"``.

    The agreement is a :class:`TunnelAgreement`. Connect before you send the 101, or anything else
    but a 100, and send ``Reject(502)`` or ``Reject(504)`` in its place when that fails. Octets
    that arrive before the 101 draw 400. In mode "required", a classic ``CONNECT`` draws a 426,
    from which clients learn where to go.

    Raises :class:`ValueError` for a template without ``{target_host}`` and ``{target_port}``, and
    for a token that is neither ``connect-tcp`` nor begins with ``connect-tcp-``.
    """

    __slots__ = ("_template", "_token")

    def __init__(
        self,
        template: str = "/.well-known/masque/tcp/{target_host}/{target_port}/",
        *,
        token: UpgradeToken | str = CONNECT_TCP,
    ) -> None:
        self._template = template_to_host(template)
        self._token = token if isinstance(token, UpgradeToken) else UpgradeToken.parse(token)
        if not is_connect_tcp(self._token):
            raise ValueError(f"not a token of this protocol: {self._token}")

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        """The one token, with and without TLS."""
        return (self._token,)

    @property
    def requirements(self) -> Headers:
        """A 426 for it says no more than its name."""
        return ()

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> Answer:
        """Judge the request (draft-ietf-httpbis-connect-tcp 3.1)."""
        return agree_on_host(head, self._token, self._template)

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
        """The one token, with and without TLS."""
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
        return require_agreement(self.negotiate(request, self._token, secure=False))
