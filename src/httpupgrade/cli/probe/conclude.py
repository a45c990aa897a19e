"""From what came of all steps to one diagnosis.

Rules for this module: no I/O. The handshake that was asked about decides the verdict; what differs
between steps is evidence, and names the cause where one response alone cannot.
"""

import ipaddress
from collections.abc import Iterator
from typing import Final, final

from ... import RequestHead, ResponseHead
from ..._http1.findings import Code
from ..._http1.received_lines import escape_octets
from ..._http1.values import Value, field
from ...diagnosis import Diagnosis, Evidence, NoAnswer, Verdict
from ...diagnosis import _response_codes as diagnosis_codes
from . import finding_codes as codes
from .judge import diagnose_arrival, diagnose_exchange
from .outcomes import Exchange, HTTP2Failure, NoHTTP2, Outcome, Result, Tunnel, Unreached
from .place import Place
from .steps import (
    CHROMIUM,
    CURL,
    FIREFOX,
    FOREIGN,
    HTTP2,
    HTTP2_GET,
    HTTP_1_0,
    PLAIN_GET,
    SUBPROTOCOLS,
    WS,
    Step,
)
from .telling import forbidden_in_http2, is_lax, say

_BAD_REQUEST: Final = 400
_FORBIDDEN: Final = 403
_ASKED_IN_HTTP2: Final = (
    "Browsers that have an HTTP/2 connection ask on it, and fail. Envoy with allow_connect hands"
    " them on to servers of HTTP/1.1 without a key: have it offer no extended CONNECT."
)
_NOT_THE_UPGRADE: Final = (
    "An ordinary request is not answered either, so this is not about the upgrade. What listens"
    " there hangs or crashes, speaks another protocol than HTTP, or does not want this client."
)


@final
class Probed(Value):
    """All that a probe has found."""

    __slots__ = __match_args__ = ()

    place: Place = field("Where.")
    main: Step = field("The handshake that was asked about.")
    results: tuple[Result, ...] = field("What came of the steps, in order; at least one.")
    address: str = field("The other end of the connections; empty if there was none.", default="")
    origin: str = field("The Origin that was asked for; empty for the server's own.", default="")
    certificate: str = field(
        "What is wrong with the certificate, where that was no reason to stop.", default=""
    )
    arrived: RequestHead | None = field("The handshake as it arrived at the server.", default=None)
    knows_arrived: bool = field("Whether the server has said what arrived.", default=False)
    speaks_tls: bool = field("Whether TLS is spoken where it was not asked for.", default=False)
    followed: str = field("How it works where a response sent us, if it does.", default="")

    def exchange(self, step: Step) -> Exchange | None:
        """What came of a step, if a request went out."""
        for result in self.results:
            if result.step == step and isinstance(result.outcome, Exchange):
                return result.outcome
        return None

    def works(self, step: Step) -> bool:
        """Whether the handshake of a step came to a WebSocket."""
        exchange = self.exchange(step)
        return exchange is not None and exchange.works


def conclude(probed: Probed) -> Diagnosis:
    """The diagnosis."""
    diagnosis = _diagnose(probed)
    return diagnosis.replace(
        evidence=(*diagnosis.evidence, *_evidence(probed)),
        next_steps=(*_first_to_try(probed), *diagnosis.next_steps, *_to_try(probed, diagnosis)),
    )


def _diagnose(probed: Probed) -> Diagnosis:
    if probed.speaks_tls:
        there = probed.place.replace(scheme="wss").shown()
        return _of(diagnosis_codes.TLS_EXPECTED, "refused").replace(
            summary=f"This port speaks TLS: connect to {there}."
        )
    exchange = probed.exchange(probed.main)
    return _of_unreached(probed) if exchange is None else _of_main(probed, exchange)


def _of_unreached(probed: Probed) -> Diagnosis:
    """No handshake went out: the step that could not says why."""
    outcomes = (result.outcome for result in probed.results)
    unreached = next(each for each in outcomes if isinstance(each, Unreached))
    finding = unreached.finding
    says = f": {unreached.says}" if unreached.says else ""
    where = f"{probed.place.scheme}://{probed.place.authority}"
    summary = f"No request went out to {where}, because {finding.message}{says}."
    return Diagnosis("broken", finding.code, summary, cause=finding.hint)


