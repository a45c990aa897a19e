"""What to answer to a head, and to octets that are none.

Rules for this module: it applies the table in ``rules``, and decides nothing itself.
"""

from typing import Any, Final

from .._http1.arguments import require_flag, wrong_type
from .._http1.heads import RequestHead
from .._http1.limits import Limits
from .._http1.line_scan import Unreadable
from .._http1.request_facts import has_upgrade
from .decisions import Decision, Passthrough
from .offers import HandshakeFailed, Offer
from .policy import Policy
from .refusal_response import Refusal, reject
from .request_info import RequestInfo
from .rules import (
    APPLIED,
    APPLIED_WITHOUT_OFFERS,
    Case,
    Decided,
    judge_at_once,
    refuse_unasked,
)
from .withhold_upgrade import withhold_upgrade

_blank: Final = object.__new__


def decide(
    head: RequestHead,
    policy: Policy,
    *,
    secure: bool = False,
    peer: object = None,
    can_send_upgrade: bool = True,
) -> Decision:
    """What to answer to a request (RFC 9110 7.8, 15.5.22).

    :param secure: whether the connection is inside TLS.
    :param peer: the other end, for the policy's ``rollout_key``: whatever you call it.
    :param can_send_upgrade: whether Upgrade and Connection of a response reach the client. Where
        not, as over HTTP/2, which drops them or fails on them, a 426 becomes a 400 that says the
        same, nothing is advertised, and a good handshake passes, or is answered with 501 where the
        policy is enforced.

    Pure, and total: it raises nothing, whatever the head; only what a callable of the policy
    raises comes through, :class:`LocalProtocolError` when one chooses what was not offered, and
    :class:`TypeError` when one returns what is not of its type.
    """
    decision, *_ = decide_within(None, head, policy, secure, peer)
    if can_send_upgrade is True:
        return decision
    require_flag("can_send_upgrade", can_send_upgrade)
    return withhold_upgrade(decision, policy, RequestInfo(head, peer, secure), None)


def decide_within(
    limits: Limits | None,
    head: RequestHead,
    policy: Policy,
    secure: bool,
    peer: object = None,
    context: object = None,
) -> Decided:
    """As :func:`decide`, knowing how much body its caller will read.

    ``peer`` and ``context`` are those of a :class:`RequestInfo`, which few policies need.
    """
    try:
        terms = policy.terms[secure]
        never_asked = head._asking is False and (terms.marks is None or not terms.has_mark(head))
    except (AttributeError, IndexError, TypeError):
        raise _wrong_argument(head, policy, secure) from None
    at_once: Decided | HandshakeFailed | Offer | None = None
    if not never_asked:
        if head._captured or has_upgrade(head):
            at_once = judge_at_once(policy, head, secure)
    elif terms.passes_unasked:  # the first row, and how most requests end
        octets = head._octets if head._received else b""
        passed: Any = _blank(Passthrough)
        passed._values = (head, octets, (), (), terms.would_enforce, terms.fields)
        return passed, None, None, None
    elif terms.enforced and terms.unasked is not None:
        at_once = refuse_unasked(terms.unasked, head)
    if isinstance(at_once, tuple):
        return at_once
    case = Case(head, policy, secure, limits, peer, context)
    case.asked = at_once
    for apply in APPLIED if head._asking is not False else APPLIED_WITHOUT_OFFERS:
        decision = apply(case)
        if decision is not None:
            return decision, case.written, case.offer, case.in_share
    raise AssertionError("the last rule decides")


def _wrong_argument(head: object, policy: object, secure: object) -> TypeError:
    """Which argument of :func:`decide` it is. Asked only when one has failed: calls are cheap."""
    if not isinstance(head, RequestHead):
        return wrong_type("head is a RequestHead", head)
    if not isinstance(policy, Policy):
        return wrong_type("policy is a Policy", policy)
    return wrong_type("secure is True or False", secure)


def decide_unreadable(
    unreadable: Unreadable, policy: Policy | None, refusal: Refusal, data: bytes, *, secure: bool
) -> Decision:
    """What to answer to octets that are no head.

    :param policy: None where it depends on a head; then nothing is required.
    :param data: the octets up to where the head ends, empty where that is unknown.
    """
    enforced = policy is not None and policy.terms[secure].enforced
    if enforced or unreadable.seems_to_upgrade:
        tokens = () if policy is None else policy.tokens(secure=secure)
        return reject(refusal, None, unreadable.findings, tokens=tokens)
    would_require = policy is not None and policy.terms[secure].would_enforce
    return Passthrough(None, data, unreadable.findings, (), would_require)
