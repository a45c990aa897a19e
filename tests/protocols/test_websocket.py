"""The opening handshake of RFC 6455 4.2: key, version, method, body, and the 101.

Subprotocols, extensions, and Origin and Host have files of their own beside this one.
"""

import base64

import pytest
from feeding import feed
from hypothesis import given
from hypothesis import strategies as st
from strategies_decide import ACCEPT, KEY, Field, codes, handshake, values
from websockets.client import ClientProtocol
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from httpupgrade import (
    Accept101,
    CustomProtocol,
    Decision,
    Finding,
    NothingInCommon,
    Passthrough,
    Policy,
    Reject,
    RequestHead,
    Require426,
    ResponseHead,
    Retry,
    ServerNegotiator,
    UpgradeToken,
    UseWebSocketVersion,
    WebSocket,
    WebSocketAgreement,
    decide,
)
from httpupgrade._negotiation.terms import Mode
from httpupgrade.fields import Extension, accept_key
from httpupgrade.offers import Ignored, OfferResult, UpgradeRefusal


def answer(head: RequestHead, offer: WebSocket | None = None, *, secure: bool = False) -> Decision:
    return decide(head, Policy(WebSocket() if offer is None else offer), secure=secure)


def status(decision: Decision) -> int:
    assert isinstance(decision, Accept101 | Reject | Require426)
    return 101 if isinstance(decision, Accept101) else decision.status_code


def only_finding(decision: Decision) -> Finding:
    (finding,) = decision.findings
    return finding


@pytest.mark.parametrize("secure", [False, True])
def test_the_handshake_of_the_rfc_gets_the_answer_of_the_rfc(secure: bool) -> None:
    """RFC 6455 1.2, 1.3."""
    head = handshake(
        (b"Origin", b"http://example.com"), (b"Sec-WebSocket-Protocol", b"chat, superchat")
    )
    decision = answer(head, WebSocket(["chat"]), secure=secure)
    assert isinstance(decision, Accept101)
    assert decision.to_bytes() == (
        b"HTTP/1.1 101 Switching Protocols\r\n"
        b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
        b"Sec-WebSocket-Protocol: chat\r\n\r\n"
    )
    assert decision.token == UpgradeToken("websocket")
    assert decision.agreement == WebSocketAgreement("chat", (), ACCEPT)
    assert decision.head is head
    assert decision.findings == ()
    assert (decision.awaits_body, decision.request_body, decision.interim) == (False, b"", None)


@pytest.mark.parametrize(
    "target",
    [
        b"/chat",
        b"/ftp://host/chat",
        b"/?ftp://host",
        b"http://server.example/chat",
        b"https://server.example/chat",
        b"HTTP://server.example/chat",
        b"ws://server.example/chat",
        b"wss://server.example",
        b"WSS://server.example/chat",
    ],
)
def test_a_path_and_a_uri_of_http_can_be_asked_for(target: bytes) -> None:
    """RFC 6455 4.2.1."""
    assert isinstance(answer(handshake(target=target)), Accept101)


@pytest.mark.parametrize("mode", ["optional", "advertise", "report", "required"])
@pytest.mark.parametrize(
    "target",
    [
        b"ftp://host/chat",
        b"FTP://host/chat",
        b"file://host/chat",
        b"httpx://host/chat",
        b"xhttp://host/chat",
        b"http+ws://host/chat",
        b"h2c://host",
    ],
)
def test_a_uri_of_another_scheme_is_refused(target: bytes, mode: Mode) -> None:
    """RFC 6455 4.2.1. The offset is that of the target, however the head came."""
    policy = Policy(WebSocket(), mode=mode)
    head = handshake(target=target)
    made = decide(head, policy)
    received = feed(ServerNegotiator(policy), head.to_bytes())
    for decision in (made, received):
        assert isinstance(decision, Reject)
        assert decision.status_code == 400
        finding = only_finding(decision)
        assert finding.code == "websocket-scheme-wrong"
        assert (finding.value, finding.offset) == (target, len(b"GET "))


