"""h11 with the handshake written by hand, as servers that use it do."""

from typing import Final, NamedTuple

import h11

from ..contender import ClientOutcome, Contender, Job, PlainRequest, Work, one_by_one
from .asked import TARGET_OCTETS
from .handwritten import answer_websocket, asks_for_websocket
from .handwritten_client import draw_key, read_response, request_fields

_WIDE: Final = 1 << 20
_REQUIRED: Final = [
    (b"Upgrade", b"websocket"),
    (b"Connection", b"Upgrade"),
    (b"Sec-WebSocket-Version", b"13"),
    (b"Content-Type", b"text/plain; charset=utf-8"),
    (b"Content-Length", b"30"),
]
_TEXT: Final = b"This is a WebSocket endpoint.\n"


class Passed(NamedTuple):
    """A request as h11 has it."""

    request: h11.Request
    body: bytes

    def plain(self) -> PlainRequest:
        request = self.request
        return PlainRequest(request.method, request.target, tuple(request.headers), self.body)


def read_head(octets: bytes) -> h11.Request:
    """What h11 makes of a head."""
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(octets)
    return _request_of(connection)


def _request_of(connection: h11.Connection) -> h11.Request:
    request = connection.next_event()
    assert isinstance(request, h11.Request)
    return request


def _answer(request: h11.Request, deflate: bool) -> bytes:
    version = request.http_version.decode("ascii")
    return answer_websocket(request.method, version, request.headers, deflate=deflate)


def switch(octets: bytes) -> bytes:
    return _answer(read_head(octets), deflate=False)


def switch_deflate(octets: bytes) -> bytes:
    return _answer(read_head(octets), deflate=True)


def switch_parsed(request: h11.Request) -> bytes:
    return _answer(request, deflate=False)


def let_go(octets: bytes) -> Passed:
    request = read_head(octets)
    assert not asks_for_websocket(request.headers)
    return Passed(request, b"")


def read(octets: bytes) -> Passed:
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=_WIDE)
    connection.receive_data(octets)
    request = _request_of(connection)
    assert not asks_for_websocket(request.headers)
    return Passed(request, b"")


def read_slowly(octets: list[bytes]) -> Passed:
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=_WIDE)
    for octet in octets:
        connection.receive_data(octet)
        request = connection.next_event()
        if isinstance(request, h11.Request):
            assert not asks_for_websocket(request.headers)
            return Passed(request, b"")
    raise AssertionError("the head never ends")


def hand_on(octets: bytes) -> Passed:
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(octets)
    request = _request_of(connection)
    assert not asks_for_websocket(request.headers)
    body = b""
    while True:
        event = connection.next_event()
        if isinstance(event, h11.EndOfMessage):
            return Passed(request, body)
        assert isinstance(event, h11.Data)
        body += event.data


def require_many(octets: bytes) -> bytes:
    """With the answers written by h11, which reads no further before it has."""
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(octets)
    written = []
    while isinstance(request := connection.next_event(), h11.Request):
        assert not asks_for_websocket(request.headers)
        assert isinstance(connection.next_event(), h11.EndOfMessage)
        response = h11.Response(status_code=426, headers=_REQUIRED, reason=b"Upgrade Required")
        written.append(connection.send(response) or b"")
        written.append(connection.send(h11.Data(data=_TEXT)) or b"")
        written.append(connection.send(h11.EndOfMessage()) or b"")
        connection.start_next_cycle()
    return b"".join(written)


# The client. h11 knows a 101 only as the answer to a request that it has written.


def _open(octets: bytes, deflate: bool) -> ClientOutcome:
    key = draw_key()
    connection = h11.Connection(h11.CLIENT)
    fields = request_fields(key, deflate=deflate)
    asked = h11.Request(method=b"GET", target=TARGET_OCTETS, headers=fields)
    request = (connection.send(asked) or b"") + (connection.send(h11.EndOfMessage()) or b"")
    connection.receive_data(octets)
    response = connection.next_event()
    while isinstance(response, h11.InformationalResponse) and response.status_code != 101:
        response = connection.next_event()
    assert isinstance(response, h11.InformationalResponse | h11.Response)
    return read_response(
        request,
        key,
        response.status_code,
        response.http_version.decode("ascii"),
        response.headers,
        _content(connection) if isinstance(response, h11.Response) else b"",
        deflate=deflate,
    )


def _content(connection: h11.Connection) -> bytes:
    content = b""
    while isinstance(event := connection.next_event(), h11.Data):
        content += event.data
    assert isinstance(event, h11.EndOfMessage)
    return content


def open_plain(octets: bytes) -> ClientOutcome:
    return _open(octets, deflate=False)


def open_deflate(octets: bytes) -> ClientOutcome:
    return _open(octets, deflate=True)


def hold(octets: bytes) -> h11.Connection:
    connection = h11.Connection(h11.SERVER)
    if octets:
        connection.receive_data(octets)
        connection.next_event()
    return connection


H11_CHECKS: Final = Contender(
    "h11 + hand-written checks",
    ("h11",),
    {
        Job.SWITCH: Work(switch),
        Job.SWITCH_DEFLATE: Work(switch_deflate),
        Job.SWITCH_PARSED: Work(switch_parsed, prepare=read_head),
        Job.REQUIRE: Work(switch),
        Job.REFUSE: Work(switch),
        Job.HAND_ON: Work(hand_on),
        Job.LET_GO: Work(let_go),
        Job.READ: Work(read),
        Job.READ_SLOWLY: Work(read_slowly, prepare=one_by_one),
        Job.REQUIRE_MANY: Work(require_many),
        Job.OPEN: Work(open_plain),
        Job.OPEN_DEFLATE: Work(open_deflate),
        Job.OPEN_REFUSE: Work(open_plain),
        Job.OPEN_REQUIRED: Work(open_plain),
    },
    {Job.HAND_ON_MANY: "it reads the next request behind its own answer only, which is more work"},
    hold,
    "h11",
)
