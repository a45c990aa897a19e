"""Requests and connections made of a seed, the same octets on every interpreter.

Rules for this module: whole numbers and fixed tables alone. Hypothesis is not used, and neither is
``random``, whose choices differ between versions of Python.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final, TypeVar, final

from demo import corpus

_T = TypeVar("_T")
_MASK: Final = (1 << 64) - 1

FRAGMENTS: Final = (
    *(bytes((octet,)) for octet in range(0x21)),
    *(b"\x7f", b"\x80", b"\x85", b"\xa0", b"\xe9", b"\xff", b"\xc2\xa0", b"\xe2\x84\xaa"),
    *(b":", b",", b";", b'"', b"\\", b"/", b"?", b"#", b"%", b"@", b"[", b"]", b"=", b"+", b"-"),
    *(b"\r\n", b"\r\n\r\n", b"\n\n", b"\r\r\n", b"\n\r", b"\r\n ", b"\r\n\t", b" \r\n", b": "),
    *(b"Upgrade", b"\r\nUpgrade: websocket", b"\r\nHost: b", b"HTTP/1.1", b"0", b"5", b"a"),
)
_METHODS: Final = (
    *(b"GET", b"GET", b"GET", b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"CONNECT", b"get"),
    *(
        b"PATCH",
        b"DELETE",
        b"TRACE",
        b"PRI",
        b"G-T",
        b"M-SEARCH",
        b"X!#$%&'*+-.^_`|~9",
        b"G(T",
        b"",
    ),
)
_TARGETS: Final = (
    *(b"/", b"/chat", b"/chat?a=b&c", b"/a//b/../c", b"*", b"a:443", b"example.com:80", b"/#part"),
    *(
        b"http://a/",
        b"http://a:80/b?c",
        b"ws://a/",
        b"http://u@a/",
        b"http://",
        b"//a/b",
        b"a",
        b"",
    ),
    *(
        b"/%",
        b"/%zz",
        b"/\xc3\xa9",
        b'/"<>\\^`{|}',
        b"/[",
        b"http://[::1]/",
        b"http://[::1/",
        b"/\x7f",
    ),
)
_VERSIONS: Final = (
    *(b"HTTP/1.1",) * 12,
    *(b"HTTP/1.0", b"HTTP/1.0", b"HTTP/1.2", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/1", b"http/1.1"),
    *(b"HTTP/1.10", b"HTTP/01.1", b"HTTPS/1.1", b"HTTP/1,1", b"ICE/1.0", b"RTSP/1.0", b""),
)
_LINES: Final = (
    *(b"Host: b", b"Host:", b"Host: a:80", b"Host: a:", b"Host: a b", b"Host: [::1]:8080"),
    *(b"Host: u@a", b"Host: a/b", b"Host: a,b", b"Host: a:99999", b"Host: \xe9", b"host:a"),
    *(b"Upgrade: websocket", b"Upgrade: h2c", b"Upgrade: WebSocket", b"upgrade:websocket"),
    *(b"Upgrade: tcp/1, websocket", b"Upgrade: web socket", b"Upgrade:", b"Upgrade: @"),
    *(b"Connection: Upgrade", b"Connection: keep-alive, Upgrade", b"Connection: close"),
    *(b"Connection: upgrade,", b"Connection: keep-alive", b'Connection: "upgrade"', b"Connection:"),
    *(b"Connection: close, upgrade", b"Connection: up grade", b"Connection: Upgrade2"),
    *(b"Proxy-Connection: keep-alive", b"Keep-Alive: timeout=5", b"HTTP2-Settings: AAMAAABk"),
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    *(b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Version: 8, 13", b"Sec-WebSocket-Version: +13"),
    *(b"Sec-WebSocket-Protocol: chat", b"Sec-WebSocket-Protocol: chat,, mqtt"),
    *(b"Sec-WebSocket-Extensions: permessage-deflate", b'Sec-WebSocket-Extensions: a; b="c,d"'),
    *(
        b"Origin: https://a",
        b"Origin: null",
        b"Cookie: a=b; c",
        b"Accept: */*",
        b"Accept: text/html",
    ),
    *(b"Content-Length: 0", b"Content-Length: 5", b"Content-Length: 05", b"Content-Length: +5"),
    *(b"Content-Length: -0", b"Content-Length: 5, 5", b"Content-Length: 5 5", b"Content-Length:"),
    *(b"Content-Length: 0x5", b"Content-Length: 5_0", b"Content-Length: 99999999999999999999"),
    *(b"Content-Length: 5;a", b"Content-Length: \xb2", b"Content-Length: 6", b"content-length: 3"),
    *(b"Transfer-Encoding: chunked", b"Transfer-Encoding: Chunked", b"Transfer-Encoding: gzip"),
    *(b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: chunked, chunked"),
    *(b"Transfer-Encoding: identity", b"Transfer-Encoding: xchunked", b"Transfer-Encoding:"),
    *(b"Transfer-Encoding: chunked, gzip", b'Transfer-Encoding: "chunked"', b"TE: trailers"),
    *(
        b"Transfer-Encoding: chunked;a=b",
        b"Transfer-Encoding: ,chunked",
        b"transfer-encoding:chunked",
    ),
    *(
        b"Expect: 100-continue",
        b"Expect: 100-Continue, x",
        b"Expect: x",
        b"X-Note:",
        b"X-Note: a\tb",
    ),
    *(b"X Note: a", b"X-Note : a", b": a", b"X-Note", b" X-Note: a", b"X-Note: \x01", b"X(: a"),
    *(b"X-N\xc3\xb6te: a", b"X-Note: \xc3\xa9", b"X_Note: a", b"X-Note: a  ", b"X-Note:\t a\t"),
    *(b"Content-Encoding: gzip", b"Sec-WebSocket-Key1: 4 @1", b"X-Note: " + b"a" * 300),
)
_USUAL: Final = (
    (b"Host: a",),
    (b"Host: server.example.com",),
    (b"Host: a", b"Upgrade: websocket", b"Connection: Upgrade",
     b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b"Sec-WebSocket-Version: 13"),
    (b"Host: a", b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c",
     b"HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA"),
    (b"Host: a", b"Upgrade: tcp", b"Connection: Upgrade", b"Content-Length: 5"),
    (b"Host: a", b"Upgrade: tcp", b"Connection: Upgrade", b"Content-Length: 5",
     b"Expect: 100-continue"),
    (b"Host: a", b"Content-Length: 5"),
    (b"Host: a", b"Transfer-Encoding: chunked"),
    (),
)  # fmt: skip
_BODIES: Final = (
    *(b"", b"", b"", b"hello", b"5\r\nhello\r\n0\r\n\r\n", b"5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n"),
    *(b"0\r\n\r\n", b"5\nhello\n0\n\n", b"0x5\r\nhello\r\n0\r\n\r\n", b"\x81\x85\x37\xfa\x21\x3d"),
    *(b"\r\n", b"\r\n\r\n", b"\n", b"\x16\x03\x01", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
)
_ENDS: Final = (b"\n", b"\r", b"\r\r\n", b"\n\r\n", b" \r\n", b"\x00\r\n", b"\x0b\r\n")


@final
class Draws:
    """Numbers that follow from a seed and a place: splitmix64."""

    __slots__ = ("_state",)

    def __init__(self, seed: int, place: int) -> None:
        self._state = (seed * 0x9E3779B97F4A7C15 + place * 0xD1B54A32D192ED03) & _MASK

    def below(self, bound: int) -> int:
        """A number from 0 to one less than this."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((mixed ^ (mixed >> 31)) >> 11) % bound

    def one_of(self, choices: Sequence[_T]) -> _T:
        """One of these."""
        return choices[self.below(len(choices))]


