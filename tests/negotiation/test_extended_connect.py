"""Extended CONNECT: the offers in HTTP/2 and HTTP/3, and on a connection of a real library."""

from collections.abc import Iterable
from typing import Any, Final

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, Event, RequestReceived, ResponseReceived
from h2.settings import SettingCodes
from hypothesis import example, given
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionType
from wsproto.events import TextMessage

from httpupgrade import (
    H2C,
    TLS,
    AcceptConnect,
    ConnectIP,
    ConnectTCP,
    ConnectUDP,
    CustomProtocol,
    Finding,
    HandshakeFailed,
    IPTunnelAgreement,
    LocalProtocolError,
    Passthrough,
    Policy,
    Refusal,
    RefusalReport,
    Reject,
    RequestHead,
    TunnelAgreement,
    UpgradeToken,
    WebSocket,
    WebSocketAgreement,
    decide_extended_connect,
)
from httpupgrade.fields import Extension, Headers
from httpupgrade.offers import Agreed, Ignored, Offer, OfferResult

SOCKET: Final = WebSocket(["chat"], origins=["https://a.example"])
POLICY: Final = Policy(SOCKET, ConnectUDP(), ConnectTCP(), ConnectIP(), H2C(), TLS("1.3"))

PSEUDO: Final = {
    b":method": b"CONNECT",
    b":protocol": b"websocket",
    b":scheme": b"https",
    b":path": b"/chat",
    b":authority": b"server.example",
}
VERSION: Final = (b"sec-websocket-version", b"13")


def asking(*fields: tuple[bytes, bytes], **pseudo: bytes | None) -> Headers:
    """Pseudo-header fields by name, None to leave one out, and others behind them."""
    changed: dict[bytes, bytes | None] = {**PSEUDO}
    changed.update({b":" + name.encode(): value for name, value in pseudo.items()})
    front = tuple((name, value) for name, value in changed.items() if value is not None)
    return (*front, *fields)


