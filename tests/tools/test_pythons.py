"""Which tests are the core's, and the runner that has every interpreter run them."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest
from core_files import is_of_the_core
from pythons.__main__ import conclude
from pythons.downloads import ROOT, missing
from pythons.interpreters import Interpreter, UnavailableError, ask, find
from pythons.runs import Job, Result, complaints, environment, line, run

# --- The selection -------------------------------------------------------------------------------

# Collects the tests of the core where no distribution is installed but those that are named.
COLLECT = """
import sys
from importlib.metadata import packages_distributions

owners = packages_distributions()
installed = set(sys.argv[1:])

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name in owners and not installed & set(owners[name]):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NotInstalled())
import pytest
sys.exit(pytest.main(["--core", "--collect-only", "-q", "-p", "no:cacheprovider"]))
"""
# The dependency group "core", and what it depends on.
CORE_GROUP = (
    *("h11", "h2", "hpack", "httpupgrade", "hyperframe", "hypothesis", "iniconfig", "packaging"),
    *("pluggy", "Pygments", "pytest", "sortedcontainers", "websockets", "wsproto"),
)
IMPORTANT = (
    *("decide", "exports", "field_values", "framing", "grammar", "laws_both_ends", "laws_split"),
    *("laws_total", "linear", "heads", "request_scan", "response_scan", "server", "verify_101"),
    *("standards_9112", "uri_template", "fast_path", "vulnerabilities", "websocket_origins"),
    *("patterns", "patterns_reading", "patterns_memory", "streams", "allowed_origins"),
)


def test_the_tests_of_the_core_need_nothing_but_their_dependency_group() -> None:
    collected = subprocess.run(
        [sys.executable, "-c", COLLECT, *CORE_GROUP],
        cwd=ROOT,
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "HYPOTHESIS_NO_PLUGINS": "1"},
        capture_output=True,
        check=False,
        text=True,
    )
    assert collected.returncode == 0, collected.stdout[-3000:]
    tests = [each for each in collected.stdout.splitlines() if each.startswith("tests/")]
    files = {each.partition("::")[0].rpartition("/")[2] for each in tests}
    assert files >= {f"test_{name}.py" for name in IMPORTANT}
    assert len(tests) > 9000


@pytest.mark.parametrize(
    "statement",
    [
        "import asyncio",
        "from socket import socket",
        "import trustme.x",
        "from httpupgrade.adapters.h11 import H11Negotiator",
        "from httpupgrade import adapters",
        "import httpupgrade.adapters",
        "from httpupgrade.cli import main",
        "from demo.tls import Certificates",
        "from loopback import run",
        "def test() -> None: import benchmarks",
    ],
)
def test_a_file_that_needs_more_is_not_of_the_core(statement: str, tmp_path: Path) -> None:
    path = tmp_path / "test_it.py"
    path.write_text(f"import demo, httpupgrade\nfrom wire import FRAME\n{statement}\n", "utf-8")
    assert not is_of_the_core(path)


# --- Interpreters --------------------------------------------------------------------------------


def program(path: Path, says: str) -> str:
    path.write_text(f"#!/bin/sh\necho '{says}'\n", "utf-8")
    path.chmod(0o755)
    return str(path)


def interpreter(*version: int, implementation: str = "CPython") -> Interpreter:
    return Interpreter("python", version, implementation, f"build {version}", free_threaded=False)


def test_an_interpreter_is_asked_what_it_is() -> None:
    asked = ask(sys.executable)
    assert asked.version == sys.version_info[:3]
    assert asked.build == sys.version
    assert asked.implementation == platform.python_implementation()


def test_the_same_build_is_found_once(tmp_path: Path) -> None:
    link = tmp_path / "python3"
    link.symlink_to(sys.executable)
    found = find([sys.executable], [str(link), str(tmp_path / "missing")])
    assert [each.build for each in found] == [sys.version]


OLD = '["python3.10", [3, 10, 13], "CPython", "3.10.13", false]'


@pytest.mark.parametrize(("says", "why"), [("Python 3", "not a Python"), (OLD, "3.11 or newer")])
def test_what_the_user_names_must_be_an_interpreter_that_is_new_enough(
    says: str, why: str, tmp_path: Path
) -> None:
    path = program(tmp_path / "python", says)
    with pytest.raises(UnavailableError, match=why):
        find([path], [])
    assert find([], [path]) == []


def test_a_program_that_does_not_exist_is_said_to_be_missing() -> None:
    with pytest.raises(UnavailableError, match="/nowhere/python"):
        find(["/nowhere/python"], [])


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ([(3, 11, 2)], [(3, 12), (3, 13), (3, 14)]),
        ([(3, 11, 2), (3, 11, 7), (3, 12, 1), (3, 13, 0)], [(3, 14)]),
        ([(3, 11, 5), (3, 13, 5)], [(3, 11), (3, 12), (3, 14)]),
        ([], [(3, 11), (3, 12), (3, 13), (3, 14)]),
        ([(3, 11, 4), (3, 12, 0), (3, 13, 0), (3, 14, 0)], []),
    ],
)
def test_webassembly_has_what_the_machine_has_not(
    found: list[tuple[int, ...]], wanted: list[tuple[int, ...]]
) -> None:
    releases = missing([interpreter(*version) for version in found])
    assert [release.version[:2] for release in releases] == wanted


def test_another_implementation_is_no_sample_of_cpython() -> None:
    assert len(missing([interpreter(3, 14, 0, implementation="PyPy")])) == 4


# --- A run ---------------------------------------------------------------------------------------

TESTS = """
import pytest
def test_passes(): print("@@ not a report")
def test_fails(): assert "this" == "that"
def test_skips(): pytest.skip("as it says")
def test_what_ends_badly(ends_badly): pass
@pytest.fixture
def ends_badly():
    yield
    assert "badly"  == "well"
