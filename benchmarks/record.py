"""Timings as pyperf's own objects and files, so that pyperf's tools read them.

The law of this file: it alone knows pyperf. Metadata names the machine's kind, never the machine
itself, its user or its paths: files with it are committed.
"""

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple, final

import pyperf  # type: ignore[import-untyped]

from .timing import Timing

perf_counter: Final = pyperf.perf_counter

Metadata = Mapping[str, str | int | float]

_KEPT: Final = (
    "aslr",
    "cpu_affinity",
    "cpu_config",
    "cpu_count",
    "cpu_freq",
    "cpu_model_name",
    "date",
    "load_avg_1min",
    "python_compiler",
    "python_implementation",
    "python_version",
    "timer",
)


@final
class ProcessRecord(NamedTuple):
    """What one process measured, and in what surroundings."""

    timings: list[Timing]
    metadata: Metadata


def collect_metadata(distributions: Sequence[str]) -> dict[str, str | int | float]:
    """The kind of machine, Python, the time, the load, and the versions of the contenders."""
    everything = pyperf.Run([1.0]).get_metadata()
    metadata = {name: everything[name] for name in _KEPT if name in everything}
    # A kernel's whole release may tell whose machine it is.
    metadata["platform"] = f"{platform.system()} {platform.machine()}"
    metadata["perf_version"] = pyperf.__version__
    for distribution in distributions:
        metadata[f"version_{distribution}"] = version(distribution)
    return metadata


def build_suite(records: Sequence[ProcessRecord]) -> pyperf.BenchmarkSuite:
    """One benchmark for each lane, one run in it for each process.

    The n-th value of each run belongs to the n-th round, in all benchmarks alike.
    """
    return pyperf.BenchmarkSuite(
        [
            pyperf.Benchmark([_run(record, place) for record in records])
            for place in range(len(records[0].timings))
        ]
    )


def _run(record: ProcessRecord, place: int) -> pyperf.Run:
    timing = record.timings[place]
    metadata = {**record.metadata, "name": timing.lane, "unit": "second", "loops": timing.loops}
    return pyperf.Run(
        timing.values,
        warmups=[(timing.loops, timing.warmup)],
        metadata=metadata,
        collect_metadata=False,
    )


def write_suite(suite: pyperf.BenchmarkSuite, file: Path) -> None:
    """In pyperf's JSON; a file of that name is replaced."""
    suite.dump(str(file), replace=True)
