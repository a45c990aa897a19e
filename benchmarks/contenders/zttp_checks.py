"""zttp (an HTTP parser in Zig) with the handshake written by hand."""

from typing import Final, NamedTuple

import zttp

from ..contender import Contender, Job, Passed, PlainRequest, Work, one_by_one
from .handwritten import HANDSHAKE_FIELDS, answer_lines, asks_for


class _Passed(NamedTuple):
    request: zttp.Request
    body: bytes

    def plain(self) -> PlainRequest:
        request = self.request
        fields = tuple((name.lower(), value) for name, value in request.headers)
        return PlainRequest(request.method, request.target, fields, self.body)


def _lines(request: zttp.Request, name: bytes) -> list[bytes]:
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
    body = b""
    while not request.end_stream:
        event = connection.next_event()
        if isinstance(event, zttp.EndOfMessage):
            break
        assert isinstance(event, zttp.Data)
        body += event.data
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
    },
    {},
    hold,
    "zttp",
)
