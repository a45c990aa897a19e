"""Dialogues about what is not ours: nothing is lost, changed, or parsed early."""

import pytest
from feeding import feed
from transcript import WEBSOCKET_OPTIONAL, Transcript, chunked, codes
from wire import FRAME, handshake, plain, request, splits

from httpupgrade import (
    NEED_DATA,
    Accept101,
    ConnectionClosed,
    Forward,
    Limits,
    LocalProtocolError,
    Passthrough,
    Policy,
    Reject,
    RequestInfo,
    ServerNegotiator,
    ServerState,
)

H2C_LINES = (
    b"Host: a",
    b"Connection: Upgrade, HTTP2-Settings",
    b"Upgrade: h2c",
    b"HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA",
)
CHUNKED_HEAD = plain(b"Transfer-Encoding: chunked", line=b"POST / HTTP/1.1")


def passed_through(pieces: list[bytes]) -> tuple[bytes, list[bytes]]:
    """All that came out of the machine, and each message of it."""
    machine = ServerNegotiator(WEBSOCKET_OPTIONAL)
    messages: list[bytes] = []
    for piece in pieces:
        event = feed(machine, piece)
        while event is not NEED_DATA:
            if isinstance(event, Passthrough):
                messages.append(event.data)
            else:
                assert isinstance(event, Forward), event
                messages[-1] += event.data
            event = machine.next_event()
    return b"".join(messages), messages


# A driver that stays.


def test_each_message_has_one_passthrough_and_one_end() -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL)
    body = chunked(b"hello", trailers=b"X: y\r\n")
    passed = talk.hears(CHUNKED_HEAD, Passthrough)
    assert passed.data == CHUNKED_HEAD
    assert passed.head is not None
    assert passed.head.method == b"POST"
    talk.waits()
    assert talk.hears(body[:8], Forward) == Forward(b"5\r\nhello", end=False)
    talk.waits()
    talk.hears(body[8:] + plain(), Forward)
    assert talk.state is ServerState.READING_HEAD
    assert talk.goes_on(Passthrough).data == plain()
    assert talk.goes_on(Forward) == Forward(b"", end=True)
    talk.waits()


@pytest.mark.parametrize(
    "octets",
    [
        plain(),
        plain(line=b"HEAD / HTTP/1.1"),
        plain(b"Connection: keep-alive", line=b"GET / HTTP/1.0"),
        plain(b"Content-Length: 0", line=b"POST / HTTP/1.1"),
        plain(b"Content-Length: 000", line=b"POST / HTTP/1.1"),
    ],
    ids=["GET", "HEAD", "HTTP/1.0", "length 0", "length 000"],
)
def test_a_message_without_a_body_ends_with_no_octets(octets: bytes) -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL)
    assert talk.hears(octets, Passthrough).data == octets
    assert talk.goes_on(Forward) == Forward(b"", end=True)
    talk.waits()


LAST_MESSAGES = {
    "close": plain(b"Connection: close"),
    "Close among others": plain(b"Connection: keep-alive", b"Connection: x, Close"),
    "HTTP/1.0": plain(line=b"GET / HTTP/1.0"),
    "HTTP/1.0 with a body": plain(b"Content-Length: 5", line=b"POST / HTTP/1.0") + b"hello",
}


@pytest.mark.parametrize("octets", LAST_MESSAGES.values(), ids=LAST_MESSAGES)
def test_behind_a_message_that_says_it_is_the_last_nothing_is_processed(octets: bytes) -> None:
    # RFC 9112 9.6: the server MUST NOT process further requests of the connection.
    talk = Transcript(WEBSOCKET_OPTIONAL)
    passed = talk.hears(octets + handshake(), Passthrough)
    forward = talk.goes_on(Forward)
    assert (passed.data + forward.data, forward.end) == (octets, True)
    assert talk.goes_on(ConnectionClosed) == ConnectionClosed()
    assert talk.hears(handshake(), ConnectionClosed) == ConnectionClosed()
    assert talk.state is ServerState.CLOSED


def test_the_last_octets_of_a_body_and_its_end_are_one_event() -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL)
    talk.hears(plain(b"Content-Length: 5") + b"hell", Passthrough)
    assert talk.goes_on(Forward) == Forward(b"hell", end=False)
    talk.waits()
    assert talk.hears(b"o" + handshake() + FRAME, Forward) == Forward(b"o", end=True)
    talk.goes_on(Accept101)
    assert talk.trailing == FRAME


