"""A server on anyio. From ``docs``: ``python -m examples.anyio_server 8080``.

It runs on trio. On asyncio, anyio 4.16 may go on reading from a connection that sent something
before the first ``receive()``, without end, while ``send()`` waits for a client that does not read.
"""

import sys
from math import inf

import anyio
from anyio.abc import ByteStream

from httpupgrade import Accept101, ConnectionClosed, Forward, Passthrough, ServerNegotiator, Signal
from httpupgrade import ServerState as State

from .small_site import LINGER, SECONDS, Echo, Page, policy_for


class Connection:
    """One client."""

    def __init__(self, stream: ByteStream, deadline: anyio.CancelScope) -> None:
        self.stream, self.deadline = stream, deadline

    async def read(self) -> bytes:
        """What arrives; nothing at its end."""
        try:
            return await self.stream.receive()
        except anyio.EndOfStream:
            return b""

    async def write(self, octets: bytes) -> None:
        """Write, and wait for who does not read. Behind an answer, the time begins anew."""
        await self.stream.send(octets)
        if octets and self.deadline.deadline < inf:
            self.deadline.deadline = anyio.current_time() + SECONDS

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
        self.deadline.deadline = inf
        while not echo.closed and (data := await self.read()):
            await self.write(echo.receive(data))


async def handle(stream: ByteStream) -> None:
    """Serve one client, whatever it does."""
    try:
        with anyio.move_on_after(SECONDS) as deadline:
            await Connection(stream, deadline).serve()
        if not deadline.cancelled_caught:
            await stream.send_eof()
            with anyio.move_on_after(LINGER):
                while True:
                    await stream.receive()
    except (anyio.BrokenResourceError, anyio.EndOfStream):
        pass  # it has gone
    finally:
        await anyio.aclose_forcefully(stream)


async def main(port: int) -> None:
    """Listen on loopback."""
    async with await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=port) as listener:
        await listener.serve(handle)


if __name__ == "__main__":
    anyio.run(main, int(sys.argv[1]), backend="trio")
