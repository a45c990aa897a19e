"""The list of differences: where another parser reads a request head in another way than we do."""

from typing import Final

from .difference import Difference
from .differences_in_fields import IN_FIELDS
from .differences_in_lines import IN_LINES
from .differences_in_targets import IN_TARGETS

DIFFERENCES: Final[tuple[Difference, ...]] = (*IN_LINES, *IN_TARGETS, *IN_FIELDS)