def test_a_uri_of_another_scheme_is_not_a_websocket_to_offers_of_other_protocols() -> None:
    """A broken handshake of one offer does not spoil that of another (RFC 9110 7.8)."""
    head = handshake((b"Upgrade", b"websocket, tcp"), target=b"ftp://host/chat")
    decision = decide(head, Policy(WebSocket(), CustomProtocol("tcp")))
    assert isinstance(decision, Accept101)
    assert decision.token == UpgradeToken("tcp")
    assert only_finding(decision).code == "websocket-scheme-wrong"


KEYS = [
    ("zero octets", base64.b64encode(bytes(16))),
    ("all octets set", base64.b64encode(b"\xff" * 16)),
    ("plus and slash", b"+/+/+/+/+/+/+/+/+/+/+w=="),
    # RFC 4648 3.5: decoders MAY refuse these. Clients in the field send them; it decodes to 16.
    ("padding bits that are not zero", b"dGhlIHNhbXBsZSBub25jZR=="),
]


@pytest.mark.parametrize("key", [pytest.param(key, id=name) for name, key in KEYS])
def test_a_key_is_answered_as_it_stands(key: bytes) -> None:
    """RFC 6455 4.2.2: the text is hashed, not what it decodes to."""
    decision = answer(handshake((b"Sec-WebSocket-Key", key)))
    assert isinstance(decision, Accept101)
    assert values(decision.headers, b"sec-websocket-accept") == [accept_key(key)]


@given(st.binary(min_size=16, max_size=16))
def test_any_16_octets_in_base64_are_a_key(octets: bytes) -> None:
    decision = answer(handshake((b"Sec-WebSocket-Key", base64.b64encode(octets))))
    assert isinstance(decision, Accept101)


BAD_KEYS = [
    ("empty", b""),
    ("15 octets", base64.b64encode(bytes(15))),
    ("17 octets", base64.b64encode(bytes(17))),
    ("32 octets", base64.b64encode(bytes(32))),
    ("18 octets, no padding", base64.b64encode(bytes(18))),
    ("no padding", KEY[:-2]),
    ("half the padding", KEY[:-1]),
    ("too much padding", KEY + b"="),
    ("padding inside", b"dGhlIHNhbXBsZSB=ub25jZQ="),
    ("URL-safe alphabet", b"-_-_-_-_-_-_-_-_-_-_-w=="),
    ("white space inside", b"dGhlIHNhbXBsZSB ub25jZQ=="),
    ("white space in place of a digit", b"dGhlIHNhbXBs ZSBub25jZQ="),
    ("junk inside", b"dGhlIHNhbXBs!ZSBub25jZQ=="),
    ("junk behind", KEY + b"x"),
    ("a parameter", KEY + b"; a=b"),
    ("a list of two", KEY + b", " + KEY),
    ("a quoted key", b'"' + KEY + b'"'),
    ("obs-text", b"dGhlIHNhbXBsZSBub25j\xe9Q=="),
    ("no-break space", KEY + b"\xa0"),
    ("next line", b"\x85" + KEY),
    ("not base64 at all", b"not base64"),
    ("24 signs of equality", b"=" * 24),
    ("full-width", "\N{FULLWIDTH LATIN SMALL LETTER D}".encode() * 8),
]


@pytest.mark.parametrize("key", [pytest.param(key, id=name) for name, key in BAD_KEYS])
def test_what_does_not_decode_to_16_octets_is_no_key(key: bytes) -> None:
    """RFC 6455 4.2.1 item 5."""
    decision = answer(handshake((b"Sec-WebSocket-Key", key)))
    assert status(decision) == 400
    finding = only_finding(decision)
    assert finding.code == "websocket-key-malformed"
    assert (finding.field, finding.value) == ("Sec-WebSocket-Key", key[:128])
    assert finding.clause == "RFC 6455 4.2.1"


