"""TLS under HTTP/1.1, begun by an Upgrade (RFC 2817).

Rules for this module: only ``OPTIONS *`` without a body is switched; whatever else asks for TLS is
an ordinary request, and is never refused for that. It ends at the 101, before the first record.

The reason is CVE-2025-49812. An attacker between client and server can send the request that
begins TLS, and its answer is the first thing that the client reads inside, as if it had asked for
it. What ``OPTIONS *`` asks about is the server as such: no path in it chooses the answer.
"""

from typing import Final, final

from .._http1 import grammar
from .._http1.arguments import require
from .._http1.errors import LocalProtocolError
from .._http1.field_values import HTTP_1_1, UpgradeToken
from .._http1.findings import Code, make_finding
from .._http1.head_findings import fault, method_fault
from .._http1.heads import RequestHead, ResponseHead
from .._http1.request_facts import facts_of
from .._http1.values import Value, field
from .._negotiation import finding_codes as rule_codes
from .._negotiation.advice import TLS_NAME, Advice, UseTLS, names_tls
from .._negotiation.client_offers import ClientOffer, UpgradeRefusal, VerificationFailed, Verified
from .._negotiation.decisions import Accept101
from .._negotiation.example_request import Example
from .._negotiation.offers import Agreed, Ignored, Offer, OfferResult

TLS_NEEDS_OPTIONS: Final = Code(
    "tls-needs-options",
    426,
    "RFC 2817 3.2",
    "TLS begins here with OPTIONS * without a body, and this is another request",
    "Send OPTIONS * with this Upgrade field first, then this request inside TLS.",
)
TLS_VERSIONS_NAMED: Final = Code(
    "tls-versions-named",
    None,
    "RFC 2817 3.3",
    "the 101 names several versions of TLS instead of one",
    "They were ignored: the TLS handshake agrees on a version.",
)


@final
class TLSAgreement(Value):
    """What both ends begin after the 101: a TLS handshake, and HTTP/1.1 inside it."""

    __slots__ = __match_args__ = ()

    version: str = field(
        "The one that was asked for by name. The handshake agrees on one of its own, from what "
        "the two ends allow: allow no less there than is offered here, and nothing else."
    )


class TLS(Offer, ClientOffer):
    """The offer of TLS on a cleartext connection.

    :param versions: in descending preference, ``"1.3"``; those the TLS library is set up for.

    A client is switched by ``OPTIONS *``, whose answer it reads inside TLS (RFC 2817 3.3).
    Octets that arrive before the 101 are answered with 400: they cannot be a ClientHello that
    waited for it. A client may ask for it with any request (3.1); only ``OPTIONS *`` is sure to go
    out before anything that the server should not see in the clear. After its ``Switched``, no
    server speaks first: ``trailing_data`` comes from an attacker; close the connection then.

    Raises :class:`ValueError` for what is no version of one digit, a dot and one digit, for one
    that is there twice and for none.
    """

    __slots__ = ("_tokens",)

    # CUPS leaves it out. A 101 of another connection cannot complete the handshake that follows.
    requires_upgrade_option = False

    def __init__(self, *versions: str) -> None:
        for version in versions:
            require("each of versions is a str", version, str)
            if grammar.HTTP_VERSION.fullmatch(version.encode("ascii", "replace")) is None:
                raise ValueError(f"each of versions is as in TLS('1.3'), not {version!r}")
        if not versions or len(set(versions)) < len(versions):
            raise ValueError("TLS takes one or more versions, none twice")
        self._tokens = tuple(UpgradeToken(TLS_NAME, version) for version in versions)

    def __repr__(self) -> str:
        return f"TLS({', '.join(repr(token.version) for token in self._tokens)})"

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        # RFC 2817 4.2: HTTP/1.1 goes on inside.
        return () if secure else (*self._tokens, HTTP_1_1)

    def example_request(self, head: RequestHead, *, secure: bool) -> Example:
        return Example.of(head, self.tokens(secure=secure), method=b"OPTIONS", target=b"*")

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        if token not in self._tokens:
            # The layer above TLS, which is no protocol to change to without it.
            with_tls = any(map(names_tls, facts_of(head).wanted))
            unknown = make_finding(rule_codes.NO_COMMON_PROTOCOL, field="Upgrade")
            return Ignored(() if with_tls else (unknown,))
        if not begins_tls(head):
            return Ignored((method_fault(head, TLS_NEEDS_OPTIONS),))
        agreement = TLSAgreement(token.version or "")
        return Agreed(token, (), agreement, layers=(token, HTTP_1_1), takes_early_data=False)

    def check_accept(self, head: RequestHead, accept: Accept101, *, secure: bool) -> None:
        if not begins_tls(head):
            raise LocalProtocolError(
                "TLS begins with OPTIONS * without a body, not with this request"
            )
        if not names_tls(accept.tokens[0]) or accept.tokens[1:] != (HTTP_1_1,):
            raise LocalProtocolError("TLS is the lowest layer, and HTTP/1.1 the one above")
        if accept.takes_early_data:
            raise LocalProtocolError("TLS takes no early data: Accept101(takes_early_data=False)")

    def tokens_to_request(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return () if secure else self._tokens

    def verify(
        self, request: RequestHead, response: ResponseHead, tokens: tuple[UpgradeToken, ...]
    ) -> Verified | VerificationFailed:
        # RFC 2817 3.3: TLS, and HTTP/1.1 above it. CUPS names all versions that it knows in the
        # place of one; the TLS handshake agrees on a version.
        if not all(names_tls(token) or token == HTTP_1_1 for token in tokens):
            return VerificationFailed(
                (fault(response, rule_codes.SWITCH_NAMES_SEVERAL, "Upgrade"),)
            )
        versions = [token for token in tokens if names_tls(token)]
        asked = next(token for token in versions if token in self._tokens)
        more = (fault(response, TLS_VERSIONS_NAMED, "Upgrade"),) if len(versions) > 1 else ()
        return Verified(TLSAgreement(asked.version or ""), more)

    def advise(self, refusal: UpgradeRefusal) -> Advice | None:
        # It may have been asked for beside another request.
        tried = refusal.was_asked and begins_tls(refusal.request)
        return None if tried or not refusal.is_named else UseTLS("upgrade", self, refusal.close)


def begins_tls(head: RequestHead) -> bool:
    """Whether this is a request that TLS can begin with."""
    return head.method == b"OPTIONS" and head.target == b"*" and not head.announces_content
