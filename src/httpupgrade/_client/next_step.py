"""What to do after a response that does not switch (RFC 9110 15.5.22).

Rules for this module: advice follows from what the server requires, from the request that was
refused and from what the caller can speak. It goes by the server's order, and never says again what
that request tried in vain. What earlier ones tried is not known here. What is special to a protocol
is for its offer to say; connecting anew, with TLS or HTTP/2, needs no offer.
"""

from binascii import b2a_base64
from collections.abc import Iterable, Mapping
from typing import Final, final

from .._http1.arguments import require_flag, wrong_type
from .._http1.field_values import UpgradeToken
from .._http1.findings import make_finding
from .._http1.heads import RequestHead, ResponseHead
from .._negotiation.advice import (
    H2_TOKEN,
    HTTP2_TOKENS,
    Advice,
    NothingInCommon,
    Retry,
    UseHTTP2,
    UseTLS,
    asked_in_vain,
    names_tls,
)
from .._negotiation.client_offers import ClientOffer, UpgradeRefusal
from . import finding_codes as codes
from .request import indicated_tokens

_ANY_KEY: Final = b2a_base64(bytes(16), newline=False)


@final
class Adviser:
    """Finds the step that leads on from a response.

    :param closing: whether the connection cannot be used again.
    :param supported: what the caller can speak after an Upgrade.
    """

    def __init__(
        self,
        request: RequestHead,
        response: ResponseHead,
        supported: tuple[ClientOffer, ...],
        *,
        closing: bool,
    ) -> None:
        self._request = request
        self._response = response
        self._supported = supported
        self._closing = closing
        self._asked = frozenset(indicated_tokens(request))

    def after_426(
        self, tokens: tuple[UpgradeToken, ...], *, secure: bool, tls: bool, http2: bool
    ) -> Advice | None:
        """The step to the first of the protocols that can be tried.

        None where neither a protocol is named nor another field says which is meant.

        :param tokens: the protocols that are named.
        :param secure: whether the request was inside TLS.
        :param tls: whether the caller could connect anew with https or wss.
        :param http2: whether the caller could speak HTTP/2 without an Upgrade.
        """
        require_flag("tls", tls)
        require_flag("http2", http2)
        if not tokens:
            return _best(
                self._by_offer(offer, token, is_named=False)
                for offer in self._supported
                for token in dict.fromkeys(offer.wanted(secure=secure))
            )
        offers = _by_token(self._supported, secure=secure)
        steps = (
            self._to(token, offers.get(token, ()), secure=secure, tls=tls, http2=http2)
            for token in tokens
        )
        return _best(steps) or nothing_in_common(tokens)

    def after_another_refusal(self) -> Advice | None:
        """What the offers that were asked for have to say of it: a step, or None."""
        step = _best(
            self._by_offer(offer, token, is_named=False)
            for offer in self._supported
            for token in dict.fromkeys((*offer.wanted(secure=False), *offer.wanted(secure=True)))
            if token in self._asked
        )
        return None if isinstance(step, NothingInCommon) else step

    def _to(
        self,
        token: UpgradeToken,
        offers: Iterable[ClientOffer],
        *,
        secure: bool,
        tls: bool,
        http2: bool,
    ) -> Advice | None:
        """How to come to one protocol, or why not; None if that was never possible."""
        if names_tls(token):
            if secure:
                finding = make_finding(
                    codes.TLS_SPOKEN_ALREADY, field="Upgrade", value=bytes(token)
                )
                return NothingInCommon(finding)
            if tls:  # CVE-2025-49812: nobody has a say in what begins inside TLS
                return UseTLS("scheme", None, reconnect=True)
        step = _best(self._by_offer(offer, token, is_named=True) for offer in offers)
        if token not in HTTP2_TOKENS or not (step is None or isinstance(step, NothingInCommon)):
            return step
        if step is None and token in self._asked:
            step = asked_in_vain(token)
        return (_http2_anew(token, secure=secure, tls=tls) if http2 else None) or step

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
            return asked_in_vain(token) if was_asked else Retry(offer, token, self._closing)
        if not isinstance(step, Advice):
            raise wrong_type("advise() returns an Advice or None", step)
        return step


def _by_token(
    supported: tuple[ClientOffer, ...], *, secure: bool
) -> Mapping[UpgradeToken, list[ClientOffer]]:
    """The offers for each token, in order."""
    found: dict[UpgradeToken, list[ClientOffer]] = {}
    for offer in supported:
        for token in dict.fromkeys(offer.wanted(secure=secure)):
            found.setdefault(token, []).append(offer)
    return found


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
        offer.ask(_ANY_KEY)
    except ValueError:
        return False
    return True


def _http2_anew(token: UpgradeToken, *, secure: bool, tls: bool) -> UseHTTP2 | None:
    if secure or (token == H2_TOKEN and tls):
        return UseHTTP2("alpn", None, reconnect=True)
    return None if token == H2_TOKEN else UseHTTP2("prior-knowledge", None, reconnect=True)
