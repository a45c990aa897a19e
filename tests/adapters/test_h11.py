"""The h11 adapter by itself: what it says, what it holds, and what it does not let happen."""

from collections.abc import Callable
from typing import Any, Final

import h11
import pytest
from feeding import feed, hear_head
from transcript import PolicySource
from wire import (
    FRAME,
    KEY,
    OPTIONAL,
    REQUIRED,
    TUNNEL,
    asks_for,
    drive,
    handshake,
    plain,
    request,
    splits,
)

from httpupgrade import (
    TLS,
    Accept101,
    ClientNegotiator,
    ConnectUDP,
    Continue100,
    CustomProtocol,
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
    ResponseHead,
    ServerNegotiator,
    UpgradeToken,
    WebSocket,
    decide,
)
from httpupgrade.adapters.h11 import (
    Event,
    H11Negotiator,
    events_of,
    head_of,
    head_of_response,
)

KEPT: Final = Policy(
    WebSocket(), CustomProtocol("tcp", body="buffer"), mode="required", close="never"
)
BODY: Final = (b"Content-Length: 5",)
ALWAYS: Final = ((b"Cache-Control", b"no-store"), (b"X-Content-Type-Options", b"nosniff"))
EXPECTING: Final = (*BODY, b"Expect: 100-continue")


def fed(
    octets: bytes, policy: PolicySource = REQUIRED, limits: Limits | None = None
) -> H11Negotiator:
    driver = H11Negotiator(policy, limits=limits or Limits())
    driver.receive_data(octets)
    return driver


def accepts(driver: H11Negotiator) -> Accept101:
    event = driver.next_event()
    assert isinstance(event, Accept101), event
    return event


def rejects(driver: H11Negotiator, code: str, status_code: int) -> Reject:
    event = driver.next_event()
    assert isinstance(event, Reject), event
    assert (event.status_code, event.findings[0].code, event.close) == (status_code, code, True)
    return event


def finish(driver: H11Negotiator) -> None:
    """Answer the request that passes, and go on."""
    connection = driver.connection
    assert driver.next_event() == h11.EndOfMessage()
    connection.send(h11.Response(status_code=204, headers=[]))
    connection.send(h11.EndOfMessage())
    connection.start_next_cycle()


# --- Heads and events ---------------------------------------------------------------------------


def server_reading(octets: bytes) -> tuple[h11.Connection, h11.Request]:
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(octets)
    event = connection.next_event()
    assert isinstance(event, h11.Request)
    return connection, event


@pytest.mark.parametrize(
    "octets",
    [plain(), handshake(), handshake(b"X-Case: a  b"), plain(line=b"OPTIONS * HTTP/1.0")],
)
def test_a_head_is_the_one_that_was_sent(octets: bytes) -> None:
    _, event = server_reading(octets)
    assert head_of(event) == RequestHead.parse(octets)


def test_a_response_s_head_is_the_one_that_was_sent() -> None:
    asking = ClientNegotiator(WebSocket(), host=b"a", key=KEY)
    accept = decide(RequestHead.parse(asking.send_request()), REQUIRED)
    assert isinstance(accept, Accept101)
    client = h11.Connection(h11.CLIENT)
    headers = list(asking.head.headers)
    client.send(h11.Request(method="GET", target="/", headers=headers))
    client.send(h11.EndOfMessage())
    client.receive_data(accept.to_bytes())
    event = client.next_event()
    assert isinstance(event, h11.InformationalResponse)
    assert head_of_response(event) == ResponseHead.parse(accept.to_bytes())


DECISIONS: Final = {
    "101": handshake(),
    "101 behind 100": handshake(b"Expect: 100-continue"),
    "426": plain(),
    "426 close": plain(b"Connection: close"),
    "426 to HEAD": plain(line=b"HEAD / HTTP/1.1"),
    "426 to HTTP/1.0": plain(line=b"GET / HTTP/1.0"),
    "400": handshake(without=b"Sec-WebSocket-Key"),
    "405": handshake(line=b"POST /chat HTTP/1.1"),
}


def fields_of(octets: bytes) -> tuple[bytes, list[tuple[bytes, bytes]], bytes]:
    """Start line, fields and the rest; Connection as one line, its options in order."""
    head, _, rest = octets.partition(b"\r\n\r\n")
    parsed = ResponseHead.parse(head + b"\r\n\r\n")
    others = [field for field in parsed.headers if field[0] != b"Connection"]
    options = sorted(b", ".join(parsed.get_all(b"connection")).split(b", "))
    return head.partition(b"\r\n")[0], [*others, (b"Connection", b", ".join(options))], rest


