"""What a policy decides on an exchange, and what diagnosis says of it.

Rules for this module: a capture of a client is not held against a proxy in front of a server, and
what was not recorded is not held against anyone.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, TypeAlias, final

from ... import (
    H2C,
    TLS,
    AcceptConnect,
    ConnectIP,
    ConnectTCP,
    ConnectUDP,
    CustomProtocol,
    Decision,
    Finding,
    Policy,
    RequestHead,
    RequestInfo,
    ResponseHead,
    ServerNegotiator,
    WebSocket,
    decide,
    decide_extended_connect,
)
from ..._http1.authority import parse_authority
from ..._http1.received_lines import escape_octets
from ..._http1.redaction import bare_target
from ..._negotiation.offers import Offer
from ...diagnosis import Diagnosis, Verdict, diagnose, diagnose_response
from ..exits import CommandError
from .exchange import Exchange

Judgement: TypeAlias = Decision | AcceptConnect

_ACCEPT_WRONG: Final = "websocket-accept-wrong"
# What tells, worst first.
_ORDER: Final[tuple[Verdict, ...]] = ("broken", "refused", "unclear", "healthy")
_OFFERS: Final[Mapping[str, Callable[[], Offer]]] = {
    "websocket": WebSocket,
    "h2c": H2C,
    "tls": lambda: TLS("1.3", "1.2"),
    "connect-udp": ConnectUDP,
    "connect-tcp": ConnectTCP,
    "connect-ip": ConnectIP,
}
OFFER_NAMES: Final = tuple(_OFFERS)
_HOST: Final = (b"Host", b"server.example")
_PLAIN: Final = RequestHead(b"GET", b"/", [_HOST])
_HANDSHAKE: Final = RequestHead(
    b"GET",
    b"/",
    [
        _HOST,
        (b"Upgrade", b"websocket"),
        (b"Connection", b"Upgrade"),
        (b"Sec-WebSocket-Version", b"13"),
        (b"Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ=="),
    ],
)
_OPENED: Final = Diagnosis("healthy", "", "The WebSocket was opened: messages were recorded.")
_SWITCHED: Final = Diagnosis(
    "healthy",
    "",
    "The server switched protocols. Whether it switched to what was asked for, and for the key that"
    " was sent, cannot be checked without the request.",
)
_NOT_RECORDED: Final = Diagnosis(
    "unclear",
    "",
    "No response was recorded. Browsers often leave out that of a handshake that failed.",
)


@final
class Judged(NamedTuple):
    """An exchange, and what is said of it."""

    exchange: Exchange
    decision: Judgement | None
    """Of a server with the policy; None without a request, and for ordinary requests in HTTP/2."""
    server: Diagnosis | None
    """As the server that got the request sees it."""
    client: Diagnosis | None
    """As the client that got the response sees it."""

    @property
    def diagnosis(self) -> Diagnosis:
        """The one that matters most; the client's where both matter as much."""
        there = [each for each in (self.client, self.server) if each is not None]
        return min(there, key=lambda each: _ORDER.index(each.verdict))

    @property
    def verdict(self) -> Verdict:
        """What it comes to."""
        return self.diagnosis.verdict


def policy_of(
    required: list[str], offered: list[str], subprotocols: list[str], origins: list[str]
) -> Policy:
    """The policy that the options describe. Without any it offers everything and requires nothing.

    Raises :class:`CommandError` for what no policy can be.
    """
    names = dict.fromkeys((*required, *offered))
    if subprotocols or origins:
        names.setdefault("websocket")
    try:
        offers = [_offer(name, subprotocols, origins) for name in names or _OFFERS]
        return Policy(*offers, mode="required" if required else "optional")
    except ValueError as error:
        raise CommandError(str(error)) from None


def _offer(name: str, subprotocols: list[str], origins: list[str]) -> Offer:
    folded = name.lower()
    if folded == "websocket":
        is_same = origins == ["same-host"]
        return WebSocket(subprotocols, origins="same-host" if is_same else origins or None)
    made = _OFFERS.get(folded)
    return CustomProtocol(name) if made is None else made()


