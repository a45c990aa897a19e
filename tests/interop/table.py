"""What the suite prints.

The law of this file: the only one here that knows how things look. What a client or a request
says is printed as text, never as markup.
"""

from collections.abc import Sequence
from typing import Final, assert_never, final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .judge import Row, Verdict, count, decision_of


@final
class Printer:
    """Progress, line by line, and a table at the end."""

    def __init__(self, console: Console) -> None:
        self._console: Final = console

    def say(self, text: str) -> None:
        """A line of progress."""
        self._console.print(Text(text), soft_wrap=True)

    def row(self, row: Row) -> None:
        """How one client came out, as soon as it did."""
        self._console.print(Text.assemble(mark(row.verdict), f" {row.name}"), soft_wrap=True)
        for fault in row.faults:
            self.say(f"  {fault}")

    def table(self, rows: Sequence[Row]) -> None:
        """All of them, and their sum as a plain last line."""
        table = Table(show_lines=True)
        for column in ("client", "version", "offered", "decision", "outcome"):
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(
                Text.assemble(mark(row.verdict), f" {row.name}"),
                Text(row.version),
                Text("\n".join(seen.offered for seen in row.seen)),
                Text("\n".join(map(decision_of, row.seen))),
                Text(row.outcome),
            )
        self._console.print(table)
        self.say(str(count(rows)))


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
