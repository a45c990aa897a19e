"""What the demo prints, and what came out otherwise than expected.

The law of this file: ``rich`` is imported here alone; whatever was received is printed as text, its
control octets escaped.
"""

from collections.abc import Iterable, Sequence
from typing import IO, Final, TypeVar, final

from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

_T = TypeVar("_T")
Cell = Sequence[tuple[str, str]]
"""Text of a table, in pieces with their styles."""
Column = tuple[str, int]
"""A heading and a width."""

_MARKS: Final = {"<": "cyan", ">": "green", "=": "bold yellow"}
_MOST_REPEATED: Final = 20


@final
class Report:
    """Prints, and keeps count of the expectations."""

    def __init__(self, log: IO[str] | None = None) -> None:
        """``log`` takes the place of standard output, and is as wide as a log is."""
        self.console: Final = (
            Console(highlight=False)
            if log is None
            else Console(file=log, highlight=False, force_terminal=False, width=80)
        )
        self.checked = 0
        self.wrong: list[str] = []

    def title(self, text: str) -> None:
        """A heading."""
        self.console.print()
        self.console.print(Text(text, "bold"))
        self.console.print("-" * min(len(text), self.console.width))

    def say(self, text: str, style: str = "") -> None:
        """A paragraph."""
        self.console.print(Text(text, style))

    def track(self, steps: Sequence[_T], what: str) -> Iterable[_T]:
        """The steps, with their progress while they are taken, on a terminal."""
        hidden = not self.console.is_terminal
        return track(steps, what, console=self.console, transient=True, disable=hidden)

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
        """Print a table, narrow enough for a log."""
        table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold", pad_edge=False)
        for heading, width in columns:
            table.add_column(heading, width=width, overflow="fold")
        for row in rows:
            table.add_row(*(Text.assemble(*cell) for cell in row))
        self.console.print(table)

    def lines(self, mark: str, lines: Sequence[str]) -> None:
        """Lines of a transcript, each with the mark of the side that it came from."""
        for line in lines:
            folded = Text(line).wrap(self.console, self.console.width - 2) or [Text()]
            for number, part in enumerate(folded):
                shown = f"{' ' if number else mark} {part.plain}".rstrip()
                self.console.print(Text(shown, _MARKS[mark]))

    def expect(self, what: str, actual: object, expected: object) -> None:
        """Hold one thing that came out to what it should be."""
        ok = actual == expected
        self.judge(what, [] if ok else [f"expected {expected!r}, got {actual!r}"])
        if ok:
            self.console.print(Text.assemble(("ok ", "green"), what))

    def judge(self, what: str, faults: Sequence[str]) -> None:
        """Count something; print it only if it has faults."""
        self.checked += 1
        if faults:
            self.wrong.append(f"{what}: {'; '.join(faults)}")
            self.console.print(Text.assemble(("WRONG ", "bold red"), self.wrong[-1]))

    def conclude(self) -> bool:
        """Print the sum; whether everything came out as expected."""
        right = self.checked - len(self.wrong)
        self.console.print(f"{right} of {self.checked} expectations met", style="bold")
        if self.wrong:
            self.console.print(f"{len(self.wrong)} came out otherwise:", style="bold red")
            for what in self.wrong[:_MOST_REPEATED]:
                self.say(what)
        else:
            self.console.print("Everything came out as expected.", style="bold green")
        return not self.wrong


def as_text(octets: bytes) -> str:
    """Octets as ASCII, the others and the controls escaped."""
    return "".join(chr(octet) if 0x20 <= octet <= 0x7E else f"\\x{octet:02x}" for octet in octets)
