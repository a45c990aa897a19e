"""The requests that tell servers apart, and what this one answers.

A cell holds the answers to all requests on a connection, joined by arrows: the status; in brackets
U for Upgrade, C for its connection option, V for Sec-WebSocket-Version, Allow, p for the
subprotocol, x for extensions, echo where octets behind the head reach the new protocol; "close"
where the connection closes. "app" is a request that passed through, octet for octet.
"""

from typing import Final, NamedTuple

import pytest
from wire import (
    FRAME,
    KEY,
    OPTIONAL,
    REQUIRED,
    Response,
    Run,
    asks_for,
    cut,
    drive,
    handshake,
    plain,
)

from httpupgrade import Policy, Reject, Require426, WebSocket
from httpupgrade.fields import parse_connection

GUARDED: Final = Policy(
    WebSocket(subprotocols=("chat",), origins="same-host"), mode="required", close="never"
)
"""A stricter server that keeps connections: tells apart what must close from what may."""

POST: Final = b"POST /chat HTTP/1.1"
HTTP10: Final = b"GET /chat HTTP/1.0"
KEY_FIELD: Final = b"Sec-WebSocket-Key: "
VERSION: Final = b"Sec-WebSocket-Version: "
PROTOCOL: Final = b"Sec-WebSocket-Protocol: "
EXTENSIONS: Final = b"Sec-WebSocket-Extensions: "
SETTINGS: Final = b"HTTP2-Settings: AAMAAABkAAQAAP__"
H2C: Final = (b"Upgrade: h2c", b"Connection: Upgrade, HTTP2-Settings", SETTINGS)
CHUNKED: Final = b"Transfer-Encoding: chunked"
NEXT: Final = plain(line=b"GET /admin HTTP/1.1")

UNASKED: Final = "426 (U C V=13)"
IGNORED: Final = "426 (U C V=13) close"
REFUSED: Final = "400 close"


def cell(run: Run) -> str:
    """What a connection looked like from outside, in the notation of the tables."""
    answers = iter(run.responses)
    shown = []
    for event in run.events:
        if event == "pass":
            shown.append("app")
        elif event != "closed":
            shown.append(_shown(next(answers), run))
    return "→".join(shown)


def _shown(response: Response, run: Run) -> str:
    marks = []
    if response.status == 101:
        marks += [f"p={value.decode()}" for value in response.fields(b"sec-websocket-protocol")]
        marks += ["x"] if response.fields(b"sec-websocket-extensions") else []
        marks += ["echo"] if run.trailing else []
    else:
        options = parse_connection(response.fields(b"connection"))
        marks += ["U"] if response.fields(b"upgrade") else []
        marks += ["C"] if b"upgrade" in options else []
        marks += [f"V={value.decode()}" for value in response.fields(b"sec-websocket-version")]
        marks += ["Allow"] if response.fields(b"allow") else []
    brackets = f" ({' '.join(marks)})" if marks else ""
    return f"{response.status}{brackets}{' close' if response.closes else ''}"


class Row(NamedTuple):
    """A request of the matrix, and our three cells."""

    id: str
    octets: bytes
    required: str
    optional: str
    guarded: str = ""
    """Where it differs from ``required`` in more than that the connection stays open."""


