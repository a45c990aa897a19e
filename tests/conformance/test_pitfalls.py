"""The pitfalls of an upgrading server, by their numbers in the project's list of standards.

Number 24 is a client's, and in ``test_pitfalls_clients`` with what else concerns clients.
"""

import re
from collections.abc import Iterable
from itertools import product
from typing import Final

import pytest
from feeding import feed
from wire import (
    FRAME,
    KEY,
    OPTIONAL,
    REQUIRED,
    TUNNEL,
    Run,
    asks_for,
    cut,
    drive,
    handshake,
    plain,
    request,
    splits,
)

from httpupgrade import (
    NEED_DATA,
    PAUSED,
    Accept101,
    ConnectionClosed,
    Continue100,
    CustomProtocol,
    Limits,
    LocalProtocolError,
    Passthrough,
    Policy,
    Refusal,
    Reject,
    Require426,
    ServerNegotiator,
    ServerState,
    UpgradeToken,
    WebSocket,
    WebSocketAgreement,
)
from httpupgrade.fields import accept_key

POST: Final = b"POST /chat HTTP/1.1"
CHUNKED: Final = b"Transfer-Encoding: chunked"
ADMIN: Final = plain(line=b"GET /admin HTTP/1.1")
SAME_HOST: Final = Policy(WebSocket(origins="same-host"))
KEEPS: Final = Policy(WebSocket(), mode="required", close="never")
EXTENSIONS: Final = b"Sec-WebSocket-Extensions: "
EXPECTS: Final = b"Expect: 100-continue"

# Letters and digits that str.lower(), casefold(), int() or strip() take for ASCII.
KELVIN: Final = b"\xe2\x84\xaa"
LONG_S: Final = b"\xc5\xbf"
FULL_WIDTH_1: Final = b"\xef\xbc\x91"
STRAY_SPACES: Final = (b"\x0b", b"\x0c", b"\x1c", b"\x85", b"\xa0", b"\xe2\x80\x83", b"\xc2\xa0")


def _refusals(requests: Iterable[bytes], *policies: Policy) -> list[Run]:
    """What becomes of requests, none of which may switch."""
    runs = [drive(each, policy) for each, policy in product(requests, policies)]
    assert not [run for run in runs if "101" in run.events]
    return runs


def test_pitfall_01_the_switch_waits_for_the_end_of_the_body() -> None:
    bodies = ((b"Content-Length: 5", b"hello"), (CHUNKED, b"5\r\nhello\r\n0\r\n\r\n"))
    for field, body in bodies:
        _refusals([handshake(field, body=body)], REQUIRED, OPTIONAL)
        octets = asks_for(b"tcp", field, body=body)
        machine = ServerNegotiator(TUNNEL)
        *before, last = cut(octets, 1)
        assert {feed(machine, octet) for octet in before} == {NEED_DATA}
        accepted = feed(machine, last + FRAME)
        assert isinstance(accepted, Accept101)
        assert accepted.request_body == b"hello"
        assert machine.trailing_data == FRAME


def test_pitfall_02_octets_behind_the_head_are_opaque_until_the_answer() -> None:
    for behind in (FRAME, ADMIN, b"\x88\xff junk", b"\r\n", b"x\n", b"GET", handshake()):
        octets = handshake(body=behind)
        for pieces in ([octets], *splits(octets)):
            assert drive(pieces).trailing == behind
            # Behind a refusal: nothing, or HTTP that goes on; never both.
            assert drive(pieces, substitute=Reject(401)).events == ("401 close",)
        kept = drive(octets, KEEPS, substitute=Reject(401))
        assert kept.events[0] == "401"
        if behind == ADMIN:
            assert (kept.said, kept.trailing) == ("401, 426", b"")


def test_pitfall_03_no_101_in_http_1_0_and_no_version_but_our_own() -> None:
    http10 = b"GET /chat HTTP/1.0"
    asking = (
        handshake(line=http10),
        handshake(b"Connection: keep-alive, Upgrade", line=http10),
        handshake(EXPECTS, line=http10),
        asks_for(b"tcp", line=b"POST / HTTP/1.0"),
    )
    tunnel = Policy(CustomProtocol("tcp"), WebSocket(), mode="required")
    for run in _refusals(asking, REQUIRED, OPTIONAL, tunnel):
        # wire.read_responses asserts HTTP/1.1 in each status line.
        assert run.events[0] in ("426 close", "pass")
    for version in (b"2.0", b"0.9", b"3.1"):
        (run,) = _refusals([handshake(line=b"GET /chat HTTP/" + version)], REQUIRED)
        assert run.said == "505 close"


