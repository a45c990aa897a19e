"""Clients that are gone, at every place where the protocol or a callable of it is running.

The client leaves inside the callable, so that the loop has not heard of it when that returns. All
that is asserted is in ``run()`` and ``listening()``: asyncio reports no failure, and no connection
is left behind.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import pytest
from asyncio_stage import LAST, POST, REQUIRED, Ordinary, Stage, Upgraded, policy_for
from demo.tls import Certificates
from loopback import HOST, PATIENCE, answers, connected, listening, run, settled
from wire import asks_for, handshake, plain

from httpupgrade import Accept101, Passthrough, Policy, Reject, RequestInfo, Require426
from httpupgrade.adapters.asyncio import UpgradeProtocol

Reviewed = Accept101 | Require426 | Reject

CLOSING: Final = Reject(401, (), b"no", close=True)
TUNNEL: Final = b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"
EXPECTING: Final = asks_for(
    b"tcp", b"Content-Length: 4", b"Expect: 100-continue", line=b"POST /tcp HTTP/1.1"
)
PIPELINE: Final = POST + REQUIRED + POST + handshake()


@pytest.fixture(autouse=True)
def short_linger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("httpupgrade.adapters.asyncio.LINGER", 0.02)


def reset(client: socket.socket) -> None:
    """As a crash would: the next thing that the server reads or writes is an error."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()


def close(client: socket.socket) -> None:
    """The server may write once; then it is told that nobody is there."""
    client.close()


def end(client: socket.socket) -> None:
    """The client has ended its side, and reads on."""
    client.shutdown(socket.SHUT_WR)


def end_and_reset(client: socket.socket) -> None:
    """A reset that asyncio does not see by itself: it has stopped reading at the end of file."""
    end(client)
    asyncio.get_running_loop().call_later(0.01, reset, client)


class Leaving:
    """Callables for the protocol, in one of which the client leaves."""

    def __init__(self, place: str, leave: Callable[[socket.socket], None]) -> None:
        self.place = place
        self.leave = leave
        self.client: socket.socket | None = None
        self.left = False

    def at(self, place: str) -> None:
        """Have the client leave if this is the place."""
        if place == self.place and not self.left:
            self.left = True
            assert self.client is not None
            self.leave(self.client)

    def policy(self, info: RequestInfo) -> Policy | None:
        self.at("policy")
        return policy_for(info)

    def hand_over(self, passed: Passthrough) -> bytes:
        self.at("hand_over")
        return passed.data

    def reviews(
        self, answer: Reviewed | None
    ) -> Callable[[Accept101, RequestInfo], Awaitable[Reviewed]]:
        async def review(accept: Accept101, info: RequestInfo) -> Reviewed:
            self.at("review begins")
            await asyncio.sleep(0.02)
            self.at("review ends")
            return answer or accept

        return review

    def switch(self, accept: Accept101) -> asyncio.BaseProtocol:
        self.at("switch")
        return _Successor(self, accept)

    def ordinary(self) -> asyncio.Protocol:
        self.at("ordinary")
        return _Ordinary(self)


class _Successor(Upgraded):
    def __init__(self, leaving: Leaving, accept: Accept101) -> None:
        super().__init__(accept)
        self.leaving = leaving

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.leaving.at("successor begins")


class _Ordinary(Ordinary):
    def __init__(self, leaving: Leaving) -> None:
        super().__init__()
        self.leaving = leaving

    def data_received(self, data: bytes) -> None:
        self.leaving.at("ordinary reads")
        super().data_received(data)
        self.leaving.at("ordinary has answered")


async def lose(stage: Stage, leaving: Leaving, octets: bytes, tls: bool = False) -> None:
    """Have the client send these octets, and leave where it does, or in the end."""
    context = certificates.for_server() if tls else None
    async with listening(stage, context) as port:
        with await asyncio.to_thread(connect, port, tls) as client:
            leaving.client = client
            client.sendall(octets)
            await settled(lambda: leaving.left)
            await asyncio.sleep(0.05)


