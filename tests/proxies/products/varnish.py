"""Varnish of Debian."""

from typing import Final

from interop.install import Program, Recipe

from ..values import Product, SetUp

# It compiles its configuration; optimised, that takes longer than all requests here.
_COMPILER: Final = "exec gcc -O0 -pthread -fpic -shared -Wl,-x -o %o %s"

VARNISH: Final = Product(
    name="Varnish",
    recipe=Recipe(
        "varnish",
        (
            Program("gcc", "gcc"),
            Program("include/stdio.h", "libc6-dev"),
            Program(
                "varnishd",
                "varnish",
                unpacked=True,
                libraries=("libedit2", "libjemalloc2", "libvarnishapi3"),
            ),
        ),
    ),
    command=(
        "varnishd",
        *("-F", "-f", "@config@", "-a", "127.0.0.1:@port@", "-n", "@where@/work"),
        *("-j", "none", "-s", "malloc,8m", "-l", "1m"),
        *("-p", f"cc_command={_COMPILER}"),
    ),
    asks_version=("varnishd", "-V"),
    folder="varnish",
    layout="braces",
)

SET_UPS: Final = (
    SetUp(VARNISH, "default.vcl"),
    SetUp(VARNISH, "pass.vcl"),
    SetUp(VARNISH, "pipe-no-copy.vcl"),
    SetUp(VARNISH, "pipe-copy-upgrade-only.vcl"),
    SetUp(VARNISH, "pass-restore.vcl", server="healthy"),
    SetUp(VARNISH, "pipe.vcl", broken=False),
)
