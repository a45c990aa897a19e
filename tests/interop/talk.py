"""A WebSocket behind a switch: one text there and back.

The law of this file: ``wsproto`` is imported here alone; octets in, octets out.
"""

from typing import Final, final

from wsproto.events import CloseConnection, Event, TextMessage

from httpupgrade import Switched, WebSocketAgreement
from httpupgrade.adapters.wsproto import websocket

_TEXT: Final = "hello"


@final
class Talk:
    """The client's end.

    :param event: what a WebSocket was agreed on in.
    :param trailing_data: what came behind the 101.
    """

    def __init__(self, event: Switched, trailing_data: bytes) -> None:
        self._connection = websocket(event, trailing_data)
        assert isinstance(event.agreement, WebSocketAgreement)
        self._agreement = event.agreement
        self._echoed = "nothing"
        self.outcome = ""
        """What came of it, once it has ended."""

    def begin(self) -> bytes:
        """The octets of the text, and the answers to what came early."""
        return self._connection.send(TextMessage(_TEXT)) + self._answer()

    def receive(self, octets: bytes) -> bytes:
        """Take octets, none at their end, and return those to write."""
        self._connection.receive_data(octets or None)
        return self._answer()

    def _answer(self) -> bytes:
        return b"".join(map(self._handle, self._connection.events()))

    def _handle(self, event: Event) -> bytes:
        match event:
            case TextMessage():
                self._echoed = f"{event.data!r} as text"
                return self._connection.send(CloseConnection(code=1000))
            case CloseConnection():
                subprotocol = self._agreement.subprotocol or "none"
                extensions = [each.name for each in self._agreement.extensions]
                self.outcome = ", ".join(
                    (
                        f"echoed {self._echoed}",
                        f"subprotocol {subprotocol}",
                        *extensions,
                        f"closed {event.code}",
                    )
                )
            case _:
                pass  # frames that end nothing
        return b""