def judge(exchange: Exchange, policy: Policy) -> Judged:
    """What is to be said of an exchange."""
    decision = _decide(exchange, policy)
    client = _seen_by_client(exchange)
    server = None
    if exchange.recorded_by != "client" or client is None:
        server = _seen_by_server(exchange, decision)
    return Judged(exchange, decision, server, client)


def _decide(exchange: Exchange, policy: Policy) -> Judgement | None:
    if exchange.fields is not None:
        if any(name == b":protocol" for name, _ in exchange.fields):
            return decide_extended_connect(exchange.fields, policy, secure=exchange.secure)
        return None
    if exchange.request is not None:
        return decide(exchange.request, policy, secure=exchange.secure)
    return _decide_octets(exchange, policy) if exchange.octets else None


def _decide_octets(exchange: Exchange, policy: Policy) -> Decision:
    negotiator = ServerNegotiator(policy, secure=exchange.secure)
    negotiator.receive_data(exchange.octets)
    decision = negotiator.next_event()
    assert isinstance(decision, Decision), "these octets cannot be read"
    return decision


def _seen_by_server(exchange: Exchange, decision: Judgement | None) -> Diagnosis | None:
    if isinstance(decision, AcceptConnect) or decision is None:
        return Diagnosis("healthy", "", "Nothing is wrong with the request.")
    head = exchange.request
    info = None if head is None else RequestInfo(head, secure=exchange.secure)
    return diagnose(info, decision)


def _seen_by_client(exchange: Exchange) -> Diagnosis | None:
    if exchange.opened:
        return _OPENED
    if exchange.response is None:
        return _not_recorded(exchange) if exchange.recorded_by == "client" else None
    if exchange.request is None:
        return _seen_without_request(exchange)
    diagnosis = _diagnose_answer(exchange, exchange.request)
    is_unchecked = diagnosis.code == _ACCEPT_WRONG and not exchange.has_key
    return _SWITCHED if is_unchecked else diagnosis


def _not_recorded(exchange: Exchange) -> Diagnosis:
    head = exchange.request
    host = None if head is None else head.get(b"host")
    step = "Run httpupgrade probe with the address of the WebSocket."
    if head is not None and host is not None and parse_authority(host) is not None:
        scheme = "wss" if exchange.secure else "ws"
        place = escape_octets(host + bare_target(head.target))
        step = f"Run: httpupgrade probe {scheme}://{place}"
    return _NOT_RECORDED.replace(next_steps=(step,))


def _seen_without_request(exchange: Exchange) -> Diagnosis:
    """What a response tells alone: if it is right for an ordinary request, or was a switch, nobody
    is accused."""
    answer = exchange.response
    if isinstance(answer, ResponseHead) and answer.status_code == 101:
        diagnosis = _diagnose_answer(exchange, _HANDSHAKE)
        is_fine = diagnosis.code in (_ACCEPT_WRONG, "switch-not-asked-for")
        return _SWITCHED if is_fine else diagnosis
    diagnosis = _diagnose_answer(exchange, _PLAIN)
    if diagnosis.verdict != "healthy":
        return diagnosis
    asked = _diagnose_answer(exchange, _HANDSHAKE)
    return asked.replace(
        verdict="unclear",
        summary="The request is not there. To an ordinary one this is an ordinary answer. If it was"
        f" a WebSocket handshake: {asked.summary}",
    )


def _diagnose_answer(exchange: Exchange, request: RequestHead) -> Diagnosis:
    assert exchange.response is not None, "it was asked for"
    return diagnose_response(
        request, exchange.response, content=exchange.content, secure=exchange.secure
    )


def findings_of(decision: Judgement | None) -> tuple[Finding, ...]:
    """Every check that failed."""
    return () if decision is None else decision.findings
