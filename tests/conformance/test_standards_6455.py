"""RFC 6455, the WebSocket protocol: every obligation that binds an opening handshake.

The rows are those of the project's list of what the standards oblige: a clause, and behind the dash
a counter of that list. A row that binds both ends has tests of both.
"""

import binascii
import hashlib
from collections.abc import Callable
from typing import Final

import pytest
from client_wire import (
    CHAT,
    ClientCase,
    asking,
    field_lines,
    response,
    run,
    sized,
    switch,
    switched,
)
from feeding import feed
from wire import (
    ACCEPT,
    FRAME,
    KEY,
    OPTIONAL,
    REQUIRED,
    Case,
    Rows,
    cut,
    drive,
    handshake,
    lines_of,
)

from httpupgrade import (
    NEED_DATA,
    PAUSED,
    Accept101,
    ClientNegotiator,
    ClientState,
    Content,
    Limits,
    LocalProtocolError,
    OrdinaryResponse,
    PerMessageDeflate,
    Policy,
    Reject,
    ServerNegotiator,
    UpgradeRequired,
    UseWebSocketVersion,
    WebSocket,
    WebSocketAgreement,
)
from httpupgrade.fields import Extension, accept_key

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
    twice = accepted.replace(
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
    twice = accepted.replace(headers=(*accepted.headers, line))
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
            drive(handshake(), substitute=accepted.replace(headers=headers))


@rows("4.3")
def versions_of_a_server_are_a_list_and_a_subprotocol_is_a_token() -> None:
    for versions in ((), (256,), (-1,)):
        with pytest.raises(ValueError, match="0 to 255"):
            WebSocket(versions=versions)
    for subprotocol in ("", "a b", "a,b", "caf\xe9", "a\r\n"):
        with pytest.raises(ValueError, match="not a token"):
            WebSocket(subprotocols=(subprotocol,))


@rows("10.4")
def a_peer_is_held_to_limits_before_and_behind_the_decision() -> None:
    assert drive(handshake(b"Cookie: " + b"a" * 70000)).said == "431 close"
    machine = ServerNegotiator(REQUIRED, limits=Limits(max_early_data=len(FRAME)))
    accepted = feed(machine, handshake(body=FRAME))
    assert isinstance(accepted, Accept101)
    assert machine.next_event() is PAUSED
    refused = feed(machine, b"x")
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


# Clients.

HOST: Final = b"server.example.com"


def _refuses(row: str, code: str, *lines: bytes, without: bytes = b"") -> ClientCase:
    """A 101 with these lines in the place of good ones, which fails the connection."""
    rule = f"{b', '.join(lines or (without,))!r} fails the connection"
    return ClientCase(row, rule, switch(*lines, without=without, body=FRAME), "refused", code)


def _takes(row: str, *lines: bytes) -> ClientCase:
    rule = f"{b', '.join(lines)!r} is good"
    return ClientCase(row, rule, switch(*lines, body=FRAME), "101", trailing=FRAME)


rows.add(
    (
        *(
            ClientCase("4.1-14", f"{status.decode()} is HTTP's", octets, said)
            for status, octets, said in (
                (b"200", sized(), "200"),
                (b"302", sized(b"Location: /", status=b"302 Found"), "302"),
                (b"401", sized(b"WWW-Authenticate: Basic", status=b"401 Unauthorized"), "401"),
                (b"426", sized(b"Upgrade: h2c", status=b"426 Upgrade Required"), "426"),
                (b"503", sized(status=b"503 Service Unavailable"), "503"),
            )
        ),
        *(
            _refuses("4.1-15/16/17", code, b"Upgrade: " + value)
            for value, code in (
                (b"", "switch-upgrade-missing"),
                (b"h2c", "switch-not-asked-for"),
                (b"websocket/13", "switch-not-asked-for"),
                (b"madam-websocket", "switch-not-asked-for"),
                (b"web socket", "switch-upgrade-malformed"),
                (b"websoc\xe2\x84\xaaet", "switch-upgrade-malformed"),
                (b"websocket, h2c", "switch-names-several"),
                (b"h2c, websocket", "switch-names-several"),
            )
        ),
        _refuses("4.1-15/16/17", "switch-upgrade-missing", without=b"Upgrade"),
        *(
            _takes("4.1-15/16/17", line)
            for line in (
                b"Upgrade: WebSocket",
                b"UPGRADE:WEBSOCKET ",
                b"Connection: upgrade",
                b"Connection: keep-alive, UPGRADE",
                b"Connection:,Upgrade\t,",
                b"Sec-WebSocket-Accept:" + ACCEPT,
                b"sec-websocket-accept: \t" + ACCEPT + b" \t ",
            )
        ),
        *(
            _refuses("4.1-15/16/17", code, b"Connection: " + value)
            for value, code in (
                (b"", "switch-option-missing"),
                (b"close", "switch-option-missing"),
                (b"notupgrade", "switch-option-missing"),
                (b"upgrade websocket", "switch-connection-malformed"),
                (b"\xa0upgrade", "switch-connection-malformed"),
            )
        ),
        _refuses("4.1-15/16/17", "switch-option-missing", without=b"Connection"),
        _refuses("4.1-15/16/17", "websocket-accept-missing", without=b"Sec-WebSocket-Accept"),
        *(
            _refuses("4.1-15/16/17", "websocket-accept-wrong", b"Sec-WebSocket-Accept: " + value)
            for value in (
                b"",
                ACCEPT[:-1],
                ACCEPT + b"=",
                ACCEPT.lower(),
                ACCEPT.replace(b"+", b"-"),
                ACCEPT[:10] + b" " + ACCEPT[10:],
                b'"' + ACCEPT + b'"',
                ACCEPT + b", " + ACCEPT,
                accept_key(b"AAAAAAAAAAAAAAAAAAAAAA=="),
                KEY,
            )
        ),
        *(
            _refuses("4.1-18/19", "extension-not-offered", EXTENSIONS + value)
            for value in (
                b"x-other",
                b"permessage-bzip2",
                b"permessage-deflate, x-other",
                b"permessage-deflate-frame",
            )
        ),
        *(
            _refuses("4.1-18/19", "subprotocol-not-offered", PROTOCOL + value)
            for value in (b"wamp", b"CHAT", b"chat2")
        ),
        _takes("4.1-18/19", PROTOCOL + b"chat"),
        _takes("4.1-18/19", PROTOCOL + b"superchat", EXTENSIONS + b"permessage-deflate"),
        *(
            ClientCase("4.1-20", rule, octets, "refused", code)
            for rule, octets, code in (
                ("HTTP/1.0", switch(version=b"HTTP/1.0"), "switch-in-http-1.0"),
                ("no subprotocol", switch(PROTOCOL), "subprotocol-malformed"),
                ("two subprotocols", switch(PROTOCOL + b"a, b"), "subprotocol-malformed"),
                ("no extension", switch(EXTENSIONS), "extensions-malformed"),
                ("an extension twice", switch(EXTENSIONS + b"permessage-deflate,"
                 b"permessage-deflate"), "extension-repeated"),
            )
        ),
        *(
            _refuses("9.1-1", "extensions-malformed", EXTENSIONS + value)
            for value in (
                b"permessage-deflate; x=",
                b"permessage-deflate;",
                b'permessage-deflate; x="a',
                b'permessage-deflate; x=""',
                b'permessage-deflate; x="a b"',
                b'permessage-deflate; x="a,b"',
                b"permessage-deflate x",
                b'"permessage-deflate"',
                b",",
            )
        ),
        _takes("9.1-1", EXTENSIONS + b'permessage-deflate; server_max_window_bits="10"'),
        ClientCase(
            "10.4",
            "a head without end",
            switch(b"Set-Cookie: " + b"a" * 70000),
            "refused",
            "header-line-too-long",
        ),
        *(
            _refuses("11.3.3-1", "websocket-accept-repeated", first, second)
            for first, second in (
                (b"Sec-WebSocket-Accept: " + ACCEPT, b"sec-websocket-accept: " + ACCEPT),
                (b"Sec-WebSocket-Accept: " + ACCEPT, b"Sec-WebSocket-Accept:"),
                (b"Sec-WebSocket-Accept: x", b"Sec-WebSocket-Accept: " + ACCEPT),
            )
        ),
        _refuses("11.3.2-1/-2", "extension-repeated", *[EXTENSIONS + b"permessage-deflate"] * 2),
        _refuses("11.3.4-1/-2", "subprotocol-repeated", *[PROTOCOL + b"chat"] * 2),
        _refuses("11.3.4-1/-2", "subprotocol-repeated", PROTOCOL + b"chat", PROTOCOL),
    )
)  # fmt: skip


@rows("4.1-2")
def a_client_asks_by_get_in_http_1_1() -> None:
    assert ClientNegotiator(CHAT, host=HOST).send_request().startswith(b"GET / HTTP/1.1\r\n")
    for method in (b"POST", b"HEAD", b"OPTIONS", b"get"):
        with pytest.raises(ValueError, match="by GET"):
            ClientNegotiator(CHAT, host=HOST, method=method)


@rows("4.1-3")
def the_target_is_a_path_with_a_query_or_an_absolute_uri() -> None:
    for target in (b"/chat?room=1", b"http://server.example.com/chat", b"https://" + HOST + b"/"):
        request = ClientNegotiator(CHAT, host=HOST, target=target).send_request()
        assert request.startswith(b"GET " + target + b" HTTP/1.1\r\n")
    # RFC 6455 3: no fragment; ws is a scheme of what people type, and of no request.
    for target in (
        b"/chat#room",
        b"chat",
        b"",
        b"*",
        b"ws://server.example.com/",
        b"ftp://" + HOST,
    ):
        with pytest.raises(ValueError, match="target"):
            ClientNegotiator(CHAT, host=HOST, target=target)


@rows("4.1-4..6")
def host_upgrade_and_connection_are_there_once_each() -> None:
    negotiator = ClientNegotiator(CHAT, host=b"server.example.com:8080")
    assert field_lines(negotiator, b"Host") == (b"server.example.com:8080",)
    assert field_lines(negotiator, b"Upgrade") == (b"websocket",)
    assert field_lines(negotiator, b"Connection") == (b"Upgrade",)


@rows("4.1-7", "11.3.1-1")
def the_key_is_16_octets_that_nobody_can_guess() -> None:
    keys = []
    for _ in range(64):
        (key,) = field_lines(ClientNegotiator(CHAT, host=HOST), b"Sec-WebSocket-Key")
        assert len(binascii.a2b_base64(key, strict_mode=True)) == 16
        keys.append(key)
    assert len(set(keys)) == 64
    for octet in range(16):  # none of the octets is the same in all keys
        assert len({binascii.a2b_base64(key)[octet] for key in keys}) > 1
    for key in (b"", b"AAAAAAAAAAA=", KEY[:-1], KEY + b"=", b"dGhl-HNhbXBsZSBub25j_Q==", KEY * 2):
        with pytest.raises(ValueError, match="16 octets"):
            ClientNegotiator(CHAT, host=HOST, key=key)
    with pytest.raises(ValueError, match="follows from"):
        ClientNegotiator(CHAT, host=HOST, headers=[(b"sec-websocket-KEY", KEY)])


@rows("4.1-8")
def a_client_of_a_browser_says_its_origin() -> None:
    origin = [(b"Origin", b"https://a.example")]
    negotiator = ClientNegotiator(CHAT, host=HOST, headers=origin)
    assert field_lines(negotiator, b"Origin") == (b"https://a.example",)
    assert field_lines(ClientNegotiator(CHAT, host=HOST), b"Origin") == ()
    with pytest.raises(ValueError, match="more than once"):
        ClientNegotiator(CHAT, host=HOST, headers=origin * 2)


@rows("4.1-9", "4.3")
def the_version_is_13_once_unless_the_offer_says_otherwise() -> None:
    assert field_lines(ClientNegotiator(CHAT, host=HOST), b"Sec-WebSocket-Version") == (b"13",)
    older = ClientNegotiator(WebSocket(versions=(8, 13)), host=HOST)
    assert field_lines(older, b"Sec-WebSocket-Version") == (b"8",)


@rows("4.1-10", "11.3.4-1/-2")
def subprotocols_are_unique_tokens_in_one_line() -> None:
    asked = ClientNegotiator(WebSocket(["superchat", "chat", "CHAT"]), host=HOST)
    assert field_lines(asked, b"Sec-WebSocket-Protocol") == (b"superchat, chat, CHAT",)
    assert field_lines(ClientNegotiator(WebSocket(), host=HOST), b"Sec-WebSocket-Protocol") == ()
    for separator in '()<>@,;:\\"/[]?={} \t\x00\x7f\xe9\r\n':
        with pytest.raises(ValueError, match="not a token"):
            WebSocket([f"chat{separator}"])
    with pytest.raises(ValueError, match="not a token"):
        WebSocket([""])
    with pytest.raises(ValueError, match="twice"):
        ClientNegotiator(WebSocket(["chat", "soap", "chat"]), host=HOST)


@rows("4.1-13")
def nothing_goes_out_between_the_request_and_the_101() -> None:
    negotiator = ClientNegotiator(CHAT, host=HOST)
    request = negotiator.send_request()
    assert request.count(b"\r\n\r\n") == 1
    assert request.endswith(b"\r\n\r\n")
    for octet in cut(switch(), 1)[:-1]:
        assert feed(negotiator, octet) is NEED_DATA
        assert negotiator.state is ClientState.READING_HEAD
        with pytest.raises(LocalProtocolError):
            negotiator.send_request()


@rows("4.1-14")
def an_answer_of_http_is_handed_on_whole() -> None:
    octets = sized(b"Location: /login", status=b"302 Found")
    declined, content = run(asking(), [octets]).events
    assert isinstance(declined, OrdinaryResponse)
    assert declined.head.to_bytes() == octets.removesuffix(b"hello")
    assert content == Content(b"hello", end=True)


@rows("4.1-15/16/17")
def the_accept_is_that_of_the_key_as_it_was_sent() -> None:
    for _ in range(4):
        negotiator = ClientNegotiator(CHAT, host=HOST)
        (key,) = field_lines(negotiator, b"Sec-WebSocket-Key")
        digest = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        accept = binascii.b2a_base64(digest, newline=False)
        negotiator.send_request()
        answer = switch(b"Sec-WebSocket-Accept: " + accept)
        agreement = switched(answer, negotiator).agreement
        assert isinstance(agreement, WebSocketAgreement)
        assert agreement.accept == accept
        assert run(asking(), [answer]).codes == ("websocket-accept-wrong",)


@rows("4.1-18/19")
def what_was_agreed_on_is_what_the_101_says() -> None:
    answer = switch(PROTOCOL + b"superchat", EXTENSIONS + b"permessage-deflate")
    agreement = switched(answer).agreement
    assert isinstance(agreement, WebSocketAgreement)
    assert agreement.subprotocol == "superchat"
    assert agreement.extensions == (Extension("permessage-deflate"),)
    nothing = switched(switch()).agreement
    assert isinstance(nothing, WebSocketAgreement)
    assert (nothing.subprotocol, nothing.extensions) == (None, ())


@rows("4.2.2-4", "4.4-1")
def a_client_tries_a_version_of_the_servers_list() -> None:
    supported = WebSocket(versions=(13, 8, 7))
    for lines, version in (
        ((VERSION + b"8, 7",), 8),
        ((VERSION + b"7", VERSION + b"8"), 8),
        ((VERSION + b"25,,7",), 7),
    ):
        octets = sized(b"Upgrade: websocket", *lines, status=b"426 Upgrade Required")
        (required,) = run(asking(supported), [octets]).events
        assert isinstance(required, UpgradeRequired)
        step = required.next_step([supported])
        assert isinstance(step, UseWebSocketVersion)
        assert step.version == version
        again = ClientNegotiator(step.offer, host=HOST)
        assert field_lines(again, b"Sec-WebSocket-Version") == (b"%d" % version,)


@rows("4.3")
def what_is_no_list_of_versions_is_ignored() -> None:
    for value in (b"thirteen", b"13;q=1", b"256", b"013", b"+8", b"8 7"):
        octets = response(b"Upgrade: websocket", VERSION + value, status=b"426 x")
        outcome = run(asking(), [octets, b""], ends=True)
        required = outcome.events[0]
        assert isinstance(required, UpgradeRequired)
        assert required.versions == ()
        assert "version-list-malformed" in outcome.noted


@rows("10.4")
def a_server_is_held_to_limits_too() -> None:
    octets = switch(b"X-Name: y")
    exactly = Limits(max_head_bytes=len(octets), max_header_count=4)
    assert run(asking(limits=exactly), [octets]).said == "101"
    fewer = exactly.replace(max_head_bytes=len(octets) - 1)
    assert run(asking(limits=fewer), [octets]).codes == ("head-too-long",)
    fewer = exactly.replace(max_header_count=3)
    assert run(asking(limits=fewer), [octets]).codes == ("too-many-headers",)


@rows("10.7")
def everything_that_is_wrong_with_a_101_is_found_at_once() -> None:
    octets = switch(
        b"Connection: close",
        b"Sec-WebSocket-Accept: x",
        PROTOCOL + b"wamp",
        EXTENSIONS + b"x-other",
        version=b"HTTP/1.0",
    )
    assert run(asking(), [octets]).codes == (
        "switch-in-http-1.0",
        "switch-option-missing",
        "websocket-accept-wrong",
        "subprotocol-not-offered",
        "extension-not-offered",
    )


class Stamped:
    """An extension of somebody's own."""

    name = "x-stamped"

    def accept(self, offer: Extension) -> Extension | None:
        return offer

    def offer(self) -> Extension:
        return Extension(self.name)

    def is_answered_by(self, answer: Extension) -> bool:
        return answer == self.offer()


@rows("11.3.2-1/-2")
def agreements_may_come_in_lines_of_their_own_if_none_comes_twice() -> None:
    # 11.3.2 has one line in a response, 4.2.2 several: what would be unclear is one of them twice.
    socket = WebSocket(extensions=[PerMessageDeflate(), Stamped()])
    offered = field_lines(ClientNegotiator(socket, host=HOST), b"Sec-WebSocket-Extensions")
    assert offered == (b"permessage-deflate; client_max_window_bits, x-stamped",)
    lines = (EXTENSIONS + b"x-stamped", EXTENSIONS + b"permessage-deflate")
    agreement = switched(switch(*lines), asking(socket)).agreement
    assert isinstance(agreement, WebSocketAgreement)
    assert [each.name for each in agreement.extensions] == ["x-stamped", "permessage-deflate"]
    twice = run(asking(socket), [switch(*lines, EXTENSIONS + b"x-stamped")])
    assert twice.codes == ("extension-repeated",)


@pytest.mark.parametrize("check", rows.checks, ids=rows.ids)
def test_row_of_rfc_6455(check: Callable[[], None]) -> None:
    check()


def test_every_row_of_rfc_6455_is_tested() -> None:
    assert rows.covered == ROWS
