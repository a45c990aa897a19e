"""What importing the package loads, in an interpreter that has loaded nothing else."""

import subprocess
import sys

from core_sources import PACKAGE


def test_importing_the_package_loads_nothing_heavy_and_nothing_foreign() -> None:
    # -S: no site-packages, so that whatever is not of the standard library is not found.
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); started = set(sys.modules);"
        "import httpupgrade; print(*sorted(set(sys.modules) - started))"
    )
    completed = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", "-c", script, str(PACKAGE.parent)],
        capture_output=True,
        check=True,
        text=True,
    )
    loaded = set(completed.stdout.split())
    assert {
        "httpupgrade",
        "httpupgrade._server.negotiator",
        "httpupgrade._protocols.websocket.offer",
    } <= loaded
    roots = {name.partition(".")[0] for name in loaded}
    heavy = {"asyncio", "socket", "ssl", "logging", "dataclasses", "inspect", "threading"}
    assert not roots & (heavy | {"h11", "wsproto", "hypothesis"})
    assert roots - {"httpupgrade"} <= sys.stdlib_module_names