MATRIX: Final = (
    Row("ok", handshake(), "101", "101"),
    Row("01 plain GET", plain(), UNASKED, "app"),
    Row("02 Upgrade but no Connection:upgrade", handshake(without=b"Connection"), IGNORED, "app"),
    Row("02b Connection: keep-alive only", handshake(b"Connection: keep-alive"), IGNORED, "app"),
    Row("03 Connection:upgrade but no Upgrade", handshake(without=b"Upgrade"), UNASKED, "app"),
    Row("04 missing key", handshake(without=b"Sec-WebSocket-Key"), REFUSED, REFUSED),
    Row("05 key not base64", handshake(KEY_FIELD + b"not base64!"), REFUSED, REFUSED),
    Row("06 key 8 bytes", handshake(KEY_FIELD + b"AAAAAAAAAAA="), REFUSED, REFUSED),
    Row("07 missing version",
        handshake(without=b"Sec-WebSocket-Version"), "400 (V=13) close", "400 (V=13) close"),
    Row("08 version 12", handshake(VERSION + b"12"), IGNORED, IGNORED),
    Row("08b version 8", handshake(VERSION + b"8"), IGNORED, IGNORED),
    Row("08c version '13, 8' list",
        handshake(VERSION + b"13, 8"), "400 (V=13) close", "400 (V=13) close"),
    Row("08d two version lines 8 + 13",
        handshake(VERSION + b"8", VERSION + b"13"), "400 (V=13) close", "400 (V=13) close"),
    Row("09 POST CL:0",
        handshake(b"Content-Length: 0", line=POST), "405 (Allow) close", "405 (Allow) close"),
    Row("09b POST body",
        handshake(b"Content-Length: 5", line=POST, body=b"hello"),
        "405 (Allow) close", "405 (Allow) close"),
    Row("10 HTTP/1.0", handshake(line=HTTP10), IGNORED, "app", IGNORED),
    Row("11 bad Origin", handshake(b"Origin: http://evil.example"), "101", "101", "403"),
    Row("11b same-host Origin", handshake(b"Origin: http://server.example.com"), "101", "101"),
    Row("12 Connection: keep-alive, Upgrade", handshake(b"Connection: keep-alive, Upgrade"),
        "101", "101"),
    Row("12b two lines: Upgrade / keep-alive",
        handshake(b"Connection: Upgrade", b"Connection: keep-alive"), "101", "101"),
    Row("12c two lines: keep-alive / Upgrade",
        handshake(b"Connection: keep-alive", b"Connection: Upgrade"), "101", "101"),
    Row("12d Connection: close, Upgrade", handshake(b"Connection: close, Upgrade"), "101", "101"),
    Row("13 Upgrade: websocket, h2c", handshake(b"Upgrade: websocket, h2c"), "101", "101"),
    Row("13b Upgrade: h2c, websocket", handshake(b"Upgrade: h2c, websocket"), "101", "101"),
    Row("13c Upgrade: WebSocket", handshake(b"Upgrade: WebSocket"), "101", "101"),
    Row("13d Upgrade: websocket/13", handshake(b"Upgrade: websocket/13"), IGNORED, "app"),
    Row("13e two Upgrade lines h2c / websocket",
        handshake(b"Upgrade: h2c", b"Upgrade: websocket"), "101", "101"),
    Row("13f Upgrade: foo", handshake(b"Upgrade: foo"), IGNORED, "app"),
    Row("14 dup key different",
        handshake(KEY_FIELD + KEY, KEY_FIELD + b"AAAAAAAAAAAAAAAAAAAAAA=="), REFUSED, REFUSED),
    Row("14b dup key same", handshake(KEY_FIELD + KEY, KEY_FIELD + KEY), REFUSED, REFUSED),
    Row("15 early data after head", handshake(body=FRAME), "101 (echo)", "101 (echo)"),
    Row("16 Expect:100-continue", handshake(b"Expect: 100-continue"), "100→101", "100→101"),
    Row("17 GET CL:5 body + early data",
        handshake(b"Content-Length: 5", body=b"hello" + FRAME), REFUSED, REFUSED, "400→400 close"),
    Row("17b GET CL:0", handshake(b"Content-Length: 0"), "101", "101"),
    Row("17c GET chunked body",
        handshake(CHUNKED, body=b"5\r\nhello\r\n0\r\n\r\n"), REFUSED, REFUSED),
    Row("18 missing Host", handshake(without=b"Host"), REFUSED, REFUSED, REFUSED),
    Row("19 subprotocol foo (unsupported)", handshake(PROTOCOL + b"foo"), "101", "101"),
    Row("19b subprotocol foo, chat", handshake(PROTOCOL + b"foo, chat"),
        "101 (p=chat)", "101 (p=chat)"),
    Row("19c two protocol lines foo / chat",
        handshake(PROTOCOL + b"foo", PROTOCOL + b"chat"), "101 (p=chat)", "101 (p=chat)"),
    Row("19d protocol 'chat, chat'", handshake(PROTOCOL + b"chat, chat"),
        "101 (p=chat)", "101 (p=chat)"),
    Row("19e empty protocol header", handshake(PROTOCOL), REFUSED, REFUSED),
    Row("20 9KB cookie", handshake(b"Cookie: a=" + b"b" * 9 * 1024), "101", "101"),
    Row("20b 20KB cookie", handshake(b"Cookie: a=" + b"b" * 20 * 1024), "101", "101"),
    Row("20c 100KB cookie", handshake(b"Cookie: a=" + b"b" * 100 * 1024),
        "431 close", "431 close", "431 close"),
    Row("20d 150 headers", handshake(*[b"X-Field-%d: y" % each for each in range(150)]),
        "101", "101"),
    Row("21 rejected + pipelined GET", handshake(without=b"Sec-WebSocket-Key", body=NEXT),
        REFUSED, REFUSED, f"400→{UNASKED}"),
    Row("22 h2c upgrade", plain(*H2C), IGNORED, "app"),
    Row("22b h2c no Connection tokens", plain(H2C[0], SETTINGS), IGNORED, "app"),
    Row("22c h2c no settings header", asks_for(b"h2c"), IGNORED, "app"),
    Row("22d h2c list 'h2c, websocket/13'",
        plain(b"Upgrade: h2c, websocket/13", *H2C[1:]), IGNORED, "app"),
    Row("23 unsupported upgrade + pipelined GET", asks_for(b"foo") + NEXT,
        IGNORED, "app→app", f"{UNASKED}→{UNASKED}"),
    Row("24 malformed header line", handshake(b"this is no field"), REFUSED, REFUSED, REFUSED),
    Row("25 mal. extension header",
        handshake(EXTENSIONS + b"permessage-deflate; server_max_window_bits=99"), "101", "101"),
    Row("25b ext syntax garbage", handshake(EXTENSIONS + b';;;=,"'), REFUSED, REFUSED),
    Row("26 key with inner ws", handshake(KEY_FIELD + b"dGhlIHNhb XBsZSBub25jZQ=="),
        REFUSED, REFUSED),
    Row("26b key url-safe/unpadded", handshake(KEY_FIELD + b"dGhl-HNhbXBsZSBub25j_Q"),
        REFUSED, REFUSED),
    Row("26c key non-canonical base64 pad bits",
        handshake(KEY_FIELD + b"dGhlIHNhbXBsZSBub25jZR=="), "101", "101"),
    # Behind the matrix: more runs of the same kind.
    Row("h2c on POST with Content-Length, then GET",
        plain(*H2C, b"Content-Length: 3", line=POST, body=b"abc" + NEXT), IGNORED, "app→app",
        f"{UNASKED}→{UNASKED}"),
    Row("h2c on chunked POST, then GET",
        plain(*H2C, CHUNKED, line=POST, body=b"3\r\nabc\r\n0\r\n\r\n" + NEXT), IGNORED, "app→app",
        f"{UNASKED}→{UNASKED}"),
    Row("deflate with an unknown parameter",
        handshake(EXTENSIONS + b"permessage-deflate; foo=1"), "101", "101"),
    Row("deflate with a fallback",
        handshake(EXTENSIONS + b"permessage-deflate; foo=1, permessage-deflate"),
        "101 (x)", "101 (x)"),
    Row("deflate with a quoted comma",
        handshake(EXTENSIONS + b'permessage-deflate; a="x,y"'), REFUSED, REFUSED),
)  # fmt: skip


