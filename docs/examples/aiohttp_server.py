"""aiohttp's low-level server. From ``docs``: ``python -m examples.aiohttp_server 8080``.

The adapter negotiates in front of it; aiohttp parses and answers what passes. Its own parser knows
an offer by one exact spelling of the field, and takes what follows any other for requests.
"""

import asyncio
import sys

from aiohttp import web

from httpupgrade import Accept101, Passthrough
from httpupgrade.adapters.asyncio import UpgradeProtocol

from .small_site import SECONDS, Echo, policy_for


class EchoProtocol(asyncio.Protocol):
    """The WebSocket. It does not read from who does not."""

    def __init__(self, accept: Accept101) -> None:
        self.echo = Echo(accept, b"")  # what came early is received like everything else

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if not self.echo.closed:
            self.transport.write(self.echo.receive(data))
        if self.echo.closed:
            self.transport.close()

    def pause_writing(self) -> None:
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        self.transport.resume_reading()


async def answer(request: web.BaseRequest) -> web.StreamResponse:
    """An ordinary handler of aiohttp's."""
    if request.method == "CONNECT":
        refusal = web.Response(status=501)  # a success would make a tunnel of the connection
        refusal.force_close()
        return refusal
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # that was no part of the response
    return web.Response(body=await request.read() or b"hello\n")


def without_offer(passed: Passthrough) -> bytes:
    """A request as aiohttp gets it: it would stop reading after an offer that it does not know."""
    return passed.without_upgrade().data


async def main(port: int) -> None:
    """Listen on loopback."""
    ordinary = web.Server(answer)

    def connect() -> UpgradeProtocol:
        return UpgradeProtocol(
            policy_for, EchoProtocol, ordinary, hand_over=without_offer, head_timeout=SECONDS
        )

    server = await asyncio.get_running_loop().create_server(connect, "127.0.0.1", port)
    try:
        await server.serve_forever()
    finally:
        await ordinary.shutdown()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
