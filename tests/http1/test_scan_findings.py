"""What a scan says of each kind of fault: the whole finding, with what is shown and where."""

import pytest
from feeding import Outcome, ResponseOutcome, scan_pieces, scan_response_pieces, singly

from httpupgrade import Limits
from httpupgrade._http1.line_scan import Unreadable

REQUEST = b"GET / HTTP/1.1\r\n"
STATUS = b"HTTP/1.1 200 OK\r\n"
HOST = b"Host: a\r\n"

# Code, field, times, offset, value, line, start and end.
Told = tuple[str, str | None, int, int | None, bytes | None, bytes | None, int | None, int | None]

REQUESTS: list[tuple[bytes, list[Told]]] = [
    (
        REQUEST + HOST + b"Upgrade : a\r\n\r\n",
        [("field-name-space", "Upgrade", 1, 32, b"Upgrade : a", b"Upgrade : a", 7, 8)],
    ),
    (
        REQUEST + b"Upgrade \t: a\x00\r\n\r\n",
        [("field-name-space", "Upgrade", 1, 23, b"Upgrade \t: a\x00", b"Upgrade \t: a\x00", 7, 9)],
    ),
    (
        REQUEST + HOST + b"Connection: a\x00b\r\nA:\x00\r\nA:\x00\r\nConnection: \x00\r\n\r\n",
        [
            (
                "field-value-malformed",
                "Connection",
                2,
                38,
                b" a\x00b",
                b"Connection: a\x00b",
                13,
                14,
            ),
            ("field-value-malformed", "A", 2, 44, b"\x00", b"A:...", 2, 5),
        ],
    ),
    (
        REQUEST + b"Upgrade: a:\x00\r\n\r\n",
        [("field-value-malformed", "Upgrade", 1, 27, b" a:\x00", b"Upgrade: a:\x00", 11, 12)],
    ),
    (
        REQUEST + b"Upgrade: \x7f\r\n\r\n",
        [("field-value-malformed", "Upgrade", 1, 25, b" \x7f", b"Upgrade: \x7f", 9, 10)],
    ),
    (
        REQUEST + b"A\x00: c:d\r\n\r\n",
        [("field-line-malformed", None, 1, 16, b"A\x00: c:d", None, None, None)],
    ),
    (
        REQUEST + b"UpgradeX: \x00\r\n\r\n",
        [("field-value-malformed", "UpgradeX", 1, 26, b" \x00", b"UpgradeX: ...", 10, 13)],
    ),
    (
        REQUEST + b"A b: c\r\n\r\n",
        [("field-line-malformed", None, 1, 16, b"A b: c", b"A b: ...", 0, 3)],
    ),
    # A line of two octets does not end a head.
    (REQUEST + b"\r\r\n\r\n", [("bare-cr", None, 1, 16, b"\r", None, None, None)]),
    (
        b"GET \xc3 HTTP/1.1\r\n\r\n",
        [("target-not-encoded", None, 1, 4, b"GET \xc3 HTTP/1.1", b"GET \xc3 HTTP/1.1", 4, 5)],
    ),
    (
        REQUEST + b"no colon\r\n\r\n",
        [("field-line-malformed", None, 1, 16, b"no colon", None, None, None)],
    ),
    (
        REQUEST + HOST + b"Expect: a:\r\n \tb\r\n\tc\r\n\r\n",
        [("obs-fold", None, 2, 37, b" \tb", b"Expect: a:", 7, 10)],
    ),
    (
        REQUEST + b" Upgrade: x\r\n\r\n",
        [("leading-whitespace", None, 1, 16, b" Upgrade: x", b" Upgrade: x", 0, 1)],
    ),
    (
        REQUEST + b"\tX: x\r\n Y: z\r\n\r\n",
        [
            ("leading-whitespace", None, 1, 16, b"\tX: x", b"\tX: ...", 0, 1),
            ("obs-fold", None, 1, 23, b" Y: z", b"\tX: ...", 3, 7),
        ],
    ),
    (
        REQUEST + b"Upgrade: a\rb\r\n\r\n",
        [("bare-cr", None, 1, 26, b"Upgrade: a\rb", b"Upgrade: a\r...", 10, 11)],
    ),
    (
        REQUEST + b"Upgrade: a\n\r\n",
        [("bare-lf", None, 1, 26, b"Upgrade: a", b"Upgrade: a\n", 10, 11)],
    ),
    (
        REQUEST + b"Upgrade: a\r\rb\n\r\n",
        [
            ("bare-lf", None, 1, 29, b"Upgrade: a\r\rb", b"Upgrade: a\r...", 11, 14),
            ("bare-cr", None, 1, 26, b"Upgrade: a\r\rb", b"Upgrade: a\r...", 10, 11),
        ],
    ),
    (REQUEST + HOST + b"Upgrade: a\r\n\n", [("bare-lf", None, 1, 37, b"", None, None, None)]),
    (
        b"GET /a?5ecre7\rb HTTP/1.1\r\n\r\n",
        [("bare-cr", None, 1, 13, b"GET /a?5ecre7\rb HTTP/1.1", b"GET /a?...\r...", 10, 11)],
    ),
    (
        b"GET /a HTTP/1.1\n\r\n",
        [("bare-lf", None, 1, 15, b"GET /a HTTP/1.1", b"GET /a HTTP/1.1\n", 15, 16)],
    ),
    (
        b"GET  /a HTTP/1.1\r\n\r\n",
        [("request-line-malformed", None, 1, 0, b"GET  /a HTTP/1.1", b"GET  /a HTTP/1.1", 0, 16)],
    ),
    (
        b"GET /a\xc3?b\xff HTTP/1.1\r\n\r\n",
        [
            (
                "target-not-encoded",
                None,
                1,
                6,
                b"GET /a\xc3?b\xff HTTP/1.1",
                b"GET /a\xc3?... HTTP/1.1",
                6,
                7,
            )
        ],
    ),
    (
        b"GET /a HTTP/1.1X\r\nA : b\r\n\r\n",
        [
            ("request-line-malformed", None, 1, 0, b"GET /a HTTP/1.1X", b"GET /a HTTP/1.1X", 0, 16),
            ("field-name-space", "A", 1, 19, b"A : b", b"A : ...", 1, 2),
        ],
    ),
]

