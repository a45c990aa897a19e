"""The servers that real clients meet: one per scenario, on loopback, on the demo's connection.

The law of this file: what each server wants is a policy of the library; what it decided is noted as
it was decided, what it raised as it was raised, and neither is judged here.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from enum import Enum
from functools import partial
from typing import Any, Final, NamedTuple, assert_never, final

from demo.connection import HttpConnection, Site
from demo.roles import Recorder, echo
from demo.server import HOST, Wire, listen
from demo.tls import Certificates, SecureLayer

from httpupgrade import (
    H2C,
    TLS,
    Accept101,
    Continue100,
    Decision,
    Passthrough,
    Policy,
    Reject,
    RequestHead,
    Require426,
    WebSocket,
)

from . import engine, printer

TIME_OUT: Final = 60.0
"""Seconds that a connection may live: some clients take their time."""


class Scenario(Enum):
    """What a server offers, and to whom."""

    CHAT = "chat"
    """A WebSocket, required, that sends every message back."""
    H2C = "h2c"
    """HTTP/2 to whom asks for it, HTTP/1.1 to others. Each body is sent back, beside X-Method."""
    PRINT = "print"
    """A printer that requires TLS, begun by Upgrade."""
    ENGINE = "engine"
    """A Docker engine whose one program prints what it reads in upper case."""


@final
class Seen(NamedTuple):
    """A decision of a server."""

    offered: str
    """The Upgrade field of the request, "none" without one; of ``make serve``, the request."""
    decision: str
    """101 and the token, "pass", or the status; of others' servers, what was found as well."""
    secure: bool
    """Whether the request came inside TLS."""


@final
class Service:
    """A running server: where it listens, and what it has decided and raised, in order."""

    def __init__(self, scenario: Scenario) -> None:
        self.host: Final = HOST
        self.port = 0
        self.seen: Final[list[Seen]] = []
        self.raised: Final[list[str]] = []
        self.certificates: Final = Certificates(HOST)
        self._site = _site(scenario, self.certificates)

    def connect(self) -> Wire:
        """The server's side of a new connection."""
        connection = HttpConnection(self._site, _Witness(self.seen, secure=False))
        return Wire(connection, lambda: None, TIME_OUT)


@asynccontextmanager
async def serve(scenario: Scenario) -> AsyncIterator[Service]:
    """The scenario's server, until the block ends."""
    service = Service(scenario)
    with noting(service.raised):
        async with listen(service.connect) as service.port:
            yield service


@contextmanager
def noting(raised: list[str]) -> Iterator[None]:
    """Note what is raised in the loop, until the block ends."""
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, context: raised.append(_raised(context)))
    try:
        yield
    finally:
        loop.set_exception_handler(before)


def _raised(context: dict[str, Any]) -> str:
    return f"the server raised {context.get('exception')!r}: {context['message']}"


@final
class _Witness:
    """Notes the decisions of a connection, and of what it carries."""

    def __init__(self, seen: list[Seen], *, secure: bool) -> None:
        self._seen = seen
        self._secure = secure

    def received(self, octets: bytes) -> None:
        """Decisions alone are noted."""

    def sent(self, octets: bytes) -> None:
        """Decisions alone are noted."""

    def decided(self, decision: Decision | Continue100, head: RequestHead | None) -> None:
        """Note it."""
        offer = None if head is None else head.get(b"upgrade")
        offered = "none" if offer is None else offer.decode("ascii", "backslashreplace")
        self._seen.append(Seen(offered, _in_brief(decision), self._secure))

    def switched(self, accept: Accept101, trailing_data: bytes) -> None:
        """It was decided already."""

    def inside(self) -> Recorder:
        """What is carried is TLS's."""
        return _Witness(self._seen, secure=True)


def _in_brief(decision: Decision | Continue100) -> str:
    match decision:
        case Accept101():
            return f"101 {decision.token}"
        case Continue100():
            return "100"
        case Require426() | Reject():
            return str(decision.status_code)
        case Passthrough():
            return "pass"
        case unreachable:
            assert_never(unreachable)


def _site(scenario: Scenario, certificates: Certificates) -> Site:
    match scenario:
        case Scenario.CHAT:
            return _everywhere(Policy(WebSocket(subprotocols=("chat",)), mode="required"))
        case Scenario.H2C:
            return _everywhere(Policy(H2C()))
        case Scenario.PRINT:
            secure = partial(SecureLayer, certificates.for_server())
            required = Policy(TLS("1.3", "1.2"), mode="required")
            return Site(lambda _: required, printer.answer, secure)
        case Scenario.ENGINE:
            hijack = Policy(engine.HIJACK)
            return Site(lambda _: hijack, engine.answer, by_token={engine.TOKEN: engine.run})
        case unreachable:
            assert_never(unreachable)


def _everywhere(policy: Policy) -> Site:
    """The same for each path."""
    return Site(lambda _: policy, echo)
