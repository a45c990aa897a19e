"""TLS under HTTP/1.1: who is switched, and that nothing in the clear is trusted behind it."""

import json
import ssl
import sys
from typing import Any, Final

import pytest
from feeding import feed, hear_head
from hypothesis import example, given
from hypothesis import strategies as st
from strategies_decide import codes
from strategies_decide import handshake as handshake_head
from transcript import Transcript, chunked
from wire import asks_for, drive, plain, splits

from httpupgrade import (
    H2C,
    TLS,
    Accept101,
    CustomProtocol,
    HeadNegotiator,
    LocalProtocolError,
    Passthrough,
    Policy,
    Refusal,
    RefusalReport,
    Reject,
    RequestHead,
    Require426,
    ServerNegotiator,
    ServerState,
    TLSAgreement,
    UpgradeToken,
    WebSocket,
    decide,
)
from httpupgrade.offers import Agreed, Offer, OfferResult

OFFER: Final = TLS("1.3", "1.2")
OPTIONAL: Final = Policy(OFFER)
REQUIRED: Final = Policy(OFFER, mode="required")

OPTIONS: Final = b"OPTIONS * HTTP/1.1"
CUPS: Final = asks_for(b"TLS/1.2,TLS/1.1,TLS/1.0", line=OPTIONS)
HELLO: Final = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"

TLS_1_2: Final = UpgradeToken("TLS", "1.2")
HTTP_1_1: Final = UpgradeToken("HTTP", "1.1")


def accepted(octets: bytes = CUPS, policy: Policy = REQUIRED) -> tuple[ServerNegotiator, Accept101]:
    machine = ServerNegotiator(policy)
    event = feed(machine, octets)
    assert isinstance(event, Accept101)
    return machine, event


# --- The ways of RFC 2817 -----------------------------------------------------------------------


def test_the_101_names_the_layers_from_the_lowest_up() -> None:
    """RFC 2817 3.3."""
    machine, accept = accepted()
    assert accept.token == TLS_1_2
    assert accept.tokens == (TLS_1_2, HTTP_1_1)
    assert accept.agreement == TLSAgreement("1.2")
    assert accept.takes_early_data is False
    assert machine.send(accept) == (
        b"HTTP/1.1 101 Switching Protocols\r\n"
        b"Upgrade: TLS/1.2, HTTP/1.1\r\nConnection: Upgrade\r\n\r\n"
    )
    assert machine.state is ServerState.SWITCHED
    assert machine.trailing_data == b""


def test_a_426_lists_the_versions_in_order_and_what_goes_on_inside() -> None:
    """RFC 2817 4.2: the connection lives on, so that the client can begin on it."""
    run = drive([plain(), CUPS], REQUIRED)
    assert run.said == "426, 101"
    assert run.responses[0].fields(b"upgrade") == (b"TLS/1.3, TLS/1.2, HTTP/1.1",)
    assert run.responses[0].fields(b"connection") == (b"upgrade",)
    assert b"served over TLS/1.3 or TLS/1.2 only" in run.responses[0].body
    assert b"    Upgrade: TLS/1.3, TLS/1.2, HTTP/1.1\n" in run.responses[0].body
    as_json = drive(plain(b"Accept: application/json"), REQUIRED).last.body
    assert json.loads(as_json)["required"] == ["TLS/1.3", "TLS/1.2"]


def test_the_server_prefers_in_its_order_and_the_client_in_its_own() -> None:
    octets = asks_for(b"TLS/1.2, TLS/1.3, HTTP/1.1", line=OPTIONS)
    for order, version in (("server", "1.3"), ("client", "1.2")):
        _, accept = accepted(octets, Policy(OFFER, order=order))  # type: ignore[arg-type]
        assert accept.agreement == TLSAgreement(version)


def test_http_1_1_in_front_is_no_choice_of_its_own() -> None:
    octets = asks_for(b"HTTP/1.1, TLS/1.2", line=OPTIONS)
    _, accept = accepted(octets, Policy(OFFER, order="client"))
    assert accept.tokens == (TLS_1_2, HTTP_1_1)
    assert accept.findings == ()


