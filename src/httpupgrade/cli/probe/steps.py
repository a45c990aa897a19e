"""What a probe tries, and in which order: steps as data, their list as a pure function.

Rules for this module: no I/O. A step says what it sends and what its answer shows; it knows no
answer.
"""

from collections.abc import Iterator
from enum import Enum
from typing import Final, Literal, final

from ... import RequestHead
from ..._http1.field_values import Headers
from ..._http1.values import Value, field
from ..exits import CommandError
from . import spellings
from .place import Place
from .spellings import Spelling

FOREIGN_ORIGIN: Final = "https://foreign.invalid"
"""An origin that no site has (RFC 2606 2)."""

# What follows from the URL and from the step.
_NOT_FOR_CALLERS: Final = (b"host", b"upgrade", b"connection", b"origin", b"content-length")
_NOT_FOR_CALLERS_EITHER: Final = (b"transfer-encoding", b"expect")
_OF_WEBSOCKETS: Final = b"sec-websocket-"


class Over(Enum):
    """What a request goes over."""

    HTTP1 = "http/1.1"
    HTTP2 = "h2"
    EXTENDED_CONNECT = "extended CONNECT"


@final
class Step(Value):
    """One request of a probe, on a connection of its own."""

    __slots__ = __match_args__ = ()

    name: str = field("A stable name.")
    title: str = field("What it sends, in a few words.")
    spelling: Spelling = field("How it is written.")
    expects: str = field("The answer of a server where all is well.")
    shows: str = field("What other answers show, as a sentence without a full stop.")
    origin: Literal["", "own", "foreign"] = field("Which Origin it has.", default="")
    subprotocols: bool = field("Whether it offers those that were asked for.", default=False)
    over: Over = field("What it goes over.", default=Over.HTTP1)

    proves: bool = field("Whether the tunnel after a switch is tried.", default=False)

    @property
    def asks(self) -> bool:
        """Whether it is a handshake, and not an ordinary request."""
        return self.spelling is not spellings.PLAIN


@final
class Asked(Value):
    """What the one who calls wants to know, and sends besides."""

    __slots__ = __match_args__ = ()
    _hidden = ("headers", "subprotocols")

    origin: str = field("The Origin of the page that connects; the server's own if empty.")
    subprotocols: tuple[str, ...] = field("Subprotocols to offer.")
    headers: Headers = field("More fields: Cookie, Authorization.")


PLAIN_GET: Final = Step(
    "plain-get",
    "plain GET",
    spellings.PLAIN,
    "any answer",
    "whether HTTP is served there at all, and what a handshake without its fields is answered with",
)
CHROMIUM: Final = Step(
    "chromium",
    f"WebSocket as {spellings.CHROMIUM.client}",
    spellings.CHROMIUM,
    "101",
    "that browsers cannot connect",
    "own",
    proves=True,
)
FOREIGN: Final = Step(
    "foreign-origin",
    "  from a foreign Origin",
    spellings.CHROMIUM,
    "403",
    "101: pages of any site can connect, with the cookies of who looks at them",
    "foreign",
    subprotocols=True,
)
FIREFOX: Final = Step(
    "firefox",
    f"WebSocket as {spellings.FIREFOX.client}",
    spellings.FIREFOX,
    "101",
    "that something looks at more than the fields of the handshake",
    "own",
    subprotocols=True,
)
WS: Final = Step(
    "ws",
    f"WebSocket as {spellings.WS.client}",
    spellings.WS,
    "101",
    "that clients without an Origin and a User-Agent are refused",
    subprotocols=True,
)
CURL: Final = Step(
    "curl",
    f"WebSocket as {spellings.CURL.client}",
    spellings.CURL,
    "101",
    "that clients without an Origin and without extensions are refused",
)
SUBPROTOCOLS: Final = Step(
    "subprotocols",
    "  with your subprotocols",
    spellings.CHROMIUM,
    "101 with one of them",
    "that the server does not speak them",
    "own",
    subprotocols=True,
    proves=True,
)
HTTP_1_0: Final = Step(
    "http-1.0",
    "  in HTTP/1.0",
    spellings.HTTP_1_0,
    "not 101",
    "101: the server is lax, and works behind proxies that break the handshake of others",
)
HTTP2_GET: Final = Step(
    "http2-get",
    "plain GET in HTTP/2",
    spellings.PLAIN,
    "as in HTTP/1.1",
    "whether the front passes on fields that HTTP/2 forbids",
    over=Over.HTTP2,
)
HTTP2: Final = Step(
    "http2",
    "WebSocket in HTTP/2 (RFC 8441)",
    spellings.CHROMIUM,
    "200, or not allowed by SETTINGS",
    "whether browsers that have an HTTP/2 connection can use it; they open another one if not",
    "own",
    subprotocols=True,
    over=Over.EXTENDED_CONNECT,
)


