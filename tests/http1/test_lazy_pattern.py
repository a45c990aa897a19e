"""A pattern that is compiled at its first use behaves as one that was compiled at once."""

import copy
import pickle
import re
import sys
import threading
from collections.abc import Callable

import pytest

from httpupgrade._http1.lazy_pattern import LazyPattern, lazy_pattern

SOURCE = rb"(?i)(?P<letter>[a-c])([0-9]|)"
EAGER = re.compile(SOURCE)
OCTETS = b"xA1 b c22"


def source() -> bytes:
    return SOURCE


def seen(pattern: re.Pattern[bytes], name: str) -> object:
    """What one attribute of a pattern says of ``OCTETS``."""
    found = getattr(pattern, name)
    match name:
        case "match" | "fullmatch" | "search":
            matches = [found(OCTETS), found(OCTETS, 1), found(OCTETS, 1, 3), found(b"")]
            return [each and (each.span(), each.groups()) for each in matches]
        case "finditer":
            return [each.groups() for each in found(OCTETS)]
        case "scanner":
            return found(OCTETS).search().span()
        case "sub" | "subn":
            return found(rb"<\2>", OCTETS), found(lambda each: each[0] * 2, OCTETS, 1)
        case "findall" | "split":
            return found(OCTETS)
        case _:
            return found


NAMES = [name for name in dir(re.Pattern) if not name.startswith("_")]
MAKERS: dict[str, Callable[[], re.Pattern[bytes]]] = {
    "of its source": lambda: lazy_pattern(SOURCE),
    "of a function": lambda: lazy_pattern(source),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("name", NAMES)
def test_each_attribute_is_that_of_the_compiled_pattern(
    name: str, make: Callable[[], re.Pattern[bytes]]
) -> None:
    pattern = make()
    first = seen(pattern, name)
    assert first == seen(EAGER, name)
    assert seen(pattern, name) == first
    assert [seen(pattern, each) for each in NAMES] == [seen(EAGER, each) for each in NAMES]


def test_its_source_is_not_asked_for_before_the_first_use_and_once_after() -> None:
    calls = []

    def counted() -> bytes:
        calls.append(1)
        return SOURCE

    pattern = lazy_pattern(counted)
    assert not hasattr(pattern, "__wrapped__")
    assert calls == []
    for _ in range(2):
        assert pattern.match(b"a") is not None
        assert pattern.search(b"a") is not None
    assert calls == [1]


def test_text_has_patterns_too() -> None:
    assert lazy_pattern(r"[a-z]+").fullmatch("abc") is not None


@pytest.mark.parametrize("used", [False, True], ids=["not compiled", "compiled"])
@pytest.mark.parametrize("made", [SOURCE, source], ids=["source", "function"])
def test_it_is_copied_and_pickled(made: bytes | Callable[[], bytes], used: bool) -> None:
    pattern = lazy_pattern(made)
    if used:
        pattern.match(b"")
    for again in (
        copy.copy(pattern),
        copy.deepcopy(pattern),
        *(pickle.loads(pickle.dumps(pattern, i)) for i in range(pickle.HIGHEST_PROTOCOL + 1)),
    ):
        assert issubclass(type(again), LazyPattern)
        assert [seen(again, each) for each in NAMES] == [seen(EAGER, each) for each in NAMES]


@pytest.mark.parametrize("name", ["fulmatch", "__deepcopy__", "_names"])
def test_what_patterns_have_not_it_has_not(name: str) -> None:
    pattern = lazy_pattern(rb"(")
    assert not hasattr(pattern, name)
    with pytest.raises(re.error):
        pattern.match(b"")


@pytest.mark.skipif(sys.platform == "emscripten", reason="WebAssembly has no threads")
def test_threads_may_use_it_at_the_same_time() -> None:
    for _ in range(50):
        pattern, start, found = lazy_pattern(SOURCE), threading.Barrier(4), list[object]()

        def use(
            name: str,
            pattern: re.Pattern[bytes] = pattern,
            start: threading.Barrier = start,
            found: list[object] = found,
        ) -> None:
            start.wait()
            found.append(seen(pattern, name) == seen(EAGER, name))

        threads = [threading.Thread(target=use, args=(each,)) for each in NAMES[:4]]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert found == [True] * 4
