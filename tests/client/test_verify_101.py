"""What a client takes for a switch, and what it does not (RFC 9110 7.8, 15.2.2; RFC 6455 4.1)."""

import pytest
from client_wire import (
    ACCEPT,
    CHAT,
    FRAME,
    KEY,
    SETTINGS,
    asking,
    asking_nothing,
    refused,
    response,
    switch,
    switched,
)
from feeding import feed
from hypothesis import given
from hypothesis import strategies as st

from httpupgrade import (
    H2C,
    PAUSED,
    TLS,
    ClientNegotiator,
    ConnectIP,
    ConnectTCP,
    ConnectUDP,
    CustomProtocol,
    H2CAgreement,
    IPTunnelAgreement,
    LocalProtocolError,
    PerMessageDeflate,
    RemoteProtocolError,
    RequestHead,
    ResponseHead,
    Switched,
    TLSAgreement,
    TunnelAgreement,
    UpgradeToken,
    WebSocket,
    WebSocketAgreement,
    verify_switch,
)
from httpupgrade._http1.findings import MOST_FINDINGS
from httpupgrade._protocols.websocket.deflate import answers_any
from httpupgrade.fields import Extension, parse_extensions
from httpupgrade.offers import Agreed, ClientOffer

H2 = H2C(settings=SETTINGS)
UDP = ConnectUDP()
IP = ConnectIP()
TCP = ConnectTCP(token="connect-tcp-07")


def switch_to(token: bytes, *lines: bytes, body: bytes = b"") -> bytes:
    """A 101 that names this, and has these field lines."""
    fields = (b"Upgrade: " + token, b"Connection: Upgrade", *lines)
    return response(*fields, status=b"101 Switching Protocols", body=body)


# --- WebSocket: what is taken -------------------------------------------------------------------


def test_a_verified_101_switches_and_keeps_what_arrived_with_it() -> None:
    negotiator = asking()
    event = switched(switch(b"Sec-WebSocket-Protocol: chat", body=FRAME), negotiator)
    assert event.token == UpgradeToken("websocket")
    assert event.tokens == (event.token,)
    assert event.agreement == WebSocketAgreement("chat", (), ACCEPT)
    assert event.head.status_code == 101
    assert event.findings == ()
    assert negotiator.trailing_data == FRAME
    assert negotiator.next_event() is PAUSED
    with pytest.raises(LocalProtocolError, match="belongs to the new protocol"):
        feed(negotiator, FRAME)
    assert negotiator.trailing_data == FRAME


def test_a_control_in_another_value_of_a_101_is_kept_and_noted() -> None:
    """RFC 9110 5.5."""
    octets = switch(b"Server: a\x1fb")
    event = switched(octets)
    assert event.head.get(b"server") == b"a\x1fb"
    (finding,) = event.findings
    assert (finding.code, finding.field) == ("field-value-control", "Server")
    assert (finding.value, finding.offset) == (b"a\x1fb", octets.index(b"\x1f"))


@pytest.mark.parametrize("name", [b"Upgrade", b"Connection", b"Sec-WebSocket-Accept"])
@pytest.mark.parametrize("control", [b"\x01", b"\x0b", b"\x7f"])
def test_a_control_in_what_a_101_says_is_an_error(name: bytes, control: bytes) -> None:
    value = {b"Upgrade": b"websocket", b"Connection": b"Upgrade"}.get(name, ACCEPT)
    for octets in (control + value, value + control, value[:3] + control + value[3:]):
        assert refused(switch(name + b": " + octets, without=name))


TAKEN = [
    switch(status=b"101"),  # no reason, nor the space in front of it
    switch(status=b"101 "),
    switch(status=b"101 Web Socket Protocol Handshake"),
    switch(b"Upgrade: WebSocket"),
    switch(b"Upgrade: websocket,"),  # an empty element (RFC 9110 5.6.1.2)
    switch(b"Upgrade: ", b"Upgrade: websocket"),
    switch(b"connection: upgrade"),
    switch(b"Connection: Upgrade, Keep-Alive"),
    switch(b"Connection: keep-alive", b"Connection: Upgrade"),
    switch(b"Connection: close", b"Connection: Upgrade"),
    switch(b"sec-websocket-accept:\t " + ACCEPT + b" \t"),
    switch(b"Sec-WebSocket-Accept:\r\n " + ACCEPT),  # obs-fold (RFC 9112 5.2)
    switch(b"Sec-WebSocket-Version: 13", b"Date: now", b"X-Y: z"),
    switch(version=b"HTTP/1.2"),
]


