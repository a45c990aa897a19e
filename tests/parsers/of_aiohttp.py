"""aiohttp's two parsers: one around llhttp in C, and one in Python."""

import asyncio
import atexit
from functools import partial
from typing import Any, Final

from aiohttp import http_exceptions, http_parser
from aiohttp.base_protocol import BaseProtocol

from .request import PROBE, No, Reading, Request, lines_of

_LOOP: Final = asyncio.new_event_loop()
atexit.register(_LOOP.close)
_MOST: Final = 1 << 17


def _read(parser_class: Any, octets: bytes) -> Reading:
    parser = parser_class(
        BaseProtocol(_LOOP),
        _LOOP,
        1 << 16,
        max_line_size=_MOST,
        max_field_size=_MOST,
        auto_decompress=False,
    )
    for size, line in lines_of(octets):
        try:
            messages, _, _ = parser.feed_data(line)
        except http_exceptions.HttpProcessingError:
            return No.REFUSED
        if messages:
            ((message, payload),) = messages
            return Request(
                size,
                message.method.encode(),
                (message.path or "").encode("utf-8", "surrogateescape"),
                b"%d.%d" % message.version,
                tuple((name.lower(), value) for name, value in message.raw_headers),
                None if message.method == "CONNECT" else message.upgrade,
                _body(parser, payload),
            )
    return No.WAITING


def _body(parser: Any, payload: Any) -> bytes | str:
    if payload.is_eof():
        return b""
    try:
        parser.feed_data(PROBE)
    except http_exceptions.HttpProcessingError:
        if not payload.is_eof():
            return "broken"
    if payload.exception() is not None:
        return "broken"
    return payload.read_nowait() if payload.is_eof() else "open"


read_in_c = partial(_read, http_parser.HttpRequestParser)
read_in_python = partial(_read, http_parser.HttpRequestParserPy)
