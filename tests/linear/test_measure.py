"""The measure sees work that grows with the square, and takes linear work for linear."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

import pytest
from counting import elements_of, run_counted

from linear.subjects import MOST_GROWTH, SIZES

QUADRATIC: Final[Mapping[str, str]] = MappingProxyType(
    {
        "a loop": "for a in x:\n        for b in x: pass",
        "a comprehension": "for a in x:\n        [b for b in x if b == a]",
        "a comprehension of two": "[a for a in x for b in x]",
        "any": "for a in x:\n        any(b is None for b in x)",
        "a set made anew": "for a in x:\n        a in {b for b in x}",
        "a set made by its name": "for a in x:\n        a in set(x)",
        "a tuple looked through": "y = tuple(x)\n    for a in x: None in y",
        "octets looked through": "for a in x:\n        b'y' not in bytes(len(x))",
        "a slice": "for place, a in enumerate(x):\n        x[:place]",
        "a star": "for a in x:\n        (*x, a)",
        "a star in a call": "for a in x:\n        max(*x)",
        "a sum": "y = ()\n    for a in x: y = y + (a,)",
        "a tuple that grows": "y = ()\n    for a in x: y += (a,)",
        "a count": "for a in x:\n        x.count(a)",
        "an index": "for a in x:\n        x.index(x[-1])",
        "a map": "for a in x:\n        max(map(abs, x))",
        "a join": "for a in x:\n        b','.join([b'' for b in x])",
        "a lower case": "y = 'y' * len(x)\n    for a in x: y.lower()",
        "a text": "y = 'y' * len(x)\n    for a in x: f'{y}'",
        "rounds of a while": "y = len(x)\n    for a in x:\n        b = y\n        while b: b -= 1",
        "a start that is cut off octets": "y = bytes(len(x))\n    while y: y = y[1:]",
        "a start that is cut off a list": "y = [*x]\n    while y: del y[0]",
        "an end that is cut off a list": "for a in x:\n        y = [*x]\n        del y[9:]",
        "a first element taken out": "y = [*x]\n    while y: y.pop(0)",
        "an insertion at the start": "y = []\n    for a in x: y.insert(0, a)",
        "octets that grow": "y = b''\n    for a in x: y += b'y'",
        "a search from the start": "y = bytearray(len(x))\n    for a in x: y.find(b'y')",
        "a search by the function of a type": "y = bytes(x)\n    for a in x: bytes.find(y, b'y')",
        "a split": "y = b'y' * len(x)\n    for a in x: y.split(b'z')",
        "a comparison": "y = bytes(len(x))\n    for a in x: y == bytes(y)",
        "a rest": "for a in x:\n        b, *c = x",
        "a match": "y = bytes(x)\n    for a in x: pattern(b'[^y]*').match(y)",
        "a match that fails late": "y = bytes(x)\n    for a in x: pattern(b'[^y]*y').match(y)",
        "a search of a pattern": "y = bytes(x)\n    for a in x: pattern(b'y').search(y)",
        "a digest": "import hashlib\n    y = bytes(len(x))\n    for a in x: hashlib.sha1(y)",
        "a format": "y = b'y' * len(x)\n    for a in x: b'%b' % y",
    }
)
LINEAR: Final[Mapping[str, str]] = MappingProxyType(
    {
        "a loop": "for a in x: pass",
        "a set": "y = set(x)\n    for a in x: a in y",
        "a list that grows": "y = []\n    for a in x: y += [a]",
        "a dictionary": "y = {}\n    for a in x: y.setdefault(None, []).append(a)",
        "a buffer that grows": "y = bytearray()\n    for a in x: y += b'y'",
        "a start that is cut off a buffer": "y = bytearray(len(x))\n    while y: del y[:1]",
        "a last element taken out": "y = [*x]\n    while y: y.pop()",
        "a search from where the last one ended": "y = bytes(x)\n    for a in x: y.find(a, a)",
        "a match that fails early": "y = bytes(x)\n    for a in x: pattern(b'yx').match(y)",
        "matches one after another": "y = bytes(x)\n    for a in x: pattern(b'[^y]').match(y, a)",
        "searches one after another": "y = bytes(x)\n    for a in x: pattern(b'[^y]').search(y, a)",
        "views": "y = memoryview(bytes(len(x)))\n    for a in x: y[a:]",
        "a length": "for a in x: len(x)",
        "a first element": "for a in x:\n        next((b for b in x if b == 0), None)",
    }
)


def _growth(body: str) -> float:
    work = run_counted(f"from re import compile as pattern\ndef work(x):\n    {body}\n", "work")
    few, many = (elements_of(partial(work, list(range(size)))) for size in SIZES[:2])
    return many / few


@pytest.mark.parametrize("body", QUADRATIC.values(), ids=QUADRATIC)
def test_the_measure_sees_work_that_grows_with_the_square(body: str) -> None:
    assert _growth(body) > 1.5 * MOST_GROWTH


@pytest.mark.parametrize("body", LINEAR.values(), ids=LINEAR)
def test_the_measure_takes_linear_work_for_linear(body: str) -> None:
    assert _growth(body) <= MOST_GROWTH
