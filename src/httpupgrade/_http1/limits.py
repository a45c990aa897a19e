"""How much of a peer's input is read or kept.

The law of this file: a bound is an argument of the caller's, never an environment variable or a
module's state; each default names its precedent, and each has a test at n and at n + 1.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple, final

from .arguments import require_number


class _LimitFields(NamedTuple):
    max_head_bytes: int
    max_request_line: int
    max_header_line: int
    max_header_count: int
    max_early_data: int
    max_request_body: int
    max_drain: int
    max_response_body: int


@final
class Limits(_LimitFields):
    """How much of a peer's input is read or kept, in octets unless it says otherwise.

    :param max_head_bytes: a head with its empty line and any empty lines in front of it
        (64 KiB: what h11 and uvicorn hold of an incomplete event).
    :param max_request_line: without its CRLF (8192: nginx; RFC 9112 3 recommends 8000 or more).
        It bounds a response's status line, too.
    :param max_header_line: name, colon and value without CRLF (32 KiB: cookies and bearer tokens
        outgrow the 8 KiB of nginx and Apache httpd in the field).
    :param max_header_count: lines (256: twice what websockets takes).
    :param max_early_data: held while a decision waits for ``send()`` (64 KiB: one socket read).
    :param max_request_body: content read before a switch that needs it (1 MiB: nginx).
    :param max_drain: read past after a refusal before the connection closes instead
        (256 KiB: Go's net/http).
    :param max_response_body: content of a 426 that a client keeps (64 KiB: one socket read).

    Raises :class:`ValueError` for what is no number of octets.
    """

    __slots__ = ()

    def __new__(
        cls,
        max_head_bytes: int = 65536,
        max_request_line: int = 8192,
        max_header_line: int = 32768,
        max_header_count: int = 256,
        max_early_data: int = 65536,
        max_request_body: int = 1048576,
        max_drain: int = 262144,
        max_response_body: int = 65536,
    ) -> "Limits":
        self = super().__new__(
            cls,
            max_head_bytes,
            max_request_line,
            max_header_line,
            max_header_count,
            max_early_data,
            max_request_body,
            max_drain,
            max_response_body,
        )
        for name, value in zip(self._fields, self, strict=True):
            require_number(name, value)
            if value < 0:
                raise ValueError(f"{name} is a number of 0 or more, not {value}")
        return self

    @classmethod
    def _make(cls, iterable: Iterable[int]) -> "Limits":  # type: ignore[override]
        # What _replace() is made of; a changed copy is checked like a new one.
        return cls(*iterable)


DEFAULT_LIMITS: Final = Limits()
