"""Dialogues: refusal and retry, pipelines, and bodies that are drained.

test_server_*.py go on: bodies that the switch needs, what passes through, what may be sent, heads
of another parser, end of file, callables.
"""

import pytest
from feeding import feed
from transcript import (
    BODIES,
    WEBSOCKET_REQUIRED,
    Transcript,
    chunked,
    codes,
)
from wire import FRAME, handshake, plain

from httpupgrade import (
    NEED_DATA,
    PAUSED,
    Accept101,
    ConnectionClosed,
    Limits,
    LocalProtocolError,
    Policy,
    Reject,
    Require426,
    ServerState,
    WebSocket,
)


def post(*lines: bytes, body: bytes = b"") -> bytes:
    return plain(*lines, line=b"POST /form HTTP/1.1", body=body)


each_framing = pytest.mark.parametrize(("framing", "body"), BODIES.values(), ids=BODIES)


# A refusal, and another try on the same connection.


def test_a_refused_client_asks_again_on_the_same_connection_and_switches() -> None:
    talk = Transcript()
    talk.hears(plain(), Require426)
    talk.pauses()
    assert talk.answers().startswith(b"HTTP/1.1 426 Upgrade Required\r\n")
    talk.waits()
    accept = talk.hears(handshake() + FRAME, Accept101)
    assert accept.head is not None
    assert accept.head.target == b"/chat"
    assert talk.trailing == FRAME
    assert talk.answers().startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    assert talk.state is ServerState.SWITCHED
    assert talk.trailing == FRAME
    talk.pauses()


def test_a_fresh_machine_waits_for_a_head() -> None:
    talk = Transcript()
    talk.waits()
    assert talk.state is ServerState.READING_HEAD
    assert talk.trailing == b""


def test_one_octet_behind_the_handshake_is_kept() -> None:
    talk = Transcript()
    talk.hears(handshake() + b"\x00", Accept101)
    talk.answers()
    assert talk.trailing == b"\x00"


def test_octets_that_arrive_while_the_decision_waits_join_the_trailing_data() -> None:
    talk = Transcript()
    talk.hears(handshake() + b"\x81", Accept101)
    assert feed(talk.machine, b"\x85") is PAUSED
    assert feed(talk.machine, FRAME[2:]) is PAUSED
    talk.answers()
    assert talk.trailing == FRAME


def test_octets_behind_the_switch_are_not_taken() -> None:
    talk = Transcript()
    talk.hears(handshake() + FRAME, Accept101)
    talk.answers()
    for data in (b"\x00", b""):
        with pytest.raises(LocalProtocolError):
            feed(talk.machine, data)
    assert talk.trailing == FRAME
    talk.pauses()


def test_behind_a_refused_upgrade_nothing_is_processed() -> None:
    # RFC 9931 5 allows it; proxies that believe in a tunnel make it dangerous (websocket-smuggle).
    talk = Transcript()
    admin = plain(line=b"GET /admin HTTP/1.1")
    refusal = talk.hears(handshake(without=b"Sec-WebSocket-Key") + admin, Reject)
    assert refusal.close
    talk.answers()
    talk.goes_on(ConnectionClosed)
    talk.hears(admin, ConnectionClosed)
    talk.hears(handshake(), ConnectionClosed)
    assert talk.state is ServerState.CLOSED


@pytest.mark.parametrize("size", [1, 64])
def test_a_pipeline_is_answered_in_order_and_stops_at_the_switch(size: int) -> None:
    requests = [plain(line=b"GET /%d HTTP/1.1" % number) for number in range(size)]
    at = size // 2
    requests[at] = handshake()
    talk = Transcript()
    event = feed(talk.machine, b"".join(requests))
    for number in range(at):
        assert isinstance(event, Require426), number
        assert talk.trailing == b"".join(requests[number + 1 :])
        talk.answers(event)
        event = talk.machine.next_event()
    assert isinstance(event, Accept101)
    talk.answers(event)
    assert talk.trailing == b"".join(requests[at + 1 :])


def test_the_policy_may_keep_the_connection_behind_a_refused_upgrade() -> None:
    talk = Transcript(Policy(WebSocket(), mode="required", close="never"))
    talk.hears(handshake(without=b"Sec-WebSocket-Key") + handshake() + FRAME, Reject)
    talk.answers()
    talk.goes_on(Accept101)
    assert talk.trailing == FRAME


