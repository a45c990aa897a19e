"""HAProxy of Debian."""

from typing import Final

from interop.install import Program, Recipe

from ..values import Product, SetUp

HAPROXY: Final = Product(
    name="HAProxy",
    recipe=Recipe(
        "haproxy",
        (
            Program(
                "haproxy",
                "haproxy",
                unpacked=True,
                libraries=("liblua5.3-0", "libopentracing-c-wrapper0"),
            ),
        ),
    ),
    command=("haproxy", "-db", "-f", "@config@"),
    asks_version=("haproxy", "-v"),
    folder="haproxy",
    layout="sections",
)

_SILENT: Final = "HAProxy leaves no trace in a response that it passes on."

SET_UPS: Final = (
    SetUp(HAPROXY, "del-header-connection.cfg", client="unnamed", unseen=_SILENT),
    SetUp(HAPROXY, "del-header-upgrade.cfg", client="unnamed", unseen=_SILENT),
    SetUp(HAPROXY, "set-connection-close.cfg", client="unnamed", unseen=_SILENT),
    SetUp(HAPROXY, "server-proto-h2.cfg"),
    SetUp(HAPROXY, "default.cfg", broken=False),
    SetUp(HAPROXY, "forwardfor-httpclose.cfg", broken=False),
    SetUp(HAPROXY, "http-server-close.cfg", broken=False),
    SetUp(HAPROXY, "mode-tcp.cfg", broken=False),
    SetUp(HAPROXY, "disable-h2-upgrade.cfg", broken=False),
    SetUp(HAPROXY, "tls-h2.cfg", broken=False, front=True),
)
