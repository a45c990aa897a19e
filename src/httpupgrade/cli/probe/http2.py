"""Requests in HTTP/2, and WebSockets by extended CONNECT (RFC 8441), for where h2 is installed.

Rules for this module: those of :mod:`.engine`.
"""

from collections import deque
from contextlib import suppress
from typing import Final, assert_never, final

from ... import RemoteProtocolError, RequestHead, ResponseHead
from ..._http1 import finding_codes as http1_codes
from ..._http1.findings import make_finding
from ...adapters.h2 import ExtendedConnectClient, StreamAnswer, StreamData, StreamFailure
from ...diagnosis import NoAnswer
from .connections import Line
from .engine import FOR_CONTENT, MOST_CONTENT
from .frames import prove
from .outcomes import Exchange, HTTP2Failure, NoHTTP2, Outcome
from .steps import Over

_KEY: Final = b"sec-websocket-key"


def exchange(line: Line, request: RequestHead, over: Over, prove_seconds: float | None) -> Outcome:
    """Send a request in HTTP/2, or ask for a WebSocket, and read what comes back.

    :param prove_seconds: how long to wait for frames; None tries none.
    """
    if line.chosen != "h2":
        return HTTP2Failure(NoHTTP2.NOT_CHOSEN)
    stream = _HTTP2Stream(line)
    if over is Over.HTTP2:
        return stream.exchange(request)
    outcome = stream.connect(request)
    if isinstance(outcome, HTTP2Failure) or not outcome.is_open_in_http2:
        return outcome
    if prove_seconds is None:
        return outcome
    return outcome.replace(tunnel=prove(stream, b"", prove_seconds))


@final
class _HTTP2Stream:
    """One request in HTTP/2, and after an extended CONNECT what its tunnel carries."""

    def __init__(self, line: Line) -> None:
        self.deadline = line.deadline
        self._line: Final = line
        self._client: Final = ExtendedConnectClient()
        self._stream_id = 0
        self._events: Final[deque[StreamAnswer | StreamData | StreamFailure]] = deque()

    def exchange(self, request: RequestHead) -> Exchange | HTTP2Failure:
        """An ordinary request."""
        self._stream_id = self._client.ask(request)
        self._flush()
        return self._response(request)

    def connect(self, request: RequestHead) -> Exchange | HTTP2Failure:
        """An extended CONNECT for a WebSocket, if the server takes any (RFC 8441 3)."""
        self._flush()
        with suppress(TimeoutError):
            while self._client.allows_connect is None and not self._events:
                self._receive()
        if self._client.allows_connect is False:
            return HTTP2Failure(NoHTTP2.NOT_ALLOWED)
        # RFC 8441 5: the key has no place there.
        fields = tuple(each for each in request.headers if each[0].lower() != _KEY)
        # What came before anything was asked is the end of the connection.
        if self._client.allows_connect and not self._events:
            asked = RequestHead(request.method, request.target, fields)
            self._stream_id = self._client.ask(asked, protocol=b"websocket")
            self._flush()
        return self._response(RequestHead(b"CONNECT", request.target, fields))

    def write(self, octets: bytes) -> None:
        """Send octets through the tunnel."""
        self._client.send(self._stream_id, octets)
        self._flush()

    def read(self) -> bytes:
        """What comes through the tunnel; nothing at its end."""
        event = self._next()
        return event.data if isinstance(event, StreamData) else b""

    def _response(self, request: RequestHead) -> Exchange | HTTP2Failure:
        content = bytearray()
        exchange = Exchange(request, NoAnswer.SILENT)
        while True:
            try:
                event = self._next()
            except TimeoutError:
                return exchange.replace(content=bytes(content))
            match event:
                case StreamAnswer():
                    exchange = exchange.replace(response=_head_of(event), whole=False)
                    if exchange.is_open_in_http2:
                        return exchange
                    self.deadline = self.deadline.at_most(FOR_CONTENT)
                case StreamData() if (
                    not event.end and len(content) + len(event.data) < MOST_CONTENT
                ):
                    content += event.data
                case StreamData():
                    kept = bytes((content + event.data)[:MOST_CONTENT])
                    return exchange.replace(content=kept, whole=event.end)
                case StreamFailure():
                    is_streams = event.stream_id is not None
                    reason = NoHTTP2.RESET if is_streams else NoHTTP2.BROKEN
                    return HTTP2Failure(reason, event.error)
                case unreachable:
                    assert_never(unreachable)

    def _next(self) -> "StreamAnswer | StreamData | StreamFailure":
        while not self._events:
            self._receive()
        return self._events.popleft()

    def _receive(self) -> None:
        self._line.deadline = self.deadline
        octets = self._line.read()
        if octets:
            self._events.extend(self._client.receive(octets))
            self._flush()
        else:
            self._events.append(StreamFailure(None, "the connection was closed"))

    def _flush(self) -> None:
        self._line.write(self._client.connection.data_to_send())


def _head_of(answer: "StreamAnswer") -> ResponseHead | RemoteProtocolError:
    try:
        return ResponseHead(answer.status_code, answer.headers, b"", b"2.0")
    except ValueError:
        return RemoteProtocolError((make_finding(http1_codes.FIELD_LINE_MALFORMED),))
