"""What the core reads piece by piece costs alike, and holds no more than it has to."""

from collections.abc import Callable
from typing import Any, Final

from counting import counted_library

from linear.streams import Feed, Stream, laws_of
from linear.subjects import HOST, LIBRARY, UNLIMITED, every_offer, request

OF_FRAMING: Final = counted_library("framing")

WEBSOCKET: Final = LIBRARY.Policy(LIBRARY.WebSocket())
REQUIRED: Final = LIBRARY.Policy(LIBRARY.WebSocket(), mode="required")
TCP: Final = LIBRARY.Policy(LIBRARY.CustomProtocol("tcp", body="buffer"))

GET: Final = b"GET / HTTP/1.1\r\nHost: a\r\n"
POST: Final = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
CHUNKED: Final = b"Transfer-Encoding: chunked\r\n\r\n"
LONG: Final = b"Content-Length: 99999999\r\n\r\n"
OK: Final = b"HTTP/1.1 200 OK\r\n"


def _handle(machine: Any) -> None:
    while (event := machine.next_event()) not in (LIBRARY.NEED_DATA, LIBRARY.PAUSED):
        if isinstance(event, LIBRARY.ConnectionClosed):
            return
        if not isinstance(event, LIBRARY.Forward | LIBRARY.Passthrough | LIBRARY.Accept101):
            machine.send(event)


def server(policy: Any, start: bytes = b"") -> Callable[[], Feed]:
    def begin() -> Feed:
        machine = LIBRARY.ServerNegotiator(policy, limits=UNLIMITED)

        def feed(octets: bytes) -> None:
            machine.receive_data(octets)
            _handle(machine)

        if start:
            feed(start)
        return feed

    return begin


def client(start: bytes) -> Callable[[], Feed]:
    def begin() -> Feed:
        machine = LIBRARY.ClientNegotiator(LIBRARY.WebSocket(), host=b"a", limits=UNLIMITED)
        machine.send_request()

        def feed(octets: bytes) -> None:
            machine.receive_data(octets)
            while machine.next_event() is not LIBRARY.NEED_DATA:
                pass

        if start:
            feed(start)
        return feed

    return begin


def tracker(start: bytes, *advertised: tuple[bytes, bytes]) -> Callable[[], Feed]:
    def begin() -> Feed:
        each = OF_FRAMING.ResponseTracker()
        each.expect(b"GET", advertised)
        each.send_data(start)
        feed: Feed = each.send_data
        return feed

    return begin


def body(start: bytes, *length: int) -> Callable[[], Feed]:
    def begin() -> Feed:
        reader = OF_FRAMING.BodyReader(OF_FRAMING.Framing(*length or [None]))

        def feed(octets: bytes) -> None:
            reader.receive_data(octets)
            while reader.next_piece() is not None:
                pass

        if start:
            feed(start)
        return feed

    return begin


def _content_of_a_parsed_head() -> Feed:
    machine = LIBRARY.HeadNegotiator(REQUIRED)
    machine.receive_head(
        LIBRARY.RequestHead(b"POST", b"/", [HOST, (b"Content-Length", b"99999999")])
    )

    def feed(octets: bytes) -> None:
        machine.receive_content(octets)
        _handle(machine)

    return feed


STREAMS: Final[dict[str, Stream]] = {
    # What a server reads.
    "empty lines": Stream(server(WEBSOCKET), b"\r\n", keeps=True),
    "a target": Stream(server(WEBSOCKET, b"GET /"), b"a", keeps=True),
    "a field value": Stream(server(WEBSOCKET, GET + b"A: "), b"b", keeps=True),
    "white space of a field value": Stream(server(WEBSOCKET, GET + b"A:"), b" ", keeps=True),
    "field lines": Stream(server(WEBSOCKET, GET), b"A: bcdefgh\r\n", keeps=True),
    "empty elements": Stream(server(WEBSOCKET, GET + b"Upgrade: "), b",", keeps=True),
    "open quotes": Stream(
        server(every_offer(), GET + b"Upgrade: a\r\nSec-WebSocket-Extensions: a"),
        b';b="',
        keeps=True,
    ),
    "broken lines": Stream(server(WEBSOCKET, GET + b"Upgrade: a\r\n"), b" :\n", keeps=True),
    "requests": Stream(server(REQUIRED), GET + b"\r\n"),
    "requests after empty lines": Stream(server(REQUIRED), b"\r\n\r\n" + GET + b"\r\n"),
    "requests with bodies": Stream(server(REQUIRED), GET + CHUNKED + b"1\r\na\r\n0\r\n\r\n"),
    "requests that are forwarded": Stream(server(WEBSOCKET), GET + b"Content-Length: 1\r\n\r\na"),
    "octets that are no request": Stream(server(WEBSOCKET, b"\x16\x03"), b"\x00"),
    "a drained body": Stream(server(REQUIRED, GET + LONG), b"a"),
    "drained chunks": Stream(server(REQUIRED, GET + CHUNKED), b"1\r\na\r\n"),
    "a forwarded body": Stream(server(WEBSOCKET, GET + LONG), b"a"),
    "forwarded chunks": Stream(server(WEBSOCKET, GET + CHUNKED), b"1;a=b\r\na\r\n"),
    "a body that is kept": Stream(server(TCP, POST + CHUNKED + b"ffffff\r\n"), b"a", keeps=True),
    "chunks that are kept": Stream(server(TCP, POST + CHUNKED), b"1\r\na\r\n", keeps=True),
    "the name of a trailer": Stream(server(REQUIRED, GET + CHUNKED + b"0\r\n"), b"a", keeps=True),
    "early data": Stream(server(REQUIRED, request([]).to_bytes()), b"\x81", keeps=True),
    "the content of a parsed head": Stream(_content_of_a_parsed_head, b"a"),
    # What a client reads.
    "a reason phrase": Stream(client(b"HTTP/1.1 200 "), b"a", keeps=True),
    "a field value of a response": Stream(client(OK + b"A: "), b"b", keeps=True),
    "field lines of a response": Stream(client(OK), b"A: bcdefgh\r\n", keeps=True),
    "lines that go on": Stream(client(OK + b"A: b"), b" \r\n\tb", keeps=True),
    "white space of a response": Stream(client(OK + b"A:"), b" ", keeps=True),
    "interim responses": Stream(client(b""), b"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n"),
    "a body of a response": Stream(client(OK + LONG), b"a"),
    "chunks of a response": Stream(client(OK + CHUNKED), b"1;a=b\r\na\r\n"),
    "a body until the end": Stream(client(OK + b"\r\n"), b"a"),
    # What a server's own responses are tracked by.
    "tracked field lines": Stream(tracker(OK, (b"Upgrade", b"a")), b"A: bcdefgh\r\n", keeps=True),
    "tracked interim responses": Stream(
        tracker(b"", (b"Upgrade", b"a")), b"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n"
    ),
    "a tracked body": Stream(tracker(OK + LONG), b"a"),
    "tracked chunks": Stream(tracker(OK + CHUNKED), b"1;a=b\r\na\r\n"),
    # Bodies by themselves.
    "a chunk": Stream(body(b"ffffff\r\n"), b"a"),
    "chunks": Stream(body(b""), b"1\r\na\r\n"),
    "chunks of two digits": Stream(body(b""), b"01;a=b\r\na\r\n"),
    "a body of a known length": Stream(body(b"", 99_999_999), b"a"),
}

(
    test_octets_that_come_one_at_a_time_cost_alike,
    test_octets_that_come_together_cost_alike,
    test_no_more_is_held_than_has_to_be,
) = laws_of(STREAMS)
