"""What tunnels over HTTP have in common: connect-udp, connect-ip, connect-tcp.

Rules for this module: a request that a tunnel would begin with is a GET without content whose
target is an expansion of the server's URI template, or it is malformed and is answered with 400
(RFC 9298 3.2, RFC 9484 4.2). It ends at the 101, before the first capsule (RFC 9297).
"""

from typing import Final, final

from ..._http1.arguments import require, require_number
from ..._http1.authority import is_bare_host
from ..._http1.errors import LocalProtocolError
from ..._http1.field_values import UpgradeToken
from ..._http1.findings import Code, Finding
from ..._http1.head_findings import fault, method_fault, target_fault
from ..._http1.heads import RequestHead, ResponseHead
from ..._http1.lazy_pattern import lazy_pattern
from ..._http1.values import Value, field
from ..._negotiation.client_offers import (
    ClientOffer,
    HandshakeFields,
    VerificationFailed,
    Verified,
    layer_faults,
)
from ..._negotiation.decisions import Accept101
from ..._negotiation.example_request import Example
from ..._negotiation.offers import Agreed, HandshakeFailed, Offer
from ..._negotiation.response_octets import refuse_forbidden
from .uri_template import UriTemplate

CAPSULE_PROTOCOL: Final = "Capsule-Protocol"
CAPSULES: Final = HandshakeFields(((CAPSULE_PROTOCOL.encode(), b"?1"),))
"""RFC 9297 3.4: what follows are capsules, also to those who do not know the token."""

# RFC 9297 3.4, RFC 9651 3.3: an Item that is a Boolean. Its parameters are read past.
#   parameters = *( ";" *SP key [ "=" bare-item ] )
_STRING_TEXT: Final = rb"[\x20\x21\x23-\x5b\x5d-\x7e]*+"
_BARE_ITEM: Final = (
    rb"(?:-?[0-9]{1,12}(?:\.[0-9]{1,3}|[0-9]{0,3})"
    rb'|"' + _STRING_TEXT + rb'(?:\\["\\]' + _STRING_TEXT + rb')*"'
    rb"|[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*+"
    rb"|:[A-Za-z0-9+/=]*+:"
    rb"|\?[01]|@-?[0-9]{1,15})"
)
BOOLEAN_ITEM: Final = lazy_pattern(
    rb" *+\?([01])(?:; *+[a-z*][a-z0-9_\-.*]*+(?:=" + _BARE_ITEM + rb"|))* *+"
)

CONNECT_UDP: Final = UpgradeToken("connect-udp")
CONNECT_IP: Final = UpgradeToken("connect-ip")
CONNECT_TCP: Final = UpgradeToken("connect-tcp")

Variables = dict[str, bytes]
"""Of a URI template, by name, decoded."""

_HOST: Final = "target_host"
_PORT: Final = "target_port"
# RFC 9298 3: from 1 to 65535, looked at as a number later
PORT: Final = lazy_pattern(rb"[1-9][0-9]{0,4}")

# RFC 9297 3.2; the others of the content have no place in any 101.
_FORBIDDEN: Final = frozenset((b"content-type",))
_CONTENT_FIELDS: Final = ("Content-Length", "Content-Type", "Transfer-Encoding")

TUNNEL_NEEDS_GET: Final = Code(
    "tunnel-needs-get",
    400,
    "RFC 9298 3.2",
    "a tunnel is requested by GET in HTTP/1.1, and this is another method",
    "Send GET. In HTTP/2 and HTTP/3, send extended CONNECT.",
)
TUNNEL_HAS_CONTENT_FIELD: Final = Code(
    "tunnel-has-content-field",
    400,
    "RFC 9297 3.2",
    "a request for a tunnel has Content-Length, Content-Type or Transfer-Encoding",
    "Leave the field out, Content-Length: 0 as well: capsules follow the 101.",
)
TUNNEL_TARGET_UNKNOWN: Final = Code(
    "tunnel-target-unknown",
    400,
    "RFC 9298 2",
    "the request target does not fit this server's URI template",
    "Expand it, and encode each colon in a value as %3A.",
)
TUNNEL_TARGET_MALFORMED: Final = Code(
    "tunnel-target-malformed",
    400,
    "RFC 9298 3",
    "the request target does not name an end for a tunnel",
    "Name a host without brackets and a port from 1 to 65535; for IP, a prefix and a protocol.",
)
TUNNEL_RESPONSE_HAS_CONTENT_FIELD: Final = Code(
    "tunnel-response-has-content-field",
    None,
    "RFC 9297 3.2",
    "the 101 of a tunnel has Content-Length, Content-Type or Transfer-Encoding",
    "The proxy is broken: capsules follow the 101, not content.",
)


@final
class TunnelAgreement(Value):
    """Where the client wants a tunnel of UDP or TCP to end. Look it up, or connect, then answer."""

    __slots__ = __match_args__ = ()
    _hidden = ("host",)

    host: str = field(
        "A name, or an address; IPv6 without brackets. Compare what it resolves to, not its text."
    )
    port: int = field("1 to 65535.")
    variables: tuple[tuple[str, bytes], ...] = field("The template's other variables, decoded.")
    announces_capsules: bool = field(
        "Whether the client sent ``Capsule-Protocol: ?1``. It speaks capsules in any case."
    )


def _announces_capsules(head: RequestHead) -> bool:
    """Whether Capsule-Protocol is one Boolean that is true; it is ignored else (RFC 9297 3.4)."""
    lines = head.get_all(b"capsule-protocol")
    item = BOOLEAN_ITEM.fullmatch(lines[0]) if len(lines) == 1 else None
    return item is not None and item[1] == b"1"


