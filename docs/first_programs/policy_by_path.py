"""Policies by path, and by the peer's address, over the asyncio adapter.

/chat is for WebSockets alone, but the network that is given may also ask for it plainly. /echo can
be an echo. Everything else is HTTP.
"""

import asyncio
import sys
from ipaddress import ip_address, ip_network

from httpupgrade import Accept101, CustomProtocol, Policy, RequestInfo, WebSocket
from httpupgrade.adapters.asyncio import UpgradeProtocol

CHAT = WebSocket(["chat"], extensions=(), origins="same-host")
MONITORS = ip_network(sys.argv[2])
PLAIN_TOO = Policy(CHAT)
ROUTES = {
    b"/chat": Policy(CHAT, mode="required"),
    b"/echo": Policy(CustomProtocol("echo"), mode="advertise"),
}


def policy_for(info: RequestInfo) -> Policy | None:
    if info.head.path == b"/chat" and info.address and ip_address(info.address) in MONITORS:
        return PLAIN_TOO
    return ROUTES.get(info.head.path)


class Echo(asyncio.Protocol):
    """The new protocol, whichever it is: this one sends back what it gets."""

    def __init__(self, accept: Accept101) -> None:
        self.accept = accept

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


class Hello(asyncio.Protocol):
    """The HTTP server. This one answers GETs, one at a time, as the adapter hands them over."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")


async def main(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: UpgradeProtocol(policy_for, Echo, Hello), "127.0.0.1", port
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
