"""What an HTTP server behind a negotiation holds in place of its transport.

The law of this file: everything reaches the real transport, in order, but what would disturb a
connection that is not the server's any more, or not its alone.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, Protocol, final

Octets = bytes | bytearray | memoryview
"""What transports write."""


class Owner(Protocol):
    """The one who stands in front of the server."""

    def write_for_ordinary(self, data: bytes) -> None:
        """The server writes."""
        ...

    def pause_ordinary(self, paused: bool) -> None:
        """The server wants no more to be delivered, or wants it again."""
        ...

    def replace_ordinary(self, protocol: asyncio.BaseProtocol) -> None:
        """The server has another protocol take its place."""
        ...

    def get_ordinary(self) -> asyncio.BaseProtocol:
        """Who is the server."""
        ...


@final
class SharedTransport(asyncio.Transport):
    """A transport that its protocol shares with a negotiation."""

    __slots__ = ("_attached", "_owner", "_paused", "_transport")

    def __init__(self, transport: asyncio.Transport, owner: Owner) -> None:
        super().__init__()
        self._transport = transport
        self._owner = owner
        self._attached = True
        self._paused = False

    def detach(self) -> None:
        """Take the connection away: it looks closed from now on, and what is written is dropped."""
        self._attached = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """As of the real one."""
        return self._transport.get_extra_info(name, default)

    def is_closing(self) -> bool:
        """Whether it closes, or belongs to somebody else."""
        return not self._attached or self._transport.is_closing()

    def close(self) -> None:
        """Close, once everything is written."""
        if self._attached:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        if self._attached:
            self._transport.abort()

    def write(self, data: Octets) -> None:
        """Write."""
        if self._attached:
            self._owner.write_for_ordinary(bytes(data))

    def writelines(self, list_of_data: Iterable[Octets]) -> None:
        """Write all of them."""
        self.write(b"".join(list_of_data))

    def can_write_eof(self) -> bool:
        """As of the real one."""
        return self._transport.can_write_eof()

    def write_eof(self) -> None:
        """Say that nothing more will be written."""
        if self._attached:
            self._transport.write_eof()

    def get_write_buffer_size(self) -> int:
        """Octets that wait to be written."""
        return self._transport.get_write_buffer_size()

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """As of the real one."""
        return self._transport.get_write_buffer_limits()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """For the real one."""
        if self._attached:
            self._transport.set_write_buffer_limits(high, low)

    def is_reading(self) -> bool:
        """Whether what arrives is delivered."""
        return not self._paused and not self.is_closing()

    def pause_reading(self) -> None:
        """Deliver nothing."""
        if self._attached and not self._paused:
            self._paused = True
            self._owner.pause_ordinary(True)

    def resume_reading(self) -> None:
        """Deliver again."""
        if self._attached and self._paused:
            self._paused = False
            self._owner.pause_ordinary(False)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Have another one take this protocol's place."""
        if self._attached:
            self._owner.replace_ordinary(protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Who gets what arrives."""
        return self._owner.get_ordinary()


def deliver(protocol: asyncio.BaseProtocol, data: bytes) -> None:
    """Have a protocol receive octets, whichever of asyncio's two kinds it is."""
    if not isinstance(protocol, asyncio.BufferedProtocol):
        assert isinstance(protocol, asyncio.Protocol)
        protocol.data_received(data)
        return
    view = memoryview(data)
    while view:
        buffer = memoryview(protocol.get_buffer(len(view))).cast("B")
        size = min(len(buffer), len(view))
        if not size:
            raise RuntimeError("get_buffer() returned an empty buffer")
        buffer[:size] = view[:size]
        protocol.buffer_updated(size)
        view = view[size:]
