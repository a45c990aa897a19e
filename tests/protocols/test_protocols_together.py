"""One port that offers WebSocket, h2c and TLS at once."""

from itertools import permutations
from pathlib import Path
from typing import Final, Literal, NamedTuple

import pytest
from strategies_decide import codes
from wire import asks_for, drive, handshake, plain

from httpupgrade import (
    H2C,
    TLS,
    Accept101,
    ConnectUDP,
    CustomProtocol,
    H2CAgreement,
    Policy,
    RequestHead,
    Require426,
    TLSAgreement,
    WebSocket,
    WebSocketAgreement,
    decide,
)
from httpupgrade.offers import Offer

REQUESTS: Final = Path(__file__).parents[1] / "corpus" / "requests"
OFFERS: Final[tuple[Offer, ...]] = (WebSocket(["chat"]), H2C(), TLS("1.3", "1.2"))
PORT: Final = Policy(*OFFERS, mode="required")

SETTINGS: Final = b"HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"
BOTH: Final = b"Connection: Upgrade, HTTP2-Settings"
OPTIONS: Final = b"OPTIONS * HTTP/1.1"


def test_every_client_gets_its_own() -> None:
    captured = {
        "direct__cups-lpstat-e__tls.bin": "TLS/1.2",
        "direct__curl__h2c.bin": "h2c",
        "direct__curl__h2c__post.bin": "h2c",
        "direct__java.net.http-httpclient__h2c__default-post.bin": "h2c",
    }
    for name, token in captured.items():
        run = drive((REQUESTS / name).read_bytes(), PORT)
        assert str(run.accepted.token) == token, name
    assert str(drive(handshake(), PORT).accepted.token) == "websocket"


def test_who_asks_for_nothing_is_told_of_all_in_the_servers_order() -> None:
    for offers in permutations(OFFERS):
        tokens = [str(token) for offer in offers for token in offer.tokens(secure=False)]
        run = drive(plain(), Policy(*offers, mode="required"))
        assert run.last.fields(b"upgrade") == (", ".join(tokens).encode(),)
        assert run.last.fields(b"sec-websocket-version") == (b"13",)
        advised = drive(plain(), Policy(*offers, mode="advertise")).decisions[0]
        assert (b"Upgrade", ", ".join(tokens).encode()) in advised.advertisement  # type: ignore[union-attr]


class Asked(NamedTuple):
    """A request for several, and who gets it."""

    octets: bytes
    by_server: str
    """The token when WebSocket, h2c, TLS is the order; a status where there is none."""
    by_client: str
    found: tuple[str, ...] = ()
    """Codes of findings, in the server's order."""


ASKED: Final = {
    "h2c, then websocket": Asked(
        handshake(b"Upgrade: h2c, websocket", BOTH, SETTINGS), "websocket", "h2c"
    ),
    "over two lines": Asked(
        handshake(b"Upgrade: h2c", BOTH, SETTINGS).replace(
            b"\r\nUpgrade: h2c", b"\r\nUpgrade: h2c\r\nUpgrade: websocket"
        ),
        "websocket",
        "h2c",
    ),
    "a broken websocket beside a good h2c": Asked(
        handshake(b"Upgrade: websocket, h2c", BOTH, SETTINGS, without=b"Sec-WebSocket-Key"),
        "h2c",
        "h2c",
        ("websocket-key-missing",),
    ),
    "a good websocket beside a broken h2c": Asked(
        handshake(b"Upgrade: h2c, websocket"),
        "websocket",
        "websocket",
    ),
    "both broken": Asked(
        handshake(b"Upgrade: h2c, websocket", without=b"Sec-WebSocket-Key"),
        "400",
        "400",
        ("websocket-key-missing", "http2-settings-option-missing", "http2-settings-missing"),
    ),
    "TLS in front of a good websocket": Asked(
        handshake(b"Upgrade: TLS/1.2, websocket"), "websocket", "websocket"
    ),
    "TLS by OPTIONS, in front of what OPTIONS cannot have": Asked(
        handshake(b"Upgrade: TLS/1.2, websocket", line=OPTIONS),
        "TLS/1.2",
        "TLS/1.2",
        ("method-not-allowed",),
    ),
    "TLS by OPTIONS, beside a good h2c": Asked(
        plain(b"Upgrade: TLS/1.3, h2c", BOTH, SETTINGS, line=OPTIONS), "h2c", "TLS/1.3"
    ),
    "all three unheard of": Asked(
        asks_for(b"websocket/13, h2, TLS/1.0"), "426", "426", ("no-common-protocol",)
    ),
    "one of several is known": Asked(
        plain(b"Upgrade: foo, h2c, bar/1", BOTH, SETTINGS), "h2c", "h2c"
    ),
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_one_of_several_is_chosen(asked: Asked) -> None:
    orders: dict[Literal["server", "client"], str] = {
        "server": asked.by_server,
        "client": asked.by_client,
    }
    for order, expected in orders.items():
        decision = decide(
            RequestHead.parse(asked.octets), Policy(*OFFERS, order=order, mode="required")
        )
        if isinstance(decision, Accept101):
            assert str(decision.token) == expected
        else:
            assert str(getattr(decision, "status_code", None)) == expected
        if order == "server":
            assert codes(decision) == asked.found


def test_a_body_that_one_refuses_may_be_the_content_of_another() -> None:
    octets = handshake(
        b"Upgrade: websocket, h2c",
        BOTH,
        SETTINGS,
        b"Content-Length: 5",
        line=b"GET / HTTP/1.1",
        body=b"hello",
    )
    run = drive(octets + b"PRI", PORT)
    assert run.accepted.request_body == b"hello"
    assert isinstance(run.accepted.agreement, H2CAgreement)
    assert run.codes == ("body-not-allowed",)
    assert run.trailing == b"PRI"


def test_the_agreement_is_of_the_kind_that_was_agreed_on() -> None:
    kinds = (
        (handshake(), WebSocketAgreement),
        (plain(b"Upgrade: h2c", BOTH, SETTINGS), H2CAgreement),
        (asks_for(b"TLS/1.2", line=OPTIONS), TLSAgreement),
    )
    for octets, kind in kinds:
        assert type(drive(octets, PORT).accepted.agreement) is kind


def test_early_data_belongs_to_those_that_take_it() -> None:
    early = b"\x81\x80\0\0\0\0"
    assert drive(handshake(body=early), PORT).trailing == early
    assert drive(asks_for(b"TLS/1.2", line=OPTIONS, body=early), PORT).said == "400 close"
    octets = handshake(b"Upgrade: TLS/1.2, websocket", body=early)
    assert drive(octets, PORT).trailing == early


def test_inside_tls_what_is_left_is_what_may_be_there() -> None:
    run = drive(plain(), PORT, secure=True)
    assert run.last.fields(b"upgrade") == (b"websocket",)
    for octets in (plain(b"Upgrade: h2c", BOTH, SETTINGS), asks_for(b"TLS/1.2", line=OPTIONS)):
        refused = drive(octets, PORT, secure=True).decisions[0]
        assert isinstance(refused, Require426)
        assert codes(refused) == ("no-common-protocol",)


def test_order_does_not_matter_to_who_asks_for_one() -> None:
    more: tuple[Offer, ...] = (*OFFERS, ConnectUDP(), CustomProtocol("irc/6.9"))
    for offers in permutations(more):
        policy = Policy(*offers)
        assert str(drive(handshake(), policy).accepted.token) == "websocket"
        assert str(drive(asks_for(b"irc/6.9"), policy).accepted.token) == "irc/6.9"
