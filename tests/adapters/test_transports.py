"""The adapter for asyncio on transports in C: they are no subclasses of asyncio's."""

import asyncio
from typing import cast

import aiofastnet
from loopback import run

from httpupgrade import Policy, WebSocket
from httpupgrade.adapters.asyncio import UpgradeProtocol

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"
ACCEPT = b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"


class Answering(asyncio.Protocol):
    """Each piece of data draws the same octets; a client's end is the end."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._transport.write(self._answer)


async def talk() -> bytes:
    server = await aiofastnet.create_server(
        asyncio.get_running_loop(),
        lambda: UpgradeProtocol(
            Policy(WebSocket()), lambda accept: Answering(b"pong"), lambda: Answering(NO_CONTENT)
        ),
        "127.0.0.1",
        0,
    )
    async with server, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(GET + HANDSHAKE)
        octets = await reader.readuntil(ACCEPT)
        writer.write(b"ping")
        octets += await reader.readexactly(4)
        writer.write_eof()
        octets += await reader.read()
        writer.close()
        await writer.wait_closed()
    return octets


def test_a_connection_passes_and_switches_on_transports_in_c() -> None:
    octets = run(talk)
    assert octets.startswith(NO_CONTENT + b"HTTP/1.1 101 ")
    assert octets.endswith(ACCEPT + b"pong")
