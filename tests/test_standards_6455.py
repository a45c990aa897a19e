"""RFC 6455, the WebSocket protocol: every obligation that binds a server's opening handshake.

The rows are those of the project's list of what the standards oblige: a clause, and behind the dash
a counter of that list. What cannot concern a server of this library stands in ``EXCUSED``.
"""

import binascii
import hashlib
from collections.abc import Callable
from typing import Final

import pytest
from wire import (
    ACCEPT,
    FRAME,
    KEY,
    OPTIONAL,
    REQUIRED,
    Case,
    Rows,
    drive,
    handshake,
    lines_of,
)

from httpupgrade import (
    PAUSED,
    Accept101,
    Extension,
    Limits,
    LocalProtocolError,
    Policy,
    Reject,
    ServerNegotiator,
    WebSocket,
    WebSocketAgreement,
    accept_key,
)

rows: Final = Rows("RFC 6455")

ROWS: Final = frozenset(
    lines_of("""
    4.1-2
    4.1-3
    4.1-4..6
    4.1-7
    4.1-8
    4.1-9
    4.1-10
    4.1-13
    4.1-14
    4.1-15/16/17
    4.1-18/19
    4.1-20
    4.2.1-0
    4.2.1-1..6
    4.2.1-7
    4.2.1-10
    4.2.2-2
    4.2.2-3
    4.2.2-4
    4.2.2-5
    4.2.2-6
    4.2.2-7
    4.3
    4.4-1
    9.1-1
    10.2-1/-2
    10.4
    10.7
    11.3.1-1
    11.3.2-1/-2
    11.3.3-1
    11.3.4-1/-2
    """)
)
_CLIENT: Final = "binds a client"
EXCUSED: Final = {
    "4.1-2": _CLIENT,
    "4.1-3": _CLIENT,
    "4.1-4..6": _CLIENT,
    "4.1-7": _CLIENT,
    "4.1-8": _CLIENT,
    "4.1-9": _CLIENT,
    "4.1-10": _CLIENT,
    "4.1-13": _CLIENT,
    "4.1-14": _CLIENT,
    "4.1-15/16/17": _CLIENT,
    "4.1-18/19": _CLIENT,
    "4.1-20": _CLIENT,
}

VERSION: Final = b"Sec-WebSocket-Version: "
PROTOCOL: Final = b"Sec-WebSocket-Protocol: "
EXTENSIONS: Final = b"Sec-WebSocket-Extensions: "
SPEAKS_13: Final = (b"sec-websocket-version: 13",)
SAME_HOST: Final = Policy(WebSocket(origins="same-host"))
LISTED: Final = Policy(WebSocket(origins=["https://a.example", "null"], allow_missing_origin=False))


def _bad_key(row: str, key: bytes) -> Case:
    octets = handshake(b"Sec-WebSocket-Key: " + key)
    return Case(row, f"key {key!r}", octets, "400 close", "websocket-key-malformed")


def _bad_version(row: str, version: bytes, code: str = "malformed") -> Case:
    said = "426 close" if code == "unsupported" else "400 close"
    finding = f"websocket-version-{code}"
    octets = handshake(VERSION + version)
    return Case(row, f"version {version!r}", octets, said, finding, SPEAKS_13)


def _bad_extensions(row: str, value: bytes) -> Case:
    octets = handshake(EXTENSIONS + value)
    return Case(row, f"{value!r}", octets, "400 close", "extensions-malformed")


def _origin(row: str, origin: bytes, said: str, policy: Policy = SAME_HOST) -> Case:
    octets = handshake(b"Origin: " + origin)
    return Case(row, f"{origin!r} gets {said}", octets, said, policy=policy)


