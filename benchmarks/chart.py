"""The summary as a picture, in two colour schemes: ``python -m benchmarks.chart [FILE]``.

The law of this file: a picture is a function of a summary's figures and of nothing else, so the
same file draws the same octets. A bar begins at our own time and its length is the logarithm of the
ratio, so that twice as slow and twice as quick are equally long.
"""

import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple, final
from xml.sax.saxutils import escape

from .contenders import BEHIND_HTTPTOOLS, FROM_OCTETS, GIVEN_A_HEAD, OURS
from .summary import Figure, Summary, read_summary

WIDTH: Final = 800
_COLUMNS: Final = 2
_MARGIN: Final = 16
_GAP: Final = 24
_PANEL: Final = (WIDTH - 2 * _MARGIN - _GAP) // _COLUMNS
_LABELS: Final = 126
_PLOT: Final = 146
_RATIOS: Final = 46  # the rest of a panel is for times
_ROW: Final = 17
_BAR: Final = 9
_HEAD: Final = 26
_FOOT: Final = 30
_TOP: Final = 86
_BOTTOM: Final = 40
_TIMES: Final = "\N{MULTIPLICATION SIGN}"
_OPENING: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
    ' viewBox="0 0 {width} {height}" role="img" aria-labelledby="title" font-size="11"'
    " font-family=\"-apple-system, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif\">"
)


@final
class Scheme(NamedTuple):
    """Colours; those of bars are told apart with any kind of colour vision."""

    background: str
    text: str
    faint: str
    grid: str
    ours: str
    python: str
    compiled: str


LIGHT: Final = Scheme("#ffffff", "#1f2328", "#59636e", "#d8dee4", "#0072b2", "#8c959f", "#e69f00")
DARK: Final = Scheme("#0d1117", "#e6edf3", "#9198a1", "#30363d", "#56b4e9", "#6e7681", "#e69f00")

# How contenders are called where there is little room, and which of them are compiled.
_PYTHON: Final = {
    "h11 + wsproto": "h11 + wsproto",
    "h11 + hand-written checks": "h11 + checks",
    "websockets": "websockets",
    "aiohttp (Python) + hand-written checks": "aiohttp.py + checks",
    "wsproto": "wsproto",
    "h11": "h11",
    "websockets.server": "websockets.server",
    "aiohttp.http_parser": "aiohttp.http_parser",
}
_COMPILED: Final = {
    "aiohttp (C) + hand-written checks": "aiohttp C + checks",
    "httptools + hand-written checks": "httptools + checks",
    "httptools, without any checks": "httptools, no checks",
    "zttp + hand-written checks": "zttp + checks",
    "picows' handshake functions": "picows",
    "httptools": "httptools",
    "zttp": "zttp",
}
_OURS: Final = {
    OURS.name: "httpupgrade",
    BEHIND_HTTPTOOLS: "behind httptools",
    FROM_OCTETS: "from octets",
    GIVEN_A_HEAD: "given a RequestHead",
}
_NAMES: Final = {**_OURS, **_PYTHON, **_COMPILED}


@final
class Panel(NamedTuple):
    """One group of bars."""

    title: str
    unit: str
    scale: float
    """From seconds to the unit."""
    figures: tuple[Figure, ...]

    @property
    def height(self) -> int:
        """With its title and its axis."""
        return _HEAD + len(self.figures) * _ROW + _FOOT


@final
class Axis(NamedTuple):
    """A logarithmic axis of ratios, the same in all panels."""

    low: float
    high: float

    def place(self, ratio: float) -> float:
        """From the left of the plot."""
        span = math.log(self.high / self.low)
        return _PLOT * math.log(ratio / self.low) / span

    def ticks(self) -> list[float]:
        """Round ratios, few enough to be read."""
        decades = [10.0**power for power in range(-4, 5)]
        spread = math.log10(self.high / self.low)
        steps = (1.0, 2.0, 5.0) if spread < 1.3 else (1.0, 3.0) if spread < 2.2 else (1.0,)
        every = (decade * step for decade in decades for step in steps)
        return [each for each in every if self.low <= each * 1.001 and each <= self.high * 1.001]


def panels_of(summary: Summary) -> list[Panel]:
    """What is drawn."""

    def panel(title: str, case: str, unit: str = "µs", scale: float = 1e6) -> Panel:
        return Panel(title, unit, scale, _sorted(summary.case(case).figures))

    slowly = summary.case("octets-64k")
    return [
        panel("101 to Chromium's handshake", "101-chromium"),
        panel("426 to Chromium's GET", "426-chromium-get"),
        panel("Passthrough of Chromium's GET", "let-go-chromium-get"),
        panel("101 to a head parsed by another library", "parsed-chromium"),
        panel("Each octet of 64 KiB, one at a time", slowly.name, "ns", 1e9 / slowly.octets),
        Panel("Import", "ms", 1e3, _sorted(summary.imports)),
    ]


