"""Smaller documents: what they oblige a server or a client of this library to, by their rows' ids.

RFC 7692 binds the negotiation of permessage-deflate, RFC 7540 that of h2c, RFC 2817 that of TLS;
RFC 9297, 9298, 9484 and a draft that of tunnels. RFC 9931 is about octets that come before the 101.
A row that binds both ends has tests of both.
"""

from collections.abc import Callable
from typing import Final

import pytest
from client_wire import (
    CHAT,
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
from wire import (
    FRAME,
    OPTIONAL,
    REQUIRED,
    Case,
    Rows,
    asks_for,
    drive,
    handshake,
    lines_of,
    plain,
)

from httpupgrade import (
    H2C,
    NEED_DATA,
    PAUSED,
    TLS,
    Accept101,
    AcceptConnect,
    ClientNegotiator,
    ClientState,
    ConnectIP,
    ConnectTCP,
    ConnectUDP,
    CustomProtocol,
    H2CAgreement,
    LocalProtocolError,
    Passthrough,
    PerMessageDeflate,
    Policy,
    Reject,
    RequestHead,
    Retry,
    ServerNegotiator,
    TLSAgreement,
    TunnelAgreement,
    UpgradeToken,
    UseHTTP2,
    UseTLS,
    WebSocket,
    WebSocketAgreement,
    decide,
    decide_extended_connect,
)
from httpupgrade.fields import Extension, accept_key, parse_upgrade
from httpupgrade.offers import ClientOffer, Offer

rows: Final = Rows("RFC")

ROWS: Final = frozenset(
    lines_of("""
    7692 5-1
    7692 5-2
    7692 7-1
    7692 7-2
    7692 7.1.1.1-1
    7692 7.1.1.2
    7692 7.1.2.1-1
    7692 7.1.2.1-2
    7692 7.1.2.2-1
    7692 7.1.2.2-2
    7692 7.1.2.2-3
    7540 3.2-1
    7540 3.2-2
    7540 3.2-3
    7540 3.2-4
    7540 3.2-5
    7540 3.2.1-3
    7540 3.2.1-4
    7540 3.2.1-5
    7540 3.2.1-6
    7540 3.2.1-7
    9113 3.1
    9113 3.3/3.4
    9113 8.2.2
    9113 8.6
    8441
    9220
    2817 3.1
    2817 3.2
    2817 3.3
    2817 4.2
    9297 3.2-6
    9297 3.2-7
    9297 3.4-2..4
    9298 3.2
    9298 3.3
    9484 4-1
    connect-tcp
    9931 3
    9931 4.1/4.2
    9931 5
    9931 6.1
    9931 6.2
    9931 6.3
    9931 6.4
    9931 7.1
    9931 8
    IANA
    """)
)
EXCUSED: Final = {
    "9931 3": "background",
}

EXTENSIONS: Final = b"Sec-WebSocket-Extensions: "
DEFLATE: Final = b"permessage-deflate"
ASKS_H2C: Final = (
    b"Upgrade: h2c",
    b"Connection: Upgrade, HTTP2-Settings",
    b"HTTP2-Settings: AAMAAABkAAQAAP__",
)
OPTIONS: Final = b"OPTIONS * HTTP/1.1"
UDP: Final = b"GET /.well-known/masque/udp/192.0.2.6/443/ HTTP/1.1"
TUNNELS: Final = Policy(
    ConnectUDP(), ConnectTCP(token="connect-tcp-12"), ConnectIP(), mode="required"
)
POST: Final = b"POST /index HTTP/1.1"
SECURED: Final = Policy(TLS("1.3", "1.2"), mode="required")
KEEPS: Final = Policy(WebSocket(), mode="required", close="never")


def _offers(row: str, offered: bytes, agreed: bytes, ours: PerMessageDeflate | None = None) -> Case:
    """Extension offers, and the agreement behind them; b"" for none."""
    policy = Policy(WebSocket(extensions=(ours or PerMessageDeflate(),)))
    octets = handshake(EXTENSIONS + offered)
    rule = f"{offered!r} agrees on {agreed!r}"
    if not agreed:
        return Case(row, rule, octets, "101", "extension-declined", policy=policy)
    carries = (b"sec-websocket-extensions: " + agreed,)
    return Case(row, rule, octets, "101", carries=carries, policy=policy)


def _ignored(row: str, rule: str, octets: bytes) -> tuple[Case, Case]:
    """An offer that is ignored: the request passes, or gets a 426 that does not repeat it."""
    return (
        Case(row, f"{rule}: passes", octets, "pass", policy=OPTIONAL),
        Case(row, f"{rule}: 426 of others", octets, "426 close", carries=(b"upgrade: websocket",)),
    )


rows.add(
    (
        _offers(
            "7692 5-1",
            DEFLATE + b"; server_max_window_bits=10, " + DEFLATE,
            DEFLATE + b"; server_max_window_bits=10",
        ),
        _offers("7692 5-2", DEFLATE + b"; new=1, " + DEFLATE + b", x-other", DEFLATE),
        *(
            _offers("7692 7-1", DEFLATE + b"; " + parameters, b"")
            for parameters in (
                b"foo=1",
                b"server_max_window_bits=10; server_max_window_bits=10",
                b"server_no_context_takeover; server_no_context_takeover",
                b"server_no_context_takeover; SERVER_MAX_WINDOW_BITS=10",
            )
        ),
        _offers(
            "7692 7.1.1.1-1",
            DEFLATE + b"; server_no_context_takeover",
            DEFLATE + b"; server_no_context_takeover",
        ),
        _offers("7692 7.1.1.1-1", DEFLATE + b"; server_no_context_takeover=true", b""),
        _offers(
            "7692 7.1.1.2",
            DEFLATE + b"; client_no_context_takeover",
            DEFLATE + b"; client_no_context_takeover",
        ),
        _offers("7692 7.1.1.2", DEFLATE + b"; client_no_context_takeover=1", b""),
        *(
            _offers("7692 7.1.2.1-1", DEFLATE + b"; server_max_window_bits" + value, b"")
            for value in (b"", b"=7", b"=16", b"=010", b"=+10", b"=1e1", b"=10.0", b"=0xa")
        ),
        # zlib cannot compress with 8 bits: the offer is declined, and the next one looked at.
        _offers("7692 7.1.2.1-1", DEFLATE + b"; server_max_window_bits=8, " + DEFLATE, DEFLATE),
        _offers(
            "7692 7.1.2.1-2",
            DEFLATE + b"; server_max_window_bits=15",
            DEFLATE + b"; server_max_window_bits=15",
        ),
        _offers(
            "7692 7.1.2.1-2",
            DEFLATE + b"; server_max_window_bits=12",
            DEFLATE + b"; server_max_window_bits=10",
            PerMessageDeflate(server_max_window_bits=10),
        ),
        _offers("7692 7.1.2.2-1", DEFLATE + b"; client_max_window_bits", DEFLATE),
        _offers("7692 7.1.2.2-1", DEFLATE + b"; client_max_window_bits=8", DEFLATE),
        *(
            _offers("7692 7.1.2.2-1", DEFLATE + b"; client_max_window_bits=" + value, b"")
            for value in (b"7", b"16", b"08", b"1x")
        ),
        _offers(
            "7692 7.1.2.2-2",
            DEFLATE + b"; client_max_window_bits=12",
            DEFLATE + b"; client_max_window_bits=10",
            PerMessageDeflate(client_max_window_bits=10),
        ),
        _offers(
            "7692 7.1.2.2-2",
            DEFLATE + b"; client_max_window_bits=9",
            DEFLATE + b"; client_max_window_bits=9",
            PerMessageDeflate(client_max_window_bits=10),
        ),
        _offers("7692 7.1.2.2-3", DEFLATE, DEFLATE, PerMessageDeflate(client_max_window_bits=10)),
        *_ignored("7540 3.2-4", "h2 in cleartext", asks_for(b"h2")),
        *_ignored("7540 3.2.1-3", "h2c without settings", asks_for(b"h2c")),
        *_ignored("7540 3.2.1-3", "h2c with settings twice", plain(*ASKS_H2C, ASKS_H2C[2])),
        *_ignored("9113 3.1", "h2c, complete", plain(*ASKS_H2C)),
        Case(
            "9113 3.3/3.4",
            "prior knowledge is refused with 505",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "505 close",
            "http2-preface",
        ),
        Case(
            "9113 3.3/3.4",
            "or handed on whole",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "pass",
            "http2-preface",
            policy=OPTIONAL,
        ),
        Case(
            "2817 3.1",
            "any other request for TLS may be answered in the clear",
            asks_for(b"TLS/1.2", b"Content-Length: 2", body=b"hi"),
            "pass",
            "tls-needs-options",
            policy=Policy(TLS("1.2")),
        ),
        Case(
            "2817 3.2",
            "or is told to begin with OPTIONS",
            asks_for(b"TLS/1.2"),
            "426 close",
            "tls-needs-options",
            policy=SECURED,
        ),
        *_ignored("2817 3.2", "TLS, if none is offered", asks_for(b"TLS/1.2", line=OPTIONS)),
        Case(
            "2817 3.3",
            "the 101 names the layers from the lowest up",
            asks_for(b"TLS/1.2, TLS/1.1", line=OPTIONS),
            "101",
            carries=(b"upgrade: TLS/1.2, HTTP/1.1",),
            trailing=b"",
            policy=SECURED,
        ),
        Case(
            "2817 4.2",
            "a 426 names TLS, and what goes on inside",
            plain(),
            "426",
            carries=(b"upgrade: TLS/1.3, TLS/1.2, HTTP/1.1", b"connection: upgrade"),
            policy=SECURED,
        ),
        Case(
            "2817 4.2",
            "behind a 426 no TLS starts by itself",
            plain(body=b"\x16\x03\x01\x02\x00\x01"),
            "426, 400 close",
            "tls-client-hello",
            policy=SECURED,
        ),
        *(
            Case(
                "9297 3.2-6",
                f"{field.decode()} makes a request for a tunnel malformed",
                asks_for(b"connect-udp", field, line=UDP),
                "400 close",
                "tunnel-has-content-field",
                policy=TUNNELS,
            )
            for field in (b"Content-Length: 0", b"Content-Type: a/b")
        ),
        *_ignored("9298 3.2", "connect-udp, if none is offered", asks_for(b"connect-udp")),
        *(
            Case(
                "9298 3.2",
                f"{line.decode()} is malformed",
                asks_for(b"connect-udp", line=line),
                "400 close",
                policy=TUNNELS,
            )
            for line in (
                UDP.replace(b"GET", b"POST"),
                UDP.replace(b"/443", b"/0"),
                UDP.replace(b"udp", b"tcp"),
            )
        ),
        Case(
            "9298 3.2",
            "so is one with two Hosts",
            asks_for(b"connect-udp", b"Host: b", line=UDP),
            "400 close",
            policy=TUNNELS,
        ),
        Case(
            "9298 3.3",
            "the 101 names the tunnel and nothing else",
            asks_for(b"connect-udp, websocket", line=UDP),
            "101",
            carries=(
                b"upgrade: connect-udp",
                b"connection: Upgrade",
                b"capsule-protocol: ?1",
            ),
            trailing=b"",
            policy=TUNNELS,
        ),
        Case(
            "9484 4-1",
            "there is no tunnel for IP outside TLS",
            asks_for(b"connect-ip", line=b"GET /.well-known/masque/ip/*/*/ HTTP/1.1"),
            "426 close",
            carries=(b"upgrade: connect-udp, connect-tcp-12",),
            policy=TUNNELS,
        ),
        Case(
            "connect-tcp",
            "a CONNECT that should be an upgrade learns of it from the 426",
            plain(line=b"CONNECT a.example:443 HTTP/1.1"),
            "426 close",
            carries=(b"upgrade: connect-tcp-12",),
            policy=Policy(ConnectTCP(token="connect-tcp-12"), mode="required"),
        ),
        Case(
            "connect-tcp",
            "a malformed request draws 4xx",
            asks_for(b"connect-tcp-12", line=UDP),
            "400 close",
            "tunnel-target-unknown",
            policy=TUNNELS,
        ),
        Case(
            "9931 4.1/4.2",
            "what follows a refused offer is no request",
            handshake(without=b"Sec-WebSocket-Key", body=plain(line=b"GET /admin HTTP/1.1")),
            "400 close",
        ),
        Case(
            "9931 4.1/4.2",
            "what follows a declined one is, as it is without it",
            asks_for(b"connect-udp", b"Content-Length: 0") + plain(),
            "pass, pass",
            policy=OPTIONAL,
        ),
        Case(
            "9931 5",
            "closing behind a refusal is a policy, not a need",
            asks_for(b"h2c") + handshake(),
            "426, 101",
            policy=KEEPS,
        ),
        Case(
            "9931 6.1",
            "a ClientHello behind a refused offer of TLS is no request",
            asks_for(b"TLS/1.0") + b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            "426, 400 close",
            "tls-client-hello",
            policy=KEEPS,
        ),
        Case(
            "9931 6.2",
            "frames behind a refused handshake are no request",
            handshake(without=b"Sec-WebSocket-Key", body=FRAME),
            "400, 400 close",
            "not-http",
            policy=KEEPS,
        ),
        Case(
            "9931 7.1",
            "a token of one's own starts without content, unless it says otherwise",
            asks_for(b"made-up", b"Content-Length: 1", body=b"x"),
            "400 close",
            "body-not-allowed",
            policy=Policy(CustomProtocol("made-up")),
        ),
        Case(
            "9931 8",
            "a refused CONNECT closes, whatever the policy",
            plain(line=b"CONNECT a.example:443 HTTP/1.1", body=plain()),
            "426 close",
            policy=KEEPS,
        ),
    )
)


@rows("7540 3.2.1-4")
def http2_settings_is_never_sent() -> None:
    for policy in (OPTIONAL, REQUIRED, Policy(H2C())):
        for answer in drive(plain(*ASKS_H2C), policy).responses:
            assert answer.fields(b"http2-settings") == ()


@rows("7540 3.2-5")
def behind_the_101_the_server_speaks_http_2_first_with_what_was_agreed() -> None:
    (accept,) = drive(plain(*ASKS_H2C), Policy(H2C())).decisions
    assert isinstance(accept, Accept101)
    assert isinstance(accept.agreement, H2CAgreement)
    assert accept.agreement.settings == ASKS_H2C[2].partition(b": ")[2]
    assert accept.awaits_body is False


@rows("7540 3.2.1-5", "7540 3.2.1-7")
def settings_are_a_settings_payload_in_base64url_or_there_is_no_upgrade() -> None:
    for value in (b"AAMAAABkAAQCAAAAAAIAAAA=", b"AAMAAABk", b"AAM", b"AAIAAAAC", b"AAQ/////"):
        lines = (*ASKS_H2C[:2], b"HTTP2-Settings: " + value)
        taken = value == b"AAMAAABk"
        (decision,) = drive(plain(*lines), Policy(H2C())).decisions
        assert isinstance(decision, Accept101) is taken


@rows("9113 3.1")
def a_declined_h2c_leaves_no_trace_for_a_parser_that_would_choke_on_it() -> None:
    (decision,) = drive(plain(*ASKS_H2C, b"X-Name: y"), OPTIONAL).decisions
    assert isinstance(decision, Passthrough)
    assert decision.without_upgrade().data == plain(b"X-Name: y")


@rows("9113 8.2.2", "9113 8.6")
def above_http_2_there_is_neither_a_101_nor_an_upgrade_field() -> None:
    fields = [(b"host", b"a"), (b"upgrade", b"websocket"), (b"connection", b"upgrade")]
    for version in (b"2.0", b"3.0"):
        for headers in (fields, fields[:1]):
            for policy in (OPTIONAL, REQUIRED):
                decision = decide(RequestHead(b"GET", b"/", headers, version), policy)
                assert isinstance(decision, Reject | Passthrough)
                if isinstance(decision, Reject):
                    assert decision.status_code == 505
                    assert b"upgrade" not in {name.lower() for name, _ in decision.headers}


@rows("9297 3.2-7", "9297 3.4-2..4")
def no_answer_but_the_101_speaks_of_capsules() -> None:
    for lines in ((), (b"Content-Length: 0",)):
        run = drive(asks_for(b"connect-udp", *lines, line=UDP), TUNNELS)
        assert run.last.status in (101, 400)
        assert len(run.last.fields(b"capsule-protocol")) == (run.last.status == 101)


@rows("9297 3.4-2..4")
def a_capsule_protocol_that_is_no_single_boolean_is_as_if_it_was_not_there() -> None:
    for value, announced in ((b"?1;x=2", True), (b"?0", False), (b"1", False), (b"?1, ?1", False)):
        run = drive(asks_for(b"connect-udp", b"Capsule-Protocol: " + value, line=UDP), TUNNELS)
        assert isinstance(run.accepted.agreement, TunnelAgreement)
        assert run.accepted.agreement.announces_capsules is announced


@rows("connect-tcp")
def the_101_waits_for_the_connection() -> None:
    octets = asks_for(b"connect-tcp-12", line=UDP.replace(b"udp", b"tcp"))
    machine = ServerNegotiator(TUNNELS)
    assert isinstance(feed(machine, octets), Accept101)
    assert machine.next_event() is PAUSED
    assert machine.send(Reject(504)).startswith(b"HTTP/1.1 504 ")


@rows("9931 6.3", "9931 6.4")
def what_comes_before_the_101_of_a_tunnel_is_refused() -> None:
    for secure, line, token in (
        (False, UDP, b"connect-udp"),
        (True, b"GET /.well-known/masque/ip/*/*/ HTTP/1.1", b"connect-ip"),
    ):
        run = drive(asks_for(token, line=line) + b"\0\1", TUNNELS, secure=secure)
        assert run.said == "400 close"
        assert run.codes == ("early-data-not-taken",)


STREAM: Final = (
    (b":method", b"CONNECT"),
    (b":scheme", b"https"),
    (b":authority", b"server.example.com"),
    (b":path", b"/chat"),
)


@rows("8441")
def a_websocket_in_http_2_has_200_and_neither_key_nor_fields_of_the_hop() -> None:
    headers = (*STREAM, (b":protocol", b"websocket"), (b"sec-websocket-version", b"13"))
    accept = decide_extended_connect(headers, REQUIRED)
    assert isinstance(accept, AcceptConnect)
    assert accept.headers == ((b":status", b"200"),)
    for field in ((b"connection", b"upgrade"), (b"upgrade", b"websocket")):
        assert isinstance(decide_extended_connect((*headers, field), REQUIRED), Reject)


@rows("9220")
def an_unknown_protocol_draws_501() -> None:
    refused = decide_extended_connect((*STREAM, (b":protocol", b"unknown")), REQUIRED)
    assert isinstance(refused, Reject)
    assert refused.status_code == 501


@rows("9931 4.1/4.2")
def octets_before_the_101_are_held_unread_until_it_is_sent() -> None:
    smuggled = plain(line=b"GET /admin HTTP/1.1")
    machine = ServerNegotiator(REQUIRED)
    feed(machine, handshake(body=smuggled))
    assert machine.next_event() is PAUSED
    assert machine.trailing_data == smuggled
    assert drive(handshake(body=smuggled), substitute=Reject(403)).said == "403 close"


@rows("IANA")
def every_registered_token_can_be_read_and_offered() -> None:
    for text in ("HTTP/2.0", "TLS/1.3", "WebSocket", "websocket", "h2c", "connect-udp"):
        (token,) = parse_upgrade([text.encode()])
        assert token == UpgradeToken.parse(text)
        assert str(token) == text
        if token != UpgradeToken("websocket"):
            own: dict[str, Offer] = {
                "HTTP/2.0": CustomProtocol("HTTP/2.0"),
                "TLS/1.3": TLS("1.3"),
                "h2c": H2C(),
                "connect-udp": ConnectUDP(),
            }
            offer = own[text]
            line = {"TLS/1.3": OPTIONS, "connect-udp": UDP}.get(text, b"")
            asks = asks_for(text.encode(), line=line)
            run = drive(plain(*ASKS_H2C) if text == "h2c" else asks, Policy(offer))
            assert run.accepted.token == token


@rows("7692 5-2")
def one_agreement_for_each_extension_and_the_first_good_offer_wins() -> None:
    offered = b"; server_max_window_bits=%d"
    first, second = (DEFLATE + offered % bits for bits in (11, 12))
    run = drive(handshake(EXTENSIONS + first + b", " + second))
    assert run.last.fields(b"sec-websocket-extensions") == (first,)
    accepts = PerMessageDeflate().accept
    assert accepts(Extension("permessage-deflate", (("server_max_window_bits", "7"),))) is None


# --- Clients ------------------------------------------------------------------------------------

HOST: Final = b"server.example.com"
BARE: Final = PerMessageDeflate()
SMALL: Final = PerMessageDeflate(server_max_window_bits=10, client_max_window_bits=11)
FRESH: Final = PerMessageDeflate(server_no_context_takeover=True)
SPEAKS_H2C: Final = H2C(settings=SETTINGS)
TO_UDP: Final = ConnectUDP().request_target("192.0.2.6", 443)
NO_ACCEPT: Final = b"Sec-WebSocket-Accept"


def _answers(row: str, answer: bytes, ours: PerMessageDeflate, code: str = "") -> ClientCase:
    """What a server answers to an offer of deflate; the code of what is wrong with it, if it is."""
    return ClientCase(
        row,
        f"{answer!r} to {ours.offer()}: {code or 'is good'}",
        switch(EXTENSIONS + answer, body=FRAME),
        "refused" if code else "101",
        code,
        client=lambda: asking(WebSocket(extensions=[ours])),
    )


def _wrong(row: str, parameters: bytes, ours: PerMessageDeflate = BARE) -> ClientCase:
    return _answers(row, DEFLATE + b"; " + parameters, ours, "extension-parameters-wrong")


def _right(row: str, parameters: bytes, ours: PerMessageDeflate = BARE) -> ClientCase:
    return _answers(row, DEFLATE + parameters, ours)


def _asking_udp() -> ClientNegotiator:
    return asking(ConnectUDP(), target=TO_UDP)


def _tunnel(row: str, rule: str, code: str, *lines: bytes, without: bytes = b"") -> ClientCase:
    """A 101 to a client that asked for connect-udp."""
    given = (
        lines
        if any(each.startswith(b"Upgrade:") for each in lines)
        else (
            b"Upgrade: connect-udp",
            *lines,
        )
    )
    octets = switch(*given, without=NO_ACCEPT + b" " + without, body=b"\0\1")
    said = "refused" if code else "101"
    return ClientCase(row, rule, octets, said, code, _asking_udp, b"" if code else b"\0\1")


rows.add(
    (
        _right("7692 7-2", b""),
        *(
            _wrong("7692 7-2", parameters)
            for parameters in (
                b"foo",
                b"foo=1",
                b"server_max_window_bits=10; server_max_window_bits=10",
                b"client_max_window_bits=10; client_max_window_bits=11",
                b"server_no_context_takeover; server_no_context_takeover",
                b"SERVER_MAX_WINDOW_BITS=10",
                b"mode=fast; server_no_context_takeover",
            )
        ),
        _right("7692 7.1.1.1-1", b"; server_no_context_takeover", FRESH),
        # The server may say so unasked: its messages are as good.
        _right("7692 7.1.1.1-1", b"; server_no_context_takeover"),
        _answers("7692 7.1.1.1-1", DEFLATE, FRESH, "extension-parameters-wrong"),
        _wrong("7692 7.1.1.1-1", b"server_no_context_takeover=1"),
        _wrong("7692 7.1.1.1-1", b'server_no_context_takeover="true"', FRESH),
        _right("7692 7.1.1.2", b"; client_no_context_takeover"),
        _wrong("7692 7.1.1.2", b"client_no_context_takeover=0"),
        *(
            _wrong("7692 7.1.2.1-1", b"server_max_window_bits" + value)
            for value in (
                b"",
                b"=7",
                b"=16",
                b"=08",
                b"=010",
                b"=+10",
                b"=1e1",
                b"=10.0",
                b"=0xa",
                b"=" + b"1" * 5000,
            )
        ),
        *(
            _right("7692 7.1.2.1-1", b"; server_max_window_bits=%d" % bits)
            for bits in range(8, 16)
        ),
        _right("7692 7.1.2.1-2", b"; server_max_window_bits=10", SMALL),
        _right("7692 7.1.2.1-2", b"; server_max_window_bits=9", SMALL),
        _wrong("7692 7.1.2.1-2", b"server_max_window_bits=11", SMALL),
        _answers("7692 7.1.2.1-2", DEFLATE, SMALL, "extension-parameters-wrong"),
        *(
            _wrong("7692 7.1.2.2-1", b"client_max_window_bits" + value)
            for value in (b"", b"=7", b"=16", b"=09", b"=1_0", b"=-9")
        ),
        # zlib cannot compress with a window of 8 bits: we could not keep to it.
        _wrong("7692 7.1.2.2-1", b"client_max_window_bits=8"),
        *(
            _right("7692 7.1.2.2-2", b"; client_max_window_bits=%d" % bits)
            for bits in range(9, 16)
        ),
        _right(
            "7692 7.1.2.2-2", b"; server_max_window_bits=10; client_max_window_bits=11", SMALL
        ),
        _right("7692 7.1.2.2-2", b"; client_max_window_bits=9; server_max_window_bits=9", SMALL),
        _wrong("7692 7.1.2.2-2", b"server_max_window_bits=10; client_max_window_bits=12", SMALL),
        ClientCase(
            "7692 5-2",
            "one agreement for an extension that was offered twice",
            switch(EXTENSIONS + DEFLATE + b", " + DEFLATE),
            "refused",
            "extension-repeated",
            client=lambda: asking(WebSocket(extensions=[SMALL, BARE])),
        ),
        ClientCase(
            "7540 3.2-4",
            "h2 is not what was asked for",
            switch(b"Upgrade: h2", without=NO_ACCEPT),
            "refused",
            "switch-not-asked-for",
            client=lambda: asking(SPEAKS_H2C),
        ),
        ClientCase(
            "7540 3.2-5",
            "SETTINGS may come with the 101, and belong to HTTP/2",
            switch(b"Upgrade: h2c", without=NO_ACCEPT, body=bytes.fromhex("000000040000000000")),
            "101",
            client=lambda: asking(SPEAKS_H2C),
            trailing=bytes.fromhex("000000040000000000"),
        ),
        ClientCase(
            "9113 3.1",
            "a server may go on in HTTP/1.1",
            sized(),
            "200",
            client=lambda: asking(SPEAKS_H2C),
        ),
        ClientCase(
            "9113 3.3/3.4",
            "a server that speaks HTTP/2 at once is told from one that breaks",
            bytes.fromhex("000006040000000000000300000064"),
            "refused",
            "response-is-http2",
        ),
        ClientCase(
            "2817 3.1",
            "any request may ask for TLS, and be answered in the clear",
            sized(),
            "200",
            client=lambda: asking(TLS("1.2")),
        ),
        ClientCase(
            "2817 3.2",
            "or be switched",
            switch(b"Upgrade: TLS/1.2, HTTP/1.1", without=NO_ACCEPT),
            "101",
            client=lambda: asking(TLS("1.2"), method=b"OPTIONS", target=b"*"),
        ),
        *(
            ClientCase(
                "2817 3.3",
                f"{stack!r} is {said}",
                switch(b"Upgrade: " + stack, without=NO_ACCEPT),
                said,
                code,
                client=lambda: asking(TLS("1.3", "1.2"), method=b"OPTIONS", target=b"*"),
            )
            for stack, said, code in (
                (b"TLS/1.2, HTTP/1.1", "101", ""),
                (b"TLS/1.3", "101", ""),
                (b"tls/1.3, http/1.1", "101", ""),
                (b"TLS/1.0, HTTP/1.1", "refused", "switch-not-asked-for"),
                (b"HTTP/1.1", "refused", "switch-not-asked-for"),
                (b"TLS/1.2, HTTP/2.0", "refused", "switch-names-several"),
                (b"TLS/1.2, websocket", "refused", "switch-names-several"),
            )
        ),
        *(
            _tunnel("9297 3.2-6", f"{line!r} makes a 101 malformed", code, line)
            for code in ("tunnel-response-has-content-field",)
            for line in (
                b"Content-Length: 0",
                b"Content-Type: a/b",
                b"Transfer-Encoding: chunked",
            )
        ),
        _tunnel("9297 3.4-2..4", "without Capsule-Protocol", ""),
        _tunnel("9297 3.4-2..4", "a Capsule-Protocol", "", b"Capsule-Protocol: ?1"),
        _tunnel("9297 3.4-2..4", "one that is no boolean", "", b"Capsule-Protocol: 1"),
        _tunnel("9298 3.3", "one Upgrade, and its option", "", b"Connection: keep-alive, Upgrade"),
        _tunnel("9298 3.3", "no option", "switch-option-missing", without=b"Connection"),
        _tunnel(
            "9298 3.3",
            "two protocols",
            "switch-names-several",
            b"Upgrade: connect-udp, websocket",
        ),
        _tunnel(
            "9298 3.3",
            "one protocol twice",
            "switch-upgrade-repeated",
            b"Upgrade: connect-udp",
            b"Upgrade: connect-udp",
        ),
        _tunnel("9298 3.3", "another", "switch-not-asked-for", b"Upgrade: connect-ip"),
        ClientCase(
            "9298 3.3",
            "HTTP/1.0",
            switch(b"Upgrade: connect-udp", version=b"HTTP/1.0", without=NO_ACCEPT),
            "refused",
            "switch-in-http-1.0",
            client=_asking_udp,
        ),
        ClientCase(
            "9298 3.3",
            "a 2xx opens no tunnel in HTTP/1.1",
            response(b"Capsule-Protocol: ?1", status=b"200 OK", body=b"\0\1"),
            "200",
            client=_asking_udp,
        ),
        ClientCase(
            "connect-tcp",
            "a proxy that cannot connect says so in HTTP",
            sized(b"Proxy-Status: p; error=connection_refused", status=b"504 Gateway Timeout"),
            "504",
            client=_asking_udp,
        ),
        ClientCase(
            "9931 5",
            "a refusal does not end the connection by itself",
            sized(status=b"403 Forbidden"),
            "403",
            client=_asking_udp,
        ),
    )
)  # fmt: skip


@rows("7692 5-1", "7692 5-2")
def offers_of_one_extension_go_out_in_the_callers_order() -> None:
    negotiator = ClientNegotiator(WebSocket(extensions=[SMALL, FRESH, BARE]), host=HOST)
    (line,) = field_lines(negotiator, b"Sec-WebSocket-Extensions")
    assert line.split(b", ") == [
        b"permessage-deflate; server_max_window_bits=10; client_max_window_bits=11",
        b"permessage-deflate; server_no_context_takeover; client_max_window_bits",
        b"permessage-deflate; client_max_window_bits",
    ]
    # An answer to any of them is good.
    for answer in (DEFLATE, DEFLATE + b"; server_no_context_takeover"):
        event = switched(
            switch(EXTENSIONS + answer), asking(WebSocket(extensions=[SMALL, FRESH, BARE]))
        )
        assert isinstance(event.agreement, WebSocketAgreement)
        (agreed,) = event.agreement.extensions
        assert str(agreed) == answer.decode()


@rows("7692 7.1.2.2-3")
def who_does_not_offer_a_limit_is_not_given_one() -> None:
    # All offers of this class say that they can be told; one that does not refuses to be.
    class Silent:
        name = "permessage-deflate"

        def accept(self, offer: Extension) -> Extension | None:
            raise AssertionError(offer)

        def offer(self) -> Extension:
            return Extension(self.name)

        def is_answered_by(self, answer: Extension) -> bool:
            return "client_max_window_bits" not in dict(answer.parameters)

    socket = WebSocket(extensions=[Silent()])
    limited = switch(EXTENSIONS + DEFLATE + b"; client_max_window_bits=10")
    assert run(asking(socket), [limited]).codes == ("extension-parameters-wrong",)
    assert run(asking(socket), [switch(EXTENSIONS + DEFLATE)]).said == "101"
    for ours in (BARE, SMALL, FRESH):
        assert "client_max_window_bits" in dict(ours.offer().parameters)


@rows("7540 3.2-1", "7540 3.2.1-6")
def the_settings_are_sent_once_with_their_option() -> None:
    negotiator = ClientNegotiator(SPEAKS_H2C, CHAT, host=HOST)
    assert field_lines(negotiator, b"HTTP2-Settings") == (SETTINGS,)
    assert field_lines(negotiator, b"Connection") == (b"Upgrade, HTTP2-Settings",)
    with pytest.raises(ValueError, match="follows from"):
        ClientNegotiator(SPEAKS_H2C, host=HOST, headers=[(b"http2-settings", SETTINGS)])
    with pytest.raises(ValueError, match="twice"):
        ClientNegotiator(SPEAKS_H2C, H2C(settings=b"AAMAAABk"), host=HOST)


@rows("7540 3.2-2")
def the_body_is_sent_whole_before_any_frame_can_be() -> None:
    negotiator = ClientNegotiator(SPEAKS_H2C, host=HOST, method=b"POST", body=b"hello" * 100)
    octets = negotiator.send_request()
    assert octets.endswith(b"Content-Length: 500\r\n\r\n" + b"hello" * 100)
    assert negotiator.state is ClientState.READING_HEAD


@rows("7540 3.2-3")
def options_may_ask_for_h2c() -> None:
    negotiator = ClientNegotiator(SPEAKS_H2C, host=HOST, method=b"OPTIONS", target=b"*")
    assert negotiator.send_request().startswith(b"OPTIONS * HTTP/1.1\r\n")


@rows("7540 3.2.1-5", "7540 3.2.1-7")
def what_is_no_settings_payload_is_not_sent() -> None:
    for value in (b"AAMAAABk=", b"AAM", b"AAMAAAB+", b"AAIAAAAC", b"AAQ/////", b""):
        with pytest.raises(ValueError, match="SETTINGS"):
            H2C(settings=value)
    with pytest.raises(ValueError, match="its settings"):
        ClientNegotiator(H2C(), host=HOST)


@rows("9113 3.1", "9113 8.2.2")
def h2c_is_not_asked_for_inside_tls() -> None:
    with pytest.raises(ValueError, match="inside TLS"):
        ClientNegotiator(SPEAKS_H2C, host=HOST, secure=True)


@rows("9113 3.3/3.4")
def a_426_for_http_2_leads_to_the_way_that_the_caller_has() -> None:
    lines = (b"Upgrade: h2c", b"Connection: upgrade")
    event = required(sized(*lines, status=b"426 Upgrade Required"))
    assert event.next_step([SPEAKS_H2C]) == UseHTTP2("upgrade", SPEAKS_H2C, reconnect=False)
    assert event.next_step([], http2=True) == UseHTTP2("prior-knowledge", None, reconnect=True)


@rows("2817 3.2", "2817 4.2")
def a_426_for_tls_leads_to_options_before_anything_else_goes_out() -> None:
    tls = TLS("1.3", "1.2")
    lines = (b"Upgrade: TLS/1.2, HTTP/1.1", b"Connection: Upgrade")
    for negotiator in (asking_nothing(), asking(tls)):
        event = required(sized(*lines, status=b"426 Upgrade Required"), negotiator)
        assert event.next_step([tls]) == UseTLS("upgrade", tls, reconnect=False)
        # 4.2: TLS does not begin by itself behind a 426.
        assert negotiator.state is ClientState.DONE
        assert negotiator.trailing_data == b""
    asked = asking(tls, method=b"OPTIONS", target=b"*")
    again = required(sized(*lines, status=b"426 Upgrade Required"), asked)
    assert again.next_step([tls], tls=True) == UseTLS("scheme", None, reconnect=True)


@rows("2817 3.3")
def the_agreement_has_the_version_that_was_asked_for_and_named() -> None:
    for versions, named in ((("1.3", "1.2"), "1.2"), (("1.2",), "1.2"), (("1.3",), "1.3")):
        octets = switch(b"Upgrade: TLS/" + named.encode() + b", HTTP/1.1", without=NO_ACCEPT)
        event = switched(octets, asking(TLS(*versions), method=b"OPTIONS", target=b"*"))
        assert event.agreement == TLSAgreement(named)
        assert event.findings == ()


@rows("9297 3.2-6", "9298 3.2")
def a_tunnel_is_asked_for_by_get_without_anything_of_content() -> None:
    negotiator = ClientNegotiator(ConnectUDP(), host=HOST, target=TO_UDP)
    assert negotiator.send_request() == (
        b"GET /.well-known/masque/udp/192.0.2.6/443/ HTTP/1.1\r\n"
        b"Host: server.example.com\r\n"
        b"Upgrade: connect-udp\r\n"
        b"Connection: Upgrade\r\n"
        b"Capsule-Protocol: ?1\r\n\r\n"
    )
    wrong: tuple[dict[str, object], ...] = (
        {"method": b"POST"},
        {"method": b"CONNECT"},
        {"body": b"x"},
        {"headers": [(b"Content-Type", b"a/b")]},
        {"headers": [(b"Content-Length", b"0")]},
        {"headers": [(b"Capsule-Protocol", b"?0")]},
        {"target": b"/.well-known/masque/udp/192.0.2.6/0/"},
        {"target": b"/.well-known/masque/udp/192.0.2.6/65536/"},
        {"target": b"/.well-known/masque/tcp/192.0.2.6/443/"},
    )
    for arguments in wrong:
        with pytest.raises(ValueError, match=r"no tunnel begins|follows from|target"):
            ClientNegotiator(
                ConnectUDP(),
                **{"host": HOST, "target": TO_UDP, **arguments},  # type: ignore[arg-type]
            )


@rows("9298 3.3")
def the_agreement_of_a_tunnel_is_what_was_asked_for() -> None:
    octets = switch(b"Upgrade: connect-udp", without=NO_ACCEPT)
    agreement = switched(octets, _asking_udp()).agreement
    assert agreement == TunnelAgreement("192.0.2.6", 443, (), announces_capsules=True)


@rows("9484 4-1")
def a_client_asks_for_no_tunnel_for_ip_outside_tls() -> None:
    target = ConnectIP().request_target()
    with pytest.raises(ValueError, match="outside TLS"):
        ClientNegotiator(ConnectIP(), host=HOST, target=target)
    inside = asking(ConnectIP(), target=target, secure=True)
    assert run(inside, [switch(b"Upgrade: connect-ip", without=NO_ACCEPT)]).said == "101"


@rows("connect-tcp")
def a_426_to_a_classic_connect_says_that_there_is_another_way() -> None:
    tcp = ConnectTCP(token="connect-tcp-12")
    authority = b"a.example:443"
    negotiator = ClientNegotiator(host=authority, method=b"CONNECT", target=authority)
    negotiator.send_request()
    lines = (b"Upgrade: connect-tcp-12", b"Connection: upgrade, close")
    event = required(sized(*lines, status=b"426 Upgrade Required"), negotiator)
    assert event.close
    step = event.next_step([tcp])
    assert step == Retry(tcp, UpgradeToken("connect-tcp-12"), reconnect=True)
    target = tcp.request_target("a.example", 443)
    again = asking(tcp, target=target)
    octets = switch(b"Upgrade: connect-tcp-12", without=NO_ACCEPT, body=b"\0\0")
    assert switched(octets, again).token == UpgradeToken("connect-tcp-12")


WAYS: Final[tuple[tuple[ClientOffer, bytes, bytes, bool], ...]] = (
    (CHAT, b"GET", b"/", False),
    (SPEAKS_H2C, b"GET", b"/", False),
    (TLS("1.3"), b"OPTIONS", b"*", False),
    (ConnectUDP(), b"GET", TO_UDP, False),
    (ConnectTCP(), b"GET", ConnectTCP().request_target("a.example", 25), False),
    (ConnectIP(), b"GET", ConnectIP().request_target(), True),
    (CustomProtocol("irc/6.9"), b"GET", b"/", False),
)


@rows("9931 4.1/4.2", "9931 6.1", "9931 6.2", "9931 6.3", "9931 6.4", "9931 8")
def nothing_follows_a_request_before_its_101() -> None:
    for offer, method, target, secure in WAYS:
        negotiator = ClientNegotiator(offer, host=HOST, method=method, target=target, secure=secure)
        octets = negotiator.send_request()
        assert octets.count(b"\r\n\r\n") == 1
        assert octets.endswith(b"\r\n\r\n")
        # Until the last octet of the 101, there is no agreement to speak the new protocol by.
        answer = switch(b"Upgrade: " + bytes(offer.tokens_to_request(secure=secure)[0]))
        if offer is CHAT:
            (key,) = field_lines(negotiator, b"Sec-WebSocket-Key")
            answer = switch(b"Sec-WebSocket-Accept: " + accept_key(key))
        for place in range(len(answer) - 1):
            assert feed(negotiator, answer[place : place + 1]) is NEED_DATA
            assert negotiator.state is ClientState.READING_HEAD
            with pytest.raises(LocalProtocolError):
                negotiator.send_request()
        feed(negotiator, answer[-1:])
        assert negotiator.state is ClientState.SWITCHED


@rows("9931 7.1")
def a_token_of_ones_own_is_asked_for_without_content_unless_it_says_otherwise() -> None:
    with pytest.raises(ValueError, match="which this protocol does not accept"):
        ClientNegotiator(CustomProtocol("made-up"), host=HOST, body=b"x")


@rows("9931 8")
def behind_a_refused_connect_nothing_of_it_is_a_tunnel() -> None:
    authority = b"a.example:443"
    for status, said in ((b"200 OK", "200"), (b"407 Proxy Authentication Required", "407")):
        negotiator = ClientNegotiator(host=authority, method=b"CONNECT", target=authority)
        assert negotiator.send_request().endswith(b"\r\nHost: a.example:443\r\n\r\n")
        outcome = run(negotiator, [response(b"Content-Length: 0", status=status)])
        assert outcome.said == said
        assert (negotiator.state is ClientState.SWITCHED) is (said == "200")


@pytest.mark.parametrize("check", rows.checks, ids=rows.ids)
def test_row_of(check: Callable[[], None]) -> None:
    check()


def test_every_row_of_the_smaller_documents_is_tested_or_excused() -> None:
    assert rows.covered | EXCUSED.keys() == ROWS
    assert not rows.covered & EXCUSED.keys()
