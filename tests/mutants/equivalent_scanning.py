"""Mutants of one part that no test can notice, each with the reason."""

from typing import Final

EQUIVALENT: Final[dict[str, str]] = {}
