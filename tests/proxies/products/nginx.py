"""nginx of Debian."""

from typing import Final

from interop import install

from ..values import Product, SetUp

NGINX: Final = Product(
    name="nginx",
    recipe=install.NGINX,
    command=(
        "nginx",
        *("-p", "@where@", "-c", "@config@", "-e", "stderr"),
        *("-g", "daemon off; master_process off;"),
    ),
    asks_version=("nginx", "-v"),
    folder="nginx",
    layout="braces",
    shared=("temporary.conf",),
    modules="lib/nginx/modules",
)

SET_UPS: Final = (
    SetUp(NGINX, "default.conf"),
    SetUp(NGINX, "default-forwarded.conf"),
    SetUp(NGINX, "http11-only.conf"),
    SetUp(NGINX, "no-http11.conf"),
    SetUp(NGINX, "upgrade-not-connection.conf"),
    SetUp(NGINX, "connection-not-upgrade.conf"),
    SetUp(NGINX, "connection-close-literal.conf"),
    SetUp(NGINX, "keepalive-upstream.conf"),
    SetUp(NGINX, "keepalive-upstream-upgrade.conf"),
    SetUp(NGINX, "location-override.conf"),
    SetUp(NGINX, "pass-request-headers-off.conf"),
    SetUp(NGINX, "hide-upgrade.conf", server="healthy"),
    SetUp(NGINX, "correct.conf", broken=False),
    SetUp(NGINX, "correct-forwarded.conf", broken=False),
    SetUp(NGINX, "correct-literal.conf", broken=False),
    SetUp(NGINX, "connection-http-connection.conf", broken=False),
)
