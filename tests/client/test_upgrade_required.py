"""What a client reads from a 426, and what it is advised to do (RFC 9110 15.5.22)."""

from collections.abc import Callable
from typing import Any

import pytest
from client_wire import (
    CHAT,
    SETTINGS,
    Outcome,
    asking,
    asking_nothing,
    required,
    response,
    run,
    sized,
)
from feeding import feed

from httpupgrade import (
    H2C,
    PAUSED,
    TLS,
    Advice,
    ClientNegotiator,
    ConnectionClosed,
    ConnectTCP,
    CustomProtocol,
    Limits,
    NothingInCommon,
    OrdinaryResponse,
    Retry,
    UpgradeRequired,
    UpgradeToken,
    UseHTTP2,
    UseTLS,
    UseWebSocketVersion,
    WebSocket,
)
from httpupgrade.offers import ClientOffer

STATUS = b"426 Upgrade Required"
OPTION = b"Connection: upgrade"
H2 = H2C(settings=SETTINGS)
SECURE = TLS("1.3", "1.2")
IRC = CustomProtocol("irc/6.9")


def refusal(*lines: bytes, body: bytes = b"Use something else.\n") -> bytes:
    return sized(*lines, status=STATUS, body=body)


def names(event: UpgradeRequired) -> tuple[str, ...]:
    return tuple(map(str, event.tokens))


def codes(event: UpgradeRequired) -> tuple[str, ...]:
    return tuple(finding.code for finding in event.findings)


# --- What it says -------------------------------------------------------------------------------


def test_a_whole_426_says_everything() -> None:
    negotiator = asking_nothing()
    event = required(
        refusal(
            b"Upgrade: websocket, h2c, TLS/1.3, HTTP/1.1", OPTION, b"Sec-WebSocket-Version: 13, 8"
        ),
        negotiator,
    )
    assert names(event) == ("websocket", "h2c", "TLS/1.3", "HTTP/1.1")
    assert event.versions == (13, 8)
    assert event.body == b"Use something else.\n"
    assert event.head.status_code == 426
    assert event.findings == ()
    assert not event.close
    assert event.request is negotiator.head
    assert not event.secure
    assert negotiator.next_event() is PAUSED


READ = [
    # The order is the server's, over all lines; nothing is there twice.
    (
        (b"Upgrade: h2c, websocket", b"Upgrade: H2C, irc/6.9", OPTION),
        ("h2c", "websocket", "irc/6.9"),
        (),
    ),
    # Most servers' 426 does not say.
    ((), (), ("upgrade-list-missing",)),
    ((b"Upgrade: ", OPTION), (), ("upgrade-list-missing",)),
    ((b"Upgrade: a b", OPTION), (), ("upgrade-list-malformed",)),
    # websockets, nginx and CUPS leave the option out. The list is used nevertheless.
    (
        (b"Upgrade: websocket", b"Connection: close"),
        ("websocket",),
        ("upgrade-list-without-option",),
    ),
    ((b"Upgrade: websocket",), ("websocket",), ("upgrade-list-without-option",)),
    ((b"Upgrade: h2c", b"Connection: @"), ("h2c",), ("upgrade-list-without-option",)),
]


@pytest.mark.parametrize(("lines", "tokens", "found"), READ)
def test_what_is_wrong_with_a_426_is_a_finding_and_no_error(
    lines: tuple[bytes, ...], tokens: tuple[str, ...], found: tuple[str, ...]
) -> None:
    event = required(refusal(*lines))
    assert names(event) == tokens
    assert codes(event) == found


VERSIONS = [
    ((b"Sec-WebSocket-Version: 13",), (13,), ()),
    ((b"Sec-WebSocket-Version: 13, 8", b"Sec-WebSocket-Version: 7,,13"), (13, 8, 7), ()),
    ((b"Sec-WebSocket-Version: 256",), (), ("version-list-malformed",)),
    ((b"Sec-WebSocket-Version: 013",), (), ("version-list-malformed",)),
    ((b"Sec-WebSocket-Version: 13;",), (), ("version-list-malformed",)),
    (("Sec-WebSocket-Version: \uff11\uff13".encode(),), (), ("version-list-malformed",)),
]


@pytest.mark.parametrize(("lines", "versions", "found"), VERSIONS)
def test_the_versions_of_a_websocket_are_a_list_of_numbers(
    lines: tuple[bytes, ...], versions: tuple[int, ...], found: tuple[str, ...]
) -> None:
    event = required(refusal(b"Upgrade: websocket", OPTION, *lines))
    assert event.versions == versions
    assert codes(event) == found


