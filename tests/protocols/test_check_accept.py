"""A 101 that the caller changed still answers the handshake (RFC 6455 4.2.2)."""

import pytest
from strategies_decide import ACCEPT, Field, handshake

from httpupgrade import LocalProtocolError
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
    ],
)
def test_a_101_of_the_callers_agrees_to_nothing_else(fields: list[Field], says: str) -> None:
    """RFC 6455 4.2.2 items 5 and 6."""
    with pytest.raises(LocalProtocolError, match=says):
        check_accept_fields(OFFERING, tuple(fields))


@pytest.mark.parametrize("name", [b"Sec-WebSocket-Protocol", b"Sec-WebSocket-Extensions"])
def test_a_broken_handshake_cannot_be_accepted_by_the_caller(name: bytes) -> None:
    """It raises what misuse raises, not what a malformed field raises."""
    with pytest.raises(LocalProtocolError):
        check_accept_fields(handshake((name, b"a b")), ((b"Sec-WebSocket-Accept", ACCEPT),))


@pytest.mark.parametrize("target", [b"ftp://a/chat", b"gopher://a"])
def test_a_uri_of_another_scheme_cannot_be_accepted_by_the_caller(target: bytes) -> None:
    """RFC 6455 4.2.1."""
    with pytest.raises(LocalProtocolError, match="no WebSocket handshake"):
        check_accept_fields(handshake(target=target), ((b"Sec-WebSocket-Accept", ACCEPT),))
    check_accept_fields(handshake(target=b"ws://a/chat"), ((b"Sec-WebSocket-Accept", ACCEPT),))


def test_a_missing_key_cannot_be_answered_by_the_caller() -> None:
    head = handshake(without=[b"Sec-WebSocket-Key"])
    with pytest.raises(LocalProtocolError):
        check_accept_fields(head, ((b"Sec-WebSocket-Accept", accept_key(b"")),))
