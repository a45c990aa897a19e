"""The connection of a WebSocket whose messages somebody else takes.

The law of this file: every close frame is answered, every wait has an end, no message is longer
than was said. Frames are those of the adapter of ``wsproto``.
"""

import asyncio
import struct
from typing import Any, Final, NamedTuple, Protocol, cast, final

from .. import Accept101
from .wsproto import (
    BytesMessage,
    CloseConnection,
    Connection,
    ConnectionState,
    Ping,
    Pong,
    TextMessage,
    websocket,
)

CLOSE_TIMEOUT: Final = 10.0
"""Seconds that a client has to answer a close frame: uvicorn's."""

_ABNORMAL: Final = 1006
_TOO_BIG: Final = 1009
_FAILED: Final = 1011
_RESTARTING: Final = 1012


class Settings(NamedTuple):
    """What a server is configured to."""

    max_size: int
    """Octets of a message."""
    ping_interval: float | None
    """Seconds between pings; None sends none."""
    ping_timeout: float | None
    """Seconds that a pong may take; None for ever."""


class Owner(Protocol):
    """Who takes the messages."""

    def begin(self, frames: "FrameProtocol") -> None:
        """The connection is there."""
        ...

    def deliver(self, message: dict[str, Any]) -> None:
        """A message, as ASGI has it."""
        ...

    def leave(self, code: int, reason: str = "") -> None:
        """The connection ends, if nobody said so before."""
        ...


@final
class FrameProtocol(asyncio.Protocol):
    """The server's end of a WebSocket.

    :param connections: this is in there while it is connected, to be shut down.
    """

    __slots__ = (
        "_close_timer",
        "_connection",
        "_connections",
        "_loop",
        "_owner",
        "_parts",
        "_ping",
        "_ping_timer",
        "_pings",
        "_reading",
        "_settings",
        "_size",
        "_transport",
        "_writable",
    )

    def __init__(
        self, accept: Accept101, owner: Owner, settings: Settings, connections: set[Any]
    ) -> None:
        self._connection: Connection = websocket(accept)
        self._owner = owner
        self._settings = settings
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self._writable = asyncio.Event()
        self._writable.set()
        self._reading = True
        self._parts: list[str | bytes | bytearray] = []
        self._size = 0
        self._pings = 0
        self._ping: bytes | None = None
        self._ping_timer: asyncio.TimerHandle | None = None
        self._close_timer: asyncio.TimerHandle | None = None

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The 101 is written."""
        self._transport = cast(asyncio.Transport, transport)
        self._connections.add(self)
        self._owner.begin(self)
        self._keep_alive()

    def data_received(self, data: bytes) -> None:
        """Octets arrive."""
        if self._transport.is_closing():
            return  # some transports go on reading
        self._connection.receive_data(data)
        for event in self._connection.events():
            match event:
                case TextMessage() | BytesMessage():
                    self._take_message(event)
                case Ping():
                    if self._connection.state is ConnectionState.OPEN:
                        self._transport.write(self._connection.send(event.response()))
                case Pong():
                    self._take_pong(bytes(event.payload))
                case CloseConnection():
                    self._take_close(event)
                    return
                case _:
                    raise AssertionError(f"no event of an open WebSocket: {event!r}")

    def eof_received(self) -> None:
        """The client says nothing more; a WebSocket has no use for the other direction alone."""

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self._connections.discard(self)
        self._stop_time()
        self._writable.set()
        self._owner.leave(_ABNORMAL)

    def pause_writing(self) -> None:
        """The client does not read what is written."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """The client reads again."""
        self._writable.set()

    # What the owner and the server call.

    async def writable(self) -> None:
        """Wait until little of what was written is left."""
        await self._writable.wait()

    def send(self, data: str | bytes) -> None:
        """Send a message."""
        message = TextMessage(data) if isinstance(data, str) else BytesMessage(bytes(data))
        self._transport.write(self._connection.send(message))

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake, if it has not begun."""
        if self._connection.state is not ConnectionState.OPEN or self._transport.is_closing():
            return
        self._stop_time()
        self._transport.write(self._connection.send(CloseConnection(code, reason)))
        self._close_timer = self._loop.call_later(CLOSE_TIMEOUT, self._transport.abort)
        self.pause_reading(False)

    def pause_reading(self, paused: bool) -> None:
        """Deliver no more, or go on."""
        wanted = not paused or self._close_timer is not None
        if wanted is not self._reading and not self._transport.is_closing():
            self._reading = wanted
            (self._transport.resume_reading if wanted else self._transport.pause_reading)()

    def shutdown(self) -> None:
        """The server ends (RFC 6455 7.4.1 and its registry: 1012, service restart)."""
        self._owner.leave(_RESTARTING)
        self.close(_RESTARTING, "")
        self._transport.close()

    # Messages.

    def _take_message(self, event: TextMessage | BytesMessage) -> None:
        data = event.data
        if self._connection.state is not ConnectionState.OPEN:
            return  # we have closed, and only wait for the answer
        self._size += len(data.encode()) if isinstance(data, str) else len(data)
        if self._size > self._settings.max_size:
            reason = f"a message has more than {self._settings.max_size} octets"
            self._owner.leave(_TOO_BIG, reason)
            self.close(_TOO_BIG, reason)
            return
        self._parts.append(data)
        if event.message_finished:
            parts, self._parts, self._size = self._parts, [], 0
            self._owner.deliver(_message_of(parts))

    def _take_close(self, event: CloseConnection) -> None:
        """The client closes, or answers our close; or it has broken the protocol."""
        if self._connection.state in (ConnectionState.OPEN, ConnectionState.REMOTE_CLOSING):
            self._transport.write(self._connection.send(event.response()))
        self._owner.leave(int(event.code), event.reason or "")
        self._stop_time()
        self._transport.close()

    # Time.

    def _keep_alive(self) -> None:
        interval = self._settings.ping_interval
        if interval:
            self._ping_timer = self._loop.call_later(interval, self._send_ping)

    def _send_ping(self) -> None:
        self._pings += 1
        self._ping = struct.pack("!Q", self._pings)
        self._transport.write(self._connection.send(Ping(self._ping)))
        timeout = self._settings.ping_timeout
        if timeout is None:
            self._keep_alive()
        else:
            self._ping_timer = self._loop.call_later(timeout, self._miss_pong)

    def _take_pong(self, payload: bytes) -> None:
        if payload == self._ping:
            self._ping = None
            if self._ping_timer is not None and self._settings.ping_timeout is not None:
                self._ping_timer.cancel()
                self._keep_alive()

    def _miss_pong(self) -> None:
        if not self._reading:  # it may have come: the application does not take what is before it
            assert self._settings.ping_timeout is not None
            self._ping_timer = self._loop.call_later(self._settings.ping_timeout, self._miss_pong)
            return
        self._owner.leave(_FAILED, "keepalive ping timeout")
        self.close(_FAILED, "keepalive ping timeout")
        self._transport.close()

    def _stop_time(self) -> None:
        for timer in (self._ping_timer, self._close_timer):
            if timer is not None:
                timer.cancel()
        self._ping_timer = self._close_timer = None


def _message_of(parts: list[str | bytes | bytearray]) -> dict[str, Any]:
    if isinstance(parts[0], str):
        return {"type": "websocket.receive", "text": "".join(cast(list[str], parts))}
    return {"type": "websocket.receive", "bytes": b"".join(cast(list[bytes], parts))}
