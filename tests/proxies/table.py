"""What the command prints.

Rules for this module: the only one here that knows how things look on a terminal, and that imports
rich. What a program says is printed as text, never as markup.
"""

from collections.abc import Sequence
from typing import Final, TextIO, assert_never, final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .judge import Row, Said, Verdict, count

_WIDTH: Final = 170
"""Columns, where there is no terminal to ask."""
_LAST_LINES: Final = 40
HEADINGS: Final = (
    "set-up",
    "version",
    "without",
    "arrives",
    "from the server",
    "from the client",
    "from both",
    "remedy",
    "with it",
)


@final
class Printer:
    """Progress, line by line, and a table at the end.

    :param file: where to; the standard output if None.
    :param width: columns; what the terminal has if None.
    """

    def __init__(self, file: TextIO | None = None, width: int | None = None) -> None:
        self._console: Final = Console(file=file, width=width, highlight=False)
        if width is None and not self._console.is_terminal:
            self._console.width = _WIDTH

    def say(self, text: str) -> None:
        """A line of progress."""
        self._console.print(Text(text), soft_wrap=True)

    def row(self, row: Row) -> None:
        """How one set-up came out, as soon as it did, and why if not well."""
        outcome = f" {row.setup.name}: {summed_up(row)}"
        self._console.print(Text.assemble(_mark(row.verdict), outcome), soft_wrap=True)
        for fault in row.faults:
            self.say(f"  {fault}")
        if row.faults:
            for line in row.notes.splitlines()[-_LAST_LINES:]:
                self.say(f"  | {line}")

    def table(self, rows: Sequence[Row]) -> None:
        """All of them, and their sum as a plain last line."""
        table = Table(show_lines=True)
        for heading in HEADINGS:
            table.add_column(heading, overflow="fold")
        for row in rows:
            name, *cells = cells_of(row)
            mark = Text.assemble(_mark(row.verdict), f" {name}")
            table.add_row(mark, *map(Text, cells))
        self._console.print(table)
        self.say(str(count(rows)))


def summed_up(row: Row) -> str:
    """A row in a line."""
    if row.skipped:
        return row.skipped
    if row.before is None:
        return "did not come up"
    if not row.setup.broken:
        return f"{row.before.talked}, and no alarm"
    mended = row.after.talked if row.after else row.setup.incurable or "not mended"
    remedy = f"{row.remedy}: " if row.after else ""
    return f"{row.before.talked}; {row.before.both.text}; {remedy}{mended}"


def cells_of(row: Row) -> tuple[str, ...]:
    """A row of the table: one text for each of :data:`HEADINGS`."""
    name = row.setup.name
    if row.before is None:
        why = row.skipped or "did not come up"
        return (name, row.version, why, *[""] * (len(HEADINGS) - 3))
    before = row.before
    views = tuple(map(_text_of, (before.server, before.client, before.both)))
    after = row.after.talked if row.after else row.setup.incurable
    return (name, row.version, before.talked, before.arrived, *views, row.remedy, after)


def _text_of(view: Said) -> str:
    return view.text


def _mark(verdict: Verdict) -> Text:
    """A verdict, in its colour."""
    match verdict:
        case "passed":
            return Text("ok", "green")
        case "failed":
            return Text("WRONG", "bold red")
        case "skipped":
            return Text("skipped", "yellow")
        case unreachable:
            assert_never(unreachable)
