"""What is wrong with an exchange, from its request and its response alone.

Rules for this module: it names no product. A fault is a finding with a verdict; what a hop did is
said where the response shows it, and what cannot be told is said, too.
"""

from types import MappingProxyType
from typing import Final, NamedTuple, final

from .._client import finding_codes as client_codes
from .._client.ordinary_response import read_requirements
from .._client.verify_101 import verify_switch
from .._http1.field_values import HTTP_1_1, UpgradeToken
from .._http1.findings import Code, Finding, make_finding
from .._http1.heads import RequestHead, ResponseHead
from .._http1.redaction import bare_target
from .._negotiation import finding_codes as rules
from .._negotiation.advice import HTTP2_TOKENS, VERSION_FIELD, WEBSOCKET_TOKEN, names_tls
from .._negotiation.client_offers import VerificationFailed
from .._protocols.websocket import finding_codes as websocket
from . import _response_codes as codes
from ._conditions import Content, Has, Holds, OneOf, Status, fulfils, lacks, subject_of
from ._diagnosis import Verdict
from ._own_request import Asked, read_request
from ._sayings import LOST_ON_THE_WAY, Saying, said_in

_VERSION: Final = VERSION_FIELD.encode("ascii")
_PROTOCOL: Final = b"sec-websocket-protocol"
_NO_SUBPROTOCOL: Final = (
    "The server agreed on none of the subprotocols that were offered. RFC 6455 allows that;"
    " browsers close such a connection (WHATWG WebSockets), so offer one that the server speaks, or"
    " none."
)
_TLS_OR_HTTP: Final = frozenset((*HTTP2_TOKENS, HTTP_1_1))

# Bodies of Engine.IO: {"code":1,"message":"Session ID unknown"}, and that of its server in Python.
_ENGINE_IO: Final = (
    OneOf(
        (
            Content(b'"message":"Transport unknown"'),
            Content(b'"message":"Session ID unknown"'),
            Content(b'"message":"Bad handshake method"'),
            Content(b'"message":"Bad request"'),
            Content(b'"message":"Forbidden"'),
            Content(b'"message":"Unsupported protocol version"'),
            Content(b"unsupported version of the Socket.IO or Engine.IO protocols"),
        )
    ),
)
# Envoy answers HTTP/1.0 with a 426 that names nothing.
_ENVOY_426: Final = (
    Status(426),
    OneOf((Holds(b"server", b"envoy"), Has(b"x-envoy-upstream-service-time"))),
    *lacks(b"upgrade", b"sec-websocket-version"),
)

_BY_STATUS: Final = MappingProxyType(
    {
        401: codes.CREDENTIALS_REQUIRED,
        403: codes.UPGRADE_FORBIDDEN,
        404: codes.UPGRADE_NOT_FOUND,
        407: codes.PROXY_CREDENTIALS_REQUIRED,
        429: codes.TOO_MANY_REQUESTS,
        501: codes.UPGRADE_REFUSED,
        502: codes.GATEWAY_FAILED,
        503: codes.GATEWAY_FAILED,
        504: codes.GATEWAY_FAILED,
        505: codes.UPGRADE_REFUSED,
        530: codes.GATEWAY_FAILED,
    }
)
_ABOUT_UPGRADES: Final = (
    None,
    codes.UPGRADE_FORBIDDEN,
    codes.UPGRADE_NOT_FOUND,
    codes.UPGRADE_REFUSED,
)
_CLOUDFLARE_FIRST, _CLOUDFLARE_LAST = 520, 527

# What servers answer that see no upgrade. Proxies make 400 and 5xx themselves, some in HTTP/1.0.
_OLD_ANSWERS: Final = (200, 404, 426)


@final
class Fault(NamedTuple):
    """What an exchange comes to, and why."""

    verdict: Verdict
    finding: Finding | None
    """None where nothing is wrong."""
    summary: str
    """As a sentence with its full stop."""
    cause: str = ""
    """In sentences; empty for what the finding's hint says."""
    further: tuple[Finding, ...] = ()
    """What else is wrong."""
    saying: Saying | None = None
    """What a known server says of it in the response."""
    note: str = ""
    """What else there is to know of what is healthy, as a sentence with its full stop."""

    @property
    def code(self) -> str:
        """The name of the finding's code, or an empty text."""
        return "" if self.finding is None else self.finding.code


def fault_of_response(
    request: RequestHead, response: ResponseHead, content: bytes, *, secure: bool
) -> Fault:
    """Judge a response to a request, as it was sent."""
    case = Case(request, response, content, secure, read_request(request, secure=secure))
    if b"2.0" in (request.http_version, response.http_version):
        return _in_http2(case)
    if case.asked.fault is not None:
        return _own_fault(case.asked.fault)
    if response.status_code == 101:
        return _switch(case)
    return _ordinary(case) if case.asked.tokens else _plain(case)


@final
class Case(NamedTuple):
    """An exchange."""

    request: RequestHead
    response: ResponseHead
    content: bytes
    secure: bool
    asked: Asked

    @property
    def what(self) -> str:
        """What was asked for, as the subject of a sentence."""
        return f"The request for {name_tokens(self.asked.tokens)}"


