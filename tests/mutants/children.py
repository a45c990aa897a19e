"""One child process for each mutant: what it breaks and where it hangs is its own affair."""

import os
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Final

_MEMORY: Final = 2 << 30


def start(work: Callable[[], int]) -> int:
    """Begin it in a child. Returns the child's process id."""
    child = os.fork()
    if child:
        return child
    status = 255
    try:
        _confine()
        status = work()
    finally:
        os._exit(status)


def allow(seconds: float) -> None:
    """From now on this process has so many seconds of the processor's time, and ten times as many
    in all; then a signal ends it.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, 10 * seconds)


def wait() -> tuple[int, int | None]:
    """The next child that ends: its id, and what its work returned (``None``: a signal)."""
    child, status = os.wait()
    stop(child)
    return child, os.WEXITSTATUS(status) if os.WIFEXITED(status) else None


def stop(child: int) -> None:
    """End a child, and what it has started."""
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)


def _confine() -> None:
    os.setpgid(0, 0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    # The default action ends a process even inside of a loop in C.
    for name in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(name, signal.SIG_DFL)