# --- Its body and the connection ----------------------------------------------------------------

LISTED = (b"Upgrade: websocket", OPTION)

BODIES = [
    (response(*LISTED, b"Content-Length: 0", status=STATUS), b"", False, ()),
    (response(*LISTED, b"Content-Length: 3", status=STATUS, body=b"abc"), b"abc", False, ()),
    (
        response(
            *LISTED, b"Transfer-Encoding: chunked", status=STATUS, body=b"3\r\nabc\r\n0\r\n\r\n"
        ),
        b"abc",
        False,
        (),
    ),
    (response(*LISTED, b"Connection: close", b"Content-Length: 0", status=STATUS), b"", True, ()),
    (response(*LISTED, status=STATUS, body=b"until it closes"), b"until it closes", True, ()),
    (
        response(*LISTED, b"Content-Length: 1", status=STATUS, version=b"HTTP/1.0", body=b"a"),
        b"a",
        True,
        (),
    ),
    # RFC 9112 8: recorded as incomplete.
    (
        response(*LISTED, b"Content-Length: 9", status=STATUS, body=b"abc"),
        b"abc",
        True,
        ("body-incomplete",),
    ),
    (
        response(*LISTED, b"Transfer-Encoding: chunked", status=STATUS, body=b"3\r\nabc\r\n"),
        b"abc",
        True,
        ("body-incomplete",),
    ),
    (
        response(*LISTED, b"Transfer-Encoding: chunked", status=STATUS, body=b"3\r\nabc\r\nx"),
        b"abc",
        True,
        ("body-incomplete",),
    ),
    (
        response(*LISTED, b"Transfer-Encoding: chunked", status=STATUS, body=b"3\r\nabcd\r\n"),
        b"abc",
        True,
        ("chunk-malformed",),
    ),
]


@pytest.mark.parametrize(("octets", "body", "close", "found"), BODIES)
def test_whatever_becomes_of_the_body_the_list_arrives(
    octets: bytes, body: bytes, close: bool, found: tuple[str, ...]
) -> None:
    outcome = run(asking_nothing(), [octets], ends=True)
    event = outcome.events[0]
    assert isinstance(event, UpgradeRequired)
    assert (event.body, event.close, codes(event)) == (body, close, found)
    assert names(event) == ("websocket",)
    assert outcome == Outcome((event, ConnectionClosed()), (), b"")


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
@pytest.mark.parametrize(("size", "over"), [(8, False), (9, True)])
def test_no_more_of_the_body_is_kept_than_the_limit_says(
    framing: str, size: int, over: bool
) -> None:
    body = b"x" * size
    lines = {
        "length": (b"Content-Length: %d" % size,),
        "chunked": (b"Transfer-Encoding: chunked",),
        "close": (),
    }[framing]
    wire = b"%x\r\n%b\r\n0\r\n\r\n" % (size, body) if framing == "chunked" else body
    octets = response(*LISTED, *lines, status=STATUS, body=wire)
    outcome = run(asking_nothing(limits=Limits(max_response_body=8)), [octets], ends=True)
    event = outcome.events[0]
    assert isinstance(event, UpgradeRequired)
    assert event.body == b"x" * 8
    assert codes(event) == (("response-body-too-large",) if over else ())
    assert event.close is (over or framing == "close")


def test_what_a_server_sends_behind_the_limit_is_not_held() -> None:
    negotiator = asking_nothing(limits=Limits(max_response_body=8))
    feed(negotiator, response(*LISTED, status=STATUS, body=b"x" * 9))
    for _ in range(4):
        assert feed(negotiator, b"x" * 65536) == ConnectionClosed()
        assert negotiator.trailing_data == b""


def test_a_426_to_head_has_no_body() -> None:
    octets = response(*LISTED, b"Content-Length: 158", status=STATUS)
    event = required(octets, asking_nothing(method=b"HEAD"))
    assert (event.body, event.close) == (b"", False)


# --- What to do about it ------------------------------------------------------------------------


def advice(
    event: UpgradeRequired, *supported: ClientOffer, tls: bool = False, http2: bool = False
) -> Advice:
    return event.next_step(supported, tls=tls, http2=http2)


def reason(step: Advice) -> str:
    assert isinstance(step, NothingInCommon), step
    return step.finding.code


