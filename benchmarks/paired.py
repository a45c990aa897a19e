"""This tree beside another one: ``python -m benchmarks.paired ../other/src [CASE ...]``.

Rules for this module: both trees run in one process and in the same rounds, so what slows one slows
the other. It compares our own times only, and records nothing.
"""

import gc
import math
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from .cases import CASES, Case
from .contender import Contender
from .contenders import OURS
from .other_tree import contender_of
from .timing import Lane, Timing, time_in_rounds

ROUNDS: Final = 60
SLOT: Final = 0.004
"""Seconds that each tree runs at least in each round of each case."""


def compare(cases: Sequence[Case], other: Contender, rounds: int, slot: float) -> list[str]:
    """One line for each case: the times of both, and ours as a multiple of the other's."""
    trees = {"other": other, "this": OURS}
    lanes = [
        Lane(name, case.name, work.run, work.prepare(case.octets()))
        for case in cases
        for name, tree in trees.items()
        if (work := tree.jobs.get(case.job)) is not None and case.job in other.jobs
    ]
    timings = time_in_rounds(lanes, rounds=rounds, slot=slot, clock=time.thread_time)
    return [
        describe(lanes[place].case, *timings[place : place + 2])
        for place in range(0, len(lanes), 2)
    ]


def describe(case: str, other: Timing, this: Timing) -> str:
    """The least time of each, the ratio of those, and the median of the ratios in each round."""
    least_other, least = min(other.values), min(this.values)
    ratios = [mine / theirs for mine, theirs in zip(this.values, other.values, strict=True)]
    low, high = interval_of_median(ratios)
    return (
        f"{case:24} {least_other * 1e6:9.2f} µs {least * 1e6:9.2f} µs"
        f"  minima {least / least_other:.3f}"
        f"  median {statistics.median(ratios):.3f} [{low:.3f}, {high:.3f}]"
    )


def interval_of_median(values: Sequence[float]) -> tuple[float, float]:
    """Between which of the values the median lies, in 95 of 100 cases (binomial ranks)."""
    ranked = sorted(values)
    rank = round(len(ranked) / 2 - 0.98 * math.sqrt(len(ranked)))
    low = max(rank - 1, 0)
    return ranked[low], ranked[len(ranked) - 1 - low]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 2 if an argument names nothing."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    wanted = set(given[1:])
    cases = [case for case in CASES if not wanted or case.name in wanted]
    source = Path(given[0]) if given else Path()
    if not (source / "httpupgrade").is_dir() or wanted - {case.name for case in cases}:
        print("python -m benchmarks.paired DIRECTORY [CASE ...]", file=sys.stderr)
        return 2
    other = contender_of(source)
    gc.collect()
    gc.freeze()
    print(f"{'case':24} {'other':>12} {'this':>12}")
    for line in compare(cases, other, ROUNDS, SLOT):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
