"""End of file in every state."""

import pytest
from feeding import feed
from transcript import TCP_BUFFERED, TCP_POST, WEBSOCKET_OPTIONAL, Transcript, chunked, codes
from wire import FRAME, handshake, plain, request

from httpupgrade import (
    NEED_DATA,
    PAUSED,
    Accept101,
    ConnectionClosed,
    Continue100,
    Forward,
    LocalProtocolError,
    Passthrough,
    Reject,
    Require426,
    ServerState,
)

CHUNKED = b"Transfer-Encoding: chunked"


def closed(*expected: str, event: ConnectionClosed) -> None:
    assert codes(event.findings) == list(expected)


def test_no_octet_at_all_is_a_finding() -> None:
    # Port scans and TCP health checks.
    talk = Transcript()
    closed("no-request", event=talk.ends())
    assert talk.state is ServerState.CLOSED


@pytest.mark.parametrize("octets", [b"\r\n", b"\r", b"\r\n\r\n"])
def test_empty_lines_are_octets_but_no_request(octets: bytes) -> None:
    talk = Transcript()
    talk.hears_and_waits(octets)
    closed(event=talk.ends())


@pytest.mark.parametrize(
    "octets",
    [b"G", b"GET / HTTP/1.1\r\nHost: a\r\n", b"\r\nG", b"\x16", b"PROXY ", b"\r\n\r\n\x00\r"],
)
def test_inside_a_head_it_is_a_finding(octets: bytes) -> None:
    talk = Transcript()
    talk.hears_and_waits(octets)
    closed("head-incomplete", event=talk.ends())


def test_behind_an_answered_request_nothing_is_wrong() -> None:
    talk = Transcript()
    talk.hears(plain(), Require426)
    talk.answers()
    closed(event=talk.ends())


@pytest.mark.parametrize("octets", [b"", b"\r\n"])
def test_behind_a_message_that_passed_through_nothing_is_wrong(octets: bytes) -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL)
    talk.hears(plain() + octets, Passthrough)
    talk.goes_on(Forward)
    talk.waits()
    closed(event=talk.ends())


def test_behind_an_answered_request_part_of_a_head_is_a_finding() -> None:
    talk = Transcript()
    talk.hears(plain() + b"GET", Require426)
    talk.answers()
    talk.waits()
    closed("head-incomplete", event=talk.ends())


def test_it_may_be_told_of_again() -> None:
    talk = Transcript()
    talk.hears_and_waits(b"GET")
    event = talk.ends()
    assert talk.ends() == event
    assert talk.goes_on(ConnectionClosed) == event


def test_octets_behind_it_are_misuse() -> None:
    talk = Transcript()
    talk.ends()
    with pytest.raises(LocalProtocolError):
        feed(talk.machine, b"GET")
    assert talk.trailing == b""


def test_octets_behind_it_are_misuse_also_while_a_decision_waits() -> None:
    talk = Transcript()
    talk.hears(plain(), Require426)
    assert feed(talk.machine, b"") is PAUSED
    with pytest.raises(LocalProtocolError):
        feed(talk.machine, b"GET")
    assert talk.trailing == b""


def test_a_client_that_has_closed_its_side_gets_its_answer() -> None:
    talk = Transcript()
    refusal = talk.hears(plain(), Require426)
    assert feed(talk.machine, b"") is PAUSED
    assert talk.answers(refusal).startswith(b"HTTP/1.1 426 ")
    closed(event=talk.goes_on(ConnectionClosed))


def test_a_client_that_has_closed_its_side_may_still_switch() -> None:
    talk = Transcript()
    accept = talk.hears(handshake() + FRAME, Accept101)
    assert feed(talk.machine, b"") is PAUSED
    assert talk.answers(accept).startswith(b"HTTP/1.1 101 ")
    assert talk.trailing == FRAME


def test_every_request_in_front_of_it_is_answered() -> None:
    talk = Transcript()
    body = chunked(b"hello")
    talk.hears(plain() + plain(CHUNKED) + body + plain(), Require426)
    assert feed(talk.machine, b"") is PAUSED
    talk.answers()
    talk.goes_on(Require426)
    talk.answers()
    talk.goes_on(Require426)
    talk.answers()
    closed(event=talk.goes_on(ConnectionClosed))


