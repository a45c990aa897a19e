"""Requests whose fate is known from how they are made: what the models of the machines expect.

Rules for this module: nothing here asks the library what a request means. Bodies hold handshakes
and requests, so that one that is read where it should not be is seen.
"""

from enum import Enum, auto
from typing import Final, NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from wire import handshake, plain, request

from httpupgrade import (
    TLS,
    CustomProtocol,
    Limits,
    Policy,
    PolicySource,
    RequestHead,
    RequestInfo,
    WebSocket,
)
from httpupgrade.testing.strategies import chunked_bodies, websocket_handshakes


class Kind(Enum):
    """What a request asks for, and what is wrong with it."""

    PLAIN = auto()
    SWITCHES = auto()
    READS = auto()
    """It switches once its body is read."""
    FAULTY = auto()
    """Its handshake is broken, or its head, or its body is longer than is read."""
    JUNK = auto()
    RAISES = auto()
    """A policy that is a function raises over it; for other policies it is PLAIN."""


class Asked(NamedTuple):
    """One request of a client, octet by octet."""

    kind: Kind
    head: bytes
    content: bytes = b""
    body: bytes = b""
    """The octets of the body, framing and all."""
    good: int | None = None
    """How many octets of the body can be read; None for all of them."""
    before: bytes = b""
    """Empty lines in front of it (RFC 9112 2.2)."""

    @property
    def octets(self) -> bytes:
        return self.before + self.head + self.body

    @property
    def fields(self) -> bytes:
        return self.head.lower()

    @property
    def is_connect(self) -> bool:
        return self.head.startswith(b"CONNECT")

    @property
    def is_head(self) -> bool:
        return self.head.startswith(b"HEAD")

    @property
    def is_last(self) -> bool:
        """Whether the request itself says that no other follows (RFC 9112 9.3)."""
        return b"connection: close" in self.fields or b" HTTP/1.0\r\n" in self.head

    def expects(self) -> bool:
        """Whether its client waits for a 100."""
        return b"100-continue" in self.fields

    def closes(self, limits: Limits) -> bool:
        """Whether its connection closes after a refusal."""
        too_long = b"content-length" in self.fields and len(self.body) > limits.max_drain
        waits = bool(self.body) and self.expects()
        faulty = self.kind in (Kind.FAULTY, Kind.JUNK)
        upgrades = b"\r\nupgrade:" in self.fields
        return self.is_last or self.is_connect or upgrades or too_long or waits or faulty


SMUGGLED: Final = (
    b"",
    b"hello",
    b"0\r\n\r\n",
    plain(line=b"GET /smuggled HTTP/1.1"),
    handshake(line=b"GET /smuggled HTTP/1.1"),
)
BROKEN_CHUNKS: Final = (
    (b"hello", b"5\r\nhello", b"X"),
    (b"", b"", b"x\r\n"),
    (b"", b"", b"5 \n"),
    (b"", b"", b"-1\r\n\r\n"),
    (b"a", b"1\r\na\r\n", b"+5\r\nhello\r\n"),
)
"""The content and the octets that can be read of a chunked body, and what cannot."""


def content_of(body: bytes) -> bytes:
    """The content of a chunked body without faults."""
    content = b""
    while True:
        line, _, body = body.partition(b"\r\n")
        size = int(line.partition(b";")[0], 16)
        if not size:
            return content
        content, body = content + body[:size], body[size + 2 :]


@st.composite
def bodied(draw: st.DrawFn, kind: Kind, *lines: bytes, target: bytes = b"/") -> Asked:
    """A POST whose body is framed in either way; a chunked one may be broken."""
    good, content = None, draw(st.sampled_from(SMUGGLED))
    if draw(st.booleans()):
        framing, body = b"Content-Length: %d" % len(content), content
    else:
        framing = b"Transfer-Encoding: chunked"
        body = draw(chunked_bodies(content=st.just(content) | st.binary(max_size=9)))
        content = content_of(body)
        if not draw(st.integers(0, 3)):
            body = body.removesuffix(b"0\r\n\r\n").removesuffix(b"0\r\nX: y\r\n\r\n")
            _, most, bad = draw(st.sampled_from(BROKEN_CHUNKS))
            good, body = len(body + most), body + most + bad + draw(st.sampled_from(SMUGGLED))
    others = ((), (), (b"Expect: 100-continue",), (b"Connection: close",))
    head = plain(
        framing, *lines, *draw(st.sampled_from(others)), line=b"POST " + target + b" HTTP/1.1"
    )
    return Asked(kind, head, content, body, good)


_TCP: Final = (b"Upgrade: tcp", b"Connection: Upgrade")
_TLS: Final = (b"Upgrade: TLS/1.3", b"Connection: Upgrade")
_SINGLE: Final = (
    Asked(Kind.PLAIN, plain()),
    Asked(Kind.PLAIN, plain(line=b"HEAD / HTTP/1.1")),
    Asked(Kind.PLAIN, plain(b"Connection: close")),
    Asked(Kind.PLAIN, plain(line=b"GET / HTTP/1.0")),
    Asked(Kind.PLAIN, plain(line=b"CONNECT server.example.com:443 HTTP/1.1")),
    Asked(Kind.SWITCHES, handshake()),
    Asked(Kind.SWITCHES, handshake(b"Connection: Upgrade, close")),
    Asked(Kind.SWITCHES, plain(*_TCP)),
    Asked(Kind.SWITCHES, plain(*_TLS, line=b"OPTIONS * HTTP/1.1")),
    Asked(Kind.FAULTY, handshake(without=b"Sec-WebSocket-Key")),
    Asked(Kind.FAULTY, handshake(b"Sec-WebSocket-Version: 8")),
    Asked(Kind.FAULTY, request(b"Upgrade: websocket", b"no colon")),
    Asked(Kind.FAULTY, handshake(b"Content-Length: 5, 6")),
    Asked(Kind.JUNK, b"\x16\x03\x01\x02\x00"),
    Asked(Kind.RAISES, plain(line=b"GET /raises HTTP/1.1")),
)


def asked() -> SearchStrategy[Asked]:
    """Requests, most of which leave the connection open for another one."""
    handshakes = websocket_handshakes().map(lambda head: Asked(Kind.SWITCHES, head.to_bytes()))
    one = st.one_of(
        st.sampled_from(_SINGLE),
        st.sampled_from(_SINGLE[:5]),
        bodied(Kind.PLAIN),
        bodied(Kind.READS, *_TCP),
        handshakes | st.sampled_from(_SINGLE[5:9]),
    )
    return st.builds(lambda each, before: each._replace(before=before), one, _BEFORE)


_BEFORE: Final = st.sampled_from((b"", b"", b"", b"\r\n", b"\r\n\r\n"))

_OFFERS: Final = (WebSocket(), CustomProtocol("tcp", body="buffer"), TLS("1.3"))
_REQUIRED: Final = Policy(*_OFFERS, mode="required")


def _choose(info: RequestInfo) -> Policy | None:
    if info.head.target == b"/raises":
        raise ZeroDivisionError
    return _REQUIRED if info.head.has(b"upgrade") else None


POLICIES: Final[dict[str, PolicySource]] = {
    "required": _REQUIRED,
    "optional": Policy(*_OFFERS),
    "advertise": Policy(*_OFFERS, mode="advertise"),
    "function": _choose,
}
LIMITS: Final = (Limits(), Limits(max_early_data=20, max_drain=40, max_request_body=12))


def head_of(asked: Asked) -> RequestHead:
    """The head as another parser reads it."""
    return RequestHead.parse(asked.head)
