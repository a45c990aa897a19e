"""Who has what arrives on a connection of the asyncio adapter.

Rules for this module: it is one table. A step that is not in it is not taken.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import ClassVar, Final, Self, final

__all__ = ["TRANSITIONS", "Owner"]


@final
class Owner(Enum):
    """Who has the connection: what arrives is for this one."""

    NEGOTIATOR = "a request is awaited, judged or refused"
    REVIEW = "an acceptance is reviewed, and what arrives is held"
    ORDINARY = "the ordinary server has a message, and has not answered all of it"
    TUNNEL = "the ordinary server has the connection for good: nothing more can be judged"
    SUCCESSOR = "another protocol has the transport"
    NOBODY = "the connection is lost, or closes in stages: what arrives is dropped"

    # Enum's own hashes a name, in Python.
    __hash__: ClassVar[Callable[[Self], int]] = object.__hash__


TRANSITIONS: Final[Mapping[Owner, frozenset[Owner]]] = MappingProxyType(
    {
        Owner.NEGOTIATOR: frozenset((Owner.REVIEW, Owner.ORDINARY, Owner.SUCCESSOR, Owner.NOBODY)),
        Owner.REVIEW: frozenset((Owner.NEGOTIATOR, Owner.SUCCESSOR, Owner.NOBODY)),
        Owner.ORDINARY: frozenset((Owner.NEGOTIATOR, Owner.TUNNEL, Owner.NOBODY)),
        Owner.TUNNEL: frozenset((Owner.NOBODY,)),
        Owner.SUCCESSOR: frozenset(),
        Owner.NOBODY: frozenset(),
    }
)
"""Who can have it next. A connection begins with NEGOTIATOR."""
