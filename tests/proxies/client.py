"""Clients: the library's own, and that of ``websockets``.

Rules for this module: what came of an exchange is told as a value, and not judged.
"""

import asyncio
from contextlib import closing
from typing import Final, NamedTuple, final

import websockets
from demo.server import HOST

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
from httpupgrade.offers import ClientOffer

from .origin import CHAT, PLAIN

_SECONDS: Final = 4.0
_TEXT: Final = "hello"
_READ: Final = 65536


@final
class Exchange(NamedTuple):
    """A request, and what came back: its head, why it was none, or nothing."""

    sent: RequestHead
    response: ResponseHead | RemoteProtocolError | str
    content: bytes = b""


async def ask_for_websocket(port: int) -> Exchange:
    """The library's own handshake."""
    return await _ask(port, CHAT, WebSocket())


async def ask_plainly(port: int) -> Exchange:
    """An ordinary GET."""
    return await _ask(port, PLAIN)


async def _ask(port: int, target: bytes, *offers: ClientOffer) -> Exchange:
    host = f"{HOST}:{port}".encode("ascii")
    errand = _Errand(ClientNegotiator(*offers, target=target, host=host))
    try:
        async with asyncio.timeout(_SECONDS):
            reader, writer = await asyncio.open_connection(HOST, port)
            with closing(writer):
                await errand.run(reader, writer)
    except RemoteProtocolError as error:
        errand.response = errand.response or error
    except TimeoutError:
        errand.response = errand.response or "silent"
    except OSError:
        pass
    response = errand.response or "closed"
    return Exchange(errand.negotiator.head, response, bytes(errand.content))


@final
class _Errand:
    """One request, and what has come back so far."""

    def __init__(self, negotiator: ClientNegotiator) -> None:
        self.negotiator: Final = negotiator
        self.response: ResponseHead | RemoteProtocolError | str = ""
        self.content = bytearray()

    async def run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Ask, and read until the answer is whole."""
        writer.write(self.negotiator.send_request())
        while not self._take(event := self.negotiator.next_event()):
            if event is Signal.NEED_DATA:
                self.negotiator.receive_data(await reader.read(_READ))

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


async def talk(port: int) -> str:
    """What ``websockets`` comes to: "101, echo", or why not."""
    url = f"ws://{HOST}:{port}{CHAT.decode('ascii')}"
    try:
        async with websockets.connect(
            url, proxy=None, open_timeout=_SECONDS, close_timeout=1
        ) as websocket:
            await websocket.send(_TEXT)
            async with asyncio.timeout(_SECONDS):
                echoed = await websocket.recv()
            return "101, echo" if echoed == _TEXT else f"101, then {echoed!r}"
    except websockets.InvalidStatus as error:
        return str(error.response.status_code)
    except TimeoutError:
        return "no answer"
    except (websockets.WebSocketException, OSError) as error:
        return f"{type(error).__name__}: {error}"
