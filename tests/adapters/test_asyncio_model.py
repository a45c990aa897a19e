"""A model of a connection of the asyncio adapter, walked at random over a transport in memory.

Data in any pieces, end of file, pause and resume on both sides, loss, every outcome of a review and
every deadline, in any order. Held to: nothing is answered twice or out of order, nothing is lost or
given to two, each change of the owner is in the table, and no timer and no task is left.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import pytest
from asyncio_model_parts import KINDS, POLICIES, REVIEWED, Asked, Served, Successor, ask
from asyncio_stage import statuses
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
from memory_connection import JumpingLoop, MemoryConnection

from httpupgrade import Accept101, Limits, Policy, Reject, RequestInfo
from httpupgrade.adapters._asyncio import reading
from httpupgrade.adapters._asyncio.deadlines import _CLOCKS
from httpupgrade.adapters.asyncio import TRANSITIONS, Owner, UpgradeProtocol

HEAD_TIMEOUT: Final = 10.0
REVIEW_TIMEOUT: Final = 30.0
LONG: Final = 500.0
MOST_HELD: Final = 100


class Noting(UpgradeProtocol):
    """Holds each change of the owner to the table."""

    was = Owner.NEGOTIATOR

    def owner_changed(self, owner: Owner) -> None:
        assert owner in TRANSITIONS[self.was]
        self.was = owner


class Connection(RuleBasedStateMachine):
    """One connection at a time, its client, its servers, its reviews and its clock."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=JumpingLoop)
        self.told: list[str] = []
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(reading, "MOST_HELD", MOST_HELD)  # so that it is reached

    @initialize(
        reviews=st.sampled_from((True, True, False)),
        listens=st.booleans(),
        hooks=st.booleans(),
        narrow=st.booleans(),
    )
    def begin(self, reviews: bool, listens: bool, hooks: bool, narrow: bool) -> None:
        self.count, self.steps = 0, 0
        # Where each answer fills the transport, what goes on when it is empty hides what does not.
        self.room = (10, 20) if narrow else (1 << 15, 1 << 16)
        self.reviews, self.listens, self.hooks = reviews, listens, hooks
        self.runner.get_loop().set_exception_handler(
            lambda _, context: self.told.append(f"{context['message']} {context.get('exception')}")
        )
        self.connect()

    def connect(self) -> None:
        self.asked: list[Asked] = []  # in order; what the client has begun to send
        self.unsent = b""
        self.sent = b""
        self.seen: list[bytes] = []  # paths that the policy was asked about
        self.decided: list[object] = []
        self.served: list[Served] = []
        self.successors: list[Successor] = []
        self.review: asyncio.Future[Any] | None = None
        self.reviewed: list[Accept101] = []
        self.ends = self.stalls = self.reset = self.starved = False
        self.failures = 0
        self.settle(self.make)

    def make(self) -> None:
        made: type[UpgradeProtocol] = Noting if self.hooks else UpgradeProtocol
        self.protocol = made(
            self.policy,
            self.switch,
            self.serve,
            review=self.hold if self.reviews else None,
            limits=Limits(max_early_data=60),
            head_timeout=HEAD_TIMEOUT,
            review_timeout=REVIEW_TIMEOUT,
            on_decision=(lambda decision, _: self.decided.append(decision))
            if self.listens
            else None,
        )
        self.connection = MemoryConnection(self.protocol, room=0, reads=False)
        self.connection._limits = self.room

    # What the adapter calls.

    def policy(self, info: RequestInfo) -> Policy | None:
        self.seen.append(info.head.target)
        kind = info.head.target.split(b"/")[1]
        if kind == b"raises":
            self.failures += 1
            raise ZeroDivisionError
        return POLICIES.get(kind)

    def switch(self, accept: Accept101) -> Successor:
        self.successors.append(Successor())
        return self.successors[-1]

    def serve(self) -> Served:
        self.served.append(Served())
        return self.served[-1]

    async def hold(self, accept: Accept101, info: RequestInfo) -> Any:
        self.reviewed.append(accept)
        self.review = future = asyncio.get_running_loop().create_future()
        try:
            return await future
        finally:
            if self.review is future:
                self.review = None

    # Time.

    def settle(self, step: Callable[[], object], seconds: float = 0.0) -> None:
        """Do something, and what follows from it at once, or within some time."""

        async def work() -> None:
            step()
            for _ in range(12):
                await asyncio.sleep(0)
            for _ in range(int(seconds * 2)):
                await asyncio.sleep(0.5)
                if not self.stalls:
                    self.connection.read(1 << 20)

        self.runner.run(work())

    @rule(seconds=st.sampled_from((0.5, 3.0, 9.0, 12.0, 31.0)))
    def time_passes(self, seconds: float) -> None:
        self.starved = self.starved or self.stalls
        partial = self.is_partial()
        self.settle(lambda: None, seconds)
        if partial and seconds > HEAD_TIMEOUT + 0.5:
            assert self.protocol.owner is Owner.NOBODY, "a request is awaited for ever"

    def is_partial(self) -> bool:
        """Whether the client owes the rest of a head, and nobody else owes anything."""
        whole = sum(len(each.octets) for each in self.asked[:-1])
        if self.unsent or not self.asked:
            whole += len(self.asked[-1].octets) if self.asked and not self.unsent else 0
        else:
            whole = len(self.sent)
        return (
            len(self.sent) > whole
            and self.protocol.owner is Owner.NEGOTIATOR
            and not self.stalls
            and not self.is_due()
            and not (self.served and self.served[0].paused)
            and len(self.seen) == len(self.asked) - 1
        )

    # The client.

    @precondition(lambda self: not self.ends and not self.reset)
    @rule(kind=st.sampled_from(KINDS), kept=st.sampled_from((0, 0, 0, 1, 30)))
    def client_asks(self, kind: str, kept: int) -> None:
        request = ask(kind, self.count)
        self.count += 1
        if self.unsent:
            self.send(self.unsent)
        self.asked.append(request)
        self.unsent = request.octets
        self.send(self.unsent[: len(self.unsent) - kept])

    @precondition(lambda self: self.unsent and not self.ends and not self.reset)
    @rule(size=st.sampled_from((1, 5, 100)))
    def client_sends_more(self, size: int) -> None:
        self.send(self.unsent[:size])

    @precondition(
        lambda self: (
            self.reviews
            and self.protocol.owner is Owner.NEGOTIATOR
            and not (self.unsent or self.ends or self.reset or self.stalls or self.served)
        )
    )
    @rule(kind=st.sampled_from(REVIEWED))
    def a_review_begins(self, kind: str) -> None:
        self.client_asks(kind, 0)
        assert self.review is not None

    def send(self, octets: bytes) -> None:
        self.unsent = self.unsent[len(octets) :]
        self.sent += octets
        self.settle(lambda: self.connection.send(octets))

    @precondition(lambda self: (self.review or self.steps % 6 == 0) and not self.ends)
    @rule()
    def client_ends(self) -> None:
        self.ends = True
        self.settle(self.connection.end)

    @precondition(lambda self: self.steps % (4 if self.review else 12) == 0)
    @rule()
    def connection_breaks(self) -> None:
        self.reset = True
        self.settle(self.connection.reset)
        self.check_that_nothing_is_left()
        self.connect()

    @rule()
    def client_stops_or_goes_on_reading(self) -> None:
        self.stalls = not self.stalls

    # The servers.

    @precondition(lambda self: self.is_due())
    @rule(whole=st.booleans())
    def ordinary_answers(self, whole: bool) -> None:
        server = self.served[0]
        request = self.passed()[server.answered]
        body = request.path
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
        if request.path.startswith(b"/own"):
            head, body = b"HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", b""
        written = body if server.begun else head + body
        if not whole and not server.begun and body:
            server.begun = True
            self.settle(lambda: server.transport.write(head))
            return
        server.begun, server.answered = False, server.answered + 1
        self.settle(lambda: server.transport.write(written))

    @precondition(lambda self: self.served and not self.served[0].lost)
    @rule()
    def ordinary_pauses_or_resumes(self) -> None:
        server = self.served[0]
        server.paused = not server.paused
        transport = server.transport
        self.settle(transport.pause_reading if server.paused else transport.resume_reading)

    @precondition(lambda self: self.review is not None)
    @rule(outcome=st.sampled_from(("accept", "refuse", "close", "raise", "cancel", "nothing")))
    def review_ends(self, outcome: str) -> None:
        review = self.review
        assert review is not None
        match outcome:
            case "accept":
                self.settle(lambda: review.set_result(self.reviewed[-1]))
            case "refuse" | "close":
                answer = Reject(401 if outcome == "refuse" else 403, close=outcome == "close")
                self.settle(lambda: review.set_result(answer))
            case "raise":
                self.failures += 1
                self.settle(lambda: review.set_exception(ZeroDivisionError()))
            case "cancel":
                self.failures += 1
                self.settle(review.cancel)
            case _:
                self.failures += 1
                self.settle(lambda: review.set_result(None))

    def passed(self) -> list[Asked]:
        """The requests that are the ordinary server's, as far as they have begun to arrive."""
        return [each for each in self.asked if each.statuses[0] == 200 or b"/own" in each.path]

    def is_due(self) -> bool:
        """Whether the ordinary server has a whole request that it has not answered."""
        if not self.served or self.served[0].lost:
            return False
        server = self.served[0]
        octets = b"".join(each.octets for each in self.passed()[: server.answered + 1])
        return server.answered < len(self.passed()) and server.got.startswith(octets)

    # What holds at all times.

    @invariant()
    def nothing_is_lost_or_given_twice(self) -> None:
        self.steps += 1
        while not self.stalls:  # each answer that is read may be followed by another
            self.settle(lambda: self.connection.read(1 << 20))
            if not self.connection.get_write_buffer_size() or self.connection.lost:
                break
        protocol, paths = self.protocol, [each.path for each in self.asked]
        # Each request is judged once, in order.
        assert self.seen == paths[: len(self.seen)]
        assert len(self.served) <= 1
        assert len(self.successors) <= 1
        for server in self.served:
            self.check_served(server)
        for successor in self.successors:
            assert self.sent.endswith(successor.got)
            assert successor.made == 1
            assert successor.ended == self.ends
            if protocol.owner is Owner.SUCCESSOR:
                place = self.sent.index(self.asked[len(self.seen) - 1].octets)
                after = place + len(self.asked[len(self.seen) - 1].octets)
                assert successor.got == self.sent[after:]
        self.check_owner()
        self.check_progress()
        self.check_answers()
        if self.connection.lost:
            self.check_that_nothing_is_left()
            self.connect()

    def check_served(self, server: Served) -> None:
        assert server.ended <= self.ends
        if not (self.stalls or server.lost):
            assert not server.holds_up, "it waits for nothing"
        if self.protocol.owner is Owner.TUNNEL or b"/own" in b"".join(
            each.path for each in self.passed()[: server.answered]
        ):
            return  # it has everything that follows
        expected = b"".join(each.octets for each in self.passed())
        assert expected.startswith(server.got)
        # It has one request at a time.
        most = b"".join(each.octets for each in self.passed()[: server.answered + 1])
        assert most.startswith(server.got)

    def check_owner(self) -> None:
        """Whoever has the connection has something to do with it."""
        assert (self.protocol.owner is Owner.REVIEW) is (self.review is not None)
        assert (self.protocol.owner is Owner.SUCCESSOR) is bool(self.successors)
        assert not (self.successors and self.protocol._deadline.runs)
        if self.protocol.owner is Owner.ORDINARY:
            judged = {each.path for each in self.asked[: len(self.seen)]}
            passed = sum(each.path in judged for each in self.passed())
            assert self.served[0].answered < passed, "it has answered, and has it still"

    def check_progress(self) -> None:
        """Whatever can be judged has been judged."""
        if self.protocol.owner is not Owner.NEGOTIATOR or self.connection.is_closing():
            return
        server = self.served[0] if self.served else None
        if self.stalls or (server is not None and (server.paused or self.is_due())):
            return
        whole = len(self.asked) - bool(self.unsent)
        assert len(self.seen) >= whole, "a request waits for nothing"
        assert not self.ends, "nobody was told of the end"

    def check_answers(self) -> None:
        answer = self.connection.answer
        found = statuses(answer.partition(b"HTTP/1.1 101 ")[0])
        found += [101] * (b"HTTP/1.1 101 " in answer)
        note(f"{found} {self.protocol.owner.name}")
        for status, request in zip(found, self.asked, strict=False):
            closing = (408,)
            assert status in request.statuses + closing, (status, request.path)
        assert len(found) <= len(self.seen) + 1
        if len(found) > len(self.seen):
            assert found[-1] == 408
        if self.listens:
            assert len(self.decided) <= len(self.seen) + 1

    def check_that_nothing_is_left(self) -> None:
        protocol = self.protocol
        assert protocol.owner in (Owner.NOBODY, Owner.SUCCESSOR)
        assert not protocol._deadline.runs
        assert protocol._reviewing is None
        assert not protocol._input.held
        assert all(each.lost == 1 for each in self.served)
        assert all(each.lost == 1 for each in self.successors)

        async def tasks() -> int:
            return len(asyncio.all_tasks())

        assert self.runner.run(tasks()) == 1, "a review goes on"
        assert len(self.told) == self.failures, self.told
        self.told.clear()
        if not (self.reset or self.starved or self.successors):
            self.settle(lambda: self.connection.read(1 << 20))
            found = len(statuses(self.connection.answer.partition(b"HTTP/1.1 101 ")[0]))
            found += b"HTTP/1.1 101 " in self.connection.answer
            assert found >= len(self.seen) - self.is_unanswered(), "an answer was lost"

    def is_unanswered(self) -> bool:
        """Whether the ordinary server, or nobody, has had the last request."""
        passed = self.passed()
        server = self.served[0] if self.served else None
        return server is not None and server.answered < len(passed)

    def teardown(self) -> None:
        if hasattr(self, "connection"):
            self.end_all()
        self.runner.close()
        self.patch.undo()

    def end_all(self) -> None:
        """The client leaves, and in the end no timer is left."""
        self.reset = True
        self.settle(self.connection.reset)
        self.check_that_nothing_is_left()
        self.settle(lambda: None, LONG)
        loop = self.runner.get_loop()
        assert not _CLOCKS.get(loop)
        timers = [each for each in loop._scheduled if not each.cancelled()]  # type: ignore[attr-defined]
        assert not timers


def test_connections_follow_the_model() -> None:
    run_state_machine_as_test(Connection)
