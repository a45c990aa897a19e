"""Refusals of one's own: ``refuse()``, and ``send()`` wherever no answer was begun."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NamedTuple

import pytest
from feeding import feed, hear_head
from transcript import (
    TCP_BUFFERED,
    TCP_POST,
    WEBSOCKET_OPTIONAL,
    WEBSOCKET_REQUIRED,
    PolicySource,
    statuses,
)
from wire import handshake, plain, request

from httpupgrade import (
    NEED_DATA,
    PAUSED,
    Accept101,
    ConnectionClosed,
    Finding,
    Forward,
    HeadNegotiator,
    LocalProtocolError,
    Policy,
    Refusal,
    RefusalReport,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
    ServerNegotiator,
    ServerState,
    UpgradeToken,
    WebSocket,
)

OURS = Refusal([(b"X-Ours", b"1"), (b"X-Ours", b"2")], body="empty")
LATE = Finding("late", "the request took too long")
CHUNKED = request(*TCP_POST, b"Transfer-Encoding: chunked", line=b"POST / HTTP/1.1")
POST = plain(b"Content-Length: 5", line=b"POST / HTTP/1.1")
HEAD = plain(line=b"HEAD / HTTP/1.1")


class TroubleError(Exception):
    """What a policy of the caller's may raise."""


def in_trouble(info: RequestInfo) -> Policy:
    raise TroubleError


class Place(NamedTuple):
    """Where a connection may be: what arrived, and how many further events were asked for."""

    octets: bytes
    policy: PolicySource = WEBSOCKET_REQUIRED
    events: int = 0
    answers: bool = False
    """Whether the first decision is sent."""
    keeps: bool = False
    """Whether the connection may go on after a refusal."""


NOT_BEGUN: Mapping[str, Place] = {
    "before any octet": Place(b""),
    "empty lines": Place(b"\r\n\r\n"),
    "half a request line": Place(b"GET /"),
    "half a head": Place(b"GET / HTTP/1.1\r\nHost: a\r\n"),
    "half of the next head": Place(plain() + b"HEAD / HT", answers=True, events=1),
    "before the next head": Place(plain(), answers=True, events=1),
    "half a head after a drained body": Place(POST + b"helloGET", answers=True, events=1),
    "half a head after a message that passed": Place(plain() + b"GET", WEBSOCKET_OPTIONAL, 2),
    "a callable raised": Place(plain(), in_trouble),
    "a body is read": Place(CHUNKED + b"3\r\nab", TCP_BUFFERED),
    "a body is awaited": Place(CHUNKED, TCP_BUFFERED),
    "an acceptance waits": Place(handshake(b"Connection: Upgrade") + b"early"),
    "a 426 waits": Place(plain(), keeps=True),
    "a 100 waits": Place(request(*TCP_POST, b"Content-Length: 1", b"Expect: 100-continue")),
    "octets that are no head wait": Place(b"\x16\x03\x01"),
    "it passed": Place(plain(), WEBSOCKET_OPTIONAL, keeps=True),
    "it passed, with half a body": Place(POST + b"he", WEBSOCKET_OPTIONAL, keeps=True),
    "octets that are no head passed": Place(b"\x16\x03\x01", WEBSOCKET_OPTIONAL),
}
BEGUN: Mapping[str, Place] = {
    "a refused request's body is read past": Place(POST + b"he", answers=True, events=1),
    "just after a refusal": Place(plain(), answers=True),
    "after a refusal that closes": Place(b"\x16\x03\x01", answers=True),
    "after the 101": Place(handshake(), answers=True),
    "part of it was forwarded": Place(POST + b"he", WEBSOCKET_OPTIONAL, 1),
    "part of what is no head was forwarded": Place(b"\x16\x03\x01abc", WEBSOCKET_OPTIONAL, 1),
}
not_begun = pytest.mark.parametrize("place", NOT_BEGUN.values(), ids=NOT_BEGUN)
begun = pytest.mark.parametrize("place", BEGUN.values(), ids=BEGUN)


def lead(place: Place) -> ServerNegotiator:
    machine = ServerNegotiator(place.policy)
    if not place.octets:
        return machine
    with suppress(TroubleError):
        event = feed(machine, place.octets)
        if place.answers:
            assert isinstance(event, Accept101 | Require426 | Reject)
            machine.send(event)
        for _ in range(place.events):
            machine.next_event()
    return machine


@not_begun
@pytest.mark.parametrize("status_code", [408, 500, 503])
def test_a_refusal_is_sent_wherever_no_answer_was_begun(place: Place, status_code: int) -> None:
    machine = lead(place)
    written = machine.send(Reject(status_code, body=b"no\n"))
    assert statuses(written) == [status_code]
    assert written.endswith(b"\r\n\r\nno\n")
    assert (b"\r\nConnection: close\r\n" in written) is not place.keeps
    if place.keeps:
        assert machine.state is ServerState.DRAINING
        return
    assert machine.state is ServerState.CLOSED
    assert machine.trailing_data == b""
    for data in (b"GET", plain(), b""):
        assert feed(machine, data) == ConnectionClosed()
        assert machine.next_event() == ConnectionClosed()
    with pytest.raises(LocalProtocolError):
        machine.send(Reject(500))


