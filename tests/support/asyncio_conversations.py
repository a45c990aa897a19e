"""Random conversations with UpgradeProtocol, in memory, on a loop whose time is virtual.

Rules for this module: it uses names of the library that trees of different age have, none that is
private, and nothing that waits. The same number gives the same conversation.
"""

import asyncio
import json
import random
import re
import selectors
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple, cast, final

import httpupgrade as lib
from httpupgrade.adapters.asyncio import UpgradeProtocol

_CAPTURED: Final = Path(__file__).resolve().parents[1] / "captures" / "requests.json"

_DATE: Final = re.compile(rb"Date: [^\r]*\r\n")

Entry = list[Any]
Trace = dict[str, list[Entry]]
"""What was seen, by who saw it: when, what, and octets as text."""

# Virtual time.


@final
class _Waits(selectors.SelectSelector):
    """Nothing ever arrives; to wait is to be there."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "nothing will ever happen"
        self.now += max(timeout, 0.0)
        return []


@final
class VirtualLoop(asyncio.SelectorEventLoop):
    """The usual loop. Waiting takes no time, and nothing else moves its clock."""

    def __init__(self) -> None:
        self._waits: Final = _Waits()
        super().__init__(self._waits)

    def time(self) -> float:
        return self._waits.now


@final
class Seen:
    """What everybody saw, in order. What the same one saw at the same time is one entry."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.trace: Final[Trace] = {}

    def note(self, who: str, what: str, octets: bytes | str = "") -> None:
        text = octets.decode("latin-1") if isinstance(octets, bytes) else octets
        entries = self.trace.setdefault(who, [])
        when = round(self._loop.time(), 3)
        if what == "octets" and entries and entries[-1][:2] == [when, what]:
            entries[-1][2] += text
        else:
            entries.append([when, what, text])


# The wire.


