"""The server: all the glue there is between asyncio and a connection.

The law of this file: it moves octets, and keeps the time. What they mean is known to
``connection.py``.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, final

from httpupgrade import Passthrough
from httpupgrade.cli.serve.roles import Connection

from .connection import HttpConnection, Site
from .policies import policy_for
from .roles import echo
from .tls import Certificates, SecureLayer
from .transcript import Transcript

TIME_OUT: Final = 10.0
"""Seconds that anything may take: a connection, an exchange, an end."""

HOST: Final = "127.0.0.1"


@final
class Wire(asyncio.Protocol):
    """The transport of one connection.

    :param ended: is called when it has ended.
    :param time_out: the seconds that it may live.
    """

    def __init__(
        self, connection: Connection, ended: Callable[[], None], time_out: float = TIME_OUT
    ) -> None:
        self.connection = connection
        self.ended = ended
        self.time_out = time_out
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        loop = asyncio.get_running_loop()
        self.deadline = loop.call_later(self.time_out, transport.abort)
        self.write(self.connection.begin())

    def data_received(self, data: bytes) -> None:
        self.write(self.connection.receive(data))

    def eof_received(self) -> None:
        self.write(self.connection.receive(b""))  # None has asyncio close after that

    def write(self, octets: bytes) -> None:
        """Send, and close if that was the last of it."""
        assert self.transport is not None
        self.transport.write(octets)
        if self.connection.closed:
            self.transport.close()

    def abort(self) -> None:
        """End the connection, if it has begun; when it has ended, this does nothing."""
        if self.transport is not None:
            self.transport.abort()

    def connection_lost(self, _: Exception | None) -> None:
        self.deadline.cancel()
        self.ended()


@asynccontextmanager
async def listen(make_wire: Callable[[], Wire]) -> AsyncIterator[int]:
    """Listen on a port of the system's choice, which this yields, until the block ends."""
    wires: list[Wire] = []

    def connect() -> Wire:
        wires.append(make_wire())
        return wires[-1]

    listener = await asyncio.get_running_loop().create_server(connect, HOST, 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for wire in wires:  # those that still live; there are none, unless something went wrong
            wire.abort()
        async with asyncio.timeout(TIME_OUT):
            await listener.wait_closed()


@final
class Server:
    """A running server: where it listens, and what it has seen."""

    def __init__(self) -> None:
        self.host = HOST
        self.port = 0
        self.would_require = 0
        """Requests that passed although mode "required" would have refused them."""
        self.transcripts: asyncio.Queue[Transcript] = asyncio.Queue()
        """Of connections that have ended."""
        self.certificates = Certificates(HOST)
        self._site = Site(policy_for, echo, partial(SecureLayer, self.certificates.for_server()))

    @property
    def authority(self) -> str:
        """For Host."""
        return f"{self.host}:{self.port}"

    def connect(self) -> Wire:
        """The server's side of a new connection."""
        transcript = Transcript()
        connection = HttpConnection(self._site, transcript)
        return Wire(connection, lambda: self.take(transcript))

    def take(self, transcript: Transcript) -> None:
        """Take the transcript of a connection that has ended."""
        self.would_require += sum(
            decision.would_require
            for decision in transcript.decisions
            if isinstance(decision, Passthrough)
        )
        self.transcripts.put_nowait(transcript)


@asynccontextmanager
async def serve() -> AsyncIterator[Server]:
    """The demo's server, until the block ends."""
    server = Server()
    async with listen(server.connect) as server.port:
        yield server
