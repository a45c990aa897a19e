"""Heads that another parser has read, with their bodies, and what that parser leaves unread."""

import pytest
from feeding import hear_head
from transcript import (
    BODIES,
    TCP_BUFFERED,
    WEBSOCKET_OPTIONAL,
    WEBSOCKET_REQUIRED,
    PolicySource,
    codes,
)
from wire import ACCEPT, FRAME, KEY

from httpupgrade import (
    NEED_DATA,
    PAUSED,
    TLS,
    Accept101,
    ConnectionClosed,
    Continue100,
    CustomProtocol,
    Finding,
    Forward,
    HeadNegotiator,
    Limits,
    LocalProtocolError,
    Passthrough,
    Policy,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
    ServerState,
    UpgradeToken,
    WebSocket,
)

HOST = (b"Host", b"a")
PLAIN = RequestHead(b"GET", b"/", [HOST])
LAST = RequestHead(b"GET", b"/", [HOST, (b"Connection", b"close")])
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
CHUNKED = (b"Transfer-Encoding", b"chunked")
POST = RequestHead(b"POST", b"/", [HOST, LENGTH])
TCP = RequestHead(b"POST", b"/", [*TCP_FIELDS, LENGTH])
TCP_EXPECTING = RequestHead(b"POST", b"/", [*TCP_FIELDS, LENGTH, EXPECT])
CONNECT = RequestHead(b"CONNECT", b"a:80", [HOST])
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
KEPT = Policy(WebSocket(), CustomProtocol("tcp", body="buffer"), mode="required", close="never")
NO_EARLY_DATA = Policy(TLS("1.3"))
TLS_HEAD = RequestHead(
    b"OPTIONS", b"*", [HOST, (b"Upgrade", b"TLS/1.3"), (b"Connection", b"Upgrade")]
)


def having(
    policy: PolicySource, head: RequestHead, *, stopped: bool = False, limits: Limits | None = None
) -> HeadNegotiator:
    """A machine that has got a head, and was not asked."""
    machine = HeadNegotiator(policy, limits=limits or Limits())
    machine.receive_head(head, stopped=stopped)
    return machine


def answered(machine: HeadNegotiator) -> Accept101 | Continue100 | Require426 | Reject:
    """The next event, which was sent."""
    event = machine.next_event()
    assert isinstance(event, Accept101 | Continue100 | Require426 | Reject), event
    machine.send(event)
    return event


def rejected(machine: HeadNegotiator, status_code: int, *names: str) -> Reject:
    event = machine.next_event()
    assert isinstance(event, Reject), event
    assert (event.status_code, codes(event.findings), event.close) == (status_code, [*names], True)
    return event


def closed(machine: HeadNegotiator, *names: str) -> None:
    event = machine.next_event()
    assert isinstance(event, ConnectionClosed), event
    assert codes(event.findings) == [*names]
    assert machine.next_event() == event


# --- Decisions ----------------------------------------------------------------------------------


def test_a_refused_head_is_followed_by_another_that_switches() -> None:
    machine = HeadNegotiator(WEBSOCKET_REQUIRED)
    refusal = hear_head(machine, PLAIN)
    assert isinstance(refusal, Require426)
    assert machine.send(refusal).startswith(b"HTTP/1.1 426 ")
    assert machine.next_event() is NEED_DATA
    accept = hear_head(machine, HANDSHAKE)
    assert isinstance(accept, Accept101)
    assert accept.head is HANDSHAKE
    assert b"\r\nSec-WebSocket-Accept: %b\r\n" % ACCEPT in machine.send(accept)
    assert machine.state is ServerState.SWITCHED
    assert machine.next_event() is PAUSED
    assert machine.trailing_data == b""


