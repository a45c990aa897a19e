"""What the hops between two ends did to a request, where both ends are known.

Rules for this module: what was sent and what arrived are both there, so what a hop did is certain;
which product it is may not be. Names of fields are compared without regard to case, values as they
are. What may be secret is shown by its name only.
"""

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias, final

from .._client import finding_codes as client_codes
from .._http1.arguments import require, require_flag, require_octets
from .._http1.errors import RemoteProtocolError
from .._http1.findings import Finding
from .._http1.heads import RequestHead, ResponseHead
from .._http1.received_lines import Shown, escape_line, escape_octets, show_named_line
from .._http1.redaction import bare_target
from .._http1.values import Value, field
from .._negotiation import finding_codes as rules
from .._negotiation.request_info import RequestInfo
from .._protocols.websocket import finding_codes as websocket
from . import _response_codes as codes
from ._conditions import fulfils, subject_of
from ._diagnosis import Diagnosis, Evidence, Remedy, Suspect
from ._own_request import read_request
from ._requests import diagnose
from ._response_fingerprints import NO_ANSWER_FINGERPRINTS, NoAnswerFingerprint
from ._responses import (
    NoAnswer,
    diagnose_response,
    remedies_of,
    rows_of,
    suspects_of,
)

Done: TypeAlias = Literal["lost", "changed", "added", "reordered"]

MOST_CHANGES: Final = 64
"""More than any hop makes. Of what exceeds it, those that matter are kept first."""
_SHOWN: Final = 160
"""Octets of a line that is shown."""

# What a server goes by when it decides on an upgrade.
_DECIDING: Final = frozenset(
    (
        b"connection",
        b"upgrade",
        b"http2-settings",
        b"capsule-protocol",
        b"content-length",
        b"transfer-encoding",
        b"expect",
    )
)
# Options that name fields of a handshake (RFC 9110 7.8, RFC 7540 3.2.1).
_HANDSHAKE_OPTIONS: Final = frozenset((b"upgrade", b"http2-settings"))
# Part of a handshake; what is not offered as a list must stay as it is.
_HANDSHAKE_PREFIX: Final = b"sec-websocket-"
# A server may compare them with each other: one that is changed alone is a cause of 403.
_ADDRESS: Final = frozenset((b"host", b"origin"))


@final
class Change(Value):
    """One thing that a hop did to a request."""

    __slots__ = __match_args__ = ()

    done: Done = field("What was done.")
    what: str = field('To what: ``"Upgrade"``, ``"the method"``, ``"the order of fields"``.')
    sent: str = field(
        "The line that was sent, escaped, without secrets; empty if there was none.", default=""
    )
    arrived: str = field("The line that arrived, in the same way.", default="")
    matters: bool = field(
        "Whether a server goes by it when it decides on an upgrade.", default=False
    )


def compare_heads(sent: RequestHead, arrived: RequestHead) -> tuple[Change, ...]:
    """What the hops on the way lost, changed, added and reordered; what matters comes first.

    At most 64 changes. The case of names is not looked at: it means nothing (RFC 9110 5.1).

    Raises :class:`TypeError` for wrong types.
    """
    require("sent is a RequestHead", sent, RequestHead)
    require("arrived is a RequestHead", arrived, RequestHead)
    changes = [*_of_start_lines(sent, arrived), *_of_fields(sent, arrived)]
    changes.sort(key=lambda each: not each.matters)  # stable: else in the order of the heads
    return tuple(changes[:MOST_CHANGES])


def _of_start_lines(sent: RequestHead, arrived: RequestHead) -> list[Change]:
    changes = []
    if sent.method != arrived.method:
        before, after = (escape_octets(each.method[:_SHOWN]) for each in (sent, arrived))
        changes.append(Change("changed", "the method", before, after, matters=True))
    if sent.target != arrived.target:
        before, after = (
            escape_octets(bare_target(each.target)[:_SHOWN]) for each in (sent, arrived)
        )
        what = "the query of the target" if before == after else "the target"
        # RFC 9110 9.3.7: without the asterisk, OPTIONS is about another thing.
        matters = sent.target == b"*"
        changes.append(Change("changed", what, before, after, matters=matters))
    if sent.http_version != arrived.http_version:
        before, after = (f"HTTP/{each.http_version.decode('ascii')}" for each in (sent, arrived))
        is_old = arrived.http_version == b"1.0"
        changes.append(Change("changed", "the HTTP version", before, after, matters=is_old))
    return changes


def _of_fields(sent: RequestHead, arrived: RequestHead) -> list[Change]:
    before, after = _by_name(sent), _by_name(arrived)
    changes = []
    for name, lines in before.items():
        if name not in after:
            changes.append(_change("lost", name, lines, []))
        elif _values(lines) != _values(after[name]):
            changes.append(_change("changed", name, lines, after[name]))
    changes += [_change("added", each, [], after[each]) for each in after if each not in before]
    # Dictionaries keep their order, which is that of first lines.
    kept = [each for each in before if each in after]
    if kept != [each for each in after if each in before]:
        changes.append(Change("reordered", "the order of fields"))
    return changes