@pytest.mark.parametrize("octets", TAKEN)
def test_what_rfc_9110_and_9112_leave_open_is_taken(octets: bytes) -> None:
    assert switched(octets).findings == ()


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b"Content-Length: 0", "Content-Length"),
        (b"Content-Length: 5", "Content-Length"),
        (b"Content-Length: five", "Content-Length"),
        (b"Transfer-Encoding: chunked", "Transfer-Encoding"),
    ],
)
def test_a_length_on_a_101_is_ignored_and_reported(line: bytes, field: str) -> None:
    negotiator = asking()
    event = switched(switch(line, body=FRAME), negotiator)
    assert negotiator.trailing_data == FRAME
    (finding,) = event.findings
    assert (finding.code, finding.field) == ("interim-announces-content", field)
    assert finding.value == line.partition(b": ")[2]
    assert finding.clause == "RFC 9110 8.6"


# --- WebSocket: what is refused -----------------------------------------------------------------

REFUSED = [
    (switch(version=b"HTTP/1.0"), "switch-in-http-1.0"),
    (switch(without=b"Upgrade"), "switch-upgrade-missing"),
    (switch(b"Upgrade: ,"), "switch-upgrade-missing"),
    (switch(b"Upgrade: web socket"), "switch-upgrade-malformed"),
    (switch(b"Upgrade: websocket/"), "switch-upgrade-malformed"),
    (switch(b"Upgrade: h2c"), "switch-not-asked-for"),
    (switch(b"Upgrade: websocket/13"), "switch-not-asked-for"),
    (switch("Upgrade: websoc\u212aet".encode()), "switch-upgrade-malformed"),
    (switch(b"Upgrade: websocket, h2c"), "switch-names-several"),
    (switch(b"Upgrade: h2c", b"Upgrade: websocket"), "switch-names-several"),
    (switch(b"Upgrade: websocket, websocket"), "switch-upgrade-repeated"),
    (switch(b"Upgrade: websocket", b"upgrade: WebSocket"), "switch-upgrade-repeated"),
    (switch(b"Upgrade: websocket, HTTP/1.1"), "switch-names-several"),
    (switch(without=b"Connection"), "switch-option-missing"),
    (switch(b"Connection: keep-alive"), "switch-option-missing"),
    (switch(b"Connection: notupgrade"), "switch-option-missing"),
    (switch(b"Connection: Upgrade; x"), "switch-connection-malformed"),
    (switch(b"Connection: \x85Upgrade"), "switch-connection-malformed"),
    (switch(without=b"Sec-WebSocket-Accept"), "websocket-accept-missing"),
    (switch(b"Sec-WebSocket-Accept: "), "websocket-accept-wrong"),
    (switch(b"Sec-WebSocket-Accept: " + KEY), "websocket-accept-wrong"),
    (switch(b"Sec-WebSocket-Accept: " + ACCEPT.lower()), "websocket-accept-wrong"),
    (switch(b"Sec-WebSocket-Accept: " + ACCEPT + b"\xa0"), "websocket-accept-wrong"),
    (
        switch(b"Sec-WebSocket-Accept: " + ACCEPT, b"Sec-WebSocket-Accept: " + ACCEPT),
        "websocket-accept-repeated",
    ),
    (switch(b"Sec-WebSocket-Protocol: Chat"), "subprotocol-not-offered"),
    (switch(b"Sec-WebSocket-Protocol: other"), "subprotocol-not-offered"),
    (switch(b"Sec-WebSocket-Protocol: "), "subprotocol-malformed"),
    (switch(b"Sec-WebSocket-Protocol: chat, superchat"), "subprotocol-malformed"),
    (switch(b"Sec-WebSocket-Protocol: chat\xa0"), "subprotocol-malformed"),
    (
        switch(b"Sec-WebSocket-Protocol: chat", b"Sec-WebSocket-Protocol: chat"),
        "subprotocol-repeated",
    ),
    (switch(b"Sec-WebSocket-Extensions: "), "extensions-malformed"),
    (switch(b"Sec-WebSocket-Extensions: permessage-deflate;"), "extensions-malformed"),
    (switch(b'Sec-WebSocket-Extensions: permessage-deflate; a="'), "extensions-malformed"),
    (switch(b"Sec-WebSocket-Extensions: x-webkit-deflate-frame"), "extension-not-offered"),
    (switch(b"Sec-WebSocket-Extensions: Permessage-Deflate"), "extension-not-offered"),
    (
        switch(b"Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate"),
        "extension-repeated",
    ),
    (
        switch(
            b"Sec-WebSocket-Extensions: permessage-deflate",
            b"Sec-WebSocket-Extensions: permessage-deflate",
        ),
        "extension-repeated",
    ),
]


