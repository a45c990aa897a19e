"""httptools (llhttp) with the handshake written by hand, as servers that use it do; and alone."""

from typing import Final

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser, HttpResponseParser

from ..contender import (
    ClientOutcome,
    Contender,
    Fields,
    Job,
    Passed,
    PlainRequest,
    Refused,
    Work,
    one_by_one,
)
from .handwritten import answer_websocket, asks_for_websocket, content_length
from .handwritten_client import draw_key, read_response, write_request


class Message:
    """One request, filled by the parser's callbacks."""

    __slots__ = ("body", "complete", "fields", "method", "parser", "target")

    def __init__(self) -> None:
        self.target = b""
        self.method = b""
        self.fields: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.complete = False
        self.parser = HttpRequestParser(self)

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.method = self.parser.get_method()

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete = True

    def plain(self) -> PlainRequest:
        return PlainRequest(self.method, self.target, tuple(self.fields), self.body)


class _Bare:
    """The least that anybody keeps of a request: its target and its fields, as they came."""

    __slots__ = ("fields", "parser", "target")

    def __init__(self) -> None:
        self.target = b""
        self.fields: list[tuple[bytes, bytes]] = []
        self.parser = HttpRequestParser(self)

    def on_url(self, url: bytes) -> None:
        self.target = url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name, value))

    def plain(self) -> PlainRequest:
        fields = tuple((name.lower(), value) for name, value in self.fields)
        return PlainRequest(self.parser.get_method(), self.target, fields, b"")


class _BareSlow(_Bare):
    """The same where the target may come in pieces, and the end has to be told."""

    __slots__ = ("complete",)

    def __init__(self) -> None:
        super().__init__()
        self.complete = False

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_headers_complete(self) -> None:
        self.complete = True


class _Pipeline(Message):
    """All requests of a connection, one behind the other."""

    __slots__ = ("done",)

    def __init__(self) -> None:
        super().__init__()
        self.done: list[tuple[bytes, bytes, str, list[tuple[bytes, bytes]]]] = []

    def on_message_complete(self) -> None:
        version = self.parser.get_http_version()
        self.done.append((self.method, self.target, version, self.fields))
        self.target = b""
        self.fields = []


class _Response:
    """One response, filled by the parser's callbacks."""

    __slots__ = ("body", "complete", "fields", "parser")

    def __init__(self) -> None:
        self.fields: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.complete = False
        self.parser = HttpResponseParser(self)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete = True


class _Plain:
    __slots__ = ("fields", "method", "target")

    def __init__(self, method: bytes, target: bytes, fields: Fields) -> None:
        self.method = method
        self.target = target
        self.fields = fields

    def plain(self) -> PlainRequest:
        return PlainRequest(self.method, self.target, self.fields, b"")


def read_message(octets: bytes) -> Message:
    """What a server has when the callbacks are through."""
    message = Message()
    try:
        message.parser.feed_data(octets)
    except HttpParserUpgrade as upgrade:
        # httptools takes every request for an upgrade as switched, and skips its body. Unless the
        # server frames it by itself, a declined upgrade loses it.
        end = upgrade.args[0]
        message.body = octets[end : end + content_length(message.fields)]
    assert message.complete
    return message


def _answer(message: Message, deflate: bool) -> bytes:
    version = message.parser.get_http_version()
    return answer_websocket(message.method, version, message.fields, deflate=deflate)


def switch(octets: bytes) -> bytes:
    return _answer(read_message(octets), deflate=False)


def switch_deflate(octets: bytes) -> bytes:
    return _answer(read_message(octets), deflate=True)


def switch_parsed(message: Message) -> bytes:
    return _answer(message, deflate=False)


def hand_on(octets: bytes) -> Message:
    message = read_message(octets)
    assert not (message.parser.should_upgrade() and asks_for_websocket(message.fields))
    return message


def read_slowly(octets: list[bytes]) -> Message:
    message = Message()
    feed = message.parser.feed_data
    for octet in octets:
        feed(octet)
    assert message.complete
    assert not (message.parser.should_upgrade() and asks_for_websocket(message.fields))
    return message


def require_many(octets: bytes) -> bytes:
    pipeline = _Pipeline()
    pipeline.parser.feed_data(octets)
    return b"".join(
        [
            answer_websocket(method, version, fields, deflate=False)
            for method, _, version, fields in pipeline.done
        ]
    )


def hand_on_many(octets: bytes) -> _Pipeline:
    pipeline = _Pipeline()
    pipeline.parser.feed_data(octets)
    for *_, fields in pipeline.done:
        assert not asks_for_websocket(fields)
    return pipeline


def show_many(pipeline: _Pipeline) -> list[Passed]:
    return [_Plain(method, target, tuple(fields)) for method, target, _, fields in pipeline.done]


def parse(octets: bytes) -> _Bare:
    bare = _Bare()
    try:
        bare.parser.feed_data(octets)
    except HttpParserUpgrade:
        return bare
    return bare


def parse_slowly(octets: list[bytes]) -> _BareSlow:
    bare = _BareSlow()
    feed = bare.parser.feed_data
    for octet in octets:
        feed(octet)
    assert bare.complete
    return bare


def _open(octets: bytes, deflate: bool) -> ClientOutcome:
    key = draw_key()
    request = write_request(key, deflate=deflate)
    try:
        response = _read_response(octets)
    except HttpParserError as error:  # a 101 without the connection option, among others
        return Refused(request, f"{error}")
    parser = response.parser
    return read_response(
        request,
        key,
        parser.get_status_code(),
        parser.get_http_version(),
        response.fields,
        response.body,
        deflate=deflate,
    )


def _read_response(octets: bytes) -> _Response:
    response = _Response()
    try:
        response.parser.feed_data(octets)
    except HttpParserUpgrade:
        return response
    assert response.complete
    return response


def open_plain(octets: bytes) -> ClientOutcome:
    return _open(octets, deflate=False)


def open_deflate(octets: bytes) -> ClientOutcome:
    return _open(octets, deflate=True)


def hold(octets: bytes) -> Message:
    message = Message()
    if octets:
        message.parser.feed_data(octets)
    return message


HTTPTOOLS_CHECKS: Final = Contender(
    "httptools + hand-written checks",
    ("httptools",),
    {
        Job.SWITCH: Work(switch),
        Job.SWITCH_DEFLATE: Work(switch_deflate),
        Job.SWITCH_PARSED: Work(switch_parsed, prepare=read_message),
        Job.REQUIRE: Work(switch),
        Job.REFUSE: Work(switch),
        Job.HAND_ON: Work(hand_on),
        Job.LET_GO: Work(hand_on),
        Job.READ: Work(hand_on),
        Job.READ_SLOWLY: Work(read_slowly, prepare=one_by_one),
        Job.HAND_ON_MANY: Work(hand_on_many, show=show_many),
        Job.REQUIRE_MANY: Work(require_many),
        Job.OPEN: Work(open_plain),
        Job.OPEN_DEFLATE: Work(open_deflate),
        Job.OPEN_REFUSE: Work(open_plain),
        Job.OPEN_REQUIRED: Work(open_plain),
    },
    {},
    hold,
    "httptools",
)

HTTPTOOLS_ALONE: Final = Contender(
    "httptools, without any checks",
    ("httptools",),
    {
        Job.LET_GO: Work(parse),
        Job.READ: Work(parse),
        Job.READ_SLOWLY: Work(parse_slowly, prepare=one_by_one),
    },
)
