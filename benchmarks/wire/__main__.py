"""``python -m benchmarks.wire [--quick] [--record]``, from the repository's root."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ..alone import alone
from ..page import write_pages
from ..progress import end_progress, show_progress
from ..summary import write_summary
from .figures import sum_up
from .report import describe_all
from .run import FULL, QUICK, measure_alone, our_failures
from .weights import subjects, weigh

RECORDED: Final = (
    Path(__file__).resolve().parent.parent.parent / "docs" / "benchmarks" / "wire.json"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if we fail an errand ourselves."""
    parser = ArgumentParser(
        prog="python -m benchmarks.wire",
        description="Measure the adapter for asyncio beside other servers, over loopback.",
    )
    parser.add_argument("--quick", action="store_true", help="seconds, with a wider spread")
    parser.add_argument("--record", action="store_true", help=f"replace {RECORDED.name}")
    options = parser.parse_args(arguments)
    return measure_all(quick=options.quick, record=options.record)


def measure_all(*, quick: bool, record: bool) -> int:
    """All processes of a plan, one behind the other."""
    plan = QUICK if quick else FULL
    records = [alone(measure_alone, plan, process) for process in range(plan.processes)]
    weights = []
    for contender, state in subjects():
        show_progress(f"memory: {contender.name}, {state}")
        weights.append(weigh(contender, state, plan.weighed))
    end_progress()
    failures = [each for every in records for each in our_failures(every)]
    for failure in failures:
        print(f"{failure.errand}: {failure.words}", file=sys.stderr)
    if failures:
        return 1
    summary = sum_up(plan, records, weights)
    if record:
        RECORDED.parent.mkdir(exist_ok=True)
        write_summary(summary, RECORDED)
        write_pages()
    for line in describe_all(summary):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