@pytest.mark.parametrize("octets", DECISIONS.values(), ids=DECISIONS)
def test_h11_writes_what_the_decision_would(octets: bytes) -> None:
    connection, event = server_reading(octets)
    decision = decide(head_of(event), REQUIRED)
    connection.next_event()
    events = events_of(decision)
    written = b"".join(connection.send(each) or b"" for each in events)
    expected = decision.to_bytes()  # type: ignore[union-attr]
    if b"close" in expected:
        assert fields_of(written) == fields_of(expected)
    else:
        assert written == expected
    if isinstance(decision, Accept101):
        assert connection.our_state is connection.their_state is h11.SWITCHED_PROTOCOL


def test_events_of_a_100_and_of_what_is_none() -> None:
    (interim,) = events_of(Continue100())
    assert isinstance(interim, h11.InformationalResponse)
    assert (interim.status_code, interim.reason, list(interim.headers)) == (100, b"Continue", [])
    with pytest.raises(LocalProtocolError, match="not answered here"):
        events_of(Passthrough(None))
    with pytest.raises(LocalProtocolError, match="no status of a refusal"):
        events_of(Reject(200))


# --- What passes --------------------------------------------------------------------------------


def test_what_passes_is_h11_s_own_and_its_connection_goes_on() -> None:
    advertising = Policy(WebSocket(), mode="advertise")
    octets = plain(*BODY, line=b"POST /a HTTP/1.1", body=b"hello") + handshake() + FRAME
    connection = h11.Connection(h11.SERVER)
    driver = H11Negotiator(advertising, connection)
    assert driver.connection is connection
    driver.receive_data(octets)
    event = driver.next_event()
    assert isinstance(event, h11.Request)
    assert driver.passed is not None
    assert driver.passed.advertisement[0] == (b"Upgrade", b"websocket")
    assert driver.passed.head == head_of(event)
    assert driver.next_event() == h11.Data(data=b"hello")
    finish(driver)
    assert driver.send(accepts(driver)).startswith(b"HTTP/1.1 101 ")
    assert driver.next_event() is h11.PAUSED
    assert connection.trailing_data == (FRAME, False)
    assert driver.trailing_data == FRAME


def test_h11_tells_what_octets_alone_do_not() -> None:
    # A CONNECT that its server has refused is followed by another request.
    driver = fed(plain(line=b"CONNECT a:1 HTTP/1.1") + handshake(), OPTIONAL)
    assert isinstance(driver.next_event(), h11.Request)
    assert driver.next_event() == h11.EndOfMessage()
    assert driver.next_event() is h11.PAUSED
    assert driver.connection.their_state.__name__ == "MIGHT_SWITCH_PROTOCOL"
    driver.connection.send(h11.Response(status_code=403, headers=[("Content-Length", "0")]))
    driver.connection.send(h11.EndOfMessage())
    driver.connection.start_next_cycle()
    accepts(driver)


def test_a_request_that_passes_may_be_refused_all_the_same() -> None:
    octets = plain(*BODY, line=b"POST /a HTTP/1.1", body=b"hello") + handshake()
    for events_before in (1, 2, 3):
        driver = fed(octets, Policy(WebSocket()))
        for _ in range(events_before):
            driver.next_event()
        assert driver.send(Reject(403)).startswith(b"HTTP/1.1 403 ")
        accepts(driver)
    driver = fed(octets, Policy(WebSocket()))
    driver.next_event()
    driver.connection.send(h11.Response(status_code=200, headers=[("Content-Length", "0")]))
    with pytest.raises(LocalProtocolError, match="no request waits to be answered"):
        driver.send(Reject(403))


def test_a_switch_of_the_caller_s_own_is_the_caller_s() -> None:
    driver = fed(asks_for(b"other") + b"octets", OPTIONAL)
    driver.next_event()
    driver.next_event()
    headers = [("Upgrade", "other"), ("Connection", "Upgrade")]
    driver.connection.send(h11.InformationalResponse(status_code=101, headers=headers))
    assert driver.next_event() is h11.PAUSED
    assert driver.trailing_data == b"octets"


def test_nor_what_follows_a_request_of_two_lengths() -> None:
    lengths = (b"Content-Length: 9", b"Transfer-Encoding: chunked")
    octets = plain(*lengths, line=b"PUT / HTTP/1.1", body=b"0\r\n\r\n") + handshake()
    assert drive(octets, OPTIONAL).said == "pass"
    driver = fed(octets, OPTIONAL)
    driver.next_event()
    finish(driver)
    accepts(driver)


