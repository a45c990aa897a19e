"""What is said of an exchange, by what came back."""

from typing import Any, Final

import pytest

from httpupgrade import (
    ClientNegotiator,
    Finding,
    RemoteProtocolError,
    RequestHead,
    ResponseHead,
    WebSocket,
)
from httpupgrade.diagnosis import Diagnosis, NoAnswer, diagnose_response

KEY: Final = b"dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT: Final = (b"Sec-WebSocket-Accept", b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
UPGRADE: Final = (b"Upgrade", b"websocket")
OPTION: Final = (b"Connection", b"Upgrade")
HOST: Final = (b"Host", b"a.example")
HTML: Final = (b"Content-Type", b"text/html")
WEBSOCKET: Final = RequestHead(
    b"GET",
    b"/chat?token=SECRET",
    (HOST, UPGRADE, OPTION, (b"Sec-WebSocket-Key", KEY), (b"Sec-WebSocket-Version", b"13")),
)
PLAIN: Final = RequestHead(b"GET", b"/chat", (HOST,))
CONNECT: Final = RequestHead.from_parser(b"CONNECT", b"/chat", (HOST,), b"2.0")


def asking(*tokens: bytes) -> RequestHead:
    """A request that asks for other protocols."""
    named = ((b"Upgrade", b", ".join(tokens)), OPTION)
    return RequestHead(b"GET", b"/", (HOST, *named))


H2C: Final = RequestHead(
    b"GET",
    b"/",
    (
        HOST,
        (b"Upgrade", b"h2c"),
        (b"Connection", b"Upgrade, HTTP2-Settings"),
        (b"HTTP2-Settings", b"AAMAAABkAAQAAP__"),
    ),
)


def said(
    request: RequestHead,
    status: int,
    *fields: tuple[bytes, bytes],
    reason: bytes = b"",
    version: bytes = b"1.1",
    **more: Any,
) -> tuple[str, str]:
    """The verdict and the code."""
    diagnosis = diagnose_response(request, ResponseHead(status, fields, reason, version), **more)
    return diagnosis.verdict, diagnosis.code


# --- 101 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ((UPGRADE, OPTION, ACCEPT), ""),
        ((UPGRADE, OPTION), "websocket-accept-missing"),
        ((OPTION, ACCEPT), "switch-upgrade-missing"),
        ((UPGRADE, ACCEPT), "switch-option-missing"),
        ((UPGRADE, OPTION, (b"Sec-WebSocket-Accept", b"AAAA")), "websocket-accept-wrong"),
        ((UPGRADE, OPTION, ACCEPT, (b"Sec-WebSocket-Protocol", b"x")), "subprotocol-not-offered"),
        (((b"Upgrade", b"h2c"), OPTION), "switch-not-asked-for"),
    ],
)
def test_a_101_is_held_to_its_request(fields: tuple[tuple[bytes, bytes], ...], code: str) -> None:
    assert said(WEBSOCKET, 101, *fields) == ("broken" if code else "healthy", code)


@pytest.mark.parametrize(
    ("answer", "is_told"), [((), True), (((b"Sec-WebSocket-Protocol", b"chat"),), False)]
)
def test_a_101_without_a_subprotocol_is_right_and_browsers_refuse_it(
    answer: tuple[tuple[bytes, bytes], ...], is_told: bool
) -> None:
    offer = (b"Sec-WebSocket-Protocol", b"chat")
    request_head = RequestHead(b"GET", b"/chat", (*WEBSOCKET.headers, offer))
    response = ResponseHead(101, (UPGRADE, OPTION, ACCEPT, *answer))
    diagnosis = diagnose_response(request_head, response)
    assert diagnosis.verdict == "healthy"
    assert any("browsers" in each for each in diagnosis.next_steps) is is_told


def test_a_101_that_nobody_asked_for_is_broken() -> None:
    assert said(PLAIN, 101, UPGRADE, OPTION, ACCEPT) == ("broken", "switch-unasked")


def test_what_else_is_wrong_with_a_101_follows() -> None:
    diagnosis = diagnose_response(WEBSOCKET, ResponseHead(101, ()))
    assert diagnosis.code == "switch-upgrade-missing"
    assert any("Connection" in each for each in diagnosis.consequences)