def name_tokens(tokens: tuple[UpgradeToken, ...]) -> str:
    """The first protocol by its name, escaped, and how many more there are."""
    if not tokens:
        return "HTTP"
    more = f" and {len(tokens) - 1} more" if len(tokens) > 1 else ""
    return f"{str(tokens[0])[:64]}{more}"


def _healthy(summary: str) -> Fault:
    return Fault("healthy", None, summary)


def _own_fault(finding: Finding) -> Fault:
    summary = f"No server can upgrade the request as it was sent: {finding.message}."
    return Fault("broken", finding, summary)


def _told(case: Case, verdict: Verdict, code: Code) -> Fault:
    """A fault that the response's status shows."""
    return _found(case, verdict, make_finding(code))


def _found(
    case: Case,
    verdict: Verdict,
    finding: Finding,
    cause: str = "",
    further: tuple[Finding, ...] = (),
    saying: Saying | None = None,
) -> Fault:
    what = case.what if case.asked.tokens else "The plain request"
    summary = f"{what} was answered with {case.response.status_code}: {finding.message}."
    return Fault(verdict, finding, summary, cause, further, saying)


def _switch(case: Case) -> Fault:
    outcome = verify_switch(case.request, case.response, *case.asked.offers, secure=case.secure)
    if not isinstance(outcome, VerificationFailed):
        summary = f"The server switched to {name_tokens(outcome.tokens)}, as it was asked to."
        return Fault("healthy", None, summary, note=_note_of_subprotocol(case))
    first, *further = outcome.findings
    # Of protocols that are not known here, it is not known either what makes a 101 right.
    is_unknown = first.code == client_codes.SWITCH_UNASKED.name and case.asked.tokens
    return _found(case, "unclear" if is_unknown else "broken", first, "", tuple(further))


def _note_of_subprotocol(case: Case) -> str:
    """A 101 need not agree on a subprotocol (RFC 6455 4.1), but browsers insist."""
    offers, answers = (each.has(_PROTOCOL) for each in (case.request, case.response))
    return _NO_SUBPROTOCOL if offers and not answers else ""


def _in_http2(case: Case) -> Fault:
    """HTTP/2 has no Upgrade; extended CONNECT is in its place (RFC 8441)."""
    response = case.response
    for field in ("Upgrade", "Connection"):
        if response.has(field.encode("ascii")):
            return _found(case, "broken", make_finding(codes.HTTP2_HOP_BY_HOP_FIELD, field=field))
    if case.request.method == b"CONNECT" and response.status_code >= 300:
        code = _BY_STATUS.get(response.status_code)
        is_its_own = code in (None, codes.UPGRADE_REFUSED, codes.UPGRADE_NOT_FOUND)
        if is_its_own and response.status_code != 426:
            return _told(case, "refused", codes.EXTENDED_CONNECT_REFUSED)
    return _plain(case)


def _plain(case: Case) -> Fault:
    """The answer to a request that asks for HTTP."""
    status = case.response.status_code
    if 200 <= status <= 399:
        return _healthy(f"The plain request was answered with {status}.")
    if status == 426:
        return _426(case)
    saying = said_in(case.response, case.content)
    if saying is not None and saying.code.name in LOST_ON_THE_WAY and 400 <= status <= 499:
        return _found(
            case, "refused", make_finding(codes.UPGRADE_REQUIRED), _said(saying), saying=saying
        )
    if saying is not None and saying.code == codes.TLS_EXPECTED:
        return _found(case, "broken", make_finding(saying.code), saying=saying)
    return _by_status(case)


def _ordinary(case: Case) -> Fault:
    """An answer in HTTP to a request that asks for a switch."""
    status = case.response.status_code
    said = _by_saying(case)
    if said is not None:
        return said
    if fulfils(subject_of(case.response, case.content), _ENGINE_IO) and status >= 400:
        return _told(case, "refused", codes.ENGINE_IO_REFUSED)
    if 200 <= status <= 399 and _TLS_OR_HTTP.issuperset(_but_tls(case.asked.tokens)):
        # RFC 9110 7.8: a server may ignore Upgrade, and these go on in HTTP/1.1 then.
        return _healthy(
            f"{case.what} was answered with {status} in HTTP/1.1, which a server may do."
        )
    if 300 <= status <= 399 and status != 304:
        return _redirect(case)
    if case.response.http_version == b"1.0" and status in _OLD_ANSWERS:
        return _old(case)
    versions = _other_versions(case)
    if versions is not None:
        return versions
    if status == 426:
        return _426(case)
    if 200 <= status <= 399:
        return _told(case, "broken", codes.UPGRADE_IGNORED)
    return _by_status(case)


def _but_tls(tokens: tuple[UpgradeToken, ...]) -> tuple[UpgradeToken, ...]:
    return tuple(each for each in tokens if not names_tls(each))


