"""``python -m pythons``: the tests of the core, on every Python interpreter that can be found.

Arguments go to pytest. ``PYTHONS`` in the environment names further interpreters. The exit status
is 0 only if every run passed and all came to the same outcomes; with CI=true in the environment,
only if nothing was left out and four minor versions of CPython were run, and one older than 3.11.5.
"""

import os
import shlex
import sys
from collections.abc import Sequence
from functools import partial

from .downloads import fetch_packages, fetch_release, missing
from .interpreters import Interpreter, UnavailableError, find, places
from .runs import Job, Result, complaints, in_webassembly, line, native, run_all
from .verdict import compared, disagreements, gaps

say = partial(print, flush=True)


def main(arguments: Sequence[str]) -> int:
    """Find interpreters, run the tests, print a table. Returns the exit status."""
    try:
        fetch_packages()
        found = find(shlex.split(os.environ.get("PYTHONS", "")), places())
    except UnavailableError as error:
        say(f"error: {error}")
        return 1
    jobs, left_out = plan(found, ["--core", *arguments])
    results = run_all(jobs, say)
    return conclude(results, left_out, required=os.environ.get("CI") == "true")


def plan(found: Sequence[Interpreter], arguments: Sequence[str]) -> tuple[list[Job], list[str]]:
    """What to run, the slowest first, and what cannot be run."""
    jobs, left_out = [], []
    for release in missing(found):
        try:
            fetch_release(release)
            jobs.append(in_webassembly(release, arguments))
        except UnavailableError as error:
            version = ".".join(map(str, release.version))
            left_out.append(f"CPython {version} in WebAssembly: {error}")
    return jobs + [native(each, arguments) for each in found], left_out


def conclude(results: Sequence[Result], left_out: Sequence[str], *, required: bool) -> int:
    """Print the failures, one line for each run, and what is missing. Returns the exit status."""
    for result in results:
        if not result.passed:
            say(f"\n{result.name} failed:", *complaints(result), sep="\n")
    say()
    for result in sorted(results, key=lambda each: each.version or ()):
        say(line(result))
    for each in left_out:
        say(f"left out: {each}")
    for each in (*gaps(results), *disagreements(results)):
        say(each)
    say(compared(results))
    failed = not all(result.passed for result in results) or bool(disagreements(results))
    incomplete = bool(left_out or gaps(results))
    return int(failed or (required and incomplete))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
