"""What both middlewares decide alike, after a server has read the request.

Rules for this module: heads in, decisions out; it knows no scope and no environ. An application can
send what comes out: Upgrade and Connection are in it only where they can be sent.
"""

from collections.abc import Callable
from functools import partial
from string import ascii_letters, digits, punctuation
from typing import Any, Final, NamedTuple, TypeVar, final

from .. import (
    Accept101,
    AcceptConnect,
    Carries,
    Code,
    Decision,
    DecisionInfo,
    Finding,
    Limits,
    Passthrough,
    Policy,
    PolicySource,
    PrepareHead,
    Refusal,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
    ServerNegotiator,
    UpgradeToken,
    finding,
)
from .._http1.head_findings import fault
from .._negotiation.decide import decide_within
from .._negotiation.decision_info import decision_info
from .._negotiation.prepare_head import PreparedPolicy, choose_policy, note_preparation
from .._negotiation.refusal_response import reject
from .._negotiation.rules import closes_after_refusal
from .._negotiation.withhold_upgrade import (
    is_carried,
    refuse_without_upgrade,
    require_carries,
    stay_with_http,
    upgrade_in,
    withhold_upgrade,
)
from ..fields import Headers
from ._log import Teller

Sends = Callable[[Any, bytes], bool]
"""Whether a server is known to send Connection and an Upgrade field of this value. It gets the
scope or the environ."""

_Told = TypeVar("_Told", bound=Decision | AcceptConnect)
_Decided = TypeVar("_Decided", bound=Decision | AcceptConnect)

OTHER_STATUS: Final = 400
"""RFC 9110 15: a client that does not know 426 takes it for 400. So does it here, where 426 cannot
be sent in full; and unlike 404, 405 and 501, it says nothing of the resource or the method."""

# RFC 3986 3.3, and the octets of a request line.
PATH: Final = "/:@!$&'()*+,;="
"""What may stand in a path besides letters and digits; :data:`WIRE`: in a target at all."""
WIRE: Final = ascii_letters + digits + punctuation

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


@final
class Judge:
    """What a middleware decides by.

    Raises :class:`ValueError` for a status that cannot stand in for a 426, and :class:`TypeError`.
    """

    __slots__ = (
        "_carries",
        "_limits",
        "_other_status",
        "_policy",
        "_refusal",
        "_sends",
        "_teller",
    )

    _policy: PolicySource | PreparedPolicy

    def __init__(
        self,
        policy: PolicySource,
        other_status: int,
        refusal: Refusal,
        prepare_head: PrepareHead | None,
        limits: Limits,
        *,
        carries: Carries | None,
        sends: Sends,
        teller: Teller,
    ) -> None:
        status = other_status
        if type(status) is not int or not 400 <= status <= 599 or status == 426:
            raise ValueError(f"the other status is one from 400 to 599, not {status!r}")
        # It raises for wrong arguments.
        ServerNegotiator(policy, limits=limits, refusal=refusal, prepare_head=prepare_head)
        self._policy = policy
        if prepare_head is not None:
            self._policy = PreparedPolicy(policy, prepare_head)
        self._other_status = other_status
        self._refusal = refusal
        self._limits = limits
        if carries is not None:
            require_carries(carries)
        self._carries = carries
        self._sends = sends
        self._teller = teller

    def now(self) -> float:
        """The time, for :meth:`tell`."""
        return self._teller.now()

    def tell(self, judged: "Judged", since: float) -> None:
        """Tell of a decision that is about to be carried out.

        Raises :class:`LocalProtocolError` for a refusal that must not go out.
        """
        decision = judged.decision
        if isinstance(decision, Require426 | Reject):
            decision.to_bytes()
        self._teller.tell(decision, judged.info, since)

    def _can_send(self, info: RequestInfo, upgrade: bytes) -> bool:
        """Whether Connection and an Upgrade field of this value can be sent."""
        if self._carries is None:
            return self._sends(info.context, upgrade)
        return is_carried(self._carries, info)

    def judge(self, received: RequestInfo, decide: "Callable[[Case], _Told]") -> "Judged":
        """What to do with a request.

        :param decide: says it where a policy holds for the request.
        """
        policy, info = choose_policy(self._policy, received)
        if policy is None:
            return Judged(Passthrough(received.head), None, received, received.peer)
        can_send = partial(self._can_send, received)
        case = Case(policy, info, received, self._other_status, can_send, self._limits)
        decision = case.as_received(decide(case))
        return Judged(decision, policy, received, received.peer, case.in_share)

    def judge_unreadable(
        self, peer: object, *, upgrades: bool, secure: bool, closes: bool = True
    ) -> "Judged":
        """What to do where there is no head.

        A callable cannot choose a policy without a head, so nothing passes there.

        :param upgrades: whether there is an Upgrade field, of whatever kind. Its Origin and Host
            cannot be compared, so it does not pass either.
        :param closes: whether the answer says that the connection closes.
        """
        policy, refusal, findings = self._policy, self._refusal, (finding(HEAD_MALFORMED),)
        if isinstance(policy, PreparedPolicy):
            policy = policy.policy
        if not isinstance(policy, Policy):
            return Judged(reject(refusal, None, findings, close=closes), None, None, peer)
        terms = policy.terms[secure]
        if not upgrades and not terms.enforced:
            passed = Passthrough(None, findings=findings, would_require=terms.would_enforce)
            return Judged(passed, policy, None, peer)
        return Judged(reject(policy.refusal, None, findings, close=closes), policy, None, peer)


