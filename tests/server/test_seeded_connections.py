"""Law: connections made of a seed come out alike, whole or cut, on the fast path or without it.

``make test-pythons`` compares what comes out between interpreters, connection by connection.
"""

from collections.abc import Callable

import pytest
from pythons import OUTCOMES
from seeded_outcomes import SEED, digest, outcome
from seeded_requests import seeded_connection
from slow_path import without_the_fast_path

BLOCK = 500
BLOCKS = 6


@pytest.mark.parametrize("block", range(BLOCKS))
def test_neither_cutting_nor_the_fast_path_changes_what_comes_out(
    block: int, record_property: Callable[[str, object], None]
) -> None:
    first = block * BLOCK
    places = range(first, first + BLOCK)
    whole = [outcome(SEED, place) for place in places]
    with without_the_fast_path():
        slow = [outcome(SEED, place) for place in places]
    for place, fast, careful in zip(places, whole, slow, strict=True):
        assert outcome(SEED, place, cut=True) == fast, seeded_connection(SEED, place)
        assert careful == fast, seeded_connection(SEED, place)
        assert digest(careful) == digest(fast), seeded_connection(SEED, place)
    record_property(f"{OUTCOMES}of seed {SEED} from {first}", "".join(map(digest, whole)))


def test_seeded_connections_are_of_all_kinds() -> None:
    kinds: set[str] = set()
    for place in range(BLOCK):
        for _, each in outcome(SEED, place):
            kinds.add(type(each).__name__)
    assert kinds >= {
        *("Accept101", "Require426", "Reject", "Passthrough", "Continue100"),
        *("Forward", "ConnectionClosed"),
    }