# --- Reviews, bodies and early data -------------------------------------------------------------


@pytest.mark.parametrize("decision", [Reject(403, body=b"no"), Require426([UpgradeToken("x")])])
def test_another_decision_may_be_sent(decision: Reject | Require426) -> None:
    driver = fed(handshake(), KEPT)
    accepts(driver)
    assert driver.next_event() is h11.PAUSED
    complete = decision.with_headers(ALWAYS)
    assert driver.send(decision) == complete.to_bytes()
    driver.receive_data(handshake())
    accept = accepts(driver)
    more = accept.with_headers([(b"X-User", b"somebody")])
    assert driver.send(more) == more.to_bytes()


def test_a_body_that_a_switch_needs_is_read_first() -> None:
    octets = asks_for(b"tcp", *BODY, body=b"hello" + b"early")
    for pieces in splits(octets):
        driver = H11Negotiator(TUNNEL)
        events: list[Event] = []
        for piece in pieces:
            if events and isinstance(events[-1], Accept101):
                break
            driver.receive_data(piece)
            events.append(driver.next_event())
        accept = events[-1]
        assert isinstance(accept, Accept101)
        assert (accept.request_body, accept.awaits_body) == (b"hello", False)
        driver.send(accept)


@pytest.mark.parametrize("body", [b"", b"hello", b"helloearly"])
def test_a_client_that_waits_is_told_to_go_on_first(body: bytes) -> None:
    driver = fed(asks_for(b"tcp", *EXPECTING, line=b"POST / HTTP/1.1", body=body), TUNNEL)
    interim = driver.next_event()
    assert isinstance(interim, Continue100)
    with pytest.raises(LocalProtocolError, match="waits to be switched"):
        driver.send(Accept101(UpgradeToken("tcp")))
    assert driver.send(interim) == b"HTTP/1.1 100 Continue\r\n\r\n"
    if not body:
        assert driver.next_event() is h11.NEED_DATA
        with pytest.raises(LocalProtocolError):
            driver.send(interim)
        driver.receive_data(b"hello")
    accept = accepts(driver)
    assert accept.request_body == b"hello"
    assert driver.send(accept) == accept.to_bytes()
    assert driver.trailing_data == body[5:]


def test_a_100_may_go_out_before_the_101_without_a_body() -> None:
    driver = fed(handshake(b"Expect: 100-continue"))
    accept = accepts(driver)
    assert driver.send(Continue100()) == Continue100().to_bytes()
    assert driver.next_event() is h11.PAUSED
    assert driver.send(accept).startswith(b"HTTP/1.1 101 ")
    together = fed(handshake(b"Expect: 100-continue"))
    assert together.send(accepts(together)).startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101")


def test_a_refusal_while_a_body_is_read_closes() -> None:
    driver = fed(asks_for(b"tcp", *BODY, body=b"he"), KEPT)
    assert driver.next_event() is h11.NEED_DATA
    assert b"Connection: close" in driver.send(Reject(403))
    assert driver.next_event() == h11.ConnectionClosed()


@pytest.mark.parametrize("framing", [b"Content-Length: 6", b"Transfer-Encoding: chunked"])
def test_a_body_beyond_the_limit_is_refused(framing: bytes) -> None:
    body = b"hello!" if framing.startswith(b"C") else b"3\r\nhel\r\n3\r\nlo!\r\n0\r\n\r\n"
    octets = asks_for(b"tcp", framing, body=body)
    assert accepts(fed(octets, TUNNEL, Limits(max_request_body=6))).request_body == b"hello!"
    driver = fed(octets, TUNNEL, Limits(max_request_body=5))
    refused = rejects(driver, "body-too-large", 413)
    assert driver.send(refused) == refused.to_bytes()


