"""Wrong use of the library raises an error that says what is wrong; nothing is sent by it."""

from collections.abc import Callable
from typing import Any

import pytest
from feeding import feed
from wire import handshake, plain

from httpupgrade import (
    NEED_DATA,
    PAUSED,
    Accept101,
    ConnectionClosed,
    Forward,
    LocalProtocolError,
    Passthrough,
    PerMessageDeflate,
    Policy,
    Refusal,
    Reject,
    RequestHead,
    Require426,
    ServerNegotiator,
    ServerState,
    UpgradeToken,
    WebSocket,
    decide,
)
from httpupgrade.fields import Extension, Headers
from httpupgrade.offers import Agreed, Offer

REQUIRED = Policy(WebSocket(["chat"]), mode="required")
TCP = UpgradeToken("tcp")
WEBSOCKET = UpgradeToken("websocket")


def refused() -> tuple[ServerNegotiator, Require426]:
    machine = ServerNegotiator(REQUIRED)
    event = feed(machine, plain())
    assert isinstance(event, Require426)
    return machine, event


def accepted(octets: bytes) -> tuple[ServerNegotiator, Accept101]:
    machine = ServerNegotiator(REQUIRED)
    event = feed(machine, octets)
    assert isinstance(event, Accept101)
    return machine, event


# --- What is no decision, or no octets -----------------------------------------------------------

NO_DECISIONS: list[Any] = [
    None,
    NEED_DATA,
    PAUSED,
    ConnectionClosed(),
    Forward(b"", True),
    b"",
    426,
]


@pytest.mark.parametrize("value", NO_DECISIONS, ids=repr)
def test_what_is_no_decision_is_not_sent(value: Any) -> None:
    machine, event = refused()
    with pytest.raises(TypeError, match=r"^decision is an Accept101, Continue100"):
        machine.send(value)
    assert machine.send(event).startswith(b"HTTP/1.1 426 ")


WRONG_TYPES: dict[str, Callable[[], Any]] = {
    "a status in text": lambda: Reject(400).replace(status_code="400"),
    "a status with a fraction": lambda: Reject(400).replace(status_code=400.9),
    "a status that is true": lambda: Reject(400).replace(status_code=True),
    "a body in text": lambda: Reject(400).replace(body="no"),
    "a field in text": lambda: Reject(400).replace(headers=(("X", "y"),)),
    "a field in a memoryview": lambda: Reject(400, [(memoryview(b"X"), b"y")]),  # type: ignore[list-item]
    "a field of three": lambda: Reject(400).replace(headers=((b"X", b"y", b"z"),)),
}


@pytest.mark.parametrize("make", WRONG_TYPES.values(), ids=WRONG_TYPES)
def test_an_answer_of_wrong_types_is_not_sent(make: Callable[[], Any]) -> None:
    machine, event = refused()
    with pytest.raises(LocalProtocolError):
        machine.send(make())
    assert machine.state is ServerState.DECIDED
    assert machine.send(event).startswith(b"HTTP/1.1 426 ")


@pytest.mark.parametrize("value", [None, "", "GET", 0, [1]], ids=repr)
def test_what_is_no_octets_is_no_end_of_file(value: Any) -> None:
    machine = ServerNegotiator(REQUIRED)
    with pytest.raises(TypeError, match=r"^data is bytes, not "):
        feed(machine, value)
    assert machine.next_event() is NEED_DATA


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_octets_may_come_in_any_buffer(kind: Callable[[bytes], bytes]) -> None:
    event = feed(ServerNegotiator(REQUIRED), kind(handshake()))
    assert isinstance(event, Accept101)


# --- Lengths -------------------------------------------------------------------------------------


def test_an_answer_without_the_content_that_it_announces_goes_to_head_alone() -> None:
    # RFC 9110 9.3.2: to anything else, the client would wait for the content, or read it out of
    # the next answer.
    machine, event = refused()
    for decision in (
        event.without_content(),
        Reject(400, (), b"hello").replace(body=b""),
        Reject(400).replace(headers=((b"Content-Length", b"abc"),)),
        Reject(400).replace(headers=((b"Content-Length", b"1"),)),
    ):
        with pytest.raises(LocalProtocolError):
            machine.send(decision)
    to_head = ServerNegotiator(REQUIRED)
    answer = feed(to_head, plain(line=b"HEAD / HTTP/1.1"))
    assert isinstance(answer, Require426)
    head, _, content = to_head.send(answer).partition(b"\r\n\r\n")
    assert b"\r\nContent-Length: " in head
    assert content == b""


# --- Answers to a handshake ----------------------------------------------------------------------


