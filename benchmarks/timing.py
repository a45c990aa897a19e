"""Rounds in which every contender is timed in turn, so that whatever slows one slows its rivals.

The law of this file: it times functions and knows no contender. The clock is an argument.
"""

import gc
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any, NamedTuple, final

Clock = Callable[[], float]


@final
class Lane(NamedTuple):
    """One contender at one case."""

    name: str
    case: str
    function: Callable[[Any], object]
    given: Any


@final
class Timing(NamedTuple):
    """What one process measured for one lane."""

    lane: str
    loops: int
    warmup: float
    """Seconds per call of the slot that settled ``loops``."""
    values: tuple[float, ...]
    """Seconds per call, one for each round, in the order of the rounds."""


def time_in_rounds(
    lanes: Sequence[Lane],
    *,
    rounds: int,
    slot: float,
    clock: Clock,
    tell: Callable[[int], None] = lambda number: None,
) -> list[Timing]:
    """Time every lane once in each round; lanes of one case stand side by side.

    ``slot`` is how many seconds one lane runs at least, before another has its turn. ``tell`` hears
    the number of each round as it begins.
    """
    loops, warmups = [], []
    for lane in lanes:
        count, seconds = calibrate(lane, slot, clock)
        loops.append(count)
        warmups.append(seconds / count)
    values: list[list[float]] = [[] for _ in lanes]
    for number in range(rounds):
        tell(number)
        for place in order_of_round(lanes, number):
            # Each slot pays for its own garbage, and finds none of its predecessor's.
            gc.collect()
            values[place].append(_run(lanes[place], loops[place], clock) / loops[place])
    return [
        Timing(lane.name, count, warmup, tuple(series))
        for lane, count, warmup, series in zip(lanes, loops, warmups, values, strict=True)
    ]


def calibrate(lane: Lane, slot: float, clock: Clock) -> tuple[int, float]:
    """How many calls fill a slot, and how long they took.

    They have to fill it twice: the first calls of all pay for what is made once, and one that is
    held up by something else would leave a lane with slots of a few calls for the whole run.
    """
    loops = 1
    while True:
        seconds = _run(lane, loops, clock)
        if seconds >= slot:
            seconds = min(seconds, _run(lane, loops, clock))
        if seconds >= slot:
            return loops, seconds
        loops *= 2


def order_of_round(lanes: Sequence[Lane], number: int) -> list[int]:
    """The places of the lanes in the order of their turns.

    Cases keep their order. Within a case another lane begins in each round, and odd rounds go
    backwards, so that nobody always runs behind the same rival.
    """
    order: list[int] = []
    for case in dict.fromkeys(lane.case for lane in lanes):
        places = [place for place, lane in enumerate(lanes) if lane.case == case]
        first = number % len(places)
        turns = places[first:] + places[:first]
        order += reversed(turns) if number % 2 else turns
    return order


def _run(lane: Lane, loops: int, clock: Clock) -> float:
    function, given = lane.function, lane.given
    turns = repeat(None, loops)
    start = clock()
    for _ in turns:
        function(given)
    return clock() - start
