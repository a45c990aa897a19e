"""The pitfalls of an upgrading client, by their numbers in the project's list of standards.

Number 24 is a client's alone; the others have a server's side, too.
"""

import re
from itertools import product
from typing import Final

import pytest
from client_wire import (
    ACCEPT,
    CHAT,
    FRAME,
    asking,
    asking_nothing,
    response,
    run,
    sized,
    switch,
    switched,
)
from feeding import feed
from wire import cut, splits

from httpupgrade import (
    PAUSED,
    ClientNegotiator,
    ClientState,
    LocalProtocolError,
    OrdinaryResponse,
    PerMessageDeflate,
    RemoteProtocolError,
    UpgradeRequired,
    WebSocket,
)

EXTENSIONS: Final = b"Sec-WebSocket-Extensions: "
CHUNKED: Final = b"Transfer-Encoding: chunked"

# Letters and digits that str.lower(), casefold(), int() or strip() take for ASCII.
KELVIN: Final = b"\xe2\x84\xaa"
LONG_S: Final = b"\xc5\xbf"
FULL_WIDTH_1: Final = b"\xef\xbc\x91"
STRAY_SPACES: Final = (b"\x0b", b"\x0c", b"\x1c", b"\x85", b"\xa0", b"\xe2\x80\x83", b"\xc2\xa0")

HOST: Final = b"server.example.com"


def _refused(octets: bytes) -> tuple[str, ...]:
    """The codes of an error, which is the same however the octets were cut."""
    codes = run(asking(), [octets]).codes
    assert codes
    assert run(asking(), cut(octets, 1)).codes == codes
    return codes


@pytest.mark.parametrize("letter", [KELVIN, LONG_S, FULL_WIDTH_1, *STRAY_SPACES])
def test_pitfall_05_a_client_compares_octets_and_no_text(letter: bytes) -> None:
    for octets in (
        switch(b"Upgrade: websoc" + letter + b"et"),
        switch(b"Upgrade: web" + letter + b"ocket"),
        switch(b"Upgrade: websocket" + letter),
        switch(b"Connection: upgrade" + letter),
        switch(b"Sec-WebSocket-Accept: " + ACCEPT + letter),
        switch(b"Sec-WebSocket-Protocol: chat" + letter),
        switch(EXTENSIONS + b"permessage-deflate; server_max_window_bits=1" + letter),
        sized(status=b"20" + letter + b" OK"),
        response(b"Content-Length: 5" + letter, body=b"hello"),
    ):
        _refused(octets)


def test_pitfall_06_a_client_takes_neither_the_first_nor_the_last() -> None:
    for name, first, second, code in (
        (b"Sec-WebSocket-Accept", ACCEPT, b"x", "websocket-accept-repeated"),
        (b"Sec-WebSocket-Accept", ACCEPT, ACCEPT, "websocket-accept-repeated"),
        (b"Sec-WebSocket-Protocol", b"chat", b"superchat", "subprotocol-repeated"),
        (b"Sec-WebSocket-Protocol", b"chat", b"chat", "subprotocol-repeated"),
        (b"Upgrade", b"websocket", b"h2c", "switch-names-several"),
        (b"Upgrade", b"websocket", b"websocket", "switch-upgrade-repeated"),
    ):
        for one, other in ((first, second), (second, first)):
            lines = (name + b": " + one, name.lower() + b": " + other)
            assert code in _refused(switch(*lines))
    lines = (b"Connection: close", b"Connection: upgrade")
    assert run(asking(), [switch(*lines)]).said == "101"
    assert run(asking(), [switch(*reversed(lines))]).said == "101"


