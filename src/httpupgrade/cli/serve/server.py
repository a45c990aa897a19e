"""The server: the adapter for asyncio in front of the other parts, in the clear and inside TLS.

Rules for this module: it makes connections and ends them. What they answer was decided by the
library and is said in ``site.py``.
"""

import asyncio
import hmac
import os
import shutil
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from importlib import import_module
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar, cast, final
from urllib.parse import parse_qs
from weakref import WeakSet

from ... import (
    Accept101,
    Decision,
    H2CAgreement,
    Passthrough,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
    ServerState,
    TLSAgreement,
    WebSocketAgreement,
)
from ...adapters.asyncio import UpgradeProtocol
from ..behind import ARRIVED, find_nonce
from .arrivals import MOST_OCTETS, Arrival, without_secrets
from .carrier import Carrier
from .endpoints import REVIEWED, WORD, Parts, Places
from .http1 import OrdinaryServer
from .roles import Connection
from .site import Over, Site, path_of
from .websocket import EchoSocket

LOOPBACK: Final = IPv4Address("127.0.0.1")

_HANDSHAKE: Final = 10.0
"""Seconds that one of TLS may take."""

_HEAD: Final = 10.0
"""Seconds that a request may take to arrive."""

_LOOKED_UP: Final = 0.05
"""Seconds for which a review waits, as if somebody far away were asked."""


_Answer = TypeVar("_Answer", bound=Accept101 | Require426 | Reject)


class PortError(Exception):
    """A port cannot be had; the message says which one, and why."""


def installed_parts() -> Parts:
    """What is there besides the standard library."""
    return Parts(tls=_is_importable(".certificates"), http2=_is_importable(".http2"))


def _is_importable(module: str) -> bool:
    try:
        import_module(module, __package__)
    except ImportError:
        return False
    return True


@asynccontextmanager
async def listen(
    port: int,
    *,
    address: IPv4Address | IPv6Address = LOOPBACK,
    parts: Parts | None = None,
    behind: bool = False,
    tell: Callable[[Arrival], None] | None = None,
) -> AsyncIterator["Server"]:
    """A server on a port, and on the next one inside TLS, until the block ends.

    :param port: with 0, both are of the system's choice.
    :param parts: those that are installed if this is not given.
    :param behind: see :class:`Site`.
    :param tell: is called with each request that was decided on, before it is answered.

    Raises :class:`PortError`.
    """
    with TemporaryDirectory(prefix="httpupgrade-serve-") as folder:
        server = Server(Path(folder) / "roots.pem", address, parts or installed_parts())
        await server.start(port, behind=behind, tell=tell)
        try:
            yield server
        finally:
            await server.stop()