@pytest.mark.parametrize("row", MATRIX, ids=[row.id for row in MATRIX])
def test_matrix_where_an_upgrade_is_required(row: Row) -> None:
    assert cell(drive(row.octets, REQUIRED)) == row.required


@pytest.mark.parametrize("row", MATRIX, ids=[row.id for row in MATRIX])
def test_matrix_where_an_upgrade_is_optional(row: Row) -> None:
    run = drive(row.octets, OPTIONAL)
    assert cell(run) == row.optional
    if set(run.events) == {"pass"}:
        assert b"".join(run.passed) == row.octets


@pytest.mark.parametrize("row", MATRIX, ids=[row.id for row in MATRIX])
def test_matrix_where_origins_are_compared_and_connections_kept(row: Row) -> None:
    expected = row.guarded or row.required.removesuffix(" close")
    assert cell(drive(row.octets, GUARDED)) == expected


@pytest.mark.parametrize("row", MATRIX, ids=[row.id for row in MATRIX])
def test_matrix_does_not_depend_on_how_the_octets_were_cut(row: Row) -> None:
    for policy in (REQUIRED, OPTIONAL, GUARDED):
        whole = drive(row.octets, policy)
        pieces = drive(cut(row.octets, 7), policy)
        assert (pieces.events, pieces.passed) == (whole.events, whole.passed)
        if whole.events[-1] == "101":
            assert pieces.trailing == whole.trailing
            assert row.octets.endswith(whole.trailing)