def test_pitfall_15_a_client_sees_no_extension_inside_of_quotes() -> None:
    for phantom in (
        b'x-other; a="1, permessage-deflate, 2"',
        b'permessage-deflate; a="1, permessage-deflate',
        b'permessage-deflate; server_max_window_bits="1,0"',
    ):
        assert _refused(switch(EXTENSIONS + phantom)) == ("extensions-malformed",)
    twice = b"permessage-deflate; server_max_window_bits=10; server_max_window_bits=11"
    assert _refused(switch(EXTENSIONS + twice)) == ("extension-parameters-wrong",)


@pytest.mark.parametrize("offered", range(9, 16))
def test_pitfall_16_a_client_holds_the_server_to_the_windows_it_offered(offered: int) -> None:
    deflate = PerMessageDeflate(server_max_window_bits=offered, client_max_window_bits=offered)
    name = b"permessage-deflate"
    for bits in range(20):
        value = b"%d" % bits
        for written in (b"=" + value, b'="' + value + b'"'):
            server = b"; server_max_window_bits" + written
            outcome = run(
                asking(WebSocket(extensions=[deflate])), [switch(EXTENSIONS + name + server)]
            )
            assert (outcome.said == "101") is (8 <= bits <= offered)
            limit = b"" if offered == 15 else b"; server_max_window_bits=%d" % offered
            client = b"; client_max_window_bits" + written
            outcome = run(
                asking(WebSocket(extensions=[deflate])),
                [switch(EXTENSIONS + name + limit + client)],
            )
            assert (outcome.said == "101") is (9 <= bits <= offered)


def test_pitfall_17_hostile_values_of_a_server_raise_nothing_but_the_one_error() -> None:
    values = (b"", b"\xff" * 300, b"9" * 5000, b"[" * 5000, b",;=\"\\'", b"\xed\xa0\x80", b"=" * 99)
    names = (
        b"Upgrade",
        b"Connection",
        b"Content-Length",
        b"Transfer-Encoding",
        b"Sec-WebSocket-Accept",
        b"Sec-WebSocket-Protocol",
        b"Sec-WebSocket-Extensions",
        b"Sec-WebSocket-Version",
        b"Location",
        b"Retry-After",
    )
    for name, value in product(names, values):
        line = name + b": " + value
        for octets in (
            switch(line),
            response(line),
            response(line, status=b"426 Upgrade Required"),
        ):
            outcome = run(asking(), [octets], ends=True)
            assert re.fullmatch(r"(101|200|426)?(, )?(left|refused)?", outcome.said)
            assert outcome.said


def test_pitfall_23_a_client_sends_nothing_that_was_not_checked() -> None:
    for name, value in (
        (b"X-Name", b"a\r\nb: c"),
        (b"X-Name", b"a\x00"),
        (b"X\r\nName", b"a"),
        (b"", b"a"),
        (b"Content-Length", b"0"),
        (b"Transfer-Encoding", b"chunked"),
        (b"Connection", b"close"),
        (b"Upgrade", b"h2c"),
        (b"Host", b"evil.example"),
        (b"Sec-WebSocket-Protocol", b"soap"),
    ):
        with pytest.raises(ValueError, match=r"(not a|must not hold|follows from)"):
            ClientNegotiator(CHAT, host=HOST, headers=[(name, value)])


@pytest.mark.parametrize(
    "status", [b"200 OK", b"201 Created", b"204 No Content", b"302 Found", b"426 Upgrade Required"]
)
def test_pitfall_24_nothing_but_a_101_is_a_switch(status: bytes) -> None:
    for octets in (switch(status=status), switch(b"Content-Length: 0", status=status)):
        client = asking()
        outcome = run(client, [octets], ends=True)
        assert isinstance(outcome.events[0], OrdinaryResponse | UpgradeRequired)
        assert client.state is ClientState.CLOSED