def test_a_key_that_is_missing_is_named() -> None:
    """RFC 6455 4.2.1 item 5."""
    decision = answer(handshake(without=[b"Sec-WebSocket-Key"]))
    assert status(decision) == 400
    finding = only_finding(decision)
    assert (finding.code, finding.field) == ("websocket-key-missing", "Sec-WebSocket-Key")
    assert (finding.value, finding.offset) == (None, None)


@pytest.mark.parametrize("second", [KEY, base64.b64encode(bytes(16)), b""])
def test_a_key_is_there_once(second: bytes) -> None:
    """RFC 6455 11.3.1: more than one MUST NOT be, even of the same value."""
    decision = answer(handshake((b"Sec-WebSocket-Key", KEY), (b"sec-websocket-key", second)))
    assert status(decision) == 400
    assert only_finding(decision).code == "websocket-key-repeated"
    assert only_finding(decision).value == second


@pytest.mark.parametrize("version", [b"0", b"4", b"7", b"8", b"12", b"14", b"99", b"100", b"255"])
def test_another_version_draws_426_with_those_spoken(version: bytes) -> None:
    """RFC 6455 4.2.2 item 4, 4.4; RFC 9110 15.5.22."""
    decision = answer(handshake((b"Sec-WebSocket-Version", version)))
    assert isinstance(decision, Require426)
    assert values(decision.headers, b"upgrade") == [b"websocket"]
    assert values(decision.headers, b"sec-websocket-version") == [b"13"]
    finding = only_finding(decision)
    assert finding.code == "websocket-version-unsupported"
    assert finding.value == version


BAD_VERSIONS = [
    ("empty", b""),
    ("a list", b"13, 8"),
    ("a list with 13 last", b"8,13"),
    ("the same twice", b"13, 13"),
    ("a leading zero", b"013"),
    ("many leading zeros", b"0" * 20 + b"13"),
    ("double zero", b"00"),
    ("beyond an octet", b"256"),
    ("three digits", b"999"),
    ("huge", b"1" * 5000),
    ("a plus", b"+13"),
    ("a minus", b"-13"),
    ("a fraction", b"13.0"),
    ("an underscore", b"1_3"),
    ("an exponent", b"13e0"),
    ("hexadecimal", b"0xd"),
    ("quoted", b'"13"'),
    ("white space inside", b"1 3"),
    ("behind a no-break space", b"13\xa0"),
    ("behind a next line", b"\x8513"),
    ("full-width digits", "\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT THREE}".encode()),
    ("superscript", b"\xb9\xb3"),
    ("a word", b"thirteen"),
    ("a parameter", b"13;q=1"),
]


@pytest.mark.parametrize("version", [pytest.param(value, id=name) for name, value in BAD_VERSIONS])
def test_what_is_no_number_to_255_is_no_version(version: bytes) -> None:
    """RFC 6455 4.3; 4.4: whatever was wrong with it, the versions spoken are told."""
    decision = answer(handshake((b"Sec-WebSocket-Version", version)))
    assert isinstance(decision, Reject)
    assert decision.status_code == 400
    assert values(decision.headers, b"sec-websocket-version") == [b"13"]
    finding = only_finding(decision)
    assert finding.code == "websocket-version-malformed"
    assert finding.value == version[:128]


def test_a_version_that_is_missing_draws_400_with_those_spoken() -> None:
    """RFC 6455 4.2.1 item 6."""
    decision = answer(handshake(without=[b"Sec-WebSocket-Version"]))
    assert isinstance(decision, Reject)
    assert decision.status_code == 400
    assert values(decision.headers, b"sec-websocket-version") == [b"13"]
    assert only_finding(decision).code == "websocket-version-missing"


@pytest.mark.parametrize(("first", "second"), [(b"13", b"13"), (b"8", b"13"), (b"13", b"8")])
def test_a_version_is_there_once(first: bytes, second: bytes) -> None:
    """RFC 6455 11.3.5."""
    name = b"Sec-WebSocket-Version"
    decision = answer(handshake((name, first), (name, second)))
    assert status(decision) == 400
    assert only_finding(decision).code == "websocket-version-repeated"
    assert only_finding(decision).value == second