def test_nor_beside_another_offer_of_tls() -> None:
    octets = asks_for(b"HTTP/1.1, TLS/1.2", line=OPTIONS)
    _, accept = accepted(octets, Policy(TLS("1.3"), TLS("1.2")))
    assert accept.agreement == TLSAgreement("1.2")
    assert accept.findings == ()


def test_http_1_1_alone_is_nothing_to_change_to() -> None:
    for policy, expected in ((OPTIONAL, Passthrough), (REQUIRED, Require426)):
        decision = decide(RequestHead.parse(asks_for(b"HTTP/1.1", line=OPTIONS)), policy)
        assert type(decision) is expected
        assert codes(decision) == ("no-common-protocol",)


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(asks_for(b"TLS/1.2"), id="GET"),
        pytest.param(asks_for(b"TLS/1.2", line=b"HEAD / HTTP/1.1"), id="HEAD"),
        pytest.param(
            asks_for(b"TLS/1.2", b"Content-Length: 2", body=b"hi", line=b"OPTIONS / HTTP/1.1"),
            id="OPTIONS with a body",
        ),
        pytest.param(
            asks_for(b"TLS/1.2", b"Transfer-Encoding: chunked", body=chunked(b"hi"), line=OPTIONS),
            id="OPTIONS with a chunked body",
        ),
        pytest.param(
            asks_for(b"TLS/1.2, HTTP/1.1", b"Content-Length: 2", body=b"hi"), id="POST with a body"
        ),
        pytest.param(asks_for(b"TLS/1.2", line=b"OPTIONS /a HTTP/1.1"), id="OPTIONS of a path"),
        pytest.param(
            asks_for(b"TLS/1.2", line=b"OPTIONS http://evil.example/a HTTP/1.1"),
            id="OPTIONS of another host",
        ),
    ],
)
def test_any_other_request_is_one_in_the_clear(octets: bytes) -> None:
    """RFC 2817 3.1 lets the answer come in the clear; 3.2 has who insists begin with OPTIONS."""
    passed, refused = drive(octets, OPTIONAL), drive(octets, REQUIRED)
    assert passed.said == "pass"
    assert refused.said == "426 close"
    assert passed.codes == refused.codes == ("tls-needs-options",)


@pytest.mark.parametrize(
    "wanted",
    [b"TLS", b"TLS/1", b"TLS/1.1", b"TLS/1.20", b"TLS/01.2", b"TLS /1.2", b"TLSv1.2", b"xTLS/1.2"],
)
def test_other_versions_and_misspelt_ones_are_ignored(wanted: bytes) -> None:
    octets = asks_for(wanted, line=OPTIONS)
    assert drive(octets, OPTIONAL).said == "pass"
    assert drive(octets, REQUIRED).said == "426 close"


@pytest.mark.parametrize("wanted", [b"tls/1.2", b"Tls/1.2", b"TLS/1.2", b"foo, tls/1.2"])
def test_the_name_is_compared_without_regard_to_case(wanted: bytes) -> None:
    assert drive(asks_for(wanted, line=OPTIONS), REQUIRED).accepted.agreement == TLSAgreement("1.2")


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (asks_for(b"TLS/1.2", line=b"OPTIONS * HTTP/1.0"), "upgrade-in-http-1.0"),
        (plain(b"Upgrade: TLS/1.2", line=OPTIONS), "upgrade-option-missing"),
        (asks_for(b"TLS/1.2, @", line=OPTIONS), "upgrade-malformed"),
    ],
)
def test_what_does_not_count_as_asking_does_not_begin_tls(octets: bytes, code: str) -> None:
    for policy in (OPTIONAL, REQUIRED):
        run = drive(octets, policy)
        assert "101" not in run.said
        assert code in run.codes


# --- Inside TLS ---------------------------------------------------------------------------------


