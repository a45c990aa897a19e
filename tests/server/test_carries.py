"""``carries``: asked by the machines, and only where a decision would send Upgrade."""

import copy
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import pytest
from feeding import hear_head
from transcript import codes
from wire import FRAME, handshake, plain, splits

from httpupgrade import (
    PAUSED,
    Accept101,
    Event,
    HeadNegotiator,
    LocalProtocolError,
    Passthrough,
    Policy,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
    ServerNegotiator,
    ServerState,
    Signal,
    WebSocket,
    decide,
)

OPTIONAL: Final = Policy(WebSocket())
ADVERTISE: Final = Policy(WebSocket(), mode="advertise")
REQUIRED: Final = Policy(WebSocket(), mode="required")
BROKEN: Final = handshake(without=b"Sec-WebSocket-Key")

Machine = ServerNegotiator | HeadNegotiator
MACHINES: Final = pytest.mark.parametrize("made", [ServerNegotiator, HeadNegotiator])


def hear(machine: Machine, octets: bytes) -> Event:
    if isinstance(machine, HeadNegotiator):
        return hear_head(machine, RequestHead.parse(octets))
    machine.receive_data(octets)
    return machine.next_event()


class Told:
    """Says what it is told to, and remembers what it was asked."""

    def __init__(self, answer: object = False) -> None:
        self.answer = answer
        self.asked: list[RequestInfo] = []

    def __call__(self, info: RequestInfo) -> Any:
        self.asked.append(info)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


CASES: Final = [
    pytest.param(octets, policy, asked, id=name)
    for name, octets, policy, asked in (
        ("plain, optional", plain(), OPTIONAL, 0),
        ("plain, advertise", plain(), ADVERTISE, 1),
        ("plain, required", plain(), REQUIRED, 1),
        ("broken", BROKEN, REQUIRED, 0),
        ("malformed", plain(b"Content-Length: x"), REQUIRED, 0),
        ("version", handshake(b"Sec-WebSocket-Version: 8"), OPTIONAL, 1),
        ("good", handshake(), OPTIONAL, 1),
        ("good, required", handshake(), REQUIRED, 1),
    )
]


@MACHINES
@pytest.mark.parametrize("by_choice", [False, True])
@pytest.mark.parametrize(("octets", "policy", "asked"), CASES)
def test_it_is_asked_where_upgrade_would_be_sent(
    made: Any, octets: bytes, policy: Policy, asked: int, by_choice: bool
) -> None:
    source = (lambda info: policy) if by_choice else policy
    for answer in (False, True):
        told = Told(answer)
        event = hear(made(source, carries=told, peer="peer", secure=True), octets)
        head = RequestHead.parse(octets)
        assert told.asked == [RequestInfo(head, "peer", True)] * asked
        plainly = hear(made(source, peer="peer", secure=True), octets)
        if answer:
            assert event == plainly
        else:
            assert (event != plainly) is bool(asked)
            if asked:
                wanted = decide(head, policy, secure=True, can_send_upgrade=False)
                assert type(event) is type(wanted)
                assert codes(event.findings) == codes(wanted.findings)


@MACHINES
def test_it_is_not_asked_where_no_policy_holds(made: Any) -> None:
    told = Told()
    assert isinstance(hear(made(lambda info: None, carries=told), handshake()), Passthrough)
    assert told.asked == []


@MACHINES
def test_a_refusal_goes_out_without_upgrade(made: Any) -> None:
    machine = made(REQUIRED, carries=Told())
    refused = hear(machine, plain())
    assert isinstance(refused, Reject)
    octets = machine.send(refused)
    assert octets.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"\r\nUpgrade:" not in octets
    assert b"\r\nSec-WebSocket-Version: 13\r\n" in octets


def test_a_handshake_passes_with_all_that_follows() -> None:
    machine = ServerNegotiator(OPTIONAL, carries=Told())
    machine.receive_data(handshake() + FRAME)
    passed = machine.next_event()
    assert isinstance(passed, Passthrough)
    assert passed.data + machine.trailing_data == handshake() + FRAME
    assert machine.state is ServerState.FORWARDING
    with pytest.raises(LocalProtocolError, match="no request waits to be switched"):
        machine.send(decide(RequestHead.parse(handshake()), OPTIONAL))


def test_a_required_handshake_is_answered_with_501_and_the_connection_closes() -> None:
    machine = ServerNegotiator(REQUIRED, carries=Told())
    refused = hear(machine, handshake())
    assert isinstance(refused, Reject)
    assert machine.send(refused).startswith(b"HTTP/1.1 501 Not Implemented\r\n")
    assert machine.state is ServerState.CLOSED


def test_each_request_is_asked_about() -> None:
    told = Told(answer=True)
    machine = ServerNegotiator(Policy(WebSocket(), mode="required", close="never"), carries=told)
    machine.receive_data(plain() * 2 + handshake())
    machine.send(_answer(machine.next_event()))
    told.answer = False
    machine.send(_answer(machine.next_event()))
    told.answer = True
    assert isinstance(machine.next_event(), Accept101)
    assert [info.head.target for info in told.asked] == [b"/index", b"/index", b"/chat"]


