"""What the findings of each protocol point at: the field, its octets, their place, and a detail.

People read these in a refusal, in a log, or on a client, and look for the line that is shown.
"""

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

import pytest
from code_rows import codes_of
from core_sources import SOURCES
from wire import ACCEPT, KEY

from httpupgrade import (
    H2C,
    TLS,
    ConnectUDP,
    CustomProtocol,
    Finding,
    Policy,
    Reject,
    RequestHead,
    Require426,
    ResponseHead,
    WebSocket,
    decide,
)
from httpupgrade.fields import parse_upgrade
from httpupgrade.offers import ClientOffer, Offer, Verified

CODES: Final = codes_of(SOURCES)
WS: Final = b"Upgrade: websocket"
KEY_LINE: Final = b"Sec-WebSocket-Key: " + KEY
VERSION: Final = b"Sec-WebSocket-Version: 13"
HANDSHAKE: Final = (WS, KEY_LINE, VERSION)
SETTINGS: Final = b"HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"


class Row(NamedTuple):
    """One finding. The octets of ``value`` stand in the head, and are marked in the line shown."""

    code: str
    field: str | None
    value: bytes | None = None
    detail: str = ""
    line: tuple[int, int] = (1, 1)
    hidden: bool = False
    """Whether the value may be secret, so that the line shows dots."""


def request(line: bytes, *lines: bytes) -> bytes:
    first = (line + b" HTTP/1.1", b"Host: a.example", b"Connection: Upgrade")
    return b"\r\n".join((*first, *lines, b"", b""))


def check(octets: bytes, finding: Finding, row: Row) -> None:
    code = CODES[row.code]
    assert (finding.code, finding.field, finding.value) == row[:3]
    assert (finding.clause, finding.message) == (code.clause, code.message)
    assert finding.status_code == code.status_code
    assert finding.hint == " ".join(filter(None, (row.detail, code.hint)))
    assert (finding.line_number, finding.line_count) == row.line
    if finding.line is None:
        assert (finding.offset, finding.start, finding.end) == (None, None, None)
        assert row.value is None or row.code.startswith("extension-")
        return
    assert finding.value is not None
    assert finding.offset is not None
    assert octets[finding.offset :].startswith(finding.value)
    shown = finding.line[finding.start : finding.end]
    assert shown == b"..." if row.hidden else finding.value.startswith(shown)
    begin = octets.rfind(b"\n", 0, finding.offset) + 1
    received = octets[begin : octets.index(b"\r", begin)]
    assert finding.line == (received.partition(b":")[0] + b": ..." if row.hidden else received)


def refused(decision: object) -> tuple[tuple[bytes, bytes], ...]:
    """The fields of a refusal that its offers added."""
    headers = decision.headers if isinstance(decision, Reject | Require426) else ()
    own = (b"allow", b"sec-websocket-version")
    return tuple(each for each in headers if each[0].lower() in own)


# --- Requests -----------------------------------------------------------------------------------

ALLOW_GET: Final = (b"Allow", b"GET")
VERSION_13: Final = (b"Sec-WebSocket-Version", b"13")
UDP_TEMPLATE: Final = (
    "The template is /.well-known/masque/udp/{target_host}/{target_port}/ (RFC 6570)."
)
ALONE: Final = (
    "No field of a WebSocket but Upgrade is there: the usual cause is a plain request through a"
    " proxy that sets Upgrade on every request, and has to pass on the client's."
)
COMPARED: Final = "It was compared with the host of the request, a.example."
LISTED: Final = partial(WebSocket, origins=["https://b.example"], allow_missing_origin=False)
OF_DRAFT: Final = partial(WebSocket, origins="same-host", versions=(8,))
DRAFT: Final = (WS, KEY_LINE, b"Sec-WebSocket-Version: 8")
STRICT: Final = partial(WebSocket, ("b", "c"), require_subprotocol=True)