RESPONSES: list[tuple[bytes, list[Told]]] = [
    (
        STATUS + b"Server : a\r\n\r\n",
        [("field-name-space", "Server", 1, 23, b"Server : a", b"Server : ...", 6, 7)],
    ),
    (
        STATUS + b"Upgrade: \x01\x00b\r\n\r\n",
        [("field-value-malformed", "Upgrade", 1, 27, b" \x01\x00b", b"Upgrade: \x01\x00b", 10, 11)],
    ),
    (
        STATUS + b"Upgrade: a\r\n b\x00\r\n\r\n",
        [("field-value-malformed", None, 1, 31, b" b\x00", None, None, None)],
    ),
    (STATUS + b" a\r\n\r\n", [("leading-whitespace", None, 1, 17, b" a", None, None, None)]),
    (
        STATUS + b"Upgrade: a\rb\r\n\r\n",
        [("bare-cr", None, 1, 27, b"Upgrade: a\rb", b"Upgrade: a\r...", 10, 11)],
    ),
    (
        STATUS + b"Upgrade: a\n\r\n",
        [("bare-lf", None, 1, 27, b"Upgrade: a", b"Upgrade: a\n", 10, 11)],
    ),
    (b"HTTP/1.1 200\n\r\n", [("bare-lf", None, 1, 12, b"HTTP/1.1 200", b"HTTP/1.1 200\n", 12, 13)]),
    (
        b"HTTP/1.1 20 OK\r\n\r\n",
        [("status-line-malformed", None, 1, 0, b"HTTP/1.1 20 OK", b"HTTP/1.1 20 ...", 0, 15)],
    ),
    (
        b"HTTP/1.1 200 a\rb\r\n\r\n",
        [("bare-cr", None, 1, 14, b"HTTP/1.1 200 a\rb", b"HTTP/1.1 200 ...", 13, 16)],
    ),
    (
        STATUS + b"no colon\r\n\r\n",
        [("field-line-malformed", None, 1, 17, b"no colon", None, None, None)],
    ),
    (
        STATUS + b"Upgrade: a\r\n b\r\n\xff: a\r\n\r\n",
        [("field-line-malformed", None, 1, 33, b"\xff: a", None, None, None)],
    ),
]