"""


def ran(name: str, content: str, tmp_path: Path) -> Result:
    """What comes of the tests in one file, in the interpreter that runs this."""
    path = tmp_path / name
    path.write_text(content, "utf-8")
    argv = (sys.executable, "-m", "pythons.inside", str(path), "--rootdir", str(tmp_path))
    return run(Job("this one", argv), lambda said: None, tmp_path)


def test_a_run_reports_its_interpreter_and_its_counts(tmp_path: Path) -> None:
    result = ran("test_four.py", TESTS, tmp_path)
    counts = {key: result.report[key] for key in ("passed", "failed", "skipped", "collected")}
    assert counts == {"passed": 1, "failed": 2, "skipped": 1, "collected": 4}
    assert result.report["sys_version"] == sys.version
    assert result.version == sys.version_info[:3]
    assert not result.passed
    assert "1 passed, 2 failed, 1 skipped" in line(result)
    assert platform.python_version() in line(result)
    told = "\n".join(complaints(result))
    assert "test_fails" in told
    assert "ends_badly" in told or "test_what_ends_badly" in told


def test_a_run_that_passes(tmp_path: Path) -> None:
    assert ran("test_one.py", "def test_passes(): pass\n", tmp_path).passed


@pytest.mark.parametrize(
    "content",
    ["import not_there\n", "", "import os\ndef test_dies(): os._exit(0)\n"],
    ids=["cannot be imported", "no tests", "dies with status 0"],
)
def test_a_run_without_tests_or_without_an_end_has_not_passed(content: str, tmp_path: Path) -> None:
    assert not ran("test_none.py", content, tmp_path).passed


def test_the_last_lines_of_a_program_that_dies_are_shown(tmp_path: Path) -> None:
    job = Job("boom", (sys.executable, "-c", "raise SystemExit('no wheel for this one')"))
    result = run(job, lambda said: None, tmp_path)
    assert "ended before its tests did" in line(result)
    assert "  no wheel for this one" in complaints(result)


def test_settings_of_the_caller_do_not_reach_a_run() -> None:
    given = {"PYTHONOPTIMIZE": "2", "PYTEST_ADDOPTS": "-k none", "HOME": "/home/you"}
    seen = environment(given)
    assert "PYTHONOPTIMIZE" not in seen
    assert "PYTEST_ADDOPTS" not in seen
    assert seen["HOME"] == "/home/you"


# --- The verdict ---------------------------------------------------------------------------------


def result(version: str, failed: int = 0, **said: object) -> Result:
    identity = {"implementation": "CPython", "version": version, "free_threaded": False}
    counts = {"status": int(failed > 0), "passed": 9000, "failed": failed, "skipped": 0}
    report = {"platform": "linux", "sys_version": version, **identity, **counts, **said}
    return Result(f"/opt/{version}", report, 60.0, Path("/dev/null"))


FOUR = tuple(result(version) for version in ("3.11.2", "3.12.1", "3.13.0", "3.14.2"))


@pytest.mark.parametrize(
    ("results", "left_out", "anywhere", "on_ci"),
    [
        (FOUR, [], 0, 0),
        (FOUR, ["CPython 3.11.3 in WebAssembly: npm is not on PATH"], 0, 1),
        (FOUR[:3], [], 0, 1),
        ((*FOUR[1:], result("3.11.5")), [], 0, 1),
        ((*FOUR[1:], result("3.15.0")), [], 0, 1),
        ((*FOUR[:3], result("3.14.2", implementation="PyPy")), [], 0, 1),
        ((*FOUR[:3], result("3.14.2", failed=1)), [], 1, 1),
        ((), [], 0, 1),
    ],
)
def test_on_ci_nothing_may_be_left_out(
    results: tuple[Result, ...], left_out: list[str], anywhere: int, on_ci: int
) -> None:
    assert conclude(results, left_out, required=False) == anywhere
    assert conclude(results, left_out, required=True) == on_ci


SAME = {"outcomes of seed 1 from 0": "0123456789abcdef", "outcomes of seed 1 from 2": "00000000"}
OTHER = SAME | {"outcomes of seed 1 from 0": "01234567abcdef89"}
FEWER = SAME | {"outcomes of seed 1 from 0": "01234567"}


@pytest.mark.parametrize(("outcomes", "status"), [(SAME, 0), (OTHER, 1), (FEWER, 1)])
def test_interpreters_that_come_to_other_outcomes_fail(
    outcomes: dict[str, str], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    results = [result("3.11.2", outcomes=SAME), result("3.12.1", outcomes=outcomes)]
    assert conclude(results, [], required=False) == status
    printed = capsys.readouterr().out
    assert "\n3 outcomes compared of 2 interpreters: " in printed
    who = "CPython 3.12.1 and CPython 3.11.2"
    said = f"{who} differ on outcomes of seed 1 from 0: first on number 1."
    assert (said in printed) is bool(status)


def test_what_tests_record_is_reported(tmp_path: Path) -> None:
    content = "def test_it(record_property): record_property('outcomes of it', '01234567')\n"
    assert ran("test_records.py", content, tmp_path).report["outcomes"] == {
        "outcomes of it": "01234567"
    }


def test_a_free_threaded_build_and_webassembly_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    free = result("3.14.0", free_threaded=True)
    conclude([free, result("3.14.2", platform="emscripten")], [], required=False)
    printed = capsys.readouterr().out
    assert "CPython 3.14.0, free-threaded " in printed
    assert "CPython 3.14.2 in WebAssembly " in printed
    assert "No CPython older than 3.11.5 was run; one is needed." in printed
