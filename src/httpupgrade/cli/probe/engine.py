"""Runs a step over a connection, and reads what comes back.

Rules for this module: whatever a server does, a step ends at its deadline and holds a bounded
number of octets. Nothing is judged here.
"""

from collections import deque
from contextlib import suppress
from typing import Final, assert_never, final

from ... import (
    NEED_DATA,
    ClientEvent,
    ClientNegotiator,
    Content,
    Interim,
    OrdinaryResponse,
    RemoteProtocolError,
    RequestHead,
    ResponseHead,
    Switched,
    WebSocket,
)
from ..._http1 import finding_codes as http1_codes
from ..._http1.findings import make_finding
from . import finding_codes as codes
from .connections import Dialer, Line, UnreachedError
from .frames import close, prove
from .outcomes import Exchange, HTTP2Failure, NoAnswer, NoHTTP2, Outcome
from .place import Place
from .steps import Over

try:
    from ...adapters.h2 import ExtendedConnectClient, StreamAnswer, StreamData, StreamFailure
except ImportError:
    HAS_HTTP2 = False
else:
    HAS_HTTP2 = True

_MOST_CONTENT: Final = 65536
_FOR_CONTENT: Final = 2.0
"""Seconds to wait for a body, which is evidence at most: a stream of events has no end."""
_MOST_INTERIM: Final = 16
_KEY: Final = b"sec-websocket-key"


@final
class Engine:
    """Sends the requests of a probe.

    :param prove_seconds: how long to wait for frames after a switch; None tries none.
    """

    def __init__(self, dialer: Dialer, prove_seconds: float | None) -> None:
        self._dialer: Final = dialer
        self._prove_seconds: Final = prove_seconds
        self.address: str = ""
        """The other end of the last connection."""

    def run(
        self, place: Place, request: RequestHead, over: Over, *, proves: bool = False
    ) -> Outcome:
        """Send a request on a connection of its own, and read what comes back.

        :param proves: whether to try what follows a switch; if not, it is closed at once.
        """
        try:
            with self._dialer.connect(place, http2=over is not Over.HTTP1) as line:
                self.address = line.address
                if over is Over.HTTP1:
                    return self._exchange(line, request, place.secure, proves=proves)
                return self._exchange_in_http2(line, request, over)
        except UnreachedError as error:
            return error.unreached

    def _exchange(
        self, line: Line, request: RequestHead, secure: bool, *, proves: bool
    ) -> Exchange:
        negotiator = ClientNegotiator.forwarding(request, WebSocket(), secure=secure)
        exchange = _read(line, negotiator)
        if exchange.switched is None or self._prove_seconds is None:
            return exchange
        if not proves:
            close(line)
            return exchange
        tunnel = prove(line, negotiator.trailing_data, self._prove_seconds)
        return exchange.replace(tunnel=tunnel)

    def _exchange_in_http2(self, line: Line, request: RequestHead, over: Over) -> Outcome:
        if line.chosen != "h2":
            return HTTP2Failure(NoHTTP2.NOT_CHOSEN)
        stream = _HTTP2Stream(line)
        try:
            if over is Over.HTTP2:
                return stream.exchange(request)
            outcome = stream.connect(request)
        except TimeoutError:
            return Exchange(request, NoAnswer.SILENT)
        if isinstance(outcome, HTTP2Failure) or not outcome.is_open_in_http2:
            return outcome
        if self._prove_seconds is None:
            return outcome
        return outcome.replace(tunnel=prove(stream, b"", self._prove_seconds))


def _read(line: Line, negotiator: ClientNegotiator) -> Exchange:
    """Write the request, and read until the response is there, or its time is over."""
    exchange = Exchange(negotiator.head, NoAnswer.SILENT)
    try:
        line.write(negotiator.send_request())
        event = _final_event(line, negotiator)
    except RemoteProtocolError as error:
        return exchange.replace(response=error)
    except TimeoutError:
        return exchange.replace(received=len(negotiator.trailing_data))
    match event:
        case Switched():
            return exchange.replace(response=event.head, switched=event)
        case OrdinaryResponse():
            line.deadline = line.deadline.at_most(_FOR_CONTENT)
            content, whole = _content(line, negotiator)
            return exchange.replace(response=event.head, content=content, whole=whole)
        case _:  # the end of the connection
            received = len(negotiator.trailing_data)
            return exchange.replace(response=NoAnswer.CLOSED, received=received)


def _final_event(line: Line, negotiator: ClientNegotiator) -> ClientEvent:
    for _ in range(_MOST_INTERIM):
        event = _next_event(line, negotiator)
        if not isinstance(event, Interim):
            return event
    raise RemoteProtocolError((make_finding(codes.RESPONSE_ENDLESS),))


def _content(line: Line, negotiator: ClientNegotiator) -> tuple[bytes, bool]:
    """The body, or its beginning, and whether it is all of it."""
    content = bytearray()
    whole = False
    # What is wrong with the rest of it does not matter.
    with suppress(RemoteProtocolError, TimeoutError):
        while not whole and len(content) < _MOST_CONTENT:
            event = _next_event(line, negotiator)
            if not isinstance(event, Content):
                break
            content += event.data
            whole = event.end
    return bytes(content[:_MOST_CONTENT]), whole


def _next_event(line: Line, negotiator: ClientNegotiator) -> ClientEvent:
    event = negotiator.next_event()
    while event is NEED_DATA:
        negotiator.receive_data(line.read())
        event = negotiator.next_event()
    return event


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
        while self._client.allows_connect is None and not self._events:
            self._receive()
        if self._client.allows_connect is False:
            return HTTP2Failure(NoHTTP2.NOT_ALLOWED)
        # RFC 8441 5: the key has no place there.
        fields = tuple(each for each in request.headers if each[0].lower() != _KEY)
        if self._client.allows_connect:
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
            event = self._next()
            match event:
                case StreamAnswer():
                    exchange = exchange.replace(response=_head_of(event), whole=False)
                    if exchange.is_open_in_http2:
                        return exchange
                case StreamData():
                    content += event.data
                    if event.end or len(content) >= _MOST_CONTENT:
                        kept = bytes(content[:_MOST_CONTENT])
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
