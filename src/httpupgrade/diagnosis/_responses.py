"""What a client's request came to, judged by the response that it got.

Rules for this module: ``_response_faults`` finds what is wrong; here the rows of
``_response_fingerprints`` say who may have done it, and a diagnosis is made of both. What was
received is shown where it holds no secrets, and escaped.
"""

from collections.abc import Iterable, Iterator
from enum import Enum
from types import MappingProxyType
from typing import Final, assert_never, final

from .._client import finding_codes as client_codes
from .._http1 import finding_codes as http1_codes
from .._http1.arguments import require, require_flag, require_octets
from .._http1.errors import RemoteProtocolError
from .._http1.heads import RequestHead, ResponseHead
from .._http1.received_lines import escape_line, escape_octets, show_first_octets
from .._http1.redaction import bare_target
from .._negotiation import finding_codes as rules
from . import _response_codes as codes
from ._conditions import (
    Condition,
    Content,
    Has,
    Holds,
    Is,
    OneOf,
    Status,
    Subject,
    field_evidence,
    fulfils,
    start_line_evidence,
    subject_of,
)
from ._diagnosis import CONFIDENCES, Diagnosis, Evidence, Remedy, Suspect
from ._evidence import finding_evidence, hint_of, merge
from ._own_request import read_request
from ._remedies import REMEDIES
from ._response_faults import Fault, fault_of_response, name_tokens
from ._response_fingerprints import (
    IDLE_FINGERPRINTS,
    NO_ANSWER_FINGERPRINTS,
    ON_THE_WAY,
    RESPONSE_FINGERPRINTS,
    NoAnswerFingerprint,
    ResponseFingerprint,
)


@final
class NoAnswer(Enum):
    """How a request ended to which no response came."""

    CLOSED = "closed"
    """The connection was closed."""
    SILENT = "silent"
    """Nothing came in the time that the client waited."""


MOST_SUSPECTS: Final = 4
MOST_REMEDIES: Final = 4
_SHOWN_OF_VALUE: Final = 96
"""Octets of the value of a field that names a product."""

# Fields that name a product, and hold no secret.
_NAMING: Final = (b"server", b"via", b"x-powered-by", b"x-squid-error")
# Fields whose absence or presence is what some faults are about.
_SHOWN_FOR: Final = MappingProxyType(
    {
        codes.UPGRADE_IGNORED.name: ("Content-Type",),
        codes.HTTP2_HOP_BY_HOP_FIELD.name: ("Upgrade", "Connection"),
        rules.ASKED_IN_VAIN.name: ("Upgrade", "Connection", "Sec-WebSocket-Version"),
        codes.UPGRADE_REQUIRED.name: ("Upgrade", "Connection", "Sec-WebSocket-Version"),
        codes.TLS_REQUIRED.name: ("Upgrade",),
        codes.HTTP2_REQUIRED.name: ("Upgrade",),
    }
)
_REDIRECTIONS: Final = (
    codes.UPGRADE_REDIRECTED.name,
    codes.REDIRECTED_TO_SLASH.name,
    codes.REDIRECTED_TO_TLS.name,
)

# What a hop may have done, if nothing in the response names it.
_BY_A_HOP: Final = (
    rules.ASKED_IN_VAIN.name,
    rules.UPGRADE_IN_HTTP_1_0.name,
    rules.HOP_BY_HOP_FIELDS_LOST.name,
    rules.UPGRADE_MISSING.name,
    rules.UPGRADE_OPTION_MISSING.name,
    codes.UPGRADE_IGNORED.name,
    codes.UPGRADE_NOT_FOUND.name,
    codes.UPGRADE_FORBIDDEN.name,
    codes.UPGRADE_REFUSED.name,
    codes.GATEWAY_FAILED.name,
    codes.RESPONSE_SILENT.name,
    client_codes.RESPONSE_MISSING.name,
    client_codes.SWITCH_UPGRADE_MISSING.name,
    client_codes.SWITCH_OPTION_MISSING.name,
)
_PAST_THE_PROXIES: Final = (
    "Ask the server itself, past the proxies in front of it: if it switches, one of them is at"
    " fault."
)
_BY_TLS: Final = (
    "Connect with wss: proxies on the side of the client, and virus scanners, mostly cannot see an"
    " upgrade inside TLS, and leave it alone."
)
_OTHER_426: Final = (
    "If there is no proxy in the way, the server may mean something else by this 426: some answer"
    " so where 400, 403 for an Origin, or 505 would be right. Its log tells."
)
_BROWSERS: Final = (
    "If a browser fails and the server logs no request at all, the browser may have stopped it:"
    " Chrome asks for a permission (Local Network Access, from version 147 on for WebSockets)"
    " before a public page may connect to a private address or to this machine, and refuses if the"
    " page itself came without https; it blocks plain ws from an https page."
)

