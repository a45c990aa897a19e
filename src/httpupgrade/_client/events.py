"""What a client's machine says besides final responses that do not switch.

The law of this file: an event is a value, and says everything that is known about its response.
"""

from typing import NamedTuple, final

from .._http1.field_values import UpgradeToken
from .._http1.findings import Finding
from .._http1.heads import ResponseHead
from .._http1.redaction import show_fields


@final
class Switched(NamedTuple):
    """The server has switched, and what it says of that was verified (RFC 9110 15.2.2).

    The connection and ``trailing_data`` belong to the new protocol.
    """

    token: UpgradeToken
    """The protocol: one that was asked for."""
    tokens: tuple[UpgradeToken, ...]
    """The layers of the response's Upgrade field, the lowest first."""
    head: ResponseHead
    agreement: object
    """What both ends keep to, in the offer's own type; None for nothing."""
    findings: tuple[Finding, ...] = ()
    """What the 101 has that it should not have, and that does no harm."""

    def __repr__(self) -> str:
        return show_fields(self)


@final
class Interim(NamedTuple):
    """A response before the final one: 100, 102, 103 and whatever comes (RFC 9110 15.2)."""

    head: ResponseHead
    findings: tuple[Finding, ...] = ()

    def __repr__(self) -> str:
        return show_fields(self)


@final
class Content(NamedTuple):
    """More of the body of a declined response, without its framing."""

    data: bytes
    end: bool
    """Whether the body ends here; each that does end has one such event."""

    def __repr__(self) -> str:
        return show_fields(self)
