"""What the machines say besides decisions.

Rules for this module: an event is a value. The two that carry nothing are members of an enum, typed
as literals, so that type checkers narrow them.
"""

from enum import Enum
from typing import Final, Literal, final

from .._http1.findings import Finding
from .._http1.values import Value, field
from .decisions import Continue100, Decision


@final
class Signal(Enum):
    """Events that carry nothing."""

    NEED_DATA = "need-data"
    PAUSED = "paused"

    def __repr__(self) -> str:
        return self.name


NEED_DATA: Final[Literal[Signal.NEED_DATA]] = Signal.NEED_DATA
"""Nothing can be said before more octets arrive."""
PAUSED: Final[Literal[Signal.PAUSED]] = Signal.PAUSED
"""Nothing is read before the last decision is sent; nothing at all after a switch, and after the
response that a client has read."""


@final
class Forward(Value):
    """More of a message that was passed through: its exact octets, framing and all."""

    __slots__ = ()
    __match_args__ = ("data", "end")

    data: bytes = field("The octets, as they came.")
    end: bool = field(
        "Whether the message ends here; each message that can be framed has one such event."
    )


@final
class ConnectionClosed(Value):
    """Nothing more will be read: write what is still to be written, then close."""

    __slots__ = __match_args__ = ()

    findings: tuple[Finding, ...] = field(
        "Why, if the peer left in the middle of something.", default=()
    )


Event = Decision | Continue100 | Forward | ConnectionClosed | Signal
"""What a server's machine says."""
