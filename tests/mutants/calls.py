"""Which tests call which functions, and how long they take."""

import os
import sys
import threading
from pathlib import Path
from types import CodeType, FrameType

Function = tuple[str, str]
"""File (below src) and qualified name."""


class Calls:
    """Calls of the functions under a folder, as they are seen from when it is made."""

    def __init__(self, root: Path) -> None:
        self._root = f"{root}{os.sep}"
        self._seen: set[CodeType] = set()
        self._watch()

    def _watch(self) -> None:
        seen = self._seen

        def called(frame: FrameType, event: str, argument: object) -> None:
            seen.add(frame.f_code)

        sys.settrace(called)
        threading.settrace(called)

    def take(self) -> set[Function]:
        """What was called since the last time."""
        self.stop()
        functions = {
            (code.co_filename.removeprefix(self._root), outermost(code.co_qualname))
            for code in self._seen
            if code.co_filename.startswith(self._root)
        }
        self._seen.clear()
        # Tests that trace themselves have taken the place of this.
        self._watch()
        return functions

    def stop(self) -> None:
        """Watch no longer."""
        sys.settrace(None)
        threading.settrace(None)


def outermost(name: str) -> str:
    """The function of a module or a class in which one stands: its own name, mostly."""
    return name.partition(".<locals>")[0]
