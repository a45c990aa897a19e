"""Try a mutant that takes effect only when its module is loaded: in a process of its own.

``python -m mutants.loading PATH FILE ARGUMENTS...`` runs pytest with the text of FILE loaded in
the place of the module at PATH.
"""

import importlib.abc
import importlib.machinery
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

import pytest

from .mutations import Mutant
from .record import Outcome

_SECONDS: Final = 300


def try_loaded(mutant: Mutant, arguments: Sequence[str]) -> Outcome:
    """Run pytest with these arguments, and the mutant in the place of its module."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".py") as file:
        file.write(mutant.source())
        file.flush()
        command = [sys.executable, "-m", "mutants.loading", str(mutant.path), file.name]
        try:
            run = subprocess.run(
                [*command, "-x", "-q", *arguments],
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Outcome.ENDED
    return Outcome.SURVIVED if run.returncode == 0 else Outcome.KILLED


def module_name(path: Path) -> str:
    """That of a file below src."""
    inside = path.parts[path.parts.index("src") + 1 :]
    return ".".join(inside).removesuffix(".py").removesuffix(".__init__")


class _InPlace(importlib.abc.MetaPathFinder):
    def __init__(self, path: Path, text: Path) -> None:
        self._name = module_name(path)
        self._loader = _OtherText(self._name, path, text)
        self._path = path

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._name:
            return None
        return spec_from_file_location(fullname, self._path.resolve(), loader=self._loader)


class _OtherText(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: Path, text: Path) -> None:
        super().__init__(name, str(path.resolve()))
        self._text = text

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._text.read_bytes(), self.path, "exec")


if __name__ == "__main__":
    sys.meta_path.insert(0, _InPlace(Path(sys.argv[1]), Path(sys.argv[2])))
    # Our plugin of pytest has its hook for assertions load all of our modules, in place of this.
    sys.exit(pytest.main(["--assert=plain", *sys.argv[3:]]))
