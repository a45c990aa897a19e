"""The adapter on connections in memory: hostile input, every cut and every loss, and its hooks.

Rules for this module: no sockets, and no waiting; time is the loop's own.
"""

import asyncio
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any, Final, NoReturn, cast

import pytest
from asyncio_stage import (
    LAST,
    POST,
    REQUIRED,
    TCP,
    Later,
    Ordinary,
    Upgraded,
    policy_for,
    statuses,
    without_date,
)
from memory_connection import MemoryConnection, run_in_memory
from wire import FRAME, asks_for, handshake, plain, read_responses

from httpupgrade import (
    Accept101,
    Decision,
    DecisionInfo,
    Limits,
    Policy,
    Refusal,
    Reject,
    RequestInfo,
    WebSocket,
    finding,
)
from httpupgrade.adapters import _finding_codes as codes
from httpupgrade.adapters.asyncio import MOST_HELD, TRANSITIONS, Owner, UpgradeProtocol

GET: Final = plain(line=b"GET / HTTP/1.1")
OPTIONAL: Final = Policy(WebSocket(["chat"]))


def boom(*_: object) -> NoReturn:
    raise ZeroDivisionError("boom")


class Noting(UpgradeProtocol):
    """Notes what its hooks are told."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.owners: list[Owner] = []
        self.idle: list[bool] = []
        self.served: list[asyncio.BaseProtocol] = []
        super().__init__(*arguments, **options)

    def owner_changed(self, owner: Owner) -> None:
        assert owner is self.owner
        self.owners.append(owner)

    def idle_changed(self, idle: bool) -> None:
        self.idle.append(idle)

    def handed_over(self, protocol: asyncio.BaseProtocol) -> None:
        self.served.append(protocol)


def protocol_of(
    ordinary: Callable[[], asyncio.Protocol] = Ordinary,
    *,
    policy: Any = policy_for,
    switch: Callable[[Accept101], asyncio.BaseProtocol] = Upgraded,
    **options: Any,
) -> Noting:
    return Noting(policy, switch, ordinary, **options)


async def answer_to(protocol: asyncio.Protocol, *pieces: bytes, end: bool = True) -> bytes:
    connection = MemoryConnection(protocol)
    connection.send(*pieces)
    if end:
        connection.end()
    return await connection.closed()


def ask(*pieces: bytes, end: bool = True, expect: list[str] | None = None, **options: Any) -> bytes:
    """All that a server answers to these octets."""
    return run_in_memory(
        lambda: answer_to(protocol_of(**options), *pieces, end=end), expect=expect or ()
    )


# --- Hostile input --------------------------------------------------------------------------------

SLOW: Final = {
    "a head": (handshake(), [408]),
    "a second head": (REQUIRED + handshake(), [426, 408]),
    "a head after a message": (GET + handshake(), [200, 408]),
    "a body that a switch needs": (
        asks_for(b"tcp", b"Content-Length: 60", line=b"POST /tcp HTTP/1.1", body=b"a" * 60),
        [408],
    ),
    "a body that is refused": (
        plain(b"Content-Length: 60", line=b"POST /chat HTTP/1.1", body=b"a" * 60),
        [426],
    ),
}


@pytest.mark.parametrize(("octets", "expected"), SLOW.values(), ids=SLOW)
def test_one_octet_a_second_ends_with_the_deadline(octets: bytes, expected: list[int]) -> None:
    begun = len(octets) - 60

    async def talk() -> tuple[bytes, float]:
        connection = MemoryConnection(protocol_of(head_timeout=10.0))
        connection.send(octets[:begun])
        for octet in octets[begun:]:
            connection.send(bytes((octet,)))
            await asyncio.sleep(1)
        return await connection.closed(), asyncio.get_running_loop().time()

    answer, seconds = run_in_memory(talk)
    assert statuses(answer) == expected
    assert seconds >= 60


def test_ten_megabytes_of_head_are_refused_early_and_not_held() -> None:
    async def talk() -> bytes:
        protocol = protocol_of()
        connection = MemoryConnection(protocol)
        connection.send(handshake()[:-2] + b"X: ")
        for _ in range(160):
            connection.send(b"a" * 65536)
            assert protocol.unjudged <= 2 * 65536
        connection.end()
        return await connection.closed()

    assert statuses(run_in_memory(talk)) == [431]


PIPELINE: Final = POST * 31 + handshake() + POST * 32


@pytest.mark.parametrize("size", [1, 7, 1000, len(PIPELINE)])
@pytest.mark.parametrize("ordinary", [Ordinary, Later])
def test_64_requests_with_the_upgrade_in_their_middle_in_pieces(
    ordinary: type[Ordinary], size: int
) -> None:
    pieces = [PIPELINE[at : at + size] for at in range(0, len(PIPELINE), size)]
    answer = ask(*pieces, ordinary=ordinary)
    assert statuses(answer) == [200] * 31 + [101]
    assert answer.endswith(b"<>" + POST * 32 + b"<end>")


CONVERSATION: Final = REQUIRED + GET + POST + GET + handshake() + FRAME


@pytest.mark.parametrize("ordinary", [Ordinary, Later])
def test_every_cut_of_a_conversation_gives_the_same(ordinary: type[Ordinary]) -> None:
    async def talk() -> set[bytes]:
        answers = set()
        for cut in range(len(CONVERSATION) + 1):
            protocol = protocol_of(ordinary)
            octets = await answer_to(protocol, CONVERSATION[:cut], CONVERSATION[cut:])
            answers.add(without_date(octets))
        return answers

    (answer,) = run_in_memory(talk)
    assert statuses(answer) == [426, 200, 200, 200, 101]
    assert answer.endswith(b"<>" + FRAME + b"<end>")


@pytest.mark.parametrize("ordinary", [Ordinary, Later])
def test_a_reset_after_every_octet_takes_nothing_with_it(ordinary: type[Ordinary]) -> None:
    made: list[Ordinary] = []

    def make() -> Ordinary:
        made.append(ordinary())
        return made[-1]

    async def review(accept: Accept101, info: RequestInfo) -> Accept101:
        await asyncio.sleep(0.01)
        return accept

    async def talk() -> None:
        for size in range(len(CONVERSATION) + 1):
            for reviews in (None, review):
                protocol = protocol_of(make, review=reviews)
                connection = MemoryConnection(protocol)
                connection.send(CONVERSATION[:size])
                await asyncio.sleep(0.1 * (size % 2))
                connection.reset()
                assert protocol.owner in (Owner.NOBODY, Owner.SUCCESSOR)
        await asyncio.sleep(30)

    run_in_memory(talk)
    assert all(len(each.lost) == 1 for each in made)


LARGE: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + b"a" * 2_000_000


class Large(Ordinary):
    """Answers with two million octets."""

    def answer(self, octets: bytes) -> None:
        super().answer(octets.replace(octets, LARGE) if octets else octets)


CONNECT: Final = b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"


@pytest.mark.parametrize("ordinary", [Ordinary, Later])
@pytest.mark.parametrize("pieces", [[CONNECT + REQUIRED], [CONNECT, REQUIRED]])
def test_what_follows_a_connect_that_is_refused_is_no_request(
    ordinary: type[Ordinary], pieces: list[bytes]
) -> None:
    assert statuses(ask(*pieces, end=False, ordinary=ordinary)) == [501]


def test_a_message_that_breaks_when_it_was_answered_in_part_draws_no_second_answer() -> None:
    begun = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel"

    class Eager(Ordinary):
        def data_received(self, data: bytes) -> None:
            self.transport.write(begun)

    head = plain(b"Transfer-Encoding: chunked", line=b"POST / HTTP/1.1")
    assert ask(head, b"no chunk\r\n", end=False, ordinary=Eager) == begun


def test_slow_readers_get_everything() -> None:
    async def talk() -> bytes:
        protocol = protocol_of(Large, head_timeout=1.0)
        connection = MemoryConnection(protocol, reads=False)
        connection.send(GET * 3 + REQUIRED + handshake(without=b"Sec-WebSocket-Key"))
        while not connection.lost:
            connection.read(10_000)  # more seconds than deadlines
            await asyncio.sleep(0.5)
        connection.read(10_000_000)
        return connection.answer

    answer = without_date(run_in_memory(talk))
    assert answer.startswith(LARGE * 3)
    assert statuses(answer.removeprefix(LARGE * 3)) == [426, 400]


def test_what_is_held_while_an_answer_is_due_has_a_bound() -> None:
    async def talk() -> int:
        protocol = protocol_of(Later)
        connection = MemoryConnection(protocol)
        most = 0
        for _ in range(400):
            connection.send(GET * 20)
            most = max(most, protocol.unjudged)
        connection.reset()
        return most

    assert MOST_HELD < run_in_memory(talk) <= 2 * MOST_HELD


BROKEN: Final = handshake(without=b"Sec-WebSocket-Key")


@pytest.mark.parametrize(
    ("octets", "end"),
    [(BROKEN, False), (BROKEN, True), (REQUIRED, True), (REQUIRED * 400, False)],
    ids=["closes", "closes and ends", "ends", "refusals that keep"],
)
def test_a_client_that_never_reads_our_answers_is_left(octets: bytes, end: bool) -> None:
    async def talk() -> float:
        protocol = protocol_of(head_timeout=5.0)
        connection = MemoryConnection(protocol, reads=False, room=10)
        connection.send(octets)
        if end:
            connection.end()
        while not connection.lost:
            await asyncio.sleep(0.1)
        return asyncio.get_running_loop().time()

    assert run_in_memory(talk) == pytest.approx(5.0, abs=0.3)


def test_a_client_that_reads_on_while_the_connection_closes_gets_its_answer() -> None:
    refusal = Reject(403, (), b"a" * 200_000, close=True)

    async def review(accept: Accept101, info: RequestInfo) -> Reject:
        return refusal

    async def talk() -> bytes:
        connection = MemoryConnection(protocol_of(review=review, head_timeout=5.0), reads=False)
        connection.send(handshake())
        while not connection.ended or not connection.lost:
            await asyncio.sleep(1)
            connection.read(20_000)
        return connection.answer

    assert run_in_memory(talk).endswith(refusal.body)


def test_answers_go_on_while_a_client_reads_some_of_them() -> None:
    requests = 1000

    async def talk() -> bytes:
        connection = MemoryConnection(protocol_of(head_timeout=5.0), reads=False, room=10)
        connection.send(REQUIRED * requests, LAST)
        while not connection.lost:
            await asyncio.sleep(3)
            connection.read(2000)
        return connection.answer

    assert statuses(run_in_memory(talk)) == [*([426] * requests), 200]


def test_who_follows_is_told_that_writing_is_paused() -> None:
    told: list[bool] = []

    class Following(Upgraded):
        def pause_writing(self) -> None:
            told.append(True)

        def resume_writing(self) -> None:
            told.append(False)

    class Long(UpgradeProtocol):
        def complete(self, decision: Any) -> Any:
            return decision.with_headers([(b"X", b"a" * 100_000)])

    async def talk() -> None:
        protocol = Long(policy_for, Following, Ordinary)
        connection = MemoryConnection(protocol, reads=False, room=0)
        connection.send(handshake())
        assert told == [True]
        connection.read(200_000)
        assert told == [True, False]

    run_in_memory(talk)


@pytest.mark.parametrize("ends", ["reset", "too much"])
def test_a_review_that_goes_on_although_it_is_cancelled_answers_nobody(ends: str) -> None:
    went_on: list[bool] = []

    async def stubborn(accept: Accept101, info: RequestInfo) -> Accept101:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            went_on.append(True)
        return accept

    async def talk() -> bytes:
        limits = Limits(max_early_data=8)
        protocol = protocol_of(review=stubborn, switch=boom, limits=limits)
        connection = MemoryConnection(protocol)
        connection.send(handshake())
        await asyncio.sleep(1)
        if ends == "reset":
            connection.reset()
        else:
            connection.send(b"1234", b"5678", b"9")
        await asyncio.sleep(1)
        return await connection.closed()

    assert statuses(run_in_memory(talk)) == ([] if ends == "reset" else [400])
    assert went_on == [True]


def test_a_review_that_ends_while_the_connection_closes_answers_nobody() -> None:
    async def talk() -> bytes:
        connections: list[MemoryConnection] = []

        async def review(accept: Accept101, info: RequestInfo) -> Accept101:
            connections[0].close()
            return accept

        connections.append(MemoryConnection(protocol_of(review=review)))
        connections[0].send(handshake())
        return await connections[0].closed()

    assert run_in_memory(talk) == b""


# --- Callables and hooks that raise ---------------------------------------------------------------


class Incomplete(Noting):
    """Whose answers cannot be completed."""

    def complete(self, decision: Any) -> Any:
        raise ZeroDivisionError("complete")


@pytest.mark.parametrize(
    ("octets", "expected", "told"),
    [
        (REQUIRED, [426], ["an answer could not be completed: ZeroDivisionError"]),
        (
            handshake(),
            [500],
            ["the switch has failed", "an answer could not be completed: ZeroDivisionError"],
        ),
    ],
)
def test_an_answer_that_cannot_be_completed_is_sent_as_it_is_or_refused(
    octets: bytes, expected: list[int], told: list[str]
) -> None:
    answer = run_in_memory(
        lambda: answer_to(Incomplete(policy_for, Upgraded, Ordinary), octets), expect=told
    )
    assert statuses(answer) == expected
    assert b"\r\nDate: " not in answer


@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
@pytest.mark.parametrize("policy", [OPTIONAL, lambda info: None, lambda info: OPTIONAL])
def test_a_plain_request_whose_server_cannot_be_made_draws_500(policy: Any, method: bytes) -> None:
    calls: list[RequestInfo] = []

    def count(info: RequestInfo) -> Policy | None:
        calls.append(info)
        return policy(info)  # type: ignore[no-any-return]

    chosen = policy if policy is OPTIONAL else count
    told = ["the ordinary server has failed: ZeroDivisionError"]
    octets = plain(line=method + b" / HTTP/1.1")
    answer = ask(octets, ordinary=boom, policy=chosen, expect=told)
    (response,) = read_responses(answer, is_head=method == b"HEAD")
    assert response.status == 500
    assert bool(response.body) is (method == b"GET")
    assert len(calls) == (0 if policy is OPTIONAL else 1)


def test_a_policy_that_raises_on_a_plain_request_is_asked_once() -> None:
    calls = 0

    def policy(info: RequestInfo) -> Policy | None:
        nonlocal calls
        calls += 1
        return boom()

    answer = ask(GET, policy=policy, expect=["the policy has failed: ZeroDivisionError"])
    assert statuses(answer) == [500]
    assert calls == 1


# --- Plain requests, and telling ------------------------------------------------------------------


class Plain(asyncio.Protocol):
    """Answers every head that it sees, at once or later. It reads no bodies."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.seen = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.seen += data
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" * data.count(b"\r\n\r\n")
        if self.delay:
            asyncio.get_running_loop().call_later(self.delay, self.transport.write, answer)
        else:
            self.transport.write(answer)