def test_a_request_inside_a_forwarded_body_is_no_request() -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL)
    hidden = handshake()
    talk.hears(plain(b"Content-Length: %d" % len(hidden)) + hidden + plain(), Passthrough)
    assert talk.goes_on(Forward) == Forward(hidden, end=True)
    assert talk.goes_on(Passthrough).data == plain()


def test_the_next_head_is_not_decided_on_before_the_driver_asks() -> None:
    asked: list[bytes] = []

    def policy(info: RequestInfo) -> Policy:
        asked.append(info.head.target)
        return WEBSOCKET_OPTIONAL

    talk = Transcript(policy)
    talk.hears(plain(line=b"GET /1 HTTP/1.1") + plain(line=b"GET /2 HTTP/1.1"), Passthrough)
    assert asked == [b"/1"]
    assert talk.trailing == plain(line=b"GET /2 HTTP/1.1")
    talk.goes_on(Forward)
    assert asked == [b"/1"]
    talk.goes_on(Passthrough)
    assert asked == [b"/1", b"/2"]


def test_the_expected_100_is_left_to_the_other_server() -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL)
    lines = (b"Content-Length: 5", b"Expect: 100-continue")
    talk.hears(plain(*lines, line=b"POST / HTTP/1.1"), Passthrough)
    talk.waits()
    assert talk.hears(b"hello", Forward) == Forward(b"hello", end=True)


def test_an_empty_line_in_front_of_a_head_is_no_part_of_it() -> None:
    # RFC 9112 2.2: a server SHOULD ignore at least one.
    talk = Transcript(WEBSOCKET_OPTIONAL)
    assert talk.hears(b"\r\n" + plain(), Passthrough).data == plain()
    talk.goes_on(Forward)
    assert talk.hears(b"\r\n\r\n" + plain(), Passthrough).data == plain()


# Framing that breaks on the way.

BROKEN_CHUNKS = {
    "size": b"x\r\n",
    "bare LF": b"5\n",
    "no CRLF behind the data": b"1\r\nab",
    "huge size": b"1" * 17 + b"\r\n",
    "line without end": b"5;" + b"a" * 5000,
    "trailer": b"0\r\nno colon\r\n",
    "trailers without end": b"0\r\n" + b"A: b\r\n" * 129,
}


@pytest.mark.parametrize("broken", BROKEN_CHUNKS.values(), ids=BROKEN_CHUNKS)
def test_a_broken_chunk_ends_a_forwarded_message_with_a_rejection(broken: bytes) -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL)
    talk.hears(CHUNKED_HEAD + b"2\r\nab\r\n" + broken + handshake(), Passthrough)
    assert talk.goes_on(Forward).data.startswith(b"2\r\nab\r\n")
    refusal = talk.goes_on(Reject)
    assert (refusal.status_code, refusal.close) == (400, True)
    assert codes(refusal.findings) == ["chunk-malformed"]
    talk.pauses()
    assert b"\r\nConnection: close\r\n" in talk.answers(Reject(502))
    talk.hears(handshake(), ConnectionClosed)


def test_nothing_of_a_broken_chunk_itself_is_forwarded() -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL)
    talk.hears(CHUNKED_HEAD, Passthrough)
    talk.hears_and_waits(b"x")
    talk.hears_and_waits(b"\r")
    talk.hears(b"\n", Reject)


@pytest.mark.parametrize(
    "octets",
    [
        plain(line=b"CONNECT server.example.com:80 HTTP/1.1"),
        plain(line=b"GET / HTTP/2.0"),
        plain(b"Content-Length: 1", b"Content-Length: 2"),
        plain(b"Content-Length: 5", b"Transfer-Encoding: chunked"),
        plain(b"Transfer-Encoding: identity"),
        plain(b"Content-Length: +5"),
        plain(b"Connection: @"),
        b"GET / HTTP/1.1\nHost: a\n\n",
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        b"NO VERSION\r\n\r\n",
    ],
    ids=lambda octets: repr(octets[-40:]),
)
def test_where_messages_cannot_be_told_apart_everything_is_handed_on(octets: bytes) -> None:
    # CONNECT: what follows is no HTTP. Otherwise two parsers might see two different ends.
    talk = Transcript(WEBSOCKET_OPTIONAL)
    data = talk.hears(octets + handshake(), Passthrough).data
    rest = talk.goes_on(Forward)
    assert talk.state is ServerState.OPAQUE
    assert data + rest.data == octets + handshake()
    assert not rest.end
    talk.waits()
    assert talk.hears(handshake(), Forward) == Forward(handshake(), end=False)
    assert talk.ends() == ConnectionClosed()


