"""A module that is imported at its first use is then like any other."""

import re
import subprocess
import sys
import threading
from modulefinder import ModuleFinder
from types import ModuleType

import pytest
from core_sources import PACKAGE

from httpupgrade._http1.lazy_module import lazy_module


def test_it_is_imported_at_its_first_use_and_not_before() -> None:
    script = """if True:
        import sys; sys.path.insert(0, sys.argv[1])
        from httpupgrade._http1.lazy_module import lazy_module
        colorsys = lazy_module("colorsys")
        print("colorsys" in sys.modules)
        print(colorsys.hls_to_rgb is sys.modules["colorsys"].hls_to_rgb)
    """
    command = [sys.executable, "-I", "-S", "-c", script, str(PACKAGE.parent)]
    completed = subprocess.run(command, capture_output=True, check=True, text=True)
    assert completed.stdout.split() == ["False", "True"]


def test_it_is_a_module_then_with_all_that_the_module_has() -> None:
    json = lazy_module("json")
    assert json.loads("[1]") == [1]
    imported = sys.modules["json"]
    assert type(json) is ModuleType
    assert vars(json) == vars(imported)
    assert json.dumps is imported.dumps


def test_tools_that_pack_a_program_find_what_it_loads_later() -> None:
    found = set[str]()
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_text("utf-8")
        later = set(re.findall(r"""\blazy_module\("(\w+)"\)""", source))
        # They read the code, not the source: a branch that is never taken is in it.
        code = compile(source, path, "exec")
        scanned = ModuleFinder().scan_opcodes(code)
        imported = {each[1][1] for each in scanned if each[0] == "absolute_import"}
        assert later <= imported, path
        found |= later
    assert found >= {"copy", "hashlib", "json"}


def test_what_a_module_has_not_it_has_not() -> None:
    with pytest.raises(AttributeError, match="nothing_of_that_name"):
        _ = lazy_module("json").nothing_of_that_name


def test_threads_may_use_it_at_the_same_time() -> None:
    for _ in range(50):
        module, start, found = lazy_module("json"), threading.Barrier(4), list[object]()

        def use(
            module: ModuleType = module,
            start: threading.Barrier = start,
            found: list[object] = found,
        ) -> None:
            start.wait()
            found.append(module.loads("[1]"))

        threads = [threading.Thread(target=use) for _ in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert found == [[1]] * 4
