"""What is sent at the wrong time: a refused ``send()`` changes nothing."""

import pytest
from feeding import feed
from transcript import WEBSOCKET_OPTIONAL, Transcript
from wire import ACCEPT, handshake, plain

from httpupgrade import (
    NEED_DATA,
    PAUSED,
    Accept101,
    ConnectionClosed,
    Continue100,
    Decision,
    Forward,
    LocalProtocolError,
    Passthrough,
    Reject,
    Require426,
    UpgradeToken,
)

WEBSOCKET = UpgradeToken("websocket")
Refused = Require426 | Reject
KEYED = (b"Sec-WebSocket-Accept", ACCEPT)


def accepted() -> Transcript:
    talk = Transcript()
    talk.hears(handshake() + b"tail", Accept101)
    return talk


ANY_DECISION: dict[str, Decision | Continue100] = {
    "Accept101": Accept101(WEBSOCKET, headers=(KEYED,)),
    "Continue100": Continue100(),
    "Require426": Require426((WEBSOCKET,)),
    "Require426 close": Require426((WEBSOCKET,), close=True),
    "Reject": Reject(400),
    "Reject close": Reject(400, close=True),
    "Passthrough": Passthrough(None),
}
any_decision = pytest.mark.parametrize("decision", ANY_DECISION.values(), ids=ANY_DECISION)


REFUSALS = {name: each for name, each in ANY_DECISION.items() if isinstance(each, Refused)}
NO_REFUSALS = {name: each for name, each in ANY_DECISION.items() if name not in REFUSALS}
any_refusal = pytest.mark.parametrize("decision", REFUSALS.values(), ids=REFUSALS)
no_refusal = pytest.mark.parametrize("decision", NO_REFUSALS.values(), ids=NO_REFUSALS)


@no_refusal
def test_nothing_but_a_refusal_is_sent_before_there_is_a_request(
    decision: Decision | Continue100,
) -> None:
    talk = Transcript()
    talk.refuses(decision)
    talk.hears_and_waits(b"GET / HTTP/1.1\r\n")
    talk.refuses(decision)
    assert isinstance(feed(talk.machine, b"Host: a\r\n\r\n"), Require426)


@any_decision
def test_nothing_is_sent_behind_a_switch(decision: Decision | Continue100) -> None:
    talk = accepted()
    talk.answers()
    talk.refuses(decision)


@any_decision
@pytest.mark.parametrize("draining", [False, True])
def test_a_refusal_is_sent_once(decision: Decision | Continue100, draining: bool) -> None:
    talk = Transcript()
    lines = (b"Content-Length: 5",) if draining else ()
    talk.hears(plain(*lines), Require426)
    talk.answers()
    talk.refuses(decision)
    if draining:
        assert talk.machine.next_event() is NEED_DATA
        talk.refuses(decision)


@any_decision
@pytest.mark.parametrize("octets", [handshake(b"Connection: x"), b"\x16\x03"], ids=["head", "none"])
def test_nothing_is_sent_behind_a_refusal_that_closes(
    decision: Decision | Continue100, octets: bytes
) -> None:
    talk = Transcript()
    event = feed(talk.machine, octets)
    assert isinstance(event, Require426 | Reject)
    talk.answers(event)
    talk.refuses(decision)
    talk.goes_on(ConnectionClosed)
    talk.refuses(decision)


@any_decision
@pytest.mark.parametrize("close", [False, True])
@pytest.mark.parametrize("octets", [plain(), plain(b"Content-Length: 5"), b"\x16\x03"])
def test_a_refusal_of_what_passed_through_is_sent_once(
    octets: bytes, decision: Decision | Continue100, close: bool
) -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL)
    talk.hears(octets, Passthrough)
    talk.answers(Reject(401, close=close))
    talk.refuses(decision)
    if close or octets != plain():
        talk.machine.next_event()
        talk.refuses(decision)


@any_decision
def test_nothing_is_sent_when_the_peer_has_left(decision: Decision | Continue100) -> None:
    for octets in (b"", b"GET", plain(b"Content-Length: 5"), b"\x16\x03"):
        talk = Transcript(WEBSOCKET_OPTIONAL)
        feed(talk.machine, octets or b"\r\n")
        event = feed(talk.machine, b"")
        while isinstance(event, Forward):
            event = talk.machine.next_event()
        assert isinstance(event, ConnectionClosed)
        talk.refuses(decision)
        talk.goes_on(ConnectionClosed)


def test_a_switch_is_sent_once() -> None:
    talk = accepted()
    assert talk.machine.next_event() is PAUSED
    talk.answers()
    with pytest.raises(LocalProtocolError):
        talk.answers()


def test_no_100_takes_the_place_of_a_refusal() -> None:
    talk = Transcript()
    refusal = talk.hears(plain(b"Content-Length: 5", b"Expect: 100-continue"), Require426)
    talk.refuses(Continue100())
    assert talk.answers(refusal).startswith(b"HTTP/1.1 426 ")


def test_no_switch_takes_the_place_of_a_refusal() -> None:
    talk = Transcript()
    refusal = talk.hears(handshake(b"Sec-WebSocket-Version: 99"), Require426)
    talk.refuses(Accept101(WEBSOCKET, headers=(KEYED,)))
    assert talk.answers(refusal).startswith(b"HTTP/1.1 426 ")


def test_only_an_answer_to_head_goes_without_its_content() -> None:
    # RFC 9112 6.3: any other client would wait for the octets that Content-Length promises.
    bare = Reject(401, body=b"no").without_content()
    talk = Transcript()
    talk.hears(plain(), Require426)
    talk.refuses(bare)
    other = Transcript()
    other.hears(plain(line=b"HEAD / HTTP/1.1"), Require426)
    written = other.answers(bare)
    assert b"\r\nContent-Length: 2\r\n" in written
    assert written.endswith(b"\r\n\r\n")


def test_what_are_no_octets_is_not_taken() -> None:
    talk = Transcript()
    talk.hears_and_waits(b"GET ")
    with pytest.raises(TypeError, match=r"^data is bytes, not str$"):
        talk.machine.receive_data("/")  # type: ignore[arg-type]
    assert talk.trailing == b"GET "
