"""What a policy comes to on connections of one kind, inside TLS or outside of it.

Rules for this module: all that does not depend on the request is worked out once, when the policy
is made. It never changes, and holds no request.
"""

from collections.abc import Mapping
from typing import Final, Literal, final

from .._http1.arguments import require
from .._http1.copying import Pickled
from .._http1.fast_path_patterns import ASKING_FIELDS, compile_texts
from .._http1.field_values import Headers, UpgradeToken, format_upgrade, upgrade_tokens
from .._http1.findings import make_finding
from .._http1.heads import RequestHead
from .._http1.request_facts import wants_upgrade
from . import finding_codes as codes
from .decisions import Require426
from .example_request import Example, any_request, merge_examples, shared_target
from .offers import Offer
from .prepared_refusal import PreparedRefusal
from .refusal_response import Refusal, make_refusal
from .refusal_text import RefusalReport

Mode = Literal["optional", "advertise", "report", "required"]
Close = Literal["auto", "always", "never"]
Candidate = tuple[UpgradeToken, Offer]

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

    def __init__(
        self,
        offers: tuple[Offer, ...],
        mode: Mode,
        rollout: float,
        close: Close,
        refusal: Refusal,
        *,
        secure: bool,
    ) -> None:
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
        requires = mode == "required" and bool(self.tokens)
        self.would_enforce = requires or (mode == "report" and bool(self.tokens))
        self.enforced = None if requires and 0.0 < rollout < 1.0 else requires and rollout > 0.0
        self.candidates = _by_value(self.offered)
        self.fields = frozenset(name.lower() for _, offer in self.offered for name in offer.fields)
        marks = dict.fromkeys(mark for _, offer in self.offered for mark in _marks_of(offer))
        self.marks = compile_texts(marks) if marks else None
        self.passes_unasked = self.enforced is False and mode != "advertise"
        self.unasked: PreparedRefusal | None = None
        if requires and close != "always" and refusal.is_ours:
            self.unasked = self._refuse_unasked(refusal)

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
    """The offers for a value of Upgrade that names one token.

    Names compare without regard to case, versions do not (RFC 9110 7.8): a name without one is
    here in lower case, too.
    """
    found: dict[UpgradeToken, list[Candidate]] = {}
    for candidate in offered:
        found.setdefault(candidate[0], []).append(candidate)
    values = {format_upgrade((token,)): tuple(same) for token, same in found.items()}
    return values | {value.lower(): same for value, same in values.items() if b"/" not in value}
