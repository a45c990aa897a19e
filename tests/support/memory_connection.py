"""A connection in memory for the tests of the asyncio adapter: no sockets, and no waiting.

Rules for this module: the client's side is called, and the server's side is a transport as asyncio
has them. Time passes only while nothing else is to be done, and then at once.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final, TypeVar, final

_T = TypeVar("_T")


@final
class _Selector(selectors.DefaultSelector):
    """Waits for nothing, and knows how long it should have."""

    waited = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is there. Nothing else can come, but by time."""
        events = super().select(0)
        if not events:
            assert timeout is not None, "nothing will ever happen any more"
            self.waited += max(timeout, 0.0)
        return events


class JumpingLoop(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to the next timer when nothing else is to be done."""

    def __init__(self) -> None:
        self._waits: Final = _Selector()
        super().__init__(self._waits)

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._waits.waited


def run_in_memory(
    work: Callable[[], Coroutine[Any, Any, _T]],
    *,
    expect: Iterable[str] = (),
    loop: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> _T:
    """Do some work in such a loop, and fail if it reports a failure that is not expected.

    :param loop: makes another loop.
    :param expect: parts of the messages and exceptions that are to be reported, in order.
    """
    told: list[str] = []

    async def watched() -> _T:
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: told.append(f"{context['message']}: {context.get('exception')!r}")
        )
        return await work()

    with asyncio.Runner(loop_factory=loop or JumpingLoop) as runner:
        result = runner.run(watched())
    expected = list(expect)
    assert len(told) == len(expected), told
    assert all(part in message for part, message in zip(expected, told, strict=True)), told
    return result


@final
class MemoryConnection(asyncio.Transport):
    """The server's transport, and its client.

    :param protocol: the server's.
    :param room: octets that the system takes from the server which the client has not read.
    :param reads: whether the client reads everything at once; if not, :meth:`read` does.
    """

    def __init__(
        self, protocol: asyncio.BaseProtocol, *, room: int = 65536, reads: bool = True
    ) -> None:
        super().__init__({"peername": ("192.0.2.1", 5)})
        self._protocol = protocol
        self._room = room
        self._reads = reads
        self._limits = (16384, 65536)
        self._unread = bytearray()
        self._arriving = bytearray()
        self._client_ended = False
        self._reading = True
        self._closing = False
        self._paused = False
        self.lost = False
        """Whether the server has heard that the connection is no more."""
        self.ended = False
        """Whether the server has ended its side."""
        self.answer = b""
        """What the client has read."""
        protocol.connection_made(self)

    # The client's side.

    def send(self, *pieces: bytes) -> None:
        """Octets arrive, one piece after the other."""
        for piece in pieces:
            self._arriving += piece
            self._deliver()

    def end(self) -> None:
        """The client has sent everything."""
        self._client_ended = True
        self._deliver()

    def reset(self) -> None:
        """The connection breaks."""
        self._lose(ConnectionResetError())

    def read(self, size: int) -> None:
        """The client reads so many octets, or what there is."""
        self.answer += self._unread[:size]
        del self._unread[:size]
        self._note_room()

    async def closed(self, *, size: int = 65536) -> bytes:
        """All that the client gets, if it reads until the server has ended its side, or long."""
        for _ in range(10_000):  # seconds that take no time
            if self.lost or (self.ended and not self._unread):
                break
            self.read(size)
            await asyncio.sleep(0.01)
        self.read(len(self._unread))
        return self.answer

    def _deliver(self) -> None:
        if self._arriving and self._reading and not (self._closing or self.lost):
            octets = bytes(self._arriving)
            self._arriving.clear()
            protocol = self._protocol
            assert isinstance(protocol, asyncio.Protocol)
            try:
                protocol.data_received(octets)
            except Exception as error:  # as asyncio's own transports do
                context = {"message": "Fatal error", "exception": error}
                asyncio.get_running_loop().call_exception_handler(context)
                self.abort()
        done = self._arriving or self._closing or self.lost
        if self._client_ended and self._reading and not done:
            self._client_ended = self._reading = False
            protocol = self._protocol
            assert isinstance(protocol, asyncio.Protocol)
            if not protocol.eof_received():
                self.close()

    def _lose(self, error: Exception | None) -> None:
        if not self.lost:
            self.lost = self._closing = True
            self._arriving.clear()
            self._protocol.connection_lost(error)

    def _note_room(self) -> None:
        size = self.get_write_buffer_size()
        if not self._paused and size > self._limits[1]:
            self._paused = True
            self._protocol.pause_writing()
        elif self._paused and size <= self._limits[0]:
            self._paused = False
            self._protocol.resume_writing()
        if self._closing and not size:
            asyncio.get_running_loop().call_soon(self._lose, None)

    # The server's side.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Written octets wait for the client, unless it reads at once."""
        if not self.lost:
            assert not self.ended, "written after the end"
            self._unread += data
            if self._reads:
                self.answer += self._unread
                self._unread.clear()
            self._note_room()

    def can_write_eof(self) -> bool:
        """As over TCP."""
        return True

    def write_eof(self) -> None:
        """The client is told when it has read everything."""
        self.ended = True

    def close(self) -> None:
        """Nothing is read any more; what was written still goes out."""
        if not self._closing:
            self._closing = self.ended = True
            self._note_room()

    def abort(self) -> None:
        """Nothing goes out any more, either."""
        self._closing = self.ended = True
        self._unread.clear()
        asyncio.get_running_loop().call_soon(self._lose, None)

    def is_closing(self) -> bool:
        """Whether it was closed, or is lost."""
        return self._closing

    def get_write_buffer_size(self) -> int:
        """What the system has not taken yet."""
        return max(len(self._unread) - self._room, 0)

    def pause_reading(self) -> None:
        """What arrives waits."""
        assert self._reading, "paused twice"
        self._reading = False

    def resume_reading(self) -> None:
        """Read on, soon."""
        assert not self._reading, "not paused"
        self._reading = True
        asyncio.get_running_loop().call_soon(self._deliver)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Another one gets what arrives."""
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Who gets what arrives."""
        return self._protocol
