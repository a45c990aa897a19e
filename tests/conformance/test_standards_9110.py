"""RFC 9110, HTTP Semantics: every obligation that binds servers and clients, by its row's id.

The rows are those of the project's list of what the standards oblige: a clause, and behind the dash
a counter of that list. What cannot concern this library stands in ``EXCUSED``. A row that binds
both ends has tests of both.
"""

from collections.abc import Callable
from typing import Final

import pytest
from client_wire import (
    CHAT,
    FRAME,
    SETTINGS,
    ClientCase,
    asking,
    asking_nothing,
    field_lines,
    required,
    response,
    run,
    sized,
    switch,
    switched,
)
from feeding import feed
from reading import read_response
from wire import (
    KEY,
    OPTIONAL,
    REQUIRED,
    TUNNEL,
    Case,
    Rows,
    asks_for,
    cut,
    drive,
    handshake,
    lines_of,
    plain,
)

from httpupgrade import (
    H2C,
    NEED_DATA,
    TLS,
    Accept101,
    ClientNegotiator,
    ConnectUDP,
    CustomProtocol,
    Interim,
    Limits,
    LocalProtocolError,
    OrdinaryResponse,
    Passthrough,
    Policy,
    RequestHead,
    Require426,
    ServerNegotiator,
    UpgradeToken,
    WebSocket,
    WebSocketAgreement,
    decide,
)
from httpupgrade.fields import Extension, format_upgrade

rows: Final = Rows("RFC 9110")

ROWS: Final = frozenset(
    lines_of("""
    2.5
    4.2.4
    5.3-1
    5.3-3
    5.3-5
    5.4-1
    5.4-2
    5.5-1
    5.5-3
    5.5-5
    5.6.1.1
    5.6.1.2-1
    5.6.2 / 5.6.3
    5.6.4-1
    6.6.1
    7.2
    7.6.1-1
    7.6.1-2
    7.6.1-3
    7.6.1-4
    7.6.1-5
    7.6.1-6
    7.8-1
    7.8-2
    7.8-3
    7.8-4
    7.8-5
    7.8-5b
    7.8-6
    7.8-7
    7.8-8
    7.8-9
    7.8-10
    7.8-11
    7.8-12
    7.8-13
    7.8-14
    8.6-3
    8.6-5
    8.6-6
    9.3.2-1
    9.3.6-2
    10.1.1-1..3
    10.1.1-4
    10.1.1-5
    10.1.1-6
    10.1.1-9
    15-1
    15-3
    15.2-1
    15.2-2
    15.2.2-1
    15.5.15
    15.5.22-1
    16.7
    """)
)
EXCUSED: Final = {
    "7.6.1-3": "binds an intermediary",
    "7.6.1-4": "binds an intermediary",
    "7.8-14": "nothing here names a transport or another connection",
}

HTTP10: Final = b"GET /chat HTTP/1.0"
POST: Final = b"POST /chat HTTP/1.1"
EXPECTS: Final = b"Expect: 100-continue"
EXTENSIONS: Final = b"Sec-WebSocket-Extensions: "
THREE: Final = Policy(
    CustomProtocol("irc/6.9"), WebSocket(), CustomProtocol("tcp"), mode="required"
)
UPGRADES: Final = b"upgrade: irc/6.9, websocket, tcp"