def _request_faults(head: RequestHead) -> list[Finding]:
    """What is wrong with the request, its target aside."""
    faults: list[Finding] = []
    if head.method != b"GET":
        faults.append(method_fault(head, TUNNEL_NEEDS_GET))
    faults += _content_fields(head, TUNNEL_HAS_CONTENT_FIELD)
    return faults


def _content_fields(head: RequestHead | ResponseHead, code: Code) -> list[Finding]:
    """RFC 9297 3.2: none of them may be there, whatever it says."""
    return [fault(head, code, name) for name in _CONTENT_FIELDS if head.has(name.encode())]


class Tunnel(Offer, ClientOffer):
    """What the offers of all tunnels have in common."""

    __slots__ = ("_template", "_token")

    fields: frozenset[bytes] = frozenset((CAPSULE_PROTOCOL.lower().encode(),))
    tell_tales: tuple[str, ...] = (CAPSULE_PROTOCOL,)  # no field of a hop (RFC 9297 3.4)
    takes_extended_connect = True  # by the same fields (RFC 9298 3.4, RFC 9484 4.4)

    def __init__(self, template: UriTemplate, token: UpgradeToken) -> None:
        self._template = template
        self._token = token

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._template.text!r})"

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (self._token,)

    def example_request(self, head: RequestHead, *, secure: bool) -> Example:
        template = self._template.text
        note = f"The target is the URI template {template} (RFC 6570): expand it."
        return Example.of(
            head,
            (self._token,),
            CAPSULES.headers,
            target=self._example_target(),
            note=note if self._template.names else "",
        )

    def _example_target(self) -> bytes:
        raise NotImplementedError

    def negotiate(
        self, head: RequestHead, token: UpgradeToken, *, secure: bool
    ) -> Agreed | HandshakeFailed:
        faults = _request_faults(head)
        variables = self._template.match(head)
        if variables is None:
            template = f"The template is {self._template.text} (RFC 6570)."
            faults.append(target_fault(head, TUNNEL_TARGET_UNKNOWN, detail=template))
            return HandshakeFailed(tuple(faults), 400)
        agreement = self._agree(variables, _announces_capsules(head))
        if agreement is None:
            faults.append(target_fault(head, TUNNEL_TARGET_MALFORMED))
        if faults:
            return HandshakeFailed(tuple(faults), 400)
        return Agreed(
            self._token,
            CAPSULES.headers,
            agreement,
            takes_early_data=False,
            forbidden_headers=_FORBIDDEN,
        )

    def _agree(self, variables: Variables, capsules: bool) -> object | None:
        """What a target of these variables asks for; None if no tunnel can lead there."""
        raise NotImplementedError

    def check_accept(self, head: RequestHead, accept: Accept101, *, secure: bool) -> None:
        # RFC 9298 3.3, RFC 9297 3.2, RFC 9931 6.4.
        if _request_faults(head):
            raise LocalProtocolError("no tunnel begins with this request")
        if len(accept.tokens) > 1:
            raise LocalProtocolError("the 101 of a tunnel names nothing else")
        refuse_forbidden(accept.headers, _FORBIDDEN)
        if accept.takes_early_data:
            message = f"{self._token} takes no early data: Accept101(takes_early_data=False)"
            raise LocalProtocolError(message)

    def handshake_fields(self, key: bytes) -> HandshakeFields:
        return CAPSULES

    def check_request(self, request: RequestHead) -> None:
        self._agreement(request)

    def verify(
        self, request: RequestHead, response: ResponseHead, tokens: tuple[UpgradeToken, ...]
    ) -> Verified | VerificationFailed:
        faults = (
            *layer_faults(response, tokens),
            *_content_fields(response, TUNNEL_RESPONSE_HAS_CONTENT_FIELD),
        )
        return VerificationFailed(faults) if faults else Verified(self._agreement(request))

    def _agreement(self, request: RequestHead) -> object:
        """What a request of our own asks a server to agree to."""
        answer = self.negotiate(request, self._token, secure=True)
        if isinstance(answer, HandshakeFailed):
            raise ValueError(f"no tunnel begins like this: {answer.findings[0].message}")
        return answer.agreement


class HostTunnel(Tunnel):
    """What a tunnel to one host and port has besides."""

    __slots__ = ()

    def __init__(self, text: str, token: UpgradeToken) -> None:
        template = UriTemplate(text)
        if not {_HOST, _PORT}.issubset(template.names):
            raise ValueError(f"RFC 9298 2: no {_HOST} and {_PORT} in the template {text!r}")
        super().__init__(template, token)

    def _agree(self, variables: Variables, capsules: bool) -> TunnelAgreement | None:
        host, port = variables.pop(_HOST, b""), variables.pop(_PORT, b"")
        if not is_bare_host(host) or PORT.fullmatch(port) is None or int(port) > 65535:
            return None
        others = tuple(variables.items())
        return TunnelAgreement(host.decode("ascii"), int(port), others, capsules)

    def _example_target(self) -> bytes:
        return self.request_target("192.0.2.1", 443)

    def request_target(self, host: str, port: int, /, **variables: str) -> bytes:
        """What a client's request addresses (RFC 9298 3).

        :param host: a name or an address, IPv6 without brackets.
        :param port: 1 to 65535.
        :param variables: the template's others; those that are not given are undefined.

        Raises :class:`ValueError` for another port, and for what the template does not have.
        """
        require("host is a str", host, str)
        require_number("port", port)
        if not 1 <= port <= 65535:
            raise ValueError(f"port is a number from 1 to 65535, not {port}")
        return self._template.expand({_HOST: host, _PORT: str(port)}, variables)