@pytest.mark.parametrize(
    "option",
    [
        b"notupgrade",
        b"upgraded",
        b"upgrade-insecure",
        b"up grade",
        b'"upgrade"',
        b"",
        b"keep-alive",
    ],
)
def test_pitfall_04_upgrade_counts_only_with_its_whole_option(option: bytes) -> None:
    asking = [handshake(b"Connection: " + option), handshake(without=b"Connection")]
    for run in _refusals(asking, REQUIRED, OPTIONAL):
        assert run.events[0] in ("426 close", "pass")


def test_pitfall_05_only_ascii_is_compared_stripped_or_counted() -> None:
    values = [
        b"Upgrade: websoc" + KELVIN + b"et",
        b"Upgrade: web" + LONG_S + b"ocket",
        b"Sec-WebSocket-Version: " + FULL_WIDTH_1 + b"3",
        b"Sec-WebSocket-Version: 1_3",
        b"Sec-WebSocket-Version: +13",
        b"Content-Length: " + FULL_WIDTH_1,
        b"Content-Length: 0_0",
        b"Content-Length: \xb2",
    ]
    for space in STRAY_SPACES:
        values += [
            b"Connection: " + space + b"Upgrade",
            b"Upgrade: websocket" + space,
            b"Sec-WebSocket-Key: " + KEY + space,
            b"Sec-WebSocket-Version: 13" + space,
            b"Content-Length: 0" + space,
        ]
    _refusals([handshake(value) for value in values], REQUIRED, OPTIONAL)
    wide = b"permessage-deflate; server_max_window_bits=" + FULL_WIDTH_1 + b"0"
    assert drive(handshake(EXTENSIONS + wide)).said == "400 close"
    nbsp = drive(handshake(b"Sec-WebSocket-Protocol: chat\xa0"))
    assert nbsp.codes == ("subprotocols-malformed",)


def test_pitfall_06_lists_combine_and_repeated_singletons_are_refused() -> None:
    lists = (
        (b"Connection: keep-alive", b"Connection: Upgrade"),
        (b"Upgrade: h2c", b"Upgrade: websocket"),
        (b"Sec-WebSocket-Protocol: soap", b"Sec-WebSocket-Protocol: chat"),
        (EXTENSIONS + b"x-one", EXTENSIONS + b"permessage-deflate"),
    )
    for first, second in lists:
        for lines in ((first, second), (second, first)):
            assert drive(handshake(*lines)).said == "101"
    singletons = (
        (b"Host: server.example.com", "host-repeated"),
        (b"Origin: http://server.example.com", "origin-repeated"),
        (b"Sec-WebSocket-Key: " + KEY, "websocket-key-repeated"),
        (b"Sec-WebSocket-Version: 13", "websocket-version-repeated"),
        (b"Content-Length: 0", "content-length-repeated"),
    )
    for line, code in singletons:
        for run in _refusals([handshake(line, line)], REQUIRED, OPTIONAL, SAME_HOST):
            assert (run.said, run.codes) == ("400 close", (code,))


def test_pitfall_07_a_key_is_24_characters_and_its_text_is_answered() -> None:
    keys = (KEY[:-1], KEY[:-2], KEY + b"=", KEY * 2, b"!" + KEY, KEY[:-2], KEY[1:], b"=" * 24)
    _refusals([handshake(b"Sec-WebSocket-Key: " + key) for key in keys], REQUIRED, OPTIONAL)
    for key in (KEY, KEY[:-3] + b"R=="):
        run = drive(handshake(b"Sec-WebSocket-Key:   " + key + b"\t"))
        assert run.last.fields(b"sec-websocket-accept") == (accept_key(key),)


