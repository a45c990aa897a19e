"""HTTP/2 over cleartext: who gets it, and that a real HTTP/2 library goes on from there."""

import base64
import struct
from pathlib import Path
from typing import Final

import pytest
from feeding import feed
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, Event, ResponseReceived, SettingsAcknowledged, StreamEnded
from hypothesis import given
from hypothesis import strategies as st
from strategies_decide import Field, codes, handshake, request, values

from httpupgrade import (
    H2C,
    Accept101,
    Continue100,
    CustomProtocol,
    H2CAgreement,
    LocalProtocolError,
    Passthrough,
    Policy,
    Reject,
    RequestHead,
    Require426,
    ServerNegotiator,
    UpgradeToken,
    WebSocket,
    decide,
)

REQUESTS: Final = Path(__file__).parents[1] / "corpus" / "requests"
SETTINGS: Final = b"AAMAAABkAAQCAAAAAAIAAAAA"
"""curl's: 100 streams, a window of 32 MiB, no push."""
OPTIONAL: Final = Policy(H2C())
REQUIRED: Final = Policy(H2C(), mode="required")

UPGRADE: Final = (b"Upgrade", b"h2c")
OPTIONS: Final = (b"Connection", b"Upgrade, HTTP2-Settings")


def asking(*fields: Field, method: bytes = b"GET", settings: bytes = SETTINGS) -> RequestHead:
    offer = (UPGRADE, OPTIONS, (b"HTTP2-Settings", settings))
    gone = {name.lower() for name, _ in fields}
    kept = [field for field in offer if field[0].lower() not in gone]
    return request(*kept, *(field for field in fields if field[1] != b"-"), method=method)


def encoded(*parameters: tuple[int, int]) -> bytes:
    payload = b"".join(struct.pack(">HI", *each) for each in parameters)
    return base64.urlsafe_b64encode(payload)


# --- Who gets it --------------------------------------------------------------------------------


def test_a_good_request_gets_what_an_http_2_library_is_given() -> None:
    decision = decide(asking(), REQUIRED)
    assert isinstance(decision, Accept101)
    assert decision.agreement == H2CAgreement(SETTINGS, ((3, 100), (4, 2**25), (2, 0)))
    assert decision.to_bytes() == (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
    )
    assert decision.awaits_body is False


IGNORED: Final = {
    "no settings": ([(b"HTTP2-Settings", b"-")], ["http2-settings-missing"]),
    "two settings": (
        [(b"HTTP2-Settings", SETTINGS), (b"http2-settings", SETTINGS)],
        ["http2-settings-repeated"],
    ),
    "settings not listed": ([(b"Connection", b"Upgrade")], ["http2-settings-option-missing"]),
    "settings listed in part": (
        [(b"Connection", b"Upgrade, HTTP2-Settings-x")],
        ["http2-settings-option-missing"],
    ),
    "neither": (
        [(b"Connection", b"Upgrade"), (b"HTTP2-Settings", b"-")],
        ["http2-settings-option-missing", "http2-settings-missing"],
    ),
}
MALFORMED: Final = {
    "empty": b"",
    "padded": SETTINGS + b"====",
    "not a whole setting": SETTINGS[:-2],
    "an octet too many": SETTINGS + b"AA",
    "base64, not base64url": b"AAQ/////",
    "a list": SETTINGS + b"," + SETTINGS,
    "quoted": b'"' + SETTINGS + b'"',
    "no base64": b"AAMAAAB\xe9",
    "push neither on nor off": encoded((2, 2)),
    "a window too large": encoded((4, 2**31)),
    "a frame too small": encoded((5, 2**14 - 1)),
    "a frame too large": encoded((5, 2**24)),
    "connect protocol neither on nor off": encoded((8, 2)),
    "priorities neither kept nor dropped": encoded((9, 2)),
    "the second one wrong": encoded((4, 1), (4, 2**31)),
}
IGNORED.update(
    (name, ([(b"HTTP2-Settings", value)], ["http2-settings-malformed"]))
    for name, value in MALFORMED.items()
)


@pytest.mark.parametrize(("fields", "expected"), IGNORED.values(), ids=IGNORED)
def test_a_request_that_does_not_keep_to_it_is_one_of_http_1(
    fields: list[Field], expected: list[str]
) -> None:
    """RFC 7540 3.2.1: a server MUST NOT upgrade; it goes on without."""
    head = asking(*fields)
    passed = decide(head, OPTIONAL)
    assert isinstance(passed, Passthrough)
    assert [code for code in codes(passed) if code.startswith("http2-")] == expected
    required = decide(head, REQUIRED)
    assert isinstance(required, Require426)
    assert values(required.headers, b"upgrade") == [b"h2c"]
    for line in (finding.clause for finding in passed.findings):
        assert line.startswith("RFC 7540")


