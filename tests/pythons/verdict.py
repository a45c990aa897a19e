"""Judge what was run."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from . import DIGITS
from .downloads import FIXED
from .runs import Result, named

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


def disagreements(results: Sequence[Result]) -> list[str]:
    """Where interpreters came to other outcomes than the first one, in sentences."""
    first: dict[str, tuple[Result, str]] = {}
    found = []
    for result in results:
        for name, digests in result.report.get("outcomes", {}).items():
            other, expected = first.setdefault(name, (result, digests))
            if digests != expected:
                who = f"{named(result.report)} and {named(other.report)}"
                place = _first_difference(digests, expected)
                found.append(f"{who} differ on {name}: first on number {place}.")
    return found


def compared(results: Sequence[Result]) -> str:
    """How many outcomes were compared, and a digest of those of the first interpreter."""
    for result in results:
        outcomes = result.report.get("outcomes")
        if outcomes:
            joined = "".join(outcomes[name] for name in sorted(outcomes))
            many = sum("outcomes" in each.report for each in results)
            whole = sha256(joined.encode("ascii")).hexdigest()
            return f"{len(joined) // DIGITS} outcomes compared of {many} interpreters: {whole}"
    return "No outcomes were compared."


def _first_difference(digests: str, expected: str) -> int:
    """Where two rows of digests first differ."""
    place = 0
    while digests[place : place + DIGITS] == expected[place : place + DIGITS]:
        place += DIGITS
    return place // DIGITS