@pytest.mark.parametrize("token", [b"tcp", b"irc/6.9"])
def test_any_other_protocol_is_switched_to_as_well(token: bytes) -> None:
    assert said(asking(token), 101, (b"Upgrade", token), OPTION) == ("healthy", "")


def test_capsule_protocols_of_which_nothing_is_known_do_not_stop_it() -> None:
    request = asking(b"connect-ethernet")
    assert said(request, 404) == ("refused", "upgrade-not-found")
    switch = ((b"Upgrade", b"connect-ethernet"), OPTION)
    assert said(request, 101, *switch) == ("unclear", "switch-unasked")


# --- 426 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_head", "fields", "secure", "expected"),
    [
        (WEBSOCKET, (UPGRADE, OPTION), False, ("broken", "asked-in-vain")),
        (WEBSOCKET, (), False, ("broken", "asked-in-vain")),
        (PLAIN, (UPGRADE, OPTION), False, ("refused", "upgrade-required")),
        (PLAIN, (), False, ("refused", "upgrade-required")),
        (
            WEBSOCKET,
            ((b"Upgrade", b"TLS/1.3, HTTP/1.1"), OPTION),
            False,
            ("refused", "tls-required"),
        ),
        (
            PLAIN,
            ((b"Upgrade", b"TLS/1.3, HTTP/1.1"), OPTION),
            True,
            ("broken", "tls-spoken-already"),
        ),
        (PLAIN, ((b"Upgrade", b"HTTP/2.0"), OPTION), False, ("refused", "http2-required")),
        (WEBSOCKET, ((b"Upgrade", b"h2c"), OPTION), False, ("refused", "http2-required")),
        (H2C, ((b"Upgrade", b"h2c"), OPTION), False, ("broken", "asked-in-vain")),
        (H2C, (UPGRADE, OPTION), False, ("refused", "nothing-in-common")),
        (
            WEBSOCKET,
            ((b"Sec-WebSocket-Version", b"8"), UPGRADE, OPTION),
            False,
            ("refused", "websocket-version-unsupported"),
        ),
        (
            WEBSOCKET,
            ((b"Server", b"istio-envoy"),),
            False,
            ("broken", "upgrade-in-http-1.0"),
        ),
        (PLAIN, ((b"Server", b"envoy"),), False, ("broken", "upgrade-in-http-1.0")),
    ],
)
def test_a_426_is_policy_or_shows_that_something_was_lost(
    request_head: RequestHead,
    fields: tuple[tuple[bytes, bytes], ...],
    secure: bool,
    expected: tuple[str, str],
) -> None:
    assert said(request_head, 426, *fields, secure=secure) == expected


# --- Other statuses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (100, ("unclear", "interim-only")),
        (199, ("unclear", "interim-only")),
        (200, ("broken", "upgrade-ignored")),
        (204, ("broken", "upgrade-ignored")),
        (304, ("broken", "upgrade-ignored")),
        (302, ("refused", "upgrade-redirected")),
        (400, ("refused", "upgrade-refused")),
        (401, ("refused", "credentials-required")),
        (403, ("refused", "upgrade-forbidden")),
        (404, ("refused", "upgrade-not-found")),
        (405, ("refused", "upgrade-refused")),
        (407, ("refused", "proxy-credentials-required")),
        (429, ("refused", "too-many-requests")),
        (500, ("broken", "server-error")),
        (501, ("refused", "upgrade-refused")),
        (502, ("broken", "gateway-failed")),
        (503, ("broken", "gateway-failed")),
        (504, ("broken", "gateway-failed")),
        (505, ("broken", "upgrade-in-http-1.0")),
        (522, ("broken", "gateway-failed")),
        (530, ("broken", "gateway-failed")),
        (999, ("broken", "server-error")),
    ],
)
def test_an_ordinary_answer_to_a_handshake(status: int, expected: tuple[str, str]) -> None:
    assert said(WEBSOCKET, status) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, ("healthy", "")),
        (204, ("healthy", "")),
        (301, ("healthy", "")),
        (304, ("healthy", "")),
        (400, ("refused", "plain-request-refused")),
        (403, ("refused", "plain-request-refused")),
        (404, ("refused", "plain-request-refused")),
        (401, ("refused", "credentials-required")),
        (502, ("broken", "gateway-failed")),
        (505, ("refused", "plain-request-refused")),
    ],
)
def test_an_ordinary_answer_to_an_ordinary_request(status: int, expected: tuple[str, str]) -> None:
    assert said(PLAIN, status) == expected


