"""The server of ``make serve``, as clients meet it here.

The law of this file: it is run as it is; what it decided is what its log says.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Protocol, final

from httpupgrade.cli.serve.server import listen

from .servers import Seen, noting

_LOG: Final = logging.getLogger("httpupgrade.asyncio")


class Met(Protocol):
    """A server that clients meet."""

    @property
    def host(self) -> str:
        """Where it listens."""
        ...

    @property
    def port(self) -> int:
        """Where it listens."""
        ...

    @property
    def seen(self) -> list[Seen]:
        """What it has decided, in order."""
        ...

    @property
    def raised(self) -> list[str]:
        """What it has raised, in order."""
        ...


@final
class Playground(logging.Handler):
    """A running server, and what it logs."""

    def __init__(self) -> None:
        super().__init__()
        self.host = ""
        self.port = 0
        self.seen: Final[list[Seen]] = []
        self.raised: Final[list[str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Note a decision: ``127.0.0.1:40000 GET /required: 426 (upgrade-missing)``."""
        _, _, told = record.getMessage().partition(" ")
        request, _, answer = told.partition(": ")
        decision = answer.partition(" (")[0].partition(",")[0]
        self.seen.append(Seen(request, decision, secure=False))


@asynccontextmanager
async def play() -> AsyncIterator[Playground]:
    """The server, until the block ends."""
    playground = Playground()
    level = _LOG.level
    _LOG.setLevel(logging.DEBUG)
    _LOG.addHandler(playground)
    try:
        with noting(playground.raised):
            async with listen(0) as server:
                playground.host, _, port = server.places.plain.partition(":")
                playground.port = int(port)
                yield playground
    finally:
        _LOG.removeHandler(playground)
        _LOG.setLevel(level)
