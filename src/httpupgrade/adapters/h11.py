"""Requests that ``h11`` reads, decided on here: one connection, and one parser.

Rules for this module: h11 alone reads octets, and none twice. What is answered here is written as
it was decided and checked, and h11 is told of it. What passes is left to h11 and its caller.
"""

from contextlib import suppress
from enum import Enum
from typing import Final, assert_never, cast, final

import h11

from .. import (
    Accept101,
    Continue100,
    Decision,
    Finding,
    HeadersLike,
    Limits,
    LocalProtocolError,
    Passthrough,
    Policy,
    Refusal,
    Reject,
    RemoteProtocolError,
    RequestHead,
    Require426,
    ResponseHead,
    ServerNegotiator,
    UpgradeToken,
)
from .._http1 import finding_codes as http1_codes
from .._http1.arguments import require, require_octets
from .._http1.copying import Live
from .._http1.findings import Code, make_finding
from .._http1.line_scan import Unreadable
from .._negotiation import finding_codes as rule_codes
from .._negotiation.decide import decide_unreadable
from .._negotiation.decisions import require_decision
from .._negotiation.policy import PolicySource, require_policy_function
from .._negotiation.prepare_head import PrepareHead
from .._negotiation.refusal_response import (
    DEFAULT_REFUSAL,
    complete_refusal,
    reject,
    reject_as_asked,
)
from .._server import finding_codes as server_codes
from .._server.acceptance import check_early_data

Answer = Accept101 | Continue100 | Require426 | Reject
Awaited = type[h11.NEED_DATA] | type[h11.PAUSED]
ReadEvent = h11.Request | h11.Data | h11.EndOfMessage | h11.ConnectionClosed
SentEvent = h11.InformationalResponse | h11.Response | h11.Data | h11.EndOfMessage
Event = Answer | ReadEvent | Awaited

_DEFAULT_LIMITS: Final = Limits()
H11_CANNOT_READ: Final = Code(
    "h11-cannot-read",
    400,
    "RFC 9112 2.2",
    "the request breaks the grammar of HTTP/1.1",
    "Look at the octets that were sent: h11 does not say where they are wrong.",
)


def head_of(request: h11.Request) -> RequestHead:
    """The head that h11 has read, names in the case they came in.

    Raises :class:`ValueError` for what h11 takes and RFC 9110 5.5 does not: controls in a value.
    """
    headers = request.headers.raw_items()
    return RequestHead(request.method, request.target, headers, request.http_version)


def head_of_response(response: h11.InformationalResponse | h11.Response) -> ResponseHead:
    """The same of a response, a 101 among them.

    Raises :class:`ValueError` for controls in a value or in the reason phrase.
    """
    headers = response.headers.raw_items()
    return ResponseHead(response.status_code, headers, response.reason, response.http_version)


def events_of(decision: Decision) -> list[SentEvent]:
    """What ``connection.send()`` takes, one by one, in the place of ``decision.to_bytes()``.

    It is what that writes, field for field. Only where the connection has to close, h11 writes
    Connection as a line for each option. Refusals of HEAD are said without content
    (``without_content()``). Raises :class:`LocalProtocolError` for what must not go out, and for a
    Passthrough.
    """
    if isinstance(decision, Passthrough):
        raise LocalProtocolError("nothing to send: what passes is answered by somebody else")
    return _events_in(decision.to_bytes())


def _events_in(octets: bytes) -> list[SentEvent]:
    """What was written, as h11 says it: interim responses, or the final one and its content."""
    events: list[SentEvent] = []
    while octets:
        head, _, octets = octets.partition(b"\r\n\r\n")
        start_line, *lines = head.split(b"\r\n")
        _, status_code, reason = start_line.split(b" ", 2)
        pairs = [line.partition(b":") for line in lines]
        headers = [(name, value.strip(b" \t")) for name, _, value in pairs]
        status = int(status_code)
        if status < 200:
            interim = h11.InformationalResponse(status_code=status, headers=headers, reason=reason)
            events.append(interim)
        else:
            content = [h11.Data(data=octets)] if octets else []
            response = h11.Response(status_code=status, headers=headers, reason=reason)
            return [*events, response, *content, h11.EndOfMessage()]
    return events


