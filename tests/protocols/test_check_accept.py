"""A 101 that the caller changed still answers the handshake (RFC 6455 4.2.2)."""

import pytest
from strategies_decide import ACCEPT, Field, handshake

from httpupgrade import Accept101, LocalProtocolError, RequestHead, UpgradeToken, WebSocket
from httpupgrade._protocols.websocket.agreement import check_accept_fields
from httpupgrade.fields import accept_key

OFFERING = handshake(
    (b"Sec-WebSocket-Protocol", b"chat, mqtt"),
    (b"Sec-WebSocket-Extensions", b"permessage-deflate, foo"),
)


@pytest.mark.parametrize(
    "fields",
    [
        [],
        [(b"Sec-WebSocket-Protocol", b"mqtt")],
        [(b"sec-websocket-extensions", b"foo; a=b")],
        [(b"X", b"1")],
    ],
)
def test_a_101_of_the_callers_may_agree_to_what_was_offered(fields: list[Field]) -> None:
    check_accept_fields(OFFERING, ((b"Sec-WebSocket-Accept", ACCEPT), *fields))


def test_a_websocket_checks_the_fields_of_a_101() -> None:
    offer, websocket = WebSocket(), UpgradeToken("websocket")
    good = Accept101(websocket, headers=[(b"Sec-WebSocket-Accept", ACCEPT)])
    offer.check_accept(OFFERING, good, secure=False)
    with pytest.raises(LocalProtocolError, match="does not answer"):
        offer.check_accept(OFFERING, Accept101(websocket), secure=False)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ([], "does not answer"),
        ([(b"Sec-WebSocket-Accept", b"x")], "does not answer"),
        ([(b"Sec-WebSocket-Accept", ACCEPT)] * 2, "does not answer"),
        (
            [(b"Sec-WebSocket-Accept", ACCEPT), (b"Sec-WebSocket-Protocol", b"soap")],
            "did not offer",
        ),
        (
            [(b"Sec-WebSocket-Accept", ACCEPT), (b"Sec-WebSocket-Protocol", b"Chat")],
            "did not offer",
        ),
        (
            [(b"Sec-WebSocket-Accept", ACCEPT), (b"Sec-WebSocket-Protocol", b"chat, mqtt")],
            "did not offer",
        ),
        ([(b"Sec-WebSocket-Accept", ACCEPT), (b"Sec-WebSocket-Protocol", b"")], "subprotocol"),
        ([(b"Sec-WebSocket-Accept", ACCEPT), (b"Sec-WebSocket-Extensions", b"bar")], "bar"),
        ([(b"Sec-WebSocket-Accept", ACCEPT), (b"Sec-WebSocket-Extensions", b"a b")], "octet 2"),
        (
            [(b"Sec-WebSocket-Accept", ACCEPT), *[(b"Sec-WebSocket-Protocol", b"chat")] * 2],
            "Sec-WebSocket-Protocol is there more than once",
        ),
        (
            [(b"Sec-WebSocket-Accept", ACCEPT), *[(b"Sec-WebSocket-Extensions", b"foo")] * 2],
            "Sec-WebSocket-Extensions is there more than once",
        ),
        (
            [(b"Sec-WebSocket-Accept", ACCEPT), (b"Sec-WebSocket-Extensions", b"foo, foo; a")],
            "^extension foo is there more than once$",
        ),
        (
            [
                (b"Sec-WebSocket-Accept", ACCEPT),
                (b"Sec-WebSocket-Extensions", b"permessage-deflate; client_max_window_bits=9"),
            ],
            "^the client did not offer client_max_window_bits$",
        ),
    ],
)
def test_a_101_of_the_callers_agrees_to_nothing_else(fields: list[Field], says: str) -> None:
    """RFC 6455 4.2.2 items 5 and 6."""
    with pytest.raises(LocalProtocolError, match=says):
        check_accept_fields(OFFERING, tuple(fields))


@pytest.mark.parametrize("name", [b"Sec-WebSocket-Protocol", b"Sec-WebSocket-Extensions"])
def test_a_broken_handshake_cannot_be_accepted_by_the_caller(name: bytes) -> None:
    """It raises what misuse raises, not what a malformed field raises."""
    with pytest.raises(LocalProtocolError, match=r"there is no handshake to accept: .*octet"):
        check_accept_fields(handshake((name, b"a b")), ((b"Sec-WebSocket-Accept", ACCEPT),))


@pytest.mark.parametrize("target", [b"ftp://a/chat", b"gopher://a"])
def test_a_uri_of_another_scheme_cannot_be_accepted_by_the_caller(target: bytes) -> None:
    """RFC 6455 4.2.1."""
    with pytest.raises(LocalProtocolError, match="no WebSocket handshake"):
        check_accept_fields(handshake(target=target), ((b"Sec-WebSocket-Accept", ACCEPT),))
    check_accept_fields(handshake(target=b"ws://a/chat"), ((b"Sec-WebSocket-Accept", ACCEPT),))


@pytest.mark.parametrize(
    "head",
    [handshake(method=b"POST"), handshake((b"Content-Length", b"1"))],
    ids=["POST", "a body"],
)
def test_a_request_with_a_body_cannot_be_accepted_by_the_caller(head: RequestHead) -> None:
    """RFC 6455 4.2.1."""
    with pytest.raises(LocalProtocolError, match="no WebSocket handshake"):
        check_accept_fields(head, ((b"Sec-WebSocket-Accept", ACCEPT),))


def test_an_answer_about_windows_fits_the_offer_of_its_own_name() -> None:
    """RFC 7692 7.1.2.2."""
    name, bits = b"Sec-WebSocket-Extensions", b"client_max_window_bits"
    answer = ((b"Sec-WebSocket-Accept", ACCEPT), (name, b"permessage-deflate; %b=9" % bits))
    offers = b"permessage-deflate, permessage-deflate; " + bits
    check_accept_fields(handshake((name, offers)), answer)
    with pytest.raises(LocalProtocolError, match="did not offer client_max_window_bits"):
        check_accept_fields(handshake((name, b"permessage-deflate, x; " + bits)), answer)


def test_a_missing_key_cannot_be_answered_by_the_caller() -> None:
    head = handshake(without=[b"Sec-WebSocket-Key"])
    with pytest.raises(LocalProtocolError):
        check_accept_fields(head, ((b"Sec-WebSocket-Accept", accept_key(b"")),))
