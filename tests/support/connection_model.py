"""What a server's machine has to say next, worked out without reading any request.

Rules for this module: the client's requests are known, octet by octet. An event is held to what is
due; what follows from it, and from each answer, is noted. Nothing is asked of the machine here but
what it has not taken.
"""

from collections.abc import Iterator
from itertools import product
from typing import Final

from model_requests import LIMITS, POLICIES, Asked, Kind
from parsing_model import Parsed
from transcript import statuses

from httpupgrade import (
    NEED_DATA,
    PAUSED,
    Accept101,
    ConnectionClosed,
    Continue100,
    Decision,
    Event,
    Forward,
    Limits,
    Passthrough,
    Reject,
    Require426,
    ResponseHead,
    ServerNegotiator,
    ServerState,
)

Refusal = Reject | Require426

S: Final = ServerState
OVER: Final = (S.SWITCHED, S.CLOSED)
SETUPS: Final = tuple(product(sorted(POLICIES), LIMITS))


class ConnectionModel:
    """One connection to a server's machine, and what that has to do next."""

    setups: Iterator[tuple[str, Limits]]
    machine: ServerNegotiator | Parsed

    def connect(self) -> None:
        self.policy, self.limits = next(self.setups)
        self.machine = self.make()
        self.queue: list[Asked] = []  # requests of which nothing was looked at
        self.unsent = b""  # what the client will send
        self.unread = b""  # what has arrived and is of no event yet
        self.at_end = False
        self.begun = False  # a request was seen, or what is none
        self.state = S.READING_HEAD
        self.at: Asked | None = None
        self.left = 0  # octets of the body of that request
        self.good = 0  # of these, those that can be read
        self.waiting: Decision | Continue100 | None = None
        self.broken = False  # the connection has to close after the answer
        self.answered = False  # an answer is begun, by whoever has the request
        self.overflowed = False

    def make(self) -> ServerNegotiator | Parsed:
        return ServerNegotiator(POLICIES[self.policy], limits=self.limits)

    def overflows(self) -> bool:
        """Whether more is there than is held while a decision waits."""
        return len(self.unread) > self.limits.max_early_data

    # What an event has to be.

    def expect(self, event: Event) -> None:
        match self.state:
            case S.READING_HEAD:
                self.expect_of_head(event)
            case S.READING_BODY:
                self.expect_of_body(event)
            case S.DECIDED:
                self.expect_of_decision(event)
            case S.DRAINING:
                self.expect_of_drain(event)
            case S.FORWARDING:
                self.expect_forward(event)
            case S.OPAQUE:
                self.expect_all(event)
            case _:
                raise AssertionError("it is over")

    def head_is_there(self) -> bool:
        if not self.queue:
            return False
        first = self.queue[0]
        return len(self.unread.lstrip(b"\r\n")) >= len(first.head)

    def needs_more(self, event: Event) -> None:
        """Nothing can be said before more arrives, or the client has left in the middle."""
        if not self.at_end:
            assert event is NEED_DATA
            return
        self.expect_close(event, is_clean=False)

    def expect_close(self, event: Event, *, is_clean: bool) -> None:
        assert isinstance(event, ConnectionClosed)
        assert bool(event.findings) is not is_clean
        self.closed, self.state = event, S.CLOSED

    def expect_of_head(self, event: Event) -> None:
        waits = event is NEED_DATA or isinstance(event, ConnectionClosed)
        if waits and not self.head_is_there():
            if self.unread.strip(b"\r\n"):
                self.needs_more(event)
            elif self.at_end:
                self.expect_close(event, is_clean=self.begun or bool(self.unread))
            else:
                assert event is NEED_DATA
            return
        self.begin_request(self.queue.pop(0))
        assert self.at is not None
        if self.at.kind in (Kind.FAULTY, Kind.JUNK):
            self.expect_of_fault(event, passes=self.at.kind is Kind.JUNK)
            return
        head = self.at.head
        assert self.unread.lstrip(b"\r\n").startswith(head), "seen before it was there"
        self.unread = self.unread.lstrip(b"\r\n")[len(head) :]
        if self.at.kind in (Kind.SWITCHES, Kind.READS):
            self.expect_of_offer(event, self.at)
        elif self.policy == "required":
            self.decides(event, Require426)
        else:
            assert isinstance(event, Passthrough)
            assert event.data == head
            self.state, self.waiting = S.FORWARDING, event

    def begin_request(self, request: Asked) -> None:
        self.at, self.begun, self.answered = request, True, False
        self.left = self.good = len(request.body)
        if request.good is not None:
            self.left, self.good = 1 << 30, request.good
        self.broken = request.closes(self.limits)

    def expect_of_fault(self, event: Event, *, passes: bool) -> None:
        if passes and self.policy != "required":
            assert isinstance(event, Passthrough)
            assert event.head is None
            self.take(event.data)
            self.state = S.OPAQUE
        else:
            # It may be refused before it is there, and what follows is of no use.
            self.unread = self.rest()
            self.decides(event, Refusal)

    def expect_of_offer(self, event: Event, request: Asked) -> None:
        if request.kind is Kind.READS:
            sized = b"content-length" in request.fields
            if sized and len(request.body) > self.limits.max_request_body:
                self.decides(event, Reject)
            elif request.expects() and request.body:
                self.decides(event, Continue100)
            else:
                self.state = S.READING_BODY
                self.expect_of_body(event)
        elif self.unread and b"TLS" in request.head:
            self.decides(event, Reject)
            self.discards()
        else:
            self.decides(event, Accept101)

    def expect_of_body(self, event: Event) -> None:
        assert self.at is not None
        most = self.limits.max_request_body
        before = len(self.unread)
        self.unread = self.rest() if event is NEED_DATA else self.unread
        self.left -= before - len(self.unread)
        self.good -= before - len(self.unread)
        match event:
            case Accept101():
                assert self.at.good is None
                assert event.request_body == self.at.content
                assert len(self.at.content) <= most
                assert len(self.unread) >= self.left
                self.unread = self.unread[self.left :]
                self.left = 0
                self.decides(event, Accept101)
                if self.unread and not event.takes_early_data:
                    raise AssertionError("it was to be refused")
            case Reject():
                too_long = len(self.at.content) > most
                assert too_long or self.at.good is not None
                self.decides(event, Reject)
                self.discards()
            case _:
                assert self.good >= 0
                if self.at.good is None and len(self.at.content) <= most:
                    assert len(self.unread) < self.left, "the body is there"
                self.needs_more(event)

    def expect_of_decision(self, event: Event) -> None:
        refused = isinstance(self.waiting, Refusal)
        early = isinstance(self.waiting, Accept101) and not self.waiting.takes_early_data
        if self.overflowed and refused:
            assert isinstance(self.waiting, Refusal)
            if self.waiting.close:
                assert event is PAUSED
            else:
                assert event == self.waiting.closing()
                self.decides(event, Refusal)
            self.discards()
        elif self.overflowed or (early and self.unread):
            self.decides(event, Reject)
            self.discards()
        else:
            assert event is PAUSED

    def expect_of_drain(self, event: Event) -> None:
        assert self.at is not None
        if isinstance(event, ConnectionClosed) and self.at.good is not None:
            assert event.findings, "no end of it was seen"
            self.closed, self.state = event, S.CLOSED
            return
        if len(self.unread) >= self.left:
            if len(self.at.body) > self.limits.max_drain:
                self.expect_close(event, is_clean=False)
                return
            self.unread = self.unread[self.left :]
            self.left, self.state, self.waiting = 0, S.READING_HEAD, None
            self.expect_of_head(event)
            return
        if isinstance(event, ConnectionClosed) and not self.at_end:
            assert len(self.at.body) > self.limits.max_drain
            self.expect_close(event, is_clean=False)
            return
        taken = len(self.unread) - len(self.rest())
        self.left, self.unread = self.left - taken, self.rest()
        self.good -= taken
        assert self.good >= 0
        self.needs_more(event)

    def expect_forward(self, event: Event) -> None:
        assert self.at is not None
        if self.at.is_connect:
            self.state = S.OPAQUE
            self.expect_all(event)
            return
        match event:
            case Forward(data, end):
                assert data or end
                self.take(data)
                self.left -= len(data)
                self.good -= len(data)
                assert self.good >= 0
                assert end is (self.left == 0)
                self.answered = True
                if end:
                    self.state = S.READING_HEAD
                    if self.at.is_last:
                        self.closed, self.state = ConnectionClosed(), S.CLOSED
            case Reject():
                assert self.at.good is not None
                self.decides(event, Reject)
                self.discards()
            case _:
                assert len(self.unread) < self.left
                if self.at.good is not None:
                    assert len(self.unread) < len(self.at.body)
                self.needs_more(event)

    def expect_all(self, event: Event) -> None:
        if self.unread:
            assert event == Forward(self.unread, end=False)
            self.unread, self.answered = b"", True
        elif self.at_end:
            self.expect_close(event, is_clean=True)
        else:
            assert event is NEED_DATA

    def decides(self, event: Event, kind: type[object] | object) -> None:
        assert isinstance(event, kind)  # type: ignore[arg-type]
        assert isinstance(event, Accept101 | Continue100 | Refusal)
        self.waiting, self.state = event, S.DECIDED
        self.overflowed = False

    def discards(self) -> None:
        self.unread, self.broken = b"", True

    def take(self, data: bytes) -> None:
        left = self.unread if self.unread.startswith(data) else self.unread.lstrip(b"\r\n")
        assert left.startswith(data)
        self.unread = left[len(data) :]

    def rest(self) -> bytes:
        """What the machine has not taken, which is the end of what is unread."""
        rest = self.machine.trailing_data
        assert self.unread.endswith(rest)
        return rest

    # What follows from an answer.

    def sent(self, decision: Decision | Continue100, written: bytes) -> None:
        # Without content it answers a HEAD, or says that it has none.
        found = statuses(written, b"HEAD" if written.endswith(b"\r\n\r\n") else b"GET")
        match decision:
            case Accept101():
                assert found[-1] == 101
                self.state = S.SWITCHED
            case Continue100():
                assert found == [100]
                if isinstance(self.waiting, Continue100):
                    self.state = S.READING_BODY
                else:
                    assert isinstance(self.waiting, Accept101)
                    self.waiting = self.waiting.replace(interim=None)
            case Reject() | Require426():
                assert found == [decision.status_code]
                self.refuse(decision, written)
            case _:
                raise AssertionError("a Passthrough was sent")

    def refuse(self, decision: Refusal, written: bytes) -> None:
        head = ResponseHead.parse(written.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        closes = b"close" in b"".join(head.get_all(b"connection"))
        assert head.get(b"x-content-type-options") == b"nosniff"
        midway = self.state in (S.READING_HEAD, S.READING_BODY, S.OPAQUE)
        assert closes is (decision.close or midway or self.broken)
        # While a head is awaited, the request before it is not the one that is answered.
        is_head = self.state is not S.READING_HEAD and self.at is not None and self.at.is_head
        assert written.endswith(b"\r\n\r\n") is (is_head or not decision.body)
        if closes:
            self.closed, self.state, self.unread = ConnectionClosed(), S.CLOSED, b""
        else:
            self.state = S.DRAINING
