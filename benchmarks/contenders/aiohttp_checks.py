"""aiohttp's parsers, those in C and those in Python, with the handshake written by hand.

aiohttp's own handshakes take a request object of its server or a session of its client, and those
take a transport: what is measured is its parsers, and the checks that the other parsers get. They
look fields up in aiohttp's multidict, as its own do.
"""

import asyncio
from functools import partial
from typing import Final, NamedTuple

from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_parser import HttpRequestParser as CParser
from aiohttp.http_parser import HttpRequestParserPy as PythonParser
from aiohttp.http_parser import HttpResponseParser as CResponseParser
from aiohttp.http_parser import HttpResponseParserPy as PythonResponseParser
from aiohttp.http_parser import RawRequestMessage, RawResponseMessage
from aiohttp.http_websocket import ws_ext_gen, ws_ext_parse
from aiohttp.streams import StreamReader

from ..contender import (
    ClientOutcome,
    Contender,
    Job,
    Jobs,
    Passed,
    PlainRequest,
    Work,
    one_by_one,
)
from .handwritten import HANDSHAKE_FIELDS, answer_lines, asks_for
from .handwritten_client import RESPONSE_FIELDS, draw_key, read_lines, write_request

_Class = type[CParser] | type[PythonParser]
_ResponseClass = type[CResponseParser] | type[PythonResponseParser]
_Parser = CParser | PythonParser
_NAMES: Final = tuple(name.decode("ascii") for name in HANDSHAKE_FIELDS)
_RESPONSE_NAMES: Final = tuple(name.decode("ascii") for name in RESPONSE_FIELDS)
_LIMIT: Final = 2**16  # that of aiohttp's server
_WIDE: Final = 1 << 20

# The parsers keep it for bodies that somebody awaits, and nobody awaits one here: one that can do
# nothing is enough.
_LOOP: Final = asyncio.AbstractEventLoop()  # type: ignore[abstract]
_PROTOCOL: Final = BaseProtocol(_LOOP)


class _Passed(NamedTuple):
    message: RawRequestMessage
    body: bytes

    def plain(self) -> PlainRequest:
        message = self.message
        fields = tuple((bytes(name).lower(), bytes(value)) for name, value in message.raw_headers)
        return PlainRequest(message.method.encode(), message.path.encode(), fields, self.body)


def _parser(kind: _Class) -> _Parser:
    return kind(_PROTOCOL, _LOOP, _LIMIT)


def _wide_parser(kind: _Class) -> _Parser:
    return kind(
        _PROTOCOL, _LOOP, _LIMIT, max_line_size=_WIDE, max_headers=_WIDE, max_field_size=_WIDE
    )


def _lines(message: RawRequestMessage | RawResponseMessage, name: str) -> list[bytes]:
    return [value.encode() for value in message.headers.getall(name, ())]


def _assert_not_for_websocket(message: RawRequestMessage) -> None:
    assert not (
        message.upgrade and asks_for(_lines(message, "connection"), _lines(message, "upgrade"))
    )


def read_head(kind: _Class, octets: bytes) -> RawRequestMessage:
    messages, _, _ = _parser(kind).feed_data(octets)
    message: RawRequestMessage = messages[0][0]
    return message


def _answer(message: RawRequestMessage, deflate: bool) -> bytes:
    version = f"{message.version.major}.{message.version.minor}"
    lines = [_lines(message, name) for name in _NAMES]
    return answer_lines(message.method.encode(), version, *lines, deflate=deflate)


def switch(kind: _Class, octets: bytes) -> bytes:
    return _answer(read_head(kind, octets), deflate=False)


def switch_deflate(kind: _Class, octets: bytes) -> bytes:
    return _answer(read_head(kind, octets), deflate=True)


def switch_parsed(message: RawRequestMessage) -> bytes:
    return _answer(message, deflate=False)


def let_go(kind: _Class, octets: bytes) -> _Passed:
    message = read_head(kind, octets)
    _assert_not_for_websocket(message)
    return _Passed(message, b"")


def read(kind: _Class, octets: bytes) -> _Passed:
    messages, _, _ = _wide_parser(kind).feed_data(octets)
    message = messages[0][0]
    _assert_not_for_websocket(message)
    return _Passed(message, b"")


