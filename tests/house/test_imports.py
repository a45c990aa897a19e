"""What importing the package costs: the modules that it loads, the patterns that it compiles.

Each test asks an interpreter that has loaded nothing else. What is not loaded at once is loaded by
whoever first needs it; benchmarks/imports.py tells the time.
"""

import subprocess
import sys

import pytest
from core_sources import PACKAGE

from httpupgrade._http1 import grammar

# Modules that the core works with at once. Whatever loads more says here why.
WORKED_WITH = {
    "binascii",
    "collections",
    "collections.abc",
    "enum",
    "functools",
    "itertools",
    "os",
    "re",
    "sys",
    "types",
    "typing",
}
MODULES = ["httpupgrade", "httpupgrade.diagnosis"]


def printed(script: str, *arguments: str) -> list[str]:
    """The words that a script prints which finds the package and nothing that is not of Python."""
    find = "import sys; sys.path.insert(0, sys.argv[1])\n"
    # -S: no site-packages, so that whatever is not of the standard library is not found.
    command = [sys.executable, "-I", "-S", "-W", "error", "-c", find + script]
    command += [str(PACKAGE.parent), *arguments]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()


def loaded_by(module: str) -> set[str]:
    script = "before = set(sys.modules); __import__(sys.argv[2]); print(*set(sys.modules) - before)"
    return set(printed(script, module))


def loaded_by_python(modules: set[str]) -> set[str]:
    """What these modules of the standard library load, at whatever version this is."""
    script = (
        "before = set(sys.modules); [__import__(each) for each in sys.argv[2:]];"
        "print(*set(sys.modules) - before)"
    )
    return set(printed(script, *modules))


@pytest.mark.parametrize("module", MODULES)
def test_an_import_loads_nothing_but_what_it_works_with(module: str) -> None:
    loaded = loaded_by(module)
    assert {module, "httpupgrade._server.negotiator"} <= loaded
    foreign = {name for name in loaded if name.partition(".")[0] != "httpupgrade"}
    assert foreign <= loaded_by_python(WORKED_WITH)
    assert not [
        name for name in loaded if name.startswith(("httpupgrade.adapters", "httpupgrade.cli"))
    ]


@pytest.mark.parametrize("module", MODULES)
def test_an_import_compiles_no_pattern_but_the_one_that_checks_our_own_tokens(module: str) -> None:
    script = """if True:
        import re
        compiled, compile = [], re.compile
        def counted(*arguments):
            if sys._getframe(1).f_globals["__name__"].startswith("httpupgrade"):
                compiled.append(arguments[0].hex())
            return compile(*arguments)
        re.compile = counted
        __import__(sys.argv[2])
        print(*compiled)
    """
    assert printed(script, module) == [grammar.TOKEN.pattern.hex()]