def messages() -> Iterator[bytes]:
    yield from (GET, POST, REQUIRED, LAST, handshake() + FRAME, asks_for(b"foo"))
    yield plain(line=b"HEAD / HTTP/1.1")
    yield plain(line=b"GET /report HTTP/1.1")
    yield plain(line=b"GET /advertise HTTP/1.1")
    yield plain(b"Connection: keep-alive")
    yield plain(b"Sec-WebSocket-Key: a")
    yield plain(b"Content-Length: 0")
    yield plain(b"Transfer-Encoding: identity")
    yield plain(line=b"GET / HTTP/1.0")
    yield plain(b"X: " + b"a" * 9000)
    yield plain(*(b"X: %d" % number for number in range(300)))
    yield b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"
    yield b"GET / HTTP/1.1\r\n\r\n"


POLICIES: Final[dict[str, Any]] = {
    "function": policy_for,
    "optional": OPTIONAL,
    "required": Policy(WebSocket(["chat"]), mode="required"),
    "advertise": Policy(WebSocket(["chat"]), mode="advertise"),
    "report": Policy(WebSocket(["chat"]), mode="report"),
}


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
@pytest.mark.parametrize("delay", [0.0, 0.1])
def test_whether_somebody_listens_changes_nothing(delay: float, policy: Any) -> None:
    """Who listens hears of every decision, so nothing can pass in one match."""
    told: list[Decision] = []

    async def seen(octets: bytes, *, listens: bool) -> tuple[bytes, list[bytes]]:
        made: list[Plain] = []

        def make() -> Plain:
            made.append(Plain(delay))
            return made[-1]

        hook: dict[str, Any] = (
            {"on_decision": lambda decision, info: told.append(decision)} if listens else {}
        )
        answer = await answer_to(protocol_of(make, policy=policy, **hook), octets)
        return without_date(answer), [bytes(each.seen) for each in made]

    async def talk() -> None:
        for first in messages():
            for second in (b"", GET, REQUIRED, handshake()):
                octets = first + second
                assert await seen(octets, listens=True) == await seen(octets, listens=False)

    run_in_memory(talk)
    assert told


