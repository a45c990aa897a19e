"""What a connection weighs in a server's process: with the transport and all that is behind it.

Rules for this module: one process for each figure, which counts what Python's allocator was asked
for; what the kernel and a C library hold is not in it.
"""

import socket
from collections.abc import Sequence
from contextlib import ExitStack
from time import monotonic, sleep
from typing import Final, NamedTuple, final

from .contenders import CONTENDERS, LETS_GO, Contender
from .exchanges import BODY, GET, HANDSHAKE, HEAD_END, Errand
from .processes import Process, started
from .visits import VISITS, Address, visit

_PATIENCE: Final = 30.0
STATES: Final = {"opened": b"", "half a handshake": HANDSHAKE[: len(HANDSHAKE) // 2], "kept": GET}
"""What each connection has sent: nothing; a part of a head; a request that was answered."""
WEIGHED: Final = tuple(
    each for each in CONTENDERS if each.base is not None and each != LETS_GO
) + tuple(each for each in CONTENDERS if each.name in {one.base for one in CONTENDERS})


@final
class Weight(NamedTuple):
    """Octets of Python's allocator for each connection of a server."""

    server: str
    state: str
    octets: float


def subjects() -> list[tuple[Contender, str]]:
    """What is weighed, in the order of the report."""
    ranked = [each for each in CONTENDERS if each in WEIGHED]
    return [(each, state) for each in ranked for state in STATES]


def weigh(contender: Contender, state: str, connections: int) -> Weight:
    """So many connections at a time, in one state."""
    with started(contender.module, *contender.arguments, "--timeout=600", "--traced") as process:
        for errand in (Errand.SWITCH, Errand.ONCE):  # what is made once for all, at first use
            visitor, _ = VISITS[errand]
            visit(visitor, process.address, 5)
        descriptors = _settled(process, 0)
        before = process.traced("collect")["traced"]
        with ExitStack() as held:
            _open(held, process, state, connections)
            _settled(process, descriptors + connections)
            grown = process.traced("collect")["traced"] - before
    return Weight(contender.name, state, grown / connections)


def _open(stack: ExitStack, process: Process, state: str, count: int) -> None:
    octets = STATES[state]
    for _ in range(count):
        connection = stack.enter_context(_connected(process.address))
        if octets:
            connection.sendall(octets)
        if octets is GET:
            _read_answer(connection)


def _connected(address: Address) -> socket.socket:
    return socket.create_connection(address, timeout=_PATIENCE)


def _read_answer(connection: socket.socket) -> None:
    octets = b""
    while not octets.endswith(HEAD_END + BODY):
        more = connection.recv(65536)
        assert more, octets
        octets += more


def _settled(process: Process, at_least: int) -> int:
    """How many files are open, when that many are and their number no longer changes."""
    deadline = monotonic() + _PATIENCE
    seen: Sequence[int] = ()
    while monotonic() < deadline:
        seen = (*seen[-4:], process.descriptors())
        if len(seen) == 5 and len({*seen}) == 1 and seen[0] >= at_least:
            return seen[0]
        sleep(0.03)
    raise TimeoutError(f"{seen} files, not {at_least}")
