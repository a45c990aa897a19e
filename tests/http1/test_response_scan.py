"""Octets to the parts of a response head, or to what is wrong with them: the rules, one by one.

That the outcome does not depend on how octets are cut is the law of ``test_scan_responses_laws``.
"""

import pytest
from feeding import scan_response_pieces, singly

from httpupgrade import Limits
from httpupgrade._http1.line_scan import Unreadable
from httpupgrade._http1.response_scan import (
    ResponseParts,
    ResponseScanner,
    response_in_front,
    unfold_fields,
)

STATUS = b"HTTP/1.1 200 OK\r\n"
SERVER = b"Server: a\r\n"


def scan(octets: bytes) -> ResponseParts | Unreadable | None:
    return ResponseScanner(Limits()).scan(bytearray(octets))


def whole(octets: bytes) -> ResponseParts:
    outcome = scan(octets)
    assert isinstance(outcome, ResponseParts)
    return outcome


def unreadable(octets: bytes) -> Unreadable:
    outcome = scan(octets)
    assert isinstance(outcome, Unreadable)
    return outcome


def faults(octets: bytes) -> list[tuple[str, int | None]]:
    return [(finding.code, finding.offset) for finding in unreadable(octets).findings]


# --- Heads that keep the grammar ----------------------------------------------------------------


def test_a_head_is_taken_apart_and_what_follows_it_is_left_alone() -> None:
    head = b"HTTP/1.0 426 Upgrade Required\r\nServer:a\r\nX-Y:  b \tc\t \r\nEmpty:\r\n\r\n"
    parts = whole(head + b"\x81\x05HTTP/1.1 200 OK\r\n")
    assert parts == ResponseParts(
        size=len(head),
        raw=head,
        http_version=b"1.0",
        status_code=426,
        reason=b"Upgrade Required",
    )
    assert unfold_fields(parts.raw) == ((b"Server", b"a"), (b"X-Y", b"b \tc"), (b"Empty", b""))


@pytest.mark.parametrize(
    ("line", "status_code", "reason"),
    [
        (b"HTTP/1.1 101 Switching Protocols", 101, b"Switching Protocols"),
        # RFC 9112 4: the reason may be empty. Peers leave out its space as well.
        (b"HTTP/1.1 426 ", 426, b""),
        (b"HTTP/1.1 426", 426, b""),
        (b"HTTP/1.1 400  two spaces", 400, b" two spaces"),
        (b"HTTP/1.1 400 \xe9t\xe9\t!", 400, b"\xe9t\xe9\t!"),
        (b"HTTP/1.1 400 HTTP/1.1 200 OK", 400, b"HTTP/1.1 200 OK"),
        # RFC 9112 4: 3DIGIT. RFC 9110 15: what has no class is treated as 5xx, elsewhere.
        (b"HTTP/1.1 000 Nothing", 0, b"Nothing"),
        (b"HTTP/1.1 099 ", 99, b""),
        (b"HTTP/1.1 600 ", 600, b""),
        (b"HTTP/1.1 999 ", 999, b""),
        # RFC 9110 2.5: any minor version is read.
        (b"HTTP/1.9 200 OK", 200, b"OK"),
        (b"HTTP/1.0 200 OK", 200, b"OK"),
    ],
)
def test_a_status_line_is_three_digits_and_perhaps_a_reason(
    line: bytes, status_code: int, reason: bytes
) -> None:
    parts = whole(line + b"\r\n\r\n")
    assert (parts.status_code, parts.reason, parts.size) == (status_code, reason, len(line) + 4)
    assert parts.http_version == line[5:8]


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"H",
        b"HTTP",
        b"HTTP/",
        b"HTTP/1",
        b"HTTP/2",
        b"HTTP/2.0 200 OK\r",
        STATUS,
        STATUS + b"\r",
        STATUS + SERVER,
        STATUS + SERVER + b"\r",
        STATUS + SERVER + b" \r\n",
        STATUS + b" broken : \n",
        b"\x15",
        b"\x16",
        b"\x00",
        b"\x00\x00",
        b"\x00\x00\x12",
        b"\x00\x00\n",
    ],
)
def test_more_octets_are_needed(octets: bytes) -> None:
    assert scan(octets) is None


