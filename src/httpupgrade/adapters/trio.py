"""Negotiation on trio's streams, in one call: ``await negotiate(stream, policy)``.

Rules for this module: it moves octets; the loop is that of all streams.
"""

from contextlib import suppress
from typing import ClassVar, Final, TypeAlias, Unpack, final

import trio

from .. import Accept101, Passthrough, PolicySource
from ._streams.negotiation import Negotiation
from ._streams.options import Options

__all__ = ["BufferedReceiveStream", "BufferedStream", "Options", "negotiate"]


@final
class BufferedReceiveStream(trio.abc.ReceiveStream):
    """What arrives on a stream, some of whose octets were read before: those are given first."""

    __slots__ = ("_buffer", "stream")

    def __init__(self, stream: trio.abc.Stream, octets: bytes) -> None:
        self.stream: Final = stream
        """The stream itself."""
        self._buffer = bytearray(octets)  # its start can go without a copy of the rest

    @property
    def buffered(self) -> bytes:
        """The octets that were read before, and that nobody has got."""
        return bytes(self._buffer)

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        """What was read before, and then what the stream gives."""
        if not self._buffer:
            return await self.stream.receive_some(max_bytes)
        await trio.lowlevel.checkpoint()
        octets = bytes(self._buffer[:max_bytes])
        del self._buffer[: len(octets)]
        return octets

    async def aclose(self) -> None:
        """Close the stream."""
        await self.stream.aclose()


BufferedStream: TypeAlias = trio.StapledStream[trio.abc.Stream, BufferedReceiveStream]
"""What gives octets first that were read before."""


async def negotiate(
    stream: trio.abc.Stream, policy: PolicySource, **options: Unpack[Options]
) -> tuple[Accept101 | Passthrough, BufferedStream] | None:
    """Read requests and answer them, until one switches or passes, or the connection has ended.

    :param stream: a ``trio.SocketStream``, a ``trio.SSLStream`` or any other.
    :param policy: as for :class:`ServerNegotiator`.
    :param options: see :class:`Options`.

    Returns, with a stream to go on with in the place of the first:

    * the ``Accept101`` once its 101 is written. The octets that came early are given first;
    * a ``Passthrough``. The request is given first, as if nobody had looked at it. You may call
      this again, with what this returned, once you have read all of the request, its body too, and
      no more, and have answered it; and only if its head ``persists``: in others, a request can be
      hidden;
    * None where the connection has ended, and is closed: a refusal was the last answer, the client
      has left, or has taken too long.

    Refusals that keep the connection are answered, and the next request is awaited.

    What your functions raise reaches you, once the client was answered with 500. The connection is
    closed then, and also where this is cancelled.
    """
    return await Negotiation(_Stream(stream), policy, **options).run()


@final
class _Stream:
    """A connection."""

    __slots__ = ("_stream", "held")

    logger_name: ClassVar[str] = "httpupgrade.trio"
    lost: ClassVar[tuple[type[Exception], ...]] = (trio.BrokenResourceError, trio.TooSlowError)

    def __init__(self, stream: trio.abc.Stream) -> None:
        self.held = b""
        if isinstance(stream, trio.StapledStream):
            receiving = stream.receive_stream
            if isinstance(receiving, BufferedReceiveStream):  # of an earlier call
                self.held = receiving.buffered
                stream = receiving.stream
        self._stream = stream

    @property
    def peer(self) -> object:
        stream = self._stream
        if isinstance(stream, trio.SSLStream):
            stream = stream.transport_stream
        with suppress(OSError):  # it has gone already
            return stream.socket.getpeername() if isinstance(stream, trio.SocketStream) else None
        return None

    @property
    def secure(self) -> bool:
        return isinstance(self._stream, trio.SSLStream)

    def now(self) -> float:
        return trio.current_time()

    async def receive(self, until: float) -> bytes | None:
        with trio.move_on_at(until):
            return bytes(await self._stream.receive_some())
        return None

    async def send(self, octets: bytes, until: float) -> None:
        with trio.fail_at(until):
            await self._stream.send_all(octets)

    async def end_sending(self, until: float) -> None:
        if isinstance(self._stream, trio.abc.HalfCloseableStream):
            with trio.fail_at(until):
                await self._stream.send_eof()

    async def close(self, until: float) -> None:
        with trio.move_on_at(until):  # TLS waits for the client's word, too
            await self._stream.aclose()

    async def abort(self) -> None:
        await trio.aclose_forcefully(self._stream)

    def put_back(self, octets: bytes) -> BufferedStream:
        return trio.StapledStream(self._stream, BufferedReceiveStream(self._stream, octets))
