"""One process's share of the rounds: all servers are there, and each is visited in turn.

The law of this file: two servers are compared in one round only. What a visit took is what the
clock says, and beside it what the server's process ran meanwhile.
"""

import gc
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import NamedTuple, final

from ..progress import show_progress
from ..record import collect_metadata, perf_counter
from ..timing import Lane, order_of_round
from .contenders import CONTENDERS, OURS, Contender
from .exchanges import Errand
from .processes import Process, pinned, processors, started
from .visits import VISITS, VisitError, visit


@final
class Plan(NamedTuple):
    """How much is measured."""

    processes: int
    """Of visitors, each with fresh servers."""
    rounds: int
    """In each of them."""
    slot: float
    """Seconds that each server is visited for, at least, in each round of each errand."""
    visits: int = 64
    """Connections, without a look at the clock."""
    weighed: int = 1000
    """Connections that are held at a time to see what one weighs."""


FULL = Plan(processes=3, rounds=8, slot=0.15)
QUICK = Plan(processes=1, rounds=4, slot=0.05, weighed=300)


class _Exchange(NamedTuple):
    seconds: float
    processor: float


@final
class Taken(NamedTuple):
    """Seconds for each exchange, one of each kind for each round."""

    errand: str
    server: str
    seconds: tuple[float, ...]
    processor: tuple[float, ...]
    """Seconds for which the server's process ran."""


@final
class Shortfall(NamedTuple):
    """What is not timed, and why."""

    errand: str
    server: str
    words: str


@final
class Record(NamedTuple):
    """What one process measured."""

    taken: tuple[Taken, ...]
    shortfalls: tuple[Shortfall, ...]
    metadata: Mapping[str, str | int | float]


def measure(
    plan: Plan,
    contenders: Sequence[Contender] = CONTENDERS,
    tell: Callable[[int], None] = lambda number: None,
) -> Record:
    """All rounds of one process. Who fails an errand once is not timed there."""
    distributions = {each for contender in contenders for each in contender.distributions}
    metadata = collect_metadata(sorted(distributions))
    with ExitStack() as stack:
        for_server, for_visitors = processors()
        running = {}
        for contender in contenders:
            process = stack.enter_context(started(contender.module, *contender.arguments))
            process.pin(for_server)
            running[contender] = process
        stack.enter_context(pinned(for_visitors))
        shortfalls = tuple(_try_all(running))
        failed = {(each.errand, each.server) for each in shortfalls}
        lanes = [
            Lane(contender.name, errand.value, _timed(process, errand, plan.visits), plan.slot)
            for errand in Errand
            for contender, process in running.items()
            if (errand.value, contender.name) not in failed
        ]
        return Record(tuple(_take(lanes, plan, tell)), shortfalls, metadata)


def measure_alone(plan: Plan, process: int) -> Record:
    """As :func:`measure`, in a process that does nothing else."""
    gc.collect()
    gc.freeze()
    return measure(
        plan,
        tell=lambda number: show_progress(
            f"wire: process {process + 1} of {plan.processes}, round {number + 1} of {plan.rounds}"
        ),
    )


def our_failures(record: Record) -> list[Shortfall]:
    """Errands at which there is nothing to compare the others with."""
    return [each for each in record.shortfalls if each.server == OURS.name]


def _try_all(running: Mapping[Contender, Process]) -> Iterable[Shortfall]:
    for contender, process in running.items():
        for errand in Errand:
            words = dict(contender.left_out).get(errand) or _try_once(process, errand)
            if words:
                yield Shortfall(errand.value, contender.name, words)


def _try_once(process: Process, errand: Errand) -> str:
    visitor, _ = VISITS[errand]
    try:
        visit(visitor, process.address, 2)
    except (VisitError, OSError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _timed(process: Process, errand: Errand, visits: int) -> Callable[[float], _Exchange]:
    visitor, exchanges = VISITS[errand]

    def take(slot: float) -> _Exchange:
        count = 0
        seconds = 0.0
        ran, start = process.processor_seconds(), perf_counter()
        while not count or seconds < slot:
            visit(visitor, process.address, visits)
            count += visits * exchanges
            seconds = perf_counter() - start
        return _Exchange(seconds / count, (process.processor_seconds() - ran) / count)

    return take


def _take(lanes: Sequence[Lane], plan: Plan, tell: Callable[[int], None]) -> Iterable[Taken]:
    series: list[list[_Exchange]] = [[] for _ in lanes]
    # What is made once, at a first visit, belongs to no round.
    for number in range(-1, plan.rounds):
        tell(max(number, 0))
        for place in order_of_round(lanes, number):
            gc.collect()
            exchange = lanes[place].function(lanes[place].given)
            assert isinstance(exchange, _Exchange)
            series[place].append(exchange)
    for lane, values in zip(lanes, series, strict=True):
        counted = values[1:]
        yield Taken(
            lane.case,
            lane.name,
            tuple(each.seconds for each in counted),
            tuple(each.processor for each in counted),
        )
