"""Run the tests of the core in one interpreter, and read what it reports.

Rules for this module: the version in a result is the one that the run itself reported. What pytest
prints goes to a log file.
"""

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Timer
from time import monotonic
from typing import Any, Final, NamedTuple, final

from . import MARK
from .downloads import HOME, PACKAGES, ROOT, Release
from .interpreters import Interpreter

_SECONDS: Final = 1800.0
_AT_ONCE: Final = 2
_SHOWN: Final = 15
_CACHE: Final = HOME / "pycache"


@final
class Job(NamedTuple):
    """A run to start."""

    name: str
    argv: tuple[str, ...]


@final
class Result(NamedTuple):
    """A run that has ended: what it reported, how long it took, and where its output is."""

    name: str
    report: Mapping[str, Any]
    seconds: float
    log: Path

    @property
    def version(self) -> tuple[int, ...] | None:
        """The version of CPython that ran the tests, if it was CPython."""
        if self.report.get("implementation") != "CPython":
            return None
        return tuple(int(part) for part in re.findall(r"\d+", self.report["version"])[:3])

    @property
    def passed(self) -> bool:
        """Whether the run came to its end, passed tests, and nothing failed."""
        report = self.report
        return report.get("status") == 0 and report["failed"] == 0 < report["passed"]


def native(interpreter: Interpreter, arguments: Sequence[str]) -> Job:
    """A run in an interpreter of this machine."""
    # -S: packages that are installed for it are not seen.
    argv = (interpreter.path, "-S", "-m", "pythons.inside", *arguments)
    return Job(interpreter.path, argv)


def in_webassembly(release: Release, arguments: Sequence[str]) -> Job:
    """A run in a release of pyodide."""
    script = Path(__file__).with_name("pyodide.mjs")
    where = map(str, (script, release.module, ROOT, PACKAGES, _CACHE))
    return Job(f"pyodide {release.pyodide}", ("node", *where, *arguments))


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment without the settings of Python and pytest, and with our paths."""
    kept = {name: given[name] for name in given if not name.startswith(("PYTHON", "PYTEST"))}
    path = os.pathsep.join(map(str, (PACKAGES, ROOT / "src", ROOT / "tests")))
    return {**kept, "PYTHONPATH": path, "PYTHONPYCACHEPREFIX": str(_CACHE)}


def run(job: Job, say: Callable[[str], None], logs: Path) -> Result:
    """Run the tests in one interpreter. Does not raise for anything that the run does."""
    log = logs / f"{re.sub(r'[^A-Za-z0-9.]+', '-', job.name).strip('-')}.txt"
    for folder in (logs, _CACHE):
        folder.mkdir(parents=True, exist_ok=True)
    started = monotonic()
    report: dict[str, Any] = {}
    with (
        log.open("w", encoding="utf-8") as written,
        subprocess.Popen(
            job.argv,
            cwd=ROOT,
            env=environment(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        assert process.stdout is not None
        deadline = Timer(_SECONDS, process.kill)
        deadline.start()
        for line in process.stdout:
            if line.startswith(MARK):
                report |= json.loads(line.removeprefix(MARK))
                if "status" not in report:
                    say(progress(job, report, monotonic() - started))
            else:
                written.write(line)
        deadline.cancel()
    return Result(job.name, report, monotonic() - started, log)


def progress(job: Job, report: Mapping[str, Any], seconds: float) -> str:
    """How far a run is, in one line."""
    done = f"{report['finished']} of {report['collected']}" if "finished" in report else "starts"
    return f"  {seconds:5.0f} s  {named(report)}, {job.name}: {done}"


def named(report: Mapping[str, Any]) -> str:
    """An interpreter as it names itself."""
    if not report:
        return "unknown interpreter"
    free = ", free-threaded" if report["free_threaded"] else ""
    where = " in WebAssembly" if report["platform"] == "emscripten" else ""
    return f"{report['implementation']} {report['version']}{free}{where}"


def line(result: Result) -> str:
    """A result in one line."""
    report = result.report
    if "status" in report:
        counts = ", ".join(f"{report[key]} {key}" for key in ("passed", "failed", "skipped"))
    else:
        counts = "ended before its tests did"
    build = " ".join(str(report.get("sys_version", "")).split())
    return f"{named(report):32} {counts}, {result.seconds:.0f} s  ({result.name}: {build})"


def complaints(result: Result) -> list[str]:
    """What the log says of a run that failed: its failures, else its last lines."""
    lines = result.log.read_text("utf-8").splitlines()
    failures = [each for each in lines if each.startswith(("FAILED ", "ERROR "))]
    shown = failures[:_SHOWN] or [each for each in lines if each][-_SHOWN:]
    return [f"  {each[:200]}" for each in shown] + [f"  all of it: {result.log}"]


def run_all(jobs: Iterable[Job], say: Callable[[str], None]) -> list[Result]:
    """Run them, two at a time."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        futures = [pool.submit(run, job, say, HOME / "logs") for job in jobs]
        try:
            return [future.result() for future in futures]
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
