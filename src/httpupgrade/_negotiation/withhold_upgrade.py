"""What takes the place of a decision whose Upgrade field cannot reach the client.

Rules for this module: it is applied after the rules, and only where a caller says that Upgrade
cannot be sent. What has no Upgrade field is left as it is.
"""

from collections.abc import Callable
from typing import Final

from .._http1.arguments import require_flag, require_plain_function
from .._http1.field_values import Headers
from .._http1.findings import Finding, make_finding
from .._http1.head_findings import fault
from .._http1.hop_by_hop import MANAGED_FIELDS
from .._http1.limits import Limits
from . import finding_codes as codes
from .decisions import Accept101, Decision, Passthrough, Reject, Require426
from .policy import Policy
from .refusal_response import make_refusal, reject
from .refusal_text import RefusalReport
from .request_info import RequestInfo
from .rules import closes_after_refusal

_MADE_ANEW: Final = MANAGED_FIELDS.union((b"content-type",))

Carries = Callable[[RequestInfo], bool]
"""Whether Upgrade and Connection of a response reach the client that sent this request."""


def require_carries(carries: Carries) -> None:
    """Raise :class:`TypeError` for what is not a function that says so."""
    require_plain_function("carries is a function that returns a bool, or None", carries)


def is_carried(carries: Carries, received: RequestInfo) -> bool:
    """What ``carries`` says. Raises :class:`TypeError` where that is not a bool."""
    carried = carries(received)
    require_flag("what carries returns", carried)
    return carried


def upgrade_in(decision: Decision) -> bytes | None:
    """The value of the Upgrade field that a decision sends; None if it sends none."""
    headers = decision.advertisement if isinstance(decision, Passthrough) else decision.headers
    return next((value for name, value in headers if name == b"Upgrade"), None)


def withhold_upgrade(
    decision: Decision,
    policy: Policy,
    info: RequestInfo,
    limits: Limits | None,
    other_status: int = 400,
) -> Decision:
    """The decision that stands in for one that sends Upgrade; any other one as it is.

    :param info: the request as it was judged.
    :param limits: None where nobody knows how much body is read.
    :param other_status: what is sent in the place of 426. RFC 9110 15: a client that does not know
        426 takes it for 400; unlike 404, 405 and 501, that says nothing of the resource.
    """
    match decision:
        case Require426():
            # Those of the offers. The others are made anew, with the body.
            headers = tuple(
                field
                for field in decision.headers
                if field[0].lower() not in _MADE_ANEW and field not in policy.refusal._fields
            )
            return refuse_without_upgrade(
                policy, info, decision.findings, headers, other_status, close=decision.close
            )
        case Accept101():
            note = fault(info.head, codes.SWITCH_NOT_CARRIED, "Upgrade")
            return stay_with_http(decision, policy, info, limits, note)
        case Passthrough() if decision.advertisement:
            return decision.replace(advertisement=())
        case _:
            return decision


def refuse_without_upgrade(
    policy: Policy,
    info: RequestInfo,
    findings: tuple[Finding, ...],
    headers: Headers,
    status_code: int,
    *,
    close: bool,
) -> Reject:
    """What a 426 would have said, in the body of another status.

    :param headers: what the 426 carries for the offers.
    """
    terms = policy.terms[info.secure]
    tokens = ", ".join(map(str, terms.tokens))
    detail = f"Ask over HTTP/1.1, with Connection: Upgrade and Upgrade: {tokens}."
    note = make_finding(codes.UPGRADE_CANNOT_BE_SENT, detail=detail)
    example = terms.example(info.head)
    report = RefusalReport(
        status_code, terms.tokens, (note, *findings), info.head, headers, example
    )
    made = make_refusal(report, policy.refusal, close=close)
    assert isinstance(made, Reject), "its status is not 426"
    return made


def stay_with_http(
    accepted: Accept101, policy: Policy, info: RequestInfo, limits: Limits | None, note: Finding
) -> Reject | Passthrough:
    """What becomes of a good handshake where no 101 can be sent.

    RFC 9110 7.8: a server may ignore Upgrade, and so it passes, unless the policy requires it. Then
    426 would ask for what was just asked for: the server lacks what this takes (RFC 9110 15.6.2).

    :param note: why none can be sent.
    """
    head, findings, terms = info.head, (note, *accepted.findings), policy.terms[info.secure]
    if not policy.enforces(info):
        octets = head.raw or b""
        return Passthrough(head, octets, findings, (), terms.would_enforce, terms.fields)
    close = closes_after_refusal(head, policy, limits)
    return reject(policy.refusal, head, findings, 501, tokens=terms.tokens, close=close)
