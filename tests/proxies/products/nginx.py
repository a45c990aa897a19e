"""nginx of Debian."""

from typing import Final

from interop import install
from interop.install import Program, Recipe

from ..values import Product, SetUp

_HEADERS_MORE: Final = "lib/nginx/modules/ngx_http_headers_more_filter_module.so"
_RECIPE: Final = Recipe(
    "nginx-proxy",
    (
        *install.NGINX.programs,
        Program(_HEADERS_MORE, "libnginx-mod-http-headers-more-filter", unpacked=True),
    ),
)

NGINX: Final = Product(
    name="nginx",
    recipe=_RECIPE,
    command=(
        "nginx",
        *("-p", "@where@", "-c", "@config@", "-e", "stderr"),
        *("-g", "daemon off; master_process off;"),
    ),
    asks_version=("nginx", "-v"),
    folder="nginx",
    layout="braces",
    shared=("temporary.conf",),
    files=(("headers_more", _HEADERS_MORE),),
)

_LATER: Final = "The request arrives as it should; it is the response that nginx breaks."
_ITSELF: Final = "Nothing arrives: nginx answers by itself."

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
    SetUp(NGINX, "hide-upgrade.conf", server="healthy", unseen=_LATER),
    SetUp(NGINX, "return-426.conf", server="nothing", unseen=_ITSELF),
    SetUp(NGINX, "correct.conf", broken=False),
    SetUp(NGINX, "correct-forwarded.conf", broken=False),
    SetUp(NGINX, "correct-literal.conf", broken=False),
    SetUp(NGINX, "connection-http-connection.conf", broken=False),
    SetUp(NGINX, "cache-valid-any.conf", broken=False),  # our 426 says no-store
    SetUp(NGINX, "intercept-errors-426.conf", broken=False),
    SetUp(NGINX, "intercept-errors-426-eq200.conf", broken=False),
    SetUp(NGINX, "intercept-errors-no-page.conf", broken=False),
    SetUp(NGINX, "tls-h2.conf", front=True, server="healthy", unseen=_LATER),
    SetUp(NGINX, "tls-h2-map.conf", broken=False, front=True),
    SetUp(NGINX, "tls-h2-more-clear.conf", broken=False, front=True),
)