@pytest.mark.parametrize(
    "parameters",
    [
        ((2, 0),),
        ((2, 1), (2, 0)),
        ((4, 0), (4, 2**31 - 1)),
        ((5, 2**14), (5, 2**24 - 1)),
        ((8, 1), (9, 0)),
        ((0, 2**32 - 1), (0xFFFF, 7)),
        ((1, 2**32 - 1), (3, 2**32 - 1), (6, 0)),
    ],
)
def test_settings_within_their_bounds_are_taken_as_they_come(
    parameters: tuple[tuple[int, int], ...],
) -> None:
    decision = decide(asking(settings=encoded(*parameters)), OPTIONAL)
    assert isinstance(decision, Accept101)
    assert decision.agreement == H2CAgreement(encoded(*parameters), parameters)


@given(st.lists(st.tuples(st.integers(10, 2**16 - 1), st.integers(0, 2**32 - 1)), min_size=1))
def test_all_settings_are_read(parameters: list[tuple[int, int]]) -> None:
    decision = decide(asking(settings=encoded(*parameters)), OPTIONAL)
    assert isinstance(decision, Accept101)
    assert isinstance(decision.agreement, H2CAgreement)
    assert decision.agreement.parameters == tuple(parameters)


def test_it_is_never_begun_inside_tls() -> None:
    """RFC 7540 3.3, 3.4."""
    assert isinstance(decide(asking(), OPTIONAL, secure=True), Passthrough)
    assert isinstance(decide(asking(), REQUIRED, secure=True), Passthrough)


@pytest.mark.parametrize("token", [b"h2", b"h2c/1", b"H2", b"h2-14"])
def test_another_token_is_another_protocol(token: bytes) -> None:
    """RFC 7540 3.2: "h2" in an Upgrade field MUST be ignored."""
    assert isinstance(decide(asking((b"Upgrade", token)), OPTIONAL), Passthrough)


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"OPTIONS", b"POST", b"PUT", b"DELETE"])
def test_any_method_may_begin_it_but_connect(method: bytes) -> None:
    assert isinstance(decide(asking(method=method), OPTIONAL), Accept101)


def test_a_tunnel_is_no_stream() -> None:
    fields = [UPGRADE, OPTIONS, (b"HTTP2-Settings", SETTINGS)]
    head = RequestHead(b"CONNECT", b"a.example:1", [(b"Host", b"a.example:1"), *fields])
    decision = decide(head, OPTIONAL)
    assert isinstance(decision, Passthrough)
    assert codes(decision) == ("method-not-allowed",)


def test_an_acceptance_of_a_callers_needs_settings_as_well() -> None:
    both = (b"Upgrade", b"h2c, tcp")
    own = Accept101(UpgradeToken("h2c"))
    for settings, secure, complaint in (
        ((b"HTTP2-Settings", b"-"), False, "HTTP2-Settings"),
        ((b"HTTP2-Settings", SETTINGS), True, "no offer of the policy names h2c on this"),
    ):
        machine = ServerNegotiator(Policy(CustomProtocol("tcp"), H2C()), secure=secure)
        assert isinstance(feed(machine, asking(both, settings).to_bytes()), Accept101)
        with pytest.raises(LocalProtocolError, match=complaint):
            machine.send(own)
    machine = ServerNegotiator(Policy(CustomProtocol("tcp"), H2C()))
    assert isinstance(feed(machine, asking(both).to_bytes()), Accept101)
    assert machine.send(own) == own.to_bytes()


def test_a_client_says_settings_that_a_server_takes() -> None:
    """RFC 7540 3.2.1."""
    offer = H2C(settings=SETTINGS)
    fields = offer.handshake_fields(b"")
    assert fields.headers == ((b"HTTP2-Settings", SETTINGS),)
    assert fields.options == (b"HTTP2-Settings",)
    offer.check_request(asking())
    with pytest.raises(ValueError, match=r"^a client says its settings: H2C\(settings=...\)$"):
        H2C().handshake_fields(b"")
    for value in MALFORMED.values():
        with pytest.raises(ValueError, match=r"^settings is not a SETTINGS payload in base64url$"):
            H2C(settings=value)


# --- Beside others ------------------------------------------------------------------------------


def test_a_broken_offer_of_one_protocol_does_not_spoil_the_other() -> None:
    policy = Policy(H2C(), WebSocket())
    both = (b"Upgrade", b"h2c, websocket")
    without_settings = decide(handshake(both), policy)
    assert isinstance(without_settings, Accept101)
    assert str(without_settings.token) == "websocket"
    settings = ((b"HTTP2-Settings", SETTINGS), OPTIONS)
    without_key = decide(handshake(both, *settings, without=[b"Sec-WebSocket-Key"]), policy)
    assert isinstance(without_key, Accept101)
    assert without_key.token == UpgradeToken("h2c")


@pytest.mark.parametrize(("order", "token"), [("server", "websocket"), ("client", "h2c")])
def test_among_two_the_policy_says_whose_order_counts(order: str, token: str) -> None:
    policy = Policy(WebSocket(), H2C(), order="client" if order == "client" else "server")
    fields = ((b"Upgrade", b"h2c, websocket"), OPTIONS, (b"HTTP2-Settings", SETTINGS))
    decision = decide(handshake(*fields), policy)
    assert isinstance(decision, Accept101)
    assert str(decision.token) == token


