"""Any other upgrade token: Docker's tcp, SPDY/3.1, IRC/6.9, DERP …

Rules for this module: it knows the method and the body of the request, and nothing of what the
protocol says inside.
"""

from collections.abc import Iterable
from typing import Literal

from .._http1 import grammar
from .._http1.arguments import items, require_choice
from .._http1.field_lines import require_reason
from .._http1.field_values import Headers, HeadersLike, UpgradeToken, upgrade_token
from .._http1.findings import Finding
from .._http1.framing import body_fault
from .._http1.head_findings import method_fault
from .._http1.heads import RequestHead
from .._http1.hop_by_hop import added_headers
from .._negotiation import finding_codes as rule_codes
from .._negotiation.client_offers import ClientOffer
from .._negotiation.example_request import Example
from .._negotiation.offers import Agreed, HandshakeFailed, Offer, OfferResult
from . import CAPSULE_PROTOCOLS, OFFERS_BY_NAME, is_one_of


class CustomProtocol(Offer, ClientOffer):
    """An offer of a protocol that needs no handshake besides its name.

    :param token: ``"tcp"``, ``"irc/6.9"``: name and version as in the Upgrade field.
    :param methods: those a request may have; None for any.
    :param body: "refuse" a request with a body, or "buffer" it and hand it over with the decision.
        A client sends one only with "buffer".
    :param headers: more fields for the 101.
    :param reason: the 101's reason phrase; Docker's client prints it.

    Raises :class:`ValueError` for what cannot stand on the wire, and for protocols that need more
    than their name: those that have an offer here, and capsule protocols (RFC 9297 3.2).
    """

    __slots__ = ("_allow", "_body", "_headers", "_methods", "_reason", "_token")

    def __init__(
        self,
        token: UpgradeToken | str,
        *,
        methods: Iterable[bytes] | None = None,
        body: Literal["refuse", "buffer"] = "refuse",
        headers: HeadersLike = (),
        reason: bytes = b"Switching Protocols",
    ) -> None:
        require_choice("body", body, ("refuse", "buffer"))
        self._token = upgrade_token(token)
        _refuse_known(self._token)
        self._methods = None if methods is None else _checked_methods(methods)
        self._allow: Headers = ((b"Allow", b", ".join(self._methods or ())),)
        self._body = body
        self._headers = added_headers(headers)
        require_reason(reason)
        self._reason = reason

    def __repr__(self) -> str:
        return f"CustomProtocol({str(self._token)!r})"

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (self._token,)

    def example_request(self, head: RequestHead, *, secure: bool) -> Example:
        method = self._methods[0] if self._methods else b"GET"
        return Example.of(head, (self._token,), method=method)

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        findings: list[Finding] = []
        headers: Headers = ()
        if self._methods is not None and head.method not in self._methods:
            named = b" or ".join(self._methods).decode("ascii")
            detail = f"It starts with {named}."
            findings.append(method_fault(head, rule_codes.METHOD_NOT_ALLOWED, detail=detail))
            headers = self._allow
        if head.announces_content and self._body == "refuse":
            findings.append(body_fault(head, rule_codes.BODY_NOT_ALLOWED))
        if findings:
            return HandshakeFailed.because(*findings, headers=headers)
        reads_body = self._body == "buffer"
        return Agreed(self._token, self._headers, reads_body=reads_body, reason=self._reason)

    def check_request(self, request: RequestHead) -> None:
        answer = self.negotiate(request, self._token, secure=False)
        if not isinstance(answer, Agreed):
            raise ValueError(
                f"{self._token} is not asked for like this: {answer.findings[0].message}"
            )


def _refuse_known(token: UpgradeToken) -> None:
    """Raise :class:`ValueError` for a protocol that needs more than its name."""
    name = token.name.encode("ascii").lower()
    for known, offer in OFFERS_BY_NAME.items():
        if is_one_of(name, known):
            raise ValueError(f"{token} needs more than its name: offer {offer}()")
    if any(is_one_of(name, known) for known in CAPSULE_PROTOCOLS):
        raise ValueError(
            f"{token} is a capsule protocol, whose messages have no Content-Length, Content-Type or"
            " Transfer-Encoding (RFC 9297 3.2); there is no offer of it here: write one"
            " (httpupgrade.offers)"
        )


def _checked_methods(methods: Iterable[bytes]) -> tuple[bytes, ...]:
    checked = items("methods", methods, bytes, "methods in bytes")
    if not checked:
        raise ValueError("methods holds at least one method, or is None for all")
    for method in checked:
        if grammar.TOKEN.fullmatch(method) is None:
            raise ValueError(f"methods holds what is not a method: {method!r}")
    return checked
