"""Other programs, run to their end or to a deadline.

The law of this file: nothing that it started outlives the deadline. A program leads a process
group of its own, which is ended by its id.
"""

import asyncio
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, final


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
        errors = [line for line in stderr + stdout if "error" in line.lower() and " " in line]
        last = (stderr or stdout)[-1:]
        return (errors or last or [f"exit status {self.status}"])[0]


async def run(
    argv: tuple[str, ...],
    *,
    seconds: float,
    environment: Mapping[str, str],
    where: Path,
    stdin: str = "",
) -> Ran:
    """Run a program. Raises :class:`TimeoutError` behind its deadline, and :class:`OSError`."""
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=where,
        env=environment,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(seconds):
            stdout, stderr = await process.communicate(stdin.encode())
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    assert process.returncode is not None
    return Ran(process.returncode, *(text.decode(errors="replace") for text in (stdout, stderr)))
