"""What a run found, small enough to commit: medians and quartiles, and nothing of the machine.

The law of this file: a ratio is taken within one round before anything is summed up. A summary
says everything that the report, the aims and the chart say; they are made of it alone.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final, NamedTuple, final

from .contenders import OURS
from .handshakes import Compared, Extreme, HandshakeFigures, Times
from .imports import ImportTimes
from .memory import Weight
from .record import Metadata, ProcessRecord
from .run import Entry, Plan

ABOUT: Final = (
    "python_implementation",
    "python_version",
    "cpu_model_name",
    "cpu_count",
    "platform",
)
_LINE: Final = 120


@final
class Ratio(NamedTuple):
    """How many times as long as we somebody takes: the quartiles over all rounds."""

    lower: float
    median: float
    upper: float


@final
class Figure(NamedTuple):
    """One contender at one case, or its import."""

    contender: str
    seconds: float
    ratio: Ratio


@final
class CaseFigures(NamedTuple):
    """Everybody who was timed at one case."""

    name: str
    title: str
    section: str
    octets: int
    figures: tuple[Figure, ...]

    def figure(self, contender: str) -> Figure | None:
        """Of one contender, if it was timed."""
        return next((each for each in self.figures if each.contender == contender), None)


@final
class Shortfall(NamedTuple):
    """Something that was not done, or not wholly."""

    case: str
    contender: str
    timed: bool
    words: str


@final
class Summary(NamedTuple):
    """One run."""

    date: str
    about: Mapping[str, str | int | float]
    versions: Mapping[str, str]
    rounds: str
    loads: tuple[float, ...]
    cases: tuple[CaseFigures, ...]
    shortfalls: tuple[Shortfall, ...]
    weights: tuple[Weight, ...]
    connections: int
    imports: tuple[Figure, ...]
    handshakes: tuple[HandshakeFigures, ...]

    def case(self, name: str) -> CaseFigures:
        """By its name."""
        return next(each for each in self.cases if each.name == name)

    def weight(self, contender: str, state: str) -> Weight:
        """Of one contender's connection."""
        return next(each for each in self.weights if each[:2] == (contender, state))


def ratio_of(theirs: Sequence[float], ours: Sequence[float]) -> Ratio:
    """From times of the same rounds, in the same order."""
    per_round = [their / our for their, our in zip(theirs, ours, strict=True)]
    return Ratio(*quantiles(per_round, n=4, method="inclusive"))


def values_of(records: Iterable[ProcessRecord], lane: str) -> list[float]:
    """All times of one lane, in the order of processes and rounds."""
    return [
        value
        for record in records
        for timing in record.timings
        if timing.lane == lane
        for value in timing.values
    ]


def sum_up(
    plan: Plan,
    entries: Sequence[Entry],
    records: Sequence[ProcessRecord],
    weights: Sequence[Weight],
    imports: Sequence[ImportTimes],
    handshakes: tuple[HandshakeFigures, ...],
) -> Summary:
    """One run's times, weights, imports, and what all clients pay."""
    metadata = records[0].metadata
    prefix = "version_"
    return Summary(
        date=f"{metadata['date']}".partition(".")[0],
        about={name: metadata[name] for name in ABOUT if name in metadata},
        versions={
            name.removeprefix(prefix): f"{value}"
            for name, value in metadata.items()
            if name.startswith(prefix)
        },
        rounds=f"{plan.processes} processes of {plan.rounds} rounds",
        loads=tuple(_loads(each.metadata for each in records)),
        cases=tuple(_cases(entries, records)),
        shortfalls=tuple(
            Shortfall(entry.case.name, entry.contender.name, *entry.verdict)
            for entry in entries
            if entry.verdict.words
        ),
        weights=tuple(weights),
        connections=plan.connections,
        imports=tuple(_imports(imports)),
        handshakes=handshakes,
    )


def _loads(metadata: Iterable[Metadata]) -> Iterable[float]:
    return (float(each["load_avg_1min"]) for each in metadata if "load_avg_1min" in each)


def _cases(entries: Sequence[Entry], records: Sequence[ProcessRecord]) -> Iterable[CaseFigures]:
    for case in dict.fromkeys(entry.case for entry in entries):
        ours = values_of(records, f"{case.name}: {OURS.name}")
        figures = []
        for entry in entries:
            if entry.case == case and entry.verdict.done:
                theirs = values_of(records, entry.name)
                ratio = ratio_of(theirs, ours)
                figures.append(Figure(entry.contender.name, median(theirs), ratio))
        yield CaseFigures(
            case.name, case.title, case.section.value, len(case.octets()), tuple(figures)
        )


def _imports(imports: Sequence[ImportTimes]) -> Iterable[Figure]:
    assert OURS.module is not None
    ours = next((each.values for each in imports if each.module == OURS.module), ())
    for each in imports:
        yield Figure(each.module, median(each.values), ratio_of(each.values, ours))


# As a file.


def write_summary(summary: tuple[object, ...], file: Path) -> None:
    """In JSON; a file of that name is replaced. Four digits are more than a run can tell."""
    file.write_text(_compact(_plain(summary)) + "\n", encoding="utf-8")


def _compact(value: object, indent: int = 0) -> str:
    """JSON, with everything on one line that fits there."""
    line = json.dumps(value)
    if len(line) + indent <= _LINE or not isinstance(value, dict | list):
        return line
    pad = "\n" + " " * (indent + 1)
    if isinstance(value, list):
        return f"[{pad}{f',{pad}'.join(_compact(each, indent + 1) for each in value)}{pad[:-1]}]"
    members = (f"{json.dumps(name)}: {_compact(each, indent + 1)}" for name, each in value.items())
    return f"{{{pad}{f',{pad}'.join(members)}{pad[:-1]}}}"


def _plain(value: object) -> object:
    match value:
        case float():
            return float(f"{value:.4g}")
        case Mapping():
            return {name: _plain(each) for name, each in value.items()}
        case Ratio() | Extreme():
            return [_plain(each) for each in value]
        case tuple() if hasattr(value, "_asdict"):
            return _plain(value._asdict())
        case tuple():
            return [_plain(each) for each in value]
        case _:
            return value


def read_summary(file: Path) -> Summary:
    """What :func:`write_summary` wrote."""
    plain: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return Summary(
        **{
            **plain,
            "loads": tuple(plain["loads"]),
            "cases": tuple(
                CaseFigures(**{**each, "figures": _figures(each["figures"])})
                for each in plain["cases"]
            ),
            "shortfalls": tuple(Shortfall(**each) for each in plain["shortfalls"]),
            "weights": tuple(Weight(**each) for each in plain["weights"]),
            "imports": _figures(plain["imports"]),
            "handshakes": tuple(map(_handshakes, plain["handshakes"])),
        }
    )


def _handshakes(plain: dict[str, Any]) -> HandshakeFigures:
    times = (
        Times(each["contender"], each["median"], Extreme(*each["worst"]), Extreme(*each["spread"]))
        for each in plain["times"]
    )
    compared = (
        Compared(
            each["contender"],
            each["to"],
            Extreme(*each["least"]),
            each["median"],
            Extreme(*each["greatest"]),
        )
        for each in plain["compared"]
    )
    return HandshakeFigures(**{**plain, "times": tuple(times), "compared": tuple(compared)})


def _figures(plain: Iterable[dict[str, Any]]) -> tuple[Figure, ...]:
    return tuple(
        Figure(each["contender"], each["seconds"], Ratio(*each["ratio"])) for each in plain
    )