def test_a_websocket_among_the_layers_has_its_handshake_checked() -> None:
    machine, _ = accepted(handshake(b"Upgrade: websocket, tcp"))
    with pytest.raises(LocalProtocolError):
        machine.send(Accept101(TCP, tokens=(WEBSOCKET, TCP)))


@pytest.mark.parametrize(
    "extensions",
    [
        b"permessage-deflate; client_max_window_bits=9",
        b"permessage-deflate, permessage-deflate",
        b"x-other",
    ],
)
def test_extensions_are_agreed_on_as_offered(extensions: bytes) -> None:
    # RFC 7692 7.1.2.2: client_max_window_bits MUST NOT be answered unless it was offered.
    machine, event = accepted(handshake(b"Sec-WebSocket-Extensions: permessage-deflate"))
    changed = event.with_headers([(b"Sec-WebSocket-Extensions", extensions)])
    with pytest.raises(LocalProtocolError):
        machine.send(changed)
    assert machine.send(event).startswith(b"HTTP/1.1 101 ")


def test_a_window_that_the_client_offered_may_be_answered() -> None:
    offer = b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
    machine, event = accepted(handshake(offer))
    answer = b"permessage-deflate; client_max_window_bits=9"
    changed = event.with_headers([(b"Sec-WebSocket-Extensions", answer)])
    assert answer in machine.send(changed)


# --- Policies and offers -------------------------------------------------------------------------


def test_the_content_type_of_a_refusal_is_its_renderers() -> None:
    with pytest.raises(ValueError, match="Content-Type"):
        Refusal([(b"content-type", b"text/html")])


@pytest.mark.parametrize("extensions", [PerMessageDeflate(), ["permessage-deflate"], [None]])
def test_extensions_are_a_sequence_of_extensions(extensions: Any) -> None:
    with pytest.raises(TypeError, match=r"^extensions "):
        WebSocket(extensions=extensions)


class Careless(Offer):
    """An offer that answers with something else, or requires what it may not."""

    def __init__(self, answer: Any, requirements: Headers = ()) -> None:
        self.answer = answer
        self._headers_for_426 = requirements

    @property
    def headers_for_426(self) -> Headers:
        return self._headers_for_426

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (WEBSOCKET,)

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> Any:
        return self.answer


@pytest.mark.parametrize("answer", [None, True, WEBSOCKET, ()], ids=repr)
def test_an_offer_answers_in_one_of_three_ways(answer: Any) -> None:
    with pytest.raises(
        TypeError, match=r"^negotiate\(\) returns an Agreed, HandshakeFailed or Ignored"
    ):
        decide(RequestHead.parse(handshake()), Policy(Careless(answer)))


@pytest.mark.parametrize("name", [b"Upgrade", b"connection", b"Content-Length", b"Not a name"])
def test_an_offer_requires_no_field_that_follows_from_the_decision(name: bytes) -> None:
    with pytest.raises(ValueError, match=r"follows from the decision|not a token"):
        Policy(Careless(Agreed(WEBSOCKET), ((name, b"x"),)))


# --- Values --------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [b"body", b"Upgrade: x\r\n\r\n"])
def test_only_a_head_can_be_declined(more: bytes) -> None:
    head = RequestHead.parse(plain(b"Upgrade: h2c"))
    passed = Passthrough(head, head.to_bytes() + more)
    with pytest.raises(LocalProtocolError):
        passed.without_upgrade()
    with pytest.raises(LocalProtocolError):
        Passthrough(RequestHead(b"GET", b"/", []), b"xyz").without_upgrade()


MAKERS: list[Callable[[Any], object]] = [
    lambda text: RequestHead(text, b"/", []),
    lambda text: RequestHead(b"GET", text, []),
    lambda text: RequestHead(b"GET", b"/", [(text, b"")]),
    lambda text: RequestHead(b"GET", b"/", [(b"a", text)]),
    lambda text: RequestHead(b"GET", b"/", [], text),
]


@pytest.mark.parametrize("make", MAKERS)
def test_text_where_octets_belong_is_named(make: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError, match=r"(^\w+|a field (name|value)) is bytes, not str$"):
        make("GET")


def test_an_extension_that_never_came_off_the_wire_is_declined_at_most() -> None:
    offer = Extension("permessage-deflate", (("server_max_window_bits", "١٢"),))
    assert PerMessageDeflate().accept(offer) is None


def test_behind_a_refusal_that_closes_nothing_is_held() -> None:
    machine, _ = refused()
    feed(machine, b"x" * 1000)
    machine.send(Reject(400, close=True))
    assert machine.trailing_data == b""
    assert feed(machine, b"y") == ConnectionClosed()