@pytest.mark.parametrize(
    ("version", "expected"), [(b"13", 101), (b"8", 101), (b"7", 426), (b"13, 8", 400), (b"80", 426)]
)
def test_several_versions_may_be_spoken(version: bytes, expected: int) -> None:
    """RFC 6455 4.4: all of them are told, the preferred one first."""
    decision = answer(handshake((b"Sec-WebSocket-Version", version)), WebSocket(versions=(13, 8)))
    assert status(decision) == expected
    told = [b"13, 8"] if expected != 101 else []
    assert isinstance(decision, Accept101 | Reject | Require426)
    assert values(decision.headers, b"sec-websocket-version") == told


@pytest.mark.parametrize("versions", [(), (-1,), (256,), (13, 1000)])
def test_versions_are_numbers_to_255(versions: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="0 to 255"):
        WebSocket(versions=versions)


@pytest.mark.parametrize(
    "method", [b"POST", b"PUT", b"HEAD", b"OPTIONS", b"DELETE", b"PATCH", b"get", b"GETS", b"GE"]
)
def test_the_method_is_get(method: bytes) -> None:
    """RFC 6455 4.2.1 item 1; RFC 9110 15.5.6; RFC 9112 3.1: methods have case."""
    decision = answer(handshake(method=method))
    assert isinstance(decision, Reject)
    assert decision.status_code == 405
    assert values(decision.headers, b"allow") == [b"GET"]
    finding = only_finding(decision)
    assert (finding.code, finding.value, finding.offset) == ("method-not-allowed", method, 0)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ((b"Content-Length", b"5"), 400),
        ((b"Content-Length", b"005"), 400),
        ((b"Transfer-Encoding", b"chunked"), 400),
        ((b"Transfer-Encoding", b"gzip, chunked"), 400),
        ((b"Content-Length", b"0"), 101),
        ((b"Content-Length", b"000"), 101),
    ],
)
def test_a_handshake_has_no_body(field: Field, expected: int) -> None:
    """CVE-2026-69243, CVE-2022-41721: octets of a body never reach the new protocol."""
    decision = answer(handshake(field))
    assert status(decision) == expected
    if expected == 400:
        finding = only_finding(decision)
        assert finding.code == "body-not-allowed"
        assert (finding.field, finding.value) == (field[0].decode("ascii"), field[1])


@pytest.mark.parametrize("http_version", [b"1.1", b"1.2", b"1.9"])
def test_the_version_of_http_is_1_1_or_higher(http_version: bytes) -> None:
    """RFC 6455 4.2.1 item 1; RFC 9110 2.5."""
    decision = answer(handshake(http_version=http_version))
    assert isinstance(decision, Accept101)
    assert decision.to_bytes().startswith(b"HTTP/1.1 101 ")


def test_other_fields_are_ignored() -> None:
    """RFC 6455 4.2.1 item 10."""
    fields = [(b"Cookie", b"a=b"), (b"Sec-WebSocket-Own", b"\xff"), (b"X", b"")]
    assert status(answer(handshake(*fields))) == 101


# What is wrong, and the status of all of it together.
SEVERAL = [
    (405, b"POST", [(b"Sec-WebSocket-Version", b"8"), (b"Sec-WebSocket-Key", b"x")]),
    (426, b"GET", [(b"Sec-WebSocket-Version", b"8"), (b"Sec-WebSocket-Key", b"x")]),
    (426, b"GET", [(b"Sec-WebSocket-Version", b"8"), (b"Origin", b"http://evil")]),
    (400, b"GET", [(b"Sec-WebSocket-Key", b"x"), (b"Origin", b"http://evil")]),
    (403, b"GET", [(b"Host", b"evil"), (b"Origin", b"http://evil")]),
]