@final
class Server:
    """A server that runs.

    :param roots: a file to write, see :class:`Places`.
    """

    def __init__(self, roots: Path, address: IPv4Address | IPv6Address, parts: Parts) -> None:
        self._address: Final = address
        self.parts: Final = parts
        self._roots: Final = roots
        self._contexts: Final[list[ssl.SSLContext]] = []
        self._listeners: Final[list[asyncio.Server]] = []
        self._transports: Final[WeakSet[asyncio.BaseTransport]] = WeakSet()
        self.securing: Final[set[asyncio.Task[None]]] = set()

    async def start(
        self, port: int, *, behind: bool = False, tell: Callable[[Arrival], None] | None = None
    ) -> None:
        """Begin to listen."""
        sockets = self._open(port)
        host, hosts = _names_of(self._address)
        plain, *secure = (f"{host}:{each.getsockname()[1]}" for each in sockets)
        self._tell = tell
        self.places: Places = Places(
            plain, secure[0] if secure else "", str(self._roots), *_programs()
        )
        self.site: Site = Site(self.places, self.parts, hosts, behind=behind)
        if self.parts.tls:
            self._make_certificates(host.strip("[]"))
        loop = asyncio.get_running_loop()
        for each, connect in zip(sockets, (self.connect, self._connect_securely), strict=False):
            self._listeners.append(await loop.create_server(connect, sock=each))

    def _open(self, port: int) -> list[socket.socket]:
        sockets: list[socket.socket] = []
        family = socket.AF_INET6 if self._address.version == 6 else socket.AF_INET
        for number in (port, port + 1 if port else 0)[: 1 + self.parts.tls]:
            try:
                created = socket.create_server((str(self._address), number), family=family)
            except OSError as error:
                for each in sockets:
                    each.close()
                raise PortError(f"port {number}: {os.strerror(error.errno or 0)}") from None
            sockets.append(created)
        return sockets

    def _make_certificates(self, host: str) -> None:
        from .certificates import Certificates  # noqa: PLC0415 - trustme may not be there

        # RFC 2817's TLS is begun in the clear, where somebody on the path may begin it as well.
        # It has an authority of its own, so that nobody is led there who asked for https.
        upgraded, secure = (Certificates(host, "localhost") for _ in range(2))
        self._roots.write_bytes(upgraded.for_those_who_trust())
        self._contexts.extend((upgraded.for_server(), secure.for_server()))

    async def stop(self) -> None:
        """Take no more connections, and end those that there are."""
        for listener in self._listeners:
            listener.close()
        for transport in self._transports:
            assert isinstance(transport, asyncio.Transport)
            with suppress(AttributeError):  # Python 3.11.2's, inside TLS, when it has ended
                transport.abort()
        for listener in self._listeners:
            await listener.wait_closed()
        await asyncio.gather(*self.securing)

    def connect(self) -> asyncio.Protocol:
        """The server's side of a new connection."""
        return _Front(self)

    def _connect_securely(self) -> asyncio.Protocol:
        return _Securing(self, self._contexts[1])

    def begin_tls_by_upgrade(self, first: bytes) -> asyncio.Protocol:
        """What a connection becomes whose client begins TLS after a 101.

        :param first: the request that asked for it, which is answered inside.
        """
        return _Securing(self, self._contexts[0], first)

    def note(self, arrival: Arrival) -> None:
        """Keep a request for who asks, and tell of it."""
        self.site.arrivals.keep(arrival)
        if self._tell is not None:
            self._tell(arrival)

    def keep(self, transport: asyncio.BaseTransport) -> None:
        """Know of a connection, to end it."""
        self._transports.add(transport)

    async def begin_tls(
        self, transport: asyncio.Transport, context: ssl.SSLContext, first: bytes
    ) -> None:
        """Begin TLS on a connection, and HTTP/1.1 inside of it.

        :param first: a request that came before, which is answered inside.
        """
        loop = asyncio.get_running_loop()
        held = _Held()
        try:
            inside = await loop.start_tls(
                transport,
                held,
                context,
                server_side=True,
                ssl_handshake_timeout=_HANDSHAKE,
            )
        except OSError:  # RFC 2817 3.3: a handshake that fails is the end; asyncio has closed
            return
        if inside is None:  # it was ended meanwhile
            return
        front = self.connect()
        inside.set_protocol(front)
        front.connection_made(inside)
        for octets in filter(None, (first, held.octets)):
            front.data_received(octets)


