"""Turns the fast path off: ``pytest --slow-path``, or for a while."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Final

import httpupgrade  # noqa: F401
from httpupgrade._http1 import capture_fields, fast_path_patterns, grammar

_PATTERNS: Final = (
    fast_path_patterns.USUAL_HEAD,
    fast_path_patterns.USUAL_RESPONSE,
    fast_path_patterns.USUAL_SWITCH,
    grammar.SHORT_REQUEST_HEAD,
)
_NEVER: Final = re.compile(rb"(?!)")


def _capture_nothing(*parts: object) -> tuple[tuple[()], bool]:
    return (), False


def _check_by_itself(*parts: object) -> None:
    return None


_FUNCTIONS: Final = {
    capture_fields.capture: _capture_nothing,
    capture_fields.capture_parsed: _check_by_itself,
}


_Replaced = list[tuple[ModuleType, str, object]]


def turn_off_the_fast_path() -> _Replaced:
    """Put what never finds anything in the place of what the fast path finds by, everywhere.

    Returns what was there before: the module, its name in it, and itself.
    """
    library = [each for name, each in sys.modules.items() if name.startswith("httpupgrade.")]
    replaced: _Replaced = []
    for module in library:
        for name, value in list(vars(module).items()):
            if any(value is pattern for pattern in _PATTERNS):
                setattr(module, name, _NEVER)
            elif isinstance(value, FunctionType) and value in _FUNCTIONS:
                setattr(module, name, _FUNCTIONS[value])
            else:
                continue
            replaced.append((module, name, value))
    return replaced


@contextmanager
def without_the_fast_path() -> Iterator[None]:
    """Have it turned off inside of a ``with`` statement."""
    replaced = turn_off_the_fast_path()
    try:
        yield
    finally:
        for module, name, value in replaced:
            setattr(module, name, value)


def is_of_the_fast_path(path: Path) -> bool:
    """Whether a file of tests is about the fast path itself, or about what it costs."""
    return (
        path.match("test_fast_path*.py")
        or path.match("test_patterns*.py")
        or path.match("test_cost.py")
        or path.match("test_known_octets.py")
    )
