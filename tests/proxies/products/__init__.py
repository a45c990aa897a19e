"""The products, one file for each, with the set-ups of each."""

from typing import Final

from ..values import SetUp
from . import (
    apache,
    caddy,
    dead_ends,
    envoy,
    go,
    h2o,
    haproxy,
    lighttpd,
    newest_nginx,
    nghttpx,
    nginx,
    node,
    squid,
    traefik,
    trafficserver,
    varnish,
)

SET_UPS: Final[tuple[SetUp, ...]] = (
    *nginx.SET_UPS,
    *newest_nginx.SET_UPS,
    *apache.SET_UPS,
    *haproxy.SET_UPS,
    *varnish.SET_UPS,
    *squid.SET_UPS,
    *lighttpd.SET_UPS,
    *caddy.SET_UPS,
    *h2o.SET_UPS,
    *nghttpx.SET_UPS,
    *trafficserver.SET_UPS,
    *dead_ends.SET_UPS,
    *node.SET_UPS,
    *go.SET_UPS,
    *envoy.SET_UPS,
    *traefik.SET_UPS,
)
