"""Who visits a server: many connections at a time, and octets that are there already.

The law of this file: it is the load, so it does as little as it can beside verifying each answer,
and knows no server. It never sleeps: it asks connection after connection whether an answer is
there, because what it costs to wake a process is neither server's nor client's, and differs with
who else waits. Whoever is answered asks the next thing at once, so that the server always has
something to do. Every visit has an end.
"""

import socket
from collections.abc import Callable, Generator
from contextlib import suppress
from time import monotonic
from typing import Final

from .exchanges import (
    ACCEPT,
    BODY,
    CLOSE,
    CLOSED,
    ECHO,
    GET,
    GET_ONCE,
    HANDSHAKE,
    HEAD_END,
    MESSAGE,
    Errand,
)

Address = tuple[str, int]
_Visit = Generator[None, None, None]
_Wait = Generator[None, None, bytes]
Visitor = Callable[[Address], _Visit]
"""One connection from its beginning to its end; it yields while it waits."""

AT_A_TIME: Final = 32
REQUESTS: Final = 64
"""On each connection that is kept alive."""
_PATIENCE: Final = 20.0
_SWEEPS: Final = 1000
_CHUNK: Final = 65536
_ACCEPTS: Final = b": %b\r\n" % ACCEPT


class VisitError(Exception):
    """A server answered something else, or nothing."""


def visit(visitor: Visitor, address: Address, visits: int) -> None:
    """So many connections, no more than :data:`AT_A_TIME` of them open at once."""
    begun = [visitor(address) for _ in range(min(visits, AT_A_TIME))]
    left = visits - len(begun)
    deadline = monotonic() + _PATIENCE
    sweeps = 0
    while begun:
        going = []
        for each in begun:
            if next(each, each) is None:
                going.append(each)
            elif left:
                left -= 1
                going.append(visitor(address))
        begun = going
        sweeps += 1
        if sweeps % _SWEEPS == 0 and monotonic() > deadline:
            raise VisitError(f"{len(begun)} connections wait for {_PATIENCE:g} seconds")


def connected(address: Address) -> socket.socket:
    """A socket that never waits. On loopback it is connected when this returns."""
    connection = socket.socket()
    connection.connect(address)
    connection.setblocking(False)
    return connection


def switch(address: Address) -> _Visit:
    """A WebSocket connection: handshake, one echo, and both Close frames."""
    with connected(address) as connection:
        connection.send(HANDSHAKE)
        octets = yield from _until(connection, HEAD_END)
        _hold(octets.startswith(b"HTTP/1.1 101 ") and _ACCEPTS in octets, octets)
        connection.send(MESSAGE)
        octets = yield from _as_many(connection, len(ECHO))
        _hold(octets == ECHO, octets)
        connection.send(CLOSE)
        # RFC 6455 7.1.1: the server is the first to close the connection below.
        octets = yield from _all(connection)
        _hold(octets == CLOSED, octets)


def keep(address: Address) -> _Visit:
    """So many requests on one connection."""
    with connected(address) as connection:
        connection.send(GET)
        octets = yield from _until(connection, HEAD_END + BODY)
        _hold(octets.startswith(b"HTTP/1.1 200 ") and octets.endswith(BODY), octets)
        size = len(octets)
        for _ in range(REQUESTS - 1):
            connection.send(GET)
            octets = yield from _as_many(connection, size)
            _hold(octets.startswith(b"HTTP/1.1 200 ") and octets.endswith(BODY), octets)


def once(address: Address) -> _Visit:
    """One request on a connection that the server closes."""
    with connected(address) as connection:
        connection.send(GET_ONCE)
        octets = yield from _all(connection)
        _hold(octets.startswith(b"HTTP/1.1 200 ") and octets.endswith(HEAD_END + BODY), octets)


def _until(connection: socket.socket, end: bytes) -> _Wait:
    octets = yield from _more(connection)
    while end not in octets:
        octets += yield from _more(connection)
    return octets


def _as_many(connection: socket.socket, size: int) -> _Wait:
    octets = yield from _more(connection)
    while len(octets) < size:
        octets += yield from _more(connection)
    return octets


def _all(connection: socket.socket) -> _Wait:
    octets = b""
    while more := (yield from _some(connection)):
        octets += more
    return octets


def _more(connection: socket.socket) -> _Wait:
    octets = yield from _some(connection)
    _hold(bool(octets), b"the end of the connection")
    return octets


def _some(connection: socket.socket) -> _Wait:
    """What is there by the next turn or a later one; nothing at the end."""
    while True:
        yield
        with suppress(BlockingIOError):
            return connection.recv(_CHUNK)


def _hold(condition: bool, octets: bytes) -> None:
    if not condition:
        raise VisitError(f"not expected: {octets[:80]!r}")


VISITS: Final[dict[Errand, tuple[Visitor, int]]] = {
    Errand.SWITCH: (switch, 1),
    Errand.KEEP: (keep, REQUESTS),
    Errand.ONCE: (once, 1),
}
"""What is called for an errand, and how many exchanges one connection is."""