@pytest.mark.parametrize(("octets", "code"), REFUSED)
def test_what_contradicts_the_handshake_is_refused(octets: bytes, code: str) -> None:
    assert refused(octets) == (code,)


def test_every_check_that_fails_is_found() -> None:
    octets = switch(
        b"Connection: keep-alive",
        b"Sec-WebSocket-Accept: x",
        b"Sec-WebSocket-Protocol: other",
        b"Sec-WebSocket-Extensions: other",
        version=b"HTTP/1.0",
    )
    assert refused(octets) == (
        "switch-in-http-1.0",
        "switch-option-missing",
        "websocket-accept-wrong",
        "subprotocol-not-offered",
        "extension-not-offered",
    )


_EXTENSIONS = st.lists(
    st.sampled_from(
        ["a", "b; c", "permessage-deflate", "permessage-deflate; client_max_window_bits"]
        + [f"permessage-deflate; {side}_max_window_bits=10" for side in ("client", "server")]
        + ["permessage-deflate; server_no_context_takeover"]
    ),
    min_size=1,
    max_size=6,
)


@given(_EXTENSIONS, _EXTENSIONS)
def test_each_answer_is_judged_by_all_offers_of_its_name(
    offered: list[str], answered: list[str]
) -> None:
    """RFC 6455 4.1, 9.1; RFC 7692 7.1. Compared pair by pair, which is slow and simple."""
    offers, answers = (
        parse_extensions([", ".join(each).encode("ascii")]) for each in (offered, answered)
    )
    expected: list[str] = []
    for place, answer in enumerate(answers):
        if all(offer.name != answer.name for offer in offers):
            expected.append("extension-not-offered")
        elif any(earlier.name == answer.name for earlier in answers[:place]):
            expected.append("extension-repeated")
        elif not any(
            offer.name == answer.name and answers_any([offer], answer) for offer in offers
        ):
            expected.append("extension-parameters-wrong")
    field = b"Sec-WebSocket-Extensions"
    asked = ClientNegotiator(WebSocket(), host=b"a", key=KEY).head
    others = [each for each in asked.headers if each[0] != field]
    request = RequestHead(b"GET", b"/", [*others, (field, ", ".join(offered).encode("ascii"))])
    response = ResponseHead.parse(switch(field + b": " + ", ".join(answered).encode("ascii")))
    outcome = verify_switch(request, response, WebSocket())
    codes = [each.code for each in outcome.findings]
    assert (isinstance(outcome, Switched), codes) == (not expected, expected)


def test_every_extension_that_is_wrong_is_named_up_to_a_bound() -> None:
    some = b"Sec-WebSocket-Extensions: other, permessage-deflate; x, another"
    assert refused(switch(some)) == (
        "extension-not-offered",
        "extension-parameters-wrong",
        "extension-not-offered",
    )
    many = b"Sec-WebSocket-Extensions: permessage-deflate, " + b", ".join([b"x"] * 1000)
    assert refused(switch(many)) == ("extension-not-offered",) * MOST_FINDINGS


def test_a_finding_names_field_value_place_and_clause() -> None:
    octets = switch(b"Sec-WebSocket-Protocol: other")
    with pytest.raises(RemoteProtocolError) as raised:
        feed(asking(), octets)
    finding = raised.value.finding
    assert (finding.field, finding.value) == ("Sec-WebSocket-Protocol", b"other")
    assert finding.offset == octets.index(b"other")
    assert raised.value.raw == octets
    assert finding.clause == "RFC 6455 4.1"
    assert finding.hint
    assert finding.status_code is None