def read_slowly(kind: _Class, octets: list[bytes]) -> _Passed:
    feed = _wide_parser(kind).feed_data
    for octet in octets:
        messages, _, _ = feed(octet)
        if messages:
            message = messages[0][0]
            _assert_not_for_websocket(message)
            return _Passed(message, b"")
    raise AssertionError("the head never ends")


def _hand_on(message: RawRequestMessage, body: StreamReader) -> _Passed:
    _assert_not_for_websocket(message)
    return _Passed(message, body.read_nowait(-1))


def hand_on(kind: _Class, octets: bytes) -> _Passed:
    messages, _, _ = _parser(kind).feed_data(octets)
    message, body = messages[0]
    return _hand_on(message, body)


def hand_on_many(kind: _Class, octets: bytes) -> list[Passed]:
    messages, _, _ = _parser(kind).feed_data(octets)
    return [_hand_on(message, body) for message, body in messages]


def require_many(kind: _Class, octets: bytes) -> bytes:
    messages, _, _ = _parser(kind).feed_data(octets)
    return b"".join([_answer(message, deflate=False) for message, _ in messages])


def _open(kind: _ResponseClass, octets: bytes, deflate: bool) -> ClientOutcome:
    key = draw_key()
    request = write_request(key, deflate=deflate)
    messages, _, _ = kind(_PROTOCOL, _LOOP, _LIMIT).feed_data(octets)
    message, body = messages[0]
    return read_lines(
        request,
        key,
        message.code,
        f"{message.version.major}.{message.version.minor}",
        [_lines(message, name) for name in _RESPONSE_NAMES],
        body.read_nowait(-1),
        deflate=deflate,
    )


def open_plain(kind: _ResponseClass, octets: bytes) -> ClientOutcome:
    return _open(kind, octets, deflate=False)


def open_deflate(kind: _ResponseClass, octets: bytes) -> ClientOutcome:
    return _open(kind, octets, deflate=True)


def text(value: bytes) -> str:
    """As its headers hold values."""
    return value.decode("ascii")


def answer_extensions(value: str) -> str:
    compress, notakeover = ws_ext_parse(value, isserver=True)
    return ws_ext_gen(compress=compress, isserver=True, server_notakeover=notakeover)


def hold(kind: _Class, octets: bytes) -> _Parser:
    parser = _parser(kind)
    if octets:
        parser.feed_data(octets)
    return parser


def _jobs(kind: _Class, responses: _ResponseClass) -> Jobs:
    return {
        Job.SWITCH: Work(partial(switch, kind)),
        Job.SWITCH_DEFLATE: Work(partial(switch_deflate, kind)),
        Job.SWITCH_PARSED: Work(switch_parsed, prepare=partial(read_head, kind)),
        Job.REQUIRE: Work(partial(switch, kind)),
        Job.REFUSE: Work(partial(switch, kind)),
        Job.HAND_ON: Work(partial(hand_on, kind)),
        Job.LET_GO: Work(partial(let_go, kind)),
        Job.READ: Work(partial(read, kind)),
        Job.READ_SLOWLY: Work(partial(read_slowly, kind), prepare=one_by_one),
        Job.HAND_ON_MANY: Work(partial(hand_on_many, kind)),
        Job.REQUIRE_MANY: Work(partial(require_many, kind)),
        Job.OPEN: Work(partial(open_plain, responses)),
        Job.OPEN_DEFLATE: Work(partial(open_deflate, responses)),
        Job.OPEN_REFUSE: Work(partial(open_plain, responses)),
        Job.OPEN_REQUIRED: Work(partial(open_plain, responses)),
    }


AIOHTTP_C: Final = Contender(
    "aiohttp (C) + hand-written checks",
    ("aiohttp",),
    _jobs(CParser, CResponseParser),
    {},
    partial(hold, CParser),
    "aiohttp.http_parser",
)
AIOHTTP_PYTHON: Final = Contender(
    "aiohttp (Python) + hand-written checks",
    ("aiohttp",),
    _jobs(PythonParser, PythonResponseParser),
    {},
    partial(hold, PythonParser),
)
AIOHTTP_VALUES: Final = Contender(
    "aiohttp",
    ("aiohttp",),
    {Job.ANSWER_EXTENSIONS: Work(answer_extensions, prepare=text, show=str.encode)},
    {
        Job.PARSE_EXTENSIONS: "it looks for permessage-deflate alone",
        Job.WRITE_EXTENSIONS: "it writes permessage-deflate alone",
    },
)
