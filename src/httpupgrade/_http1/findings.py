"""What can be wrong with a message, as values.

Rules for this module: a finding is made by its code; what a code means is in one table.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, final

from .finding_codes import REQUEST_MEANINGS, Meaning
from .received_lines import Shown, escape_line, is_shown, marks_a_part, printable
from .redaction import show_fields
from .response_finding_codes import RESPONSE_MEANINGS

MOST_FINDINGS: Final = 16
"""Of one kind in one message. More than a reader needs, far fewer than a head can hold."""

VALUE_BOUND: Final = 128
"""Octets of a received value that a finding keeps. Enough for a key, an origin, a version list."""

MEANINGS: Final[Mapping[str, Meaning]] = MappingProxyType({**REQUEST_MEANINGS, **RESPONSE_MEANINGS})

# Which status a refusal takes when several things are wrong: what the peer must mend first.
_PRECEDENCE: Final = (505, 414, 431, 405, 426, 400, 413, 501, 403, 417)


@final
class Finding(NamedTuple):
    """One check that failed, for people and for machines.

    Codes are stable: their meaning does not change and they are safe to search logs for. A
    user-written offer may make findings with codes of its own.
    """

    code: str
    """Lower case, words joined by hyphens: ``"websocket-key-missing"``."""
    message: str
    """One sentence without a full stop; it holds nothing that was received."""
    clause: str = ""
    """Where the rule stands: ``"RFC 9110 7.8"``."""
    hint: str = ""
    """The likely cause and what to change, for the sender. It may have several lines."""
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

    @property
    def status_code(self) -> int | None:
        """The status that a refusal for this reason has; None for what is no fault by itself."""
        meaning = MEANINGS.get(self.code)
        return None if meaning is None else meaning.status_code


def find(
    code: str,
    *,
    field: str | None = None,
    value: bytes | None = None,
    offset: int | None = None,
    shown: Shown | None = None,
    lines: tuple[int, int] = (1, 1),
    detail: str = "",
) -> Finding:
    """The finding for a code of the table.

    :param lines: which of the field's lines it is about, from 1, and how many there are.
    :param detail: a sentence that goes before the hint; it is shown as it is.
    """
    meaning = MEANINGS[code]
    bounded = None if value is None else value[:VALUE_BOUND]
    hint = f"{detail} {meaning.hint}" if detail else meaning.hint
    line, start, end = (None, None, None) if shown is None else shown
    return Finding(
        code,
        meaning.message,
        meaning.clause,
        hint,
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
    """The status of the refusal for these findings; 400 if none of them implies one."""
    implied = {finding.status_code for finding in findings}
    return next((status for status in _PRECEDENCE if status in implied), 400)
