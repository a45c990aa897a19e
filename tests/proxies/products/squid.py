"""Squid of Debian."""

from typing import Final

from interop.install import Program, Recipe

from ..values import Product, SetUp

SQUID: Final = Product(
    name="Squid",
    recipe=Recipe(
        "squid",
        (
            Program("share/squid/mime.conf", "squid-common", unpacked=True),
            Program("share/squid-langpack/templates", "squid-langpack", unpacked=True),
            Program(
                "squid",
                "squid",
                unpacked=True,
                libraries=("libecap3", "libltdl7", "libnetfilter-conntrack3", "libtdb1"),
            ),
        ),
    ),
    command=("squid", "-N", "-n", "proxy@port@", "-f", "@config@"),
    asks_version=("squid", "-v"),
    folder="squid",
    layout="flat",
    shared=("unpacked.conf",),
    files=(
        ("share", "share/squid"),
        ("langpack", "share/squid-langpack"),
        ("programs", "lib/squid"),
    ),
    own_user=True,
)

SET_UPS: Final = (
    SetUp(SQUID, "default.conf"),
    SetUp(SQUID, "via-off.conf"),
    SetUp(SQUID, "upgrade-other.conf", broken=False),  # OTHER: all that have no rule
    SetUp(SQUID, "upgrade-allow.conf", broken=False),
)