def _by_status(case: Case) -> Fault:
    status = case.response.status_code
    code = _BY_STATUS.get(status)
    if status == 505 and case.asked.tokens:
        return _old(case)
    if code is None and _CLOUDFLARE_FIRST <= status <= _CLOUDFLARE_LAST:
        code = codes.GATEWAY_FAILED
    if status < 200:
        return _told(case, "unclear", codes.INTERIM_ONLY)
    if status < 500 or status in (501, 505):
        if not case.asked.tokens and code in _ABOUT_UPGRADES:
            code = codes.PLAIN_REQUEST_REFUSED
        return _told(case, "refused", code or codes.UPGRADE_REFUSED)
    return _told(case, "broken", code or codes.SERVER_ERROR)


def _by_saying(case: Case) -> Fault | None:
    """What a known server says of the request that it got."""
    saying = said_in(case.response, case.content)
    if saying is None or case.response.status_code < 400:
        return None
    name = saying.code.name
    if saying.code == codes.TLS_EXPECTED:
        return _found(case, "broken", make_finding(saying.code), saying=saying)
    if name in LOST_ON_THE_WAY:
        if WEBSOCKET_TOKEN not in case.asked.tokens:
            # These servers speak nothing else.
            finding = make_finding(client_codes.NOTHING_IN_COMMON)
            return _found(case, "refused", finding, _said(saying), saying=saying)
        cause = f"{_said(saying)} It was sent right, so a hop on the way changed it."
        return _found(case, "broken", make_finding(saying.code), cause, saying=saying)
    if name == websocket.WEBSOCKET_VERSION_UNSUPPORTED.name and _asks_for_13(case.request):
        return None  # the phrase also stands for a version that is missing
    return _found(case, "refused", make_finding(saying.code), _said(saying), saying=saying)


def _said(saying: Saying) -> str:
    return (
        f"The response is that of {saying.speaker or 'a server'} for a request like this:"
        f" {saying.code.message}."
    )


def _asks_for_13(request: RequestHead) -> bool:
    return request.get(_VERSION) == b"13"


def _old(case: Case) -> Fault:
    finding = make_finding(rules.UPGRADE_IN_HTTP_1_0)
    cause = (
        "The request was sent in HTTP/1.1, and the response shows HTTP/1.0: a hop on the way speaks"
        " HTTP/1.0 to the server, or the server itself speaks nothing newer."
    )
    return _found(case, "broken", finding, cause)


def _other_versions(case: Case) -> Fault | None:
    """The server lists the WebSocket versions that it speaks, and the request's is none of them."""
    asked = case.request.get(_VERSION)
    _, versions, _ = read_requirements(case.response)
    if asked is None or not versions or case.response.status_code < 400:
        return None
    if any(b"%d" % each == asked for each in versions):
        return None
    finding = make_finding(websocket.WEBSOCKET_VERSION_UNSUPPORTED, field=VERSION_FIELD)
    return _found(case, "refused", finding)


def _426(case: Case) -> Fault:
    """The server requires another protocol (RFC 9110 15.5.22)."""
    tokens, _, _ = read_requirements(case.response)
    if fulfils(subject_of(case.response, case.content), _ENVOY_426):
        return _old_by_envoy(case)
    wanted = tuple(each for each in tokens if each != HTTP_1_1)
    if wanted and all(map(names_tls, wanted)):
        if case.secure:
            return _found(
                case, "broken", make_finding(client_codes.TLS_SPOKEN_ALREADY, field="Upgrade")
            )
        return _found(case, "refused", make_finding(codes.TLS_REQUIRED, field="Upgrade"))
    asked = case.asked.tokens
    if wanted and HTTP2_TOKENS.issuperset(wanted) and not set(wanted) & set(asked):
        return _found(case, "refused", make_finding(codes.HTTP2_REQUIRED, field="Upgrade"))
    if not asked:
        return _found(case, "refused", make_finding(codes.UPGRADE_REQUIRED))
    if wanted and not set(wanted) & set(asked):
        finding = make_finding(client_codes.NOTHING_IN_COMMON, field="Upgrade")
        return _found(case, "refused", finding)
    finding = make_finding(rules.ASKED_IN_VAIN, field="Upgrade")
    return _found(case, "broken", finding)


def _old_by_envoy(case: Case) -> Fault:
    finding = make_finding(rules.UPGRADE_IN_HTTP_1_0)
    cause = (
        "Envoy, which Istio uses, answers requests in HTTP/1.0 with 426: this one asks for HTTP/1.1"
        " and for no other protocol, where 505 would say it better. A hop before it speaks"
        " HTTP/1.0."
    )
    return _found(case, "broken", finding, cause)


def _redirect(case: Case) -> Fault:
    location = bare_target(case.response.get(b"location") or b"")
    path = bare_target(case.request.target)
    scheme, separator, rest = location.partition(b"://")
    slash = rest.find(b"/") if separator else 0
    place = (rest[slash:] if slash >= 0 else b"/") if separator else location
    if not case.secure and scheme.lower() in (b"https", b"wss") and separator and place == path:
        return _told(case, "refused", codes.REDIRECTED_TO_TLS)
    if place == path + b"/":
        return _told(case, "refused", codes.REDIRECTED_TO_SLASH)
    return _told(case, "refused", codes.UPGRADE_REDIRECTED)
