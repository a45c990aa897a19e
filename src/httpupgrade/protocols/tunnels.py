"""What tunnels over HTTP have in common: connect-udp, connect-ip, connect-tcp.

The law of this file: a request that a tunnel would begin with is a GET without content whose target
is an expansion of the server's URI template, or it is malformed and draws 400 (RFC 9298 3.2, RFC
9484 4.2). What is spoken behind the 101 is the Capsule Protocol (RFC 9297), and not its matter.
"""

from typing import Final, NamedTuple, final

from .. import _grammar
from .._authority import is_bare_host
from .._errors import LocalProtocolError
from .._fields import Headers, UpgradeToken
from .._findings import Finding, find
from .._messages import RequestHead, fault
from .._offers import Agreed, Broken
from .templates import UriTemplate

TUNNELLED: Final[Headers] = ((b"Capsule-Protocol", b"?1"),)
"""RFC 9297 3.4: what follows are capsules, also to those who do not know the token."""

_HOST: Final = "target_host"
_PORT: Final = "target_port"
_TUNNELS: Final = (b"connect-udp", b"connect-ip", b"connect-tcp")
_CONTENT_FIELDS: Final = ("Content-Length", "Content-Type", "Transfer-Encoding")


@final
class TunnelAgreement(NamedTuple):
    """Where the client wants a tunnel of UDP or TCP to end. Look it up, or connect, then answer."""

    host: str
    """A name, or an address; IPv6 without brackets. Compare what it resolves to, not its text."""
    port: int
    """1 to 65535."""
    variables: tuple[tuple[str, bytes], ...]
    """The template's other variables, decoded."""
    announces_capsules: bool
    """Whether the client sent ``Capsule-Protocol: ?1``. It speaks capsules in any case."""


def agree_on_host(head: RequestHead, token: UpgradeToken, template: UriTemplate) -> Agreed | Broken:
    """Judge a request for a tunnel to one host and port (RFC 9298 3)."""
    faults = request_faults(head)
    variables = template.match(head)
    if variables is None:
        return Broken((*faults, target_fault(head, "tunnel-target-unknown")), 400)
    host, port = variables.pop(_HOST, b""), variables.pop(_PORT, b"")
    if not is_bare_host(host) or _grammar.PORT.fullmatch(port) is None or int(port) > 65535:
        faults = (*faults, target_fault(head, "tunnel-target-malformed"))
    if faults:
        return Broken(faults, 400)
    agreement = TunnelAgreement(
        host.decode("ascii"), int(port), tuple(variables.items()), announces_capsules(head)
    )
    return Agreed(token, TUNNELLED, agreement, takes_early_data=False)


def template_to_host(text: str) -> UriTemplate:
    """A template that names a host and a port. Raises :class:`ValueError` for others."""
    template = UriTemplate(text)
    if not {_HOST, _PORT}.issubset(template.names):
        raise ValueError(f"RFC 9298 2: no {_HOST} and {_PORT} in the template {text!r}")
    return template


def request_faults(head: RequestHead) -> tuple[Finding, ...]:
    """What is wrong with the request, its target aside."""
    faults: list[Finding] = []
    if head.method != b"GET":
        faults.append(find("tunnel-needs-get", value=head.method, offset=0))
    faults += (
        fault(head, "tunnel-has-content-field", name)
        for name in _CONTENT_FIELDS
        if head.has(name.lower().encode())
    )
    return tuple(faults)


def target_fault(head: RequestHead, code: str) -> Finding:
    """The finding about the target of a request."""
    return find(code, value=head.target, offset=len(head.method) + 1)


def announces_capsules(head: RequestHead) -> bool:
    """Whether Capsule-Protocol says so: one line, an Item that is a Boolean (RFC 9297 3.4).

    Whatever else it says, it is as if it was not there.
    """
    lines = head.get_all(b"capsule-protocol")
    item = _grammar.BOOLEAN_ITEM.fullmatch(lines[0]) if len(lines) == 1 else None
    return item is not None and item[1] == b"1"


def is_tunnel(token: UpgradeToken) -> bool:
    """Whether this names one of the tunnels, or a draft of connect-tcp."""
    name = bytes(token).lower()
    return name in _TUNNELS or name.startswith(b"connect-tcp-")


def check_tunnel(head: RequestHead, tokens: tuple[UpgradeToken, ...], headers: Headers) -> None:
    """Hold an acceptance of a caller's to RFC 9298 3.3 and RFC 9297 3.2.

    Raises :class:`LocalProtocolError`.
    """
    if request_faults(head):
        raise LocalProtocolError("the request is none that a tunnel begins with")
    if len(tokens) > 1:
        raise LocalProtocolError("the 101 of a tunnel names nothing else")
    if any(name.lower() == b"content-type" for name, _ in headers):
        raise LocalProtocolError("the 101 of a tunnel has no Content-Type")
