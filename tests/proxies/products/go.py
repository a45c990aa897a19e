"""Proxies written with Go's ``httputil.ReverseProxy``."""

from typing import Final

from interop.install import ENVIRONMENT

from ..values import Product, SetUp
from .programs import GO

REVERSE_PROXY: Final = Product(
    name="Go httputil.ReverseProxy",
    recipe=GO,
    command=("go", "run", "@config@"),
    asks_version=("go", "version"),
    folder="go",
    layout="flat",
    environment=(("GOCACHE", ENVIRONMENT["GOCACHE"]), ("GOTOOLCHAIN", "local")),
)

_LOST: Final = "The request arrives as it should; it is the 101 that the program loses."

SET_UPS: Final = (
    SetUp(
        REVERSE_PROXY,
        "timeout-handler.go",
        server="healthy",
        client="among",
        both="among",
        unseen=_LOST,
    ),
    SetUp(REVERSE_PROXY, "reverse-proxy.go", broken=False),
    SetUp(REVERSE_PROXY, "host-kept.go", broken=False),
)
