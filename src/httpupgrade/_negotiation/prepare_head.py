"""A head that the caller mends before it is judged, for devices that are known to be wrong.

Rules for this module: what is mended may change the decision, and never where a message goes or
where it ends. What passes is passed as it was received.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast, final

from .._http1.arguments import require, require_plain_function
from .._http1.errors import LocalProtocolError
from .._http1.findings import make_finding
from .._http1.heads import RequestHead
from .._http1.limits import Limits
from . import finding_codes as codes
from .decisions import Decision, Passthrough, Reject, Require426
from .extended_connect import AcceptConnect
from .policy import Policy, PolicySource, policy_for
from .request_info import RequestInfo
from .withhold_upgrade import Carries, is_carried, require_carries, upgrade_in, withhold_upgrade

PrepareHead = Callable[[RequestInfo], RequestHead]
"""Returns the head to judge in place of the one that was received, or that one itself."""

_Decided = TypeVar("_Decided", bound=Decision | AcceptConnect)

_KEPT_FIELDS: Final = (b"Content-Length", b"Host", b"Transfer-Encoding")


@final
class PreparedPolicy:
    """A policy, and what the caller has a say in before and after it.

    :param prepare_head: mends heads before the policy sees them.
    :param carries: says whether an Upgrade field of the decision reaches the client.
    """

    __slots__ = ("carries", "policy", "prepare_head")

    def __init__(
        self,
        policy: PolicySource,
        prepare_head: PrepareHead | None = None,
        carries: Carries | None = None,
    ) -> None:
        if prepare_head is not None:
            require_prepare_head(prepare_head)
        if carries is not None:
            require_carries(carries)
        self.policy = policy
        self.prepare_head = prepare_head
        self.carries = carries

    def carry(
        self,
        decision: Decision,
        policy: Policy,
        info: RequestInfo,
        received: RequestInfo,
        limits: Limits,
    ) -> Decision:
        """A decision, or what takes its place where its Upgrade field does not reach the client.

        :param info: the request as it was judged.
        """
        carries = self.carries
        if carries is None or upgrade_in(decision) is None or is_carried(carries, received):
            return decision
        return withhold_upgrade(decision, policy, info, limits)


def choose_policy(
    source: PolicySource | PreparedPolicy, info: RequestInfo
) -> tuple[Policy | None, RequestInfo]:
    """The policy for a request, and the request as it judges it."""
    if isinstance(source, PreparedPolicy):
        if source.prepare_head is not None:
            head = prepare(source.prepare_head, info)
            info = info if head is info.head else info.replace(head=head)
        source = source.policy
    return policy_for(source, info), info


def require_prepare_head(prepare_head: PrepareHead) -> None:
    """Raise :class:`TypeError` for what is not a function that mends heads."""
    rule = "prepare_head is a function that returns a RequestHead, or None"
    require_plain_function(rule, prepare_head)


def prepare(prepare_head: PrepareHead, info: RequestInfo) -> RequestHead:
    """The head to judge; the very one that was received if nothing was changed.

    Raises :class:`TypeError` when the callable returns no head, and :class:`LocalProtocolError`
    when it changes what it may not.
    """
    received, prepared = info.head, prepare_head(info)
    require("prepare_head returns a RequestHead", prepared, RequestHead)
    if prepared is received:
        return received
    changed = _changes(received, prepared)
    if changed:
        raise LocalProtocolError(
            f"prepare_head changed {', '.join(changed)}: it may change any field but"
            " Content-Length, Host and Transfer-Encoding, and nothing of the request line"
        )
    return received if prepared == received else prepared


def _changes(received: RequestHead, prepared: RequestHead) -> list[str]:
    """What was changed of the parts that say where a request goes and where it ends."""
    parts = (
        ("the method", received.method, prepared.method),
        ("the target", received.target, prepared.target),
        ("the HTTP version", received.http_version, prepared.http_version),
    )
    fields = [each for each in _KEPT_FIELDS if received.get_all(each) != prepared.get_all(each)]
    return [
        *[part for part, before, after in parts if before != after],
        *[name.decode("ascii") for name in fields],
    ]


def note_preparation(decision: _Decided, received: RequestHead, *, closes: bool) -> _Decided:
    """The decision on a head that was prepared, as one on the head that was received.

    :param closes: whether the connection closes after a refusal of the head that was received.
    """
    noted: Any = decision
    if closes and isinstance(decision, Require426 | Reject):
        noted = decision.closing()
    elif isinstance(decision, Passthrough):
        noted = decision.replace(head=received, data=received.raw or b"")
    findings = (*decision.findings, make_finding(codes.HEAD_PREPARED))
    return cast(_Decided, noted.replace(findings=findings))
