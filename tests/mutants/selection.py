"""Which tests are run for a mutant: those that call its function, the quickest first."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from .calls import Calls, Function

_ENOUGH: Final = 5.0
"""Seconds of tests that a mutant has to live through at most."""


class Measured:
    """What tests call and how long they take, kept until their file changes."""

    def __init__(self, file: Path) -> None:
        self._file = file
        kept = json.loads(file.read_text("utf-8")) if file.exists() else {}
        self._functions: list[Function] = [(path, name) for path, name in kept.get("functions", ())]
        self._numbers = {each: number for number, each in enumerate(self._functions)}
        self._files: dict[str, Any] = kept.get("files", {})

    def unknown(self, items: Sequence[pytest.Item]) -> list[pytest.Item]:
        """Tests of which nothing is known."""
        digests = {each: _digest(each) for each in {item.path for item in items}}
        return [item for item in items if self._row(item, digests) is None]

    def measure(
        self, items: Sequence[pytest.Item], passes: Callable[[pytest.Item], bool], calls: Calls
    ) -> None:
        """Run each once, and keep the file. One that fails could not tell a mutant: it counts as
        one that calls nothing.
        """
        digests = {each: _digest(each) for each in {item.path for item in items}}
        for item in items:
            calls.take()
            begun = time.process_time()
            passed = passes(item)
            seconds = time.process_time() - begun
            called = sorted(map(self._number, calls.take())) if passed else []
            kept = self._files.setdefault(_file(item), {})
            if kept.get("digest") != digests[item.path]:
                kept.update(digest=digests[item.path], tests={})
            kept["tests"][item.nodeid] = (round(seconds, 4), called)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        kept = {"functions": self._functions, "files": self._files}
        self._file.write_text(json.dumps(kept), "utf-8")

    def selection(self, items: Sequence[pytest.Item]) -> "Selection":
        """Of these tests."""
        rows = [self._files[_file(each)]["tests"][each.nodeid] for each in items]
        calling: dict[Function, list[int]] = {}
        for test, (_, called) in enumerate(rows):
            for number in called:
                calling.setdefault(self._functions[number], []).append(test)
        return Selection([each.nodeid for each in items], [row[0] for row in rows], calling)

    def _row(self, item: pytest.Item, digests: dict[Path, str]) -> Any:
        kept = self._files.get(_file(item), {})
        if kept.get("digest") != digests[item.path]:
            return None
        return kept["tests"].get(item.nodeid)

    def _number(self, function: Function) -> int:
        if function not in self._numbers:
            self._numbers[function] = len(self._functions)
            self._functions.append(function)
        return self._numbers[function]


class Selection:
    """Tests by their number, in the order of their collection."""

    def __init__(
        self,
        names: Sequence[str],
        seconds: Sequence[float],
        calling: dict[Function, list[int]],
    ) -> None:
        self.seconds = seconds
        self._names = names
        self._calling = calling
        self._have_killed: dict[Function, list[int]] = {}

    def tests(self, function: Function) -> list[int]:
        """Those that killed mutants of the function before, the last one first; then the quickest
        row of each table; then the other rows.
        """
        calling = self._calling.get(function, [])
        by_time = sorted(calling, key=self.seconds.__getitem__)
        first: dict[str, int] = {}
        for number in by_time:
            first.setdefault(self._names[number].partition("[")[0], number)
        ordered = [*reversed(self._have_killed.get(function, [])), *first.values(), *by_time]
        return list(self._within(dict.fromkeys(ordered)))

    def killed(self, function: Function, test: int) -> None:
        """Remember which test it was."""
        tests = self._have_killed.setdefault(function, [])
        if test in tests:
            tests.remove(test)
        tests.append(test)

    def _within(self, tests: dict[int, None]) -> Iterator[int]:
        spent = 0.0
        for number in tests:
            spent += self.seconds[number]
            if spent > _ENOUGH and spent > self.seconds[number]:
                return
            yield number


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _file(item: pytest.Item) -> str:
    return str(item.path.relative_to(item.config.rootpath))
