"""The rules: one head, one policy, one decision.

Rules for this module: it is a table, read from the top; the first row that decides, decides. It is
pure: no row reads anything but its case, and none looks at octets after the head.
"""

from collections.abc import Callable
from typing import Final, final

from .._http1 import finding_codes as http1_codes
from .._http1.field_values import Headers, format_upgrade
from .._http1.findings import Code, Finding, implied_status
from .._http1.framing import body_fault
from .._http1.head_findings import fault, target_fault, version_fault
from .._http1.heads import RequestHead
from .._http1.limits import Limits
from .._http1.received_lines import escape_octets
from .._http1.request_facts import (
    RequestFacts,
    accepts_anything,
    facts_of,
    has_upgrade,
    upgrade_asked_for,
)
from .._http1.values import made_of
from . import finding_codes as codes
from .decisions import (
    Accept101,
    Continue100,
    Decision,
    Passthrough,
    Refused,
    Require426,
    known_octets,
)
from .offers import Agreed, AtOnce, HandshakeFailed, Ignored, Offer, wrong_answer
from .policy import Policy
from .prepared_refusal import PreparedRefusal
from .refusal_response import make_refusal
from .refusal_text import RefusalReport
from .request_info import RequestInfo
from .terms import UPGRADE_MISSING, Candidate, Close, Terms

_KNOWN_EXPECTATIONS: Final = frozenset((b"100-continue",))
_OPTION_ALONE: Final = (
    "Connection lists upgrade all the same. Some proxies add that to every request, so this may be"
    " a plain one."
)
# Without content, and with a close.
_ANSWERED_OTHERWISE: Final = frozenset((b"HEAD", b"CONNECT"))


Decided = tuple[Decision, bytes | None, Offer | None, bool | None]
"""A decision, its octets where they were known before it was made, the offer that agreed, and
whether the client is in the policy's share, where that was asked."""


class Case:
    """One head before one policy, and what was found so far."""

    __slots__ = (
        "accepted",
        "agreed",
        "asked",
        "broken",
        "candidates",
        "context",
        "facts",
        "findings",
        "head",
        "in_share",
        "limits",
        "offer",
        "peer",
        "policy",
        "secure",
        "terms",
        "written",
    )

    facts: RequestFacts  # not asked for where nothing is judged

    def __init__(
        self,
        head: RequestHead,
        policy: Policy,
        secure: bool,
        limits: Limits | None,
        peer: object = None,
        context: object = None,
    ) -> None:
        self.head = head
        self.policy = policy
        self.secure = secure
        self.terms = policy.terms[secure]
        self.limits = limits
        self.peer = peer
        self.context = context
        self.findings: list[Finding] = []
        # The offers that the client asks for; None if it does not ask in a way that counts.
        self.candidates: tuple[Candidate, ...] | None = None
        self.agreed: Agreed | None = None
        self.accepted: Accept101 | None = None  # what an offer made of its agreement itself
        self.offer: Offer | None = None  # the offer that agreed
        self.broken: HandshakeFailed | None = None
        self.in_share: bool | None = None  # what the rollout key came to, once it was asked for
        self.written: bytes | None = None  # the decision's octets, if they are known
        # What the first of them said when it was asked at once, or itself if it said nothing.
        self.asked: HandshakeFailed | Offer | None = None

    def note(self, code: Code, field: str, line: int = 0, position: int | None = None) -> None:
        """Add a finding about a field, with its line if it is there."""
        self.findings.append(fault(self.head, code, field, line, position))


def _pass_what_does_not_ask(case: Case) -> Decision | None:
    head = case.head
    if case.terms.enforced or has_upgrade(head):
        return None
    # A rollout key is asked for once it matters, not for what asks.
    if case.terms.enforced is None and _is_in_the_share(case):
        return None
    meant = case.terms.was_meant(head)
    if meant is not None:
        _note_lost_hops(case, meant)
    return _pass_through(case)


def _reject_malformed(case: Case) -> Decision | None:
    case.facts = facts_of(case.head)
    if not case.facts.faults:
        return None
    case.findings += case.facts.faults
    return _refuse(case, implied_status(case.findings), unclear=True)


def _read_what_is_asked(case: Case) -> None:
    facts = case.facts
    if facts.upgrade is None or b"upgrade" not in facts.options or case.head.http_version == b"1.0":
        _note_why_nothing_is_asked(case)
        return
    case.candidates = _candidates_for(case.terms, facts.upgrade)
    if case.candidates is not None:
        return
    wanted = facts.wanted
    if not wanted and facts.wanted_fault is not None:
        case.note(codes.UPGRADE_MALFORMED, "Upgrade", *facts.wanted_fault)
    else:
        case.candidates = case.policy.candidates(wanted, secure=case.secure)


