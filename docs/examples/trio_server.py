"""A server on trio. From ``docs``: ``python -m examples.trio_server 8080``."""

import sys
from math import inf

import trio

from httpupgrade import Accept101, ConnectionClosed, Forward, Passthrough, ServerNegotiator, Signal
from httpupgrade import ServerState as State

from .small_site import LINGER, SECONDS, Echo, Page, policy_for


class Connection:
    """One client."""

    def __init__(self, stream: trio.SocketStream, deadline: trio.CancelScope) -> None:
        self.stream, self.deadline = stream, deadline

    async def read(self) -> bytes:
        """What arrives; nothing at its end."""
        return await self.stream.receive_some()

    async def write(self, octets: bytes) -> None:
        """Write, and wait for who does not read. Behind an answer, the time begins anew."""
        await self.stream.send_all(octets)
        if octets and self.deadline.deadline < inf:
            self.deadline.deadline = trio.current_time() + SECONDS

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


async def handle(stream: trio.SocketStream) -> None:
    """Serve one client, whatever it does."""
    try:
        with trio.move_on_after(SECONDS) as deadline:
            await Connection(stream, deadline).serve()
        if not deadline.cancelled_caught:
            await stream.send_eof()
            with trio.move_on_after(LINGER):
                while await stream.receive_some():
                    pass
    except trio.BrokenResourceError:
        pass  # it has gone
    finally:
        await trio.aclose_forcefully(stream)


async def main(port: int) -> None:
    """Listen on loopback."""
    await trio.serve_tcp(handle, port, host="127.0.0.1")


if __name__ == "__main__":
    trio.run(main, int(sys.argv[1]))
