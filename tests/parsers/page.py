"""The page of the list: docs/parsers.md."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from generate import END, START, in_markdown, table

from .difference import ACCEPTS, ALL, REFUSES, VERSIONS, Difference, Severity
from .differences import DIFFERENCES

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "parsers.md"


def render() -> str:
    """The page, its generated part made anew."""
    before, _, rest = PAGE.read_text("utf-8").partition(START)
    return f"{before}{START}\n\n{_generated()}\n\n{END}{rest.partition(END)[2]}"


def _generated() -> str:
    compared = ", ".join(f"{name} {version}" for name, version in VERSIONS.items())
    kinds = (
        ("We refuse, others accept", [row for row in DIFFERENCES if row.how == ACCEPTS]),
        ("We accept, others refuse", [row for row in DIFFERENCES if row.how == REFUSES]),
        ("Both accept, and read something else", [row for row in DIFFERENCES if _reads(row)]),
    )
    parts = [f"Compared with {compared}. aiohttp has two parsers.", _severities()]
    for title, rows in kinds:
        parts += [f"## {title}", _rows(rows)]
    return "\n\n".join(parts)


def _reads(row: Difference) -> bool:
    return row.how not in (ACCEPTS, REFUSES)


def _severities() -> str:
    return table(("Mark", "What may come of it"), ((each.name, each.value) for each in Severity))


def _rows(rows: Iterable[Difference]) -> str:
    order = list(Severity)
    ranked = sorted(rows, key=lambda row: order.index(row.severity))
    return table(
        ("What the head has", "Who", "Mark", "Clause", "Why we do as we do", "Example"),
        map(_row, ranked),
    )


def _row(row: Difference) -> tuple[str, ...]:
    read = f": {row.how.removeprefix('reads ')}" if _reads(row) else ""
    return (
        in_markdown(row.what) + read,
        "all" if set(row.peers) == set(ALL) else ", ".join(row.peers),
        row.severity.name,
        row.clause,
        in_markdown(row.why),
        f"`` {ascii(row.example)[2:-1]} ``".replace("|", "\\|"),
    )
