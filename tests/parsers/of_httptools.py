"""httptools: llhttp, the parser of Node, in C."""

import httptools

from .request import PROBE, No, Reading, Request, lines_of


class _Events:
    """What the parser calls."""

    def __init__(self) -> None:
        self.target = self.content = b""
        self.fields: list[tuple[bytes, bytes]] = []
        self.has_head = self.is_complete = False

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.has_head = True

    def on_body(self, content: bytes) -> None:
        self.content += content

    def on_message_complete(self) -> None:
        self.is_complete = True


def read(octets: bytes) -> Reading:
    """What httptools makes of it."""
    events = _Events()
    parser = httptools.HttpRequestParser(events)
    for size, line in lines_of(octets):
        stopped = False
        try:
            parser.feed_data(line)
        except httptools.HttpParserUpgrade:
            stopped = True
        except httptools.HttpParserError:
            return No.REFUSED
        if events.has_head:
            method, version = parser.get_method(), parser.get_http_version().encode()
            upgrade = None if method == b"CONNECT" else parser.should_upgrade()
            body = None if stopped else _body(parser, events)
            fields = tuple(events.fields)
            return Request(size, method, events.target, version, fields, upgrade, body)
    return No.WAITING


def _body(parser: httptools.HttpRequestParser, events: _Events) -> bytes | str:
    broken = False
    if not events.is_complete:
        try:
            parser.feed_data(PROBE)
        except httptools.HttpParserError:
            broken = True  # or it is what follows the body
    if events.is_complete:
        return events.content
    return "broken" if broken else "open"
