"""How many mutants are noticed, and how sure that is."""

from math import sqrt
from typing import Final

_WIDE: Final = 1.96  # of a normal distribution, for 95 of 100


def interval(killed: int, of: int) -> tuple[float, float]:
    """Where the share lies of which these were drawn at random (Wilson's interval, 95 %)."""
    if not of:
        return 0.0, 1.0
    share, square = killed / of, _WIDE**2
    middle = share + square / (2 * of)
    half = _WIDE * sqrt(share * (1 - share) / of + square / (4 * of**2))
    return (middle - half) / (1 + square / of), (middle + half) / (1 + square / of)
