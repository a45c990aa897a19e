"""Other programs, run to their end or to a deadline.

The law of this file: a program leads a process group of its own. When it ends, or its deadline
passes, whatever is left of that group is ended, by its id. What has left the group is not; nobody
waits for it.
"""

import asyncio
import os
import re
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final, NamedTuple, final


class LateError(Exception):
    """A program was not done at its deadline."""

    def __init__(self, seconds: float, stderr: str) -> None:
        super().__init__(f"not done in {seconds:g} s")
        self.stderr: Final = stderr


@final
class Ran(NamedTuple):
    """A program that has ended."""

    status: int
    stdout: str
    stderr: str

    @property
    def complaint(self) -> str:
        """The line of its output that most likely says why it failed."""
        stderr, stdout = (
            [line.strip() for line in text.splitlines() if line.strip()]
            for text in (self.stderr, self.stdout)
        )
        errors = [line for line in stderr + stdout if re.search("(?i)error|exception", line)]
        sentences = [line for line in errors if " " in line]
        last = (stderr or stdout)[-1:]
        return (sentences or last or [f"exit status {self.status}"])[0]


async def run(
    argv: tuple[str, ...],
    *,
    seconds: float,
    environment: Mapping[str, str],
    where: Path,
    stdin: str = "",
) -> Ran:
    """Run a program. Raises :class:`LateError` behind its deadline, and :class:`OSError`."""
    # Files, since the end of a pipe is seen only when everybody who inherited it has closed it.
    with TemporaryFile() as given, TemporaryFile() as stdout, TemporaryFile() as stderr:
        given.write(stdin.encode())
        given.seek(0)
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=given,
            stdout=stdout,
            stderr=stderr,
            cwd=where,
            env=environment,
            start_new_session=True,
        )
        deadline = asyncio.timeout(seconds)
        try:
            with suppress(TimeoutError):
                async with deadline:
                    await process.wait()
        finally:
            with suppress(ProcessLookupError):  # nobody is left of the group
                os.killpg(process.pid, signal.SIGKILL)
            status = await process.wait()
        if deadline.expired():
            raise LateError(seconds, _text_of(stderr))
        return Ran(status, _text_of(stdout), _text_of(stderr))


def _text_of(file: BinaryIO) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")
