"""The products, one file for each, with the set-ups of each."""

from typing import Final

from ..values import SetUp
from . import nginx

SET_UPS: Final[tuple[SetUp, ...]] = (*nginx.SET_UPS,)
