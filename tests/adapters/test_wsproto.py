"""Messages over what the wsproto adapter makes of a 101, both ways and at both ends."""

import itertools
from typing import Any, NamedTuple

import pytest
from client_wire import asking, switch
from feeding import feed
from websockets.extensions.permessage_deflate import PerMessageDeflate as PeersDeflate
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side, State
from wire import FRAME, asks_for, handshake
from wsproto.connection import Connection
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, TextMessage

from httpupgrade import (
    Accept101,
    CustomProtocol,
    PerMessageDeflate,
    Policy,
    ServerNegotiator,
    Switched,
    UpgradeToken,
    WebSocket,
    WebSocketAgreement,
)
from httpupgrade.adapters.wsproto import websocket
from httpupgrade.fields import Extension
from httpupgrade.offers import SupportedExtension

EXTENSIONS = b"Sec-WebSocket-Extensions: "
# What is repeated lies far apart: a window that is too small for its agreement loses it.
FAR = "".join(f"{number:x}," for number in range(9000))
TEXTS = ("Hello", "", FAR, "Hello", FAR[::-1])

WAYS = [
    PerMessageDeflate(*flags, *bits)
    for flags in itertools.product((False, True), repeat=2)
    for bits in itertools.product((9, 12, 15), repeat=2)
]
PLAIN = PerMessageDeflate()
PAIRS = [(way, PLAIN) for way in WAYS] + [(PLAIN, way) for way in WAYS] + [(w, w) for w in WAYS]


class Ends(NamedTuple):
    """Both ends of one handshake."""

    accept: Accept101
    switched: Switched
    early: bytes

    @property
    def agreed(self) -> tuple[Extension, ...]:
        assert isinstance(self.accept.agreement, WebSocketAgreement)
        assert self.switched.agreement == self.accept.agreement
        return self.accept.agreement.extensions


def shake_hands(server: WebSocket, client: WebSocket, early: bytes = b"") -> Ends:
    """A handshake between the two machines, in memory."""
    negotiator, asked = ServerNegotiator(Policy(server)), asking(client)
    accept = feed(negotiator, asked.head.to_bytes() + early)
    assert isinstance(accept, Accept101)
    switched = feed(asked, negotiator.send(accept))
    assert isinstance(switched, Switched)
    return Ends(accept, switched, negotiator.trailing_data)


def carry(sender: Connection, receiver: Connection, event: Event) -> list[Event]:
    receiver.receive_data(sender.send(event))
    return list(receiver.events())


def says(events: list[Event]) -> str | bytes:
    """The one message that these events are parts of."""
    messages = [event for event in events if isinstance(event, TextMessage | BytesMessage)]
    assert len(messages) == len(events)
    assert [each.message_finished for each in messages[:-1]] == [False] * (len(messages) - 1)
    assert messages[-1].message_finished
    if isinstance(messages[0], TextMessage):
        return "".join(str(each.data) for each in messages)
    return b"".join(bytes(each.data) for each in messages if isinstance(each, BytesMessage))


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_messages_arrive_both_ways_whatever_was_agreed_on(
    ours: PerMessageDeflate, theirs: PerMessageDeflate
) -> None:
    ends = shake_hands(WebSocket(extensions=[ours]), WebSocket(extensions=[theirs]))
    assert [each.name for each in ends.agreed] == ["permessage-deflate"]
    server, client = websocket(ends.accept), websocket(ends.switched)
    for text in TEXTS:
        assert says(carry(client, server, TextMessage(text))) == text
        assert says(carry(server, client, TextMessage(text))) == text
        assert says(carry(server, client, BytesMessage(text.encode()))) == text.encode()


def peer(side: Side, agreed: tuple[Extension, ...]) -> Protocol:
    """The same end as another library has it."""
    protocol = Protocol(side, state=State.OPEN, max_size=None)
    for extension in agreed:
        said: dict[str, Any] = {name: value or True for name, value in extension.parameters}
        ours, theirs = ("server", "client") if side is Side.SERVER else ("client", "server")
        deflate = PeersDeflate(
            said.get(f"{theirs}_no_context_takeover", False),
            said.get(f"{ours}_no_context_takeover", False),
            int(said.get(f"{theirs}_max_window_bits", 15)),
            int(said.get(f"{ours}_max_window_bits", 15)),
        )
        protocol.extensions.append(deflate)
    return protocol