def test_inside_tls_there_is_no_such_offer() -> None:
    assert OFFER.tokens(secure=True) == ()
    for policy in (OPTIONAL, REQUIRED, Policy(OFFER, mode="advertise")):
        run = drive([CUPS, plain()], policy, secure=True)
        assert run.said == "pass, pass"
        assert all(
            isinstance(each, Passthrough) and each.advertisement == () for each in run.decisions
        )


def test_inside_tls_the_others_of_a_policy_are_left() -> None:
    policy = Policy(OFFER, H2C(), WebSocket(), mode="required")
    outside, inside = (drive(plain(), policy, secure=secure).last for secure in (False, True))
    assert outside.fields(b"upgrade") == (b"TLS/1.3, TLS/1.2, HTTP/1.1, h2c, websocket",)
    assert inside.fields(b"upgrade") == (b"websocket",)


class Stubborn(Offer):
    """An offer of TLS that does not look where it is."""

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (TLS_1_2,)

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        return Agreed(token, layers=(token, HTTP_1_1))


@pytest.mark.parametrize("secure", [True, False])
def test_an_offer_of_tls_of_a_users_is_taken_at_its_word(secure: bool) -> None:
    machine = ServerNegotiator(Policy(Stubborn()), secure=secure)
    accept = feed(machine, asks_for(b"TLS/1.2"))
    assert isinstance(accept, Accept101)
    assert b"\r\nUpgrade: TLS/1.2, HTTP/1.1\r\n" in machine.send(accept)


def test_a_callers_own_acceptance_begins_no_tls_inside_tls() -> None:
    machine = ServerNegotiator(Policy(OFFER, CustomProtocol("tcp")), secure=True)
    waiting = feed(machine, asks_for(b"tcp, TLS/1.2", line=OPTIONS))
    assert isinstance(waiting, Accept101)
    own = Accept101(TLS_1_2, tokens=(TLS_1_2, HTTP_1_1), takes_early_data=False)
    with pytest.raises(LocalProtocolError, match=r"no offer of the policy names TLS/1.2 on this"):
        machine.send(own)
    machine.send(waiting)


# --- Octets before the 101 (CVE-2025-49812, RFC 9931) -------------------------------------------


@pytest.mark.parametrize("early", [HELLO, HELLO[:1], b"GET /admin HTTP/1.1\r\n\r\n", b"\r\n"])
def test_octets_that_come_with_the_request_draw_400_and_are_dropped(early: bytes) -> None:
    dialogue = Transcript(REQUIRED)
    reject = dialogue.hears(CUPS + early, Reject)
    assert (reject.status_code, reject.close) == (400, True)
    assert codes(reject) == ("early-data-not-taken",)
    assert dialogue.trailing == b""
    assert dialogue.answers().startswith(b"HTTP/1.1 400 ")
    assert dialogue.state is ServerState.CLOSED


def test_octets_that_come_before_the_101_is_sent_draw_400_too() -> None:
    dialogue = Transcript(REQUIRED)
    accept = dialogue.hears(CUPS, Accept101)
    dialogue.hears(HELLO, Reject)
    dialogue.refuses(accept)
    dialogue.answers()
    assert dialogue.state is ServerState.CLOSED


def test_the_request_may_be_cut_anywhere_before_its_early_octets() -> None:
    for pieces in splits(CUPS + HELLO):
        machine = ServerNegotiator(REQUIRED)
        events = [feed(machine, piece) for piece in pieces]
        (reject,) = (event for event in events if isinstance(event, Reject))
        assert codes(reject) == ("early-data-not-taken",)


def test_behind_the_101_octets_are_no_longer_looked_at() -> None:
    machine, accept = accepted()
    machine.send(accept)
    with pytest.raises(LocalProtocolError, match="belongs to the new protocol"):
        feed(machine, HELLO)


