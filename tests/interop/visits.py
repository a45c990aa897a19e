"""The library's client, on a visit to a server that somebody else wrote.

The law of this file: what to do about a 426 is what the library advises, and is done here. What was
answered is noted as it came, and not judged.
"""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple, assert_never, final

from demo.clients import PlainStream, SecureStream, Stream
from demo.http2 import Http2Client
from demo.server import HOST
from demo.tls import SecureClient

from httpupgrade import (
    H2C,
    NEED_DATA,
    PAUSED,
    TLS,
    ClientNegotiator,
    ConnectionClosed,
    Content,
    Finding,
    H2CAgreement,
    Interim,
    NothingInCommon,
    OrdinaryResponse,
    RequestHead,
    Retry,
    Switched,
    UpgradeRequired,
    UseHTTP2,
    UseTLS,
    UseWebSocketVersion,
    WebSocket,
    WebSocketAgreement,
)
from httpupgrade.adapters.h2 import UPGRADED_STREAM
from httpupgrade.offers import ClientOffer

from .servers import Seen
from .talk import Talk

_MOST_REQUESTS: Final = 4
_TODAYS_VERSION: Final = b"13"


Answer = Switched | UpgradeRequired | OrdinaryResponse
Event = Answer | Interim | Content | ConnectionClosed


class LostError(Exception):
    """A visit that leads nowhere; the message says why."""


class _LeftError(LostError):
    """The server has closed the connection in the place of a response."""


class Wish(Enum):
    """A protocol that the client speaks."""

    WEBSOCKET = "websocket"
    OLD_WEBSOCKET = "websocket, of version 8 or 13"
    H2C = "h2c"
    TLS = "TLS"


@final
@dataclass(frozen=True)
class Errand:
    """What a visit is for."""

    speaks: tuple[Wish, ...]
    """What the server may ask for by a 426."""
    asks: tuple[Wish, ...] = ()
    """What is asked for at once; nothing by an ordinary request."""
    target: bytes = b"/"


@final
class _Line(NamedTuple):
    """A connection to the server."""

    stream: Stream
    secure: bool = False
    """Whether it is inside TLS."""
    used: bool = False
    """Whether a response came over it."""


@final
class _Exchange(NamedTuple):
    """A request, and the head of its final response."""

    line: _Line
    negotiator: ClientNegotiator
    answer: Answer