def demand(
    *tokens: bytes, versions: bytes = b"", close: bool = False, secure: bool = False
) -> UpgradeRequired:
    """What a plain request draws from a server that wants these."""
    option = b"Connection: upgrade, close" if close else OPTION
    lines = [b"Upgrade: " + b", ".join(tokens), option]
    if versions:
        lines.append(b"Sec-WebSocket-Version: " + versions)
    negotiator = ClientNegotiator(host=b"a", secure=secure)
    negotiator.send_request()
    return required(refusal(*lines), negotiator)


@pytest.mark.parametrize("close", [False, True])
def test_ask_again_for_what_is_wanted_on_this_connection_or_a_new_one(close: bool) -> None:
    websocket = UpgradeToken("websocket")
    event = demand(b"WebSocket", versions=b"13", close=close)
    assert advice(event, CHAT) == Retry(CHAT, websocket, reconnect=close)
    assert advice(demand(b"irc/6.9", close=close), CHAT, IRC) == Retry(
        IRC, UpgradeToken("irc", "6.9"), reconnect=close
    )


def test_the_servers_order_decides_among_what_both_can() -> None:
    event = demand(b"x", b"irc/6.9", b"h2c", b"websocket")
    assert advice(event, CHAT, H2, IRC) == Retry(IRC, UpgradeToken("irc", "6.9"), reconnect=False)
    assert advice(event, CHAT, H2) == UseHTTP2("upgrade", H2, reconnect=False)
    assert advice(event, CHAT) == Retry(CHAT, UpgradeToken("websocket"), reconnect=False)
    assert reason(advice(event)) == "nothing-in-common"
    assert reason(advice(event, CustomProtocol("irc"))) == "nothing-in-common"


TO_TLS = [
    (SECURE, False, False, UseTLS("upgrade", SECURE, reconnect=False)),
    # CVE-2025-49812: what begins inside TLS is the safer of the two.
    (SECURE, True, False, UseTLS("scheme", None, reconnect=True)),
    (None, True, False, UseTLS("scheme", None, reconnect=True)),
    (SECURE, True, True, None),
    (None, False, False, None),
    (TLS("1.1"), False, False, None),
]


@pytest.mark.parametrize(("offer", "tls", "secure", "expected"), TO_TLS)
def test_go_to_tls_in_place_or_by_the_scheme(
    offer: TLS | None, tls: bool, secure: bool, expected: Advice | None
) -> None:
    event = demand(b"TLS/1.3", b"TLS/1.2", b"HTTP/1.1", secure=secure)
    step = advice(event, *([offer] if offer else []), tls=tls)
    if expected is None:
        assert reason(step) == ("tls-spoken-already" if secure else "nothing-in-common")
    else:
        assert step == expected


TO_HTTP2 = [
    (b"h2c", H2, False, False, False, UseHTTP2("upgrade", H2, reconnect=False)),
    (b"h2c", None, True, False, False, UseHTTP2("prior-knowledge", None, reconnect=True)),
    (b"HTTP/2.0", H2, True, False, False, UseHTTP2("prior-knowledge", None, reconnect=True)),
    (b"HTTP/2", None, True, True, False, UseHTTP2("prior-knowledge", None, reconnect=True)),
    (b"HTTP/2.0", H2, True, False, True, UseHTTP2("alpn", None, reconnect=True)),
    (b"h2c", H2, True, False, True, UseHTTP2("alpn", None, reconnect=True)),
    (b"h2", H2, True, True, False, UseHTTP2("alpn", None, reconnect=True)),
    (b"h2", H2, True, False, False, None),
    (b"h2", H2, False, True, False, None),
    (b"HTTP/2.0", H2, False, False, False, None),
    (b"HTTP/3.0", H2, True, True, False, None),
]


@pytest.mark.parametrize(("token", "offer", "http2", "tls", "secure", "expected"), TO_HTTP2)
def test_use_http_2_by_upgrade_prior_knowledge_or_alpn(
    token: bytes, offer: H2C | None, http2: bool, tls: bool, secure: bool, expected: Advice | None
) -> None:
    event = demand(token, secure=secure)
    step = advice(event, *([offer] if offer else []), tls=tls, http2=http2)
    if expected is None:
        assert reason(step) == "nothing-in-common"
    else:
        assert step == expected


def asked_with(
    *offers: ClientOffer, method: bytes = b"GET", target: bytes = b"/"
) -> ClientNegotiator:
    return asking(*offers, method=method, target=target)