def test_a_refused_switch_is_refused_for_good_and_keeps_nothing() -> None:
    negotiator = asking()
    with pytest.raises(RemoteProtocolError) as first:
        feed(negotiator, switch(without=b"Upgrade", body=FRAME))
    for _ in range(2):
        with pytest.raises(RemoteProtocolError) as again:
            negotiator.next_event()
        assert again.value is first.value
    with pytest.raises(RemoteProtocolError):
        feed(negotiator, FRAME)
    assert negotiator.trailing_data == b""


def test_without_offers_nothing_is_taken_that_was_not_offered() -> None:
    bare = WebSocket(extensions=())
    assert switched(switch(), asking(bare)).agreement == WebSocketAgreement(None, (), ACCEPT)
    deflate = b"Sec-WebSocket-Extensions: permessage-deflate"
    assert refused(switch(deflate), asking(bare)) == ("extension-not-offered",)
    chat = b"Sec-WebSocket-Protocol: chat"
    assert refused(switch(chat), asking(bare)) == ("subprotocol-not-offered",)


def test_a_client_may_require_a_subprotocol() -> None:
    strict = WebSocket(["chat"], require_subprotocol=True)
    assert refused(switch(), asking(strict)) == ("subprotocol-missing",)
    malformed = switch(b"Sec-WebSocket-Protocol: a, b")
    assert refused(malformed, asking(strict)) == ("subprotocol-malformed",)
    switched(switch(b"Sec-WebSocket-Protocol: chat"), asking(strict))


# --- permessage-deflate (RFC 7692 7.1) ----------------------------------------------------------

ANY = PerMessageDeflate()
LIMITED = PerMessageDeflate(True, False, 11, 12)

ANSWERS = [
    (ANY, "", True),
    (ANY, "server_no_context_takeover; client_no_context_takeover", True),
    *((ANY, f"server_max_window_bits={bits}", True) for bits in range(8, 16)),
    *((ANY, f"client_max_window_bits={bits}", True) for bits in range(9, 16)),
    (ANY, 'client_max_window_bits="12"', True),
    # zlib cannot compress with a window of 8 bits: what we could not keep to, we do not agree to.
    (ANY, "client_max_window_bits=8", False),
    # CVE-2026-2229, and what wsproto's client fell over.
    *((ANY, f"server_max_window_bits={value}", False) for value in ("7", "16", "100", "08", "0xa")),
    *((ANY, f"client_max_window_bits={value}", False) for value in ("7", "16", "+9", "012")),
    (ANY, "server_max_window_bits", False),
    (ANY, "client_max_window_bits", False),
    (ANY, "server_no_context_takeover=1", False),
    (ANY, "server_no_context_takeover; server_no_context_takeover", False),
    (ANY, "server_max_window_bits=10; server_max_window_bits=10", False),
    (ANY, "unknown", False),
    (LIMITED, "server_no_context_takeover; server_max_window_bits=11", True),
    (LIMITED, "server_no_context_takeover; server_max_window_bits=9", True),
    (
        LIMITED,
        "server_no_context_takeover; server_max_window_bits=9; client_max_window_bits=12",
        True,
    ),
    (LIMITED, "server_max_window_bits=11", False),
    (LIMITED, "server_no_context_takeover", False),
    (LIMITED, "server_no_context_takeover; server_max_window_bits=12", False),
    (
        LIMITED,
        "server_no_context_takeover; server_max_window_bits=9; client_max_window_bits=13",
        False,
    ),
]


@pytest.mark.parametrize(("deflate", "answer", "taken"), ANSWERS)
def test_an_agreement_on_deflate_answers_the_offer(
    deflate: PerMessageDeflate, answer: str, taken: bool
) -> None:
    value = f"permessage-deflate; {answer}".removesuffix("; ").encode()
    negotiator = asking(WebSocket(extensions=[deflate]))
    octets = switch(b"Sec-WebSocket-Extensions: " + value)
    if not taken:
        assert refused(octets, negotiator) == ("extension-parameters-wrong",)
        return
    agreement = switched(octets, negotiator).agreement
    assert isinstance(agreement, WebSocketAgreement)
    (extension,) = agreement.extensions
    assert extension.name == "permessage-deflate"
    assert len(extension.parameters) == answer.count(";") + bool(answer)