@pytest.mark.parametrize("closes", [b"", b"Connection: close"])
def test_what_a_refused_request_carries_is_read_past_or_closed_upon(closes: bytes) -> None:
    for limits, kept in ((Limits(max_drain=20), True), (Limits(max_drain=19), False)):
        body = b"5;\r\nhello\r\n0;a=b\r\n\r\n"
        octets = plain(b"Transfer-Encoding: chunked", *([closes] if closes else []),
            line=b"PUT / HTTP/1.1", body=body) + handshake()  # fmt: skip
        for pieces in ([octets], *splits(octets)):
            driver = H11Negotiator(KEPT, limits=limits)
            seen: list[Event] = []
            for piece in pieces:
                driver.receive_data(piece)
                while (event := driver.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
                    seen.append(event)
                    if isinstance(event, Require426):
                        driver.send(event)
                    elif isinstance(event, Accept101 | h11.ConnectionClosed):
                        break
            last = Accept101 if kept and not closes else h11.ConnectionClosed
            assert isinstance(seen[-1], last), (pieces, limits)


TLS_REQUEST: Final = asks_for(b"TLS/1.3", line=b"OPTIONS * HTTP/1.1")
UDP: Final = Policy(ConnectUDP("/udp/{target_host}/{target_port}"))
UDP_REQUEST: Final = asks_for(
    b"connect-udp", b"Capsule-Protocol: ?1", line=b"GET /udp/a/53 HTTP/1.1"
)


@pytest.mark.parametrize(
    ("octets", "policy"), [(TLS_REQUEST, Policy(TLS("1.3"))), (UDP_REQUEST, UDP)]
)
def test_protocols_that_begin_behind_the_101_take_nothing_before_it(
    octets: bytes, policy: Policy
) -> None:
    early = fed(octets + b"early", policy)
    refused = rejects(early, "early-data-not-taken", 400)
    assert early.send(refused) == refused.to_bytes()
    assert early.next_event() == h11.ConnectionClosed()
    late = fed(octets, policy)
    accept = accepts(late)
    late.receive_data(b"early")
    with pytest.raises(LocalProtocolError, match="octets are there"):
        late.send(accept)
    rejects(late, "early-data-not-taken", 400)
    with pytest.raises(LocalProtocolError, match="waits to be switched"):
        late.send(accept)
    with pytest.raises(LocalProtocolError, match="no client waits for a 100"):
        late.send(Continue100())
    in_time = fed(octets, policy)
    assert in_time.send(accepts(in_time)).startswith(b"HTTP/1.1 101 ")


def test_what_arrives_during_a_review_is_bounded() -> None:
    limits = Limits(max_early_data=10)
    driver = fed(handshake() + b"x" * 11, limits=limits)
    accepts(driver)
    assert driver.next_event() is h11.PAUSED, "it was there before anybody waited"
    driver.receive_data(b"x")
    rejects(driver, "early-data-too-long", 400)
    driver.receive_data(b"x" * 100)
    assert driver.next_event() is h11.PAUSED
    assert len(driver.trailing_data) == 12, "what follows is no beginning of anything"
    within = fed(handshake(), limits=limits)
    accept = accepts(within)
    within.receive_data(b"x" * 10)
    assert within.next_event() is h11.PAUSED
    within.send(accept)
    reviewed = fed(handshake(), KEPT, limits)
    accepts(reviewed)
    reviewed.receive_data(b"x" * 11)
    rejects(reviewed, "early-data-too-long", 400)
    assert b"\r\nConnection: close\r\n" in reviewed.send(Reject(403))
    refusing = fed(plain(), KEPT, limits)
    refusal = refusing.next_event()
    assert isinstance(refusal, Require426)
    assert not refusal.close
    refusing.receive_data(plain())
    closing = refusing.next_event()
    assert closing == refusal.closing()
    assert refusing.send(refusal) == refusal.closing().to_bytes()


# --- What h11 cannot read, and what it can ------------------------------------------------------


@pytest.mark.parametrize(
    ("octets", "status_code"),
    [
        (b"\x16\x03\x01\x02\x00", 400),
        (request(b"no field"), 400),
        (request(), 400),  # no Host
        (plain(b"Host: a"), 400),
        (plain(b"Transfer-Encoding: gzip"), 501),
        (b"GET /" + b"x" * 70000, 431),
    ],
)
@pytest.mark.parametrize("policy", [OPTIONAL, lambda info: OPTIONAL])
def test_what_h11_cannot_read_is_refused(
    octets: bytes, status_code: int, policy: PolicySource
) -> None:
    driver = fed(octets, policy)
    refused = rejects(driver, "h11-cannot-read", status_code)
    assert driver.next_event() is h11.PAUSED
    with pytest.raises(LocalProtocolError, match="switched"):
        driver.send(Accept101(UpgradeToken("websocket")))
    with pytest.raises(LocalProtocolError, match="without its content"):
        driver.send(refused.without_content())
    assert driver.send(refused) == refused.to_bytes()
    assert driver.next_event() == h11.ConnectionClosed()
    assert driver.connection.our_state is h11.MUST_CLOSE
    with pytest.raises(LocalProtocolError, match="no request waits"):
        driver.send(refused)


@pytest.mark.parametrize("begins", [b"GET /", handshake()[:-2] + b"X: ", handshake()[:-2]])
def test_of_10_megabytes_of_head_no_more_is_held_than_the_limit(begins: bytes) -> None:
    piece = b"x" * 1024 if begins != handshake()[:-2] else b"X: " + b"x" * 1019 + b"\r\n"
    driver = fed(begins)
    held = len(begins)
    while (event := driver.next_event()) is h11.NEED_DATA:
        driver.receive_data(piece)
        held += len(piece)
        assert held <= Limits().max_head_bytes + len(piece)
    assert isinstance(event, Reject)
    assert event.status_code == 431
    driver.send(event)
    for _ in range(10):
        driver.receive_data(b"x" * (1 << 20))
    assert driver.next_event() == h11.ConnectionClosed()
    assert len(driver.trailing_data) <= Limits().max_head_bytes + len(piece)


def test_a_refusal_of_one_s_own_may_take_that_one_s_place() -> None:
    driver = fed(b"\0", Policy(WebSocket(), refusal=Refusal(body="empty")))
    assert rejects(driver, "h11-cannot-read", 400).body == b""
    own = Reject(418, body=b"x").with_headers(ALWAYS).closing()
    assert driver.send(Reject(418, body=b"x")) == own.to_bytes()


CHUNKED: Final = plain(b"Transfer-Encoding: chunked", line=b"PUT / HTTP/1.1")


def test_a_body_that_breaks_is_refused_unless_its_answer_has_begun() -> None:
    driver = fed(CHUNKED + b"x", OPTIONAL)
    driver.next_event()
    driver.receive_data(b"\r\n")
    refused = rejects(driver, "h11-cannot-read", 400)
    assert driver.send(refused) == refused.to_bytes()
    begun = fed(CHUNKED + b"x\r\n", OPTIONAL)
    begun.next_event()
    begun.connection.send(h11.Response(status_code=200, headers=[]))
    assert begun.next_event() == begun.next_event() == h11.ConnectionClosed()
    head = fed(CHUNKED.replace(b"PUT", b"HEAD") + b"x\r\n", OPTIONAL)
    head.next_event()
    assert rejects(head, "h11-cannot-read", 400).body == b""
    wanted = fed(asks_for(b"tcp", b"Transfer-Encoding: chunked", body=b"x\r\n"), TUNNEL)
    rejects(wanted, "h11-cannot-read", 400)
    drained = fed(CHUNKED + b"x\r\n", KEPT)
    refusal = drained.next_event()
    assert isinstance(refusal, Require426)
    drained.send(refusal)
    assert drained.next_event() == h11.ConnectionClosed()


def test_after_a_body_that_breaks_nothing_is_held_while_its_refusal_waits() -> None:
    driver = fed(CHUNKED + b"x\r\n", KEPT)
    assert isinstance(driver.next_event(), Require426)
    for _ in range(10):
        driver.receive_data(b"x" * 100_000)
        assert driver.next_event() is h11.PAUSED
    assert len(driver.trailing_data) <= 100_003


def test_one_request_is_forgotten_when_the_next_is_broken() -> None:
    driver = fed(plain(line=b"HEAD / HTTP/1.1"), OPTIONAL)
    driver.next_event()
    finish(driver)
    driver.receive_data(b"\0")
    assert rejects(driver, "h11-cannot-read", 400).body


BELL: Final = b"X: \x07"


def test_controls_in_a_value_pass_where_nothing_is_asked() -> None:
    driver = fed(plain(BELL) + handshake(), OPTIONAL)
    event = driver.next_event()
    assert isinstance(event, h11.Request)
    with pytest.raises(ValueError, match="must not hold 0x07"):
        head_of(event)
    assert driver.passed is not None
    assert driver.passed.head is None
    assert driver.passed.findings[0].code == "field-value-malformed"
    finish(driver)
    accepts(driver)
    rejects(fed(handshake(BELL), OPTIONAL), "field-value-malformed", 400)
    head = fed(plain(BELL, line=b"HEAD / HTTP/1.1"))
    refused = rejects(head, "field-value-malformed", 400)
    assert not refused.body
    written = head.send(Reject(403, body=b"no"))
    assert b"\r\nConnection: close\r\n" in written
    assert b"\r\nContent-Length: 2\r\n" in written
    assert written.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("limits", "code", "status_code"),
    [
        (Limits(max_request_line=20), "request-line-too-long", 414),
        (Limits(max_header_line=20), "header-line-too-long", 431),
        (Limits(max_header_count=4), "too-many-headers", 431),
        (Limits(max_head_bytes=100), "head-too-long", 431),
    ],
)
def test_the_limits_of_a_head_hold_where_something_is_asked(
    limits: Limits, code: str, status_code: int
) -> None:
    octets = handshake(line=b"GET /12345678901234567890 HTTP/1.1")
    assert drive(octets, OPTIONAL, limits=limits).codes == (code,)
    rejects(fed(octets, OPTIONAL, limits), code, status_code)
    roomy = limits.replace(
        max_request_line=34, max_header_line=43, max_header_count=5, max_head_bytes=1000
    )
    accepts(fed(octets, OPTIONAL, roomy))
    passing = fed(
        plain(*[b"X-%d: y" % n for n in range(9)], line=octets[:35].strip()), OPTIONAL, limits
    )
    assert isinstance(passing.next_event(), h11.Request)


