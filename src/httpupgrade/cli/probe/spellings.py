"""How clients spell a request: the fields of captured ones, in their order and case.

Rules for this module: data. ``{host}``, ``{origin}``, ``{key}`` and ``{subprotocols}`` stand for
what each request has of its own; a field whose place holder is given nothing is left out. Nothing
else differs from the capture that a spelling names.
"""

from typing import Final, final

from ..._http1.values import Value, field


@final
class Spelling(Value):
    """How a client writes a request."""

    __slots__ = __match_args__ = ()

    client: str = field("The client, with its version.")
    capture: str = field("The capture that it was taken from.")
    fields: tuple[tuple[str, str], ...] = field("Names and values, in order.")
    separator: str = field("What stands between subprotocols.", default=", ")
    http_version: str = field('"1.1" or "1.0".', default="1.1")


_CHROMIUM: Final = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " HeadlessChrome/156.0.0.0 Safari/537.36"
)
_FIREFOX: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"
# The same in all requests of a browser.
_NO_CACHE: Final = (("Pragma", "no-cache"), ("Cache-Control", "no-cache"))
_ACCEPTED: Final = (
    ("Accept-Language", "en-US,en;q=0.9"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
)

PLAIN: Final = Spelling(
    "curl 7.88",
    "direct__curl__plain-get",
    (("Host", "{host}"), ("User-Agent", "curl/7.88.1"), ("Accept", "*/*")),
)
CHROMIUM: Final = Spelling(
    "Chromium 156",
    "direct__chromium__websocket__subprotocols",
    (
        ("Host", "{host}"),
        ("Connection", "Upgrade"),
        *_NO_CACHE,
        ("User-Agent", _CHROMIUM),
        ("Upgrade", "websocket"),
        ("Origin", "{origin}"),
        ("Sec-WebSocket-Version", "13"),
        *reversed(_ACCEPTED),
        ("Sec-WebSocket-Key", "{key}"),
        ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"),
        ("Sec-WebSocket-Protocol", "{subprotocols}"),
    ),
)


def _firefox(site: str, capture: str, *more: tuple[str, str]) -> Spelling:
    fields = (
        ("Host", "{host}"),
        ("User-Agent", _FIREFOX),
        ("Accept", "*/*"),
        *_ACCEPTED,
        ("Sec-WebSocket-Version", "13"),
        ("Origin", "{origin}"),
        ("Sec-WebSocket-Protocol", "{subprotocols}"),
        ("Sec-WebSocket-Extensions", "permessage-deflate"),
        ("Sec-WebSocket-Key", "{key}"),
        *more,
        ("Connection", "Upgrade"),
        ("Sec-Fetch-Dest", "empty"),
        ("Sec-Fetch-Mode", "websocket"),
        ("Sec-Fetch-Site", site),
        *_NO_CACHE,
        ("Upgrade", "websocket"),
    )
    return Spelling("Firefox 153", capture, fields)


FIREFOX: Final = _firefox("same-origin", "direct__firefox-esr__websocket__subprotocols")
FIREFOX_FROM_ELSEWHERE: Final = _firefox(
    "cross-site",
    "direct__firefox-esr__websocket__cross-origin",
    ("Sec-Fetch-Storage-Access", "none"),
)
WS: Final = Spelling(
    "ws 8.23 (Node)",
    "direct__ws-npm__websocket__subprotocols",
    (
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "{key}"),
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"),
        ("Sec-WebSocket-Protocol", "{subprotocols}"),
        ("Host", "{host}"),
    ),
    separator=",",
)
CURL: Final = Spelling(
    "curl 8.23",
    "direct__curl__websocket__ws-url",
    (
        ("Host", "{host}"),
        ("User-Agent", "curl/8.23.0"),
        ("Accept", "*/*"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "{key}"),
        ("Connection", "Upgrade"),
    ),
)
HTTP_1_0: Final = Spelling(
    "curl 7.88",
    "direct__curl__websocket__http1.0",
    (
        ("Host", "{host}"),
        ("User-Agent", "curl/7.88.1"),
        ("Accept", "*/*"),
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Key", "{key}"),
        ("Sec-WebSocket-Version", "13"),
    ),
    http_version="1.0",
)
