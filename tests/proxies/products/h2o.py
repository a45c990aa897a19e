"""h2o of Debian."""

from typing import Final

from interop.install import Program, Recipe

from ..values import Product, SetUp

H2O: Final = Product(
    name="h2o",
    recipe=Recipe(
        "h2o",
        (Program("h2o", "h2o", unpacked=True, libraries=("libssl3", "libyaml-0-2", "zlib1g")),),
    ),
    command=("h2o", "-m", "worker", "-c", "@config@"),
    asks_version=("h2o", "--version"),
    folder="h2o",
    layout="flat",
)

SET_UPS: Final = (
    SetUp(H2O, "default.yaml"),
    SetUp(H2O, "preserve-host.yaml"),
    SetUp(H2O, "websocket-off-here.yaml"),
    SetUp(H2O, "websocket-on.yaml", broken=False),
    SetUp(H2O, "websocket-here.yaml", broken=False),
    SetUp(H2O, "tls-h2.yaml", broken=False, front=True),
)