@pytest.mark.parametrize("limits", [Limits(max_request_line=10), Limits()])
def test_what_passed_without_being_judged_is_refused_with_a_close(limits: Limits) -> None:
    driver = fed(plain(BELL) if limits == Limits() else plain(), OPTIONAL, limits)
    assert isinstance(driver.next_event(), h11.Request)
    assert driver.passed is not None
    assert driver.passed.head is None
    assert driver.refuse(503).close
    assert b"\r\nConnection: close\r\n" in driver.send(Reject(503))
    assert driver.next_event() == h11.ConnectionClosed()


def test_the_body_of_what_is_not_judged_goes_on_as_h11_reads_it() -> None:
    driver = fed(plain(BELL, *BODY, line=b"PUT / HTTP/1.1") + b"abcde" + handshake(), OPTIONAL)
    assert isinstance(driver.next_event(), h11.Request)
    assert isinstance(driver.next_event(), h11.Data)
    finish(driver)
    accepts(driver)


def test_where_h11_takes_no_further_request_what_follows_closes() -> None:
    # Connection breaks its grammar: here that leaves open whether a request follows, h11 knows.
    first = request(b"Host: h", b"Upgrade: tcp", b"Connection: a b", line=b"GET / HTTP/1.0")
    driver = fed(first + plain(), OPTIONAL)
    assert isinstance(driver.next_event(), h11.Request)
    assert isinstance(driver.next_event(), h11.EndOfMessage)
    driver.connection.send(h11.Response(status_code=404, headers=[("Content-Length", "0")]))
    driver.connection.send(h11.EndOfMessage())
    assert driver.next_event() == driver.next_event() == h11.ConnectionClosed()