def test_each_decision_is_told_once_and_before_it_is_written() -> None:
    told: list[tuple[str, Any]] = []
    connections: list[MemoryConnection] = []

    def on_decision(decision: Any, info: DecisionInfo) -> None:
        path = None if info.request is None else info.request.head.path
        told.append((type(decision).__name__, path))
        assert info.peer == ("192.0.2.1", 5)
        assert statuses(connections[0].answer).count(426) == len(
            [name for name, _ in told[:-1] if name == "Require426"]
        )

    async def talk() -> bytes:
        protocol = protocol_of(on_decision=on_decision, head_timeout=5.0)
        connection = MemoryConnection.__new__(MemoryConnection)
        connections.append(connection)
        connection.__init__(protocol)
        connection.send(REQUIRED + GET, REQUIRED, b"GET / HT")
        await asyncio.sleep(6)
        return await connection.closed()

    assert statuses(run_in_memory(talk)) == [426, 200, 426, 408]
    assert told == [
        ("Require426", b"/chat"),
        ("Passthrough", b"/"),
        ("Require426", b"/chat"),
        ("Reject", None),
    ]


def test_a_hook_that_raises_changes_nothing() -> None:
    answer = ask(REQUIRED, handshake(), on_decision=boom, expect=["on_decision has failed"] * 2)
    assert statuses(answer) == [426, 101]