def test_pitfall_08_a_426_is_complete_and_in_order() -> None:
    offers = (
        CustomProtocol("irc/6.9"),
        WebSocket(),
        CustomProtocol("IRC/6.9"),
        CustomProtocol("tcp"),
    )
    policy = Policy(*offers, mode="required")
    refused = (plain(), asks_for(b"h2c"), handshake(b"Sec-WebSocket-Version: 8"))
    for run in _refusals(refused, policy):
        assert run.last.fields(b"upgrade") == (b"irc/6.9, websocket, tcp",)
        assert run.last.fields(b"sec-websocket-version") == (b"13",)
        # wire.read_responses asserts the connection option.
    for version in (b"8", b"x", b"13, 8"):
        run = drive(handshake(b"Sec-WebSocket-Version: " + version))
        assert run.last.fields(b"sec-websocket-version") == (b"13",)


@pytest.mark.parametrize(
    "lines",
    [
        (b"Content-Length: 0", CHUNKED),
        (b"Transfer-Encoding: chunked, gzip",),
        (b"Transfer-Encoding: gzip",),
        (b"Transfer-Encoding: identity",),
        (b"Transfer-Encoding:",),
        (b"Content-Length: +0",),
        (b"Content-Length: 0, 0",),
        (b"Content-Length: -0",),
        (b"Content-Length:",),
        (b"Content-Length: 0x0",),
    ],
)
def test_pitfall_09_unclear_framing_never_reaches_a_101(lines: tuple[bytes, ...]) -> None:
    for line in (b"GET /chat HTTP/1.1", b"GET /chat HTTP/1.0"):
        for run in _refusals([handshake(*lines, line=line)], REQUIRED, OPTIONAL):
            assert run.said == "400 close"
    for run in _refusals([asks_for(b"tcp", *lines)], TUNNEL):
        assert run.said == "400 close"


@pytest.mark.parametrize("end", [b"\r", b"\r\n ", b"\r\n\t", b"\r\r\n", b"\n", b"\r \n"])
def test_pitfall_10_no_half_line_end_makes_a_field(end: bytes) -> None:
    smuggling = handshake(b"X-Name: a" + end + b"Transfer-Encoding: chunked")
    for run in _refusals([smuggling], REQUIRED, OPTIONAL):
        assert run.said == "400 close"


@pytest.mark.parametrize(
    "line", [b" X-Name: y", b"\tX-Name: y", b"X-Name : y", b": y", b"X-Name", b"X Name: y"]
)
def test_pitfall_11_no_odd_line_is_skipped(line: bytes) -> None:
    first = request(line, b"Host: a", b"Upgrade: websocket")
    for run in _refusals([first, handshake(line)], REQUIRED, OPTIONAL):
        assert run.said == "400 close"


def test_pitfall_12_limits_refuse_and_need_no_line_end_to_do_so() -> None:
    endless = {
        "max_request_line": b"GET /" + b"a" * 100,
        "max_header_line": b"GET / HTTP/1.1\r\nUpgrade: " + b"a" * 100,
        "max_header_count": b"GET / HTTP/1.1\r\nUpgrade: h2c\r\n" + b"A: b\r\n" * 100,
        "max_head_bytes": b"GET / HTTP/1.1\r\nUpgrade: h2c\r\nHost: " + b"a" * 100,
    }
    for name, octets in endless.items():
        for size in (1, len(octets)):
            run = drive(cut(octets, size), limits=Limits(**{name: 50}))
            assert run.said in ("414 close", "431 close")
            assert drive(cut(octets, size)).said == ""


def test_pitfall_13_what_is_ignored_is_bounded() -> None:
    commas = handshake(b"Upgrade: " + b"," * 30000 + b"websocket")
    assert drive(commas).said == "101"
    assert drive(handshake(b"Upgrade: " + b"," * 40000)).said == "431 close"
    limits = Limits(max_head_bytes=1000)
    assert drive(b"\r\n" * 400 + handshake(), limits=limits).said == "101"
    assert drive(cut(b"\r\n" * 501, 1), limits=limits).said == "431 close"


@pytest.mark.parametrize("name", [b"Sec-WebSocket-Protocol", b"Sec-WebSocket-Extensions"])
def test_pitfall_14_no_value_takes_longer_than_it_is_long(name: bytes) -> None:
    hostile = (
        b"a" + b" " * 30000 + b"b",
        b'a; b="' + rb"\\" * 15000,
        b"a;" * 15000,
        b"a," * 15000 + b'"',
        b"a=" * 15000,
        b" \t" * 15000 + b"\x80",
    )
    for value in hostile:
        assert drive(handshake(name + b": " + value)).said == "400 close"


