"""Our contender, made of another copy of the library in the same process.

Rules for this module: both copies are whole, and share no module. The other one is among the
modules of the interpreter only while it is made.
"""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Final

from .contender import Contender

_HERE: Final = Path(__file__).resolve().parent
SOURCE: Final = _HERE.parent / "src"
"""Of this tree."""
_SLOW_PATH: Final = _HERE.parent / "tests" / "support" / "slow_path.py"


def contender_of(source: Path, then: Callable[[], None] = lambda: None) -> Contender:
    """Our contender, made of the package in a directory.

    It is the one beside that package, if there is one: it knows the names that were in use there.
    ``then`` is called while that copy is the one that ``import`` finds.

    Raises :class:`ImportError` where there is no package.
    """
    beside = source.absolute().parent / "benchmarks" / "contenders" / "ours.py"
    here = _HERE / "contenders" / "ours.py"
    ours = {name: each for name, each in sys.modules.items() if name.startswith("httpupgrade")}
    for name in ours:
        del sys.modules[name]
    sys.path.insert(0, str(source))
    try:
        module = _executed("benchmarks.contenders.other", beside if beside.is_file() else here)
        then()
    finally:
        sys.path.remove(str(source))
        for name in [name for name in sys.modules if name.startswith("httpupgrade")]:
            del sys.modules[name]
        sys.modules.update(ours)
    other: Contender = module.OURS
    return other


def slow_path() -> Contender:
    """This tree's contender with the fast path off, as in ``pytest --slow-path``."""

    def turn_off() -> None:
        _executed("benchmarks_slow_path", _SLOW_PATH).turn_off_the_fast_path()

    return contender_of(SOURCE, turn_off)._replace(name="httpupgrade, its slow path")


def _executed(name: str, file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
