"""Heads that another parser has read, and heads beside octets."""

import pytest
from feeding import feed
from transcript import TCP_BUFFERED, WEBSOCKET_OPTIONAL, WEBSOCKET_REQUIRED
from wire import ACCEPT, KEY

from httpupgrade import (
    NEED_DATA,
    PAUSED,
    Accept101,
    Continue100,
    CustomProtocol,
    LocalProtocolError,
    Passthrough,
    Policy,
    Reject,
    RequestHead,
    Require426,
    ServerNegotiator,
    ServerState,
    UpgradeToken,
    WebSocket,
)

HOST = (b"Host", b"a")
PLAIN = RequestHead(b"GET", b"/", [HOST])
HANDSHAKE_FIELDS = (
    HOST,
    (b"Upgrade", b"websocket"),
    (b"Connection", b"Upgrade"),
    (b"Sec-WebSocket-Key", KEY),
    (b"Sec-WebSocket-Version", b"13"),
)
HANDSHAKE = RequestHead(b"GET", b"/", HANDSHAKE_FIELDS)
TCP_FIELDS = (HOST, (b"Upgrade", b"tcp"), (b"Connection", b"Upgrade"))
EXPECT = (b"Expect", b"100-continue")
LENGTH = (b"Content-Length", b"5")
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def test_a_refused_head_is_followed_by_another_that_switches() -> None:
    machine = ServerNegotiator(WEBSOCKET_REQUIRED)
    refusal = machine.receive_head(PLAIN)
    assert isinstance(refusal, Require426)
    assert machine.send(refusal).startswith(b"HTTP/1.1 426 ")
    accept = machine.receive_head(HANDSHAKE)
    assert isinstance(accept, Accept101)
    assert accept.head is HANDSHAKE
    assert b"\r\nSec-WebSocket-Accept: %b\r\n" % ACCEPT in machine.send(accept)
    assert machine.state is ServerState.SWITCHED
    assert machine.trailing_data == b""


def test_the_body_of_a_refused_head_is_the_other_parsers() -> None:
    machine = ServerNegotiator(WEBSOCKET_REQUIRED)
    refusal = machine.receive_head(RequestHead(b"POST", b"/", [HOST, LENGTH]))
    machine.send(refusal)
    assert isinstance(machine.receive_head(HANDSHAKE), Accept101)


def test_a_refused_offer_closes() -> None:
    machine = ServerNegotiator(WEBSOCKET_REQUIRED)
    refusal = machine.receive_head(RequestHead(b"GET", b"/", HANDSHAKE_FIELDS[:4]))
    assert isinstance(refusal, Reject)
    assert b"\r\nConnection: close\r\n" in machine.send(refusal)
    with pytest.raises(LocalProtocolError):
        machine.receive_head(HANDSHAKE)
    assert machine.state is ServerState.CLOSED


def test_the_caller_is_told_to_read_the_body_first() -> None:
    machine = ServerNegotiator(TCP_BUFFERED)
    accept = machine.receive_head(RequestHead(b"POST", b"/", [*TCP_FIELDS, LENGTH]))
    assert isinstance(accept, Accept101)
    assert accept.awaits_body
    assert accept.interim is None
    assert machine.send(accept).startswith(b"HTTP/1.1 101 ")


def test_the_100_can_be_sent_before_the_caller_reads_the_body() -> None:
    machine = ServerNegotiator(TCP_BUFFERED)
    accept = machine.receive_head(RequestHead(b"POST", b"/", [*TCP_FIELDS, LENGTH, EXPECT]))
    assert isinstance(accept, Accept101)
    assert accept.awaits_body
    assert accept.interim is not None
    assert machine.send(accept.interim) == CONTINUE
    assert machine.next_event() is PAUSED
    with pytest.raises(LocalProtocolError):
        machine.send(Continue100())
    assert machine.send(accept).startswith(b"HTTP/1.1 101 ")


def test_with_a_body_the_100_has_to_be_sent_before_the_101() -> None:
    # RFC 9110 10.1.1: the client waits for it, so its body cannot have been read.
    machine = ServerNegotiator(TCP_BUFFERED)
    accept = machine.receive_head(RequestHead(b"POST", b"/", [*TCP_FIELDS, LENGTH, EXPECT]))
    with pytest.raises(LocalProtocolError):
        machine.send(accept)
    assert machine.next_event() is PAUSED
    assert machine.send(Continue100()) == CONTINUE
    assert machine.send(accept).startswith(b"HTTP/1.1 101 ")


def test_the_100_goes_out_with_the_101_if_it_was_not_sent_before() -> None:
    machine = ServerNegotiator(WEBSOCKET_REQUIRED)
    accept = machine.receive_head(RequestHead(b"GET", b"/", [*HANDSHAKE_FIELDS, EXPECT]))
    assert machine.send(accept).startswith(CONTINUE + b"HTTP/1.1 101 ")


def test_what_passes_through_is_followed_by_the_next_head() -> None:
    machine = ServerNegotiator(WEBSOCKET_OPTIONAL)
    passed = machine.receive_head(PLAIN)
    assert isinstance(passed, Passthrough)
    assert passed.head is PLAIN
    assert passed.data == b""
    assert isinstance(machine.receive_head(PLAIN), Passthrough)
    assert isinstance(machine.receive_head(HANDSHAKE), Accept101)


