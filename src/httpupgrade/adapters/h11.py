"""Requests that ``h11`` reads, decided on here: one connection, and one parser.

Rules for this module: h11 alone reads octets, and none twice. What is answered here is written as
it was decided and checked, and h11 is told of it. What passes is left to h11 and its caller.
"""

from contextlib import suppress
from typing import Final, assert_never, cast, final

import h11

from .. import (
    Accept101,
    Continue100,
    Decision,
    Finding,
    Limits,
    LocalProtocolError,
    Passthrough,
    Refusal,
    Reject,
    RemoteProtocolError,
    RequestHead,
    Require426,
    ResponseHead,
)
from .._http1 import finding_codes as http1_codes
from .._http1.arguments import require_octets
from .._http1.findings import Code, make_finding
from .._http1.limits import DEFAULT_LIMITS
from .._http1.line_scan import Unreadable
from .._negotiation import finding_codes as rule_codes
from .._negotiation.decisions import Answer
from .._negotiation.policy import PolicySource
from .._negotiation.prepare_head import PrepareHead
from .._negotiation.refusal_response import DEFAULT_REFUSAL
from .._server import finding_codes as server_codes
from .._server.judging import Judging
from .._server.states import Cause, ServerState
from ..fields import HeadersLike

Awaited = type[h11.NEED_DATA] | type[h11.PAUSED]
ReadEvent = h11.Request | h11.Data | h11.EndOfMessage | h11.ConnectionClosed
SentEvent = h11.InformationalResponse | h11.Response | h11.Data | h11.EndOfMessage
Event = Answer | ReadEvent | Awaited

