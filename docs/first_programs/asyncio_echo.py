"""asyncio: /chat is a WebSocket that echoes; the rest is an ordinary server's."""

import asyncio
import contextlib
import sys

from wsproto.events import CloseConnection, Message, Ping

from httpupgrade import Accept101, Policy, RequestHead, RequestInfo, WebSocket
from httpupgrade.adapters.asyncio import UpgradeProtocol
from httpupgrade.adapters.wsproto import websocket

CHAT = Policy(WebSocket(), mode="required")
EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
NOT_ALLOWED = (
    b"HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\n"
    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
)


def policy_for(info: RequestInfo) -> Policy | None:
    return CHAT if info.head.path == b"/chat" else None


class Echo(asyncio.Protocol):
    transport: asyncio.Transport

    def __init__(self, accept: Accept101) -> None:
        self.chat = websocket(accept, b"", max_inflated=1 << 20)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.chat.receive_data(data)
        for event in self.chat.events():
            if isinstance(event, Message):
                self.transport.write(self.chat.send(event))
            elif isinstance(event, Ping | CloseConnection):
                self.transport.write(self.chat.send(event.response()))
            if isinstance(event, CloseConnection):
                return self.transport.close()
        return None


async def ordinary(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Your HTTP server. This one has nothing to say, but says it right."""
    with contextlib.suppress(asyncio.IncompleteReadError):  # the end, between two requests
        while True:
            head = RequestHead.parse(await reader.readuntil(b"\r\n\r\n"))
            if head.method not in (b"GET", b"HEAD") or head.announces_content:
                writer.write(NOT_ALLOWED)
                break
            writer.write(EMPTY)
            if not head.persists:
                break
    writer.close()


def make_ordinary() -> asyncio.Protocol:
    return asyncio.StreamReaderProtocol(asyncio.StreamReader(), ordinary)


async def main(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: UpgradeProtocol(policy_for, Echo, make_ordinary), "127.0.0.1", port
    )
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
