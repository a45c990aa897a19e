"""Caddy of Debian."""

from typing import Final

from interop.install import Program, Recipe

from ..values import Product, SetUp

CADDY: Final = Product(
    name="Caddy",
    recipe=Recipe("caddy", (Program("caddy", "caddy", unpacked=True, libraries=("libzstd1",)),)),
    command=("caddy", "run", "--adapter", "caddyfile", "--config", "@config@"),
    asks_version=("caddy", "version"),
    folder="caddy",
    layout="braces",
)

SET_UPS: Final = (
    SetUp(CADDY, "remove-upgrade.Caddyfile"),
    SetUp(CADDY, "connection-close.Caddyfile"),
    SetUp(CADDY, "remove-connection.Caddyfile"),
    SetUp(CADDY, "transport-h2c.Caddyfile", server="among"),
    SetUp(CADDY, "transport-h2c-2.Caddyfile", server="among"),
    SetUp(CADDY, "default.Caddyfile", broken=False),
    SetUp(CADDY, "forwarded.Caddyfile", broken=False),
    SetUp(CADDY, "no-compression.Caddyfile", broken=False),
)