MENDED: Final = [
    # What h11 joins, drops or takes, and what octets get.
    (handshake(b"X: a\r\n b"), "101", "400 close"),
    (handshake().replace(b"\r\n", b"\n"), "101", "400 close"),
    (handshake(b"Content-Length: 0", b"Content-Length: 0"), "101", "400 close"),
    (asks_for(b"tcp", b"Transfer-Encoding: CHUNKED", body=b"0\r\n\r\n"), "101", "101"),
    (plain(b"Host: server.example.com"), "400 close", "pass"),
    (request(), "400 close", "pass"),
]


@pytest.mark.parametrize(("octets", "by_h11", "by_octets"), MENDED)
def test_where_h11_mends_or_refuses_by_itself(octets: bytes, by_h11: str, by_octets: str) -> None:
    policy = Policy(WebSocket(), CustomProtocol("tcp", body="buffer"))
    assert drive(octets, policy).said == by_octets
    event = fed(octets, policy).next_event()
    said = "101" if isinstance(event, Accept101) else "pass"
    if isinstance(event, Reject):
        said = f"{event.status_code} close"
    assert said == by_h11


# --- Ends ---------------------------------------------------------------------------------------


def test_a_client_that_sends_no_more_is_still_answered() -> None:
    driver = fed(handshake() + FRAME)
    driver.receive_data(b"")
    driver.send(accepts(driver))
    assert driver.connection.trailing_data == (FRAME, True)
    refused = fed(plain(), KEPT)
    refused.receive_data(b"")
    refusal = refused.next_event()
    assert isinstance(refusal, Require426)
    refused.send(refusal)
    assert refused.next_event() == h11.ConnectionClosed()
    passed = fed(plain(), OPTIONAL)
    passed.receive_data(b"")
    assert isinstance(passed.next_event(), h11.Request)
    assert passed.next_event() == h11.EndOfMessage()
    assert passed.next_event() == h11.ConnectionClosed()
    assert passed.connection.our_state is h11.SEND_RESPONSE
    passed.connection.send(h11.Response(status_code=204, headers=[]))


