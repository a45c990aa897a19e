"""``python -m demo``. The exit status is 0 only if everything came out as expected."""

import argparse
import asyncio
import io
import sys
from pathlib import Path

from .corpus import DEFAULT, CorpusError, load
from .replay import replay_all
from .report import Report
from .scenes import SCENES, play_all


def main() -> int:
    """Run the demo."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument(
        "--corpus", type=Path, default=DEFAULT, help="a directory with index.json and captures"
    )
    arguments = parser.parse_args()
    try:
        captures = load(arguments.corpus)
    except CorpusError as error:
        print(f"demo: no corpus: {error}", file=sys.stderr)
        return 2
    if isinstance(sys.stdout, io.TextIOWrapper):  # a log may be ASCII; the index need not be
        sys.stdout.reconfigure(errors="backslashreplace")
    report = Report()
    report.say("> is what a client sent, < what it got, = what was decided in between")
    asyncio.run(play_all(report, SCENES))
    replay_all(captures, report)
    return 0 if report.conclude() else 1


if __name__ == "__main__":
    sys.exit(main())