def plan(place: Place, asked: Asked, *, http2: bool) -> tuple[Step, ...]:
    """The steps, in order.

    :param http2: whether HTTP/2 can be spoken here.
    """
    return (
        PLAIN_GET,
        CHROMIUM,
        *((SUBPROTOCOLS,) if asked.subprotocols else ()),
        FOREIGN,
        FIREFOX,
        WS,
        CURL,
        HTTP_1_0,
        # Browsers speak HTTP/2 inside TLS alone.
        *((HTTP2_GET, HTTP2) if place.secure and http2 else ()),
    )


def main_step(asked: Asked) -> Step:
    """The handshake that was asked about."""
    return SUBPROTOCOLS if asked.subprotocols else CHROMIUM


def request_of(
    step: Step, place: Place, asked: Asked, *, key: bytes, target: bytes | None = None
) -> RequestHead:
    """The request of a step.

    :param key: the nonce of the handshake.
    :param target: that of the URL if None.

    Raises :class:`CommandError` for fields and subprotocols that cannot be sent.
    """
    spelling, origin = step.spelling, ""
    if step.origin == "foreign":
        origin = FOREIGN_ORIGIN
    elif step.origin == "own":
        origin = asked.origin or place.origin
    if spelling is spellings.FIREFOX and origin != place.origin:
        spelling = spellings.FIREFOX_FROM_ELSEWHERE
    subprotocols = asked.subprotocols if step.subprotocols else ()
    given = {
        "{host}": place.authority,
        "{origin}": origin,
        "{key}": key.decode("ascii"),
        "{subprotocols}": spelling.separator.join(subprotocols),
    }
    credentials = ((b"Authorization", place.credentials.encode("ascii")),)
    try:
        return RequestHead(
            b"GET",
            place.target if target is None else target,
            (
                *_filled(spelling, given, asked.headers),
                *(credentials if place.credentials else ()),
                *asked.headers,
            ),
            spelling.http_version.encode("ascii"),
        )
    except ValueError as error:
        raise CommandError(f"this cannot be sent: {error}") from None


def read_header(text: str) -> tuple[bytes, bytes]:
    """Read an argument such as ``Cookie: a=b``. Raises :class:`CommandError`."""
    name, colon, value = text.partition(":")
    octets = name.encode("utf-8", "surrogateescape")
    if not colon or not name:
        raise CommandError("--header is a name, a colon and a value")
    folded = octets.lower()
    if folded in _NOT_FOR_CALLERS or folded.startswith(_OF_WEBSOCKETS):
        raise CommandError(
            f"--header: {name} follows from the URL, --origin, --subprotocol and the step"
        )
    if folded in _NOT_FOR_CALLERS_EITHER:
        raise CommandError(f"--header: a handshake has no {name}")
    return octets, value.encode("utf-8", "surrogateescape").strip(b" \t")


def _filled(
    spelling: Spelling, given: dict[str, str], headers: Headers
) -> Iterator[tuple[bytes, bytes]]:
    """The fields of a spelling, without those that the caller gives otherwise."""
    replaced = {name.lower() for name, _ in headers}
    for name, value in spelling.fields:
        filled = given.get(value, value)
        octets = name.encode("ascii")
        if filled and octets.lower() not in replaced:
            yield octets, filled.encode("utf-8", "surrogateescape")