@pytest.mark.parametrize(
    "status", [b"100 Continue", b"102 Processing", b"103 Early Hints", b"199 "]
)
def test_pitfall_24_an_interim_response_is_not_the_final_one_and_no_part_of_it(
    status: bytes,
) -> None:
    interim = switch(status=status)
    for pieces in ([interim + switch(body=FRAME)], [interim, switch(body=FRAME)]):
        outcome = run(asking(), pieces)
        assert (outcome.said[5:], outcome.trailing_data) == ("101", FRAME)
    for without in (b"Upgrade", b"Connection", b"Sec-WebSocket-Accept"):
        assert _refused(interim + switch(without=without))
    # Nor do fields of an interim response count twice.
    assert run(asking(), [interim * 3 + switch()]).said.endswith("101")


def test_pitfall_24_a_length_in_a_101_takes_nothing_from_the_new_protocol() -> None:
    for line in (
        b"Content-Length: 7",
        b"Content-Length: 9999999",
        b"Content-Length: x",
        b"Transfer-Encoding: chunked",
        b"Transfer-Encoding: gzip",
    ):
        for pieces in splits(switch(line, body=FRAME)):
            outcome = run(asking(), pieces)
            assert (outcome.said, outcome.trailing_data) == ("101", FRAME)
            assert outcome.noted == ("interim-announces-content",)


def test_pitfall_24_a_101_that_nobody_asked_for_is_an_error() -> None:
    assert run(asking_nothing(), [switch(body=FRAME)]).codes == ("switch-unasked",)
    idle = ClientNegotiator(CHAT, host=HOST)
    with pytest.raises(RemoteProtocolError, match="do not answer a request"):
        feed(idle, switch())
    for other in (b"h2c", b"TLS/1.3, HTTP/1.1", b"connect-udp", b"websocket/13"):
        octets = switch(b"Upgrade: " + other, without=b"Sec-WebSocket-Accept")
        assert _refused(octets) == ("switch-not-asked-for",)


def test_pitfall_24_nothing_is_sent_before_the_101() -> None:
    # RFC 9931: what follows a request that is refused would be a request of its own.
    client = ClientNegotiator(CHAT, host=HOST)
    assert client.send_request().endswith(b"\r\n\r\n")
    with pytest.raises(LocalProtocolError):
        client.send_request()
    feed(client, sized())
    with pytest.raises(LocalProtocolError):
        client.send_request()


def test_pitfall_25_what_a_client_sees_does_not_depend_on_how_octets_were_cut() -> None:
    for octets in (
        response(status=b"103 Early Hints") + switch(body=FRAME),
        switch(b"X: a\rb"),
        sized(b"Upgrade: h2c", status=b"426 Upgrade Required") + b"H",
        response(CHUNKED, body=b"3\r\nabc\r\n0\r\nX-T: y\r\n\r\n"),
        response(CHUNKED, body=b"3\r\nabcX\r\n"),
        response(b"Connection: close", body=b"until the end"),
        b"\x15\x03\x01\x00",
    ):
        for client in (asking, asking_nothing):
            whole = run(client(), [octets], ends=True)
            for pieces in splits(octets):
                assert run(client(), pieces, ends=True) == whole
            assert run(client(), cut(octets, 1), ends=True) == whole


def test_pitfall_25_a_client_that_has_switched_or_failed_takes_nothing_more() -> None:
    client = asking()
    switched(switch(body=FRAME), client)
    assert [client.next_event() for _ in range(3)] == [PAUSED] * 3
    with pytest.raises(LocalProtocolError, match="new protocol"):
        feed(client, FRAME)
    assert client.trailing_data == FRAME

    failed = asking()
    for octets in (switch(without=b"Upgrade"), switch(), b""):
        with pytest.raises(RemoteProtocolError, match="no Upgrade field that names the protocol"):
            feed(failed, octets)
    assert failed.state is ClientState.CLOSED


def test_every_pitfall_that_a_client_can_fall_into_is_tested() -> None:
    numbered = {re.match(r"test_pitfall_(\d\d)_", name) for name in globals()} - {None}
    assert {int(match[1]) for match in numbered if match} == {5, 6, 15, 16, 17, 23, 24, 25}
