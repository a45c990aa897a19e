"""What a run over the wire found: medians and quartiles, and nothing of the machine.

The law of this file: a ratio is taken within one round before anything is summed up. The report and
the aims are made of it alone.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple, final

from ..aims import Aim
from ..summary import ABOUT, Ratio, ratio_of
from .contenders import (
    AIOHTTP,
    OURS,
    PICOWS,
    UVICORN_H11,
    UVICORN_HTTPTOOLS,
    WEBSOCKETS,
)
from .exchanges import TITLES, Errand
from .run import Plan, Record, Shortfall


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

    def errand(self, errand: Errand) -> ErrandFigures:
        """What was found at it."""
        return next(each for each in self.errands if each.name == errand.value)


def sum_up(plan: Plan, records: Sequence[Record]) -> WireSummary:
    """One run's times."""
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
            yield Figure(
                name,
                1 / median(seconds),
                ratio_of(seconds, ours),
                median(ran) * 1e6,
                ratio_of(ran, ours_ran),
            )


def _series(
    errand: Errand, server: str, records: Sequence[Record]
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
    """Ahead of the servers in Python, level with the one in C."""
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
        }
    )


def _figure(plain: dict[str, Any]) -> Figure:
    return Figure(
        **{**plain, "ratio": Ratio(*plain["ratio"]), "processor": Ratio(*plain["processor"])}
    )
