"""Smaller documents: what they oblige a server of this library to, under their rows' ids.

RFC 7692 binds the negotiation of permessage-deflate, RFC 7540 that of h2c, RFC 2817 that of TLS;
RFC 9297, 9298, 9484 and a draft that of tunnels. RFC 9931 is about octets that come before the 101.
"""

from collections.abc import Callable
from typing import Final

import pytest
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
    PAUSED,
    TLS,
    Accept101,
    AcceptConnect,
    ConnectIP,
    ConnectTCP,
    ConnectUDP,
    Extension,
    H2CAgreement,
    Offer,
    Passthrough,
    PerMessageDeflate,
    Policy,
    Reject,
    RequestHead,
    ServerNegotiator,
    Token,
    TunnelAgreement,
    UpgradeToken,
    WebSocket,
    decide,
    decide_extended_connect,
    parse_upgrade,
)

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
_CLIENT: Final = "binds a client"
EXCUSED: Final = {
    "7692 7-2": _CLIENT,
    "7540 3.2-1": _CLIENT,
    "7540 3.2-2": _CLIENT,
    "7540 3.2-3": _CLIENT,
    "7540 3.2.1-6": _CLIENT,
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
            policy=Policy(Token("made-up")),
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
        for response in drive(plain(*ASKS_H2C), policy).responses:
            assert response.fields(b"http2-settings") == ()


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
    assert decision.declined().data == plain(b"X-Name: y")


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
    assert isinstance(machine.receive_data(octets), Accept101)
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
    machine.receive_data(handshake(body=smuggled))
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
                "HTTP/2.0": Token("HTTP/2.0"),
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


@pytest.mark.parametrize("check", rows.checks, ids=rows.ids)
def test_row_of(check: Callable[[], None]) -> None:
    check()


def test_every_row_of_the_smaller_documents_is_tested_or_excused() -> None:
    assert rows.covered | EXCUSED.keys() == ROWS
    assert not rows.covered & EXCUSED.keys()
