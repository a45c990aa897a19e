"""Find the Python interpreters of this machine.

Rules for this module: an interpreter is asked what it is, never judged by its name or its place.
"""

import json
import os
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from shutil import which
from typing import Final, NamedTuple, final

OLDEST: Final = (3, 11)

_NAMES: Final = ("python3", *(f"python3.{minor}" for minor in range(11, 20)))
_SECONDS: Final = 30.0
_ASK: Final = """
import json, platform, sys, sysconfig
print(json.dumps([sys.executable, sys.version_info[:3], platform.python_implementation(),
    sys.version, bool(sysconfig.get_config_var("Py_GIL_DISABLED"))]))
"""


class UnavailableError(Exception):
    """Something that a run needs cannot be had here; the message says why."""


@final
class Interpreter(NamedTuple):
    """An interpreter that answered."""

    path: str
    version: tuple[int, ...]
    implementation: str
    build: str
    """``sys.version``: with the date and the compiler."""
    free_threaded: bool


def ask(path: str) -> Interpreter:
    """Ask a program what it is. Raises :class:`UnavailableError` where it is not a Python."""
    try:
        asked = subprocess.run(
            [path, "-I", "-S", "-c", _ASK],
            check=False,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
        )
        executable, version, implementation, build, free_threaded = json.loads(asked.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        raise UnavailableError(f"{path}: not a Python interpreter of today: {error}") from None
    return Interpreter(executable, tuple(version), implementation, build, free_threaded)


def places() -> list[str]:
    """Where interpreters usually are: the system's, those on PATH, pyenv's and uv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    uv = Path("~/.local/share/uv/python").expanduser()
    names = [name + free for name in _NAMES for free in ("", "t")]
    found = [which(name, path=path) for path in ("/usr/bin", None) for name in names]
    installed = [*pyenv.glob("versions/*/bin/python"), *uv.glob("*/bin/python")]
    return [path for path in found if path] + sorted(map(str, installed))


def find(named: Sequence[str], usual: Iterable[str]) -> list[Interpreter]:
    """Each build once, in order of version: those that the user named, and those in usual places.

    What is older than :data:`OLDEST` is left out. Raises :class:`UnavailableError` where one that
    the user named is not an interpreter, or is too old.
    """
    found: dict[str, Interpreter] = {}
    for name in named:
        interpreter = ask(name)
        if interpreter.version < OLDEST:
            raise UnavailableError(f"{name}: Python 3.11 or newer is needed")
        found.setdefault(interpreter.build, interpreter)
    for path in usual:
        try:
            interpreter = ask(path)
        except UnavailableError:  # a launcher of pyenv for a version that is not chosen
            continue
        if interpreter.version >= OLDEST:
            found.setdefault(interpreter.build, interpreter)
    return sorted(found.values(), key=lambda each: each.version)
