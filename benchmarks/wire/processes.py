"""Servers as processes: begun, pinned, weighed, and ended by their ids.

The law of this file: nothing of a server but its process. What Linux tells of a process is read
where it is; elsewhere there is none of it.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, final

import psutil  # type: ignore[import-untyped]

from .visits import Address

_ROOT: Final = Path(__file__).resolve().parent.parent.parent
_SECONDS_TO_END: Final = 5.0


class StartError(Exception):
    """A server's process ended before it listened."""


@final
class Process:
    """A server that runs."""

    def __init__(self, module: str, arguments: Sequence[str]) -> None:
        command = [sys.executable, "-m", f"{__package__}.servers.{module}", *arguments]
        self._child = subprocess.Popen(  # noqa: S603  # our own interpreter
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT
        )
        self._process = psutil.Process(self._child.pid)
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line:
            self.end()
            raise StartError(f"{module}: exit status {self._child.returncode}")
        self.address: Final[Address] = ("127.0.0.1", int(line))

    def pin(self, processor: int) -> None:
        """Let it run there alone, where that can be said."""
        with suppress(AttributeError, OSError):
            self._process.cpu_affinity([processor])

    def processor_seconds(self) -> float:
        """What it has run so far."""
        if sys.platform == "linux":
            # clock_getcpuclockid(3), which Python lacks: all threads, as the scheduler counts them.
            return time.clock_gettime(~self._child.pid << 3 | 2)
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def resident(self) -> int:
        """Octets of memory that it has."""
        return int(self._process.memory_info().rss)

    def descriptors(self) -> int:
        """How many files it has open."""
        return int(self._process.num_fds())

    def traced(self, word: str = "count") -> dict[str, int]:
        """What Python's allocator was asked for: now, and at most since it was told to forget."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(f"{word}\n")
        self._child.stdin.flush()
        figures: dict[str, int] = json.loads(self._child.stdout.readline())
        return figures

    def runs(self) -> bool:
        """Whether it is still there."""
        return self._child.poll() is None

    def end(self) -> None:
        """It, and nobody else."""
        try:
            if self._child.stdin is not None:
                self._child.stdin.close()  # which is its end
            self._child.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait(_SECONDS_TO_END)
        if self._child.stdout is not None:
            self._child.stdout.close()


@contextmanager
def started(module: str, *arguments: str) -> Iterator[Process]:
    """A server for as long as that."""
    process = Process(module, arguments)
    try:
        yield process
    finally:
        process.end()


@contextmanager
def pinned(processor: int) -> Iterator[None]:
    """As :meth:`Process.pin`, for who visits, and for as long as that."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, [processor])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def processors() -> tuple[int, int]:
    """One for the server and one for its visitors; the same if there is but one."""
    available = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    return available[0], available[-1]
