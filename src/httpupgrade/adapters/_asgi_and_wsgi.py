"""What both middlewares decide alike, after a server has read the request.

Rules for this module: heads in, decisions out; it knows no scope and no environ. An application can
send what comes out: Upgrade and Connection are in it only where they can be sent.
"""

from collections.abc import Callable
from typing import Final, TypeVar, final

from .. import (
    Accept101,
    AcceptConnect,
    Decision,
    Finding,
    Limits,
    Passthrough,
    Policy,
    Refusal,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
    ServerNegotiator,
    UpgradeToken,
    format_upgrade,
)
from .._http1.findings import Code, make_finding
from .._http1.head_findings import fault
from .._negotiation.policy import PolicySource
from .._negotiation.prepare_head import PrepareHead, note_preparation, prepare, require_prepare_head
from .._negotiation.refusal_response import reject
from .._negotiation.rules import closes_after_refusal

_Decided = TypeVar("_Decided", bound=Decision | AcceptConnect)

OTHER_STATUS: Final = 400
"""RFC 9110 15: a client that does not know 426 takes it for 400. So does it here, where 426 cannot
be sent in full; and unlike 404, 405 and 501, it says nothing of the resource or the method."""

_H2C: Final = UpgradeToken("h2c")
HEAD_MALFORMED: Final = Code(
    "head-malformed",
    400,
    "RFC 9110 5.5",
    "the server passed on invalid header fields",
    "Field names are tokens, and values hold no control characters.",
)
SWITCH_NOT_POSSIBLE: Final = Code(
    "switch-not-possible",
    501,
    "RFC 9110 7.8",
    "the request is right, but reached an application that cannot switch",
    "The server took it for plain HTTP: it may lack support for this protocol, or read no more"
    " than one line of Connection and one protocol in Upgrade.",
)
UPGRADE_CANNOT_BE_SENT: Final = Code(
    "upgrade-cannot-be-sent",
    OTHER_STATUS,
    "RFC 9110 7.8",
    "this resource needs another protocol, and no Upgrade field can be sent here",
    "In HTTP/2 and HTTP/3, a WebSocket or a tunnel is asked for with extended CONNECT (RFC 8441,"
    " RFC 9220).",
)


def require_status(status_code: int) -> None:
    """Raises :class:`ValueError` for what cannot stand in for a 426."""
    if type(status_code) is not int or not 400 <= status_code <= 599 or status_code == 426:
        raise ValueError(f"the other status is one from 400 to 599, not {status_code!r}")


@final
class Mending:
    """What a middleware does with heads of devices that are known to be wrong, if anything."""

    __slots__ = ("_limits", "_prepare_head")

    def __init__(self, prepare_head: PrepareHead | None, limits: Limits) -> None:
        if prepare_head is not None:
            require_prepare_head(prepare_head)
        self._prepare_head = prepare_head
        self._limits = limits

    def mend(self, received: RequestHead, peer: object, *, secure: bool) -> RequestHead:
        """The head to judge."""
        if self._prepare_head is None:
            return received
        return prepare(self._prepare_head, RequestInfo(received, peer, secure))

    def as_received(
        self, decision: _Decided, policy: Policy, received: RequestHead, judged: RequestHead
    ) -> _Decided:
        """The decision on a head that may have been mended, as one on what was received."""
        if judged is received:
            return decision
        is_http1 = received.http_version.startswith(b"1.")
        closes = is_http1 and closes_after_refusal(received, policy, self._limits)
        return note_preparation(decision, received, closes=closes)


def judge(
    policy: Policy,
    head: RequestHead,
    other_status: int,
    carries: Callable[[bytes], bool],
    limits: Limits,
    *,
    secure: bool,
) -> Accept101 | Require426 | Reject | Passthrough:
    """What to do with a request.

    :param carries: whether Connection and an Upgrade field of this value can be sent.
    """
    tokens = policy.tokens(secure=secure)
    if not head.http_version.startswith(b"1."):
        # RFC 9113 8.2.2, RFC 9114 4.2: there is no Upgrade field, and so no 426 either.
        if _H2C in tokens:
            return Passthrough(head)  # HTTP/2 is what it would have been sent for
        if policy.enforces(head, secure=secure):
            return _refuse_otherwise(policy, head, other_status, (), secure=secure, close=False)
        return Passthrough(head, would_require=policy.would_enforce(secure=secure))
    decision = ServerNegotiator(policy, limits=limits, secure=secure).receive_head(head)
    match decision:
        case Require426() if not carries(format_upgrade(decision.tokens)):
            return _refuse_otherwise(
                policy, head, other_status, decision.findings, secure=secure, close=decision.close
            )
        case Passthrough() if decision.advertise and not carries(format_upgrade(tokens)):
            return decision.replace(advertise=())
        case Accept101() | Require426() | Reject() | Passthrough():
            return decision
        case _:
            raise AssertionError("nothing waits for a body before anything was sent")


def judge_unreadable(
    source: PolicySource, refusal: Refusal, *, upgrades: bool, secure: bool, closes: bool = True
) -> Reject | None:
    """What to answer where there is no head; None: it passes.

    A callable cannot choose a policy without a head, so nothing passes there.

    :param refusal: what a refusal looks like there; a policy has its own.
    :param upgrades: whether there is an Upgrade field, of whatever kind. Its Origin and Host cannot
        be compared, so it does not pass either.
    :param closes: whether the answer says that the connection closes.
    """
    if isinstance(source, Policy) and not upgrades and not source.enforces(None, secure=secure):
        return None
    refusal = source.refusal if isinstance(source, Policy) else refusal
    return reject(refusal, None, (make_finding(HEAD_MALFORMED),), close=closes)


def stay_with_http(policy: Policy, accepted: Accept101, *, secure: bool) -> Reject | Passthrough:
    """What becomes of a good handshake where the 101 cannot be sent.

    RFC 9110 7.8: a server may ignore Upgrade, and so it passes, unless the policy wants it. Then
    426 would ask for what was just asked for: the server lacks what this takes (RFC 9110 15.6.2).
    """
    head = accepted.head
    assert head is not None, "it was decided on a head"
    findings = (fault(head, SWITCH_NOT_POSSIBLE, "Upgrade"), *accepted.findings)
    if not policy.enforces(head, secure=secure):
        return Passthrough(
            head, findings=findings, would_require=policy.would_enforce(secure=secure)
        )
    # As after any refused request with an Upgrade field.
    close = policy.close != "never"
    tokens = policy.tokens(secure=secure)
    return reject(policy.refusal, head, findings, 501, tokens=tokens, close=close)


def _refuse_otherwise(
    policy: Policy,
    head: RequestHead,
    status_code: int,
    findings: tuple[Finding, ...],
    *,
    secure: bool,
    close: bool,
) -> Reject:
    """What a 426 would have said, in its body alone."""
    tokens = policy.tokens(secure=secure)
    *others, last = map(str, tokens)
    wanted = f"{', '.join(others)} or {last}" if others else last
    detail = (
        f"This resource is served over {wanted} only. Ask over HTTP/1.1, with Connection: Upgrade"
        f" and Upgrade: {', '.join((*others, last))}."
    )
    note = make_finding(UPGRADE_CANNOT_BE_SENT, detail=detail)
    return reject(
        policy.refusal,
        head,
        (note, *findings),
        status_code,
        policy.requirements(secure=secure),
        tokens=tokens,
        close=close,
    )
