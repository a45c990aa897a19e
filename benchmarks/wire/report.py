"""The figures of the wire as text.

The law of this file: it computes nothing but what a reader sees.
"""

from collections.abc import Iterator
from typing import Final

from ..aims import describe_aims
from .contenders import OURS
from .figures import ErrandFigures, Figure, WireSummary, aims_of
from .weights import STATES

# The visitors and one server run at a time.
_OWN_LOAD: Final = 2.3


def describe_all(summary: WireSummary) -> Iterator[str]:
    """The whole report, line by line."""
    about = summary.about
    yield f"Over loopback: time as a multiple of {OURS.name}'s; below 1 is faster than that."
    yield summary.date
    yield (
        f"{about['python_implementation']} {about['python_version']},"
        f" {about.get('cpu_model_name', 'unknown CPU')}, {about['cpu_count']} CPUs,"
        f" {about['platform']}"
    )
    yield ", ".join(f"{name} {version}" for name, version in summary.versions.items())
    yield f"{summary.rounds}; asyncio's own loop for all"
    loads = ", ".join(f"{load:.2f}" for load in summary.loads)
    yield f"load average as each process began: {loads}"
    if any(load > _OWN_LOAD for load in summary.loads):
        yield "Other work ran meanwhile: read the ratios, with their spread, and not the times."
    for errand in summary.errands:
        yield from describe_errand(errand)
    yield from describe_weights(summary)
    if summary.shortfalls:
        yield from ("", "Not timed", "=========")
        for each in summary.shortfalls:
            yield f"  {each.server}, {each.errand}: {each.words}"
    yield from ("", "Aims", "====")
    yield from describe_aims(aims_of(summary))


def describe_errand(errand: ErrandFigures) -> Iterator[str]:
    """A table of everybody who was timed."""
    yield ""
    yield f"{errand.title} ({errand.name})"
    yield (
        f"  {'':44}{'per second':>10}{'ratio':>9}   {'quartiles':14}"
        f"{'server ran':>12}{'ratio':>9}   quartiles"
    )
    for figure in errand.figures:
        yield _line(figure)
    yield f"  {'as a multiple of the server that it is an addition to':72}{'clock':>7}{'CPU':>15}"
    for figure in errand.figures:
        if figure.to_base is not None and figure.processor_to_base is not None:
            yield f"  {f'{figure.server} / {figure.base}':72}{_spread(figure)}"


def describe_weights(summary: WireSummary) -> Iterator[str]:
    """What a connection holds of Python's allocator, its transport included."""
    yield ""
    yield f"Octets for each of {summary.connections} connections, of Python's allocator"
    yield f"  {'':44}" + "".join(f"{state:>18}" for state in STATES)
    for server in dict.fromkeys(each.server for each in summary.weights):
        octets = "".join(f"{summary.weight(server, state):>18.0f}" for state in STATES)
        yield f"  {server:44}{octets}"


def _spread(figure: Figure) -> str:
    assert figure.to_base is not None
    assert figure.processor_to_base is not None
    ran = figure.processor_to_base
    return f"{figure.to_base.median:>7.2f}{ran.median:>7.2f}   {ran.lower:.2f} to {ran.upper:.2f}"


def _line(figure: Figure) -> str:
    by_clock, ran = figure.ratio, figure.processor
    is_ours = figure.server == OURS.name
    spread = "" if is_ours else f"{by_clock.lower:.2f} to {by_clock.upper:.2f}"
    ran_spread = "" if is_ours else f"{ran.lower:.2f} to {ran.upper:.2f}"
    return (
        f"  {figure.server:44}{figure.per_second:>10.0f}{by_clock.median:>9.2f}   {spread:14}"
        f"{figure.microseconds:>9.1f} us{ran.median:>9.2f}   {ran_spread}"
    ).rstrip()
