"""``python -m benchmarks [--quick] [--output FILE]``, from the root of the repository."""

import argparse
import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from .record import ProcessRecord, build_suite, write_suite
from .report import describe_all
from .run import FULL, QUICK, Plan, enter_all, measure_alone, our_failures


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if we fail a job ourselves, 2 if something is missing."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.output is not None and not options.output.parent.is_dir():
        parser.error(f"no directory for {options.output}")
    try:
        entries = enter_all()
    except FileNotFoundError as error:
        print(f"no capture: {error.filename}", file=sys.stderr)
        return 2
    failures = our_failures(entries)
    for failure in failures:
        print(f"{failure.name}: {failure.verdict.words}", file=sys.stderr)
    if failures:
        return 1
    plan = QUICK if options.quick else FULL
    records = _measure_in_processes(plan)
    if options.output is not None:
        write_suite(build_suite(records), options.output)
    for line in describe_all(plan, entries, records):
        print(line)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Time httpupgrade beside its peers on captured requests.",
    )
    parser.add_argument("--quick", action="store_true", help="seconds, with a wider spread")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write all times, in pyperf's JSON"
    )
    return parser


def _measure_in_processes(plan: Plan) -> list[ProcessRecord]:
    """One process behind the other: never two at once."""
    records = []
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as pool:
        for number in range(plan.processes):
            print(f"process {number + 1} of {plan.processes} ...", file=sys.stderr)
            records.append(pool.submit(measure_alone, plan).result())
    return records


if __name__ == "__main__":
    sys.exit(main())
