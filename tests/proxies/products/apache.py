"""Apache httpd of Debian."""

from typing import Final

from interop import install

from ..values import Product, SetUp

APACHE: Final = Product(
    name="Apache httpd",
    recipe=install.APACHE,
    command=("apache2", "-f", "@config@", "-DFOREGROUND"),
    asks_version=("apache2", "-v"),
    folder="apache",
    layout="tags",
    shared=("common.conf",),
    files=(("modules", "lib/apache2/modules"),),
)

SET_UPS: Final = (
    SetUp(APACHE, "default.conf"),
    SetUp(APACHE, "default-preservehost.conf"),
    SetUp(APACHE, "default-wstunnel-loaded.conf"),
    SetUp(APACHE, "requestheader-set.conf"),
    SetUp(APACHE, "force-http10.conf"),
    SetUp(APACHE, "nokeepalive.conf"),
    SetUp(APACHE, "upgrade-websocket.conf", broken=False),
    SetUp(APACHE, "upgrade-any.conf", broken=False),
    SetUp(APACHE, "rewrite-ws.conf", broken=False),
    SetUp(APACHE, "wstunnel-all.conf", broken=False),
    SetUp(APACHE, "erroroverride.conf", broken=False),
    SetUp(APACHE, "erroroverride-nodoc.conf", broken=False),
    SetUp(APACHE, "protocols-h2c.conf", broken=False),
    SetUp(APACHE, "tls-h2.conf", broken=False, front=True),
)
