"""What to do after a response that does not switch (RFC 9110 15.5.22).

Rules for this module: advice follows from what the server requires, from the request that was
refused and from what the caller can speak. It goes by the server's order, and never says again what
that request tried in vain. What earlier ones tried is not known here. What is special to a protocol
is for its offer to say; connecting anew, with TLS or HTTP/2, needs no offer.
"""

from binascii import b2a_base64
from collections.abc import Iterable
from typing import Final, final

from .._http1.arguments import require_flag, wrong_type
from .._http1.field_values import UpgradeToken
from .._http1.findings import make_finding
from .._http1.heads import RequestHead, ResponseHead
from .._negotiation import advice
from .._negotiation.advice import Advice, NothingInCommon, Retry, UseHTTP2, UseTLS
from .._negotiation.client_offers import ClientOffer, UpgradeRefusal
from . import finding_codes as codes
from .request import indicated_tokens

_ANY_KEY: Final = b2a_base64(bytes(16), newline=False)


@final
class Adviser:
    """Finds the step that leads on from a response.

    :param closing: whether the connection cannot be used again.
    :param secure: whether the request was inside TLS. The others are those of ``next_step()``.
    """

    def __init__(
        self,
        request: RequestHead,
        response: ResponseHead,
        supported: tuple[ClientOffer, ...],
        *,
        closing: bool,
        secure: bool = False,
        tls: bool = False,
        http2: bool = False,
    ) -> None:
        require_flag("tls", tls)
        require_flag("http2", http2)
        self._request = request
        self._response = response
        self._supported = supported
        self._closing = closing
        self._secure = secure
        self._tls = tls
        self._http2 = http2
        self._asked = frozenset(indicated_tokens(request))

    def after_426(self, tokens: tuple[UpgradeToken, ...]) -> Advice | None:
        """The step to the first of the protocols, all of which are named, that can be tried.

        None where neither a protocol is named nor another field says which is meant.
        """
        if not tokens:
            return _best(
                self._by_offer(offer, token, is_named=False)
                for offer in self._supported
                for token in dict.fromkeys(offer.tokens_to_request(secure=self._secure))
            )
        offers: dict[UpgradeToken, list[ClientOffer]] = {}
        for offer in self._supported:
            for token in dict.fromkeys(offer.tokens_to_request(secure=self._secure)):
                offers.setdefault(token, []).append(offer)
        steps = (self._to(token, offers.get(token, ())) for token in tokens)
        return _best(steps) or nothing_in_common(tokens)

    def after_another_refusal(self) -> Advice | None:
        """What the offers that were asked for have to say of it: a step, or None."""
        step = _best(
            self._by_offer(offer, token, is_named=False)
            for offer in self._supported
            for token in dict.fromkeys(
                (*offer.tokens_to_request(secure=False), *offer.tokens_to_request(secure=True))
            )
            if token in self._asked
        )
        return None if isinstance(step, NothingInCommon) else step

    def _to(self, token: UpgradeToken, offers: Iterable[ClientOffer]) -> Advice | None:
        """How to come to one protocol, or why not; None if that was never possible."""
        if advice.names_tls(token):
            if self._secure:
                code = codes.TLS_SPOKEN_ALREADY
                return NothingInCommon(make_finding(code, field="Upgrade", value=bytes(token)))
            if self._tls:  # CVE-2025-49812: no one else has a say in what begins inside TLS
                return UseTLS("scheme", None, reconnect=True)
        step = _best(self._by_offer(offer, token, is_named=True) for offer in offers)
        leads_nowhere = step is None or isinstance(step, NothingInCommon)
        if token not in advice.HTTP2_TOKENS or not leads_nowhere:
            return step
        if step is None and token in self._asked:
            step = advice.asked_in_vain(token)
        return self._to_http2_anew(token) or step

    def _to_http2_anew(self, token: UpgradeToken) -> UseHTTP2 | None:
        takes_alpn = self._secure or (token == advice.H2_TOKEN and self._tls)
        if not self._http2 or (token == advice.H2_TOKEN and not takes_alpn):
            return None
        return UseHTTP2("alpn" if takes_alpn else "prior-knowledge", None, reconnect=True)

    def _by_offer(
        self, offer: ClientOffer, token: UpgradeToken, *, is_named: bool
    ) -> Advice | None:
        if not _can_ask(offer):
            return None
        was_asked = token in self._asked
        refusal = UpgradeRefusal(
            token, self._request, self._response, was_asked, is_named, self._closing
        )
        step = offer.advise(refusal)
        if step is None:
            if not is_named:
                return None
            return advice.asked_in_vain(token) if was_asked else Retry(offer, token, self._closing)
        if not isinstance(step, Advice):
            raise wrong_type("advise() returns an Advice or None", step)
        return step


def _best(steps: Iterable[Advice | None]) -> Advice | None:
    """The first step that leads on, or else the first reason why there is none."""
    reason: NothingInCommon | None = None
    for step in steps:
        if isinstance(step, NothingInCommon):
            reason = reason or step
        elif step is not None:
            return step
    return reason


def nothing_in_common(tokens: tuple[UpgradeToken, ...]) -> NothingInCommon:
    """None of what the server requires is spoken here."""
    value = b", ".join(map(bytes, tokens))
    return NothingInCommon(make_finding(codes.NOTHING_IN_COMMON, field="Upgrade", value=value))


def _can_ask(offer: ClientOffer) -> bool:
    """False for an offer that lacks what only a client needs, as those of servers may."""
    try:
        offer.handshake_fields(_ANY_KEY)
    except ValueError:
        return False
    return True
