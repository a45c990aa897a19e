"""HTTP/1.1: a server for what passes, and a client.

The law of this file: ``h11`` is imported here alone; octets in, octets out.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import NamedTuple, final

import h11

from httpupgrade.cli.serve.roles import Application, Request, Response


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
        """Whether the connection has to close after what was sent."""
        return self._connection.our_state in (h11.MUST_CLOSE, h11.CLOSED, h11.ERROR)

    def begin(self) -> bytes:
        """Nothing: the client asks first."""
        return b""

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


@final
class Answer(NamedTuple):
    """A response."""

    status_code: int
    headers: dict[bytes, bytes]
    body: bytes
    """Behind a 101, what came of the new protocol already."""


@final
class Http1Client:
    """A client that makes one request."""

    def __init__(self, authority: str) -> None:
        self._authority = authority
        self._connection = h11.Connection(h11.CLIENT)
        self._response: h11.Response | None = None
        self._content = bytearray()

    def ask(
        self,
        method: str,
        path: str,
        fields: Sequence[tuple[str, str]] = (),
        body: Sequence[bytes] = (),
    ) -> list[bytes]:
        """The octets of the request, in the pieces that they may go out in."""
        headers = [("Host", self._authority), ("User-Agent", "h11"), *fields]
        events: list[h11.Event] = [
            h11.Request(method=method, target=path, headers=headers),
            *(h11.Data(data=piece) for piece in body),
            h11.EndOfMessage(),
        ]
        return [octets for event in events if (octets := self._connection.send(event))]

    def receive(self, octets: bytes) -> Answer | None:
        """Take octets; the response, once it is whole. Raises :class:`ConnectionError`."""
        self._connection.receive_data(octets)
        while True:
            event = self._connection.next_event()
            match event:
                case h11.InformationalResponse(status_code=101):
                    return Answer(101, dict(event.headers), self._connection.trailing_data[0])
                case h11.InformationalResponse():
                    pass
                case h11.Response():
                    self._response = event
                case h11.Data():
                    self._content += event.data
                case h11.EndOfMessage() if self._response is not None:
                    headers = dict(self._response.headers)
                    return Answer(self._response.status_code, headers, bytes(self._content))
                case h11.ConnectionClosed():
                    raise ConnectionError("the server closed the connection without an answer")
                case _:
                    return None
