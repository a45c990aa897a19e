"""The contenders, ourselves first. Each foreign library is imported in exactly one file here."""

from typing import Final

from ..contender import Contender
from .h11_wsproto import H11_WSPROTO
from .httptools_checks import HTTPTOOLS_CHECKS
from .ours import OURS
from .websockets_protocol import WEBSOCKETS

CONTENDERS: Final[tuple[Contender, ...]] = (OURS, H11_WSPROTO, WEBSOCKETS, HTTPTOOLS_CHECKS)

__all__ = ["CONTENDERS", "OURS"]