def test_use_another_websocket_version() -> None:
    both = WebSocket(["chat"], versions=(13, 8))
    refused = required(refusal(*LISTED, b"Sec-WebSocket-Version: 8, 7"), asked_with(both))
    step = advice(refused, both)
    assert isinstance(step, UseWebSocketVersion)
    assert (step.version, step.reconnect) == (8, False)
    head = ClientNegotiator(step.offer, host=b"a").head
    assert head.get_all(b"sec-websocket-version") == (b"8",)
    assert head.get_all(b"sec-websocket-protocol") == (b"chat",)
    assert both.versions == (13, 8)


@pytest.mark.parametrize(
    ("versions", "expected"),
    [(b"", "13"), (b"13", "13"), (b"8, 13", "13"), (b"8", "8"), (b"7", "no-common-version")],
)
def test_the_version_is_chosen_before_the_first_websocket_is_asked_for(
    versions: bytes, expected: str
) -> None:
    both = WebSocket(versions=(13, 8))
    step = advice(demand(b"websocket", versions=versions), both)
    match step:
        case Retry():
            assert (step.offer, expected) == (both, "13")
        case UseWebSocketVersion():
            assert str(step.version) == expected
        case _:
            assert reason(step) == expected


def test_a_426_that_names_versions_alone_means_a_websocket() -> None:
    # wsproto and Tornado, to a version that they do not speak
    both = WebSocket(versions=(8, 13))
    event = required(refusal(b"Sec-WebSocket-Version: 13"), asked_with(both))
    assert event.tokens == ()
    assert codes(event) == ("upgrade-list-missing",)
    step = advice(event, both)
    assert isinstance(step, UseWebSocketVersion)
    assert step.version == 13


def test_versions_alone_are_not_for_a_client_that_speaks_no_websocket() -> None:
    event = required(refusal(b"Sec-WebSocket-Version: 13"))
    step = advice(event, IRC, SECURE)
    assert reason(step) == "nothing-in-common"
    assert isinstance(step, NothingInCommon)
    assert step.finding.value == b"websocket"


def test_http_2_was_asked_for_in_vain_whether_or_not_it_could_be_again() -> None:
    event = required(refusal(b"Upgrade: h2c", OPTION), asked_with(H2))
    assert reason(advice(event)) == "asked-in-vain"
    assert reason(advice(event, H2)) == "asked-in-vain"


IN_VAIN: list[tuple[Callable[[], ClientNegotiator], bytes, ClientOffer]] = [
    (lambda: asked_with(CHAT), b"websocket", CHAT),
    (lambda: asked_with(H2), b"h2c", H2),
    (lambda: asked_with(IRC), b"irc/6.9", IRC),
    (lambda: asked_with(SECURE, method=b"OPTIONS", target=b"*"), b"TLS/1.3", SECURE),
]


@pytest.mark.parametrize(("ask", "token", "offer"), IN_VAIN)
def test_what_was_asked_for_in_vain_is_not_tried_again(
    ask: Callable[[], ClientNegotiator], token: bytes, offer: ClientOffer
) -> None:
    event = required(refusal(b"Upgrade: " + token, OPTION), ask())
    step = advice(event, offer)
    assert reason(step) == "asked-in-vain"
    assert isinstance(step, NothingInCommon)
    assert step.finding.value == token
    assert step.finding.hint.endswith("\n    httpupgrade explain asked-in-vain")


@pytest.mark.parametrize("wrong", ["websocket", WebSocket, None])
def test_advice_is_about_offers(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"^each of supported is an object of a class"):
        demand(b"websocket").next_step([wrong])


def test_of_several_reasons_the_first_in_the_servers_order_is_given() -> None:
    both = WebSocket(versions=(13,))
    event = required(
        refusal(b"Upgrade: irc/6.9, websocket", OPTION, b"Sec-WebSocket-Version: 8"),
        asked_with(IRC),
    )
    assert reason(advice(event, both, IRC)) == "asked-in-vain"
    other_way = required(
        refusal(b"Upgrade: websocket, irc/6.9", OPTION, b"Sec-WebSocket-Version: 8"),
        asked_with(IRC),
    )
    assert reason(advice(other_way, both, IRC)) == "no-common-version"


def test_what_is_wrong_with_the_head_is_said_before_what_is_wrong_with_the_body() -> None:
    octets = response(b"Upgrade: @", b"Content-Length: five", status=STATUS)
    assert codes(required(octets)) == ("upgrade-list-malformed", "content-length-malformed")