def test_a_refused_offer_closes_and_what_follows_is_dropped() -> None:
    machine = HeadNegotiator(WEBSOCKET_REQUIRED)
    refusal = hear_head(machine, RequestHead(b"GET", b"/", HANDSHAKE_FIELDS[:4]))
    assert isinstance(refusal, Reject)
    assert b"\r\nConnection: close\r\n" in machine.send(refusal)
    machine.receive_head(POST)
    machine.receive_content(b"hello")
    machine.end_content()
    machine.cannot_read()
    machine.receive_data(b"octets")
    assert machine.take_trailing_data() == b""
    closed(machine)


def test_the_100_goes_out_with_the_101_if_it_was_not_sent_before() -> None:
    machine = HeadNegotiator(WEBSOCKET_REQUIRED)
    accept = hear_head(machine, RequestHead(b"GET", b"/", [*HANDSHAKE_FIELDS, EXPECT]))
    assert isinstance(accept, Accept101)
    assert machine.send(accept).startswith(CONTINUE + b"HTTP/1.1 101 ")


def test_a_head_has_no_limit_of_ours_but_its_decision_keeps_that_of_the_body() -> None:
    long = [(b"X-%d" % n, b"x" * 10000) for n in range(300)]
    huge = RequestHead(b"POST", b"/", [*TCP_FIELDS, *long, (b"Content-Length", b"1048577")])
    refusal = hear_head(HeadNegotiator(TCP_BUFFERED), huge)
    assert isinstance(refusal, Reject)
    assert refusal.status_code == 413


def test_a_parsed_head_may_say_what_the_wire_cannot_and_is_rejected() -> None:
    machine = having(WEBSOCKET_REQUIRED, RequestHead(b"GET", b"/", HANDSHAKE_FIELDS[1:]))
    assert machine.send(rejected(machine, 400, "host-missing")).startswith(b"HTTP/1.1 400 ")
    assert machine.state is ServerState.CLOSED


class Cleartext(CustomProtocol):
    """An offer that must not be used inside TLS."""

    __slots__ = ()

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return () if secure else super().tokens(secure=secure)


def test_secure_takes_away_what_must_not_be_used_inside_tls() -> None:
    policy = Policy(Cleartext("tcp"), WebSocket(), mode="required")
    asks = RequestHead(b"GET", b"/", TCP_FIELDS)
    assert isinstance(hear_head(HeadNegotiator(policy), asks), Accept101)
    refusal = hear_head(HeadNegotiator(policy, secure=True), asks)
    assert isinstance(refusal, Require426)
    assert refusal.tokens == (UpgradeToken("websocket"),)


# --- What passes --------------------------------------------------------------------------------


def test_what_passes_through_is_followed_by_the_next_head() -> None:
    machine = HeadNegotiator(WEBSOCKET_OPTIONAL)
    passed = hear_head(machine, PLAIN)
    assert isinstance(passed, Passthrough)
    assert passed.head is PLAIN
    assert passed.data == b""
    before = machine.state
    assert machine.next_event() is NEED_DATA
    assert (before, machine.state) == (ServerState.FORWARDING, ServerState.READING_HEAD)
    assert isinstance(hear_head(machine, PLAIN), Passthrough)
    assert isinstance(hear_head(machine, HANDSHAKE), Accept101)


@pytest.mark.parametrize("tells", ["everything", "the end", "nothing"])
def test_the_content_of_what_passes_is_noted_or_left_out(tells: str) -> None:
    machine = HeadNegotiator(WEBSOCKET_OPTIONAL)
    assert isinstance(hear_head(machine, POST), Passthrough)
    if tells == "everything":
        machine.receive_content(b"hello")
        assert machine.next_event() is NEED_DATA
        assert machine.state is ServerState.FORWARDING
    if tells != "nothing":
        machine.end_content()
    assert isinstance(hear_head(machine, HANDSHAKE), Accept101)


