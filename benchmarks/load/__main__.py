"""``python -m benchmarks.load [--quick] [--record]``, from the repository's root."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple, final

from ..alone import alone
from ..progress import end_progress, show_progress
from ..record import collect_metadata
from ..summary import ABOUT, write_summary
from ..wire.contenders import (
    ADAPTED_H11,
    ADAPTED_HTTPTOOLS,
    AIOHTTP,
    OURS,
    PICOWS,
    UVICORN_H11,
    UVICORN_HTTPTOOLS,
    WEBSOCKETS,
    Contender,
)
from . import cases
from .cases import Figures, Outcome
from .crowd import room_for
from .report import describe

RECORDED: Final = (
    Path(__file__).resolve().parent.parent.parent / "docs" / "benchmarks" / "load.json"
)

_SERVERS: Final = (
    OURS,
    WEBSOCKETS,
    AIOHTTP,
    PICOWS,
    UVICORN_H11,
    UVICORN_HTTPTOOLS,
    ADAPTED_HTTPTOOLS,
    ADAPTED_H11,
)
_REQUIRED: Final = OURS._replace(name="the same, required", arguments=("required",))


@final
class Plan(NamedTuple):
    """How much is done."""

    half: int
    creeping: int
    broken: int
    early: int
    raising: int
    timeout: float
    """Seconds that servers give a head, where they can be told."""


FULL = Plan(half=5000, creeping=2000, broken=10_000, early=50, raising=200, timeout=5.0)
QUICK = Plan(half=1000, creeping=300, broken=1000, early=5, raising=20, timeout=2.0)


@final
class Load(NamedTuple):
    """One run."""

    date: str
    about: Mapping[str, str | int | float]
    versions: Mapping[str, str]
    outcomes: tuple[Outcome, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Do all of it, and print."""
    parser = ArgumentParser(
        prog="python -m benchmarks.load",
        description="Visit the adapters, and other servers, with no good in mind.",
    )
    parser.add_argument("--quick", action="store_true", help="fewer connections")
    parser.add_argument("--record", action="store_true", help=f"replace {RECORDED.name}")
    options = parser.parse_args(arguments)
    plan = QUICK if options.quick else FULL
    metadata = collect_metadata(sorted({each for one in _SERVERS for each in one.distributions}))
    outcomes: list[Outcome] = []
    for case, doings in _all_cases(plan):
        found = []
        for server, do in doings:
            show_progress(f"load: {case}: {server}")
            found.append(Outcome(case, server, alone(do)))
        end_progress()
        for line in describe(case, found):
            print(line, flush=True)
        outcomes += found
    if options.record:
        versions = {
            name.removeprefix("version_"): f"{value}"
            for name, value in metadata.items()
            if name.startswith("version_")
        }
        about: dict[str, str | int | float] = {
            name: metadata[name] for name in ABOUT if name in metadata
        }
        date = f"{metadata['date']}".partition(".")[0]
        write_summary(Load(date, about, versions, tuple(outcomes)), RECORDED)
    return 0


_Doings = Sequence[tuple[str, Callable[[], Figures]]]


def _all_cases(plan: Plan) -> Iterator[tuple[str, _Doings]]:
    count = room_for(plan.half)

    def at(do: Callable[[Contender], Figures], servers: Sequence[Contender] = _SERVERS) -> _Doings:
        return [(each.name, partial(do, each)) for each in servers]

    yield (
        f"{count} connections with half a handshake; {plan.timeout:g} s for a head",
        at(partial(cases.half, count=count, timeout=plan.timeout)),
    )
    yield (
        f"{plan.creeping} clients of an octet a second; {plan.timeout:g} s for a head",
        at(partial(cases.creep, count=plan.creeping, timeout=plan.timeout)),
    )
    yield (
        f"{plan.broken} connections closed in the middle of a head",
        at(partial(cases.break_off, count=plan.broken, reset=False)),
    )
    yield (
        f"{plan.broken} connections reset in the middle of a head",
        at(partial(cases.break_off, count=plan.broken, reset=True)),
    )
    yield (
        "10 MiB of header in one line",
        at(partial(cases.overflow, size=10 << 20, lines=False), (OURS, _REQUIRED, *_SERVERS[1:])),
    )
    yield (
        "10 MiB of header in lines of 1 KiB",
        at(partial(cases.overflow, size=10 << 20, lines=True), (OURS, _REQUIRED, *_SERVERS[1:])),
    )
    yield (
        "A pipeline: 31 GETs, a handshake, 32 messages, in one write",
        at(partial(cases.pipeline, before=31, behind=32)),
    )
    yield (
        "The same, each GET for another target",
        [(OURS.name, partial(cases.targets, before=31, behind=32))],
    )
    yield (
        "A message in the same write as the handshake",
        at(partial(cases.early, count=plan.early)),
    )
    yield "Callables that raise", [(OURS.name, partial(cases.raising, plan.raising))]


if __name__ == "__main__":
    sys.exit(main())
