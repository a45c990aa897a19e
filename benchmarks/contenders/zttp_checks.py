"""zttp (an HTTP parser in Zig) with the handshake written by hand."""

from typing import Final, NamedTuple

import zttp

from ..contender import ClientOutcome, Contender, Job, Passed, PlainRequest, Work, one_by_one
from .asked import TARGET_OCTETS
from .handwritten import HANDSHAKE_FIELDS, answer_lines, asks_for
from .handwritten_client import RESPONSE_FIELDS, draw_key, read_lines, request_fields


class _Passed(NamedTuple):
    request: zttp.Request
    body: bytes

    def plain(self) -> PlainRequest:
        request = self.request
        fields = tuple((name.lower(), value) for name, value in request.headers)
        return PlainRequest(request.method, request.target, fields, self.body)


def _lines(request: zttp.Request | zttp.Response, name: bytes) -> list[bytes]:
    headers = request.headers
    assert isinstance(headers, zttp.HeaderBlock)
    return headers.getall(name)


def read_head(octets: bytes) -> zttp.Request:
    """What zttp makes of a head."""
    request = zttp.Connection(zttp.SERVER).receive_event(octets)
    assert isinstance(request, zttp.Request)
    return request


def _answer(request: zttp.Request, deflate: bool) -> bytes:
    lines = (_lines(request, name) for name in HANDSHAKE_FIELDS)
    version = request.http_version.decode("ascii")
    return answer_lines(request.method, version, *lines, deflate=deflate)


def _assert_not_for_websocket(request: zttp.Request) -> None:
    assert not asks_for(_lines(request, b"connection"), _lines(request, b"upgrade"))


def switch(octets: bytes) -> bytes:
    return _answer(read_head(octets), deflate=False)


def switch_deflate(octets: bytes) -> bytes:
    return _answer(read_head(octets), deflate=True)


def switch_parsed(request: zttp.Request) -> bytes:
    return _answer(request, deflate=False)


def let_go(octets: bytes) -> _Passed:
    request = read_head(octets)
    _assert_not_for_websocket(request)
    return _Passed(request, b"")


def read_slowly(octets: list[bytes]) -> _Passed:
    feed = zttp.Connection(zttp.SERVER).receive_event
    for octet in octets:
        request = feed(octet)
        if isinstance(request, zttp.Request):
            _assert_not_for_websocket(request)
            return _Passed(request, b"")
    raise AssertionError("the head never ends")


def _rest(connection: zttp.H1Connection, request: zttp.Request) -> bytes:
    return b"" if request.end_stream else _body(connection)


def _body(connection: zttp.H1Connection) -> bytes:
    body = b""
    while isinstance(event := connection.next_event(), zttp.Data):
        body += event.data
    assert isinstance(event, zttp.EndOfMessage)
    return body


def hand_on(octets: bytes) -> _Passed:
    connection = zttp.Connection(zttp.SERVER)
    request = connection.receive_event(octets)
    assert isinstance(request, zttp.Request)
    _assert_not_for_websocket(request)
    return _Passed(request, _rest(connection, request))


def hand_on_many(octets: bytes) -> list[Passed]:
    connection = zttp.Connection(zttp.SERVER)
    connection.receive_data(octets)
    passed: list[Passed] = []
    while isinstance(request := connection.next_event(), zttp.Request):
        _assert_not_for_websocket(request)
        passed.append(_Passed(request, _rest(connection, request)))
        connection.start_next_cycle()
    return passed


def require_many(octets: bytes) -> bytes:
    connection = zttp.Connection(zttp.SERVER)
    connection.receive_data(octets)
    written = []
    while isinstance(request := connection.next_event(), zttp.Request):
        written.append(_answer(request, deflate=False))
        connection.start_next_cycle()
    return b"".join(written)


def _open(octets: bytes, deflate: bool) -> ClientOutcome:
    key = draw_key()
    connection = zttp.Connection(zttp.CLIENT)
    fields = request_fields(key, deflate=deflate)
    connection.send_request(b"GET", TARGET_OCTETS, b"1.1", fields)
    connection.end_message()
    request = connection.data_to_send()
    response = connection.receive_event(octets)
    assert isinstance(response, zttp.Response)
    return read_lines(
        request,
        key,
        response.status_code,
        response.http_version.decode("ascii"),
        [_lines(response, name) for name in RESPONSE_FIELDS],
        _body(connection),
        deflate=deflate,
    )


def open_plain(octets: bytes) -> ClientOutcome:
    return _open(octets, deflate=False)


def open_deflate(octets: bytes) -> ClientOutcome:
    return _open(octets, deflate=True)


def hold(octets: bytes) -> zttp.H1Connection:
    connection = zttp.Connection(zttp.SERVER)
    if octets:
        connection.receive_event(octets)
    return connection


ZTTP_CHECKS: Final = Contender(
    "zttp + hand-written checks",
    ("zttp",),
    {
        Job.SWITCH: Work(switch),
        Job.SWITCH_DEFLATE: Work(switch_deflate),
        Job.SWITCH_PARSED: Work(switch_parsed, prepare=read_head),
        Job.REQUIRE: Work(switch),
        Job.REFUSE: Work(switch),
        Job.HAND_ON: Work(hand_on),
        Job.LET_GO: Work(let_go),
        Job.READ: Work(let_go),
        Job.READ_SLOWLY: Work(read_slowly, prepare=one_by_one),
        Job.HAND_ON_MANY: Work(hand_on_many),
        Job.REQUIRE_MANY: Work(require_many),
        Job.OPEN: Work(open_plain),
        Job.OPEN_DEFLATE: Work(open_deflate),
        Job.OPEN_REFUSE: Work(open_plain),
        Job.OPEN_REQUIRED: Work(open_plain),
    },
    {},
    hold,
    "zttp",
)