def _candidates_for(terms: Terms, upgrade: bytes) -> tuple[Candidate, ...] | None:
    """The offers for a value of Upgrade; None for one that has to be read."""
    # Versions compare exactly.
    return terms.candidates.get(upgrade if b"/" in upgrade else upgrade.lower())


def _note_why_nothing_is_asked(case: Case) -> None:
    """Causes before what follows from them."""
    head, facts = case.head, case.facts
    lacks_option = facts.options_fault is None and b"upgrade" not in facts.options
    meant = case.terms.was_meant(head) if lacks_option or facts.upgrade is None else None
    if meant is not None:
        _note_lost_hops(case, meant)
    if head.http_version == b"1.0":
        case.findings.append(version_fault(head, codes.UPGRADE_IN_HTTP_1_0))
    if facts.options_fault is not None:
        case.note(codes.CONNECTION_MALFORMED, "Connection", *facts.options_fault)
    if facts.upgrade is None:
        has_option = b"upgrade" in facts.options
        case.findings.append(_upgrade_missing_here(head) if has_option else UPGRADE_MISSING)
        if meant is None:  # a plain request needs no option
            return
    if lacks_option:
        case.note(codes.UPGRADE_OPTION_MISSING, "Connection")
    if facts.wanted_fault is not None:
        case.note(codes.UPGRADE_MALFORMED, "Upgrade", *facts.wanted_fault)


def _upgrade_missing_here(head: RequestHead) -> Finding:
    """The finding about a request without Upgrade whose Connection lists upgrade.

    That proves nothing: a proxy may add it to every request, rightly or not.
    """
    lines = head.get_all(b"connection")
    line = next(place for place, value in enumerate(lines) if b"upgrade" in value.lower())
    found = fault(head, codes.UPGRADE_MISSING, "Connection", line, detail=_OPTION_ALONE)
    return found.replace(field="Upgrade", value=None)


def _note_lost_hops(case: Case, meant: str) -> None:
    # Of broken WebSocket handshakes captured behind proxies, nearly all still carry the key: it is
    # what tells them from requests that never asked.
    code = codes.HOP_BY_HOP_FIELDS_LOST
    if meant.startswith("/"):
        shown_by = "Its path shows what it was meant as."
        case.findings.append(target_fault(case.head, code, detail=shown_by))
    else:
        shown_by = f"Its {escape_octets(meant.encode('ascii'))} field shows what it was meant as."
        case.findings.append(fault(case.head, code, meant, detail=shown_by))


def _try_offers(case: Case) -> None:
    if case.candidates is None:
        return
    if not case.candidates:
        case.note(codes.NO_COMMON_PROTOCOL, "Upgrade")
    for token, offer in case.candidates:
        at_once = _ask(case, offer)
        if isinstance(at_once, tuple):
            case.accepted, case.written = at_once
            case.offer = offer
            return
        answer = at_once or offer.negotiate(case.head, token, secure=case.secure)
        match answer:
            case Agreed():
                case.agreed = answer
            case HandshakeFailed():
                case.broken = case.broken or answer
            case Ignored():
                pass
            case _:
                raise wrong_answer(answer)
        case.findings += answer.findings
        if case.agreed is not None:
            case.offer = offer
            return


def _ask(case: Case, offer: Offer) -> AtOnce:
    """What an offer answers at once; the first one may have been asked before."""
    asked, case.asked = case.asked, None
    if asked is not None:
        return None if isinstance(asked, Offer) else asked
    if case.facts.captured and not case.facts.has_content:
        return offer._agree_at_once(case.head, case.facts.captured, case.secure)
    return None


def _reject_expectation(case: Case) -> Decision | None:
    if case.agreed is None or case.facts.expectations <= _KNOWN_EXPECTATIONS:
        return None
    lines = case.head.get_all(b"expect")
    line = next(place for place, value in enumerate(lines) if _has_unknown_expectation(value))
    case.note(codes.EXPECTATION_UNKNOWN, "Expect", line)
    return _refuse(case, 417)


def _has_unknown_expectation(value: bytes) -> bool:
    listed = {each.strip(b" \t").lower() for each in value.split(b",")}
    return not listed <= _KNOWN_EXPECTATIONS | {b""}