@pytest.mark.parametrize("deflate", [*WAYS, None])
@pytest.mark.parametrize("side", [Side.SERVER, Side.CLIENT])
def test_another_library_at_the_other_end_reads_and_writes_the_same(
    side: Side, deflate: PerMessageDeflate | None
) -> None:
    extensions = [] if deflate is None else [deflate]
    ends = shake_hands(WebSocket(extensions=extensions), WebSocket(extensions=extensions))
    ours = websocket(ends.switched if side is Side.SERVER else ends.accept)
    theirs = peer(side, ends.agreed)
    for text in TEXTS:
        theirs.receive_data(ours.send(TextMessage(text)))
        (frame,) = theirs.events_received()
        assert isinstance(frame, Frame)
        assert (frame.opcode, bytes(frame.data)) == (Opcode.TEXT, text.encode())
        theirs.send_text(text.encode())
        ours.receive_data(b"".join(theirs.data_to_send()))
        assert says(list(ours.events())) == text


def test_what_is_agreed_on_is_kept_to_and_no_more() -> None:
    strict = PerMessageDeflate(True, True, 10, 11)
    ends = shake_hands(WebSocket(extensions=[strict]), WebSocket(extensions=[PLAIN]))
    for end in (websocket(ends.accept), websocket(ends.switched)):
        first, again = end.send(TextMessage(FAR)), end.send(TextMessage(FAR))
        assert abs(len(first) - len(again)) < 8, "nothing is remembered from message to message"
    free = shake_hands(WebSocket(extensions=[PLAIN]), WebSocket(extensions=[PLAIN]))
    for end in (websocket(free.accept), websocket(free.switched)):
        first, again = end.send(TextMessage("Hello" * 9)), end.send(TextMessage("Hello" * 9))
        assert len(again) < len(first), "what was sent before is remembered"
    unpacked = shake_hands(WebSocket(extensions=[PLAIN]), WebSocket(extensions=[]))
    assert unpacked.agreed == ()
    assert websocket(unpacked.accept).send(TextMessage("aaaa")) == b"\x81\x04aaaa"


@pytest.mark.parametrize("cut", range(len(FRAME) + 1))
def test_frames_that_came_with_the_handshake_are_delivered(cut: int) -> None:
    ends = shake_hands(WebSocket(), WebSocket(), FRAME[:cut])
    assert ends.early == FRAME[:cut]
    server = websocket(ends.accept, ends.early)
    if cut < len(FRAME):
        server.receive_data(FRAME[cut:])
    assert says(list(server.events())) == "Hello"


@pytest.mark.parametrize("cut", range(len(FRAME) + 1))
def test_one_octet_at_a_time_comes_to_the_same_and_an_end_is_no_message(cut: int) -> None:
    server = websocket(shake_hands(WebSocket(), WebSocket(), FRAME[:1]).accept, FRAME[:1])
    events: list[Event] = []
    for place in range(1, cut):
        server.receive_data(FRAME[place : place + 1])
        events += server.events()
    if cut == len(FRAME):
        assert says(events) == "Hello"
        return
    server.receive_data(None)
    (*before, end) = [*events, *server.events()]
    assert isinstance(end, CloseConnection)
    assert end.code == 1006
    assert not any(each.message_finished for each in before if isinstance(each, TextMessage))


def test_frames_that_came_with_the_101_are_delivered() -> None:
    ends = shake_hands(WebSocket(), WebSocket())
    sent = websocket(ends.accept)
    early = sent.send(TextMessage(FAR)) + sent.send(Ping(b"there?"))
    text, ping = websocket(ends.switched, early).events()
    assert isinstance(text, TextMessage)
    assert text.data == FAR
    assert ping == Ping(b"there?")


# --- What wsproto could not keep to -------------------------------------------------------------


class Agrees(NamedTuple):
    """An extension that agrees to whatever is asked, in the words it is given."""

    answer: Extension

    @property
    def name(self) -> str:
        return self.answer.name

    def accept(self, offer: Extension) -> Extension | None:
        return self.answer


def accepted(answer: SupportedExtension, offer: bytes) -> Accept101:
    offering = WebSocket(extensions=[answer])
    accept = feed(ServerNegotiator(Policy(offering)), handshake(EXTENSIONS + offer))
    assert isinstance(accept, Accept101)
    return accept


