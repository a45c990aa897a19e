"""What takes over behind a decision: wsproto behind a 101, h11 behind a Passthrough.

The law of this file: octets in, octets out; none of it knows of asyncio, or of negotiations.
"""

from http import HTTPStatus
from typing import Final, final

import h11
from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage
from wsproto.extensions import Extension, PerMessageDeflate

from httpupgrade import WebSocketAgreement


def deflate(agreement: WebSocketAgreement) -> list[Extension]:
    """wsproto's extensions as they were agreed on."""
    extensions: list[Extension] = []
    for agreed in agreement.extensions:
        extension = PerMessageDeflate()
        extension.finalize(str(agreed))
        extensions.append(extension)
    return extensions


@final
class EchoSocket:
    """A WebSocket that sends every message back."""

    def __init__(self, agreement: WebSocketAgreement, trailing_data: bytes) -> None:
        self._connection = Connection(ConnectionType.SERVER, deflate(agreement), trailing_data)

    @property
    def closed(self) -> bool:
        """Whether both sides have sent a close frame."""
        return self._connection.state is ConnectionState.CLOSED

    def receive(self, octets: bytes) -> bytes:
        """The frames to answer with."""
        if octets:
            self._connection.receive_data(octets)
        return b"".join(
            self._connection.send(event if isinstance(event, _ECHOED) else event.response())
            for event in self._connection.events()
            if isinstance(event, (*_ECHOED, Ping, CloseConnection)) and not self.closed
        )


_ECHOED: Final = (TextMessage, BytesMessage)


@final
class OrdinaryServer:
    """An HTTP/1.1 server that sends each body back, and says which offers it saw."""

    def __init__(self) -> None:
        self._connection = h11.Connection(h11.SERVER)
        self._request: h11.Request | None = None
        self._body = bytearray()

    @property
    def closed(self) -> bool:
        """Whether the connection has to close behind what was sent."""
        return self._connection.our_state in (h11.MUST_CLOSE, h11.CLOSED, h11.ERROR)

    def receive(self, octets: bytes) -> bytes:
        """The responses to what is complete by now."""
        answers = bytearray()
        try:
            self._connection.receive_data(octets)
            while (answer := self._next()) is not None:
                answers += answer
        except h11.RemoteProtocolError as error:
            answers += self._respond(error.error_status_hint, str(error).encode())
        return bytes(answers)

    def _next(self) -> bytes | None:
        event = self._connection.next_event()
        match event:
            case h11.Request():
                self._request = event
                self._body.clear()
            case h11.Data():
                self._body += event.data
            case h11.EndOfMessage():
                answer = self._respond(200, bytes(self._body))
                if not self.closed:
                    self._connection.start_next_cycle()
                return answer
            case _:
                return None
        return b""

    def _respond(self, status_code: int, body: bytes) -> bytes:
        names = [] if self._request is None else [name for name, _ in self._request.headers]
        fields = [
            (b"Content-Length", b"%d" % len(body)),
            (b"X-Upgrade-Seen", b"yes" if b"upgrade" in names else b"no"),
        ]
        reason = HTTPStatus(status_code).phrase.encode()
        response = h11.Response(status_code=status_code, headers=fields, reason=reason)
        sent: list[h11.Event] = [response, h11.Data(data=body), h11.EndOfMessage()]
        return b"".join(self._connection.send(event) or b"" for event in sent)
