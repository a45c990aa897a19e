"""Judge what was run."""

from collections.abc import Sequence
from typing import Final

from .downloads import FIXED
from .runs import Result

MINORS: Final = 4


def gaps(results: Sequence[Result]) -> list[str]:
    """What the runs did not cover, in sentences."""
    versions = {result.version for result in results if result.version}
    minors = {version[:2] for version in versions}
    found = []
    if len(minors) < MINORS:
        found.append(f"Only {len(minors)} minor versions of CPython were run; {MINORS} are needed.")
    if not any(version < FIXED for version in versions):
        found.append("No CPython older than 3.11.5 was run; one is needed.")
    return found
