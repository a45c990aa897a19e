"""Whose servers are visited, and for what.

The law of this file: a table. Nothing of a library is imported to read it.
"""

from typing import Final, NamedTuple, final

from .exchanges import Errand

_CLOSES: Final = "it closes behind every response"
_ALL: Final = (Errand.SWITCH, Errand.KEEP, Errand.ONCE)


@final
class Contender(NamedTuple):
    """A server, as it is begun."""

    name: str
    module: str
    """Of ``servers``."""
    arguments: tuple[str, ...] = ()
    distributions: tuple[str, ...] = ()
    """What has to be installed, for the versions in the report."""
    errands: tuple[Errand, ...] = _ALL
    left_out: tuple[tuple[Errand, str], ...] = ()


OURS: Final = Contender("httpupgrade's adapter", "ours", ("stay",), ("httpupgrade",))
LETS_GO: Final = Contender("the same, letting go", "ours", ("let-go",), ("httpupgrade",))
PICOWS: Final = Contender(
    "picows",
    "picows_server",
    ("plain",),
    ("picows",),
    (Errand.SWITCH, Errand.ONCE),
    ((Errand.KEEP, _CLOSES),),
)
FAST_PICOWS: Final = PICOWS._replace(
    name="picows, transports in C", arguments=("fast",), distributions=("picows", "aiofastnet")
)
WEBSOCKETS: Final = Contender(
    "websockets",
    "websockets_server",
    (),
    ("websockets",),
    (Errand.SWITCH, Errand.ONCE),
    ((Errand.KEEP, _CLOSES),),
)
AIOHTTP: Final = Contender("aiohttp", "aiohttp_server", (), ("aiohttp",))
UVICORN_H11: Final = Contender(
    "uvicorn, h11", "uvicorn_server", ("h11",), ("uvicorn", "h11", "websockets")
)
UVICORN_HTTPTOOLS: Final = Contender(
    "uvicorn, httptools", "uvicorn_server", ("httptools",), ("uvicorn", "httptools", "websockets")
)
ADAPTED_H11: Final = UVICORN_H11._replace(
    name="uvicorn, h11, our adapter in front", arguments=("h11-behind",)
)
ADAPTED_HTTPTOOLS: Final = UVICORN_HTTPTOOLS._replace(
    name="uvicorn, httptools, our adapter in front", arguments=("httptools-behind",)
)

CONTENDERS: Final = (
    OURS,
    LETS_GO,
    Contender("the same, transports in C", "ours", ("fast",), ("httpupgrade", "aiofastnet")),
    Contender("asyncio alone, nothing checked", "bare_asyncio", ("plain",)),
    PICOWS,
    FAST_PICOWS,
    WEBSOCKETS,
    AIOHTTP,
    UVICORN_H11,
    ADAPTED_H11,
    UVICORN_HTTPTOOLS,
    ADAPTED_HTTPTOOLS,
)
