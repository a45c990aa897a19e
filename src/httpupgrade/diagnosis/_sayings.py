"""What known servers write when they refuse a handshake, and which fault they mean by it.

Rules for this module: a row is a phrase that stands in a body, in a reason phrase or in
X-WebSocket-Reject-Reason of a captured response, named as its source; or in a document of the
vendor. Nothing else of a body is looked at, and nothing of it is shown.
"""

from types import MappingProxyType
from typing import Final, NamedTuple, final

from .._http1 import finding_codes as http1_codes
from .._http1.findings import Code
from .._http1.heads import ResponseHead
from .._negotiation import finding_codes as rules
from .._protocols.websocket import finding_codes as websocket
from . import _response_codes as codes
from ._conditions import CONTENT_BOUND

_REJECT_REASON: Final = b"x-websocket-reject-reason"
_REASON_BOUND: Final = 1024


@final
class Saying(NamedTuple):
    """A phrase that tells what a server found wrong."""

    phrase: bytes
    code: Code
    speaker: str
    """Who writes it."""
    source: str


_HANDSHAKE: Final = (
    (b"missing Upgrade header", rules.UPGRADE_MISSING, "websockets", "no-upgrade"),
    (b"missing Connection header", rules.UPGRADE_OPTION_MISSING, "websockets", "no-connection"),
    (b"invalid Connection header", rules.UPGRADE_OPTION_MISSING, "websockets", "connection-close"),
    (b"unsupported HTTP version: HTTP/1.0", rules.UPGRADE_IN_HTTP_1_0, "websockets", "http10"),
    (b"missing Sec-WebSocket-Key header", websocket.WEBSOCKET_KEY_MISSING, "websockets", "no-key"),
    (
        b"invalid Sec-WebSocket-Key header",
        websocket.WEBSOCKET_KEY_MALFORMED,
        "websockets",
        "short-key",
    ),
    (
        b"missing Sec-WebSocket-Version header",
        websocket.WEBSOCKET_VERSION_MISSING,
        "websockets",
        "no-version",
    ),
    (
        b"invalid Sec-WebSocket-Version header",
        websocket.WEBSOCKET_VERSION_UNSUPPORTED,
        "websockets",
        "version-99",
    ),
    (b"No WebSocket UPGRADE hdr: None", rules.UPGRADE_MISSING, "aiohttp", "no-upgrade"),
    (b"No CONNECTION upgrade hdr", rules.UPGRADE_OPTION_MISSING, "aiohttp", "no-connection"),
    (b"Unsupported version: \n", websocket.WEBSOCKET_VERSION_MISSING, "aiohttp", "no-version"),
    (b"Handshake error: None", websocket.WEBSOCKET_KEY_MISSING, "aiohttp", "no-key"),
    (b"No WebSocket UPGRADE header", rules.UPGRADE_MISSING, "picows", "no-upgrade"),
    (b"No CONNECTION upgrade header", rules.UPGRADE_OPTION_MISSING, "picows", "no-connection"),
    (
        b"CONNECTION header value is not 'upgrade'",
        rules.UPGRADE_OPTION_MISSING,
        "picows",
        "connection-close",
    ),
    (b"Unsupported HTTP version: b'HTTP/1.0'", rules.UPGRADE_IN_HTTP_1_0, "picows", "http10"),
    (
        b"invalid key: None",
        websocket.WEBSOCKET_KEY_MISSING,
        "picows",
        "no-key",
    ),
    (b'Can "Upgrade" only to "WebSocket".', rules.UPGRADE_MISSING, "tornado", "no-upgrade"),
    (b'"Connection" must be "Upgrade".', rules.UPGRADE_OPTION_MISSING, "tornado", "no-connection"),
    (
        b"Missing/Invalid WebSocket headers",
        websocket.WEBSOCKET_KEY_MISSING,
        "tornado",
        "no-key",
    ),
    (b"HTTP Connection header missing", rules.UPGRADE_OPTION_MISSING, "autobahn", "no-connection"),
    (
        b'HTTP Connection headers do not include "upgrade"',
        rules.UPGRADE_OPTION_MISSING,
        "autobahn",
        "connection-close",
    ),
    (b'Unsupported HTTP version "HTTP/1.0"', rules.UPGRADE_IN_HTTP_1_0, "autobahn", "http10"),
    (
        b"HTTP Sec-WebSocket-Key header missing",
        websocket.WEBSOCKET_KEY_MISSING,
        "autobahn",
        "no-key",
    ),
    (
        b"Client must provide a value for Sec-WebSocket-Key",
        websocket.WEBSOCKET_KEY_MISSING,
        "websocket-npm",
        "no-key",
    ),
    (
        b"Missing handshake request header: Sec-WebSocket-Key",
        websocket.WEBSOCKET_KEY_MISSING,
        "faye-websocket-npm",
        "no-key",
    ),
    (
        b"Missing or invalid Sec-WebSocket-Key header",
        websocket.WEBSOCKET_KEY_MISSING,
        "ws-npm-on-http-server",
        "no-key",
    ),
    (b"Unsupported WebSocket version", websocket.WEBSOCKET_VERSION_UNSUPPORTED, "", "version-99"),
    (
        b"Missing or invalid Sec-WebSocket-Version header",
        websocket.WEBSOCKET_VERSION_UNSUPPORTED,
        "ws-npm-on-http-server",
        "version-99",
    ),
)

