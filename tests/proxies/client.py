"""Clients: the library's own, and that of ``websockets``.

Rules for this module: what came of an exchange is told as a value, and not judged.
"""

import asyncio
import ssl
from contextlib import closing
from typing import Final, NamedTuple, final

import websockets
from demo.server import HOST
from interop.talk import Talk

from httpupgrade import (
    ClientEvent,
    ClientNegotiator,
    ConnectionClosed,
    Content,
    OrdinaryResponse,
    RemoteProtocolError,
    RequestHead,
    ResponseHead,
    Signal,
    Switched,
    UpgradeRequired,
    WebSocket,
)
from httpupgrade.diagnosis import NoAnswer
from httpupgrade.offers import ClientOffer

from .origin import CHAT, PLAIN

TALKED: Final = "101, echo"
_SECONDS: Final = 4.0
_TEXT: Final = "hello"
_READ: Final = 65536


@final
class Exchange(NamedTuple):
    """A request, and what came back: its head, why it was none, or nothing."""

    sent: RequestHead
    response: ResponseHead | RemoteProtocolError | NoAnswer
    content: bytes = b""
    talked: bool = False
    """Whether the WebSocket sent a message back, after a 101."""


async def ask_for_websocket(port: int, tls: ssl.SSLContext | None) -> Exchange:
    """The library's own handshake."""
    return await _ask(port, tls, CHAT, WebSocket())


async def ask_plainly(port: int, tls: ssl.SSLContext | None) -> Exchange:
    """An ordinary GET."""
    return await _ask(port, tls, PLAIN)


async def _ask(
    port: int, tls: ssl.SSLContext | None, target: bytes, *offers: ClientOffer
) -> Exchange:
    host = f"{HOST}:{port}".encode("ascii")
    errand = _Errand(ClientNegotiator(*offers, target=target, host=host, secure=tls is not None))
    try:
        async with asyncio.timeout(_SECONDS):
            reader, writer = await asyncio.open_connection(HOST, port, ssl=tls)
            with closing(writer):
                await errand.run(reader, writer)
    except RemoteProtocolError as error:
        errand.response = errand.response or error
    except TimeoutError:
        errand.response = errand.response or NoAnswer.SILENT
    except OSError:
        pass
    response = errand.response or NoAnswer.CLOSED
    return Exchange(errand.negotiator.head, response, bytes(errand.content), errand.talked)


@final
class _Errand:
    """One request, and what has come back so far."""

    def __init__(self, negotiator: ClientNegotiator) -> None:
        self.negotiator: Final = negotiator
        self.response: ResponseHead | RemoteProtocolError | NoAnswer | None = None
        self.content = bytearray()
        self.talked = False

    async def run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Ask, and read until the answer is whole."""
        writer.write(self.negotiator.send_request())
        while not self._take(event := self.negotiator.next_event()):
            if event is Signal.NEED_DATA:
                self.negotiator.receive_data(await reader.read(_READ))
        if isinstance(event, Switched):
            await self._talk(event, reader, writer)

    async def _talk(
        self, event: Switched, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        talk = Talk(event, self.negotiator.trailing_data)
        writer.write(talk.begin())
        while not talk.outcome and (octets := await reader.read(_READ)):
            writer.write(talk.receive(octets))
        self.talked = talk.outcome.startswith(f"echoed {_TEXT!r}")

    def _take(self, event: ClientEvent) -> bool:
        """Note what came, and say whether that was the last of it."""
        match event:
            case Switched():
                self.response = event.head
                return True
            case UpgradeRequired():
                self.response = event.head
                self.content += event.body
                return True
            case OrdinaryResponse():
                self.response = event.head
            case Content():
                self.content += event.data
                return event.end
            case _:
                return isinstance(event, ConnectionClosed)
        return False


async def talk(port: int, tls: ssl.SSLContext | None) -> str:
    """What ``websockets`` comes to: :data:`TALKED`, or why not."""
    url = f"{'wss' if tls else 'ws'}://{HOST}:{port}{CHAT.decode('ascii')}"
    try:
        async with websockets.connect(
            url, ssl=tls, proxy=None, open_timeout=_SECONDS, close_timeout=1
        ) as websocket:
            await websocket.send(_TEXT)
            async with asyncio.timeout(_SECONDS):
                echoed = await websocket.recv()
            return TALKED if echoed == _TEXT else f"101, then {echoed!r}"
    except websockets.InvalidStatus as error:
        return str(error.response.status_code)
    except TimeoutError:
        return "no answer"
    except (websockets.WebSocketException, OSError) as error:
        return f"{type(error).__name__}: {error}"
