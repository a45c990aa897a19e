"""Negotiation on a socket that blocks, in one call: ``negotiate(socket, policy)``.

Rules for this module: it moves octets; the loop is that of all streams. A deadline is one for all
calls of the system that it takes, however few octets each of them moves.
"""

import socket
import ssl
from contextlib import suppress
from io import BufferedReader, RawIOBase
from threading import TIMEOUT_MAX
from time import monotonic
from types import TracebackType
from typing import Any, BinaryIO, ClassVar, Final, Literal, Self, Unpack, cast, final

from .. import Accept101, Passthrough, PolicySource
from ._streams.negotiation import Negotiation
from ._streams.options import Options
from ._streams.wire import run_blocking

__all__ = ["BufferedSocket", "Options", "negotiate"]

_READ: Final = 65536


def negotiate(
    connection: "socket.socket | BufferedSocket",
    policy: PolicySource,
    **options: Unpack[Options],
) -> "tuple[Accept101 | Passthrough, BufferedSocket] | None":
    """Read requests and answer them, until one switches or passes, or the connection has ended.

    It blocks, for the times that :class:`Options` says, whatever timeout the socket has. The
    socket has its own timeout again when this returns.

    :param connection: a socket, an ``ssl.SSLSocket``, or what an earlier call has returned.
    :param policy: as for :class:`ServerNegotiator`.
    :param options: see :class:`Options`. A review is a function that is not async.

    Returns, with what to go on with in the place of the socket:

    * the ``Accept101`` once its 101 is written. The octets that came early are given first;
    * a ``Passthrough``. The request is given first, as if nobody had looked at it. You may call
      this again, with what this returned, once you have read all of the request, its body too, and
      no more, and have answered it; and only if its head ``persists``: in others, a request can be
      hidden;
    * None where the connection has ended, and is closed: a refusal was the last answer, the client
      has left, or has taken too long.

    Refusals that keep the connection are answered, and the next request is awaited.

    What your functions raise reaches you, once the client was answered with 500. The socket is
    closed then.
    """
    return run_blocking(Negotiation(_Socket(connection), policy, **options).run())


@final
class BufferedSocket:
    """A socket, some of whose octets were read before: those are given first.

    What is not here, ask :attr:`connection` for. A poll or ``select()`` sees what the system holds,
    and nothing of :attr:`buffered`.
    """

    __slots__ = ("_buffer", "connection")

    def __init__(self, connection: socket.socket, octets: bytes) -> None:
        self.connection: Final = connection
        """The socket itself."""
        self._buffer = bytearray(octets)  # its start can go without a copy of the rest

    @property
    def buffered(self) -> bytes:
        """The octets that were read before, and that nobody has got."""
        return bytes(self._buffer)

    def recv(self, size: int, flags: int = 0) -> bytes:
        """What was read before, and then what :meth:`socket.socket.recv` gives."""
        if not self._buffer:
            return self.connection.recv(size, flags)
        octets = bytes(self._buffer[:size])
        if not flags & socket.MSG_PEEK:
            del self._buffer[:size]
        return octets

    def recv_into(self, buffer: bytearray | memoryview, size: int = 0, flags: int = 0) -> int:
        """The same, into a buffer; its whole length if no size is given."""
        if not self._buffer:
            return self.connection.recv_into(buffer, size, flags)
        with memoryview(buffer).cast("B") as view:
            octets = self.recv(size or len(view), flags)
            view[: len(octets)] = octets
        return len(octets)

    def makefile(self, mode: Literal["rb", "wb"], buffering: int = -1) -> BinaryIO:
        """A file that reads from this, or that writes to the socket."""
        if mode == "wb":
            return cast(BinaryIO, self.connection.makefile(mode, buffering))
        raw = _Reading(self)
        if buffering == 0:
            return cast(BinaryIO, raw)
        return cast(BinaryIO, BufferedReader(raw, buffering if buffering > 0 else _READ))

    def send(self, octets: bytes) -> int:
        """As that of the socket."""
        return self.connection.send(octets)

    def sendall(self, octets: bytes) -> None:
        """As that of the socket."""
        self.connection.sendall(octets)

    def settimeout(self, seconds: float | None) -> None:
        """As that of the socket."""
        self.connection.settimeout(seconds)

    def fileno(self) -> int:
        """As that of the socket."""
        return self.connection.fileno()

    def shutdown(self, how: int) -> None:
        """As that of the socket."""
        self.connection.shutdown(how)

    def close(self) -> None:
        """As that of the socket."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


@final
class _Reading(RawIOBase):
    """What a file reads with."""

    def __init__(self, connection: BufferedSocket) -> None:
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._connection.recv_into(buffer)

    def fileno(self) -> int:
        return self._connection.fileno()


@final
class _Socket:
    """A connection. Nothing here waits for an event loop."""

    __slots__ = ("_socket", "_timeout", "held")

    logger_name: ClassVar[str] = "httpupgrade.sockets"
    lost: ClassVar[tuple[type[Exception], ...]] = (OSError,)  # TimeoutError is one

    def __init__(self, connection: socket.socket | BufferedSocket) -> None:
        self.held = b""
        if isinstance(connection, BufferedSocket):
            self.held = connection.buffered
            connection = connection.connection
        self._socket = connection
        self._timeout = connection.gettimeout()

    @property
    def peer(self) -> object:
        with suppress(OSError):  # it has gone already
            return self._socket.getpeername()
        return None

    @property
    def secure(self) -> bool:
        return isinstance(self._socket, ssl.SSLSocket)

    def now(self) -> float:
        return monotonic()

    async def receive(self, until: float) -> bytes | None:
        try:
            return self._within(until).recv(_READ)
        except TimeoutError:
            return None

    async def send(self, octets: bytes, until: float) -> None:
        unsent = memoryview(octets)
        while unsent:
            unsent = unsent[self._within(until).send(unsent) :]

    async def end_sending(self, until: float) -> None:
        connection = self._socket
        if isinstance(connection, ssl.SSLSocket):
            connection.settimeout(0)  # what the client says is read later, and dropped
            with suppress(OSError, ValueError):
                connection.unwrap()
        connection.shutdown(socket.SHUT_WR)

    async def close(self, until: float) -> None:
        self._socket.close()

    async def abort(self) -> None:
        self._socket.close()

    def put_back(self, octets: bytes) -> BufferedSocket:
        self._socket.settimeout(self._timeout)
        return BufferedSocket(self._socket, octets)

    def _within(self, until: float) -> socket.socket:
        """The socket, whose next call ends by then."""
        left = until - monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(min(left, TIMEOUT_MAX))
        return self._socket
