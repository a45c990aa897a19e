"""What a row of the list of differences says, and of whom."""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Final, NamedTuple, final

VERSIONS: Final[Mapping[str, str]] = {
    "h11": "0.16.0",
    "httptools": "0.9.0",
    "aiohttp": "3.14.5",
    "zttp": "0.0.35",
}
"""Those that the list was made with."""

H11: Final = "h11"
HTTPTOOLS: Final = "httptools"
AIOHTTP_C: Final = "aiohttp (C)"
AIOHTTP_PYTHON: Final = "aiohttp (Python)"
ZTTP: Final = "zttp"
LLHTTP: Final = (HTTPTOOLS, AIOHTTP_C)
"""Two packages around one parser, with other settings."""
AIOHTTP: Final = (AIOHTTP_C, AIOHTTP_PYTHON)
ALL: Final = (H11, *LLHTTP, AIOHTTP_PYTHON, ZTTP)

ACCEPTS: Final = "accepts"
REFUSES: Final = "refuses"


@final
class Severity(Enum):
    """What may come of a difference where one parser stands before the other."""

    BOUNDARY = "they may disagree on where a request or its fields end, or who it is for"
    MEANING = "they agree on the octets, and one acts on what the other ignores or refuses"
    NONE = "a request is refused by one of them, and nothing else comes of it"


@final
class Difference(NamedTuple):
    """A kind of difference."""

    what: str
    """What such a head has."""
    peers: tuple[str, ...]
    how: str
    """What these parsers do: "accepts" (we refuse), "refuses" (we accept), "reads another …"."""
    pattern: bytes
    """What is found in every head that has it."""
    example: bytes
    clause: str
    why: str
    """Why we do as we do."""
    severity: Severity

    def explains(self, peer: str, how: str, octets: bytes) -> bool:
        """Whether this can be why the parser differs in this way on these octets."""
        return (
            peer in self.peers and how == self.how and re.search(self.pattern, octets) is not None
        )