@pytest.mark.parametrize(
    "octets",
    [b"", plain()[:-2], CHUNKED[:-4], asks_for(b"tcp", *BODY, body=b"hell")],
)
def test_an_end_in_the_middle_of_a_message_is_answered_by_nobody(octets: bytes) -> None:
    driver = H11Negotiator(TUNNEL)
    if octets:
        driver.receive_data(octets)
    driver.receive_data(b"")
    assert driver.next_event() == h11.ConnectionClosed()
    assert driver.next_event() == h11.ConnectionClosed()


# --- Misuse, and callables that raise -----------------------------------------------------------


def test_a_callable_that_raises_loses_nothing() -> None:
    working = False

    def choose(info: RequestInfo) -> Policy:
        if not working:
            raise RuntimeError("not yet")
        return KEPT

    driver = fed(plain() + handshake(), choose)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="not yet"):
            driver.next_event()
    working = True
    refusal = driver.next_event()
    assert isinstance(refusal, Require426)
    driver.send(refusal)
    working = False
    with pytest.raises(RuntimeError, match="not yet"):
        driver.next_event()
    assert b"Connection: close" in driver.send(Reject(503))
    assert driver.next_event() == h11.ConnectionClosed()


def test_a_callable_may_leave_a_request_to_nobody() -> None:
    driver = fed(handshake(), lambda info: None)
    assert isinstance(driver.next_event(), h11.Request)
    assert driver.passed == Passthrough(head_of(server_reading(handshake())[1]))


def misuses() -> list[tuple[Callable[[H11Negotiator], object], str]]:
    return [
        (lambda driver: driver.send(Passthrough(None)), "nothing is sent for a Passthrough"),
        (lambda driver: driver.send(Accept101(UpgradeToken("h2c"))), "did not offer h2c"),
        (lambda driver: driver.send(Continue100()), "no client waits"),
        (lambda driver: driver.send(Reject(200)), "no status of a refusal"),
    ]


def test_octets_alone_are_fed() -> None:
    for wrong in ("GET", None, 0):
        with pytest.raises(TypeError, match=r"^data is bytes, not "):
            fed(handshake()).receive_data(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [None, b"", 426, h11.NEED_DATA, h11.PAUSED])
def test_only_decisions_are_sent(wrong: Any) -> None:
    driver = fed(handshake())
    accepts(driver)
    with pytest.raises(TypeError, match=r"^decision is an Accept101, Continue100, Require426 or"):
        driver.send(wrong)


@pytest.mark.parametrize("wrong", [None, "websocket", WebSocket()])
def test_a_policy_is_one_or_a_function(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"^policy is a Policy or a function that returns one"):
        H11Negotiator(wrong)


@pytest.mark.parametrize(("misuse", "said"), misuses())
def test_misuse_raises_and_changes_nothing(
    misuse: Callable[[H11Negotiator], object], said: str
) -> None:
    driver = fed(handshake() + FRAME)
    accept = accepts(driver)
    with pytest.raises(LocalProtocolError, match=said):
        misuse(driver)
    driver.send(accept)
    assert driver.trailing_data == FRAME
    with pytest.raises(LocalProtocolError, match="new protocol"):
        driver.receive_data(b"x")
    with pytest.raises(LocalProtocolError, match="no request waits"):
        driver.send(accept)


def test_more_misuse() -> None:
    with pytest.raises(ValueError, match="client's connection"):
        H11Negotiator(OPTIONAL, h11.Connection(h11.CLIENT))
    driver = H11Negotiator(OPTIONAL)
    with pytest.raises(LocalProtocolError, match="no client waits for a 100"):
        driver.send(Continue100())
    driver.receive_data(b"")
    with pytest.raises(LocalProtocolError, match="after the end of file"):
        driver.receive_data(b"x")


def test_an_answer_given_through_h11_is_not_given_again() -> None:
    driver = fed(handshake())
    accept = accepts(driver)
    driver.connection.send(h11.Response(status_code=403, headers=[("Content-Length", "0")]))
    with pytest.raises(LocalProtocolError, match="no request waits"):
        driver.send(accept)


