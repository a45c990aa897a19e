"""One line for what came of a step, and the same for programs.

Rules for this module: no I/O. Of what was received it shows status, reason, the fields whose values
may be shown, and a Location without its query.
"""

from http import HTTPStatus
from typing import Any, Final, assert_never

from ... import RemoteProtocolError, ResponseHead
from ..._http1.hop_by_hop import NEVER_IN_HTTP2
from ..._http1.received_lines import escape_octets
from ..._http1.redaction import bare_target
from ...diagnosis import NoAnswer
from ..output import Style
from . import spellings
from .outcomes import Exchange, HTTP2Failure, NoHTTP2, Outcome, Result, Tunnel, Unreached
from .steps import FOREIGN, HTTP2, HTTP2_GET, Step

_MOST_REASON: Final = 40
_SWITCH_UNASKED: Final = "switch-unasked"


def tell(result: Result) -> tuple[str, Style]:
    """What came of a step, in a line, and how good that is."""
    return say(result.outcome), _style(result.step, result.outcome)


def say(outcome: Outcome) -> str:
    """What came of a step, in a line."""
    match outcome:
        case Unreached():
            says = f" ({outcome.says})" if outcome.says else ""
            return f"{outcome.finding.message}{says}"
        case HTTP2Failure():
            return f"{outcome.reason.value}{f': {outcome.says}' if outcome.says else ''}"
        case Exchange():
            return _said_of(outcome)
        case unreachable:
            assert_never(unreachable)


def plain(result: Result) -> dict[str, Any]:
    """A result for programs."""
    step, outcome = result.step, result.outcome
    status = outcome.status if isinstance(outcome, Exchange) else None
    return {
        "name": step.name,
        "sends": step.title.strip(" "),
        "spelt_as": step.spelling.capture,
        "expects": step.expects,
        "shows": step.shows,
        "status": status,
        "says": say(outcome),
        "works": isinstance(outcome, Exchange) and outcome.works,
    }


def is_lax(outcome: Outcome) -> bool:
    """Whether a request in HTTP/1.0 was answered with a 101."""
    if not isinstance(outcome, Exchange) or not isinstance(outcome.response, RemoteProtocolError):
        return False
    return outcome.response.finding.code == _SWITCH_UNASKED


def status_line(head: ResponseHead) -> str:
    """The status with its reason: that of the server, or the usual one."""
    reason = escape_octets(head.reason[:_MOST_REASON])
    if not reason and head.status_code in set(HTTPStatus):
        reason = HTTPStatus(head.status_code).phrase
    return f"{head.status_code} {reason}".rstrip(" ")


def _said_of(exchange: Exchange) -> str:
    match exchange.response:
        case ResponseHead() as head:
            return "; ".join((status_line(head), *_details(exchange, head)))
        case RemoteProtocolError() as error:
            return _said_of_error(error)
        case NoAnswer.CLOSED:
            after = f" after {exchange.received} octets" if exchange.received else ""
            return f"the connection was closed without an answer{after}"
        case NoAnswer.SILENT:
            after = f"; {exchange.received} octets came" if exchange.received else ""
            return f"no answer in time{after}"
        case unreachable:
            assert_never(unreachable)


def _details(exchange: Exchange, head: ResponseHead) -> list[str]:
    details = []
    location = head.get(b"location")
    if location is not None and 300 <= head.status_code <= 399:
        details.append(f"to {escape_octets(bare_target(location[:256]))}")
    upgrade = head.get(b"upgrade")
    if upgrade is not None and exchange.switched is None:
        details.append(f"Upgrade: {escape_octets(upgrade[:64])}")
    if head.has(b"sec-websocket-protocol") and exchange.works:
        details.append("a subprotocol was chosen")
    if exchange.tunnel is not None:
        details.append(exchange.tunnel.value)
    return details


def _said_of_error(error: RemoteProtocolError) -> str:
    if error.finding.code == _SWITCH_UNASKED:
        return "101, which HTTP/1.0 does not have"
    begun = "101, which is wrong: " if error.raw[9:12] == b"101" else ""
    first = error.raw[:24]
    shown = "" if not first or first.startswith(b"HTTP/") else f' (first: "{escape_octets(first)}")'
    return f"{begun}{error.finding.message}{shown}"


def _style(step: Step, outcome: Outcome) -> Style:
    if not isinstance(outcome, Exchange):
        is_no_fault = isinstance(outcome, HTTP2Failure) and outcome.reason in (
            NoHTTP2.NOT_ALLOWED,
            NoHTTP2.NOT_CHOSEN,
        )
        return "quiet" if is_no_fault else "bad"
    if step == FOREIGN:
        return "warning" if outcome.works else "good" if outcome.status == 403 else ""
    if step.spelling is spellings.HTTP_1_0:
        return "warning" if is_lax(outcome) else ""
    if step.asks:
        is_open = outcome.works and outcome.tunnel is not Tunnel.ONE_WAY
        return "good" if is_open else "warning" if step == HTTP2 else "bad"
    if step == HTTP2_GET and isinstance(outcome.response, ResponseHead):
        return "warning" if forbidden_in_http2(outcome.response) else "good"
    return "" if isinstance(outcome.response, ResponseHead) else "bad"


def forbidden_in_http2(head: ResponseHead) -> tuple[str, ...]:
    """The names of fields that a response in HTTP/2 must not have (RFC 9113 8.2.2)."""
    return tuple(name.decode("ascii") for name in sorted(NEVER_IN_HTTP2) if head.has(name))
