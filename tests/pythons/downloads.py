"""Get what the runs need: the packages that the core's tests import, and CPython for WebAssembly.

Rules for this module: everything goes into .pythons/, each part with a stamp, so that it is
downloaded once. pip gets wheels without compiled code, the same ones for every interpreter.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree, which
from typing import Final, NamedTuple, final

from .interpreters import Interpreter, UnavailableError

ROOT: Final = Path(__file__).resolve().parents[2]
HOME: Final = ROOT / ".pythons"
PACKAGES: Final = HOME / "packages"

_SECONDS: Final = 300.0
_PIP: Final = (
    *(sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--group", "core"),
    *("--only-binary=:all:", "--platform=any", "--implementation=py", "--abi=none"),
    *("--python-version=3.11", f"--target={PACKAGES}"),
)


@final
class Release(NamedTuple):
    """A release of npm's pyodide, and the CPython in it as its makers state it."""

    pyodide: str
    version: tuple[int, ...]

    @property
    def folder(self) -> Path:
        """What it is downloaded into."""
        return HOME / f"pyodide-{self.pyodide}"

    @property
    def module(self) -> Path:
        """What Node imports."""
        return self.folder / "node_modules" / "pyodide"


# The first is older than 3.11.5, as Debian 12's python3 is.
RELEASES: Final = (
    Release("0.25.1", (3, 11, 3)),
    Release("0.27.7", (3, 12, 7)),
    Release("0.29.5", (3, 13, 2)),
    Release("314.0.7", (3, 14, 2)),
)
FIXED: Final = (3, 11, 5)
"""The first CPython that matches possessive and atomic repetitions of groups as it should."""


def kind(version: tuple[int, ...]) -> tuple[int, ...] | None:
    """What a version is taken as a sample of: None before 3.11.5, else its minor version."""
    return None if version < FIXED else version[:2]


def missing(found: Sequence[Interpreter]) -> list[Release]:
    """The releases of pyodide that have what no CPython of this machine has."""
    here = {kind(each.version) for each in found if each.implementation == "CPython"}
    return [release for release in RELEASES if kind(release.version) not in here]


def fetch_packages() -> None:
    """Have what the core's tests import. Raises :class:`UnavailableError`."""
    wanted = repr(_PIP) + (ROOT / "pyproject.toml").read_text("utf-8")
    _fetch(PACKAGES, wanted, _PIP)


def fetch_release(release: Release) -> None:
    """Have a release of pyodide, and Node. Raises :class:`UnavailableError`."""
    for program in ("node", "npm"):
        if not which(program):
            raise UnavailableError(f"{program} is not on PATH")
    npm = ("npm", "install", "--silent", "--no-save", "--ignore-scripts", "--no-audit")
    argv = (*npm, "--prefix", str(release.folder), f"pyodide@{release.pyodide}")
    _fetch(release.folder, repr(argv), argv)


def _fetch(folder: Path, wanted: str, argv: tuple[str, ...]) -> None:
    stamp = folder.with_suffix(folder.suffix + ".stamp")
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return
    rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    print(f"Downloading into {folder.relative_to(ROOT)}", flush=True)
    _run(argv)
    stamp.write_text(wanted, "utf-8")


def _run(argv: tuple[str, ...]) -> None:
    try:
        ran = subprocess.run(
            argv, check=False, cwd=ROOT, capture_output=True, text=True, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(str(error)) from None
    if ran.returncode != 0:
        lines = (ran.stderr.strip() or ran.stdout.strip() or "no message").splitlines()
        name = " ".join((Path(argv[0]).name, *argv[1:4]))
        raise UnavailableError(f"{name} failed: {lines[-1]}")
