"""Dialogues: bodies that the switch needs, Expect, and octets that arrive before the answer."""

import pytest
from feeding import feed
from transcript import BODIES, TCP_BUFFERED, TCP_POST, Transcript, codes
from wire import FRAME, handshake, plain, request

from httpupgrade import (
    NEED_DATA,
    PAUSED,
    Accept101,
    ConnectionClosed,
    Continue100,
    CustomProtocol,
    Limits,
    LocalProtocolError,
    Policy,
    Reject,
    Require426,
    ServerState,
    UpgradeToken,
    WebSocket,
)

TCP = UpgradeToken("tcp")
WEBSOCKET_TOKEN = UpgradeToken("websocket")
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def post(*lines: bytes, body: bytes = b"") -> bytes:
    return plain(*lines, line=b"POST /form HTTP/1.1", body=body)


def tcp_post(*lines: bytes, body: bytes = b"") -> bytes:
    return request(*TCP_POST, *lines, line=b"POST /attach HTTP/1.1", body=body)


each_framing = pytest.mark.parametrize(("framing", "body"), BODIES.values(), ids=BODIES)


# A body that the switch needs (RFC 9110 7.8).


@each_framing
def test_a_body_is_read_before_the_switch_and_handed_over(framing: bytes, body: bytes) -> None:
    talk = Transcript(TCP_BUFFERED)
    accept = talk.hears(tcp_post(framing, body=body) + b"tail", Accept101)
    assert accept.request_body == b"hello"
    assert not accept.awaits_body
    assert talk.trailing == b"tail"
    assert talk.answers().startswith(b"HTTP/1.1 101 ")
    assert talk.trailing == b"tail"


@each_framing
def test_a_body_is_read_before_the_switch_octet_by_octet(framing: bytes, body: bytes) -> None:
    talk = Transcript(TCP_BUFFERED)
    accept = talk.hears_slowly(tcp_post(framing, body=body), Accept101)
    assert accept.request_body == b"hello"


def test_while_the_body_is_read_nothing_is_agreed_to() -> None:
    talk = Transcript(TCP_BUFFERED)
    talk.hears_and_waits(tcp_post(b"Content-Length: 5", body=b"hell"))
    assert talk.state is ServerState.READING_BODY
    for decision in (Accept101(TCP), Continue100()):
        with pytest.raises(LocalProtocolError):
            talk.answers(decision)
    assert talk.hears(b"o", Accept101).request_body == b"hello"


def test_while_the_body_is_read_the_request_may_be_refused() -> None:
    # Its end is not known to have come, so the connection closes (RFC 9112 9.3).
    talk = Transcript(TCP_BUFFERED)
    talk.hears_and_waits(tcp_post(b"Content-Length: 5", body=b"hell"))
    octets = talk.answers(Reject(401))
    assert octets.startswith(b"HTTP/1.1 401 ")
    assert b"Connection: close\r\n" in octets
    talk.goes_on(ConnectionClosed)


@each_framing
def test_behind_a_body_that_was_read_a_refusal_leaves_the_next_request(
    framing: bytes, body: bytes
) -> None:
    talk = Transcript(Policy(CustomProtocol("tcp", body="buffer"), mode="required", close="never"))
    talk.hears(tcp_post(framing, body=body) + tcp_post() + b"tail", Accept101)
    assert b"Connection" not in talk.answers(Reject(401))
    assert talk.goes_on(Accept101).request_body == b""
    assert talk.trailing == b"tail"


@pytest.mark.parametrize("slowly", [False, True])
@pytest.mark.parametrize(("limit", "fits"), [(5, True), (4, False)])
@each_framing
def test_a_body_is_read_up_to_the_limit(
    framing: bytes, body: bytes, limit: int, fits: bool, slowly: bool
) -> None:
    talk = Transcript(TCP_BUFFERED, limits=Limits(max_request_body=limit))
    octets = tcp_post(framing, body=body)
    if fits:
        hear = talk.hears_slowly if slowly else talk.hears
        assert hear(octets, Accept101).request_body == b"hello"
        return
    pieces = [octets[place : place + 1] for place in range(len(octets))]
    for piece in pieces if slowly else [octets]:
        event = feed(talk.machine, piece)
        if event is not NEED_DATA:
            break
    assert isinstance(event, Reject)
    assert event.status_code == 413
    assert event.close
    assert codes(event.findings)[-1:] == ["body-too-large"]
    talk.answers(event)
    talk.hears(handshake(), ConnectionClosed)


def test_a_broken_chunk_in_a_body_that_is_read_draws_400() -> None:
    talk = Transcript(TCP_BUFFERED)
    refusal = talk.hears(tcp_post(b"Transfer-Encoding: chunked", body=b"0x5\r\nhello"), Reject)
    assert (refusal.status_code, refusal.close) == (400, True)
    assert codes(refusal.findings) == ["chunk-malformed"]
    talk.answers()
    talk.goes_on(ConnectionClosed)


def test_a_body_that_the_offer_does_not_take_never_reaches_the_new_protocol() -> None:
    # CVE-2026-69243, CVE-2022-41721.
    talk = Transcript(Policy(WebSocket(), mode="required", close="never"))
    talk.hears(handshake(b"Content-Length: 7") + FRAME[:7] + handshake(), Reject)
    talk.answers()
    talk.goes_on(Accept101)
    assert talk.trailing == b""


# Expect: 100-continue (RFC 9110 7.8, 10.1.1).


def test_without_a_body_the_100_goes_out_in_front_of_the_101() -> None:
    talk = Transcript()
    accept = talk.hears(handshake(b"Expect: 100-continue"), Accept101)
    assert accept.interim == Continue100()
    assert talk.answers().startswith(CONTINUE + b"HTTP/1.1 101 ")


