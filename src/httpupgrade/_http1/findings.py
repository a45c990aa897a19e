"""What can be wrong with a message, as values.

Rules for this module: a finding is made of a code, which says what is wrong and which status a
refusal for it has, and of the place. It knows no code by name.
"""

from collections.abc import Iterable
from types import NoneType
from typing import Any, Final, NamedTuple, final

from .arguments import require, require_number
from .received_lines import Shown, escape_line, is_shown, marks_a_part, printable
from .redaction import show_fields

MOST_FINDINGS: Final = 16
"""Of one kind in one message. More than a reader needs, far fewer than a head can hold."""

VALUE_BOUND: Final = 128
"""Octets of a received value that a finding keeps. Enough for a key, an origin, a version list."""

# Which status a refusal takes when several things are wrong: what the peer must mend first.
_PRECEDENCE: Final = (505, 414, 431, 405, 426, 400, 413, 501, 403, 417)

_NAME_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.")


class _CodeFields(NamedTuple):
    name: str
    status_code: int | None
    clause: str
    message: str
    hint: str
    operator: str


@final
class Code(_CodeFields):
    """What a kind of finding means. The library's own and those of your offers are made alike.

    :param name: lower-case words joined by hyphens: ``"websocket-key-missing"``. Begin yours with
        the name of your protocol, so that none is the library's.
    :param status_code: the status that a refusal for this reason has, 300 to 599 except 304; None
        for what is noted and never refused.
    :param clause: where the rule stands: ``"RFC 9110 7.8"``. It may be empty.
    :param message: one sentence without a full stop; it holds nothing that was received.
    :param hint: the likely cause and what to change, for the sender; lines to paste are lines of
        their own, and indented.
    :param operator: what the operator of the server can change. It is in the documentation alone.

    Raises :class:`ValueError` for another name or status, :class:`TypeError` for wrong types.
    """

    __slots__ = ()

    def __new__(
        cls,
        name: str,
        status_code: int | None,
        clause: str,
        message: str,
        hint: str = "",
        operator: str = "",
    ) -> "Code":
        require("name is a str", name, str)
        if not all(word and _NAME_CHARACTERS.issuperset(word) for word in name.split("-")):
            raise ValueError(f"name is lower-case words joined by hyphens, not {name!r}")
        if status_code is not None:
            require_number("status_code", status_code)
            if not 300 <= status_code <= 599 or status_code == 304:
                raise ValueError(f"status_code is a status of a refusal, not {status_code}")
        require("clause is a str", clause, str)
        require("message is a str", message, str)
        require("hint is a str", hint, str)
        require("operator is a str", operator, str)
        return super().__new__(cls, name, status_code, clause, message, hint, operator)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self)._make, (tuple(self),)


@final
class Finding(NamedTuple):
    """One check that failed, for people and for machines.

    Codes are stable: their meaning does not change and they are safe to search logs for. An offer
    of your own makes findings of codes of its own with :func:`finding`.
    """

    code: str
    """Lower case, words joined by hyphens: ``"websocket-key-missing"``."""
    message: str
    """One sentence without a full stop; it holds nothing that was received."""
    clause: str = ""
    """Where the rule stands: ``"RFC 9110 7.8"``."""
    hint: str = ""
    """The likely cause and what to change, for the sender. It may have several lines."""
    status_code: int | None = None
    """The status that a refusal for this reason has; None for what is no fault by itself."""
    field: str | None = None
    """The field's name in its usual spelling."""
    value: bytes | None = None
    """The received octets at fault, at most 128, as they came. They may be secret: show
    :attr:`line` instead, which holds them in their line."""
    offset: int | None = None
    """The index of ``value``, or of the fault in it, in the head; None where that is not known."""
    line: bytes | None = None
    """The received field line or start line, at most 256 octets of it, unescaped: escape it before
    you show it. ``...`` marks what is left out: parts of a long line, the query of a target, and
    the value of each field that may hold a secret."""
    start: int | None = None
    """The index in ``line`` where the fault begins."""
    end: int | None = None
    """The index in ``line`` where the fault ends."""
    line_number: int = 1
    """Which of the field's lines ``line`` is, from 1."""
    line_count: int = 1
    """How many lines of this field there are."""
    times: int = 1
    """How often this fault is there; the other attributes tell of the first of them."""

    def __repr__(self) -> str:
        return show_fields(self, field=self.field)


