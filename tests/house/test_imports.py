"""What importing the package costs: the modules that it loads, the patterns that it compiles.

Each test asks an interpreter that has loaded nothing else. What is not loaded at once is loaded by
whoever first needs it; benchmarks/imports.py tells the time.
"""

import subprocess
import sys

import pytest
from core_sources import PACKAGE

import httpupgrade
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
STATEMENTS = ["from httpupgrade import *", "import httpupgrade.diagnosis"]


def printed(script: str, *arguments: str) -> list[str]:
    """The words that a script prints which finds the package and nothing that is not of Python."""
    find = "import sys; sys.path.insert(0, sys.argv[1])\n"
    # -S: no site-packages, so that whatever is not of the standard library is not found.
    command = [sys.executable, "-I", "-S", "-W", "error", "-c", find + script]
    command += [str(PACKAGE.parent), *arguments]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()


def loaded_by(statement: str) -> set[str]:
    script = "before = set(sys.modules); exec(sys.argv[2]); print(*set(sys.modules) - before)"
    return set(printed(script, statement))


def own(loaded: set[str]) -> set[str]:
    return {name.removeprefix("httpupgrade.") for name in loaded if "httpupgrade" in name}


def loaded_by_python(modules: set[str]) -> set[str]:
    """What these modules of the standard library load, at whatever version this is."""
    return loaded_by(f"import {', '.join(sorted(modules))}")


def test_the_package_loads_nothing_before_it_is_asked_for_a_name() -> None:
    assert own(loaded_by("import httpupgrade")) == {"httpupgrade"}


def test_each_name_can_be_the_first_that_is_asked_for() -> None:
    script = """if True:
        import httpupgrade
        for name in httpupgrade.__all__:
            for module in [each for each in sys.modules if each.startswith("httpupgrade")]:
                del sys.modules[module]
            import httpupgrade
            assert getattr(httpupgrade, name) is getattr(httpupgrade, name)
            assert name in vars(httpupgrade)
            print(name)
    """
    assert printed(script) == httpupgrade.__all__


def test_a_server_loads_no_client_and_no_protocol_that_it_does_not_speak() -> None:
    server = own(loaded_by("from httpupgrade import Policy, ServerNegotiator, WebSocket"))
    assert {"_server.negotiator", "_protocols.websocket.offer"} <= server
    assert not [each for each in server if each.startswith(("_client", "_protocols.tunnels"))]
    assert not {"_protocols.h2c", "_protocols.tls", "_server.head_negotiator"} & server


def test_a_client_loads_no_server() -> None:
    client = own(loaded_by("from httpupgrade import ClientNegotiator, WebSocket"))
    assert {"_client.negotiator", "_protocols.websocket.offer"} <= client
    assert not [each for each in client if each.startswith(("_server", "_protocols.tunnels"))]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_an_import_loads_nothing_but_what_it_works_with(statement: str) -> None:
    loaded = loaded_by(statement)
    assert "_protocols.websocket.offer" in own(loaded)
    foreign = {name for name in loaded if name.partition(".")[0] != "httpupgrade"}
    assert foreign <= loaded_by_python(WORKED_WITH)
    assert not [each for each in own(loaded) if each.startswith(("adapters", "cli"))]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_an_import_compiles_no_pattern_but_the_one_that_checks_our_own_tokens(
    statement: str,
) -> None:
    script = """if True:
        import re
        compiled, compile = [], re.compile
        def counted(*arguments):
            if sys._getframe(1).f_globals["__name__"].startswith("httpupgrade"):
                compiled.append(arguments[0].hex())
            return compile(*arguments)
        re.compile = counted
        exec(sys.argv[2])
        print(*compiled)
    """
    assert printed(script, statement) == [grammar.TOKEN.pattern.hex()]


def test_the_help_of_the_command_loads_no_subcommand() -> None:
    script = """if True:
        import contextlib, io
        from httpupgrade.cli import main
        with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()) as told:
            main(sys.argv[2:])
        assert "probe" in told.getvalue()
        print(*sys.modules)
    """
    loaded = own(set(printed(script, "--help")))
    assert "cli.command" in loaded
    assert not [each for each in loaded if each.startswith(("_", "cli.probe", "cli.explain"))]
    assert "cli.probe" in own(set(printed(script, "probe", "--help")))