def test_an_advertised_upgrade_is_no_fault() -> None:
    assert said(PLAIN, 200, UPGRADE, OPTION) == ("healthy", "")


TLS: Final = RequestHead(
    b"OPTIONS", b"*", (HOST, (b"Upgrade", b"TLS/1.2"), (b"Connection", b"Upgrade"))
)


@pytest.mark.parametrize("request_head", [H2C, TLS])
def test_who_can_go_on_in_http_1_is_served_in_it(request_head: RequestHead) -> None:
    assert said(request_head, 200) == ("healthy", "")


def test_another_protocol_that_is_ignored_is_broken() -> None:
    assert said(asking(b"tcp"), 200) == ("broken", "upgrade-ignored")


@pytest.mark.parametrize("status", [200, 404, 426])
def test_an_answer_in_http_1_0_shows_an_old_hop(status: int) -> None:
    assert said(WEBSOCKET, status, version=b"1.0") == ("broken", "upgrade-in-http-1.0")


@pytest.mark.parametrize(
    ("location", "secure", "code"),
    [
        (b"https://a.example/chat?token=SECRET", False, "redirected-to-tls"),
        (b"https://a.example/chat", True, "upgrade-redirected"),
        (b"https://a.example/login", False, "upgrade-redirected"),
        (b"http://a.example/chat/", False, "redirected-to-slash"),
        (b"/chat/?token=SECRET", False, "redirected-to-slash"),
        (b"/login", False, "upgrade-redirected"),
        (b"https://a.example", False, "upgrade-redirected"),
        (b"", False, "upgrade-redirected"),
    ],
)
def test_a_redirection_is_told_by_where_it_leads(location: bytes, secure: bool, code: str) -> None:
    assert said(WEBSOCKET, 301, (b"Location", location), secure=secure) == ("refused", code)


def test_a_redirection_without_an_address_is_one_as_well() -> None:
    assert said(WEBSOCKET, 302) == ("refused", "upgrade-redirected")


# --- What the body says -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "content", "code"),
    [
        (400, b"No WebSocket UPGRADE hdr: None\n Can", "upgrade-missing"),
        (426, b"missing Connection header.", "upgrade-option-missing"),
        (400, b"unsupported HTTP version: HTTP/1.0.", "upgrade-in-http-1.0"),
        (400, b"there is no Sec-WebSocket-Key field", "websocket-key-missing"),
        (400, b"The plain HTTP request was sent to HTTPS port", "tls-expected"),
    ],
)
def test_what_a_known_server_misses_was_lost_on_the_way(
    status: int, content: bytes, code: str
) -> None:
    diagnosis = diagnose_response(WEBSOCKET, ResponseHead(status, (HTML,)), content=content)
    assert (diagnosis.verdict, diagnosis.code) == ("broken", code)
    assert any("the response says so" in each.says for each in diagnosis.evidence)


@pytest.mark.parametrize(
    ("status", "content", "code"),
    [
        (403, b"websocket: request origin not allowed", "origin-not-allowed"),
        (400, b"invalid Sec-WebSocket-Version header: 13.", "upgrade-refused"),
        (404, b"no such page", "upgrade-not-found"),
    ],
)
def test_what_a_known_server_refuses(status: int, content: bytes, code: str) -> None:
    assert said(WEBSOCKET, status, content=content) == ("refused", code)


def test_a_version_that_a_server_names_as_the_reason() -> None:
    request = RequestHead(
        b"GET",
        b"/",
        tuple(
            (name, b"8" if name == b"Sec-WebSocket-Version" else value)
            for name, value in WEBSOCKET.headers
        ),
    )
    content = b"Unsupported WebSocket version: 8"
    assert said(request, 400, content=content) == ("refused", "websocket-version-unsupported")


