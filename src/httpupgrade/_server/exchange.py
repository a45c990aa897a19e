"""What a server's machine knows of the request that it is at.

Rules for this module: it remembers one request and what came of it. Where the machine goes next is
decided elsewhere.
"""

from typing import Any, Final, final

from .._http1.body_reader import PieceReader, read_body
from .._http1.copying import Live
from .._http1.heads import RequestHead
from .._http1.request_facts import facts_of
from .._negotiation.decisions import Accept101, Continue100, Decision
from .._negotiation.policy import Policy
from .._negotiation.rules import Decided

NOT_JUDGED: Final = (None, None, None, None)
"""In the place of what the rules decided, while they have not."""
Judged = Decided | tuple[None, None, None, None]


@final
class Exchange(Live):
    """What a machine knows of the request that it is at."""

    __slots__ = (
        "_reader",
        "accepting",
        "body",
        "broken",
        "decision",
        "forwarded",
        "head",
        "held",
        "judged",
        "overflowed",
        "policy",
        "prepared",
        "taken",
    )

    _CHANGING = ("_reader", "body")

    def __init__(
        self, head: RequestHead | None, policy: Policy | None, judged: Judged = NOT_JUDGED
    ) -> None:
        self.head = head
        self.policy = policy
        self.prepared: RequestHead | None = None  # the head that was judged, if it is another one
        self.decision: Decision | Continue100 | None = judged[0]
        self.accepting: Accept101 | None = None
        self.body: list[bytes] = []
        self.taken = 0
        self.forwarded = False
        self.held = 0  # octets that a parser has read since the decision waits
        self.overflowed = False  # more arrived than is held while a decision waits
        self.broken = False  # the head was not judged, or what follows cannot be read as a request
        self.judged = judged  # by the rules, on the head
        self._reader: PieceReader | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> "Exchange":
        return self if self is NO_EXCHANGE else super().__deepcopy__(memo)

    def read_body(self) -> PieceReader:
        """What takes the request's body off the buffer; where that ends is clear.

        It is made when it is needed: a caller that detaches never asks.
        """
        if self._reader is None:
            assert self.head is not None
            self._reader = read_body(facts_of(self.head).framing)
        return self._reader


NO_EXCHANGE: Final = Exchange(None, None)
"""Before the first request. Nothing is ever noted in it."""
