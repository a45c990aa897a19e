"""permessage-deflate as RFC 7692 7.1 has it, one offer at a time, and with real clients."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, Request
from wsproto.extensions import PerMessageDeflate as WsprotoDeflate

from httpupgrade import (
    Accept101,
    PerMessageDeflate,
    Policy,
    RequestHead,
    WebSocket,
    WebSocketAgreement,
    decide,
)
from httpupgrade.fields import Extension, parse_extensions

NAME = "permessage-deflate"
SERVER_BITS = "server_max_window_bits"
CLIENT_BITS = "client_max_window_bits"
UNLIMITED = PerMessageDeflate()


def accept(offered: str, deflate: PerMessageDeflate = UNLIMITED) -> str | None:
    """What is answered to these parameters, without the extension's name; None if declined."""
    (offer,) = parse_extensions([f"{NAME}; {offered}".rstrip("; ").encode("ascii")])
    agreed = deflate.accept(offer)
    return None if agreed is None else str(agreed).removeprefix(NAME).removeprefix("; ")


# RFC 7692 7.1.1 and 7.1.2: what a server that limits nothing answers.
ACCEPTED = [
    ("", ""),
    ("server_no_context_takeover", "server_no_context_takeover"),
    ("client_no_context_takeover", "client_no_context_takeover"),
    (
        "client_no_context_takeover; server_no_context_takeover",
        "server_no_context_takeover; client_no_context_takeover",
    ),
    # 7.1.2.1: accepting it means answering with the same or a smaller value.
    *((f"{SERVER_BITS}={bits}", f"{SERVER_BITS}={bits}") for bits in range(9, 16)),
    (f'{SERVER_BITS}="10"', f"{SERVER_BITS}=10"),
    (f'{SERVER_BITS}="1\\0"', f"{SERVER_BITS}=10"),
    # 7.1.2.2: it may have no value; answering it is never needed.
    (CLIENT_BITS, ""),
    (f"{CLIENT_BITS}=15", ""),
    *((f"{CLIENT_BITS}={bits}", f"{CLIENT_BITS}={bits}") for bits in range(9, 15)),
    # Only a hint: the client keeps to 8 by itself, and zlib could not if we asked it to.
    (f"{CLIENT_BITS}=8", ""),
    (f"{CLIENT_BITS}; {SERVER_BITS}=12", f"{SERVER_BITS}=12"),
    (
        f"{SERVER_BITS}=12; server_no_context_takeover; {CLIENT_BITS}=11",
        f"server_no_context_takeover; {SERVER_BITS}=12; {CLIENT_BITS}=11",
    ),
]


@pytest.mark.parametrize(("offered", "agreed"), ACCEPTED)
def test_an_offer_is_accepted_as_rfc_7692_has_it(offered: str, agreed: str) -> None:
    assert accept(offered) == agreed


_BAD_BITS = [
    "0", "7", "16", "99", "08", "010", "0x0a", "10.0", "+10", "-10", "1_0", "1e1", "10a", "a",
    "9999999999999999999999", "!",
]  # fmt: skip
DECLINED = [
    # 7.1.2.1: mandatory; 8 to 15; decimal, without leading zeros.
    SERVER_BITS,
    *(f"{name}={bits}" for name in (SERVER_BITS, CLIENT_BITS) for bits in _BAD_BITS),
    # zlib takes 9 for 8 without a word, and the client's window would be too small for it.
    f"{SERVER_BITS}=8",
    # 7.1.1: these have no value.
    "server_no_context_takeover=1",
    "server_no_context_takeover=true",
    "client_no_context_takeover=0",
    'client_no_context_takeover="yes"',
    # 7.1: a parameter that is repeated, with the same value or another.
    "server_no_context_takeover; server_no_context_takeover",
    "client_no_context_takeover; client_no_context_takeover",
    f"{SERVER_BITS}=10; {SERVER_BITS}=10",
    f"{SERVER_BITS}=10; {SERVER_BITS}=11",
    f"{CLIENT_BITS}; {CLIENT_BITS}",
    f"{CLIENT_BITS}; {CLIENT_BITS}=10",
    # 7.1: a parameter that is not defined; names have case (RFC 6455 4.1 has them as tokens).
    "foo",
    "foo=1",
    "server_no_context_takeover; mem_level=9",
    "Server_No_Context_Takeover",
    "server_max_window_bits_=10",
    "x-webkit-deflate-frame",
]


@pytest.mark.parametrize("offered", DECLINED)
def test_an_offer_is_declined_as_rfc_7692_has_it(offered: str) -> None:
    assert accept(offered) is None


@pytest.mark.parametrize("value", [b"\xef\xbc\x91\xef\xbc\x90", b"\xb2", b"\xc2\xb9\xc2\xb2"])
@pytest.mark.parametrize("quoted", [False, True])
def test_digits_of_other_scripts_are_no_value_at_all(value: bytes, quoted: bool) -> None:
    """RFC 6455 9.1: unquoted or unescaped, a value is a token, and a token is ASCII."""
    written = b'"' + value + b'"' if quoted else value
    with pytest.raises(ValueError, match="octet"):
        parse_extensions([f"{NAME}; {SERVER_BITS}=".encode() + written])