rows.add(
    (
        Case("2.5", "a higher minor version is the highest one known", handshake(), "101"),
        Case("2.5", "HTTP/1.2", handshake(line=b"GET /chat HTTP/1.2"), "101"),
        Case("2.5", "HTTP/1.9", handshake(line=b"GET /chat HTTP/1.9"), "101"),
        Case(
            "4.2.4",
            "userinfo in the target is an error",
            handshake(line=b"GET http://user@server.example.com/chat HTTP/1.1"),
            "400 close",
            "target-has-userinfo",
        ),
        Case(
            "5.3-1",
            "lines of Upgrade are one list",
            handshake(b"Upgrade: h2c", b"Upgrade: websocket"),
            "101",
        ),
        Case(
            "5.3-1",
            "lines of Connection are one list",
            handshake(b"Connection: Upgrade", b"Connection: keep-alive"),
            "101",
        ),
        Case(
            "5.3-1",
            "lines of Sec-WebSocket-Protocol are one list",
            handshake(b"Sec-WebSocket-Protocol: soap", b"Sec-WebSocket-Protocol: chat"),
            "101",
            carries=(b"sec-websocket-protocol: chat",),
        ),
        Case(
            "5.3-1",
            "lines of Sec-WebSocket-Extensions are one list",
            handshake(EXTENSIONS + b"x-unknown", EXTENSIONS + b"permessage-deflate"),
            "101",
            carries=(b"sec-websocket-extensions: permessage-deflate",),
        ),
        Case(
            "5.3-1",
            "lines of Expect are one list",
            handshake(EXPECTS, EXPECTS),
            "100, 101",
        ),
        Case(
            "5.5-1",
            "OWS around a value is none of it",
            handshake(b"Upgrade:\t websocket \t", b"Sec-WebSocket-Key:" + KEY + b" "),
            "101",
        ),
        Case(
            "5.5-3", "obs-text is opaque", handshake(b"X-Name: caf\xe9", b"X-Raw: \xff\x80"), "101"
        ),
        *(
            Case(
                "5.5-5",
                f"{octet!r} in a value is refused",
                handshake(b"X-Name: a" + octet + b"b"),
                "400 close",
                code,
            )
            for octet, code in (
                (b"\x00", "field-value-malformed"),
                (b"\x0b", "field-value-malformed"),
                (b"\x7f", "field-value-malformed"),
                (b"\r", "bare-cr"),
                (b"\n", "bare-lf"),
            )
        ),
        Case(
            "5.6.1.2-1",
            "empty list elements are ignored",
            handshake(b"Upgrade: ,, websocket ,", b"Connection: ,upgrade,\t,"),
            "101",
        ),
        Case(
            "5.6.1.2-1",
            "however many fit into a line",
            handshake(b"Upgrade: " + b"," * 30000 + b"websocket"),
            "101",
        ),
        *(
            Case(
                "5.6.2 / 5.6.3",
                f"{octet!r} is neither OWS nor part of a token",
                handshake(b"Upgrade: websocket" + octet),
                "426 close",
                "upgrade-malformed",
            )
            for octet in (b"\x85", b"\xa0", b"\xe2\x84\xaa", b"@", b"(", b'"')
        ),
        *(
            Case(
                "5.6.2 / 5.6.3",
                f"{octet!r} is no OWS in Connection",
                handshake(b"Connection: " + octet + b"Upgrade"),
                "426 close",
                "connection-malformed",
            )
            for octet in (b"\x85", b"\xa0")
        ),
        Case(
            "5.6.4-1",
            "a quoted-pair is the octet behind the backslash",
            handshake(EXTENSIONS + rb'permessage-deflate; server_max_window_bits="\1\0"'),
            "101",
            carries=(b"sec-websocket-extensions: permessage-deflate; server_max_window_bits=10",),
        ),
        Case(
            "7.6.1-1",
            "connection options ignore case",
            handshake(b"Connection: KEEP-alive, uPGRADE"),
            "101",
        ),
        Case(
            "7.6.1-6",
            "Upgrade without its connection option is ignored",
            handshake(without=b"Connection"),
            "426 close",
            "upgrade-option-missing",
        ),
        Case(
            "7.6.1-6",
            "an option that only contains the word is another one",
            handshake(b"Connection: not-upgrade-lol"),
            "pass",
            "upgrade-option-missing",
            policy=OPTIONAL,
        ),
        Case("7.8-2", "an offer may be ignored", asks_for(b"h2c"), "pass", policy=OPTIONAL),
        Case(
            "7.8-5",
            "protocol names ignore case",
            handshake(b"Upgrade: WebSocket"),
            "101",
            carries=(b"upgrade: websocket",),
        ),
        Case(
            "7.8-5",
            "a version is part of the protocol",
            handshake(b"Upgrade: websocket/13"),
            "426 close",
            "no-common-protocol",
        ),
        Case(
            "7.8-6",
            "a 426 lists protocols in descending preference",
            plain(),
            "426",
            carries=(UPGRADES,),
            policy=THREE,
        ),
        Case(
            "7.8-9",
            "a method that the protocol cannot honour does not switch",
            handshake(line=POST),
            "405 close",
            "method-not-allowed",
            carries=(b"allow: GET",),
        ),
        Case(
            "7.8-10",
            "a 426 sends the upgrade option",
            plain(),
            "426",
            carries=(b"connection: upgrade",),
        ),
        Case(
            "7.8-10",
            "a 426 that closes sends it too",
            asks_for(b"h2c"),
            "426 close",
            carries=(b"connection: upgrade, close",),
        ),
        Case(
            "7.8-11",
            "Upgrade in HTTP/1.0 is ignored",
            handshake(line=HTTP10),
            "426 close",
            "upgrade-in-http-1.0",
        ),
        Case(
            "7.8-11",
            "and the request passes",
            handshake(b"Connection: keep-alive, Upgrade", line=HTTP10),
            "pass",
            policy=OPTIONAL,
        ),
        Case(
            "7.8-12",
            "a body stays HTTP",
            asks_for(b"tcp", b"Content-Length: 5", body=b"hello" + b"raw"),
            "101",
            trailing=b"raw",
            policy=TUNNEL,
        ),
        Case("7.8-13", "100 before 101", handshake(EXPECTS), "100, 101"),
        Case(
            "7.8-13",
            "100, the body, then 101",
            asks_for(b"tcp", EXPECTS, b"Content-Length: 5", body=b"hello"),
            "100, 101",
            policy=TUNNEL,
        ),
        *(
            Case(
                "8.6-5",
                f"a Content-Length of {digits} digits",
                plain(b"Content-Length: " + b"9" * digits),
                "413 close",
                "content-length-too-large",
            )
            for digits in (20, 5000)
        ),
        *(
            Case(
                "8.6-6",
                f"a list of Content-Length values: {rule}",
                plain(*lines, line=POST),
                "400 close",
                "content-length-repeated",
            )
            for rule, lines in (
                ("in one line", (b"Content-Length: 5, 5",)),
                ("in two lines", (b"Content-Length: 5", b"Content-Length: 5")),
                ("that differ", (b"Content-Length: 5", b"content-length: 6")),
            )
        ),
        *(
            Case(
                "9.3.6-2",
                f"CONNECT to {target.decode()} is rejected",
                plain(line=b"CONNECT " + target + b" HTTP/1.1"),
                "400 close",
                "target-malformed",
            )
            for target in (b"a.example", b"a.example:", b"a.example:x", b"a.example:65536", b":80")
        ),
        Case(
            "10.1.1-1..3",
            "an expectation ignores case",
            handshake(b"Expect: 100-CONTINUE"),
            "100, 101",
        ),
        Case(
            "10.1.1-1..3",
            "an unknown expectation may get 417",
            handshake(b"Expect: 200-ok"),
            "417 close",
            "expectation-unknown",
        ),
        Case(
            "10.1.1-5",
            "in HTTP/1.0 it is ignored",
            handshake(EXPECTS, line=HTTP10),
            "426 close",
        ),
        Case(
            "10.1.1-6",
            "the 100 is sent although the body is there: 7.8 asks for it",
            asks_for(b"tcp", EXPECTS, b"Content-Length: 5", body=b"hello"),
            "100, 101",
            policy=TUNNEL,
        ),
        Case(
            "15.2-1",
            "no 1xx to an HTTP/1.0 client",
            asks_for(
                b"tcp",
                EXPECTS,
                b"Connection: keep-alive",
                b"Content-Length: 5",
                line=b"POST /index HTTP/1.0",
                body=b"hello",
            ),
            "pass",
            policy=TUNNEL,
        ),
        Case(
            "15.2-1",
            "not before a refusal either",
            plain(EXPECTS, line=b"GET / HTTP/1.0"),
            "426 close",
        ),
        Case("15.2.2-1", "a 101 has Upgrade", handshake(), "101", carries=(b"upgrade: websocket",)),
        Case(
            "15.5.15",
            "a long target gets 414",
            plain(line=b"GET /" + b"a" * 9000 + b" HTTP/1.1"),
            "414 close",
            "request-line-too-long",
        ),
        Case(
            "15.5.22-1",
            "a 426 has Upgrade",
            plain(),
            "426",
            carries=(b"upgrade: websocket", b"sec-websocket-version: 13"),
        ),
        Case(
            "16.7",
            "a token is written in its registered spelling",
            handshake(b"Upgrade: WEBSOCKET"),
            "101",
            carries=(b"upgrade: websocket",),
        ),
    )
)


