"""A copy of the library that counts the elements that it visits, inside comprehensions too.

The copy is compiled from the same sources with counters written into them, so the figures are the
same on every interpreter. What is counted:

* each element that a loop, a comprehension, a star or a built-in function takes from a list;
* the elements that an ``in`` looks through: all of a tuple, a list or octets, one of a set;
* the size of each copy that is made: of a slice, a sum, a formatted text, or whatever a built-in
  function returns;
* each call.

What a regular expression reads is not counted.
"""

import ast
import importlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import BuiltinFunctionType, CodeType, ModuleType
from typing import Any, Final

import httpupgrade

COPY: Final = "counted_httpupgrade"

_SIZED: Final = (bytes, bytearray, str, tuple, list, set, frozenset, dict)
_LISTS: Final = (tuple, list, set, frozenset, dict)
_LOOKED_THROUGH: Final = (bytes, bytearray, str, tuple, list)
# Built-in functions that look at no element, or return one that was there before.
_FREE: Final = frozenset(
    function.__name__
    for function in (
        *(bool, callable, getattr, hasattr, isinstance, iter, len, next, type),
        *(dict.get, dict.pop, dict.setdefault),
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


def _grown(value: Any, more: Any) -> Any:
    # A list or a bytearray grows in its place; others are copied.
    if isinstance(value, bytes | str | tuple):
        _copied(value)
    value += more
    return value


def _called(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    _COUNTER.visited += 1
    result = function(*arguments, **named)
    is_built_in = isinstance(function, BuiltinFunctionType) or (
        isinstance(function, type) and function.__module__ in ("builtins", "functools")
    )
    if is_built_in and function.__name__ not in _FREE:
        _copied(result)
        for argument in arguments:
            if isinstance(argument, _LISTS):
                _COUNTER.visited += len(argument)
        if function.__name__ in ("count", "index"):
            _, *bounds = arguments
            owner: Any = getattr(function, "__self__", ())
            _COUNTER.visited += len(range(*slice(*(bounds or [None])).indices(len(owner))))
    return result


_HELPERS: Final = {
    f"__{function.__name__.strip('_')}__": function
    for function in (_each, _copied, _among, _grown, _called)
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

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        if len(node.ops) > 1 or not isinstance(node.ops[0], ast.In | ast.NotIn):
            return node
        found = self._by("among", node.left, node.comparators[0])
        return found if isinstance(node.ops[0], ast.In) else ast.UnaryOp(ast.Not(), found)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        is_copy = isinstance(node.slice, ast.Slice) and isinstance(node.ctx, ast.Load)
        return self._by("copied", node) if is_copy else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        return self._by("copied", node) if isinstance(node.op, ast.Add | ast.Mod) else node

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
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        return importlib.import_module(f"{COPY}.{module}" if module else COPY)
    finally:
        sys.meta_path.remove(finder)


def run_counted(source: str, name: str) -> Any:
    """What ``name`` is in a module of this source, with counters."""
    module: dict[str, Any] = dict(_HELPERS)
    exec(_instrumented(source, name), module)
    return module[name]
