"""The alarms that no section of ``deviations/`` names for their peer: read, and judged by a clause.

Rules for this module: a section of a project covers the peers that are built on it. The rows are
in ``reviewed_rows.py``.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, final

from .deviation import ALARMS, all_deviations, peers_of
from .record import Found, Records, Side

BUILT_ON: Final[Mapping[str, tuple[str, ...]]] = {
    "coder": ("go-net-http",),
    "daphne": ("autobahn", "twisted"),
    "gorilla": ("go-net-http",),
    "hypercorn": ("h11", "wsproto"),
    "sanic": ("websockets",),
    "uvicorn-h11-websockets-sansio": ("uvicorn", "h11", "websockets"),
    "uvicorn-h11-wsproto": ("uvicorn", "h11", "wsproto"),
    "uvicorn-httptools-websockets-sansio": ("uvicorn", "websockets"),
    "uvicorn-httptools-wsproto": ("uvicorn", "wsproto"),
    "ws": ("node-http",),
    "wsproto": ("h11",),
}
"""The projects in whose code a peer's behaviour may be, by the name of the peer."""


@final
@dataclass(frozen=True, kw_only=True)
class Row:
    """One cause, on one peer or several."""

    side: Side = "server"
    peers: tuple[str, ...]
    vectors: tuple[str, ...]
    """Ids; ``*`` in one stands for anything."""
    seen: str
    """What the recorded outcomes have in common; ``*`` stands for anything."""
    clause: str
    why: str
    """Why the alarm is right, and no more than it should be."""

    def covers(self, peer: str, side: Side, vector: str, found: Found) -> bool:
        """Whether this row is about an alarm."""
        return (
            side == self.side
            and peer in self.peers
            and fnmatchcase(found.outcome or found.reason, self.seen)
            and any(fnmatchcase(vector, each) for each in self.vectors)
        )


@final
@dataclass(frozen=True)
class Alarm:
    """A vector that a peer did not pass."""

    peer: str
    side: Side
    vector: str
    found: Found


def alarms_without_a_section(records: Records) -> Iterator[Alarm]:
    """Those that are in no section of the peer, or of a project that it is built on."""
    shown: set[tuple[str, Side, str]] = set()
    of_project: set[tuple[str, Side, str]] = set()
    for project, entries in all_deviations().items():
        for each in entries:
            of_project |= {(project, each.side, vector) for vector in each.vectors}
            shown |= {
                (peer, each.side, vector)
                for peer in peers_of(project, each)
                for vector in each.vectors
            }
    for peer, sides in records.items():
        for side, record in sides.items():
            for vector, found in record.found.items():
                known = (peer, side, vector) in shown or any(
                    (project, side, vector) in of_project for project in BUILT_ON.get(peer, ())
                )
                if found.verdict in ALARMS and not known:
                    yield Alarm(peer, side, vector, found)


_SECTION: Final = """
## Alarms without a section

What has no section was read in the record, and judged by its clause: one row for each cause. A test
holds that each alarm has a section, of the peer or of what it is built on, or exactly one row.

| on | side | seen | vectors | alarms | clause | why |
|---|---|---|---|--:|---|---|
"""


def section_of_rows(rows: Sequence[Row], records: Records) -> str:
    """The rows in Markdown, each with the count of its alarms."""
    left = list(alarms_without_a_section(records))
    return _SECTION + "".join(
        _line(row, [each for each in left if _is_of(row, each)]) for row in rows
    )


def _is_of(row: Row, alarm: Alarm) -> bool:
    return row.covers(alarm.peer, alarm.side, alarm.vector, alarm.found)


def _line(row: Row, alarms: Sequence[Alarm]) -> str:
    counts = Counter(each.found.verdict for each in alarms)
    told = ", ".join(f"{counts[each]} {each}" for each in ALARMS if counts[each])
    vectors = ", ".join(f"`{each}`" for each in row.vectors)
    cells = (", ".join(row.peers), row.side, _seen(alarms), vectors, told, row.clause, row.why)
    return f"| {' | '.join(cells)} |\n"


def _seen(alarms: Sequence[Alarm]) -> str:
    """The outcomes without their marks."""
    found = {each.found.outcome or each.found.reason for each in alarms}
    return ", ".join(sorted({f"`{each.partition(' +')[0].partition(',')[0]}`" for each in found}))
