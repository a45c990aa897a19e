"""The sources of the package, parsed, for the tests that read them."""

import ast
from pathlib import Path

import pytest

import httpupgrade

PACKAGE = Path(httpupgrade.__file__).parent


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


SOURCES = {room_of(path): ast.parse(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")}
# Adapters, command line and the like stand in packages of their own, and are no part of the core.
# Diagnosis reads what was received as the core does.
CORE = {
    room: tree
    for room, tree in SOURCES.items()
    if room in ("", "fields", "framing", "offers")
    or room.partition(".")[0] == "diagnosis"
    or (room.startswith("_") and room != "__main__")
}
every_room = pytest.mark.parametrize(
    ("room", "tree"), CORE.items(), ids=[room or "__init__" for room in CORE]
)
