"""What adapters read piece by piece costs alike, and they hold no more than they have to."""

import asyncio
from collections.abc import Iterator
from functools import cache, partial
from typing import Any, Final

import h11
import pytest
from counting import counted_library
from memory_connection import JumpingLoop, MemoryConnection

from linear.streams import Feed, Stream, laws_of
from linear.subjects import (
    LIBRARY,
    request,
)

REQUIRED: Final = LIBRARY.Policy(LIBRARY.WebSocket(), mode="required")
OPTIONAL: Final = LIBRARY.Policy(LIBRARY.WebSocket())
GET: Final = b"GET / HTTP/1.1\r\nHost: a\r\n"
LONG: Final = b"Content-Length: 99999999\r\n\r\n"
CHUNKED: Final = b"Transfer-Encoding: chunked\r\n\r\n"


def _h11(policy: Any, start: bytes) -> Feed:
    awaited = (h11.NEED_DATA, h11.PAUSED, LIBRARY.NEED_DATA, LIBRARY.PAUSED)
    machine = counted_library("adapters.h11").H11Negotiator(policy, h11.Connection(h11.SERVER))

    def feed(octets: bytes) -> None:
        machine.receive_data(octets)
        while (event := machine.next_event()) not in awaited:
            if isinstance(event, LIBRARY.ConnectionClosed | h11.ConnectionClosed):
                return
            if hasattr(event, "to_bytes"):
                machine.send(event)

    feed(start)
    return feed


@cache
def _loop() -> JumpingLoop:
    return JumpingLoop()


@pytest.fixture(scope="module", autouse=True)
def _closed() -> Iterator[None]:
    yield
    _loop().close()


class _Ordinary(asyncio.Protocol):
    """Takes what passes, and answers nothing."""


async def _fed(connection: MemoryConnection, octets: bytes) -> None:
    connection.send(octets)
    for _ in range(8):
        await asyncio.sleep(0)


def _asyncio(policy: Any, start: bytes) -> Feed:
    async def begin() -> MemoryConnection:
        protocol = counted_library("adapters.asyncio").UpgradeProtocol(
            policy, lambda *_: _Ordinary(), _Ordinary
        )
        return MemoryConnection(protocol)

    connection = _loop().run_until_complete(begin())

    def feed(octets: bytes) -> None:
        _loop().run_until_complete(_fed(connection, octets))

    feed(start)
    return feed


class _Wire(asyncio.Transport):
    """A transport to a client that reads everything."""

    reads = True

    def pause_reading(self) -> None:
        self.reads = False

    def resume_reading(self) -> None:
        self.reads = True

    def is_closing(self) -> bool:
        return False

    def write(self, data: object) -> None:
        assert data


class _Owner:
    """Takes messages, and keeps none."""

    def begin(self, frames: object) -> None: ...
    def deliver(self, message: object) -> None: ...
    def leave(self, code: int, reason: str = "") -> None: ...


def _frames(start: bytes = b"") -> Feed:
    frames = counted_library("adapters._websocket_frames")
    accept = LIBRARY.decide(request([]), OPTIONAL)
    settings = frames.Settings(1 << 20, None, None)

    async def begin() -> Any:
        protocol = frames.FrameProtocol(accept, _Owner(), settings, set())
        protocol.connection_made(wire)
        return protocol

    wire = _Wire()
    protocol = _loop().run_until_complete(begin())

    async def take(octets: bytes) -> None:
        protocol.data_received(octets)
        while not wire.reads:
            await asyncio.sleep(0)

    def feed(octets: bytes) -> None:
        _loop().run_until_complete(take(octets))

    if start:
        feed(start)
    return feed


STREAMS: Final[dict[str, Stream]] = {
    "h11: a body that is drained": Stream(partial(_h11, REQUIRED, GET + LONG), b"a"),
    "h11: chunks": Stream(partial(_h11, OPTIONAL, GET + CHUNKED), b"1\r\na\r\n"),
    "h11: a field value": Stream(partial(_h11, OPTIONAL, GET + b"A: "), b"a", keeps=True),
    "asyncio: a body that passes": Stream(partial(_asyncio, OPTIONAL, GET + LONG), b"a"),
    "asyncio: chunks that pass": Stream(partial(_asyncio, OPTIONAL, GET + CHUNKED), b"1\r\na\r\n"),
    "asyncio: a field value": Stream(partial(_asyncio, REQUIRED, GET + b"A: "), b"a", keeps=True),
    "asyncio: empty lines": Stream(partial(_asyncio, REQUIRED, b"\r\n"), b"\r\n", keeps=True),
    "frames: empty messages": Stream(_frames, b"\x81\x80abcd"),
    "frames: pings": Stream(_frames, b"\x89\x80abcd"),
    "frames: parts of a message": Stream(partial(_frames, b"\x01\x80abcd"), b"\x00\x80abcd"),
    "frames: a message": Stream(partial(_frames, b"\x82\xfe\xff\xffabcd"), b"a", keeps=True),
}

(
    test_octets_that_come_one_at_a_time_cost_alike,
    test_octets_that_come_together_cost_alike,
    test_no_more_is_held_than_has_to_be,
) = laws_of(STREAMS)
