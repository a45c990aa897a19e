"""Turns the fast path off: ``pytest --slow-path``."""

import re
import sys
from pathlib import Path
from typing import Final

import httpupgrade  # noqa: F401
from httpupgrade._http1 import fast_path_patterns, grammar

_PATTERNS: Final = (
    fast_path_patterns.USUAL_HEAD,
    fast_path_patterns.USUAL_PARTS,
    fast_path_patterns.USUAL_RESPONSE,
    fast_path_patterns.USUAL_SWITCH,
    grammar.SHORT_REQUEST_HEAD,
)
_NEVER: Final = re.compile(rb"(?!)")


def turn_off_the_fast_path() -> None:
    """Put a pattern that never matches in the place of those of the fast path, everywhere."""
    library = [each for name, each in sys.modules.items() if name.startswith("httpupgrade.")]
    for module in library:
        for name, value in list(vars(module).items()):
            if any(value is pattern for pattern in _PATTERNS):
                setattr(module, name, _NEVER)


def is_of_the_fast_path(path: Path) -> bool:
    """Whether a file of tests is about the fast path itself, or about what it costs."""
    return (
        path.match("test_fast_path*.py")
        or path.match("test_patterns*.py")
        or path.match("test_cost.py")
    )
