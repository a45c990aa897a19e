"""Another tree is timed beside this one."""

import shutil
from pathlib import Path

import pytest
from core_sources import PACKAGE

from benchmarks.cases import CASES
from benchmarks.contenders import OURS
from benchmarks.other_tree import contender_of
from benchmarks.paired import compare, interval_of_median, main


def test_the_other_tree_is_the_one_in_its_directory(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "httpupgrade")
    other = contender_of(tmp_path)
    assert other.hold is not None
    assert OURS.hold is not None
    machine = other.hold(b"")
    assert type(machine) is not type(OURS.hold(b""))
    (case,) = (case for case in CASES if case.name == "pass-curl-get")
    (line,) = compare([case], other, rounds=2, slot=0.0001)
    assert line.startswith("pass-curl-get ")
    assert " minima " in line


@pytest.mark.parametrize(
    ("count", "interval"),
    [(1, (0, 0)), (3, (0, 2)), (10, (1, 8)), (20, (5, 14)), (60, (21, 38)), (100, (39, 60))],
)
def test_an_interval_of_a_median_has_the_ranks_of_the_textbook(
    count: int, interval: tuple[int, int]
) -> None:
    assert interval_of_median(range(count - 1, -1, -1)) == interval


@pytest.mark.parametrize("arguments", [[], ["."], [str(PACKAGE.parent), "no-such-case"]])
def test_arguments_that_name_nothing_are_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert "DIRECTORY" in capsys.readouterr().err
