"""What came of each run, beside what should have.

The law of this file: no I/O. A row is failed for what was decided, what came of it or what our
server raised, whichever is otherwise; a run of what could not be had is skipped, which is no
success on CI.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Final, Literal, NamedTuple, final

from .readers import Said
from .servers import Seen

Verdict = Literal["passed", "failed", "skipped"]


@final
class Expected(NamedTuple):
    """What a run is to come to: the decisions of its server, and what its client says then."""

    decisions: tuple[str, ...]
    """In order. How often one of them comes in a row is left to the other's version."""
    outcome: str


@final
class Row(NamedTuple):
    """A line of the table."""

    name: str
    version: str
    seen: tuple[Seen, ...]
    outcome: str
    verdict: Verdict
    faults: tuple[str, ...] = ()
    stderr: str = ""
    """What the other program said beside it."""


def judge(name: str, version: str, expected: Expected, seen: Sequence[Seen], said: Said) -> Row:
    """A run that came to its end."""
    faults = []
    decisions = tuple(decision for decision, _ in groupby(map(decision_of, seen)))
    if decisions != expected.decisions:
        faults.append(f"decided {listed(decisions)}, not {listed(expected.decisions)}")
    if said.outcome != expected.outcome:
        faults.append(f"came to {said.outcome!r}, not {expected.outcome!r}")
    verdict: Verdict = "failed" if faults else "passed"
    return Row(name, said.version or version, tuple(seen), said.outcome, verdict, tuple(faults))


def failed(name: str, version: str, seen: Sequence[Seen], complaint: str, stderr: str = "") -> Row:
    """A run that came to nothing of use."""
    return Row(name, version, tuple(seen), complaint, "failed", (complaint,), stderr)


def blame(row: Row, raised: Sequence[str]) -> Row:
    """A row with what our server raised, which is a fault whatever the client makes of it."""
    if not raised:
        return row
    return row._replace(verdict="failed", faults=(*row.faults, *raised))


def skipped(name: str, reason: str) -> Row:
    """A run of what could not be had."""
    return Row(name, "", (), reason, "skipped")


def decision_of(seen: Seen) -> str:
    """A decision, and whether it was made inside TLS."""
    return f"{seen.decision} in TLS" if seen.secure else seen.decision


def listed(decisions: Sequence[str]) -> str:
    """Decisions in a sentence."""
    return ", then ".join(decisions) or "nothing"


@final
class Sum(NamedTuple):
    """How many came out how."""

    passed: int
    failed: int
    skipped: int

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"

    def exit_status(self, *, on_ci: bool) -> int:
        """0 if nothing is wrong. A continuous integration that skips checks nothing."""
        return int(self.failed > 0 or (on_ci and self.skipped > 0))


_VERDICTS: Final[tuple[Verdict, ...]] = ("passed", "failed", "skipped")


def count(rows: Sequence[Row]) -> Sum:
    """Sum them up."""
    return Sum(*(sum(row.verdict == verdict for row in rows) for verdict in _VERDICTS))
