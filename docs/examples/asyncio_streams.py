"""A server on asyncio's streams. From ``docs``: ``python -m examples.asyncio_streams 8080``."""

import asyncio
import sys
from contextlib import suppress
from functools import partial

from httpupgrade import Accept101, ConnectionClosed, Forward, Passthrough, ServerNegotiator, Signal
from httpupgrade import ServerState as State

from .small_site import LINGER, SECONDS, Echo, Page, policy_for


class Connection:
    """One client."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, deadline: asyncio.Timeout
    ) -> None:
        self.reader, self.writer, self.deadline = reader, writer, deadline

    async def read(self) -> bytes:
        """What arrives; nothing at its end."""
        return await self.reader.read(65536)

    async def write(self, octets: bytes) -> None:
        """Write, and wait for who does not read. Behind an answer, the time begins anew."""
        self.writer.write(octets)
        await self.writer.drain()
        if octets and self.deadline.when() is not None:
            self.deadline.reschedule(asyncio.get_running_loop().time() + SECONDS)

    async def serve(self) -> None:
        """Answer requests, until one of them switches or nothing more can come."""
        negotiator, page = ServerNegotiator(policy_for), None
        event = negotiator.next_event()
        while negotiator.state is not State.OPAQUE:  # where nobody can tell requests apart
            match event:
                case Signal.NEED_DATA:
                    negotiator.receive_data(await self.read())
                case Passthrough():
                    page = Page(event, negotiator)
                    await self.write(page.begin())
                case Forward():
                    assert page is not None
                    await self.write(page.receive(event))
                    if page.closed:
                        return None
                case Accept101():
                    await self.write(negotiator.send(event))
                    return await self.chat(Echo(event, negotiator.trailing_data))
                case ConnectionClosed() | Signal.PAUSED:
                    return None
                case _:  # 426, another refusal, or 100
                    await self.write(negotiator.send(event))
            event = negotiator.next_event()
        return await self.write(negotiator.refuse(400).to_bytes())

    async def chat(self, echo: Echo) -> None:
        """Speak the new protocol, beginning with what came early."""
        await self.write(echo.receive())
        self.deadline.reschedule(None)
        while not echo.closed and (data := await self.read()):
            await self.write(echo.receive(data))


async def handle(
    kind: type[Connection], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Serve one client, whatever it does."""
    with suppress(OSError, TimeoutError):  # it has gone, or takes too long
        async with asyncio.timeout(SECONDS) as deadline:
            await kind(reader, writer, deadline).serve()
        writer.write_eof()
        async with asyncio.timeout(LINGER):
            while await reader.read(65536):
                pass
    writer.transport.abort()


async def main(port: int, kind: type[Connection] = Connection) -> None:
    """Listen on loopback."""
    async with await asyncio.start_server(partial(handle, kind), "127.0.0.1", port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