# The first octets of servers that speak first, and the protocol they are of.
_GREETINGS: Final = (
    (b"SSH-", "SSH (RFC 4253 4.2)"),
    (b"220 ", "SMTP or FTP (RFC 5321 4.2)"),
    (b"220-", "SMTP or FTP (RFC 5321 4.2)"),
    (b"+OK", "POP3 (RFC 1939 4)"),
    (b"* OK", "IMAP (RFC 9051 7.1)"),
    (b"RFB ", "VNC (RFC 6143 7.1.1)"),
    (b"-ERR", "Redis or POP3"),
)


def diagnose_response(
    request: RequestHead,
    response: ResponseHead | RemoteProtocolError | NoAnswer,
    *,
    content: bytes = b"",
    secure: bool = False,
) -> Diagnosis:
    """What became of a request, and who broke it.

    :param request: as the client sent it.
    :param response: the final response or the 101; or what :class:`ClientNegotiator` raised for
        what is no response; or :class:`NoAnswer`.
    :param content: what is known of the response's content, without its transfer coding. Known
        sentences of known programs are looked for in the first 16384 octets.
    :param secure: whether the connection is inside TLS.

    Pure, and total. Raises :class:`TypeError` for wrong types.
    """
    require("request is a RequestHead", request, RequestHead)
    require_flag("secure", secure)
    require_octets("content", content)
    match response:
        case ResponseHead():
            body = bytes(content)
            fault = fault_of_response(request, response, body, secure=secure)
            return _of_fault(fault, subject_of(response, body))
        case RemoteProtocolError():
            switch = _refused_101(response)
            if switch is not None:
                return diagnose_response(request, switch, content=content, secure=secure)
            return _of_unreadable(response, secure=secure)
        case NoAnswer():
            return _of_no_answer(request, response, secure=secure)
        case _:
            require(
                "response is a ResponseHead, a RemoteProtocolError or a NoAnswer",
                response,
                (ResponseHead, RemoteProtocolError, NoAnswer),
            )
            assert_never(response)


def _of_fault(fault: Fault, subject: Subject) -> Diagnosis:
    """The diagnosis of a response."""
    if fault.finding is None:
        notes = (fault.note,) if fault.note else ()
        return Diagnosis("healthy", "", fault.summary, next_steps=(*notes, *_of_idle_time(subject)))
    rows = rows_of(fault.code, subject)
    return Diagnosis(
        fault.verdict,
        fault.code,
        fault.summary,
        _cause(fault, rows),
        _once(each.message for each in fault.further),
        _evidence(fault, subject, rows),
        suspects_of(rows),
        # A 426 for an ordinary request is mostly meant: it is the request that has to change.
        () if fault.code == codes.UPGRADE_REQUIRED.name else remedies_of(rows),
        _next_steps(fault.code),
    )


def _cause(fault: Fault, rows: tuple[ResponseFingerprint, ...]) -> str:
    """Why: what a row that is sure says, or else what is said of the fault in general."""
    assert fault.finding is not None
    if fault.cause:
        return fault.cause
    if rows and rows[0].confidence in ("certain", "high"):
        return f"It looks like {rows[0].product}: {rows[0].setting}."
    return hint_of(fault.finding)


def _of_idle_time(subject: Subject) -> tuple[str, ...]:
    """What will end a switched connection sooner or later, where the product is known."""
    if not fulfils(subject, (Status(101),)):
        return ()
    rows = (each for each in IDLE_FINGERPRINTS if fulfils(subject, each.conditions))
    return _once(f"{each.setting}." for each in rows)


def _refused_101(error: RemoteProtocolError) -> ResponseHead | None:
    """The head of a 101 that could be read, and was no answer to its request."""
    try:
        head = ResponseHead.parse(error.raw)
    except (RemoteProtocolError, ValueError):  # no head, or one that octets follow
        return None
    return head if head.status_code == 101 else None


def _of_unreadable(error: RemoteProtocolError, *, secure: bool) -> Diagnosis:
    """The diagnosis of what is no response."""
    first, *further = error.findings
    cause = hint_of(first)
    if first.code == http1_codes.RESPONSE_IS_TLS.name and not secure:
        cause = f"This port speaks TLS, and the client spoke without it. {cause}"
    greeting = next((name for start, name in _GREETINGS if error.raw.startswith(start)), "")
    if greeting:
        cause = f"The first octets are those of a server of {greeting}: it is another port."
    evidence: tuple[Evidence, ...] = (finding_evidence(first, None),)
    if error.raw and first.line is None:
        says = "it begins with these octets"
        evidence = (Evidence(says, "first octets", *escape_line(show_first_octets(error.raw))),)
    return Diagnosis(
        "broken",
        first.code,
        f"The answer is no response of HTTP/1.1: {first.message}.",
        cause,
        _once(each.message for each in further),
        evidence,
        next_steps=_next_steps(first.code),
    )


