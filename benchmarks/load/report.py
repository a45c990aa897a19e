"""The outcomes as text.

The law of this file: a line for each server, as its figures are words as often as numbers.
"""

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Final

from .cases import Outcome

_WIDTH: Final = 72


def describe(case: str, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """One case, at every server that was asked for it."""
    yield ""
    yield case
    yield "=" * len(case)
    for outcome in outcomes:
        figures = "; ".join(f"{name}: {value}" for name, value in outcome.figures.items())
        first, *rest = wrap(figures, _WIDTH)
        yield f"  {outcome.server:24}{first}"
        yield from (f"  {'':24}{line}" for line in rest)
