"""One line on stderr that says what runs.

The law of this file: it never writes where the figures go, and nothing of it runs inside the clock.
"""

import sys
from typing import Final

_WIDTH: Final = 78


def show_progress(words: str) -> None:
    """In the place of the last ones; where stderr is no terminal, on a line of its own."""
    if sys.stderr.isatty():
        print(f"\r{words:<{_WIDTH}}", end="", file=sys.stderr, flush=True)
    else:
        print(words, file=sys.stderr, flush=True)


def end_progress() -> None:
    """What follows on the terminal begins on a clean line."""
    if sys.stderr.isatty():
        print(f"\r{'':<{_WIDTH}}\r", end="", file=sys.stderr, flush=True)
