"""A model of a server's connection, walked at random: the server's machine follows it.

The client's requests are known, octet by octet, so the model says what has to come next without
reading any of them. Octets arrive in any pieces, and whenever; the caller asks, answers rightly or
wrongly, and does not answer. Held to: each octet is accounted for once, no event follows the end,
each move is a row of the table, and no request is seen but those that were sent, in order.
"""

from copy import deepcopy
from functools import partial
from itertools import cycle
from typing import Final

import pytest
from connection_model import OVER, SETUPS, ConnectionModel, Refusal, S
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from model_requests import POLICIES, Asked, Kind, asked
from parsing_model import Parsed
from recorded_moves import record_server
from wire import handshake, plain

from httpupgrade import (
    PAUSED,
    Accept101,
    ConnectionClosed,
    Continue100,
    Decision,
    Event,
    LocalProtocolError,
    Reject,
    ServerState,
    UpgradeToken,
)
from httpupgrade._server.states import Cause
from server.test_laws_total import NOTE, decisions

SENDING: Final = {Cause.SEND_ACCEPT, Cause.SEND_CONTINUE, Cause.SEND_REFUSAL, Cause.SEND_LAST}
STATUSES: Final = st.sampled_from((401, 408, 500, 503))
WRONG: Final = (
    Accept101(UpgradeToken("websocket"), headers=[(b"Sec-WebSocket-Accept", b"x")]),
    Accept101(UpgradeToken("tcp")),
    Accept101(UpgradeToken("TLS", "1.3")),
)
PLAIN: Final = Asked(Kind.PLAIN, plain())
LATE: Final = Asked(
    Kind.SWITCHES,
    plain(b"Upgrade: TLS/1.3", b"Connection: Upgrade", line=b"OPTIONS * HTTP/1.1"),
)
"""TLS begins after the 101: it takes nothing that comes before."""
IN_BODY: Final = (S.READING_BODY, S.DRAINING, S.FORWARDING, S.OPAQUE)
# Where a refusal may begin an answer, if none has begun.
REFUSABLE: Final = (S.READING_HEAD, S.DECIDED, S.READING_BODY, S.FORWARDING, S.OPAQUE)