def codes(findings: Iterable[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def accepted(headers: Headers, policy: Policy = POLICY) -> AcceptConnect:
    decision = decide_extended_connect(headers, policy)
    assert isinstance(decision, AcceptConnect)
    return decision


def rejected(headers: Headers, policy: Policy = POLICY, *, secure: bool = True) -> Reject:
    decision = decide_extended_connect(headers, policy, secure=secure)
    assert isinstance(decision, Reject)
    names = [name for name, _ in decision.headers]
    assert names == [name.lower() for name in names], "RFC 9113 8.2.1"
    assert not {b"connection", b"upgrade", b"transfer-encoding"} & set(names)
    assert decision.close is False
    assert b"426" not in decision.body
    return decision


# --- WebSocket ----------------------------------------------------------------------------------


def test_a_websocket_is_accepted_with_200_and_without_a_key() -> None:
    """RFC 8441 5."""
    accept = accepted(
        asking(
            VERSION,
            (b"origin", b"https://a.example"),
            (b"sec-websocket-protocol", b"soap, chat"),
            (b"sec-websocket-extensions", b"permessage-deflate"),
        )
    )
    assert accept.status_code == 200
    assert accept.headers == (
        (b":status", b"200"),
        (b"sec-websocket-protocol", b"chat"),
        (b"sec-websocket-extensions", b"permessage-deflate"),
    )
    assert accept.agreement == WebSocketAgreement("chat", (Extension("permessage-deflate"),), b"")
    assert str(accept.token) == "websocket"
    assert accept.head.method == b"GET"
    assert accept.head.target == b"/chat"
    assert accept.head.get(b"host") == b"server.example"


def test_crumbs_of_cookies_are_one_field_in_http_1_1() -> None:
    """RFC 9113 8.2.3."""
    crumbs = ((b"cookie", b"a=1"), (b"x", b"y"), (b"cookie", b"b=2; c=3"), (b"cookie", b"d=4"))
    head = accepted(asking(VERSION, *crumbs)).head
    assert head.get_all(b"cookie") == (b"a=1; b=2; c=3; d=4",)
    assert head.headers[-2:] == ((b"x", b"y"), (b"cookie", b"a=1; b=2; c=3; d=4"))
    assert accepted(asking(VERSION, (b"cookie", b"a=1"))).head.get(b"cookie") == b"a=1"
    empty = (b"cookie", b"")
    assert accepted(asking(VERSION, empty, crumbs[0], empty)).head.get(b"cookie") == b"a=1"
    assert not accepted(asking(VERSION)).head.has(b"cookie")


def test_a_key_is_neither_needed_nor_looked_at() -> None:
    for key in (b"dGhlIHNhbXBsZSBub25jZQ==", b"broken"):
        accept = accepted(asking(VERSION, (b"sec-websocket-key", key)))
        assert accept.headers == ((b":status", b"200"),)


BROKEN: Final = {
    "no version": (asking(), 400, "websocket-version-missing"),
    "another version": (
        asking((b"sec-websocket-version", b"8")),
        400,
        "websocket-version-unsupported",
    ),
    "a foreign origin": (
        asking(VERSION, (b"origin", b"https://evil.example")),
        403,
        "origin-not-allowed",
    ),
    "a malformed subprotocol": (
        asking(VERSION, (b"sec-websocket-protocol", b"a b")),
        400,
        "subprotocols-malformed",
    ),
    "content": (
        asking(VERSION, (b"content-length", b"5")),
        400,
        "extended-connect-malformed",
    ),
}


@pytest.mark.parametrize(("headers", "status_code", "code"), BROKEN.values(), ids=BROKEN)
def test_a_broken_handshake_draws_its_error(headers: Headers, status_code: int, code: str) -> None:
    refused = rejected(headers)
    assert refused.status_code == status_code
    assert code in codes(refused.findings)


def test_an_unspoken_version_is_answered_with_those_that_are_and_no_426() -> None:
    refused = rejected(asking((b"sec-websocket-version", b"8")))
    assert (b"sec-websocket-version", b"13") in refused.headers


# --- Tunnels ------------------------------------------------------------------------------------

UDP_PATH: Final = b"/.well-known/masque/udp/2001%3Adb8%3A%3A1/443/"


def test_tunnels_are_accepted_with_their_targets() -> None:
    """RFC 9298 3.4, RFC 9484 4.4."""
    capsules = (b"capsule-protocol", b"?1")
    answer = ((b":status", b"200"), capsules)
    udp = accepted(asking(capsules, protocol=b"connect-udp", path=UDP_PATH))
    assert udp.headers == answer
    assert udp.agreement == TunnelAgreement("2001:db8::1", 443, (), True)
    path = b"/.well-known/masque/tcp/a.example/80/"
    tcp = accepted(asking(protocol=b"connect-tcp", path=path))
    assert tcp.agreement == TunnelAgreement("a.example", 80, (), False)
    ip = accepted(asking(protocol=b"connect-ip", path=b"/.well-known/masque/ip/*/17/"))
    assert ip.agreement == IPTunnelAgreement(None, 17, (), False)


def test_there_is_no_tunnel_for_ip_outside_tls() -> None:
    headers = asking(protocol=b"connect-ip", path=b"/.well-known/masque/ip/*/*/")
    refused = rejected(headers, secure=False)
    assert refused.status_code == 501


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        (asking(protocol=b"connect-udp", path=b"/other"), "tunnel-target-unknown"),
        (
            asking((b"content-length", b"0"), protocol=b"connect-udp", path=UDP_PATH),
            "extended-connect-malformed",
        ),
        (
            asking((b"content-type", b"a/b"), protocol=b"connect-udp", path=UDP_PATH),
            "tunnel-has-content-field",
        ),
    ],
)
def test_a_malformed_request_for_a_tunnel_draws_400(headers: Headers, code: str) -> None:
    refused = rejected(headers)
    assert refused.status_code == 400
    assert codes(refused.findings) == [code]