@final
class Visit:
    """One errand at one server.

    :param port: the server's.
    :param make_tls: the client's end of TLS, for a handshake.
    """

    def __init__(self, errand: Errand, port: int, make_tls: Callable[[], SecureClient]) -> None:
        self.seen: Final[list[Seen]] = []
        """What was answered, in order."""
        self._errand = errand
        self._port = port
        self._make_tls = make_tls
        self._host = f"{HOST}:{port}".encode("ascii")
        self._http2 = Http2Client(f"{HOST}:{port}")
        self._connections = AsyncExitStack()

    async def run(self) -> str:
        """What came of it. Raises :class:`LostError`, and what the library and the network do."""
        async with self._connections:
            return await self._follow()

    async def _follow(self) -> str:
        """Ask, and do what is advised until there is an answer of another kind."""
        line = await self._connect()
        offers = self._offers(self._errand.asks)
        for _ in range(_MOST_REQUESTS):
            exchange = await self._ask(line, offers)
            if not isinstance(exchange.answer, UpgradeRequired):
                return await self._end(exchange, exchange.answer)
            step = exchange.answer.next_step(self._offers(self._errand.speaks))
            if isinstance(step, NothingInCommon):
                return f"nothing to try: {step.finding.code}"
            if step.reconnect:
                line = await self._connect()
            else:
                exchange.negotiator.next_event()  # raises for octets that answer nothing
                line = exchange.line._replace(used=True)
            offers = (_offer_of(step),)
            if isinstance(step, UseTLS):
                line = await self._begin_tls(line, *offers)
                offers = ()
        raise LostError(f"no end after {_MOST_REQUESTS} requests")

    async def _ask(self, line: _Line, offers: tuple[ClientOffer, ...]) -> _Exchange:
        """Ask; anew on another connection, if this one turns out to be closed (RFC 9112 9.3.1)."""
        try:
            return await self._ask_over(line, offers)
        except (_LeftError, ConnectionError):
            if not line.used:
                raise
        return await self._ask_over(await self._connect(), offers)

    async def _ask_over(self, line: _Line, offers: tuple[ClientOffer, ...]) -> _Exchange:
        negotiator = self._request(line, *offers)
        await line.stream.write(negotiator.send_request())
        return _Exchange(line, negotiator, await self._answer(line, negotiator))

    def _offers(self, wishes: tuple[Wish, ...]) -> tuple[ClientOffer, ...]:
        return tuple(map(self._offer, wishes))

    def _offer(self, wish: Wish) -> ClientOffer:
        match wish:
            case Wish.WEBSOCKET:
                return WebSocket(["chat"])
            case Wish.OLD_WEBSOCKET:
                return WebSocket(["chat"], versions=(8, 13))
            case Wish.H2C:
                return H2C(settings=self._http2.settings)
            case Wish.TLS:
                return TLS("1.3", "1.2")
            case unreachable:
                assert_never(unreachable)

    def _request(self, line: _Line, *offers: ClientOffer) -> ClientNegotiator:
        return ClientNegotiator(
            *offers, target=self._errand.target, host=self._host, secure=line.secure
        )

    def _options(self, line: _Line, *offers: ClientOffer) -> ClientNegotiator:
        return ClientNegotiator(
            *offers, method=b"OPTIONS", target=b"*", host=self._host, secure=line.secure
        )

    async def _connect(self) -> _Line:
        reader, writer = await asyncio.open_connection(HOST, self._port)
        self._connections.push_async_callback(_close, writer)
        return _Line(PlainStream(self._host.decode("ascii"), reader, writer))

    async def _answer(self, line: _Line, negotiator: ClientNegotiator) -> Answer:
        """The final response, noted beside its request."""
        while True:
            match await _next_event(line.stream, negotiator):
                case Switched() | UpgradeRequired() | OrdinaryResponse() as answer:
                    offered = _offered(negotiator.head)
                    self.seen.append(Seen(offered, _in_brief(answer), line.secure))
                    return answer
                case Interim():
                    pass  # a final one follows
                case ConnectionClosed(findings=findings):
                    raise _LeftError(f"closed: {_listed(findings)}")
                case Content() as content:
                    raise LostError(f"in the place of a response: {content}")

    async def _end(self, exchange: _Exchange, answer: Switched | OrdinaryResponse) -> str:
        """What came behind an answer."""
        stream, negotiator = exchange.line.stream, exchange.negotiator
        if isinstance(answer, OrdinaryResponse):
            body = await _content(stream, negotiator)
            return f"{answer.head.status_code}, body {_text(body)!r}"
        match answer.agreement:
            case WebSocketAgreement():
                return await self._talk(stream, Talk(answer, negotiator.trailing_data))
            case H2CAgreement():
                return await self._read_http2(stream, negotiator.trailing_data)
            case agreement:
                raise LostError(f"nobody asked for {agreement!r} there")

    async def _talk(self, stream: Stream, talk: Talk) -> str:
        await stream.write(talk.begin())
        while not talk.outcome:
            await stream.write(talk.receive(await _more(stream)))
        return talk.outcome

    async def _read_http2(self, stream: Stream, received: bytes) -> str:
        """The response to the request that asked for HTTP/2."""
        while True:
            responses, octets = self._http2.receive(received)
            await stream.write(octets)
            if UPGRADED_STREAM in responses:
                await stream.write(self._http2.close())
                response = responses[UPGRADED_STREAM]
                return f"{response.status_code} by HTTP/2, body {_text(response.body)!r}"
            received = await _more(stream)

    async def _begin_tls(self, line: _Line, *offers: ClientOffer) -> _Line:
        """RFC 2817 3.2: ask with OPTIONS, whose own response comes inside (3.3)."""
        negotiator = self._options(line, *offers)
        await line.stream.write(negotiator.send_request())
        answer = await self._answer(line, negotiator)
        if not isinstance(answer, Switched) or negotiator.trailing_data:
            raise LostError(f"no TLS: {answer}")
        secure = SecureStream(line.stream, self._make_tls())
        await secure.begin()
        inside = _Line(secure, secure=True)
        repeated = self._options(inside)
        repeated.send_request()  # has gone out already
        await self._answer(inside, repeated)
        await _content(secure, repeated)
        return inside


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):  # the server was faster
        await writer.wait_closed()


async def _next_event(stream: Stream, negotiator: ClientNegotiator) -> Event:
    event = negotiator.next_event()
    while event is NEED_DATA:
        negotiator.receive_data(await stream.read())
        event = negotiator.next_event()
    if event is PAUSED:
        raise LostError("nothing is awaited")
    return event


async def _content(stream: Stream, negotiator: ClientNegotiator) -> bytes:
    """The body of a declined response."""
    body = bytearray()
    while True:
        match await _next_event(stream, negotiator):
            case Content() as content:
                body += content.data
                if content.end:
                    return bytes(body)
            case event:
                raise LostError(f"in the place of content: {event}")


async def _more(stream: Stream) -> bytes:
    octets = await stream.read()
    if not octets:
        raise LostError("the server closed the connection")
    return octets


def _offer_of(step: Retry | UseWebSocketVersion | UseHTTP2 | UseTLS) -> ClientOffer:
    if step.offer is None:
        raise LostError(f"advised what this client is not told that it could do: {step}")
    return step.offer


def _in_brief(answer: Answer) -> str:
    """A status, what it names, and what is wrong with that."""
    match answer:
        case Switched():
            said = f"101 {answer.token}"
        case UpgradeRequired():
            versions = [f"version {version}" for version in answer.versions]
            said = f"426 {', '.join([*map(str, answer.tokens), *versions])}".rstrip()
        case OrdinaryResponse():
            return str(answer.head.status_code)
        case unreachable:
            assert_never(unreachable)
    return f"{said} ({_listed(answer.findings)})" if answer.findings else said


def _offered(request: RequestHead) -> str:
    """The Upgrade field, and a version of WebSocket that is not today's."""
    offered = request.get(b"upgrade") or b"none"
    version = request.get(b"sec-websocket-version") or _TODAYS_VERSION
    said = offered if version == _TODAYS_VERSION else b"%s, version %s" % (offered, version)
    return said.decode("ascii")


def _listed(findings: tuple[Finding, ...]) -> str:
    return ", ".join(finding.code for finding in findings)


def _text(body: bytes) -> str:
    return body.decode("ascii", "backslashreplace").strip()
