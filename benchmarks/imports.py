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

from .contenders import CONTENDERS

_CHILD: Final = """
import site, sys
from time import process_time
sys.path[:] = sys.argv[2:]
start = process_time()
exec(sys.argv[1])
print(process_time() - start)
"""

# A name of ours is loaded when it is first asked for: these are what a WebSocket server asks for.
# The modules of the others load all that they have.
_STATEMENTS: Final = MappingProxyType(
    {"httpupgrade": "from httpupgrade import Accept101, Policy, ServerNegotiator, WebSocket"}
)

Clock = Callable[[str], float]
"""Seconds that the import of a module takes."""


@final
class ImportTimes(NamedTuple):
    """Of one module, one for each round, in the order of the rounds."""

    module: str
    values: tuple[float, ...]


def modules() -> list[str]:
    """What the contenders' programs import."""
    return [each.module for each in CONTENDERS if each.module is not None]


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
