"""Mutants that no test can notice, each with the reason.

The name is that of :attr:`mutants.mutations.Mutant.name`: file, function and change.
"""

from typing import Final

from . import (
    equivalent_fields,
    equivalent_negotiation,
    equivalent_paths,
    equivalent_protocols,
    equivalent_scanning,
)

_PARTS: Final = (
    equivalent_fields,
    equivalent_negotiation,
    equivalent_paths,
    equivalent_protocols,
    equivalent_scanning,
)

EQUIVALENT: Final = {name: why for part in _PARTS for name, why in part.EQUIVALENT.items()}