def seeded_head(seed: int, place: int) -> bytes:
    """A request head, perhaps with faults. Nothing follows it, unless a fault ends it early."""
    draws = Draws(seed, place)
    return _mutated(draws, _head(draws), draws.one_of((0, 0, 0, 1, 1, 1, 2)))


def seeded_connection(seed: int, place: int) -> bytes:
    """What a client sends on one connection: up to four requests, perhaps with faults."""
    draws = Draws(~seed, place)
    octets = b""
    for _ in range(draws.one_of((1, 1, 1, 2, 3, 4))):
        octets += _mutated(draws, _head(draws), draws.one_of((0, 0, 0, 0, 1, 2)))
        octets += _body(draws, octets)
    return octets[: draws.below(len(octets) + 1)] if draws.below(12) == 0 else octets


def seeded_pieces(seed: int, place: int, octets: bytes) -> list[bytes]:
    """The same octets in pieces, mostly short ones."""
    draws = Draws(seed, ~place)
    pieces = []
    while octets:
        size = 1 + draws.below(draws.one_of((1, 2, 8, 64, 512)))
        pieces.append(octets[:size])
        octets = octets[size:]
    return pieces


@cache
def _captured() -> tuple[bytes, ...]:
    return tuple(each.head for each in corpus.load(corpus.DEFAULT) if each.kind is None)