@final
class _Front(UpgradeProtocol):
    """A connection, negotiated."""

    def __init__(self, server: Server) -> None:
        super().__init__(
            server.site.policy,
            self._follow,
            self._make_ordinary_server,
            review=_review,
            hand_over=self._hand_over_head,
            head_timeout=_HEAD,
        )
        self._server = server
        self._over = Over.CLEARTEXT
        self._unread = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._server.keep(transport)
        if transport.get_extra_info("sslcontext") is not None:
            self._over = Over.TLS
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self.negotiator.state is ServerState.READING_HEAD:
            self._unread += data[: MOST_OCTETS - len(self._unread)]
        else:
            self._unread.clear()  # that is a body
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        is_reading = self.negotiator.state is ServerState.READING_HEAD
        unread = self.negotiator.trailing_data.strip(b"\r\n") if is_reading else b""
        if unread:
            self._note(unread, None, None)
        super().connection_lost(exc)

    def decided(self, decision: Decision, head: RequestHead | None) -> None:
        """Note each request before it is answered."""
        octets = bytes(self._unread) if head is None else head.raw or b""
        self._unread = bytearray(self.negotiator.trailing_data[:MOST_OCTETS])
        if head is not None and find_nonce(ARRIVED, head.target):
            return  # that is a question about others
        super().decided(decision, head)
        info = None if head is None else RequestInfo(head, self.peer, self._over is Over.TLS)
        self._note(octets, info, decision)

    def _note(self, octets: bytes, info: RequestInfo | None, decision: Decision | None) -> None:
        is_secure = self._over is Over.TLS
        octets = without_secrets(octets)
        self._server.note(Arrival(octets, info, decision, self.peer, is_secure))

    def complete(self, decision: _Answer) -> _Answer:
        added = self._server.site.added
        return super().complete(cast(_Answer, decision.with_headers(added)))

    def _follow(self, accept: Accept101) -> asyncio.BaseProtocol:
        match accept.agreement:
            case WebSocketAgreement():
                return Carrier(EchoSocket())
            case H2CAgreement():
                return Carrier(self._make_http2_server(accept))
            case TLSAgreement():
                return self._server.begin_tls_by_upgrade(_without_upgrade(accept))
            case unknown:
                raise AssertionError(f"nothing here agrees on {unknown!r}")

    def _make_http2_server(self, accept: Accept101) -> Connection:
        from .http2 import Http2Server  # noqa: PLC0415 - h2 may not be there

        return Http2Server(partial(self._server.site.answer, Over.HTTP2), accept, b"")

    def _make_ordinary_server(self) -> asyncio.Protocol:
        return Carrier(OrdinaryServer(partial(self._server.site.answer, self._over)))

    def _hand_over_head(self, passed: Passthrough) -> bytes:
        self._server.site.would_require += passed.would_require
        return passed.without_upgrade().data


def _without_upgrade(accept: Accept101) -> bytes:
    """The request as TLS carries it: its offer was for the hop that has ended (RFC 2817 3.3)."""
    assert accept.head is not None
    assert accept.head.raw is not None
    return Passthrough(accept.head, accept.head.raw).without_upgrade().data


def _names_of(address: IPv4Address | IPv6Address) -> tuple[str, list[str] | None]:
    """The host to ask for, and all that this server goes by; None for any."""
    is_v6 = address.version == 6
    if address.is_unspecified:
        return ("[::1]" if is_v6 else str(LOOPBACK)), None
    host = f"[{address}]" if is_v6 else str(address)
    return host, [host, "localhost"]


def _programs() -> tuple[str, str]:
    """How this program is called, and this interpreter, in the folder where it was."""
    python = _from_here(sys.executable)
    if shutil.which("httpupgrade"):
        return "httpupgrade", python
    called = Path(sys.argv[0])
    return _from_here(
        called
    ) if called.name == "httpupgrade" else f"{python} -m httpupgrade", python


def _from_here(path: str | Path) -> str:
    relative = os.path.relpath(path)
    return str(path) if relative.startswith(os.pardir) else relative


async def _review(accept: Accept101, info: RequestInfo) -> Accept101 | Reject:
    """Have somebody look at an acceptance who does not answer at once."""
    assert accept.head is not None
    target = accept.head.target
    if path_of(target) != REVIEWED:
        return accept
    await asyncio.sleep(_LOOKED_UP)
    query = parse_qs(target.partition(b"?")[2].decode("ascii"))
    given = query.get("token", [""])[0]
    if hmac.compare_digest(given.encode(), WORD.encode()):
        return accept
    fields = (
        (b"WWW-Authenticate", b'Bearer realm="httpupgrade"'),  # RFC 9110 15.5.2 wants one
        (b"Content-Type", b"text/plain; charset=utf-8"),
    )
    return Reject(401, fields, f"Add ?token={WORD} to the address.\n".encode(), close=True)


@final
class _Securing(asyncio.Protocol):
    """A connection whose client begins TLS next."""

    def __init__(self, server: Server, context: ssl.SSLContext, first: bytes = b"") -> None:
        self._server = server
        self._context = context
        self._first = first

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._server.keep(transport)
        transport.pause_reading()  # what comes is TLS's, which takes over and reads on
        task = asyncio.create_task(self._server.begin_tls(transport, self._context, self._first))
        self._server.securing.add(task)
        task.add_done_callback(self._server.securing.discard)


@final
class _Held(asyncio.Protocol):
    """Keeps what comes before the one that it is for."""

    octets = b""

    def data_received(self, data: bytes) -> None:
        self.octets += data