def test_what_a_server_of_websockets_says_to_another_upgrade() -> None:
    content = b"No WebSocket UPGRADE header. Can 'Upgrade' only to 'websocket'"
    assert said(H2C, 400, content=content) == ("refused", "nothing-in-common")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"No WebSocket UPGRADE hdr: None", ("refused", "upgrade-required")),
        (b"The plain HTTP request was sent to HTTPS port", ("broken", "tls-expected")),
        (b"request origin not allowed", ("refused", "plain-request-refused")),
    ],
)
def test_what_a_known_server_says_to_an_ordinary_request(
    content: bytes, expected: tuple[str, str]
) -> None:
    assert said(PLAIN, 400, content=content) == expected


def test_a_sentence_in_a_page_that_was_served_means_nothing() -> None:
    content = b"No WebSocket UPGRADE hdr: None"
    assert said(WEBSOCKET, 200, content=content) == ("broken", "upgrade-ignored")


def test_engine_io_tells_what_it_refuses() -> None:
    content = b'{"code":5,"message":"Unsupported protocol version"}'
    diagnosis = diagnose_response(WEBSOCKET, ResponseHead(400, ()), content=content)
    assert (diagnosis.verdict, diagnosis.code) == ("refused", "engine-io-refused")
    assert diagnosis.remedies[0].name == "engine-io-allow-eio3"


# --- A request that is wrong itself -------------------------------------------------------------


@pytest.mark.parametrize("response", [ResponseHead(101, (UPGRADE, OPTION)), NoAnswer.CLOSED])
def test_a_request_that_is_wrong_itself_is_the_cause(response: Any) -> None:
    version = (b"Sec-WebSocket-Version", b"13")
    request = RequestHead(b"GET", b"/", (HOST, UPGRADE, OPTION, version))
    diagnosis = diagnose_response(request, response)
    assert diagnosis.verdict == "broken"
    assert diagnosis.code == "websocket-key-missing"


# --- HTTP/2 -------------------------------------------------------------------------------------


def test_an_http2_response_with_upgrade_is_broken_and_two_cures_are_told() -> None:
    head = ResponseHead(
        426, ((b"server", b"nginx/1.22.1"), (b"upgrade", b"websocket")), b"", b"2.0"
    )
    diagnosis = diagnose_response(CONNECT, head)
    assert (diagnosis.verdict, diagnosis.code) == ("broken", "http2-hop-by-hop-field")
    names = [each.name for each in diagnosis.remedies]
    assert names == ["nginx-http2-map-upgrade", "nginx-http2-more-clear"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, ("healthy", "")),
        (400, ("refused", "extended-connect-refused")),
        (405, ("refused", "extended-connect-refused")),
        (501, ("refused", "extended-connect-refused")),
        (403, ("refused", "plain-request-refused")),
        (426, ("refused", "upgrade-required")),
        (502, ("broken", "gateway-failed")),
    ],
)
def test_an_extended_connect(status: int, expected: tuple[str, str]) -> None:
    assert said(CONNECT, status, version=b"2.0") == expected


def test_a_response_in_http2_is_judged_as_one_however_its_request_is_written() -> None:
    assert said(PLAIN, 426, UPGRADE, version=b"2.0") == ("broken", "http2-hop-by-hop-field")


# --- What is no response ------------------------------------------------------------------------


def of_octets(octets: bytes, *, secure: bool = False) -> Diagnosis:
    """What is said of octets that came in the place of a response."""
    with pytest.raises(RemoteProtocolError) as raised:
        ResponseHead.parse(octets)
    error = RemoteProtocolError(raised.value.findings, octets)
    return diagnose_response(WEBSOCKET, error, secure=secure)


def test_tls_on_a_plain_port_is_told() -> None:
    diagnosis = of_octets(b"\x15\x03\x03\x00\x02\x02\x46")
    assert (diagnosis.verdict, diagnosis.code) == ("broken", "response-is-tls")
    assert "TLS" in diagnosis.cause
    assert diagnosis.evidence


@pytest.mark.parametrize(
    ("octets", "name"),
    [(b"SSH-2.0-OpenSSH_9.2\r\n", "SSH"), (b"220 mail.example ESMTP\r\n", "SMTP")],
)
def test_a_server_of_another_protocol_is_named(octets: bytes, name: str) -> None:
    assert name in of_octets(octets).cause


def test_http2_in_the_place_of_a_response_is_told() -> None:
    frame = b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(18)
    assert of_octets(frame, secure=True).code == "response-is-http2"


