"""An event loop whose clock stands still while the machine does something else.

Rules for this module: on a busy machine a process may not run for longer than a deadline of a
test. Time counts for the loop's timers only as far as the loop has waited for them with nothing to
do; of all other time, a millisecond between two looks at the clock.
"""

import asyncio
import selectors
from time import monotonic
from typing import Final, final

_STEP: Final = 0.001


@final
class _Selector(selectors.DefaultSelector):
    """Knows for how long the loop has waited until a timer was due, and nothing else came."""

    waited = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait as usual."""
        events = super().select(timeout)
        self.waited = 0.0 if events else max(timeout or 0.0, 0.0)
        return events


@final
class SteadyLoop(asyncio.SelectorEventLoop):
    """The usual loop, with such a clock."""

    def __init__(self) -> None:
        self._waits: Final = _Selector()
        self._elapsed = 0.0
        self._seen = monotonic()
        super().__init__(self._waits)

    def time(self) -> float:
        """Seconds since the loop was made, without those in which it could not run."""
        now = monotonic()
        waited, self._waits.waited = self._waits.waited, 0.0
        worked = max(now - self._seen - waited, 0.0)
        self._elapsed += waited + min(worked, _STEP)
        self._seen = now
        return self._elapsed
