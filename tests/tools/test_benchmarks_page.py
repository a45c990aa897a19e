"""The tables of figures in the documentation are what the recorded run says."""

import re
from typing import Final

import pytest

from benchmarks.aims import Aim
from benchmarks.page import END, PAGES, ROOT, START, Recorded, recorded, render, rows_of, speed, why

RUN: Final = recorded()


@pytest.mark.parametrize("page", PAGES)
def test_the_committed_pages_are_made_of_the_committed_figures(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert text.count(START) == text.count(END) == 1
    assert render(page, RUN) == text, "run python -m benchmarks.page"


def test_every_aim_that_is_not_met_is_told_with_a_reason() -> None:
    page = "\n".join(speed(RUN))
    for aim in RUN.aims():
        if not aim.met:
            assert why(aim), f"{aim.words}: say why, in benchmarks/page.py"
            assert f"| {aim.words} | " in page


def test_what_was_set_before_is_judged_as_the_aims_are() -> None:
    """No row is met where an aim of the same run is not."""
    unmet = {(f"{aim.figure:.2f}", aim.bound) for aim in RUN.aims() if not aim.met}
    for row in rows_of(RUN):
        bound = float(row.aim.split()[-1])
        shown = [each for each in re.findall(r"\d+\.\d\d", row.now) if (each, bound) in unmet]
        assert not (row.met and shown), row


def _with_one_aim_missed(run: Recorded) -> Recorded:
    imports = tuple(
        each._replace(ratio=each.ratio._replace(median=0.25)) if each.contender == "h11" else each
        for each in run.octets.imports
    )
    return run._replace(octets=run.octets._replace(imports=imports))


def test_a_missed_aim_shows_in_both_tables() -> None:
    missed = _with_one_aim_missed(RUN)
    page = "\n".join(speed(missed))
    assert "| 1.58 | 4.00 | at most 1.1 | **no** |" in page
    assert "| import, CPU as a multiple of h11's | 4 | at most 1.1 | " in page


def test_a_reason_belongs_to_an_aim() -> None:
    assert why(Aim("import, CPU as a multiple of h11's", 2.0, 1.1)) is not None
    assert why(Aim("something else", 2.0, 1.1)) is None
