"""What mends a hop, as data: one module for products that belong together.

Rules for these modules: a block is complete, so that a proxy with it, and without the lines that it
replaces, passes a handshake on. Where a place is "the end of" a line, what is to paste goes there,
and what is to take out is taken out of that line.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from .._diagnosis import Remedy
from . import answers, caches, clouds, haproxy, httpd, nginx, others

_ROWS: Final = (
    *nginx.REMEDIES,
    *httpd.REMEDIES,
    *haproxy.REMEDIES,
    *caches.REMEDIES,
    *others.REMEDIES,
    *clouds.REMEDIES,
    *answers.REMEDIES,
)
REMEDIES: Final[Mapping[str, Remedy]] = MappingProxyType({each.name: each for each in _ROWS})
"""All of them, by name."""