@pytest.mark.parametrize(
    "head",
    [
        CONNECT,
        RequestHead(b"GET", b"/", [HOST, LENGTH, LENGTH]),
        RequestHead(b"GET", b"/", [HOST], b"2.0"),
        RequestHead(b"GET", b"/", [HOST, (b"Connection", b"a b")]),
    ],
    ids=["CONNECT", "framing", "HTTP/2.0", "Connection"],
)
def test_where_octets_would_be_followed_blindly_the_parser_knows(head: RequestHead) -> None:
    machine = HeadNegotiator(WEBSOCKET_OPTIONAL)
    assert isinstance(hear_head(machine, head), Passthrough)
    if head.announces_content:
        machine.end_content()
    assert machine.next_event() is NEED_DATA
    assert isinstance(hear_head(machine, HANDSHAKE), Accept101)


def test_after_the_last_message_nothing_is_decided_on() -> None:
    # RFC 9112 9.6, whatever the parser makes of it.
    machine = HeadNegotiator(WEBSOCKET_OPTIONAL)
    assert isinstance(hear_head(machine, LAST), Passthrough)
    machine.receive_head(HANDSHAKE)
    closed(machine)


@pytest.mark.parametrize("content", [(), (b"hello",), (b"he", b"llo", b"")])
def test_a_head_that_passed_may_be_refused_once(content: tuple[bytes, ...]) -> None:
    machine = HeadNegotiator(WEBSOCKET_OPTIONAL)
    hear_head(machine, POST)
    for data in content:
        machine.receive_content(data)
    assert machine.send(Reject(401)).startswith(b"HTTP/1.1 401 ")
    assert machine.state is ServerState.DRAINING
    with pytest.raises(LocalProtocolError, match="no answer can begin now"):
        machine.send(Reject(401))
    machine.end_content()
    assert isinstance(hear_head(machine, HANDSHAKE), Accept101)


def test_when_the_answer_is_given_a_refusal_is_the_next_requests() -> None:
    machine = HeadNegotiator(WEBSOCKET_OPTIONAL)
    hear_head(machine, RequestHead(b"HEAD", b"/", [HOST]))
    assert machine.refuse(408).body == b""
    assert machine.next_event() is NEED_DATA
    refused = machine.refuse(408)
    assert refused.close
    assert machine.send(refused).endswith(refused.body)
    closed(machine)


# --- Bodies that the parser hands over ----------------------------------------------------------


@pytest.mark.parametrize("head", [TCP, RequestHead(b"POST", b"/", [*TCP_FIELDS, CHUNKED])])
def test_a_body_that_a_switch_needs_is_waited_for(head: RequestHead) -> None:
    machine = HeadNegotiator(TCP_BUFFERED)
    assert hear_head(machine, head) is NEED_DATA
    assert machine.state is ServerState.READING_BODY
    for data in (b"he", b"", b"llo"):
        machine.receive_content(data)
        assert machine.next_event() is NEED_DATA
    machine.end_content()
    machine.receive_data(b"early")
    accept = machine.next_event()
    assert isinstance(accept, Accept101)
    assert (accept.request_body, accept.awaits_body) == (b"hello", False)
    machine.send(accept)
    assert machine.trailing_data == b"early"
    assert machine.take_trailing_data() == b"early"
    assert machine.take_trailing_data() == b""


@pytest.mark.parametrize("eager", [True, False])
def test_a_client_that_waits_is_told_to_go_on_first(eager: bool) -> None:
    machine = HeadNegotiator(TCP_BUFFERED)
    interim = hear_head(machine, TCP_EXPECTING)
    assert isinstance(interim, Continue100)
    if eager:
        machine.receive_content(b"hello")
        machine.end_content()
        machine.receive_data(b"early")
    with pytest.raises(LocalProtocolError, match="no request waits to be switched"):
        machine.send(Accept101(UpgradeToken("tcp")))
    assert machine.next_event() is PAUSED
    assert machine.send(interim) == CONTINUE
    if not eager:
        assert machine.next_event() is NEED_DATA
        machine.receive_content(b"hello")
        machine.end_content()
        machine.receive_data(b"early")
    accept = answered(machine)
    assert isinstance(accept, Accept101)
    assert accept.request_body == b"hello"
    assert machine.trailing_data == b"early"


