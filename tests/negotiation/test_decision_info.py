"""What a hook is told of a decision."""

from collections.abc import Callable
from typing import Final

import pytest
from feeding import feed
from hypothesis import event as note
from hypothesis import given
from hypothesis import strategies as st
from wire import handshake, plain

from httpupgrade import (
    H2C,
    NEED_DATA,
    TLS,
    Accept101,
    ConnectionClosed,
    Continue100,
    CustomProtocol,
    DecisionInfo,
    Forward,
    HeadNegotiator,
    Mode,
    Passthrough,
    Policy,
    PolicySource,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
    ServerNegotiator,
    Signal,
    WebSocket,
)
from httpupgrade._negotiation.decision_info import decision_info
from httpupgrade.offers import Offer
from httpupgrade.testing.strategies import changed_handshakes

PEER: Final = ("192.0.2.1", 50000)
BROKEN: Final = handshake(without=b"Sec-WebSocket-Key")
VERSION_8: Final = handshake(b"Sec-WebSocket-Version: 8", without=b"Sec-WebSocket-Version")
UNREADABLE: Final = b"GET / HTTP/1.1\nUpgrade: a\n\r\n"


def policy_in(mode: Mode, rollout: float = 1.0) -> Policy:
    key = (lambda info: b"a") if mode == "required" else None
    return Policy(WebSocket(), mode=mode, rollout=rollout, rollout_key=key)


def told(policy: PolicySource, octets: bytes) -> tuple[type, DecisionInfo]:
    machine = ServerNegotiator(policy, secure=True, peer=PEER)
    decision = feed(machine, octets)
    assert isinstance(decision, Accept101 | Require426 | Reject | Passthrough)
    if not isinstance(decision, Passthrough):
        machine.send(decision)
    return type(decision), machine.decision_info(decision, 0.25)


@pytest.mark.parametrize(
    ("mode", "rollout", "octets", "kind", "would_require", "in_rollout"),
    [
        ("optional", 1.0, plain(), Passthrough, False, None),
        ("advertise", 1.0, plain(), Passthrough, False, None),
        ("report", 1.0, plain(), Passthrough, True, None),
        ("report", 1.0, BROKEN, Reject, False, None),
        ("required", 1.0, plain(), Require426, False, None),
        ("required", 0.0, plain(), Passthrough, True, None),
        ("required", 0.5, handshake(), Accept101, False, None),
        ("required", 0.5, BROKEN, Reject, False, None),
        ("required", 0.5, VERSION_8, Require426, False, None),
    ],
)
def test_the_mode_and_what_it_would_have_done(
    mode: Mode,
    rollout: float,
    octets: bytes,
    kind: type,
    would_require: bool,
    in_rollout: bool | None,
) -> None:
    found, info = told(policy_in(mode, rollout), octets)
    assert found is kind
    assert info.request is not None
    assert info.request == RequestInfo(info.request.head, PEER, secure=True)
    expected = (0.25, mode, would_require, in_rollout, PEER)
    assert (info.seconds, info.mode, info.would_require, info.in_rollout, info.peer) == expected


def test_a_share_tells_who_is_in_it_and_who_is_not() -> None:
    asked: list[bytes] = []

    def key(info: RequestInfo) -> bytes:
        asked.append(info.head.path)
        return info.head.path

    policy = Policy(WebSocket(), mode="required", rollout=0.5, rollout_key=key)
    paths = [b"/%d" % number for number in range(20)]
    found = [told(policy, plain(line=b"GET %b HTTP/1.1" % path)) for path in paths]
    assert {(kind, info.in_rollout, info.would_require) for kind, info in found} == {
        (Require426, True, False),
        (Passthrough, False, True),
    }
    assert asked == paths  # once each


def test_the_policy_is_the_one_that_was_chosen() -> None:
    chosen = policy_in("report")
    policies = {b"/a": chosen, b"/b": None}
    machine = ServerNegotiator(lambda info: policies[info.head.path])
    assert machine.policy is None
    feed(machine, plain(line=b"GET /a HTTP/1.1"))
    assert machine.policy is chosen
    assert isinstance(machine.next_event(), Forward)
    event = feed(machine, plain(line=b"GET /b HTTP/1.1"))
    assert isinstance(event, Passthrough)
    assert machine.policy is None
    assert machine.decision_info(event, 0.0).mode is None