# A driver that hands the connection over instead.


def test_the_driver_may_let_go_with_every_octet() -> None:
    octets = CHUNKED_HEAD + chunked(b"hello") + handshake()
    talk = Transcript(WEBSOCKET_OPTIONAL)
    assert talk.hears(octets, Passthrough).data + talk.trailing == octets


H2C = request(*H2C_LINES, b"Transfer-Encoding: chunked", line=b"POST / HTTP/1.1")
H2C_BODY = chunked(b"hello", b"PRI * HTTP/2.0", trailers=b"X: y\r\n")


def test_an_h2c_offer_with_a_body_passes_intact_however_it_is_split() -> None:
    octets = H2C + H2C_BODY + plain()
    for pieces in splits(octets):
        assert passed_through(pieces) == (octets, [H2C + H2C_BODY, plain()])


def test_an_h2c_offer_with_a_body_passes_intact_octet_by_octet() -> None:
    octets = H2C + H2C_BODY + plain()
    pieces = [octets[place : place + 1] for place in range(len(octets))]
    assert passed_through(pieces) == (octets, [H2C + H2C_BODY, plain()])


@pytest.mark.parametrize("split", [0, 1, len(H2C) - 1, len(H2C), len(H2C) + 4])
def test_a_declined_offer_leaves_every_other_octet(split: int) -> None:
    octets = H2C + H2C_BODY
    machine = ServerNegotiator(WEBSOCKET_OPTIONAL)
    fed = [octets[:split], octets[split:]] if split else [octets]
    events = [feed(machine, piece) for piece in fed]
    passed = next(event for event in events if isinstance(event, Passthrough))
    out = passed.without_upgrade().data
    for event in events[events.index(passed) + 1 :]:
        assert isinstance(event, Forward)
        out += event.data
    while (event := machine.next_event()) is not NEED_DATA:
        assert isinstance(event, Forward)
        out += event.data
    expected = request(b"Host: a", b"Transfer-Encoding: chunked", line=b"POST / HTTP/1.1")
    assert out == expected + H2C_BODY


# A driver that refuses what it was given.


def test_a_message_that_passed_through_may_be_refused_and_its_body_drained() -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL)
    octets = plain(b"Content-Length: 5", line=b"POST / HTTP/1.1") + b"hello" + handshake()
    talk.hears(octets, Passthrough)
    written = talk.answers(Reject(401))
    assert b"Connection" not in written
    talk.goes_on(Accept101)


def test_once_something_of_it_was_forwarded_a_message_cannot_be_refused() -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL)
    talk.hears(plain(b"Content-Length: 5") + b"hell", Passthrough)
    talk.goes_on(Forward)
    talk.refuses(Reject(401))
    assert talk.state is ServerState.FORWARDING


@pytest.mark.parametrize(
    "octets",
    [
        plain(b"Connection: close"),
        plain(line=b"CONNECT a:1 HTTP/1.1"),
        plain(line=b"GET / HTTP/2.0"),
        plain(line=b"GET / HTTP/1.0"),
        plain(b"Content-Length: 5", b"Expect: 100-continue"),
        plain(b"Content-Length: 6000"),
        handshake(b"Upgrade: h2c"),
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    ],
    ids=lambda octets: repr(octets[:60]),
)
def test_a_refusal_of_what_passed_through_closes_where_any_refusal_does(octets: bytes) -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL, limits=Limits(max_drain=5999))
    talk.hears(octets, Passthrough)
    assert b"close\r\n" in talk.answers(Reject(401))
    talk.hears(handshake(), ConnectionClosed)


def test_what_passed_through_cannot_be_sent_or_switched() -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL)
    passed = talk.hears(plain(), Passthrough)
    with pytest.raises(LocalProtocolError):
        talk.machine.send(passed)
    other = Transcript()
    accept = other.hears(handshake(), Accept101)
    with pytest.raises(LocalProtocolError):
        talk.answers(accept)
    assert talk.goes_on(Forward) == Forward(b"", end=True)


def test_a_head_that_passed_through_is_answered_without_content() -> None:
    talk = Transcript(WEBSOCKET_OPTIONAL)
    talk.hears(plain(line=b"HEAD / HTTP/1.1"), Passthrough)
    written = talk.answers(Reject(401, body=b"no"))
    assert b"\r\nContent-Length: 2\r\n" in written
    assert written.endswith(b"\r\n\r\n")
