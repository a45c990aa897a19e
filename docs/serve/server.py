"""The server: the adapter for asyncio in front of the demo's parts, in the clear and inside TLS.

The law of this file: it makes connections and ends them. What they answer was decided by the
library and is said in ``site.py``.
"""

import asyncio
import hmac
import os
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, final
from urllib.parse import parse_qs
from weakref import WeakSet

from demo.connection import without_offer
from demo.http1 import OrdinaryServer
from demo.http2 import Http2Server
from demo.roles import Connection
from demo.tls import Certificates
from demo.websocket import EchoSocket

from httpupgrade import (
    Accept101,
    H2CAgreement,
    Passthrough,
    Reject,
    RequestInfo,
    TLSAgreement,
    WebSocketAgreement,
)
from httpupgrade.adapters.asyncio import UpgradeProtocol

from .endpoints import HOST, REVIEWED, WORD, Places, path_of, policy_for
from .site import Over, Site

_HANDSHAKE: Final = 10.0
"""Seconds that one of TLS may take."""

_LOOKED_UP: Final = 0.05
"""Seconds for which a review waits, as if somebody far away were asked."""


class PortError(Exception):
    """A port cannot be had; the message says which one, and why."""


@asynccontextmanager
async def listen(port: int) -> AsyncIterator["Server"]:
    """A server on a port of loopback, and on the next one inside TLS, until the block ends.

    With port 0, both are of the system's choice. Raises :class:`PortError`.
    """
    with TemporaryDirectory(prefix="httpupgrade-serve-") as folder:
        server = Server(Path(folder) / "roots.pem")
        await server.start(port)
        try:
            yield server
        finally:
            await server.stop()


@final
class Server:
    """A server that runs.

    :param roots: a file to write, see :class:`Places`.
    """

    def __init__(self, roots: Path) -> None:
        # RFC 2817's TLS is begun in the clear, where somebody on the path may begin it as well.
        # It has an authority of its own, so that nobody is led there who asked for https.
        upgraded, secure = (Certificates(HOST, "localhost") for _ in range(2))
        roots.write_bytes(upgraded.for_those_who_trust())
        self.upgraded: Final = upgraded.for_server()
        self._secure: Final = secure.for_server()
        self._roots: Final = roots
        self._listeners: Final[list[asyncio.Server]] = []
        self._transports: Final[WeakSet[asyncio.BaseTransport]] = WeakSet()
        self.securing: Final[set[asyncio.Task[None]]] = set()

    async def start(self, port: int) -> None:
        """Begin to listen."""
        sockets: list[socket.socket] = []
        for number in (port, port + 1 if port else 0):
            try:
                sockets.append(socket.create_server((HOST, number)))
            except OSError as error:
                for each in sockets:
                    each.close()
                raise PortError(f"port {number}: {os.strerror(error.errno or 0)}") from None
        plain, secure = (each.getsockname()[1] for each in sockets)
        self.places = Places(f"{HOST}:{plain}", f"{HOST}:{secure}", str(self._roots))
        self.site = Site(self.places)
        loop = asyncio.get_running_loop()
        for each, connect in zip(sockets, (self.connect, self._connect_securely), strict=True):
            self._listeners.append(await loop.create_server(connect, sock=each))

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
        return _Securing(self, self._secure)

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
        if octets := first + held.octets:  # none would be the end of the connection
            front.data_received(octets)


@final
class _Front(UpgradeProtocol):
    """A connection, negotiated."""

    def __init__(self, server: Server) -> None:
        super().__init__(
            policy_for,
            self._follow,
            self._make_ordinary_server,
            review=_review,
            hand_over=self._hand_over,
        )
        self._server = server
        self._over = Over.CLEARTEXT

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._server.keep(transport)
        if transport.get_extra_info("sslcontext") is not None:
            self._over = Over.TLS
        super().connection_made(transport)

    def _follow(self, accept: Accept101) -> asyncio.BaseProtocol:
        match accept.agreement:
            case WebSocketAgreement():
                return _Carrier(EchoSocket(accept, b""))
            case H2CAgreement():
                application = partial(self._server.site.answer, Over.HTTP2)
                return _Carrier(Http2Server(application, accept, b""))
            case TLSAgreement():
                return _Securing(self._server, self._server.upgraded, without_offer(accept).data)
            case unknown:
                raise AssertionError(f"nothing here agrees on {unknown!r}")

    def _make_ordinary_server(self) -> asyncio.Protocol:
        return _Carrier(OrdinaryServer(partial(self._server.site.answer, self._over)))

    def _hand_over(self, passed: Passthrough) -> bytes:
        self._server.site.would_require += passed.would_require
        return passed.without_upgrade().data


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
class _Carrier(asyncio.Protocol):
    """The transport of a protocol without I/O."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._write(self._connection.begin())

    def data_received(self, data: bytes) -> None:
        self._write(self._connection.receive(data))

    def eof_received(self) -> None:
        self._write(self._connection.receive(b""))  # None has asyncio close after that

    def pause_writing(self) -> None:
        self._transport.pause_reading()  # who does not read its echoes is not read

    def resume_writing(self) -> None:
        self._transport.resume_reading()

    def _write(self, octets: bytes) -> None:
        self._transport.write(octets)
        if self._connection.closed:
            self._transport.close()


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
