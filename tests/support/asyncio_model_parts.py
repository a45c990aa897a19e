"""Requests, and the servers behind the asyncio adapter, in the model of its connections.

Rules for this module: each request has a path of its own, which says how it is answered.
"""

import asyncio
from typing import Final, NamedTuple, cast

from wire import handshake, plain

from httpupgrade import Policy, WebSocket

POLICIES: Final = {
    b"required": Policy(WebSocket(), mode="required"),
    b"broken": Policy(WebSocket(), mode="required"),
    b"switch": Policy(WebSocket(), mode="required"),
    b"stays": Policy(WebSocket(), mode="required", close="never"),
}
REVIEWED: Final = ("switch", "stays")


class Asked(NamedTuple):
    """A request of the client, and the statuses that may answer it."""

    path: bytes
    octets: bytes
    statuses: tuple[int, ...]


def ask(kind: str, number: int) -> Asked:
    """A request, by a path of its own."""
    path = b"/%b/%d" % (kind.encode(), number)
    line = b"GET %b HTTP/1.1" % path
    match kind:
        case "passes":
            return Asked(path, plain(line=line), (200,))
        case "body":
            post = b"POST %b HTTP/1.1" % path
            return Asked(path, plain(b"Content-Length: 5", line=post, body=b"hello"), (200,))
        case "last":
            return Asked(path, plain(b"Connection: close", line=line), (200,))
        case "own":
            return Asked(path, handshake(line=line), (101,))
        case "required":
            return Asked(path, plain(line=line), (426,))
        case "broken":
            return Asked(path, handshake(line=line, without=b"Sec-WebSocket-Key"), (400,))
        case "raises":
            return Asked(path, handshake(line=line), (500,))
        case _:
            return Asked(path, handshake(line=line), (101, 401, 403, 500, 503, 400))


KINDS: Final = ("passes", "body", "required", "own", "last", "broken", "raises", *REVIEWED)


class Served(asyncio.Protocol):
    """The ordinary server: it answers when it is told to."""

    def __init__(self) -> None:
        self.got = b""
        self.answered = self.ended = self.lost = 0
        self.begun = self.paused = False
        self.holds_up = False  # it was told to write no more

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        assert data
        assert not self.lost
        self.got += data

    def pause_writing(self) -> None:
        assert not self.holds_up
        self.holds_up = True

    def resume_writing(self) -> None:
        assert self.holds_up
        self.holds_up = False

    def eof_received(self) -> None:
        self.ended += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost += 1


class Successor(asyncio.Protocol):
    """What speaks the new protocol: it notes what it gets."""

    def __init__(self) -> None:
        self.got = b""
        self.made = self.ended = self.lost = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.made += 1

    def data_received(self, data: bytes) -> None:
        assert self.made == 1
        assert not self.ended
        self.got += data

    def eof_received(self) -> None:
        self.ended += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost += 1
