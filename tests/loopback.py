"""Servers and clients of the tests, over sockets on loopback.

The law of this file: every wait has an end, and what a loop was told of errors is looked at.
"""

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, closing, suppress
from typing import Any, Final, TypeVar

_T = TypeVar("_T")

HOST: Final = "127.0.0.1"
PATIENCE: Final = 10.0
"""Seconds that anything may take which should take none."""


class LoopError(Exception):
    """What a loop's exception handler was told."""


def run(work: Callable[[], Coroutine[Any, Any, _T]], *, expect: list[str] | None = None) -> _T:
    """Do some work in a loop of its own.

    :param expect: parts of the messages that the loop's exception handler is to be told, in order;
        none if this is not given.
    """
    told: list[dict[str, Any]] = []

    async def watched() -> _T:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: told.append(context))
        async with asyncio.timeout(3 * PATIENCE):
            return await work()

    result = asyncio.run(watched())
    messages = [f"{each['message']}: {each.get('exception')!r}" for each in told]
    expected = [] if expect is None else expect
    if len(messages) != len(expected) or not all(
        part in message for part, message in zip(expected, messages, strict=True)
    ):
        raise LoopError(f"the loop was told {messages}")
    return result


@asynccontextmanager
async def listening(
    make: Callable[[], asyncio.BaseProtocol], context: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """A server of these protocols, whose port this yields.

    At the end it waits for all connections to be gone: no file descriptor stays behind.
    """
    loop = asyncio.get_running_loop()
    before = open_files()
    server = await loop.create_server(make, HOST, 0, ssl=context, backlog=1024)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await settled(lambda: open_files() <= before)


def open_files() -> int:
    """How many file descriptors are open."""
    return len(os.listdir("/dev/fd"))


class Client:
    """A client that writes octets and reads them."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, octets: bytes) -> None:
        """Write."""
        self.writer.write(octets)

    async def until(self, end: bytes) -> bytes:
        """What comes, up to and with these octets."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.readuntil(end)

    async def exactly(self, size: int) -> bytes:
        """So many octets."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.readexactly(size)

    async def rest(self) -> bytes:
        """What comes until the server ends the connection."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read()

    def end(self) -> None:
        """Say that nothing more follows."""
        self.writer.write_eof()

    def reset(self) -> None:
        """End the connection as a crash would."""
        transport = self.writer.transport
        own = transport.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        transport.abort()


@asynccontextmanager
async def connected(port: int, context: ssl.SSLContext | None = None) -> AsyncIterator[Client]:
    """A client of the server at this port."""
    name = "localhost" if context is not None else None
    reader, writer = await asyncio.open_connection(HOST, port, ssl=context, server_hostname=name)
    with closing(writer):
        yield Client(reader, writer)
    with suppress(OSError):
        await writer.wait_closed()


async def answers(port: int, *pieces: bytes, end: bool = True) -> bytes:
    """All that comes back for these octets, until the server closes.

    :param end: whether the client says that nothing more follows.
    """
    async with connected(port) as client:
        for piece in pieces:
            client.send(piece)
            await asyncio.sleep(0)
        if end:
            client.end()
        return await client.rest()


async def settled(condition: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.001)
