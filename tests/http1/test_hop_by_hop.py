"""What a proxy needs: the fields of one hop (RFC 9110 7.6.1), and another client's switch."""

import pytest
from client_wire import ACCEPT, FRAME, KEY, SETTINGS, refused, response, run, sized, switch
from feeding import feed
from hypothesis import given
from wire import cut

from httpupgrade import (
    H2C,
    TLS,
    ClientNegotiator,
    Content,
    CustomProtocol,
    Interim,
    OrdinaryResponse,
    RequestHead,
    ResponseHead,
    Switched,
    UpgradeToken,
    VerificationFailed,
    WebSocket,
    WebSocketAgreement,
    verify_switch,
)
from httpupgrade._http1 import hop_by_hop
from httpupgrade.fields import Extension, end_to_end_headers
from httpupgrade.offers import ClientOffer
from httpupgrade.testing.strategies import tokens

CHAT = UpgradeToken("websocket")
TEXT = (b"Content-Type", b"text/plain")
HOST = (b"Host", b"a.example")

# --- The sets, which differ on purpose -----------------------------------------------------------

FRAMING = {b"content-length", b"transfer-encoding"}
OF_HTTP_1 = {b"connection", b"keep-alive", b"proxy-connection", b"upgrade"}


def test_each_set_of_fields_is_that_of_its_clause() -> None:
    # RFC 9113 8.2.2: TE may be there. What Connection names cannot be: there is no Connection.
    assert OF_HTTP_1 | {b"transfer-encoding"} == hop_by_hop.NEVER_IN_HTTP2
    # RFC 9110 7.6.1, RFC 7540 3.2.1.
    of_the_hop = OF_HTTP_1 | {b"http2-settings", b"te", b"transfer-encoding"}
    assert of_the_hop == hop_by_hop.HOP_FIELDS
    # RFC 9112 6.3, RFC 9110 7.2: no connection option takes these away.
    assert hop_by_hop.FRAMING_FIELDS == FRAMING
    assert FRAMING | {b"host"} == hop_by_hop.MESSAGE_FIELDS
    # What follows from a decision; from a client's arguments.
    assert FRAMING | {b"connection", b"upgrade"} == hop_by_hop.MANAGED_FIELDS
    assert of_the_hop | FRAMING | {b"host"} == hop_by_hop.NOT_FOR_CALLERS
    assert hop_by_hop.NOT_FOR_CALLERS - {b"http2-settings"} == hop_by_hop.NOT_FOR_OFFERS


# --- Fields of one hop --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        # RFC 9110 7.6.1: to be removed whether or not Connection names them.
        [(b"Keep-Alive", b"timeout=5")],
        [(b"Proxy-Connection", b"keep-alive")],
        [(b"TE", b"trailers")],
        [(b"uPgRaDe", b"h2c")],
        [(b"Connection", b"")],
        [(b"Connection", b"close")],
        # RFC 7540 3.2.1: settings are for one connection.
        [(b"HTTP2-Settings", SETTINGS)],
        # What Connection names, in whatever case, on whatever line, among whatever else.
        [(b"Connection", b"X-Trace"), (b"X-Trace", b"1"), (b"x-trace", b"2")],
        [(b"X-Trace", b"1"), (b"connection", b"close, ,\t x-TRACE ,"), (b"Connection", b"a")],
        [(b"Connection", b"keep-alive"), (b"Connection", b"X-Trace"), (b"X-Trace", b"1")],
        [(b"Connection", b"no token; X-Trace, X-Trace"), (b"X-Trace", b"1")],
        [(b"Connection", b"XxX ,\tYyY"), (b"xXx", b"1"), (b"yyy", b"1")],
    ],
)
def test_a_field_of_one_hop_goes_no_further(fields: list[tuple[bytes, bytes]]) -> None:
    assert end_to_end_headers([HOST, *fields, TEXT]) == (HOST, TEXT)