REQUESTS: Final[
    dict[str, tuple[Callable[[], Offer], bytes, list[Row], tuple[tuple[bytes, bytes], ...]]]
] = {
    "a tunnel by POST, with content, elsewhere": (
        ConnectUDP,
        request(
            b"POST /x", b"Upgrade: connect-udp", b"Content-Length: 0", b"content-type:  text/plain"
        ),
        [
            Row("tunnel-needs-get", None, b"POST"),
            Row("tunnel-has-content-field", "Content-Length", b"0"),
            Row("tunnel-has-content-field", "Content-Type", b"text/plain"),
            Row("tunnel-target-unknown", None, b"/x", UDP_TEMPLATE),
        ],
        (),
    ),
    "a tunnel to no port": (
        lambda: ConnectUDP("/{target_host}/{target_port}"),
        request(b"GET /a/0", b"Upgrade: connect-udp", b"Transfer-Encoding: chunked"),
        [
            Row("tunnel-has-content-field", "Transfer-Encoding", b"chunked"),
            Row("tunnel-target-malformed", None, b"/a/0"),
        ],
        (),
    ),
    "h2c without settings": (
        H2C,
        request(b"GET /", b"Upgrade: h2c"),
        [
            Row("http2-settings-option-missing", "Connection", b"Upgrade"),
            Row("http2-settings-missing", "HTTP2-Settings"),
        ],
        (),
    ),
    "h2c with two settings": (
        H2C,
        request(
            b"CONNECT a.example:80",
            b"Upgrade: h2c",
            b"Connection: HTTP2-Settings",
            b"HTTP2-Settings: A",
            SETTINGS,
        ),
        [
            Row("method-not-allowed", None, b"CONNECT"),
            Row("http2-settings-repeated", "HTTP2-Settings", SETTINGS[16:], line=(2, 2)),
        ],
        (),
    ),
    "h2c with broken settings": (
        H2C,
        request(b"GET /", b"Upgrade: h2c", b"Connection: HTTP2-Settings", b"HTTP2-Settings: A"),
        [Row("http2-settings-malformed", "HTTP2-Settings", b"A")],
        (),
    ),
    "TLS by GET": (
        lambda: TLS("1.3"),
        request(b"GET /a", b"Upgrade: TLS/1.3"),
        [Row("tls-needs-options", None, b"GET")],
        (),
    ),
    "HTTP without TLS below": (
        lambda: TLS("1.3"),
        request(b"OPTIONS *", b"Upgrade: HTTP/1.1"),
        [Row("no-common-protocol", "Upgrade")],
        (),
    ),
    "HTTP above another TLS": (
        lambda: TLS("1.3"),
        request(b"OPTIONS *", b"Upgrade: TLS/1.2, HTTP/1.1"),
        [],
        (),
    ),
    "another method than one's own": (
        lambda: CustomProtocol("tcp", methods=[b"POST", b"PUT"]),
        request(b"GET /", b"Upgrade: tcp", b"Content-Length: 1"),
        [
            Row("method-not-allowed", None, b"GET", "It starts with POST or PUT."),
            Row("body-not-allowed", "Content-Length", b"1"),
        ],
        ((b"Allow", b"POST, PUT"),),
    ),
    "a WebSocket by POST": (
        LISTED,
        request(b"POST foo://a.example/", WS, b"Content-Length: 3"),
        [
            Row("method-not-allowed", None, b"POST", "It starts with GET."),
            Row("websocket-scheme-wrong", None, b"foo://a.example/"),
            Row("websocket-version-missing", "Sec-WebSocket-Version", None, ALONE),
            Row("body-not-allowed", "Content-Length", b"3"),
            Row("websocket-key-missing", "Sec-WebSocket-Key"),
            Row("origin-missing", "Origin"),
        ],
        (ALLOW_GET, VERSION_13),
    ),
    "no version": (
        WebSocket,
        request(b"GET /", WS, KEY_LINE),
        [Row("websocket-version-missing", "Sec-WebSocket-Version")],
        (VERSION_13,),
    ),
    "two keys and versions": (
        WebSocket,
        request(b"GET /", *HANDSHAKE, b"sec-websocket-key: x", b"Sec-WebSocket-Version: 8"),
        [
            Row("websocket-version-repeated", "Sec-WebSocket-Version", b"8", line=(2, 2)),
            Row("websocket-key-repeated", "Sec-WebSocket-Key", b"x", line=(2, 2)),
        ],
        (VERSION_13,),
    ),
    "another version": (
        lambda: WebSocket(versions=(13, 8)),
        request(b"GET /", WS, KEY_LINE, b"Sec-WebSocket-Version: 7"),
        [
            Row(
                "websocket-version-unsupported",
                "Sec-WebSocket-Version",
                b"7",
                "This server speaks 13, 8.",
            )
        ],
        ((b"Sec-WebSocket-Version", b"13, 8"),),
    ),
    "a broken version and key": (
        WebSocket,
        request(b"GET /", WS, b"sec-websocket-key: abc", b"Sec-WebSocket-Version: 013"),
        [
            Row("websocket-version-malformed", "Sec-WebSocket-Version", b"013"),
            Row("websocket-key-malformed", "Sec-WebSocket-Key", b"abc"),
        ],
        (VERSION_13,),
    ),
    "a broken key alone": (
        WebSocket,
        request(b"GET /", WS, b"Sec-WebSocket-Key: abc", VERSION),
        [Row("websocket-key-malformed", "Sec-WebSocket-Key", b"abc")],
        (),
    ),
    "broken lists": (
        STRICT,
        request(
            b"GET /",
            *HANDSHAKE,
            b"Sec-WebSocket-Protocol: a,,b=",
            b"Sec-WebSocket-Extensions: x; =",
        ),
        [
            Row("subprotocols-malformed", "Sec-WebSocket-Protocol", b"=", hidden=True),
            Row("extensions-malformed", "Sec-WebSocket-Extensions", b"; ="),
        ],
        (),
    ),
    "empty lists": (
        WebSocket,
        request(b"GET /", *HANDSHAKE, b"Sec-WebSocket-Protocol:", b"Sec-WebSocket-Extensions: ,"),
        [
            Row("subprotocols-malformed", "Sec-WebSocket-Protocol", b""),
            Row("extensions-malformed", "Sec-WebSocket-Extensions", b","),
        ],
        (),
    ),
    "no common subprotocol": (
        STRICT,
        request(b"GET /", *HANDSHAKE, b"Sec-WebSocket-Protocol: x"),
        [
            Row(
                "no-common-subprotocol",
                "Sec-WebSocket-Protocol",
                b"x",
                "This server speaks b, c.",
                hidden=True,
            )
        ],
        (),
    ),
    "no subprotocol where a function chooses": (
        lambda: WebSocket(select_subprotocol=lambda offered, head: None, require_subprotocol=True),
        request(b"GET /", *HANDSHAKE),
        [Row("no-common-subprotocol", "Sec-WebSocket-Protocol")],
        (),
    ),
    "extensions that cannot be agreed on": (
        WebSocket,
        request(
            b"GET /", *HANDSHAKE, b"Sec-WebSocket-Extensions: x, permessage-deflate; q=1, y; z"
        ),
        [Row("extension-declined", "Sec-WebSocket-Extensions", b"permessage-deflate; q=1")],
        (),
    ),
    "two origins": (
        WebSocket,
        request(b"GET /", *HANDSHAKE, b"Origin: http://a", b"Origin: http://b"),
        [Row("origin-repeated", "Origin", b"http://b", line=(2, 2))],
        (),
    ),
    "an origin that is not listed": (
        LISTED,
        request(b"GET /", *HANDSHAKE, b"Origin: http://b.example"),
        [Row("origin-not-allowed", "Origin", b"http://b.example")],
        (),
    ),
    "an origin that a function refuses": (
        lambda: WebSocket(origins=lambda origin, head: False),
        request(b"GET /", *HANDSHAKE, b"Origin: http://b.example"),
        [Row("origin-not-allowed", "Origin", b"http://b.example")],
        (),
    ),
    "the origin of another host": (
        lambda: WebSocket(origins="same-host"),
        request(b"GET http://a.example:81/", *HANDSHAKE, b"Origin: http://b.example"),
        [Row("origin-not-allowed", "Origin", b"http://b.example", COMPARED[:-1] + ":81.")],
        (),
    ),
    "an origin where there is no host": (
        lambda: WebSocket(origins="same-host"),
        request(b"GET /", *HANDSHAKE, b"Origin: http://b.example").replace(b" a.example", b""),
        [
            Row(
                "origin-not-allowed",
                "Origin",
                b"http://b.example",
                "There is no host in the request to compare it with.",
            )
        ],
        (),
    ),
    "the origin of an old browser": (
        OF_DRAFT,
        request(b"GET /", *DRAFT, b"Sec-WebSocket-Origin: http://b.example"),
        [Row("origin-not-allowed", "Sec-WebSocket-Origin", b"http://b.example", COMPARED)],
        (),
    ),
    "two origins of an old browser": (
        OF_DRAFT,
        request(
            b"GET /",
            *DRAFT,
            b"Sec-WebSocket-Origin: http://a.example",
            b"Sec-WebSocket-Origin: http://b",
        ),
        [Row("origin-repeated", "Sec-WebSocket-Origin", b"http://b", line=(2, 2))],
        (),
    ),
    "another host": (
        lambda: WebSocket(hosts=["b.example"]),
        request(b"GET /", *HANDSHAKE),
        [Row("host-not-allowed", "Host", b"a.example")],
        (),
    ),
    "another host in the target": (
        lambda: WebSocket(hosts=["b.example"]),
        request(b"GET http://a.example/x", *HANDSHAKE),
        [Row("host-not-allowed", None, b"http://a.example/x")],
        (),
    ),
}


