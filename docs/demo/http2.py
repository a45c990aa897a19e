"""HTTP/2 after a 101: a server, and a client.

The law of this file: ``h2`` is imported here alone; octets in, octets out.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple, final

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RequestReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
)
from h2.exceptions import ProtocolError

from httpupgrade import Accept101
from httpupgrade.adapters.h2 import UPGRADED_STREAM, http2

from .roles import Application, Request, Response

Fields = Iterable[tuple[bytes, bytes]]
"""Of HTTP/2, those with a colon in front included."""


@final
class Http2Server:
    """A server that is given its first request, with what agreed on HTTP/2."""

    def __init__(self, application: Application, accept: Accept101, trailing_data: bytes) -> None:
        self._application = application
        begun = http2(accept, trailing_data)
        self._connection = begun.connection
        self._early = begun.events
        self._unfinished: dict[int, _Message] = {}
        first = _Message(dict(begun.headers), bytearray(begun.body))
        self._complete = {UPGRADED_STREAM: first.as_request()}
        self._unsent: dict[int, bytes] = {}
        self._ended = begun.error is not None

    @property
    def closed(self) -> bool:
        """Whether either side has ended the connection."""
        return self._ended

    def begin(self) -> bytes:
        """Settings, and the answers to what came early.

        Stream 1 could be answered at once (RFC 7540 3.2), but curl 7.88 gives up when more than
        32 KiB come with the 101. A client always speaks next, so its answer waits for that.
        """
        for event in self._early:
            self._handle(event)
        return self._send() if self._early else self._connection.data_to_send()

    def receive(self, octets: bytes) -> bytes:
        """The frames to answer with."""
        if not octets:
            self._ended = True
            return b""
        try:
            for event in self._connection.receive_data(octets):
                self._handle(event)
        except ProtocolError:
            self._ended = True
        return self._send()

    def _handle(self, event: Event) -> None:
        match event:
            case RequestReceived(stream_id=int() as number):
                self._unfinished[number] = _Message.of(event.headers or ())
            case DataReceived(stream_id=int() as number, data=bytes() as data):
                self._unfinished[number].body.extend(data)
                self._connection.acknowledge_received_data(event.flow_controlled_length, number)
            case StreamEnded(stream_id=int() as number):
                self._complete[number] = self._unfinished.pop(number).as_request()
            case StreamReset(stream_id=int() as number):
                for waiting in (self._unfinished, self._complete, self._unsent):
                    waiting.pop(number, None)
            case ConnectionTerminated():
                self._ended = True
            case _:
                pass  # settings, pings and windows, which h2 answers or keeps

    def _send(self) -> bytes:
        if not self._ended:
            for number, request in self._complete.items():
                self._answer(number, request)
            self._complete.clear()
            for number in list(self._unsent):
                self._send_content(number)
        return self._connection.data_to_send()

    def _answer(self, number: int, request: Request) -> None:
        response = self._application(request)
        without_content = request.method == b"HEAD" or not response.body
        self._connection.send_headers(number, _fields_of(response), end_stream=without_content)
        if not without_content:
            self._unsent[number] = response.body

    def _send_content(self, number: int) -> None:
        """As much of it as the client's windows have room for."""
        body = self._unsent.pop(number)
        most = self._connection.max_outbound_frame_size
        while body:
            size = min(self._connection.local_flow_control_window(number), most, len(body))
            if size == 0:
                self._unsent[number] = body
                return
            self._connection.send_data(number, body[:size], end_stream=size == len(body))
            body = body[size:]


@final
class _Message(NamedTuple):
    """A request or a response whose end has not arrived."""

    fields: dict[bytes, bytes]
    body: bytearray

    @classmethod
    def of(cls, fields: Fields) -> "_Message":
        return cls(dict(fields), bytearray())

    def as_request(self) -> Request:
        headers = tuple(each for each in self.fields.items() if not each[0].startswith(b":"))
        return Request(
            self.fields[b":method"], self.fields.get(b":path", b""), headers, bytes(self.body)
        )

    def as_response(self) -> Response:
        headers = tuple(each for each in self.fields.items() if not each[0].startswith(b":"))
        return Response(int(self.fields[b":status"]), headers, bytes(self.body))


def _fields_of(response: Response) -> list[tuple[bytes, bytes]]:
    """RFC 9113 8.2: names are in lower case."""
    return [
        (b":status", b"%d" % response.status_code),
        *((name.lower(), value) for name, value in response.headers),
        (b"content-length", b"%d" % len(response.body)),
    ]


@final
class Http2Client:
    """A client that asks for HTTP/2 with its first request, over HTTP/1.1."""

    def __init__(self, authority: str) -> None:
        self._authority = authority.encode("ascii")
        self._connection = H2Connection(H2Configuration(client_side=True))
        self._unfinished: dict[int, _Message] = {}
        self.settings: Final = self._connection.initiate_upgrade_connection() or b""
        """For HTTP2-Settings."""

    def ask(self, method: bytes, path: bytes) -> tuple[int, bytes]:
        """A further request: the number of its stream, and the octets to write."""
        number = self._connection.get_next_available_stream_id()
        fields = [
            (b":method", method),
            (b":scheme", b"http"),
            (b":authority", self._authority),
            (b":path", path),
        ]
        self._connection.send_headers(number, fields, end_stream=True)
        return number, self._connection.data_to_send()

    def receive(self, octets: bytes) -> tuple[dict[int, Response], bytes]:
        """The responses that end in these octets, by stream, and the octets to write."""
        responses: dict[int, Response] = {}
        for event in self._connection.receive_data(octets):
            match event:
                case ResponseReceived(stream_id=int() as number):
                    self._unfinished[number] = _Message.of(event.headers or ())
                case DataReceived(stream_id=int() as number, data=bytes() as data):
                    self._unfinished[number].body.extend(data)
                    self._connection.acknowledge_received_data(event.flow_controlled_length, number)
                case StreamEnded(stream_id=int() as number):
                    responses[number] = self._unfinished.pop(number).as_response()
                case _:
                    pass  # settings and windows, which h2 answers or keeps
        return responses, self._connection.data_to_send()

    def close(self) -> bytes:
        """The octets that end the connection."""
        self._connection.close_connection(ErrorCodes.NO_ERROR)
        return self._connection.data_to_send()