class Judged(NamedTuple):
    """A decision, and what it was made of."""

    decision: Decision | AcceptConnect
    policy: Policy | None
    request: RequestInfo | None
    """As it was received; None where there is no head."""
    peer: object
    in_share: bool | None = None
    """Whether the client is in the policy's share, where that was asked."""

    @property
    def is_untouched(self) -> bool:
        """Whether nobody has decided: there is no policy, or no head."""
        passes = isinstance(self.decision, Passthrough)
        return passes and (self.policy is None or self.request is None)

    def info(self, decision: Decision | AcceptConnect, seconds: float) -> DecisionInfo:
        """What to tell of it."""
        return decision_info(decision, self.policy, self.request, self.peer, seconds, self.in_share)


def sends_content(head: RequestHead) -> bool:
    """Whether a request is followed by content. A client that waits for a 100 sends nothing."""
    return head.announces_content and not head.has(b"expect")


@final
class Case:
    """A request that a policy holds for.

    :param info: with the head to judge.
    :param received: the same, or with another head: the one that was received.
    :param can_send: whether Connection and an Upgrade field of this value can be sent.
    :ivar in_share: whether the client is in the policy's share, where that was asked.
    """

    __slots__ = ("can_send", "in_share", "info", "limits", "other_status", "policy", "received")

    def __init__(
        self,
        policy: Policy,
        info: RequestInfo,
        received: RequestInfo,
        other_status: int,
        can_send: Callable[[bytes], bool],
        limits: Limits,
    ) -> None:
        self.policy = policy
        self.info = info
        self.received = received
        self.other_status = other_status
        self.can_send = can_send
        self.limits = limits
        self.in_share: bool | None = None

    @property
    def head(self) -> RequestHead:
        """The one to judge."""
        return self.info.head

    @property
    def secure(self) -> bool:
        """Whether the connection is inside TLS."""
        return self.info.secure

    def decide(self) -> Accept101 | Require426 | Reject | Passthrough:
        """What to do with it."""
        policy, head, secure = self.policy, self.head, self.secure
        tokens = policy.tokens(secure=secure)
        if not head.http_version.startswith(b"1."):
            # RFC 9113 8.2.2, RFC 9114 4.2: there is no Upgrade field, and so no 426 either.
            if _H2C in tokens:
                return Passthrough(head)  # HTTP/2 is what it would have been sent for
            self.in_share = policy.enforces(self.info)
            if self.in_share:
                headers = policy.headers_for_426(secure=secure)
                return refuse_without_upgrade(
                    policy, self.info, (), headers, self.other_status, close=False
                )
            return Passthrough(head, would_require=policy.would_enforce(secure=secure))
        peer, context = self.info.peer, self.info.context
        judged = decide_within(self.limits, head, policy, secure, peer, context)
        decision, _, _, self.in_share = judged
        if isinstance(decision, Accept101):
            return decision  # the server writes the 101, or nobody does
        upgrade = upgrade_in(decision)
        if upgrade is None or self.can_send(upgrade):
            return decision
        return withhold_upgrade(decision, policy, self.info, self.limits, self.other_status)

    def stay_with_http(self, accepted: Accept101) -> Reject | Passthrough:
        """What becomes of a good handshake where an application cannot send the 101."""
        note = fault(self.head, SWITCH_NOT_POSSIBLE, "Upgrade")
        decision = stay_with_http(accepted, self.policy, self.info, self.limits, note)
        self.in_share = isinstance(decision, Reject)
        return decision

    def as_received(self, decision: _Decided) -> _Decided:
        """The decision on a head that may have been mended, as one on what was received."""
        received = self.received.head
        if self.head is received:
            return decision
        is_http1 = received.http_version.startswith(b"1.")
        closes = is_http1 and closes_after_refusal(received, self.policy, self.limits)
        return note_preparation(decision, received, closes=closes)

    def refuse(
        self,
        findings: tuple[Finding, ...],
        status_code: int,
        headers: Headers = (),
        *,
        close: bool = True,
    ) -> Reject:
        """Refuse it."""
        policy = self.policy
        tokens = policy.tokens(secure=self.secure)
        return reject(
            policy.refusal, self.head, findings, status_code, headers, tokens=tokens, close=close
        )