@pytest.mark.parametrize(("expected", "method", "fields"), SEVERAL)
def test_the_status_says_what_to_mend_first(
    expected: int, method: bytes, fields: list[Field]
) -> None:
    offer = WebSocket(origins=["http://good"], hosts=["server.example"])
    decision = answer(handshake(*fields, method=method), offer)
    assert status(decision) == expected
    assert len(decision.findings) >= 2


def test_every_check_that_fails_is_reported() -> None:
    """Not only the first, as all peers do."""
    head = handshake(
        (b"Host", b"evil"),
        (b"Sec-WebSocket-Key", b"x"),
        (b"Sec-WebSocket-Version", b"8"),
        (b"Sec-WebSocket-Protocol", b"a b"),
        (b"Sec-WebSocket-Extensions", b"a b"),
        (b"Origin", b"http://evil"),
        (b"Content-Length", b"1"),
        method=b"POST",
    )
    decision = answer(head, WebSocket(origins=["http://good"], hosts=["good"]))
    assert sorted(codes(decision)) == [
        "body-not-allowed",
        "extensions-malformed",
        "host-not-allowed",
        "method-not-allowed",
        "origin-not-allowed",
        "subprotocols-malformed",
        "websocket-key-malformed",
        "websocket-version-unsupported",
    ]
    assert isinstance(decision, Reject)
    assert values(decision.headers, b"allow") == [b"GET"]
    assert values(decision.headers, b"sec-websocket-version") == [b"13"]


def test_findings_say_where_the_fault_is() -> None:
    head = RequestHead.parse(
        handshake((b"Sec-WebSocket-Protocol", b"chat, a b"), (b"Origin", b"a")).to_bytes()
    )
    decision = answer(head, WebSocket(origins=["http://good"]))
    places = {each.code: each.offset for each in decision.findings}
    assert places["subprotocols-malformed"] == head.to_bytes().index(b"b\r\nOrigin")
    assert places["origin-not-allowed"] == head.to_bytes().index(b"a\r\n\r\n")


def test_a_real_client_opens_with_its_subprotocol() -> None:
    client = ClientProtocol(
        parse_uri("ws://server.example:8080/chat"), subprotocols=[Subprotocol("chat")]
    )
    client.send_request(client.connect())
    decision = answer(
        RequestHead.parse(b"".join(client.data_to_send())), WebSocket(["mqtt", "chat"])
    )
    assert isinstance(decision, Accept101)
    client.receive_data(decision.to_bytes())
    assert client.state is State.OPEN
    assert client.subprotocol == "chat"


def test_a_token_with_a_version_is_another_protocol() -> None:
    """The registry has no versions of websocket."""
    assert isinstance(answer(handshake((b"Upgrade", b"websocket/13"))), Passthrough)


def test_an_agreement_holds_what_both_ends_keep_to() -> None:
    head = handshake(
        (b"Sec-WebSocket-Protocol", b"chat, mqtt"),
        (b"Sec-WebSocket-Extensions", b"permessage-deflate, foo"),
    )
    decision = answer(head, WebSocket(["chat"]))
    assert isinstance(decision, Accept101)
    extensions = (Extension("permessage-deflate"),)
    assert decision.agreement == WebSocketAgreement("chat", extensions, ACCEPT)


@pytest.mark.parametrize(
    ("field", "is_plain"), [(None, True), ((b"Sec-WebSocket-Extensions", b"x"), False)]
)
def test_upgrade_without_any_field_of_a_websocket_is_told_by_its_usual_cause(
    field: tuple[bytes, bytes] | None, is_plain: bool
) -> None:
    fields = [(b"Host", b"a"), (b"Connection", b"upgrade"), (b"Upgrade", b"websocket")]
    head = RequestHead(b"GET", b"/", [*fields, *([field] if field else [])])
    first, second = decide(head, Policy(WebSocket())).findings
    assert (first.code, second.code) == ("websocket-version-missing", "websocket-key-missing")
    assert ("a proxy that sets Upgrade on every request" in first.hint) is is_plain