@pytest.mark.parametrize(
    "field",
    [
        (b"Content-Length", b"3"),
        (b"Transfer-Encoding", b"chunked"),
        (b"Host", b"a.example"),
    ],
)
def test_nobodys_connection_option_reframes_a_message(field: tuple[bytes, bytes]) -> None:
    assert end_to_end_headers([(b"Connection", field[0].lower()), field]) == (field,)


def test_fields_keep_their_order_their_case_and_their_lines() -> None:
    fields = ((b"sET-cOOKIE", b"a=1"), TEXT, (b"Set-Cookie", b"b=2"), (b"Connectionx", b"text"))
    assert end_to_end_headers(iter([(b"Connection", b"Set-Cook"), *fields])) == fields


@pytest.mark.parametrize(
    ("tokens", "close", "made"),
    [
        ([CHAT], False, ((b"Upgrade", b"websocket"), (b"Connection", b"Upgrade"))),
        (
            (UpgradeToken("TLS", "1.3"), CHAT),
            True,
            ((b"Upgrade", b"TLS/1.3, websocket"), (b"Connection", b"Upgrade, close")),
        ),
        ((), True, ((b"Connection", b"close"),)),
    ],
)
def test_what_this_hop_says_itself_is_made_anew(
    tokens: list[UpgradeToken], close: bool, made: tuple[tuple[bytes, bytes], ...]
) -> None:
    received = [(b"Upgrade", b"h2c"), (b"Connection", b"Upgrade, HTTP2-Settings"), TEXT]
    assert end_to_end_headers(received, upgrade=tokens, close=close) == (TEXT, *made)


def test_what_cannot_stand_on_the_wire_is_not_passed_on() -> None:
    with pytest.raises(ValueError, match="the value of X must not hold 0x0d"):
        end_to_end_headers([(b"X", b"a\r\nY: b")])
    with pytest.raises(TypeError):
        end_to_end_headers([("X", "a")])  # type: ignore[list-item]


@given(tokens())
def test_what_connection_names_is_gone_and_nothing_else(name: bytes) -> None:
    named = end_to_end_headers([(b"Connection", name), (name, b"1"), (b"X-" + name, b"2")])
    assert named == ((b"X-" + name, b"2"),)


# --- Another client's switch --------------------------------------------------------------------


def asked(*lines: bytes, method: bytes = b"GET", version: bytes = b"1.1") -> RequestHead:
    """A WebSocket handshake, but for these lines, which take the place of others."""
    usual = (
        b"Host: a.example",
        b"Connection: keep-alive, Upgrade",
        b"Upgrade: websocket",
        b"Sec-WebSocket-Key: " + KEY,
        b"Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Protocol: soap, chat",
        b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-mux; q",
    )
    names = {line.partition(b":")[0] for line in lines}
    kept = [line for line in usual if line.partition(b":")[0] not in names]
    head = b"%b /chat HTTP/%b" % (method, version)
    return RequestHead.parse(b"\r\n".join((head, *kept, *lines, b"", b"")))


def judged(
    request: RequestHead, *lines: bytes, **how: ClientOffer
) -> Switched | VerificationFailed:
    """What becomes of a good 101, but for these lines, at a proxy for WebSockets."""
    answer = ResponseHead.parse(switch(*lines))
    return verify_switch(request, answer, *(how.values() or (WebSocket(),)))


def codes(outcome: Switched | VerificationFailed) -> list[str]:
    assert isinstance(outcome, VerificationFailed), outcome
    return [finding.code for finding in outcome.findings]