# --- What is no HTTP/1 response -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (b"\x15\x03", "response-is-tls"),
        (b"\x15\x03\x03\x00\x02\x02\x46", "response-is-tls"),
        (b"\x16\x03\x03\x00\x7a\x02", "response-is-tls"),
        (b"\x16\x02", "response-not-http"),
        (b"\x17\x03", "response-not-http"),
        (b"\x00\x00\x12\x04", "response-is-http2"),
        (b"\x00\x00\x00\x04\x01\x00\x00\x00\x00", "response-is-http2"),
        (b"\x00\x00\n\x04", "response-is-http2"),
        (b"\x00\x01", "response-not-http"),
        (b"\x00\x00\x08\x07", "response-not-http"),
        (b"\x01", "response-not-http"),
        # RFC 9112 2.2: only servers skip empty lines.
        (b"\r", "response-not-http"),
        (b"\n" + STATUS, "response-not-http"),
        (b" " + STATUS, "response-not-http"),
        (b"G", "response-not-http"),
        (b"HTTX", "response-not-http"),
        (b"HTTP ", "response-not-http"),
        (b"HTTP/x", "response-not-http"),
        (b"HTTP/.", "response-not-http"),
        (b"HTTP/\xb2", "response-not-http"),
        # RFC 9112 2.3: the name is case-sensitive.
        (b"h", "response-not-http"),
        (b"Http/1.1 200 OK\r\n", "response-not-http"),
        (b"ICY 200 OK\r\n", "response-not-http"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "response-not-http"),
        (b"220 mail.example ESMTP\r\n", "response-not-http"),
        (b"<html>", "response-not-http"),
        (b"\x81\x05hello", "response-not-http"),
    ],
    ids=lambda value: repr(value) if isinstance(value, bytes) else value,
)
def test_what_is_no_response_is_named_at_once(octets: bytes, code: str) -> None:
    outcome = unreadable(octets)
    (finding,) = outcome.findings
    assert (finding.code, finding.offset) == (code, 0)
    _, settled = scan_response_pieces(singly(octets), Limits())
    assert finding.value == octets[:settled]
    assert (outcome.size, outcome.seems_to_upgrade) == (0, False)


@pytest.mark.parametrize(
    ("octets", "settled"),
    [(b"\x15\x03\x03", 2), (b"\x00\x00\x12\x04\x00", 4), (b"HTTP/x1", 6), (b"HTXP", 3)],
)
def test_the_first_octet_that_settles_it_ends_the_scan(octets: bytes, settled: int) -> None:
    outcome, fed = scan_response_pieces(singly(octets), Limits())
    assert (outcome, fed) == (scan(octets), settled)


@pytest.mark.parametrize(
    "line",
    [
        b"HTTP/2.0 200 OK",
        b"HTTP/2 426 ",
        b"HTTP/0.9 200 OK",
        b"HTTP/3.1 nonsense",
        b"HTTP/22",
    ],
)
def test_another_major_version_is_refused_when_its_line_is_there(line: bytes) -> None:
    for end in (b"\r\n", b"\n"):
        assert scan(line + b"\r") is None
        outcome = unreadable(line + end)
        (finding,) = outcome.findings
        assert (finding.code, finding.value) == ("response-version-unsupported", line)
        assert (finding.offset, outcome.size) == (0, 0)


