"""What the parts of the server ask of each other: interfaces and plain values.

Rules for this module: it imports none of the parts.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol, final


class Connection(Protocol):
    """A protocol without I/O: octets in, octets out."""

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