def _head(draws: Draws) -> bytes:
    if draws.below(4) == 0:
        return draws.one_of(_captured())
    line = b"GET / HTTP/1.1"
    if draws.below(3) == 0:
        method, target = draws.one_of(_METHODS[: draws.one_of((6, len(_METHODS)))]), b"/"
        if draws.below(2):
            target = draws.one_of(_TARGETS)
        line = b" ".join((method, target, draws.one_of(_VERSIONS)))
    lines = list(draws.one_of(_USUAL))
    for _ in range(draws.one_of((0, 0, 0, 1, 1, 3))):
        lines.insert(draws.below(len(lines) + 1), draws.one_of(_LINES))
    return b"\r\n".join((line, *lines, b"", b""))


def _body(draws: Draws, octets: bytes) -> bytes:
    """What follows a head: mostly what it announces."""
    if draws.below(4) == 0:
        return draws.one_of(_BODIES)
    head = octets.rpartition(b" HTTP/1.1\r\n")[2]
    if b": 5\r\n" in head:
        return b"hello"
    return b"5\r\nhello\r\n0\r\n\r\n" if b"hunked" in head else b""


# Mutations.


def _mutated(draws: Draws, octets: bytes, times: int) -> bytes:
    for _ in range(times):
        octets = draws.one_of(_MUTATIONS)(draws, octets)
    return octets


def _put(draws: Draws, octets: bytes) -> bytes:
    place = draws.below(len(octets) + 1)
    return octets[:place] + draws.one_of(FRAGMENTS) + octets[place:]


def _put_at_an_edge(draws: Draws, octets: bytes) -> bytes:
    """Put octets where the grammar changes: beside a colon, a space, a comma or a line end."""
    edges = [place for place, octet in enumerate(octets) if octet in b": ,\r\n/"]
    if not edges:
        return _put(draws, octets)
    place = draws.one_of(edges) + draws.below(2)
    return octets[:place] + draws.one_of(FRAGMENTS) + octets[place:]


def _overwrite(draws: Draws, octets: bytes) -> bytes:
    place = draws.below(len(octets) + 1)
    return octets[:place] + draws.one_of(FRAGMENTS) + octets[place + 1 + draws.below(2) :]


def _cut_out(draws: Draws, octets: bytes) -> bytes:
    place = draws.below(len(octets) + 1)
    return octets[:place] + octets[place + 1 + draws.below(3) :]


def _flip(draws: Draws, octets: bytes) -> bytes:
    if not octets:
        return octets
    place = draws.below(len(octets))
    return octets[:place] + bytes((octets[place] ^ (1 << draws.below(8)),)) + octets[place + 1 :]


def _lines_changed(draws: Draws, octets: bytes) -> bytes:
    """Double a line, drop one, move one, give one another end, or change its letters."""
    lines = octets.split(b"\r\n")
    place = draws.below(len(lines))
    match draws.below(5):
        case 0:
            lines.insert(draws.below(len(lines)), lines[place])
        case 1:
            del lines[place]
        case 2:
            lines.insert(draws.below(len(lines)), lines.pop(place))
        case 3:
            end = draws.one_of(
                (b"\n", b"\r", b"\r\r\n", b"\n\r\n", b" \r\n", b"\x00\r\n", b"\x0b\r\n")
            )
            return b"\r\n".join(lines[:place]) + end + b"\r\n".join(lines[place:])
        case _:
            lines[place] = draws.one_of((bytes.upper, bytes.lower, bytes.swapcase))(lines[place])
    return b"\r\n".join(lines)


def _line_added(draws: Draws, octets: bytes) -> bytes:
    lines = octets.split(b"\r\n")
    lines.insert(1 + draws.below(max(1, len(lines) - 2)), draws.one_of(_LINES))
    return b"\r\n".join(lines)


_MUTATIONS: Final[tuple[Callable[[Draws, bytes], bytes], ...]] = (
    *(_put, _put_at_an_edge, _put_at_an_edge, _overwrite, _cut_out, _flip),
    *(_lines_changed, _line_added),
)
