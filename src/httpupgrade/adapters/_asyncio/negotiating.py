"""What the asyncio adapter does for each event of the negotiator.

Rules for this module: it asks the caller's callables, and what they raise is reported and answered
with 500. It decides nothing itself.
"""

from logging import DEBUG
from typing import Final, assert_never

from ... import (
    Accept101,
    ConnectionClosed,
    Continue100,
    Event,
    Forward,
    Passthrough,
    Policy,
    Reject,
    Require426,
    ServerState,
    Signal,
)
from .. import _finding_codes as codes
from .answering import Answering
from .handing_over import octets_of, open_ends
from .owner import Owner
from .plain_requests import PlainRequests
from .transport import SharedTransport

_ORDINARY: Final = Owner.ORDINARY


class Negotiating(Answering):
    """One connection, as far as its requests are judged."""

    __slots__ = ()

    # Events.

    def _handle_all(self, data: bytes) -> None:
        """Do what each event asks for, until there is nothing to be done."""
        if self._is_last:
            self.close_in_stages()
            return
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

    def _take_during_review(self, data: bytes) -> None:
        event = self._next_event(data)
        if isinstance(event, Reject):  # more than is held, or what the protocol does not take
            self._cancel_review()
            self._refuse(event)

    # Passing through.

    def _pass_plain(self, data: bytes) -> bool:
        """Hand a plain request over without asking the negotiator, if that would pass it."""
        plain, negotiator = self._plain, self._negotiator
        if plain is None or self._telling.is_logged(DEBUG):
            return False
        if negotiator is not None and (
            negotiator.state is not ServerState.READING_HEAD
            # A head, or empty lines, may come an octet at a time, and what is held is copied.
            or not data.endswith(b"\r\n\r\n")
            or data.startswith((b"\r", b"\n"))
            or negotiator.trailing_data
        ):
            return False
        method = plain.method_of(data)
        if method is None:
            return False
        self._deadline.cancel()
        if self._has_hooks:
            self.idle_changed(False)
        shared = self._shared or self._begin_ordinary(plain, data)
        if shared is not None:
            if self._has_hooks:
                self._own(_ORDINARY)
            else:
                self._owner = _ORDINARY
            shared.take_whole(method, data)
            if self._has_hooks:
                self.handed_over(shared.get_protocol())
            if plain.is_last:
                self._pass_last()
        return True

    def _pass_last(self) -> None:
        """RFC 9112 9.6: nothing after a request with "close" is processed."""
        self._is_last = True
        self._plain = None
        if not (self._is_over() or self._must_wait() or self._transport.is_closing()):
            self.close_in_stages()

    def _begin_ordinary(self, plain: PlainRequests, data: bytes) -> SharedTransport | None:
        """Make the ordinary server. None: it cannot be made, and that was answered."""
        try:
            ordinary = self._options.ordinary()
        except Exception as error:
            plain.repeat(data)
            self._arrived = self._telling.now()
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
