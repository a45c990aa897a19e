"""Apache Traffic Server of Debian."""

from typing import Final

from interop.install import Program, Recipe

from ..values import Product, SetUp

_LIBRARIES: Final = (
    "libbrotli1",
    "libcap2",
    "libcurl4",
    "libhwloc15",
    "libluajit-5.1-2",
    "liblzma5",
    "libmaxminddb0",
    "libncursesw6",
    "libpcre3",
    "libssl3",
    "libunwind8",
    "libyaml-cpp0.7",
    "zlib1g",
)

TRAFFIC_SERVER: Final = Product(
    name="Apache Traffic Server",
    recipe=Recipe(
        "trafficserver",
        (Program("traffic_server", "trafficserver", unpacked=True, libraries=_LIBRARIES),),
    ),
    command=("traffic_server", "--run-root=@where@/runroot.yaml"),
    asks_version=("traffic_server", "--version"),
    folder="trafficserver",
    layout="flat",
    shared=("records.config", "runroot.yaml", "ip_allow.yaml", "storage.config", "plugin.config"),
    environment=(("LD_LIBRARY_PATH", "@modules@"),),
    files=(
        ("modules", "lib/trafficserver"),
        ("bodies", "../etc/trafficserver/body_factory"),
    ),
)

_ITSELF: Final = "Nothing arrives: Traffic Server answers by itself."

SET_UPS: Final = (
    SetUp(TRAFFIC_SERVER, "default.config", server="nothing", unseen=_ITSELF),
    SetUp(TRAFFIC_SERVER, "ws-map.config", broken=False),
    SetUp(TRAFFIC_SERVER, "any-scheme.config", broken=False),
)
