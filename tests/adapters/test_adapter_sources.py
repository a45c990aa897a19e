"""What the adapters import."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from core_sources import PACKAGE

ADAPTERS = sorted((PACKAGE / "adapters").glob("*.py"))
EXTRAS = {"h11", "h2", "uvicorn", "wsproto"}


def imports_of(path: Path) -> list[ast.Import | ast.ImportFrom]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


def foreign_libraries_of(path: Path) -> set[str]:
    modules = set()
    for node in imports_of(path):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif not node.level:
            assert node.module is not None
            modules.add(node.module.partition(".")[0])
    return modules - sys.stdlib_module_names


@pytest.mark.parametrize("path", ADAPTERS, ids=lambda path: path.stem)
def test_an_adapter_imports_the_library_that_it_is_named_after_and_no_other(path: Path) -> None:
    foreign = foreign_libraries_of(path)
    assert foreign == ({path.stem} & EXTRAS)


@pytest.mark.parametrize("path", ADAPTERS, ids=lambda path: path.stem)
def test_an_adapter_imports_at_its_top_and_nowhere_else(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert all(
        node in tree.body
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    )


def test_the_core_imports_no_adapter() -> None:
    script = "import sys, httpupgrade; print(*[n for n in sys.modules if 'adapters' in n])"
    completed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )
    assert completed.stdout.split() == []
