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

_AS_HTTP_2: Final = "What arrives is HTTP/2, as from others that are set up like this."

SET_UPS: Final = (
    SetUp(CADDY, "remove-upgrade.Caddyfile"),
    SetUp(CADDY, "connection-close.Caddyfile"),
    SetUp(CADDY, "remove-connection.Caddyfile"),
    SetUp(CADDY, "transport-h2c.Caddyfile", server="among", unseen=_AS_HTTP_2),
    SetUp(CADDY, "transport-h2c-2.Caddyfile", server="among", unseen=_AS_HTTP_2),
    SetUp(CADDY, "default.Caddyfile", broken=False),
    SetUp(CADDY, "forwarded.Caddyfile", broken=False),
    SetUp(CADDY, "no-compression.Caddyfile", broken=False),
    SetUp(CADDY, "tls-h2.Caddyfile", broken=False, front=True),
)
