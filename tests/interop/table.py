"""What the suite prints.

The law of this file: the only one here that knows how things look, and that imports rich. What
a client or a request says is printed as text, never as markup.
"""

from collections.abc import Sequence
from typing import Final, TextIO, assert_never, final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .judge import Row, Verdict, count, decision_of

_WIDTH: Final = 150
"""Columns, where there is no terminal to ask."""
_LAST_LINES: Final = 15


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
        """How one run came out, as soon as it did, and why if not well."""
        self._console.print(Text.assemble(mark(row.verdict), f" {row.name}"), soft_wrap=True)
        for line in reasons(row):
            self.say(f"  {line}")

    def table(self, rows: Sequence[Row]) -> None:
        """All of them, and their sum as a plain last line."""
        table = Table(show_lines=True)
        for column in ("run", "version", "offered -> decision", "outcome"):
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(
                Text.assemble(mark(row.verdict), f" {row.name}"),
                Text(row.version),
                Text("\n".join(f"{seen.offered} -> {decision_of(seen)}" for seen in row.seen)),
                Text(row.outcome),
            )
        self._console.print(table)
        self.say(str(count(rows)))


def reasons(row: Row) -> list[str]:
    """Why a run did not pass; of one that failed, the end of what the other says itself as well."""
    match row.verdict:
        case "passed":
            return []
        case "failed":
            return [*row.faults, *(f"| {line}" for line in row.stderr.splitlines()[-_LAST_LINES:])]
        case "skipped":
            return [row.outcome]
        case unreachable:
            assert_never(unreachable)


def mark(verdict: Verdict) -> Text:
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
