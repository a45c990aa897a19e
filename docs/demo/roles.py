"""What the parts of the server ask of each other.

The law of this file: only interfaces and plain values; it imports none of the parts.
"""

from typing import Protocol

from httpupgrade import Accept101, Continue100, Decision, RequestHead
from httpupgrade.cli.serve.roles import Request, Response


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


def echo(request: Request) -> Response:
    """Sends a body back, or a greeting, and says what it saw of the request."""
    offered = any(name == b"upgrade" for name, _ in request.headers)
    fields = (
        (b"X-Method", request.method),
        (b"X-Upgrade-Seen", b"yes" if offered else b"no"),
    )
    return Response(200, fields, request.body or b"hello\n")