@pytest.mark.parametrize(("make", "octets", "rows", "fields"), REQUESTS.values(), ids=REQUESTS)
def test_a_finding_about_a_request_points_at_its_octets(
    make: Callable[[], Offer],
    octets: bytes,
    rows: list[Row],
    fields: tuple[tuple[bytes, bytes], ...],
) -> None:
    decision = decide(RequestHead.parse(octets), Policy(make()))
    assert [each.code for each in decision.findings] == [row.code for row in rows]
    for finding, row in zip(decision.findings, rows, strict=True):
        check(octets, finding, row)
    assert refused(decision) == fields


# --- Responses ----------------------------------------------------------------------------------

ASKED: Final = RequestHead.parse(
    request(
        b"GET /",
        *HANDSHAKE,
        b"Sec-WebSocket-Protocol: chat, x",
        b"Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate; x",
    )
)
ACCEPT_LINE: Final = b"Sec-WebSocket-Accept: " + ACCEPT

RESPONSES: Final[
    dict[str, tuple[Callable[[], ClientOffer], RequestHead, tuple[bytes, ...], list[Row]]]
] = {
    "two answers to the key": (
        WebSocket,
        ASKED,
        (WS, ACCEPT_LINE, b"sec-websocket-accept: x"),
        [Row("websocket-accept-repeated", "Sec-WebSocket-Accept", b"x", line=(2, 2))],
    ),
    "no answer to the key": (
        lambda: WebSocket(["chat"], require_subprotocol=True),
        ASKED,
        (WS,),
        [
            Row("websocket-accept-missing", "Sec-WebSocket-Accept"),
            Row("subprotocol-missing", "Sec-WebSocket-Protocol"),
        ],
    ),
    "another answer": (
        WebSocket,
        ASKED,
        (WS, b"Sec-WebSocket-Accept: y", b"Sec-WebSocket-Protocol: a,b"),
        [
            Row("websocket-accept-wrong", "Sec-WebSocket-Accept", b"y"),
            Row("subprotocol-malformed", "Sec-WebSocket-Protocol", b"a,b", hidden=True),
        ],
    ),
    "two subprotocols": (
        lambda: WebSocket(["chat"], require_subprotocol=True),
        ASKED,
        (WS, ACCEPT_LINE, b"Sec-WebSocket-Protocol: chat", b"Sec-WebSocket-Protocol: x"),
        [Row("subprotocol-repeated", "Sec-WebSocket-Protocol", b"x", line=(2, 2), hidden=True)],
    ),
    "what was not offered": (
        WebSocket,
        ASKED,
        (WS, ACCEPT_LINE, b"Sec-WebSocket-Protocol: y", b"Sec-WebSocket-Extensions: z; a=1"),
        [
            Row("subprotocol-not-offered", "Sec-WebSocket-Protocol", b"y", hidden=True),
            Row("extension-not-offered", "Sec-WebSocket-Extensions", b"z; a=1"),
        ],
    ),
    "extensions that do not answer the offers": (
        WebSocket,
        ASKED,
        (
            WS,
            ACCEPT_LINE,
            b"Sec-WebSocket-Extensions: permessage-deflate; y, permessage-deflate",
        ),
        [
            Row("extension-parameters-wrong", "Sec-WebSocket-Extensions", b"permessage-deflate; y"),
            Row("extension-repeated", "Sec-WebSocket-Extensions", b"permessage-deflate"),
        ],
    ),
    "one of a list that cannot be read": (
        WebSocket,
        RequestHead.parse(request(b"GET /", *HANDSHAKE, b"Sec-WebSocket-Protocol: chat x")),
        (WS, ACCEPT_LINE, b"Sec-WebSocket-Protocol: chat"),
        [Row("subprotocol-not-offered", "Sec-WebSocket-Protocol", b"chat", hidden=True)],
    ),
    "a tunnel with content": (
        lambda: ConnectUDP("/{target_host}/{target_port}"),
        RequestHead.parse(request(b"GET /a/1", b"Upgrade: connect-udp")),
        (b"Upgrade: connect-udp, HTTP/1.1", b"Content-Type: a/b", b"Transfer-Encoding: chunked"),
        [
            Row("switch-names-several", "Upgrade", b"connect-udp, HTTP/1.1"),
            Row("tunnel-response-has-content-field", "Content-Type", b"a/b"),
            Row("tunnel-response-has-content-field", "Transfer-Encoding", b"chunked"),
        ],
    ),
    "TLS and another protocol": (
        lambda: TLS("1.3"),
        RequestHead.parse(request(b"OPTIONS *", b"Upgrade: TLS/1.3")),
        (b"Upgrade: TLS/1.3, h2c",),
        [Row("switch-names-several", "Upgrade", b"TLS/1.3, h2c")],
    ),
    "two versions of TLS": (
        lambda: TLS("1.3"),
        RequestHead.parse(request(b"OPTIONS *", b"Upgrade: TLS/1.3")),
        (b"Upgrade: TLS/1.2, TLS/1.3, HTTP/1.1",),
        [Row("tls-versions-named", "Upgrade", b"TLS/1.2, TLS/1.3, HTTP/1.1")],
    ),
    "h2c and another protocol": (
        H2C,
        RequestHead.parse(request(b"GET /", b"Upgrade: h2c", SETTINGS)),
        (b"Upgrade: h2c, HTTP/1.1",),
        [Row("switch-names-several", "Upgrade", b"h2c, HTTP/1.1")],
    ),
}