def test_what_h11_disagrees_with_goes_out_and_closes() -> None:
    # A length that h11 does not count to: the answer is right, and h11 writes none from then on.
    driver = fed(plain(line=b"HEAD / HTTP/1.1"), KEPT)
    refusal = driver.next_event()
    assert isinstance(refusal, Require426)
    headers = [field for field in refusal.headers if field[0] != b"Content-Length"]
    huge = refusal.replace(headers=(*headers, (b"Content-Length", b"1" * 25)))
    assert driver.send(huge) == huge.to_bytes()
    assert driver.next_event() == h11.ConnectionClosed()


def test_tls_is_not_offered_inside_tls() -> None:
    driver = H11Negotiator(Policy(TLS("1.3")), secure=True)
    driver.receive_data(TLS_REQUEST)
    assert isinstance(driver.next_event(), h11.Request)


def test_it_decides_what_a_negotiator_decides() -> None:
    for octets in DECISIONS.values():
        decided = hear_head(HeadNegotiator(KEPT), RequestHead.parse(octets))
        event = fed(octets, KEPT).next_event()
        assert event == decided


# --- Refusals of one's own ----------------------------------------------------------------------


def test_the_request_that_is_refused_is_the_one_that_is_begun_not_the_one_before() -> None:
    driver = fed(plain(line=b"HEAD / HTTP/1.1"), OPTIONAL)
    driver.next_event()
    assert driver.refuse(503).body == b""
    finish(driver)
    driver.receive_data(b"GET /")
    assert driver.next_event() is h11.NEED_DATA
    refused = driver.refuse(408)
    assert refused.close
    assert refused.body
    assert driver.send(refused).endswith(refused.body)
    assert driver.next_event() == h11.ConnectionClosed()
    with pytest.raises(LocalProtocolError, match="no request waits"):
        driver.send(refused)


def test_the_policy_of_the_request_before_says_nothing_of_the_next() -> None:
    chosen = Policy(WebSocket(), refusal=Refusal(body="empty"))
    driver = fed(plain(), lambda _: chosen)
    driver.next_event()
    assert driver.refuse(503).body == b""
    finish(driver)
    driver.receive_data(b"GET /")
    assert driver.next_event() is h11.NEED_DATA
    assert driver.refuse(408).body.startswith(b"408 ")


def test_after_a_refusal_a_request_that_has_begun_may_be_refused() -> None:
    driver = fed(plain(), KEPT)
    refusal = driver.next_event()
    assert isinstance(refusal, Require426)
    driver.send(refusal)
    with pytest.raises(LocalProtocolError, match="no request waits"):
        driver.send(driver.refuse(408))
    assert driver.next_event() is h11.NEED_DATA
    assert driver.send(driver.refuse(408)).startswith(b"HTTP/1.1 408 ")


def test_where_a_renderer_fails_a_refusal_by_hand_is_sent() -> None:
    def render(_: RefusalReport) -> tuple[bytes, bytes]:
        raise ZeroDivisionError

    policy = Policy(WebSocket(), mode="required", refusal=Refusal([(b"X-Ours", b"1")], render))
    for octets in (plain(), plain(BELL)):
        driver = fed(octets, policy)
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                driver.next_event()
        with pytest.raises(ZeroDivisionError):
            driver.refuse(500)
        written = driver.send(Reject(500))
        assert b"\r\nX-Ours: 1\r\n" in written
        assert b"\r\nConnection: close\r\n" in written


def test_refuse_makes_for_h11_what_it_makes_elsewhere() -> None:
    machine, driver = ServerNegotiator(REQUIRED), H11Negotiator(REQUIRED)
    assert driver.refuse(408) == machine.refuse(408)
    feed(machine, handshake())
    driver.receive_data(handshake())
    accepts(driver)
    assert driver.refuse(503) == machine.refuse(503)
    with pytest.raises(ValueError, match="status_code is one from 300 to 599"):
        driver.refuse(200)
    with pytest.raises(TypeError, match="refusal is a Refusal"):
        H11Negotiator(OPTIONAL, refusal="empty")  # type: ignore[arg-type]


def test_h11s_own_headers_are_taken() -> None:
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(b"PUT /a HTTP/1.1\r\nHost: a\r\nX-Case:  b \r\n\r\n")
    request = connection.next_event()
    assert isinstance(request, h11.Request)
    head = RequestHead.from_parser(
        request.method, request.target, request.headers.raw_items(), request.http_version
    )
    assert head == RequestHead(b"PUT", b"/a", ((b"Host", b"a"), (b"X-Case", b"b")))
