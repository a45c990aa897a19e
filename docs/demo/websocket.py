"""WebSockets after a 101: a server, and a client.

The law of this file: ``wsproto`` is imported here alone; octets in, octets out.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, final

from wsproto import ConnectionType, WSConnection
from wsproto.connection import Connection, ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Ping,
    Request,
    TextMessage,
)

from httpupgrade import Accept101
from httpupgrade.adapters.wsproto import websocket


@final
class EchoSocket:
    """A WebSocket that sends every message back."""

    def __init__(self, accept: Accept101, trailing_data: bytes) -> None:
        self._connection = websocket(accept, trailing_data)
        self._at_end = False

    @property
    def closed(self) -> bool:
        """Whether both sides have sent a close frame, or the other one has gone."""
        return self._at_end or self._connection.state is ConnectionState.CLOSED

    def begin(self) -> bytes:
        """The answers to frames that came early."""
        return self._answer()

    def receive(self, octets: bytes) -> bytes:
        """The frames to answer with."""
        if octets:
            self._connection.receive_data(octets)
        else:
            self._at_end = True
        return self._answer()

    def _answer(self) -> bytes:
        return b"".join(
            self._connection.send(event if isinstance(event, _ECHOED) else event.response())
            for event in self._connection.events()
            if isinstance(event, (*_ECHOED, Ping, CloseConnection)) and not self.closed
        )


_ECHOED: Final = (TextMessage, BytesMessage)


@final
class Talk(NamedTuple):
    """What a WebSocket brought."""

    subprotocol: str | None
    echoes: list[str]


@final
class TalkingClient:
    """A client that opens a WebSocket, sends texts, takes the echoes and closes it.

    The first text goes out together with the handshake. RFC 6455 4.1 has clients wait for the 101,
    but some do not, and servers have to keep what came early for the new protocol.
    """

    def __init__(self, authority: str, path: str, texts: Sequence[str]) -> None:
        self._request = Request(host=authority, target=path, subprotocols=["chat.v1"])
        self._texts = texts
        self._connection = WSConnection(ConnectionType.CLIENT)
        self._subprotocol: str | None = None
        self._echoes: list[str] = []
        self.talk: Talk | None = None
        """What it brought, once it has ended."""

    def begin(self) -> bytes:
        """The handshake, and the first text."""
        early = Connection(ConnectionType.CLIENT).send(TextMessage(self._texts[0]))
        return self._connection.send(self._request) + early

    def receive(self, octets: bytes) -> bytes:
        """Take octets, none at their end, and return those to write."""
        self._connection.receive_data(octets or None)
        written = b""
        for event in self._connection.events():
            match event:
                case AcceptConnection():
                    self._subprotocol = event.subprotocol
                    sent = (self._connection.send(TextMessage(text)) for text in self._texts[1:])
                    written += b"".join(sent)
                case TextMessage():
                    self._echoes.append(event.data)
                    if len(self._echoes) == len(self._texts):
                        written += self._connection.send(CloseConnection(code=1000))
                case _:
                    self.talk = Talk(self._subprotocol, self._echoes)
        return written
