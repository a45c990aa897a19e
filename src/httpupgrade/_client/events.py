"""What a client's machine says besides final responses that do not switch."""

from typing import final

from .._http1.field_values import UpgradeToken
from .._http1.findings import Finding
from .._http1.heads import ResponseHead
from .._http1.values import Value, field


@final
class Switched(Value):
    """The server has switched, and what it says of that was verified (RFC 9110 15.2.2).

    The connection and ``trailing_data`` belong to the new protocol.
    """

    __slots__ = __match_args__ = ()

    token: UpgradeToken = field("The new protocol, which the request asked for.")
    tokens: tuple[UpgradeToken, ...] = field(
        "The layers of the response's Upgrade field, the lowest first."
    )
    head: ResponseHead = field("The 101.")
    agreement: object = field("What both ends keep to, in the offer's own type; None for nothing.")
    findings: tuple[Finding, ...] = field(
        "What the 101 has that it should not have, and that does no harm.", default=()
    )


@final
class Interim(Value):
    """A response before the final one: 100, 102, 103 and whatever comes (RFC 9110 15.2)."""

    __slots__ = ()
    __match_args__ = ("head",)

    head: ResponseHead = field("Its head.")
    findings: tuple[Finding, ...] = field("What is wrong with its fields.", default=())


@final
class Content(Value):
    """More of the body of an ordinary response, without its framing."""

    __slots__ = ()
    __match_args__ = ("data", "end")

    data: bytes = field("Octets of the body, without its framing.")
    end: bool = field("Whether the body ends here; each that does end has one such event.")
