"""What the server prints: how it is tried, and each decision as it is made.

The law of this file: ``rich`` is imported here alone; lines are printed as text, never as markup,
and never broken, so that they can be copied.
"""

import logging
from typing import IO, Final, final

from rich.console import Console as RichConsole
from rich.text import Text

from .endpoints import ENDPOINTS, Places

_STYLES: Final = {"101": "green", "426": "yellow", "4": "red", "5": "red"}


@final
class Console(logging.Handler):
    """Prints; also what a logger is told.

    :param file: where to; the standard output if None.
    """

    def __init__(self, file: IO[str] | None = None) -> None:
        super().__init__()
        self._console: Final = RichConsole(file=file, highlight=False)

    def say(self, text: str = "", style: str = "") -> None:
        """A line."""
        self._console.print(Text(text, style), soft_wrap=True)

    def greet(self, places: Places) -> None:
        """What to open, and what to type."""
        self.say(f"http://{places.plain}/", "bold")
        self.say("  a page that shows what a browser gets from each endpoint")
        self.say(f"https://{places.secure}/", "bold")
        self.say("  the same inside TLS; this run's own certificate is one that no browser knows")
        self.say("On a command line; the page has more:", "bold")
        for endpoint in ENDPOINTS:
            self.say(f"  {places.fill(endpoint.commands[0])}")
        self.say("Ctrl-C ends it. What is decided meanwhile:", "bold")

    def emit(self, record: logging.LogRecord) -> None:
        """A decision, as the adapter logs it: who asked, what for, and the answer."""
        request, _, answer = record.getMessage().partition(": ")
        style = next((_STYLES[each] for each in _STYLES if answer.startswith(each)), "")
        self._console.print(Text.assemble((request, "dim"), ": ", (answer, style)), soft_wrap=True)