def _reject_body(case: Case) -> Decision | None:
    facts, limits = case.facts, case.limits
    if case.agreed is None or not facts.has_content:
        return None
    if not case.agreed.reads_body:
        code = codes.BODY_NOT_ALLOWED
    elif facts.framing.coded:
        code = http1_codes.TRANSFER_ENCODING_UNKNOWN
    elif limits is not None and (facts.framing.length or 0) > limits.max_request_body:
        code = codes.BODY_TOO_LARGE
    else:
        return None
    case.findings.append(body_fault(case.head, code))
    return _refuse(case, implied_status(case.findings[-1:]))


def _accept(case: Case) -> Decision | None:
    agreed, facts, findings = case.agreed, case.facts, tuple(case.findings)
    if case.accepted is not None:
        return case.accepted.replace(findings=findings)
    if agreed is None:
        return None
    interim = Continue100() if facts.expectations else None
    token, headers, agreement, _, layers, reason, _, takes_early_data, forbidden = agreed._values
    upgrade = format_upgrade(layers) if layers else token._octets
    layers = layers or (token,)
    fields = ((b"Upgrade", upgrade), (b"Connection", b"Upgrade"), *headers)
    request = (agreement, case.head, b"", facts.has_content, interim, findings)
    values = (token, layers, fields, *request, reason, takes_early_data, forbidden)
    # Passing keywords to the class takes longer than all this.
    return made_of(Accept101, values)


def judge_at_once(
    policy: Policy, head: RequestHead, secure: bool
) -> Decided | HandshakeFailed | Offer | None:
    """What the rules come to where the offer that they ask first agrees at once.

    The same where it says what is broken, and no other is asked for. If there are others, what it
    says; if it says nothing, that offer. None where the rules have more to ask before.
    """
    terms = policy.terms[secure]
    captured = head._captured or facts_of(head).captured
    # What is captured of a head without faults expects nothing; where it asks, it has no body.
    upgrade = upgrade_asked_for(captured) if captured else None
    if upgrade is None:
        return None
    candidates = terms.candidates.get(upgrade) or _candidates_for(terms, upgrade)
    if not candidates:
        return None
    _, offer = candidates[0]
    at_once = offer._agree_at_once(head, captured, secure)
    if isinstance(at_once, tuple):
        accepted, written = at_once
        return accepted, written, offer, None
    if at_once is None or len(candidates) > 1:
        return at_once or offer
    findings, status_code, headers = at_once._values
    close = _closes(head, policy.close, None)
    refused = _refusal(policy, terms, head, status_code, findings, headers, close)
    return refused, known_octets(refused), None, None


def _reject_broken(case: Case) -> Decision | None:
    if case.broken is None:
        return None
    return _refuse(case, case.broken.status_code, case.broken.headers)


def _is_in_the_share(case: Case) -> bool:
    """Whether a policy that is enforced for a share of the clients is enforced here."""
    if case.in_share is None:
        request = RequestInfo(case.head, case.peer, case.secure, case.context)
        case.in_share = case.policy.enforces(request)
    return case.in_share


def _require(case: Case) -> Decision | None:
    enforced = case.terms.enforced
    if enforced is False or (enforced is None and not _is_in_the_share(case)):
        return None
    unasked = case.terms.unasked
    if unasked is not None and case.findings == [UPGRADE_MISSING]:
        prepared = _refuse_as_prepared(unasked, case.head, case.facts)
        if prepared is not None:
            decision, case.written = prepared
            return decision
    return _refuse(case, 426)


def refuse_unasked(unasked: PreparedRefusal, head: RequestHead) -> Decided | None:
    """What the rules say of a request that never asked, if they find nothing but that.

    :param head: one without a line that asks, and without a mark of the policy's.
    """
    facts = facts_of(head)
    if facts.faults or head.http_version == b"1.0" or b"upgrade" in facts.options:
        return None
    prepared = _refuse_as_prepared(unasked, head, facts)
    return None if prepared is None else (*prepared, None, None)


def _refuse_as_prepared(
    unasked: PreparedRefusal, head: RequestHead, facts: RequestFacts
) -> tuple[Require426, bytes] | None:
    """The refusal of a request about which there is nothing else to say, with its octets."""
    if (
        facts.has_content
        or not facts.persists
        or head.method in _ANSWERED_OTHERWISE
        or head.target == b"*"  # which the example cannot share
        or not accepts_anything(head)
    ):
        return None
    return unasked.fixed or unasked.finish(head)


def _pass_through(case: Case) -> Decision:
    terms, head = case.terms, case.head
    advertisement: Headers = ()
    if case.policy.mode == "advertise" and _knows_upgrade(head):
        advertisement = terms.advertisement
    return Passthrough(
        head,
        head.raw or b"",
        tuple(case.findings),
        advertisement,
        terms.would_enforce,
        terms.fields,
    )