def _of_no_answer(request: RequestHead, how: NoAnswer, *, secure: bool) -> Diagnosis:
    """The diagnosis of a connection on which nothing came."""
    asked = read_request(request, secure=secure)
    is_closed = how is NoAnswer.CLOSED
    code = client_codes.RESPONSE_MISSING if is_closed else codes.RESPONSE_SILENT
    if asked.fault is not None:
        summary = f"No answer came to a request that no server can upgrade: {asked.fault.message}."
        cause = hint_of(asked.fault)
        return Diagnosis("broken", asked.fault.code, summary, cause, (code.message,))
    what = f"the request for {name_tokens(asked.tokens)}"
    rows = NO_ANSWER_FINGERPRINTS if asked.tokens else ()
    return Diagnosis(
        "broken",
        code.name,
        f"No answer came to {what}: {code.message}.",
        code.hint,
        suspects=suspects_of(rows),
        remedies=remedies_of(rows),
        next_steps=_next_steps(code.name),
    )


def rows_of(code: str, subject: Subject) -> tuple[ResponseFingerprint, ...]:
    """The rows that explain this fault of this response, the surest first, one for a product."""
    found = [
        each
        for each in RESPONSE_FINGERPRINTS
        if code in [fault.name for fault in each.faults] and fulfils(subject, each.conditions)
    ]
    found.sort(key=lambda each: CONFIDENCES.index(each.confidence))
    return tuple(found)[:MOST_SUSPECTS]


def suspects_of(
    rows: Iterable[ResponseFingerprint | NoAnswerFingerprint],
) -> tuple[Suspect, ...]:
    """Those who may have done it, as these rows have them."""
    return tuple(
        Suspect(
            each.product,
            each.generation,
            each.setting,
            each.hop if isinstance(each, ResponseFingerprint) else ON_THE_WAY,
            each.confidence,
            each.name,
            each.source,
        )
        for each in rows
    )


def remedies_of(
    rows: Iterable[ResponseFingerprint | NoAnswerFingerprint],
) -> tuple[Remedy, ...]:
    """What mends them, none twice."""
    names = dict.fromkeys(name for each in rows for name in each.remedies)
    return tuple(REMEDIES[name] for name in names)[:MOST_REMEDIES]


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _evidence(
    fault: Fault, subject: Subject, rows: tuple[ResponseFingerprint, ...]
) -> tuple[Evidence, ...]:
    """What of the response shows it."""
    assert fault.finding is not None
    found = [start_line_evidence(subject, "this is the answer")]
    shown = _SHOWN_FOR.get(fault.code, ())
    if fault.finding.line is not None or (fault.finding.field is not None and not shown):
        found.append(finding_evidence(fault.finding, subject))
    if fault.code in _REDIRECTIONS:
        found.extend(_location(subject))
    for name in shown:
        field = name.encode("ascii").lower()
        says = f"it has {name}" if field in subject.names else f"it has no {name}"
        found.append(field_evidence(subject, field, says))
    if fault.saying is not None:
        phrase = escape_octets(fault.saying.phrase)
        found.append(Evidence("the response says so", "content", phrase, 0, len(phrase)))
    for part in dict.fromkeys(part for each in rows for part in _parts_of(each.conditions)):
        if part in subject.content:
            text = escape_octets(part)
            found.append(Evidence("the body has this in it", "content", text, 0, len(text)))
    named = dict.fromkeys(field for each in rows for field in _fields_of(each.conditions))
    found.extend(
        _naming(subject, field) for field in _NAMING if field in named and field in subject.names
    )
    return merge(found)


def _naming(subject: Subject, field: bytes) -> Evidence:
    """A line that names a product."""
    place = subject.names.index(field)
    name, value = subject.head.headers[place]
    line = escape_octets(name + b": " + value[:_SHOWN_OF_VALUE])
    return Evidence("it names the product", f"field line {place + 1}", line, 0, len(line))


def _location(subject: Subject) -> Iterator[Evidence]:
    """Where a redirection leads, without its query."""
    if b"location" in subject.names:
        place = subject.names.index(b"location")
        name, value = subject.head.headers[place]
        shown = escape_octets(name + b": " + bare_target(value)[:_SHOWN_OF_VALUE])
        says = "it leads there, the query left out"
        yield Evidence(says, f"field line {place + 1}", shown, len(name) + 2, len(shown))


def _fields_of(conditions: Iterable[Condition]) -> Iterator[bytes]:
    for each in conditions:
        match each:
            case Has(field) | Holds(field, _) | Is(field, _):
                yield field
            case OneOf(inner):
                yield from _fields_of(inner)
            case _:
                continue


def _parts_of(conditions: Iterable[Condition]) -> Iterator[bytes]:
    for each in conditions:
        match each:
            case Content(part):
                yield part
            case OneOf(inner):
                yield from _parts_of(inner)
            case _:
                continue


def _next_steps(code: str) -> tuple[str, ...]:
    steps: tuple[str, ...] = ()
    if code in _BY_A_HOP:
        steps += (_PAST_THE_PROXIES,)
    if code in (rules.ASKED_IN_VAIN.name, codes.UPGRADE_IGNORED.name):
        steps += (_BY_TLS,)
    if code == rules.ASKED_IN_VAIN.name:
        steps += (_OTHER_426,)
    if code in (codes.RESPONSE_SILENT.name, client_codes.RESPONSE_MISSING.name):
        steps += (_BROWSERS,)
    return steps
