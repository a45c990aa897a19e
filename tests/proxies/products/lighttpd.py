"""lighttpd of Debian."""

from typing import Final

from interop.install import Program, Recipe

from ..values import Product, SetUp

LIGHTTPD: Final = Product(
    name="lighttpd",
    recipe=Recipe(
        "lighttpd",
        (
            Program("lib/lighttpd/mod_openssl.so", "lighttpd-mod-openssl", unpacked=True),
            Program("lighttpd", "lighttpd", unpacked=True, libraries=("libxxhash0",)),
        ),
    ),
    command=("lighttpd", "-D", "-m", "@modules@", "-f", "@config@"),
    asks_version=("lighttpd", "-v"),
    folder="lighttpd",
    layout="flat",
    files=(("modules", "lib/lighttpd"),),
)

SET_UPS: Final = (
    SetUp(LIGHTTPD, "default.conf"),
    SetUp(LIGHTTPD, "forwarded.conf"),
    SetUp(LIGHTTPD, "force-http10.conf"),
    SetUp(LIGHTTPD, "upgrade-enable.conf", broken=False),
    SetUp(LIGHTTPD, "tls-h2.conf", broken=False, front=True),
)
