"""What ``explain`` prints of exchanges: one in full; of many a summary, and each that is not
healthy, those with the same cause together.

Rules for this module: it prints what was judged, and judges nothing.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from textwrap import fill
from typing import Any, Final, TypeAlias, assert_never

from ... import (
    Accept101,
    AcceptConnect,
    Finding,
    Passthrough,
    Reject,
    RemoteProtocolError,
    RequestHead,
    Require426,
    ResponseHead,
)
from ..._http1.received_lines import escape_line, show_request_line
from ..._negotiation.refusal_text import evidence_lines, findings_as_json
from ...diagnosis import Diagnosis, NoAnswer, Verdict, to_json
from ..output import Output, Style
from ..showing import show_diagnosis
from .exchange import Answer, Exchange
from .judging import Judged, Judgement, findings_of

_Cause: TypeAlias = tuple[Verdict, str, str, str]

_PHRASES: Final = {each.value: each.phrase for each in HTTPStatus}
_STYLES: Final[dict[Verdict, Style]] = {
    "healthy": "good",
    "refused": "warning",
    "broken": "bad",
    "unclear": "warning",
}


def report(judged: Sequence[Judged], unreadable: Sequence[str], output: Output) -> None:
    """Print all of it."""
    output.document(_document(judged, unreadable))
    if len(judged) == 1:
        _show_exchange(judged[0], output)
    elif judged:
        _show_many(judged, output)
    elif not unreadable:
        output.say("There is nothing to explain: no response, and no WebSocket.")


# --- Text ---------------------------------------------------------------------------------------


def _show_exchange(judged: Judged, output: Output) -> None:
    exchange, decision = judged.exchange, judged.decision
    output.say(exchange.name, "title")
    for line in _lines_of(exchange):
        output.say(f"  {line}", "quiet")
    for note in exchange.notes:
        output.say(f"  ({note})", "quiet")
    if decision is not None:
        output.say(f"  decision: {_decision_in_words(decision)}")
    for finding in findings_of(decision):
        words = _finding_in_words(finding)
        output.say(fill(words, 80, initial_indent="  * ", subsequent_indent="    "))
        for line in evidence_lines(finding):
            output.say(f"  {line}", "quiet")
    shown = [each for each in (judged.server, judged.client) if each is not None]
    if len(shown) == 2 and any(each.verdict == "healthy" for each in shown):
        shown = [judged.diagnosis]
    for diagnosis in shown:
        output.say()
        if len(shown) == 2:
            whose = "server" if diagnosis is judged.server else "client"
            output.say(f"If this was recorded at the {whose}:", "title")
            output.say()
        _show_verdict(diagnosis, output)


def _show_verdict(diagnosis: Diagnosis, output: Output) -> None:
    output.say(diagnosis.verdict.upper(), _STYLES[diagnosis.verdict])
    show_diagnosis(diagnosis, output)


def _lines_of(exchange: Exchange) -> Iterator[str]:
    if exchange.request is not None:
        yield f"request:  {_request_line(exchange.request)}"
    elif exchange.octets:
        yield "request:  it cannot be read"
    else:
        yield "request:  it is not there (curl -v shows both)"
    if exchange.response is not None:
        yield f"response: {_response_in_words(exchange.response)}"


def _request_line(head: RequestHead) -> str:
    line = b"%b %b HTTP/%b" % (head.method, head.target, head.http_version)
    shown, _, _ = escape_line(show_request_line(line, 0, 0))
    return shown


def _response_in_words(answer: Answer) -> str:
    match answer:
        case ResponseHead():
            version = answer.http_version.decode("ascii")
            return f"HTTP/{version} {_status(answer.status_code)}"
        case RemoteProtocolError():
            return "it cannot be read"
        case NoAnswer():
            return "none"
        case unreachable:
            assert_never(unreachable)


def _decision_in_words(decision: Judgement) -> str:
    match decision:
        case Accept101():
            return f"101, switch to {decision.token}"
        case AcceptConnect():
            return f"200, open {decision.token}"
        case Require426() | Reject():
            closes = ", and the connection closes" if decision.close else ""
            return f"{_status(decision.status_code)}{closes}"
        case Passthrough():
            return "passed to the HTTP server as an ordinary request"
        case unreachable:
            assert_never(unreachable)


def _status(status_code: int) -> str:
    """With the usual phrase, for what a server writes there may be anything."""
    return f"{status_code} {_PHRASES.get(status_code, '')}".rstrip(" ")


def _finding_in_words(finding: Finding) -> str:
    clause = f" ({finding.clause})" if finding.clause else ""
    times = f", {finding.times} times" if finding.times > 1 else ""
    return f"{finding.code}: {finding.message}{clause}{times}"


def _cause_of(judged: Judged) -> _Cause:
    diagnosis = judged.diagnosis
    if not diagnosis.suspects:
        return diagnosis.verdict, diagnosis.code, "", ""
    first = diagnosis.suspects[0]
    product = f"{first.product} {first.generation}".rstrip(" ")
    return diagnosis.verdict, diagnosis.code, product, first.setting


def _by_cause(judged: Sequence[Judged]) -> list[tuple[_Cause, list[Judged]]]:
    """Those that are not healthy, by their cause, the most frequent first."""
    causes: dict[_Cause, list[Judged]] = {}
    for each in judged:
        if each.verdict != "healthy":
            causes.setdefault(_cause_of(each), []).append(each)
    return sorted(causes.items(), key=lambda item: -len(item[1]))


def _counted(judged: Sequence[Judged]) -> dict[Verdict, int]:
    counts = Counter(each.verdict for each in judged)
    return {each: counts[each] for each in _STYLES}


def _show_many(judged: Sequence[Judged], output: Output) -> None:
    counts = [f"{count} {verdict}" for verdict, count in _counted(judged).items() if count]
    output.say(f"{len(judged)} exchanges: {', '.join(counts)}", "title")
    causes = _by_cause(judged)
    if causes:
        output.say()
    for number, ((verdict, code, product, setting), same) in enumerate(causes, start=1):
        who = f", {product}: {setting}" if product else ""
        what = code or same[0].diagnosis.summary
        line = f"{number:>4}. {len(same):>5} {verdict:<8} {what}{who}"
        output.say(line if len(line) <= 80 else f"{line[:77]}...", _STYLES[verdict])
    for number, (_, same) in enumerate(causes, start=1):
        output.say()
        output.say(f"--- {number} of {len(causes)} ".ljust(79, "-"), "quiet")
        output.say()
        _show_exchange(same[0], output)
        if len(same) > 1:
            output.say()
            output.say("The same in:", "title")
        for each in same[1:]:
            output.say(f"  {each.exchange.name}")


# --- JSON ---------------------------------------------------------------------------------------


def _document(judged: Sequence[Judged], unreadable: Sequence[str]) -> dict[str, Any]:
    causes = [
        {"verdict": verdict, "code": code, "product": product, "setting": setting}
        | {"count": len(same)}
        for (verdict, code, product, setting), same in _by_cause(judged)
    ]
    return {
        "summary": {"exchanges": len(judged), **_counted(judged)},
        "causes": causes,
        "exchanges": [_exchange_as_json(each) for each in judged],
        "unreadable": list(unreadable),
    }


def _exchange_as_json(judged: Judged) -> dict[str, Any]:
    exchange, decision = judged.exchange, judged.decision
    request, response = exchange.request, exchange.response
    return {
        "name": exchange.name,
        "verdict": judged.verdict,
        "request": None if request is None else _request_line(request),
        "response": None if response is None else _response_in_words(response),
        "notes": list(exchange.notes),
        "decision": None if decision is None else _decision_as_json(decision),
        "server": None if judged.server is None else to_json(judged.server),
        "client": None if judged.client is None else to_json(judged.client),
    }


def _decision_as_json(decision: Judgement) -> dict[str, Any]:
    status_code, token, close = None, None, False
    match decision:
        case Accept101():
            status_code, token = 101, str(decision.token)
        case AcceptConnect():
            status_code, token = 200, str(decision.token)
        case Require426() | Reject():
            status_code, close = decision.status_code, decision.close
        case Passthrough():
            pass
        case unreachable:
            assert_never(unreachable)
    return {
        "kind": type(decision).__name__,
        "status_code": status_code,
        "token": token,
        "close": close,
        "findings": findings_as_json(decision.findings),
    }