def deflate(*parameters: tuple[str, str | None]) -> Extension:
    return Extension("permessage-deflate", parameters)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Extension("x-other"), "nothing else, not x-other"),
        (deflate(("x-level", "9")), "not what a 101 says"),
        (deflate(("server_no_context_takeover", "1")), "not what a 101 says"),
        (deflate(("server_max_window_bits", None)), "not what a 101 says"),
        (deflate(("server_max_window_bits", "7")), "not what a 101 says"),
        (deflate(("server_max_window_bits", "016")), "not what a 101 says"),
        (deflate(("server_max_window_bits", "9"), ("server_max_window_bits", "9")), "not what a"),
        (deflate(("server_max_window_bits", "8")), "9 bits or more"),
    ],
)
def test_what_wsproto_has_not_is_refused(answer: Extension, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        websocket(accepted(Agrees(answer), answer.name.encode()))


def test_two_extensions_are_refused() -> None:
    offering = WebSocket(extensions=[PLAIN, Agrees(Extension("x-other"))])
    request = handshake(EXTENSIONS + b"permessage-deflate, x-other")
    accept = feed(ServerNegotiator(Policy(offering)), request)
    assert isinstance(accept, Accept101)
    with pytest.raises(ValueError, match="not permessage-deflate, x-other"):
        websocket(accept)


@pytest.mark.parametrize("whose", ["server", "client"])
def test_a_window_of_8_bits_is_read_with_one_of_9(whose: str) -> None:
    answer = deflate((f"{whose}_max_window_bits", "8"))
    theirs = PeersDeflate(False, False, 15, 9)  # zlib's 9 stands for the 8 that it has not
    if whose == "client":
        ours = websocket(accepted(Agrees(answer), b"permessage-deflate; client_max_window_bits"))
        protocol = Protocol(Side.CLIENT, state=State.OPEN)
    else:
        event = feed(
            asking(WebSocket()),
            switch(EXTENSIONS + b"permessage-deflate; server_max_window_bits=8"),
        )
        assert isinstance(event, Switched)
        ours, protocol = websocket(event), Protocol(Side.SERVER, state=State.OPEN)
    protocol.extensions.append(theirs)
    protocol.send_text(b"Hello" * 40)
    ours.receive_data(b"".join(protocol.data_to_send()))
    assert says(list(ours.events())) == "Hello" * 40


def test_other_protocols_and_other_events_are_refused() -> None:
    tunnel = feed(ServerNegotiator(Policy(CustomProtocol("tcp"))), asks_for(b"tcp"))
    assert isinstance(tunnel, Accept101)
    with pytest.raises(ValueError, match="tcp was agreed on, and no WebSocket"):
        websocket(tunnel)
    required = Policy(WebSocket(), mode="required")
    refusal = feed(ServerNegotiator(required), asks_for(b"tcp"))
    with pytest.raises(TypeError, match="not with Require426"):
        websocket(refusal)  # type: ignore[arg-type]


def test_a_101_that_says_something_else_than_its_agreement_is_refused() -> None:
    accept = accepted(PLAIN, b"permessage-deflate")
    websocket(accept)
    changed = accept.with_headers([(b"sec-websocket-extensions", b"permessage-deflate;x=1")])
    with pytest.raises(ValueError, match="other extensions than were agreed on"):
        websocket(changed)
    by_hand = Accept101(UpgradeToken("websocket"), agreement=WebSocketAgreement(None, (), b""))
    assert websocket(by_hand).send(TextMessage("x")) == b"\x81\x01x"


def test_a_message_inflates_no_further_than_it_may() -> None:
    ends = shake_hands(WebSocket(), WebSocket())
    for sender, receiver in (
        (websocket(ends.accept), websocket(ends.switched, max_inflated=1000)),
        (websocket(ends.switched), websocket(ends.accept, max_inflated=1000)),
    ):
        for _ in range(2):
            assert says(carry(sender, receiver, BytesMessage(bytes(1000)))) == bytes(1000)
        (event,) = carry(sender, receiver, BytesMessage(bytes(1001)))
        assert isinstance(event, CloseConnection)
        assert event.code == 1009


def test_the_bound_of_a_message_is_a_number_of_octets() -> None:
    accept = shake_hands(WebSocket(), WebSocket()).accept
    with pytest.raises(ValueError, match="max_inflated is 0 or more octets, or None, not -1"):
        websocket(accept, max_inflated=-1)
    for wrong in ("1000", 1000.0, True):
        with pytest.raises(TypeError, match="max_inflated is an int"):
            websocket(accept, max_inflated=wrong)  # type: ignore[arg-type]
    assert websocket(accept, max_inflated=0).send(TextMessage("x"))


def test_a_control_frame_may_stand_within_a_compressed_message() -> None:
    ends = shake_hands(WebSocket(), WebSocket())
    sender, receiver = websocket(ends.switched), websocket(ends.accept)
    events = carry(sender, receiver, TextMessage("Hello, ", message_finished=False))
    assert carry(sender, receiver, Ping(b"p")) == [Ping(b"p")]
    events += carry(sender, receiver, TextMessage("Hello"))
    assert says(events) == "Hello, Hello"
