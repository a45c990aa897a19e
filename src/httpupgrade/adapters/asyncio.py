"""An ``asyncio.Protocol`` in front of any other: it negotiates, and hands the connection over.

Rules for this module: it moves octets and keeps the time. The negotiator knows what they mean, and
``ResponseTracker`` where a server's response ends.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, Final, TypeVar, assert_never, cast

from .. import (
    DEFAULT_LIMITS,
    DEFAULT_REFUSAL,
    Accept101,
    Code,
    ConnectionClosed,
    Continue100,
    Decision,
    Event,
    Finding,
    Forward,
    Limits,
    LocalProtocolError,
    Passthrough,
    Policy,
    PolicySource,
    PrepareHead,
    Refusal,
    Reject,
    RemoteProtocolError,
    RequestHead,
    RequestInfo,
    Require426,
    ServerNegotiator,
    ServerState,
    Signal,
    describe,
    finding,
)
from .._http1 import finding_codes as http1_codes
from .._http1.arguments import wrong_type
from .._negotiation import finding_codes as rule_codes
from .._negotiation.refusal_response import status_without_offer
from ..fields import FieldSyntaxError, parse_connection
from . import _finding_codes as codes
from ._date import DATE
from ._owner import TRANSITIONS, Owner
from ._transport import SharedTransport, deliver

__all__ = ["TRANSITIONS", "Owner", "Review", "Switch", "UpgradeProtocol"]

Switch = Callable[[Accept101], asyncio.BaseProtocol]
Review = Callable[[Accept101, RequestInfo], Awaitable[Accept101 | Require426 | Reject]]

_LOG: Final = logging.getLogger("httpupgrade.asyncio")

LINGER: Final = 2.0
"""Seconds for which a connection is read on after the last answer on it was sent.