def test_where_upgrade_cannot_be_carried_none_is_sent() -> None:
    answer = ask(REQUIRED, GET, carries=lambda info: False)
    assert statuses(answer) == [400, 200]
    assert b"\r\nUpgrade:" not in answer


# --- Date -----------------------------------------------------------------------------------------

DATE: Final = re.compile(
    rb"\r\nDate: [A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT\r\n"
)
EXPECTING: Final = asks_for(
    b"tcp", b"Content-Length: 4", b"Expect: 100-continue", line=b"POST /tcp HTTP/1.1", body=b"body"
)


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (REQUIRED, 426),
        (handshake(), 101),
        (handshake(without=b"Sec-WebSocket-Key"), 400),
        (plain(line=b"GET / HTTP/3.0"), 505),
        (b"GET /", 408),
        (plain(line=b"GET /boom HTTP/1.1"), 500),
        (EXPECTING, 101),
        (asks_for(b"tcp", b"Expect: 100-continue", line=b"GET /tcp HTTP/1.1"), 101),
    ],
)
def test_every_answer_has_one_date(octets: bytes, expected: int) -> None:
    def policy(info: RequestInfo) -> Policy | None:
        return boom() if info.head.path == b"/boom" else policy_for(info)

    told = ["the policy has failed"] if expected == 500 else []
    answer = ask(octets, end=False, policy=policy, expect=told)
    interim, _, final = answer.partition(b"HTTP/1.1 %d " % expected)
    assert b"Date:" not in interim
    assert len(DATE.findall(final)) == 1
    assert final.count(b"Date:") == 1