def test_the_100_may_be_sent_first_and_goes_out_once() -> None:
    talk = Transcript()
    accept = talk.hears(handshake(b"Expect: 100-continue"), Accept101)
    assert talk.answers(Continue100()) == CONTINUE
    talk.pauses()
    with pytest.raises(LocalProtocolError):
        talk.answers(Continue100())
    assert talk.answers(accept).startswith(b"HTTP/1.1 101 ")


@pytest.mark.parametrize("interim", [None, Continue100()])
def test_the_100_goes_out_whatever_another_acceptance_says(interim: Continue100 | None) -> None:
    talk = Transcript(Policy(CustomProtocol("tcp")))
    talk.hears(request(*TCP_POST, b"Expect: 100-continue"), Accept101)
    another = Accept101(TCP, interim=interim, awaits_body=True)
    assert talk.answers(another).startswith(CONTINUE + b"HTTP/1.1 101 ")


def test_no_100_goes_out_that_nobody_waits_for() -> None:
    talk = Transcript(Policy(CustomProtocol("tcp")))
    talk.hears(request(*TCP_POST), Accept101)
    with pytest.raises(LocalProtocolError):
        talk.answers(Continue100())
    assert talk.answers(Accept101(TCP, interim=Continue100())).startswith(b"HTTP/1.1 101 ")


@each_framing
def test_with_a_body_the_100_comes_first_then_the_body_then_the_101(
    framing: bytes, body: bytes
) -> None:
    talk = Transcript(TCP_BUFFERED)
    talk.hears(tcp_post(framing, b"Expect: 100-continue"), Continue100)
    talk.pauses()
    assert talk.answers() == CONTINUE
    assert talk.state is ServerState.READING_BODY
    accept = talk.hears_slowly(body, Accept101)
    assert (accept.request_body, accept.interim) == (b"hello", None)
    assert talk.answers().startswith(b"HTTP/1.1 101 ")


def test_the_100_goes_out_also_when_the_body_is_there_already() -> None:
    talk = Transcript(TCP_BUFFERED)
    talk.hears(tcp_post(b"Content-Length: 5", b"Expect: 100-continue", body=b"hello!"), Continue100)
    talk.answers()
    assert talk.goes_on(Accept101).request_body == b"hello"
    assert talk.trailing == b"!"


def test_while_the_client_waits_for_a_100_no_acceptance_can_be_sent() -> None:
    talk = Transcript(TCP_BUFFERED)
    talk.hears(tcp_post(b"Content-Length: 5", b"Expect: 100-continue"), Continue100)
    with pytest.raises(LocalProtocolError):
        talk.answers(Accept101(TCP))
    talk.pauses()


def test_a_refusal_in_place_of_the_100_closes() -> None:
    # RFC 9110 10.1.1: the client may send the body, or leave it.
    talk = Transcript(Policy(CustomProtocol("tcp", body="buffer"), close="never"))
    talk.hears(tcp_post(b"Content-Length: 5", b"Expect: 100-continue"), Continue100)
    assert b"\r\nConnection: close\r\n" in talk.answers(Reject(401))
    talk.hears(b"hello" + handshake(), ConnectionClosed)


# Octets that arrive before the answer.


@pytest.mark.parametrize("pieces", [1, 8])
@pytest.mark.parametrize(("size", "refused"), [(8, False), (9, True)])
def test_early_data_is_held_up_to_the_limit(size: int, refused: bool, pieces: int) -> None:
    talk = Transcript(limits=Limits(max_early_data=8))
    talk.hears(handshake(), Accept101)
    early = bytes(range(size))
    step = 1 if pieces > 1 else size
    for place in range(0, size, step):
        event = feed(talk.machine, early[place : place + step])
    if not refused:
        assert event is PAUSED
        talk.answers()
        assert talk.trailing == early
        return
    assert isinstance(event, Reject)
    assert (event.status_code, event.close) == (400, True)
    assert codes(event.findings) == ["early-data-too-long"]
    assert talk.trailing == b""
    with pytest.raises(LocalProtocolError):
        talk.answers(Accept101(WEBSOCKET_TOKEN))
    assert talk.answers(event).startswith(b"HTTP/1.1 400 ")
    talk.goes_on(ConnectionClosed)


def test_behind_a_refusal_that_waits_and_closes_early_data_is_dropped_but_not_answered() -> None:
    talk = Transcript(limits=Limits(max_early_data=8))
    refusal = talk.hears(handshake(b"Sec-WebSocket-Version: 99"), Require426)
    for _ in range(100):
        assert feed(talk.machine, b"x" * 8) is PAUSED
        assert len(talk.trailing) <= 8
    assert talk.answers(refusal).startswith(b"HTTP/1.1 426 ")
    talk.goes_on(ConnectionClosed)


def test_too_much_early_data_behind_a_refusal_makes_it_the_last_answer() -> None:
    talk = Transcript(limits=Limits(max_early_data=8))
    first = talk.hears(post(b"Content-Length: 100"), Require426)
    assert not first.close
    refusal = talk.hears(b"x" * 9, Require426)
    assert refusal == first.closing()
    assert feed(talk.machine, b"x" * 9) is PAUSED
    talk.answers(refusal)
    talk.hears(handshake(), ConnectionClosed)


def test_the_limit_of_early_data_does_not_bound_one_read() -> None:
    # What arrives together with the head is as large as the driver's read; it is held already.
    talk = Transcript(limits=Limits(max_early_data=8))
    talk.hears(handshake() + bytes(100), Accept101)
    talk.answers()
    assert talk.trailing == bytes(100)
