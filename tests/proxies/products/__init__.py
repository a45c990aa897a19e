"""The products, one file for each, with the set-ups of each."""

from typing import Final

from ..values import SetUp
from . import apache, haproxy, lighttpd, nginx, squid, varnish

SET_UPS: Final[tuple[SetUp, ...]] = (
    *nginx.SET_UPS,
    *apache.SET_UPS,
    *haproxy.SET_UPS,
    *varnish.SET_UPS,
    *squid.SET_UPS,
    *lighttpd.SET_UPS,
)
