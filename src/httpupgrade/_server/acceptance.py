"""Checks of an acceptance before it is sent.

Rules for this module: a connection is switched only to what its client asked for and the policy
offers. It knows no protocol: a 101 that the caller made or changed is judged by the offer, and one
that an offer agreed to is taken at its word.
"""

from .._http1.errors import LocalProtocolError
from .._http1.field_values import HTTP_1_1, UpgradeToken
from .._http1.heads import RequestHead
from .._http1.request_facts import facts_of
from .._negotiation.answer_fields import refuse_forbidden
from .._negotiation.decisions import Accept101
from .._negotiation.offers import Offer
from .._negotiation.policy import Policy


def check_switch(
    policy: Policy, agreed: Offer | None, waiting: Accept101, decision: Accept101, *, secure: bool
) -> None:
    """Check a decision against the request that waits to be switched.

    :param agreed: the offer that agreed to ``waiting``.

    Raises :class:`LocalProtocolError`.
    """
    head = waiting.head
    assert head is not None
    _check_tokens(head, decision)
    if decision is waiting:
        return
    if decision.token == waiting.token:
        refuse_forbidden(decision.headers, waiting.forbidden_headers)
    offers = _offers_by_token(policy, secure)
    for token in decision.tokens:
        if _is_spoken(token, decision):
            continue
        offer = agreed if token == waiting.token else offers.get(token)
        if offer is None:
            raise LocalProtocolError(f"no offer of the policy names {token} on this connection")
        offer.check_accept(head, decision, secure=secure)


def check_early_data(waiting: Accept101, decision: Accept101) -> None:
    """Raises :class:`LocalProtocolError` where octets that are there already may not be."""
    if not (decision.takes_early_data and waiting.takes_early_data):
        raise LocalProtocolError(f"{decision.token} begins after the 101, and octets are there")


def _check_tokens(head: RequestHead, decision: Accept101) -> None:
    """RFC 9110 7.8: a server MUST NOT switch to a protocol that the client did not indicate."""
    offered = frozenset(facts_of(head).wanted)
    if decision.token not in decision.tokens:
        raise LocalProtocolError(f"{decision.token} is none of the layers that are switched to")
    for token in decision.tokens:
        if token not in offered and not _is_spoken(token, decision):
            raise LocalProtocolError(f"the client did not offer {token}")


def _is_spoken(token: UpgradeToken, decision: Accept101) -> bool:
    """Whether this layer is spoken here already (RFC 2817 3.3: "TLS/1.0, HTTP/1.1")."""
    return token == HTTP_1_1 and token != decision.token


def _offers_by_token(policy: Policy, secure: bool) -> dict[UpgradeToken, Offer]:
    """The first offer of the policy that names each token on such a connection."""
    return dict(reversed(policy.terms[secure].offered))