def test_a_tunnels_answer_has_no_content_type() -> None:
    udp = accepted(asking(protocol=b"connect-udp", path=UDP_PATH))
    with pytest.raises(LocalProtocolError, match="does not allow content-type"):
        udp.with_headers([(b"Content-Type", b"a/b")])
    assert udp.with_headers([(b"Proxy-Status", b"p")]).headers[-1] == (b"proxy-status", b"p")


# --- Which protocol -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "protocol",
    [b"h2c", b"TLS/1.3", b"HTTP/1.1", b"tcp", b"websockets", b"websocket/13"],
)
def test_any_other_protocol_draws_501(protocol: bytes) -> None:
    """RFC 9220 3. Those of a connection, and tokens of one's own, mean nothing on a stream."""
    refused = rejected(
        asking(VERSION, protocol=protocol), Policy(*POLICY.offers, CustomProtocol("tcp"))
    )
    assert refused.status_code == 501
    assert codes(refused.findings) == ["extended-connect-protocol-unknown"]


def test_the_finding_shows_which_protocol_was_asked_for_and_which_are_offered() -> None:
    twice = Policy(*POLICY.offers, WebSocket())
    (found,) = rejected(asking(protocol=b"Foo/2"), twice).findings
    assert (found.value, found.line, found.start, found.end) == (
        b"Foo/2",
        b":protocol: Foo/2",
        len(b":protocol: "),
        len(b":protocol: Foo/2"),
    )
    assert found.hint.startswith("It offers websocket, connect-udp, connect-tcp, connect-ip. ")
    (found,) = rejected(asking(protocol=b"foo"), Policy(TLS("1.3"))).findings
    assert found.hint.startswith("It offers none in this way. ")


def test_a_renderer_is_told_of_the_request_and_of_what_is_offered_there() -> None:
    reports: list[RefusalReport] = []

    def render(report: RefusalReport) -> tuple[bytes, bytes]:
        reports.append(report)
        return b"text/plain", b"426 is not in it"[3:]

    policy = Policy(
        SOCKET, SOCKET, ConnectIP(), CustomProtocol("tcp"), refusal=Refusal(body=render)
    )
    socket = UpgradeToken("websocket")
    for secure, offered in ((True, (socket, UpgradeToken("connect-ip"))), (False, (socket,))):
        for headers, status_code, fields, has_head in (
            (asking(protocol=b"x"), 501, (), True),
            (asking(path=b""), 400, (), False),
            (asking(VERSION, authority=b"a:b"), 400, (), True),
            (
                asking((b"sec-websocket-version", b"8")),
                400,
                ((b"Sec-WebSocket-Version", b"13"),),
                True,
            ),
        ):
            refused = rejected(headers, policy, secure=secure)
            report = reports.pop()
            assert refused.status_code == report.status_code == status_code
            assert (report.tokens, report.headers) == (offered, fields)
            assert report.findings == refused.findings
            assert (report.head is not None) is has_head
            assert report.example is None


def test_the_name_is_compared_without_regard_to_case() -> None:
    assert accepted(asking(VERSION, protocol=b"WebSocket")).token == UpgradeToken("websocket")


