"""``python -m mutants``: what is changed, how it is put in place, and what is said of it."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from mutants.__main__ import changed, fork_point, main
from mutants.mutations import Mutant, mutants
from mutants.record import Outcome, Record
from mutants.score import interval
from mutants.selection import Selection
from mutants.swap import Loaded, NoEffectError

TESTS = Path(__file__).resolve().parents[1]


def written(folder: Path, text: str) -> Path:
    path = folder / "toy.py"
    path.write_text(text, "utf-8")
    return path


def loaded(path: Path) -> ModuleType:
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def changes(path: Path) -> list[str]:
    return [each.change for each in mutants(path)]


def one(path: Path, change: str) -> Mutant:
    [found] = [each for each in mutants(path) if each.change == change]
    return found


def test_changes_stand_within_functions_and_have_a_name(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "LIMIT = 5\n\n\ndef f(a: int) -> bool:\n    return a < 3 and a < 3  # why\n",
    )
    assert changes(path) == [
        "return a < 3 and a < 3 -> return a < 3 or a < 3",
        "return a < 3 and a < 3 -> return a <= 3 and a < 3",
        "return a < 3 and a < 3 -> return a < 4 and a < 3",
        "return a < 3 and a < 3 -> return a < 3 and a <= 3",
        "return a < 3 and a < 3 -> return a < 3 and a < 4",
    ]


def test_changes_with_one_name_are_numbered(tmp_path: Path) -> None:
    path = written(tmp_path, "def f():\n    a = 1\n    b(a)\n    a = 1\n")
    assert [each for each in changes(path) if each.startswith("a = 1 -> a = 2")] == [
        "a = 1 -> a = 2",
        "a = 1 -> a = 2 (2)",
    ]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('"a sentence"', id="a sentence"),
        pytest.param("assert_never(a)", id="assert_never"),
    ],
)
def test_what_nobody_promises_is_not_changed(tmp_path: Path, line: str) -> None:
    assert changes(written(tmp_path, f"def f(a):\n    {line}\n")) == []


def test_a_codec_is_another_only_by_another_name(tmp_path: Path) -> None:
    path = written(tmp_path, 'def f(a):\n    return a.decode("ascii")\n')
    assert 'return a.decode("ascii") -> return a.decode("XXasciiXX")' in changes(path)
    assert 'return a.decode("ascii") -> return a.decode("ASCII")' not in changes(path)


def test_octets_with_a_space_are_changed(tmp_path: Path) -> None:
    assert changes(written(tmp_path, 'def f():\n    return b"a b"\n'))


def test_the_source_of_a_mutant_differs_in_its_line(tmp_path: Path) -> None:
    text = (
        "class A:\n    x = 1\n\n    @property\n    def f(self):\n"
        '        """One\n\n        Two."""\n'
        "        return 1\n\n\ny = 2\n"
    )
    path = written(tmp_path, text)
    mutant = one(path, "return 1 -> return 2")
    lines = [line.strip() for line in text.replace("return 1", "return 2").splitlines()]
    assert [line.strip() for line in mutant.source().splitlines()] == lines
    assert (mutant.function, mutant.line) == ("A.f", 5)


def test_every_function_object_runs_the_mutant(tmp_path: Path) -> None:
    path = written(tmp_path, "def f():\n    return (lambda: 1)()\n")
    module = loaded(path)
    elsewhere: Callable[[], int] = module.f
    Loaded(tmp_path).put(one(path, "return (lambda: 1)() -> return (lambda: 2)()"))
    assert (elsewhere(), module.f()) == (2, 2)


def test_what_was_cached_is_made_again_by_the_mutant(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "from functools import cache\n\n\n@cache\ndef f():\n    return A().g\n\n\n"
        "class A:\n    @property\n    def g(self):\n        return 1\n",
    )
    module = loaded(path)
    assert module.f() == 1
    Loaded(tmp_path).put(one(path, "return 1 -> return 2"))
    assert module.f() == 2


def test_a_default_takes_effect_only_when_it_is_loaded(tmp_path: Path) -> None:
    path = written(tmp_path, "def f(a=1):\n    return a\n")
    module = loaded(path)
    with pytest.raises(NoEffectError):
        Loaded(tmp_path).put(one(path, "def f(a=1): -> def f(a=2):"))
    assert module.f() == 1


def test_tests_that_killed_come_first_then_a_row_of_each_table() -> None:
    function = ("httpupgrade/toy.py", "f")
    names = ["a[1]", "a[2]", "b", "c"]
    selection = Selection(names, [0.1, 0.2, 0.3, 0.05], {function: [0, 1, 2, 3]})
    assert selection.tests(function) == [3, 0, 2, 1]
    selection.killed(function, 1)
    selection.killed(function, 2)
    assert selection.tests(function) == [2, 1, 3, 0]


def test_a_mutant_need_not_live_through_minutes_of_tests() -> None:
    function = ("httpupgrade/toy.py", "f")
    selection = Selection(["a", "b", "c"], [7.0, 5.0, 90.0], {function: [0, 1, 2]})
    assert selection.tests(function) == [1]
    alone = Selection(["a"], [90.0], {function: [0]})
    assert alone.tests(function) == [0]


def test_outcomes_last_until_the_function_changes(tmp_path: Path) -> None:
    path = written(tmp_path, "def f():\n    return 1\n")
    mutant = one(path, "return 1 -> return 2")
    record = Record(tmp_path / "kept" / "outcomes.json")
    record.put(mutant, Outcome.SURVIVED)
    record.save()
    kept = Record(tmp_path / "kept" / "outcomes.json")
    assert kept.get(mutant) is Outcome.SURVIVED
    written(tmp_path, "\n\ndef f():\n    return 1\n")
    assert kept.get(one(path, "return 1 -> return 2")) is Outcome.SURVIVED
    written(tmp_path, "def f():\n    # why\n    return 1\n")
    assert kept.get(one(path, "return 1 -> return 2")) is None
    kept.forget([mutant])
    assert kept.get(mutant) is None


@pytest.mark.parametrize(
    ("noticed", "of", "low", "high"),
    # Brown, Cai and DasGupta, "Interval Estimation for a Binomial Proportion" (2001), 3.1.1
    [(95, 100, 0.8882, 0.9785), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (0, 0, 0.0, 1.0)],
)
def test_the_interval_is_that_of_wilson(noticed: int, of: int, low: float, high: float) -> None:
    assert interval(noticed, of) == pytest.approx((low, high), abs=5e-5)


SOURCE = """
def made():
    return 1


