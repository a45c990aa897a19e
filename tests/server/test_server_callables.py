"""A policy that is a callable, and callables that raise.

What a callable of the caller's raises reaches the caller, and nothing has happened: the octets of
the request are still unread, and the next call asks again. Never does the machine go on behind a
head that was not decided on: what stands there may be a body.
"""

from collections.abc import Callable

import pytest
from feeding import feed, hear_head
from transcript import TCP_POST, WEBSOCKET_OPTIONAL, WEBSOCKET_REQUIRED, Transcript, codes
from wire import FRAME, handshake, plain, request

from httpupgrade import (
    NEED_DATA,
    PAUSED,
    Accept101,
    ConnectionClosed,
    CustomProtocol,
    Forward,
    HeadNegotiator,
    Limits,
    LocalProtocolError,
    Passthrough,
    Policy,
    Refusal,
    RefusalReport,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
    ServerState,
    UpgradeToken,
    WebSocket,
)
from httpupgrade.offers import OfferResult

HIDDEN = handshake(line=b"GET /admin HTTP/1.1")
POST = plain(b"Content-Length: %d" % len(HIDDEN), line=b"POST / HTTP/1.1") + HIDDEN
TCP_CHUNKED = request(*TCP_POST, b"Transfer-Encoding: chunked", line=b"POST / HTTP/1.1")


class TroubleError(Exception):
    """What callables raise here."""


