"""What to do about a 426, as typed advice (RFC 9110 15.5.22).

The law of this file: advice follows from the server's list, from the request that drew it and from
what the caller can speak. It goes by the server's order, and never says again what that request
tried in vain. What earlier ones tried is not known here.
"""

from binascii import b2a_base64
from collections.abc import Iterator, Mapping
from typing import Final, Literal, final

from .._http1.arguments import require_flag
from .._http1.field_values import UpgradeToken, parse_upgrade
from .._http1.findings import Finding, make_finding
from .._http1.heads import RequestHead
from .._http1.values import Value, field
from .._negotiation.client_offers import ClientOffer
from .._protocols.h2c import H2C_TOKEN
from .._protocols.tls import begins_tls, is_tls
from .._protocols.websocket.agreement import WEBSOCKET
from .._protocols.websocket.offer import WebSocket
from .._protocols.websocket.versions import VERSION_FIELD
from . import finding_codes as codes

_ANY_KEY: Final = b2a_base64(bytes(16), newline=False)

_H2: Final = UpgradeToken("h2")
_HTTP2: Final = frozenset((_H2, H2C_TOKEN, UpgradeToken("HTTP", "2"), UpgradeToken("HTTP", "2.0")))


@final
class Retry(Value, match_args=False):
    """Send the request again, and ask for this protocol, in the way that it is asked for.

    A WebSocket is asked for by GET without a body, a tunnel at the offer's ``request_target()``.
    """

    offer: ClientOffer = field("The caller's offer of the protocol.")
    token: UpgradeToken = field("The protocol to ask for.")
    reconnect: bool = field("Whether that takes a new connection.")


@final
class UseTLS(Value, match_args=False):
    """Send the request again inside TLS.

    "upgrade": ask for TLS with ``OPTIONS *`` and ``offer`` first (RFC 2817 3.2). "scheme": connect
    anew, for https or wss.
    """

    how: Literal["upgrade", "scheme"] = field("How TLS begins.")
    offer: ClientOffer | None = field('What to ask with; None for "scheme".')
    reconnect: bool = field("Whether that takes a new connection.")


@final
class UseHTTP2(Value, match_args=False):
    """Send the request again in HTTP/2.

    "upgrade": ask for it with ``offer`` (RFC 7540 3.2). "prior-knowledge": connect anew, and speak
    HTTP/2 from the first octet on (RFC 9113 3.3). "alpn": connect anew with TLS, and have ALPN
    choose ``h2`` (RFC 9113 3.2).
    """

    how: Literal["upgrade", "prior-knowledge", "alpn"] = field("How HTTP/2 begins.")
    offer: ClientOffer | None = field('What to ask with; None unless it is "upgrade".')
    reconnect: bool = field("Whether that takes a new connection.")


@final
class UseWebSocketVersion(Value, match_args=False):
    """Send the request again, and ask for a WebSocket of this version (RFC 6455 4.2.2)."""

    version: int = field("The version of the WebSocket protocol.")
    offer: ClientOffer = field("The caller's, with this version alone.")
    reconnect: bool = field("Whether that takes a new connection.")


@final
class NothingInCommon(Value, match_args=False):
    """There is nothing to try: the finding says why."""

    finding: Finding = field("Why.")


Advice = Retry | UseTLS | UseHTTP2 | UseWebSocketVersion | NothingInCommon


