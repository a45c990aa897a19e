"""What an entry of ``deviations/PROJECT.py`` is, and all of them.

Rules for an entry: it is one behaviour, which one report to the maintainers would describe. It was
checked by hand: the clause was read, and the request was sent. It states facts alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Final, final

from . import deviations
from .record import Found, Record, Records, Side

ALARMS: Final = ("fail", "warn")


class UnfoundedError(Exception):
    """An entry cannot be shown: what it says is in no record. The message names it."""


@final
@dataclass(frozen=True, kw_only=True)
class Deviation:
    """One behaviour of a project that a clause does not allow."""

    side: Side
    title: str
    clause: str
    asks: str
    """What the clause demands, close to its words."""
    does: str
    """What the project does instead."""
    vectors: tuple[str, ...]
    """The ids of the vectors that show it. The page shows the request and answer of the first."""
    matters: str
    """What may come of it, in one sentence."""
    peers: tuple[str, ...] = ()
    """The names in the matrix that show it, if they are not the name of the project."""


def all_deviations() -> Mapping[str, Sequence[Deviation]]:
    """The entries of each project, by its name: ``PROJECT.py``, then ``PROJECT_as_client.py``."""
    found: dict[str, Sequence[Deviation]] = {}
    for module in iter_modules(deviations.__path__, f"{deviations.__name__}."):
        name = module.name.rpartition(".")[2].removesuffix("_as_client")
        project = name.replace("_", "-")
        found[project] = (*found.get(project, ()), *import_module(module.name).DEVIATIONS)
    return found


def peers_of(project: str, deviation: Deviation) -> tuple[str, ...]:
    """The names in the matrix of what shows a deviation."""
    return deviation.peers or (project,)


def records_of(project: str, each: Deviation, records: Records) -> Mapping[str, Record]:
    """What was found on those that show a deviation, by their names in the matrix."""
    sides = {name: records.get(name, {}).get(each.side) for name in peers_of(project, each)}
    return {name: record for name, record in sides.items() if record is not None}


def require_shown(project: str, each: Deviation, records: Records) -> None:
    """Raise :class:`UnfoundedError` where the request and answer of a section are missing."""
    known, first = records_of(project, each, records), each.vectors[0]
    for peer in peers_of(project, each):
        if peer not in known or first not in known[peer].found:
            raise UnfoundedError(
                f"{project}, {each.title!r}: {first} is not in the record of {peer}. Name another"
                " vector first, or take the entry back."
            )


def unfounded(project: str, each: Deviation, records: Records) -> Iterator[str]:
    """What an entry says and no record shows: the peer and the vector."""
    known = records_of(project, each, records)
    for peer in peers_of(project, each):
        shown: Mapping[str, Found] = known[peer].found if peer in known else {}
        for vector in each.vectors:
            if vector not in shown or shown[vector].verdict not in ALARMS:
                yield f"{peer}: {vector}"