def same_head(info: RequestInfo) -> RequestHead:
    return info.head


@pytest.mark.parametrize("prepare_head", [None, same_head])
@pytest.mark.parametrize("make", [ServerNegotiator, HeadNegotiator])
def test_a_policy_for_all_requests_holds_before_there_is_one(
    make: type[ServerNegotiator | HeadNegotiator],
    prepare_head: Callable[[RequestInfo], RequestHead] | None,
) -> None:
    policy = policy_in("required")
    machine = make(policy, peer=PEER, prepare_head=prepare_head)
    assert machine.policy is policy
    late = machine.refuse(408)
    machine.send(late)
    assert machine.decision_info(late, 2) == DecisionInfo(None, 2, "required", peer=PEER)


def test_where_there_is_no_head_the_peer_is_told_all_the_same() -> None:
    kind, info = told(policy_in("report"), UNREADABLE)
    assert kind is Reject
    assert info == DecisionInfo(None, 0.25, "report", peer=PEER)
    kind, info = told(lambda info: policy_in("report"), UNREADABLE)
    assert (kind, info.mode) == (Reject, None)


def test_a_deadline_for_the_next_request_is_not_told_of_the_last() -> None:
    machine = ServerNegotiator(Policy(CustomProtocol("tcp"), close="never", mode="required"))
    refused = feed(machine, plain() + b"GET")
    assert isinstance(refused, Require426)
    machine.send(refused)
    assert machine.next_event() is NEED_DATA
    late = machine.refuse(408)
    machine.send(late)
    assert machine.decision_info(late, 0.0).request is None


def test_repr_shows_no_secret_of_the_request() -> None:
    request = RequestInfo(RequestHead(b"GET", b"/?token", [(b"Cookie", b"secret")]), PEER)
    shown = repr(DecisionInfo(request, 0.5, "report", peer=PEER))
    assert "secret" not in shown
    assert "token" not in shown
    assert "seconds=0.5, mode='report'" in shown


def test_where_no_policy_held_nothing_is_told_of_one() -> None:
    info = RequestInfo(RequestHead.parse(plain()), PEER)
    for decision in (Passthrough(info.head, would_require=True), Reject(400)):
        told = decision_info(decision, None, info, PEER, 0.5, True)
        assert told == DecisionInfo(info, 0.5, None, False, None, PEER)


def test_seconds_are_a_number() -> None:
    with pytest.raises(TypeError, match=r"^seconds is a number, not str"):
        DecisionInfo(seconds="1")  # type: ignore[arg-type]


def test_a_mode_is_one_of_the_four() -> None:
    with pytest.raises(ValueError, match="mode is one of"):
        DecisionInfo(mode="none")  # type: ignore[arg-type]


class Asked:
    """A key of a rollout that notes what it came to."""

    def __init__(self) -> None:
        self.keys: list[bytes] = []

    def __call__(self, info: RequestInfo) -> bytes:
        self.keys.append(info.head.target)
        return info.head.target


OFFERED: Final = ((H2C(), WebSocket()), (WebSocket(),), (TLS("1.3"), CustomProtocol("irc")))


@given(changed_handshakes(), st.sampled_from(OFFERED), st.booleans())
def test_a_client_is_in_the_share_as_its_key_says_where_that_was_asked(
    head: RequestHead, offers: tuple[Offer, ...], carries: bool
) -> None:
    asked = Asked()
    policy = Policy(*offers, mode="required", rollout=0.5, rollout_key=asked)
    machine = HeadNegotiator(policy, carries=None if carries else lambda info: False)
    machine.receive_head(head)
    event = machine.next_event()
    if isinstance(event, Continue100 | Signal):
        return  # a body is read first
    assert not isinstance(event, Forward | ConnectionClosed)
    if not isinstance(event, Passthrough):
        machine.send(event)
    info = machine.decision_info(event, 0.0)
    asks = len(asked.keys)
    note(f"{type(event).__name__}, {'asked' if asks else 'not asked'}")
    assert asks <= 1
    in_share = policy.enforces(RequestInfo(head)) if asks else None
    assert info.in_rollout is in_share
    assert info.would_require is (in_share is False)