@pytest.mark.parametrize(("make", "asked", "lines", "rows"), RESPONSES.values(), ids=RESPONSES)
def test_a_finding_about_a_101_points_at_its_octets(
    make: Callable[[], ClientOffer], asked: RequestHead, lines: tuple[bytes, ...], rows: list[Row]
) -> None:
    first = (b"HTTP/1.1 101 Switching Protocols", b"Connection: Upgrade")
    octets = b"\r\n".join((*first, *lines, b"", b""))
    response = ResponseHead.parse(octets)
    tokens = parse_upgrade(response.get_all(b"upgrade"))
    verdict = make().verify(asked, response, tokens)
    assert isinstance(verdict, Verified) == (rows[0].code == "tls-versions-named")
    for finding, row in zip(verdict.findings, rows, strict=True):
        check(octets, finding, row)


# --- What a request of one's own, or one's own 101, is told -------------------------------------

TUNNEL: Final = ConnectUDP("/{target_host}/{target_port}")


@pytest.mark.parametrize(
    ("offer", "octets", "says"),
    [
        (TUNNEL, request(b"PUT /a/1"), "no tunnel begins like this: .*GET"),
        (H2C(), request(b"GET /", SETTINGS), "the request cannot begin HTTP/2: Connection "),
        (
            CustomProtocol("tcp", methods=[b"PUT"]),
            request(b"GET /"),
            "tcp is not asked for like this: .*method",
        ),
        (WebSocket(), request(b"PUT /", KEY_LINE), "asked for by GET without a body"),
        (WebSocket(), request(b"GET /", KEY_LINE, b"Content-Length: 1"), "without a body"),
        (WebSocket(), request(b"GET ws://a/?k=1", KEY_LINE), "http or https URI: ws://a/"),
        (WebSocket(), request(b"GET /"), "with one key: there is no Sec-WebSocket-Key"),
    ],
)
def test_a_request_that_cannot_be_sent_is_told_why(
    offer: ClientOffer, octets: bytes, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        offer.check_request(RequestHead.parse(octets))


@pytest.mark.parametrize("target", [b"/a", b"http://a/", b"HTTPS://a/"])
def test_a_websocket_is_asked_for_at_a_path_or_a_uri(target: bytes) -> None:
    """RFC 6455 4.1."""
    WebSocket().check_request(RequestHead.parse(request(b"GET " + target, KEY_LINE)))
