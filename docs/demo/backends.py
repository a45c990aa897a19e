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

from .roles import Application, Request, Response


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
class OrdinaryServer:
    """An HTTP/1.1 server."""

    def __init__(self, application: Application) -> None:
        self._application = application
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
            answers += self._send(Response(error.error_status_hint, (), str(error).encode()))
        return bytes(answers)

    def _next(self) -> bytes | None:
        event = self._connection.next_event()
        match event:
            case h11.Request():
                self._request = event
                self._body.clear()
                return self._let_continue()
            case h11.Data():
                self._body += event.data
            case h11.EndOfMessage() if self._request is not None:
                answer = self._send(self._respond(self._request))
                if not self.closed:
                    self._connection.start_next_cycle()
                    self._request = None
                return answer
            case _:
                return None
        return b""

    def _respond(self, event: h11.Request) -> Response:
        if event.method == b"CONNECT":  # a success would make a tunnel of the connection
            return Response(501, (), b"this is no proxy\n")
        fields = tuple(event.headers)
        return self._application(Request(event.method, event.target, fields, bytes(self._body)))

    def _let_continue(self) -> bytes:
        """The leave that a client waits for before it sends its body (RFC 9110 10.1.1)."""
        if not self._connection.they_are_waiting_for_100_continue:
            return b""
        interim = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
        return self._connection.send(interim) or b""

    def _send(self, response: Response) -> bytes:
        head = h11.Response(
            status_code=response.status_code,
            headers=[*response.headers, (b"Content-Length", b"%d" % len(response.body))],
            reason=HTTPStatus(response.status_code).phrase.encode(),
        )
        without_content = self._request is not None and self._request.method == b"HEAD"
        content = [] if without_content else [h11.Data(data=response.body)]
        sent: list[h11.Event] = [head, *content, h11.EndOfMessage()]
        return b"".join(self._connection.send(event) or b"" for event in sent)
