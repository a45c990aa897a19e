"""The picture is what the recorded figures draw, and says no more than they do."""

import re
import socket
from itertools import pairwise
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest

from benchmarks.chart import (
    DARK,
    LIGHT,
    WIDTH,
    Axis,
    Scheme,
    axis_of,
    chart_files,
    draw,
    panels_of,
    write_charts,
)
from benchmarks.summary import Ratio, Summary, read_summary

RECORDED: Final = Path(__file__).parents[2] / "docs" / "benchmarks" / "latest.json"
SVG: Final = "{http://www.w3.org/2000/svg}"


@pytest.fixture(name="summary", scope="module")
def _summary() -> Summary:
    return read_summary(RECORDED)


def test_the_committed_pictures_are_what_the_committed_figures_draw() -> None:
    for file, picture in chart_files(RECORDED).items():
        assert file.read_text(encoding="utf-8") == picture, f"{file.name}: draw it again"


def test_the_committed_figures_name_no_machine() -> None:
    text = RECORDED.read_text(encoding="utf-8")
    assert str(RECORDED.parent) not in text
    assert f'"{socket.gethostname()}"' not in text


def test_the_same_figures_draw_the_same_octets(tmp_path: Path) -> None:
    copy = tmp_path / "latest.json"
    copy.write_bytes(RECORDED.read_bytes())
    for _ in range(2):
        write_charts(copy)
        for file in chart_files(RECORDED):
            assert (tmp_path / file.name).read_bytes() == file.read_bytes()


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
def test_everybody_has_a_row_and_the_slowest_comes_first(summary: Summary, scheme: Scheme) -> None:
    for panel in panels_of(summary):
        assert any(each.ratio.median == 1.0 for each in panel.figures), panel.title
        ratios = [each.ratio.median for each in panel.figures]
        assert ratios == sorted(ratios, reverse=True)
    picture = ET.fromstring(draw(summary, scheme))
    words = [each.text for each in picture.iter(f"{SVG}text")]
    assert words.count("httpupgrade") == len(panels_of(summary))


def test_the_schemes_differ_in_nothing_but_colours(summary: Summary) -> None:
    light, dark = (re.sub(r"#[0-9a-f]{6}", "#", draw(summary, each)) for each in (LIGHT, DARK))
    assert light == dark


def test_a_picture_fits_its_page_and_its_lines_do_not_touch(summary: Summary) -> None:
    picture = ET.fromstring(draw(summary, LIGHT))
    assert picture.get("width") == str(WIDTH)
    columns: dict[str, list[float]] = {}
    for text in picture.iter(f"{SVG}text"):
        x, y = text.attrib["x"], float(text.attrib["y"])
        assert 0 <= float(x) <= WIDTH
        assert 0 < y < float(picture.attrib["height"])
        columns.setdefault(x, []).append(y)
    for lines in columns.values():
        assert all(below - above >= 12 for above, below in pairwise(sorted(lines)))
    for bar in picture.iter(f"{SVG}rect"):
        assert float(bar.attrib["width"]) >= 0


def test_twice_as_slow_and_twice_as_quick_are_equally_far_from_us() -> None:
    axis = Axis(0.1, 10.0)
    one, twice, half = (axis.place(each) for each in (1.0, 2.0, 0.5))
    assert twice - one == pytest.approx(one - half)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.4, 2.5, [0.5, 1.0, 2.0]),
        (0.05, 5.5, [0.1, 0.3, 1.0, 3.0]),
        (0.02, 50.0, [0.1, 1.0, 10.0]),
    ],
)
def test_an_axis_has_a_few_round_ticks(low: float, high: float, ticks: list[float]) -> None:
    assert Axis(low, high).ticks() == pytest.approx(ticks)


def test_all_quartiles_are_on_the_axis_and_so_are_we(summary: Summary) -> None:
    panels = panels_of(summary)
    axis = axis_of(panels)
    ratios = [figure.ratio for panel in panels for figure in panel.figures]
    for ratio in (*ratios, Ratio(1.0, 1.0, 1.0)):
        assert axis.low < ratio.lower <= ratio.upper < axis.high
