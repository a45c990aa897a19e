"""Connections of asyncio for the parts of the server that do no I/O.

Rules for this module: it moves octets, and says nothing.
"""

import asyncio
from typing import final

from .roles import Connection


@final
class Carrier(asyncio.Protocol):
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
