"""A model of a client's connection, walked at random: the client's machine follows it.

The server's responses are known, octet by octet, so the model says what has to come next without
reading any of them. Held to: each octet is accounted for once, there is one final response and
nothing after the end, a switch is one that was verified, and each move is a row of the table.
"""

from copy import deepcopy
from enum import Enum, auto
from typing import Final, NamedTuple

import pytest
from client_wire import FRAME, KEY, response, switch
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
from hypothesis.strategies import SearchStrategy
from model_requests import BROKEN_CHUNKS, content_of
from recorded_moves import record_client

from httpupgrade import (
    NEED_DATA,
    PAUSED,
    ClientEvent,
    ClientNegotiator,
    ClientState,
    ConnectionClosed,
    Content,
    Interim,
    Limits,
    LocalProtocolError,
    OrdinaryResponse,
    RemoteProtocolError,
    Switched,
    UpgradeRequired,
    WebSocket,
)
from httpupgrade.testing.strategies import chunked_bodies, websocket_switches

S: Final = ClientState
OVER: Final = (S.SWITCHED, S.CLOSED)
IN_BODY: Final = (S.READING_BODY, S.HANDING_ON, S.DONE)
ENDLESS: Final = 1 << 30
CONTENTS: Final = (b"", b"hello", switch(), b"HTTP/1.1 200 OK\r\n\r\n")
LIMITS: Final = (Limits(), Limits(max_response_body=6))


class Kind(Enum):
    """What a response is."""

    INTERIM = auto()
    SWITCH = auto()
    WRONG = auto()
    """No response, or a 101 that does not answer the request."""
    REQUIRED = auto()
    ORDINARY = auto()


class Answer(NamedTuple):
    """One response of a server, octet by octet."""

    kind: Kind
    head: bytes
    content: bytes = b""
    body: bytes = b""
    good: int | None = None
    """How many octets of the body can be read; None for all of them."""

    @property
    def until_close(self) -> bool:
        """Whether the end of the connection is that of the body (RFC 9112 6.3, item 8)."""
        framed = (b"\r\nContent-Length:", b"\r\nTransfer-Encoding:", b" 204 ")
        return not any(each in self.head for each in framed)

    @property
    def is_last(self) -> bool:
        return self.until_close or b"\r\nConnection: close\r\n" in self.head

    @property
    def size(self) -> int:
        """Where the body ends."""
        return ENDLESS if self.good is not None or self.until_close else len(self.body)


@st.composite
def finals(draw: st.DrawFn) -> Answer:
    """A 426 or another final response, in each framing; a chunked body may be broken."""
    kind = draw(st.sampled_from((Kind.REQUIRED, Kind.ORDINARY)))
    lines = [b"Upgrade: websocket", b"Connection: Upgrade"] if kind is Kind.REQUIRED else []
    status = b"426 Upgrade Required" if lines else b"200 OK"
    lines += draw(st.sampled_from(([], [b"Connection: close"])))
    content, good = (
        draw(st.sampled_from(CONTENTS)),
        None,
    )
    body = content
    match draw(st.sampled_from(("sized", "chunked", "broken", "until close", "none"))):
        case "sized":
            lines.append(b"Content-Length: %d" % len(body))
        case "chunked":
            lines.append(b"Transfer-Encoding: chunked")
            body = draw(chunked_bodies())
            content = content_of(body)
        case "broken":
            lines.append(b"Transfer-Encoding: chunked")
            content, most, bad = draw(st.sampled_from(BROKEN_CHUNKS))
            body, good = most + bad, len(most)
        case "none" if kind is Kind.ORDINARY:
            status, content, body = b"204 No Content", b"", b""
        case _:
            pass
    return Answer(kind, response(*lines, status=status), content, body, good)


_OTHERS: Final = (
    Answer(Kind.INTERIM, response(status=b"103 Early Hints")),
    Answer(Kind.INTERIM, response(status=b"100 Continue")),
    Answer(Kind.SWITCH, switch(), body=FRAME),
    Answer(Kind.WRONG, switch(b"Sec-WebSocket-Accept: x")),
    Answer(Kind.WRONG, switch(without=b"Upgrade")),
    Answer(Kind.WRONG, response(b"Content-Length: 1, 2")),
    Answer(Kind.WRONG, b"SSH-2.0-a\r\n\r\n"),
)


def _switched(octets: bytes) -> Answer:
    head, end, body = octets.partition(b"\r\n\r\n")
    return Answer(Kind.SWITCH, head + end, body=body)


def answers() -> SearchStrategy[Answer]:
    """Responses, most of them right."""
    right = websocket_switches(key=KEY).map(_switched)
    return finals() | finals() | st.sampled_from(_OTHERS[:2]) | right | st.sampled_from(_OTHERS)