class Shy(Offer):
    """An offer that takes nobody."""

    takes_extended_connect = True

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (UpgradeToken("websocket"),)

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> Any:
        raise AssertionError("this is no upgrade")

    def negotiate_connect(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> Any:
        return Ignored((Finding("shy", "not today"),))


class Mad(Shy):
    """An offer that answers nothing that makes sense."""

    def negotiate_connect(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> Any:
        return None


def test_the_first_offer_that_agrees_is_taken() -> None:
    accept = accepted(asking(VERSION), Policy(Shy(), WebSocket(versions=(8,)), WebSocket()))
    assert codes(accept.findings) == ["shy", "websocket-version-unsupported"]


def test_an_offer_that_ignores_a_request_leaves_the_protocol_unknown() -> None:
    refused = rejected(asking(VERSION), Policy(Shy()))
    assert refused.status_code == 501
    assert codes(refused.findings) == ["shy", "extended-connect-protocol-unknown"]


def test_what_is_no_answer_of_an_offer_is_said() -> None:
    with pytest.raises(TypeError, match=r"^negotiate\(\) returns an Agreed.*, not None"):
        decide_extended_connect(asking(VERSION), Policy(Mad()))


class Answering(Shy):
    """An offer that answers what it was made with."""

    def __init__(self, answer: OfferResult, token: str = "websocket") -> None:
        self.answer = answer
        self.token = UpgradeToken(token)

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (self.token,)

    def negotiate_connect(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> Any:
        return self.answer


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Agreed(UpgradeToken("other")), id="another token"),
        pytest.param(Agreed(UpgradeToken("websocket"), ((b"Connection", b"x"),)), id="a hop's"),
        pytest.param(Agreed(UpgradeToken("websocket"), ((b"content-length", b"0"),)), id="length"),
        pytest.param(Agreed(UpgradeToken("websocket"), ((b":status", b"404"),)), id="a status"),
        pytest.param(HandshakeFailed((), 200), id="200"),
        pytest.param(HandshakeFailed((), 101), id="101"),
        pytest.param(HandshakeFailed((), 204), id="204"),
        pytest.param(HandshakeFailed((), 400, ((b"Connection", b"close"),)), id="close"),
        pytest.param(HandshakeFailed((), 400, ((b"Transfer-Encoding", b"chunked"),)), id="chunked"),
        pytest.param(HandshakeFailed((), 400, ((b"Keep-Alive", b"a=1"),)), id="keep-alive"),
        pytest.param(HandshakeFailed((), 400, ((b"x", b"a\r\nb: c"),)), id="a line end"),
        pytest.param(HandshakeFailed((), 400, ((b":status", b"200"),)), id="another status"),
        pytest.param(HandshakeFailed((), 400, ((b"capsule-protocol", b"?1"),)), id="capsules"),
    ],
)
def test_nothing_goes_out_that_cannot_stand_there(answer: OfferResult) -> None:
    with pytest.raises(LocalProtocolError):
        decide_extended_connect(asking(VERSION), Policy(Answering(answer)))


def test_an_offer_says_which_fields_its_answer_must_not_have() -> None:
    forbidden = frozenset((b"X-Never",))
    offer = Answering(Agreed(UpgradeToken("websocket"), forbidden_headers=forbidden))
    accept = accepted(asking(VERSION), Policy(offer))
    assert accept.forbidden_headers == forbidden
    with pytest.raises(LocalProtocolError, match="does not allow x-never"):
        accept.with_headers([(b"x-never", b"1")])
    careless = Agreed(UpgradeToken("websocket"), ((b"x-NEVER", b"1"),), forbidden_headers=forbidden)
    with pytest.raises(LocalProtocolError, match="does not allow x-never"):
        decide_extended_connect(asking(VERSION), Policy(Answering(careless)))


def test_the_first_that_is_broken_is_answered() -> None:
    first, second = (HandshakeFailed((), status_code) for status_code in (403, 429))
    refused = rejected(asking(VERSION), Policy(Answering(first), Answering(second)))
    assert refused.status_code == 403


def test_our_own_offers_say_whether_they_can_be_taken_up_there() -> None:
    able = [offer.takes_extended_connect for offer in POLICY.offers]
    assert able == [True] * 4 + [False] * 2


# --- What is none, or none that is well formed --------------------------------------------------


@pytest.mark.parametrize("mode", ["optional", "advertise", "report", "required"])
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(asking(method=b"GET", protocol=None), id="GET"),
        pytest.param(asking(protocol=None, path=None, scheme=None), id="CONNECT"),
        pytest.param((), id="nothing"),
    ],
)
def test_what_asks_for_no_protocol_passes(mode: Any, headers: Headers) -> None:
    """RFC 9113 8.6: there is no upgrade to require."""
    assert decide_extended_connect(headers, Policy(SOCKET, mode=mode)) == Passthrough(None)