@rows("5.3-1")
def the_lines_of_a_responses_field_are_one_list_in_order() -> None:
    read = read_response(b"HTTP/1.1 204 \r\nUpgrade: a\r\nServer: b\r\nupgrade: c, d\r\n\r\n")
    assert read.head is not None
    assert read.head.get(b"Upgrade") == b"a, c, d"


@rows("5.5-1")
def ows_around_a_value_of_a_response_is_none_of_it() -> None:
    read = read_response(b"HTTP/1.1 200 \r\nContent-Length: \t5\t \r\n\r\nhello")
    assert (read.values(b"content-length"), read.state) == ((b"5",), "complete")


@rows("5.5-5")
def cr_lf_and_nul_are_refused_in_a_response_and_other_controls_are_kept() -> None:
    for octet, code in (
        (b"\x00", "field-value-malformed"),
        (b"\r", "bare-cr"),
        (b"\n", "bare-lf"),
        *((b"%c" % octet, "field-value-control") for octet in (*range(1, 9), 11, 12, 0x7F)),
        *((b"%c" % octet, "field-value-control") for octet in range(14, 0x20)),
    ):
        read = read_response(b"HTTP/1.1 200 OK\r\nX-Name: a" + octet + b"b\r\n\r\n")
        assert code in read.codes
        assert (read.state == "refused") is (octet in b"\x00\r\n")
        if read.state != "refused":
            assert read.values(b"x-name") == (b"a" + octet + b"b",)


