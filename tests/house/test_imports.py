"""What importing the package loads, in an interpreter that has loaded nothing else."""

import subprocess
import sys

import pytest
from core_sources import PACKAGE

from httpupgrade._http1 import grammar

# -S: no site-packages, so that whatever is not of the standard library is not found.
ALONE = [sys.executable, "-I", "-S", "-W", "error", "-c"]


@pytest.mark.parametrize("module", ["httpupgrade"])
def test_an_import_compiles_no_pattern_but_the_one_that_checks_our_own_tokens(module: str) -> None:
    script = """if True:
        import re, sys
        compiled, compile = [], re.compile
        def counted(*arguments):
            if sys._getframe(1).f_globals["__name__"].startswith("httpupgrade"):
                compiled.append(arguments[0])
            return compile(*arguments)
        re.compile = counted
        sys.path.insert(0, sys.argv[1])
        __import__(sys.argv[2])
        print(*compiled)
    """
    command = [*ALONE, script, str(PACKAGE.parent), module]
    completed = subprocess.run(command, capture_output=True, check=True, text=True)
    assert completed.stdout.splitlines() == [repr(grammar.TOKEN.pattern)]


def test_importing_the_package_loads_nothing_heavy_and_nothing_foreign() -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); started = set(sys.modules);"
        "import httpupgrade; print(*sorted(set(sys.modules) - started))"
    )
    completed = subprocess.run(
        [*ALONE, script, str(PACKAGE.parent)],
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
