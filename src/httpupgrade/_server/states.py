"""Where a server's machine can be, and what takes it elsewhere.

Rules for this module: it is one table. A step that is not in it is not taken.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import ClassVar, Final, Self, final


@final
class ServerState(Enum):
    """Where a :class:`ServerNegotiator` is."""

    READING_HEAD = "a request's head is awaited"
    READING_BODY = "a body is read that the switch needs"
    DECIDED = "a decision waits to be sent"
    DRAINING = "the body of a refused request is read past"
    FORWARDING = "the rest of a message that was passed through is handed on"
    OPAQUE = "everything is handed on, because nothing here can tell messages apart"
    SWITCHED = "the connection belongs to the new protocol"
    CLOSED = "nothing more is read"

    # Enum's own hashes a name, in Python.
    __hash__: ClassVar[Callable[[Self], int]] = object.__hash__


@final
class Cause(Enum):
    """What takes a :class:`ServerNegotiator` from one state to the next."""

    DECISION = "a decision that is to be sent"
    BODY_WANTED = "an offer agrees, and wants the body first"
    PASSTHROUGH = "Passthrough"
    PASSTHROUGH_BLIND = "Passthrough of what is no head"
    UNFRAMED = "where the message ends cannot be told"
    MESSAGE_END = "the message ends"
    LAST_MESSAGE_END = "the message ends, and said that it is the last"
    SEND_CONTINUE = "send(Continue100)"
    SEND_ACCEPT = "send(Accept101)"
    SEND_REFUSAL = "send(Require426 or Reject)"
    SEND_LAST = "send() of a refusal that closes"
    GIVE_UP = "a body without end, or a broken one"
    END_OF_FILE = "end of file"

    __hash__: ClassVar[Callable[[Self], int]] = object.__hash__


TRANSITIONS: Final[Mapping[tuple[ServerState, Cause], ServerState]] = MappingProxyType(
    {
        (ServerState.READING_HEAD, Cause.DECISION): ServerState.DECIDED,
        (ServerState.READING_HEAD, Cause.BODY_WANTED): ServerState.READING_BODY,
        (ServerState.READING_HEAD, Cause.PASSTHROUGH): ServerState.FORWARDING,
        (ServerState.READING_HEAD, Cause.PASSTHROUGH_BLIND): ServerState.OPAQUE,
        (ServerState.READING_HEAD, Cause.SEND_LAST): ServerState.CLOSED,
        (ServerState.READING_HEAD, Cause.END_OF_FILE): ServerState.CLOSED,
        (ServerState.READING_BODY, Cause.DECISION): ServerState.DECIDED,
        (ServerState.READING_BODY, Cause.SEND_LAST): ServerState.CLOSED,
        (ServerState.READING_BODY, Cause.END_OF_FILE): ServerState.CLOSED,
        (ServerState.DECIDED, Cause.DECISION): ServerState.DECIDED,
        (ServerState.DECIDED, Cause.SEND_CONTINUE): ServerState.READING_BODY,
        (ServerState.DECIDED, Cause.SEND_ACCEPT): ServerState.SWITCHED,
        (ServerState.DECIDED, Cause.SEND_REFUSAL): ServerState.DRAINING,
        (ServerState.DECIDED, Cause.SEND_LAST): ServerState.CLOSED,
        (ServerState.DRAINING, Cause.MESSAGE_END): ServerState.READING_HEAD,
        (ServerState.DRAINING, Cause.GIVE_UP): ServerState.CLOSED,
        (ServerState.DRAINING, Cause.END_OF_FILE): ServerState.CLOSED,
        (ServerState.FORWARDING, Cause.UNFRAMED): ServerState.OPAQUE,
        (ServerState.FORWARDING, Cause.MESSAGE_END): ServerState.READING_HEAD,
        (ServerState.FORWARDING, Cause.LAST_MESSAGE_END): ServerState.CLOSED,
        (ServerState.FORWARDING, Cause.DECISION): ServerState.DECIDED,
        (ServerState.FORWARDING, Cause.SEND_REFUSAL): ServerState.DRAINING,
        (ServerState.FORWARDING, Cause.SEND_LAST): ServerState.CLOSED,
        (ServerState.FORWARDING, Cause.END_OF_FILE): ServerState.CLOSED,
        (ServerState.OPAQUE, Cause.SEND_LAST): ServerState.CLOSED,
        (ServerState.OPAQUE, Cause.END_OF_FILE): ServerState.CLOSED,
    }
)