@rows("5.6.1.2-1")
def empty_elements_of_a_responses_lists_are_ignored() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: ,, chunked ,\r\n\r\n1\r\nx\r\n0\r\n\r\n"
    assert read_response(chunked).content == b"x"
    many = b"HTTP/1.1 200 OK\r\nContent-Length: " + b"," * 3000 + b"1\r\n\r\nx"
    assert read_response(many).content == b"x"


@rows("8.6-5")
def a_length_of_a_response_may_be_any_numeral() -> None:
    for digits in (20, 5000):
        octets = b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * digits + b"\r\n\r\n"
        assert read_response(octets).codes == ("content-length-too-large",)


@rows("15-1")
def an_unknown_status_code_is_read_like_the_others_of_its_class() -> None:
    for code, state in ((199, "complete"), (299, "incomplete"), (499, "incomplete")):
        octets = b"HTTP/1.1 %d \r\nContent-Length: 5\r\n\r\n" % code
        assert read_response(octets).state == state


@rows("15-3")
def what_is_no_status_code_is_read_like_a_server_error() -> None:
    for code in (0, 99, 600, 999):
        read = read_response(b"HTTP/1.1 %03d \r\nContent-Length: 5\r\n\r\nhello" % code)
        assert read.head is not None
        assert (read.head.status_code, read.state, read.content) == (code, "complete", b"hello")


@rows("5.3-5")
def nothing_is_decided_before_the_whole_header_section_is_there() -> None:
    machine = ServerNegotiator(REQUIRED)
    *before, last = cut(handshake(), 1)
    assert all(feed(machine, octet) is NEED_DATA for octet in before)
    assert isinstance(feed(machine, last), Accept101)


@rows("5.4-1")
def what_exceeds_a_limit_gets_a_4xx_and_is_never_ignored() -> None:
    octets = plain(b"X-Long: 1234", line=b"GET / HTTP/1.1")
    just_enough = Limits(
        max_head_bytes=len(octets),
        max_header_line=len(b"Host: server.example.com"),
        max_header_count=2,
    )
    assert drive(octets, limits=just_enough).said == "426"
    for limit in ("max_head_bytes", "max_header_line", "max_header_count"):
        fewer = just_enough.replace(**{limit: getattr(just_enough, limit) - 1})
        assert drive(octets, limits=fewer).said == "431 close"


@rows("5.6.1.1")
def no_empty_list_element_is_sent() -> None:
    with pytest.raises(ValueError, match="at least one protocol"):
        format_upgrade([])
    run = drive(handshake(b"Sec-WebSocket-Protocol: soap", EXTENSIONS + b"x-unknown"))
    assert run.said == "101"
    assert run.last.fields(b"sec-websocket-protocol") == ()
    assert run.last.fields(b"sec-websocket-extensions") == ()


@rows("6.6.1")
def a_server_with_a_clock_adds_the_date_and_one_without_sends_none() -> None:
    decision = decide(RequestHead(b"GET", b"/", [(b"Host", b"a")]), REQUIRED)
    assert isinstance(decision, Require426)
    assert b"date" not in {name.lower() for name, _ in decision.headers}
    dated = decision.with_headers([(b"Date", b"Sun, 06 Nov 1994 08:49:37 GMT")])
    run = drive(plain(), substitute=dated)
    assert run.last.fields(b"date") == (b"Sun, 06 Nov 1994 08:49:37 GMT",)