@pytest.mark.parametrize(
    "octets",
    [
        plain(b"Connection: close"),
        plain(line=b"GET / HTTP/1.0"),
        plain(line=b"CONNECT server.example.com:80 HTTP/1.1"),
        post(b"Content-Length: 5", b"Expect: 100-continue"),
        post(b"Content-Length: 5", b"Transfer-Encoding: chunked"),
        plain(b"Connection: @"),
        b"junk\r\n",
    ],
    ids=["close", "HTTP/1.0", "CONNECT", "Expect and body", "two framings", "@", "junk"],
)
def test_close_never_does_not_keep_what_has_to_close(octets: bytes) -> None:
    talk = Transcript(Policy(WebSocket(), mode="required", close="never"))
    event = feed(talk.machine, octets)
    assert isinstance(event, Require426 | Reject)
    assert event.close
    talk.answers(event)
    talk.hears(handshake(), ConnectionClosed)


# The body of a refused request is read past (RFC 9112 9.3).


@each_framing
def test_the_body_of_a_refused_request_is_drained(framing: bytes, body: bytes) -> None:
    talk = Transcript()
    talk.hears(post(framing, body=body) + handshake() + FRAME, Require426)
    assert talk.trailing == body + handshake() + FRAME
    talk.answers()
    talk.goes_on(Accept101)
    assert talk.trailing == FRAME


@each_framing
def test_the_body_of_a_refused_request_is_drained_octet_by_octet(
    framing: bytes, body: bytes
) -> None:
    talk = Transcript()
    talk.hears_slowly(post(framing), Require426)
    talk.answers()
    assert talk.state is ServerState.DRAINING
    talk.hears_slowly(body + handshake(), Accept101)


@each_framing
def test_a_body_that_arrives_before_the_answer_is_drained_as_well(
    framing: bytes, body: bytes
) -> None:
    talk = Transcript()
    talk.hears(post(framing), Require426)
    for octet in body:
        assert feed(talk.machine, bytes((octet,))) is PAUSED
    talk.answers()
    talk.waits()
    talk.hears(handshake(), Accept101)


def test_a_request_inside_a_drained_body_is_no_request() -> None:
    talk = Transcript()
    hidden = handshake()
    talk.hears(post(b"Content-Length: %d" % len(hidden), body=hidden) + plain(), Require426)
    talk.answers()
    talk.goes_on(Require426)
    talk.answers()
    talk.waits()


DRAINED = chunked(b"12345678")


@pytest.mark.parametrize("slowly", [False, True])
@pytest.mark.parametrize(("limit", "kept"), [(len(DRAINED), True), (len(DRAINED) - 1, False)])
def test_a_chunked_body_is_drained_up_to_the_limit(limit: int, kept: bool, slowly: bool) -> None:
    talk = Transcript(limits=Limits(max_drain=limit))
    refusal = talk.hears(post(b"Transfer-Encoding: chunked"), Require426)
    assert not refusal.close
    talk.answers()
    pieces = [DRAINED[place : place + 1] for place in range(len(DRAINED))]
    for piece in pieces if slowly else [DRAINED]:
        event = feed(talk.machine, piece)
    if kept:
        assert event is NEED_DATA
        talk.hears(handshake(), Accept101)
    else:
        assert isinstance(event, ConnectionClosed)
        assert codes(event.findings) == ["drain-too-long"]
        assert talk.hears(handshake(), ConnectionClosed) == event


@pytest.mark.parametrize(("limit", "closes"), [(5, False), (4, True)])
def test_a_content_length_above_the_drain_limit_closes_at_once(limit: int, closes: bool) -> None:
    talk = Transcript(limits=Limits(max_drain=limit))
    refusal = talk.hears(post(b"Content-Length: 5", body=b"hello"), Require426)
    assert refusal.close is closes
    talk.answers()
    if closes:
        talk.goes_on(ConnectionClosed)
    else:
        talk.hears(handshake(), Accept101)


def test_a_broken_chunk_in_a_drained_body_closes() -> None:
    talk = Transcript()
    talk.hears(post(b"Transfer-Encoding: chunked", body=b"5\r\nhelloXX" + handshake()), Require426)
    talk.answers()
    assert codes(talk.goes_on(ConnectionClosed).findings) == ["chunk-malformed"]
    talk.hears(handshake(), ConnectionClosed)


# HEAD (RFC 9110 9.3.2).


@pytest.mark.parametrize("mode", ["with a body", "without a body"])
def test_a_refusal_of_a_head_request_has_no_content(mode: str) -> None:
    lines = (b"Content-Length: 1",) if mode == "with a body" else ()
    talk = Transcript(WEBSOCKET_REQUIRED)
    refusal = talk.hears(plain(*lines, line=b"HEAD / HTTP/1.1"), Require426)
    written = talk.answers()
    assert refusal.body == b""
    assert written.endswith(b"\r\n\r\n")
    assert b"\r\nContent-Length: 0\r\n" not in written
