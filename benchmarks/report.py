"""The figures as text: ratios of the same rounds, with their spread.

The law of this file: it computes nothing but what a reader sees. A time is the machine's business
and stands beside; what is claimed is a ratio.
"""

from collections.abc import Iterator
from typing import Final

from .aims import aims_of, describe_aims
from .cases import PIPELINED, Section
from .contenders import OURS
from .handshakes import COOKIES, Compared, HandshakeFigures, Times
from .summary import CaseFigures, Figure, Shortfall, Summary

# One process runs at a time. More load than this is somebody else's.
_OWN_LOAD: Final = 1.3
_PER_OCTET: Final = (Section.SIZE.value,)
_PER_REQUEST: Final = (Section.PIPELINE.value,)


def describe_all(summary: Summary) -> Iterator[str]:
    """The whole report, line by line."""
    yield from describe_run(summary)
    for section in Section:
        cases = [each for each in summary.cases if each.section == section.value]
        if cases:
            yield from _heading(section.value)
            for case in cases:
                yield from describe_case(case)
    yield from _heading("All captured clients: octets to 101, every distinct WebSocket handshake")
    for figures in summary.handshakes:
        yield from describe_handshakes(figures)
    yield from describe_weights(summary)
    yield from describe_imports(summary)
    yield from describe_shortfalls(summary)
    yield from _heading("Aims")
    yield from describe_aims(aims_of(summary))


def _heading(words: str) -> Iterator[str]:
    yield from ("", words, "=" * len(words))


def describe_run(summary: Summary) -> Iterator[str]:
    """Where, when and what."""
    about = summary.about
    yield f"Time as a multiple of {OURS.name}'s: below 1 is faster than {OURS.name}."
    yield summary.date
    yield (
        f"{about['python_implementation']} {about['python_version']},"
        f" {about.get('cpu_model_name', 'unknown CPU')}, {about['cpu_count']} CPUs,"
        f" {about['platform']}"
    )
    yield ", ".join(f"{name} {version}" for name, version in summary.versions.items())
    yield summary.rounds
    if summary.loads:
        loads = ", ".join(f"{load:.2f}" for load in summary.loads)
        yield f"load average as each process began: {loads}"
    if any(load > _OWN_LOAD for load in summary.loads):
        yield "Other work ran meanwhile: read the ratios, with their spread, and not the times."


def describe_case(case: CaseFigures) -> Iterator[str]:
    """A table of everybody who was timed."""
    ours = case.figure(OURS.name)
    assert ours is not None
    yield ""
    yield f"{case.title} ({case.name}, {case.octets} octets)"
    yield f"  {'':46}{'ratio':>7}   {'quartiles':16}{'time':>12}   {'ours':>12}"
    for figure in case.figures:
        yield (
            f"  {figure.contender:46}{_ratio(figure)}"
            f"{_time(case, figure):>12}   {_time(case, ours):>12}"
        )


def _ratio(figure: Figure) -> str:
    ratio = figure.ratio
    is_ours = figure.contender in (OURS.name, OURS.module)
    spread = "" if is_ours else f"{ratio.lower:.2f} to {ratio.upper:.2f}"
    return f"{ratio.median:>7.2f}   {spread:16}"


def _time(case: CaseFigures, figure: Figure) -> str:
    if case.section in _PER_OCTET:
        return f"{figure.seconds / case.octets * 1e9:.2f} ns/octet"
    if case.section in _PER_REQUEST:
        return f"{figure.seconds / PIPELINED * 1e6:.1f} us/req."
    return f"{figure.seconds * 1e6:.2f} us"


def describe_handshakes(figures: HandshakeFigures) -> Iterator[str]:
    """Everybody at all of them, with a cookie of one size."""
    size = COOKIES[figures.cookie]
    cookie = f"with {size} octets of cookie (derived)" if size else "as they arrived"
    yield ""
    yield f"{figures.handshakes} handshakes {cookie}, of {figures.octets} octets in the middle"
    yield f"  {'':46}{'median':>10}{'worst':>10}   whose"
    yield from map(_times, figures.times)
    yield f"  {'ratio in the same round':46}{'median':>10}{'least':>10}   whose"
    yield from map(_compared, figures.compared)


def _times(times: Times) -> str:
    worst, spread = times.worst, times.spread
    return (
        f"  {times.contender:46}{times.median * 1e6:>7.1f} us{worst.figure * 1e6:>7.1f} us"
        f"   {worst.handshake}; {spread.figure:.2f} of the median: {spread.handshake}"
    )


def _compared(each: Compared) -> str:
    least, greatest = each.least, each.greatest
    return (
        f"  {f'{each.contender} / {each.to}':46}{each.median:>10.2f}{least.figure:>10.2f}"
        f"   {least.handshake}; at most {greatest.figure:.2f}: {greatest.handshake}"
    )


def describe_weights(summary: Summary) -> Iterator[str]:
    """What a connection holds before it has decided."""
    yield from _heading(f"Octets for each of {summary.connections} connections")
    yield "traced: of Python's allocator, which does not see what a C library allocates;"
    yield "resident: growth of the process, in which everything shows, rounded to pages."
    yield f"  {'':46}{'idle':>8}{'resident':>10}{'half-fed':>12}{'resident':>10}"
    for contender in dict.fromkeys(each.contender for each in summary.weights):
        idle, fed = (summary.weight(contender, state) for state in ("idle", "half-fed"))
        yield (
            f"  {contender:46}{idle.traced:>8.0f}{idle.resident:>10.0f}"
            f"{fed.traced:>12.0f}{fed.resident:>10.0f}"
        )


def describe_imports(summary: Summary) -> Iterator[str]:
    """What a program pays for when it starts."""
    yield from _heading("Import, CPU in a fresh interpreter, over bare Python")
    yield f"  {'':46}{'ratio':>7}   {'quartiles':16}{'time':>12}"
    for figure in summary.imports:
        yield f"  {figure.contender:46}{_ratio(figure)}{figure.seconds * 1000:>9.1f} ms"


def describe_shortfalls(summary: Summary) -> Iterator[str]:
    """Who did something else, and whose answers lack something."""
    for heading, timed in (
        ("Not timed, because it does something else", False),
        ("Timed, although something is missing", True),
    ):
        concerned = [each for each in summary.shortfalls if each.timed is timed]
        if concerned:
            yield from _heading(heading)
            yield from _grouped(concerned)


def _grouped(shortfalls: list[Shortfall]) -> Iterator[str]:
    """The same words about the same contender once, behind all their cases."""
    for contender, words in dict.fromkeys((each.contender, each.words) for each in shortfalls):
        cases = [
            each.case for each in shortfalls if (each.contender, each.words) == (contender, words)
        ]
        yield f"  {contender}: {words}"
        yield f"      {', '.join(cases)}"