_UNANSWERED: Final[tuple[object, ...]] = (h11.IDLE, h11.SEND_RESPONSE)
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
class H11Negotiator(Judging):
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

    __slots__ = ("_at_end_told", "_request", "_too_much", "connection", "passed")

    _CHANGING = ("_buffer", "_exchange", "connection")

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
    ) -> None:
        super().__init__(
            policy,
            limits=limits,
            secure=secure,
            peer=peer,
            refusal=refusal,
            prepare_head=prepare_head,
        )
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
        self._request: h11.Request | None = None
        self._too_much = False  # arrived after a decision
        self._at_end_told = False

    @property
    def trailing_data(self) -> bytes:
        return self.connection.trailing_data[0]

    def receive_data(self, data: bytes) -> None:
        """Take octets from the peer, or ``b""`` at end of file; then ask for the next event.

        Raises :class:`LocalProtocolError` after a switch and after end of file.
        """
        require_octets("data", data)
        if self._state is ServerState.SWITCHED:
            raise LocalProtocolError("the connection belongs to the new protocol")
        if data and self._at_end:
            raise LocalProtocolError("octets after the end of file")
        if not data:
            # h11 is told when it has read everything: what it finds wrong then is only missing.
            self._at_end = True
        elif not self._is_ending():
            self.connection.receive_data(data)
            most = self._limits.max_early_data
            self._too_much = self._state is ServerState.DECIDED and len(self.trailing_data) > most

    def next_event(self) -> Event:
        """The next event that the octets so far allow.

        What a callable of the policy raises comes through; the next call decides anew.
        """
        while True:
            event = self._advance()
            if event is not None and not (isinstance(event, Accept101) and self._came_too_early()):
                return event

    def send(self, decision: Decision | Continue100) -> bytes:
        """As :meth:`ServerNegotiator.send`. Do not give the octets to h11, which is told of them.

        A refusal may also take the place of the answer to a request that passes.
        """
        self._forget_answered()
        if self.connection.our_state not in _UNANSWERED:
            raise LocalProtocolError("no request waits to be answered")
        self._note_unread()
        octets = super().send(decision)
        with suppress(h11.LocalProtocolError):  # whether h11 agrees changes nothing
            for event in _events_in(octets):
                self.connection.send(event)
        if self._state is ServerState.DRAINING and self.connection.our_state is not h11.DONE:
            self._go(Cause.GIVE_UP)
        elif self._state is ServerState.SWITCHED and self._at_end:
            self.connection.receive_data(b"")
        return octets

    def refuse(self, status_code: int, *findings: Finding, headers: HeadersLike = ()) -> Reject:
        self._forget_answered()
        made = super().refuse(status_code, *findings, headers=headers)
        return made.without_content() if self._answers_head() else made

    def _forget_answered(self) -> None:
        """Forget a request that passed once it has its answer: the next one may have begun."""
        if self._state is ServerState.FORWARDING and self.connection.our_state is h11.IDLE:
            self._begin(None)

    def _begin(self, request: h11.Request | None) -> None:
        """Forget the request before this one."""
        if self._state is ServerState.FORWARDING:
            self._go(Cause.MESSAGE_END)
        self._request = request
        self._too_much = False

    def _answers_head(self) -> bool:
        """Whether the request is a HEAD, also where its head is not one that is judged."""
        return self._request is not None and self._request.method == b"HEAD"

    def _is_ending(self) -> bool:
        """Whether what arrives is no beginning of anything."""
        waiting = self._exchange.decision
        closes = isinstance(waiting, Require426 | Reject) and waiting.close
        return closes or self._state is ServerState.CLOSED

    def _note_unread(self) -> None:
        self._buffer[:] = self.trailing_data

    # Reading.

    def _advance(self) -> Event | None:
        """One step; None when it leads on to another."""
        match self._state:
            case ServerState.READING_HEAD | ServerState.FORWARDING | ServerState.OPAQUE:
                return self._read_request()
            case ServerState.READING_BODY:
                return self._read_body()
            case ServerState.DECIDED:
                return self._wait()
            case ServerState.DRAINING:
                return self._drain()
            case ServerState.SWITCHED:
                return h11.PAUSED
            case ServerState.CLOSED:
                return h11.ConnectionClosed()
            case unreachable:
                assert_never(unreachable)

    def _read(self) -> ReadEvent | Awaited | Answer:
        """h11's next event, or the refusal of what it cannot read."""
        try:
            event = self.connection.next_event()
            if event is h11.NEED_DATA and self._at_end:
                self._at_end_told = True
                self.connection.receive_data(b"")
                event = self.connection.next_event()
        except h11.RemoteProtocolError as error:
            return self._refuse_broken(error)
        return cast(ReadEvent | Awaited, event)  # a server reads nothing else

    def _read_request(self) -> Event | None:
        request = self._request
        # Where a callable of the policy has raised, the request is there already.
        if request is None or self._state is ServerState.FORWARDING:
            event = self._read()
            if not isinstance(event, h11.Request):
                return event
            self._begin(event)
            request = event
        decision = self._judge_request(request)
        if isinstance(decision, Passthrough):
            self.passed = decision
            return request
        if isinstance(decision, Accept101):
            self._read()  # the end of a request without a body
        return decision

    def _judge_request(self, request: h11.Request) -> Passthrough | Answer | None:
        findings: tuple[Finding, ...]
        try:
            head = head_of(request)
        except ValueError:
            findings = (make_finding(http1_codes.FIELD_VALUE_MALFORMED),)
        else:
            findings = _beyond(self._limits, head)
            if not findings:
                return cast(Passthrough | Answer | None, self._judge(head))
        # As octets that are no head are judged, where no parser has taken them for one.
        asks = any(name == b"upgrade" for name, _ in request.headers)
        return self._judge_unreadable(Unreadable(findings, 0, asks), Cause.PASSTHROUGH)

    def _read_body(self) -> Event | None:
        exchange, event = self._exchange, self._read()
        match event:
            case h11.Data():
                exchange.body.append(bytes(event.data))
                exchange.taken += len(event.data)
                if exchange.taken > self._limits.max_request_body:
                    return self._refuse(rule_codes.BODY_TOO_LARGE)
                return None
            case h11.EndOfMessage():
                assert exchange.accepting is not None
                body = b"".join(exchange.body)
                return self._decided(exchange.accepting.replace(request_body=body))
            case _:
                return event

    def _wait(self) -> Event:
        """What arrives while a decision waits is held, up to a bound."""
        if self._too_much:
            self._too_much = False
            return cast(Answer, self._refuse_early_data())
        if self._came_too_early():
            return self._refuse(server_codes.EARLY_DATA_NOT_TAKEN)
        return h11.PAUSED

    def _came_too_early(self) -> bool:
        self._note_unread()
        return super()._came_too_early()

    def _drain(self) -> Event | None:
        unread = len(self.trailing_data)
        event: Event | None = None
        while self.connection.their_state is h11.SEND_BODY and event is not h11.NEED_DATA:
            event = self._read()
        if self._state is ServerState.CLOSED:
            return None
        self._exchange.taken += unread - len(self.trailing_data)
        if self._exchange.taken > self._limits.max_drain:
            self._go(Cause.GIVE_UP)
        elif self.connection.their_state is h11.SEND_BODY:
            return h11.NEED_DATA
        else:
            self.connection.start_next_cycle()
            self._begin(None)
            self._go(Cause.MESSAGE_END)
        return None

    # Refusing.

    def _refuse_broken(self, error: h11.RemoteProtocolError) -> Answer | h11.ConnectionClosed:
        """Refuse what h11 cannot read, unless the client has left."""
        if self._at_end_told or self.connection.our_state not in _UNANSWERED:
            self._go(Cause.END_OF_FILE)
            return h11.ConnectionClosed()
        if self.connection.our_state is h11.IDLE:
            self._begin(None)
            self._begin_without_head()
        return self._refuse(H11_CANNOT_READ, error.error_status_hint)

    def _decided(self, decision: Answer) -> Answer:
        if isinstance(decision, Require426 | Reject) and self._answers_head():
            decision = decision.without_content()
        return super()._decided(decision)


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