@final
class Adviser:
    """Finds the step that leads on from a 426.

    :param request: what drew it.
    :param versions: the WebSocket versions that the server names.
    :param closing: whether its connection is of no use any more.
    :param supported: what the caller can speak behind an Upgrade.
    :param secure: whether the request was inside TLS.
    :param tls: whether it could connect anew with https or wss.
    :param http2: whether it could speak HTTP/2 without an Upgrade.
    """

    def __init__(
        self,
        request: RequestHead,
        versions: tuple[int, ...],
        *,
        closing: bool,
        supported: tuple[ClientOffer, ...],
        secure: bool = False,
        tls: bool = False,
        http2: bool = False,
    ) -> None:
        self._request = request
        self._asked = frozenset(parse_upgrade(request.get_all(b"upgrade")))
        self._versions = versions
        self._secure = secure
        self._closing = closing
        self._supported = _by_token(supported, secure=secure)
        require_flag("tls", tls)
        require_flag("http2", http2)
        self._tls = tls
        self._http2 = http2

    def advise(self, wanted: tuple[UpgradeToken, ...]) -> Advice:
        """The step to the first of the protocols that can be tried."""
        reasons: list[Finding] = []
        for token in wanted:
            step = self._step_to(token)
            if isinstance(step, Finding):
                reasons.append(step)
            elif step is not None:
                return step
        if reasons:
            return NothingInCommon(reasons[0])
        value = b", ".join(map(bytes, wanted))
        return NothingInCommon(make_finding(codes.NOTHING_IN_COMMON, field="Upgrade", value=value))

    def _step_to(self, token: UpgradeToken) -> Advice | Finding | None:
        """How to come to one protocol; a finding if it seemed possible, None if it never was."""
        if is_tls(token):
            return self._step_to_tls(token)
        if token in _HTTP2:
            return self._step_to_http2(token)
        steps = [self._step_by(offer, token) for offer in self._offers_of(token)]
        possible = (each for each in steps if not isinstance(each, Finding))
        return next(possible, steps[0] if steps else None)

    def _step_by(self, offer: ClientOffer, token: UpgradeToken) -> Advice | Finding:
        if isinstance(offer, WebSocket):
            return self._step_to_websocket(offer)
        if token in self._asked:
            return _in_vain(token)
        return Retry(offer, token, self._closing)

    def _step_to_websocket(self, offer: WebSocket) -> Advice | Finding:
        spoken = offer.versions
        version = next((each for each in spoken if each in (self._versions or spoken)), None)
        if version is None:
            value = b", ".join(b"%d" % each for each in self._versions)
            return make_finding(codes.NO_COMMON_VERSION, field=VERSION_FIELD, value=value)
        asked = self._request.get(VERSION_FIELD.encode()) if WEBSOCKET in self._asked else None
        if asked == b"%d" % version:
            return _in_vain(WEBSOCKET)
        if asked is None and version == spoken[0]:
            return Retry(offer, WEBSOCKET, self._closing)
        return UseWebSocketVersion(version, offer.with_version(version), self._closing)

    def _step_to_tls(self, token: UpgradeToken) -> Advice | Finding | None:
        if self._secure:
            return make_finding(codes.TLS_SPOKEN_ALREADY, field="Upgrade", value=bytes(token))
        if self._tls:  # CVE-2025-49812: nobody has a say in what begins inside TLS
            return UseTLS("scheme", None, reconnect=True)
        offer = next(self._offers_of(token), None)
        if offer is None:
            return None
        if token in self._asked and begins_tls(self._request):
            return _in_vain(token)
        return UseTLS("upgrade", offer, self._closing)

    def _step_to_http2(self, token: UpgradeToken) -> Advice | Finding | None:
        offer = next(self._offers_of(token), None)
        tried = token in self._asked
        if offer is not None and not tried:
            return UseHTTP2("upgrade", offer, self._closing)
        if self._http2 and (self._secure or (token == _H2 and self._tls)):
            return UseHTTP2("alpn", None, reconnect=True)
        if self._http2 and token != _H2:
            return UseHTTP2("prior-knowledge", None, reconnect=True)
        return _in_vain(token) if tried else None

    def _offers_of(self, token: UpgradeToken) -> Iterator[ClientOffer]:
        """Those that ask for it; an ``H2C`` without settings, as servers have it, cannot."""
        for offer in self._supported.get(token, ()):
            try:
                offer.ask(_ANY_KEY)
            except ValueError:
                continue
            yield offer


def _by_token(
    supported: tuple[ClientOffer, ...], *, secure: bool
) -> Mapping[UpgradeToken, list[ClientOffer]]:
    """The offers for each token, in order."""
    found: dict[UpgradeToken, list[ClientOffer]] = {}
    for offer in supported:
        for token in dict.fromkeys(offer.wanted(secure=secure)):
            found.setdefault(token, []).append(offer)
    return found


def _in_vain(token: UpgradeToken) -> Finding:
    return make_finding(codes.ASKED_IN_VAIN, field="Upgrade", value=bytes(token))
