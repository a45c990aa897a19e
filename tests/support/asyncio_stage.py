"""What stands behind the asyncio adapter in its tests, and what is asked of it."""

import asyncio
import re
from collections.abc import Callable
from typing import Any, Final, cast

from demo.http1 import OrdinaryServer
from demo.roles import echo
from loopback import answers, listening, run
from wire import plain

from httpupgrade import TLS, Accept101, CustomProtocol, Policy, RequestInfo, WebSocket
from httpupgrade.adapters.asyncio import UpgradeProtocol

CHAT: Final = WebSocket(["chat"])
TCP: Final = CustomProtocol("tcp", body="buffer")
POLICIES: Final = {
    b"/chat": Policy(CHAT, mode="required"),
    b"/tcp": Policy(TCP),
    b"/tls": Policy(TLS("1.3")),
    b"/advertise": Policy(CHAT, mode="advertise"),
    b"/report": Policy(CHAT, mode="report"),
}
POST: Final = plain(b"Content-Length: 5", line=b"POST / HTTP/1.1", body=b"hello")
REQUIRED: Final = plain(line=b"GET /chat HTTP/1.1")
LAST: Final = plain(b"Connection: close", line=b"GET / HTTP/1.1")


def policy_for(info: RequestInfo) -> Policy | None:
    return POLICIES.get(info.head.target)


class Upgraded(asyncio.Protocol):
    """Behind a 101: says what it was given first, and sends back what comes."""

    def __init__(self, accept: Accept101) -> None:
        self.accept = accept

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(b"<%b>" % self.accept.request_body)

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)

    def eof_received(self) -> bool:
        self.transport.write(b"<end>")
        self.transport.close()
        return self.transport.get_extra_info("sslcontext") is None  # inside TLS, asyncio warns


class Buffered(asyncio.BufferedProtocol):
    """The same for asyncio's other kind of protocol, with a small buffer."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.buffer = bytearray(3)

    def get_buffer(self, sizehint: int) -> bytearray:
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        self.transport.write(bytes(self.buffer[:nbytes]))

    def eof_received(self) -> None:
        return None


class Ordinary(asyncio.Protocol):
    """An HTTP server that answers what it is asked at once, and notes what it sees."""

    def __init__(self) -> None:
        self.server = OrdinaryServer(echo)
        self.seen = bytearray()
        self.lost: list[Exception | None] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.seen += data
        self.answer(self.server.receive(data))

    def answer(self, octets: bytes) -> None:
        self.transport.write(octets)
        if self.server.closed:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.append(exc)


class Later(Ordinary):
    """The same, which takes its time, and writes octet by octet."""

    def answer(self, octets: bytes) -> None:
        asyncio.get_running_loop().call_later(0.002, self.answer_now, octets)

    def answer_now(self, octets: bytes) -> None:
        for octet in octets:
            if self.transport.is_closing():  # asyncio warns of many writes after a loss
                return
            self.transport.write(bytes((octet,)))
        if self.server.closed:
            self.transport.close()


class Stage:
    """Makes the server's protocols, and keeps them."""

    def __init__(self, ordinary: Callable[[], asyncio.Protocol] = Ordinary, **options: Any) -> None:
        self.ordinary = ordinary
        self.options = options
        self.ordinaries: list[Any] = []

    def __call__(self) -> UpgradeProtocol:
        return UpgradeProtocol(
            self.options.get("policy", policy_for),
            self.options.get("switch", Upgraded),
            self.make_ordinary,
            **{key: each for key, each in self.options.items() if key not in ("policy", "switch")},
        )

    def make_ordinary(self) -> asyncio.Protocol:
        self.ordinaries.append(self.ordinary())
        return self.ordinaries[-1]  # type: ignore[no-any-return]


def serve(stage: Stage, *pieces: bytes, end: bool = True, expect: list[str] | None = None) -> bytes:
    """All that a server answers to these octets."""

    async def talk() -> bytes:
        async with listening(stage) as port:
            return await answers(port, *pieces, end=end)

    return run(talk, expect=expect)


def statuses(octets: bytes) -> list[int]:
    return [int(each) for each in re.findall(rb"HTTP/1\.1 ([0-9]{3}) [^\r\n]*\r\n", octets)]


def without_date(octets: bytes) -> bytes:
    """The same, whatever time it is."""
    return re.sub(rb"\r\nDate: [^\r]*", b"", octets)