# Ours, the client's parameters, and what is answered.
CONFIGURED = [
    (PerMessageDeflate(True), "", "server_no_context_takeover"),
    (PerMessageDeflate(False, True), "", "client_no_context_takeover"),
    (PerMessageDeflate(server_max_window_bits=10), "", f"{SERVER_BITS}=10"),
    (PerMessageDeflate(server_max_window_bits=10), f"{SERVER_BITS}=12", f"{SERVER_BITS}=10"),
    (PerMessageDeflate(server_max_window_bits=12), f"{SERVER_BITS}=10", f"{SERVER_BITS}=10"),
    (PerMessageDeflate(server_max_window_bits=9), f"{SERVER_BITS}=8", None),
    # 7.1.2.2: MUST NOT be answered where the offer lacked it, whatever we would like.
    (PerMessageDeflate(client_max_window_bits=10), "", ""),
    (PerMessageDeflate(client_max_window_bits=10), CLIENT_BITS, f"{CLIENT_BITS}=10"),
    (PerMessageDeflate(client_max_window_bits=10), f"{CLIENT_BITS}=12", f"{CLIENT_BITS}=10"),
    (PerMessageDeflate(client_max_window_bits=12), f"{CLIENT_BITS}=10", f"{CLIENT_BITS}=10"),
    (PerMessageDeflate(client_max_window_bits=12), f"{CLIENT_BITS}=8", ""),
]


@pytest.mark.parametrize(("deflate", "offered", "agreed"), CONFIGURED)
def test_limits_of_ours_are_kept_where_they_may_be(
    deflate: PerMessageDeflate, offered: str, agreed: str | None
) -> None:
    assert accept(offered, deflate) == agreed


@pytest.mark.parametrize("bits", [-1, 0, 7, 8, 16])
@pytest.mark.parametrize("name", [SERVER_BITS, CLIENT_BITS])
def test_windows_that_zlib_does_not_have_cannot_be_configured(name: str, bits: int) -> None:
    with pytest.raises(ValueError, match="9 to 15 bits"):
        PerMessageDeflate(**{name: bits})  # type: ignore[arg-type]


def test_a_changed_copy_is_checked_as_well() -> None:
    assert UNLIMITED.replace(server_max_window_bits=9) == PerMessageDeflate(
        server_max_window_bits=9
    )
    with pytest.raises(ValueError, match="9 to 15 bits"):
        UNLIMITED.replace(server_max_window_bits=8)


def test_it_has_the_registered_name() -> None:
    assert PerMessageDeflate().name == NAME


configurations = st.builds(
    PerMessageDeflate, st.booleans(), st.booleans(), st.integers(9, 15), st.integers(9, 15)
)
_parameters = st.one_of(
    st.sampled_from(
        [
            ("server_no_context_takeover", None),
            ("client_no_context_takeover", None),
            (CLIENT_BITS, None),
        ]
    ),
    st.tuples(st.sampled_from([SERVER_BITS, CLIENT_BITS]), st.integers(8, 15).map(str)),
    st.tuples(st.sampled_from([SERVER_BITS, CLIENT_BITS, "foo"]), st.sampled_from(["7", "010"])),
)
offers = st.lists(_parameters, max_size=4, unique_by=lambda each: each[0]).map(
    lambda parameters: Extension(NAME, tuple(parameters))
) | st.lists(_parameters, max_size=5).map(lambda parameters: Extension(NAME, tuple(parameters)))


@given(configurations, offers)
def test_what_is_agreed_on_is_within_the_offer(
    deflate: PerMessageDeflate, offer: Extension
) -> None:
    agreed = deflate.accept(offer)
    if agreed is None:
        return
    offered, answered = dict(offer.parameters), dict(agreed.parameters)
    assert agreed.name == NAME
    assert len(answered) == len(agreed.parameters)
    for flag in ("server_no_context_takeover", "client_no_context_takeover"):
        assert answered.get(flag, "absent") in (None, "absent")
        assert (flag in answered) >= (flag in offered)
        assert (flag in answered) >= getattr(deflate, flag)
    most = int(offered.get(SERVER_BITS) or 15)
    assert 9 <= int(answered.get(SERVER_BITS) or 15) <= min(most, deflate.server_max_window_bits)
    assert (SERVER_BITS in answered) >= (SERVER_BITS in offered)
    if CLIENT_BITS in answered:
        assert CLIENT_BITS in offered
        most = int(offered[CLIENT_BITS] or 15)
        allowed = min(most, deflate.client_max_window_bits)
        assert 9 <= int(answered[CLIENT_BITS] or 0) <= allowed