@pytest.mark.parametrize(
    "head",
    [
        RequestHead(b"CONNECT", b"a:80", [HOST]),
        RequestHead(b"GET", b"/", [HOST, LENGTH, LENGTH]),
        RequestHead(b"GET", b"/", [HOST], b"2.0"),
    ],
    ids=["CONNECT", "framing", "HTTP/2.0"],
)
def test_heads_that_octets_would_go_blind_behind_pass_like_others(head: RequestHead) -> None:
    machine = ServerNegotiator(WEBSOCKET_OPTIONAL)
    assert isinstance(machine.receive_head(head), Passthrough)
    assert machine.state is ServerState.FORWARDING
    assert isinstance(machine.receive_head(HANDSHAKE), Accept101)


def test_a_head_that_passed_through_may_be_refused_once() -> None:
    machine = ServerNegotiator(WEBSOCKET_OPTIONAL)
    machine.receive_head(PLAIN)
    assert machine.send(Reject(401)).startswith(b"HTTP/1.1 401 ")
    assert machine.state is ServerState.READING_HEAD
    with pytest.raises(LocalProtocolError):
        machine.send(Reject(401))
    assert isinstance(machine.receive_head(HANDSHAKE), Accept101)


def test_a_head_is_not_taken_while_a_decision_waits() -> None:
    machine = ServerNegotiator(WEBSOCKET_REQUIRED)
    accept = machine.receive_head(HANDSHAKE)
    with pytest.raises(LocalProtocolError):
        machine.receive_head(HANDSHAKE)
    assert machine.next_event() is PAUSED
    assert machine.send(accept).startswith(b"HTTP/1.1 101 ")
    with pytest.raises(LocalProtocolError):
        machine.receive_head(HANDSHAKE)


def test_where_heads_are_fed_octets_are_not() -> None:
    machine = ServerNegotiator(WEBSOCKET_OPTIONAL)
    machine.receive_head(PLAIN)
    for data in (b"GET", b""):
        with pytest.raises(LocalProtocolError):
            feed(machine, data)
    assert machine.trailing_data == b""
    assert isinstance(machine.receive_head(HANDSHAKE), Accept101)


@pytest.mark.parametrize("data", [b"GET", HANDSHAKE.to_bytes(), b""])
def test_where_octets_are_fed_heads_are_not(data: bytes) -> None:
    machine = ServerNegotiator(WEBSOCKET_OPTIONAL)
    feed(machine, data)
    state = machine.state
    with pytest.raises(LocalProtocolError):
        machine.receive_head(HANDSHAKE)
    assert machine.state is state


def test_where_heads_are_fed_no_event_needs_octets() -> None:
    # Whoever asks is told to bring the next head, in every state that heads lead to.
    machine = ServerNegotiator(WEBSOCKET_OPTIONAL)
    assert machine.next_event() is NEED_DATA
    machine.receive_head(PLAIN)
    assert machine.next_event() is NEED_DATA
    machine.receive_head(RequestHead(b"POST", b"/", [HOST, LENGTH]))
    assert machine.next_event() is NEED_DATA
    machine.send(Reject(401))
    assert machine.next_event() is NEED_DATA
    assert isinstance(machine.receive_head(HANDSHAKE), Accept101)


def test_a_head_has_no_limit_of_ours_but_its_decision_keeps_that_of_the_body() -> None:
    machine = ServerNegotiator(TCP_BUFFERED)
    huge = RequestHead(b"POST", b"/", [*TCP_FIELDS, (b"Content-Length", b"1048577")])
    refusal = machine.receive_head(huge)
    assert isinstance(refusal, Reject)
    assert refusal.status_code == 413


def test_a_parsed_head_may_say_what_the_wire_cannot_and_is_rejected() -> None:
    machine = ServerNegotiator(WEBSOCKET_REQUIRED)
    refusal = machine.receive_head(RequestHead(b"GET", b"/", HANDSHAKE_FIELDS[1:]))
    assert isinstance(refusal, Reject)
    assert machine.send(refusal).startswith(b"HTTP/1.1 400 ")
    assert machine.state is ServerState.CLOSED


class Cleartext(CustomProtocol):
    """An offer that must not be used inside TLS."""

    __slots__ = ()

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return () if secure else super().tokens(secure=secure)


def test_secure_takes_away_what_must_not_be_used_inside_tls() -> None:
    policy = Policy(Cleartext("tcp"), WebSocket(), mode="required")
    asks = RequestHead(b"GET", b"/", TCP_FIELDS)
    assert isinstance(ServerNegotiator(policy).receive_head(asks), Accept101)
    refusal = ServerNegotiator(policy, secure=True).receive_head(asks)
    assert isinstance(refusal, Require426)
    assert refusal.tokens == (UpgradeToken("websocket"),)


def test_where_nothing_is_on_offer_nothing_is_required() -> None:
    policy = Policy(Cleartext("tcp"), mode="required")
    machine = ServerNegotiator(policy, secure=True)
    for head in (PLAIN, RequestHead(b"GET", b"/", TCP_FIELDS)):
        assert isinstance(machine.receive_head(head), Passthrough)
