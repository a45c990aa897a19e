"""The contenders, ourselves first. Each foreign library is imported in exactly one file here."""

from typing import Final

from ..contender import Contender
from .aiohttp_checks import AIOHTTP_C, AIOHTTP_PYTHON, AIOHTTP_VALUES
from .h11_checks import H11_CHECKS
from .h11_wsproto import H11_WSPROTO, WSPROTO_VALUES
from .httptools_checks import HTTPTOOLS_ALONE, HTTPTOOLS_CHECKS
from .ours import (
    BEHIND_HTTPTOOLS,
    BEHIND_ZTTP,
    FROM_OCTETS,
    GIVEN_A_HEAD,
    MACHINE_GIVEN_A_HEAD,
    OTHER_WAYS,
    OURS,
)
from .picows_handshake import PICOWS
from .websockets_protocol import WEBSOCKETS
from .zttp_checks import ZTTP_CHECKS

CONTENDERS: Final[tuple[Contender, ...]] = (
    OURS,
    *OTHER_WAYS,
    H11_WSPROTO,
    H11_CHECKS,
    WEBSOCKETS,
    AIOHTTP_PYTHON,
    AIOHTTP_C,
    HTTPTOOLS_CHECKS,
    HTTPTOOLS_ALONE,
    ZTTP_CHECKS,
    PICOWS,
    WSPROTO_VALUES,
    AIOHTTP_VALUES,
)

__all__ = [
    "BEHIND_HTTPTOOLS",
    "BEHIND_ZTTP",
    "CONTENDERS",
    "FROM_OCTETS",
    "GIVEN_A_HEAD",
    "H11_CHECKS",
    "H11_WSPROTO",
    "HTTPTOOLS_ALONE",
    "HTTPTOOLS_CHECKS",
    "MACHINE_GIVEN_A_HEAD",
    "OURS",
    "WEBSOCKETS",
    "ZTTP_CHECKS",
]
