"""The server's machine: octets in, events out, one connection.

Rules for this module: it finds the heads. What to answer is decided by ``decide``, and where to go
next by the table in ``states``. Octets after the last event are held, unread.
"""

from typing import Final, assert_never, final

from .._http1 import finding_codes as http1_codes
from .._http1.arguments import require, require_flag, require_octets, wrong_type
from .._http1.errors import LocalProtocolError
from .._http1.fast_path import head_in_front
from .._http1.heads import RequestHead, head_from_parts
from .._http1.limits import DEFAULT_LIMITS, Limits
from .._http1.line_scan import Unreadable
from .._http1.request_scan import RequestScanner
from .._negotiation.decide import decide_unreadable, decide_within
from .._negotiation.decisions import Accept101, Decision, Passthrough, Reject, Require426
from .._negotiation.events import NEED_DATA, PAUSED, ConnectionClosed, Event
from .._negotiation.policy import Policy, PolicySource, require_policy_function
from .._negotiation.prepare_head import PreparedPolicy, PrepareHead, choose_policy, note_preparation
from .._negotiation.refusal_response import DEFAULT_REFUSAL, Refusal
from .._negotiation.rules import closes_after_refusal
from . import finding_codes as codes
from .bodies import Bodies
from .exchange import NO_EXCHANGE, Exchange
from .states import Cause, ServerState

_CLOSED: Final = ConnectionClosed()
_READING_HEAD: Final = ServerState.READING_HEAD
_DECIDED: Final = ServerState.DECIDED


