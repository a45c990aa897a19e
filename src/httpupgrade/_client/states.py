"""Where a client's machine can be, and what takes it elsewhere.

Rules for this module: it is one table. A step that is not in it is not taken.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import ClassVar, Final, Self, final


@final
class ClientState(Enum):
    """Where a :class:`ClientNegotiator` is."""

    READY = "the request waits to be sent"
    READING_HEAD = "a response's head is awaited"
    READING_BODY = "the body of a 426 is read"
    HANDING_ON = "the body of an ordinary response is handed on"
    SWITCHED = "the connection belongs to the new protocol"
    DONE = "the response was read, and the connection can carry another request"
    CLOSED = "nothing more is read"

    # Enum's own hashes a name, in Python.
    __hash__: ClassVar[Callable[[Self], int]] = object.__hash__


@final
class ClientCause(Enum):
    """What takes a :class:`ClientNegotiator` from one state to the next."""

    REQUEST = "send_request()"
    INTERIM = "1xx other than 101"
    SWITCH = "a 101 that answers the request, or 2xx to CONNECT"
    UPGRADE_REQUIRED = "426"
    ORDINARY_RESPONSE = "any other status"
    BODY_END = "the body ends"
    LAST_BODY_END = "the body ends, and the connection with it"
    GIVE_UP = "a body without end, or a broken one"
    MALFORMED = "what arrived is no response to this request"
    END_OF_FILE = "end of file"

    __hash__: ClassVar[Callable[[Self], int]] = object.__hash__


CLIENT_TRANSITIONS: Final[Mapping[tuple[ClientState, ClientCause], ClientState]] = MappingProxyType(
    {
        (ClientState.READY, ClientCause.REQUEST): ClientState.READING_HEAD,
        (ClientState.READY, ClientCause.MALFORMED): ClientState.CLOSED,
        (ClientState.READY, ClientCause.END_OF_FILE): ClientState.CLOSED,
        (ClientState.READING_HEAD, ClientCause.INTERIM): ClientState.READING_HEAD,
        (ClientState.READING_HEAD, ClientCause.SWITCH): ClientState.SWITCHED,
        (ClientState.READING_HEAD, ClientCause.UPGRADE_REQUIRED): ClientState.READING_BODY,
        (ClientState.READING_HEAD, ClientCause.ORDINARY_RESPONSE): ClientState.HANDING_ON,
        (ClientState.READING_HEAD, ClientCause.MALFORMED): ClientState.CLOSED,
        (ClientState.READING_HEAD, ClientCause.END_OF_FILE): ClientState.CLOSED,
        (ClientState.READING_BODY, ClientCause.BODY_END): ClientState.DONE,
        (ClientState.READING_BODY, ClientCause.LAST_BODY_END): ClientState.CLOSED,
        (ClientState.READING_BODY, ClientCause.GIVE_UP): ClientState.CLOSED,
        (ClientState.HANDING_ON, ClientCause.BODY_END): ClientState.DONE,
        (ClientState.HANDING_ON, ClientCause.LAST_BODY_END): ClientState.CLOSED,
        (ClientState.HANDING_ON, ClientCause.MALFORMED): ClientState.CLOSED,
        (ClientState.HANDING_ON, ClientCause.END_OF_FILE): ClientState.CLOSED,
        (ClientState.DONE, ClientCause.MALFORMED): ClientState.CLOSED,
        (ClientState.DONE, ClientCause.END_OF_FILE): ClientState.CLOSED,
    }
)
