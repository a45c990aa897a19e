"""How much of a peer's input is read or kept.

Rules for this module: a bound is an argument of the caller's, never an environment variable or a
module's state; each default names its precedent, and each has a test at n and at n + 1.
"""

from typing import Final, final

from .arguments import require_number
from .values import Value, as_dict, field


@final
class Limits(Value):
    """How much of a peer's input is read or kept, in octets unless it says otherwise.

    Raises :class:`ValueError` for what is no number of octets.
    """

    __slots__ = __match_args__ = ()

    max_head_bytes: int = field(
        "A head with its empty line and any empty lines in front of it (64 KiB: what h11 and "
        "uvicorn hold of an incomplete event).",
        default=65536,
    )
    max_request_line: int = field(
        "Without its CRLF (8192: nginx; RFC 9112 3 recommends 8000 or more). It bounds a "
        "response's status line, too.",
        default=8192,
    )
    max_header_line: int = field(
        "Name, colon and value without CRLF (32 KiB: cookies and bearer tokens outgrow the 8 KiB "
        "of nginx and Apache httpd in the field).",
        default=32768,
    )
    max_header_count: int = field("Lines (256: twice what websockets takes).", default=256)
    max_early_data: int = field(
        "Held while a decision waits for ``send()`` (64 KiB: one socket read).", default=65536
    )
    max_request_body: int = field(
        "Content read before a switch that needs it (1 MiB: nginx).", default=1048576
    )
    max_drain: int = field(
        "Read past after a refusal before the connection closes instead (256 KiB: Go's net/http).",
        default=262144,
    )
    max_response_body: int = field(
        "Content of a 426 that a client keeps (64 KiB: one socket read).", default=65536
    )

    def _check(self) -> None:
        for name, value in as_dict(self).items():
            require_number(name, value)
            if value < 0:
                raise ValueError(f"{name} is a number of 0 or more, not {value}")


DEFAULT_LIMITS: Final = Limits()