@rows("7.6.1-2", "7.6.1-5")
def connection_lists_upgrade_where_upgrade_is_sent_and_nothing_end_to_end() -> None:
    for octets, options in (
        (handshake(b"Sec-WebSocket-Protocol: chat"), (b"Upgrade",)),
        (plain(), (b"upgrade",)),
        (asks_for(b"h2c"), (b"upgrade, close",)),
        (handshake(without=b"Sec-WebSocket-Key"), (b"close",)),
    ):
        assert drive(octets).last.fields(b"connection") == options


@rows("7.8-3")
def a_101_lists_the_layers_in_ascending_order() -> None:
    run = drive(asks_for(b"TLS/1.3", line=b"OPTIONS * HTTP/1.1"), Policy(TLS("1.3")))
    assert run.said == "101"
    assert run.last.fields(b"upgrade") == (b"TLS/1.3, HTTP/1.1",)


@rows("7.8-4")
def there_is_no_switch_to_what_the_client_did_not_indicate() -> None:
    machine = ServerNegotiator(THREE)
    offered = feed(machine, handshake(b"Upgrade: websocket, tcp"))
    assert isinstance(offered, Accept101)
    with pytest.raises(LocalProtocolError, match="did not offer irc"):
        machine.send(Accept101(UpgradeToken("irc", "6.9")))
    with pytest.raises(LocalProtocolError):
        machine.send(offered.replace(headers=((b"Upgrade", b"tcp"), *offered.headers[1:])))
    assert machine.send(offered).startswith(b"HTTP/1.1 101 ")


@rows("7.8-5b")
def the_order_is_the_servers_unless_the_policy_takes_the_clients() -> None:
    octets = handshake(b"Upgrade: websocket, tcp, irc/6.9")
    assert drive(octets, THREE).accepted.token == UpgradeToken("irc", "6.9")
    follows = Policy(*THREE.offers, order="client")
    assert drive(octets, follows).accepted.token == UpgradeToken("websocket")


@rows("7.8-7", "7.8-10")
def any_response_may_advertise_the_offers_with_the_connection_option() -> None:
    advertises = Policy(*THREE.offers, mode="advertise")
    (decision,) = drive(plain(), advertises).decisions
    assert isinstance(decision, Passthrough)
    assert decision.advertisement == (
        (b"Upgrade", b"irc/6.9, websocket, tcp"),
        (b"Connection", b"upgrade"),
    )
    (decision,) = drive(plain(line=b"GET / HTTP/1.0"), advertises).decisions
    assert isinstance(decision, Passthrough)
    assert decision.advertisement == ()


@rows("7.8-8")
def what_is_needed_to_answer_in_the_new_protocol_comes_with_the_101() -> None:
    accepted = drive(
        asks_for(b"tcp", b"Content-Length: 5", body=b"hello"),
        TUNNEL,
    ).accepted
    assert accepted.head is not None
    assert (accepted.head.method, accepted.head.target) == (b"POST", b"/index")
    assert accepted.request_body == b"hello"


@rows("8.6-3")
def a_101_never_has_a_content_length() -> None:
    accepted = drive(handshake()).accepted
    with pytest.raises(LocalProtocolError):
        accepted.with_headers([(b"Content-Length", b"0")])
    for name in (b"Content-Length", b"content-length"):
        forced = accepted.replace(headers=(*accepted.headers, (name, b"0")))
        with pytest.raises(LocalProtocolError, match="Content-Length"):
            drive(handshake(), substitute=forced)


@rows("9.3.2-1")
def a_response_to_head_has_no_content_but_its_length() -> None:
    for octets, status in (
        (plain(line=b"HEAD / HTTP/1.1"), 426),
        (handshake(line=b"HEAD /chat HTTP/1.1"), 405),
        (plain(b"Content-Length: x", line=b"HEAD / HTTP/1.1"), 400),
    ):
        # Content would be read as the beginning of one more response.
        (response,) = drive(octets).responses
        assert response.status == status
        assert response.fields(b"content-length") != (b"0",)


@rows("10.1.1-9")
def a_client_that_waits_with_its_body_is_answered_at_once() -> None:
    head = asks_for(b"tcp", EXPECTS, b"Content-Length: 5", line=b"POST /index HTTP/1.1", body=b"")
    assert drive(head, TUNNEL).said == "100"
    assert drive(head, REQUIRED).said == "426 close"
    too_long = head.replace(b"Content-Length: 5", b"Content-Length: 9999999")
    assert drive(too_long, TUNNEL).said == "413 close"


