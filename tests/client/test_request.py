"""What a client sends, and what it never does."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from client_wire import CHAT, KEY, SETTINGS

from httpupgrade import (
    H2C,
    TLS,
    ClientNegotiator,
    ConnectIP,
    ConnectTCP,
    ConnectUDP,
    CustomProtocol,
    LocalProtocolError,
    PerMessageDeflate,
    RequestHead,
    WebSocket,
)
from httpupgrade._client.request import _SINGLE
from httpupgrade.offers import ClientOffer

HOST = b"server.example.com"
H2 = H2C(settings=SETTINGS)


def head_of(octets: bytes) -> RequestHead:
    head, separator, _ = octets.partition(b"\r\n\r\n")
    return RequestHead.parse(head + separator)


def lines_of(octets: bytes) -> list[bytes]:
    return octets.partition(b"\r\n\r\n")[0].split(b"\r\n")


# --- What it sends ------------------------------------------------------------------------------


def test_a_websocket_is_asked_for_with_the_fields_of_its_handshake() -> None:
    negotiator = ClientNegotiator(
        CHAT, target=b"/chat", host=HOST, headers=[(b"Origin", b"http://example.com")], key=KEY
    )
    # RFC 6455 1.2, with Host in front (RFC 9110 7.2).
    assert negotiator.send_request() == (
        b"GET /chat HTTP/1.1\r\n"
        b"Host: server.example.com\r\n"
        b"Upgrade: websocket\r\n"
        b"Connection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"Sec-WebSocket-Protocol: chat, superchat\r\n"
        b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
        b"Origin: http://example.com\r\n"
        b"\r\n"
    )


def test_h2c_is_asked_for_with_its_settings_and_their_option() -> None:
    negotiator = ClientNegotiator(H2, host=HOST, method=b"POST", body=b"hello")
    assert negotiator.send_request() == (
        b"POST / HTTP/1.1\r\n"
        b"Host: server.example.com\r\n"
        b"Upgrade: h2c\r\n"
        b"Connection: Upgrade, HTTP2-Settings\r\n"
        b"HTTP2-Settings: " + SETTINGS + b"\r\n"
        b"Content-Length: 5\r\n"
        b"\r\n"
        b"hello"
    )


def test_tls_is_asked_for_by_name_with_any_request() -> None:
    tls = TLS("1.3", "1.2")
    options = ClientNegotiator(tls, host=HOST, method=b"OPTIONS", target=b"*").send_request()
    assert options == (
        b"OPTIONS * HTTP/1.1\r\n"
        b"Host: server.example.com\r\n"
        b"Upgrade: TLS/1.3, TLS/1.2\r\n"
        b"Connection: Upgrade\r\n"
        b"\r\n"
    )
    # RFC 2817 3.1
    assert lines_of(ClientNegotiator(tls, host=HOST).send_request())[2:] == lines_of(options)[2:]


TUNNELS: list[tuple[ClientOffer, bytes, bytes, bool]] = [
    (
        ConnectUDP(),
        ConnectUDP().request_target("2001:db8::42", 443),
        b"/.well-known/masque/udp/2001%3Adb8%3A%3A42/443/",
        False,
    ),
    (
        ConnectUDP(),
        ConnectUDP().request_target("a", 65535),
        b"/.well-known/masque/udp/a/65535/",
        False,
    ),
    (
        ConnectTCP("/proxy{?target_host,target_port,token}"),
        ConnectTCP("/proxy{?target_host,target_port,token}").request_target("a.example", 25),
        b"/proxy?target_host=a.example&target_port=25",
        False,
    ),
    (
        ConnectTCP("/proxy{?target_host,target_port,token}"),
        ConnectTCP("/proxy{?target_host,target_port,token}").request_target(
            "a.example", 25, token="a/b c"
        ),
        b"/proxy?target_host=a.example&target_port=25&token=a%2Fb%20c",
        False,
    ),
    (ConnectIP(), ConnectIP().request_target(), b"/.well-known/masque/ip/*/*/", True),
    (
        ConnectIP(),
        ConnectIP().request_target("a.example"),
        b"/.well-known/masque/ip/a.example/*/",
        True,
    ),
    (ConnectIP(), ConnectIP().request_target(None, 6), b"/.well-known/masque/ip/*/6/", True),
    (ConnectIP("/vpn"), ConnectIP("/vpn").request_target(), b"/vpn", True),
    (
        ConnectIP("/vpn{?target,ipproto,user}"),
        ConnectIP("/vpn{?target,ipproto,user}").request_target(user="b"),
        b"/vpn?target=*&ipproto=*&user=b",
        True,
    ),
    (
        ConnectIP(),
        ConnectIP().request_target("192.0.2.0/24", 17),
        b"/.well-known/masque/ip/192.0.2.0%2F24/17/",
        True,
    ),
]


@pytest.mark.parametrize(("offer", "made", "target", "secure"), TUNNELS)
def test_a_tunnel_is_asked_for_at_a_target_made_from_its_template(
    offer: ClientOffer, made: bytes, target: bytes, secure: bool
) -> None:
    assert made == target
    request = ClientNegotiator(offer, host=HOST, target=made, secure=secure).send_request()
    (token,) = offer.tokens_to_request(secure=secure)
    assert lines_of(request) == [
        b"GET " + target + b" HTTP/1.1",
        b"Host: server.example.com",
        b"Upgrade: " + bytes(token),
        b"Connection: Upgrade",
        b"Capsule-Protocol: ?1",
    ]


def test_several_protocols_are_asked_for_in_the_callers_order() -> None:
    request = ClientNegotiator(
        WebSocket(extensions=()), H2, CustomProtocol("irc/6.9"), host=HOST, key=KEY
    )
    assert lines_of(request.send_request())[2:] == [
        b"Upgrade: websocket, h2c, irc/6.9",
        b"Connection: Upgrade, HTTP2-Settings",
        b"Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Key: " + KEY,
        b"HTTP2-Settings: " + SETTINGS,
    ]


def test_without_an_offer_the_request_is_an_ordinary_one() -> None:
    request = ClientNegotiator(host=HOST, headers=[(b"Accept", b"*/*")]).send_request()
    assert request == b"GET / HTTP/1.1\r\nHost: server.example.com\r\nAccept: */*\r\n\r\n"


@pytest.mark.parametrize("method", [b"POST", b"PUT", b"PATCH"])
def test_a_method_with_content_says_how_long_it_is_also_where_there_is_none(method: bytes) -> None:
    request = ClientNegotiator(host=HOST, method=method).send_request()  # RFC 9110 8.6
    assert head_of(request).get_all(b"content-length") == (b"0",)
    assert not head_of(ClientNegotiator(host=HOST).send_request()).has(b"content-length")


def test_a_body_goes_with_the_request_where_the_protocol_takes_one() -> None:
    docker = CustomProtocol("tcp", body="buffer")
    negotiator = ClientNegotiator(docker, host=HOST, method=b"POST", body=b'{"Tty":true}')
    assert negotiator.send_request().endswith(b'Content-Length: 12\r\n\r\n{"Tty":true}')


def test_a_client_may_expect_100_continue_and_send_its_body_all_the_same() -> None:
    # RFC 9110 10.1.1: it MAY go on without waiting.
    expect = [(b"Expect", b"100-Continue")]
    request = ClientNegotiator(
        H2, host=HOST, method=b"POST", headers=expect, body=b"x"
    ).send_request()
    assert b"Expect: 100-Continue\r\n" in request


def test_each_request_has_a_key_of_its_own() -> None:
    keys = {
        ClientNegotiator(WebSocket(), host=HOST).head.get(b"sec-websocket-key") for _ in range(8)
    }
    assert len(keys) == 8
    assert all(re.fullmatch(rb"[A-Za-z0-9+/]{22}==", key or b"") for key in keys)


def test_the_head_is_that_of_the_octets() -> None:
    negotiator = ClientNegotiator(H2, host=HOST, method=b"POST", body=b"hello")
    head = negotiator.head
    assert head_of(negotiator.send_request()) == head


def test_the_request_is_sent_once() -> None:
    negotiator = ClientNegotiator(CHAT, host=HOST)
    negotiator.send_request()
    with pytest.raises(LocalProtocolError, match="was sent"):
        negotiator.send_request()


@pytest.mark.parametrize(
    ("deflate", "offered"),
    [
        (PerMessageDeflate(), b"client_max_window_bits"),
        (
            PerMessageDeflate(True, True, 10, 11),
            (
                b"server_no_context_takeover; client_no_context_takeover; "
                b"server_max_window_bits=10; client_max_window_bits=11"
            ),
        ),
    ],
)
def test_deflate_is_offered_as_it_was_made(deflate: PerMessageDeflate, offered: bytes) -> None:
    head = ClientNegotiator(WebSocket(extensions=[deflate]), host=HOST).head
    assert head.get(b"sec-websocket-extensions") == b"permessage-deflate; " + offered


def test_the_first_of_several_versions_is_asked_for() -> None:
    assert ClientNegotiator(WebSocket(versions=(8, 13)), host=HOST).head.get_all(
        b"sec-websocket-version"
    ) == (b"8",)


# --- What it never sends ------------------------------------------------------------------------

INJECTED = [b"a\r\nX: y", b"a\nX: y", b"a\rX", b"a\0", b"a\r\n\r\nGET /admin HTTP/1.1"]


CARRIERS: dict[str, Callable[[bytes], ClientNegotiator]] = {
    "target": lambda octets: ClientNegotiator(host=HOST, target=b"/" + octets),
    "host": lambda octets: ClientNegotiator(host=octets),
    "method": lambda octets: ClientNegotiator(host=HOST, method=octets),
    "name": lambda octets: ClientNegotiator(host=HOST, headers=[(octets, b"x")]),
    "value": lambda octets: ClientNegotiator(host=HOST, headers=[(b"X", octets)]),
    "key": lambda octets: ClientNegotiator(CHAT, host=HOST, key=octets),
    "settings": lambda octets: ClientNegotiator(H2C(settings=octets), host=HOST),
    "token": lambda octets: ClientNegotiator(CustomProtocol(octets.decode("ascii")), host=HOST),
    "subprotocol": lambda octets: ClientNegotiator(WebSocket([octets.decode()]), host=HOST),
}


@pytest.mark.parametrize("octets", INJECTED)
@pytest.mark.parametrize("argument", CARRIERS)
def test_no_argument_carries_a_line_end_or_nul_out(argument: str, octets: bytes) -> None:
    # CVE-2026-1527: undici let CR and LF through its option "upgrade".
    with pytest.raises(ValueError):  # noqa: PT011 - each has words of its own
        CARRIERS[argument](octets)


@pytest.mark.parametrize(
    "name",
    [
        b"Host",
        b"UPGRADE",
        b"connection",
        b"Content-Length",
        b"content-LENGTH",
        b"Transfer-Encoding",
        b"TE",
        b"Keep-Alive",
        b"Proxy-Connection",
        b"HTTP2-Settings",
    ],
)
def test_fields_that_follow_from_the_rest_are_nobodys_to_give(name: bytes) -> None:
    # CVE-2026-1525: undici sent two Content-Length in different case.
    with pytest.raises(ValueError, match="follows from"):
        ClientNegotiator(CHAT, host=HOST, headers=[(name, b"1")])


@pytest.mark.parametrize(
    ("offer", "name"),
    [
        (CHAT, b"Sec-WebSocket-Key"),
        (CHAT, b"Sec-WebSocket-Version"),
        (CHAT, b"sec-websocket-extensions"),
        (CHAT, b"Sec-WebSocket-Accept"),
        (CHAT, b"Sec-WebSocket-Origin"),
        (WebSocket(), b"Sec-WebSocket-Protocol"),
        (ConnectUDP(), b"Capsule-Protocol"),
    ],
)
def test_the_fields_of_an_offer_are_nobodys_to_give_beside_it(
    offer: ClientOffer, name: bytes
) -> None:
    with pytest.raises(ValueError, match="follows from"):
        ClientNegotiator(offer, host=HOST, headers=[(name, b"1")])


@pytest.mark.parametrize("name", sorted(_SINGLE))
def test_a_field_that_is_no_list_is_sent_once(name: bytes) -> None:
    with pytest.raises(ValueError, match="more than once"):
        ClientNegotiator(CHAT, host=HOST, headers=[(name, b"a"), (name.upper(), b"b")])


@pytest.mark.parametrize("name", [b"Accept", b"Content-Encoding", b"If-Match", b"Via", b"X-Y"])
def test_a_list_may_have_several_lines_by_any_name(name: bytes) -> None:
    fields = [(name, b"a"), (name.lower(), b"b")]
    assert ClientNegotiator(host=HOST, headers=fields).head.get_all(name) == (b"a", b"b")


def test_a_list_may_have_several_lines() -> None:
    accepts = [(b"Accept", b"a/b"), (b"Accept", b"c/d")]
    assert ClientNegotiator(host=HOST, headers=accepts).head.get_all(b"accept") == (b"a/b", b"c/d")


@pytest.mark.parametrize(
    ("method", "target", "host"),
    [
        (b"GET", b"", HOST),
        (b"GET", b"/a b", HOST),
        (b"GET", b"chat", HOST),
        (b"GET", b"/a#b", HOST),
        (b"GET", b"*", HOST),
        (b"GET", "/ä".encode(), HOST),
        (b"GET", b"http://u:p@server.example.com/", HOST),
        (b"GET", b"http://other.example/", HOST),
        (b"GET", b"http://server.example.com:81/", HOST),
        (b"CONNECT", b"/", HOST),
        (b"CONNECT", b"server.example.com", HOST),
        (b"CONNECT", b"other.example:443", HOST),
        (b"GET", b"/", b""),
        (b"GET", b"/", b":80"),
        (b"GET", b"/", b"a b"),
        (b"GET", b"/", b"::1"),
        (b"GET", b"/", b"u@server.example.com"),
        (b"GET", b"/", b"server.example.com:65536"),
        (b"G T", b"/", HOST),
        (b"", b"/", HOST),
    ],
)
def test_method_target_and_host_are_what_rfc_9112_3_has(
    method: bytes, target: bytes, host: bytes
) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        ClientNegotiator(method=method, target=target, host=host)


@pytest.mark.parametrize(
    ("method", "target", "host"),
    [
        (b"GET", b"http://server.example.com/a?b", HOST),
        (b"GET", b"http://SERVER.example.com:8080/", b"server.example.com:8080"),
        (b"OPTIONS", b"*", b"[::1]:8080"),
        (b"CONNECT", b"server.example.com:443", b"server.example.com:443"),
    ],
)
def test_all_four_forms_of_a_target_go_out(method: bytes, target: bytes, host: bytes) -> None:
    request = ClientNegotiator(method=method, target=target, host=host).send_request()
    assert request.startswith(b"%b %b HTTP/1.1\r\nHost: %b\r\n" % (method, target, host))


@pytest.mark.parametrize("method", [b"CONNECT", b"TRACE"])
def test_a_body_that_a_proxy_would_take_for_the_tunnels_is_not_sent(method: bytes) -> None:
    with pytest.raises(ValueError, match="has no body"):
        ClientNegotiator(method=method, target=b"a:443", host=b"a:443", body=b"GET / HTTP/1.1\r\n")


@pytest.mark.parametrize("offer", [ConnectUDP(), ConnectTCP()])
def test_a_tunnels_host_is_text(offer: ConnectUDP | ConnectTCP) -> None:
    with pytest.raises(TypeError, match=r"^host is a str, not bytes$"):
        offer.request_target(b"a", 1)  # type: ignore[arg-type]


def test_what_the_protocol_says_is_said_once() -> None:
    for offer in (ConnectUDP(), ConnectTCP()):
        with pytest.raises(ValueError, match="given twice: target_host"):
            offer.request_target("a", 1, target_host="b")
    with pytest.raises(ValueError, match="given twice: target"):
        ConnectIP().request_target("192.0.2.1", target="192.0.2.2")


def test_all_names_that_have_no_place_are_said() -> None:
    with pytest.raises(ValueError, match=r"^given twice: target_host, target_port$"):
        ConnectUDP().request_target("a", 1, target_port="2", target_host="b")
    with pytest.raises(ValueError, match=r"^no variable of the template: a, b$"):
        ConnectUDP().request_target("a", 1, b="2", a="b")


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_tunnels_port_is_a_number_from_1_to_65535(port: int) -> None:
    with pytest.raises(ValueError, match=r"^port is a number from 1 to 65535"):
        ConnectTCP().request_target("a", port)


def test_a_template_may_have_a_variable_of_any_name() -> None:
    udp = ConnectUDP("/{host}/{port}/{target_host}/{target_port}/")
    assert udp.request_target("a", 1, host="b", port="c") == b"/b/c/a/1/"


BAD_OFFERS: list[tuple[str, tuple[ClientOffer, ...], dict[str, object]]] = [
    ("by GET without a body", (CHAT,), {"method": b"POST"}),
    ("by GET without a body", (CHAT,), {"body": b"x"}),
    ("offered twice", (CHAT, WebSocket()), {}),
    ("offered twice", (CustomProtocol("a"), CustomProtocol("A")), {}),
    ("one of them twice", (WebSocket(["chat", "chat"]),), {}),
    ("H2C is not asked for inside TLS", (H2,), {"secure": True}),
    ("TLS is not asked for inside TLS", (TLS("1.3"),), {"secure": True}),
    ("ConnectIP is not asked for outside TLS", (ConnectIP(),), {}),
    ("says its settings", (H2C(),), {}),
    (
        "cannot begin HTTP/2",
        (H2,),
        {"method": b"CONNECT", "target": b"a.example:80", "host": b"a.example:80"},
    ),
    ("does not fit", (ConnectUDP(),), {"target": b"/"}),
    (
        "does not name an end",
        (ConnectUDP(),),
        {"target": ConnectUDP().request_target("a", 1).replace(b"1", b"0")},
    ),
    (
        "by GET",
        (ConnectUDP(),),
        {"target": ConnectUDP().request_target("a", 1), "method": b"POST"},
    ),
    (
        "has Content-Length",
        (ConnectUDP(),),
        {"target": ConnectUDP().request_target("a", 1), "body": b"x"},
    ),
    (
        "has Content-Length",
        (ConnectUDP(),),
        {
            "target": ConnectUDP().request_target("a", 1),
            "headers": [(b"Content-Type", b"text/plain")],
        },
    ),
    ("which this protocol does not accept", (CustomProtocol("a"),), {"body": b"x"}),
    (
        "does not start with this method",
        (CustomProtocol("a", methods=[b"GET"]),),
        {"method": b"POST"},
    ),
    ("Expect", (H2,), {"headers": [(b"Expect", b"100-continue")]}),
    ("Expect", (H2,), {"headers": [(b"Expect", b"200-maybe")], "body": b"x", "method": b"PUT"}),
]


@pytest.mark.parametrize(("words", "offers", "arguments"), BAD_OFFERS)
def test_an_offer_that_no_server_could_take_is_not_made(
    words: str, offers: tuple[ClientOffer, ...], arguments: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match=words):
        ClientNegotiator(*offers, **{"host": HOST, **arguments})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "arguments",
    [
        {"target": "/"},
        {"key": "dGhlIHNhbXBsZSBub25jZQ=="},
        {"host": "server.example.com"},
        {"method": "GET"},
        {"body": "x"},
        {"headers": [("a", "b")]},
    ],
)
def test_text_is_no_octets(arguments: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError), match=r"bytes|base64"):
        ClientNegotiator(**{"host": HOST, **arguments})  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", ["websocket", WebSocket, None, object()])
def test_what_is_no_offer_is_said_to_be_none(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"^each of offers is an object of a class"):
        ClientNegotiator(wrong, host=HOST)


def test_an_offer_is_written_as_it_is_made() -> None:
    assert [repr(each) for each in (CHAT, WebSocket(), H2C(), H2, TLS("1.3", "1.2"))] == [
        "WebSocket(<2 subprotocols>, versions=(13,))",
        "WebSocket(versions=(13,))",
        "H2C()",
        f"H2C(settings=<{len(SETTINGS)} octets>)",
        "TLS('1.3', '1.2')",
    ]
    assert repr(CustomProtocol("irc/6.9")) == "CustomProtocol('irc/6.9')"
    assert repr(ConnectIP("/ip")) == "ConnectIP('/ip')"


def test_settings_are_octets() -> None:
    with pytest.raises(TypeError, match=r"^settings is bytes or None, not str$"):
        H2C(settings="AAMAAABkAAQAoAAAAAIAAAAA")  # type: ignore[arg-type]


def test_an_extension_that_only_servers_have_is_not_offered() -> None:
    class OnServersOnly:
        name = "x"

        def accept(self, offer: object) -> None:
            raise AssertionError(offer)

    with pytest.raises(ValueError, match="has no offer"):
        ClientNegotiator(WebSocket(extensions=[OnServersOnly()]), host=HOST)


@pytest.mark.parametrize(
    ("expand", "words"),
    [
        (
            lambda: ConnectUDP().request_target("a", 1, more="x"),
            "no variable of the template: more",
        ),
        (
            lambda: ConnectTCP("/{a}/{target_host}/{target_port}/").request_target("a", 1),
            "a stands",
        ),
        (lambda: ConnectIP("/ip").request_target("192.0.2.1"), "no variable of the template"),
    ],
)
def test_a_template_is_expanded_with_what_it_has_a_place_for(expand: object, words: str) -> None:
    assert callable(expand)
    with pytest.raises(ValueError, match=words):
        expand()


def test_a_template_without_a_choice_is_expanded_to_itself() -> None:
    assert ConnectIP("/ip").request_target() == b"/ip"