class Connection(ConnectionModel, RuleBasedStateMachine):
    """One connection to a ServerNegotiator, and what it has to do next."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.moves = record_server(self.patch)

    @initialize(first=st.integers(0, len(SETUPS) - 1))
    def begin(self, first: int) -> None:
        self.steps = 0
        self.setups = cycle(SETUPS[first:] + SETUPS[:first])
        self.connect()

    def connect(self) -> None:
        super().connect()
        self.moves.take()

    @property
    def is_time(self) -> bool:
        """Now and then: for what ends a connection, which would never get far otherwise."""
        return self.steps % 8 == 0

    def teardown(self) -> None:
        self.patch.undo()

    # The client.

    @precondition(lambda self: self.unsent)
    @rule(size=st.sampled_from((1, 2, 7, 40, 150, 1000, 1000, 1000)))
    def octets_arrive(self, size: int) -> None:
        piece = self.unsent[:size]
        if self.at_end:
            self.refused(lambda: self.machine.receive_data(piece))
            return
        self.machine.receive_data(piece)
        self.unsent = self.unsent[size:]
        self.unread += piece
        self.overflowed = self.overflows()

    @precondition(lambda self: not self.at_end)
    @rule(request=asked(), kept=st.sampled_from((0, 0, 0, 1, 7, 20)), asks=st.integers(1, 2))
    def a_request_arrives(self, request: Asked, kept: int, asks: int) -> None:
        self.queue.append(request)
        self.unsent += request.octets
        self.octets_arrive(max(len(self.unsent) - kept, 1))
        self.caller_asks(asks)

    @precondition(lambda self: self.is_time or (self.state in IN_BODY and self.steps % 3 == 0))
    @rule()
    def the_client_ends(self) -> None:
        self.machine.receive_data(b"")
        self.at_end = True

    # The caller asks.

    @precondition(lambda self: self.unread or self.at_end or self.state is not S.READING_HEAD)
    @rule(times=st.integers(1, 3))
    def caller_asks(self, times: int) -> None:
        for _ in range(times):
            if self.state not in OVER:
                self.ask()

    def ask(self) -> None:
        before = self.machine.state
        asked = self.queue[0] if self.queue else None
        raises = self.policy == "function" and asked is not None and asked.kind is Kind.RAISES
        if self.state is S.READING_HEAD and raises and self.head_is_there():
            with pytest.raises(ZeroDivisionError):
                self.machine.next_event()
            self.broken = True
            self.check_moves(before, sends=False)
            return
        event = self.machine.next_event()
        note(f"{event!r:.100}")
        self.expect(event)
        self.check_moves(before, sends=False)

    # The caller answers.

    @precondition(lambda self: self.state is S.DECIDED)
    @rule()
    def caller_answers(self) -> None:
        assert isinstance(self.waiting, Accept101 | Continue100 | Refusal)
        early = isinstance(self.waiting, Accept101) and not self.waiting.takes_early_data
        if early and self.unread:
            self.refused(partial(self.machine.send, self.waiting))
        else:
            self.sent(self.waiting, self.send(self.waiting))

    @precondition(
        lambda self: (
            self.state is S.READING_HEAD
            and not (self.queue or self.unread or self.unsent or self.at_end)
        )
    )
    @rule()
    def octets_arrive_before_a_late_switch(self) -> None:
        self.a_request_arrives(LATE, 0, 1)
        self.a_request_arrives(PLAIN, 0, 0)
        self.caller_answers()

    @precondition(lambda self: self.state is S.DECIDED and isinstance(self.waiting, Accept101))
    @rule(wrong=st.sampled_from(WRONG))
    def caller_accepts_wrongly(self, wrong: Accept101) -> None:
        assert self.at is not None
        token = bytes(wrong.token).lower()
        if token == b"websocket" or token not in self.at.fields:
            self.refused(partial(self.machine.send, wrong))

    @precondition(lambda self: self.state is not S.READING_HEAD)
    @rule(status=STATUSES, own=st.booleans(), close=st.booleans())
    def caller_refuses(self, status: int, own: bool, close: bool) -> None:
        refusal = Reject(status, body=b"no", close=close)
        if not own:
            refusal = self.machine.refuse(status, NOTE, headers=[(b"Retry-After", b"1")])
        may = self.state in REFUSABLE and (self.state is S.DECIDED or not self.answered)
        if self.state is S.READING_HEAD:
            may = True
        if may:
            self.sent(refusal, self.send(refusal))
        else:
            self.refused(lambda: self.machine.send(refusal))

    @precondition(lambda self: self.is_time)
    @rule(status=STATUSES)
    def caller_refuses_anywhere(self, status: int) -> None:
        self.caller_refuses(status, own=True, close=False)

    @precondition(lambda self: self.is_time or self.state is not S.READING_HEAD)
    @rule(decision=decisions())
    def caller_sends_what_it_likes(self, decision: Decision | Continue100) -> None:
        before = self.view()
        twin = deepcopy(self.machine)
        try:
            written = self.send(decision)
        except LocalProtocolError:
            assert self.view() == before
            assert not self.moves.take()
            self.machine = twin  # was never asked; the model sees whether it tells the same
            return
        match decision:
            case Accept101():
                assert isinstance(self.waiting, Accept101)
                assert self.at is not None
                assert bytes(decision.token).lower() in self.at.fields
            case Continue100():
                assert isinstance(self.waiting, Accept101 | Continue100)
                assert self.at is not None
                assert self.at.expects()
            case _:
                pass
        self.sent(decision, written)

    @precondition(lambda self: self.steps % 5 == 0)
    @rule()
    def caller_goes_on_with_a_copy(self) -> None:
        self.machine = deepcopy(self.machine)

    def send(self, decision: Decision | Continue100) -> bytes:
        before = self.machine.state
        written = self.machine.send(decision)
        self.check_moves(before, sends=True)
        return written

    def refused(self, call: object) -> None:
        """A call must raise, and leave everything as it was."""
        before = self.view()
        assert callable(call)
        with pytest.raises(LocalProtocolError):
            call()
        assert self.view() == before
        assert not self.moves.take()

    # What holds at all times.

    def view(self) -> tuple[ServerState, bytes]:
        return self.machine.state, self.machine.trailing_data

    def check_moves(self, before: ServerState, *, sends: bool) -> None:
        for state, cause in (taken := self.moves.take()):
            assert state is before
            assert (cause in SENDING) is sends
            before = self.moves.table[state, cause]
        assert before is self.machine.state
        assert len(taken) <= 1 or not sends

    @invariant()
    def the_machine_is_where_the_model_is(self) -> None:
        self.steps += 1
        assert self.machine.state is self.state
        trailing = self.machine.trailing_data
        match self.state:
            case S.READING_HEAD:  # empty lines are taken off when it likes to
                assert trailing.lstrip(b"\r\n") == self.unread.lstrip(b"\r\n")
            case S.CLOSED:
                assert self.unread.endswith(trailing)
            case _:
                assert trailing == self.unread
        if self.state in OVER:
            self.check_that_it_is_over()
            self.connect()

    def check_that_it_is_over(self) -> None:
        """There is one event from now on, nothing is sent, and nothing that arrives counts."""
        machine, ended = self.machine, self.view()
        is_switched = self.state is S.SWITCHED
        for _ in range(2):
            assert machine.next_event() == (PAUSED if is_switched else self.closed)
            for decision in (self.waiting, Reject(401), Continue100(), self.machine.refuse(503)):
                if decision is not None:
                    self.refused(partial(machine.send, decision))
            if is_switched or self.at_end:
                self.refused(lambda: machine.receive_data(handshake()))
            else:
                machine.receive_data(handshake())
            if not is_switched:
                machine.receive_data(b"")
                self.at_end = True
        assert self.view() == ended
        assert not self.moves.take()


class ParsedConnection(Connection):
    """The same to a HeadNegotiator, whose parser reads bodies or stops after heads in turn."""

    stops = False
    machine: Parsed

    def make(self) -> Parsed:
        self.stops = not self.stops
        return Parsed(POLICIES[self.policy], self.limits, stops=self.stops)

    def overflows(self) -> bool:
        # No more is read while a refusal waits.
        return self.state is S.DECIDED and self.machine.accepts and super().overflows()

    def decides(self, event: Event, kind: type[object] | object) -> None:
        super().decides(event, kind)
        # What follows an acceptance is given at once, unless that was done before its body ended.
        read = self.at is not None and self.at.kind is Kind.READS and bool(self.at.body)
        self.overflowed = not (read and self.machine.stopped) and self.overflows()

    def expect_of_fault(self, event: Event, *, passes: bool) -> None:
        super().expect_of_fault(event, passes=False)  # the parser cannot read it

    def expect_close(self, event: Event, *, is_clean: bool) -> None:
        if self.state is S.READING_HEAD:  # the parser knows whether a head has begun
            assert isinstance(event, ConnectionClosed)
            is_clean = not event.findings
        super().expect_close(event, is_clean=is_clean)

    def expect_forward(self, event: Event) -> None:
        super().expect_forward(event)
        # The machine sees nothing of what its caller hands over.
        self.answered = self.answered and self.machine.stopped


def test_a_server_follows_the_model() -> None:
    run_state_machine_as_test(Connection)


def test_a_server_of_parsed_heads_follows_the_model() -> None:
    run_state_machine_as_test(ParsedConnection)