def test_an_answer_to_any_of_several_offers_of_a_name_is_taken() -> None:
    fallback = WebSocket(extensions=[PerMessageDeflate(server_max_window_bits=10), ANY])
    deflate = b"Sec-WebSocket-Extensions: permessage-deflate"
    switched(switch(deflate), asking(fallback))
    narrow = WebSocket(extensions=[PerMessageDeflate(server_max_window_bits=10)])
    assert refused(switch(deflate), asking(narrow)) == ("extension-parameters-wrong",)


class Mux:
    """An extension of a user's own."""

    name = "mux"

    def accept(self, offer: Extension) -> Extension | None:
        return offer

    def offer(self) -> Extension:
        return Extension("mux", (("max-channels", "4"),))

    def is_answered_by(self, answer: Extension) -> bool:
        return dict(answer.parameters).get("max-channels") in ("1", "2", "3", "4")


@pytest.mark.parametrize(("channels", "taken"), [(b"2", True), (b"9", False)])
def test_an_extension_of_ones_own_judges_its_answers(channels: bytes, taken: bool) -> None:
    offer = WebSocket(extensions=[Mux(), PerMessageDeflate()])
    negotiator = asking(offer)
    value = b"permessage-deflate, mux; max-channels=" + channels
    octets = switch(b"Sec-WebSocket-Extensions: " + value)
    assert negotiator.head.get(b"sec-websocket-extensions") == (
        b"mux; max-channels=4, permessage-deflate; client_max_window_bits"
    )
    if taken:
        switched(octets, negotiator)
    else:
        assert refused(octets, negotiator) == ("extension-parameters-wrong",)


# --- Other protocols ----------------------------------------------------------------------------

OTHERS: list[tuple[ClientOffer, bytes, bool, bytes, object]] = [
    (H2, b"/", False, b"h2c", H2CAgreement(SETTINGS, ((3, 100), (4, 10485760), (2, 0)))),
    (TLS("1.3", "1.2"), b"/", False, b"TLS/1.2, HTTP/1.1", TLSAgreement("1.2")),
    (TLS("1.3", "1.2"), b"/", False, b"TLS/1.3", TLSAgreement("1.3")),
    (
        UDP,
        UDP.request_target("192.0.2.6", 443),
        False,
        b"connect-udp",
        TunnelAgreement("192.0.2.6", 443, (), announces_capsules=True),
    ),
    (
        TCP,
        TCP.request_target("a.example", 25),
        True,
        b"Connect-TCP-07",
        TunnelAgreement("a.example", 25, (), announces_capsules=True),
    ),
    (
        IP,
        IP.request_target(None, 17),
        True,
        b"connect-ip",
        IPTunnelAgreement(None, 17, (), announces_capsules=True),
    ),
    (CustomProtocol("irc/6.9"), b"/", True, b"irc/6.9", None),
]


@pytest.mark.parametrize(("offer", "target", "secure", "upgrade", "agreement"), OTHERS)
def test_each_protocol_is_switched_to(
    offer: ClientOffer, target: bytes, secure: bool, upgrade: bytes, agreement: object
) -> None:
    negotiator = asking(offer, target=target, secure=secure)
    event = switched(switch_to(upgrade, body=b"more"), negotiator)
    assert event.agreement == agreement
    assert event.findings == ()
    assert negotiator.trailing_data == b"more"


@pytest.mark.parametrize(("offer", "target", "secure", "upgrade", "agreement"), OTHERS)
def test_no_protocol_shares_its_101_with_another(
    offer: ClientOffer, target: bytes, secure: bool, upgrade: bytes, agreement: object
) -> None:
    octets = switch_to(upgrade + b", h2")
    assert refused(octets, asking(offer, target=target, secure=secure)) == ("switch-names-several",)