def test_a_callers_own_acceptance_takes_no_early_octets_either() -> None:
    policy = Policy(CustomProtocol("tcp"), OFFER)
    machine = ServerNegotiator(policy)
    waiting = feed(machine, asks_for(b"tcp, TLS/1.2", line=OPTIONS, body=HELLO))
    assert isinstance(waiting, Accept101)
    assert waiting.takes_early_data is True
    eager = Accept101(TLS_1_2, tokens=(TLS_1_2, HTTP_1_1))
    with pytest.raises(LocalProtocolError, match="TLS takes no early data"):
        machine.send(eager)
    for own in (
        eager.replace(takes_early_data=False),
        waiting.replace(takes_early_data=False),
        Accept101(waiting.token, takes_early_data=False),
    ):
        with pytest.raises(LocalProtocolError, match="octets are there"):
            machine.send(own)
    assert machine.send(waiting).startswith(b"HTTP/1.1 101 ")
    assert machine.trailing_data == HELLO


class Strict(Offer):
    """A protocol of a user's that takes nothing early."""

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (UpgradeToken("strict"),)

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        return Agreed(token, takes_early_data=False, reads_body=True)


def test_a_renderer_that_raises_does_not_let_early_octets_in() -> None:
    attempts = []

    def render(_: RefusalReport) -> tuple[bytes, bytes]:
        attempts.append("")
        if len(attempts) < 3:
            raise RuntimeError("no template")
        return b"text/plain", b"no"

    machine = ServerNegotiator(Policy(Strict(), refusal=Refusal(body=render)))
    with pytest.raises(RuntimeError):
        feed(machine, asks_for(b"strict", body=b"early"))
    with pytest.raises(RuntimeError):
        machine.next_event()
    with pytest.raises(LocalProtocolError, match="octets are there"):
        machine.send(Accept101(UpgradeToken("strict")))
    reject = machine.next_event()
    assert isinstance(reject, Reject)
    assert machine.send(reject).endswith(b"no")


def test_octets_behind_a_body_that_was_read_first_are_early_too() -> None:
    octets = asks_for(b"strict", b"Content-Length: 2", body=b"hi")
    dialogue = Transcript(Policy(Strict()))
    accept = dialogue.hears(octets, Accept101)
    assert accept.request_body == b"hi"
    dialogue = Transcript(Policy(Strict()))
    reject = dialogue.hears(octets + b"early", Reject)
    assert codes(reject) == ("early-data-not-taken",)


@pytest.mark.parametrize(
    "tokens",
    [
        pytest.param((TLS_1_2,), id="nothing above"),
        pytest.param((HTTP_1_1, TLS_1_2), id="the wrong way round"),
        pytest.param((TLS_1_2, HTTP_1_1, HTTP_1_1), id="one too many"),
    ],
)
def test_a_callers_own_acceptance_keeps_the_order_of_layers(
    tokens: tuple[UpgradeToken, ...],
) -> None:
    machine, accept = accepted()
    with pytest.raises(LocalProtocolError, match="lowest layer"):
        machine.send(Accept101(TLS_1_2, tokens=tokens))
    machine.send(accept)


def test_a_callers_own_acceptance_has_tls_beneath_http() -> None:
    policy = Policy(CustomProtocol("tcp"), OFFER)
    machine, _ = accepted(asks_for(b"tcp, TLS/1.2, HTTP/1.1", line=OPTIONS), policy)
    own = Accept101(HTTP_1_1, tokens=(UpgradeToken("tcp"), HTTP_1_1), takes_early_data=False)
    with pytest.raises(LocalProtocolError, match="lowest layer"):
        machine.send(own)


def test_a_callers_own_acceptance_does_not_begin_tls_for_other_methods() -> None:
    machine = ServerNegotiator(Policy(OFFER, CustomProtocol("tcp")))
    accept = feed(machine, asks_for(b"TLS/1.2, tcp"))
    assert isinstance(accept, Accept101)
    with pytest.raises(LocalProtocolError, match="begins with OPTIONS"):
        machine.send(Accept101(TLS_1_2, tokens=(TLS_1_2, HTTP_1_1), takes_early_data=False))
    machine.send(accept)


