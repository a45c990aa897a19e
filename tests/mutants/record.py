"""What became of each mutant, kept between runs."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path

from .mutations import Mutant


class Outcome(StrEnum):
    """What the tests made of a mutant."""

    KILLED = "killed"
    ENDED = "ended"
    """It ran out of time or memory, or ended its process: killed, too."""
    REFUSED = "refused"
    """The tests do not notice, but mypy does."""
    SURVIVED = "survived"
    NOT_CALLED = "not called"
    """No test calls the function: it survived, too."""

    @property
    def noticed(self) -> bool:
        """Whether it would not have passed."""
        return self not in (Outcome.SURVIVED, Outcome.NOT_CALLED)


class Record:
    """Outcomes by file, function and change; those of a function that has changed are void."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._kept: dict[str, dict[str, str]] = {}
        if file.exists():
            self._kept = json.loads(file.read_text("utf-8"))

    def get(self, mutant: Mutant) -> Outcome | None:
        """What became of it, if it was tried."""
        found = self._kept.get(_function(mutant), {}).get(mutant.change)
        return None if found is None else Outcome(found)

    def put(self, mutant: Mutant, outcome: Outcome) -> None:
        """Keep one outcome."""
        self._kept.setdefault(_function(mutant), {})[mutant.change] = outcome

    def forget(self, mutants: Iterable[Mutant]) -> None:
        """Try these again."""
        for each in mutants:
            self._kept.get(_function(each), {}).pop(each.change, None)

    def save(self) -> None:
        """Write it, whole or not at all."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps(self._kept, indent=0), "utf-8")
        beside.replace(self._file)

    def outcomes(self, mutants: Iterable[Mutant]) -> Iterator[tuple[Mutant, Outcome]]:
        """Those of the given mutants that were tried."""
        for each in mutants:
            outcome = self.get(each)
            if outcome is not None:
                yield each, outcome


def _function(mutant: Mutant) -> str:
    digest = hashlib.sha256(mutant.original.encode()).hexdigest()[:12]
    return f"{mutant.path}:{mutant.function}:{digest}"