def test_a_date_of_the_users_is_the_only_one() -> None:
    policy = Policy(
        WebSocket(), mode="required", refusal=Refusal([(b"date", b"Thu, 01 Jan 1970 00:00:00 GMT")])
    )
    answer = ask(plain(), policy=policy)
    assert answer.lower().count(b"\r\ndate:") == 1
    assert b"\r\ndate: Thu, 01 Jan 1970 " in answer

    async def review(accept: Accept101, info: RequestInfo) -> Accept101:
        return accept.with_headers([(b"Date", b"Thu, 01 Jan 1970 00:00:00 GMT")])

    answer = ask(handshake(), review=review)
    assert answer.count(b"\r\nDate:") == 1


def test_a_subclass_gives_answers_more_fields_and_leaves_a_date_alone() -> None:
    class Named(Noting):
        def complete(self, decision: Any) -> Any:
            return super().complete(decision.with_headers([(b"Server", b"me")]))

    class Dated(Noting):
        def complete(self, decision: Any) -> Any:
            return super().complete(decision.with_headers([(b"date", b"now")]))

    async def talk(kind: type[Noting], octets: bytes) -> bytes:
        return await answer_to(kind(policy_for, Upgraded, Ordinary), octets)

    for octets in (REQUIRED, handshake()):
        answer = run_in_memory(partial(talk, Named, octets))
        assert len(DATE.findall(answer)) == 1
        assert b"\r\nServer: me\r\n" in answer
        answer = run_in_memory(partial(talk, Dated, octets))
        assert answer.count(b"date: now\r\n") == 1
        assert b"Date:" not in answer


