"""The server's machine for heads that another parser reads.

Rules for this module: what the parser hands over is queued, and taken up in order. What to answer
is decided by ``decide``, and where to go next by the table in ``states``. Octets are read only
where the parser has stopped after a head.
"""

from collections import deque
from typing import Final, assert_never, final

from .._http1 import finding_codes as http1_codes
from .._http1.errors import LocalProtocolError
from .._http1.findings import Finding
from .._http1.heads import RequestHead
from .._http1.limits import DEFAULT_LIMITS, Limits
from .._http1.line_scan import Unreadable
from .._http1.request_facts import facts_of, has_upgrade
from .._negotiation import finding_codes as rule_codes
from .._negotiation.decide import decide_unreadable
from .._negotiation.decisions import Accept101, Continue100, Decision, Reject
from .._negotiation.events import NEED_DATA, ConnectionClosed, Event
from .._negotiation.policy import PolicySource
from .._negotiation.prepare_head import PrepareHead
from .._negotiation.refusal_response import DEFAULT_REFUSAL, Refusal
from .._negotiation.withhold_upgrade import Carries
from . import finding_codes as codes
from .parser_queue import (
    ParsedContent,
    ParsedEnd,
    ParseFault,
    ParserQueue,
    Reading,
    has_end,
)
from .states import Cause, ServerState

_READING_HEAD: Final = ServerState.READING_HEAD