rows.add(
    (
        *(
            Case("4.2.1-0", f"{rule} stops the handshake", octets, "400 close", code)
            for rule, octets, code in (
                ("a missing key", handshake(without=b"Sec-WebSocket-Key"), "websocket-key-missing"),
                ("a bad subprotocol", handshake(PROTOCOL + b"a b"), "subprotocols-malformed"),
                ("an empty list of subprotocols", handshake(PROTOCOL), "subprotocols-malformed"),
                ("a list of commas", handshake(PROTOCOL + b","), "subprotocols-malformed"),
                ("a bad extension", handshake(EXTENSIONS + b"=;"), "extensions-malformed"),
                ("a repeated Origin", handshake(b"Origin: a", b"Origin: a"), "origin-repeated"),
            )
        ),
        Case(
            "4.2.1-0",
            "in optional mode as well",
            handshake(without=b"Sec-WebSocket-Key"),
            "400 close",
            "websocket-key-missing",
            policy=OPTIONAL,
        ),
        Case("4.2.1-1..6", "a good handshake", handshake(), "101"),
        Case(
            "4.2.1-1..6",
            "the method is GET",
            handshake(line=b"POST /chat HTTP/1.1"),
            "405 close",
            "method-not-allowed",
            (b"allow: GET",),
        ),
        Case(
            "4.2.1-1..6",
            "HTTP is 1.1 or higher",
            handshake(line=b"GET /chat HTTP/1.0"),
            "426 close",
            "upgrade-in-http-1.0",
        ),
        Case("4.2.1-1..6", "there is a Host", handshake(without=b"Host"), "400 close"),
        Case(
            "4.2.1-1..6",
            "Upgrade has websocket",
            handshake(b"Upgrade: madam-websocket"),
            "426 close",
            "no-common-protocol",
        ),
        Case(
            "4.2.1-1..6",
            "among others and in any case",
            handshake(b"Upgrade: h2c, WEBsocket, websocket"),
            "101",
            carries=(b"upgrade: websocket",),
        ),
        Case(
            "4.2.1-1..6",
            "Connection has Upgrade",
            handshake(b"Connection: keep-alive"),
            "426 close",
            "upgrade-option-missing",
        ),
        *(
            _bad_key("4.2.1-1..6", key)
            for key in (
                b"",
                b"AAAAAAAAAAA=",
                b"dGhlIHNhbXBsZSBub25jZQ",
                b"dGhlIHNhbXBsZSBub25jZQ=",
                b"dGhlIHNhbXBsZSBub25jZQ===",
                b"dGhlIHNhbXBsZSBub25jZQ==x",
                b"dGhlIHNhb XBsZSBub25jZQ==",
                b"dGhl-HNhbXBsZSBub25j_Q==",
                b"dGhlIHNhbXBsZSBub25jZXg=",
                b"d\xe9hlIHNhbXBsZSBub25jZQ==",
                binascii.b2a_base64(bytes(32), newline=False),
            )
        ),
        Case(
            "4.2.1-1..6",
            "bits behind the sixteenth octet are not looked at",
            handshake(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR=="),
            "101",
        ),
        _bad_version("4.2.1-1..6", b"12", "unsupported"),
        Case("4.2.1-7", "no Origin: no browser", handshake(), "101", policy=SAME_HOST),
        Case(
            "4.2.1-7",
            "no Origin: not where browsers alone are meant",
            handshake(),
            "403 close",
            "origin-missing",
            policy=LISTED,
        ),
        Case(
            "4.2.1-10",
            "unknown fields are ignored",
            handshake(b"Cookie: a=b", b"X-Sec-WebSocket-Version: 8", b"Sec-WebSocket-Odd: @"),
            "101",
        ),
        _origin("4.2.2-3", b"https://evil.example", "403 close"),
        _origin("4.2.2-3", b"https://b.example", "403 close", LISTED),
        _origin("4.2.2-3", b"https://a.example", "101", LISTED),
        _origin("4.2.2-3", b"null", "101", LISTED),
        *(_bad_version("4.2.2-4", version, "unsupported") for version in (b"0", b"8", b"255")),
        *(
            _bad_version("4.2.2-4", version)
            for version in (b"13, 8", b"256", b"013", b"1 3", b"+13", b"13.0", b"", b"\xb9")
        ),
        Case(
            "4.2.2-4",
            "no version",
            handshake(without=b"Sec-WebSocket-Version"),
            "400 close",
            "websocket-version-missing",
            SPEAKS_13,
        ),
        Case(
            "4.2.2-4",
            "two versions",
            handshake(VERSION + b"8", VERSION + b"13"),
            "400 close",
            "websocket-version-repeated",
            SPEAKS_13,
        ),
        *(
            Case(
                "4.2.2-5",
                f"{offered!r} gets {chosen!r}",
                handshake(PROTOCOL + offered),
                "101",
                carries=(b"sec-websocket-protocol: " + chosen,),
                policy=Policy(WebSocket(subprotocols=("chat.v2", "chat"))),
            )
            for offered, chosen in (
                (b"chat", b"chat"),
                (b"soap, chat", b"chat"),
                (b"chat, chat.v2", b"chat.v2"),
                (b"chat, chat", b"chat"),
            )
        ),
        _bad_version("4.3", b"13;q=1"),
        Case(
            "4.4-1",
            "all versions that are spoken",
            handshake(VERSION + b"7"),
            "426 close",
            carries=(b"sec-websocket-version: 13, 8",),
            policy=Policy(WebSocket(versions=(13, 8))),
        ),
        Case(
            "4.4-1",
            "each of them is accepted",
            handshake(VERSION + b"8"),
            "101",
            policy=Policy(WebSocket(versions=(13, 8))),
        ),
        *(
            _bad_extensions("9.1-1", value)
            for value in (
                b"permessage-deflate; x=",
                b"permessage-deflate;",
                b'permessage-deflate; x="a',
                b'permessage-deflate; x=""',
                b'permessage-deflate; x="a b"',
                b'permessage-deflate; x="a,b"',
                b'permessage-deflate; x="a" b',
                b"permessage-deflate x",
                b'"permessage-deflate"',
                b";;;=,",
                b"",
            )
        ),
        Case(
            "9.1-1",
            "a quoted token is the token",
            handshake(EXTENSIONS + b'permessage-deflate; server_max_window_bits="10"'),
            "101",
            carries=(b"sec-websocket-extensions: permessage-deflate; server_max_window_bits=10",),
        ),
        *(
            _origin("10.2-1/-2", origin, said)
            for origin, said in (
                (b"http://server.example.com", "101"),
                (b"https://server.example.com", "101"),
                (b"HTTPS://Server.Example.COM", "101"),
                (b"http://server.example.com:80", "101"),
                (b"http://server.example.com:8080", "403 close"),
                (b"http://server.example.com.evil.example", "403 close"),
                (b"http://evil-server.example.com", "403 close"),
                (b"http://evil.example/server.example.com", "403 close"),
                (b"http://server.example.com@evil.example", "403 close"),
                (b"http://serverxexample.com", "403 close"),
                (b"server.example.com", "403 close"),
                (b"null", "403 close"),
                (b"", "403 close"),
            )
        ),
        *(
            Case("11.3.1-1", rule, octets, "400 close", "websocket-key-repeated")
            for rule, octets in (
                ("two equal keys", handshake(*[b"Sec-WebSocket-Key: " + KEY] * 2)),
                (
                    "two keys",
                    handshake(
                        b"Sec-WebSocket-Key: " + KEY,
                        b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==",
                    ),
                ),
            )
        ),
        Case(
            "11.3.2-1/-2",
            "many lines of offers, one line of agreements",
            handshake(
                EXTENSIONS + b"permessage-deflate; unknown",
                EXTENSIONS + b"permessage-deflate; client_max_window_bits",
                EXTENSIONS + b"permessage-deflate",
            ),
            "101",
            carries=(b"sec-websocket-extensions: permessage-deflate",),
        ),
        Case(
            "11.3.4-1/-2",
            "many lines of subprotocols, one that is chosen",
            handshake(PROTOCOL + b"soap", PROTOCOL + b"chat", PROTOCOL + b"wamp"),
            "101",
            carries=(b"sec-websocket-protocol: chat",),
        ),
    )
)


@rows("4.2.2-2")
def a_handshake_may_be_answered_with_401_or_3xx() -> None:
    challenge = Reject(401, [(b"WWW-Authenticate", b"Basic realm=chat")])
    run = drive(handshake(), substitute=challenge)
    assert run.last.fields(b"www-authenticate") == (b"Basic realm=chat",)
    redirect = Reject(307, [(b"Location", b"wss://server.example.com/chat")])
    assert drive(handshake(), substitute=redirect).said == "307 close"


@rows("4.2.2-5", "11.3.4-1/-2")
def the_subprotocol_is_one_that_the_client_offered_or_none() -> None:
    assert drive(handshake(PROTOCOL + b"CHAT")).last.fields(b"sec-websocket-protocol") == ()
    assert drive(handshake()).last.fields(b"sec-websocket-protocol") == ()
    accepted = drive(handshake(PROTOCOL + b"chat, soap")).accepted
    for value in (b"wamp", b"", b"chat, soap"):
        chosen = accepted.with_headers([(b"Sec-WebSocket-Protocol", value)])
        with pytest.raises(LocalProtocolError):
            drive(handshake(PROTOCOL + b"chat, soap"), substitute=chosen)
    twice = accepted._replace(
        headers=(*accepted.headers, (b"Sec-WebSocket-Protocol", b"soap")),
    )
    with pytest.raises(LocalProtocolError, match="more than once"):
        drive(handshake(PROTOCOL + b"chat, soap"), substitute=twice)
    invents = Policy(WebSocket(select_subprotocol=lambda offered, head: "wamp"))
    with pytest.raises(LocalProtocolError, match="did not offer"):
        drive(handshake(PROTOCOL + b"chat"), invents)


@rows("4.2.2-6", "11.3.2-1/-2")
def no_extension_is_agreed_on_that_the_client_did_not_offer() -> None:
    assert drive(handshake()).last.fields(b"sec-websocket-extensions") == ()
    accepted = drive(handshake(EXTENSIONS + b"permessage-deflate")).accepted
    assert isinstance(accepted.agreement, WebSocketAgreement)
    assert accepted.agreement.extensions == (Extension("permessage-deflate"),)
    with pytest.raises(LocalProtocolError, match="did not offer extension"):
        drive(handshake(EXTENSIONS + b"x-other"), substitute=accepted)
    line = (b"Sec-WebSocket-Extensions", b"permessage-deflate")
    twice = accepted._replace(headers=(*accepted.headers, line))
    with pytest.raises(LocalProtocolError, match="more than once"):
        drive(handshake(EXTENSIONS + b"permessage-deflate"), substitute=twice)


@rows("4.2.2-7", "11.3.3-1")
def the_101_proves_that_this_key_was_read() -> None:
    run = drive(handshake())
    assert run.last.headers == (
        (b"upgrade", b"websocket"),
        (b"connection", b"Upgrade"),
        (b"sec-websocket-accept", ACCEPT),
    )
    # The text of the key counts, not what it decodes to.
    other = b"dGhlIHNhbXBsZSBub25jZR=="
    digest = hashlib.sha1(other + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    assert accept_key(other) == binascii.b2a_base64(digest, newline=False) != ACCEPT
    (answered,) = drive(handshake(b"Sec-WebSocket-Key: " + other)).responses
    assert answered.fields(b"sec-websocket-accept") == (accept_key(other),)


@rows("11.3.3-1")
def a_wrong_accept_or_a_second_one_never_leaves() -> None:
    accepted = drive(handshake()).accepted
    for headers in (
        accepted.headers[:2],
        (*accepted.headers, accepted.headers[2]),
        (*accepted.headers[:2], (b"Sec-WebSocket-Accept", accept_key(b"other"))),
    ):
        with pytest.raises(LocalProtocolError):
            drive(handshake(), substitute=accepted._replace(headers=headers))


@rows("4.3")
def versions_of_a_server_are_a_list_and_a_subprotocol_is_a_token() -> None:
    for versions in ((), (256,), (-1,)):
        with pytest.raises(ValueError, match="0 to 255"):
            WebSocket(versions=versions)
    for subprotocol in ("", "a b", "a,b", "caf\xe9", "a\r\n"):
        with pytest.raises(ValueError, match="not a subprotocol"):
            WebSocket(subprotocols=(subprotocol,))


@rows("10.4")
def a_peer_is_held_to_limits_before_and_behind_the_decision() -> None:
    assert drive(handshake(b"Cookie: " + b"a" * 70000)).said == "431 close"
    machine = ServerNegotiator(REQUIRED, limits=Limits(max_early_data=len(FRAME)))
    accepted = machine.receive_data(handshake(body=FRAME))
    assert isinstance(accepted, Accept101)
    assert machine.next_event() is PAUSED
    refused = machine.receive_data(b"x")
    assert isinstance(refused, Reject)
    assert (refused.status_code, refused.close) == (400, True)


@rows("10.7")
def every_error_of_a_handshake_is_answered_with_a_status_and_a_reason() -> None:
    octets = handshake(
        VERSION + b"x",
        PROTOCOL + b"a b",
        EXTENSIONS + b"=",
        b"Origin: https://evil.example",
        without=b"Sec-WebSocket-Key",
    )
    run = drive(octets, SAME_HOST)
    assert run.said == "400 close"
    assert run.codes == (
        "websocket-version-malformed",
        "websocket-key-missing",
        "subprotocols-malformed",
        "extensions-malformed",
        "origin-not-allowed",
    )
    for finding in run.decisions[-1].findings:
        assert finding.clause.encode() in run.last.body


@pytest.mark.parametrize("check", rows.checks, ids=rows.ids)
def test_row_of_rfc_6455(check: Callable[[], None]) -> None:
    check()


def test_every_row_of_rfc_6455_is_tested_or_excused() -> None:
    assert rows.covered | EXCUSED.keys() == ROWS
    assert not rows.covered & EXCUSED.keys()
