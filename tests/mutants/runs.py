"""Try the mutants of one layer after the other."""

import os
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from .calls import Calls
from .layers import LAYERS, Layer
from .loading import try_loaded
from .mutations import Mutant
from .record import Outcome, Record
from .trials import Trials
from .typed import is_refused


@dataclass(frozen=True, slots=True)
class Runs:
    """Where outcomes are kept, how many children run at once, and when to begin no more."""

    kept: Path
    at_once: int
    until: float
    say: Callable[[str], None]
    tests: Sequence[str] = ()
    """In place of the layer's own."""

    def record(self) -> Record:
        """What is known by now."""
        return Record(self.kept / "outcomes.json")

    def run(self, mutants: Sequence[Mutant]) -> None:
        """Try those of which nothing is known.

        Raises :class:`ChildProcessError` where pytest could not run the tests of a layer.
        """
        record = self.record()
        for each in LAYERS:
            layer = replace(each, tests=tuple(self.tests)) if self.tests else each
            own = [one for one in mutants if layer.holds(one.path) and record.get(one) is None]
            if own:
                self.say(f"{layer.name}: {len(own)} mutants are to be tried")
                self._apart(layer, own)

    def _apart(self, layer: Layer, mutants: Sequence[Mutant]) -> None:
        """In a process of its own, since pytest loads what it tests only once."""
        child = os.fork()
        if child:
            if os.waitpid(child, 0)[1]:
                raise ChildProcessError(f"the tests of {layer.name} could not be run")
            return
        status = 1
        try:
            status = self._try(layer, mutants)
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(status)

    def _try(self, layer: Layer, mutants: Sequence[Mutant]) -> int:
        calls = Calls(Path.cwd() / "src")  # before anything of the library is loaded
        record = self.record()
        trials = Trials(
            mutants,
            record,
            calls,
            known=self.kept / f"calls-{layer.name}.json",
            at_once=self.at_once,
            until=self.until,
            say=self.say,
        )
        without = [f"-p{each}" for each in ("no:cacheprovider", "no:xdist", "mutants.examples")]
        status = pytest.main(
            ["-q", "-s", "--tb=native", *without, *layer.options, *layer.tests], plugins=[trials]
        )
        calls.stop()
        if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            return int(status)
        self._load(layer, trials.without_effect, record)
        self._check(
            [each for each, outcome in record.outcomes(mutants) if not outcome.noticed], record
        )
        return 0

    def _check(self, mutants: Sequence[Mutant], record: Record) -> None:
        if mutants:
            self.say(f"asking mypy about {len(mutants)} that no test noticed")
        for each in mutants:
            if is_refused(each, self.kept / "mypy"):
                record.put(each, Outcome.REFUSED)
        record.save()

    def _load(self, layer: Layer, mutants: Sequence[Mutant], record: Record) -> None:
        if mutants:
            self.say(f"{layer.name}: {len(mutants)} take effect only when a module is loaded")

        def one(mutant: Mutant) -> Outcome | None:
            if time.time() > self.until:
                return None
            return try_loaded(mutant, [*layer.options, *layer.nearest(mutant.path)])

        with ThreadPoolExecutor(self.at_once) as pool:
            for mutant, outcome in zip(mutants, pool.map(one, mutants), strict=True):
                if outcome is not None:
                    record.put(mutant, outcome)
                    record.save()
