"""Run the tests of the core in the interpreter that executes this file, and report on it.

Rules for this module: it runs in every interpreter, WebAssembly included, so it imports only the
standard library and pytest. Each report is one line: MARK, then JSON. The first report says which
interpreter this is; no other part of the runner claims a version.
"""

import json
import platform
import sys
import sysconfig
from collections import Counter
from typing import Final, final

import pytest

from . import MARK, OUTCOMES

_STEPS: Final = 4


def say(**report: object) -> None:
    """Print one report. What pytest printed before it may lack a line end."""
    print(f"\n{MARK}{json.dumps(report)}", flush=True)


def identity() -> dict[str, object]:
    """What this interpreter says about itself."""
    return {
        "version": platform.python_version(),
        "implementation": platform.python_implementation(),
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "platform": sys.platform,
        "sys_version": sys.version,
    }


@final
class Count:
    """A plugin of pytest that counts tests, and says how far the run is."""

    def __init__(self) -> None:
        self._outcomes: Final[dict[str, str]] = {}
        self._failed_files = 0
        self.outcomes: Final[dict[str, str]] = {}
        """What tests recorded for other interpreters to compare: digests, one after another."""
        self._collected = 0
        self._finished = 0

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._failed_files += report.failed

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._collected = len(session.items)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or not report.passed:
            self._outcomes[report.nodeid] = report.outcome
            self.outcomes.update(
                (name, digests)
                for name, digests in report.user_properties
                if name.startswith(OUTCOMES) and isinstance(digests, str)
            )

    def pytest_runtest_logfinish(self) -> None:
        before = self._finished * _STEPS // self._collected
        self._finished += 1
        if self._finished * _STEPS // self._collected != before:
            say(finished=self._finished, collected=self._collected)

    def counts(self) -> dict[str, int]:
        """How many tests passed, failed and were skipped; a file that cannot be read failed."""
        counted = Counter(self._outcomes.values())
        failed = counted["failed"] + self._failed_files
        return {"passed": counted["passed"], "failed": failed, "skipped": counted["skipped"]}


def main(arguments: list[str]) -> int:
    """Run pytest. Returns its exit status."""
    say(**identity())
    count = Count()
    status = int(pytest.main(["-q", "-p", "no:cacheprovider", *arguments], plugins=[count]))
    say(status=status, outcomes=count.outcomes, **count.counts())
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