MALFORMED: Final = {
    "no scheme": asking(VERSION, scheme=None),
    "no path": asking(VERSION, path=None),
    "no authority": asking(VERSION, authority=None),
    "no method": asking(VERSION, method=None),
    "another method": asking(VERSION, method=b"GET"),
    "an empty path": asking(VERSION, path=b""),
    "an empty authority": asking(VERSION, authority=b""),
    "an empty scheme": asking(VERSION, scheme=b""),
    "an empty protocol": asking(VERSION, protocol=b""),
    # RFC 8441 4: the name of an upgrade token (RFC 9110 7.8); not an unknown one, which is 501.
    "a protocol with a space": asking(VERSION, protocol=b"web socket"),
    "a list of protocols": asking(VERSION, protocol=b"websocket, connect-udp"),
    "a protocol in quotes": asking(VERSION, protocol=b'"websocket"'),
    "a protocol with an empty version": asking(VERSION, protocol=b"websocket/"),
    "a protocol with two versions": asking(VERSION, protocol=b"websocket/1/3"),
    "a protocol in obs-text": asking(VERSION, protocol=b"websocket\xe9"),
    "a control in the protocol": asking(VERSION, protocol=b"websocket\x00"),
    "an asterisk": asking(VERSION, path=b"*"),
    "a URI for a path": asking(VERSION, path=b"https://a/"),
    "a space in the path": asking(VERSION, path=b"/a b"),
    "a path that is no ASCII": asking(VERSION, path=b"/\xe4"),
    "another pseudo-header field": asking(VERSION, status=b"200"),
    "one twice": asking((b":path", b"/b"), VERSION),
    "one behind the others": (*asking(VERSION, path=None), (b":path", b"/chat")),
    "Connection": asking(VERSION, (b"connection", b"upgrade")),
    "Upgrade": asking(VERSION, (b"upgrade", b"websocket")),
    "Transfer-Encoding": asking(VERSION, (b"transfer-encoding", b"chunked")),
    "Keep-Alive": asking(VERSION, (b"keep-alive", b"a=1")),
    "Proxy-Connection": asking(VERSION, (b"proxy-connection", b"close")),
    "a capital": asking(VERSION, (b"X-Name", b"y")),
    "an empty name": asking(VERSION, (b"", b"y")),
    "a space in a name": asking(VERSION, (b"x y", b"y")),
    "a line end in a value": asking(VERSION, (b"x", b"y\r\nz: 1")),
    "another Host": asking(VERSION, (b"host", b"other.example")),
    "a line end in the scheme": asking(VERSION, scheme=b"ht\r\ntp"),
    "white space around the authority": asking(VERSION, authority=b" server.example\t"),
    "white space around a value": asking((b"sec-websocket-version", b" 13")),
    "white space around the path": asking(VERSION, path=b"/chat "),
    "TE of more than trailers": asking(VERSION, (b"te", b"gzip")),
    "an authority without a host": asking(VERSION, authority=b":443"),
    "no content": asking(VERSION, (b"content-length", b"0")),
    "a length that is none": asking(VERSION, (b"content-length", b"")),
}


@pytest.mark.parametrize("headers", MALFORMED.values(), ids=MALFORMED)
def test_what_is_malformed_draws_400(headers: Headers) -> None:
    refused = rejected(headers)
    assert refused.status_code == 400
    assert codes(refused.findings) == ["extended-connect-malformed"]


@pytest.mark.parametrize("scheme", [b"http", b"https", b"HTTPS", b"ws", b"wss"])
def test_a_websocket_has_a_scheme_of_http(scheme: bytes) -> None:
    head = accepted(asking(VERSION, scheme=scheme)).head
    assert head.path == b"/chat"
    is_http = scheme.lower().startswith(b"http")
    assert head.target == (b"/chat" if is_http else scheme + b"://server.example/chat")


