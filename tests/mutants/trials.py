"""Try mutants: a plugin of pytest that runs, in place of all tests once, some for each mutant."""

import gc
import importlib
import mmap
import struct
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from . import children
from .calls import Calls, Function
from .loading import module_name
from .mutations import Mutant
from .record import Outcome, Record
from .selection import Measured, Selection
from .swap import Loaded, NoEffectError

# What the work of a child returns.
_SURVIVED, _KILLED, _NO_EFFECT, _NO_PYTHON = range(4)


@dataclass(frozen=True, slots=True)
class Running:
    """A mutant in a child."""

    mutant: Mutant
    slot: int
    tests: Sequence[int]


class Trials:
    """Tries mutants once pytest has collected its tests."""

    def __init__(
        self,
        mutants: Sequence[Mutant],
        record: Record,
        calls: Calls,
        *,
        known: Path,
        at_once: int,
        until: float,
        say: Callable[[str], None],
    ) -> None:
        self._waiting = deque(mutants)
        self._count = len(mutants)
        self._record = record
        self._calls = calls
        self._known = known
        self._until = until
        self._say = say
        self._failed = False
        self._slots = list(range(at_once))
        self._running: dict[int, Running] = {}
        self._killers = mmap.mmap(-1, 4 * at_once)
        self.without_effect: list[Mutant] = []
        """Those whose function runs, or whose defaults are made, when a module is loaded."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that fails in any of its parts has noticed."""
        self._failed = self._failed or report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Before files of tests call anything: what the modules themselves call."""
        for path in sorted({each.path for each in self._waiting}):
            importlib.import_module(module_name(path))
        self._at_loading = self._calls.take()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Of the tests of this session, some for each mutant."""
        self._items = session.items
        self._selection = self._select()
        self._calls.stop()
        self._loaded = Loaded(Path("src").resolve())
        gc.collect()
        gc.freeze()  # or each child copies what the collector touches
        try:
            self._try_all()
        finally:
            for child in self._running:
                children.stop(child)
            self._record.save()
        return True

    def _select(self) -> Selection:
        unknown = Measured(self._known).unknown(self._items)
        if unknown:
            self._say(f"measuring what {len(unknown)} tests call")
            children.start(lambda: self._measure(unknown))
            if children.wait()[1] != 0:
                raise pytest.UsageError("the tests could not be measured")
        return Measured(self._known).selection(self._items)

    def _measure(self, items: Sequence[pytest.Item]) -> int:
        Measured(self._known).measure(items, self._passes, self._calls)
        return 0

    def _try_all(self) -> None:
        said = time.monotonic()
        while self._waiting or self._running:
            while self._slots and self._waiting and time.time() < self._until:
                self._start(self._waiting.popleft())
            if not self._running:
                break
            self._finish(*children.wait())
            if time.monotonic() - said > 30:
                said = time.monotonic()
                self._record.save()
                self._say(f"{self._count - len(self._waiting)} of {self._count}")

    def _start(self, mutant: Mutant) -> None:
        function = _function(mutant)
        tests = self._selection.tests(function)
        if not tests:
            self._left_over(mutant)
            return
        slot = self._slots.pop()
        struct.pack_into("i", self._killers, 4 * slot, -1)
        child = children.start(lambda: self._judge(mutant, tests, slot))
        self._running[child] = Running(mutant, slot, tests)

    def _left_over(self, mutant: Mutant) -> None:
        if _function(mutant) in self._at_loading:
            self.without_effect.append(mutant)
        else:
            self._record.put(mutant, Outcome.NOT_CALLED)

    def _judge(self, mutant: Mutant, tests: Sequence[int], slot: int) -> int:
        """The work of a child."""
        try:
            self._loaded.put(mutant)
        except NoEffectError:
            return _NO_EFFECT
        except (SyntaxError, ValueError):
            return _NO_PYTHON
        for number, after in zip(tests, [*tests[1:], None], strict=True):
            struct.pack_into("i", self._killers, 4 * slot, number)
            children.allow(3 + 10 * self._selection.seconds[number])
            if not self._passes(self._items[number], None if after is None else self._items[after]):
                return _KILLED
        return _SURVIVED

    def _passes(self, item: pytest.Item, after: pytest.Item | None = None) -> bool:
        self._failed = False
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        return not self._failed

    def _finish(self, child: int, returned: int | None) -> None:
        trial = self._running.pop(child)
        self._slots.append(trial.slot)
        mutant, function = trial.mutant, _function(trial.mutant)
        (killer,) = struct.unpack_from("i", self._killers, 4 * trial.slot)
        if returned == _SURVIVED and function not in self._at_loading:
            self._record.put(mutant, Outcome.SURVIVED)
        elif returned in (_SURVIVED, _NO_EFFECT):
            self.without_effect.append(mutant)
        elif returned != _NO_PYTHON:
            self._record.put(mutant, Outcome.KILLED if returned == _KILLED else Outcome.ENDED)
            self._selection.killed(function, killer)


def _function(mutant: Mutant) -> Function:
    return str(mutant.path.relative_to("src")), mutant.function
