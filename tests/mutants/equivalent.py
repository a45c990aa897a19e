"""Mutants that no test can notice, each with the reason.

The name is that of :attr:`mutants.mutations.Mutant.name`: function and change.
"""

from typing import Final

EQUIVALENT: Final[dict[str, str]] = {}