def test_every_message_in_front_of_it_is_forwarded() -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL)
    talk.hears(plain(b"Content-Length: 5") + b"hello" + plain(), Passthrough)
    assert feed(talk.machine, b"") == Forward(b"hello", end=True)
    talk.goes_on(Passthrough)
    assert talk.goes_on(Forward) == Forward(b"", end=True)
    closed(event=talk.goes_on(ConnectionClosed))


BODIES = {
    "length": (b"Content-Length: 5", b"hell"),
    "length, none": (b"Content-Length: 5", b""),
    "chunk data": (CHUNKED, b"5\r\nhe"),
    "chunk header": (CHUNKED, b"5"),
    "chunk end": (CHUNKED, b"5\r\nhello\r"),
    "trailers": (CHUNKED, b"0\r\nX: y\r\n"),
}
each_body = pytest.mark.parametrize(("framing", "part"), BODIES.values(), ids=BODIES)


@each_body
def test_inside_a_body_that_is_drained_it_is_a_finding(framing: bytes, part: bytes) -> None:
    talk = Transcript()
    talk.hears(plain(framing) + part, Require426)
    talk.answers()
    talk.waits()
    closed("body-incomplete", event=talk.ends())


@each_body
def test_inside_a_body_that_the_switch_needs_it_is_a_finding(framing: bytes, part: bytes) -> None:
    talk = Transcript(TCP_BUFFERED)
    talk.hears_and_waits(request(*TCP_POST, framing, line=b"POST / HTTP/1.1") + part)
    closed("body-incomplete", event=talk.ends())
    with pytest.raises(LocalProtocolError):
        talk.answers(Reject(400, close=True))


@each_body
def test_inside_a_message_that_passed_through_it_is_a_finding(framing: bytes, part: bytes) -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL)
    talk.hears(plain(framing) + part, Passthrough)
    event = talk.machine.next_event()
    while isinstance(event, Forward):
        assert not event.end
        event = talk.machine.next_event()
    assert event is NEED_DATA
    closed("body-incomplete", event=talk.ends())


def test_it_may_come_before_the_forwarded_octets_are_asked_for() -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL)
    talk.hears(plain(b"Content-Length: 5") + b"hell", Passthrough)
    assert feed(talk.machine, b"") == Forward(b"hell", end=False)
    closed("body-incomplete", event=talk.goes_on(ConnectionClosed))


def test_while_the_client_waits_for_a_100_the_100_can_still_go_out() -> None:
    talk = Transcript(TCP_BUFFERED)
    lines = (b"Content-Length: 5", b"Expect: 100-continue")
    talk.hears(request(*TCP_POST, *lines, line=b"POST / HTTP/1.1"), Continue100)
    assert feed(talk.machine, b"") is PAUSED
    talk.answers()
    closed("body-incomplete", event=talk.goes_on(ConnectionClosed))


def test_where_everything_is_handed_on_nothing_is_wrong() -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL)
    talk.hears(b"\x16\x03\x01", Passthrough)
    assert feed(talk.machine, b"") == Forward(b"\x16\x03\x01", end=False)
    closed(event=talk.goes_on(ConnectionClosed))


def test_behind_a_refusal_that_closes_nothing_is_wrong() -> None:
    talk = Transcript()
    talk.hears(b"\x16\x03\x01", Reject)
    talk.answers()
    closed(event=talk.ends())
    with pytest.raises(LocalProtocolError):
        feed(talk.machine, b"\x16")


def test_behind_a_switch_it_is_the_new_protocols() -> None:
    talk = Transcript()
    talk.hears(handshake(), Accept101)
    talk.answers()
    with pytest.raises(LocalProtocolError):
        feed(talk.machine, b"")
    assert talk.state is ServerState.SWITCHED


def test_what_closed_the_connection_first_is_what_is_told() -> None:
    talk = Transcript()
    talk.hears(plain(CHUNKED) + b"x\r\n", Require426)
    talk.answers()
    closed("chunk-malformed", event=talk.goes_on(ConnectionClosed))
    closed("chunk-malformed", event=talk.ends())
