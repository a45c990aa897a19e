"""Which files of tests are the core's: those whose imports every interpreter has.

Rules for this module: a file is chosen by what it imports, directly or through other files of
tests. It may import the standard library without sockets and processes, the libraries of the
dependency group "core", and httpupgrade without its adapters and its command.
"""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

SUPPORT: Final = Path(__file__).resolve().parent
TESTS: Final = SUPPORT.parent

_LIBRARIES: Final = {"h11", "h2", "hypothesis", "pytest", "websockets", "wsproto"}
_NOT_EVERYWHERE: Final = {"asyncio", "socket", "subprocess"}
_ROOTS: Final = (_LIBRARIES | sys.stdlib_module_names | {"httpupgrade"}) - _NOT_EVERYWHERE


@cache
def is_of_the_core(path: Path) -> bool:
    """Whether every interpreter can run a file of tests."""
    return all(map(_is_everywhere, _imports(ast.parse(path.read_text("utf-8")))))


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"{module}.{each.name}" for each in names)
            case _:
                pass


def _is_everywhere(name: str) -> bool:
    root, _, rest = name.partition(".")
    own = (SUPPORT / f"{root}.py", TESTS / root / f"{rest.partition('.')[0]}.py")
    for path in own:
        if path.is_file():
            return is_of_the_core(path)
    # Of the demo, the captured requests; other modules of it open sockets.
    return name in ("demo", "demo.corpus") or (
        root in _ROOTS and not name.startswith(("httpupgrade.adapters", "httpupgrade.cli"))
    )
