"""``python -m mutants``: does a test notice when a function is changed?

Tries the mutants of the source files that differ from a commit, or of the ones that are named.
What is known of a function that has not changed since is not tried again.
"""

import argparse
import math
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from .equivalent import EQUIVALENT
from .layers import ROOT
from .mutations import Mutant, mutants
from .runs import Runs
from .score import interval

say = partial(print, flush=True)


def main(arguments: Sequence[str]) -> int:
    """Try mutants, and print what became of them. Returns the exit status."""
    options = _parser().parse_args(arguments)
    if options.paths:
        files = _files(options.paths)
    else:
        try:
            files = changed(options.since or fork_point())
        except (OSError, subprocess.CalledProcessError):
            say("error: git cannot say what has changed; name files or folders of src/")
            return 2
        if not files:
            say("No source file has changed. Name files or folders of src/ to try theirs.")
            return 0
    say(f"making the mutants of {len(files)} files")
    chosen = [each for path in files for each in mutants(path)]
    # In no order, so that a run that is broken off has tried a fair part of all.
    random.Random(options.seed).shuffle(chosen)
    chosen = chosen[: options.sample]
    until = time.time() + 60 * options.minutes
    runs = Runs(Path(".mutants"), options.jobs, until, say, options.tests)
    if options.again:
        record = runs.record()
        record.forget([each for each, outcome in record.outcomes(chosen) if not outcome.noticed])
        record.save()
    try:
        runs.run(chosen)
    except ChildProcessError as error:
        say(f"error: {error}")
        return 3
    return _tell(chosen, runs, options)


def _tell(chosen: Sequence[Mutant], runs: Runs, options: argparse.Namespace) -> int:
    """Print those that live, and the score."""
    tried = list(runs.record().outcomes(chosen))
    living = [mutant for mutant, outcome in tried if not outcome.noticed]
    equivalent = [each for each in living if EQUIVALENT.get(each.name)]
    for each in living:
        if each not in equivalent:
            say(each.diff() if options.diff else f"{each.path}:{each.line} {each.name}")
    killed, of = len(tried) - len(living), len(tried) - len(equivalent)
    say(f"{killed} of {of} mutants were noticed" + (f": {killed / of:.1%}" if of else ""))
    if equivalent:
        say(f"{len(equivalent)} more change nothing that can be seen (tests/mutants/equivalent.py)")
    if options.sample is not None:
        low, high = interval(killed, of)
        say(f"of all that these were drawn from: {low:.1%} to {high:.1%} (95 %)")
    if len(tried) < len(chosen):
        say(f"{len(chosen) - len(tried)} were not tried; the next run goes on with them")
    return 0 if killed == of and len(tried) == len(chosen) else 1


def _files(paths: Sequence[Path]) -> list[Path]:
    found = [
        each for path in paths for each in (sorted(path.rglob("*.py")) if path.is_dir() else [path])
    ]
    return [each.resolve().relative_to(Path.cwd()) for each in found]


def changed(since: str) -> list[Path]:
    """Source files that differ from a commit, new ones with them."""
    lines = [
        *_git("diff", "--name-only", "--diff-filter=d", since, "--", str(ROOT)),
        *_git("ls-files", "--others", "--exclude-standard", "--", str(ROOT)),
    ]
    return [Path(each) for each in sorted(set(lines)) if each.endswith(".py")]


def fork_point() -> str:
    """Where the work of this branch began, as far as git knows of the one that it is for."""
    if not _git("branch", "--remotes", "--list", "origin/main"):
        return "HEAD"
    return _git("merge-base", "HEAD", "origin/main")[0]


def _git(*arguments: str) -> list[str]:
    command = ["git", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m mutants", description=__doc__)
    add = parser.add_argument
    add("paths", nargs="*", type=Path, help="files or folders of src/")
    add("--since", metavar="COMMIT", help="(default: where this branch left origin/main)")
    add("--tests", nargs="+", default=(), metavar="PATH", help="ask these, not the layer's own")
    add("--sample", type=int, metavar="N", help="so many of them, drawn at random")
    add("--seed", type=int, default=1, help="of the draw (default: %(default)s)")
    add("--again", action="store_true", help="try again those that were not noticed")
    add("--minutes", type=float, default=math.inf, help="begin none after so many")
    add("--jobs", type=int, default=os.cpu_count(), help="at once (default: %(default)s)")
    add("--diff", action="store_true", help="print each change whole")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