# --- Owners ---------------------------------------------------------------------------------------

NEGOTIATOR, REVIEW, ORDINARY, TUNNEL, SUCCESSOR, NOBODY = Owner


class Switching(Ordinary):
    """Switches protocols by itself."""

    def data_received(self, data: bytes) -> None:
        self.transport.write(b"HTTP/1.1 101 \r\n\r\n")


@pytest.mark.parametrize("refuses", [False, True])
def test_a_client_that_waits_for_a_100_gets_it_before_a_review_has_ended(refuses: bool) -> None:
    """RFC 9110 7.8: before the 101; how long that takes is the review's."""

    async def review(accept: Accept101, info: RequestInfo) -> Accept101 | Reject:
        assert accept.interim is None
        await asyncio.sleep(5)
        return Reject(403) if refuses else accept

    async def work() -> tuple[bytes, bytes]:
        connection = MemoryConnection(protocol_of(review=review))
        connection.send(handshake(b"Expect: 100-continue"))
        await asyncio.sleep(1)
        connection.read(65536)
        first = connection.answer
        connection.end()
        return first, await connection.closed()

    first, received = run_in_memory(work)
    assert first == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert statuses(received) == [100, 403 if refuses else 101]


async def accepts(accept: Accept101, info: RequestInfo) -> Accept101:
    return accept


async def keeps(accept: Accept101, info: RequestInfo) -> Reject:
    return Reject(401)


KEEPING: Final = Policy(TCP, close="never")
OWNERS: Final[dict[str, tuple[bytes, dict[str, Any], list[Owner]]]] = {
    "a switch": (handshake(), {}, [SUCCESSOR]),
    "a review": (handshake(), {"review": accepts}, [REVIEW, SUCCESSOR]),
    "a review that refuses": (
        asks_for(b"tcp"),
        {"review": keeps, "policy": KEEPING},
        [REVIEW, NEGOTIATOR, NOBODY],
    ),
    "a review that closes": (handshake(), {"review": keeps}, [REVIEW, NOBODY]),
    "a refusal": (REQUIRED, {}, [NOBODY]),
    "a request": (GET, {}, [ORDINARY, NEGOTIATOR, NOBODY]),
    "a request with a body": (POST, {}, [ORDINARY, NEGOTIATOR, NOBODY]),
    "a request that is not answered": (GET, {"ordinary": asyncio.Protocol}, [ORDINARY, NOBODY]),
    "a tunnel": (GET, {"ordinary": Switching}, [ORDINARY, TUNNEL, NOBODY]),
    "no head": (b"?\r\n\r\n", {"policy": OPTIONAL}, [ORDINARY, TUNNEL, NOBODY]),
    "not staying": (GET, {"stay": False}, [SUCCESSOR]),
}


@pytest.mark.parametrize(("octets", "options", "expected"), OWNERS.values(), ids=OWNERS)
def test_who_owns_a_connection(
    octets: bytes, options: dict[str, Any], expected: list[Owner]
) -> None:
    async def talk() -> list[Owner]:
        protocol = protocol_of(**options)
        connection = MemoryConnection(protocol)
        assert protocol.owner is NEGOTIATOR
        connection.send(octets)
        await asyncio.sleep(0.1)
        connection.reset()
        return protocol.owners

    assert run_in_memory(talk) == expected