@rows("16.7")
def tokens_are_compared_without_case_and_kept_as_they_are_spelt() -> None:
    assert UpgradeToken("WebSocket") == UpgradeToken("websocket")
    assert UpgradeToken("TLS", "1.3") != UpgradeToken("TLS", "1.2")
    agreement = drive(handshake(EXTENSIONS + b"permessage-deflate")).accepted.agreement
    assert isinstance(agreement, WebSocketAgreement)
    assert agreement.extensions == (Extension("permessage-deflate"),)


# Clients.

HOST: Final = b"server.example.com"
SPEAKS_H2C: Final = H2C(settings=SETTINGS)
UPGRADE_REQUIRED: Final = b"426 Upgrade Required"

rows.add(
    (
        *(
            ClientCase(
                "2.5", f"a 101 of {version.decode()}", switch(version=version, body=FRAME), "101"
            )
            for version in (b"HTTP/1.1", b"HTTP/1.2", b"HTTP/1.9")
        ),
        *(
            ClientCase(
                "2.5",
                f"{version.decode()} is another syntax",
                switch(version=version),
                "refused",
                "response-version-unsupported",
            )
            for version in (b"HTTP/2.0", b"HTTP/0.9", b"HTTP/3.1")
        ),
        ClientCase(
            "5.3-1",
            "lines of Connection are one list",
            switch(b"Connection: keep-alive", b"Connection: Upgrade"),
            "101",
        ),
        ClientCase(
            "5.4-2",
            "no field of a 101 is dropped for being long: it could be Upgrade",
            switch(b"X-Name: " + b"y" * 40000),
            "refused",
            "header-line-too-long",
        ),
        ClientCase(
            "5.4-2",
            "nor are those that are too many",
            switch(*[b"X-Field-%d: y" % each for each in range(256)]),
            "refused",
            "too-many-headers",
        ),
        ClientCase(
            "5.5-3", "obs-text is opaque", switch(b"Server: caf\xe9 \xff\x80", body=FRAME), "101"
        ),
        *(
            ClientCase(
                "5.6.2 / 5.6.3",
                f"{octet!r} is neither OWS nor part of a token",
                switch(b"Upgrade: websocket" + octet),
                "refused",
                "switch-upgrade-malformed",
            )
            for octet in (b"\x85", b"\xa0", b"\xe2\x84\xaa", b"@", b"(", b'"')
        ),
        ClientCase(
            "5.6.4-1",
            "a quoted-pair is the octet behind the backslash",
            switch(EXTENSIONS + rb'permessage-deflate; server_max_window_bits="\1\0"'),
            "101",
        ),
        ClientCase(
            "7.6.1-1",
            "connection options ignore case",
            switch(b"Connection: KEEP-alive, uPGRADE"),
            "101",
        ),
        ClientCase(
            "7.6.1-6",
            "Upgrade without its connection option was forwarded by mistake",
            switch(without=b"Connection"),
            "refused",
            "switch-option-missing",
        ),
        ClientCase(
            "7.6.1-6",
            "in a 426 that is noted: the list says what is wanted all the same",
            sized(b"Upgrade: websocket", status=UPGRADE_REQUIRED),
            "426",
            "upgrade-list-without-option",
        ),
        ClientCase("7.8-2", "a server may ignore an offer", sized(), "200"),
        ClientCase(
            "7.8-4",
            "there is no switch to what was not asked for",
            switch(b"Upgrade: h2c", without=b"Sec-WebSocket-Accept", body=FRAME),
            "refused",
            "switch-not-asked-for",
        ),
        ClientCase(
            "7.8-4",
            "nor where nothing was",
            switch(body=FRAME),
            "refused",
            "switch-unasked",
            client=asking_nothing,
        ),
        ClientCase("7.8-5", "protocol names ignore case", switch(b"Upgrade: WEBSOCKET"), "101"),
        ClientCase(
            "7.8-5",
            "a version is part of the protocol",
            switch(b"Upgrade: websocket/13"),
            "refused",
            "switch-not-asked-for",
        ),
        ClientCase(
            "7.8-13",
            "100 before 101",
            response(status=b"100 Continue") + switch(body=FRAME),
            "100, 101",
            trailing=FRAME,
        ),
        *(
            ClientCase(
                "8.6-3",
                f"{line!r} in a 101 is noted, and takes nothing from the new protocol",
                switch(line, body=FRAME),
                "101",
                "interim-announces-content",
                trailing=FRAME,
            )
            for line in (b"Content-Length: 0", b"Content-Length: 7", b"Content-Length: x")
        ),
        *(
            ClientCase("15-1", f"{status!r} is treated as x00 of its class", octets, said)
            for status, octets, said in (
                (b"199", response(status=b"199 Wait") + switch(), "199, 101"),
                (b"142", response(status=b"142 ") + sized(), "142, 200"),
                (b"299", sized(status=b"299 Odd"), "299"),
                (b"399", sized(status=b"399 Odd"), "399"),
                (b"499", sized(status=b"499 Odd"), "499"),
                (b"599", sized(status=b"599 Odd"), "599"),
            )
        ),
        *(
            ClientCase(
                "15-3",
                f"{status.decode()} is a final status, as 5xx are",
                sized(status=status + b" Odd"),
                str(int(status)),
            )
            for status in (b"000", b"099", b"600", b"999")
        ),
        ClientCase(
            "15.2-2",
            "any number of interim responses",
            response(status=b"100 Continue") * 40 + response(status=b"103 Hints") + switch(),
            "100, " * 40 + "103, 101",
        ),
        ClientCase(
            "15.2-2",
            "before an ordinary one, too",
            response(status=b"102 Processing") + sized(status=b"404 Not Found"),
            "102, 404",
        ),
        ClientCase(
            "15.2.2-1",
            "a 101 has Upgrade",
            switch(without=b"Upgrade"),
            "refused",
            "switch-upgrade-missing",
        ),
        ClientCase(
            "15.5.22-1",
            "a 426 without Upgrade is one all the same",
            sized(status=UPGRADE_REQUIRED),
            "426",
            "upgrade-list-missing",
        ),
    )
)