class Column(NamedTuple):
    """A column of the table of statuses, with our answer in full."""

    id: str
    octets: bytes
    cell: str
    findings: tuple[str, ...]


STATUSES: Final = (
    Column("no Upgrade header on WS endpoint", plain(), UNASKED, ("upgrade-missing",)),
    Column("no Connection: upgrade", handshake(without=b"Connection"), UNASKED,
        ("hop-by-hop-fields-lost", "upgrade-option-missing")),
    Column("neither, but a key", handshake(without=b"Upgrade Connection"), UNASKED,
        ("hop-by-hop-fields-lost", "upgrade-missing", "upgrade-option-missing")),
    Column("missing key", handshake(without=b"Sec-WebSocket-Key"), "400",
        ("websocket-key-missing",)),
    Column("bad key", handshake(KEY_FIELD + b"x"), "400", ("websocket-key-malformed",)),
    Column("bad version (12)", handshake(VERSION + b"12"), UNASKED,
        ("websocket-version-unsupported",)),
    Column("missing version", handshake(without=b"Sec-WebSocket-Version"), "400 (V=13)",
        ("websocket-version-missing",)),
    Column("POST", handshake(line=POST), "405 (Allow)", ("method-not-allowed",)),
    Column("POST, version 12", handshake(VERSION + b"12", line=POST), "405 (V=13 Allow)",
        ("method-not-allowed", "websocket-version-unsupported")),
    Column("HTTP/1.0", handshake(line=HTTP10), IGNORED, ("upgrade-in-http-1.0",)),
    Column("bad Origin", handshake(b"Origin: http://evil.example"), "403",
        ("origin-not-allowed",)),
)  # fmt: skip


@pytest.mark.parametrize("column", STATUSES, ids=[column.id for column in STATUSES])
def test_statuses(column: Column) -> None:
    run = drive(column.octets, GUARDED)
    (decision,) = run.decisions
    assert cell(run) == column.cell
    assert run.codes == column.findings
    assert isinstance(decision, Require426 if column.cell.startswith("426") else Reject)
    assert not run.trailing
    # RFC 9110 15.5.22, 7.8: what a client may ask for instead, and how.
    body = run.last.body
    assert (b"Upgrade: websocket" in body) == isinstance(decision, Require426)
    for finding in decision.findings:
        assert finding.clause.encode() in body
    # A client that was told how to ask, and whose connection was kept, asks on it.
    kept = not run.last.closes
    again = drive(column.octets + handshake(), GUARDED)
    assert cell(again) == (f"{column.cell}→101" if kept else column.cell)