def test_pitfall_15_quotes_hide_commas_and_one_bad_offer_spoils_no_other() -> None:
    for phantom in (
        b'x-other; a="1, permessage-deflate, 2"',
        b'x-other; a="1, permessage-deflate',
        b'x-other; a="\\", permessage-deflate',
    ):
        assert drive(handshake(EXTENSIONS + phantom)).said == "400 close"
    declined = b"permessage-deflate; server_max_window_bits=10; server_max_window_bits=11"
    run = drive(handshake(EXTENSIONS + declined + b", permessage-deflate"))
    assert run.last.fields(b"sec-websocket-extensions") == (b"permessage-deflate",)
    assert drive(handshake(EXTENSIONS + declined)).said == "101"


def test_pitfall_16_windows_are_8_to_15_and_answered_only_where_offered() -> None:
    server = b"permessage-deflate; server_max_window_bits"
    for bits in range(20):
        value = b"%d" % bits
        for written in (b"=" + value, b'="' + value + b'"'):
            run = drive(handshake(EXTENSIONS + server + written))
            agreed = (server + b"=" + value,) if 9 <= bits <= 15 else ()
            assert run.last.fields(b"sec-websocket-extensions") == agreed
    for written in (b"", b"=010", b"=+10", b"=1_0"):
        run = drive(handshake(EXTENSIONS + server + written))
        assert run.last.fields(b"sec-websocket-extensions") == ()
    run = drive(handshake(EXTENSIONS + b"permessage-deflate; server_no_context_takeover"))
    assert b"client_max_window_bits" not in run.last.fields(b"sec-websocket-extensions")[0]


def test_pitfall_17_hostile_values_draw_answers_and_no_exception() -> None:
    values = (
        b"",
        b"\xff" * 300,
        b"xn--\xe9.example",
        b"a" * 8000,
        b"a:" + b"9" * 5000,
        b"9" * 5000,
        b"[" * 5000,
        b"http://" + b"[" * 100,
        b"%" * 5000,
        b",;=\"\\'",
        b"\xed\xa0\x80",
    )
    names = (
        b"Host",
        b"Origin",
        b"Content-Length",
        b"Transfer-Encoding",
        b"Connection",
        b"Upgrade",
        b"Expect",
        b"Accept",
        b"Sec-WebSocket-Key",
        b"Sec-WebSocket-Version",
        b"Sec-WebSocket-Protocol",
        b"Sec-WebSocket-Extensions",
    )
    strict = Policy(WebSocket(origins="same-host", hosts=["a.example"]), mode="required")
    for name, value, policy in product(names, values, (REQUIRED, OPTIONAL, strict)):
        run = drive(handshake(name + b": " + value), policy)
        assert re.fullmatch(r"(100, )?101|pass(, closed)?|[45]\d\d( close)?", run.said)


def test_pitfall_18_the_host_is_there_once_and_is_the_one_that_is_checked() -> None:
    local = Policy(WebSocket(hosts=["localhost"]), mode="required")
    named = (
        handshake(without=b"Host"),
        handshake(b"Host: localhost", b"Host: localhost"),
        handshake(b"Host: localhost:x"),
        handshake(b"Host: evil.example"),
        handshake(b"Host: localhost.evil.example"),
        handshake(b"Host: localhost", line=b"GET http://evil.example/ HTTP/1.1"),
        handshake(b"Host: localhost", line=b"GET http://localhost@evil.example/ HTTP/1.1"),
        handshake(b"Host: localhost", line=b"GET http://localhost:80:80/ HTTP/1.1"),
    )
    _refusals(named, local)
    for host in (b"localhost", b"LOCALHOST", b"localhost:8080", b"localhost:"):
        assert drive(handshake(b"Host: " + host), local).said == "101"