def test_another_way_leads_on_where_an_upgrade_was_in_vain() -> None:
    h2c = required(refusal(b"Upgrade: h2c, irc/6.9", OPTION), asked_with(H2))
    assert advice(h2c, H2, http2=True) == UseHTTP2("prior-knowledge", None, reconnect=True)
    assert advice(h2c, H2, IRC) == Retry(IRC, UpgradeToken("irc", "6.9"), reconnect=False)
    tls = required(
        refusal(b"Upgrade: TLS/1.3", OPTION), asked_with(SECURE, method=b"OPTIONS", target=b"*")
    )
    assert advice(tls, SECURE, tls=True) == UseTLS("scheme", None, reconnect=True)
    # Asked for beside another request, TLS may be declined (RFC 2817 3.1); in front of it, not.
    beside = required(refusal(b"Upgrade: TLS/1.3", OPTION), asked_with(SECURE))
    assert advice(beside, SECURE) == UseTLS("upgrade", SECURE, reconnect=False)


@pytest.mark.parametrize("lines", [(), (b"Upgrade: ",)], ids=["no list", "an empty list"])
@pytest.mark.parametrize(("ask", "token", "offer"), IN_VAIN)
def test_a_426_without_a_list_says_that_what_was_asked_for_was_asked_in_vain(
    ask: Callable[[], ClientNegotiator], token: bytes, offer: ClientOffer, lines: tuple[bytes, ...]
) -> None:
    step = advice(required(refusal(*lines), ask()), offer)
    assert reason(step) == "asked-in-vain"
    assert isinstance(step, NothingInCommon)
    assert (step.finding.value or b"").split(b", ")[0] == token
    assert step.finding.hint.startswith("The 426 does not say which protocol it requires.")


def test_without_a_list_there_is_nothing_to_go_by() -> None:
    for lines, code in (
        ((), "upgrade-list-missing"),
        ((b"Upgrade: websocket, @", OPTION), "upgrade-list-malformed"),
    ):
        event = required(refusal(*lines))
        assert reason(advice(event, CHAT, H2, SECURE, tls=True, http2=True)) == code


def test_several_offers_of_a_protocol_are_looked_at_in_turn() -> None:
    event = demand(b"websocket", versions=b"8")
    old = WebSocket(versions=(8,))
    assert advice(event, CHAT, old) == Retry(old, UpgradeToken("websocket"), reconnect=False)
    assert reason(advice(event, CHAT, WebSocket(versions=(7,)))) == "no-common-version"


def test_what_cannot_be_asked_for_is_not_advised() -> None:
    event = demand(b"h2c")
    for_servers = H2C()
    assert reason(advice(event, for_servers)) == "nothing-in-common"
    assert advice(event, for_servers, http2=True) == UseHTTP2(
        "prior-knowledge", None, reconnect=True
    )


DECLINED = [
    (b"400 Bad Request", b"8", 8),  # gorilla, coder, ws, autobahn, daphne
    (b"400 Bad Request", b"7, 8", 8),
    (b"404 Not Found", b"8", 8),
    (b"400 Bad Request", b"13", None),  # it is something else that is wrong
    (b"400 Bad Request", b"7", None),
    (b"400 Bad Request", b"eight", None),
    (b"400 Bad Request", b"", None),
    (b"500 Internal Server Error", b"8", None),
    (b"200 OK", b"8", None),
]


@pytest.mark.parametrize(("status", "versions", "expected"), DECLINED)
def test_a_version_may_be_refused_by_another_status(
    status: bytes, versions: bytes, expected: int | None
) -> None:
    both = WebSocket(versions=(13, 8))
    lines = (b"Sec-WebSocket-Version: " + versions,) if versions else ()
    event = feed(asked_with(both), sized(*lines, status=status))
    assert isinstance(event, OrdinaryResponse)
    step = event.next_step([CHAT, both])
    if expected is None:
        assert step is None
    else:
        assert isinstance(step, UseWebSocketVersion)
        assert (step.version, step.reconnect) == (expected, False)
        # RFC 6455 4.4: as its own example has it, to a client of version 25.
        assert event.next_step([CHAT]) is None
    unasked = feed(asking_nothing(), sized(*lines, status=status))
    assert isinstance(unasked, OrdinaryResponse)
    assert unasked.next_step([both]) is None


def test_a_426_to_a_classic_connect_leads_to_the_tunnel() -> None:
    # draft-ietf-httpbis-connect-tcp: the discovery signal
    negotiator = ClientNegotiator(method=b"CONNECT", target=b"a.example:25", host=b"a.example:25")
    negotiator.send_request()
    tcp = ConnectTCP()
    event = required(refusal(b"Upgrade: connect-tcp", OPTION), negotiator)
    assert advice(event, tcp) == Retry(tcp, UpgradeToken("connect-tcp"), reconnect=False)
