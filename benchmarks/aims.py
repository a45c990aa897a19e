"""What we want to reach, and whether this run shows it.

The law of this file: an aim is a number that was set before the measurement. Each is computed from
one summary, so from one run; it is met or not, and nobody's exit status depends on it.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, final

from .contender import Contender
from .contenders import (
    BEHIND_HTTPTOOLS,
    FROM_OCTETS,
    GIVEN_A_HEAD,
    H11_CHECKS,
    H11_WSPROTO,
    HTTPTOOLS_ALONE,
    HTTPTOOLS_CHECKS,
    MACHINE_GIVEN_A_HEAD,
    OURS,
    WEBSOCKETS,
)
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
    yield from _passes(summary)
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
    words = "101 to Chromium: we as a multiple of httptools + checks"
    yield Aim(words, 1 / _ratio(summary, case, HTTPTOOLS_CHECKS.name), 1.8)


def _passes(summary: Summary) -> Iterator[Aim]:
    for name in ("chromium-get", "curl-get"):
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
    for words, contender in (
        ("decision on a RequestHead, by receive_head()", MACHINE_GIVEN_A_HEAD),
        ("decision on a RequestHead, by decide()", GIVEN_A_HEAD),
        ("decision on h11's fields, made a RequestHead first", OURS.name),
        ("decision on httptools' fields, made a RequestHead first", BEHIND_HTTPTOOLS),
    ):
        share = _ratio(summary, case, contender) / from_octets
        yield Aim(f"{words}, as a share of octets to 101", share, 0.6)


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
    seconds = {each.contender: each.seconds * 1000 for each in summary.imports}
    assert OURS.module is not None
    assert H11_CHECKS.module is not None
    words = "import, against h11's"
    yield Aim(words, seconds[OURS.module], seconds[H11_CHECKS.module], unit=" ms")