@begun
def test_nothing_is_refused_once_an_answer_was_begun(place: Place) -> None:
    machine = lead(place)
    state, trailing = machine.state, machine.trailing_data
    message = f"^no answer can begin now: {state.value}$"
    with pytest.raises(LocalProtocolError, match=message):
        machine.send(Reject(500))
    with pytest.raises(LocalProtocolError, match=message):
        machine.send(machine.refuse(500))
    assert (machine.state, machine.trailing_data) == (state, trailing)


@not_begun
def test_what_refuse_makes_closes_where_it_must(place: Place) -> None:
    machine = lead(place)
    refused = machine.refuse(408, LATE)
    assert refused.close is not place.keeps
    assert refused.findings == (LATE,)
    assert b"\n* the request took too long\n" in refused.body
    written = machine.send(refused)
    assert written == refused.to_bytes()


def test_refuse_changes_nothing() -> None:
    machine = lead(NOT_BEGUN["half a head"])
    assert machine.refuse(408) == machine.refuse(408)
    assert isinstance(feed(machine, b"\r\n"), Require426)


@pytest.mark.parametrize("data", [b"", b"GET"])
def test_where_the_first_thing_is_a_refusal_nothing_is_read_after_it(data: bytes) -> None:
    machine = ServerNegotiator(WEBSOCKET_REQUIRED)
    assert machine.next_event() is NEED_DATA
    machine.send(machine.refuse(503))
    assert feed(machine, plain()) == ConnectionClosed()
    assert machine.head is None


@pytest.mark.parametrize("data", [plain(), plain() + b"x", b"GET /", b"\0"])
def test_what_no_event_was_asked_for_is_dropped_by_a_refusal_that_closes(data: bytes) -> None:
    machine = ServerNegotiator(WEBSOCKET_REQUIRED)
    machine.receive_data(data)
    assert machine.trailing_data == data
    machine.send(Reject(503))
    assert machine.trailing_data == b""
    assert machine.next_event() == ConnectionClosed()


def test_the_request_at_hand_is_the_one_that_is_begun_not_the_one_before() -> None:
    machine = ServerNegotiator(WEBSOCKET_REQUIRED)
    event = feed(machine, HEAD + b"GET /")
    assert isinstance(event, Require426)
    assert machine.refuse(500).body == b""
    machine.send(event)
    assert machine.next_event() is NEED_DATA
    refused = machine.refuse(408)
    assert refused.body != b""
    assert machine.send(refused).endswith(refused.body)
    assert machine.head is None


def test_to_head_there_is_no_content_and_the_length_is_that_of_a_get() -> None:
    machine = ServerNegotiator(WEBSOCKET_OPTIONAL)
    feed(machine, plain())
    got = machine.refuse(503)
    asked = ServerNegotiator(WEBSOCKET_OPTIONAL)
    feed(asked, HEAD)
    refused = asked.refuse(503)
    assert refused == got.without_content()
    assert statuses(asked.send(refused), b"HEAD") == [503]


def test_a_parsed_head_is_refused_and_the_time_after_it_too() -> None:
    machine = HeadNegotiator(WEBSOCKET_REQUIRED)
    hear_head(machine, RequestHead.parse(HEAD))
    assert machine.refuse(503).body == b""
    machine.send(machine.refuse(503))
    with pytest.raises(
        LocalProtocolError, match=r"^no answer can begin now: the body of a refused"
    ):
        machine.send(machine.refuse(408))
    assert machine.next_event() is NEED_DATA
    assert machine.send(machine.refuse(408)).startswith(b"HTTP/1.1 408 ")


# The policy's Refusal.


def rendered(report: RefusalReport) -> tuple[bytes, bytes]:
    tokens = ", ".join(map(str, report.tokens))
    return b"text/ours", f"{report.status_code} {tokens} {len(report.findings)}".encode()


def fields(written: bytes, name: bytes) -> list[bytes]:
    lines = written.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    pairs = (line.split(b": ", 1) for line in lines)
    return [value for each, value in pairs if each.lower() == name]


def test_a_renderer_of_the_policy_is_told_of_what_is_refused() -> None:
    machine = ServerNegotiator(Policy(WebSocket(), refusal=Refusal(body=rendered)))
    feed(machine, handshake())
    refused = machine.refuse(503, LATE)
    assert refused.body == b"503 websocket 1"
    assert fields(refused.to_bytes(), b"content-type") == [b"text/ours"]


