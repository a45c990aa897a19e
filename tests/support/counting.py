"""A copy of the library that counts the elements and octets that it visits.

The copy is compiled from the same sources with counters written into them, so the figures are the
same on every interpreter. What is counted:

* each element that a loop, a comprehension or a star takes, and each round of a ``while``;
* the elements that an ``in``, a comparison, a search, a match of a pattern, or another function
  that is not of the library looks through;
* the size of each copy that is made: of a slice, a sum, a formatted text, what ``del`` moves
  towards the start, or whatever such a function returns;
* each call.

That a match takes linear time is held by the rules for patterns.
"""

import ast
import importlib
import re
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any, Final

import httpupgrade

COPY: Final = "counted_httpupgrade"

_LOOKED_THROUGH: Final = (bytes, bytearray, str, tuple, list, deque)
_SIZED: Final = (*_LOOKED_THROUGH, set, frozenset, dict)
_FUNCTIONS: Final = (FunctionType, MethodType, type)
_BUILT_IN: Final = (BuiltinFunctionType, MethodDescriptorType)
# Parts of the standard library that have no types.
_PARSER: Any = importlib.import_module("re._parser")
_COMPILER: Any = importlib.import_module("re._compiler")

# They look at no element, or give one that was there before, or some in turn to whoever asks.
_FREE: Final = frozenset(
    function.__name__
    for function in (
        *(bool, callable, enumerate, getattr, hasattr, isinstance, iter, len, next, type, zip),
        *(memoryview, reversed, dict.get, dict.items, dict.keys, dict.setdefault, dict.values),
        *(list.append, list.clear, set.add, set.discard, deque.appendleft, deque.popleft),
    )
)


class _Counter:
    visited = 0


_COUNTER: Final = _Counter()


def elements_of(work: Callable[[], object]) -> int:
    """How many elements the copy visits while this is done."""
    before = _COUNTER.visited
    work()
    return _COUNTER.visited - before


def _each(elements: Iterable[Any]) -> Iterator[Any]:
    for element in elements:
        _COUNTER.visited += 1
        yield element


def _copied(value: Any) -> Any:
    if isinstance(value, _SIZED):
        _COUNTER.visited += len(value)
    return value


def _among(element: Any, elements: Any) -> bool:
    _COUNTER.visited += len(elements) if isinstance(elements, _LOOKED_THROUGH) else 1
    return element in elements


def _alike(one: Any, other: Any) -> Any:
    if isinstance(one, _SIZED) and isinstance(other, _SIZED) and len(one) == len(other):
        _COUNTER.visited += len(one)
    return one == other


def _grown(value: Any, more: Any) -> Any:
    # A list or a bytearray grows in its place; others are copied.
    if isinstance(value, bytes | str | tuple):
        _copied(value)
    value += _copied(more)
    return value


def _cut(value: Any, place: Any) -> None:
    # The start of a bytearray goes without a copy of what is after it.
    if isinstance(value, list) or (
        isinstance(value, bytearray) and (isinstance(place, int) or place.start)
    ):
        start = place if isinstance(place, int) else place.indices(len(value))[0]
        _COUNTER.visited += len(range(len(value))[start:])
    del value[place]


def _again() -> bool:
    _COUNTER.visited += 1
    return True