# --- A real HTTP/2 library goes on from there ---------------------------------------------------


def begin_http_2(accept: Accept101) -> H2Connection:
    """The server's HTTP/2, begun with what was agreed on."""
    assert isinstance(accept.agreement, H2CAgreement)
    connection = H2Connection(H2Configuration(client_side=False))
    connection.initiate_upgrade_connection(accept.agreement.settings)
    return connection


def of_kind(events: list[Event], kind: type[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, kind)]


@pytest.mark.parametrize("step", [1, 65536])
@pytest.mark.parametrize("body", [b"", b"hello"])
@pytest.mark.parametrize("expects", [False, True])
def test_client_and_server_of_h2_speak_to_each_other(body: bytes, step: int, expects: bool) -> None:
    client = H2Connection(H2Configuration(client_side=True))
    settings = client.initiate_upgrade_connection()
    assert settings is not None
    fields = [(b"Content-Length", b"%d" % len(body))] * bool(body)
    fields += [(b"Expect", b"100-continue")] * (expects and bool(body))
    octets = asking(*fields, settings=settings, method=b"POST").to_bytes()
    # RFC 7540 3.2: the request in its entirety, then the 101, then the client's preface.
    machine = ServerNegotiator(OPTIONAL)
    event: object = None
    for place in range(0, len(octets), step):
        event = feed(machine, octets[place : place + step])
    if isinstance(event, Continue100):
        assert machine.send(event) == b"HTTP/1.1 100 Continue\r\n\r\n"
        event = machine.next_event()
    if body:
        event = feed(machine, body)
    assert isinstance(event, Accept101)
    assert event.request_body == body
    assert machine.send(event).startswith(b"HTTP/1.1 101 ")
    assert machine.trailing_data == b""
    server = begin_http_2(event)
    greeting = server.data_to_send()
    assert greeting[3] == 4, "the first frame is SETTINGS"
    received = server.receive_data(client.data_to_send())
    server.send_headers(1, [(":status", "200")])
    server.send_data(1, b"answer to " + body, end_stream=True)
    answered = client.receive_data(greeting + server.data_to_send())
    assert of_kind(answered, ResponseReceived)
    assert of_kind(answered, StreamEnded)
    (data,) = of_kind(answered, DataReceived)
    assert isinstance(data, DataReceived)
    assert data.data == b"answer to " + body
    received += server.receive_data(client.data_to_send())
    assert of_kind(received, SettingsAcknowledged)


@pytest.mark.parametrize(
    ("name", "body"), [("direct__curl__h2c", b""), ("direct__curl__h2c__post", b'{"a":1}')]
)
def test_what_curl_sent_behind_the_101_is_http_2(name: str, body: bytes) -> None:
    machine = ServerNegotiator(OPTIONAL)
    accept = feed(machine, (REQUESTS / f"{name}.bin").read_bytes())
    assert isinstance(accept, Accept101)
    assert accept.request_body == body
    machine.send(accept)
    server = begin_http_2(accept)
    server.receive_data((REQUESTS / f"{name}.after101.bin").read_bytes())
    assert server.remote_settings.max_concurrent_streams == 100


def test_javas_request_is_accepted_with_its_body() -> None:
    """Its HttpClient offers h2c on every plain request."""
    name = "direct__java.net.http-httpclient__h2c__default-post.bin"
    machine = ServerNegotiator(OPTIONAL)
    accept = feed(machine, (REQUESTS / name).read_bytes())
    assert isinstance(accept, Accept101)
    assert accept.request_body == b'{"a":1}'
    begin_http_2(accept)


@pytest.mark.parametrize("name", ["nginx__correct__h2c.bin", "caddy__default__h2c.bin"])
def test_an_offer_that_a_proxy_took_apart_is_not_taken_up(name: str) -> None:
    event = feed(ServerNegotiator(OPTIONAL), (REQUESTS / name).read_bytes())
    assert isinstance(event, Passthrough)


def test_a_body_is_never_read_as_frames() -> None:
    """CVE-2022-41721: what follows the head is the request's."""
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    machine = ServerNegotiator(OPTIONAL)
    octets = asking((b"Content-Length", b"%d" % len(preface)), method=b"POST").to_bytes()
    accept = feed(machine, octets + preface + b"behind")
    assert isinstance(accept, Accept101)
    assert accept.request_body == preface
    machine.send(accept)
    assert machine.trailing_data == b"behind"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ([(b"Content-Length", b"1048577")], 413),
        ([(b"Transfer-Encoding", b"gzip, chunked")], 501),
        ([(b"Content-Length", b"1"), (b"Transfer-Encoding", b"chunked")], 400),
        ([(b"Expect", b"a-miracle")], 417),
    ],
)
def test_a_body_that_cannot_be_handed_over_draws_an_error(fields: list[Field], status: int) -> None:
    machine = ServerNegotiator(OPTIONAL)
    event = feed(machine, asking(*fields, method=b"POST").to_bytes())
    assert isinstance(event, Reject)
    assert event.status_code == status
