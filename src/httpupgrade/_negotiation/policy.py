"""What a server wants: offers in order, and what happens to a request that does not ask.

Rules for this module: a policy is checked when it is made and never changes. It holds no request.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal, final, get_args

from .._http1.arguments import require, require_choice, require_plain_function, wrong_type
from .._http1.copying import Pickled
from .._http1.fast_path_patterns import ASKING_FIELDS, compile_texts
from .._http1.field_values import Headers, UpgradeToken, format_upgrade, upgrade_tokens
from .._http1.findings import make_finding
from .._http1.heads import RequestHead
from .._http1.hop_by_hop import added_headers
from .._http1.request_facts import wants_upgrade
from . import finding_codes as codes
from .decisions import Require426
from .example_request import Example, any_request, merge_examples, shared_target
from .offers import Offer, require_offer
from .prepared_refusal import PreparedRefusal
from .refusal_response import DEFAULT_REFUSAL, Refusal, make_refusal, require_refusal_fields
from .refusal_text import RefusalReport
from .request_info import RequestInfo
from .rollout import RolloutKey, is_in_share, require_rollout

Mode = Literal["optional", "advertise", "report", "required"]
Order = Literal["server", "client"]
Close = Literal["auto", "always", "never"]
Candidate = tuple[UpgradeToken, Offer]


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
        self.terms: Final = (Terms(self, secure=False), Terms(self, secure=True))

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

UPGRADE_MISSING: Final = make_finding(codes.UPGRADE_MISSING, field="Upgrade")


@final
class Terms(Pickled):
    """What a policy comes to on connections of one kind, worked out once.

    :ivar fields: those of the protocols that are offered, in lower case.
    :ivar offered: the tokens with their offers, in descending preference.
    :ivar tokens: what can be switched to, in order, none twice.
    :ivar headers_for_426: fields that a 426 carries besides Upgrade and Connection.
    :ivar advertisement: fields that tell a client of the offers (RFC 9110 7.8).
    :ivar would_enforce: whether full enforcement would refuse a request without a usable offer.
    :ivar enforced: whether such a request is refused; None where that depends on the request.
    :ivar candidates: the offers for the values of Upgrade that nearly all clients send.
    :ivar unasked: the refusal, in text, of requests that never asked; None where they differ.
    :ivar marks: what else than ASKING_FIELDS may show that an offer was meant, as it stands in a
        head; each head has it where the offer has to be asked each time. None if there is nothing.
    :ivar passes_unasked: whether all there is to say of such requests is that they pass.
    """

    __slots__ = (
        "_secure",
        "advertisement",
        "candidates",
        "enforced",
        "fields",
        "headers_for_426",
        "marks",
        "offered",
        "passes_unasked",
        "tokens",
        "unasked",
        "would_enforce",
    )

    def __init__(self, policy: Policy, *, secure: bool) -> None:
        offers, mode, rollout = policy.offers, policy.mode, policy._rollout
        self.offered = tuple(
            (token, each) for each in offers for token in upgrade_tokens(each.tokens(secure=secure))
        )
        self.tokens = tuple(dict.fromkeys(token for token, _ in self.offered))
        self.headers_for_426 = tuple(
            dict.fromkeys(field for _, offer in self.offered for field in offer.headers_for_426)
        )
        self._secure = secure
        self.advertisement: Headers = ()
        if self.tokens:
            upgrade = format_upgrade(self.tokens)
            self.advertisement = ((b"Upgrade", upgrade), (b"Connection", b"upgrade"))
        self.would_enforce = mode in ("report", "required") and bool(self.tokens)
        enforced = mode == "required" and bool(self.tokens)
        self.enforced = None if enforced and 0.0 < rollout < 1.0 else enforced and rollout > 0.0
        self.candidates = _by_value(self.offered)
        self.fields = frozenset(name.lower() for _, offer in self.offered for name in offer.fields)
        marks = dict.fromkeys(mark for _, offer in self.offered for mark in _marks_of(offer))
        self.marks = compile_texts(marks) if marks else None
        self.passes_unasked = self.enforced is False and mode != "advertise"
        fixed = enforced and policy.close != "always" and policy.refusal.is_ours
        self.unasked: PreparedRefusal | None = None
        if fixed:
            self.unasked = self._refuse_unasked(policy.refusal)

    def was_meant(self, head: RequestHead) -> str | None:
        """What shows that a request without a usable Upgrade field asked for one of the offers."""
        if not (self.marks and self.has_mark(head)) and (
            head._asking is False or not wants_upgrade(head)
        ):
            return None
        found = (offer.was_meant(head) for _, offer in self.offered)
        return next((each for each in found if each is not None), None)

    def has_mark(self, head: RequestHead) -> bool:
        """Whether a head may have one of the marks."""
        marks, octets = self.marks, head._octets
        return marks is not None and (octets is None or marks.search(octets) is not None)

    def example(self, head: RequestHead) -> Example | None:
        """A request to the same server that is answered with 101, for the body of a 426."""
        prepared = None if self.unasked is None else self.unasked.example
        if prepared is not None and shared_target(head) == head.target:
            return prepared
        # An offer with several tokens is there several times.
        offers = {id(offer): offer for _, offer in self.offered}.values()
        found = [offer.example_request(head, secure=self._secure) for offer in offers]
        examples = [each for each in found if each is not None]
        for each in examples:
            require("example_request() returns an Example or None", each, Example)
        return merge_examples(head, examples) if examples else None

    def _refuse_unasked(self, refusal: Refusal) -> PreparedRefusal:
        findings = (UPGRADE_MISSING,)
        request = any_request()
        example = self.example(request)
        report = RefusalReport(426, self.tokens, findings, request, self.headers_for_426, example)
        decision = make_refusal(report, refusal, close=False)
        assert isinstance(decision, Require426)
        return PreparedRefusal(decision, example)


def _marks_of(offer: Offer) -> list[bytes]:
    """What else than ASKING_FIELDS shows that it was meant."""
    if type(offer).was_meant is not Offer.was_meant:
        return [b""]
    told = [name.encode("ascii").lower() for name in offer.tell_tales]
    return [b"\n%b:" % name for name in told if name not in ASKING_FIELDS]


def _by_value(offered: tuple[Candidate, ...]) -> Mapping[bytes, tuple[Candidate, ...]]:
    """The offers for a value of Upgrade that names one token."""
    found: dict[UpgradeToken, list[Candidate]] = {}
    for candidate in offered:
        found.setdefault(candidate[0], []).append(candidate)
    return {format_upgrade((token,)): tuple(same) for token, same in found.items()}


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
