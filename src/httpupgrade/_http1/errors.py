"""The two exceptions. Which of them it is says who has to change something."""

from typing import final

from .findings import Finding, told_in_a_line
from .redaction import show_length


class ProtocolError(Exception):
    """What both errors are. Never raised itself."""


@final
class LocalProtocolError(ProtocolError):
    """You misused the library; nothing was sent and no state changed.

    Also raised where a callable or an offer of yours chooses what the client did not offer.
    """


@final
class RemoteProtocolError(ProtocolError):
    """What the peer sent breaks the protocol.

    Raised by ``RequestHead.parse`` and ``ResponseHead.parse``, and by ``ClientNegotiator`` for what
    is no response to its request. ``ServerNegotiator`` never raises it: it answers what is wrong.

    :ivar findings: everything that is wrong.
    :ivar raw: the response's head, or what arrived in the place of one, as it came; the offsets of
        the findings are places in it. Of what is no head, it is what had arrived by then, at most
        ``Limits.max_head_bytes``. Nothing from ``parse()``, whose caller has it.
    """

    def __init__(self, findings: tuple[Finding, ...], raw: bytes = b"") -> None:
        super().__init__(findings, raw)
        self.findings = findings
        self.raw = raw

    def __repr__(self) -> str:
        return f"RemoteProtocolError({self.findings!r}, raw={show_length(self.raw)})"

    def __str__(self) -> str:
        return "; ".join(map(told_in_a_line, self.findings))

    @property
    def finding(self) -> Finding:
        """The first of :attr:`findings`."""
        return self.findings[0]