@given(configurations, offers)
def test_an_offer_is_declined_only_for_a_reason(
    deflate: PerMessageDeflate, offer: Extension
) -> None:
    """RFC 7692 7.1: undefined, invalid, repeated, or nothing that zlib can do."""
    names = [name for name, _ in offer.parameters]
    bad_value = any(value in ("7", "010") for _, value in offer.parameters)
    small = (SERVER_BITS, "8") in offer.parameters
    reason = "foo" in names or bad_value or small or len(set(names)) < len(names)
    assert (deflate.accept(offer) is None) == reason


@given(configurations, offers)
def test_what_is_agreed_on_can_be_offered_again(
    deflate: PerMessageDeflate, offer: Extension
) -> None:
    """An answer is well formed, and as an offer it asks for no more than it says."""
    agreed = deflate.accept(offer)
    if agreed is not None:
        (written,) = parse_extensions([str(agreed).encode("ascii")])
        assert written == agreed
        assert deflate.accept(written) == agreed


# All that websockets' client can offer.
WEBSOCKETS_OFFERS = [
    ClientPerMessageDeflateFactory(
        server_no_context_takeover=server_flag,
        client_no_context_takeover=client_flag,
        server_max_window_bits=server_bits,
        client_max_window_bits=client_bits,
    )
    for server_flag, client_flag in itertools.product((False, True), repeat=2)
    for server_bits in (None, *range(8, 16))
    for client_bits in (None, True, *range(9, 16))
]
SERVERS = [
    PerMessageDeflate(),
    PerMessageDeflate(True, True),
    PerMessageDeflate(server_max_window_bits=9, client_max_window_bits=9),
    PerMessageDeflate(True, False, 12, 11),
]


@pytest.mark.parametrize("deflate", SERVERS, ids=repr)
def test_websockets_client_accepts_every_answer_to_its_offers(deflate: PerMessageDeflate) -> None:
    for factory in WEBSOCKETS_OFFERS:
        offer = Extension(NAME, tuple((str(n), v) for n, v in factory.get_request_params()))
        agreed = deflate.accept(offer)
        assert (agreed is None) == (factory.server_max_window_bits == 8)
        if agreed is not None:
            extension = factory.process_response_params(list(agreed.parameters), [])
            assert extension.remote_max_window_bits <= deflate.server_max_window_bits
            bits = dict(agreed.parameters).get(CLIENT_BITS)
            assert bits is None or extension.local_max_window_bits == int(bits)


@pytest.mark.parametrize("deflate", SERVERS, ids=repr)
def test_a_websockets_client_opens_and_compresses(deflate: PerMessageDeflate) -> None:
    client = ClientProtocol(
        parse_uri("ws://server.example/chat"),
        extensions=[ClientPerMessageDeflateFactory(client_max_window_bits=True)],
    )
    client.send_request(client.connect())
    head = RequestHead.parse(b"".join(client.data_to_send()))
    decision = decide(head, Policy(WebSocket(extensions=[deflate])))
    assert isinstance(decision, Accept101)
    assert isinstance(decision.agreement, WebSocketAgreement)
    client.receive_data(decision.to_bytes())
    assert client.state is State.OPEN
    assert [each.name for each in client.extensions] == [NAME]
    assert [each.name for each in decision.agreement.extensions] == [NAME]
    encoded = client.extensions[0].encode(Frame(Opcode.TEXT, b"a" * 1000))
    assert len(encoded.data) < 100


@pytest.mark.parametrize("deflate", SERVERS, ids=repr)
@pytest.mark.parametrize(
    "offered",
    [
        {},
        {"client_max_window_bits": 9, "server_max_window_bits": 9},
        {"client_no_context_takeover": True, "server_no_context_takeover": True},
        {"client_max_window_bits": 12, "server_max_window_bits": 15},
    ],
    ids=lambda offered: ",".join(offered) or "as it comes",
)
def test_a_wsproto_client_opens_and_keeps_to_the_answer(
    deflate: PerMessageDeflate, offered: dict[str, int]
) -> None:
    extension = WsprotoDeflate(**offered)  # type: ignore[arg-type]
    client = WSConnection(ConnectionType.CLIENT)
    octets = client.send(Request("server.example", "/chat", extensions=[extension]))
    decision = decide(RequestHead.parse(octets), Policy(WebSocket(extensions=[deflate])))
    assert isinstance(decision, Accept101)
    assert isinstance(decision.agreement, WebSocketAgreement)
    client.receive_data(decision.to_bytes())
    (event,) = client.events()
    assert isinstance(event, AcceptConnection)
    assert event.extensions == [extension]
    (agreed,) = decision.agreement.extensions
    bits = dict(agreed.parameters)
    assert extension.server_max_window_bits == int(bits.get(SERVER_BITS) or 15)
    assert extension.client_max_window_bits <= int(bits.get(CLIENT_BITS) or 15)
    assert extension.server_no_context_takeover == ("server_no_context_takeover" in bits)