class Wire(asyncio.Transport):
    """A transport as asyncio's over a socket, whose client reads as much as it is told to."""

    def __init__(self, seen: Seen, protocol: asyncio.BaseProtocol, tls: bool) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._seen = seen
        self._protocol = protocol
        self._tls = tls
        self._arrived = bytearray()
        self._buffer = bytearray()
        self._window: float = float("inf")
        self._high, self._low = 65536, 16384
        self._writing_paused = False
        self._reading = True
        self._ended = False
        self._closing = False
        self._half_closed = False
        self.lost = False

    # For the client.

    def begin(self) -> None:
        self._protocol.connection_made(self)

    def feed(self, octets: bytes) -> None:
        self._arrived += octets
        self._pump()

    def end(self) -> None:
        self._ended = True
        self._pump()

    def reset(self) -> None:
        self._force_close(ConnectionResetError("reset"))

    def read(self, octets: float) -> None:
        """The client reads so many more, or ("inf") everything from now on."""
        self._window = octets if octets == float("inf") else max(self._window, 0) + octets
        self._flush()

    def stall(self) -> None:
        """The client reads nothing more."""
        self._window = 0

    def _pump(self) -> None:
        while self._reading and not self._closing and self._arrived:
            octets = bytes(self._arrived[:262144])
            del self._arrived[:262144]
            if not self._guarded(self._deliver, octets):
                return
        if self._ended and self._reading and not self._closing and not self._arrived:
            self._guarded(self._deliver_end)

    def _deliver(self, octets: bytes) -> None:
        protocol = self._protocol
        if not isinstance(protocol, asyncio.BufferedProtocol):
            cast(asyncio.Protocol, protocol).data_received(octets)
            return
        while octets:
            buffer = memoryview(protocol.get_buffer(-1)).cast("B")
            some, octets = octets[: len(buffer)], octets[len(buffer) :]
            buffer[: len(some)] = some
            protocol.buffer_updated(len(some))

    def _deliver_end(self) -> None:
        self._reading = False  # nobody listens; to resume reading is to be told again
        if not cast(asyncio.Protocol, self._protocol).eof_received():
            self.close()

    def _guarded(self, do: Callable[..., None], *arguments: bytes) -> bool:
        try:
            do(*arguments)
        except Exception as error:
            self._loop.call_exception_handler({"message": "fatal", "exception": error})
            self._force_close(error)
            return False
        return True

    # As asyncio's.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._half_closed:
            raise RuntimeError("Cannot call write() after write_eof()")
        if not data or self.lost:
            return
        self._seen.note("wire", "octets", bytes(data))
        self._buffer += _DATE.sub(b"", bytes(data))  # so that every tree fills the same room
        self._flush()
        if len(self._buffer) > self._high and not self._writing_paused:
            self._writing_paused = True
            self._protocol.pause_writing()

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def _flush(self) -> None:
        read = int(min(self._window, len(self._buffer)))
        self._window -= read
        del self._buffer[:read]
        if self._writing_paused and len(self._buffer) <= self._low:
            self._writing_paused = False
            self._protocol.resume_writing()
        if not self._buffer and self._closing and not self.lost:
            self._lose(None)

    def write_eof(self) -> None:
        if not self._closing and not self._half_closed:
            self._half_closed = True
            self._seen.note("wire", "half closed")

    def can_write_eof(self) -> bool:
        return not self._tls

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._seen.note("wire", "close")
            self._flush()

    def abort(self) -> None:
        self._seen.note("wire", "abort")
        self._force_close(None)

    def _force_close(self, error: Exception | None) -> None:
        if not self.lost:
            self._buffer.clear()
            self._closing = True
            self._lose(error)

    def _lose(self, error: Exception | None) -> None:
        self.lost = True
        self._loop.call_soon(self._tell_loss, error)

    def _tell_loss(self, error: Exception | None) -> None:
        self._seen.note("wire", "lost", repr(error))
        self._protocol.connection_lost(error)

    def is_closing(self) -> bool:
        return self._closing

    def is_reading(self) -> bool:
        return self._reading and not self._closing

    def pause_reading(self) -> None:
        if not self._closing:
            self._reading = False

    def resume_reading(self) -> None:
        if not self._closing and not self._reading:
            self._reading = True
            self._loop.call_soon(self._pump)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._protocol

    def get_write_buffer_size(self) -> int:
        return len(self._buffer)

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._low, self._high

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._high = 65536 if high is None else high
        self._low = self._high // 4 if low is None else low

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        known = {"peername": ("192.0.2.1", 5000), "sslcontext": object() if self._tls else None}
        return known.get(name, default)


# What follows the adapter.

SERVERS: Final = (
    *("at once", "later", "in pieces", "pausing"),
    *("much", "much", "switching", "unframed"),
)