# --- What breaks the grammar --------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        b"HTTP/1.1  200 OK",
        b"HTTP/1.1 20 OK",
        b"HTTP/1.1 2000 OK",
        b"HTTP/1.1 200OK",
        b"HTTP/1.1\t200 OK",
        b"HTTP/1.1 200\tOK",
        b"HTTP/1.1",
        b"HTTP/1.1 ",
        b"HTTP/1 200 OK",
        b"HTTP/1.10 200 OK",
        b"HTTP/11 200 OK",
        b"HTTP/1.1 +20 OK",
        b"HTTP/1.1 2_0 OK",
        b"HTTP/1.1 \xb2\xb2\xb2 OK",
        b"HTTP/1.1 \xef\xbc\x92\xef\xbc\x90\xef\xbc\x90 OK",
        b"HTTP/1.1 200 O\x00K",
        b"HTTP/1.1 200 \x1b[0m",
        b"HTTP/1.1 200 OK\x7f",
    ],
)
def test_a_status_line_is_not_mended(line: bytes) -> None:
    outcome = unreadable(line + b"\r\nServer: a\r\n\r\n")
    (finding,) = outcome.findings
    assert (finding.code, finding.value, finding.offset) == ("status-line-malformed", line, 0)
    assert outcome.size == len(line) + 15


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        # RFC 9112 2.2: bare CR, bare LF. Line ends are CRLF and nothing else.
        (b"HTTP/1.1 200 OK\n\n", [("bare-lf", 15)]),
        (STATUS + b"A: b\n\r\n", [("bare-lf", 21)]),
        (STATUS + b"A: b\r\n\n", [("bare-lf", 23)]),
        (STATUS + b"A: b\n c\r\n\r\n", [("bare-lf", 21)]),
        (b"HTTP/1.1 200 O\rK\r\n\r\n", [("bare-cr", 14)]),
        (STATUS + b"A: b\rTransfer-Encoding: chunked\r\n\r\n", [("bare-cr", 21)]),
        (STATUS + b"A: b\r\n \rc\r\n\r\n", [("bare-cr", 24)]),
        # RFC 9112 5.1: a proxy removes white space in front of the colon; we are none.
        (STATUS + b"A : b\r\n\r\n", [("field-name-space", 18)]),
        # RFC 9112 2.2: white space in front of the first field.
        (STATUS + b" A: b\r\n\r\n", [("leading-whitespace", 17)]),
        (STATUS + b"\tA: b\r\n" + SERVER + b"\r\n", [("leading-whitespace", 17)]),
        (STATUS + b" \r\n\r\n", [("leading-whitespace", 17)]),
        (STATUS + b" a\r\n b\r\n\r\n", [("leading-whitespace", 17)]),
        (STATUS + b": b\r\n\r\n", [("field-line-malformed", 17)]),
        (STATUS + b"no colon\r\n\r\n", [("field-line-malformed", 17)]),
        (STATUS + b"no colon\r\n folded: b\r\n\r\n", [("field-line-malformed", 17)]),
        (STATUS + b"\xe9: b\r\n\r\n", [("field-line-malformed", 17)]),
        # RFC 9110 5.5: NUL stands in no value, in whatever line of it; other controls are kept.
        (STATUS + b"A: b\x00c\r\n\r\n", [("field-value-malformed", 21)]),
        (STATUS + b"A: b\r\n c\x00\r\n\r\n", [("field-value-malformed", 25)]),
        (STATUS + b"A: \x01b\x00c\r\n\r\n", [("field-value-malformed", 22)]),
        (STATUS + b"A: \x01b\r\n c\x7f\x00\r\n\r\n", [("field-value-malformed", 27)]),
        # Every fault is named, not only the first.
        (
            b"HTTP/1.1 2 OK\r\nA : b\n c\r\n\td\x00\r\n:\r\nE: \x00\r\nF: \x01\r\n\x01\r\n\r\n",
            [
                ("status-line-malformed", 0),
                ("bare-lf", 20),
                ("field-name-space", 16),
                ("field-value-malformed", 27),
                ("field-line-malformed", 30),
                ("field-value-malformed", 36),
            ],
        ),
    ],
)
def test_a_broken_head_is_refused_with_the_place(
    octets: bytes, expected: list[tuple[str, int]]
) -> None:
    assert faults(octets) == expected
    assert unreadable(octets + b"more").size == len(octets)