REQUESTS_OVER_LIMITS = [
    (
        b"GET /aaaaa",
        Limits(max_request_line=6),
        ("request-line-too-long", 0, b"GET /aaa", b"GET /aaa", 0, 8),
        False,
    ),
    (
        b"CONNECT me@aaaa",
        Limits(max_request_line=13),
        ("request-line-too-long", 0, b"CONNECT me@aaaa", b"CONNECT ...", 0, 11),
        False,
    ),
    (
        b"GETGETGETGE",
        Limits(max_request_line=6),
        ("method-too-long", 0, b"GETGETGE", b"GETGETGE", 0, 8),
        False,
    ),
    (
        b"GETGETGET ",
        Limits(max_request_line=6),
        ("method-too-long", 0, b"GETGETGE", b"GETGETGE", 0, 8),
        False,
    ),
    (
        REQUEST + HOST + b"Upgrade: abcd",
        Limits(max_request_line=20, max_header_line=9),
        ("header-line-too-long", 25, b"Upgrade: ab", b"Upgrade: ab", 0, 11),
        True,
    ),
    (
        REQUEST + HOST + b"Host: abcd",
        Limits(max_header_line=7),
        ("header-line-too-long", 25, b"Host: abc", b"Host: ...", 0, 9),
        False,
    ),
    (
        REQUEST + HOST + b"Upgrade: a\n",
        Limits(max_header_count=1),
        ("too-many-headers", 25, b"Upgrade: a\n", b"Upgrade: a\n", 0, 11),
        True,
    ),
    (
        REQUEST + HOST + b"Upgr",
        Limits(max_head_bytes=26),
        ("head-too-long", 25, b"U", None, None, None),
        False,
    ),
    (
        REQUEST + HOST + b"Upgrade: a",
        Limits(max_head_bytes=34),
        ("head-too-long", 25, b"Upgrade: ", b"Upgrade: ", 0, 9),
        True,
    ),
    (
        b"GET http://me:5ecre7",
        Limits(max_head_bytes=17),
        ("head-too-long", 0, b"GET http://me:5ec", b"GET http://...", 0, 14),
        False,
    ),
    (
        b"Upgrade: aaaaa",
        Limits(max_head_bytes=11),
        ("head-too-long", 0, b"Upgrade: aa", b"Upgrade:...", 0, 11),
        False,
    ),
    (
        REQUEST + b"Upgrade:aaaaaaaaa",
        Limits(max_header_line=9),
        ("header-line-too-long", 16, b"Upgrade:aaa", b"Upgrade:aaa", 0, 11),
        True,
    ),
]

RESPONSES_OVER_LIMITS = [
    # An octet over the limit is not looked at: it would say that this is no response.
    (b"HTTX", Limits(max_head_bytes=3), ("head-too-long", 0, b"HTT", b"HTT", 0, 3), False),
    (
        b"HTTP/1.1 200 OK",
        Limits(max_request_line=8),
        ("status-line-too-long", 0, b"HTTP/1.1 2", b"HTTP/1.1 2", 0, 10),
        False,
    ),
    (
        STATUS + b"Upgrade: abcd",
        Limits(max_request_line=15, max_header_line=9),
        ("header-line-too-long", 17, b"Upgrade: ab", b"Upgrade: ab", 0, 11),
        True,
    ),
    (
        STATUS + b"A: b\r\nUpgrade: a\n",
        Limits(max_header_count=1),
        ("too-many-headers", 23, b"Upgrade: a\n", b"Upgrade: a\n", 0, 11),
        True,
    ),
    (
        STATUS + b"Upgrade: a",
        Limits(max_head_bytes=25),
        ("head-too-long", 17, b"Upgrade:", b"Upgrade:", 0, 8),
        True,
    ),
    (b"HTTP/1", Limits(max_head_bytes=5), ("head-too-long", 0, b"HTTP/", b"HTTP/", 0, 5), False),
]

NO_REQUESTS = [
    (b"\x16\x03\x01\x01", ("tls-client-hello", b"\x16", b"\x16", 0, 1)),
    (b"\x16\x02\x01", ("not-http", b"\x16", b"\x16", 0, 1)),
    (b"\r\n\x16\x03\x01", ("tls-client-hello", b"\x16", b"\x16", 0, 1)),
    (b"PRI * HTTP/2.0\r\nXY", ("http2-preface", b"PRI * HTTP/2.0", b"PRI * HTTP/2.0", 0, 14)),
    (b"\r\nPROXY TCP4 1\r\nabc", ("proxy-protocol", b"PROXY TCP4 1", b"PROXY TC...", 0, 11)),
    (b"EHLO example\r\nabc", ("not-http", b"EHLO example", b"EHLO exa...", 0, 11)),
    (b"\r\n\r\n\x00\r\nQUIT\nabc", ("proxy-protocol", b"\x00", b"\x00", 0, 1)),
    (b"\rGET", ("not-http", b"\r", b"\r", 0, 1)),
    (b"\x00abc", ("not-http", b"\x00", b"\x00", 0, 1)),
    (b"PROXY / HTTP/1.1X\r\n", ("proxy-protocol", b"PROXY / HTTP/1.1X", b"PROXY / ...", 0, 11)),
]