def test_where_there_is_no_policy_the_refusal_of_the_machine_holds() -> None:
    def choose(info: RequestInfo) -> Policy | None:
        if info.head.target == b"/trouble":
            raise TroubleError
        return Policy(WebSocket()) if info.head.target == b"/chat" else None

    def machine() -> ServerNegotiator:
        return ServerNegotiator(choose, refusal=OURS)

    early, passed, raised, unreadable, chosen = (machine() for _ in range(5))
    feed(passed, plain(line=b"GET /other HTTP/1.1"))
    with suppress(TroubleError):
        feed(raised, plain(line=b"GET /trouble HTTP/1.1"))
    unread = feed(unreadable, b"GET / HTTP/1.1\r\nUpgrade : websocket\r\n\r\n")
    assert isinstance(unread, Reject)
    for refused in (early.refuse(408), passed.refuse(500), raised.refuse(500), unread):
        assert fields(refused.to_bytes(), b"x-ours") == [b"1", b"2"]
        assert refused.body == b""
    feed(chosen, plain(line=b"GET /chat HTTP/1.1"))
    assert fields(chosen.refuse(500).to_bytes(), b"x-ours") == []


def test_a_policy_has_a_refusal_of_its_own() -> None:
    machine = ServerNegotiator(Policy(WebSocket(), refusal=OURS), refusal=Refusal())
    assert machine.refuse(408).body == b""


@pytest.mark.parametrize(
    "make",
    [
        lambda body: Reject(401, body=body),
        lambda body: Require426([UpgradeToken("tcp")], body=body),
    ],
)
def test_a_refusal_made_by_hand_gets_the_fields_and_keeps_its_body(
    make: Callable[[bytes], Reject | Require426],
) -> None:
    machine = ServerNegotiator(Policy(WebSocket(), refusal=OURS))
    feed(machine, handshake())
    written = machine.send(make(b"Who are you?"))
    assert written.endswith(b"\r\n\r\nWho are you?")
    assert fields(written, b"x-ours") == [b"1", b"2"]
    assert fields(written, b"cache-control") == [b"no-store"]
    assert fields(written, b"x-content-type-options") == [b"nosniff"]


def test_a_field_that_a_refusal_names_itself_is_its_own() -> None:
    own = [(b"x-ours", b"3"), (b"CACHE-CONTROL", b"max-age=5")]
    machine = ServerNegotiator(Policy(WebSocket(), mode="required", refusal=OURS))
    feed(machine, plain())
    for refused in (Reject(308, own), machine.refuse(308, headers=own)):
        written = machine.send(refused)
        assert fields(written, b"x-ours") == [b"3"]
        assert fields(written, b"cache-control") == [b"max-age=5"]
        assert fields(written, b"x-content-type-options") == [b"nosniff"]
        assert feed(machine, plain()) is not PAUSED


def test_what_a_renderer_raises_comes_through_and_a_refusal_by_hand_needs_none() -> None:
    def render(report: RefusalReport) -> tuple[bytes, bytes]:
        raise TroubleError

    machine = ServerNegotiator(Policy(WebSocket(), refusal=Refusal([(b"X-Ours", b"1")], render)))
    feed(machine, plain())
    with pytest.raises(TroubleError):
        machine.refuse(500)
    assert fields(machine.send(Reject(500)), b"x-ours") == [b"1"]


WRONG: Mapping[str, tuple[Callable[[ServerNegotiator], object], str]] = {
    "a success": (
        lambda machine: machine.refuse(200),
        "status_code is one from 300 to 599 but 304 and 426, not 200$",
    ),
    "304": (lambda machine: machine.refuse(304), "status_code is one from 300 to 599 but 304"),
    "426": (lambda machine: machine.refuse(426), "status_code is one from 300 to 599 but 304"),
    "Connection": (
        lambda machine: machine.refuse(400, headers=[(b"Connection", b"close")]),
        "Connection follows from the decision",
    ),
    "Content-Type": (
        lambda machine: machine.refuse(400, headers=[(b"Content-Type", b"a/b")]),
        "Content-Type is the refusal's own to say",
    ),
    "LF": (lambda machine: machine.refuse(400, headers=[(b"X", b"a\nb")]), "in headers, the value"),
}


@pytest.mark.parametrize(("call", "message"), WRONG.values(), ids=WRONG)
def test_what_no_refusal_can_have_is_a_value_error(
    call: Callable[[ServerNegotiator], object], message: str
) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        call(ServerNegotiator(WEBSOCKET_REQUIRED))


def test_a_forward_after_a_refused_message_does_not_come() -> None:
    machine = lead(NOT_BEGUN["it passed, with half a body"])
    machine.send(machine.refuse(503))
    assert feed(machine, b"llo") is NEED_DATA
    assert not isinstance(machine.next_event(), Forward)


def test_a_refusal_closes_where_the_one_for_a_broken_body_could_not_be_made() -> None:
    def boom(report: RefusalReport) -> tuple[bytes, bytes]:
        raise ZeroDivisionError

    machine = ServerNegotiator(Policy(WebSocket(), refusal=Refusal(body=boom)))
    chunked = (b"Transfer-Encoding: chunked",)
    feed(machine, plain(*chunked, line=b"POST / HTTP/1.1", body=b"no chunk\r\n"))
    with pytest.raises(ZeroDivisionError):
        machine.next_event()
    assert fields(machine.send(Reject(500)), b"connection") == [b"close"]
    assert machine.state is ServerState.CLOSED
