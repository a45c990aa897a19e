"""What a server wants: offers in order, and what happens to a request that does not ask.

Rules for this module: a policy is checked when it is made and never changes. It holds no request.
What it comes to is worked out in ``terms``.
"""

from collections.abc import Callable
from typing import Final, Literal, final, get_args

from .._http1.arguments import require, require_choice, require_plain_function, wrong_type
from .._http1.copying import Pickled
from .._http1.field_values import Headers, UpgradeToken
from .._http1.hop_by_hop import added_headers
from .offers import Offer, require_offer
from .refusal_response import DEFAULT_REFUSAL, Refusal, require_refusal_fields
from .request_info import RequestInfo
from .rollout import RolloutKey, is_in_share, require_rollout
from .terms import Candidate, Close, Mode, Terms

Order = Literal["server", "client"]


@final
class Policy(Pickled):
    """What a server offers, and how firmly.

    :param offers: in descending preference, which is also the order of the 426's list.
    :param mode: what happens to a request without a usable offer. "optional" passes it through;
        "advertise" too, with fields for the ordinary response; "report" too, saying whether
        "required" would have refused it; "required" answers 426.
    :param order: whose preference decides among several that are offered (RFC 9110 7.8).
    :param refusal: what 4xx and 5xx look like.
    :param close: whether the connection closes after a refusal. "auto" closes it after a refused
        request that carries an Upgrade field: a proxy in between may believe in a tunnel and send
        other people's octets next. "never" keeps what can be kept: not a connection whose framing
        is unclear, whose peer speaks HTTP/1.0 or closes, not after CONNECT, nor where a body may
        or may not come, or is too long to read past.
    :param rollout: the share of clients that "required" is enforced for, 0.0 to 1.0; the others
        pass and are reported. For that mode alone.
    :param rollout_key: what stays the same for one client, as :func:`rollout_by` has it: its
        requests are all in or all out, and stay in when the share grows. A client that it returns
        None for is out. Needed for a share between 0 and 1.

    The methods tell what :func:`decide` goes by. Raises :class:`ValueError` for anything else, and
    for a policy without offers.
    """

    __slots__ = ("_rollout", "_rollout_key", "close", "mode", "offers", "order", "refusal", "terms")

    def __init__(
        self,
        *offers: Offer,
        mode: Mode = "optional",
        order: Order = "server",
        refusal: Refusal = DEFAULT_REFUSAL,
        close: Close = "auto",
        rollout: float = 1.0,
        rollout_key: RolloutKey | None = None,
    ) -> None:
        require_choice("mode", mode, get_args(Mode))
        require_choice("order", order, get_args(Order))
        require_choice("close", close, get_args(Close))
        require("refusal is a Refusal", refusal, Refusal)
        require_rollout(mode, rollout, rollout_key)
        if not offers:
            raise ValueError("a policy has at least one offer")
        for offer in offers:
            require_offer(offer, Offer)
            require_refusal_fields(added_headers(offer.headers_for_426))
        self.offers: Final = offers
        self.mode: Final[Mode] = mode
        self.order: Final[Order] = order
        self.refusal: Final = refusal
        self.close: Final[Close] = close
        self._rollout = rollout
        self._rollout_key = rollout_key
        self.terms: Final = tuple(
            Terms(offers, mode, rollout, close, refusal, secure=secure) for secure in (False, True)
        )

    def __repr__(self) -> str:
        offers = ", ".join(map(repr, self.offers))
        return f"Policy({offers}, mode={self.mode!r}, order={self.order!r}, close={self.close!r})"

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        """What can be switched to on such a connection, in order, none twice."""
        return self.terms[secure].tokens

    def headers_for_426(self, *, secure: bool) -> Headers:
        """Fields that a 426 on such a connection carries besides Upgrade and Connection."""
        return self.terms[secure].headers_for_426

    def candidates(
        self, wanted: tuple[UpgradeToken, ...], *, secure: bool
    ) -> tuple[Candidate, ...]:
        """The offers for what a client wants, in the policy's order (RFC 9110 7.8)."""
        places = {token: place for place, token in enumerate(reversed(wanted))}
        common = [each for each in self.terms[secure].offered if each[0] in places]
        if self.order == "client":  # where a client repeats itself, the first place counts
            common.sort(key=lambda each: -places[each[0]])
        return tuple(common)

    def advertisement(self, *, secure: bool) -> Headers:
        """Fields that tell a client of the offers (RFC 9110 7.8)."""
        return self.terms[secure].advertisement

    def would_enforce(self, *, secure: bool) -> bool:
        """Whether a request that passes is one that full enforcement would refuse."""
        return self.terms[secure].would_enforce

    def enforces(self, info: RequestInfo) -> bool:
        """Whether a request without a usable offer is refused."""
        require("info is a RequestInfo", info, RequestInfo)
        enforced = self.terms[info.secure].enforced
        if enforced is not None:
            return enforced
        assert self._rollout_key is not None, "a share of clients has one"
        return is_in_share(self._rollout_key, self._rollout, info)


PolicySource = Policy | Callable[[RequestInfo], Policy | None]
"""What is offered; or a callable that says so for each request, None meaning that it passes."""


def require_policy_function(policy: object) -> None:
    """Raise :class:`TypeError` for what cannot choose the policy for a request."""
    rule = "policy is a Policy or a function that returns one"
    if isinstance(policy, type) and issubclass(policy, Policy | Offer):  # written without its ()
        raise wrong_type(rule, policy)
    require_plain_function(rule, policy)


def policy_for(source: PolicySource, info: RequestInfo) -> Policy | None:
    """The policy for a request; None if it passes through.

    Raises :class:`TypeError` if a function returns anything else.
    """
    if isinstance(source, Policy):
        return source
    policy = source(info)
    if policy is not None and type(policy) is not Policy:
        raise wrong_type("a function for policy returns a Policy or None", policy)
    return policy