@pytest.mark.parametrize(
    ("offer", "shown"),
    [
        (WebSocket(), "WebSocket(versions=(13,))"),
        (WebSocket(["a"], versions=(13, 8)), "WebSocket(<1 subprotocol>, versions=(13, 8))"),
        (WebSocket(["a", "b"]), "WebSocket(<2 subprotocols>, versions=(13,))"),
    ],
)
def test_its_repr_counts_subprotocols_and_shows_none(offer: WebSocket, shown: str) -> None:
    assert repr(offer) == shown


def test_another_version_of_an_offer_says_that_version_alone() -> None:
    offer = WebSocket(["a"], versions=(13, 8))
    assert offer.headers_for_426 == ((b"Sec-WebSocket-Version", b"13, 8"),)
    other = offer.with_version(8)
    assert other.versions == (8,)
    assert other.headers_for_426 == ((b"Sec-WebSocket-Version", b"8"),)
    assert other.handshake_fields(b"k").headers[:2] == (
        (b"Sec-WebSocket-Version", b"8"),
        (b"Sec-WebSocket-Key", b"k"),
    )
    assert (offer.versions, type(other)) == ((13, 8), WebSocket)


def test_a_client_without_a_common_version_is_told_those_of_the_server() -> None:
    """RFC 6455 4.2.2."""
    refused = b"HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 8, 7\r\n\r\n"
    response = ResponseHead.parse(refused)
    token = UpgradeToken("websocket")
    refusal = UpgradeRefusal(token, handshake(), response, True, True, False)
    advice = WebSocket().advise(refusal)
    assert isinstance(advice, NothingInCommon)
    finding = advice.finding
    assert (finding.field, finding.value) == ("Sec-WebSocket-Version", b"8, 7")
    common = WebSocket(versions=(7, 8)).advise(refusal)
    assert isinstance(common, UseWebSocketVersion)
    assert common.version == 7


@pytest.mark.parametrize(("was_asked", "kind"), [(True, UseWebSocketVersion), (False, Retry)])
def test_a_version_that_was_not_asked_for_is_another_one(was_asked: bool, kind: type) -> None:
    """A request of version 8 is told to use 13; one that asked for nothing, to ask."""
    response = ResponseHead.parse(
        b"HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    asked = handshake((b"Sec-WebSocket-Version", b"8"))
    token = UpgradeToken("websocket")
    refusal = UpgradeRefusal(token, asked, response, was_asked, True, False)
    assert isinstance(WebSocket(versions=(13, 8)).advise(refusal), kind)


class Refusing(WebSocket):
    """A class that inherits, and judges otherwise."""

    __slots__ = ()

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        return Ignored()


def test_a_class_that_inherits_is_asked_itself() -> None:
    head = RequestHead.parse(handshake().to_bytes())
    assert isinstance(decide(head, Policy(WebSocket())), Accept101)
    assert isinstance(decide(head, Policy(Refusing())), Passthrough)


def test_a_function_that_chooses_no_subprotocol_is_asked_once() -> None:
    asked: list[tuple[str, ...]] = []

    def choose(offered: tuple[str, ...], head: RequestHead) -> None:
        asked.append(offered)

    offer = WebSocket(select_subprotocol=choose, require_subprotocol=True)
    head = RequestHead.parse(handshake((b"Sec-WebSocket-Protocol", b"a, b")).to_bytes())
    assert isinstance(decide(head, Policy(offer)), Reject)
    assert asked == [("a", "b")]


def test_an_offer_that_no_client_can_make_says_so_when_one_asks() -> None:
    """RFC 6455 4.1."""
    offer = WebSocket(["chat", "chat"])
    with pytest.raises(ValueError, match=r"^subprotocols names one of them twice"):
        offer.handshake_fields(b"k")


def test_the_name_of_an_extension_is_a_token() -> None:
    class Broken:
        name = "a b"

        def accept(self, offer: Extension) -> Extension | None:
            return None

    with pytest.raises(ValueError, match=r"^extensions holds one whose name is not a token: 'a b'"):
        WebSocket(extensions=[Broken()])
