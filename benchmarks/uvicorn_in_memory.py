"""CPU of uvicorn alone and with the adapter: ``python -m benchmarks.uvicorn_in_memory``.

Rules for this module: everybody runs in one process, in turns, on transports in memory, so that
neither sockets nor the other processes of the machine are in the figures. It records nothing.

*floor* is an empty subclass of uvicorn's own class. The last two have the adapter: as it is, and
with a ``policy()`` that looks at the path.
"""

import argparse
import asyncio
import gc
import sys
import time
from collections.abc import Callable
from typing import Any, Final

from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from httpupgrade import Policy, RequestInfo, WebSocket
from httpupgrade.adapters import uvicorn as adapter

from .cases import CASES
from .wire.servers.uvicorn_server import application

FRAME: Final = b"\x81\x85\0\0\0\0Hello"
CLOSE: Final = b"\x88\x82\0\0\0\0\x03\xe8"
CHAT: Final = Policy(WebSocket(), mode="required")


class Transport(asyncio.Transport):
    """What is written is kept until somebody looks."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__({"peername": ("127.0.0.1", 40000), "sockname": ("127.0.0.1", 80)})
        self.loop = loop
        self.written: list[bytes] = []
        self.closing = False
        self.protocol: Any = None

    def write(self, data: Any) -> None:
        self.written.append(data)

    def close(self) -> None:
        if not self.closing:
            self.closing = True
            self.loop.call_soon(self.lose)

    abort = close

    def lose(self) -> None:
        protocol, self.protocol = self.protocol, None
        protocol.connection_lost(None)

    def is_closing(self) -> bool:
        return self.closing

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        protocol: asyncio.BaseProtocol = self.protocol
        return protocol

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        return 0

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        pass


def octets(name: str) -> bytes:
    """Those of a case."""
    (case,) = (case for case in CASES if case.name == name)
    return case.octets()


class Errands:
    """One contender's."""

    def __init__(self, make: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        config = Config(
            application, http=make, lifespan="off", interface="asgi3", access_log=False,
            log_config=None, log_level="critical", ws_per_message_deflate=False,
        )  # fmt: skip
        config.load()
        self.config = config
        self.state = ServerState()
        self.state.default_headers = [(b"date", b"Sun, 06 Nov 1994 08:49:37 GMT")]
        self.make = make

    def connect(self) -> Transport:
        transport = Transport(self.loop)
        transport.protocol = self.make(
            config=self.config, server_state=self.state, app_state={}, _loop=self.loop
        )
        transport.protocol.connection_made(transport)
        return transport

    async def keep(self, request: bytes, rounds: int) -> None:
        transport = self.connect()
        for _ in range(rounds):
            transport.protocol.data_received(request)
            while len(transport.written) < 2:
                await asyncio.sleep(0)
            transport.written.clear()
        transport.close()
        await asyncio.sleep(0)

    async def once(self, request: bytes, rounds: int) -> None:
        for _ in range(rounds):
            transport = self.connect()
            transport.protocol.data_received(request)
            while transport.protocol is not None:
                await asyncio.sleep(0)

    async def switch(self, request: bytes, rounds: int) -> None:
        for _ in range(rounds):
            transport = self.connect()
            transport.protocol.data_received(request)
            while not transport.written:
                await asyncio.sleep(0)
            assert b" 101 " in transport.written[0]
            transport.protocol.data_received(FRAME)
            while len(transport.written) < 2:
                await asyncio.sleep(0)
            transport.protocol.data_received(CLOSE)
            while transport.protocol is not None:
                await asyncio.sleep(0)


def contenders(own: Any, front: Any) -> dict[str, Callable[..., Any]]:
    """By name, uvicorn alone first."""

    class Floor(own):  # type: ignore[misc]
        pass

    class ByPath(front):  # type: ignore[misc]
        def policy(self, info: RequestInfo) -> Policy | None:
            return CHAT if info.head.target.startswith(b"/feed") else None

    return {"alone": own, "floor": Floor, "adapter": front, "policy()": ByPath}


BROWSER: Final = (
    b"GET /index.html?a=b HTTP/1.1\r\nHost: server.example.com\r\nConnection: keep-alive\r\n"
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)\r\n"
    b"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    b"Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en-US,en;q=0.9\r\n"
    b"Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: none\r\n\r\n"
)
ONCE: Final = BROWSER.replace(b"keep-alive", b"close")
SWITCH: Final = (
    b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nConnection: Upgrade\r\nPragma: no-cache\r\n"
    b"Cache-Control: no-cache\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/120\r\n"
    b"Upgrade: websocket\r\nOrigin: http://server.example.com\r\nSec-WebSocket-Version: 13\r\n"
    b"Accept-Encoding: gzip, deflate\r\nAccept-Language: en-US,en;q=0.9\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--size", type=int, default=100, help="errands in a round")
    options = parser.parse_args()
    loop = asyncio.new_event_loop()
    parsers = {
        "httptools": (HttpToolsProtocol, adapter.HttpToolsProtocol),
        "h11": (H11Protocol, adapter.H11Protocol),
    }
    errands = {"keep": BROWSER, "once": ONCE, "switch": SWITCH}
    asyncio.set_event_loop(loop)
    gc.collect()
    gc.freeze()
    for name, (own, front) in parsers.items():
        made = {who: Errands(make, loop) for who, make in contenders(own, front).items()}
        for errand, request in errands.items():
            least = dict.fromkeys(made, 1e9)
            for _ in range(options.rounds):
                for who, each in made.items():
                    work = getattr(each, errand)(request, options.size)
                    gc.collect(0)
                    began = time.thread_time()
                    loop.run_until_complete(work)
                    least[who] = min(least[who], time.thread_time() - began)
            alone = least["alone"]
            cells = (
                f"{who} {seconds / options.size * 1e6:6.1f} µs ({seconds / alone:.3f})"
                for who, seconds in least.items()
            )
            print(f"{name:10} {errand:7}", "  ".join(cells), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
