"""Which mutants a file of source has. mutmut says what can be changed, and into what.

A mutant is one change of one function or method. Left out are changes of sentences (text with a
space in it: their wording is promised to nobody), of ``assert_never``, which only mypy reaches,
of the case of a codec's name, and of what stands outside of functions.
"""

import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import libcst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import Mutation, create_mutations

from .layers import ROOT

_CODECS: Final = {"ascii", "latin-1", "utf-8"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one function.

    ``change`` is its line before and after, numbered where a function has several such changes:
    the name of the mutant within ``function``, which stays while other lines move.
    """

    path: Path
    function: str
    original: str
    changed: str
    line: int
    change: str

    @property
    def name(self) -> str:
        """File, function and change."""
        return f"{self.path.relative_to(ROOT)} {self.function}: {self.change}"

    def source(self) -> str:
        """The whole module with this change in it."""
        lines = self.path.read_text("utf-8").splitlines(keepends=True)
        end = self.line - 1 + len(self.original.splitlines())
        return "".join([*lines[: self.line - 1], self.changed, *lines[end:]])

    def diff(self) -> str:
        """For reading."""
        return "".join(
            difflib.unified_diff(
                self.original.splitlines(keepends=True),
                self.changed.splitlines(keepends=True),
                f"{self.path}:{self.line} {self.function}",
                "mutant",
            )
        )


def mutants(path: Path) -> list[Mutant]:
    """Every mutant of a file, in its order."""
    module = libcst.parse_module(path.read_text("utf-8"))
    # mutmut leaves functions with decorators as they are.
    plain, found, _, _ = create_mutations(str(path), module.visit(_WithoutDecorators()).code)
    lines = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    places = {
        node: (
            f"{owner}{node.name.value}",
            module.default_indent * depth,
            lines[same.name].start.line,
        )
        for (owner, depth, node), (_, _, same) in zip(
            _outermost(plain), _outermost(module), strict=True
        )
    }
    seen: Counter[tuple[str, str]] = Counter()
    made = []
    for each in found:
        function = each.contained_by_top_level_function
        if not isinstance(function, libcst.FunctionDef) or _means_nothing(each):
            continue
        name, indent, line = places[function]
        original, changed = _texts(plain, function, each, indent)
        change = _change(original, changed)
        if "assert_never" in change:
            continue
        seen[name, change] += 1
        if seen[name, change] > 1:
            change = f"{change} ({seen[name, change]})"
        made.append(Mutant(path, name, original, changed, line, change))
    return made


class _WithoutDecorators(libcst.CSTTransformer):
    def leave_FunctionDef(  # noqa: N802
        self, original_node: libcst.FunctionDef, updated_node: libcst.FunctionDef
    ) -> libcst.FunctionDef:
        return updated_node.with_changes(decorators=[], lines_after_decorators=[])


def _outermost(module: libcst.Module) -> Iterator[tuple[str, int, libcst.FunctionDef]]:
    for statement in module.body:
        if isinstance(statement, libcst.FunctionDef):
            yield "", 0, statement
        elif isinstance(statement, libcst.ClassDef):
            for inner in statement.body.body:
                if isinstance(inner, libcst.FunctionDef):
                    yield f"{statement.name.value}.", 1, inner


def _texts(
    module: libcst.Module, function: libcst.FunctionDef, each: Mutation, indent: str
) -> tuple[str, str]:
    bare = function.with_changes(leading_lines=[])
    changed = bare.deep_replace(each.original_node, each.mutated_node)
    original = module.code_for_node(bare)
    made = module.code_for_node(changed)
    return _indented(original, indent), _indented(made, indent)


def _indented(code: str, indent: str) -> str:
    # The lines of a body carry no indentation of the class around them. Text in triple quotes
    # would: it is left as it is by adding to lines of code alone, which `code_for_node` cannot
    # tell; docstrings have no meaning here, and no other such text stands in our methods.
    lines = code.splitlines(keepends=True)
    return "".join(indent + line if line.strip() else line for line in lines)


def _change(original: str, changed: str) -> str:
    before, after = [], []
    for line in difflib.ndiff(original.splitlines(), changed.splitlines()):
        if line.startswith("- "):
            before.append(_code(line[2:]))
        elif line.startswith("+ "):
            after.append(_code(line[2:]))
    return f"{' '.join(before)} -> {' '.join(after)}"


def _code(line: str) -> str:
    return line.partition("  #")[0].strip()


def _means_nothing(each: Mutation) -> bool:
    match each.original_node, each.mutated_node:
        case libcst.SimpleString(value=value), libcst.SimpleString(value=other):
            is_sentence = not value.startswith("b") and " " in value
            return is_sentence or (value[1:-1] in _CODECS and other[1:-1].lower() in _CODECS)
        case _:
            return False