@final
class _Phase(Enum):
    """What the driver is at."""

    PASSING = "h11's events are the caller's, up to the next request"
    UNDECIDED = "a request is there, and a callable of the policy may have raised"
    READING_BODY = "a body is read that the switch needs"
    DECIDED = "a decision waits to be sent"
    DRAINING = "the body of a refused request is read past"
    SWITCHED = "the connection belongs to the new protocol"
    CLOSED = "nothing more is read"


@final
class H11Negotiator(Live):
    """Stands between a server and its ``h11.Connection``.

    :param policy: as :class:`~httpupgrade.ServerNegotiator` takes it.
    :param connection: the one to read from; a new one where it is None.
    :param limits: how much is read and held.
    :param secure: whether the connection is inside TLS.
    :param peer: the other end, for ``prepare_head``: whatever you call it.
    :param refusal: what refusals look like where no policy says so, as for
        :class:`~httpupgrade.ServerNegotiator`.
    :param prepare_head: mends heads of devices that are known to be wrong before they are judged,
        as for :class:`~httpupgrade.ServerNegotiator`. h11's events are not changed by it.

    Feed it with :meth:`receive_data` and call :meth:`next_event` in the place of h11's two. There
    are h11's events, for what passes: answer with ``connection.send()``, and go on with
    ``connection.start_next_cycle()``, as ever. And there are decisions: write what ``send()``
    returns, for this one or another. Nothing more is read before that, only ``PAUSED``.

    * ``Accept101``: once it is sent, the connection and :attr:`trailing_data` belong to the new
      protocol, and there is only ``PAUSED``. A body that it needs has been read, a 100 been sent.
    * ``Continue100``: such a body is awaited.
    * ``Require426``, ``Reject``: after those that close there is only ``ConnectionClosed``. After
      the others their request's body is read past, and then the next request.

    ``ConnectionClosed`` asks you to close, once everything is written; with h11 alone, it would say
    that the peer has.

    A ``copy.deepcopy()`` continues from the same state, with its own copy of the connection.

    Raises :class:`ValueError` for a connection of a client.
    """

    _CHANGING = ("_body", "_negotiator", "connection")

    def __init__(
        self,
        policy: PolicySource,
        connection: h11.Connection | None = None,
        *,
        limits: Limits = _DEFAULT_LIMITS,
        secure: bool = False,
        peer: object = None,
        refusal: Refusal = DEFAULT_REFUSAL,
        prepare_head: PrepareHead | None = None,
    ) -> None:
        if not isinstance(policy, Policy):
            require_policy_function(policy)
        require("refusal is a Refusal", refusal, Refusal)
        if connection is None:
            most = limits.max_head_bytes
            connection = h11.Connection(h11.SERVER, max_incomplete_event_size=most)
        if connection.our_role is not h11.SERVER:
            raise ValueError("a client's connection has no requests to decide on")
        self.connection: Final = connection
        """h11's, for the answers to what passes."""
        self.passed: Passthrough | None = None
        """The decision on the last ``h11.Request`` that was returned: what to advertise, and why
        it was not switched."""
        self._source = policy
        self._limits = limits
        self._secure = secure
        self._refusal = policy.refusal if isinstance(policy, Policy) else refusal
        self._negotiator = ServerNegotiator(
            self._policy_for,
            limits=limits,
            secure=secure,
            peer=peer,
            refusal=self._refusal,
            prepare_head=prepare_head,
        )
        self._phase = _Phase.PASSING
        self._at_end = False
        self._end_told = False
        self._begin(None)

    def _begin(self, request: h11.Request | None) -> None:
        """Forget the request before this one."""
        self._request = request
        self._policy = self._source if isinstance(self._source, Policy) else None
        self._head: RequestHead | None = None
        self._known = False  # whether the negotiator knows it
        self._waiting: Answer | None = None
        self._accepting: Accept101 | None = None
        self._body: list[bytes] = []
        self._taken = 0
        self._held = 0

    @property
    def trailing_data(self) -> bytes:
        """What arrived after everything that the last event covers, unread."""
        return self.connection.trailing_data[0]

    def receive_data(self, data: bytes) -> None:
        """Take octets from the peer, or ``b""`` at end of file; then ask for the next event.

        Raises :class:`LocalProtocolError` after a switch and after end of file.
        """
        require_octets("data", data)
        if self._phase is _Phase.SWITCHED:
            raise LocalProtocolError("the connection belongs to the new protocol")
        if data and self._at_end:
            raise LocalProtocolError("octets after the end of file")
        if not data:
            # h11 is told when it has read everything: what it finds wrong then is only missing.
            self._at_end = True
        elif not self._is_ending():
            self.connection.receive_data(data)

    def next_event(self) -> Event:
        """The next event that the octets so far allow.

        What a callable of the policy raises comes through; the next call decides anew.
        """
        while True:
            event = self._advance()
            if event is not None:
                return event

    def send(self, decision: Decision) -> bytes:
        """Commit to a decision, and return the octets to write. Do not give them to h11.

        It need not be the one that was returned, as with :meth:`ServerNegotiator.send`. A refusal
        may be sent wherever no answer was begun: before a request, in the middle of its head or
        body, and in place of the answer to a request that passes.

        Raises :class:`LocalProtocolError`, and nothing has happened then, for anything that must
        not go out now or at all.
        """
        require_decision(decision)
        if not self._may_answer():
            raise LocalProtocolError("no request waits to be answered")
        match decision:
            case Accept101():
                return self._send_accept(decision)
            case Continue100():
                return self._send_continue(decision)
            case Require426() | Reject():
                return self._send_refusal(decision)
            case Passthrough():
                raise LocalProtocolError("nothing to send: what passes is answered through h11")
            case unreachable:
                assert_never(unreachable)

    def refuse(self, status_code: int, *findings: Finding, headers: HeadersLike = ()) -> Reject:
        """A refusal of the request at hand, or of none, to be sent.

        As :meth:`ServerNegotiator.refuse` makes it.
        """
        self._forget_answered()
        if self._known:
            made = self._negotiator.refuse(status_code, *findings, headers=headers)
        else:
            made = reject_as_asked(
                self._refusal_at_hand(),
                None,
                status_code,
                findings,
                headers,
                tokens=self._tokens_at_hand(),
                close=True,
            )
        made = made.closing() if self._has_to_close() else made
        return made.without_content() if self._is_head() else made

    # Sending.

    def _forget_answered(self) -> None:
        """Forget a request that passed once it has its answer: the next one may have begun."""
        if self._phase is _Phase.PASSING and self.connection.our_state is h11.IDLE:
            self._begin(None)

    def _refusal_at_hand(self) -> Refusal:
        return self._refusal if self._policy is None else self._policy.refusal

    def _tokens_at_hand(self) -> tuple[UpgradeToken, ...]:
        return () if self._policy is None else self._policy.tokens(secure=self._secure)

    def _has_to_close(self) -> bool:
        return self._phase is _Phase.READING_BODY or self._is_ending() or not self._known

    def _may_answer(self) -> bool:
        match self._phase:
            case _Phase.DRAINING | _Phase.SWITCHED | _Phase.CLOSED:
                return False
            case _:
                return self.connection.our_state in (h11.IDLE, h11.SEND_RESPONSE)

    def _send_continue(self, decision: Continue100) -> bytes:
        waiting = self._waiting
        if isinstance(waiting, Require426 | Reject):
            raise LocalProtocolError("no client waits for a 100")
        octets = self._negotiator.send(decision)
        self._tell(octets)
        if isinstance(waiting, Accept101):
            self._waiting = waiting.replace(interim=None)
        else:
            self._phase = _Phase.READING_BODY
        return octets

    def _send_accept(self, decision: Accept101) -> bytes:
        waiting = self._waiting
        if not isinstance(waiting, Accept101):
            raise LocalProtocolError("no request waits to be switched")
        if self.trailing_data:
            check_early_data(waiting, decision)
        octets = self._negotiator.send(decision)
        self._tell(octets)
        if self._at_end:
            self.connection.receive_data(b"")
        self._phase = _Phase.SWITCHED
        return octets

    def _send_refusal(self, decision: Require426 | Reject) -> bytes:
        self._forget_answered()
        if self._has_to_close():
            decision = decision.closing()
        octets = self._negotiator.send(decision) if self._known else self._write_alone(decision)
        self._tell(octets)
        self._phase = _Phase.DRAINING if self.connection.our_state is h11.DONE else _Phase.CLOSED
        self._taken = 0
        return octets

    def _write_alone(self, decision: Require426 | Reject) -> bytes:
        """A refusal of what the negotiator has not seen."""
        refusal = self._refusal_at_hand()
        complete = complete_refusal(decision, refusal, is_head=self._is_head(), close=True)
        return complete.to_bytes()

    def _tell(self, octets: bytes) -> None:
        """Have h11 know what goes out. Whether it agrees changes nothing about that."""
        with suppress(h11.LocalProtocolError):
            for event in _events_in(octets):
                self.connection.send(event)

    def _is_head(self) -> bool:
        return self._request is not None and self._request.method == b"HEAD"

    def _is_ending(self) -> bool:
        """Whether what arrives is no beginning of anything."""
        waiting = self._waiting
        closes = isinstance(waiting, Require426 | Reject) and waiting.close
        return closes or self._phase is _Phase.CLOSED

    # Reading.

    def _advance(self) -> Event | None:
        """One step; None when it leads on to another."""
        match self._phase:
            case _Phase.PASSING:
                return self._read_request()
            case _Phase.UNDECIDED:
                assert self._request is not None
                return self._decide(self._request)
            case _Phase.READING_BODY:
                return self._read_body()
            case _Phase.DECIDED:
                return self._hold()
            case _Phase.DRAINING:
                return self._drain()
            case _Phase.SWITCHED:
                return h11.PAUSED
            case _Phase.CLOSED:
                return h11.ConnectionClosed()
            case unreachable:
                assert_never(unreachable)

    def _read(self) -> ReadEvent | Awaited | Reject:
        """h11's next event, or the refusal of what it cannot read."""
        try:
            event = self.connection.next_event()
            if event is h11.NEED_DATA and self._at_end:
                self._end_told = True
                self.connection.receive_data(b"")
                event = self.connection.next_event()
        except h11.RemoteProtocolError as error:
            return self._refuse_broken(error)
        return cast(ReadEvent | Awaited, event)  # a server reads nothing else

    def _read_request(self) -> Event | None:
        event = self._read()
        if not isinstance(event, h11.Request):
            return event
        self._begin(event)
        self._phase = _Phase.UNDECIDED
        return None

    def _decide(self, request: h11.Request) -> Event | None:
        try:
            head = head_of(request)
        except ValueError:
            return self._judge_unclear(request, (make_finding(http1_codes.FIELD_VALUE_MALFORMED),))
        excess = _beyond(self._limits, head)
        if excess:
            return self._judge_unclear(request, excess)
        self._head = head
        self._known = True
        decision = self._negotiator.receive_head(head)
        match decision:
            case Passthrough():
                return self._pass(request, decision)
            case Accept101(awaits_body=True, interim=Continue100() as interim):
                self._accepting = decision
                return self._decided(interim)
            case Accept101():
                self._accepting = decision
                self._phase = _Phase.READING_BODY
                return None
            case _:
                return self._decided(decision)

    def _judge_unclear(self, request: h11.Request, findings: tuple[Finding, ...]) -> Event:
        """As octets that are no head are judged, where no parser has taken them for one."""
        asks = any(name == b"upgrade" for name, _ in request.headers)
        policy = self._policy
        unreadable = Unreadable(findings, 0, asks)
        refusal = self._refusal_at_hand()
        decision = decide_unreadable(unreadable, policy, refusal, b"", secure=self._secure)
        if isinstance(decision, Passthrough):
            return self._pass(request, decision)
        assert isinstance(decision, Reject)
        return self._decided(decision.without_content() if self._is_head() else decision)

    def _pass(self, request: h11.Request, decision: Passthrough) -> h11.Request:
        self.passed = decision
        self._phase = _Phase.PASSING
        return request

    def _decided(self, decision: Answer) -> Answer:
        self._waiting = decision
        self._held = len(self.trailing_data)
        self._phase = _Phase.DECIDED
        return decision

    def _read_body(self) -> Event | None:
        event = self._read()
        match event:
            case h11.Data():
                self._body.append(bytes(event.data))
                self._taken += len(event.data)
                if self._taken > self._limits.max_request_body:
                    return self._refuse(rule_codes.BODY_TOO_LARGE)
                return None
            case h11.EndOfMessage():
                return self._accept()
            case _:
                return event

    def _accept(self) -> Answer:
        accept = self._accepting
        assert accept is not None
        if accept.awaits_body:
            body = b"".join(self._body)
            accept = accept.replace(awaits_body=False, interim=None, request_body=body)
        if not accept.takes_early_data and self.trailing_data:
            return self._refuse(server_codes.EARLY_DATA_NOT_TAKEN)
        return self._decided(accept)

    def _hold(self) -> Event:
        """What arrives while a decision waits is held, up to a bound."""
        waiting, unread = self._waiting, self.trailing_data
        if self._held < len(unread) > self._limits.max_early_data:
            if isinstance(waiting, Require426 | Reject):
                # Refused for its own reason; only the connection cannot go on.
                return self._decided(waiting.closing())
            return self._refuse(server_codes.EARLY_DATA_TOO_LONG)
        if isinstance(waiting, Accept101) and not waiting.takes_early_data and unread:
            return self._refuse(server_codes.EARLY_DATA_NOT_TAKEN)
        return h11.PAUSED

    def _drain(self) -> Event | None:
        unread = len(self.trailing_data)
        event: Event | None = None
        while self.connection.their_state is h11.SEND_BODY and event is not h11.NEED_DATA:
            event = self._read()
        self._taken += unread - len(self.trailing_data)
        if self._phase is _Phase.CLOSED or self._taken > self._limits.max_drain:
            self._phase = _Phase.CLOSED
            return None
        if self.connection.their_state is h11.SEND_BODY:
            return h11.NEED_DATA
        self.connection.start_next_cycle()
        self._begin(None)
        self._phase = _Phase.PASSING
        return None

    # Refusing.

    def _refuse_broken(self, error: h11.RemoteProtocolError) -> Reject | h11.ConnectionClosed:
        """What h11 cannot read is refused, if somebody may still be there to hear it."""
        unanswered = self.connection.our_state in (h11.IDLE, h11.SEND_RESPONSE)
        if self._end_told or not unanswered:
            self._phase = _Phase.CLOSED
            return h11.ConnectionClosed()
        if self.connection.our_state is h11.IDLE:
            self._begin(None)
        return self._refuse(H11_CANNOT_READ, error.error_status_hint)

    def _refuse(self, code: Code, status_code: int | None = None) -> Reject:
        """Refuse a request in whose middle the reading cannot go on."""
        made = reject(
            self._refusal_at_hand(),
            self._head,
            (make_finding(code),),
            status_code,
            tokens=self._tokens_at_hand(),
        )
        made = made.without_content() if self._is_head() else made
        self._decided(made)
        return made

    def _policy_for(self, head: RequestHead) -> Policy | None:
        if not isinstance(self._source, Policy):
            self._policy = self._source(head)
        return self._policy


def _beyond(limits: Limits, head: RequestHead) -> tuple[Finding, ...]:
    """What of a head is longer than the limits allow, as far as h11 leaves that to be seen."""
    size = len(head.method) + len(head.target) + 16
    size += sum(len(name) + len(value) + 4 for name, value in head.headers)
    shortest = min(limits.max_head_bytes, limits.max_request_line, limits.max_header_line)
    if size <= shortest and len(head.headers) <= limits.max_header_count:
        return ()
    try:
        RequestHead.parse(head.to_bytes(), limits)
    except RemoteProtocolError as error:
        return error.findings
    return ()
