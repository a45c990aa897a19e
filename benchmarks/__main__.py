"""``python -m benchmarks [--quick] [--output FILE] [--record]``, from the repository's root."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from .alone import alone
from .chart import write_charts
from .handshakes import HandshakeFigures
from .handshakes import measure_alone as measure_handshakes
from .handshakes import sum_up as sum_up_handshakes
from .imports import ImportTimes, import_in_rounds, modules
from .memory import Weight, subjects, weigh
from .page import write_pages
from .progress import end_progress, show_progress
from .record import build_suite, write_suite
from .report import describe_all
from .run import FULL, QUICK, Plan, enter_all, measure_alone, our_failures
from .summary import sum_up, write_summary

RECORDED: Final = Path(__file__).resolve().parent.parent / "docs" / "benchmarks" / "latest.json"


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
    records = [alone(measure_alone, plan, process) for process in range(plan.processes)]
    summary = sum_up(
        plan, entries, records, _weigh_all(plan), _import_all(plan), _all_clients(plan)
    )
    end_progress()
    if options.output is not None:
        write_suite(build_suite(records), options.output)
    if options.record:
        RECORDED.parent.mkdir(exist_ok=True)
        write_summary(summary, RECORDED)
        write_charts(RECORDED)
        write_pages()
    for line in describe_all(summary):
        print(line)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure httpupgrade beside its peers, on captured requests.",
    )
    parser.add_argument("--quick", action="store_true", help="a minute, with a wider spread")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write all times, in pyperf's JSON"
    )
    parser.add_argument(
        "--record",
        action="store_true",
        help="replace docs/benchmarks/: the summary and its charts; and the tables made of it",
    )
    return parser


def _all_clients(plan: Plan) -> tuple[HandshakeFigures, ...]:
    processes = range(plan.handshakes.processes)
    return sum_up_handshakes(
        [alone(measure_handshakes, plan.handshakes, process) for process in processes]
    )


def _weigh_all(plan: Plan) -> list[Weight]:
    weights = []
    for contender, state in subjects():
        show_progress(f"memory: {contender}, {state}")
        weights.append(alone(weigh, contender, state, plan.connections))
    return weights


def _import_all(plan: Plan) -> list[ImportTimes]:
    return import_in_rounds(
        modules(),
        rounds=plan.imports,
        tell=lambda number: show_progress(f"imports: round {number + 1} of {plan.imports}"),
    )


if __name__ == "__main__":
    sys.exit(main())