@pytest.mark.parametrize("at_once", [True, False])
def test_a_body_beyond_the_limit_is_refused(at_once: bool) -> None:
    for most, kind in ((5, Accept101), (4, Reject)):
        machine = having(
            TCP_BUFFERED,
            RequestHead(b"POST", b"/", [*TCP_FIELDS, CHUNKED]),
            limits=Limits(max_request_body=most),
        )
        event = NEED_DATA if at_once else machine.next_event()
        for data in (b"hel", b"lo"):
            machine.receive_content(data)
            event = NEED_DATA if at_once else machine.next_event()
        if event is NEED_DATA:
            machine.end_content()
            event = machine.next_event()
        assert isinstance(event, kind)
    assert isinstance(event, Reject)
    assert (event.status_code, codes(event.findings)) == (413, ["body-too-large"])
    machine.send(event)
    machine.receive_content(b"more of it")
    closed(machine)


def test_a_refusal_while_a_body_is_read_closes() -> None:
    machine = having(KEPT, TCP)
    assert machine.next_event() is NEED_DATA
    assert b"Connection: close" in machine.send(Reject(403))
    closed(machine)


@pytest.mark.parametrize("framing", [LENGTH, CHUNKED])
def test_the_body_of_a_refused_request_is_read_past(framing: tuple[bytes, bytes]) -> None:
    machine = having(KEPT, RequestHead(b"POST", b"/", [HOST, framing]))
    assert isinstance(answered(machine), Require426)
    assert machine.next_event() is NEED_DATA
    assert machine.state is ServerState.DRAINING
    machine.receive_content(b"hello")
    assert machine.next_event() is NEED_DATA
    machine.end_content()
    machine.receive_head(HANDSHAKE)
    assert isinstance(answered(machine), Accept101)


@pytest.mark.parametrize(
    ("most", "size", "ending"),
    [(5, None, 0), (7, 7, 0), (9, 7, 2), (4, None, 0), (6, 7, 0), (8, 7, 2)],
)
def test_no_more_is_read_past_than_the_limit(most: int, size: int | None, ending: int) -> None:
    head = RequestHead(b"POST", b"/", [HOST, CHUNKED])
    machine = having(KEPT, head, limits=Limits(max_drain=most))
    answered(machine)
    machine.receive_content(b"hello", size=size)
    machine.receive_content(b"", size=ending)
    machine.end_content()
    if most % 2:
        assert machine.next_event() is NEED_DATA
        assert machine.state is ServerState.READING_HEAD
    else:
        closed(machine, "drain-too-long")


# --- A parser that stops after the head ---------------------------------------------------------