@pytest.mark.parametrize("scheme", [b"ftp", b"file", b"httpx"])
def test_a_websocket_of_another_scheme_is_refused(scheme: bytes) -> None:
    """RFC 8441 5; RFC 6455 4.2.1, as in HTTP/1.1, where the target would be a URI."""
    refused = rejected(asking(VERSION, scheme=scheme))
    assert refused.status_code == 400
    (finding,) = refused.findings
    assert (finding.code, finding.value) == (
        "websocket-scheme-wrong",
        scheme + b"://server.example/chat",
    )


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        (asking(VERSION, authority=b"a:b"), "host-malformed"),
        (asking(VERSION, authority=b"user@a"), "host-malformed"),
        (asking(VERSION, path=b"/a#b"), "target-malformed"),
    ],
)
def test_whom_it_addresses_has_to_be_clear(headers: Headers, code: str) -> None:
    refused = rejected(headers)
    assert refused.status_code == 400
    assert codes(refused.findings) == [code]


def test_white_space_and_letters_within_a_value_are_its_own() -> None:
    fields = ((b"x-name", b"X a\tX"), (b"te", b"Trailers"), (b"x-host", b"other.example"))
    head = accepted(asking(VERSION, *fields)).head
    assert head.headers == ((b"Host", b"server.example"), VERSION, *fields)


def test_the_same_host_beside_the_authority_is_no_fault() -> None:
    for host in (b"server.example", b"Server.Example"):
        accept = accepted(asking(VERSION, (b"host", host), (b"te", b"trailers")))
        assert accept.head.get_all(b"host") == (b"server.example",)


def test_fields_are_bytes() -> None:
    wrong: Any
    for wrong in (
        [(":method", "CONNECT"), (":protocol", "websocket")],
        [(b":protocol", b"websocket", b"x")],
        [(b":protocol",)],
    ):
        with pytest.raises(TypeError, match=r"^(in headers, a field name is bytes|headers holds)"):
            decide_extended_connect(wrong, POLICY)


@pytest.mark.parametrize(
    "field",
    [
        (b":status", b"404"),
        (b"Connection", b"x"),
        (b"Content-Length", b"0"),
        (b"upgrade", b"x"),
        (b"x", b"a\nb"),
        (b"x y", b"a"),
    ],
)
def test_what_cannot_stand_in_the_answer_is_refused(field: tuple[bytes, bytes]) -> None:
    with pytest.raises(LocalProtocolError):
        accepted(asking(VERSION)).with_headers([field])


def test_a_refusal_looks_as_the_policy_says() -> None:
    policy = Policy(SOCKET, refusal=Refusal(headers=[(b"X-Docs", b"here")], body="empty"))
    refused = rejected(asking(protocol=b"other"), policy)
    assert (b"x-docs", b"here") in refused.headers
    assert refused.body == b""


CHANGES: Final = {
    b":method": (b"GET",),
    b":protocol": (b"connect-udp", b"connect-ip", b"h2c", b"x y"),
    b":scheme": (b"http", b"", b"a b"),
    b":path": (UDP_PATH, b"/", b"*", b"/.well-known/masque/ip/*/*/"),
    b":authority": (b"a:b", b"[::1]:443"),
    b"sec-websocket-version": (b"13", b"8", b""),
    b"sec-websocket-protocol": (b"chat", b"@ @", b""),
    b"sec-websocket-extensions": (b"permessage-deflate", b'a="', b"permessage-deflate; x"),
    b"origin": (b"https://a.example", b"null", b"https://b.example"),
    b"host": (b"server.example", b"x"),
    b"x-name": (b"y", b"\n"),
    b"X": (b"",),
}


