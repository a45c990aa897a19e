"""The request that a refusal prints for each offer: whole, and with what its reader fills in."""

from collections.abc import Callable
from typing import Final

import pytest

from httpupgrade import (
    H2C,
    TLS,
    ConnectIP,
    ConnectTCP,
    ConnectUDP,
    CustomProtocol,
    RequestHead,
    WebSocket,
)
from httpupgrade.offers import Offer

HEAD: Final = RequestHead(b"POST", b"/a?b", [(b"Host", b"a.example")])
WEBSOCKET: Final = (
    b"GET /a?b",
    b"websocket",
    b"Sec-WebSocket-Version: 13",
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",  # RFC 6455 1.3
)
NEW_KEY: Final = "Sec-WebSocket-Key is 16 random octets in base64: make a new one for each request."

EXAMPLES: Final[dict[str, tuple[Callable[[], Offer], tuple[bytes, ...], str]]] = {
    "UDP": (
        ConnectUDP,
        (
            b"GET /.well-known/masque/udp/192.0.2.1/443/",
            b"connect-udp",
            b"Capsule-Protocol: ?1",
        ),
        (
            "The target is the URI template /.well-known/masque/udp/{target_host}/{target_port}/"
            " (RFC 6570): expand it."
        ),
    ),
    "TCP": (
        lambda: ConnectTCP(token="connect-tcp-07"),
        (
            b"GET /.well-known/masque/tcp/192.0.2.1/443/",
            b"connect-tcp-07",
            b"Capsule-Protocol: ?1",
        ),
        (
            "The target is the URI template /.well-known/masque/tcp/{target_host}/{target_port}/"
            " (RFC 6570): expand it."
        ),
    ),
    "IP": (
        ConnectIP,
        (b"GET /.well-known/masque/ip/*/*/", b"connect-ip", b"Capsule-Protocol: ?1"),
        (
            "The target is the URI template /.well-known/masque/ip/{target}/{ipproto}/"
            " (RFC 6570): expand it."
        ),
    ),
    "IP without a choice": (
        lambda: ConnectIP("/vpn"),
        (b"GET /vpn", b"connect-ip", b"Capsule-Protocol: ?1"),
        "",
    ),
    "TLS": (lambda: TLS("1.3", "1.2"), (b"OPTIONS *", b"TLS/1.3, TLS/1.2, HTTP/1.1"), ""),
    "a name": (lambda: CustomProtocol("irc/6.9"), (b"GET /a?b", b"irc/6.9"), ""),
    "a method": (
        lambda: CustomProtocol("tcp", methods=[b"PUT", b"GET"]),
        (b"PUT /a?b", b"tcp"),
        "",
    ),
    "one method": (lambda: CustomProtocol("tcp", methods=[b"PUT"]), (b"PUT /a?b", b"tcp"), ""),
    "a WebSocket": (lambda: WebSocket(["chat"]), WEBSOCKET, NEW_KEY),
    "another version": (
        lambda: WebSocket(versions=(8, 13)),
        (*WEBSOCKET[:2], b"Sec-WebSocket-Version: 8", WEBSOCKET[3]),
        NEW_KEY,
    ),
    "a subprotocol": (
        lambda: WebSocket(["chat", "x"], require_subprotocol=True),
        (*WEBSOCKET, b"Sec-WebSocket-Protocol: chat"),
        NEW_KEY,
    ),
    "a subprotocol that a function chooses, and an Origin": (
        lambda: WebSocket(
            select_subprotocol=lambda offered, head: offered[0],
            require_subprotocol=True,
            origins="same-host",
            allow_missing_origin=False,
        ),
        WEBSOCKET,
        (
            f"{NEW_KEY} Add Sec-WebSocket-Protocol with a subprotocol of this server."
            " Add an Origin that this server allows; browsers send theirs."
        ),
    ),
}


@pytest.mark.parametrize(("make", "told", "note"), EXAMPLES.values(), ids=EXAMPLES)
def test_an_offer_says_what_a_request_for_it_looks_like(
    make: Callable[[], Offer], told: tuple[bytes, ...], note: str
) -> None:
    line, upgrade, *fields = told
    offer = make()
    example = offer.example_request(HEAD, secure=isinstance(offer, ConnectIP))
    assert example is not None
    assert example.head.to_bytes().split(b"\r\n") == [
        line + b" HTTP/1.1",
        b"Host: a.example",
        b"Connection: Upgrade",
        b"Upgrade: " + upgrade,
        *fields,
        b"",
        b"",
    ]
    assert example.note == note


def test_an_example_of_h2c_has_settings_and_names_them() -> None:
    """RFC 7540 3.2.1: 100 streams, a window of 65535 octets."""
    example = H2C().example_request(HEAD, secure=False)
    assert example.head.to_bytes() == (
        b"GET /a?b HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade, HTTP2-Settings\r\n"
        b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"
    )
    assert example.note == (
        "HTTP2-Settings holds the SETTINGS of the client, in base64url without padding."
    )
