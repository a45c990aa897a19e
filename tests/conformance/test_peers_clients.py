"""The responses that tell clients apart, and what this one makes of them.

A cell holds what became of the responses on a connection, joined by arrows: the status; in brackets
p for the subprotocol, x for extensions, echo where the frame behind the head reaches the new
protocol, the protocols of a 426 and V for its versions; the octets of a body; "close" where the
connection is of no use behind it. "refused" is an error, "left" a server that went away.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import pytest
from client_wire import (
    ACCEPT,
    CHAT,
    SETTINGS,
    Outcome,
    asking,
    asking_nothing,
    response,
    run,
    sized,
    switch,
)
from feeding import feed
from wire import cut, splits

from httpupgrade import (
    H2C,
    TLS,
    ClientEvent,
    ClientNegotiator,
    ClientState,
    ConnectionClosed,
    Content,
    CustomProtocol,
    Interim,
    Limits,
    NothingInCommon,
    OrdinaryResponse,
    RemoteProtocolError,
    Retry,
    Signal,
    Switched,
    UpgradeRequired,
    UseTLS,
    UseWebSocketVersion,
    WebSocket,
    WebSocketAgreement,
)

HI: Final = b"\x81\x02hi"
"""RFC 6455 5.7: an unmasked text frame."""

EXTENSIONS: Final = b"Sec-WebSocket-Extensions: "
PROTOCOL: Final = b"Sec-WebSocket-Protocol: "
ACCEPTED: Final = b"Sec-WebSocket-Accept: " + ACCEPT
REFUSED: Final = "refused"
OK: Final = "101 (echo)"
HINTS: Final = response(b"Link: </style.css>; rel=preload", status=b"103 Early Hints")
PLAIN: Final = WebSocket(extensions=())


def cell(outcome: Outcome) -> str:
    """What a connection looked like from inside, in the notation of the table."""
    shown = [_shown(each, outcome) for each in outcome.events]
    return "→".join([*filter(None, shown), *([REFUSED] if outcome.codes else [])])


def _shown(event: ClientEvent, outcome: Outcome) -> str:
    match event:
        case Switched():
            marks = _marks(event, outcome)
            return f"{event.head.status_code}{_brackets(marks)}"
        case UpgradeRequired():
            marks = [*map(str, event.tokens), *(f"V={each}" for each in event.versions)]
            body = f" {event.body.decode()}" if event.body else ""
            return f"426{_brackets(marks)}{body}{' close' * event.close}"
        case OrdinaryResponse():
            return f"{event.head.status_code}{' close' * event.close}"
        case Content():
            assert event.end or outcome.codes
            return event.data.decode()
        case Interim():
            return str(event.head.status_code)
        case ConnectionClosed():
            return "left" if event.findings else ""
        case Signal():
            raise AssertionError(event)


def _marks(event: Switched, outcome: Outcome) -> list[str]:
    marks = []
    if isinstance(event.agreement, WebSocketAgreement):
        subprotocol = event.agreement.subprotocol
        marks += [f"p={subprotocol}"] if subprotocol is not None else []
        marks += ["x"] if event.agreement.extensions else []
    else:
        marks.append(str(event.token))
    return [*marks, "echo"] if outcome.trailing_data == HI else marks


def _brackets(marks: list[str]) -> str:
    return f" ({', '.join(marks)})" if marks else ""


class Row(NamedTuple):
    """Responses of the matrix, and our cell."""

    id: str
    octets: bytes
    cell: str
    codes: tuple[str, ...] = ()
    asked_for: str = "chat"
    """A key of ``ASKING``."""


ASKING: Final[Mapping[str, Callable[[], ClientNegotiator]]] = {
    "chat": lambda: asking(CHAT),
    "no extension": lambda: asking(PLAIN),
    "nothing": asking_nothing,
    "h2c": lambda: asking(H2C(settings=SETTINGS)),
    "both": lambda: asking(CHAT, H2C(settings=SETTINGS)),
    "Docker": lambda: asking(
        CustomProtocol("tcp", methods=(b"POST",), body="buffer"),
        method=b"POST",
        target=b"/v1.44/exec/4e5f/start",
        body=b'{"Detach":false,"Tty":true  }',
    ),
    "TLS": lambda: asking(TLS("1.3", "1.2"), method=b"OPTIONS", target=b"*"),
    "TLS by GET": lambda: asking(TLS("1.2")),
    "Kubernetes": lambda: asking(
        WebSocket(
            ["base64url.bearer.authorization.k8s.io.bXl0b2tlbg", "base64.binary.k8s.io"],
            require_subprotocol=True,
        )
    ),
}


MATRIX: Final = (
    Row("101 + coalesced frame", switch(body=HI), OK),
    Row("Connection: Upgrade, Keep-Alive",
        switch(b"Connection: Upgrade, Keep-Alive", body=HI), OK),
    Row("two Connection lines",
        switch(b"Connection: Upgrade", b"Connection: Keep-Alive", body=HI), OK),
    Row("two Connection lines, the other way round",
        switch(b"Connection: Keep-Alive", b"Connection: Upgrade", body=HI), OK),
    Row("Upgrade: WebSocket", switch(b"Upgrade: WebSocket", body=HI), OK),
    Row("Upgrade: websocket, h2c", switch(b"Upgrade: websocket, h2c", body=HI),
        REFUSED, ("switch-names-several",)),
    Row("Upgrade: websocket, h2c, both of them asked for",
        switch(b"Upgrade: websocket, h2c", body=HI), REFUSED, ("switch-names-several",), "both"),
    Row("103 Early Hints, then 101", HINTS + switch(body=HI), f"103→{OK}"),
    Row("426 Upgrade: websocket, h2c + body",
        sized(b"Upgrade: websocket, h2c", b"Connection: Upgrade", status=b"426 Upgrade Required"),
        "426 (websocket, h2c) hello"),
    Row("401 + body",
        sized(b'WWW-Authenticate: Basic realm="chat"', status=b"401 Unauthorized"), "401→hello"),
    Row("302", sized(b"Location: /elsewhere", status=b"302 Found"), "302→hello"),
    Row("200", sized(), "200→hello"),
    Row("unsolicited subprotocol", switch(PROTOCOL + b"wamp", body=HI),
        REFUSED, ("subprotocol-not-offered",)),
    Row("unsolicited subprotocol, none asked for", switch(PROTOCOL + b"chat", body=HI),
        REFUSED, ("subprotocol-not-offered",), "no extension"),
    Row("unsolicited extension", switch(EXTENSIONS + b"permessage-bzip2", body=HI),
        REFUSED, ("extension-not-offered",)),
    Row("unsolicited extension, none asked for",
        switch(EXTENSIONS + b"permessage-deflate", body=HI),
        REFUSED, ("extension-not-offered",), "no extension"),
    Row("duplicate Sec-WebSocket-Accept", switch(ACCEPTED, ACCEPTED, body=HI),
        REFUSED, ("websocket-accept-repeated",)),
    Row("bad accept", switch(b"Sec-WebSocket-Accept: " + ACCEPT.lower(), body=HI),
        REFUSED, ("websocket-accept-wrong",)),
    Row("HTTP/1.0 101", switch(version=b"HTTP/1.0", body=HI), REFUSED, ("switch-in-http-1.0",)),
    Row("HTTP/1.1 101 without reason and SP", switch(status=b"101", body=HI), OK),
    Row("HTTP/1.1 101 without reason", switch(status=b"101 ", body=HI), OK),
    Row("101 + Content-Length: 0", switch(b"Content-Length: 0", body=HI),
        OK, ("interim-announces-content",)),
    Row("101 + Transfer-Encoding: chunked", switch(b"Transfer-Encoding: chunked", body=HI),
        OK, ("interim-announces-content",)),
    # Behind the matrix: more responses of the same kind.
    Row("101 + Content-Length: 4 swallows no frame", switch(b"Content-Length: 4", body=HI),
        OK, ("interim-announces-content",)),
    Row("100, 102 and 103, then 101",
        response(status=b"100 Continue") + response(status=b"102 Processing") + HINTS
        + switch(body=HI),
        f"100→102→103→{OK}"),
    Row("103 with the fields of the switch, then a 101 without them",
        switch(status=b"103 Early Hints") + response(status=b"101 Switching Protocols", body=HI),
        "103→refused", ("switch-upgrade-missing", "switch-option-missing")),
    Row("103, then 426", HINTS + sized(b"Upgrade: h2c", b"Connection: upgrade", status=b"426 x"),
        "103→426 (h2c) hello"),
    Row("101 that nobody asked for", switch(body=HI), REFUSED, ("switch-unasked",), "nothing"),
    Row("Connection: close + Connection: Upgrade",
        switch(b"Connection: close", b"Connection: Upgrade", body=HI), OK),
    Row("Connection: close", switch(b"Connection: close", body=HI),
        REFUSED, ("switch-option-missing",)),
    Row("Connection: not-upgrade-lol", switch(b"Connection: not-upgrade-lol", body=HI),
        REFUSED, ("switch-option-missing",)),
    Row("Upgrade: madam-websocket", switch(b"Upgrade: madam-websocket", body=HI),
        REFUSED, ("switch-not-asked-for",)),
    # RFC 6455 4.1: the value is "websocket", in any case, or the connection fails.
    Row("Upgrade: websocket, websocket", switch(b"Upgrade: websocket, websocket", body=HI),
        REFUSED, ("switch-upgrade-repeated",)),
    Row("Upgrade: h2c, websocket/13", switch(b"Upgrade: h2c, websocket/13", body=HI),
        REFUSED, ("switch-not-asked-for",)),
    Row("one octet and LF behind the head", switch(body=b"x\n"), "101"),
    Row("subprotocol chat", switch(PROTOCOL + b"chat", body=HI), "101 (p=chat, echo)"),
    Row("Kubernetes: the protocol",
        switch(PROTOCOL + b"base64.binary.k8s.io", body=HI),
        "101 (p=base64.binary.k8s.io, echo)", (), "Kubernetes"),
    Row("Kubernetes: both", switch(PROTOCOL + b"base64url.bearer.authorization.k8s.io.bXl0b2tlbg,"
        b" base64.binary.k8s.io", body=HI), REFUSED, ("subprotocol-malformed",), "Kubernetes"),
    Row("Kubernetes: none", switch(body=HI), REFUSED, ("subprotocol-missing",), "Kubernetes"),
    *(Row(f"{size} KB of cookie", switch(b"Set-Cookie: a=" + b"b" * size * 1024, body=HI),
          OK if size < 32 else REFUSED, () if size < 32 else ("header-line-too-long",))
      for size in (9, 20, 100)),
    Row("150 fields", switch(*[b"X-Field-%d: y" % each for each in range(150)], body=HI), OK),
    Row("Docker's 101 UPGRADED",
        switch(b"Upgrade: tcp", b"Content-Type: application/vnd.docker.raw-stream",
               status=b"101 UPGRADED", without=b"Sec-WebSocket-Accept", body=HI),
        "101 (tcp, echo)", (), "Docker"),
    Row("TLS by GET, answered in the clear", sized(), "200→hello", (), "TLS by GET"),
    Row("TLS by GET, refused by a proxy", sized(status=b"403 Forbidden", body=b"upgrade_failed"),
        "403→upgrade_failed", (), "TLS by GET"),
    Row("a TLS alert", b"\x15\x03\x01\x00\x02\x02\x46", REFUSED, ("response-is-tls",)),
    Row("a ServerHello that nobody waited for", b"\x16\x03\x03\x00\x7a\x02\x00", REFUSED,
        ("response-is-tls",), "TLS"),
    Row("SETTINGS", bytes.fromhex("000006040000000000000300000064"), REFUSED,
        ("response-is-http2",), "h2c"),
    Row("nothing, then end of file", b"", "left", ("response-missing",)),
    Row("half a head, then end of file", switch()[:-2], "left", ("head-incomplete",)),
    Row("a PROXY protocol line", b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n" + switch(),
        REFUSED, ("response-not-http",)),
    Row("an empty line in front", b"\r\n" + switch(), REFUSED, ("response-not-http",)),
    Row("an older HTTP", b"<html>not found</html>", REFUSED, ("response-not-http",)),
    Row("another server", b"SSH-2.0-OpenSSH_9.2\r\n", REFUSED, ("response-not-http",)),
)  # fmt: skip

each_row = pytest.mark.parametrize("row", MATRIX, ids=[row.id for row in MATRIX])


@each_row
def test_matrix(row: Row) -> None:
    outcome = run(ASKING[row.asked_for](), [row.octets], ends="left" in row.cell)
    assert cell(outcome) == row.cell
    assert outcome.noted == row.codes


@each_row
def test_matrix_at_every_split(row: Row) -> None:
    ends = "left" in row.cell
    whole = run(ASKING[row.asked_for](), [row.octets], ends=ends)
    ways = [cut(row.octets, 1)] if len(row.octets) > 4096 else [*splits(row.octets)]
    for pieces in ways:
        assert run(ASKING[row.asked_for](), pieces, ends=ends) == whole


def test_a_redirect_is_not_followed_and_says_where_to_go() -> None:
    (row,) = (row for row in MATRIX if row.id == "302")
    negotiator = asking()
    declined = feed(negotiator, row.octets)
    assert isinstance(declined, OrdinaryResponse)
    assert declined.head.get(b"location") == b"/elsewhere"
    assert negotiator.next_event() == Content(b"hello", end=True)
    assert negotiator.state is ClientState.DONE


# --- What servers of today say, from captures -----------------------------------------------------

HTML: Final = b"<html>%b</html>" % (b"x" * 499)
CUPS: Final = (
    b"Content-Language: en",
    b"Upgrade: TLS/1.2,TLS/1.1,TLS/1.0",
    b"Accept-Encoding: gzip, deflate, identity",
    b"Server: CUPS/2.4 IPP/2.1",
)
DEFLATE: Final = EXTENSIONS + b"permessage-deflate"
NO_ACCEPT: Final = b"Sec-WebSocket-Accept"

FIELD: Final = (
    Row("cupsd: 101 for TLS without its option, and with a length",
        switch(b"Connection: Keep-Alive", b"Content-Length: 0", b"Keep-Alive: timeout=10", *CUPS,
               without=NO_ACCEPT),
        "101 (TLS/1.2)",
        ("switch-option-missing", "interim-announces-content", "tls-versions-named"), "TLS"),
    Row("cupsd: 426",
        sized(b"Connection: close", *CUPS, status=b"426 Upgrade Required", body=HTML),
        f"426 (TLS/1.2, TLS/1.1, TLS/1.0) {HTML.decode()} close",
        ("upgrade-list-without-option",), "nothing"),
    Row("hypercorn: 101 for h2c",
        switch(b"connection: upgrade", b"upgrade: h2c", status=b"101 ", without=NO_ACCEPT, body=HI),
        "101 (h2c, echo)", (), "h2c"),
    Row("hypercorn: 101 for a WebSocket",
        switch(b"sec-websocket-protocol: chat",
               b"sec-websocket-extensions: permessage-deflate; client_max_window_bits=15",
               b"upgrade: WebSocket", b"connection: Upgrade", status=b"101 ", body=HI),
        "101 (p=chat, x, echo)"),
    Row("httpd: 200 that advertises", sized(b"Upgrade: h2c", b"Connection: Upgrade"),
        "200→hello", (), "nothing"),
    Row("httpd, mod_proxy_wstunnel: 426 for another protocol",
        sized(b"Connection: Upgrade", b"Upgrade: WebSocket", status=b"426 Upgrade Required"),
        "426 (WebSocket) hello", (), "h2c"),
    Row("websockets: 101 with parameters that were not offered",
        switch(DEFLATE + b"; server_max_window_bits=12; client_max_window_bits=12", body=HI),
        "101 (x, echo)"),
    Row("websockets: 426",
        sized(b"Connection: close", b"Upgrade: websocket", status=b"426 Upgrade Required"),
        "426 (websocket) hello close", ("upgrade-list-without-option",), "nothing"),
    Row("ws: 426 without Upgrade",
        sized(b"Connection: keep-alive", b"Keep-Alive: timeout=5", status=b"426 Upgrade Required"),
        "426 hello", ("upgrade-list-missing",), "nothing"),
    Row("nginx: return 426 and add_header",
        sized(b"Connection: keep-alive", b"Upgrade: websocket", status=b"426 ", body=b""),
        "426 (websocket)", ("upgrade-list-without-option",), "nothing"),
    Row("tornado: 426 for the version",
        sized(b"Sec-Websocket-Version: 13", status=b"426 Upgrade Required", body=b""),
        "426 (V=13)", ("upgrade-list-missing",), "nothing"),
    Row("tornado: 101 in its own spelling",
        switch(b"Sec-Websocket-Accept: " + ACCEPT, b"Sec-Websocket-Extensions: permessage-deflate",
               body=HI),
        "101 (x, echo)"),
    Row("nghttpd, which speaks nothing but HTTP/2",
        bytes.fromhex("00000c040000000000000300000064000400") + b"\xff" * 16,
        REFUSED, ("response-is-http2",)),
)  # fmt: skip


@pytest.mark.parametrize("row", FIELD, ids=[row.id for row in FIELD])
def test_what_servers_say_is_understood(row: Row) -> None:
    for pieces in ([row.octets], cut(row.octets, 1)):
        outcome = run(ASKING[row.asked_for](), pieces)
        assert cell(outcome) == row.cell
        assert outcome.noted == row.codes


def _step(octets: bytes, negotiator: ClientNegotiator, *supported: object) -> object:
    required = feed(negotiator, octets)
    assert isinstance(required, UpgradeRequired)
    return required.next_step(supported)  # type: ignore[arg-type]


def test_a_426_of_the_field_leads_on() -> None:
    by_id = {row.id: row.octets for row in FIELD}
    tls, h2c = TLS("1.3", "1.2"), H2C(settings=SETTINGS)
    cups = _step(by_id["cupsd: 426"], asking_nothing(), CHAT, tls)
    assert cups == UseTLS("upgrade", tls, reconnect=True)
    closes = _step(by_id["websockets: 426"], asking_nothing(), CHAT)
    assert isinstance(closes, Retry)
    assert (closes.offer, closes.reconnect) == (CHAT, True)
    keeps = _step(by_id["nginx: return 426 and add_header"], asking_nothing(), h2c, CHAT)
    assert isinstance(keeps, Retry)
    assert (keeps.offer, keeps.reconnect) == (CHAT, False)
    newer = WebSocket(versions=(14, 13))
    version = _step(by_id["tornado: 426 for the version"], asking(newer), newer)
    assert isinstance(version, UseWebSocketVersion)
    assert (version.version, version.reconnect) == (13, False)
    silent = _step(by_id["ws: 426 without Upgrade"], asking_nothing(), CHAT, h2c, tls)
    assert isinstance(silent, NothingInCommon)
    assert silent.finding.code == "upgrade-list-missing"


# --- What a caller learns of a refusal ------------------------------------------------------------

REFUSALS: Final = tuple(row for row in (*MATRIX, *FIELD) if row.cell == REFUSED)


@pytest.mark.parametrize("row", REFUSALS, ids=[row.id for row in REFUSALS])
def test_an_error_has_a_code_a_clause_and_a_hint(row: Row) -> None:
    negotiator = ASKING[row.asked_for]()
    with pytest.raises(RemoteProtocolError) as raised:
        feed(negotiator, row.octets)
    for finding in raised.value.findings:
        assert finding.message
        assert finding.clause
        assert finding.hint
        assert (
            finding.code.endswith(("-missing", "unasked")) or finding.value or finding.offset == 0
        )
        # Where it says what was received, it is there.
        if finding.value is not None and finding.offset is not None:
            assert row.octets.startswith(finding.value, finding.offset)
    assert raised.value.finding == raised.value.findings[0]
    # The head that it is about, or what came in the place of one.
    head, end, _ = row.octets.partition(b"\r\n\r\n")
    assert raised.value.raw.startswith((head + end)[: Limits().max_head_bytes])
    assert row.octets.startswith(raised.value.raw)
    # It is said again to whoever asks again, and nothing is left to misread.
    for _ in range(2):
        with pytest.raises(RemoteProtocolError):
            negotiator.next_event()
    assert (negotiator.state, negotiator.trailing_data) == (ClientState.CLOSED, b"")


@pytest.mark.parametrize(
    "status", [200, 204, 301, 302, 307, 400, 401, 403, 404, 407, 429, 500, 503]
)
def test_a_refusal_shows_status_fields_and_body(status: int) -> None:
    content = b"" if status == 204 else b"no such room"
    fields = [] if status == 204 else [b"Content-Length: 12", b"Retry-After: 120"]
    octets = response(*fields, status=b"%d Some reason" % status, body=content)
    outcome = run(asking(), cut(octets, 1))
    declined, body = outcome.events
    assert isinstance(declined, OrdinaryResponse)
    assert (declined.head.status_code, declined.head.reason) == (status, b"Some reason")
    assert declined.head.get(b"retry-after") == (b"120" if fields else None)
    assert body == Content(content, end=True)


def test_the_body_of_a_426_is_bounded_and_what_is_kept_is_shown() -> None:
    octets = sized(b"Upgrade: h2c", b"Connection: upgrade", status=b"426 x", body=b"y" * 100)
    for pieces in ([octets], cut(octets, 1)):
        (required,) = run(asking(limits=Limits(max_response_body=64)), pieces).events[:1]
        assert isinstance(required, UpgradeRequired)
        assert (required.body, required.close) == (b"y" * 64, True)
        assert [finding.code for finding in required.findings] == ["response-body-too-large"]