def _answer(event: Event) -> Require426 | Reject:
    assert isinstance(event, Require426 | Reject)
    return event


class TroubleError(Exception):
    """What a callable raises here."""


@MACHINES
def test_what_it_raises_reaches_the_caller_and_it_is_asked_again(made: Any) -> None:
    told = Told(TroubleError())
    machine = made(REQUIRED, carries=told)
    with pytest.raises(TroubleError):
        hear(machine, handshake())
    with pytest.raises(TroubleError):
        machine.next_event()
    told.answer = True
    assert isinstance(machine.next_event(), Accept101)
    assert len(told.asked) == 3
    assert machine.next_event() is PAUSED


@MACHINES
def test_a_failure_can_be_answered(made: Any) -> None:
    machine = made(REQUIRED, carries=Told(TroubleError()))
    with pytest.raises(TroubleError):
        hear(machine, handshake())
    assert machine.send(machine.refuse(500)).startswith(b"HTTP/1.1 500 ")


async def later(info: RequestInfo) -> bool:
    raise AssertionError("nobody awaits it")


@MACHINES
@pytest.mark.parametrize("given", ["always", True, later, partial(later)])
def test_it_is_a_plain_function(made: Any, given: Any) -> None:
    with pytest.raises(TypeError, match=r"^carries is a function that returns a bool, or None"):
        made(REQUIRED, carries=given)


@MACHINES
@pytest.mark.parametrize("answer", [None, 0, 1, "yes"])
def test_what_it_says_is_a_bool(made: Any, answer: object) -> None:
    machine = made(REQUIRED, carries=Told(answer))
    with pytest.raises(TypeError, match=r"^what carries returns is True or False, not "):
        hear(machine, plain())


def test_what_it_says_is_not_a_coroutine() -> None:
    def hidden(info: RequestInfo) -> Any:
        return later(info)

    machine = ServerNegotiator(REQUIRED, carries=hidden)
    with pytest.raises(TypeError, match=r"^what carries returns is True or False, not a coroutine"):
        hear(machine, plain())


@MACHINES
def test_a_deep_copy_asks_the_same(made: Any) -> None:
    told = Told()
    machine = made(REQUIRED, carries=told)
    other = copy.deepcopy(machine)
    for each in (machine, other):
        assert isinstance(hear(each, plain()), Reject)
    assert len(told.asked) == 2


def change(name: bytes, value: bytes) -> Callable[[RequestInfo], RequestHead]:
    """A prepare_head that puts a field into the place of those of its name."""

    def prepare(info: RequestInfo) -> RequestHead:
        head = info.head
        kept = [field for field in head.headers if field[0].lower() != name.lower()]
        return RequestHead(head.method, head.target, [*kept, (name, value)], head.http_version)

    return prepare


@MACHINES
def test_it_gets_the_head_that_was_received(made: Any) -> None:
    told = Told()
    prepare_head = change(b"Sec-WebSocket-Version", b"13")
    octets = handshake(b"Sec-WebSocket-Version: 8")
    machine = made(REQUIRED, carries=told, prepare_head=prepare_head)
    refused = hear(machine, octets)
    assert isinstance(refused, Reject)
    assert codes(refused.findings) == ["switch-not-carried", "head-prepared"]
    assert [info.head for info in told.asked] == [RequestHead.parse(octets)]


@MACHINES
def test_a_mended_head_that_passes_passes_as_it_was_received(made: Any) -> None:
    prepare_head = change(b"Sec-WebSocket-Version", b"13")
    octets = handshake(b"Sec-WebSocket-Version: 8")
    passed = hear(made(OPTIONAL, carries=Told(), prepare_head=prepare_head), octets)
    assert isinstance(passed, Passthrough)
    assert passed.head == RequestHead.parse(octets)
    assert codes(passed.findings) == ["switch-not-carried", "head-prepared"]


def answers_to(pieces: list[bytes], carries: Callable[[RequestInfo], bool] | None) -> list[bytes]:
    """What goes out, and what passes."""
    machine = ServerNegotiator(NEVER_CLOSING, carries=carries)
    written: list[bytes] = []
    for piece in pieces:
        machine.receive_data(piece)
        while not isinstance(event := machine.next_event(), Signal):
            match event:
                case Accept101() | Require426() | Reject():
                    written.append(machine.send(event))
                case Passthrough(data=data):
                    written.append(data)
                case _:
                    pass
    return written


NEVER_CLOSING: Final = Policy(WebSocket(), mode="required", close="never")
PIPELINE: Final = plain() + handshake(b"Sec-WebSocket-Version: 8") + handshake()


@pytest.mark.parametrize("carried", [False, True])
def test_how_octets_arrive_does_not_matter(carried: bool) -> None:
    wanted = answers_to([PIPELINE], lambda info: carried)
    assert [each[9:12] for each in wanted] == (
        [b"426", b"426", b"101"] if carried else [b"400", b"400", b"501"]
    )
    for pieces in splits(PIPELINE):
        assert answers_to(pieces, lambda info: carried) == wanted
    if carried:
        assert answers_to([PIPELINE], None) == wanted
