"""What the asyncio adapter does for each event of the negotiator.

Rules for this module: it asks the caller's callables, and what they raise is reported and answered
with 500. It decides nothing itself.
"""

import asyncio
from functools import cache
from typing import ClassVar, Final, TypeVar, assert_never, cast

from .. import (
    Accept101,
    Code,
    ConnectionClosed,
    Continue100,
    Decision,
    Event,
    Finding,
    Forward,
    LocalProtocolError,
    Passthrough,
    Policy,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
    ServerState,
    Signal,
)
from .._http1.arguments import wrong_type
from .._negotiation.refusal_response import status_without_offer
from . import _finding_codes as codes
from ._asyncio_options import Options
from ._connection import Connection
from ._date import DATE
from ._handing_over import octets_of, open_ends
from ._log import Teller
from ._owner import Owner
from ._plain_requests import PlainRequests
from ._reviewing import Answer, outcome_of
from ._transport import SharedTransport, deliver

_ORDINARY: Final = Owner.ORDINARY

_Answer = TypeVar("_Answer", bound=Accept101 | Require426 | Reject)


@cache
def _logging(name: str) -> Teller:
    """What tells a logger, and nobody else."""
    return Teller(name, None)


class Negotiating(Connection):
    """One connection, as far as its requests are judged and answered."""

    __slots__ = ("_arrived", "_telling")

    logger_name: ClassVar[str] = "httpupgrade.asyncio"
    """Of the logger that is told of decisions."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._arrived = 0.0
        name, hook = self.logger_name, options.on_decision
        self._telling = _logging(name) if hook is None else Teller(name, hook, self.report_failure)

    # What a subclass may call.

    def make_refusal(self, *findings: Finding) -> Reject:
        """A refusal for these reasons, with the status of the first one.

        It has no body where a renderer of the user's fails.
        """
        status_code = status_without_offer(findings)
        try:
            return self.negotiator.refuse(status_code, *findings)
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
            self.close_in_stages()

    # What a subclass may say itself.

    def complete(self, decision: _Answer) -> _Answer:
        """The same answer, with the fields that all answers of a server have.

        Here Date (RFC 9110 6.6.1), unless the answer has one. What this raises for an acceptance is
        answered with 500.
        """
        if any(name.lower() == b"date" for name, _ in decision.headers):
            return decision
        return cast(_Answer, decision.replace(headers=(DATE.now(), *decision.headers)))

    def decided(self, decision: Decision, head: RequestHead | None) -> None:
        """A decision is carried out: it is told of before anything of it is written.

        Here the logger is told, and ``on_decision``.

        :param head: the request, as it was received; None for what is none.
        """
        self._telling.tell(decision, self.negotiator.decision_info, self._arrived)

    def handed_over(self, protocol: asyncio.BaseProtocol) -> None:
        """The ordinary server has got the head of a request.

        :param protocol: what reads in its place now: itself, or what it has set on its transport.
        """

    # Events.

    def _handle_all(self, data: bytes) -> None:
        """Do what each event asks for, until there is nothing to be done."""
        self.idle_changed(False)
        if data:
            self._arrived = self._telling.now()
        while not self._is_over():
            event = self._next_event(data)
            if event is None:
                return
            if not self._handle(event) or self._must_wait() or self._transport.is_closing():
                break
            if self._owner is Owner.TUNNEL:
                self._leave(b"")
                break
            data = b""
        if not self._is_over():
            self._keep_time()

    def _next_event(self, data: bytes) -> Event | None:
        """What the octets so far allow. None: a callable has failed, and that was answered."""
        negotiator = self.negotiator
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
            case Passthrough():
                self._deadline.cancel()
                return self._pass(event)
            case Forward():
                self._forward(event)
            case Accept101():
                self._deadline.cancel()
                self._review_or_accept(event)
                return False
            case Require426() | Reject():
                self._refuse(event)
            case Continue100():
                self._transport.write(self.negotiator.send(event))
            case ConnectionClosed():
                self.close_in_stages()
            case unreachable:
                assert_never(unreachable)
        return True

    def _forward(self, event: Forward) -> None:
        shared = self._require_shared()
        if shared.is_between_messages:
            self.close_in_stages()  # what follows a refused CONNECT is dropped
        else:
            shared.take_more(event)
            self._own_by_ordinary()

    def _refuse(self, decision: Require426 | Reject) -> None:
        self._deadline.cancel()
        negotiator = self.negotiator
        sent, octets = self._send(decision)
        # A message may break after its head. Then it may have been answered already, in part.
        if self._shared is None or not self._shared.has_begun_to_answer:
            self.decided(sent, negotiator.head)
            self._transport.write(octets)
        if negotiator.state is ServerState.CLOSED:
            self.close_in_stages()

    def _send(self, decision: Answer) -> tuple[Answer, bytes]:
        """Have the negotiator commit to an answer, completed; and the octets of it."""
        is_usual = type(self).complete is Negotiating.complete
        if is_usual and not (isinstance(decision, Accept101) and decision.interim):
            # What the negotiator decided is there in octets, while it is not changed.
            return decision, DATE.add_to(self.negotiator.send(decision))
        completed = self._complete(decision)
        return completed, self.negotiator.send(completed)

    def _complete(self, decision: Answer) -> Answer:
        try:
            return self.complete(decision)
        except Exception as error:
            if isinstance(decision, Accept101):
                raise
            self.report_failure("an answer could not be completed", error)
            return decision

    # Switching.

    def _review_or_accept(self, accept: Accept101) -> None:
        if self._options.review is None:
            self._accept(accept)
        else:
            self._own(Owner.REVIEW)
            self._reviewing = asyncio.get_running_loop().create_task(self._await_review(accept))

    def _accept(self, accept: Accept101) -> None:
        try:
            successor = self._options.switch(accept)
            sent, octets = self._send(accept)
        except Exception as error:
            self.report_failure("the switch has failed", error)
            self._answer_failure(codes.SERVER_FAILED)
            return
        self.decided(sent, self.negotiator.head)
        self._transport.write(octets)
        self._leave_to(successor, self.negotiator.trailing_data)

    async def _await_review(self, accept: Accept101) -> None:
        """Have an acceptance reviewed. It is cancelled when that is of no use any more."""
        task, options, head = asyncio.current_task(), self._options, self.negotiator.head
        assert options.review is not None
        assert head is not None, "an acceptance is of a head"
        answer = await outcome_of(
            options.review,
            accept,
            RequestInfo(head, self._peer, self._secure),
            options.review_timeout,
            is_wanted=lambda: self._reviewing is task,
            report=self.report_failure,
        )
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
        if not self._is_over():
            self._own(Owner.NEGOTIATOR)
            self._resume_later()

    def _carry_out(self, answer: Answer | Code) -> None:
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
        if isinstance(event, Reject):  # more than is held, or what the protocol does not take
            self._cancel_review()
            self._refuse(event)

    # Passing through.

    def _pass_plain(self, data: bytes) -> bool:
        """Hand a plain request over without asking the negotiator, if that would pass it."""
        plain, negotiator = self._plain, self._negotiator
        if plain is None or self._telling.hears_of_passes():
            return False
        if negotiator is not None and (
            negotiator.state is not ServerState.READING_HEAD or negotiator.trailing_data
        ):
            return False
        method = plain.method_of(data)
        if method is None:
            return False
        self._deadline.cancel()
        self.idle_changed(False)
        shared = self._shared or self._begin_ordinary(plain, data)
        if shared is not None:
            self._own(_ORDINARY)
            shared.take_whole(method, data)
            self.handed_over(shared.get_protocol())
        return True

    def _begin_ordinary(self, plain: PlainRequests, data: bytes) -> SharedTransport | None:
        """Make the ordinary server. None: it cannot be made, and that was answered."""
        try:
            ordinary = self._options.ordinary()
        except Exception as error:
            plain.repeat(data)
            self._next_event(data)  # it knows what it is that is refused
            self._fail_to_pass(error)
            return None
        return self._share(ordinary)

    def _fail_to_pass(self, error: Exception) -> None:
        self.report_failure("the ordinary server has failed", error)
        self._answer_failure(codes.SERVER_FAILED)

    def _pass(self, passed: Passthrough) -> bool:
        options, shared = self._options, self._shared
        if options.stay and not isinstance(options.policy, Policy):
            faults = open_ends(passed)
            if faults:
                self.refuse_and_close(*faults)
                return False
        self.decided(passed, self.negotiator.head)
        try:
            octets = octets_of(passed, options.hand_over, stay=options.stay)
            ordinary = options.ordinary() if shared is None else None
        except Exception as error:
            self._fail_to_pass(error)
            return False
        if ordinary is not None and not options.stay:
            self._leave_to(ordinary, octets + self.negotiator.trailing_data)
            return False
        if ordinary is not None:
            self._share(ordinary)
        shared = self._require_shared()
        self._own(Owner.ORDINARY)
        shared.take_request(passed, octets)
        self._own_by_ordinary()
        self.handed_over(shared.get_protocol())
        return not self._is_over()

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
        at_end = self._input.at_end
        if at_end and not cast(asyncio.Protocol, transport.get_protocol()).eof_received():
            transport.close()
