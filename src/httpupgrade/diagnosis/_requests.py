"""Diagnosis of a request, for servers.

Rules for this module: the cause comes first; what follows from it is a consequence. What arrives as
it was meant is never said to be broken, and no product is named for it.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType, NoneType
from typing import Final

from .._http1.arguments import require
from .._http1.authority import parse_authority
from .._http1.findings import Finding
from .._http1.heads import RequestHead
from .._http1.request_facts import facts_of
from .._negotiation.decide import decide
from .._negotiation.decisions import Accept101, Decision, Passthrough, Reject, Require426
from .._negotiation.policy import Policy
from .._negotiation.refusal_text import any_of, required_of
from .._negotiation.request_info import RequestInfo
from .._protocols.h2c import H2C
from .._protocols.tls import TLS
from .._protocols.tunnels.connect_ip import ConnectIP
from .._protocols.tunnels.connect_tcp import ConnectTCP
from .._protocols.tunnels.connect_udp import ConnectUDP
from .._protocols.websocket.offer import WebSocket
from ._conditions import Subject, field_evidence, start_line_evidence, subject_of
from ._diagnosis import Diagnosis, Evidence, Verdict
from ._evidence import finding_evidence, hint_of, merge, plain, shown_fields
from ._fingerprint import About, Fingerprint, matching, remedies_for
from ._request_fingerprints import REQUEST_FINGERPRINTS

_DECISIONS: Final = (Accept101, Require426, Reject, Passthrough)
_KEY: Final = b"sec-websocket-key"
_VERSION: Final = b"sec-websocket-version"
_MISSING: Final = "upgrade-missing"
_LOST: Final = "hop-by-hop-fields-lost"
# What a request that never asked is refused for, and what follows from a lost hop.
_UNASKED: Final = frozenset(
    (_MISSING, "upgrade-option-missing", "upgrade-in-http-1.0", _LOST, "no-common-protocol")
)
_OF_HOSTS: Final = frozenset(("origin-not-allowed", "host-not-allowed"))
# No site has such a name (RFC 6761 6.4): an Origin with one is a test, as probe makes it.
_NO_SITE: Final = b".invalid"
# A request that names a protocol, and does not ask for it in a way that counts.
_HALF_ASKED: Final = frozenset(
    (
        "upgrade-option-missing",
        "upgrade-in-http-1.0",
        "upgrade-malformed",
        "connection-malformed",
    )
)
# Refusals of requests that are well formed: the server said no.
_SAID_NO: Final = frozenset((403, 404, 405, 408, 413, 417, 426, 429, 500, 502, 503, 504))

_TRY_AGAIN: Final = "Reload the proxy after the change, and send the handshake again."
_PAST_THE_PROXY: Final = (
    "Send the handshake to this server directly, past the proxy: if it is answered with 101 there,"
    " the proxy is at fault."
)
_EACH_HOP: Final = (
    "If several proxies stand in a row, look at each: one that drops Upgrade is enough."
)
_OF_THE_ANSWER: Final = "upgrade-cannot-be-sent"
"""Says why the answer is not 426, and nothing of the request."""
_LAX_SERVERS: Final = (
    "A server that does not check these fields may seem to work behind the same proxy. That does"
    " not make the request a valid one (RFC 9110 7.8)."
)


@cache
def _all_offers() -> Policy:
    # Not at the top: to make it takes longer than to import this package.
    return Policy(
        WebSocket(), H2C(), ConnectTCP(), ConnectUDP(), ConnectIP(), TLS("1.0", "1.1", "1.2", "1.3")
    )


def diagnose(info: RequestInfo | RequestHead | None, decision: Decision | None = None) -> Diagnosis:
    """What happened to a request on its way, who did it, and how to mend it.

    Pure and total: it raises nothing, whatever the request.

    :param info: the request; None where it could not be read.
    :param decision: what was decided on it. Without one, the request is judged by a policy of all
        offers of this library; where it could not be read, nothing is known then.

    Raises :class:`TypeError` for arguments of other types.
    """
    require(
        "info is a RequestInfo, a RequestHead or None", info, (RequestInfo, RequestHead, NoneType)
    )
    require("decision is a Decision or None", decision, (*_DECISIONS, NoneType))
    if info is None:
        return _diagnose_unreadable(decision)
    head, secure = (info.head, info.secure) if isinstance(info, RequestInfo) else (info, False)
    if decision is None:
        decision = decide(head, _all_offers(), secure=secure)
    if isinstance(decision, Accept101):
        return Diagnosis(
            "healthy", "", f"The request asks for {plain(str(decision.token))}, and gets a 101."
        )
    return _diagnose_unaccepted(subject_of(head), decision)


def _diagnose_unaccepted(
    subject: Subject, decision: Require426 | Reject | Passthrough
) -> Diagnosis:
    """A request that is not answered with 101: its verdict depends on what is wrong with it."""
    faults = [
        each
        for each in decision.findings
        if each.status_code is not None and each.code != _OF_THE_ANSWER
    ]
    codes = {each.code for each in faults}
    if _is_lost(subject, codes):
        return _diagnose_lost(subject, decision)
    # hixie-76, a draft, has two other keys.
    is_keyless = "websocket-key-missing" in codes and b"sec-websocket-key1" not in subject.names
    if is_keyless or _is_left_of_http2(subject):
        return _diagnose_keyless(subject, decision)
    if isinstance(decision, Passthrough):
        return _diagnose_passing(subject, faults)
    if codes <= _UNASKED and b"upgrade" not in subject.names:
        return _diagnose_unasked(subject, decision)
    return _diagnose_refused(subject, decision, faults)


# --- Upgrade, its option or HTTP/1.1 lost on the way ---------------------------------------------


def _head_of(subject: Subject) -> RequestHead:
    assert isinstance(subject.head, RequestHead), "this module makes subjects of requests alone"
    return subject.head


def _is_lost(subject: Subject, codes: set[str]) -> bool:
    """Whether the client asked for an upgrade, and no longer does. Of broken WebSocket handshakes
    captured behind proxies, nearly all still carry the key; ordinary requests never do."""
    if not codes <= _UNASKED:
        return False
    return _LOST in codes or (_KEY in subject.names and bool(_lacking(subject)))


def _lacking(subject: Subject) -> list[str]:
    """What it lacks to be an upgrade, as a sentence names it."""
    head = _head_of(subject)
    lacking = [] if b"upgrade" in subject.names else ["Upgrade"]
    if b"upgrade" not in facts_of(head).options:
        lacking.append("the upgrade option of Connection")
    return lacking if lacking or head.http_version != b"1.0" else ["HTTP/1.1"]


def _diagnose_lost(subject: Subject, decision: Require426 | Reject | Passthrough) -> Diagnosis:
    head, lacking = _head_of(subject), _lacking(subject)
    is_old = head.http_version == b"1.0"
    only_version = lacking == ["HTTP/1.1"]
    what = "A WebSocket handshake" if _KEY in subject.names else "A request for an upgrade"
    if only_version:
        summary = f"{what} arrived in HTTP/1.0, in which nothing can be upgraded."
    else:
        summary = f"{what} arrived without {' and without '.join(lacking)}."
    rows = matching(REQUEST_FINGERPRINTS, "lost", subject)
    consequences = _answer(decision)
    if is_old and not only_version:
        consequences.insert(0, "the request line says HTTP/1.0, in which nothing can be upgraded")
    return _diagnosis(
        "broken",
        "upgrade-in-http-1.0" if only_version else _LOST,
        summary,
        _cause_of_loss(rows, only_version=only_version),
        tuple(consequences),
        _evidence_of_loss(subject, lacking, is_old=is_old, what=what),
        subject,
        rows,
        (_TRY_AGAIN, _PAST_THE_PROXY, _EACH_HOP, _LAX_SERVERS),
    )


def _cause_of_loss(rows: tuple[Fingerprint, ...], *, only_version: bool) -> str:
    generic = (
        "Something between the client and this server speaks HTTP/1.0"
        if only_version
        else "A proxy between the client and this server removed what is missing"
    )
    if not rows:
        return (
            f"{generic}, or the client did not send it so. The rest of the request does not tell"
            " which product it is."
        )
    return f"{generic}. {_blame(rows)}"


def _blame(rows: tuple[Fingerprint, ...]) -> str:
    """The rows that fit equally well, as sentences."""
    first, *others = [row for row in rows if row.confidence == rows[0].confidence]
    said = [f"The request looks as {_named(first)} sends it: {first.setting}."]
    said += [f"The same comes from {_named(each)} with this: {each.setting}." for each in others]
    return " ".join(said)


def _named(row: Fingerprint) -> str:
    return f"{row.product} {row.generation}" if row.generation else row.product


def _evidence_of_loss(
    subject: Subject, lacking: list[str], *, is_old: bool, what: str
) -> list[Evidence]:
    evidence = []
    if _KEY in subject.names:
        says = "Sec-WebSocket-Key is there: the client asked for a WebSocket"
        evidence.append(field_evidence(subject, _KEY, says))
    if "Upgrade" in lacking:
        evidence.append(Evidence("there is no Upgrade field"))
    if "the upgrade option of Connection" in lacking:
        is_there = b"connection" in subject.names
        says = "Connection does not list upgrade" if is_there else "there is no Connection field"
        evidence.append(field_evidence(subject, b"connection", says))
    if is_old:
        evidence.append(start_line_evidence(subject, "the request line says HTTP/1.0"))
    return evidence


def _answer(decision: Require426 | Reject | Passthrough) -> list[str]:
    if isinstance(decision, Passthrough):
        return ["the request passes as an ordinary one, and no upgrade takes place"]
    return [f"the request is answered with {decision.status_code}"]


# --- A WebSocket without a key -------------------------------------------------------------------


def _is_left_of_http2(subject: Subject) -> bool:
    """Whether it is what is left of a WebSocket over HTTP/2, which has no key (RFC 8441 5)."""
    names = subject.names
    return _VERSION in names and _KEY not in names and b"upgrade" not in names


def _diagnose_keyless(subject: Subject, decision: Require426 | Reject | Passthrough) -> Diagnosis:
    rows = matching(REQUEST_FINGERPRINTS, "keyless", subject)
    is_meant = _VERSION in subject.names
    if is_meant:
        cause = "The field was lost on the way, or the request came over HTTP/2, which has none."
    else:
        cause = (
            "It has no other field of a WebSocket handshake either: the client may be a program"
            " that sends Upgrade by hand, or a proxy sets Upgrade on every request."
        )
    evidence = [
        Evidence("there is no Sec-WebSocket-Key field"),
        *shown_fields(
            subject,
            (
                (b"upgrade", "Upgrade asks for it"),
                (_VERSION, "Sec-WebSocket-Version is there: the client asked for a WebSocket"),
            ),
        ),
    ]
    return _diagnosis(
        "broken",
        "websocket-key-missing",
        "A WebSocket handshake arrived without Sec-WebSocket-Key.",
        _blame(rows) if rows else cause,
        tuple(_answer(decision)),
        evidence,
        subject,
        rows,
        (_TRY_AGAIN, _PAST_THE_PROXY) if rows else (_PAST_THE_PROXY,),
    )


# --- Requests that arrived as they were meant ----------------------------------------------------


def _diagnose_passing(subject: Subject, faults: list[Finding]) -> Diagnosis:
    if _names_websocket(subject) and faults:
        return _diagnose_refused(subject, None, faults)
    if b"http2-settings" in subject.names and b"upgrade" not in subject.names:
        summary = (
            "An ordinary request. It has HTTP2-Settings without Upgrade: a proxy took an offer of"
            " h2c away, and the client goes on in HTTP/1.1."
        )
        return Diagnosis("healthy", "", summary)
    if b"upgrade" in subject.names:
        summary = (
            "An ordinary request, with an offer of a protocol that is not spoken here or not asked"
            " for in full. It goes on in HTTP/1.1, as RFC 9110 7.8 has it."
        )
        return Diagnosis("healthy", "", summary)
    return Diagnosis("healthy", "", "An ordinary request, which asks for no upgrade.")


def _names_websocket(subject: Subject) -> bool:
    return b"websocket" in subject.elements(b"upgrade")


def _diagnose_unasked(subject: Subject, decision: Require426 | Reject) -> Diagnosis:
    """A request that never asked, to a policy that requires an upgrade. Nobody did anything wrong:
    it is a page that was opened, a health check, a crawler."""
    rows = matching(REQUEST_FINGERPRINTS, "client", subject)
    if isinstance(decision, Require426):
        wanted = plain(any_of(required_of(decision.tokens)))
        summary = f"This is served over {wanted} only, and the request asks for no upgrade."
    else:
        summary = f"The request asks for no upgrade, and is answered with {decision.status_code}."
    cause = "It is an ordinary request, as browsers, health checks and crawlers send it."
    return _diagnosis(
        "refused",
        _MISSING,
        summary,
        f"{cause} It comes from {rows[0].product}: {rows[0].setting}." if rows else cause,
        tuple(_answer(decision)),
        [Evidence("there is no Upgrade field")],
        subject,
        (),
        (
            "Connect with a client of that protocol, a WebSocket client for example.",
            "If the client is one, look for a proxy that removes all fields of the handshake.",
        ),
    )


def _diagnose_refused(
    subject: Subject, decision: Require426 | Reject | None, faults: list[Finding]
) -> Diagnosis:
    """A request that the server could read, and does not accept."""
    status = 200 if decision is None else decision.status_code
    said_no = status in _SAID_NO or (decision is not None and _is_instead_of_426(decision))
    codes = {each.code for each in faults}
    of_hosts = bool(codes & _OF_HOSTS)
    about: About = "host" if of_hosts else "client"
    rows = matching(REQUEST_FINGERPRINTS, about, subject)
    if of_hosts and not _host_differs(subject):
        rows = ()
    first = faults[0] if faults else None
    if first is None:
        assert decision is not None, "what passes without a finding is no fault"
        summary, cause = f"The server answered with {status}.", ""
    else:
        said = "The request is refused" if decision is not None else "The request asks for nothing"
        summary, cause = f"{said}: {plain(first.message)}.", ""
    if rows and of_hosts:
        cause = f"{_blame(rows)} Or pages of that origin are not meant to connect here."
    elif rows:
        cause = f"The client is {rows[0].product}: {rows[0].setting}."
    return _diagnosis(
        "refused" if said_no and not codes & _HALF_ASKED else "broken",
        "" if first is None else plain(first.code),
        summary,
        cause,
        tuple(plain(each.message) for each in faults[1:]),
        [finding_evidence(each, subject) for each in faults],
        subject,
        rows,
        (*[step for each in faults if (step := hint_of(each))],),
    )


def _is_instead_of_426(decision: Require426 | Reject) -> bool:
    return any(each.code == _OF_THE_ANSWER for each in decision.findings)


def _host_differs(subject: Subject) -> bool:
    """Whether Origin names another host than Host does, as where a proxy replaced Host."""
    head = _head_of(subject)
    origin = parse_authority((head.get(b"origin") or b"").partition(b"://")[2])
    host = parse_authority(head.get(b"host") or b"")
    forwarded = head.get(b"x-forwarded-host")
    if forwarded is not None and parse_authority(forwarded) == host:
        return False  # the proxy kept it
    if origin is None or origin.host.endswith(_NO_SITE):
        return False
    return origin != host


# --- What could not be read ----------------------------------------------------------------------

_OF_OCTETS: Final[Mapping[str, tuple[About, str]]] = MappingProxyType(
    {
        "http2-preface": (
            "preface",
            (
                "A proxy is set to HTTP/2 towards this server, or a client speaks it with prior"
                " knowledge."
            ),
        ),
        "proxy-protocol": (
            "proxy-protocol",
            "A load balancer in front of this server is set to send it.",
        ),
        "tls-client-hello": (
            "octets",
            (
                "A client uses https:// or wss:// with a port that is not inside TLS, or a proxy is"
                " set to TLS towards this server."
            ),
        ),
        "not-http": ("octets", "A client of another protocol connected to this port."),
    }
)
_DEVELOPER_TOOLS: Final = (
    "Developer tools of browsers show a request line like this one for a handshake that was never"
    " sent: it failed before, and undefined stands in the place of the version."
)


def _diagnose_unreadable(decision: Decision | None) -> Diagnosis:
    """What is no request, by the findings of the decision on it."""
    findings = () if decision is None else decision.findings
    if not findings:
        return Diagnosis("unclear", "", "No request could be read.")
    first = findings[0]
    about, cause = _OF_OCTETS.get(first.code, ("octets", ""))
    if (first.value or b"").endswith(b" undefined"):
        cause = _DEVELOPER_TOOLS
    nothing = subject_of(RequestHead(b"GET", b"/", ()))
    rows = matching(REQUEST_FINGERPRINTS, about, nothing)
    return _diagnosis(
        "broken",
        plain(first.code),
        f"What arrived is no request that can be read: {plain(first.message)}.",
        cause,
        (),
        [finding_evidence(each, None) for each in findings],
        nothing,
        rows,
        (*[step for each in findings if (step := hint_of(each))],),
    )


def _diagnosis(
    verdict: Verdict,
    code: str,
    summary: str,
    cause: str,
    consequences: tuple[str, ...],
    evidence: list[Evidence],
    subject: Subject,
    rows: tuple[Fingerprint, ...],
    next_steps: tuple[str, ...],
) -> Diagnosis:
    """With what shows the first of the rows that fit, and what mends them."""
    shown = shown_fields(subject, [each for row in rows for each in row.shows])
    remedies = remedies_for(rows)
    if not remedies:
        next_steps = tuple([each for each in next_steps if each != _TRY_AGAIN])
    return Diagnosis(
        verdict,
        code,
        summary,
        cause,
        consequences,
        merge([*evidence, *shown]),
        tuple([row.suspect() for row in rows]),
        remedies,
        next_steps,
    )