RFC 9112 9.6: closed at once, with octets still unread, it could be reset, and the answer lost.
"""

MOST_HELD: Final = 65536
"""Octets of further requests that are held while one is answered; then reading pauses."""

_Answer = TypeVar("_Answer", bound=Accept101 | Require426 | Reject)
_Awaitable = TypeVar("_Awaitable", bound=Awaitable[object])

_READING_ON: Final = (ServerState.READING_BODY, ServerState.DRAINING)


class UpgradeProtocol(asyncio.Protocol):
    """One connection of a server, whose requests are negotiated before another protocol sees them.

    :param policy: as for :class:`ServerNegotiator`.
    :param switch: makes what speaks the new protocol. That gets the transport once the 101 is
        written: ``connection_made()``, then ``data_received()`` with what came early, if anything.
        It is called before the 101 is written; what it raises is answered with 500.
    :param ordinary: makes the HTTP server for what passes through, when something does.
    :param stay: whether every request of a connection is judged. If not, the first one that passes
        takes the transport along. Staying, the ordinary server gets a transport that watches where
        its responses end: one request at a time is handed to it, and it may switch protocols by
        itself.
    :param review: an async function. It is awaited before a switch, with the request as it was
        received, and says what to answer: the same acceptance, perhaps with more fields, or a
        refusal. What arrives meanwhile is held, up to
        ``limits.max_early_data``. It is cancelled when the client leaves. What it raises is
        answered with 500.
    :param hand_over: the octets that the ordinary server gets for the head of a request. If this
        is not given, those that arrived; staying, without the offer of a request that has a body.
    :param prepare_head: mends heads of devices that are known to be wrong before they are judged,
        as for :class:`ServerNegotiator`.
    :param refusal: what refusals look like where no policy says so, as for
        :class:`ServerNegotiator`. Those for deadlines and failures are made like all others.
    :param limits: how much is read and held.
    :param secure: whether the connection is inside TLS; None asks the transport.
    :param head_timeout: seconds that a head may take, and a body that is read before a switch or
        after a refusal. A head or body that has begun and takes longer is answered with 408. A
        client that reads nothing of our own answers for this time loses the connection.
    :param review_timeout: seconds that a review may take; then 503 is the answer.

    No deadline ends a connection on which ``ordinary`` has written while its octets wait in the
    transport: how long a client may take to read those is for the ordinary server to bound.

    In each :class:`RequestInfo`, ``peer`` is ``transport.get_extra_info("peername")``: for TCP a
    tuple of the address, the port and perhaps more.

    Errors of the callables, those of ``policy`` among them, reach the loop's exception handler.
    Raises :class:`TypeError` for a ``policy`` or ``prepare_head`` that is async, and for a
    ``review`` that cannot be called; one that returns nothing to await fails when it is called.
    Each decision is one line at level DEBUG of the logger ``httpupgrade.asyncio``, with its codes.
    """

    __slots__ = (
        "__weakref__",
        "_at_end",
        "_deadline",
        "_done",
        "_hand_over",
        "_head_timeout",
        "_held",
        "_inside_tls",
        "_left",
        "_loop",
        "_make_negotiator",
        "_make_ordinary",
        "_negotiator",
        "_owner",
        "_peer",
        "_policy",
        "_reading",
        "_resuming",
        "_review",
        "_review_timeout",
        "_reviewing",
        "_secure",
        "_sending_time",
        "_shared",
        "_stay",
        "_still_sends",
        "_switch",
        "_transport",
        "_unsent",
        "_writing_paused",
    )

    def __init__(
        self,
        policy: PolicySource,
        switch: Switch,
        ordinary: Callable[[], asyncio.Protocol],
        *,
        stay: bool = True,
        review: Review | None = None,
        hand_over: Callable[[Passthrough], bytes] | None = None,
        prepare_head: PrepareHead | None = None,
        refusal: Refusal = DEFAULT_REFUSAL,
        limits: Limits = DEFAULT_LIMITS,
        secure: bool | None = None,
        head_timeout: float = 10.0,
        review_timeout: float = 30.0,
    ) -> None:
        if review is not None and not callable(review):
            raise wrong_type("review is an async function, or None", review)
        self._policy = policy
        self._make_negotiator = partial(
            ServerNegotiator, policy, limits=limits, refusal=refusal, prepare_head=prepare_head
        )
        self._make_negotiator()  # which raises for wrong arguments
        self._switch = switch
        self._make_ordinary = ordinary
        self._stay = stay
        self._review = review
        self._hand_over = hand_over
        self._secure = secure
        self._head_timeout = head_timeout
        self._review_timeout = review_timeout
        self._shared: SharedTransport | None = None
        self._reviewing: asyncio.Task[None] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._held = bytearray()
        self._owner = Owner.NEGOTIATOR
        self._done = False  # with the connection, or with listening to it
        self._left = False  # the ordinary server has it to itself
        self._unsent = 0
        self._still_sends = False
        self._sending_time = head_timeout  # for which a client may go on sending when we close
        self._at_end = False
        self._writing_paused = False
        self._resuming = False
        self._reading = True

    # What a subclass may call.

    @property
    def owner(self) -> Owner:
        """Who has what arrives."""
        return self._owner

    @property
    def transport(self) -> asyncio.Transport:
        """The connection's, from ``connection_made()`` or :meth:`take_over` on."""
        return self._transport

    @property
    def peer(self) -> object:
        """The other end: the transport's ``"peername"``, from ``connection_made()`` on."""
        return self._peer

    @property
    def secure(self) -> bool:
        """Whether requests count as inside TLS, from ``connection_made()`` on."""
        return bool(self._secure)

    @property
    def negotiator(self) -> ServerNegotiator:
        """What judges the requests: to be looked at, not to be fed."""
        return self._negotiator

    @property
    def unjudged(self) -> int:
        """How many octets are held that are still to be looked at."""
        return len(self._held) + len(self._trailing_data())

    def take_over(
        self,
        transport: asyncio.Transport,
        ordinary: asyncio.Protocol | None,
        data: bytes,
        *,
        at_end: bool = False,
        writing_paused: bool = False,
    ) -> None:
        """Begin with a connection in its middle, in the place of ``connection_made()``.

        This becomes the transport's protocol.

        :param ordinary: the ordinary server, if there is one already: it has answered every
            request that it got. It gets ``connection_made()`` with a transport that watches its
            answers, then ``pause_writing()`` if writing is paused, and later what passes.
        :param data: octets that have arrived and that nobody has judged.
        :param at_end: whether the client has said that it sends no more.
        :param writing_paused: whether the transport has called ``pause_writing()`` last.
        """
        self._take(transport)
        if transport.get_protocol() is not self:
            transport.set_protocol(self)
        self._writing_paused = writing_paused
        if ordinary is None:
            self._start_time(self._head_timeout, self._time_out)
        else:
            self._shared = SharedTransport(transport, ordinary, self._ordinary_changed)
            self._shared.has_written = True
            ordinary.connection_made(self._shared)
            if writing_paused:
                ordinary.pause_writing()
        if data:
            self.data_received(data)
        else:
            self._keep_time()
        if at_end and not self.eof_received():
            self._close()

    def make_refusal(self, *findings: Finding) -> Reject:
        """A refusal for these reasons, with the status of the first one.

        It has no body where a renderer of the user's fails.
        """
        status_code = status_without_offer(findings)
        try:
            return self._negotiator.refuse(status_code, *findings)
        except Exception as error:
            self.report_failure("the renderer of refusals has failed", error)
            return Reject(status_code, findings=findings)

    def refuse_and_close(self, *findings: Finding) -> None:
        """Refuse the request at hand, or none, for these reasons, and close in stages.

        A review that runs is cancelled. Where an answer was begun, the connection just closes.
        """
        self._cancel_review()
        try:
            self._refuse(self.make_refusal(*findings).closing())
        except LocalProtocolError as error:  # as where an answer was begun
            self.report_failure("nothing can be answered", error)
            self._linger()

    # What a subclass may say itself.

    def complete(self, decision: _Answer) -> _Answer:
        """The same answer, with the fields that all answers of a server have.

        Here Date (RFC 9110 6.6.1), unless the answer has one. What this raises for an acceptance is
        answered with 500.
        """
        if any(name.lower() == b"date" for name, _ in decision.headers):
            return decision
        return cast(_Answer, decision.replace(headers=(DATE.now(), *decision.headers)))

    def decided(self, decision: Decision | Continue100, head: RequestHead | None) -> None:
        """A decision is carried out: it is told of before anything of it is written.

        :param head: the request, as it was received; None for what is none.
        """
        if _LOG.isEnabledFor(logging.DEBUG):
            peer = self._peer
            place = ":".join(map(str, peer[:2])) if isinstance(peer, tuple) else peer or "-"
            _LOG.debug("%s %s", place, describe(decision, head))

    def owner_changed(self, owner: Owner) -> None:
        """Somebody else has the connection now; :data:`TRANSITIONS` says who can follow whom.

        SUCCESSOR is told before the successor's ``connection_made()``, NOBODY before the close in
        stages begins.
        """

    def idle_changed(self, idle: bool) -> None:
        """Whether the connection is idle, as far as this knows.

        It is while the ordinary server has answered all that it got, nothing more has arrived, and
        no deadline of this class runs. It is told whenever octets arrive and whenever they were
        dealt with, so perhaps twice in a row with the same value: a server that keeps a time for
        idle connections starts it with True and ends it with False.
        """

    def handed_over(self, protocol: asyncio.BaseProtocol) -> None:
        """The ordinary server has got the head of a request.

        :param protocol: what reads in its place now: itself, or what it has set on its transport.
        """

    def report_failure(self, message: str, error: BaseException) -> None:
        """Something of the user's has raised; what follows from that is done all the same.

        Here it reaches the loop's exception handler.
        """
        context: dict[str, Any] = {
            "message": f"httpupgrade: {message}",
            "exception": error,
            "transport": self._transport,
            "protocol": self,
        }
        self._loop.call_exception_handler(context)

    # Who has the connection.

    def _own(self, owner: Owner) -> None:
        if owner is not self._owner:
            assert owner in TRANSITIONS[self._owner], f"{self._owner} to {owner}"
            self._owner = owner
            self.owner_changed(owner)

    def _ordinary_changed(self) -> None:
        """The ordinary server has paused or resumed reading, answered, or switched by itself."""
        self._own_by_ordinary()
        self._resume_soon()

    def _own_by_ordinary(self) -> None:
        shared = self._require_shared()
        if self._done:
            return
        if shared.owned:
            self._own(Owner.TUNNEL)
        elif shared.is_between_messages:
            self._own(Owner.NEGOTIATOR)

    def _cancel_review(self) -> None:
        if self._reviewing is not None:
            self._reviewing.cancel()
            self._reviewing = None

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._take(transport)
        self._start_time(self._head_timeout, self._time_out)

    def _take(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are of no such class
        self._loop = asyncio.get_running_loop()
        self._inside_tls = self._transport.get_extra_info("sslcontext") is not None
        secure = self._inside_tls if self._secure is None else self._secure
        self._secure = secure
        self._peer = self._transport.get_extra_info("peername")
        self._negotiator = self._make_negotiator(secure=secure, peer=self._peer)

    def data_received(self, data: bytes) -> None:
        if self._done:
            self._still_sends = True
        elif self._reviewing is not None:
            self._take_during_review(data)
        elif self._resuming or self._must_wait():
            self._held += data
            self._adjust_reading()
        elif self._is_left():
            self._leave(data)
        else:
            self._handle_all(data)

    def eof_received(self) -> bool:
        """The client has sent everything. Answers are still written, if there are any to come."""
        if self._reviewing is None and not self._has_held():
            if self._end():
                return True
            self._close()
            return False
        self._at_end = True
        # TLS ends both directions together, and asyncio warns of anything else.
        return not self._inside_tls

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_deadline()
        self._cancel_review()
        self._done = True
        self._held.clear()
        if self._owner is not Owner.NOBODY:
            self._own(Owner.NOBODY)
        if self._shared is not None:
            self._shared.detach(exc)

    def pause_writing(self) -> None:
        """The client does not read what is written. No further request is answered meanwhile."""
        self._writing_paused = True
        if self._shared is not None:
            self._shared.get_protocol().pause_writing()

    def resume_writing(self) -> None:
        self._writing_paused = False
        if self._shared is not None:
            self._shared.get_protocol().resume_writing()
        self._resume_soon()
        if not self._done:
            self._keep_time()

    # Reading on.

    def _must_wait(self) -> bool:
        """Whether what arrives cannot be looked at yet."""
        shared = self._shared
        if shared is None:
            return self._writing_paused
        return not shared.takes_more and (self._writing_paused or not shared.takes_next)

    def _has_held(self) -> bool:
        """Whether something has arrived that is still to be looked at."""
        waits = self._must_wait() and not self._left
        return bool(self._held) or self._resuming or (waits and bool(self._trailing_data()))

    def _trailing_data(self) -> bytes:
        return b"" if self._left else self._negotiator.trailing_data

    def _resume_soon(self) -> None:
        """Go on after the caller is done, if there is something to go on with."""
        if not self._resuming and (
            self._held or self._at_end or not self._reading or self._trailing_data()
        ):
            self._resume_later()

    def _resume_later(self) -> None:
        self._resuming = True
        self._loop.call_soon(self._resume)

    def _resume(self) -> None:
        self._resuming = False
        if self._done or self._reviewing is not None or self._transport.is_closing():
            return
        try:
            self._go_on()
        except Exception as error:
            self.report_failure("the protocol that follows has failed", error)
            self._transport.abort()

    def _go_on(self) -> None:
        if self._must_wait():
            self._keep_time()
        else:
            held = bytes(self._held)
            self._held.clear()
            (self._leave if self._is_left() else self._handle_all)(held)
        self._adjust_reading()
        # A successor that has the connection, or what closes it, was told of its end.
        if self._at_end and not self._done and self._reviewing is None and not self._has_held():
            self._at_end = False
            if not self._end():
                self._close()

    def _is_left(self) -> bool:
        """Whether the ordinary server has the connection to itself."""
        return self._shared is not None and self._shared.owned

    def _leave(self, data: bytes) -> None:
        """Give the ordinary server what is not ours to read."""
        octets = self._trailing_data() + data
        self._left = True
        self._cancel_deadline()
        self._require_shared().deliver(octets)

    def _end(self) -> bool:
        """Nothing more comes from the client. True keeps the connection for what is to be sent."""
        if self._shared is None or self._done:
            return False
        return self._shared.end()

    def _adjust_reading(self) -> None:
        """Read only what can be used or held."""
        wanted = not self._must_wait() or self.unjudged <= MOST_HELD
        if wanted is not self._reading and not self._at_end:
            self._reading = wanted
            (self._transport.resume_reading if wanted else self._transport.pause_reading)()

    # Negotiating.

    def _handle_all(self, data: bytes = b"") -> None:
        """Do what each event asks for, until there is nothing to be done."""
        self.idle_changed(False)
        while not self._done:
            event = self._next_event(data)
            if event is None:
                return
            if not self._handle(event) or self._must_wait() or self._transport.is_closing():
                break
            if self._is_left():
                self._leave(b"")
                break
            data = b""
        if not self._done:
            self._keep_time()

    def _next_event(self, data: bytes) -> Event | None:
        """What the octets so far allow. None: a callable has failed, and that was answered."""
        negotiator = self._negotiator
        try:
            if data:
                negotiator.receive_data(data)
            return negotiator.next_event()
        except Exception as error:
            self.report_failure("the policy has failed", error)
            self._answer_failure(codes.SERVER_FAILED)
            return None

    def _handle(self, event: Event) -> bool:
        """Do what one event asks for. False when nothing more is to be asked for now."""
        match event:
            case Signal():
                return False
            case Accept101():
                self._cancel_deadline()
                if self._review is None:
                    self._accept(event)
                else:
                    self._own(Owner.REVIEW)
                    self._reviewing = self._loop.create_task(self._await_review(event))
                return False
            case Continue100():
                self.decided(event, self._negotiator.head)
                self._transport.write(self._negotiator.send(event))
            case Require426() | Reject():
                self._refuse(event)
            case Passthrough():
                self._cancel_deadline()
                return self._pass(event)
            case Forward():
                if self._require_shared().is_between_messages:
                    self._linger()  # what follows a refused CONNECT is dropped
                else:
                    self._require_shared().take_more(event)
                    self._own_by_ordinary()
            case ConnectionClosed():
                self._linger()
            case unreachable:
                assert_never(unreachable)
        return True

    def _refuse(self, decision: Require426 | Reject) -> None:
        self._cancel_deadline()
        octets = self._negotiator.send(self.complete(decision))
        self.decided(decision, self._negotiator.head)
        # A message may break after its head. Then it may have been answered already, in part.
        if self._shared is None or not self._shared.has_begun_to_answer:
            self._transport.write(octets)
        if self._negotiator.state is ServerState.CLOSED:
            self._linger()

    def _answer_failure(self, code: Code) -> None:
        self.refuse_and_close(finding(code))

    def _linger(self) -> None:
        """Close in stages (RFC 9112 9.6): our side first, the rest when the client has read."""
        self._finish(Owner.NOBODY)
        if self._at_end:
            self._close()
            return
        if self._transport.can_write_eof():
            with suppress(OSError):  # the client is gone: the transport is about to say so
                self._transport.write_eof()
        self._go_on_lingering()

    def _go_on_lingering(self) -> None:
        seconds = self._head_timeout if self._count_unsent() else LINGER
        self._start_time(seconds, self._end_linger)

    def _end_linger(self) -> None:
        still_sends, self._still_sends = self._still_sends, False
        if self._unsent or self._count_unsent():
            if self._waits_for_reader():
                self._go_on_lingering()
            else:
                self._transport.abort()
        elif still_sends and self._has_ordinary_written() and self._sending_time > 0:
            # To close while octets arrive resets the connection: what the system holds is lost.
            self._sending_time -= LINGER
            self._go_on_lingering()
        else:
            self._close()

    def _close(self) -> None:
        """Close once everything is written."""
        if not self._transport.is_closing():  # Python 3.11.2's, inside TLS, is closed but once
            self._transport.close()
        self._cancel_deadline()
        self._start_time(self._head_timeout, self._time_out)

    def _waits_for_reader(self) -> bool:
        """Whether to go on waiting for unsent octets after a deadline.

        Our own answers are, while they get less. Where the ordinary server has written, nothing
        but the client ends the wait: the system's buffer hides that it reads.
        """
        return self._has_ordinary_written() or self._count_unsent() < self._unsent

    def _has_ordinary_written(self) -> bool:
        return self._shared is not None and self._shared.has_written

    def _finish(self, owner: Owner) -> None:
        """Have nothing more to do with what arrives, nor has the ordinary server."""
        self._done = True
        self._own(owner)
        self._held.clear()
        self._cancel_deadline()
        if not self._reading and not self._at_end:
            self._reading = True
            self._transport.resume_reading()
        if self._shared is not None:
            try:
                self._shared.detach(None)
            except Exception as error:
                self.report_failure("the protocol that follows has failed", error)

    # Switching.

    def _accept(self, accept: Accept101) -> None:
        try:
            successor = self._switch(accept)
            octets = self._negotiator.send(self.complete(accept))
        except Exception as error:
            self.report_failure("the switch has failed", error)
            self._answer_failure(codes.SERVER_FAILED)
            return
        self.decided(accept, self._negotiator.head)
        self._transport.write(octets)
        self._leave_to(successor, self._negotiator.trailing_data)

    async def _await_review(self, accept: Accept101) -> None:
        """Have an acceptance reviewed. It is cancelled when that is of no use any more."""
        task = asyncio.current_task()
        deadline = asyncio.timeout(self._review_timeout)
        answer: Accept101 | Require426 | Reject | Code
        try:
            async with deadline:
                answer = await self._review_of(accept)
        except (Exception, asyncio.CancelledError) as error:
            if self._reviewing is not task and isinstance(error, asyncio.CancelledError):
                raise
            # A review's own timeout, or a task that it waits for and that is cancelled, is its
            # failure; only ours is a deadline.
            late = isinstance(error, TimeoutError) and deadline.expired()
            answer = codes.ANSWER_TOO_SLOW if late else codes.SERVER_FAILED
            if not late:
                self.report_failure("the review has failed", error)
        if self._reviewing is not task:
            return  # it was cancelled, and went on all the same
        self._reviewing = None
        if self._transport.is_closing():
            return  # the connection is lost, and connection_lost() is about to be called
        try:
            self._carry_out(answer)
        except Exception as error:
            self.report_failure("the review's answer has failed", error)
            self._answer_failure(codes.SERVER_FAILED)
        if not self._done:
            self._own(Owner.NEGOTIATOR)
            self._resume_later()

    def _review_of(self, accept: Accept101) -> Awaitable[Accept101 | Require426 | Reject]:
        assert self._review is not None
        head = self._negotiator.head
        assert head is not None, "an acceptance is of a head"
        review = self._review(accept, RequestInfo(head, self._peer, bool(self._secure)))
        return require_awaitable(review)

    def _carry_out(self, answer: Accept101 | Require426 | Reject | Code) -> None:
        match answer:
            case Accept101():
                self._accept(answer)
            case Code():
                self._answer_failure(answer)
            case Require426() | Reject():
                self._refuse(answer)
            case _:
                raise wrong_type("a review returns a decision to send", answer)

    def _take_during_review(self, data: bytes) -> None:
        event = self._next_event(data)
        if event is None or isinstance(event, Reject):
            # More than is held, or what the protocol does not take.
            self._cancel_review()
        if isinstance(event, Reject):
            self._refuse(event)

    # Passing through.

    def _pass(self, passed: Passthrough) -> bool:
        if self._stay and not isinstance(self._policy, Policy):
            faults = _open_ends(passed)
            if faults:
                self.refuse_and_close(*faults)
                return False
        self.decided(passed, self._negotiator.head)
        try:
            octets = self._octets_of(passed)
            ordinary = self._make_ordinary() if self._shared is None else None
        except Exception as error:
            self.report_failure("the ordinary server has failed", error)
            self._answer_failure(codes.SERVER_FAILED)
            return False
        if ordinary is not None and not self._stay:
            self._leave_to(ordinary, octets + self._negotiator.trailing_data)
            return False
        if ordinary is not None:
            self._shared = SharedTransport(self._transport, ordinary, self._ordinary_changed)
            ordinary.connection_made(self._shared)
        shared = self._require_shared()
        self._own(Owner.ORDINARY)
        shared.take_request(passed, octets)
        self._own_by_ordinary()
        if not self._done:
            self.handed_over(shared.get_protocol())
        return True

    def _octets_of(self, passed: Passthrough) -> bytes:
        if self._hand_over is not None:
            return self._hand_over(passed)
        head = passed.head
        if head is None or not self._stay:
            return passed.data
        # Parsers are in use that take a request with an offer to end at its head (llhttp), and then
        # its body for the next request: one that was not judged.
        if head.has(b"upgrade") and head.announces_content:
            return passed.without_upgrade().data
        return passed.data

    def _require_shared(self) -> SharedTransport:
        assert self._shared is not None, "a request was passed to the ordinary server"
        return self._shared

    # Handing over.

    def _leave_to(self, protocol: asyncio.BaseProtocol, data: bytes) -> None:
        """Give the connection to another protocol, with what it has not seen yet."""
        self._finish(Owner.SUCCESSOR)
        try:
            self._begin_protocol(protocol, data)
        except Exception as error:
            self.report_failure("the protocol that follows has failed", error)
            self._transport.abort()

    def _begin_protocol(self, protocol: asyncio.BaseProtocol, data: bytes) -> None:
        transport = self._transport
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        if self._writing_paused:
            protocol.pause_writing()
        # It may have made way for another one already.
        if data:
            deliver(transport.get_protocol(), data)
        if self._at_end and not cast(asyncio.Protocol, transport.get_protocol()).eof_received():
            transport.close()

    # Time, and telling.

    def _keep_time(self) -> None:
        """Have the client's time run while we need something of it."""
        if not self._needs_client():
            self._cancel_deadline()
        elif self._deadline is None:
            self._start_time(self._head_timeout, self._time_out)
        busy = self._deadline is not None or self._reviewing is not None or self._has_held()
        self.idle_changed(
            not busy and self._shared is not None and self._shared.is_between_messages
        )

    def _needs_client(self) -> bool:
        shared = self._shared
        if self._reviewing is not None or not (shared is None or shared.is_between_messages):
            return False
        if self._writing_paused:
            return not self._has_ordinary_written()
        if shared is None or self._negotiator.state in _READING_ON:
            return True
        # The ordinary server ends a connection on which nothing comes.
        return self._deadline is not None or bool(self._negotiator.trailing_data)

    def _start_time(self, seconds: float, end: Callable[[], None]) -> None:
        self._unsent = self._count_unsent()
        self._deadline = self._loop.call_later(seconds, end)

    def _count_unsent(self) -> int:
        # asyncio's transports inside TLS cannot tell when they are closing. They keep a time then.
        if self._inside_tls and self._transport.is_closing():
            return 0
        return self._transport.get_write_buffer_size()

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _time_out(self) -> None:
        """The client has not sent or read something in time."""
        self._deadline = None
        state = self._negotiator.state
        if self._writing_paused or self._transport.is_closing():
            if self._waits_for_reader():
                self._start_time(self._head_timeout, self._time_out)
            else:
                self._transport.abort()
        elif state is ServerState.DRAINING:
            self._linger()  # its answer was written before
        elif state is ServerState.READING_HEAD and not self._negotiator.trailing_data:
            self._close()
        else:
            self._answer_failure(codes.REQUEST_TOO_SLOW)


def require_awaitable(review: _Awaitable) -> _Awaitable:
    """What a review returned, or a :class:`TypeError` where it is not an async function."""
    if not isinstance(review, Awaitable):
        raise wrong_type("review is an async function, or returns what can be awaited", review)
    return review


def _open_ends(passed: Passthrough) -> tuple[Finding, ...]:
    """Why what follows a request could not be judged; empty if it can.

    The ordinary server might be less strict, and find requests there that a callable had judged
    otherwise. Whether a tunnel follows a CONNECT is the answer's to say.
    """
    head = passed.head
    if head is None:
        return passed.findings or (finding(http1_codes.REQUEST_LINE_MALFORMED),)
    if head.method == b"CONNECT":
        return ()
    if not head.http_version.startswith(b"1."):
        value = b"HTTP/" + head.http_version
        return (finding(http1_codes.HTTP_VERSION_UNSUPPORTED, value=value),)
    try:
        parse_connection(head.get_all(b"connection"))
        _ = head.framing
    except FieldSyntaxError:
        return (finding(rule_codes.CONNECTION_MALFORMED, field="Connection"),)
    except RemoteProtocolError as error:
        return error.findings
    return ()
