"""Servers and clients of the tests, over sockets on loopback.

Rules for this module: every wait has an end, and a test fails when asyncio reports an error.
"""

import asyncio
import gc
import logging
import os
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, closing, suppress
from typing import Any, Final, TypeVar

from steady_clock import SteadyLoop

_T = TypeVar("_T")

HOST: Final = "127.0.0.1"
PATIENCE: Final = 10.0
"""Seconds that anything may take which should take none."""


class LoopError(Exception):
    """What a loop's exception handler or the logger of asyncio was told."""


class Told(logging.Handler):
    """What asyncio says of failures: to the loop's exception handler, and as warnings."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Note a warning, such as that of writes on a connection that is lost."""
        self.messages.append(record.getMessage())

    def handle_exception(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Note what the loop's exception handler is told."""
        self.messages.append(f"{context['message']}: {context.get('exception')!r}")


def run(work: Callable[[], Coroutine[Any, Any, _T]], *, expect: list[str] | None = None) -> _T:
    """Do some work in a loop with a steady clock, and fail if asyncio says that something failed.

    An exception of a task that is never retrieved is told when the task is collected: all that was
    made since the beginning is collected at the end.

    :param expect: parts of the messages that are to be told, in order; none if this is not given.
    """
    told = Told()

    async def watched() -> _T:
        asyncio.get_running_loop().set_exception_handler(told.handle_exception)
        async with asyncio.timeout(3 * PATIENCE):
            return await work()

    logger = logging.getLogger("asyncio")
    logger.addHandler(told)
    gc.freeze()
    try:
        with asyncio.Runner(loop_factory=SteadyLoop) as runner:
            result = runner.run(watched())
        gc.collect()
    finally:
        gc.unfreeze()
        logger.removeHandler(told)
    expected = [] if expect is None else expect
    if len(told.messages) != len(expected) or not all(
        part in message for part, message in zip(expected, told.messages, strict=True)
    ):
        raise LoopError(f"asyncio has told {told.messages}")
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
async def connected(
    port: int, context: ssl.SSLContext | None = None, *, buffer: int | None = None
) -> AsyncIterator[Client]:
    """A client of the server at this port.

    :param buffer: octets that its system may hold for it, about; the system's choice otherwise.
    """
    name = "localhost" if context is not None else None
    own = socket.socket()
    own.setblocking(False)
    if buffer is not None:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    await asyncio.get_running_loop().sock_connect(own, (HOST, port))
    reader, writer = await asyncio.open_connection(sock=own, ssl=context, server_hostname=name)
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