NO_RESPONSES = [
    (b"\x16\x03\x01\x01", ("response-is-tls", b"\x16\x03", b"\x16\x03", 0, 2)),
    (b"\x15\x02\x01", ("response-not-http", b"\x15\x02", b"\x15\x02", 0, 2)),
    (
        b"\x00\x00\x12\x04\x00",
        ("response-is-http2", b"\x00\x00\x12\x04", b"\x00\x00\x12\x04", 0, 4),
    ),
    (
        b"\x00\x00\x12\x05\x00",
        ("response-not-http", b"\x00\x00\x12\x05", b"\x00\x00\x12\x05", 0, 4),
    ),
    (b"HTTX", ("response-not-http", b"HTTX", b"HTTX", 0, 4)),
    (b"HTTP/x", ("response-not-http", b"HTTP/x", b"HTTP/x", 0, 6)),
    (
        b"HTTP/2 200 OK\r\nabc",
        ("response-version-unsupported", b"HTTP/2 200 OK", b"HTTP/2 200 ...", 0, 6),
    ),
    (b"HTTP/2\r\nabc", ("response-version-unsupported", b"HTTP/2", b"HTTP/2", 0, 6)),
]


def unreadable(outcome: Outcome | ResponseOutcome) -> Unreadable:
    assert isinstance(outcome, Unreadable)
    return outcome


def told(outcome: Unreadable) -> list[Told]:
    return [
        (each.code, each.field, each.times, each.offset, each.value, *shown)
        for each in outcome.findings
        for shown in [(each.line, each.start, each.end)]
    ]


@pytest.mark.parametrize(("octets", "findings"), REQUESTS)
def test_the_findings_of_a_broken_request_head(octets: bytes, findings: list[Told]) -> None:
    # RFC 9112 2.2: empty lines before it are no part of the head.
    for pieces in ([octets + b"more"], [b"\r\n", octets], singly(octets)):
        outcome = unreadable(scan_pieces(pieces, Limits())[0])
        assert told(outcome) == findings
        assert outcome.size == len(b"".join(pieces).removesuffix(b"more"))


@pytest.mark.parametrize(("octets", "findings"), RESPONSES)
def test_the_findings_of_a_broken_response_head(octets: bytes, findings: list[Told]) -> None:
    for pieces in ([octets + b"more"], singly(octets)):
        outcome = unreadable(scan_response_pieces(pieces, Limits())[0])
        assert (told(outcome), outcome.size) == (findings, len(octets))


Place = tuple[str, int, bytes, bytes | None, int | None, int | None]


@pytest.mark.parametrize(("octets", "limits", "place", "upgrade"), REQUESTS_OVER_LIMITS)
def test_the_finding_for_a_request_that_is_over_a_limit(
    octets: bytes, limits: Limits, place: Place, upgrade: bool
) -> None:
    for pieces in ([octets], [octets + b"\r\nUpgrade: b\r\n\r\n"], singly(octets)):
        outcome = unreadable(scan_pieces(pieces, limits)[0])
        code, *rest = place
        assert told(outcome) == [(code, None, 1, *rest)]
        assert (outcome.size, outcome.seems_to_upgrade) == (0, upgrade)


@pytest.mark.parametrize(("octets", "limits", "place", "upgrade"), RESPONSES_OVER_LIMITS)
def test_the_finding_for_a_response_that_is_over_a_limit(
    octets: bytes, limits: Limits, place: Place, upgrade: bool
) -> None:
    for pieces in ([octets], [octets + b"\r\nUpgrade: b\r\n\r\n"], singly(octets)):
        outcome = unreadable(scan_response_pieces(pieces, limits)[0])
        code, *rest = place
        assert told(outcome) == [(code, None, 1, *rest)]
        assert (outcome.size, outcome.seems_to_upgrade) == (0, upgrade)


Start = tuple[str, bytes, bytes, int, int]


@pytest.mark.parametrize(("octets", "start"), NO_REQUESTS)
def test_the_finding_for_what_is_no_request(octets: bytes, start: Start) -> None:
    for pieces in ([octets], singly(octets)):
        outcome = unreadable(scan_pieces(pieces, Limits())[0])
        assert told(outcome) == [(start[0], None, 1, 0, *start[1:])]
        assert (outcome.size, outcome.seems_to_upgrade) == (0, False)


@pytest.mark.parametrize(("octets", "start"), NO_RESPONSES)
def test_the_finding_for_what_is_no_response(octets: bytes, start: Start) -> None:
    for pieces in ([octets], singly(octets)):
        outcome = unreadable(scan_response_pieces(pieces, Limits())[0])
        assert told(outcome) == [(start[0], None, 1, 0, *start[1:])]
        assert (outcome.size, outcome.seems_to_upgrade) == (0, False)
