"""What came of a step, as values.

Rules for this module: no I/O, and no judgement.
"""

from enum import Enum
from typing import final

from ... import RemoteProtocolError, RequestHead, ResponseHead, Switched
from ..._http1.findings import Finding
from ..._http1.values import Value, field
from ...diagnosis import NoAnswer
from .steps import Step


class Tunnel(Enum):
    """What a ping after the switch has shown."""

    ANSWERED = "ping answered"
    CLOSED = "the server closed with a close frame"
    ONE_WAY = "frames came, and no pong"
    SILENT = "no frame came back"
    ENDED = "the connection was closed without a frame"
    NO_FRAMES = "what came are no frames of a WebSocket"


@final
class Exchange(Value):
    """A request that went out, and what came back."""

    __slots__ = __match_args__ = ()

    request: RequestHead = field("What was sent.")
    response: ResponseHead | RemoteProtocolError | NoAnswer = field("What came back.")
    content: bytes = field("The body, or its beginning.", default=b"")
    whole: bool = field("Whether ``content`` is all of it.", default=True)
    switched: Switched | None = field("The verified 101, if it is one.", default=None)
    tunnel: Tunnel | None = field(
        "What was shown after a switch; None without one, and if it was not tried.", default=None
    )
    received: int = field("Octets that came without making a response.", default=0)

    @property
    def works(self) -> bool:
        """Whether this is a handshake that came to a WebSocket that carries frames."""
        dead = (Tunnel.SILENT, Tunnel.ENDED, Tunnel.NO_FRAMES)
        is_open = self.switched is not None or self.is_open_in_http2
        return is_open and self.tunnel not in dead

    @property
    def is_open_in_http2(self) -> bool:
        """Whether this is a WebSocket in HTTP/2."""
        head = self.response
        return (
            isinstance(head, ResponseHead)
            and head.http_version == b"2.0"
            and 200 <= head.status_code <= 299
            and self.request.method == b"CONNECT"
        )

    @property
    def status(self) -> int | None:
        """The status code, if there is one."""
        return self.response.status_code if isinstance(self.response, ResponseHead) else None


@final
class Unreached(Value):
    """No request went out."""

    __slots__ = __match_args__ = ()

    finding: Finding = field("Why.")
    says: str = field("What the system, or the other end, says of it.", default="")


class NoHTTP2(Enum):
    """Why there was no exchange in HTTP/2."""

    NOT_CHOSEN = "the server does not choose HTTP/2"
    NOT_ALLOWED = "the server's SETTINGS do not allow it (SETTINGS_ENABLE_CONNECT_PROTOCOL)"
    RESET = "the server ended the stream"
    BROKEN = "the server breaks HTTP/2"


@final
class HTTP2Failure(Value):
    """HTTP/2 led to no response."""

    __slots__ = __match_args__ = ()

    reason: NoHTTP2 = field("Why.")
    says: str = field("The error of the stream or of the connection.", default="")


Outcome = Exchange | Unreached | HTTP2Failure


@final
class Result(Value):
    """A step, and what came of it."""

    __slots__ = __match_args__ = ()

    step: Step = field("What was tried.")
    outcome: Outcome = field("What came of it.")
