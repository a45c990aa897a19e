"""Where another parser reads a head in another way than we do, and whether that is on the list."""

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Final, NamedTuple, final

from . import of_aiohttp, of_h11, of_httptools, of_zttp, ours
from .difference import VERSIONS, Difference
from .differences import DIFFERENCES
from .request import No, Parser, Reading, Request

PARSERS: Final[Mapping[str, Parser]] = {
    "h11": of_h11.read,
    "httptools": of_httptools.read,
    "aiohttp (C)": of_aiohttp.read_in_c,
    "aiohttp (Python)": of_aiohttp.read_in_python,
    "zttp": of_zttp.read,
}
COMPARED: Final = tuple(
    peer for peer in PARSERS if version(peer.split()[0]) == VERSIONS[peer.split()[0]]
)
"""Those of which the version that the list was made with is installed."""


@final
class Found(NamedTuple):
    """A parser that reads a head in another way."""

    peer: str
    how: str
    octets: bytes
    ours: Reading
    theirs: Reading

    @property
    def rows(self) -> list[Difference]:
        """What of the list explains it."""
        sizes = [each.size for each in (self.ours, self.theirs) if isinstance(each, Request)]
        head = self.octets[: max(sizes)]
        return [row for row in DIFFERENCES if row.explains(self.peer, self.how, head)]

    def __str__(self) -> str:
        """The head, with what both make of it."""
        said = f"ours: {self.ours}\n{self.peer}: {self.theirs}"
        return f"{self.peer} {self.how}: {self.octets!r}\n{said}"


def differences(octets: bytes) -> list[Found]:
    """All parsers that read it in another way, each way for itself.

    Where some parser waits for the end of the head and another does not, all get one more: it is
    no difference that a parser refuses sooner.
    """
    mine, theirs = _readings(octets)
    waiting = [each is No.WAITING for each in (mine, *theirs)]
    if any(waiting) and not all(waiting):
        octets += b"\r\n\r\n"
        mine, theirs = _readings(octets)
    return [
        Found(peer, how, octets, mine, reading)
        for peer, reading in zip(COMPARED, theirs, strict=True)
        for how in _ways(mine, reading)
    ]


def unexplained(octets: bytes) -> list[Found]:
    """The differences that no row of the list explains."""
    return [found for found in differences(octets) if not found.rows]


def _readings(octets: bytes) -> tuple[Reading, list[Reading]]:
    return ours.read(octets), [PARSERS[peer](octets) for peer in COMPARED]


def _ways(mine: Reading, theirs: Reading) -> Iterator[str]:
    """In which ways another parser's reading differs from ours. To wait is none of them."""
    match mine, theirs:
        case No.REFUSED, Request():
            yield "accepts"
        case Request(), No.REFUSED:
            yield "refuses"
        case Request(), Request():
            for name, my, their in zip(Request._fields, mine, theirs, strict=True):
                if my != their and my is not None and their is not None:
                    yield f"reads another {name}"
        case _:
            pass


def smallest(found: Found) -> Found:
    """A head as short as can be that differs in the same way and is not explained either."""
    least, size = found, len(found.octets)
    while size:
        place = 0
        while place < len(least.octets):
            shorter = _alike(found, least.octets[:place] + least.octets[place + size :])
            if shorter is None:
                place += size
            else:
                least = shorter
        size //= 2
    return least


def _alike(found: Found, octets: bytes) -> Found | None:
    for each in unexplained(octets):
        if (each.peer, each.how) == (found.peer, found.how):
            return each
    return None