@pytest.mark.parametrize(
    ("origin", "secure"),
    [
        (b"http://server.example.com.evil.example", False),
        (b"http://evilserver.example.com", False),
        (b"http://serverxexample.com", False),
        (b"http://server.example.com:81", False),
        (b"https://server.example.com:80", False),
        (b"", False),
        (b"null", False),
        (b"http://server.example.com http://evil.example", False),
        (b"http://server.example.com, http://server.example.com", False),
        (b"//server.example.com", False),
        # Schemes: another one than a page's is not this host's, and inside TLS a page that came
        # without it may be anybody's.
        (b"ftp://server.example.com", False),
        (b"app://server.example.com", False),
        (b"chrome-extension://server.example.com", False),
        (b"http://server.example.com", True),
    ],
)
def test_pitfall_19_an_origin_is_compared_whole(origin: bytes, secure: bool) -> None:
    run = drive(handshake(b"Origin: " + origin), SAME_HOST, secure=secure)
    assert run.said == "403 close"


def test_pitfall_19_inside_tls_a_page_that_came_without_it_has_another_origin() -> None:
    # RFC 9112 3.3: what arrives inside TLS asks for an https resource, so that its host without a
    # port is at 443. RFC 6454 5: origins are the same only if their schemes are.
    for authority in (b"a.example", b"a.example:8443", b"a.example:443", b"[::1]:8443"):
        host = b"Host: " + authority
        for scheme, said in ((b"https://", "101"), (b"http://", "403 close")):
            run = drive(handshake(host, b"Origin: " + scheme + authority), SAME_HOST, secure=True)
            assert run.said == said


def test_pitfall_20_h2c_is_nobodys_default() -> None:
    h2c = (b"Connection: Upgrade, HTTP2-Settings", b"HTTP2-Settings: AAMAAABk")
    asking = (asks_for(b"h2c"), plain(b"Upgrade: h2c", *h2c), asks_for(b"h2"))
    for run in _refusals(asking, REQUIRED, OPTIONAL):
        assert run.said in ("426 close", "pass")


def test_pitfall_21_a_100_goes_before_the_101_and_to_nobody_else() -> None:
    assert drive(handshake(EXPECTS)).said == "100, 101"
    tcp = asks_for(b"tcp", EXPECTS, b"Content-Length: 5", body=b"hello")
    assert drive(tcp, TUNNEL).said == "100, 101"
    machine = ServerNegotiator(TUNNEL)
    asked = feed(machine, tcp[:-5])
    assert isinstance(asked, Continue100)
    assert machine.next_event() is PAUSED
    machine.send(asked)
    assert isinstance(feed(machine, b"hello"), Accept101)
    # Neither on behalf of the server behind a Passthrough, nor in HTTP/1.0.
    body = plain(EXPECTS, b"Content-Length: 5", line=POST, body=b"hello")
    assert drive(body, OPTIONAL).said == "pass"
    assert drive(body, REQUIRED).said == "426 close"
    assert drive(handshake(EXPECTS, line=b"GET / HTTP/1.0"), REQUIRED).said == "426 close"


def test_pitfall_22_what_passes_is_the_same_octets_in_the_same_order() -> None:
    odd = plain(b"x-ODD:y", b"X-Odd: \t y ", b"accept:", b"Upgrade:h2c", b"CONNECTION: uPgrade,te")
    chunked = plain(CHUNKED, line=POST, body=b'5;a="b"\r\nhello\r\n0\r\nX-T: y\r\n\r\n')
    counted = plain(b"Content-Length: 11", line=POST, body=b"GET / HTTP/")
    messages = (odd, chunked, counted, plain())
    octets = b"".join(messages)
    for pieces in ([octets], *splits(octets), cut(octets, 1)):
        run = drive(pieces, OPTIONAL)
        assert run.passed == messages
        assert run.events == ("pass",) * 4


def test_pitfall_22_what_cannot_be_framed_is_handed_on_and_never_parsed_again() -> None:
    for line in (b"Content-Length: 5", b"Transfer-Encoding: x"):
        unclear = plain(line, CHUNKED, line=POST, body=b"0\r\n\r\n" + handshake())
        run = drive(cut(unclear, 5), OPTIONAL)
        assert (run.said, run.state) == ("pass", ServerState.OPAQUE)
        assert run.passed == (unclear,)


