"""The codes of findings that the sources declare, and what each of them must be."""

import ast
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Final, NamedTuple

from core_sources import SOURCES

from httpupgrade._http1.findings import Code

# RFC 9110 15.5, 15.6: what a refusal of a request can be.
_STATUSES: Final = {None, 400, 403, 405, 408, 413, 414, 417, 426, 431, 500, 501, 503, 505}

_NAME: Final = re.compile(r"[a-z0-9.]+(?:-[a-z0-9.]+)+")
_CLAUSE: Final = re.compile(r"RFC \d{4} \d+(\.\d+)*|PROXY protocol 2")
_HARD_WORDS: Final = re.compile(
    r"\b(?:(?<!there )is no|are no|nobody|whoever|behind|draws|besides|mean no good)\b",
    re.IGNORECASE,
)


class Row(NamedTuple):
    """A constant at the top of a module."""

    room: str
    constant: str
    name: str


def rows_in(tree: ast.Module, room: str = "") -> Iterator[Row]:
    """The codes that a module declares."""
    for statement in tree.body:
        match statement:
            case ast.AnnAssign(
                target=ast.Name(id=constant),
                value=ast.Call(func=ast.Name(id="Code"), args=[ast.Constant(value=str(name)), *_]),
            ):
                yield Row(room, constant, name)
            case _:
                pass


ROWS: Final = [row for room, tree in SOURCES.items() for row in rows_in(tree, room)]


def codes_of(rooms: Mapping[str, ast.Module]) -> dict[str, Code]:
    """The codes of these modules, which are imported."""
    return {
        row.name: getattr(import_module(f"httpupgrade.{row.room}"), row.constant)
        for row in ROWS
        if row.room in rooms
    }


def assert_is_a_good_row(code: Code) -> None:
    """Hold a code to the rules of all codes of the library."""
    assert _NAME.fullmatch(code.name)
    assert _CLAUSE.fullmatch(code.clause)
    assert code.status_code in _STATUSES
    # A sentence without its full stop, and an instruction.
    assert code.message
    assert code.hint
    assert not code.message.endswith((".", " "))
    assert ". " not in code.message
    for line in (code.message, *code.hint.split("\n"), code.operator):
        # They can stand in any body and any log. Without markup, so that a body with a "<" in it is
        # always one that reflected.
        assert line.isascii()
        assert line.isprintable()
        assert not set("<>&") & set(line)
        assert not _HARD_WORDS.search(line)