_Lines: TypeAlias = list[tuple[bytes, bytes]]


def _by_name(head: RequestHead) -> dict[bytes, _Lines]:
    found: dict[bytes, _Lines] = {}
    for name, value in head.headers:
        found.setdefault(name.lower(), []).append((name, value))
    return found


def _values(lines: _Lines) -> list[bytes]:
    return [value for _, value in lines]


def _change(done: Done, name: bytes, sent: _Lines, arrived: _Lines) -> Change:
    spelt = (sent or arrived)[0][0]
    return Change(
        done,
        escape_octets(spelt[:_SHOWN]),
        _show(name, sent),
        _show(name, arrived),
        matters=_matters(done, name, sent, arrived),
    )


def _show(name: bytes, lines: _Lines) -> str:
    """The first line, and how many more there are."""
    if not lines:
        return ""
    spelt, value = lines[0]
    line, begin = spelt + b": " + value, len(spelt) + 1
    text, _, _ = escape_line(show_named_line(name, begin, Shown(line, begin, len(line))))
    return f"{text} (and {len(lines) - 1} more lines)" if len(lines) > 1 else text


def _matters(done: Done, name: bytes, sent: _Lines, arrived: _Lines) -> bool:
    if name == b"connection":
        return not (_options(sent) & _HANDSHAKE_OPTIONS <= _options(arrived))
    if name in _ADDRESS:
        return done != "added"
    if name == b"sec-websocket-extensions":
        return False
    return name in _DECIDING or name.startswith(_HANDSHAKE_PREFIX)


def _options(lines: _Lines) -> frozenset[bytes]:
    """The options that lines of Connection list."""
    options = b",".join(_values(lines)).lower().split(b",")
    return frozenset(each.strip(b" \t") for each in options)


def diagnose_both_ends(
    sent: RequestHead,
    arrived: RequestHead | None,
    response: ResponseHead | RemoteProtocolError | NoAnswer,
    *,
    content: bytes = b"",
    secure: bool = False,
) -> Diagnosis:
    """What became of a request, where both its ends are known.

    :param sent: as the client sent it.
    :param arrived: as the server got it; None if it never did.
    :param response: as for :func:`diagnose_response`, to the client.
    :param content: the same.
    :param secure: whether the client's connection is inside TLS.

    What a hop did to the request is certain then; the product is named as far as one of the two
    heads that passed it shows it. Pure, and total. Raises :class:`TypeError` for wrong types.
    """
    require("sent is a RequestHead", sent, RequestHead)
    require("arrived is a RequestHead or None", arrived, (RequestHead, type(None)))
    require_flag("secure", secure)
    require_octets("content", content)
    seen = diagnose_response(sent, response, content=content, secure=secure)
    asked = read_request(sent, secure=secure)
    if asked.fault is not None:
        return seen
    if isinstance(response, NoAnswer):
        seen = _without_answer(seen, arrived)
    if arrived is None:
        return seen if seen.verdict == "healthy" else _of_none(seen)
    got = read_request(arrived, secure=secure)
    is_lost = bool(asked.tokens) and not got.tokens
    if seen.verdict == "healthy":
        return seen.replace(next_steps=(_LAX, *seen.next_steps)) if is_lost else seen
    if is_lost:
        return _of_broken_request(sent, arrived, seen, got.fault, response, bytes(content))
    if seen.verdict == "broken":
        return _of_wrong_answer(seen)
    return _of_refusal(sent, arrived, seen)


def _without_answer(seen: Diagnosis, arrived: RequestHead | None) -> Diagnosis:
    """Of those who give no answer, the ones who pass the request on like this, or do not."""
    named = {each.fingerprint for each in seen.suspects}
    rows = [
        each for each in NO_ANSWER_FINGERPRINTS if each.name in named and _passes(each, arrived)
    ]
    return seen.replace(suspects=suspects_of(rows), remedies=remedies_of(rows))


def _passes(row: NoAnswerFingerprint, arrived: RequestHead | None) -> bool:
    if arrived is None:
        return not row.passes_request
    return row.passes_request and fulfils(subject_of(arrived), row.arrives)


def _of_none(seen: Diagnosis) -> Diagnosis:
    """Nothing arrived: whoever answered is a hop."""
    answered = "A hop on the way answered it" if seen.evidence else "No answer came either"
    return seen.replace(
        code=codes.REQUEST_NEVER_ARRIVED.name,
        summary=f"The request did not reach the server. {answered}.",
        cause=f"{codes.REQUEST_NEVER_ARRIVED.hint} What the client got: {seen.summary}",
        suspects=tuple(each.replace(hop=_BEFORE) for each in seen.suspects),
    )


_THE_REQUEST: Final = "the request "
_BEFORE: Final = "a hop before the server"
_BETWEEN: Final = "between the client and the server"
_LAX: Final = (
    "A hop changed the request so that it is no upgrade any more (RFC 9110 7.8). This server does"
    " not look at that; one that does will refuse."
)


