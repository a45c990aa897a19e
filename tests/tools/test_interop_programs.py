"""What ``make interop`` runs and builds: small programs here, and no network."""

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest
from held import Held
from interop.install import (
    BrokenError,
    Installer,
    Program,
    Recipe,
    UnavailableError,
    environment_of_clients,
    fingerprint,
    require,
)
from interop.processes import LateError, Ran, run

ENVIRONMENT = dict(os.environ)


def run_here(where: Path, *command: str, seconds: float = 60, stdin: str = "") -> Ran:
    return asyncio.run(
        run(command, seconds=seconds, environment=ENVIRONMENT, where=where, stdin=stdin)
    )


# --- Programs ------------------------------------------------------------------------------------


def test_a_program_is_given_its_input_and_read_to_its_end(tmp_path: Path) -> None:
    code = "import sys; print(input()); print('why', file=sys.stderr); sys.exit(3)"
    assert run_here(tmp_path, sys.executable, "-c", code, stdin="in\n") == Ran(3, "in\n", "why\n")


# A child that holds a FIFO open for longer than any test takes.
CHILD = "exec 3>held; sleep 300 &"


def test_a_program_that_does_not_end_is_ended_with_its_children(tmp_path: Path) -> None:
    held = Held(tmp_path)
    with pytest.raises(LateError, match=r"not done in 2 s") as raised:
        run_here(tmp_path, "sh", "-c", f"{CHILD} echo why >&2; sleep 300", seconds=2)
    assert raised.value.stderr == "why\n"
    assert held.let_go()


def test_the_children_of_a_program_that_ends_are_ended(tmp_path: Path) -> None:
    held = Held(tmp_path)
    assert run_here(tmp_path, "sh", "-c", f"{CHILD} exit 0") == Ran(0, "", "")
    assert held.let_go()


def test_nobody_waits_for_a_child_in_a_session_of_its_own(tmp_path: Path) -> None:
    code = (
        "import subprocess, time\n"
        "subprocess.Popen(['sleep', '40'], start_new_session=True)\n"
        "time.sleep(300)"
    )
    began = time.monotonic()
    with pytest.raises(LateError):
        run_here(tmp_path, sys.executable, "-c", code, seconds=2)
    assert time.monotonic() - began < 40


def test_a_client_is_run_in_no_setting_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "PRINTER", "DOCKER_TLS_VERIFY", "HTTP_PROXY", "HOME", "TMPDIR"):
        monkeypatch.setenv(name, "caller's")
    environment = environment_of_clients("/home")
    assert {"PATH", "NO_PROXY", "no_proxy", "TMPDIR"} <= environment.keys()
    assert not {"PRINTER", "DOCKER_TLS_VERIFY", "HTTP_PROXY"} & environment.keys()
    assert (environment["HOME"], environment["LC_ALL"]) == ("/home", "C")


# --- What they are built from --------------------------------------------------------------------


def recipe_in(tmp_path: Path, fetch: str, compile_: str = "true") -> Recipe:
    """A folder with one file, built by steps of the shell."""
    (tmp_path / "sources" / "own").mkdir(parents=True, exist_ok=True)
    (tmp_path / "sources" / "own" / "source").write_text("one")
    return Recipe(
        "own",
        fetches=(("sh", "-c", fetch),),
        compiles=(("sh", "-c", compile_),),
        home=tmp_path / "sources",
        built=tmp_path / "built",
    )


def get(recipe: Recipe) -> list[str]:
    """Have it built, and return what is said of that."""
    said: list[str] = []
    asyncio.run(Installer(said.append, root=False).get(recipe))
    return said


def test_what_is_built_is_built_once(tmp_path: Path) -> None:
    recipe = recipe_in(tmp_path, "cp source product")
    assert get(recipe) == ["own: sh -c", "own: sh -c"]
    assert (recipe.folder / "product").read_text() == "one"
    assert get(recipe) == []


def test_changed_sources_are_built_in_a_fresh_folder(tmp_path: Path) -> None:
    recipe = recipe_in(tmp_path, "cp source product-$(cat source)")
    get(recipe)
    (recipe.sources / "source").write_text("two")
    assert get(recipe) == ["own: sh -c", "own: sh -c"]
    assert [each.name for each in recipe.folder.glob("product-*")] == ["product-two"]


def test_a_step_that_fails_is_said_each_time_and_done_once(tmp_path: Path) -> None:
    recipe = recipe_in(tmp_path, "echo one >> ../log; echo some error >&2; exit 1")
    said: list[str] = []
    installer = Installer(said.append, root=False)
    for _ in range(2):
        with pytest.raises(UnavailableError, match="own: sh -c: some error"):
            asyncio.run(installer.get(recipe))
    assert len(said) == 1
    with pytest.raises(UnavailableError):  # another run tries again
        get(recipe)
    assert (recipe.built / "log").read_text() == "one\none\n"


def test_sources_that_do_not_compile_are_no_reason_to_skip(tmp_path: Path) -> None:
    recipe = recipe_in(tmp_path, "true", "echo some error >&2; echo line 1 >&2; exit 1")
    with pytest.raises(BrokenError, match="own: sh -c: some error") as raised:
        get(recipe)
    assert raised.value.stderr == "some error\nline 1\n"


def test_a_folder_that_cannot_be_written_is_a_reason(tmp_path: Path) -> None:
    recipe = recipe_in(tmp_path, "true")
    recipe.built.touch()  # a file, so that root may not either
    with pytest.raises(UnavailableError, match=r"own: .*Errno"):
        get(recipe)


def test_a_program_that_is_missing_is_installed_for_nobody_but_root() -> None:
    recipe = Recipe("own", (Program("no-such-program", "no-such-package"),))
    with pytest.raises(UnavailableError, match="no-such-program: not on PATH, and "):
        get(recipe)


def test_what_fails_to_be_built_is_unavailable_and_says_why() -> None:
    require("npm ci", Ran(0, "", "error"))
    with pytest.raises(UnavailableError, match="npm ci: npm error offline"):
        require("npm ci", Ran(1, "", "npm warn old\nnpm error offline\n"))


def test_sources_and_commands_decide_whether_to_build_again(tmp_path: Path) -> None:
    recipe = recipe_in(tmp_path, "make")
    one = fingerprint(recipe)
    assert fingerprint(recipe) == one
    (recipe.sources / "source").write_text("two")
    assert fingerprint(recipe) != one
    (recipe.sources / "source").write_text("one")
    assert fingerprint(recipe_in(tmp_path, "make -B")) != one
