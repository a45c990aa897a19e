"""Which contender is timed at which case, and one process's share of the rounds."""

import gc
from typing import NamedTuple, final

from .cases import CASES, Case
from .contender import Contender
from .contenders import CONTENDERS, OURS
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


FULL = Plan(processes=5, rounds=40, slot=0.015)
QUICK = Plan(processes=2, rounds=15, slot=0.005)


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
    """Every contender at every case, each tried once."""
    return [
        Entry(case, contender, try_once(case, contender))
        for case in CASES
        for contender in CONTENDERS
    ]


def try_once(case: Case, contender: Contender) -> Verdict:
    """What becomes of the case's request at this contender."""
    function = contender.jobs.get(case.job)
    if function is None:
        return Verdict(False, f"left out: {contender.left_out[case.job]}")
    octets = case.octets()
    return judge(case.job, octets, function(octets))


def our_failures(entries: list[Entry]) -> list[Entry]:
    """Cases at which there is nothing to compare the others with."""
    return [each for each in entries if each.contender is OURS and not each.verdict.done]


def measure(plan: Plan) -> ProcessRecord:
    """All rounds of one process. Who fails a job at a case is not timed there."""
    lanes = [
        Lane(entry.name, entry.case.name, entry.contender.jobs[entry.case.job], entry.case.octets())
        for entry in enter_all()
        if entry.verdict.done
    ]
    distributions = [name for contender in CONTENDERS for name in contender.distributions]
    metadata = collect_metadata(distributions)
    timings = time_in_rounds(lanes, rounds=plan.rounds, slot=plan.slot, clock=perf_counter)
    return ProcessRecord(timings, metadata)


def measure_alone(plan: Plan) -> ProcessRecord:
    """As :func:`measure`, in a process that does nothing else."""
    # What was imported is no garbage, and need not be looked through in every round.
    gc.collect()
    gc.freeze()
    return measure(plan)