def _of_broken_request(
    sent: RequestHead,
    arrived: RequestHead,
    seen: Diagnosis,
    fault: Finding | None,
    response: ResponseHead | RemoteProtocolError | NoAnswer,
    content: bytes,
) -> Diagnosis:
    """It was sent right and did not arrive so."""
    there = diagnose(RequestInfo(arrived))
    suspects, remedies = there.suspects, there.remedies
    if isinstance(response, ResponseHead):
        # The response passed the same hops: what it shows counts where the request shows nothing.
        rows = rows_of(rules.HOP_BY_HOP_FIELDS_LOST.name, subject_of(response, content))
        suspects = _joined(suspects, suspects_of(rows))
        remedies = _merged(remedies, remedies_of(rows))
    code = rules.HOP_BY_HOP_FIELDS_LOST.name if fault is None else fault.code
    message = rules.HOP_BY_HOP_FIELDS_LOST.message if fault is None else fault.message
    changes = [each for each in compare_heads(sent, arrived) if each.matters]
    if message.startswith(_THE_REQUEST):
        message = f"it {message.removeprefix(_THE_REQUEST)}"
    return Diagnosis(
        "broken",
        code,
        f"A hop between the client and the server changed the request: {message}.",
        "It was sent right, and arrived otherwise: no server can upgrade what arrived.",
        (f"to the client, it looks like this: {seen.summary.removesuffix('.')}",),
        _evidence(changes),
        tuple(each.replace(hop=_BETWEEN) for each in suspects),
        remedies,
        there.next_steps,
    )


def _of_wrong_answer(seen: Diagnosis) -> Diagnosis:
    """It arrived right, and no right answer came back."""
    if seen.code in _OF_THE_WAY_BACK:
        return seen.replace(cause=f"{seen.cause} The request arrived as it was sent.")
    is_of_hops = seen.code in _LOST_ON_THE_WAY_BACK
    return seen.replace(
        suspects=seen.suspects if is_of_hops else (),
        remedies=seen.remedies if is_of_hops else (),
        code=codes.ANSWER_LOST.name,
        summary="The request arrived as it was sent, and no switch came back.",
        cause=f"{codes.ANSWER_LOST.hint} What the client got: {seen.summary}",
        consequences=(),
    )


# A 101 that is not right: the server or a hop on the way back did that.
_OF_THE_WAY_BACK: Final = frozenset(
    each.name
    for each in (
        client_codes.SWITCH_UPGRADE_MISSING,
        client_codes.SWITCH_UPGRADE_MALFORMED,
        client_codes.SWITCH_OPTION_MISSING,
        client_codes.SWITCH_CONNECTION_MALFORMED,
        client_codes.SWITCH_NOT_ASKED_FOR,
        client_codes.SWITCH_IN_HTTP_1_0,
        websocket.WEBSOCKET_ACCEPT_MISSING,
        websocket.WEBSOCKET_ACCEPT_REPEATED,
        websocket.WEBSOCKET_ACCEPT_WRONG,
    )
)
# The rows about these say what becomes of a 101 that was sent.
_LOST_ON_THE_WAY_BACK: Final = (
    codes.GATEWAY_FAILED.name,
    codes.RESPONSE_SILENT.name,
    client_codes.RESPONSE_MISSING.name,
)


def _of_refusal(sent: RequestHead, arrived: RequestHead, seen: Diagnosis) -> Diagnosis:
    """It arrived as it was meant, and was refused."""
    changes = [each for each in compare_heads(sent, arrived) if each.matters]
    cause = f"{seen.cause} The request arrived as it was meant, so this is the server's answer."
    if any(each.what.lower() == "host" for each in changes):
        cause += " A hop changed Host, with which a server may compare Origin."
    return seen.replace(
        cause=cause,
        evidence=(*seen.evidence, *_evidence(changes)),
        suspects=(),
        remedies=(),
    )


def _joined(first: tuple[Suspect, ...], more: tuple[Suspect, ...]) -> tuple[Suspect, ...]:
    """Both, a product only once."""
    known = {each.product for each in first}
    return (*first, *(each for each in more if each.product not in known))


def _merged(first: tuple[Remedy, ...], more: tuple[Remedy, ...]) -> tuple[Remedy, ...]:
    return tuple({each.name: each for each in (*first, *more)}.values())


def _evidence(changes: Iterable[Change]) -> tuple[Evidence, ...]:
    """What was sent, and what arrived in its place."""
    found: list[Evidence] = []
    for each in changes:
        if each.done == "added":
            says = f"{each.what} was not sent, and arrived"
        elif each.done == "lost":
            found.append(Evidence(f"{each.what} did not arrive", "as sent", each.sent))
            continue
        else:
            found.append(Evidence(f"{each.what} was changed on the way", "as sent", each.sent))
            says = "this arrived in its place"
        found.append(Evidence(says, "as it arrived", each.arrived))
    return tuple(found)
