"""Put a mutant in the place of a function that is loaded already.

Each function object that runs the old code gets the new one, wherever it was imported to; so
nothing is loaded again, and thousands of mutants are tried by children of one process.
"""

import functools
import gc
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType

from .mutations import Mutant

Place = tuple[str, str, int]


class NoEffectError(Exception):
    """The change takes effect only when its module is loaded, as that of a default does."""


class Loaded:
    """The functions of the sources that this process has loaded, by where they are written."""

    def __init__(self, root: Path) -> None:
        self._functions: dict[Place, list[FunctionType]] = {}
        self._caches = []
        for each in gc.get_objects():
            if isinstance(each, FunctionType):
                if each.__code__.co_filename.startswith(str(root)):
                    self._functions.setdefault(_place(each.__code__), []).append(each)
            elif isinstance(each, functools._lru_cache_wrapper):
                self._caches.append(each)

    def put(self, mutant: Mutant) -> None:
        """Let every function object run the mutant from now on.

        Raises :class:`NoEffectError`, and :class:`SyntaxError` or :class:`ValueError` for a
        mutant that is no Python or asks for other variables of the function around it.
        """
        name = str(mutant.path.resolve())
        old = _code_of(compile(mutant.path.read_text("utf-8"), name, "exec"), mutant)
        new = _code_of(compile(mutant.source(), name, "exec"), mutant)
        changed = False
        for before, after in _pairs(old, new):
            for each in self._functions.get(_place(before), ()):
                each.__code__ = after
                changed = True
        if not changed:
            raise NoEffectError
        for cache in self._caches:
            cache.cache_clear()


def _place(code: CodeType) -> Place:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _code_of(module: CodeType, mutant: Mutant) -> CodeType:
    """That of the mutant's function: of several with its name, the one at its line. The first
    line of code is that of its decorators.
    """
    code = module
    for name in mutant.function.split("."):
        found = [each for each in _inner(code) if each.co_name == name]
        code = [each for each in found if each.co_firstlineno <= mutant.line or len(found) == 1][-1]
    return code


def _inner(code: CodeType) -> Iterator[CodeType]:
    return (each for each in code.co_consts if isinstance(each, CodeType))


def _pairs(old: CodeType, new: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    if old != new:
        yield old, new
        for before, after in zip(_inner(old), _inner(new), strict=False):
            yield from _pairs(before, after)