def test_of_several_that_were_asked_for_the_server_chooses_one() -> None:
    def both() -> ClientNegotiator:
        return asking(CHAT, H2, CustomProtocol("irc/6.9"))

    assert switched(switch(), both()).agreement == WebSocketAgreement(None, (), ACCEPT)
    assert isinstance(switched(switch_to(b"h2c"), both()).agreement, H2CAgreement)
    assert switched(switch_to(b"IRC/6.9"), both()).token == UpgradeToken("irc", "6.9")
    assert refused(switch_to(b"irc"), both()) == ("switch-not-asked-for",)
    assert refused(switch_to(b"irc/6.9, h2c"), both()) == ("switch-names-several",)
    assert refused(switch_to(b"websocket"), both()) == ("websocket-accept-missing",)


def test_cups_may_leave_the_option_out_and_name_all_versions_it_knows() -> None:
    # cupsd 2.4.2, to OPTIONS * with Upgrade: TLS/1.3, TLS/1.2
    octets = response(
        b"Connection: Keep-Alive",
        b"Content-Language: en",
        b"Content-Length: 0",
        b"Date: Sat, 21 Nov 2026 10:57:20 GMT",
        b"Keep-Alive: timeout=10",
        b"Upgrade: TLS/1.2,TLS/1.1,TLS/1.0",
        b"Accept-Encoding: gzip, deflate, identity",
        b"Server: CUPS/2.4 IPP/2.1",
        status=b"101 Switching Protocols",
    )
    tls = TLS("1.3", "1.2")
    event = switched(octets, asking(tls, method=b"OPTIONS", target=b"*"))
    assert event.token == UpgradeToken("TLS", "1.2")
    assert event.agreement == TLSAgreement("1.2")
    assert [finding.code for finding in event.findings] == [
        "switch-option-missing",
        "interim-announces-content",
        "tls-versions-named",
    ]
    assert refused(octets, asking(TLS("1.3"))) == ("switch-not-asked-for", "switch-option-missing")


def test_what_cups_may_do_is_all_that_a_101_to_tls_may() -> None:
    tls = TLS("1.3", "1.2")
    two = response(b"Upgrade: TLS/1.3, TLS/1.2, HTTP/1.1", b"Connection: upgrade", status=b"101")
    (finding,) = switched(two, asking(tls)).findings
    assert finding.code == "tls-versions-named"
    malformed = response(b"Upgrade: TLS/1.3", b"Connection: upgrade, @", status=b"101")
    assert refused(malformed, asking(tls)) == ("switch-connection-malformed",)


@pytest.mark.parametrize(
    "line", [b"Content-Length: 0", b"Content-Type: text/plain", b"Transfer-Encoding: chunked"]
)
def test_a_tunnel_begins_without_any_field_of_content(line: bytes) -> None:
    # RFC 9297 3.2: MUST be treated as malformed.
    negotiator = asking(UDP, target=UDP.request_target("a.example", 443))
    codes = refused(switch_to(b"connect-udp", line), negotiator)
    assert codes == ("tunnel-response-has-content-field",)


def test_a_101_that_nobody_asked_for_is_none() -> None:
    with pytest.raises(RemoteProtocolError) as raised:
        feed(asking_nothing(), switch())
    (finding,) = raised.value.findings
    assert (finding.code, finding.field, finding.value) == (
        "switch-unasked",
        "Upgrade",
        b"websocket",
    )


def test_two_tunnels_say_once_that_capsules_follow() -> None:
    template = "/t{?target_host,target_port}"
    udp, tcp = ConnectUDP(template), ConnectTCP(template)
    head = asking(udp, tcp, target=udp.request_target("a.example", 443)).head
    assert head.get_all(b"capsule-protocol") == (b"?1",)
    assert head.get(b"upgrade") == b"connect-udp, connect-tcp"


def test_a_client_can_ask_for_what_servers_of_this_library_agree_to() -> None:
    # One set of values on both ends: the agreement of a 101 is the offer's own.
    request = asking(CHAT).head
    answer = CHAT.negotiate(request, UpgradeToken("websocket"), secure=False)
    assert isinstance(answer, Agreed)
    octets = switch(*(b"%b: %b" % field for field in answer.headers))
    assert switched(octets).agreement == answer.agreement
