"""What the command prints: text or JSON; progress and errors go to standard error.

Rules for this module: it alone writes to the terminal. Each character that is not printable ASCII
is escaped here, whatever it came from, so that captured data cannot drive a terminal. Colour only
where standard output is a terminal and NO_COLOR is not set. ``rich`` is imported here alone, and
everything works without it.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Literal, TextIO, final

try:
    from rich.console import Console
    from rich.progress import Progress
except ImportError:
    HAS_RICH = False
else:
    HAS_RICH = True

Style = Literal["", "good", "bad", "warning", "quiet", "title", "paste"]
"""What a line is, from which its colour follows."""

_COLOURS: Final[dict[Style, str]] = {
    "": "",
    "good": "32",
    "bad": "31",
    "warning": "33",
    "quiet": "2",
    "title": "1",
    "paste": "36",
}


def printable(text: str) -> str:
    """Text in printable ASCII: every other character is escaped, as in ``\\x1b``."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(each if " " <= each <= "~" else ascii(each)[1:-1] for each in text)


@final
class Output:
    """Where a command prints.

    :param as_json: one JSON document at the end, and no text.
    :param stream: standard output if None.
    :param errors: standard error if None.
    """

    def __init__(
        self, *, as_json: bool = False, stream: TextIO | None = None, errors: TextIO | None = None
    ) -> None:
        self.as_json: Final = as_json
        self._stream: Final = sys.stdout if stream is None else stream
        self._errors: Final = sys.stderr if errors is None else errors
        self._coloured: Final = self._stream.isatty() and not os.environ.get("NO_COLOR")

    def say(self, text: str = "", style: Style = "") -> None:
        """Lines of text; nothing where JSON is wanted."""
        if self.as_json:
            return
        for line in text.split("\n"):
            shown = printable(line)
            if self._coloured and style and shown:
                shown = f"\x1b[{_COLOURS[style]}m{shown}\x1b[0m"
            self._stream.write(shown + "\n")
        self._stream.flush()

    def document(self, content: Any) -> None:
        """The JSON document; nothing where text is wanted."""
        if self.as_json:
            self._stream.write(json.dumps(content, indent=1) + "\n")
            self._stream.flush()

    def complain(self, text: str) -> None:
        """A message on standard error."""
        for line in text.split("\n"):
            self._errors.write(printable(line) + "\n")
        self._errors.flush()

    @contextmanager
    def progress(self, what: str, total: int) -> Iterator[Callable[[int], None]]:
        """Progress on standard error, where it is a terminal.

        :param total: how many steps there are.

        Yields a function that is told how many of them are done.
        """
        if not self._errors.isatty():
            yield lambda done: None
            return
        if not HAS_RICH:
            yield self._plain_progress(what, total)
            self._errors.write("\n")
            return
        with Progress(console=Console(file=self._errors), transient=True) as bar:
            task = bar.add_task(what, total=total)
            yield lambda done: bar.update(task, completed=done)

    def _plain_progress(self, what: str, total: int) -> Callable[[int], None]:
        shown = -1

        def update(done: int) -> None:
            nonlocal shown
            percent = 100 * done // max(total, 1)
            if percent != shown:
                shown = percent
                self._errors.write(f"\r{printable(what)}: {percent} %")
                self._errors.flush()

        return update