def test_a_broken_line_that_continues_a_field_is_quoted_without_a_name() -> None:
    (finding,) = unreadable(STATUS + SERVER + b" b\x00\r\n\r\n").findings
    assert (finding.field, finding.value) == (None, b" b\x00")


def test_a_fault_that_is_there_often_is_one_finding_with_a_count() -> None:
    findings = unreadable(STATUS + b": \n" * 250 + b"\r\n").findings
    counted = [(finding.code, finding.times) for finding in findings]
    assert counted == [("bare-lf", 250), ("field-line-malformed", 250)]


# --- Values that go on: RFC 9112 5.2 ------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        (b"A: b\r\n c\r\n", b"b c"),
        (b"A: b\r\n\tc\r\n", b"b c"),
        (b"A: b \t\r\n \t c\r\n", b"b c"),
        (b"A: b\r\n c\r\n\td\r\n", b"b c d"),
        (b"A:\r\n b\r\n", b"b"),
        (b"A: \r\n \r\n\tb\r\n", b"b"),
        (b"A: b\r\n \r\n", b"b"),
        (b"A: b\r\n \r\n c\r\n", b"b  c"),
        (b"A:\r\n \r\n", b""),
        (b"A: b\r\n B: c\r\n", b"b B: c"),
        (b"A: b\r\n HTTP/1.1 200 OK\r\n", b"b HTTP/1.1 200 OK"),
        (b"A: \xa0\r\n \x85\r\n", b"\xa0 \x85"),
    ],
)
def test_each_fold_is_read_as_one_space_and_the_octets_stay(lines: bytes, value: bytes) -> None:
    octets = STATUS + lines + SERVER + b"\r\n"
    parts = whole(octets)
    assert (parts.raw, parts.size) == (octets, len(octets))
    assert unfold_fields(parts.raw) == ((b"A", value), (b"Server", b"a"))


def test_a_fold_in_the_last_field_is_read_alike() -> None:
    parts = whole(STATUS + SERVER + b"A: b\r\n c\r\n \r\n\r\n")
    assert unfold_fields(parts.raw) == ((b"Server", b"a"), (b"A", b"b c"))


# --- Limits, at n and at n + 1 ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("octets", "limits", "code", "offset", "value"),
    [
        (b"HTTP/1.1 2", Limits(max_request_line=8), "status-line-too-long", 0, b"HTTP/1.1 2"),
        (STATUS + b"A: bcde", Limits(max_header_line=5), "header-line-too-long", 17, b"A: bcde"),
        (
            STATUS + b"A: b\r\n cdefgh",
            Limits(max_header_line=5),
            "header-line-too-long",
            23,
            b" cdefgh",
        ),
        (STATUS + SERVER + b"A:\n", Limits(max_header_count=1), "too-many-headers", 28, b"A:\n"),
        (STATUS + SERVER + b" a\n", Limits(max_header_count=1), "too-many-headers", 28, b" a\n"),
        (STATUS + b"Serv", Limits(max_head_bytes=20), "head-too-long", 17, b"Ser"),
        (b"HTTP", Limits(max_head_bytes=3), "head-too-long", 0, b"HTT"),
        (STATUS + b"\r\n", Limits(max_head_bytes=18), "head-too-long", 17, b"\r"),
    ],
)
def test_what_is_over_a_limit_is_refused_as_soon_as_that_is_known(
    octets: bytes, limits: Limits, code: str, offset: int, value: bytes
) -> None:
    assert ResponseScanner(limits).scan(bytearray(octets[:-1])) is None
    outcome = ResponseScanner(limits).scan(bytearray(octets + b"aaaaa\r\n\r\n"))
    assert outcome == ResponseScanner(limits).scan(bytearray(octets))
    assert isinstance(outcome, Unreadable)
    (finding,) = outcome.findings
    assert (finding.code, finding.offset, finding.value) == (code, offset, value)


