"""A request and its response, as an input holds them.

Rules for this module: values that the readers of inputs make and that are judged; it decides
nothing.
"""

from typing import Final, Literal, NamedTuple, TypeAlias, final

from ... import RemoteProtocolError, RequestHead, ResponseHead
from ...diagnosis import NoAnswer
from ...fields import Headers

Answer: TypeAlias = ResponseHead | RemoteProtocolError | NoAnswer
End: TypeAlias = Literal["client", "server", ""]

MOST_CONTENT: Final = 65536
"""Octets of a response's content that are kept: what servers say of a failure is shorter."""


@final
class Exchange(NamedTuple):
    """A request, its response, or both."""

    name: str
    """Where it stands: the file, and its number if there are several."""
    request: RequestHead | None = None
    octets: bytes = b""
    """Of a request that cannot be read."""
    fields: Headers | None = None
    """Of a request in HTTP/2 or HTTP/3, pseudo-header fields in front."""
    response: Answer | None = None
    content: bytes = b""
    """The beginning of the response's content."""
    secure: bool = False
    recorded_by: End = ""
    """At which end it was recorded; empty where nothing tells."""
    has_key: bool = True
    """Whether the key of a WebSocket handshake is the one that was sent."""
    opened: bool = False
    """Whether messages were recorded that only an open WebSocket has."""
    notes: tuple[str, ...] = ()
    """How it was read, where that is not plain: sentences without a full stop."""
