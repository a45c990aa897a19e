"""What we want to reach, and whether this run shows it.

The law of this file: an aim is a number that was set before the measurement. Each is computed from
one summary, so from one run; it is met or not, and nobody's exit status depends on it.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, final

from .contender import Contender
from .contenders import (
    BEHIND_HTTPTOOLS,
    BEHIND_ZTTP,
    FROM_OCTETS,
    H11_CHECKS,
    H11_WSPROTO,
    HTTPTOOLS_ALONE,
    OURS,
    WEBSOCKETS,
    ZTTP_CHECKS,
)
from .handshakes import COOKIES, OUR_NAMES, SLOW, HandshakeFigures
from .summary import Summary

_MICROSECOND: Final = 1e-6
_NANOSECOND: Final = 1e-9


@final
class Aim(NamedTuple):
    """A figure and its bound."""

    words: str
    figure: float
    bound: float
    at_least: bool = False
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether the figure is on the right side of the bound."""
        return self.figure >= self.bound if self.at_least else self.figure <= self.bound


def aims_of(summary: Summary) -> Iterator[Aim]:
    """All of them, in the order of the report."""
    yield from _switches(summary)
    yield from _handshakes(summary.handshakes)
    yield from _passes(summary)
    yield from _refusals(summary)
    yield from _parsed(summary)
    yield from _slowly(summary)
    yield from _footprint(summary)


def describe_aims(aims: Iterable[Aim]) -> Iterator[str]:
    """One line for each."""
    for aim in aims:
        verdict = "met    " if aim.met else "not met"
        side = "at least" if aim.at_least else "at most"
        bound = f"{aim.bound:.4g}{aim.unit}"
        yield f"  {verdict}  {aim.words:<72} {aim.figure:>7.3g}{aim.unit} ({side} {bound})"


def _ratio(summary: Summary, case: str, contender: str) -> float:
    figure = summary.case(case).figure(contender)
    assert figure is not None, (case, contender)
    return figure.ratio.median


def _seconds(summary: Summary, case: str, contender: Contender) -> float:
    figure = summary.case(case).figure(contender.name)
    assert figure is not None, (case, contender.name)
    return figure.seconds


def _switches(summary: Summary) -> Iterator[Aim]:
    case = "101-chromium"
    for peer, times in ((H11_WSPROTO, 8.0), (WEBSOCKETS, 4.5)):
        words = f"101 to Chromium: {peer.name} as a multiple of us"
        yield Aim(words, _ratio(summary, case, peer.name), times, at_least=True)
    words = "101 to Chromium: we as a multiple of zttp + checks"
    yield Aim(words, 1 / _ratio(summary, case, ZTTP_CHECKS.name), 1.0)


def _handshakes(all_figures: Iterable[HandshakeFigures]) -> Iterator[Aim]:
    """For each size of cookie, of whichever client fares worst."""
    for figures in all_figures:
        size = COOKIES[figures.cookie]
        whose = f"every client{f', {size} octets of cookie' if size else ''}"
        ratios = [figures.ratio(WEBSOCKETS.name, ours) for ours in OUR_NAMES]
        worst = min(each.least.figure for each in ratios)
        yield Aim(f"{whose}: websockets as a multiple of us, at least", worst, 4.5, at_least=True)
        spread = max(figures.times_of(ours).spread.figure for ours in OUR_NAMES)
        yield Aim(f"{whose}: the slowest as a multiple of our median", spread, 2.5)
        slow = figures.ratio(SLOW, WEBSOCKETS.name).greatest.figure
        yield Aim(f"{whose}: our slow path as a multiple of websockets, at most", slow, 1.0)


def _passes(summary: Summary) -> Iterator[Aim]:
    for name, bound in (("chromium-get", 1.0), ("curl-get", 1.5)):
        case = f"let-go-{name}"
        words = f"{case}: we as a multiple of httptools' bare parse"
        yield Aim(words, 1 / _ratio(summary, case, HTTPTOOLS_ALONE.name), bound)


def _refusals(summary: Summary) -> Iterator[Aim]:
    passing = _seconds(summary, "let-go-chromium-get", OURS)
    refusing = _seconds(summary, "426-chromium-get", OURS)
    bound = (1.5 * passing + 2 * _MICROSECOND) / _MICROSECOND
    words = "426 to Chromium's GET, against 1.5 x letting go + 2 us"
    yield Aim(words, refusing / _MICROSECOND, bound, unit=" us")
    switching = _seconds(summary, "101-chromium", OURS)
    words = "400 to a bad key of Chromium's, explained, as a multiple of our 101"
    yield Aim(words, _seconds(summary, "400-chromium-key", OURS) / switching, 4.0)


def _parsed(summary: Summary) -> Iterator[Aim]:
    case = "parsed-chromium"
    from_octets = _ratio(summary, case, FROM_OCTETS)
    for whose, contender in (
        ("h11", OURS.name),
        ("httptools", BEHIND_HTTPTOOLS),
        ("zttp", BEHIND_ZTTP),
    ):
        share = _ratio(summary, case, contender) / from_octets
        words = f"101 to a head that {whose} parsed, as a share of octets to 101"
        yield Aim(words, share, 0.9)


def _per_octet(summary: Summary, case: str, contender: Contender) -> float:
    return _seconds(summary, case, contender) / summary.case(case).octets


def _slowly(summary: Summary) -> Iterator[Aim]:
    small, large = (_per_octet(summary, f"octets-{kib}k", OURS) for kib in ("1", "64"))
    yield Aim("an octet by itself, at 64 KiB as a multiple of at 1 KiB", large / small, 1.3)
    theirs = _per_octet(summary, "octets-64k", H11_CHECKS)
    words = "an octet by itself, at 64 KiB, against h11's"
    yield Aim(words, large / _NANOSECOND, theirs / _NANOSECOND, unit=" ns")


def _footprint(summary: Summary) -> Iterator[Aim]:
    ours, theirs = (summary.weight(each.name, "idle").traced for each in (OURS, H11_CHECKS))
    yield Aim("octets of an idle negotiator, against h11.Connection's", ours, theirs)
    assert H11_CHECKS.module is not None
    (theirs_of_import,) = (
        each.ratio.median for each in summary.imports if each.contender == H11_CHECKS.module
    )
    yield Aim("import, CPU as a multiple of h11's", 1 / theirs_of_import, 1.1)
