"""What the parts of the server ask of each other.

The law of this file: only interfaces and plain values; it imports none of the parts.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol, final

from httpupgrade import Accept101, Continue100, Decision, RequestHead


class Connection(Protocol):
    """A protocol without I/O: octets in, octets out.

    What follows a 101 is one, and what it follows is one as well.
    """

    @property
    def closed(self) -> bool:
        """Whether the transport closes, once everything is written."""
        ...

    def begin(self) -> bytes:
        """What is to be written before anything arrives. To be called once, and first."""
        ...

    def receive(self, octets: bytes) -> bytes:
        """Take octets, ``b""`` at end of file, and return those to write."""
        ...


class Recorder(Protocol):
    """Is told what goes over a connection."""

    def received(self, octets: bytes) -> None:
        """Octets that arrived."""

    def sent(self, octets: bytes) -> None:
        """Octets that are written."""

    def decided(self, decision: Decision | Continue100, head: RequestHead | None) -> None:
        """A decision, and the request that it is about; None for octets that are no request."""

    def switched(self, accept: Accept101, trailing_data: bytes) -> None:
        """The connection is another protocol's now, which gets what trailed the request."""

    def inside(self) -> "Recorder":
        """The recorder of the connection that this one carries."""
        ...


@final
class Request(NamedTuple):
    """A request that an HTTP server answers, of any version of HTTP."""

    method: bytes
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    """Names in lower case."""
    body: bytes


@final
class Response(NamedTuple):
    """Its answer. The server adds what delimits it."""

    status_code: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


Application = Callable[[Request], Response]


def echo(request: Request) -> Response:
    """Sends a body back, or a greeting, and says what it saw of the request."""
    offered = any(name == b"upgrade" for name, _ in request.headers)
    fields = (
        (b"X-Method", request.method),
        (b"X-Upgrade-Seen", b"yes" if offered else b"no"),
    )
    return Response(200, fields, request.body or b"hello\n")