def _knows_upgrade(head: RequestHead) -> bool:
    """Whether this is HTTP/1.1, which keeps connections too, or a later minor version of it.

    RFC 9110 7.8: HTTP/1.0 cannot upgrade; RFC 9113 8.2.2: later versions have no Upgrade field.
    """
    return head.http_version.startswith(b"1.") and head.http_version != b"1.0"


@final
class Rule:
    """A row of the decision table."""

    __slots__ = ("apply", "clause", "then", "when")

    def __init__(
        self, when: str, then: str, clause: str, apply: Callable[[Case], Decision | None]
    ) -> None:
        self.when = when
        self.then = then
        self.clause = clause
        self.apply = apply


RULES: Final = (
    Rule(
        "There is no Upgrade field, and the policy does not enforce one",
        "Passthrough, not judged and untouched",
        "RFC 9110 7.8",
        _pass_what_does_not_ask,
    ),
    Rule(
        "Version, Host or framing are not clear",
        "Reject 400, 505, 501 or 413, and close",
        "RFC 9112 2.3, 3.2, 6.1, 6.3",
        _reject_malformed,
    ),
    Rule(
        "HTTP/1.0, no upgrade option in Connection, or a malformed field",
        "The Upgrade field is ignored",
        "RFC 9110 7.8, 7.6.1",
        _read_what_is_asked,
    ),
    Rule(
        "Protocols asked for are offered",
        "Each is tried, in the policy's order, until one agrees",
        "RFC 9110 7.8",
        _try_offers,
    ),
    Rule(
        "One agrees, but the client expects something unknown",
        "Reject 417",
        "RFC 9110 10.1.1",
        _reject_expectation,
    ),
    Rule(
        "One agrees, but the request has a body that it does not read, or too long a one",
        "Reject 400, 501 or 413",
        "RFC 9110 7.8",
        _reject_body,
    ),
    Rule(
        "One agrees",
        "Accept101, after Continue100 where the client expects it",
        "RFC 9110 15.2.2, 7.8",
        _accept,
    ),
    Rule(
        "The handshake of one that was tried is broken",
        "Require426 or Reject, with the status of the first of them",
        "RFC 6455 4.2.1, 4.2.2",
        _reject_broken,
    ),
    Rule(
        "The policy enforces an upgrade",
        "Require426",
        "RFC 9110 15.5.22",
        _require,
    ),
    Rule(
        "Otherwise",
        "Passthrough",
        "RFC 9110 7.8",
        _pass_through,
    ),
)


APPLIED: Final = tuple(rule.apply for rule in RULES)
# The other rows are about offers, which are tried only where there is an Upgrade field.
APPLIED_WITHOUT_OFFERS: Final = (*APPLIED[:3], *APPLIED[-2:])


def closes_after_refusal(head: RequestHead, policy: Policy | None, limits: Limits | None) -> bool:
    """Whether the connection has to close, or the policy wants it to, after any refusal."""
    close = "auto" if policy is None else policy.close
    return bool(facts_of(head).framing_faults) or _closes(head, close, limits)


def _refuse(
    case: Case, status_code: int, headers: Headers = (), *, unclear: bool = False
) -> Refused:
    """The refusal of a request, with a body that says why."""
    findings = tuple(case.findings)
    close = unclear or _closes(case.head, case.policy.close, case.limits)
    made = _refusal(case.policy, case.terms, case.head, status_code, findings, headers, close)
    case.written = known_octets(made)
    return made


def _refusal(
    policy: Policy,
    terms: Terms,
    head: RequestHead,
    status_code: int,
    findings: tuple[Finding, ...],
    headers: Headers,
    close: bool,
) -> Refused:
    example = None
    if status_code == 426:
        headers = tuple(dict.fromkeys((*terms.headers_for_426, *headers)))
        example = terms.example(head)
    report = RefusalReport(status_code, terms.tokens, findings, head, headers, example)
    return make_refusal(report, policy.refusal, close=close)


def _closes(head: RequestHead, close: Close, limits: Limits | None) -> bool:
    facts = facts_of(head)
    if (
        (head.http_version != b"1.1" and not _knows_upgrade(head))
        or not facts.persists
        # RFC 9931 8: a refused CONNECT closes; what follows may be meant for another server.
        or head.method == b"CONNECT"
        # RFC 9110 10.1.1: a client that expected a 100 may or may not send the body now.
        or (facts.has_content and b"100-continue" in facts.expectations)
        or (
            facts.has_content
            and limits is not None
            and (facts.framing.length or 0) > limits.max_drain
        )
    ):
        return True
    return facts.upgrade is not None if close == "auto" else close == "always"
