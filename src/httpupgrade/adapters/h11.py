"""Requests that ``h11`` reads, decided on here: one connection, and one parser.

Rules for this module: h11 alone reads octets, and none twice. What is answered here is written as
it was decided and checked, and h11 is told of it. What passes is left to h11 and its caller.
"""

from contextlib import suppress
from typing import Final, assert_never, cast, final

import h11

from .. import (
    DEFAULT_LIMITS,
    DEFAULT_REFUSAL,
    Accept101,
    Carries,
    ConnectionClosed,
    Continue100,
    Decision,
    Finding,
    Forward,
    HeadNegotiator,
    Limits,
    LocalProtocolError,
    OnDecision,
    Passthrough,
    PolicySource,
    PrepareHead,
    Refusal,
    Reject,
    RemoteProtocolError,
    RequestHead,
    Require426,
    ResponseHead,
    ServerState,
    Signal,
    finding,
)
from .. import Event as ServerEvent
from .._http1 import finding_codes as http1_codes
from .._http1.arguments import require_octets
from .._http1.copying import Live
from ..fields import HeadersLike
from ._finding_codes import H11_CANNOT_READ
from ._log import Teller

__all__ = [
    "Event",
    "H11Negotiator",
    "SentEvent",
    "events_of",
    "head_of",
    "head_of_response",
]

Awaited = type[h11.NEED_DATA] | type[h11.PAUSED]
ReadEvent = h11.Request | h11.Data | h11.EndOfMessage | h11.ConnectionClosed
SentEvent = h11.InformationalResponse | h11.Response | h11.Data | h11.EndOfMessage
Answer = Accept101 | Continue100 | Require426 | Reject
Event = Answer | ReadEvent | Awaited

_UNANSWERED: Final[tuple[object, ...]] = (h11.IDLE, h11.SEND_RESPONSE)


def head_of(request: h11.Request) -> RequestHead:
    """The head that h11 has read, names in the case they came in.

    Raises :class:`ValueError` for what h11 takes and RFC 9110 5.5 does not: controls in a value.
    """
    return RequestHead(*_parts_of(request))


def _parts_of(request: h11.Request) -> tuple[bytes, bytes, list[tuple[bytes, bytes]], bytes]:
    headers = request.headers.raw_items()
    return request.method, request.target, headers, request.http_version


def head_of_response(response: h11.InformationalResponse | h11.Response) -> ResponseHead:
    """The same of a response, a 101 among them.

    Raises :class:`ValueError` for controls in a value or in the reason phrase.
    """
    headers = response.headers.raw_items()
    return ResponseHead(response.status_code, headers, response.reason, response.http_version)