@pytest.mark.parametrize(("line", "body"), BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("policy", [TCP_BUFFERED, KEPT, WEBSOCKET_OPTIONAL])
@pytest.mark.parametrize("place", [0, 1, 4, 6, -1])
def test_a_body_is_read_off_octets(line: bytes, body: bytes, policy: Policy, place: int) -> None:
    name, _, value = line.partition(b": ")
    fields = [*TCP_FIELDS, (name, value)]
    if policy is KEPT:
        fields[1] = (b"Upgrade", b"other")
    machine = having(policy, RequestHead(b"POST", b"/", fields), stopped=True)
    assert machine.takes_octets
    machine.end_content()  # as httptools says
    octets = body + b"after"
    machine.receive_data(octets[:place] or octets)
    forwarded = b""
    while (event := machine.next_event()) is not NEED_DATA or place:
        match event:
            case Accept101():
                assert event.request_body == b"hello"
                machine.send(event)
                machine.take_trailing_data()
                break
            case Require426() | Reject():
                machine.send(event)
            case Forward(data, end):
                forwarded += data
                assert end is (forwarded == body)
            case Passthrough():
                assert event.data == b""
            case _:
                assert event is NEED_DATA
                if not machine.takes_octets:
                    break
                machine.receive_data(octets[place:])
                place = 0
    if policy is WEBSOCKET_OPTIONAL:
        assert forwarded == body
    if policy is not TCP_BUFFERED:
        assert not machine.takes_octets
        unfed = octets[place:] if place else b""
        assert machine.take_trailing_data() + unfed == b"after"


@pytest.mark.parametrize("head", [HANDSHAKE, RequestHead(b"GET", b"/", TCP_FIELDS)])
def test_what_follows_a_head_without_content_is_early_data_or_the_next_request(
    head: RequestHead,
) -> None:
    machine = having(WEBSOCKET_OPTIONAL, head, stopped=True)
    machine.receive_data(b"rest")
    event = machine.next_event()
    assert machine.takes_octets
    if isinstance(event, Accept101):
        assert machine.take_trailing_data() == b"", "it may yet be another request's"
        machine.send(event)
    else:
        assert isinstance(event, Passthrough)
        assert machine.next_event() == Forward(b"", end=True)
        assert not machine.takes_octets
        with pytest.raises(LocalProtocolError, match=r"take_trailing_data\(\) comes first"):
            machine.receive_head(PLAIN)
        assert machine.next_event() is NEED_DATA
    assert machine.take_trailing_data() == b"rest"
    assert machine.trailing_data == b""


def test_a_connect_that_passes_is_followed_blindly() -> None:
    machine = having(WEBSOCKET_OPTIONAL, CONNECT, stopped=True)
    assert isinstance(machine.next_event(), Passthrough)
    machine.receive_data(b"tunnel")
    assert machine.next_event() == Forward(b"tunnel", end=False)
    assert machine.takes_octets
    machine.receive_data(b"")
    closed(machine)


def test_an_http_1_0_request_is_the_last_even_where_its_parser_has_stopped() -> None:
    head = RequestHead(b"GET", b"/", HANDSHAKE_FIELDS, b"1.0")
    machine = having(WEBSOCKET_OPTIONAL, head, stopped=True)
    machine.receive_data(b"GET / HTTP/1.0")
    assert isinstance(machine.next_event(), Passthrough)
    assert machine.next_event() == Forward(b"", end=True)
    closed(machine)


def test_a_broken_chunk_is_refused_as_elsewhere() -> None:
    head = RequestHead(b"POST", b"/", [*TCP_FIELDS, CHUNKED])
    for policy in (TCP_BUFFERED, WEBSOCKET_OPTIONAL):
        machine = having(policy, head, stopped=True)
        machine.receive_data(b"x\r\n")
        if policy is WEBSOCKET_OPTIONAL:
            assert isinstance(machine.next_event(), Passthrough)
        rejected(machine, 400, "chunk-malformed")


# --- Early data ---------------------------------------------------------------------------------


def test_protocols_that_begin_after_the_101_take_nothing_before_it() -> None:
    for stopped in (True, False):
        machine = having(NO_EARLY_DATA, TLS_HEAD, stopped=stopped)
        machine.receive_data(b"early")
        rejected(machine, 400, "early-data-not-taken")
        late = having(NO_EARLY_DATA, TLS_HEAD, stopped=stopped)
        accept = late.next_event()
        assert isinstance(accept, Accept101)
        late.receive_data(b"early")
        with pytest.raises(LocalProtocolError, match="octets are there"):
            late.send(accept)
        rejected(late, 400, "early-data-not-taken")


def test_what_arrives_while_a_decision_waits_is_bounded() -> None:
    limits = Limits(max_early_data=10)
    machine = having(WEBSOCKET_OPTIONAL, HANDSHAKE, stopped=True, limits=limits)
    machine.receive_data(b"x" * 11)
    assert isinstance(machine.next_event(), Accept101)
    assert machine.next_event() is PAUSED, "it was there before anybody waited"
    machine.receive_data(b"x")
    rejected(machine, 400, "early-data-too-long")
    assert machine.trailing_data == b""
    machine.receive_data(b"x" * 11)
    assert machine.next_event() is PAUSED


def test_so_is_what_the_parser_reads_meanwhile() -> None:
    limits = Limits(max_early_data=60)
    machine = having(KEPT, PLAIN, limits=limits)
    refusal = machine.next_event()
    assert isinstance(refusal, Require426)
    assert not refusal.close
    assert len(PLAIN.to_bytes()) * 2 < 60 < len(PLAIN.to_bytes()) * 3
    for _ in range(2):
        machine.receive_head(PLAIN)
        assert machine.next_event() is PAUSED
    machine.receive_head(PLAIN)
    assert machine.next_event() == refusal.closing()
    machine.send(refusal)
    closed(machine)


def test_the_content_that_a_100_asks_for_is_bounded_before_it_is_asked_for() -> None:
    limits = Limits(max_early_data=4)
    machine = having(TCP_BUFFERED, TCP_EXPECTING, limits=limits)
    assert isinstance(machine.next_event(), Continue100)
    machine.receive_content(b"hello")
    rejected(machine, 400, "early-data-too-long")


@pytest.mark.parametrize("lost", [True, False])
@pytest.mark.parametrize("late", [True, False])
def test_what_a_parser_took_for_another_request_may_be_early_data(lost: bool, late: bool) -> None:
    # A parser that does not stop: what it has read of the new protocol cannot be given back.
    machine = having(WEBSOCKET_OPTIONAL, HANDSHAKE)
    accept = machine.next_event() if late else None
    if lost:
        machine.cannot_read()
    else:
        machine.receive_head(PLAIN)
    if isinstance(accept, Accept101):
        with pytest.raises(LocalProtocolError, match="the parser has read on"):
            machine.send(accept)
    refused = rejected(machine, 400, "early-data-read")
    machine.send(refused)
    closed(machine)


# --- Several requests out of one read -----------------------------------------------------------


def test_requests_that_came_together_are_decided_on_in_order() -> None:
    machine = HeadNegotiator(KEPT)
    for _ in range(3):
        machine.receive_head(POST)
        machine.receive_content(b"hello")
        machine.end_content()
    machine.receive_head(HANDSHAKE, stopped=True)
    machine.receive_data(FRAME)
    for _ in range(3):
        assert isinstance(answered(machine), Require426)
    assert isinstance(answered(machine), Accept101)
    assert machine.trailing_data == FRAME


def test_of_requests_that_came_together_each_may_pass() -> None:
    machine = HeadNegotiator(WEBSOCKET_OPTIONAL)
    targets = [b"/%d" % n for n in range(3)]
    for target in targets:
        machine.receive_head(RequestHead(b"POST", target, [HOST, LENGTH]))
        machine.receive_content(b"hello")
        machine.end_content()
    machine.cannot_read()
    for target in targets:
        passed = machine.next_event()
        assert isinstance(passed, Passthrough)
        assert passed.head is machine.head
        assert passed.head is not None
        assert passed.head.target == target
    rejected(machine, 400, "request-unreadable")


# --- What the parser cannot read ----------------------------------------------------------------

OWN = Finding("own", "it is wrong", status_code=431)


def test_a_head_that_cannot_be_read_is_refused_in_every_mode() -> None:
    for policy in (WEBSOCKET_OPTIONAL, WEBSOCKET_REQUIRED, lambda info: WEBSOCKET_OPTIONAL):
        machine = HeadNegotiator(policy)
        machine.cannot_read()
        refused = rejected(machine, 400, "request-unreadable")
        assert machine.head is None
        assert machine.takes_octets
        machine.receive_data(b"what follows")
        assert machine.trailing_data == b""
        machine.send(refused)
        closed(machine)


def test_the_status_is_that_of_the_findings_or_the_parsers() -> None:
    machine = HeadNegotiator(WEBSOCKET_OPTIONAL)
    machine.cannot_read(OWN)
    rejected(machine, 431, "own")
    machine = HeadNegotiator(WEBSOCKET_OPTIONAL)
    machine.cannot_read(OWN, OWN, status_code=501)
    rejected(machine, 501, "own", "own")
    with pytest.raises(ValueError, match="status_code is one from 300 to 599"):
        HeadNegotiator(WEBSOCKET_OPTIONAL).cannot_read(status_code=200)


def test_a_body_that_cannot_be_read_is_refused_or_closed_upon() -> None:
    wanted = having(TCP_BUFFERED, TCP)
    assert wanted.next_event() is NEED_DATA
    wanted.cannot_read(OWN)
    rejected(wanted, 431, "own")
    assert wanted.head is TCP
    passed = having(WEBSOCKET_OPTIONAL, POST)
    passed.cannot_read(OWN)
    assert isinstance(passed.next_event(), Passthrough)
    rejected(passed, 431, "own")
    refused = having(KEPT, POST)
    answered(refused)
    refused.receive_content(b"he")
    refused.cannot_read(OWN)
    closed(refused, "own")
    waiting = having(TCP_BUFFERED, TCP_EXPECTING)
    assert isinstance(waiting.next_event(), Continue100)
    waiting.cannot_read(OWN)
    assert waiting.next_event() is PAUSED
    waiting.send(Continue100())
    rejected(waiting, 431, "own")


def test_to_head_there_is_no_content() -> None:
    machine = having(WEBSOCKET_OPTIONAL, RequestHead(b"HEAD", b"/", [HOST, CHUNKED]))
    machine.next_event()
    machine.cannot_read()
    assert rejected(machine, 400, "request-unreadable").body == b""


# --- End of file --------------------------------------------------------------------------------


def test_an_end_of_file_comes_after_what_was_read() -> None:
    machine = HeadNegotiator(WEBSOCKET_OPTIONAL)
    machine.receive_data(b"")
    closed(machine, "no-request")
    machine = having(KEPT, PLAIN)
    machine.receive_data(b"")
    answered(machine)
    closed(machine)
    accepted = having(WEBSOCKET_OPTIONAL, HANDSHAKE, stopped=True)
    accepted.receive_data(FRAME)
    accepted.receive_data(b"")
    answered(accepted)
    assert accepted.trailing_data == FRAME
    for data in (FRAME, b""):
        with pytest.raises(LocalProtocolError, match="belongs to the new protocol"):
            accepted.receive_data(data)


@pytest.mark.parametrize("stopped", [True, False])
@pytest.mark.parametrize("policy", [TCP_BUFFERED, KEPT, WEBSOCKET_OPTIONAL])
def test_an_end_in_the_middle_of_a_message_is_answered_by_nobody(
    stopped: bool, policy: Policy
) -> None:
    head = POST if policy is KEPT else TCP
    machine = having(policy, head, stopped=stopped)
    if policy is KEPT:
        answered(machine)
    elif policy is WEBSOCKET_OPTIONAL:
        assert isinstance(machine.next_event(), Passthrough)
    machine.receive_data(b"")
    with pytest.raises(LocalProtocolError, match="octets after the end of file"):
        machine.receive_data(b"x")
    closed(machine, "body-incomplete")


def test_what_trails_at_the_end_of_file_is_still_the_parsers() -> None:
    machine = having(WEBSOCKET_OPTIONAL, RequestHead(b"GET", b"/", TCP_FIELDS), stopped=True)
    machine.receive_data(PLAIN.to_bytes())
    machine.receive_data(b"")
    assert isinstance(machine.next_event(), Passthrough)
    assert machine.next_event() == Forward(b"", end=True)
    assert machine.next_event() is NEED_DATA
    assert machine.take_trailing_data() == PLAIN.to_bytes()
    assert isinstance(hear_head(machine, PLAIN), Passthrough)
    closed(machine)


# --- Calls in the wrong order -------------------------------------------------------------------


def test_before_the_first_head_there_is_nothing_to_add_to() -> None:
    machine = HeadNegotiator(WEBSOCKET_OPTIONAL)
    with pytest.raises(LocalProtocolError, match="no head has been read: octets are the parser's"):
        machine.receive_data(b"GET / HTTP/1.1\r\n")
    with pytest.raises(LocalProtocolError, match="no content is expected: no head has been read"):
        machine.receive_content(b"x")
    with pytest.raises(LocalProtocolError, match="no message is being read: no head has been"):
        machine.end_content()
    assert isinstance(hear_head(machine, PLAIN), Passthrough)


def test_in_a_message_there_is_no_other() -> None:
    for policy in (TCP_BUFFERED, KEPT):
        machine = having(policy, TCP if policy is TCP_BUFFERED else POST)
        for _ in range(2):
            with pytest.raises(LocalProtocolError, match=r"^end_content\(\) comes before a head$"):
                machine.receive_head(PLAIN)
            with pytest.raises(LocalProtocolError, match=r"receive_head\(head, stopped=True"):
                machine.receive_data(b"x")
            with pytest.raises(LocalProtocolError, match="announces content, and none was handed"):
                machine.end_content()
            machine.next_event()
        machine.receive_content(b"hello")
        machine.end_content()
        with pytest.raises(LocalProtocolError, match="no message is being read: a message has"):
            machine.end_content()
        with pytest.raises(LocalProtocolError, match="no content is expected: a message has been"):
            machine.receive_content(b"x")


def test_after_a_head_without_content_there_is_none() -> None:
    machine = having(WEBSOCKET_OPTIONAL, PLAIN)
    machine.receive_content(b"")
    with pytest.raises(LocalProtocolError, match="no content is expected: a head without content"):
        machine.receive_content(b"x")
    machine.end_content()
    assert isinstance(machine.next_event(), Passthrough)


def test_a_parser_that_has_stopped_reads_nothing() -> None:
    machine = having(WEBSOCKET_OPTIONAL, TCP, stopped=True)
    for _ in range(2):
        with pytest.raises(LocalProtocolError, match="a head cannot follow: a head has been read,"):
            machine.receive_head(PLAIN)
        with pytest.raises(LocalProtocolError, match="what cannot be read cannot follow"):
            machine.cannot_read()
        with pytest.raises(
            LocalProtocolError, match="no content is expected: a head has been read"
        ):
            machine.receive_content(b"x")
        machine.next_event()


def test_after_what_cannot_be_read_there_is_nothing() -> None:
    machine = HeadNegotiator(WEBSOCKET_OPTIONAL)
    machine.cannot_read()
    with pytest.raises(LocalProtocolError, match="a head cannot follow: what came cannot be read"):
        machine.receive_head(PLAIN)
    with pytest.raises(LocalProtocolError, match="what cannot be read cannot follow"):
        machine.cannot_read()
    with pytest.raises(LocalProtocolError, match="no message is being read: what came cannot be"):
        machine.end_content()


def test_after_a_switch_there_is_nothing() -> None:
    machine = having(WEBSOCKET_OPTIONAL, HANDSHAKE)
    answered(machine)
    machine.end_content()  # of the handshake, which a parser may say late
    with pytest.raises(LocalProtocolError, match="belongs to the new protocol"):
        machine.receive_head(PLAIN)
    with pytest.raises(LocalProtocolError, match="belongs to the new protocol"):
        machine.cannot_read()


def test_a_callable_that_raises_loses_nothing() -> None:
    working = False

    def choose(info: RequestInfo) -> Policy:
        if not working:
            raise RuntimeError("not yet")
        return KEPT

    machine = HeadNegotiator(choose)
    machine.receive_head(POST)
    machine.receive_content(b"hello")
    machine.end_content()
    machine.receive_head(PLAIN)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="not yet"):
            machine.next_event()
    assert machine.head is POST
    working = True
    assert isinstance(answered(machine), Require426)
    working = False
    with pytest.raises(RuntimeError, match="not yet"):
        machine.next_event()
    assert b"Connection: close" in machine.send(machine.refuse(500))
    closed(machine)