def _of_main(probed: Probed, exchange: Exchange) -> Diagnosis:
    if exchange.works:
        healthy = Diagnosis("healthy", "", f"{probed.place.shown()} opens a WebSocket.")
        in_http2 = _of_http2(probed) or _of_extended_connect(probed)
        if in_http2 is None:
            return healthy
        return in_http2.replace(summary=f"{healthy.summary} In HTTP/2, however: {in_http2.summary}")
    if exchange.switched is not None:
        return _of(codes.TUNNEL_DEAD, "broken").replace(
            summary="The 101 is right, and the tunnel after it is dead: "
            f"{'' if exchange.tunnel is None else exchange.tunnel.value}."
        )
    secure = probed.place.secure
    if probed.knows_arrived:
        diagnosis = diagnose_arrival(exchange, probed.arrived, secure=secure)
    else:
        diagnosis = diagnose_exchange(exchange, secure=secure)
    if _is_unanswered(exchange) and _is_unanswered(probed.exchange(PLAIN_GET)):
        return diagnosis.replace(cause=_NOT_THE_UPGRADE, suspects=(), remedies=())
    code = _difference(probed, exchange)
    if code is None:
        return diagnosis
    refined = _of(code, "refused")
    return diagnosis.replace(
        verdict=refined.verdict, code=refined.code, summary=refined.summary, cause=refined.cause
    )


def _of_http2(probed: Probed) -> Diagnosis | None:
    """What breaks ordinary requests in HTTP/2, although the WebSocket opens."""
    exchange = probed.exchange(HTTP2_GET)
    if exchange is None or not isinstance(exchange.response, ResponseHead):
        return None
    if not forbidden_in_http2(exchange.response):
        return None
    diagnosis = diagnose_exchange(exchange, secure=True)
    return diagnosis if diagnosis.verdict == "broken" else None


def _of_extended_connect(probed: Probed) -> Diagnosis | None:
    """What breaks browsers that have an HTTP/2 connection, although the WebSocket opens."""
    exchange = probed.exchange(HTTP2)
    if exchange is None or not isinstance(exchange.response, ResponseHead):
        return None
    if exchange.response.status_code < _BAD_REQUEST:
        return None
    return Diagnosis(
        "broken",
        diagnosis_codes.EXTENDED_CONNECT_REFUSED.name,
        "SETTINGS allow WebSockets, and the same one that opens in HTTP/1.1 is refused"
        f" ({say(exchange)}).",
        cause=_ASKED_IN_HTTP2,
    )


def _is_unanswered(exchange: Exchange | None) -> bool:
    return exchange is not None and isinstance(exchange.response, NoAnswer)


def _of(code: Code, verdict: Verdict) -> Diagnosis:
    return Diagnosis(verdict, code.name, f"{_capital(code.message)}.", cause=code.hint)


def _difference(probed: Probed, exchange: Exchange) -> Code | None:
    """What the other handshakes show of one that is refused."""
    if probed.main != CHROMIUM and probed.works(CHROMIUM):
        return codes.SUBPROTOCOLS_REFUSED
    without_origin = probed.works(WS) or probed.works(CURL)
    if probed.works(FIREFOX) or (without_origin and exchange.status != _FORBIDDEN):
        return codes.SPELLING_REFUSED
    return codes.OWN_ORIGIN_REFUSED if without_origin else None


# Evidence of the other steps.


def _evidence(probed: Probed) -> Iterator[Evidence]:
    if probed.certificate:
        yield Evidence(
            f"the certificate is not valid, and was taken for --insecure: {probed.certificate}"
        )
    main = probed.exchange(probed.main)
    works = main is not None and main.works
    if main is not None and not works and not probed.knows_arrived:
        yield from _of_plain_get(probed, main)
    if main is not None and main.tunnel is Tunnel.ONE_WAY:
        yield _from(probed.main, "frames come from the server, and a ping was not answered")
    for result in probed.results:
        note = _note(result, probed.main, works=works)
        if note:
            yield _from(result.step, note)


def _from(step: Step, says: str) -> Evidence:
    return Evidence(says, place=f"step {step.name}")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _of_plain_get(probed: Probed, main: Exchange) -> Iterator[Evidence]:
    plain = probed.exchange(PLAIN_GET)
    if plain is None or plain is main or not isinstance(plain.response, ResponseHead):
        return
    if not isinstance(main.response, ResponseHead):
        yield _from(PLAIN_GET, f"an ordinary request is answered: {say(plain)}")
        return
    if plain.status == main.status:
        yield _from(
            PLAIN_GET,
            f"an ordinary request is answered with the same status ({plain.status}): Upgrade may"
            " not have reached what answers, or there is no WebSocket at this path",
        )
    else:
        yield _from(
            PLAIN_GET,
            f"an ordinary request is answered otherwise ({plain.status}), so that what answers has"
            " seen a handshake",
        )
    servers = [
        escape_octets((each.get(b"server") or b"")[:64]) for each in (plain.response, main.response)
    ]
    if servers[0] != servers[1]:
        yield _from(
            PLAIN_GET,
            f'two programs answer: the Server of an ordinary request is "{servers[0]}",'
            f' that of the handshake "{servers[1]}"',
        )