class Server(asyncio.Protocol):
    """An HTTP server: answers each request with what it asked for, in one of several manners."""

    def __init__(self, seen: Seen, manner: str) -> None:
        self._seen = seen
        self._manner = manner
        self._octets = b""
        self._is_tunnel = False
        self._is_told_the_end = False
        self._waiting: list[tuple[bytes, bool]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._seen.note("server", "made")

    def data_received(self, data: bytes) -> None:
        self._seen.note("server", "octets", data)
        if b"/raise/server" in data:
            raise RuntimeError("the server was to raise")
        self._octets += data
        while self._octets and not self._is_tunnel and self._take_one():
            pass
        if self._is_tunnel and self._octets:
            self._transport.write(b"{%b}" % self._octets)
            self._octets = b""

    def eof_received(self) -> bool:
        self._seen.note("server", "end")
        self._is_told_the_end = True
        return bool(self._waiting)

    def connection_lost(self, exc: Exception | None) -> None:
        self._seen.note("server", "lost", repr(exc))

    def pause_writing(self) -> None:
        self._seen.note("server", "pause")

    def resume_writing(self) -> None:
        self._seen.note("server", "resume")

    def _take_one(self) -> bool:
        head, end, rest = self._octets.partition(b"\r\n\r\n")
        if not end:
            return False
        line, *fields = head.split(b"\r\n")
        parts = line.split(b" ")
        values = {
            name.strip().lower(): value.strip().lower()
            for name, _, value in (each.partition(b":") for each in fields)
        }
        size = values.get(b"content-length", b"0")
        if len(parts) != 3 or not size.isdigit():
            self._say(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", closes=True)
            self._octets = b""
            return False
        if values.get(b"transfer-encoding") == b"chunked":
            body, end, rest = rest.partition(b"0\r\n\r\n")
            if not end:
                return False
        elif len(rest) < int(size):
            return False
        else:
            body, rest = rest[: int(size)], rest[int(size) :]
        self._octets = rest
        self._answer(parts[0], parts[1], body, values)
        return True

    def _answer(
        self, method: bytes, target: bytes, body: bytes, values: dict[bytes, bytes]
    ) -> None:
        if method == b"CONNECT":
            self._is_tunnel = b"refused" not in target
            refused = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
            self._say(b"HTTP/1.1 200 OK\r\n\r\n" if self._is_tunnel else refused)
            return
        if self._manner == "switching" and b"upgrade" in values:
            self._is_tunnel = True
            offer = values[b"upgrade"]
            answer = (
                b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: %b\r\n\r\n"
            )
            self._say(answer % offer)
            return
        closes = values.get(b"connection") == b"close"
        content = b"%b %b %d" % (method, target, len(body))
        if self._manner == "much":
            content += b"." * 40000
        if self._manner == "unframed":
            self._say(b"HTTP/1.1 200 OK\r\n\r\n" + content, closes=True)
            return
        shown = b"" if method == b"HEAD" else content
        length = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content)
        self._say(length + shown, closes=closes)

    def _say(self, octets: bytes, *, closes: bool = False) -> None:
        loop = asyncio.get_running_loop()
        if self._manner == "pausing":
            self._transport.pause_reading()
            loop.call_later(0.05, self._transport.resume_reading)
        if self._manner in ("later", "pausing"):
            self._waiting.append((octets, closes))
            loop.call_later(0.02, self._say_next)
        elif self._manner == "in pieces":
            half = len(octets) // 2
            self._transport.write(octets[:half])
            self._waiting.append((octets[half:], closes))
            loop.call_later(0.01, self._say_next)
        else:
            self._waiting.append((octets, closes))
            self._say_next()

    def _say_next(self) -> None:
        octets, closes = self._waiting.pop(0)  # timers of the same time are in no order
        if self._transport.is_closing():
            return
        self._transport.write(octets)
        if closes or (self._is_told_the_end and not self._waiting):
            self._transport.close()


SUCCESSORS: Final = (
    *("echo", "echo", "echo", "buffered", "closing", "much"),
    *("raises in the switch", "raises when made", "raises at octets", "raises at the end"),
)


class Successor(asyncio.Protocol):
    """What speaks the new protocol."""

    def __init__(self, seen: Seen, manner: str, body: bytes) -> None:
        self._seen = seen
        self._manner = manner
        self._body = body

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._seen.note("successor", "made")
        if self._manner == "raises when made":
            raise RuntimeError("it was to raise")
        self._transport.write(b"<%b>" % self._body)
        if self._manner == "much":
            self._transport.write(b"#" * 100_000)
        if self._manner == "closing":
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._seen.note("successor", "octets", data)
        if self._manner == "raises at octets":
            raise RuntimeError("it was to raise")
        self._transport.write(data)

    def eof_received(self) -> bool:
        self._seen.note("successor", "end")
        if self._manner == "raises at the end":
            raise RuntimeError("it was to raise")
        self._transport.write(b"<end>")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._seen.note("successor", "lost", repr(exc))

    def pause_writing(self) -> None:
        self._seen.note("successor", "pause")

    def resume_writing(self) -> None:
        self._seen.note("successor", "resume")


class BufferedSuccessor(asyncio.BufferedProtocol):
    """The same as asyncio's other kind of protocol, with a small buffer."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._buffer = bytearray(7)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._seen.note("successor", "made")

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._seen.note("successor", "octets", bytes(self._buffer[:nbytes]))
        self._transport.write(bytes(self._buffer[:nbytes]))

    def eof_received(self) -> None:
        self._seen.note("successor", "end")

    def connection_lost(self, exc: Exception | None) -> None:
        self._seen.note("successor", "lost", repr(exc))


# The callables.

_CHAT: Final = lib.WebSocket(["chat"])
_TCP: Final = lib.CustomProtocol("tcp", body="buffer")
_SEVERAL: Final = lib.Policy(_CHAT, _TCP, lib.H2C(), lib.TLS("1.3"))
_PATHS: Final = {
    b"/chat": lib.Policy(_CHAT, mode="required"),
    b"/tcp": lib.Policy(_TCP),
    b"/advertise": lib.Policy(_CHAT, mode="advertise"),
    b"/report": lib.Policy(_CHAT, mode="report"),
    b"/several": _SEVERAL,
}
POLICIES: Final = ("by path", "by path", "optional", "required", "several")
REVIEWS: Final = (
    *(None, None, None, "accepts", "accepts later", "adds a field", "refuses", "raises"),
    *("raises later", "takes too long", "returns something else"),
)


def _policy(manner: str, seen: Seen) -> Any:
    def by_path(info: Any) -> lib.Policy | None:
        seen.note("policy", "asked", info.head.target)
        if info.head.path == b"/raise/policy":
            raise RuntimeError("the policy was to raise")
        return _PATHS.get(info.head.path)

    fixed = {"optional": lib.Policy(_CHAT), "required": lib.Policy(_CHAT, mode="required")}
    return {**fixed, "several": _SEVERAL}.get(manner, by_path)


def _review(manner: str | None, seen: Seen) -> Any:
    async def review(accept: lib.Accept101, info: Any) -> Any:
        seen.note("review", "asked", info.head.target)
        try:
            return await answer(accept)
        except asyncio.CancelledError:
            seen.note("review", "cancelled")
            raise

    async def answer(accept: lib.Accept101) -> Any:
        if manner in ("accepts later", "raises later", "refuses"):
            await asyncio.sleep(0.03)
        if manner in ("raises", "raises later"):
            raise RuntimeError("the review was to raise")
        if manner == "takes too long":
            await asyncio.sleep(1000)
        if manner == "refuses":
            return lib.Reject(403)
        if manner == "returns something else":
            return "101"
        return accept.with_headers([(b"X-Seen", b"1")]) if manner == "adds a field" else accept

    return None if manner is None else review


# Conversations.

Step = tuple[str, Any]


@final
class Script(NamedTuple):
    """One conversation: how the server is set up, and what its client does."""

    policy: str
    server: str
    successor: str
    review: str | None
    stay: bool
    tls: bool
    own_hand_over: bool
    limits: dict[str, int]
    head_timeout: float
    review_timeout: float
    steps: tuple[Step, ...]


FRAME: Final = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"


def _request(line: bytes, *fields: bytes, body: bytes = b"") -> bytes:
    lines = [line + b" HTTP/1.1", b"Host: a", *fields]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def _asking(target: bytes, token: bytes, *fields: bytes, body: bytes = b"") -> bytes:
    method = b"POST " if body else b"GET "
    return _request(
        method + target, b"Connection: Upgrade", b"Upgrade: " + token, *fields, body=body
    )


_WEBSOCKET: Final = (
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    b"Sec-WebSocket-Version: 13",
)
_SIZED: Final = b"Content-Length: 5"
_CHUNKED: Final = b"Transfer-Encoding: chunked"
_CHUNKS: Final = b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"
_WAITS: Final = b"Expect: 100-continue"
_CLOSE: Final = b"Connection: close"

PASSING: Final = (
    _request(b"GET /"),
    _request(b"GET /a?b=c", b"Accept: */*"),
    _request(b"HEAD /h"),
    _request(b"POST /p", _SIZED, body=b"hello"),
    _request(b"POST /c", _CHUNKED, body=_CHUNKS),
    _request(b"GET /report"),
    _request(b"GET /advertise"),
    _asking(b"/x", b"h2c", b"HTTP2-Settings: AAMAAABk"),
    _asking(b"/x", b"other", _SIZED, body=b"hello"),
)
SWITCHING: Final = (
    _asking(b"/chat", b"websocket", *_WEBSOCKET),
    _asking(b"/chat", b"websocket", *_WEBSOCKET, b"Sec-WebSocket-Protocol: chat"),
    _asking(b"/several", b"websocket", *_WEBSOCKET),
    _asking(b"/tcp", b"tcp", _SIZED, body=b"hello"),
    _asking(b"/tcp", b"tcp", _CHUNKED, body=_CHUNKS),
    _asking(b"/tcp", b"tcp", _SIZED, _WAITS, body=b"hello"),
    _asking(b"/several", b"tcp"),
    _asking(b"/several", b"TLS/1.3"),
    _asking(b"/report", b"websocket", *_WEBSOCKET),
)
REFUSED: Final = (
    _request(b"GET /chat"),
    _request(b"POST /chat", _SIZED, body=b"hello"),
    _request(b"POST /chat", _CHUNKED, body=_CHUNKS),
    _asking(b"/chat", b"websocket"),
    _asking(b"/chat", b"websocket", *_WEBSOCKET, _SIZED, body=b"hello"),
    _asking(b"/chat", b"websocket", b"Sec-WebSocket-Key: x", b"Sec-WebSocket-Version: 13"),
    _asking(b"/tcp", b"tcp", b"Content-Length: 100000", body=b"." * 1000),
)
ODD: Final = (
    _request(b"CONNECT a:1") + b"through",
    _request(b"CONNECT refused:1"),
    _request(b"GET /", _CLOSE),
    _request(b"GET /raise/policy"),
    _request(b"GET /raise/server"),
    _request(b"POST /w", _SIZED, _WAITS, body=b"hello"),
    _request(b"POST /chat", _SIZED, _WAITS, body=b"hello"),
    _request(b"GET /", b"X: " + b"x" * 9000),
    _request(b"GET /", b"X: " + b"x" * 40000),
    _request(b"POST /", b"Content-Length: 5", b"Content-Length: 6", body=b"hello"),
    _request(b"POST /", _CHUNKED, body=b"zz\r\n"),
    _request(b"GET /chat", b"Upgrade: websocket", b" folded"),
    b"GET /old HTTP/1.0\r\n\r\n",
    b"GET /\r\n\r\n",
    b"\r\n\r\n",
    b"\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    FRAME,
)


@cache
def captured() -> tuple[bytes, ...]:
    """All captured requests."""
    entries = json.loads(_CAPTURED.read_text("ascii"))
    return tuple(entry["octets"].encode("latin-1") for entry in entries)


def _octets(chance: random.Random) -> bytes:
    """All that a client sends."""
    kind = chance.randrange(8)
    if kind == 0:  # a pipeline, with the upgrade in the middle
        before, behind = chance.randrange(32), chance.randrange(32)
        parts = [chance.choice(PASSING) for _ in range(before)]
        parts.append(chance.choice(SWITCHING))
        parts += [chance.choice((FRAME, *PASSING)) for _ in range(behind)]
    elif kind == 1:
        parts = [chance.choice(captured()) for _ in range(chance.randrange(1, 4))]
    else:
        pools = (PASSING, PASSING, PASSING, SWITCHING, SWITCHING, REFUSED, ODD)
        parts = [chance.choice(chance.choice(pools)) for _ in range(chance.randrange(1, 6))]
        if chance.random() < 0.3:
            parts.append(FRAME * chance.randrange(1, 4))
    octets = b"".join(parts)
    if chance.random() < 0.15 and octets:  # broken somewhere
        place = chance.randrange(len(octets))
        changed = chance.choice((b"", b"\x00", b"\r", b"\n", b" ", b":", octets[place : place + 9]))
        octets = octets[:place] + changed + octets[place + 1 :]
    return octets


def _cuts(chance: random.Random, octets: bytes) -> list[bytes]:
    way = chance.randrange(5)
    if way == 0:
        return [octets]
    if way == 1 and len(octets) < 1500:
        return [octets[place : place + 1] for place in range(len(octets))]
    count = chance.randrange(1, 9)
    places = sorted(chance.randrange(len(octets) + 1) for _ in range(count))
    bounds = [0, *places, len(octets)]
    pieces = [octets[start:end] for start, end in pairwise(bounds)]
    return [each for each in pieces if each]


def _pauses(chance: random.Random) -> Iterator[Step]:
    way = chance.randrange(10)
    if way < 4:
        yield "tick", chance.randrange(1, 4)
    elif way < 6:
        yield "sleep", chance.choice((0.001, 0.01, 0.02, 0.03, 0.04, 0.3))
    elif way == 6 and chance.random() < 0.2:
        yield "sleep", chance.choice((0.6, 2.5, 11.0, 31.0))


def _steps(chance: random.Random, pieces: list[bytes]) -> Iterator[Step]:
    slow = chance.random() < 0.35
    if slow:
        yield "stall", 0
    for piece in pieces:
        yield "octets", piece
        yield from _pauses(chance)
        if slow and chance.random() < 0.5:
            yield "read", chance.choice((10, 1000, 50_000, 200_000))
        if chance.random() < 0.01:
            yield "reset", 0
        elif chance.random() < 0.02:
            yield "end", 0
    if slow:
        yield from _reading(chance)
    yield from _parting(chance)


def _reading(chance: random.Random) -> Iterator[Step]:
    for _ in range(chance.randrange(4)):
        yield "sleep", chance.choice((0.1, 3.0, 9.0))
        yield "read", chance.choice((1000, 50_000, 200_000))


def _parting(chance: random.Random) -> Iterator[Step]:
    way = chance.randrange(6)
    if way == 0:
        yield "end", 0
    elif way == 1:
        yield from (("sleep", 0.05), ("end", 0))
    elif way == 2:
        yield "reset", 0


def script_of(number: int, cut: int | None = None) -> Script:
    """A conversation by its number; with ``cut``, its octets in two pieces, cut at that place."""
    chance = random.Random(number)
    small = {"max_early_data": 30, "max_drain": 40, "max_request_body": 20}
    octets = _octets(chance)
    pieces = _cuts(chance, octets)
    if cut is not None:
        pieces = [each for each in (octets[:cut], octets[cut:]) if each]
    return Script(
        policy=chance.choice(POLICIES),
        server=chance.choice(SERVERS),
        successor=chance.choice(SUCCESSORS),
        review=chance.choice(REVIEWS),
        stay=chance.random() < 0.8,
        tls=chance.random() < 0.1,
        own_hand_over=chance.random() < 0.1,
        limits=small if chance.random() < 0.2 else {},
        head_timeout=chance.choice((10.0, 0.5)),
        review_timeout=chance.choice((30.0, 0.5)),
        steps=tuple(_steps(chance, pieces)),
    )


def size_of(number: int) -> int:
    """How many octets the client of a conversation sends, uncut."""
    return len(_octets(random.Random(number)))


# Playing one.

_SETTLED: Final = 300.0
"""Seconds, virtual ones, in which every deadline has passed."""
_ODD: Final = 1.0037
"""Nothing of the client's happens at the very moment of a deadline: either could come first."""


def _protocol(script: Script, seen: Seen, made: type[UpgradeProtocol]) -> UpgradeProtocol:
    def switch(accept: lib.Accept101) -> asyncio.BaseProtocol:
        seen.note("switch", "asked", str(accept.token))
        if script.successor == "raises in the switch":
            raise RuntimeError("the switch was to raise")
        if script.successor == "buffered":
            return BufferedSuccessor(seen)
        return Successor(seen, script.successor, accept.request_body)

    return made(
        _policy(script.policy, seen),
        switch,
        lambda: Server(seen, script.server),
        stay=script.stay,
        review=_review(script.review, seen),
        hand_over=(lambda passed: passed.data) if script.own_hand_over else None,
        limits=lib.Limits(**script.limits),
        head_timeout=script.head_timeout,
        review_timeout=script.review_timeout,
    )


async def _play(script: Script, made: type[UpgradeProtocol]) -> Trace:
    loop = asyncio.get_running_loop()
    seen = Seen(loop)
    loop.set_exception_handler(
        lambda _, context: seen.note("errors", "told", repr(context.get("exception")))
    )
    wire = Wire(seen, _protocol(script, seen, made), script.tls)
    wire.begin()
    doings: dict[str, Callable[[Any], object]] = {
        "octets": wire.feed,
        "read": wire.read,
        "stall": lambda _: wire.stall(),
        "end": lambda _: wire.end(),
        "reset": lambda _: wire.reset(),
    }
    for what, how in script.steps:
        if what == "sleep":
            await asyncio.sleep(how * _ODD)
        elif what == "tick":
            for _ in range(how):
                await asyncio.sleep(0)
        elif not wire.lost:
            doings[what](how)
    await asyncio.sleep(_ODD)
    wire.read(float("inf"))
    await asyncio.sleep(_SETTLED)
    if not wire.lost:
        seen.note("all", "still open")
        wire.reset()
    await asyncio.sleep(_SETTLED)
    return seen.trace


def play(script: Script, made: type[UpgradeProtocol] = UpgradeProtocol) -> Trace:
    """What everybody saw."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(_play(script, made))


# Bugs, to show that they are seen.


class DropsHeldOctet(UpgradeProtocol):
    """Of what arrives while somebody else has the connection, the last octet is lost."""

    def data_received(self, data: bytes) -> None:
        busy = self.owner.name in ("REVIEW", "ORDINARY")
        super().data_received(data[:-1] if busy and len(data) > 1 else data)


class SkipsDrain(UpgradeProtocol):
    """Nobody is told that the client reads again."""

    def resume_writing(self) -> None:
        pass


class ForgetsEnd(UpgradeProtocol):
    """The client's end is taken for a silence."""

    def eof_received(self) -> bool:
        return True


class ForgetsReview(UpgradeProtocol):
    """A review goes on when the client has left."""

    def connection_lost(self, exc: Exception | None) -> None:
        if self.owner.name != "REVIEW":
            super().connection_lost(exc)


class AnswersLate(UpgradeProtocol):
    """What this class writes by itself comes a turn later than what others write."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        written = cast(asyncio.Transport, transport).write
        loop = asyncio.get_running_loop()

        def write(data: Any) -> None:
            late = bytes(data[:12]) in (b"HTTP/1.1 426", b"HTTP/1.1 400")
            loop.call_soon(written, data) if late else written(data)

        cast(Any, transport).write = write


class LosesEarlyOctets(UpgradeProtocol):
    """What comes in the same piece as a handshake is lost."""

    def data_received(self, data: bytes) -> None:
        head, end, _ = data.partition(b"\r\n\r\n")
        super().data_received(head + end if b"\r\nUpgrade: websocket" in head else data)


class IsPatient(UpgradeProtocol):
    """A head may take twice as long."""

    def __init__(self, *arguments: Any, head_timeout: float, **named: Any) -> None:
        super().__init__(*arguments, head_timeout=2 * head_timeout, **named)


PLANTS: Final = (
    *(DropsHeldOctet, SkipsDrain, ForgetsEnd, ForgetsReview),
    *(AnswersLate, LosesEarlyOctets, IsPatient),
)