def _sorted(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    shown = [each for each in figures if each.contender in _NAMES]
    return tuple(sorted(shown, key=lambda each: (-each.ratio.median, each.contender)))


def axis_of(panels: Sequence[Panel]) -> Axis:
    """From the least to the greatest quartile, and some room."""
    ratios = [each.ratio for panel in panels for each in panel.figures]
    low = min(0.5, *(ratio.lower for ratio in ratios))
    high = max(2.0, *(ratio.upper for ratio in ratios))
    return Axis(low / 1.15, high * 1.15)


def draw(summary: Summary, scheme: Scheme) -> str:
    """The whole picture."""
    panels = panels_of(summary)
    axis = axis_of(panels)
    rows = [panels[start : start + _COLUMNS] for start in range(0, len(panels), _COLUMNS)]
    body: list[str] = []
    top = _TOP
    for row in rows:
        for column, panel in enumerate(row):
            left = _MARGIN + column * (_PANEL + _GAP)
            body += _draw_panel(panel, axis, scheme, left, top)
        top += max(panel.height for panel in row)
    height = top + _BOTTOM
    lines = [
        _OPENING.format(width=WIDTH, height=height),
        '<title id="title">Times of httpupgrade and of its peers</title>',
        f'<rect width="{WIDTH}" height="{height}" fill="{scheme.background}"/>',
        *_draw_top(scheme),
        *body,
        *_draw_bottom(summary, scheme, height),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _text(x: float, y: float, words: str, fill: str, more: str = "") -> str:
    space = " " if more else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}"{space}{more}>{escape(words)}</text>'


def _draw_top(scheme: Scheme) -> Iterator[str]:
    title = "Time as a multiple of httpupgrade's"
    yield _text(_MARGIN, 28, title, scheme.text, 'font-size="17" font-weight="600"')
    words = "Bars to the right: slower than httpupgrade. To the left: quicker. Logarithmic axis."
    yield _text(_MARGIN, 48, f"{words} Whiskers: quartiles.", scheme.faint)
    place = float(_MARGIN)
    for colour, words, width in (
        (scheme.ours, "httpupgrade (pure Python)", 172),
        (scheme.python, "peers in pure Python", 142),
        (scheme.compiled, "peers in C, Cython or Zig", 0),
    ):
        yield f'<rect x="{place:.1f}" y="59" width="10" height="10" fill="{colour}"/>'
        yield _text(place + 15, 68, words, scheme.text)
        place += width


def _draw_bottom(summary: Summary, scheme: Scheme, height: int) -> Iterator[str]:
    about = summary.about
    where = (
        f"{summary.date[:10]}, {about['python_implementation']} {about['python_version']},"
        f" {about.get('cpu_model_name', 'unknown CPU')}; {summary.rounds}"
    )
    versions = ", ".join(f"{name} {version}" for name, version in summary.versions.items())
    for line, words in enumerate((where, versions)):
        yield _text(_MARGIN, height - 24 + line * 14, words, scheme.faint, 'font-size="10"')


def _draw_panel(panel: Panel, axis: Axis, scheme: Scheme, left: int, top: int) -> Iterator[str]:
    plot = left + _LABELS
    end = top + _HEAD + len(panel.figures) * _ROW
    yield _text(left, top + 14, panel.title, scheme.text, 'font-size="12" font-weight="600"')
    for tick in axis.ticks():
        x = plot + axis.place(tick)
        yield _line(x, top + _HEAD - 3, x, end, scheme.grid)
        yield _text(
            x, end + 12, f"{tick:g}{_TIMES}", scheme.faint, 'text-anchor="middle" font-size="10"'
        )
    one = plot + axis.place(1.0)
    yield _line(one, top + _HEAD - 3, one, end, scheme.ours)
    for place, figure in enumerate(panel.figures):
        yield from _draw_row(panel, figure, axis, scheme, left, top + _HEAD + place * _ROW)


def _draw_row(
    panel: Panel, figure: Figure, axis: Axis, scheme: Scheme, left: int, top: int
) -> Iterator[str]:
    plot = left + _LABELS
    baseline = top + 12
    is_ours = figure.contender in _OURS
    colour = _colour(figure.contender, scheme)
    weight = ' font-weight="600"' if is_ours else ""
    words = scheme.ours if is_ours else scheme.text
    anchor = f'text-anchor="end"{weight}'
    yield _text(plot - 8, baseline, _NAMES[figure.contender], words, anchor)
    yield from _draw_bar(figure, axis, colour, scheme, plot, top + _ROW / 2)
    ratios = plot + _PLOT + _RATIOS
    yield _text(ratios, baseline, f"{_short(figure.ratio.median)}{_TIMES}", words, anchor)
    time = f"{_short(figure.seconds * panel.scale)} {panel.unit}"
    yield _text(left + _PANEL, baseline, time, scheme.faint, 'text-anchor="end" font-size="10"')


def _draw_bar(
    figure: Figure, axis: Axis, colour: str, scheme: Scheme, plot: int, middle: float
) -> Iterator[str]:
    lower, ratio, upper = (axis.place(each) for each in figure.ratio)
    one = axis.place(1.0)
    if figure.contender == OURS.name or figure.ratio.median == 1.0:
        yield f'<circle cx="{plot + one:.1f}" cy="{middle:.1f}" r="4.5" fill="{colour}"/>'
        return
    start, width = min(one, ratio), abs(ratio - one)
    yield (
        f'<rect x="{plot + start:.1f}" y="{middle - _BAR / 2:.1f}" width="{width:.1f}"'
        f' height="{_BAR}" fill="{colour}"/>'
    )
    yield _line(plot + lower, middle, plot + upper, middle, scheme.text)


def _line(x1: float, y1: float, x2: float, y2: float, stroke: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}"/>'


def _colour(contender: str, scheme: Scheme) -> str:
    if contender in _OURS:
        return scheme.ours
    return scheme.compiled if contender in _COMPILED else scheme.python


def _short(value: float) -> str:
    """Three digits, and never an exponent."""
    if value >= 100:
        return f"{value:.0f}"
    if value >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def chart_files(summary_file: Path) -> dict[Path, str]:
    """The pictures beside a summary's file, and what is in them."""
    summary = read_summary(summary_file)
    return {
        summary_file.with_name("chart-light.svg"): draw(summary, LIGHT),
        summary_file.with_name("chart-dark.svg"): draw(summary, DARK),
    }


def write_charts(summary_file: Path) -> None:
    """Both of them; files of those names are replaced."""
    for file, picture in chart_files(summary_file).items():
        file.write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    write_charts(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/benchmarks/latest.json"))