def test_pitfall_23_nothing_goes_out_that_was_not_checked() -> None:
    accepted = drive(handshake(b"Sec-WebSocket-Protocol: chat")).accepted
    for name, value in (
        (b"X-Name", b"a\r\nb: c"),
        (b"X-Name", b"a\x00"),
        (b"X\r\nName", b"a"),
        (b"", b"a"),
        (b"Content-Length", b"0"),
        (b"Transfer-Encoding", b"chunked"),
        (b"Connection", b"close"),
        (b"Upgrade", b"h2c"),
        (b"Sec-WebSocket-Protocol", b"soap"),
        (b"Sec-WebSocket-Protocol", b"chat"),
    ):
        forced = accepted.replace(headers=(*accepted.headers, (name, value)))
        machine = ServerNegotiator(REQUIRED)
        feed(machine, handshake(b"Sec-WebSocket-Protocol: chat"))
        with pytest.raises(LocalProtocolError):
            machine.send(forced)
        # Nothing was sent and nothing has changed: the good answer still can be.
        assert machine.send(accepted).startswith(b"HTTP/1.1 101 ")
    echoing = Refusal(body=lambda report: (b"text/plain\r\nX: y", b""))
    with pytest.raises(LocalProtocolError):
        drive(plain(), Policy(WebSocket(), mode="required", refusal=echoing))


def test_pitfall_25_a_decision_does_not_depend_on_how_octets_were_cut() -> None:
    for octets in (
        handshake(EXPECTS, body=FRAME),
        handshake(b"X: a\rb"),
        plain(b"Content-Length: 3", line=POST, body=b"abc" + handshake()),
        asks_for(b"h2c", CHUNKED, line=POST, body=b"3\r\nabc\r\n0\r\n\r\n") + plain(),
        b"\x16\x03\x01\x00",
    ):
        for policy in (REQUIRED, OPTIONAL, TUNNEL):
            whole = drive(octets, policy)
            for pieces in splits(octets):
                assert drive(pieces, policy).events == whole.events
            assert drive(cut(octets, 1), policy).decisions == whole.decisions


def test_pitfall_25_what_was_answered_is_not_answered_again() -> None:
    machine = ServerNegotiator(REQUIRED)
    accepted = feed(machine, handshake())
    assert isinstance(accepted, Accept101)
    # It can wait as long as the application needs.
    assert [machine.next_event() for _ in range(3)] == [PAUSED] * 3
    machine.send(Reject(403))
    for late in (accepted, Reject(403), Require426([UpgradeToken("websocket")]), Continue100()):
        with pytest.raises(LocalProtocolError):
            machine.send(late)
    assert isinstance(feed(machine, handshake()), ConnectionClosed)
    assert isinstance(feed(machine, b""), ConnectionClosed)

    switched = ServerNegotiator(REQUIRED)
    feed(switched, handshake())
    switched.send(accepted)
    for late in (accepted, Reject(403)):
        with pytest.raises(LocalProtocolError):
            switched.send(late)
    with pytest.raises(LocalProtocolError, match="new protocol"):
        feed(switched, FRAME)


def test_pitfall_25_a_refused_connect_closes() -> None:
    connect = plain(line=b"CONNECT a.example:443 HTTP/1.1")
    for policy in (REQUIRED, KEEPS):
        assert drive(connect + ADMIN, policy).said == "426 close"
    machine = ServerNegotiator(OPTIONAL)
    assert isinstance(feed(machine, connect + ADMIN), Passthrough)
    machine.send(Reject(405, [(b"Allow", b"GET")]))
    assert isinstance(machine.next_event(), ConnectionClosed)


def test_pitfall_25_an_agreement_is_the_answer_that_was_sent() -> None:
    run = drive(handshake(b"Sec-WebSocket-Protocol: soap, chat"))
    agreement = run.accepted.agreement
    assert isinstance(agreement, WebSocketAgreement)
    assert run.last.fields(b"sec-websocket-protocol") == (b"chat",)
    assert (agreement.subprotocol, agreement.accept) == ("chat", accept_key(KEY))


def test_every_pitfall_of_a_server_is_tested() -> None:
    numbered = {re.match(r"test_pitfall_(\d\d)_", name) for name in globals()} - {None}
    assert {int(match[1]) for match in numbered if match} == set(range(1, 26)) - {24}