def _note(result: Result, main: Step, *, works: bool) -> str:
    """What a step besides the main one shows; empty for nothing."""
    step, outcome = result.step, result.outcome
    if step == HTTP_1_0 and is_lax(outcome):
        return (
            "HTTP/1.0 is answered with a 101, which it does not have (RFC 9110 15.2): the server is"
            " lax, which hides proxies that speak HTTP/1.0 to it, or a proxy in front of it speaks"
            " HTTP/1.1 to it for every client"
        )
    if step == HTTP2_GET:
        return _note_of_http2_get(outcome)
    if step == HTTP2:
        return _note_of_http2(outcome)
    if not works or not isinstance(outcome, Exchange):
        return ""
    if step == FOREIGN:
        if outcome.works:
            return "pages of any other site can connect as well: right, unless cookies let them in"
        return f"the Origin is checked: a foreign one is refused ({say(outcome)})"
    if step in (CHROMIUM, CURL) and not outcome.works and main == SUBPROTOCOLS:
        return f"without a subprotocol it is refused: {say(outcome)}"
    if step in (CHROMIUM, FIREFOX, WS, CURL) and not outcome.works:
        return f"this one does not work: {say(outcome)}"
    return ""


def _note_of_http2_get(outcome: object) -> str:
    if isinstance(outcome, Exchange) and isinstance(outcome.response, ResponseHead):
        forbidden = forbidden_in_http2(outcome.response)
        if forbidden:
            return (
                f"the response in HTTP/2 has {', '.join(forbidden)}, which HTTP/2 forbids (RFC 9113"
                " 8.2.2): curl, Safari and Node end the stream with PROTOCOL_ERROR; nginx does so"
                " with the Upgrade of a 426"
            )
    if isinstance(outcome, HTTP2Failure) and outcome.reason in (NoHTTP2.RESET, NoHTTP2.BROKEN):
        return f"an ordinary request in HTTP/2 fails: {say(outcome)}"
    return ""


def _note_of_http2(outcome: Outcome) -> str:
    if isinstance(outcome, Exchange):
        if outcome.works:
            return "a WebSocket opens over HTTP/2, too (RFC 8441)"
        return f"over HTTP/2 it does not open, although SETTINGS allow it: {say(outcome)}"
    if isinstance(outcome, HTTP2Failure) and outcome.reason is NoHTTP2.NOT_ALLOWED:
        return (
            "HTTP/2 is spoken without extended CONNECT: browsers open another connection, in"
            " HTTP/1.1, for a WebSocket"
        )
    return f"over HTTP/2 it does not open: {say(outcome)}"


# What to try.


def _first_to_try(probed: Probed) -> Iterator[str]:
    if probed.followed:
        yield f"It works {probed.followed}."


def _to_try(probed: Probed, diagnosis: Diagnosis) -> Iterator[str]:
    if diagnosis.verdict == "healthy":
        if _may_need_permission(probed):
            yield (
                "If it fails in Chrome alone: this address is private, and a page of a public site"
                " needs the permission of its user for it (Local Network Access). Serve both from"
                " the same network, or allow it in the site's settings."
            )
        return
    exchange = probed.exchange(probed.main)
    if exchange is None:
        return
    if isinstance(exchange.response, ResponseHead) and not _is_known_who_answered(diagnosis):
        yield (
            "Whether the server or a proxy in front of it has answered cannot be told from this"
            " response: probe the server itself, too."
        )
    if not probed.knows_arrived:
        yield (
            "Run `httpupgrade serve --behind` in the server's place, and probe again: that tells"
            " what arrives there."
        )


def _is_known_who_answered(diagnosis: Diagnosis) -> bool:
    """Whether a product is recognised, or the content is that of a server library."""
    return bool(diagnosis.suspects) or any(each.place == "content" for each in diagnosis.evidence)


def _may_need_permission(probed: Probed) -> bool:
    """Whether Chrome may ask its user: an address of a local network, and a page of elsewhere.

    Of who probes this machine itself, only if the page is another's.
    """
    if not probed.address:
        return False
    address = ipaddress.ip_address(probed.address.rpartition(":")[0].strip("[]"))
    is_elsewhere = probed.origin not in ("", probed.place.origin)
    return address.is_private and (is_elsewhere or not address.is_loopback)