CHANGES: Final = [
    (owner, after) for owner in Owner for after in Owner if after in TRANSITIONS[owner]
]


@pytest.mark.parametrize(
    "change", CHANGES, ids=[f"{owner.name}-{after.name}" for owner, after in CHANGES]
)
def test_every_transition_is_taken_by_one_of_these(change: tuple[Owner, Owner]) -> None:
    walks = ([NEGOTIATOR, *owners] for _, _, owners in OWNERS.values())
    assert any(change in pairwise(walk) for walk in walks)


def test_no_other_is_taken() -> None:
    for _, _, owners in OWNERS.values():
        assert set(pairwise([NEGOTIATOR, *owners])) <= set(CHANGES)


def test_what_idle_and_handed_over_say() -> None:
    async def talk() -> Noting:
        protocol = protocol_of()
        connection = MemoryConnection(protocol)
        connection.send(GET, POST)
        assert protocol.idle == [False, False, True]
        connection.send(GET[:5])
        assert protocol.idle[-1] is False
        connection.send(GET[5:])
        assert protocol.idle[-1] is True
        assert len(protocol.served) == 3
        assert all(type(each) is Ordinary for each in protocol.served)
        connection.reset()
        return protocol

    run_in_memory(talk)


@pytest.mark.parametrize("kind", [UpgradeProtocol, Noting])
def test_a_server_that_pauses_between_requests_gets_the_next_one_later(
    kind: type[UpgradeProtocol],
) -> None:
    async def talk() -> bytes:
        ordinary = Ordinary()
        protocol = kind(OPTIONAL, Upgraded, lambda: ordinary)
        connection = MemoryConnection(protocol)
        connection.send(GET)
        assert protocol.owner is Owner.NEGOTIATOR
        ordinary.transport.pause_reading()
        connection.send(GET)
        assert bytes(ordinary.seen) == GET
        ordinary.transport.resume_reading()
        await asyncio.sleep(0)
        assert bytes(ordinary.seen) == GET + GET
        connection.end()
        return await connection.closed()

    assert statuses(run_in_memory(talk)) == [200, 200]


# --- Taking over ----------------------------------------------------------------------------------


async def taken_over(
    data: bytes, ordinary: Ordinary | None, **options: Any
) -> tuple[Noting, MemoryConnection]:
    """A connection that another protocol has begun with."""
    connection = MemoryConnection(asyncio.Protocol())
    if ordinary is not None:
        ordinary.connection_made(connection)
    protocol = protocol_of(head_timeout=5.0)
    if data == GET + GET:  # it may have the transport already
        connection.set_protocol(protocol)
    protocol.take_over(connection, ordinary, data, **options)
    return protocol, connection


def test_a_connection_is_taken_over_with_its_server() -> None:
    async def talk() -> bytes:
        ordinary = Ordinary()
        protocol, connection = await taken_over(POST + REQUIRED, ordinary)
        assert protocol.transport is connection
        assert connection.get_protocol() is protocol
        assert protocol.peer == ("192.0.2.1", 5)
        assert not protocol.secure
        await asyncio.sleep(0)
        connection.send(GET)
        assert bytes(ordinary.seen) == POST + GET
        await asyncio.sleep(20)  # the server ends a connection on which nothing comes
        assert not connection.lost
        connection.send(handshake())
        connection.end()
        return await connection.closed()

    assert statuses(run_in_memory(talk)) == [200, 426, 200, 101]


def test_a_connection_is_taken_over_without_a_server() -> None:
    async def talk() -> bytes:
        _, connection = await taken_over(GET[:9], None, at_end=False)
        connection.send(GET[9:])
        connection.end()
        return await connection.closed()

    assert statuses(run_in_memory(talk)) == [200]


@pytest.mark.parametrize("ordinary", [None, Ordinary])
@pytest.mark.parametrize("seconds", [-1.0, 0.0, 3.0, None])
def test_what_is_left_of_the_deadline_goes_along(
    ordinary: type[Ordinary] | None, seconds: float | None
) -> None:
    async def talk() -> tuple[bytes, float]:
        server = None if ordinary is None else ordinary()
        _, connection = await taken_over(GET[:9], server, seconds=seconds)
        while not connection.ended:
            await asyncio.sleep(0.01)
        passed = asyncio.get_running_loop().time()
        return await connection.closed(), passed

    answer, passed = run_in_memory(talk)
    assert statuses(answer) == [408]
    assert passed == pytest.approx(5.0 if seconds is None else max(seconds, 0.0), abs=0.1)