def connect(port: int, tls: bool) -> socket.socket:
    """A client that the loop of the server knows nothing of."""
    client = socket.create_connection((HOST, port), PATIENCE)
    if not tls:
        return client
    context = certificates.for_client(newest=True)
    return context.wrap_socket(client, server_hostname="localhost", suppress_ragged_eofs=False)


certificates: Final = Certificates("localhost")

inside_tls = pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])

LEAVES: Final = (reset, close, end, end_and_reset)
OCTETS: Final = {
    "policy": PIPELINE,
    "hand_over": PIPELINE,
    "ordinary": PIPELINE,
    "ordinary reads": PIPELINE,
    "ordinary has answered": PIPELINE,
    "switch": handshake() + b"early",
    "successor begins": handshake() + b"early",
}
BROKEN: Final = {
    "closes": handshake(without=b"Sec-WebSocket-Key"),
    "expects": EXPECTING,
    "tunnel": TUNNEL,
    "endless": plain(b"Transfer-Encoding: identity"),
    "last": LAST,
}


@inside_tls
@pytest.mark.parametrize("leave", LEAVES)
@pytest.mark.parametrize(("place", "octets"), OCTETS.items(), ids=OCTETS)
def test_a_client_that_leaves_in_a_callable(
    place: str, octets: bytes, leave: Callable[[socket.socket], None], tls: bool
) -> None:
    leaving = Leaving(place, leave)
    run(lambda: lose(stage_of(leaving, hand_over=leaving.hand_over), leaving, octets, tls))


@inside_tls
@pytest.mark.parametrize("leave", LEAVES)
@pytest.mark.parametrize("octets", BROKEN.values(), ids=BROKEN)
def test_a_client_that_leaves_before_it_is_answered(
    octets: bytes, leave: Callable[[socket.socket], None], tls: bool
) -> None:
    leaving = Leaving("policy", leave)
    run(lambda: lose(stage_of(leaving), leaving, octets, tls))


@inside_tls
@pytest.mark.parametrize("leave", LEAVES)
@pytest.mark.parametrize("place", ["review begins", "review ends"])
@pytest.mark.parametrize("answer", [None, CLOSING, Reject(401)], ids=["accepts", "closes", "keeps"])
def test_a_client_that_leaves_during_a_review(
    place: str, answer: Reviewed | None, leave: Callable[[socket.socket], None], tls: bool
) -> None:
    leaving = Leaving(place, leave)
    stage = stage_of(leaving, review=leaving.reviews(answer))
    run(lambda: lose(stage, leaving, handshake() + b"early", tls))


def stage_of(leaving: Leaving, **options: Any) -> Stage:
    return Stage(leaving.ordinary, policy=leaving.policy, switch=leaving.switch, **options)


# --- Connections that are closed on this side -----------------------------------------------------


@pytest.mark.parametrize("end", ["abort", "close"])
def test_after_a_review_no_switch_is_made_on_a_connection_that_is_closing(end: str) -> None:
    switched: list[Accept101] = []
    transports: list[Any] = []

    class Observed(UpgradeProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            transports.append(transport)

    async def review(accept: Accept101, info: RequestInfo) -> Reviewed:
        getattr(transports[0], end)()
        return accept

    def switch(accept: Accept101) -> asyncio.BaseProtocol:
        switched.append(accept)
        return Upgraded(accept)

    async def talk() -> bytes:
        make = partial(Observed, policy_for, switch, Ordinary, review=review)
        async with listening(make) as port:
            return await answers(port, handshake() + b"early", end=False)

    assert run(talk) == b""
    assert not switched


def test_what_a_review_raises_when_it_is_cancelled_is_told_once() -> None:
    begun: list[bool] = []

    async def review(accept: Accept101, info: RequestInfo) -> Reviewed:
        begun.append(True)
        try:
            await asyncio.sleep(PATIENCE)
        except asyncio.CancelledError:
            raise ZeroDivisionError("in cleaning up") from None
        return accept

    async def talk() -> None:
        async with listening(Stage(review=review)) as port, connected(port) as client:
            client.send(handshake())
            await settled(lambda: begun == [True])
            client.reset()

    run(talk, expect=["the review has failed: ZeroDivisionError('in cleaning up')"])