@rows("5.3-1", "7.8-6")
def the_lines_of_a_426_are_one_list_in_the_servers_order() -> None:
    lines = (b"Upgrade: h2c, IRC/6.9", b"Upgrade: websocket, h2c", b"Connection: upgrade")
    event = required(sized(*lines, status=UPGRADE_REQUIRED))
    assert list(map(str, event.tokens)) == ["h2c", "IRC/6.9", "websocket"]
    assert event.findings == ()


@rows("5.3-3", "7.2")
def a_field_that_is_no_list_is_sent_once_and_host_comes_first() -> None:
    once = (b"Host", b"Origin", b"Content-Length", b"Sec-WebSocket-Key", b"Sec-WebSocket-Version")
    socket = ClientNegotiator(CHAT, host=HOST, headers=[(b"Origin", b"null"), (b"Accept", b"a/b")])
    upload = ClientNegotiator(SPEAKS_H2C, host=HOST, method=b"PUT", body=b"x")
    for negotiator in (socket, upload):
        first, host = negotiator.send_request().split(b"\r\n")[:2]
        assert first.endswith(b" HTTP/1.1")
        assert host == b"Host: server.example.com"
        assert all(len(field_lines(negotiator, name)) <= 1 for name in once)
    for name in once:
        with pytest.raises(ValueError, match=r"follows from|more than once"):
            ClientNegotiator(CHAT, host=HOST, headers=[(name, b"1"), (name.lower(), b"1")])


@rows("5.6.1.1", "5.6.2 / 5.6.3")
def a_client_sends_no_empty_element_and_nothing_but_tokens() -> None:
    socket = WebSocket(["chat"], extensions=())
    for offers in (
        (socket,),
        (socket, SPEAKS_H2C),
        (CustomProtocol("a"), CustomProtocol("b/1")),
        (),
    ):
        negotiator = ClientNegotiator(*offers, host=HOST)
        for name in (b"Upgrade", b"Connection", b"Sec-WebSocket-Protocol"):
            for line in field_lines(negotiator, name):
                assert all(element.strip() for element in line.split(b","))
    for text in ("", "a b", "caf\xe9", "a/b/c", "a,b", "a\t"):
        with pytest.raises(ValueError, match=r"not (a|ASCII)"):
            CustomProtocol(text)


@rows("7.6.1-2", "7.6.1-5", "7.8-10")
def connection_lists_what_is_of_this_hop_and_nothing_else() -> None:
    end_to_end_headers = [(b"Cookie", b"a=b"), (b"Cache-Control", b"no-cache")]
    udp = ConnectUDP()
    for offers, target, options in (
        ((CHAT,), b"/", (b"Upgrade",)),
        ((SPEAKS_H2C,), b"/", (b"Upgrade, HTTP2-Settings",)),
        ((CHAT, SPEAKS_H2C), b"/", (b"Upgrade, HTTP2-Settings",)),
        ((udp,), udp.request_target("192.0.2.6", 443), (b"Upgrade",)),
        ((), b"/", ()),
    ):
        negotiator = ClientNegotiator(*offers, host=HOST, target=target, headers=end_to_end_headers)
        assert field_lines(negotiator, b"Connection") == options
        assert bool(field_lines(negotiator, b"Upgrade")) == bool(offers)