@given(
    st.lists(
        st.sampled_from([(name, value) for name, values in CHANGES.items() for value in values])
        | st.tuples(st.binary(max_size=4), st.binary(max_size=8)),
        max_size=4,
    )
)
@example([VERSION])
def test_no_fields_break_it(changes: list[tuple[bytes, bytes]]) -> None:
    front = {**PSEUDO, **{name: value for name, value in changes if name in PSEUDO}}
    headers = (*front.items(), *(field for field in changes if field[0] not in PSEUDO))
    for policy in (POLICY, Policy(*POLICY.offers, mode="required")):
        decision = decide_extended_connect(headers, policy)
        assert isinstance(decision, AcceptConnect | Reject)
        assert isinstance(decision, AcceptConnect) or decision.status_code >= 400


# --- On a real connection -----------------------------------------------------------------------


class Ends:
    """Both ends of an HTTP/2 connection, by the h2 library."""

    def __init__(self) -> None:
        self.client = H2Connection(H2Configuration(client_side=True))
        self.server = H2Connection(H2Configuration(client_side=False))
        self.server.local_settings[SettingCodes.ENABLE_CONNECT_PROTOCOL] = 1
        self.client.initiate_connection()
        self.server.initiate_connection()
        self.to_server()
        self.to_client()
        self.to_server()

    def to_server(self) -> list[Event]:
        return list(self.server.receive_data(self.client.data_to_send()))

    def to_client(self) -> list[Event]:
        return list(self.client.receive_data(self.server.data_to_send()))

    def ask(self, headers: Headers) -> Headers:
        """Send a request; its fields as the server's library gives them."""
        self.client.send_headers(1, list(headers))
        (request,) = (each for each in self.to_server() if isinstance(each, RequestReceived))
        assert request.headers is not None
        return tuple((bytes(name), bytes(value)) for name, value in request.headers)

    def answer(self, headers: Headers, body: bytes | None = None) -> Headers:
        """Send a response; its fields as the client's library gives them."""
        self.server.send_headers(1, list(headers))
        if body is not None:
            self.server.send_data(1, body, end_stream=True)
        (response,) = (each for each in self.to_client() if isinstance(each, ResponseReceived))
        assert response.headers is not None
        return tuple((bytes(name), bytes(value)) for name, value in response.headers)


def test_a_websocket_runs_over_a_stream_of_http_2() -> None:
    """RFC 8441 5.1."""
    ends = Ends()
    accept = accepted(ends.ask(asking(VERSION, (b"sec-websocket-protocol", b"chat"))))
    answer = dict(ends.answer(accept.headers))
    assert answer == {b":status": b"200", b"sec-websocket-protocol": b"chat"}
    browser, site = Connection(ConnectionType.CLIENT), Connection(ConnectionType.SERVER)
    ends.client.send_data(1, browser.send(TextMessage("hello")))
    (received,) = (each for each in ends.to_server() if isinstance(each, DataReceived))
    site.receive_data(received.data)
    (message,) = site.events()
    assert isinstance(message, TextMessage)
    ends.server.send_data(1, site.send(TextMessage(message.data.upper())))
    (received,) = (each for each in ends.to_client() if isinstance(each, DataReceived))
    browser.receive_data(received.data)
    (echo,) = browser.events()
    assert isinstance(echo, TextMessage)
    assert echo.data == "HELLO"


def test_a_tunnel_opens_on_a_stream_of_http_2() -> None:
    ends = Ends()
    accept = accepted(ends.ask(asking(protocol=b"connect-udp", path=UDP_PATH)))
    assert ends.answer(accept.headers) == ((b":status", b"200"), (b"capsule-protocol", b"?1"))


def test_a_refusal_is_an_ordinary_response_there() -> None:
    ends = Ends()
    refused = rejected(ends.ask(asking(protocol=b"connect-bluetooth")))
    status = (b":status", b"%d" % refused.status_code)
    answer = dict(ends.answer((status, *refused.headers), refused.body))
    assert answer[b":status"] == b"501"
    assert answer[b"content-length"] == b"%d" % len(refused.body)
    assert b"connect-bluetooth" in refused.body
