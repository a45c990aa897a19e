"""What a hook is told of a decision besides the decision.

Rules for this module: it holds what an adapter knows, and derives nothing that is not certain. The
time comes from the caller: there is no clock here.
"""

from collections.abc import Callable
from types import NoneType
from typing import final, get_args

from .._http1.arguments import require, require_choice, require_flag, wrong_type
from .._http1.values import Value, field, made_of
from . import finding_codes as codes
from .decisions import Decision, Passthrough
from .extended_connect import AcceptConnect
from .policy import Policy
from .request_info import RequestInfo
from .terms import Mode


@final
class DecisionInfo(Value):
    """What an adapter knows of a decision that it carries out: what ``on_decision`` gets."""

    __slots__ = __match_args__ = ()

    request: RequestInfo | None = field(
        "The request, as it was received; None where there was no head to read.", default=None
    )
    seconds: float = field(
        "The time from when the adapter had the octets to the decision. It includes your functions "
        "and a review.",
        default=0.0,
    )
    mode: Mode | None = field(
        "That of the policy; None where no policy held for the request.", default=None
    )
    would_require: bool = field(
        "Whether the request passed, and full enforcement would have refused it: in mode "
        '"report", or in "required" for a client that is not in the share.',
        default=False,
    )
    in_rollout: bool | None = field(
        "Whether this client is in the share of the policy's ``rollout``; None where there is no "
        "share, and where it did not matter: a client that asks is answered alike in both.",
        default=None,
    )
    peer: object = field(
        "The other end of the connection, as in :attr:`RequestInfo.peer`; here it is also where "
        "there was no head.",
        default=None,
    )

    def _check(self) -> None:
        require("request is a RequestInfo or None", self.request, (RequestInfo, NoneType))
        if type(self.seconds) not in (int, float):
            raise wrong_type("seconds is a number", self.seconds)
        if self.mode is not None:
            require_choice("mode", self.mode, get_args(Mode))
        require_flag("would_require", self.would_require)
        if self.in_rollout is not None:
            require_flag("in_rollout", self.in_rollout)


OnDecision = Callable[[Decision | AcceptConnect, DecisionInfo], None]
"""Is called once for each decision that is carried out. What it raises is reported, and changes
nothing."""


def decision_info(
    decision: Decision | AcceptConnect,
    policy: Policy | None,
    request: RequestInfo | None,
    peer: object,
    seconds: float,
    in_share: bool | None = None,
) -> DecisionInfo:
    """What to tell of a decision that was made by this policy.

    :param in_share: what the policy's ``rollout_key`` came to; None where it was not asked for.
    """
    if policy is None:
        return made_of(DecisionInfo, (request, seconds, None, False, None, peer))
    would_require = type(decision) is Passthrough and decision.would_require
    in_rollout = None
    if request is not None and policy.terms[request.secure].enforced is None:
        in_rollout = False if would_require else in_share or _is_withheld(decision) or None
    values = (request, seconds, policy.mode, would_require, in_rollout, peer)
    return made_of(DecisionInfo, values)


def _is_withheld(decision: Decision | AcceptConnect) -> bool:
    """Whether it refuses a good handshake that would pass if the policy were not enforced."""
    return codes.SWITCH_NOT_CARRIED.name in (each.code for each in decision.findings[:1])
