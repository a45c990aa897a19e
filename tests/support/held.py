"""Whether programs have ended: they hold a FIFO open, and its reader sees when the last is gone."""

import os
import select
from pathlib import Path
from time import monotonic
from typing import Final, final


@final
class Held:
    """A FIFO named ``held`` in a folder, for programs to open for writing.

    :param folder: where the programs run.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / "held"
        os.mkfifo(path)
        self._reader: Final = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def let_go(self, seconds: float = 60.0) -> bool:
        """Whether a program opened it, and all that held it end within this time."""
        deadline = monotonic() + seconds
        ended = False
        while not ended and select.select([self._reader], [], [], deadline - monotonic())[0]:
            ended = os.read(self._reader, 4096) == b""
        os.close(self._reader)
        return ended
