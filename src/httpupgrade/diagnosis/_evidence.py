"""What shows a fault, made of findings and of field lines; and texts that are safe to show.

Rules for this module: what was received is shown through the redaction of ``_http1``.
"""

from collections.abc import Iterable
from typing import Final

from .._http1.findings import Finding, shown_in, value_alone
from .._http1.received_lines import escape_line
from ._conditions import Subject, field_evidence
from ._diagnosis import Evidence

TEXT_BOUND: Final = 1000
"""Characters of a sentence that an author of an offer wrote."""


def plain(text: str) -> str:
    """A text of ours, or of an author of an offer, as printable ASCII of bounded length."""
    octets = text[:TEXT_BOUND].encode("ascii", "backslashreplace")
    return "".join([chr(each) if 0x20 <= each < 0x7F else " " for each in octets])


def hint_of(finding: Finding) -> str:
    """The sentences of a hint, without the lines to paste."""
    lines = [_sentences(line) for line in finding.hint.split("\n") if not line.startswith(" ")]
    return plain(" ".join([line for line in lines if line]))


def _sentences(line: str) -> str:
    """A line without what introduces lines to paste at its end."""
    if not line.endswith(":"):
        return line
    sentences, dot, _ = line.rpartition(". ")
    return sentences + dot[:1]


def finding_evidence(finding: Finding, subject: Subject | None) -> Evidence:
    """A finding, with its line and where that is."""
    says, shown = plain(finding.message), shown_in(finding)
    if shown is not None:
        return Evidence(says, _place_of(finding, subject), *escape_line(shown))
    value = value_alone(finding)
    if value is None:
        return Evidence(says)
    return Evidence(says, _place_of(finding, subject), value, 0, len(value))


def _place_of(finding: Finding, subject: Subject | None) -> str:
    if subject is None:
        return "first octets"
    if finding.field is None:
        return "request line"
    name = finding.field.encode("ascii", "replace").lower()
    places = [index for index, each in enumerate(subject.names, 1) if each == name]
    which = finding.line_number
    return f"field line {places[which - 1]}" if 0 < which <= len(places) else ""


def shown_fields(subject: Subject, shows: Iterable[tuple[bytes, str]]) -> list[Evidence]:
    """The field lines of these names that are there, with what each shows."""
    return [field_evidence(subject, name, says) for name, says in shows if name in subject.names]


def merge(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """In order, one for each line: of two about one line, what the second says."""
    found: dict[tuple[str, str], Evidence] = {}
    for each in evidence:
        key = (each.place, each.line) if each.place else ("", each.says)
        found[key] = each
    return tuple(found.values())