def test_a_fault_without_octets_needs_none() -> None:
    finding = Finding("body-incomplete", "the body ended early")
    diagnosis = diagnose_response(WEBSOCKET, RemoteProtocolError((finding, finding)))
    assert diagnosis.code == "body-incomplete"
    assert diagnosis.consequences == ("the body ended early",)


def test_a_426_in_vain_may_stand_for_another_refusal() -> None:
    diagnosis = diagnose_response(WEBSOCKET, ResponseHead(426, (UPGRADE, OPTION)))
    assert any("403 for an Origin" in each for each in diagnosis.next_steps)


# --- No answer ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "code"),
    [(NoAnswer.CLOSED, "response-missing"), (NoAnswer.SILENT, "response-silent")],
)
def test_no_answer_has_several_suspects_and_says_what_browsers_do(how: NoAnswer, code: str) -> None:
    diagnosis = diagnose_response(WEBSOCKET, how)
    assert (diagnosis.verdict, diagnosis.code) == ("broken", code)
    assert len(diagnosis.suspects) > 1
    assert all(each.confidence in ("medium", "low") for each in diagnosis.suspects)
    assert any("Local Network Access" in each for each in diagnosis.next_steps)


# --- Arguments ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        (b"GET / HTTP/1.1", NoAnswer.CLOSED),
        (WEBSOCKET, None),
        (WEBSOCKET, b"HTTP/1.1 200 OK"),
    ],
)
def test_wrong_types_are_refused(arguments: tuple[Any, Any]) -> None:
    with pytest.raises(TypeError):
        diagnose_response(*arguments)


@pytest.mark.parametrize("more", [{"content": "text"}, {"secure": 1}])
def test_wrong_types_of_options_are_refused(more: Any) -> None:
    with pytest.raises(TypeError):
        diagnose_response(WEBSOCKET, NoAnswer.CLOSED, **more)


# --- A 101 that the client refused ---------------------------------------------------------------


def test_a_101_that_was_refused_is_read_as_one() -> None:
    client = ClientNegotiator(WebSocket(), host=b"a.example", key=KEY)
    client.send_request()
    client.receive_data(
        b"HTTP/1.1 101 Switching Protocols\r\nServer: nginx/1.22.1\r\nConnection: upgrade\r\n"
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    )
    with pytest.raises(RemoteProtocolError) as raised:
        client.next_event()
    diagnosis = diagnose_response(client.head, raised.value)
    assert (diagnosis.verdict, diagnosis.code) == ("broken", "switch-upgrade-missing")
    assert diagnosis.suspects[0].fingerprint == "nginx-101-without-upgrade"


def test_octets_after_a_101_that_was_refused_change_nothing() -> None:
    octets = ResponseHead(101, ()).to_bytes() + b"more"
    error = RemoteProtocolError((Finding("a-code", "it is wrong"),), octets)
    assert diagnose_response(WEBSOCKET, error).code == "a-code"


def test_another_response_that_was_refused_is_not_taken_for_a_101() -> None:
    (finding,) = (Finding("response-repeated", "it is there twice"),)
    octets = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    assert diagnose_response(WEBSOCKET, RemoteProtocolError((finding,), octets)).code == (
        "response-repeated"
    )


# --- Fields that nginx and lighttpd keep from the server -----------------------------------------


@pytest.mark.parametrize(
    ("server", "says", "row"),
    [
        (b"nginx/1.22.1", "there is no Sec-WebSocket-Version field", "nginx-without-fields"),
        (b"nginx/1.22.1", "there is no Sec-WebSocket-Key field", "nginx-without-fields"),
        (
            b"lighttpd/1.4.69",
            "the request arrived in HTTP/1.0, which cannot upgrade",
            "lighttpd-http10",
        ),
    ],
)
def test_what_our_server_says_names_the_hop(server: bytes, says: str, row: str) -> None:
    response = ResponseHead(400, [(b"Server", server)])
    body = f"400 Bad Request\n\nWhat was wrong with the request:\n\n* {says}".encode()
    diagnosis = diagnose_response(WEBSOCKET, response, content=body)
    assert diagnosis.verdict == "broken"
    assert diagnosis.suspects[0].fingerprint == row
