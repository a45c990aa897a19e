"""What an import takes of a processor, in fresh interpreters, over what the interpreter takes.

Rules for this module: the child measures itself, after what a bare Python imports for itself, so
neither is in the figure; other work on the machine is not either. It is isolated from the user's
environment and runs no ``.pth`` file, which might import something first; it sees the same packages
as this process.
"""

import subprocess
import sys
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple, final

from .cases import CASES
from .contenders import CONTENDERS

_CHILD: Final = """
import site, sys
from time import process_time
sys.path[:] = sys.argv[2:]
start = process_time()
exec(sys.argv[1])
print(process_time() - start)
"""

(_HANDSHAKE,) = (case.octets() for case in CASES if case.name == "101-chromium")
_SERVER: Final = "from httpupgrade import Accept101, Policy, ServerNegotiator, WebSocket"

EVERYTHING: Final = "httpupgrade, all names"
FIRST: Final = "httpupgrade, to its first 101"

# A name of ours is loaded when it is first asked for: these are what a WebSocket server asks for.
# The modules of the others load all that they have. Patterns of ours are compiled on first use.
_STATEMENTS: Final = MappingProxyType(
    {
        "httpupgrade": _SERVER,
        EVERYTHING: "from httpupgrade import *",
        FIRST: f"""{_SERVER}
machine = ServerNegotiator(Policy(WebSocket(), mode="required"))
machine.receive_data({_HANDSHAKE!r})
assert machine.send(machine.next_event()).startswith(b"HTTP/1.1 101 ")
""",
        "wsproto, to its first 101": f"""
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection
machine = WSConnection(ConnectionType.SERVER)
machine.receive_data({_HANDSHAKE!r})
next(machine.events())
assert machine.send(AcceptConnection()).startswith(b"HTTP/1.1 101 ")
""",
        "websockets, to its first 101": f"""
from websockets.server import ServerProtocol
machine = ServerProtocol()
machine.receive_data({_HANDSHAKE!r})
machine.send_response(machine.accept(*machine.events_received()))
assert machine.data_to_send()[0].startswith(b"HTTP/1.1 101 ")
""",
    }
)

Clock = Callable[[str], float]
"""Seconds that the import of a module takes."""


@final
class ImportTimes(NamedTuple):
    """Of one module, one for each round, in the order of the rounds."""

    module: str
    values: tuple[float, ...]


def modules() -> list[str]:
    """What the contenders' programs import; and what some of them take to their first answer."""
    imported = [each.module for each in CONTENDERS if each.module is not None]
    return [*imported, *(each for each in _STATEMENTS if each not in imported)]


def seconds_to_import(module: str) -> float:
    """Of a processor, once, in an interpreter of its own."""
    statement = _STATEMENTS.get(module, f"import {module}")
    path = [entry for entry in sys.path if entry]
    command = [sys.executable, "-I", "-S", "-c", _CHILD, statement, *path]
    child = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  # our own interpreter
    return float(child.stdout)


def import_in_rounds(
    modules: Sequence[str],
    *,
    rounds: int,
    clock: Clock = seconds_to_import,
    tell: Callable[[int], None] = lambda number: None,
) -> list[ImportTimes]:
    """Every module once in each round, another first each time.

    A round before the first, which is not counted, leaves the bytecode of all of them behind.
    """
    for module in modules:
        clock(module)
    values: dict[str, list[float]] = {module: [] for module in modules}
    for number in range(rounds):
        tell(number)
        first = number % len(modules)
        for module in (*modules[first:], *modules[:first]):
            values[module].append(clock(module))
    return [ImportTimes(module, tuple(series)) for module, series in values.items()]
