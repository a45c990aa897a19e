"""What a run over the wire found: medians and quartiles, and nothing of the machine.

The law of this file: a ratio is taken within one round before anything is summed up. The report and
the aims are made of it alone.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple, final

from ..aims import Aim
from ..summary import ABOUT, Ratio, ratio_of
from .contenders import (
    ADAPTED,
    AIOHTTP,
    BARE,
    CONTENDERS,
    OURS,
    PICOWS,
    UVICORN_H11,
    UVICORN_HTTPTOOLS,
    WEBSOCKETS,
)
from .exchanges import TITLES, Errand
from .run import Plan, Record, Shortfall
from .weights import Weight

_BASES: Final = {each.name: each.base for each in CONTENDERS}


@final
class Figure(NamedTuple):
    """One server at one errand."""

    server: str
    per_second: float
    ratio: Ratio
    """Its time as a multiple of ours, by the clock."""
    microseconds: float
    """That its process ran for each exchange."""
    processor: Ratio
    """The same as a multiple of ours."""
    base: str | None
    """The server that it is an addition to."""
    to_base: Ratio | None
    """Its time as a multiple of that server's, by the clock."""
    processor_to_base: Ratio | None
    """What its process ran, as a multiple of the same."""


@final
class ErrandFigures(NamedTuple):
    """Everybody who was visited for something."""

    name: str
    title: str
    figures: tuple[Figure, ...]

    def figure(self, server: str) -> Figure | None:
        """Of one server, if it was timed."""
        return next((each for each in self.figures if each.server == server), None)


@final
class WireSummary(NamedTuple):
    """One run."""

    date: str
    about: Mapping[str, str | int | float]
    versions: Mapping[str, str]
    rounds: str
    loads: tuple[float, ...]
    errands: tuple[ErrandFigures, ...]
    shortfalls: tuple[Shortfall, ...]
    weights: tuple[Weight, ...]
    connections: int

    def errand(self, errand: Errand) -> ErrandFigures:
        """What was found at it."""
        return next(each for each in self.errands if each.name == errand.value)

    def weight(self, server: str, state: str) -> float:
        """Of one server's connection."""
        return next(each.octets for each in self.weights if each[:2] == (server, state))


def sum_up(plan: Plan, records: Sequence[Record], weights: Sequence[Weight]) -> WireSummary:
    """One run's times and weights."""
    metadata = records[0].metadata
    prefix = "version_"
    return WireSummary(
        date=f"{metadata['date']}".partition(".")[0],
        about={name: metadata[name] for name in ABOUT if name in metadata},
        versions={
            name.removeprefix(prefix): f"{value}"
            for name, value in metadata.items()
            if name.startswith(prefix)
        },
        rounds=f"{plan.processes} processes of {plan.rounds} rounds",
        loads=tuple(
            float(each.metadata["load_avg_1min"])
            for each in records
            if "load_avg_1min" in each.metadata
        ),
        errands=tuple(
            ErrandFigures(errand.value, TITLES[errand], tuple(_figures(errand, records)))
            for errand in Errand
        ),
        shortfalls=tuple(dict.fromkeys(each for record in records for each in record.shortfalls)),
        weights=tuple(weights),
        connections=plan.weighed,
    )


def _figures(errand: Errand, records: Sequence[Record]) -> Iterable[Figure]:
    failed = {
        each.server
        for record in records
        for each in record.shortfalls
        if each.errand == errand.value
    }
    names = dict.fromkeys(
        each.server for record in records for each in record.taken if each.errand == errand.value
    )
    ours, ours_ran = _series(errand, OURS.name, records)
    for name in names:
        if name not in failed:
            seconds, ran = _series(errand, name, records)
            base = _BASES.get(name)
            timed = base is not None and base in names and base not in failed
            base_seconds, base_ran = _series(errand, base, records) if timed else ([], [])
            yield Figure(
                name,
                1 / median(seconds),
                ratio_of(seconds, ours),
                median(ran) * 1e6,
                ratio_of(ran, ours_ran),
                base if timed else None,
                ratio_of(seconds, base_seconds) if timed else None,
                ratio_of(ran, base_ran) if timed else None,
            )


def _series(
    errand: Errand, server: str | None, records: Sequence[Record]
) -> tuple[list[float], list[float]]:
    taken = [
        each
        for record in records
        for each in record.taken
        if (each.errand, each.server) == (errand.value, server)
    ]
    return (
        [value for each in taken for value in each.seconds],
        [value for each in taken for value in each.processor],
    )


def aims_of(summary: WireSummary) -> Iterator[Aim]:
    """What an adapter adds; and ahead of the servers in Python, level with the one in C."""
    for errand in Errand:
        for server in ADAPTED:
            figure = summary.errand(errand).figure(server.name)
            if figure is not None and figure.processor_to_base is not None:
                words = f"{errand.value}: {server.name}: CPU / {figure.base}"
                yield Aim(words, figure.processor_to_base.median, 1.15)
    ours = summary.errand(Errand.KEEP).figure(OURS.name)
    if ours is not None and ours.processor_to_base is not None:
        words = f"{Errand.KEEP.value}: {OURS.name}: CPU / {BARE.name}"
        yield Aim(words, ours.processor_to_base.median, 1.6)
    for errand in Errand:
        for server in (WEBSOCKETS, AIOHTTP, UVICORN_H11, UVICORN_HTTPTOOLS, PICOWS):
            figure = summary.errand(errand).figure(server.name)
            if figure is not None:
                bound = 0.95 if server is PICOWS else 1.0
                words = f"{errand.value}: time of {server.name} as a multiple of ours"
                yield Aim(words, figure.ratio.median, bound, at_least=True)


def read_summary(file: Path) -> WireSummary:
    """What ``..summary.write_summary`` wrote."""
    plain: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return WireSummary(
        **{
            **plain,
            "loads": tuple(plain["loads"]),
            "errands": tuple(
                ErrandFigures(
                    each["name"], each["title"], tuple(_figure(one) for one in each["figures"])
                )
                for each in plain["errands"]
            ),
            "shortfalls": tuple(Shortfall(**each) for each in plain["shortfalls"]),
            "weights": tuple(Weight(**each) for each in plain["weights"]),
        }
    )


_RATIOS: Final = ("ratio", "processor", "to_base", "processor_to_base")


def _figure(plain: dict[str, Any]) -> Figure:
    ratios = {name: plain[name] and Ratio(*plain[name]) for name in _RATIOS}
    return Figure(**{**plain, **ratios})