class Exchange(RuleBasedStateMachine):
    """One request at a time, each on a connection of its own, and what comes of it."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.moves = record_client(self.patch)
        self.steps = 0

    @property
    def is_time(self) -> bool:
        """Now and then: for what ends a connection, which would never get far otherwise."""
        return self.steps % 12 == 0

    @initialize(tight=st.booleans())
    def begin(self, tight: bool) -> None:
        self.limits = LIMITS[tight]
        self.connect()

    def connect(self) -> None:
        self.machine = ClientNegotiator(WebSocket(), host=b"a", key=KEY, limits=self.limits)
        self.moves.take()
        self.state = S.READY
        self.queue: list[Answer] = []
        self.at: Answer | None = None
        self.left = self.good = 0
        self.heard = b""  # content of the body at hand
        self.wire = b""  # octets of it that were taken
        self.unsent = self.unread = b""
        self.at_end = False
        self.error: RemoteProtocolError | None = None
        self.closed: ConnectionClosed | None = None

    def teardown(self) -> None:
        self.patch.undo()

    # The server.

    @precondition(
        lambda self: len(self.unsent) < 500 and (self.state is not S.READY or self.is_time)
    )
    @rule(answer=answers(), kept=st.sampled_from((0, 0, 1, 9, 60)), asks=st.integers(0, 2))
    def server_answers(self, answer: Answer, kept: int, asks: int) -> None:
        self.queue.append(answer)
        self.unsent += answer.head + answer.body
        self.octets_arrive(max(len(self.unsent) - kept, 1))
        self.caller_asks(asks)

    @precondition(lambda self: self.unsent)
    @rule(size=st.sampled_from((1, 2, 7, 40, 1000)))
    def octets_arrive(self, size: int) -> None:
        piece = self.unsent[:size]
        if self.at_end:
            self.refused(piece)
        else:
            self.machine.receive_data(piece)
            self.unread += piece
            self.unsent = self.unsent[size:]

    @precondition(lambda self: self.is_time or (self.state in IN_BODY and self.steps % 3 == 0))
    @rule()
    def server_ends(self) -> None:
        self.machine.receive_data(b"")
        self.at_end = True

    # The caller.

    @precondition(lambda self: self.state is S.READY or self.is_time)
    @rule()
    def caller_sends_the_request(self) -> None:
        before = self.machine.state
        if self.state is S.READY:
            assert self.machine.send_request().startswith(b"GET / HTTP/1.1\r\nHost: a\r\n")
            self.state = S.READING_HEAD
            self.check_moves(before)
            return
        with pytest.raises(LocalProtocolError):
            self.machine.send_request()

    @precondition(lambda self: self.steps % 5 == 0)
    @rule()
    def caller_goes_on_with_a_copy(self) -> None:
        self.machine = deepcopy(self.machine)

    @rule(times=st.integers(1, 3))
    def caller_asks(self, times: int) -> None:
        for _ in range(times):
            if self.state in OVER:
                return
            before = self.machine.state
            event: ClientEvent | RemoteProtocolError
            try:
                event = self.machine.next_event()
            except RemoteProtocolError as error:
                event = error
            note(f"{event!r:.100}")
            self.expect(event)
            self.check_moves(before)

    def expect(self, event: ClientEvent | RemoteProtocolError) -> None:
        match self.state:
            case S.READING_HEAD:
                self.expect_of_head(event)
            case S.READING_BODY:
                self.expect_requirement(event)
            case S.HANDING_ON:
                self.expect_content(event)
            case _ if self.unread:  # of no request
                self.fails(event)
            case state if not self.at_end:
                assert event is (PAUSED if state is S.DONE else NEED_DATA)
            case _:
                self.closes(event, is_clean=True)

    def expect_of_head(self, event: ClientEvent | RemoteProtocolError) -> None:
        first = self.queue[0] if self.queue else None
        if first is None or len(self.unread) < len(first.head):
            if first is not None and first.kind is Kind.WRONG and isinstance(event, Exception):
                self.fails(event)
                return
            self.needs_more(event)
            return
        answer = self.at = self.queue.pop(0)
        if answer.kind is Kind.WRONG:
            self.fails(event)
            return
        self.unread = self.unread[len(answer.head) :]
        self.left, self.heard, self.wire = answer.size, b"", b""
        self.good = answer.size if answer.good is None else answer.good
        match answer.kind:
            case Kind.INTERIM:
                assert isinstance(event, Interim)
                assert event.head.raw == answer.head
            case Kind.SWITCH:
                assert isinstance(event, Switched)
                assert event.head.raw == answer.head
                self.state = S.SWITCHED
            case Kind.ORDINARY:
                assert isinstance(event, OrdinaryResponse)
                assert event.head.raw == answer.head
                assert event.close is answer.is_last
                self.state = S.HANDING_ON
            case _:
                self.state = S.READING_BODY
                self.expect_requirement(event)

    def expect_requirement(self, event: ClientEvent | RemoteProtocolError) -> None:
        assert self.at is not None
        if event is NEED_DATA:
            self.follow_body()
            most = self.limits.max_response_body
            assert not self.at_end
            assert len(self.unread) < self.left
            assert self.good >= 0
            assert len(self.at.content) <= most or self.good
            return
        assert isinstance(event, UpgradeRequired)
        assert event.head.raw == self.at.head
        content = self.at.content
        broken = bool({each.code for each in event.findings} & BODY_FAULTS)
        is_whole = self.at.size <= len(self.unread) + (self.at.size - self.left)
        if self.at.until_close:
            content = self.wire + self.unread
            assert self.at_end or broken
        if not broken:
            assert event.body == content
            assert is_whole or self.at.until_close
            assert len(content) <= self.limits.max_response_body
            self.unread = b"" if self.at.until_close else self.unread[self.left :]
        else:
            assert content.startswith(event.body)
            too_long = len(event.body) == self.limits.max_response_body
            assert too_long or self.at_end or self.at.good is not None
        self.ends_body(broken=broken)
        assert event.close is (self.state is S.CLOSED)

    def expect_content(self, event: ClientEvent | RemoteProtocolError) -> None:
        assert self.at is not None
        match event:
            case Content(data, end):
                assert data or end
                self.follow_body()
                self.heard += data
                if self.at.until_close:
                    assert end is (self.at_end and not data)
                else:
                    assert self.at.content.startswith(self.heard)
                    assert end is (self.left == 0)
                if end:
                    assert self.at.until_close or self.heard == self.at.content
                    self.ends_body(broken=False)
            case RemoteProtocolError():
                assert self.at.good is not None
                self.fails(event)
            case _:
                self.follow_body()
                assert len(self.unread) < self.left
                assert self.good >= 0 or self.at.until_close
                self.needs_more(event)

    def follow_body(self) -> None:
        """What the machine has taken is of the body, and before what cannot be read."""
        rest = self.machine.trailing_data
        if self.at is not None and self.at.is_last and self.machine.state is S.CLOSED:
            rest = self.unread[self.left :]  # nothing there answers anything
        assert self.unread.endswith(rest)
        taken = len(self.unread) - len(rest)
        assert taken <= self.left
        self.wire += self.unread[:taken]
        self.left -= taken
        self.good -= taken
        self.unread = rest

    def ends_body(self, *, broken: bool) -> None:
        assert self.at is not None
        self.state = S.CLOSED if broken or self.at.is_last else S.DONE
        if self.state is S.CLOSED:
            self.closed, self.unread = ConnectionClosed(), b""

    def needs_more(self, event: ClientEvent | RemoteProtocolError) -> None:
        if self.at_end:
            self.closes(event, is_clean=False)
        else:
            assert event is NEED_DATA

    def closes(self, event: ClientEvent | RemoteProtocolError, *, is_clean: bool) -> None:
        assert isinstance(event, ConnectionClosed)
        assert bool(event.findings) is not is_clean
        self.closed, self.state = event, S.CLOSED

    def fails(self, event: ClientEvent | RemoteProtocolError) -> None:
        assert isinstance(event, RemoteProtocolError)
        self.error, self.state, self.unread = event, S.CLOSED, b""

    def refused(self, octets: bytes) -> None:
        before = self.view()
        with pytest.raises(LocalProtocolError):
            self.machine.receive_data(octets)
        assert self.view() == before

    # What holds at all times.

    def view(self) -> tuple[ClientState, bytes]:
        return self.machine.state, self.machine.trailing_data

    def check_moves(self, before: ClientState) -> None:
        for state, cause in self.moves.take():
            assert state is before
            before = self.moves.table[state, cause]
        assert before is self.machine.state

    @invariant()
    def the_machine_is_where_the_model_is(self) -> None:
        self.steps += 1
        assert self.machine.state is self.state
        if self.state is S.CLOSED:
            assert self.unread.endswith(self.machine.trailing_data)
        else:
            assert self.machine.trailing_data == self.unread
        if self.state in OVER:
            self.check_that_it_is_over()
            self.connect()

    def check_that_it_is_over(self) -> None:
        """There is one event, or one error, from now on, and nothing that arrives counts."""
        machine, ended = self.machine, self.view()
        for _ in range(2):
            if self.error is not None:
                with pytest.raises(RemoteProtocolError) as raised:
                    machine.next_event()
                assert raised.value.findings == self.error.findings
            else:
                expected = PAUSED if self.state is S.SWITCHED else self.closed
                assert machine.next_event() == expected
            with pytest.raises(LocalProtocolError):
                machine.send_request()
            if self.state is S.SWITCHED or self.at_end:
                self.refused(switch())
            else:
                machine.receive_data(switch())
                machine.receive_data(b"")
                self.at_end = True
        assert self.view() == ended
        assert not self.moves.take()


BODY_FAULTS: Final = {"chunk-malformed", "body-incomplete", "response-body-too-large"}


def test_a_client_follows_the_model() -> None:
    run_state_machine_as_test(Exchange)
