"""The 426 for requests that do not ask, made once for a policy.

Rules for this module: it gives what ``make_refusal()`` makes for such a request, to the octet. The
Host is the one part of the request that its body may show.
"""

from typing import Final, final

from .._http1.copying import Pickled
from .._http1.heads import RequestHead
from .._http1.received_lines import escape_octets
from .decisions import Require426, with_known_octets
from .example_request import ANY_TARGET, Example

# Where it is shown in a text.
_HOST_LINE: Final = b"    Host: any-host\n"


@final
class PreparedRefusal(Pickled):
    """The refusal of any request, to be finished for one.

    :param decision: the refusal of :func:`any_request`.
    :param example: the request that its body prints.
    :ivar example: the same, if it has the target of any request: then its Host is not printed.
    :ivar fixed: the refusal and its octets, if they are the same for each.
    """

    __slots__ = ("_decision", "_parts", "_start", "_target", "example", "fixed")

    def __init__(self, decision: Require426, example: Example | None) -> None:
        octets = decision.to_bytes()
        self._decision = decision = with_known_octets(Require426, decision._values, octets)
        self._target = None if example is None else example.head.target
        self.example = example if self._target == ANY_TARGET else None
        self._parts = decision.body.split(_HOST_LINE)
        self._start = octets[: octets.index(b"\r\n\r\n")].rstrip(b"0123456789")
        self.fixed = (decision, octets) if len(self._parts) == 1 else None

    def finish(self, head: RequestHead) -> tuple[Require426, bytes] | None:
        """The refusal of this request, with its octets; None if its target is that of the example,
        which is not printed then."""
        if head.target == self._target:
            return None
        tokens, headers, _, close, findings = self._decision._values
        host = escape_octets(head.get(b"host") or b"").encode("ascii")
        body = (b"    Host: %b\n" % host).join(self._parts)
        length = b"%d" % len(body)
        fields = (*headers[:-1], (b"Content-Length", length))
        octets = b"%b%b\r\n\r\n%b" % (self._start, length, body)
        values = (tokens, fields, body, close, findings)
        return with_known_octets(Require426, values, octets), octets
