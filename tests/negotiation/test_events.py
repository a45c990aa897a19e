"""Events are values: compared, matched and narrowed like the decisions beside them."""

import copy
import pickle
from typing import Literal, assert_never, assert_type

import pytest
from feeding import feed
from wire import handshake, plain

from httpupgrade import (
    NEED_DATA,
    PAUSED,
    Accept101,
    ConnectionClosed,
    Continue100,
    Event,
    Forward,
    Limits,
    Passthrough,
    Policy,
    Reject,
    Require426,
    ServerNegotiator,
    Signal,
    WebSocket,
)


def name_of(event: Event) -> str:
    """One arm for each kind of event; the type checker holds it to be complete."""
    match event:
        case Accept101() | Continue100() | Require426() | Reject():
            return "to be sent"
        case Passthrough():
            return "not ours"
        case Forward(data, end):
            return f"{len(data)} octets{', the last' * end}"
        case ConnectionClosed(findings=findings):
            return f"closed with {len(findings)}"
        case Signal.NEED_DATA:
            return "feed"
        case Signal.PAUSED:
            return "send"
        case unreachable:
            assert_never(unreachable)


def test_every_event_has_its_arm() -> None:
    machine = ServerNegotiator(Policy(WebSocket()))
    seen = [name_of(machine.next_event()), name_of(feed(machine, plain() + handshake()))]
    seen += [name_of(machine.next_event()) for _ in range(3)]
    assert seen == ["feed", "not ours", "0 octets, the last", "to be sent", "send"]
    assert name_of(feed(ServerNegotiator(Policy(WebSocket())), b"")) == "closed with 1"


def test_the_signals_narrow_like_literals() -> None:
    machine = ServerNegotiator(Policy(WebSocket()))
    event = machine.next_event()
    if event is NEED_DATA:
        assert_type(event, Literal[Signal.NEED_DATA])
    else:
        raise AssertionError(event)
    assert_type(PAUSED, Literal[Signal.PAUSED])


@pytest.mark.parametrize("signal", Signal)
def test_a_signal_is_written_as_it_is_exported(signal: Signal) -> None:
    assert repr(signal) == signal.name
    assert {"NEED_DATA": NEED_DATA, "PAUSED": PAUSED}[repr(signal)] is signal


@pytest.mark.parametrize("signal", Signal)
def test_a_signal_stays_itself_through_copies(signal: Signal) -> None:
    assert copy.deepcopy(signal) is signal
    assert pickle.loads(pickle.dumps(signal)) is signal


def test_events_compare_by_value() -> None:
    assert Forward(b"a", end=True) == Forward(b"a", end=True)
    assert Forward(b"a", end=True) != Forward(b"a", end=False)
    assert ConnectionClosed() == ConnectionClosed(())
    machines = [ServerNegotiator(Policy(WebSocket())) for _ in range(2)]
    first, second = (feed(machine, handshake()) for machine in machines)
    assert isinstance(first, Accept101)
    assert first == second


def test_what_is_forwarded_is_a_copy() -> None:
    # The machine's buffer goes on living; the octets of an event must not change with it.
    machine = ServerNegotiator(Policy(WebSocket()))
    feed(machine, plain(b"Content-Length: 4") + b"ab")
    forward = machine.next_event()
    feed(machine, b"cd")
    assert forward == Forward(b"ab", end=False)
    assert isinstance(forward, Forward)
    assert type(forward.data) is bytes


def test_a_machine_holds_no_module_state() -> None:
    # Two connections, one fed between the other's octets, say what they say alone.
    policy, limits = Policy(WebSocket(), mode="required"), Limits()
    one, other = (ServerNegotiator(policy, limits=limits) for _ in range(2))
    for octet, noise in zip(handshake(), plain() * 9, strict=False):
        last = feed(one, bytes((octet,)))
        event = feed(other, bytes((noise,)))
        if isinstance(event, Require426):
            other.send(event)
    assert isinstance(last, Accept101)
