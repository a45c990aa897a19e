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
    Code,
    Decision,
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
from .._http1.arguments import refuse_coroutine, require_flag, require_plain_function
from .._http1.head_findings import fault
from .._negotiation.decide import decide_within
from .._negotiation.prepare_head import PreparedPolicy, choose_policy, note_preparation
from .._negotiation.refusal_response import reject
from .._negotiation.refusal_text import any_of
from .._negotiation.rules import closes_after_refusal
from ..fields import Headers, format_upgrade

Carries = Callable[[RequestInfo], bool]
"""Whether Connection and Upgrade can be sent in answer to a request."""
Sends = Callable[[Any, bytes], bool]
"""Whether a server is known to send Connection and an Upgrade field of this value. It gets the
scope or the environ."""

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
UPGRADE_CANNOT_BE_SENT: Final = Code(
    "upgrade-cannot-be-sent",
    OTHER_STATUS,
    "RFC 9110 7.8",
    "this resource needs another protocol, and no Upgrade field can be sent here",
    "In HTTP/2 and HTTP/3, a WebSocket or a tunnel is asked for with extended CONNECT (RFC 8441,"
    " RFC 9220).",
)


@final
class Judge:
    """What a middleware decides by.

    Raises :class:`ValueError` for a status that cannot stand in for a 426, and :class:`TypeError`.
    """

    __slots__ = (
        "_carries",
        "_limits",
        "_on_decision",
        "_other_status",
        "_policy",
        "_refusal",
        "_sends",
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
        on_decision: Callable[[Any, RequestInfo | None], None] | None,
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
            require_plain_function("carries is a function that returns a bool, or None", carries)
        if on_decision is not None:
            require_plain_function("on_decision is a function, or None", on_decision)
        self._carries = carries
        self._sends = sends
        self._on_decision = on_decision

    def tell(self, decision: object, info: RequestInfo | None) -> None:
        """Tell the hook of a decision."""
        if self._on_decision is not None:
            returned: object = self._on_decision(decision, info)
            refuse_coroutine("on_decision returns nothing that is to be awaited", returned)

    def _can_send(self, info: RequestInfo, upgrade: bytes) -> bool:
        """Whether Connection and an Upgrade field of this value can be sent."""
        if self._carries is None:
            return self._sends(info.context, upgrade)
        carried = self._carries(info)
        require_flag("what carries returns", carried)
        return carried

    def take(self, received: RequestInfo) -> "Case | None":
        """The case of a request; None where no policy holds for it."""
        policy, info = choose_policy(self._policy, received)
        if policy is None:
            return None
        can_send = partial(self._can_send, received)
        return Case(policy, info, received, self._other_status, can_send, self._limits)

    def refuse_unreadable(
        self, *, upgrades: bool, secure: bool, closes: bool = True
    ) -> Reject | None:
        """What to answer where there is no head; None: it passes.

        A callable cannot choose a policy without a head, so nothing passes there.

        :param upgrades: whether there is an Upgrade field, of whatever kind. Its Origin and Host
            cannot be compared, so it does not pass either.
        :param closes: whether the answer says that the connection closes.
        """
        policy, refusal = self._policy, self._refusal
        if isinstance(policy, PreparedPolicy):
            policy = policy.policy
        if isinstance(policy, Policy):
            if not upgrades and not policy.terms[secure].enforced:
                return None
            refusal = policy.refusal
        return reject(refusal, None, (finding(HEAD_MALFORMED),), close=closes)


def sends_content(head: RequestHead) -> bool:
    """Whether a request is followed by content. A client that waits for a 100 sends nothing."""
    return head.announces_content and not head.has(b"expect")


class Case(NamedTuple):
    """A request that a policy holds for."""

    policy: Policy
    info: RequestInfo
    """With the head to judge."""
    received: RequestInfo
    """The same, or with another head: the one that was received."""
    other_status: int
    can_send: Callable[[bytes], bool]
    """Whether Connection and an Upgrade field of this value can be sent."""
    limits: Limits

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
            if policy.enforces(self.info):
                return self._refuse_otherwise((), close=False)
            return Passthrough(head, would_require=policy.would_enforce(secure=secure))
        peer, context = self.info.peer, self.info.context
        decision, *_ = decide_within(self.limits, head, policy, secure, peer, context)
        match decision:
            case Require426() if not self.can_send(format_upgrade(decision.tokens)):
                return self._refuse_otherwise(decision.findings, close=decision.close)
            case Passthrough() if decision.advertisement and not self.can_send(
                format_upgrade(tokens)
            ):
                return decision.replace(advertisement=())
            case _:
                return decision

    def stay_with_http(self, accepted: Accept101) -> Reject | Passthrough:
        """What becomes of a good handshake where the 101 cannot be sent.

        RFC 9110 7.8: a server may ignore Upgrade, and so it passes, unless the policy wants it.
        Then 426 would ask for what was just asked for: the server lacks what this takes
        (RFC 9110 15.6.2).
        """
        policy, head, secure = self.policy, self.head, self.secure
        findings = (fault(head, SWITCH_NOT_POSSIBLE, "Upgrade"), *accepted.findings)
        if not policy.enforces(self.info):
            would_require = policy.would_enforce(secure=secure)
            return Passthrough(head, findings=findings, would_require=would_require)
        # As after any refused request with an Upgrade field.
        return self.refuse(findings, 501, close=policy.close != "never")

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

    def _refuse_otherwise(self, findings: tuple[Finding, ...], *, close: bool) -> Reject:
        """What a 426 would have said, in its body alone."""
        tokens = self.policy.tokens(secure=self.secure)
        detail = (
            f"This resource is served over {any_of(tokens)} only. Ask over HTTP/1.1, with"
            f" Connection: Upgrade and Upgrade: {', '.join(map(str, tokens))}."
        )
        note = finding(UPGRADE_CANNOT_BE_SENT, detail=detail)
        headers = self.policy.headers_for_426(secure=self.secure)
        return self.refuse((note, *findings), self.other_status, headers, close=close)
