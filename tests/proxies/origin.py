"""The server behind the proxies: /chat is a WebSocket that sends every message back.

Rules for this module: what it wants is a policy of the library; every request that arrives is noted
with what was decided on it, and neither is judged here.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final, NamedTuple, final

from demo.connection import HttpConnection, Site
from demo.roles import Recorder, echo
from demo.server import Wire, listen

from httpupgrade import (
    Accept101,
    Continue100,
    Decision,
    Policy,
    Reject,
    RequestHead,
    RequestInfo,
    WebSocket,
)

_SECONDS: Final = 30.0
_TO_ARRIVE: Final = 0.5
_BETWEEN_LOOKS: Final = 0.02
_REQUIRED: Final = Policy(WebSocket(subprotocols=("chat",)), mode="required")
_OPTIONAL: Final = Policy(WebSocket(subprotocols=("chat",)))
CHAT: Final = b"/chat"
PLAIN: Final = b"/plain"
READY: Final = b"/ready"
"""What is asked for until a proxy is ready, and not noted."""


@final
class Arrival(NamedTuple):
    """A request that arrived; no head if it could not be read."""

    head: RequestHead | None
    decision: Decision


@final
class Origin:
    """A running server: where it listens, and what has arrived, in order."""

    def __init__(self) -> None:
        self.port = 0
        self.arrivals: Final[list[Arrival]] = []

    def connect(self) -> Wire:
        """The server's side of a new connection."""
        connection = HttpConnection(Site(_policy_for, echo), _Witness(self.arrivals))
        return Wire(connection, lambda: None, _SECONDS)

    def find_refused(self) -> Arrival | None:
        """The first handshake that has arrived and is refused for what it is."""
        return next((each for each in self.arrivals if isinstance(each.decision, Reject)), None)

    async def take_first(self) -> Arrival | None:
        """The first request that has arrived; then, none has.

        One is waited for: a proxy may have answered before it is read here.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(_TO_ARRIVE):
                while not self.arrivals:
                    await asyncio.sleep(_BETWEEN_LOOKS)
        first = next(iter(self.arrivals), None)
        self.arrivals.clear()
        return first


@asynccontextmanager
async def serve() -> AsyncIterator[Origin]:
    """A server, until the block ends."""
    origin = Origin()
    async with listen(origin.connect) as origin.port:
        yield origin


def _policy_for(info: RequestInfo) -> Policy:
    return _REQUIRED if info.head.path == CHAT else _OPTIONAL


@final
class _Witness:
    """Notes what arrives."""

    def __init__(self, arrivals: list[Arrival]) -> None:
        self._arrivals = arrivals

    def received(self, octets: bytes) -> None:
        """Requests alone are noted."""

    def sent(self, octets: bytes) -> None:
        """Requests alone are noted."""

    def decided(self, decision: Decision | Continue100, head: RequestHead | None) -> None:
        """Note it."""
        if not isinstance(decision, Continue100) and (head is None or head.path != READY):
            self._arrivals.append(Arrival(head, decision))

    def switched(self, accept: Accept101, trailing_data: bytes) -> None:
        """It was noted already."""

    def inside(self) -> Recorder:
        """Nothing is carried."""
        return self
