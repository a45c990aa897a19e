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

_PIPED: Final = "In a pipe, Varnish leaves no trace in a response."
_LOST: Final = "The request arrives as it should; it is the 101 that Varnish loses."

SET_UPS: Final = (
    SetUp(VARNISH, "default.vcl"),
    SetUp(VARNISH, "pass.vcl"),
    SetUp(VARNISH, "synth-426.vcl"),
    SetUp(VARNISH, "pipe-no-copy.vcl", client="unnamed", unseen=_PIPED),
    SetUp(VARNISH, "pipe-copy-upgrade-only.vcl", client="unnamed", unseen=_PIPED),
    SetUp(VARNISH, "pass-restore.vcl", server="healthy", unseen=_LOST),
    SetUp(VARNISH, "pipe.vcl", broken=False),
)