@final
class HeadNegotiator(ParserQueue):
    """One connection of a server, whose requests another parser reads.

    :param policy: as for :class:`ServerNegotiator`, and so are all others.
    :param limits: how much is read and held. How long a head may be is the parser's to say.

    Tell it what the parser reads, in order: :meth:`receive_head`, then :meth:`receive_content` and
    :meth:`end_content`; :meth:`cannot_read` where it raises; and what it leaves unread by
    :meth:`receive_data`. Then call :meth:`next_event` until it returns ``NEED_DATA`` (read more),
    ``PAUSED`` (answer the decision first; after a switch, stop) or ``ConnectionClosed`` (stop).
    The other events ask of you what they ask with a :class:`ServerNegotiator`, but for these:

    * ``Passthrough``: the request is your HTTP server's, with the content that your parser hands
      over. Ask for the next event when you have answered it.
    * ``Forward``: only where the parser has stopped after a head that passes: the octets of the
      body, framing and all.

    **A pull parser that reads bodies**, as h11 and those of aiohttp and gunicorn: call
    ``receive_head()`` for each request, and ``receive_content()`` and ``end_content()`` as it
    reads on. Once a message has been read to its end, give ``receive_data()`` what the parser has
    not read: h11's ``trailing_data``, the tail that aiohttp's ``feed_data()`` returns, what
    gunicorn's ``unreader`` holds. Do it when a request is accepted: it is the new protocol's.

    **A push parser that stops after a head**, as httptools, which reads no body of a request that
    has ``Upgrade``, or of CONNECT: call the same from its callbacks, with
    ``receive_head(head, stopped=parser.should_upgrade())``. While :attr:`takes_octets`, whatever
    arrives is for ``receive_data()``; first what is after the offset of ``HttpParserUpgrade``, if
    anything is. Else it is the parser's; first what :meth:`take_trailing_data` returns.

    Several requests that come out of one read are decided on one after another. What is queued is
    bounded by your reads: ``PAUSED`` asks you to read no more. Where more than
    ``Limits.max_early_data`` arrives all the same, the waiting decision becomes a refusal that
    closes.

    A ``copy.deepcopy()`` continues from the same state and does not affect the original; both
    share the policy. ``copy.copy()`` and ``pickle`` raise :class:`TypeError`.
    """

    __slots__ = ()

    def __init__(
        self,
        policy: PolicySource,
        *,
        limits: Limits = DEFAULT_LIMITS,
        secure: bool = False,
        peer: object = None,
        refusal: Refusal = DEFAULT_REFUSAL,
        prepare_head: PrepareHead | None = None,
        carries: Carries | None = None,
    ) -> None:
        super().__init__(
            policy,
            limits=limits,
            secure=secure,
            peer=peer,
            refusal=refusal,
            prepare_head=prepare_head,
            carries=carries,
        )
        self._inbox = deque()
        self._reading = Reading.NOTHING
        self._missing = self._stopped = False
        self._complete = True

    def next_event(self) -> Event:
        """The next event that follows from what was read so far."""
        event: Event | None = None
        if self._state is _READING_HEAD:
            event = self._read_head()
        while event is None or (type(event) is Accept101 and self._came_too_early()):
            event = self._advance()
        return event

    def send(self, decision: Decision | Continue100) -> bytes:
        if self._inbox and type(decision) is Accept101 and self._was_read_on():
            raise LocalProtocolError("the parser has read on, into what is the new protocol's")
        return super().send(decision)

    def _hold(self) -> Event:
        is_due = not self._exchange.overflowed and self._was_read_on()
        return self._refuse(codes.EARLY_DATA_READ) if is_due else super()._hold()

    def _came_too_early(self) -> bool:
        return bool(self._inbox and self._was_read_on()) or super()._came_too_early()

    def _was_read_on(self) -> bool:
        """Whether the parser has taken what follows an accepted request for another one."""
        is_waiting = self._inbox and self._state is ServerState.DECIDED
        return bool(is_waiting) and isinstance(self._exchange.decision, Accept101)

    def _read_head(self) -> Event | None:
        # A callable of the policy may raise. The head is taken up only when it has been decided
        # on: nothing is lost then, the next call decides anew, and a refusal may be sent.
        inbox, reading = self._inbox, self._reading
        if not inbox:
            return self._end(None) if self._at_end and not self._octets else NEED_DATA
        event: Event | None
        match inbox[0]:
            case RequestHead() as head:
                event = self._judge(head)
            case ParseFault(findings, _, RequestHead() as head):
                event = self._judge_fault(findings, head)
            case ParseFault() as fault:
                self._begin_without_head()
                return self._refuse_fault(fault)
            case _:
                raise AssertionError("a message was not taken up to its end")
        inbox.popleft()
        # Where the parser has stopped, nothing else can be queued.
        self._stopped = reading is Reading.STOPPED and not inbox
        self._complete = not has_end(head) if inbox else reading is not Reading.CONTENT
        return event

    def _judge_fault(self, findings: tuple[Finding, ...], head: RequestHead) -> Event:
        """Decide on a head that breaks a rule, as on octets that are no head.

        The parser takes it for one, and goes on after it.
        """
        self._begin_without_head()
        exchange = self._exchange
        exchange.head, exchange.broken = head, True
        unreadable = Unreadable(findings, 0, has_upgrade(head))
        decision = decide_unreadable(
            unreadable, exchange.policy, self._refusal, b"", secure=self._secure
        )
        if isinstance(decision, Reject):
            return self._decided(decision.without_content() if self._answers_head() else decision)
        exchange.decision = decision
        self._go(Cause.PASSTHROUGH)
        return decision

    def _refuse_fault(self, fault: ParseFault) -> Event:
        self._exchange.broken = True
        decision = self._reject(fault.findings, fault.status_code)
        self._discard()
        return self._decided(decision)

    def _read_body(self) -> Event | None:
        if self._stopped:
            return super()._read_body()
        exchange = self._exchange
        assert exchange.accepting is not None
        match self._next_of_content():
            case ParsedContent(data):
                exchange.body.append(data)
                exchange.taken += len(data)
                too_large = exchange.taken > self._limits.max_request_body
                return self._refuse(rule_codes.BODY_TOO_LARGE) if too_large else None
            case ParsedEnd():
                body = b"".join(exchange.body)
                return self._decided(exchange.accepting.replace(request_body=body))
            case ParseFault() as fault:
                return self._refuse_fault(fault)
            case None:
                return self._await_content()
            case unreachable:
                assert_never(unreachable)

    def _drain(self) -> Event | None:
        if self._stopped:
            return super()._drain()
        if self._complete:
            self._go(Cause.MESSAGE_END)
            return None
        match self._next_of_content():
            case None:
                return self._await_content()
            case ParseFault(findings):
                self._closed = ConnectionClosed(findings)
                self._go(Cause.GIVE_UP)
                return self._closed
            case ParsedContent(_, size):
                self._exchange.taken += size
                too_much = self._exchange.taken > self._limits.max_drain
                return self._close(Cause.GIVE_UP, codes.DRAIN_TOO_LONG) if too_much else None
            case ParsedEnd():
                return None
            case unreachable:
                assert_never(unreachable)

    def _forward(self) -> Event | None:
        if self._stopped:
            return super()._forward()
        if self._complete:
            head = self._exchange.head
            assert head is not None
            # Where it is unclear whether another request may follow, the parser knows.
            persists = facts_of(head).persists is not False
            self._go(Cause.MESSAGE_END if persists else Cause.LAST_MESSAGE_END)
            return None
        match self._next_of_content():
            case None:
                return self._await_content()
            case ParseFault() as fault:
                return self._refuse_fault(fault)
            case ParsedContent() | ParsedEnd():
                return None
            case unreachable:
                assert_never(unreachable)

    def _await_content(self) -> Event:
        return self._end(http1_codes.BODY_INCOMPLETE) if self._at_end else NEED_DATA
