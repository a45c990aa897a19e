"""Clients: h11, wsproto, h2 and raw octets over asyncio streams.

The law of this file: it does what clients do; what should come of it is in ``scenes.py``.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final, NamedTuple, Protocol, final

from httpupgrade.adapters.h2 import UPGRADED_STREAM
from httpupgrade.cli.serve.roles import Response

from .http1 import Answer, Http1Client
from .http2 import Http2Client
from .server import Server
from .tls import SecureClient
from .websocket import Talk, TalkingClient

_READ: Final = 65536


class Stream(Protocol):
    """A connection to the server."""

    @property
    def authority(self) -> str:
        """For Host."""
        ...

    async def write(self, octets: bytes) -> None:
        """Send them."""

    async def read(self) -> bytes:
        """Some of what came; nothing at the end."""
        ...


@final
class PlainStream(NamedTuple):
    """A connection to the server, as it is."""

    authority: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def write(self, octets: bytes) -> None:
        """Send them."""
        self.writer.write(octets)
        await self.writer.drain()

    async def read(self) -> bytes:
        """Some of what came; nothing at the end."""
        return await self.reader.read(_READ)


@asynccontextmanager
async def connect(server: Server) -> AsyncIterator[PlainStream]:
    """A connection, closed after the block."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    try:
        yield PlainStream(server.authority, reader, writer)
    finally:
        writer.close()
        await writer.wait_closed()


@final
class SecureStream:
    """A connection inside TLS, which another one carries."""

    def __init__(self, carrier: Stream, client: SecureClient) -> None:
        self._carrier = carrier
        self._client = client
        self._unread = bytearray()

    @property
    def authority(self) -> str:
        """For Host."""
        return self._carrier.authority

    async def begin(self) -> None:
        """The handshake."""
        self._client.receive(b"")
        while not self._client.complete:
            await self._flush()
            if not await self._carry():
                raise ConnectionError("the server closed the connection in the handshake")
        await self._flush()

    async def write(self, octets: bytes) -> None:
        """Send them."""
        self._client.send(octets)
        await self._flush()

    async def read(self) -> bytes:
        """Some of what came; nothing at the end."""
        while not self._unread and await self._carry():
            pass
        octets = bytes(self._unread)
        self._unread.clear()
        return octets

    async def end(self) -> None:
        """Say that no more follows."""
        self._client.end()
        await self._flush()

    async def _carry(self) -> bool:
        """Take records, and say whether there were any."""
        records = await self._carrier.read()
        self._unread += self._client.receive(records)
        return bool(records)

    async def _flush(self) -> None:
        await self._carrier.write(self._client.records_to_send())


async def ask(
    stream: Stream,
    method: str,
    path: str,
    fields: Sequence[tuple[str, str]] = (),
    body: Sequence[bytes] = (),
) -> Answer:
    """One request and its response, by h11. The body goes out in pieces."""
    client = Http1Client(stream.authority)
    for octets in client.ask(method, path, fields, body):
        await stream.write(octets)
    return await _read_answer(stream, client)


async def await_answer(stream: Stream, method: str, path: str) -> Answer:
    """The response to a request that went out before the stream began."""
    client = Http1Client(stream.authority)
    client.ask(method, path)
    return await _read_answer(stream, client)


async def _read_answer(stream: Stream, client: Http1Client) -> Answer:
    while (answer := client.receive(await stream.read())) is None:
        pass
    return answer


@final
class Switched(NamedTuple):
    """What became of a request that asked for HTTP/2, and of one after it."""

    answer: Answer
    """In HTTP/1.1."""
    streams: dict[int, Response]
    """In HTTP/2, by stream."""


async def ask_for_http2(
    stream: Stream, method: str, path: str, body: Sequence[bytes] = ()
) -> Switched:
    """A request by h11 that asks for HTTP/2, and then, by h2, a GET for the same.

    The second one goes out when the first was answered.
    """
    client = Http2Client(stream.authority)
    fields = [
        ("Connection", "Upgrade, HTTP2-Settings"),
        ("Upgrade", "h2c"),
        ("HTTP2-Settings", client.settings.decode("ascii")),
    ]
    if body:
        fields.append(("Content-Length", str(sum(map(len, body)))))
    answer = await ask(stream, method, path, fields, body)
    streams: dict[int, Response] = {}
    if answer.status_code != 101:
        return Switched(answer, streams)
    received, awaited = answer.body, UPGRADED_STREAM
    while True:
        responses, octets = client.receive(received)
        streams |= responses
        await stream.write(octets)
        if awaited in streams:
            if awaited != UPGRADED_STREAM:
                await stream.write(client.close())
                return Switched(answer, streams)
            awaited, octets = client.ask(b"GET", path.encode("ascii"))
            await stream.write(octets)
        received = await stream.read()
        if not received:
            raise ConnectionError(f"the server closed the connection without stream {awaited}")


async def ask_raw(stream: PlainStream, octets: bytes) -> bytes:
    """Send octets as they are; everything that comes back until the server closes."""
    await stream.write(octets)
    return await stream.reader.read()


async def talk(stream: Stream, path: str, texts: Sequence[str]) -> Talk:
    """Open a WebSocket by wsproto, send texts, take the echoes, close it."""
    client = TalkingClient(stream.authority, path, texts)
    await stream.write(client.begin())
    while client.talk is None:
        await stream.write(client.receive(await stream.read()))
    return client.talk