# What these files are named by, where it is not the name of the library.
_CAPTURED_AS: Final = MappingProxyType(
    {"websockets": "python-websockets", "": "faye-websocket-npm"}
)

_PAGES: Final = (
    Saying(
        b"The plain HTTP request was sent to HTTPS port",
        codes.TLS_EXPECTED,
        "nginx",
        "nginx: its page for status 497, a plain request on a port with ssl",
    ),
    Saying(
        b"speaking plain HTTP to an SSL-enabled server port",
        codes.TLS_EXPECTED,
        "Apache httpd",
        "Apache httpd: its page for a plain request on a port with SSLEngine",
    ),
    Saying(
        b"Client sent an HTTP request to an HTTPS server",
        codes.TLS_EXPECTED,
        "a server in Go",
        "Go, net/http: its answer to a plain request on a port with TLS",
    ),
    Saying(
        b"websocket: request origin not allowed",
        websocket.ORIGIN_NOT_ALLOWED,
        "gorilla/websocket",
        "gorilla/websocket: Upgrader.CheckOrigin",
    ),
    Saying(
        b"Cross origin websockets not allowed",
        websocket.ORIGIN_NOT_ALLOWED,
        "tornado",
        "Tornado: WebSocketHandler.check_origin",
    ),
)
# Sentences that bodies of this library hold, causes before what follows from them.
_OURS: Final = tuple(
    Saying(each.message.encode("ascii"), each, "httpupgrade", "httpupgrade: its own refusals")
    for each in (
        rules.HOP_BY_HOP_FIELDS_LOST,
        rules.UPGRADE_IN_HTTP_1_0,
        rules.UPGRADE_MISSING,
        rules.UPGRADE_OPTION_MISSING,
        rules.NO_COMMON_PROTOCOL,
        websocket.ORIGIN_MISSING,
        websocket.ORIGIN_NOT_ALLOWED,
        websocket.HOST_NOT_ALLOWED,
        websocket.NO_COMMON_SUBPROTOCOL,
        websocket.WEBSOCKET_VERSION_UNSUPPORTED,
        websocket.WEBSOCKET_VERSION_MISSING,
        websocket.WEBSOCKET_KEY_MISSING,
        websocket.WEBSOCKET_KEY_MALFORMED,
        http1_codes.HOST_MISSING,
    )
)
SAYINGS: Final = (
    *_OURS,
    *_PAGES,
    *tuple(
        Saying(phrase, code, speaker, f"{_CAPTURED_AS.get(speaker, speaker)}__{probe}")
        for phrase, code, speaker, probe in _HANDSHAKE
    ),
)

# What of a request cannot be right and unsaid at once: if it was sent right, a hop changed it.
LOST_ON_THE_WAY: Final = frozenset(
    each.name
    for each in (
        rules.UPGRADE_IN_HTTP_1_0,
        rules.UPGRADE_MISSING,
        rules.UPGRADE_OPTION_MISSING,
        rules.HOP_BY_HOP_FIELDS_LOST,
        websocket.WEBSOCKET_VERSION_MISSING,
        websocket.WEBSOCKET_KEY_MISSING,
        websocket.WEBSOCKET_KEY_MALFORMED,
        http1_codes.HOST_MISSING,
    )
)


def said_in(response: ResponseHead, content: bytes) -> Saying | None:
    """The first row whose phrase is in a response."""
    reject = response.get(_REJECT_REASON) or b""
    texts = (response.reason[:_REASON_BOUND], reject[:_REASON_BOUND], content[:CONTENT_BOUND])
    where = b"\n".join((*texts, b""))
    return next((each for each in SAYINGS if each.phrase in where), None)