@pytest.mark.parametrize("data", [b"", GET, REQUIRED, GET[:5], GET + GET])
@pytest.mark.parametrize("ordinary", [None, Ordinary, Later])
def test_the_end_that_came_before_is_not_lost(data: bytes, ordinary: type[Ordinary] | None) -> None:
    async def talk() -> bytes:
        server = None if ordinary is None else ordinary()
        _, connection = await taken_over(data, server, at_end=True)
        return await connection.closed()

    assert run_in_memory(talk).count(b"HTTP/1.1 ") <= 2


def test_writing_stays_paused() -> None:
    paused: list[bool] = []

    class Told(Ordinary):
        def pause_writing(self) -> None:
            paused.append(True)

        def resume_writing(self) -> None:
            paused.append(False)

    async def talk() -> bytes:
        protocol, connection = await taken_over(GET, Told(), writing_paused=True)
        assert paused == [True]
        assert not connection.answer
        protocol.resume_writing()
        await asyncio.sleep(0)
        return connection.answer

    assert statuses(run_in_memory(talk)) == [200]
    assert paused == [True, False]


def test_a_subclass_may_refuse_and_close() -> None:
    async def talk() -> bytes:
        protocol, connection = await taken_over(b"", None)
        protocol.refuse_and_close(finding(codes.SERVER_ENDS))
        return await connection.closed()

    assert statuses(run_in_memory(talk)) == [503]

    async def reviewed() -> bytes:
        protocol = protocol_of(review=keeps)
        connection = MemoryConnection(protocol)
        connection.send(handshake())
        assert protocol.owner is REVIEW
        protocol.refuse_and_close(finding(codes.SERVER_ENDS))
        return await connection.closed()

    assert statuses(run_in_memory(reviewed)) == [503]


@pytest.mark.parametrize("delay", [0.0, 0.5])
@pytest.mark.parametrize("pause", [0.0, 1.0])
def test_nothing_is_answered_after_a_last_request(delay: float, pause: float) -> None:
    made: list[Plain] = []

    def make() -> Plain:
        made.append(Plain(delay))
        return made[-1]

    async def talk() -> bytes:
        connection = MemoryConnection(protocol_of(make))
        connection.send(LAST)
        await asyncio.sleep(pause)
        connection.send(GET)
        return await connection.closed()

    assert statuses(run_in_memory(talk)) == [200]
    assert [bytes(each.seen) for each in made] == [LAST]


def test_after_a_last_request_a_server_that_reads_no_more_is_no_failure() -> None:
    class Paused(Ordinary):
        def answer(self, octets: bytes) -> None:
            asyncio.get_running_loop().call_soon(self.pause_and_answer)

        def pause_and_answer(self) -> None:
            self.transport.pause_reading()
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async def talk() -> tuple[bytes, float]:
        connection = MemoryConnection(protocol_of(Paused, head_timeout=5.0))
        connection.send(plain(b"Connection: close", b"Content-Length: 0") + GET)
        return await connection.closed(), asyncio.get_running_loop().time()

    answer, seconds = run_in_memory(talk)
    assert statuses(answer) == [200]
    assert seconds == pytest.approx(5.0, abs=0.1)


# --- The end of what a client sends ---------------------------------------------------------------


class ClosingAtEnd(Later):
    """Closes when it hears of the end, as most servers do."""

    def eof_received(self) -> None:
        return None


@pytest.mark.parametrize("octets", [GET + GET, POST + GET, POST + POST])
def test_a_request_that_was_held_is_answered_before_its_server_hears_of_the_end(
    octets: bytes,
) -> None:
    assert statuses(ask(octets, ordinary=ClosingAtEnd)) == [200, 200]


def test_a_server_that_waits_for_the_end_of_a_body_hears_of_it() -> None:
    answer = ask(POST + POST[:-2], ordinary=ClosingAtEnd)
    assert statuses(answer) == [200]