def test_a_101_answers_the_key_of_the_client_who_asked() -> None:
    outcome = judged(asked())
    assert isinstance(outcome, Switched)
    assert (outcome.token, outcome.agreement) == (CHAT, WebSocketAgreement(None, (), ACCEPT))
    assert codes(judged(asked(b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="))) == [
        "websocket-accept-wrong"
    ]


@pytest.mark.parametrize(
    ("request_line", "answer", "agreed"),
    [
        (b"X: y", b"Sec-WebSocket-Protocol: soap", ("soap", ())),
        (b"Sec-WebSocket-Protocol: v1", b"Sec-WebSocket-Protocol: v1", ("v1", ())),
        (
            b"X: y",
            b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=8",
            (None, (Extension("permessage-deflate", (("client_max_window_bits", "8"),)),)),
        ),
        (
            b"X: y",
            b"Sec-WebSocket-Extensions: x-mux; anything=1",
            (None, (Extension("x-mux", (("anything", "1"),)),)),
        ),
        (
            b"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10",
            b"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9",
            (None, (Extension("permessage-deflate", (("server_max_window_bits", "9"),)),)),
        ),
    ],
)
def test_what_another_client_offered_may_be_agreed_on(
    request_line: bytes, answer: bytes, agreed: tuple[str | None, tuple[Extension, ...]]
) -> None:
    outcome = judged(asked(request_line), answer)
    assert isinstance(outcome, Switched)
    assert outcome.agreement == WebSocketAgreement(*agreed, ACCEPT)


DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate"


@pytest.mark.parametrize(
    ("request_line", "answer", "code"),
    [
        (b"X: y", b"Sec-WebSocket-Protocol: mqtt", "subprotocol-not-offered"),
        (
            b"Sec-WebSocket-Protocol: so ap",
            b"Sec-WebSocket-Protocol: so",
            "subprotocol-not-offered",
        ),
        (b"X: y", b"Sec-WebSocket-Extensions: x-other", "extension-not-offered"),
        (b"Sec-WebSocket-Extensions: ;", DEFLATE, "extension-not-offered"),
        (DEFLATE, DEFLATE + b"; client_max_window_bits=9", "extension-parameters-wrong"),
        (DEFLATE, DEFLATE + b"; server_max_window_bits=7", "extension-parameters-wrong"),
        (
            DEFLATE + b"; server_max_window_bits=10",
            DEFLATE,
            "extension-parameters-wrong",
        ),
        (
            DEFLATE + b"; server_no_context_takeover",
            DEFLATE,
            "extension-parameters-wrong",
        ),
        (
            DEFLATE + b"; client_max_window_bits; q=1",
            DEFLATE,
            "extension-parameters-wrong",
        ),
        (
            DEFLATE + b"; client_max_window_bits=12",
            DEFLATE + b"; client_max_window_bits=13",
            "extension-parameters-wrong",
        ),
        (
            DEFLATE + b"; client_max_window_bits=12",
            DEFLATE + b"; client_max_window_bits",
            "extension-parameters-wrong",
        ),
    ],
)
def test_what_another_client_did_not_offer_is_refuted(
    request_line: bytes, answer: bytes, code: str
) -> None:
    assert codes(judged(asked(request_line), answer)) == [code]


@pytest.mark.parametrize(
    "request_head",
    [
        asked(version=b"1.0"),  # RFC 9110 7.8: its Upgrade is ignored
        asked(b"Connection: close"),  # without its option as well
        asked(b"Connection: upgrade; x"),
        asked(b"Upgrade: web socket"),
        asked(b"Upgrade: h2c"),
        asked(method=b"POST"),
        asked(b"Content-Length: 1"),
        asked(b"Sec-WebSocket-Key: "),
        asked(b"Sec-WebSocket-Key: " + KEY, b"Sec-WebSocket-Key: " + KEY),
        RequestHead(b"GET", b"/", [HOST]),
    ],
)
def test_who_has_not_asked_is_not_switched(request_head: RequestHead) -> None:
    assert codes(judged(request_head)) == ["switch-unasked"]


def test_a_proxy_tunnels_to_nothing_that_it_has_no_offer_for() -> None:
    request = asked(b"Upgrade: websocket, tcp")
    answer = ResponseHead.parse(switch(b"Upgrade: tcp"))
    assert codes(verify_switch(request, answer, WebSocket())) == ["switch-not-asked-for"]
    assert codes(verify_switch(request, answer)) == ["switch-unasked"]
    outcome = verify_switch(
        request, answer, WebSocket(), CustomProtocol("tcp"), CustomProtocol("tcp")
    )
    assert isinstance(outcome, Switched)
    assert outcome.token == UpgradeToken("tcp")


def test_what_is_for_cleartext_is_not_switched_to_inside_tls() -> None:
    request = asked(b"Upgrade: TLS/1.3, HTTP/1.1", method=b"OPTIONS")
    answer = ResponseHead.parse(switch(b"Upgrade: TLS/1.3, HTTP/1.1"))
    assert isinstance(verify_switch(request, answer, TLS("1.3")), Switched)
    assert codes(verify_switch(request, answer, TLS("1.3"), secure=True)) == ["switch-unasked"]


def test_a_101_that_another_parser_read_is_verified() -> None:
    read = ResponseHead.parse(switch())
    outcome = verify_switch(asked(), ResponseHead(101, read.headers), WebSocket())
    assert isinstance(outcome, Switched)
    assert outcome.findings == ()


def test_what_is_no_101_or_no_offer_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="200 switches nothing"):
        verify_switch(asked(), ResponseHead(200, []), WebSocket())
    with pytest.raises(TypeError, match=r"^each of offers is an object"):
        verify_switch(asked(), ResponseHead(101, []), "websocket")  # type: ignore[arg-type]


def test_settings_that_went_no_further_begin_no_http2() -> None:
    offered = asked(
        b"Upgrade: h2c",
        b"Connection: Upgrade, HTTP2-Settings",
        b"HTTP2-Settings: " + SETTINGS,
    )
    answer = ResponseHead.parse(switch(b"Upgrade: h2c"))
    assert isinstance(verify_switch(offered, answer, H2C()), Switched)
    fields = end_to_end_headers(offered.headers, upgrade=[UpgradeToken("h2c")])
    forwarded = RequestHead(offered.method, offered.target, fields)
    assert codes(verify_switch(forwarded, answer, H2C())) == ["switch-unasked"]


# --- A request that is passed on ----------------------------------------------------------------


def passing(request: RequestHead | None = None) -> ClientNegotiator:
    negotiator = ClientNegotiator.forwarding(request or asked(), WebSocket())
    negotiator.send_request()
    return negotiator


@pytest.mark.parametrize(
    "head",
    [
        asked(b"Content-Length: 3", b"Connection: close", method=b"POST"),  # asks for no switch
        asked(b"Content-Length: 3", b"Upgrade: tcp", method=b"POST"),
        asked(b"Content-Length: 3", b"Upgrade: h2c", method=b"POST"),
        asked(b"Content-Length: 0"),
        asked(b"Sec-WebSocket-Key: "),  # the server's to refuse
    ],
)
def test_the_request_goes_out_as_it_is_and_without_its_body(head: RequestHead) -> None:
    negotiator = ClientNegotiator.forwarding(head, WebSocket())
    assert negotiator.head is head
    assert negotiator.send_request() == head.to_bytes()


@pytest.mark.parametrize(
    ("lines", "method", "version"),
    [
        ((b"Content-Length: 3", b"Transfer-Encoding: chunked"), b"POST", b"1.1"),
        ((b"Content-Length: 3", b"Content-Length: 4"), b"POST", b"1.1"),
        ((b"Content-Length: x",), b"GET", b"1.1"),
        ((b"Transfer-Encoding: chunked, gzip",), b"POST", b"1.1"),
        ((b"Transfer-Encoding: chunked",), b"POST", b"1.0"),
        ((b"Content-Length: +0", b"Connection: close"), b"GET", b"1.1"),  # asks for no switch
    ],
)
def test_a_request_whose_end_is_unclear_is_not_passed_on(
    lines: tuple[bytes, ...], method: bytes, version: bytes
) -> None:
    """RFC 9112 6.3: what follows would be one request to us and another to the server."""
    head = asked(*lines, method=method, version=version)
    with pytest.raises(ValueError, match=r"the end of the request is unclear: \w"):
        ClientNegotiator.forwarding(head, WebSocket())
    answer = ResponseHead.parse(switch())
    assert codes(verify_switch(head, answer, WebSocket())) == ["switch-unasked"]


@pytest.mark.parametrize(
    "octets",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /#a HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET * HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET http://b@a/ HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET http://a:81/ HTTP/1.1\r\nHost: a\r\n\r\n",
        b"CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
def test_a_request_that_addresses_two_hosts_or_none_is_not_passed_on(octets: bytes) -> None:
    """RFC 9112 3.2: the proxy would choose by one of them, and the server by the other."""
    with pytest.raises(ValueError, match=r"the host that the request addresses is unclear: \w"):
        ClientNegotiator.forwarding(RequestHead.parse(octets))


@pytest.mark.parametrize(
    "octets",
    [
        b"GET http://A:80/ HTTP/1.1\r\nHost: a:80\r\n\r\n",
        b"GET http://a/ HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost:\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
def test_a_request_that_addresses_one_host_is_passed_on(octets: bytes) -> None:
    head = RequestHead.parse(octets)
    assert ClientNegotiator.forwarding(head).send_request() == head.to_bytes()


@pytest.mark.parametrize(
    ("lines", "offer", "name"),
    [
        ((b"Content-Length: 3",), WebSocket(), "websocket"),
        ((b"Transfer-Encoding: chunked",), WebSocket(), "websocket"),
        ((b"Content-Length: 3", b"Upgrade: tcp"), CustomProtocol("tcp"), "tcp"),
        ((b"Content-Length: 3", b"Upgrade: tcp, websocket"), WebSocket(), "websocket"),
    ],
)
def test_a_request_with_a_body_is_not_passed_on_as_an_upgrade(
    lines: tuple[bytes, ...], offer: ClientOffer, name: str
) -> None:
    """What would follow its head is a body to one server, and frames to another."""
    with pytest.raises(ValueError, match=f"a request with a body does not ask for {name}"):
        ClientNegotiator.forwarding(asked(*lines), offer)


def test_a_body_that_a_protocol_takes_is_passed_on_with_it() -> None:
    head = asked(b"Content-Length: 3", b"Upgrade: tcp", method=b"POST")
    negotiator = ClientNegotiator.forwarding(head, CustomProtocol("tcp", body="buffer"))
    negotiator.send_request()
    assert isinstance(feed(negotiator, switch(b"Upgrade: tcp")), Switched)


def test_the_switch_of_another_is_verified_and_what_came_with_it_kept() -> None:
    negotiator = passing()
    event = feed(negotiator, switch(b"Sec-WebSocket-Protocol: chat", body=FRAME))
    assert isinstance(event, Switched)
    assert negotiator.trailing_data == FRAME
    wrong = switch(b"Sec-WebSocket-Protocol: mqtt")
    assert refused(wrong, passing()) == ("subprotocol-not-offered",)
    assert refused(switch(), passing(asked(b"Connection: close"))) == ("switch-unasked",)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_426_is_passed_on_like_any_other_final_response(size: int) -> None:
    body = b"tell the client" * 20
    octets = sized(b"Upgrade: websocket", status=b"426 Upgrade Required", body=body)
    outcome = run(passing(), cut(response(status=b"103 Early Hints") + octets, size))
    interim, declined, content = outcome.events
    assert isinstance(interim, Interim)
    assert isinstance(declined, OrdinaryResponse)
    assert (declined.head.status_code, declined.close) == (426, False)
    assert content == Content(body, end=True)
    assert outcome.codes == ()


def test_a_426_whose_end_is_unknown_is_no_response_to_pass_on() -> None:
    octets = response(b"Content-Length: five", status=b"426 Upgrade Required")
    assert refused(octets, passing()) == ("content-length-malformed",)
