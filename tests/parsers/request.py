"""What a parser makes of one request head, in one form for all parsers.

Rules for this module: a parser is given the octets line by line until it has a head or refuses
them, and then PROBE, which shows how it frames the body. What follows the head is not given to it.
"""

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Final, NamedTuple, final

PROBE: Final = b"0\r\n\r\n" + b"x" * 60
"""What is fed after a head: the end of a chunked body, or the content of a short other one."""


@final
class No(Enum):
    """What a parser says where it gives no head."""

    REFUSED = "refuses"
    WAITING = "waits for more"


@final
class Request(NamedTuple):
    """A head that a parser has accepted. None: it does not say."""

    size: int
    """Of octets up to the end of the head, what stands before it included."""
    method: bytes
    target: bytes
    version: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    """Names in lower case."""
    upgrade: bool | None
    """Whether it says that the connection may switch to another protocol."""
    body: bytes | str | None
    """What of PROBE is content, and b"" where chunked ends; "open" where more has to come, and
    "broken" where the parser refuses it.
    """


Reading = Request | No
Parser = Callable[[bytes], Reading]


def lines_of(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines of a head with their ends, and where each of them ends."""
    start = 0
    while start < len(octets):
        end = octets.find(b"\n", start) + 1 or len(octets)
        yield end, octets[start:end]
        start = end