@final
class ServerNegotiator(Bodies):
    """One connection of a server, from its first octet to its switch.

    :param policy: what is offered; or a callable that says so for each head, None meaning that the
        request passes through. What it raises reaches the caller. Octets that are no head cannot
        be routed: with a callable, they pass unless a line looks like an Upgrade field.
    :param limits: how much is read and held.
    :param secure: whether the connection is inside TLS.
    :param peer: the other end, for ``prepare_head``: whatever you call it.
    :param refusal: what refusals look like where no policy says so: a callable has not chosen one,
        or has returned None. A ``Policy`` has its own.
    :param prepare_head: gets each head that can be read, before the policy does, and returns the
        one to judge: the same, or one with other fields, for devices that are known to be wrong.
        It may not change the request line, Content-Length, Transfer-Encoding or Host. The policy,
        its offers and ``Accept101.head`` have what it returned. :attr:`head` and a ``Passthrough``
        have what was received, and bodies end and connections close by that; the finding
        ``head-prepared`` says that the two differ. It is called once for each decision on a head,
        so again after a call that raised. What it raises reaches the caller, as a policy's does.

    Feed it with :meth:`receive_data` (``b""`` is end of file), then call :meth:`next_event` until
    it returns ``NEED_DATA`` (feed more), ``PAUSED`` (answer the decision first; after a switch,
    stop) or ``ConnectionClosed`` (stop). What the other events ask of you:

    * ``Accept101``, ``Continue100``, ``Require426``, ``Reject``: write what ``send(event)``
      returns. You may send another decision instead. Until then there is only ``PAUSED``.
      After an ``Accept101`` was sent, the connection and :attr:`trailing_data` belong to the new
      protocol, and this object has nothing left to do.
    * ``Passthrough``: either give ``event.data + trailing_data`` to an HTTP server and forget this
      object; or stay: each ``Forward`` is more of the same message, the one with ``end`` its end,
      and then the next head is decided on. Ask for it when you have answered the message. A server
      of yours that switches protocols by itself must let go.
    * ``Forward``: see above. A ``Reject`` after it means that the message's framing broke: send
      it if you have not begun to answer, close in any case.

    ``ConnectionClosed`` asks you to close, once everything is written.

    A parser of your own may read the heads instead: call :meth:`receive_head` for each, and never
    :meth:`receive_data`. Bodies, early data and the end of the connection are yours then.

    Every split of the same octets gives the same events, ``Forward`` data joined, provided that
    each event is answered before more is fed. The one exception lies in time: a protocol that takes
    no early data is refused where some is there before you send the 101.

    A ``copy.deepcopy()`` continues from the same state and does not affect the original; both
    share the policy. ``copy.copy()`` and ``pickle`` raise :class:`TypeError`.
    """

    __slots__ = ("_policy", "_scanner")

    _CHANGING = ("_buffer", "_exchange", "_scanner")

    def __init__(
        self,
        policy: PolicySource,
        *,
        limits: Limits = DEFAULT_LIMITS,
        secure: bool = False,
        peer: object = None,
        refusal: Refusal = DEFAULT_REFUSAL,
        prepare_head: PrepareHead | None = None,
    ) -> None:
        if refusal is not DEFAULT_REFUSAL:
            require("refusal is a Refusal", refusal, Refusal)
        if type(policy) is Policy:
            refusal = policy.refusal
        else:
            require_policy_function(policy)
        if limits is not DEFAULT_LIMITS or secure is not False:
            require("limits is a Limits", limits, Limits)
            require_flag("secure", secure)
        self._policy: PolicySource | PreparedPolicy = policy
        if prepare_head is not None:
            self._policy = PreparedPolicy(policy, prepare_head, peer, secure=secure)
        self._limits = limits
        self._secure = secure
        self._refusal = refusal
        self._state = ServerState.READING_HEAD
        self._scanner: RequestScanner | None = None
        self._exchange = NO_EXCHANGE
        self._buffer = bytearray()
        self._fed = None
        self._at_end = False
        self._closed = _CLOSED

    def receive_data(self, data: bytes) -> Event:
        """Take octets from the peer, or ``b""`` at end of file, and return the next event.

        What arrives after a refusal that closes is dropped. Raises :class:`LocalProtocolError`
        after a switch, after end of file, and where heads are fed instead.
        """
        if self._fed is None and type(data) is bytes and data:
            self._fed = "octets"
            return self._begin(data)
        if self._scanner is not None and self._adds_nothing(data):
            self._buffer += data
            return NEED_DATA
        self._check_feed(data)
        data = bytes(data)
        if not data:
            self._at_end = True
        elif self._state is _READING_HEAD and not self._buffer:
            return self._begin(data)
        elif self._state is not ServerState.CLOSED:
            self._buffer += data
            if self._state is _DECIDED and len(self._buffer) > self._limits.max_early_data:
                return self._refuse_early_data()
        return self.next_event()

    def next_event(self) -> Event:
        """The next event that the octets so far allow."""
        while True:
            event = self._advance()
            if event is not None and not (type(event) is Accept101 and self._came_too_early()):
                return event

    def receive_head(self, head: RequestHead) -> Decision:
        """Decide on a head that another parser has read.

        The parser goes on with the body. With ``Accept101.awaits_body``, ``send(decision.interim)``
        if that is not None, read the body, then ``send(decision)``. Whether another request may
        follow one that passed through is the parser's to know. Raises :class:`LocalProtocolError`
        while an earlier decision waits to be sent, after a switch or a close, and where octets
        are fed instead.
        """
        if type(head) is not RequestHead:
            raise wrong_type("head is a RequestHead", head)
        if self._fed == "octets":
            raise LocalProtocolError("octets are fed here, not heads")
        self._fed = "heads"
        if self._state is ServerState.FORWARDING:
            self._go(Cause.MESSAGE_END)
        if self._state is not ServerState.READING_HEAD:
            raise LocalProtocolError(f"no head is expected: {self._state.value}")
        decision = self._decide(head)
        self._exchange.decision = decision
        self._go(Cause.PASSTHROUGH if isinstance(decision, Passthrough) else Cause.DECISION)
        return decision

    # Reading.

    def _advance(self) -> Event | None:
        """One step; None when it leads on to another."""
        match self._state:
            case ServerState.READING_HEAD:
                return self._read_head()
            case ServerState.FORWARDING:
                return self._forward()
            case ServerState.READING_BODY:
                return self._read_body()
            case ServerState.DECIDED:
                came_too_early = self._came_too_early()
                return self._refuse(codes.EARLY_DATA_NOT_TAKEN) if came_too_early else PAUSED
            case ServerState.SWITCHED:
                return PAUSED
            case ServerState.DRAINING:
                return self._drain()
            case ServerState.OPAQUE:
                return self._forward_blindly()
            case ServerState.CLOSED:
                return self._closed
            case unreachable:
                assert_never(unreachable)

    def _check_feed(self, data: bytes) -> None:
        require_octets("data", data)
        if self._fed == "heads":
            raise LocalProtocolError("heads are fed here, not octets")
        self._fed = "octets"
        if self._state is ServerState.SWITCHED:
            raise LocalProtocolError("the connection belongs to the new protocol")
        if data and self._at_end:
            raise LocalProtocolError("octets after the end of file")

    def _begin(self, data: bytes) -> Event:
        """Take the first octets of a request."""
        self._scanner = None
        # A callable that looks at what trails finds the same however the octets were cut.
        found = head_in_front(data, self._limits) if isinstance(self._policy, Policy) else None
        if found is None:
            self._buffer += data
            return self.next_event()
        head, size = found
        try:
            event = self._judge(head)
        except BaseException:
            self._buffer += data
            raise
        if size < len(data):
            self._buffer += memoryview(data)[size:]
            if type(event) is Accept101 and self._came_too_early():
                event = None
        return self.next_event() if event is None else event

    def _adds_nothing(self, data: bytes) -> bool:
        """Whether this is more of a line whose end is neither here nor overdue."""
        return (
            self._scanner is not None
            and self._state is _READING_HEAD
            and type(data) is bytes
            and b"\n" not in data
            and 0 < len(data) < self._scanner.quiet_below - len(self._buffer)
            and not self._at_end
        )

    def _read_head(self) -> Event | None:
        # A callable of the policy may raise. The head is taken off the buffer only when it has been
        # decided on: nothing is lost then, the next call decides anew, and a refusal may be sent.
        event: Event | None
        if not self._buffer:
            return self._end(None) if self._at_end else NEED_DATA
        if self._scanner is None:
            found = head_in_front(self._buffer, self._limits)
            if found is not None:
                head, size = found
                event = self._judge(head)
                del self._buffer[:size]
                return event
            self._scanner = RequestScanner(self._limits)
        outcome = self._scanner.scan(self._buffer)
        if outcome is None:
            if not self._at_end:
                return NEED_DATA
            rest = self._buffer.strip(b"\r\n")
            return self._end(http1_codes.HEAD_INCOMPLETE if rest else None)
        self._scanner = None
        if isinstance(outcome, Unreadable):
            event = self._judge_unreadable(outcome)
        else:
            event = self._judge(head_from_parts(outcome))
        del self._buffer[: outcome.size]
        return event

    def _judge(self, head: RequestHead) -> Event | None:
        decision = self._decide(head)
        exchange = self._exchange
        exchange.decision = decision
        if isinstance(decision, Passthrough):
            self._go(Cause.PASSTHROUGH)
            return decision
        if isinstance(decision, Accept101) and decision.awaits_body:
            exchange.accepting = decision.replace(awaits_body=False, interim=None)
            if decision.interim is None:
                exchange.decision = None
                self._go(Cause.BODY_WANTED)
                return None
            exchange.decision = decision = decision.interim
        self._go(Cause.DECISION)
        return decision

    def _judge_unreadable(self, unreadable: Unreadable) -> Event:
        source = self._policy
        if isinstance(source, PreparedPolicy):
            source = source.policy
        policy = source if isinstance(source, Policy) else None
        data = bytes(self._buffer[: unreadable.size])
        exchange = self._exchange = Exchange(None, policy)
        refusal = self._refusal
        decision = decide_unreadable(unreadable, policy, refusal, data, secure=self._secure)
        exchange.decision = decision
        self._go(Cause.PASSTHROUGH_BLIND if isinstance(decision, Passthrough) else Cause.DECISION)
        return decision

    def _decide(self, head: RequestHead) -> Decision:
        """Begin an exchange with a decision; it stays undecided if a callable raises."""
        policy = self._policy
        if not isinstance(policy, Policy):
            return self._decide_by_choice(policy, head)
        exchange = self._exchange = Exchange(head, policy)
        exchange.judged = judged = decide_within(self._limits, head, policy, secure=self._secure)
        return judged[0]

    def _decide_by_choice(
        self, source: PolicySource | PreparedPolicy, received: RequestHead
    ) -> Decision:
        """The same, where callables choose the policy, or mend the head before it is judged."""
        exchange = self._exchange = Exchange(received, None)
        policy, head = choose_policy(source, received)
        decision: Decision = Passthrough(head, head.raw or b"")
        if policy is not None:
            exchange.policy = policy
            exchange.judged = judged = decide_within(
                self._limits, head, policy, secure=self._secure
            )
            decision = judged[0]
        if head is received:
            return decision
        exchange.prepared = head
        is_refused = isinstance(decision, Require426 | Reject)
        closes = is_refused and closes_after_refusal(received, policy, self._limits)
        return note_preparation(decision, received, closes=closes)

    def _came_too_early(self) -> bool:
        """Whether octets are there of which the acceptance that waits takes none."""
        waiting = self._exchange.decision
        takes_none = isinstance(waiting, Accept101) and not waiting.takes_early_data
        return takes_none and bool(self._buffer)

    def _refuse_early_data(self) -> Event:
        waiting = self._exchange.decision
        if not isinstance(waiting, Reject | Require426):
            return self._refuse(codes.EARLY_DATA_TOO_LONG)
        # What was refused stays refused for its own reason; only the connection cannot go on.
        self._buffer.clear()
        return PAUSED if waiting.close else self._decided(waiting.closing())
