"""Which tests are asked about which part of the sources: those of its own layer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path("src/httpupgrade")


@dataclass(frozen=True, slots=True)
class Layer:
    """Folders of the sources, and what pytest is given for them."""

    name: str
    folders: tuple[str, ...]
    tests: tuple[str, ...]
    options: tuple[str, ...] = ()

    def holds(self, path: Path) -> bool:
        """Whether a file of the sources is in it."""
        return _folder(path) in self.folders

    def nearest(self, path: Path) -> tuple[str, ...]:
        """The tests of the file's own folder, where it has some."""
        own = f"tests/{_folder(path).removeprefix('_')}"
        return (own,) if own in self.tests else self.tests


def _folder(path: Path) -> str:
    inside = path.relative_to(ROOT).parts
    return inside[0] if len(inside) > 1 else ""


LAYERS: Final = (
    Layer(
        "core",
        ("_http1", "_negotiation", "_protocols", "_server", "_client", ""),
        (
            *("tests/http1", "tests/negotiation", "tests/protocols"),
            *("tests/server", "tests/client", "tests/house"),
        ),
        ("--core",),
    ),
    Layer("diagnosis", ("diagnosis",), ("tests/diagnosis", "tests/field")),
    Layer("adapters", ("adapters",), ("tests/adapters",)),
    Layer("testing", ("testing",), ("tests/testing",)),
    Layer("cli", ("cli",), ("tests/cli",)),
)