class Moody:
    """Raises for so many calls, and does its work then."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self) -> None:
        if self.left:
            self.left -= 1
            raise TroubleError


def by_path(info: RequestInfo) -> Policy | None:
    if info.head.target.startswith(b"/api"):
        return None
    return WEBSOCKET_REQUIRED if info.head.target == b"/chat" else WEBSOCKET_OPTIONAL


# Routing.


def test_each_head_is_asked_about_once() -> None:
    talk = Transcript(by_path)
    chat, api = plain(line=b"GET /chat HTTP/1.1"), plain(line=b"GET /api HTTP/1.1")
    talk.hears(chat + api + plain() + handshake() + FRAME, Require426)
    talk.answers()
    assert talk.goes_on(Passthrough).data == api
    talk.goes_on(Forward)
    talk.goes_on(Passthrough)
    talk.goes_on(Forward)
    talk.goes_on(Accept101)
    assert talk.trailing == FRAME


def test_none_passes_through_even_a_handshake_and_says_nothing_of_it() -> None:
    talk = Transcript(by_path)
    octets = handshake(line=b"GET /api HTTP/1.1")
    passed = talk.hears(octets, Passthrough)
    assert passed == Passthrough(passed.head, octets)
    assert talk.state is ServerState.FORWARDING


def test_none_passes_through_what_cannot_be_framed_and_goes_blind() -> None:
    talk = Transcript(by_path)
    talk.hears(handshake(b"Content-Length: x", line=b"GET /api HTTP/1.1"), Passthrough)
    talk.waits()
    assert talk.state is ServerState.OPAQUE


def test_a_broken_chunk_of_what_no_policy_judged_is_refused_all_the_same() -> None:
    talk = Transcript(by_path)
    octets = plain(b"Transfer-Encoding: chunked", line=b"POST /api HTTP/1.1")
    talk.hears(octets + b"x\r\n", Passthrough)
    assert codes(talk.goes_on(Reject).findings) == ["chunk-malformed"]


def test_what_no_policy_judged_may_be_refused() -> None:
    talk = Transcript(by_path)
    talk.hears(plain(line=b"GET /api HTTP/1.1") + handshake(), Passthrough)
    assert b"Connection" not in talk.answers(Reject(404))
    talk.goes_on(Accept101)


def test_what_cannot_be_read_is_not_asked_about() -> None:
    def never(info: RequestInfo) -> Policy:
        raise AssertionError

    talk = Transcript(never)
    assert talk.hears(b"\x16\x03\x01", Passthrough).head is None
    talk = Transcript(never)
    refusal = talk.hears(b"GET / HTTP/1.1\r\nUpgrade : websocket\r\n\r\n", Reject)
    assert refusal.close


def test_a_callable_is_asked_about_heads_of_other_parsers_too() -> None:
    machine = HeadNegotiator(by_path)
    passed = hear_head(machine, RequestHead(b"GET", b"/api", []))
    assert isinstance(passed, Passthrough)
    assert passed.data == b""
    asked = RequestHead(b"GET", b"/chat", [(b"Host", b"a")])
    assert isinstance(hear_head(machine, asked), Require426)


# Raising.


def policy_that_raises(mood: Moody) -> Callable[[RequestInfo], Policy]:
    def policy(info: RequestInfo) -> Policy:
        mood()
        return WEBSOCKET_REQUIRED

    return policy


def renderer_that_raises(mood: Moody) -> Policy:
    def render(report: RefusalReport) -> tuple[bytes, bytes]:
        mood()
        return b"text/plain", b"no"

    return Policy(WebSocket(), mode="required", refusal=Refusal(body=render))


def rollout_that_raises(mood: Moody) -> Policy:
    def key(info: RequestInfo) -> bytes:
        mood()
        return b"key"

    return Policy(WebSocket(), mode="required", rollout=1 - 2**-53, rollout_key=key)


class MoodyOffer(CustomProtocol):
    """An offer whose judgement raises."""

    __slots__ = ("mood",)

    def __init__(self, mood: Moody) -> None:
        super().__init__("tcp", body="buffer")
        self.mood = mood

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        self.mood()
        return super().negotiate(head, token, secure=secure)


RAISING: dict[str, Callable[[Moody], Policy | Callable[[RequestInfo], Policy]]] = {
    "policy": policy_that_raises,
    "renderer": renderer_that_raises,
    "rollout key": rollout_that_raises,
}
each_raising = pytest.mark.parametrize("make", RAISING.values(), ids=RAISING)


@each_raising
def test_behind_an_exception_the_same_request_is_decided_on_anew(
    make: Callable[[Moody], Policy | Callable[[RequestInfo], Policy]],
) -> None:
    talk = Transcript(make(Moody(2)))
    with pytest.raises(TroubleError):
        feed(talk.machine, POST)
    assert talk.state is ServerState.READING_HEAD
    assert talk.trailing == POST
    with pytest.raises(TroubleError):
        talk.machine.next_event()
    refusal = talk.goes_on(Require426)
    talk.answers(refusal)
    talk.waits()


@each_raising
def test_what_stands_in_a_body_is_never_taken_for_a_head_behind_an_exception(
    make: Callable[[Moody], Policy | Callable[[RequestInfo], Policy]],
) -> None:
    talk = Transcript(make(Moody(1000)))
    for octet in POST:
        try:
            event = feed(talk.machine, bytes((octet,)))
        except TroubleError:
            event = NEED_DATA
        assert event is NEED_DATA
    with pytest.raises(TroubleError):
        feed(talk.machine, b"")
    assert talk.trailing == POST
    octets = talk.machine.send(Reject(500))
    assert octets.startswith(b"HTTP/1.1 500 ")
    assert b"Connection: close\r\n" in octets
    talk.goes_on(ConnectionClosed)


def test_an_offer_that_raises_is_asked_again() -> None:
    talk = Transcript(Policy(MoodyOffer(Moody(1))))
    with pytest.raises(TroubleError):
        feed(talk.machine, TCP_CHUNKED + b"0\r\n\r\ntail")
    assert talk.goes_on(Accept101).request_body == b""
    assert talk.trailing == b"tail"


def test_a_subprotocol_that_was_not_offered_raises_and_loses_nothing() -> None:
    chosen = ["mqtt", "chat"]
    policy = Policy(WebSocket(select_subprotocol=lambda offered, head: chosen.pop(0)))
    talk = Transcript(policy)
    with pytest.raises(LocalProtocolError):
        feed(talk.machine, handshake(b"Sec-WebSocket-Protocol: chat") + FRAME)
    assert b"\r\nSec-WebSocket-Protocol: chat\r\n" in talk.goes_on(Accept101).to_bytes()
    assert talk.trailing == FRAME


@pytest.mark.parametrize("octets", [b"\x16\x03\x01", b"GET / HTTP/1.1\nHost: a\n\n" + HIDDEN])
def test_a_renderer_that_raises_over_what_cannot_be_read_is_asked_again(octets: bytes) -> None:
    talk = Transcript(renderer_that_raises(Moody(1)))
    with pytest.raises(TroubleError):
        feed(talk.machine, octets)
    assert talk.trailing == octets
    assert talk.goes_on(Reject).body == b"no"


def test_what_cannot_be_read_may_be_refused_when_the_renderer_raised() -> None:
    talk = Transcript(renderer_that_raises(Moody(1)))
    with pytest.raises(TroubleError):
        feed(talk.machine, b"\x16\x03\x01")
    assert b"\r\nConnection: close\r\n" in talk.answers(Reject(500))
    talk.goes_on(ConnectionClosed)


def test_behind_an_exception_end_of_file_still_ends_the_connection() -> None:
    talk = Transcript(policy_that_raises(Moody(2)))
    with pytest.raises(TroubleError):
        feed(talk.machine, plain())
    with pytest.raises(TroubleError):
        feed(talk.machine, b"")
    talk.answers(talk.goes_on(Require426))
    assert talk.goes_on(ConnectionClosed) == ConnectionClosed()


def moody_buffer(mood: Moody) -> Policy:
    return Policy(CustomProtocol("tcp", body="buffer"), refusal=renderer_that_raises(mood).refusal)


BODIES_TO_REFUSE = {
    "broken": (b"x\r\n0\r\n\r\n", "chunk-malformed"),
    "broken on": (b"1\r\na\r\nx\r\n0\r\n\r\n", "chunk-malformed"),
    "too large": (b"5\r\nhello\r\n0\r\n\r\n", "body-too-large"),
    "too large, unfinished": (b"5\r\nhello\r\n", "body-too-large"),
}


@pytest.mark.parametrize(("body", "code"), BODIES_TO_REFUSE.values(), ids=BODIES_TO_REFUSE)
def test_a_body_that_is_refused_stays_refused_behind_an_exception(body: bytes, code: str) -> None:
    talk = Transcript(moody_buffer(Moody(2)), limits=Limits(max_request_body=4))
    with pytest.raises(TroubleError):
        feed(talk.machine, TCP_CHUNKED + body)
    with pytest.raises(TroubleError):
        feed(talk.machine, b"0\r\n\r\n")
    assert talk.state is ServerState.READING_BODY
    assert codes(talk.goes_on(Reject).findings) == [code]
    talk.answers()
    talk.goes_on(ConnectionClosed)


def test_a_broken_chunk_that_was_forwarded_to_stays_refused_behind_an_exception() -> None:
    talk = Transcript(Policy(WebSocket(), refusal=renderer_that_raises(Moody(2)).refusal))
    octets = plain(b"Transfer-Encoding: chunked") + b"x\r\n0\r\n\r\n" + HIDDEN
    talk.hears(octets, Passthrough)
    with pytest.raises(TroubleError):
        talk.machine.next_event()
    with pytest.raises(TroubleError):
        feed(talk.machine, b"0\r\n\r\n" + HIDDEN)
    assert codes(talk.goes_on(Reject).findings) == ["chunk-malformed"]


def test_too_much_early_data_stays_too_much_behind_an_exception() -> None:
    policy = Policy(WebSocket(), refusal=renderer_that_raises(Moody(1)).refusal)
    talk = Transcript(policy, limits=Limits(max_early_data=8))
    accept = talk.hears(handshake(), Accept101)
    with pytest.raises(TroubleError):
        feed(talk.machine, b"123456789")
    # The proposal still stands, with all of its trailing data; or the refusal comes next.
    assert talk.trailing == b"123456789"
    assert talk.machine.next_event() is PAUSED
    refusal = talk.hears(b"0", Reject)
    assert codes(refusal.findings) == ["early-data-too-long"]
    with pytest.raises(LocalProtocolError):
        talk.answers(accept)


def test_a_parsed_head_over_which_a_callable_raised_is_decided_on_anew() -> None:
    machine = HeadNegotiator(policy_that_raises(Moody(1)))
    head = RequestHead(b"GET", b"/", [(b"Host", b"a")])
    with pytest.raises(TroubleError):
        hear_head(machine, head)
    assert machine.state is ServerState.READING_HEAD
    assert isinstance(machine.next_event(), Require426)


@pytest.mark.parametrize("heads_before", [0, 1])
def test_a_parsed_head_over_which_a_callable_raised_may_be_refused_once(heads_before: int) -> None:
    mood = Moody(0)

    def policy(info: RequestInfo) -> Policy:
        mood()
        return WEBSOCKET_OPTIONAL

    machine = HeadNegotiator(policy)
    head = RequestHead(b"GET", b"/", [(b"Host", b"a")])
    for _ in range(heads_before):
        assert isinstance(hear_head(machine, head), Passthrough)
    mood.left = 1
    with pytest.raises(TroubleError):
        hear_head(machine, head)
    octets = machine.send(Reject(500))
    assert octets.startswith(b"HTTP/1.1 500 ")
    assert b"Connection: close\r\n" in octets
    with pytest.raises(LocalProtocolError):
        machine.send(Reject(500))
    assert hear_head(machine, head) == ConnectionClosed()
