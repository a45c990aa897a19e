"""Protocols that do nothing which an exchange does not need, for behind an adapter and alone.

The law of this file: they are the cheapest there can be, and no servers for anybody's use. What
they skip, they skip behind the adapter and alone alike.
"""

import asyncio
from typing import Final, cast

from ..exchanges import ACCEPT, ANSWER, HEAD_END

_SWITCHED: Final = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: " + ACCEPT + HEAD_END
)
_MOST_HEAD: Final = 65536
_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n"
    b"Content-Length: 0\r\n\r\n"
)


class Plain(asyncio.Protocol):
    """Every head is answered alike. It reads no bodies."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._octets = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # those in C are no subclasses

    def data_received(self, data: bytes) -> None:
        if self._octets:
            data = self._octets + data
        while (end := data.find(HEAD_END)) >= 0:
            self._transport.write(ANSWER)
            if data.find(b"\r\nConnection: close\r\n", 0, end + 2) >= 0:
                self._transport.close()
            data = data[end + 4 :]
        if len(data) > _MOST_HEAD:
            self._transport.write(_TOO_LARGE)
            self._transport.close()
        self._octets = data


class Named(asyncio.Protocol):
    """Every head is answered with the target that it names. It reads no bodies."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._octets = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        *heads, self._octets = (self._octets + data).split(HEAD_END)
        for head in heads:
            target = head.split(b" ", 2)[1]
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(target), target)
            )


class Raising(asyncio.Protocol):
    """Whatever arrives is too much for it."""

    def data_received(self, data: bytes) -> None:
        raise RuntimeError("it was to raise")


class Echo(asyncio.Protocol):
    """WebSocket frames of less than 126 octets, back to where they came from."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._octets = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # those in C are no subclasses

    def data_received(self, data: bytes) -> None:
        data = self._octets + data
        while len(data) >= 6 and len(data) >= (end := 6 + (data[1] & 0x7F)):
            size = end - 6
            mask = int.from_bytes((data[2:6] * (size // 4 + 1))[:size])
            payload = (int.from_bytes(data[6:end]) ^ mask).to_bytes(size)
            self._transport.write(bytes((data[0], size)) + payload)
            if data[0] == 0x88:
                self._transport.close()
            data = data[end:]
        self._octets = data


class Unchecked(asyncio.Protocol):
    """A 101 that was written before, to whoever asks for any upgrade."""

    _transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # those in C are no subclasses

    def data_received(self, data: bytes) -> None:
        protocol: Plain | Echo
        if b"\r\nUpgrade: " in data:
            self._transport.write(_SWITCHED)
            protocol, data = Echo(), b""
        else:
            protocol = Plain()
        protocol.connection_made(self._transport)
        self._transport.set_protocol(protocol)
        if data:
            protocol.data_received(data)
