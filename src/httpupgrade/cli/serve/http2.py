"""An HTTP/2 server after a 101: octets in, octets out (RFC 7540 3.2)."""

from collections.abc import Iterable
from typing import Final, NamedTuple, final

from ... import Accept101
from ...adapters.h2 import (
    UPGRADED_STREAM,
    ConnectionTerminated,
    DataReceived,
    ErrorCodes,
    Event,
    ProtocolError,
    RequestReceived,
    StreamEnded,
    StreamReset,
    http2,
)
from .roles import Application, Request, Response

Fields = Iterable[tuple[bytes, bytes]]
"""Of HTTP/2, those with a colon in front included."""

MOST_BODY: Final = 1 << 18
"""Octets of the body of one request."""


@final
class Http2Server:
    """A server that is given its first request, with what agreed on HTTP/2."""

    def __init__(self, application: Application, accept: Accept101, trailing_data: bytes) -> None:
        self._application = application
        begun = http2(accept, trailing_data)
        self._connection = begun.connection
        self._early = begun.events
        self._unfinished: dict[int, Message] = {}
        first = Message(dict(begun.headers), bytearray(begun.body))
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
                self._unfinished[number] = Message.of(event.headers or ())
            case DataReceived(stream_id=int() as number, data=bytes() as data):
                self._connection.acknowledge_received_data(event.flow_controlled_length, number)
                self._take_body(number, data)
            case StreamEnded(stream_id=int() as number) if number in self._unfinished:
                self._complete[number] = self._unfinished.pop(number).as_request()
            case StreamReset(stream_id=int() as number):
                for waiting in (self._unfinished, self._complete, self._unsent):
                    waiting.pop(number, None)
            case ConnectionTerminated():
                self._ended = True
            case _:
                pass  # settings, pings and windows, which h2 answers or keeps

    def _take_body(self, number: int, data: bytes) -> None:
        message = self._unfinished.get(number)
        if message is None:
            return  # it was reset
        message.body.extend(data)
        if len(message.body) > MOST_BODY:
            del self._unfinished[number]
            self._connection.reset_stream(number, ErrorCodes.ENHANCE_YOUR_CALM)

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
            if size <= 0:  # below zero: RFC 9113 6.9.2
                self._unsent[number] = body
                return
            self._connection.send_data(number, body[:size], end_stream=size == len(body))
            body = body[size:]


@final
class Message(NamedTuple):
    """A request or a response whose end has not arrived."""

    fields: dict[bytes, bytes]
    body: bytearray

    @classmethod
    def of(cls, fields: Fields) -> "Message":
        return cls(dict(fields), bytearray())

    def as_request(self) -> Request:
        headers = tuple(each for each in self.fields.items() if not each[0].startswith(b":"))
        return Request(
            self.fields[b":method"], self.fields.get(b":path", b""), headers, bytes(self.body)
        )


def _fields_of(response: Response) -> list[tuple[bytes, bytes]]:
    """RFC 9113 8.2: names are in lower case."""
    return [
        (b":status", b"%d" % response.status_code),
        *((name.lower(), value) for name, value in response.headers),
        (b"content-length", b"%d" % len(response.body)),
    ]
