"""What reads piece by piece: each octet costs alike, however many came before it.

A stream is something that is fed, and octets that can be repeated for ever.
"""

import gc
import tracemalloc
from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise
from typing import Any, Final, NamedTuple

import pytest
from counting import elements_of

from linear.subjects import SIZES, is_linear

Feed = Callable[[bytes], object]
_OCTETS: Final = 2048
_LITTLE: Final = 1024


class Stream(NamedTuple):
    """Something that is fed the same again and again."""

    begin: Callable[[], Feed]
    """Makes a reader, feeds what comes first, and returns what feeds it."""
    again: bytes
    keeps: bool = False
    """Whether it has to hold everything until more arrives; limits bound that."""

    def work_of(self, cut: Callable[[bytes], list[bytes]]) -> list[int]:
        """What it counts for twice as many rounds, until that is twice the work."""
        work: list[int] = []
        for size in SIZES:
            feed, pieces = self.begin(), cut(self.again * (size * max(1, 8 // len(self.again))))
            work.append(elements_of(partial(_feed_all, feed, pieces)))
            if is_linear(work):
                break
        return work

    def octets_kept(self) -> int:
        """Octets of memory that are held more after each of some rounds.

        The least of them: what else the process does takes memory now and then, not each time.
        """
        feed, octets = self.begin(), self.again * (_OCTETS // len(self.again))
        held = []
        tracemalloc.start()
        try:
            for _ in range(5):
                feed(octets)
                held.append(_octets_held())
        finally:
            tracemalloc.stop()
        return min(after - before for before, after in pairwise(held))


def _feed_all(feed: Feed, pieces: list[bytes]) -> None:
    for piece in pieces:
        feed(piece)


def _octets_held() -> int:
    gc.collect()  # it empties the interpreter's free lists, too
    return tracemalloc.get_traced_memory()[0]


def laws_of(streams: Mapping[str, Stream]) -> tuple[Any, Any, Any]:
    """The tests of each stream."""
    each_stream = pytest.mark.parametrize("stream", streams.values(), ids=streams)

    @each_stream
    def test_octets_that_come_one_at_a_time_cost_alike(stream: Stream) -> None:
        work = stream.work_of(lambda octets: [octets[at : at + 1] for at in range(len(octets))])
        assert work[0] >= SIZES[0] * len(stream.again), "nothing was fed"
        assert is_linear(work)

    @each_stream
    def test_octets_that_come_together_cost_alike(stream: Stream) -> None:
        assert is_linear(stream.work_of(lambda octets: [octets]))

    @each_stream
    def test_no_more_is_held_than_has_to_be(stream: Stream) -> None:
        assert stream.octets_kept() <= (2 * _OCTETS if stream.keeps else _LITTLE)

    return (
        test_octets_that_come_one_at_a_time_cost_alike,
        test_octets_that_come_together_cost_alike,
        test_no_more_is_held_than_has_to_be,
    )