def _called(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    _COUNTER.visited += 1
    if _is_counted_inside(function):
        return function(*arguments, **named)
    if function is map:
        each, *lists = arguments
        return (_called(each, *some) for some in zip(*lists, strict=False))
    if isinstance(function, MethodDescriptorType):
        function, arguments = getattr(arguments[0], function.__name__), arguments[1:]
    if function.__name__ in _FREE:
        return function(*arguments, **named)
    owner = getattr(function, "__self__", None)
    size = len(owner) if isinstance(owner, _LOOKED_THROUGH) else 0
    result = function(*arguments, **named)
    if isinstance(owner, re.Pattern):
        _COUNTER.visited += _matched(owner, function.__name__, arguments, result)
        return result
    for argument in arguments:
        _copied(argument)
    if size:
        _COUNTER.visited += _read(function.__name__, size, arguments, result)
    return _copied(result)


def _is_counted_inside(function: Any) -> bool:
    if isinstance(function, _FUNCTIONS):
        return str(function.__module__).startswith(COPY)
    return not isinstance(function, _BUILT_IN)


def _matched(pattern: Any, name: str, arguments: Sequence[Any], result: Any) -> int:
    """How much of its subject a pattern has read; all of it, if that is not known."""
    subject, *bounds = arguments[1:] if name in ("sub", "subn") else arguments
    start = int(bounds[0]) if bounds else 0
    stop = min(bounds[1], len(subject)) if len(bounds) > 1 else len(subject)
    if name == "match" and result is None:
        for each in _beginnings(pattern):
            result = result or each.match(subject, *bounds)
        stop = start + 1
    return int(result.end() if isinstance(result, re.Match) else stop) - start


@cache
def _beginnings(pattern: re.Pattern[Any]) -> list[re.Pattern[Any]]:
    """What a match that failed may have read: a pattern's first parts, the most of them first."""
    parts = _PARSER.parse(pattern.pattern, pattern.flags)
    return [_COMPILER.compile(parts[:count]) for count in range(len(parts) - 1, 0, -1)]


def _read(name: str, size: int, arguments: Sequence[Any], result: Any) -> int:
    """How much of a list or of octets a method of it has read or moved."""
    if name in ("startswith", "endswith"):
        return 0
    if name in ("insert", "pop"):
        return len(range(size)[arguments[0] :]) if arguments else 0
    if name in ("find", "index", "count", "rfind", "rindex"):
        start, stop, _ = slice(*(*arguments[1:], None, None)[:2]).indices(size)
        is_found = name in ("find", "index") and result >= 0
        return int(result) + 1 - start if is_found else stop - start
    return size


_HELPERS: Final = {
    f"__{function.__name__.strip('_')}__": function
    for function in (_each, _copied, _among, _alike, _grown, _cut, _again, _called)
}


class _Instrument(ast.NodeTransformer):
    """Writes the counters into a module."""

    def _by(self, helper: str, *arguments: ast.expr) -> ast.Call:
        return ast.Call(ast.Name(f"__{helper}__", ast.Load()), list(arguments), [])

    def visit_For(self, node: ast.For) -> ast.AST:
        self.generic_visit(node)
        node.iter = self._by("each", node.iter)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        node.iter = self._by("each", node.iter)
        return node

    def visit_Starred(self, node: ast.Starred) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            node.value = self._by("each", node.value)
        return node

    def visit_While(self, node: ast.While) -> ast.AST:
        self.generic_visit(node)
        node.test = ast.BoolOp(ast.And(), [self._by("again"), node.test])
        return node

    def visit_YieldFrom(self, node: ast.YieldFrom) -> ast.AST:
        self.generic_visit(node)
        node.value = self._by("each", node.value)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        match node.ops:
            case [ast.In() | ast.NotIn()]:
                helper = "among"
            case [ast.Eq() | ast.NotEq()]:
                helper = "alike"
            case _:
                return node
        found = self._by(helper, node.left, node.comparators[0])
        return found if isinstance(node.ops[0], ast.In | ast.Eq) else ast.UnaryOp(ast.Not(), found)

    def visit_Delete(self, node: ast.Delete) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        return [self._deleted(target) for target in node.targets]

    def _deleted(self, target: ast.expr) -> ast.stmt:
        if not isinstance(target, ast.Subscript):
            return ast.Delete([target])
        place = target.slice
        if isinstance(place, ast.Slice):
            bounds = [each or ast.Constant(None) for each in (place.lower, place.upper, place.step)]
            place = ast.Call(ast.Name("slice", ast.Load()), bounds, [])
        return ast.Expr(self._by("cut", target.value, place))

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        self.generic_visit(node)
        if any(isinstance(each, ast.Starred) for each in ast.walk(node.targets[0])):
            node.value = self._by("copied", node.value)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        is_copy = isinstance(node.slice, ast.Slice) and isinstance(node.ctx, ast.Load)
        return self._by("copied", node) if is_copy else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        return self._by("copied", node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                value.value = self.visit(value.value)
        return self._by("copied", node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Add) or not isinstance(
            node.target, ast.Name | ast.Attribute
        ):
            return node
        read = ast.parse(ast.unparse(node.target), mode="eval").body
        return ast.Assign([node.target], self._by("grown", read, node.value))

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            return node  # it looks at the frame that calls it
        called = self._by("called", node.func, *node.args)
        called.keywords = node.keywords
        return called


def _instrumented(source: str, name: str) -> CodeType:
    """A module's code with the counters in it."""
    # The helpers are to be among its globals.
    tree = ast.fix_missing_locations(_Instrument().visit(ast.parse(source)))
    code: CodeType = compile(tree, name, "exec")
    return code


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        # Under a name of its own: what runs in the copy covers nothing of the library.
        return _instrumented(Path(self.path).read_text("utf-8"), f"<{fullname}>")

    def exec_module(self, module: ModuleType) -> None:
        vars(module).update(_HELPERS)
        super().exec_module(module)


class _Finder(MetaPathFinder):
    """Finds the modules of the copy where those of the library are."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, *parts = fullname.split(".")
        if package != COPY:
            return None
        place = Path(httpupgrade.__file__).parent.joinpath(*parts)
        is_package = place.is_dir()
        file = str(place / "__init__.py" if is_package else place.with_suffix(".py"))
        return spec_from_file_location(
            fullname,
            file,
            loader=_Loader(fullname, file),
            submodule_search_locations=[str(place)] if is_package else None,
        )


def counted_library(module: str = "") -> Any:
    """The copy of the library, or of one of its public modules."""
    return importlib.import_module(f"{COPY}.{module}" if module else COPY)


# For ever: what is exported is imported when it is first asked for.
sys.meta_path.insert(0, _Finder())


def run_counted(source: str, name: str) -> Any:
    """What ``name`` is in a module of this source, with counters."""
    module: dict[str, Any] = {"__name__": COPY, **_HELPERS}
    exec(_instrumented(source, name), module)
    return module[name]
