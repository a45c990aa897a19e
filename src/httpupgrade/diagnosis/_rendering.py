"""A diagnosis as text for people, and as JSON.

Rules for this module: the text is printable ASCII, at most 80 columns wide but for what was
received and what is to be pasted; the cause comes first, and what follows from it after it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from .._http1.arguments import require
from .._http1.lazy_module import lazy_module
from .._http1.values import Value, as_dict
from ._diagnosis import Confidence, Diagnosis, Evidence, Remedy, Suspect

LineKind: TypeAlias = Literal["", "title", "paste", "quiet"]
"""What a line is: a sentence, a heading, something to paste, or something received."""
Line: TypeAlias = tuple[LineKind, str]

if TYPE_CHECKING:
    import textwrap
else:
    textwrap = lazy_module("textwrap")

END_OF: Final = "the end of "
"""How the place of a :class:`Paste` begins whose lines are words of one line."""
_WIDTH: Final = 80
_HOW_SURE: Final[tuple[tuple[Confidence, str], ...]] = (
    ("certain", "certain"),
    ("high", "very likely"),
    ("medium", "likely"),
    ("low", "possible"),
)


def to_text(diagnosis: Diagnosis) -> str:
    """The diagnosis for people: printable ASCII in lines that end with LF.

    Lines have at most 80 columns, apart from received lines and lines to paste.

    Raises :class:`TypeError` for anything but a diagnosis.
    """
    require("diagnosis is a Diagnosis", diagnosis, Diagnosis)
    return "".join([f"{text}\n" for _, text in lines_of(diagnosis)])


def to_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """The diagnosis for programs: its fields by their names, made of what JSON has.

    Every field is there, empty ones too. Raises :class:`TypeError` for anything but a diagnosis.
    """
    require("diagnosis is a Diagnosis", diagnosis, Diagnosis)
    return as_plain(diagnosis)


def as_plain(value: Value) -> dict[str, Any]:
    """A value of diagnosis as JSON has it."""
    return {name: _plain_member(each) for name, each in as_dict(value).items()}


def _plain_member(value: Any) -> Any:
    match value:
        case Value():
            return as_plain(value)
        case tuple():
            return [_plain_member(each) for each in value]
        case _:
            return value


def lines_of(diagnosis: Diagnosis) -> Iterator[Line]:
    """The lines of the text, each with what it is."""
    yield from _wrapped(diagnosis.summary, kind="title")
    if diagnosis.cause:
        yield "", ""
        yield from _wrapped(f"Why: {diagnosis.cause}")
    yield from _list("What follows from it, and is mended with it:", diagnosis.consequences)
    if diagnosis.evidence:
        is_fine = diagnosis.verdict == "healthy"
        yield from _heading("What else was seen:" if is_fine else "What shows it:")
    for evidence in diagnosis.evidence:
        yield from _evidence(evidence)
    yield from _suspects(diagnosis.suspects)
    for number, remedy in enumerate(diagnosis.remedies):
        yield from remedy_lines(remedy, "Or" if number else "To mend it")
    again = "If that does not help:" if diagnosis.remedies else "What to try next:"
    yield from _list(again, diagnosis.next_steps)
    if diagnosis.code:
        yield "", ""
        yield from _wrapped(f"More about this: httpupgrade explain {diagnosis.code}", kind="quiet")


def _wrapped(
    text: str, indent: str = "", begin: str = "", *, kind: LineKind = ""
) -> Iterator[Line]:
    lines = textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=begin or indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in lines:
        yield kind, line


def _heading(text: str) -> Iterator[Line]:
    yield "", ""
    yield from _wrapped(text, kind="title")


def _item(text: str) -> Iterator[Line]:
    return _wrapped(text, "    ", "  * ")


def _list(heading: str, items: tuple[str, ...]) -> Iterator[Line]:
    if items:
        yield from _heading(heading)
    for item in items:
        yield from _item(item)


def _evidence(evidence: Evidence) -> Iterator[Line]:
    yield from _item(evidence.says)
    if not evidence.line:
        return
    front = f"      {evidence.place}: " if evidence.place else "      "
    yield "quiet", front + evidence.line
    if evidence.start < evidence.end:
        marker = "^" * (evidence.end - evidence.start)
        yield "quiet", " " * (len(front) + evidence.start) + marker


def _suspects(suspects: tuple[Suspect, ...]) -> Iterator[Line]:
    if not suspects:
        return
    first, *others = suspects
    yield from _heading("Who it probably was:")
    yield from _item(describe_suspect(first))
    if others:
        yield from _heading("What else it could be:")
    for each in others:
        yield from _item(describe_suspect(each))


def describe_suspect(suspect: Suspect) -> str:
    """Who it was, where, how it is configured, and how sure this is, in a line."""
    named = f"{suspect.product} {suspect.generation}" if suspect.generation else suspect.product
    where = f", {suspect.hop}" if suspect.hop else ""
    setting = f": {suspect.setting}" if suspect.setting else ""
    return f"{named}{where}{setting} ({dict(_HOW_SURE)[suspect.confidence]})"


def remedy_lines(remedy: Remedy, begin: str) -> Iterator[Line]:
    """The lines of a remedy, the first of which is empty."""
    generation = f" ({remedy.generation})" if remedy.generation else ""
    yield from _heading(f"{begin}, in {remedy.product}{generation}: {remedy.title}")
    for paste in remedy.pastes:
        take_out, put_in = headings_of(paste.place)
        if paste.instead_of:
            yield from _part(take_out)
            yield from _block(paste.instead_of, "quiet")
        if paste.lines:
            yield from _part(put_in)
            yield from _block(paste.lines, "paste")
    if remedy.commands:
        yield from _part("Then run:")
        yield from _block(remedy.commands, "paste")
    if remedy.note:
        yield from _part(remedy.note)


def headings_of(place: str) -> tuple[str, str]:
    """What is said over lines to take out of a place, and over lines to paste into it."""
    if place.startswith(END_OF):
        return f"Take out of {place.removeprefix(END_OF)}, if it is there:", f"Add at {place}:"
    return (
        f"From {place}, take out what begins like this, if it is there (a block as a whole):",
        f"Paste into {place}:",
    )


def _part(text: str) -> Iterator[Line]:
    yield "", ""
    yield from _wrapped(text, "  ")


def _block(lines: tuple[str, ...], kind: LineKind) -> Iterator[Line]:
    yield "", ""
    yield from ((kind, f"      {line}") for line in lines)