FOLDED = STATUS + SERVER + b"Cookie: b\r\n c\r\n\r\n"


@pytest.mark.parametrize(
    "octets",
    [
        FOLDED,
        STATUS + b"\r\n",
        b"HTTP/1.0 404 \r\nA:\r\n\r\n",
        b"HTTP/1.1 204\r\n\r\n",
        b"HTTP/1.1 099 Odd\r\nA: \x01\r\n\r\n",
        b"HTTP/2.0 200 OK\r\n\r\n",
        STATUS + b"A : b\r\n\r\n",
        STATUS + SERVER,
    ],
)
def test_a_head_in_front_is_the_one_that_the_scanner_finds(octets: bytes) -> None:
    for name, n in (
        ("max_head_bytes", len(octets)),
        ("max_request_line", 15),
        ("max_header_line", 9),
    ):
        for limits in (Limits(), Limits(**{name: n}), Limits(**{name: n - 1})):
            parts, _ = scan_response_pieces([octets + b"body"], limits)
            found = response_in_front(bytearray(octets + b"body"), limits)
            assert found == (parts if isinstance(parts, ResponseParts) else None)


@pytest.mark.parametrize(
    ("octets", "limit", "n", "code"),
    [
        (STATUS + b"\r\n", "max_request_line", 15, "status-line-too-long"),
        (FOLDED, "max_request_line", 15, "status-line-too-long"),
        (FOLDED, "max_header_line", 9, "header-line-too-long"),
        (FOLDED, "max_header_count", 3, "too-many-headers"),
        (FOLDED, "max_head_bytes", len(FOLDED), "head-too-long"),
    ],
)
def test_a_limit_takes_n_and_refuses_one_more(octets: bytes, limit: str, n: int, code: str) -> None:
    for pieces in ([octets + b"body"], singly(octets + b"body")):
        parts, _ = scan_response_pieces(pieces, Limits(**{limit: n}))
        assert isinstance(parts, ResponseParts)
        outcome, _ = scan_response_pieces(pieces, Limits(**{limit: n - 1}))
        assert isinstance(outcome, Unreadable)
        assert [finding.code for finding in outcome.findings] == [code]


def test_the_lines_of_one_value_are_measured_one_by_one() -> None:
    lines = b"Cookie: b\r\n" + b" cccccccc\r\n" * 20
    assert whole(STATUS + lines + b"\r\n") == ResponseScanner(Limits(max_header_line=9)).scan(
        bytearray(STATUS + lines + b"\r\n")
    )


# --- Piece by piece -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "octets",
    [
        b"HTTP/1.1 426 \r\nUpgrade: a,\r\n\tb\r\nC:\r\n\r\n",
        STATUS + b"A : b\n\rC: d\r\n\n",
        b"HTTP/2 200\r\n\r\n",
        b"\x16\x03\x01",
        b"\x00\x00\x12\x04",
    ],
)
def test_a_head_is_read_alike_across_any_two_cuts(octets: bytes) -> None:
    expected = scan(octets)
    assert expected is not None
    for first in range(len(octets)):
        for second in range(first, len(octets)):
            pieces = [octets[:first], octets[first:second], octets[second:] + b"HTTP"]
            assert scan_response_pieces(pieces, Limits())[0] == expected


def test_below_its_mark_a_scanner_has_nothing_new_to_say() -> None:
    scanner, buffer = ResponseScanner(Limits(max_header_line=30)), bytearray(STATUS + b"A: ")
    assert scanner.scan(buffer) is None
    assert scanner.quiet_below == len(STATUS) + 32
    buffer += b"b" * (scanner.quiet_below - len(buffer) - 1)
    assert scanner.scan(buffer) is None
    buffer += b"b"
    assert isinstance(scanner.scan(buffer), Unreadable)
