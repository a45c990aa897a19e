"""The figures as text: ratios of the same rounds, with their spread.

The law of this file: a time is the machine's business and stands beside; what is claimed is a
ratio, and every ratio is taken within one round before anything is summed up.
"""

from collections.abc import Iterable, Iterator, Sequence
from statistics import median, quantiles
from typing import Final, NamedTuple, final

from .contenders import OURS
from .record import ProcessRecord
from .run import Entry, Plan

# One process runs at a time. More load than this is somebody else's.
_OWN_LOAD: Final = 1.3


@final
class Ratio(NamedTuple):
    """How many times as long as we somebody takes: the quartiles over all rounds."""

    lower: float
    median: float
    upper: float


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


def describe_all(
    plan: Plan, entries: Sequence[Entry], records: Sequence[ProcessRecord]
) -> Iterator[str]:
    """The whole report, line by line."""
    yield from describe_run(plan, records)
    yield from describe_figures(entries, records)
    yield from describe_shortfalls(entries)


def describe_run(plan: Plan, records: Sequence[ProcessRecord]) -> Iterator[str]:
    """Where, when and what."""
    metadata = records[0].metadata
    yield f"Time per request as a multiple of {OURS.name}'s: below 1 is faster than {OURS.name}."
    yield f"{metadata['date']}".partition(".")[0]
    yield (
        f"{metadata['python_implementation']} {metadata['python_version']},"
        f" {metadata.get('cpu_model_name', 'unknown CPU')}, {metadata['cpu_count']} CPUs,"
        f" {metadata['platform']}"
    )
    yield ", ".join(
        f"{name.removeprefix('version_')} {value}"
        for name, value in metadata.items()
        if name.startswith("version_")
    )
    yield f"{plan.processes} processes of {plan.rounds} rounds"
    loads = [load for each in records if (load := each.metadata.get("load_avg_1min")) is not None]
    if loads:
        yield f"load average as each process began: {', '.join(f'{load:.2f}' for load in loads)}"
    if any(float(load) > _OWN_LOAD for load in loads):
        yield "Other work ran meanwhile: read the ratios, with their spread, and not the times."


def describe_figures(entries: Sequence[Entry], records: Sequence[ProcessRecord]) -> Iterator[str]:
    """A table for each case."""
    for case in dict.fromkeys(entry.case for entry in entries):
        timed = [each for each in entries if each.case == case and each.verdict.done]
        ours = values_of(records, f"{case.name}: {OURS.name}")
        yield ""
        yield f"{case.title} ({case.name}, {len(case.octets())} octets)"
        yield f"  {'':32}{'ratio':>7}   {'quartiles':14}   {'time':>9}"
        for entry in timed:
            theirs = values_of(records, entry.name)
            ratio = ratio_of(theirs, ours)
            spread = "" if entry.contender is OURS else f"{ratio.lower:.2f} to {ratio.upper:.2f}"
            yield (
                f"  {entry.contender.name:32}{ratio.median:>7.2f}   {spread:14}"
                f"   {median(theirs) * 1e6:>6.1f} us"
            )


def describe_shortfalls(entries: Sequence[Entry]) -> Iterator[str]:
    """Who did something else, and whose answers lack something."""
    short = [entry for entry in entries if entry.verdict.words]
    for heading, done in (
        ("Not timed, because it does something else:", False),
        ("Timed, although something is missing:", True),
    ):
        concerned = [entry for entry in short if entry.verdict.done is done]
        if concerned:
            yield ""
            yield heading
        for entry in concerned:
            yield f"  {entry.case.name:22}{entry.contender.name:16}{entry.verdict.words}"
