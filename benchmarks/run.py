"""Which contender is timed at which case, and one process's share of the rounds."""

import gc
from collections.abc import Callable, Sequence
from typing import NamedTuple, final

from .cases import CASES, Case
from .contender import Contender
from .contenders import CONTENDERS, OURS
from .handshakes import HandshakePlan
from .progress import show_progress
from .record import ProcessRecord, collect_metadata, perf_counter
from .timing import Lane, time_in_rounds
from .verdict import Verdict, judge


@final
class Plan(NamedTuple):
    """How much is measured."""

    processes: int
    """Fresh interpreters: hash seeds and memory layouts differ from one to the next."""
    rounds: int
    """In each process."""
    slot: float
    """Seconds that each contender runs, at least, in each round of each case."""
    connections: int
    """How many are held at a time to see what one weighs."""
    imports: int
    """Fresh interpreters for each library's import."""
    handshakes: HandshakePlan
    """For all captured clients."""


FULL = Plan(4, 10, 0.006, 10_000, 25, HandshakePlan(processes=2, rounds=10, slot=0.0003))
QUICK = Plan(2, 5, 0.002, 2_000, 11, HandshakePlan(processes=1, rounds=3, slot=0.0001))


@final
class Entry(NamedTuple):
    """A contender at a case, and whether it did the job there."""

    case: Case
    contender: Contender
    verdict: Verdict

    @property
    def name(self) -> str:
        """The benchmark's name in recorded files."""
        return f"{self.case.name}: {self.contender.name}"


def enter_all() -> list[Entry]:
    """Every contender at every case that it competes at, each tried once."""
    return [
        Entry(case, contender, try_once(case, contender))
        for case in CASES
        for contender in CONTENDERS
        if case.job in contender.jobs or case.job in contender.left_out
    ]


def try_once(case: Case, contender: Contender) -> Verdict:
    """What becomes of the case's request at this contender."""
    work = contender.jobs.get(case.job)
    if work is None:
        return Verdict(False, f"left out: {contender.left_out[case.job]}")
    octets = case.octets()
    given = work.prepare(octets)
    try:
        made = work.run(given)
    except Exception as error:
        # Most often a limit that cannot be raised; whatever it is, the report says it.
        return Verdict(False, f"raises {type(error).__name__}: {error}")
    return judge(case.job, octets, work.show(made))


def our_failures(entries: list[Entry]) -> list[Entry]:
    """Cases at which there is nothing to compare the others with."""
    return [each for each in entries if each.contender is OURS and not each.verdict.done]


def lane_of(entry: Entry) -> Lane:
    """What is timed, with its argument made."""
    work = entry.contender.jobs[entry.case.job]
    return Lane(entry.name, entry.case.name, work.run, work.prepare(entry.case.octets()))


def measure(
    plan: Plan, entries: Sequence[Entry], tell: Callable[[int], None] = lambda number: None
) -> ProcessRecord:
    """All rounds of one process. Who fails a job at a case is not timed there."""
    lanes = [lane_of(entry) for entry in entries if entry.verdict.done]
    names = [name for contender in CONTENDERS for name in contender.distributions]
    metadata = collect_metadata(sorted(set(names)))
    timings = time_in_rounds(
        lanes, rounds=plan.rounds, slot=plan.slot, clock=perf_counter, tell=tell
    )
    return ProcessRecord(timings, metadata)


def measure_alone(plan: Plan, process: int) -> ProcessRecord:
    """As :func:`measure`, in a process that does nothing else."""
    # What was imported is no garbage, and need not be looked through in every round.
    gc.collect()
    gc.freeze()
    return measure(
        plan,
        enter_all(),
        lambda number: show_progress(
            f"times: process {process + 1} of {plan.processes}, round {number + 1} of {plan.rounds}"
        ),
    )