def events_of(decision: Decision | Continue100) -> list[SentEvent]:
    """What ``connection.send()`` takes, one by one, in the place of ``decision.to_bytes()``.

    It is what that writes, field for field. Only where the connection has to close, h11 writes
    Connection as a line for each option. Refusals of HEAD are said without content
    (``without_content()``). Raises :class:`LocalProtocolError` for what must not go out, and for a
    Passthrough.
    """
    if isinstance(decision, Passthrough):
        raise LocalProtocolError("nothing to send: what passes is not answered here")
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
class H11Negotiator(Live):
    """Stands between a server and its ``h11.Connection``.

    :param policy: as for :class:`~httpupgrade.ServerNegotiator`, and so are all others. What
        ``prepare_head`` changes, h11's events do not show.
    :param connection: the one to read from; a new one where it is None.
    :param on_decision: is called with each decision and its :class:`DecisionInfo`: those that are
        sent, once :meth:`send` has returned their octets, and what passes, when you get the
        request. What it raises is logged, and changes nothing.

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

    :attr:`connection` is the one that it reads from. :attr:`passed` is the ``Passthrough`` of the
    last ``h11.Request`` that was returned, None before there was one: its ``advertisement`` goes
    into your answer.

    Each decision is a line of the logger ``httpupgrade.h11``: a refusal at level INFO, any other
    at DEBUG. ``info.seconds`` is the time since the last call of :meth:`receive_data`; no clock is
    read where nobody listens.

    A ``copy.deepcopy()`` continues from the same state, with its own copy of the connection.

    Raises :class:`ValueError` for a connection of a client.
    """

    __slots__ = (
        "_arrived",
        "_at_end",
        "_at_end_told",
        "_given",
        "_limits",
        "_negotiator",
        "_request",
        "_since",
        "_teller",
        "_waiting",
        "connection",
        "passed",
    )

    _CHANGING = ("_negotiator", "connection")

    def __init__(
        self,
        policy: PolicySource,
        connection: h11.Connection | None = None,
        *,
        limits: Limits = DEFAULT_LIMITS,
        secure: bool = False,
        peer: object = None,
        refusal: Refusal = DEFAULT_REFUSAL,
        prepare_head: PrepareHead | None = None,
        carries: Carries | None = None,
        on_decision: OnDecision | None = None,
    ) -> None:
        self._teller = Teller("httpupgrade.h11", on_decision)
        self._since = 0.0
        self._negotiator = HeadNegotiator(
            policy,
            limits=limits,
            secure=secure,
            peer=peer,
            refusal=refusal,
            prepare_head=prepare_head,
            carries=carries,
        )
        if connection is None:
            most = limits.max_head_bytes
            connection = h11.Connection(h11.SERVER, max_incomplete_event_size=most)
        if connection.our_role is not h11.SERVER:
            raise ValueError("a client's connection has no requests to decide on")
        self.connection: Final = connection
        self.passed: Passthrough | None = None
        self._limits = limits
        self._request: h11.Request | None = None  # read, and not decided on
        self._waiting: Answer | None = None  # the last decision that was returned
        self._given = 0  # how many octets of h11's trailing data the negotiator has
        self._arrived = False  # whether more came while a decision waits
        self._at_end = self._at_end_told = False

    @property
    def trailing_data(self) -> bytes:
        """What arrived after everything that the last event covers, unread."""
        return self.connection.trailing_data[0]

    def receive_data(self, data: bytes) -> None:
        """Take octets from the peer, or ``b""`` at end of file; then ask for the next event.

        Raises :class:`LocalProtocolError` after a switch and after end of file.
        """
        require_octets("data", data)
        if self._negotiator.state is ServerState.SWITCHED:
            raise LocalProtocolError("the connection belongs to the new protocol")
        if data and self._at_end:
            raise LocalProtocolError("octets after the end of file")
        self._since = self._teller.now()
        if not data:
            # h11 is told when it has read everything: what it finds wrong then is only missing.
            self._at_end = True
        elif not self._is_ending():
            self.connection.receive_data(data)
            self._arrived = self._negotiator.state is ServerState.DECIDED

    def next_event(self) -> Event:
        """The next event that the octets so far allow.

        What a callable of the policy raises comes through; the next call decides anew.
        """
        while True:
            event = self._advance()
            if event is not None:
                return event

    def send(self, decision: Decision | Continue100) -> bytes:
        """As :meth:`ServerNegotiator.send`. Do not give the octets to h11, which is told of them.

        A refusal may also take the place of the answer to a request that passes.
        """
        negotiator, connection = self._negotiator, self.connection
        self._forget_answered()
        if connection.our_state not in _UNANSWERED:
            raise LocalProtocolError("no request waits to be answered")
        if self._arrived:
            self._hand_over()
        octets = negotiator.send(decision)
        with suppress(h11.LocalProtocolError):  # whether h11 agrees changes nothing
            for event in _events_in(octets):
                connection.send(event)
        if negotiator.state is ServerState.SWITCHED and self._at_end:
            connection.receive_data(b"")
        if isinstance(decision, Require426 | Reject) and negotiator.state is ServerState.CLOSED:
            decision = decision.closing()  # one of yours closes where it has to
        if not isinstance(decision, Continue100):
            self._tell(decision)
        return octets

    def refuse(self, status_code: int, *findings: Finding, headers: HeadersLike = ()) -> Reject:
        """As :meth:`ServerNegotiator.refuse`."""
        self._forget_answered()
        return self._negotiator.refuse(status_code, *findings, headers=headers)

    def _tell(self, decision: Decision) -> None:
        self._teller.tell(decision, self._negotiator.decision_info, self._since)

    def _forget_answered(self) -> None:
        """Forget a request that passed once it has its answer: the next one may have begun."""
        negotiator = self._negotiator
        if self.connection.our_state is h11.IDLE and negotiator.state is ServerState.FORWARDING:
            negotiator.next_event()
            negotiator.take_trailing_data()  # h11 has it

    def _is_ending(self) -> bool:
        """Whether what arrives is no beginning of anything."""
        waiting, state = self._waiting, self._negotiator.state
        closes = isinstance(waiting, Require426 | Reject) and waiting.close
        is_lost = state is ServerState.CLOSED or self.connection.their_state is h11.ERROR
        return is_lost or (closes and state is ServerState.DECIDED)

    # Reading.

    def _advance(self) -> Event | None:
        """One step; None when it leads on to another."""
        negotiator = self._negotiator
        match negotiator.state:
            case ServerState.READING_HEAD | ServerState.FORWARDING if self._request is None:
                return self._read_request() or self._told(negotiator.next_event())
            case ServerState.DRAINING if self.connection.our_state is not h11.DONE:
                return h11.ConnectionClosed()
            case ServerState.READING_BODY | ServerState.DRAINING:
                self._hand_over()
            case ServerState.DECIDED if self._arrived:
                self._hand_over()
            case _:
                pass
        return self._told(negotiator.next_event())

    def _told(self, event: ServerEvent) -> Event | None:
        """What an event of the negotiator is here."""
        request, self._request = self._request, None
        assert not isinstance(event, Forward), "h11 reads what passes"
        match event:
            case Passthrough():
                self.passed = event
                self._tell(event)
                return request
            case Accept101() | Continue100() | Require426() | Reject():
                self._waiting = event
                return event
            case Signal.PAUSED:
                return h11.PAUSED
            case ConnectionClosed():
                return h11.ConnectionClosed()
            case Signal.NEED_DATA if self._negotiator.state is ServerState.READING_HEAD:
                self._negotiator.take_trailing_data()  # h11 has it
                if self.connection.our_state is h11.DONE:
                    self.connection.start_next_cycle()
                return None
            case Signal.NEED_DATA:
                return h11.NEED_DATA if request is None else None  # a body is wanted: read it
            case unreachable:
                assert_never(unreachable)

    def _read_request(self) -> ReadEvent | Awaited | None:
        """h11's next event; None for those that the negotiator is told of."""
        event = self._read()
        if isinstance(event, h11.Request):
            self._receive_head(event)
            return None
        if isinstance(event, h11.EndOfMessage):
            self._negotiator.end_content()
        return event

    def _read(self) -> ReadEvent | Awaited | None:
        """h11's next event; None for what it cannot read, of which the negotiator is told."""
        connection = self.connection
        self._forget_answered()
        try:
            event = connection.next_event()
            if event is h11.NEED_DATA and self._at_end:
                self._at_end_told = True
                connection.receive_data(b"")
                event = connection.next_event()
        except h11.RemoteProtocolError as error:
            if self._at_end_told or connection.our_state not in _UNANSWERED:
                self._negotiator.receive_data(b"")  # the client has left, or has its answer
            else:
                fault = finding(H11_CANNOT_READ)
                self._negotiator.cannot_read(fault, status_code=error.error_status_hint)
            return None
        return cast(ReadEvent | Awaited, event)  # a server reads nothing else

    def _receive_head(self, request: h11.Request) -> None:
        negotiator = self._negotiator
        self._request, self._given = request, 0
        try:
            head = head_of(request)
        except ValueError:
            head = RequestHead.from_parser(*_parts_of(request))
            faults: tuple[Finding, ...] = (finding(http1_codes.FIELD_VALUE_MALFORMED),)
        else:
            faults = _beyond(self._limits, head)
        if faults:
            negotiator._receive_fault(head, faults)
            return
        negotiator.receive_head(head)
        if head.has(b"upgrade") and not head.announces_content and (unread := self.trailing_data):
            negotiator.receive_data(unread)
            self._given = len(unread)

    def _hand_over(self) -> None:
        """Give the negotiator what h11 reads of a message that it answers, and what follows it."""
        connection, negotiator = self.connection, self._negotiator
        self._arrived = False
        unread, content = len(self.trailing_data), 0
        event: ReadEvent | Awaited | None = None
        while connection.their_state is h11.SEND_BODY and event is not h11.NEED_DATA:
            event = self._read()
            if isinstance(event, h11.Data):
                negotiator.receive_content(event.data)
                content += len(event.data)
            elif event is None:
                return
        after = self.trailing_data
        negotiator.receive_content(b"", size=unread - len(after) - content)
        if isinstance(event, h11.EndOfMessage):
            negotiator.end_content()
        if connection.their_state is not h11.SEND_BODY and len(after) > self._given:
            negotiator.receive_data(after[self._given :])
            self._given = len(after)


def _beyond(limits: Limits, head: RequestHead) -> tuple[Finding, ...]:
    """What of a head is longer than the limits allow, as far as h11 leaves that to be seen."""
    octets = head.to_bytes()
    shortest = min(limits.max_head_bytes, limits.max_request_line, limits.max_header_line)
    if len(octets) <= shortest and octets.count(b"\r\n") <= limits.max_header_count + 2:
        return ()
    try:
        RequestHead.parse(octets, limits)
    except RemoteProtocolError as error:
        return error.findings
    return ()