@rows("7.8-1")
def several_protocols_are_asked_for_in_descending_preference() -> None:
    offers = (CustomProtocol("irc/6.9"), CHAT, SPEAKS_H2C, TLS("1.3", "1.2"))
    negotiator = ClientNegotiator(*offers, host=HOST)
    (line,) = field_lines(negotiator, b"Upgrade")
    assert line == b"irc/6.9, websocket, h2c, TLS/1.3, TLS/1.2"
    # 7.8: the server may disregard that order, and any of them is a good answer.
    for name in (b"irc/6.9", b"h2c"):
        event = switched(
            switch(b"Upgrade: " + name, without=b"Sec-WebSocket-Accept"), asking(*offers)
        )
        assert bytes(event.token) == name


@rows("7.8-3")
def the_layers_of_a_101_are_known_in_their_order() -> None:
    octets = switch(b"Upgrade: TLS/1.3, HTTP/1.1", without=b"Sec-WebSocket-Accept")
    event = switched(octets, asking(TLS("1.3"), method=b"OPTIONS", target=b"*"))
    assert list(map(str, event.tokens)) == ["TLS/1.3", "HTTP/1.1"]
    assert str(event.token) == "TLS/1.3"


@rows("7.8-7")
def what_an_ordinary_response_advertises_can_be_read() -> None:
    octets = sized(b"Upgrade: h2c, websocket", b"Connection: Upgrade")
    (declined, *_) = run(asking_nothing(), [octets]).events
    assert isinstance(declined, OrdinaryResponse)
    assert declined.head.get_all(b"upgrade") == (b"h2c, websocket",)


@rows("7.8-12")
def a_body_is_sent_whole_before_anything_else_can_be() -> None:
    negotiator = ClientNegotiator(SPEAKS_H2C, host=HOST, method=b"POST", body=b"hello")
    assert negotiator.send_request().endswith(b"Content-Length: 5\r\n\r\nhello")
    with pytest.raises(LocalProtocolError):
        negotiator.send_request()


@rows("10.1.1-4")
def who_has_no_content_expects_no_100() -> None:
    expects = [(b"Expect", b"100-continue")]
    for offers, method in (((CHAT,), b"GET"), ((), b"GET"), ((SPEAKS_H2C,), b"POST")):
        with pytest.raises(ValueError, match="Expect"):
            ClientNegotiator(*offers, host=HOST, method=method, headers=expects)
    upload = ClientNegotiator(host=HOST, method=b"POST", headers=expects, body=b"x")
    assert field_lines(upload, b"Expect") == (b"100-continue",)


@rows("15-1", "15-3")
def a_status_that_nobody_knows_is_shown_as_it_came() -> None:
    for status in (0, 99, 299, 600, 999):
        octets = sized(status=b"%03d What" % status)
        (declined, *_) = run(asking(), [octets]).events
        assert isinstance(declined, OrdinaryResponse)
        assert (declined.head.status_code, declined.head.reason) == (status, b"What")


@rows("15.2-2")
def the_fields_of_an_interim_response_are_its_own() -> None:
    hints = response(b"Upgrade: websocket", b"Link: </a.css>", status=b"103 Early Hints")
    interim, _ = run(asking(), [hints + switch()]).events
    assert isinstance(interim, Interim)
    assert interim.head.get(b"link") == b"</a.css>"
    # Nothing of it is taken for a field of the 101.
    incomplete = switch(without=b"Upgrade")
    assert run(asking(), [hints + incomplete]).codes == ("switch-upgrade-missing",)


@rows("16.7")
def a_token_in_any_case_is_the_one_that_was_asked_for() -> None:
    event = switched(switch(b"Upgrade: WebSocket"))
    assert event.token == UpgradeToken("websocket")
    assert str(event.tokens[0]) == "WebSocket"


@pytest.mark.parametrize("check", rows.checks, ids=rows.ids)
def test_row_of_rfc_9110(check: Callable[[], None]) -> None:
    check()


def test_every_row_of_rfc_9110_is_tested_or_excused() -> None:
    assert rows.covered | EXCUSED.keys() == ROWS
    assert not rows.covered & EXCUSED.keys()