TABLE = made()


def least(a: int, b: int) -> int:
    return a if a < b else b


def count(n: int) -> int:
    while n > 0:
        n -= 1
    return n


def mixed(a: int) -> str:
    name: str = "a"
    return name


def alone() -> int:
    return 7
"""

CASES = """
from httpupgrade._http1.toy import TABLE, count, least, mixed


def test_table():
    assert TABLE == 1


def test_least():
    assert least(1, 2) == 1


def test_count():
    assert count(1) == 0


def test_mixed():
    assert mixed(1)
"""

SAID = """\
making the mutants of 3 files
core: 13 mutants are to be tried
measuring what 4 tests call
core: 1 take effect only when a module is loaded
asking mypy about 5 that no test noticed
"""

LIVING = {
    "toy.py:24 _http1/toy.py alone: return 7 -> return 8",
    'toy.py:19 _http1/toy.py mixed: name: str = "a" -> name: str = "A"',
    'toy.py:19 _http1/toy.py mixed: name: str = "a" -> name: str = "XXaXX"',
    "toy.py:9 _http1/toy.py least: return a if a < b else b -> return a if a <= b else b",
    "toy.py:9 _http1/toy.py least: return a if a < b else b -> return a if (a < b) or True else b",
}


def toy_project(folder: Path) -> None:
    package = folder / "src" / "httpupgrade"
    (package / "_http1").mkdir(parents=True)
    for each in ("", "_http1"):
        (package / each / "__init__.py").touch()
    (package / "_http1" / "toy.py").write_text(SOURCE, "utf-8")
    for name in ("http1", "negotiation", "protocols", "server", "client", "house"):
        (folder / "tests" / name).mkdir(parents=True)
    (folder / "tests" / "conftest.py").write_text(
        "def pytest_addoption(parser):\n    parser.addoption('--core', action='store_true')\n"
    )
    (folder / "tests" / "http1" / "test_toy.py").write_text(CASES, "utf-8")


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join(map(str, (TESTS, folder / "src")))
    # The toy has the name of this library, whose own plugins are not in it.
    plain = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "HYPOTHESIS_NO_PLUGINS": "1"}
    return subprocess.run(
        [sys.executable, "-m", "mutants", *arguments],
        cwd=folder,
        env={**os.environ, **plain, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_project_is_tried_and_the_next_run_goes_on(tmp_path: Path) -> None:
    toy_project(tmp_path)
    first = command(tmp_path, "src")
    assert (first.returncode, first.stderr) == (1, "")
    lines = first.stdout.splitlines()
    assert lines[-1] == "8 of 13 mutants were noticed: 61.5%"
    assert {
        line.rpartition("src/httpupgrade/_http1/")[2] for line in lines if " -> " in line
    } == LIVING
    assert [line for line in lines if line in SAID.splitlines()] == SAID.splitlines()

    again = command(tmp_path, "src", "--sample", "8", "--diff")
    assert again.stdout.count("--- ") == 8 - int(again.stdout.split("\n")[-3].partition(" ")[0])


def git(folder: Path, *arguments: str) -> None:
    names = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", *names, *arguments], cwd=folder, check=True, capture_output=True)


def test_what_this_branch_changes_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([]) == 2
    assert capsys.readouterr().out.startswith("error: git cannot say what has changed; ")
    folder = tmp_path / "src" / "httpupgrade"
    folder.mkdir(parents=True)
    for name in ("kept.py", "edited.py", "removed.py", "notes.txt"):
        (folder / name).write_text("1\n")
    git(tmp_path, "init", "--initial-branch", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--message", "a")
    assert fork_point() == "HEAD"
    assert main([]) == 0
    assert capsys.readouterr().out.startswith("No source file has changed. ")

    git(tmp_path, "update-ref", "refs/remotes/origin/main", "HEAD")
    for name in ("edited.py", "new.py", "notes.txt"):
        (folder / name).write_text("2\n")
    (folder / "removed.py").unlink()
    assert changed(fork_point()) == [
        Path("src/httpupgrade/edited.py"),
        Path("src/httpupgrade/new.py"),
    ]
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--message", "b")
    assert len(changed(fork_point())) == 2
    assert changed("HEAD") == []
