"""Many connections at a time, which mean no good.

The law of this file: it opens, sends, and notes what each connection gets and when it ends. It
knows no server.
"""

import resource
import selectors
import socket
import struct
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from types import TracebackType
from typing import Final, final

from ..wire.visits import Address

_CHUNK: Final = 65536
_AT_ONCE: Final = struct.pack("ii", 1, 0)
"""Linger for no time at all: a close is a reset."""
_SPARE: Final = 200


def room_for(connections: int) -> int:
    """As many of them as this process may hold, with as many files as it may have open at most."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _SPARE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return connections if soft == resource.RLIM_INFINITY else min(connections, soft - _SPARE)


@final
class Crowd:
    """So many connections to one server, until the last one of them is closed."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._selector = selectors.DefaultSelector()
        self._open: dict[int, socket.socket] = {}
        self._heard: dict[int, bytes] = {}
        self.ends: Final[Counter[str]] = Counter()
        """How the connections ended: a status code, or in words."""
        self.last_end = 0.0
        """When the last one did, by the monotonic clock."""

    def __enter__(self) -> "Crowd":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()
        self._selector.close()

    def __len__(self) -> int:
        return len(self._open)

    def join(self, count: int, octets: bytes = b"") -> None:
        """So many more connections, each with its first octets sent."""
        for _ in range(count):
            connection = socket.socket()
            connection.connect(self._address)
            connection.setblocking(False)
            if octets:
                connection.send(octets)
            self._selector.register(connection, selectors.EVENT_READ)
            self._open[connection.fileno()] = connection
            self.listen(0)

    def say(self, octets: bytes) -> None:
        """On each connection that is still open."""
        for number, connection in [*self._open.items()]:
            self.listen(0)
            if number in self._open:
                try:
                    connection.send(octets)
                except OSError:
                    self._end(number, "reset")

    def listen(self, seconds: float) -> None:
        """Note what arrives, for so long at most."""
        for key, _ in self._selector.select(seconds):
            connection = key.fileobj
            assert isinstance(connection, socket.socket)
            self._hear(key.fd, connection)

    def wait(self, seconds: float) -> None:
        """Until nobody is left, or for so long."""
        deadline = monotonic() + seconds
        while self._open and (left := deadline - monotonic()) > 0:
            self.listen(min(left, 0.1))

    def leave(self, *, reset: bool = False) -> None:
        """Close what is open from this end."""
        for connection in self._open.values():
            if reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            self._selector.unregister(connection)
            connection.close()
        self._open.clear()

    def _hear(self, number: int, connection: socket.socket) -> None:
        try:
            octets = connection.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            self._end(number, "reset")
            return
        if octets:
            self._heard[number] = self._heard.get(number, b"") + octets
        else:
            self._end(number, "closed")

    def _end(self, number: int, words: str) -> None:
        connection = self._open.pop(number)
        self._selector.unregister(connection)
        connection.close()
        heard = self._heard.pop(number, b"")
        self.ends[heard[9:12].decode("latin-1") if heard.startswith(b"HTTP/1.1 ") else words] += 1
        self.last_end = monotonic()


def flood(
    address: Address, pieces: Sequence[bytes], seconds: float, enough: bytes | None = None
) -> tuple[bytes, int]:
    """What a server answers to so many pieces, and how many octets of them it took.

    The answer is read while there is more to send, as a server may give it long before the end;
    and up to its end, or to ``enough``.
    """
    deadline = monotonic() + seconds
    heard, sent = b"", 0
    with socket.create_connection(address, timeout=seconds) as connection:
        for piece in pieces:
            connection.settimeout(max(deadline - monotonic(), 0.001))
            try:
                connection.sendall(piece)
            except OSError:
                break
            sent += len(piece)
            connection.setblocking(False)
            try:
                heard += connection.recv(_CHUNK)
            except BlockingIOError:
                continue
            except OSError:
                break
            break
        connection.settimeout(max(deadline - monotonic(), 0.001))
        with suppress(OSError):
            while enough is None or not heard.endswith(enough):
                octets = connection.recv(_CHUNK)
                heard += octets
                if not octets:
                    break
    return heard, sent