def test_a_head_that_another_parser_read_says_that_early_octets_are_not_taken() -> None:
    machine = HeadNegotiator(REQUIRED)
    decision = hear_head(machine, RequestHead.parse(CUPS))
    assert isinstance(decision, Accept101)
    assert decision.takes_early_data is False
    assert b"TLS/1.2, HTTP/1.1" in machine.send(decision)


# --- Laws ---------------------------------------------------------------------------------------


LINES: Final = (
    b"Upgrade: TLS/1.2",
    b"Upgrade: websocket, tls/1.3",
    b"Connection: Upgrade",
    b"Connection: close",
    b"Host: a",
    b"Content-Length: 0",
    b"Content-Length: 2",
)


@given(
    st.sampled_from((b"OPTIONS", b"GET", b"POST", b"options")),
    st.sampled_from((b"*", b"/", b"http://a/", b"a:443")),
    st.lists(st.sampled_from(LINES), unique=True),
    st.booleans(),
)
@example(b"OPTIONS", b"*", [LINES[0], LINES[2], LINES[4]], False)
def test_tls_is_begun_only_by_options_in_the_clear(
    method: bytes, target: bytes, lines: list[bytes], secure: bool
) -> None:
    fields = [(name, value) for name, _, value in (line.partition(b": ") for line in lines)]
    head = RequestHead(method, target, fields)
    decision = decide(head, Policy(OFFER, WebSocket()), secure=secure)
    begins = isinstance(decision, Accept101) and isinstance(decision.agreement, TLSAgreement)
    asked = LINES[0] in lines or LINES[1] in lines
    sound = LINES[4] in lines and not (LINES[5] in lines and LINES[6] in lines)
    assert begins == (
        (method, target) == (b"OPTIONS", b"*")
        and asked
        and sound
        and LINES[2] in lines
        and LINES[6] not in lines
        and not secure
    )


def test_it_does_not_spoil_another_protocol() -> None:
    head = handshake_head((b"Upgrade", b"TLS/1.2, websocket"))
    decision = decide(head, Policy(OFFER, WebSocket(), mode="required"))
    assert isinstance(decision, Accept101)
    assert str(decision.token) == "websocket"
    assert codes(decision) == ("tls-needs-options",)


# --- The hand-over ------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "emscripten", reason="WebAssembly has no TLS")
def test_the_python_library_goes_on_from_there() -> None:
    """A client's hello, sent behind the 101, is answered with TLS records, not with HTTP."""
    machine, accept = accepted()
    machine.send(accept)
    client_in, client_out, server_in, server_out = (ssl.MemoryBIO() for _ in range(4))
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client = client_context.wrap_bio(client_in, client_out, server_hostname="a.example")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).wrap_bio(
        server_in, server_out, server_side=True
    )
    server_in.write(machine.trailing_data + client_out.read())
    with pytest.raises(ssl.SSLError, match=r"NO_SHARED_CIPHER|no shared cipher|NO_SUITABLE"):
        server.do_handshake()  # it has read the hello, and has no certificate to answer with


# --- Making one ---------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3", "9.9"])
def test_any_version_of_the_registrys_form_can_be_offered(version: str) -> None:
    assert TLS(version).tokens(secure=False) == (UpgradeToken("TLS", version), HTTP_1_1)


@pytest.mark.parametrize(
    "versions",
    [
        (),
        (1.3,),
        (None,),
        ("1.2", "1.2"),
        ("1",),
        ("TLS/1.2",),
        ("1.2 ",),
        ("",),
        ("\u0661.2",),
        ("1.23",),
    ],
)
def test_what_is_no_version_cannot_be_offered(versions: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=r"TLS|^each of versions is a str"):
        TLS(*versions)


def test_a_426_for_it_needs_nothing_more() -> None:
    assert OFFER.headers_for_426 == ()
