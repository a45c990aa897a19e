"""httptools (llhttp) with the handshake written by hand, as servers that use it do."""

from typing import Final

from httptools import HttpParserUpgrade, HttpRequestParser

from ..contender import Contender, Job, PlainRequest
from .handwritten import answer_websocket, asks_for_websocket, content_length


class _Message:
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


def _read(octets: bytes) -> _Message:
    message = _Message()
    try:
        message.parser.feed_data(octets)
    except HttpParserUpgrade as upgrade:
        # httptools takes every request for an upgrade as switched, and skips its body. Unless the
        # server frames it by itself, a declined upgrade loses it.
        end = upgrade.args[0]
        message.body = octets[end : end + content_length(message.fields)]
    assert message.complete
    return message


def _answer(octets: bytes, deflate: bool) -> bytes:
    message = _read(octets)
    version = message.parser.get_http_version()
    return answer_websocket(message.method, version, message.fields, deflate=deflate)


def switch(octets: bytes) -> bytes:
    return _answer(octets, deflate=False)


def switch_deflate(octets: bytes) -> bytes:
    return _answer(octets, deflate=True)


def hand_on(octets: bytes) -> _Message:
    message = _read(octets)
    assert not (message.parser.should_upgrade() and asks_for_websocket(message.fields))
    return message


HTTPTOOLS_CHECKS: Final = Contender(
    "httptools + hand-written checks",
    ("httptools",),
    {
        Job.SWITCH: switch,
        Job.SWITCH_DEFLATE: switch_deflate,
        Job.REQUIRE: switch,
        Job.HAND_ON: hand_on,
    },
)
