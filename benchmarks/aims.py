"""What we want to reach, and whether this run shows it.

The law of this file: an aim is a number that was set before the measurement. Each is computed from
one summary, so from one run; it is met or not, and nobody's exit status depends on it.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple, final

from .contender import Contender
from .contenders import (
    BEHIND_HTTPTOOLS,
    FROM_OCTETS,
    H11_CHECKS,
    H11_WSPROTO,
    HTTPTOOLS_ALONE,
    HTTPTOOLS_CHECKS,
    OURS,
    WEBSOCKETS,
)
from .summary import Summary

_MICROSECOND: Final = 1e-6


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
    yield from _passes(summary)
    yield from _parsed(summary)
    yield from _flatness(summary)
    yield from _footprint(summary)


def describe_aims(summary: Summary) -> Iterator[str]:
    """One line for each."""
    for aim in aims_of(summary):
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
    words = "101 to Chromium: we as a multiple of httptools + checks"
    yield Aim(words, 1 / _ratio(summary, case, HTTPTOOLS_CHECKS.name), 1.8)


def _passes(summary: Summary) -> Iterator[Aim]:
    for name in ("chromium-get", "curl-get", "curl-h2c-post"):
        case = f"let-go-{name}"
        words = f"{case}: httptools' bare parse as a multiple of us"
        yield Aim(words, _ratio(summary, case, HTTPTOOLS_ALONE.name), 1.0, at_least=True)
    passing = _seconds(summary, "let-go-chromium-get", OURS)
    refusing = _seconds(summary, "426-chromium-get", OURS)
    bound = (1.5 * passing + 2 * _MICROSECOND) / _MICROSECOND
    words = "426 to Chromium's GET, against 1.5 x letting go + 2 us"
    yield Aim(words, refusing / _MICROSECOND, bound, unit=" us")


def _parsed(summary: Summary) -> Iterator[Aim]:
    case = "parsed-chromium"
    from_octets = _ratio(summary, case, FROM_OCTETS)
    for words, ratio in (
        ("decision on h11's head, as a share of octets to 101", 1.0),
        (
            "decision on httptools' head, as a share of octets to 101",
            _ratio(summary, case, BEHIND_HTTPTOOLS),
        ),
    ):
        yield Aim(words, ratio / from_octets, 0.6)


def flatness(summary: Summary, way: str, contender: Contender) -> float:
    """Time per octet at 64 KiB as a multiple of the time per octet at 1 KiB."""
    small, large = (summary.case(f"{way}-{kib}k") for kib in ("1", "64"))
    per_octet = [_seconds(summary, each.name, contender) / each.octets for each in (small, large)]
    return per_octet[1] / per_octet[0]


def _flatness(summary: Summary) -> Iterator[Aim]:
    for way, how in (("whole", "whole"), ("octets", "one octet at a time")):
        ours = flatness(summary, way, OURS)
        words = f"time per octet, 64 KiB to 1 KiB, {how}"
        yield Aim(words, ours, 1.3)
        yield Aim(f"{words}, against h11's", ours, flatness(summary, way, H11_CHECKS))


def _footprint(summary: Summary) -> Iterator[Aim]:
    ours, theirs = (summary.weight(each.name, "idle").traced for each in (OURS, H11_CHECKS))
    yield Aim("octets of an idle negotiator, against h11.Connection's", ours, theirs)
    seconds = {each.contender: each.seconds * 1000 for each in summary.imports}
    assert OURS.module is not None
    assert H11_CHECKS.module is not None
    words = "import, against h11's"
    yield Aim(words, seconds[OURS.module], seconds[H11_CHECKS.module], unit=" ms")
