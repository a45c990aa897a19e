"""Clients: h11, wsproto and raw octets over asyncio streams."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final, NamedTuple, final

import h11
from wsproto import ConnectionType, WSConnection
from wsproto.connection import Connection
from wsproto.events import AcceptConnection, CloseConnection, Request, TextMessage

from .server import Server

_READ: Final = 65536


@final
class Stream(NamedTuple):
    """A connection to the server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: Server


@asynccontextmanager
async def connect(server: Server) -> AsyncIterator[Stream]:
    """A connection, closed behind the block."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    try:
        yield Stream(reader, writer, server)
    finally:
        writer.close()
        await writer.wait_closed()


@final
class Answer(NamedTuple):
    """A response."""

    status_code: int
    headers: dict[bytes, bytes]
    body: bytes


async def ask(
    stream: Stream,
    method: str,
    path: str,
    fields: Sequence[tuple[str, str]] = (),
    body: Sequence[bytes] = (),
) -> Answer:
    """One request and its response, by h11. The body goes out in pieces."""
    client = h11.Connection(h11.CLIENT)
    headers = [("Host", stream.server.authority), ("User-Agent", "h11"), *fields]
    stream.writer.write(
        client.send(h11.Request(method=method, target=path, headers=headers)) or b""
    )
    for piece in body:
        await stream.writer.drain()
        stream.writer.write(client.send(h11.Data(data=piece)) or b"")
    stream.writer.write(client.send(h11.EndOfMessage()) or b"")
    response: h11.Response | None = None
    content = bytearray()
    while True:
        event = client.next_event()
        match event:
            case h11.Response():
                response = event
            case h11.Data():
                content += event.data
            case h11.EndOfMessage() if response is not None:
                return Answer(response.status_code, dict(response.headers), bytes(content))
            case h11.ConnectionClosed():
                raise ConnectionError("the server closed the connection without an answer")
            case _:
                client.receive_data(await stream.reader.read(_READ))


async def ask_raw(stream: Stream, octets: bytes) -> bytes:
    """Send octets as they are; everything that comes back until the server closes."""
    stream.writer.write(octets)
    return await stream.reader.read()


@final
class Talk(NamedTuple):
    """What a WebSocket brought."""

    subprotocol: str | None
    echoes: list[str]


async def talk(stream: Stream, path: str, texts: Sequence[str]) -> Talk:
    """Open a WebSocket by wsproto, send texts, take the echoes, close it.

    The first text goes out together with the handshake. RFC 6455 4.1 has clients wait for the 101,
    but some do not, and servers have to keep what came early for the new protocol.
    """
    client = WSConnection(ConnectionType.CLIENT)
    request = Request(host=stream.server.authority, target=path, subprotocols=["chat.v1"])
    early = Connection(ConnectionType.CLIENT).send(TextMessage(texts[0]))
    stream.writer.write(client.send(request) + early)
    subprotocol: str | None = None
    echoes: list[str] = []
    while True:
        for event in client.events():
            match event:
                case AcceptConnection():
                    subprotocol = event.subprotocol
                    sent = [client.send(TextMessage(text)) for text in texts[1:]]
                    stream.writer.write(b"".join(sent))
                case TextMessage():
                    echoes.append(event.data)
                    if len(echoes) == len(texts):
                        stream.writer.write(client.send(CloseConnection(code=1000)))
                case _:
                    return Talk(subprotocol, echoes)
        received = await stream.reader.read(_READ)
        client.receive_data(received or None)
