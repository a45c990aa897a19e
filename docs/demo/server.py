"""The server: all the glue there is between asyncio and the library.

The law of this file: it moves octets. What to answer was decided by the library, from what
``policies.py`` wants; what comes behind a decision is in ``backends.py``.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, final

from httpupgrade import (
    Accept101,
    ConnectionClosed,
    Continue100,
    Event,
    Forward,
    Passthrough,
    Reject,
    Require426,
    ServerNegotiator,
    Signal,
    WebSocketAgreement,
)

from .backends import EchoSocket, OrdinaryServer
from .policies import policy_for
from .transcript import Transcript

TIME_OUT: Final = 10.0
"""Seconds that anything may take: a connection, an exchange, an end."""


@final
class Server:
    """A running server: where it listens, and what it has seen."""

    def __init__(self) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        self.would_require = 0
        """Requests that passed although mode "required" would have refused them."""
        self.transcripts: asyncio.Queue[Transcript] = asyncio.Queue()
        """Of connections that have ended."""
        self.open: set[Glue] = set()

    @property
    def authority(self) -> str:
        """For Host."""
        return f"{self.host}:{self.port}"


@asynccontextmanager
async def serve() -> AsyncIterator[Server]:
    """Listen on a port of the system's choice until the block ends."""
    server = Server()
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(lambda: Glue(server), server.host, 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for connection in server.open:  # none, unless something went wrong
            connection.transport.abort()
        async with asyncio.timeout(TIME_OUT):
            await listener.wait_closed()


@final
class Glue(asyncio.Protocol):
    """One connection of the server."""

    transport: asyncio.Transport

    def __init__(self, server: Server) -> None:
        self.server = server
        self.negotiator = ServerNegotiator(policy_for)
        self.http = OrdinaryServer()
        self.socket: EchoSocket | None = None
        self.transcript = Transcript()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        loop = asyncio.get_running_loop()
        self.deadline = loop.call_later(TIME_OUT, transport.abort)
        self.server.open.add(self)

    def data_received(self, data: bytes) -> None:
        if self.socket is not None:
            self.transcript.add(">", data, framed=True)
            self.echo(self.socket, data)
        else:
            self.transcript.add(">", data)
            self.handle(self.negotiator.receive_data(data))

    def handle(self, event: Event) -> None:
        """Do what each event asks for, until more octets are needed."""
        while not isinstance(event, Signal):
            match event:
                case Accept101(agreement=WebSocketAgreement() as agreement):
                    self.transcript.decide(event)
                    self.write(self.negotiator.send(event))
                    self.switch(agreement, self.negotiator.trailing_data)
                case Accept101() | Continue100() | Require426() | Reject():
                    self.transcript.decide(event)
                    self.write(self.negotiator.send(event))
                case Passthrough():
                    self.transcript.decide(event)
                    self.server.would_require += event.would_require
                    self.answer(event.declined().data)
                case Forward():
                    self.answer(event.data)
                case ConnectionClosed():
                    self.transport.close()
                    return
            event = self.negotiator.next_event()

    def switch(self, agreement: WebSocketAgreement, trailing_data: bytes) -> None:
        """Give the connection to the new protocol, with what came for it already."""
        self.socket = EchoSocket(agreement, trailing_data)
        self.transcript.move_to_frames(trailing_data)
        self.echo(self.socket, b"")

    def echo(self, socket: EchoSocket, data: bytes) -> None:
        """Let the WebSocket answer."""
        self.write(socket.receive(data), framed=True)
        if socket.closed:
            self.transport.close()

    def answer(self, octets: bytes) -> None:
        """Let the ordinary server answer."""
        self.write(self.http.receive(octets))
        if self.http.closed:
            self.transport.close()

    def write(self, octets: bytes, *, framed: bool = False) -> None:
        """Send, and note it."""
        self.transcript.add("<", octets, framed=framed)
        self.transport.write(octets)

    def eof_received(self) -> None:
        if self.socket is None:
            self.handle(self.negotiator.receive_data(b""))

    def connection_lost(self, _: Exception | None) -> None:
        self.deadline.cancel()
        self.server.open.discard(self)
        self.server.transcripts.put_nowait(self.transcript)
