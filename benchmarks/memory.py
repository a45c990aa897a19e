"""How much one connection weighs before it has decided: idle, and half-way through a handshake.

The law of this file: one process for one figure, which weighs twice: the growth of the resident set
first, in which what C allocates shows and everything is rounded to pages, and then what Python's
allocator was asked for. Lists that hold the connections are not counted.
"""

import gc
import os
import tracemalloc
from collections.abc import Callable
from typing import Final, NamedTuple, final

import psutil  # type: ignore[import-untyped]

from .cases import CASES
from .contenders import CONTENDERS

STATES: Final = ("idle", "half-fed")


@final
class Weight(NamedTuple):
    """What one connection of a contender holds, in octets."""

    contender: str
    state: str
    traced: float
    """Of Python's allocator. What a C library allocates by itself is not in it."""
    resident: float
    """Growth of the process."""


def subjects() -> list[tuple[str, str]]:
    """Whose connections are weighed, in which states."""
    return [(each.name, state) for each in CONTENDERS if each.hold for state in STATES]


def weigh(contender: str, state: str, connections: int) -> Weight:
    """One of :func:`subjects`. To be called once in a process."""
    hold = next(each.hold for each in CONTENDERS if each.name == contender and each.hold)
    octets = _half_of_a_handshake() if state == "half-fed" else b""

    def make() -> object:
        return hold(octets)

    make()  # what is made once for all, at first use
    resident = _growth(make, connections, psutil.Process(os.getpid()).memory_info)
    tracemalloc.start()
    try:
        traced = traced_growth(make, connections)
    finally:
        tracemalloc.stop()
    return Weight(contender, state, traced, resident)


def traced_growth(make: Callable[[], object], count: int) -> float:
    """Octets of Python's allocator for each of ``count`` things. Tracing has begun."""
    kept: list[object] = [None] * count
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    for place in range(count):
        kept[place] = make()
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    return (after - before) / count


def _growth(make: Callable[[], object], count: int, memory: Callable[[], tuple[int, ...]]) -> float:
    kept: list[object] = [None] * count
    gc.collect()
    before = memory()[0]
    for place in range(count):
        kept[place] = make()
    gc.collect()
    return (memory()[0] - before) / count


def _half_of_a_handshake() -> bytes:
    (octets,) = (case.octets() for case in CASES if case.name == "101-chromium")
    return octets[: len(octets) // 2]