def finding(
    code: Code,
    *,
    field: str | None = None,
    value: bytes | None = None,
    offset: int | None = None,
    detail: str = "",
) -> Finding:
    """A finding of an offer or a review of yours.

    :param field: the name of the field at fault.
    :param value: the received octets at fault; the first 128 are kept. A refusal shows only those
        of fields that hold no secrets.
    :param offset: where they begin in the head.
    :param detail: a sentence that goes before the code's hint, for what only this server knows. It
        is shown as it is: put nothing in it that was received.

    Raises :class:`TypeError` for wrong types.
    """
    require("code is a Code", code, Code)
    require("field is a str or None", field, (str, NoneType))
    require("value is bytes or None", value, (bytes, NoneType))
    if offset is not None:
        require_number("offset", offset)
    require("detail is a str", detail, str)
    return make_finding(code, field=field, value=value, offset=offset, detail=detail)


def make_finding(
    code: Code,
    *,
    field: str | None = None,
    value: bytes | None = None,
    offset: int | None = None,
    shown: Shown | None = None,
    lines: tuple[int, int] = (1, 1),
    detail: str = "",
) -> Finding:
    """The same for the library's own, which does not check its arguments.

    :param shown: the line at fault, as far as it may be shown, with the place of the fault.
    :param lines: which of the field's lines it is, from 1, and how many there are.
    """
    bounded = None if value is None else value[:VALUE_BOUND]
    name, status_code, clause, message, hint, _ = code
    line, start, end = (None, None, None) if shown is None else shown
    return Finding(
        name,
        message,
        clause,
        f"{detail} {hint}" if detail else hint,
        status_code,
        field,
        bounded,
        offset,
        line,
        start,
        end,
        *lines,
    )


def shown_in(finding: Finding) -> Shown | None:
    """The line of a finding with the place of the fault, if there is one."""
    line, start, end = finding.line, finding.start, finding.end
    if line is None:
        return None
    return Shown(line, 0 if start is None else start, len(line) if end is None else end)


def value_alone(finding: Finding) -> str | None:
    """The value of a finding that has no line, as harmless text, unless it may be secret."""
    if finding.value is None or not is_shown(finding.field):
        return None
    return printable(finding.value)


def received_text(finding: Finding) -> str | None:
    """What was received and where the fault is in it, on one line of harmless text."""
    shown = shown_in(finding)
    if shown is None:
        value = value_alone(finding)
        return None if value is None else f'"{value}"'
    text, start, end = escape_line(shown)
    parts = [f'"{text}"']
    if finding.line_count > 1:
        parts.append(f"line {finding.line_number} of {finding.line_count}")
    if marks_a_part(shown):
        parts.append(f'wrong at "{text[start:end]}"' if start < end else "wrong at its end")
    return ", ".join(parts)


def times_text(finding: Finding) -> str:
    """How often the fault is there, if more than once, to be appended to its clause."""
    return f", {finding.times} times" if finding.times > 1 else ""


def implied_status(findings: Iterable[Finding]) -> int:
    """The status of the refusal for these findings; 400 if none of them implies one.

    Of the statuses that the library's codes have, it is what the peer must mend first. Any other
    one, of an author's code, counts where there is none of those: the first of them.
    """
    statuses = [status for each in findings if (status := each.status_code) is not None]
    implied = dict.fromkeys(statuses)
    return next((status for status in (*_PRECEDENCE, *implied) if status in implied), 400)
