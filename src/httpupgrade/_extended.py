"""Extended CONNECT: the same offers in HTTP/2 and HTTP/3 (RFC 8441, RFC 9220).

The law of this file: nothing of HTTP/1.1's hop is said there: no 101, no 426, no Upgrade, no
Connection. What the offers see is the head that the request would have in HTTP/1.1.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple, final

from ._answers import merge_headers
from ._decisions import Passthrough, Reject
from ._errors import LocalProtocolError
from ._fields import Headers, HeadersLike, UpgradeToken
from ._findings import Finding, find, implied_status
from ._messages import RequestHead, checked_headers
from ._offers import Agreed, Broken, ConnectOffer, Ignored
from ._policy import Policy
from ._refusal import RefusalReport
from ._target import judge_host
from .protocols.tunnels import is_tunnel

_REQUIRED: Final = (b":method", b":scheme", b":authority", b":path", b":protocol")
# RFC 9113 8.2.2, RFC 9114 4.2: a message that has one of these is malformed.
_OF_THE_HOP: Final = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade")
)


class _AcceptConnectFields(NamedTuple):
    token: UpgradeToken
    headers: Headers
    agreement: object
    head: RequestHead
    findings: tuple[Finding, ...]


@final
class AcceptConnect(_AcceptConnectFields):
    """Answer 200: what follows on the stream is the new protocol (RFC 8441 4).

    :ivar token: the protocol that was agreed on.
    :ivar headers: all fields of the response, ``:status`` in front, names in lower case: what an
        HTTP/2 or HTTP/3 library sends.
    :ivar agreement: what both sides will keep to, in the offer's own type; None for nothing.
    :ivar head: the request as HTTP/1.1 would have it.
    :ivar findings: checks that failed, of other offers and of extensions that are declined.
    """

    __slots__ = ()

    @property
    def status_code(self) -> int:
        """200."""
        return 200

    def with_headers(self, headers: HeadersLike) -> "AcceptConnect":
        """The same answer with more fields. They take the place of fields of the same names.

        Raises :class:`LocalProtocolError` for fields that cannot stand there: those of a hop,
        Content-Length (RFC 9110 9.3.6), pseudo-header fields; Content-Type, if this is a tunnel
        (RFC 9297 3.2).
        """
        added = _as_sent(headers)
        if is_tunnel(self.token) and any(name == b"content-type" for name, _ in added):
            raise LocalProtocolError("what goes through a tunnel has no Content-Type")
        return self._replace(headers=merge_headers(self.headers, added))


def decide_extended_connect(
    headers: HeadersLike, policy: Policy, *, secure: bool = True
) -> AcceptConnect | Reject | Passthrough:
    """What to answer to a request in HTTP/2 or HTTP/3 (RFC 8441 4, RFC 9220 3).

    :param headers: all fields of the request as the library gives them: names and values in bytes,
        pseudo-header fields in front.
    :param secure: whether the connection is inside TLS, as HTTP/3 always and HTTP/2 nearly always
        is.

    Whatever is no Extended CONNECT passes, in every mode of the policy: a 426 has no meaning there
    (RFC 9113 8.6). The fields of a ``Reject`` are in lower case; send them behind its status.

    It raises nothing for what a peer sends: only what a callable of the policy raises comes
    through, and :class:`TypeError` for fields that are not bytes.
    """
    fields = tuple(headers)
    if any(type(part) is not bytes for field in fields for part in field):
        raise TypeError("a field is a name and a value in bytes")
    protocol = next((value for name, value in fields if name == b":protocol"), None)
    if protocol is None:
        return Passthrough(None)
    head = _head_of(fields)
    if head is None:
        return _refuse(policy, (find("extended-connect-malformed"),), None, secure=secure)
    faults = judge_host(head)
    if faults:
        return _refuse(policy, faults, head, secure=secure)
    return _negotiate(head, protocol, policy, secure=secure)


def _negotiate(
    head: RequestHead, protocol: bytes, policy: Policy, *, secure: bool
) -> AcceptConnect | Reject:
    findings: list[Finding] = []
    broken: Broken | None = None
    for token, offer in _connect_offers(policy, secure):
        if bytes(token).lower() != protocol.lower():
            continue
        answer = offer.negotiate_connect(head, token, secure=secure)
        findings += answer.findings
        match answer:
            case Agreed():
                fields = ((b":status", b"200"), *_as_sent(answer.headers))
                agreed = (answer.token, fields, answer.agreement, head, tuple(findings))
                return AcceptConnect(*agreed)
            case Broken():
                broken = broken or answer
            case Ignored():
                pass
            case _:
                raise LocalProtocolError(f"not an answer of an offer: {answer!r}")
    if broken is None:
        findings.append(find("extended-connect-protocol-unknown", value=protocol))
    return _refuse(policy, tuple(findings), head, broken, secure=secure)


def _connect_offers(policy: Policy, secure: bool) -> Iterable[tuple[UpgradeToken, ConnectOffer]]:
    for token, offer in policy.terms[secure].offered:
        if isinstance(offer, ConnectOffer):
            yield token, offer


def _head_of(fields: Headers) -> RequestHead | None:
    """The request as HTTP/1.1 would have it; None if it is malformed (RFC 9113 8.1.1)."""
    pseudo, regular = fields[: len(_REQUIRED)], fields[len(_REQUIRED) :]
    values = dict(pseudo)
    authority, path = values.get(b":authority"), values.get(b":path", b"")
    if (
        sorted(name for name, _ in pseudo) != sorted(_REQUIRED)
        or values[b":method"] != b"CONNECT"
        or not all(values.values())
        or not path.startswith(b"/")
        or any(name != name.lower() or name in _OF_THE_HOP for name, _ in regular)
        # RFC 9113 8.3.1: a Host beside the authority says the same.
        or any(name == b"host" and value != authority for name, value in regular)
    ):
        return None
    others = tuple(field for field in regular if field[0] != b"host")
    try:
        return RequestHead(b"GET", path, ((b"Host", values[b":authority"]), *others))
    except ValueError:
        return None


def _refuse(
    policy: Policy,
    findings: tuple[Finding, ...],
    head: RequestHead | None,
    broken: Broken | None = None,
    *,
    secure: bool,
) -> Reject:
    status_code = implied_status(findings) if broken is None else broken.status_code
    if status_code == 426:
        status_code = 400
    tokens = tuple(dict.fromkeys(token for token, _ in _connect_offers(policy, secure)))
    headers = () if broken is None else broken.headers
    report = RefusalReport(status_code, tokens, findings, head, headers)
    fields, body = policy.refusal.render(report)
    refused = Reject(status_code, fields, body, findings=findings)
    return refused._replace(headers=tuple((name.lower(), value) for name, value in refused.headers))


def _as_sent(headers: HeadersLike) -> Headers:
    """Fields of a response as HTTP/2 has them (RFC 9113 8.2). Raises for those it cannot have."""
    try:
        checked = checked_headers(headers)
    except (TypeError, ValueError) as error:
        raise LocalProtocolError(f"a field cannot stand in a response: {error}") from error
    lowered = tuple((name.lower(), value) for name, value in checked)
    for name, _ in lowered:
        if name in _OF_THE_HOP or name == b"content-length":
            raise LocalProtocolError(f"{name.decode('ascii')} cannot stand in this response")
    return lowered
