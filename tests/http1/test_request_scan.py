"""Octets to head parts, or to what is wrong with them: the rules, one by one.

That the outcome does not depend on how octets are cut is the law of ``test_scan_laws``.
"""

import pytest
from feeding import scan_pieces

from httpupgrade import Limits
from httpupgrade._http1.findings import Finding
from httpupgrade._http1.limits import DEFAULT_LIMITS
from httpupgrade._http1.line_scan import Unreadable, diagnose_head, split_fields
from httpupgrade._http1.request_scan import HeadParts, RequestScanner, read_head

REQUEST = b"GET / HTTP/1.1\r\n"
HOST = b"Host: a\r\n"
PROXY_V2 = b"\r\n\r\n\x00\r\nQUIT\n"


def scan(octets: bytes) -> HeadParts | Unreadable | None:
    return RequestScanner(Limits()).scan(bytearray(octets))


def whole(octets: bytes) -> HeadParts:
    outcome = scan(octets)
    assert isinstance(outcome, HeadParts)
    return outcome


def unreadable(octets: bytes) -> Unreadable:
    outcome = scan(octets)
    assert isinstance(outcome, Unreadable)
    return outcome


def faults(octets: bytes) -> list[tuple[str, int | None]]:
    return [(finding.code, finding.offset) for finding in unreadable(octets).findings]


# --- Heads that keep the grammar ----------------------------------------------------------------


def test_a_head_is_taken_apart_and_what_follows_it_is_left_alone() -> None:
    head = b"POST /a?b HTTP/1.0\r\nHost:a\r\nX-Y:  b \tc\t \r\nEmpty:\r\nhost: \xe9\r\n\r\n"
    parts = whole(head + b"\x81\x05GET / HTTP/1.1\r\n")
    assert parts == HeadParts(
        size=len(head), raw=head, method=b"POST", target=b"/a?b", http_version=b"1.0"
    )
    assert split_fields(parts.raw) == (
        (b"Host", b"a"),
        (b"X-Y", b"b \tc"),
        (b"Empty", b""),
        (b"host", b"\xe9"),
    )


@pytest.mark.parametrize("count", [1, 2, 3, 50])
def test_empty_lines_in_front_of_a_request_are_used_up_with_it(count: int) -> None:
    # RFC 9112 2.2: at least one is ignored.
    parts = whole(b"\r\n" * count + REQUEST + b"\r\n")
    assert (parts.size, parts.raw) == (2 * count + 18, REQUEST + b"\r\n")


@pytest.mark.parametrize("octets", [b"\xa0", b"\x85", b"\xa0a\x85"])
def test_only_ows_is_taken_off_a_value(octets: bytes) -> None:
    # RFC 9110 5.5, 5.6.3: NBSP and NEL of Latin-1 are obs-text, and stay.
    assert split_fields(whole(REQUEST + b"A: \t" + octets + b" \t\r\n\r\n").raw) == (
        (b"A", octets),
    )


def test_a_value_may_hold_colons_and_look_like_anything() -> None:
    parts = whole(REQUEST + b"A: b: c\r\nB:: GET / HTTP/1.1\r\n\r\n")
    assert split_fields(parts.raw) == ((b"A", b"b: c"), (b"B", b": GET / HTTP/1.1"))


@pytest.mark.parametrize(
    "line", [b"PROXY / HTTP/1.1", b"PRI / HTTP/1.1", b"PRI * HTTP/1.1", b"BREW * HTTP/9.9"]
)
def test_any_method_and_version_that_keep_the_grammar_are_read(line: bytes) -> None:
    # Whether they are supported is judged later.
    assert whole(line + b"\r\n\r\n").method == line.partition(b" ")[0]


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\r",
        b"\r\n",
        b"\r\n\r\n\r",
        b"G",
        REQUEST,
        REQUEST + b"\r",
        REQUEST + HOST,
        REQUEST + HOST + b"\r",
        REQUEST + b" broken : \n",
        b"\x16",
        PROXY_V2[:-1],
        b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r",
        b"PRI * HTTP/2.0\r",
        b"EHLO example.com\r",
    ],
)
def test_more_octets_are_needed(octets: bytes) -> None:
    assert scan(octets) is None


# --- What is not HTTP/1 at all: RFC 9112 2.2 ----------------------------------------------------


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (b"\x16\x03", "tls-client-hello"),
        (b"\x16\x03\x01\x02\x00\x01\x00", "tls-client-hello"),
        (b"\r\n\x16\x03", "tls-client-hello"),
        (b"\x16\x02", "not-http"),
        (b"PRI * HTTP/2.0\r\n", "http2-preface"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "http2-preface"),
        (b"\r\nPRI * HTTP/2.0\r\n\r\n", "http2-preface"),
        (b"PRI * HTTP/2.0\n", "http2-preface"),
        (b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + REQUEST + b"\r\n", "proxy-protocol"),
        (b"PROXY UNKNOWN\r\n", "proxy-protocol"),
        (PROXY_V2, "proxy-protocol"),
        (PROXY_V2 + b"\x21\x11\x00\x0c" + REQUEST, "proxy-protocol"),
        (b"\r\n" + PROXY_V2, "not-http"),
        (b"\r\n\r\n\x00\r\nQUITE", "not-http"),
        (b"\x00", "not-http"),
        (b"\n", "not-http"),
        (b"\n" + REQUEST, "not-http"),
        (b" ", "not-http"),
        (b" " + REQUEST, "not-http"),
        (b"\t", "not-http"),
        (b"\rG", "not-http"),
        (b"\r\r", "not-http"),
        (b"\r\n\r" + REQUEST, "not-http"),
        (b":", "not-http"),
        (b'{"jsonrpc"', "not-http"),
        (b"\x80\x2e", "not-http"),
        (b"\x05\x01\x00", "not-http"),
        (b"EHLO example.com\r\n", "not-http"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "not-http"),
        (b"GET /\r\n", "not-http"),
        (b"GET / RTSP/1.0\r\n", "not-http"),
    ],
    ids=lambda value: repr(value) if isinstance(value, bytes) else value,
)
def test_what_is_no_http_1_is_named_at_once(octets: bytes, code: str) -> None:
    outcome = unreadable(octets)
    (finding,) = outcome.findings
    assert (finding.code, finding.offset) == (code, 0)
    assert (outcome.size, outcome.seems_to_upgrade) == (0, False)


def test_a_line_that_is_no_http_1_is_quoted() -> None:
    (finding,) = unreadable(b"\r\nEHLO example.com\r\n").findings
    assert finding.value == b"EHLO example.com"


# --- What breaks the grammar --------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        b"GET  / HTTP/1.1",
        b"GET /  HTTP/1.1",
        b"GET / HTTP/1.1 ",
        b"GET\t/ HTTP/1.1",
        b"GET /a b HTTP/1.1",
        b"GET HTTP/1.1",
        b"GET / HTTP/1.10",
        b"GET / HTTP/1",
        b"GET / http/1.1",
        b"GET / Http/1.1",
        b"GET /\x00 HTTP/1.1",
        b"GET /\x7f HTTP/1.1",
        b"GET /\xe9\x00 HTTP/1.1",
        b"GET /\xe9 /\xe9 HTTP/1.1",
        b"G{T / HTTP/1.1",
        b"GET / HTTP/1.1\x0b",
        b"GET / HTTP/1.1, HTTP/1.1",
    ],
)
def test_a_request_line_is_not_mended(line: bytes) -> None:
    # RFC 9112 3: SHOULD 400, SHOULD NOT correct it.
    outcome = unreadable(line + b"\r\nHost: a\r\n\r\n")
    (finding,) = outcome.findings
    assert (finding.code, finding.value, finding.offset) == ("request-line-malformed", line, 0)
    assert outcome.size == len(line) + 13


def test_a_target_that_was_not_encoded_is_named() -> None:
    (finding,) = unreadable(b"GET /caf\xc3\xa9?n=1 HTTP/1.1\r\nHost: a\r\n\r\n").findings
    assert (finding.code, finding.offset) == ("target-not-encoded", 8)
    assert (finding.line, finding.start, finding.end) == (b"GET /caf\xc3\xa9?... HTTP/1.1", 8, 9)


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        # RFC 9112 2.2: bare CR, bare LF. Line ends are CRLF and nothing else.
        pytest.param(b"GET / HTTP/1.1\n\n", [("bare-lf", 14)], id="all-bare-lf"),
        pytest.param(REQUEST + b"A: b\n\r\n", [("bare-lf", 20)], id="CVE-2019-16785 bare LF"),
        pytest.param(REQUEST + b"A: b\r\n\n", [("bare-lf", 22)], id="empty-line-in-bare-lf"),
        pytest.param(b"GET /\r HTTP/1.1\r\n\r\n", [("bare-cr", 5)], id="bare-cr-in-request-line"),
        pytest.param(b"GET / HTTP/1.1\r\r\n\r\n", [("bare-cr", 14)], id="doubled-cr"),
        pytest.param(
            REQUEST + b"X: a\rTransfer-Encoding: chunked\r\n\r\n",
            [("bare-cr", 20)],
            id="CVE-2022-32214 CVE-2023-30589 CR as delimiter",
        ),
        pytest.param(
            REQUEST + b"A: b\r\n\rX: c\r\n\r\n",
            [("bare-cr", 22)],
            id="CVE-2025-23167 CRLF CR ends nothing",
        ),
        pytest.param(
            REQUEST + b"A: b\r\n\r\r\r\n\r\n",
            [("bare-cr", 22)],
            id="CVE-2026-28367 CR CR CR is no terminator",
        ),
        pytest.param(REQUEST + b"\rA: b\r\n\r\n", [("bare-cr", 16)], id="cr-begins-a-line"),
        pytest.param(
            REQUEST + b"A: b\r\rc\n\r\n", [("bare-lf", 23), ("bare-cr", 20)], id="both-in-one-line"
        ),
        # RFC 9112 5.1: no white space between name and colon.
        pytest.param(
            REQUEST + b"Host : a\r\n\r\n",
            [("field-name-space", 20)],
            id="CVE-2019-16869 CVE-2019-16276 space before colon",
        ),
        pytest.param(REQUEST + b"Host\t: a\r\n\r\n", [("field-name-space", 20)], id="tab-before"),
        # RFC 9112 5.2: obs-fold; 2.2: white space in front of the first field.
        pytest.param(
            REQUEST + b" Content-Length: 5\r\n\r\n",
            [("leading-whitespace", 16)],
            id="CVE-2026-28369 CVE-2024-27982 space on the first line",
        ),
        pytest.param(REQUEST + b"\tA: b\r\n\r\n", [("leading-whitespace", 16)], id="tab-first"),
        pytest.param(REQUEST + HOST + b" b\r\n\tc\r\n\r\n", [("obs-fold", 25)], id="folds"),
        pytest.param(
            REQUEST + b"Transfer-Encoding:\r\n chunked\r\n\r\n",
            [("obs-fold", 36)],
            id="CVE-2026-89044 folded Transfer-Encoding",
        ),
        pytest.param(REQUEST + HOST + b" \r\n\r\n", [("obs-fold", 25)], id="blank-is-not-empty"),
        # RFC 9112 5: field-name ":"; the name is a token.
        pytest.param(
            REQUEST + b": a\r\n\r\n", [("field-line-malformed", 16)], id="CVE-2023-25725 empty name"
        ),
        pytest.param(REQUEST + b"Host\r\n\r\n", [("field-line-malformed", 16)], id="no-colon"),
        pytest.param(REQUEST + b"A b: c\r\n\r\n", [("field-line-malformed", 16)], id="two-names"),
        pytest.param(REQUEST + b"A\x00: c\r\n\r\n", [("field-line-malformed", 16)], id="nul-name"),
        pytest.param(REQUEST + b"\xe9: c\r\n\r\n", [("field-line-malformed", 16)], id="latin-1"),
        pytest.param(REQUEST + b"A\x0b: c\r\n\r\n", [("field-line-malformed", 16)], id="vt-name"),
        # RFC 9110 5.5: no CTL in a value.
        pytest.param(
            REQUEST + b"A: b\x00c\r\n\r\n",
            [("field-value-malformed", 20)],
            id="CVE-2026-34520 NUL in a value",
        ),
        pytest.param(REQUEST + b"A:\x7f\r\n\r\n", [("field-value-malformed", 18)], id="del"),
        pytest.param(REQUEST + b"A: \x0b\r\n\r\n", [("field-value-malformed", 19)], id="vt"),
        pytest.param(REQUEST + b"A: \x1b[0m\r\n\r\n", [("field-value-malformed", 19)], id="esc"),
        # Every fault is named, not only the first.
        pytest.param(
            b"GET  / HTTP/1.1\r\nA : b\n c\r\n:\r\nE: \x01\r\n\r\n",
            [
                ("request-line-malformed", 0),
                ("bare-lf", 22),
                ("field-name-space", 18),
                ("obs-fold", 23),
                ("field-line-malformed", 27),
                ("field-value-malformed", 33),
            ],
            id="many",
        ),
    ],
)
def test_a_broken_head_is_refused_with_the_place(
    octets: bytes, expected: list[tuple[str, int]]
) -> None:
    # An empty line in front moves nothing: offsets count from the method.
    assert faults(octets) == expected
    assert faults(b"\r\n" + octets) == expected
    assert unreadable(octets + b"more").size == len(octets)
    assert {finding.status_code for finding in unreadable(octets).findings} == {400}


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        (b"Host : a", "Host", b"Host : a"),
        (b"X-A: b\x00", "X-A", b" b\x00"),
        (b" fold", None, b" fold"),
        (b"=: " + b"v" * 200, None, b"=: " + b"v" * 125),
    ],
)
def test_a_fault_in_a_field_line_names_the_field_and_quotes_128_octets(
    line: bytes, field: str | None, value: bytes
) -> None:
    (finding,) = unreadable(REQUEST + HOST + line + b"\r\n\r\n").findings
    assert (finding.field, finding.value) == (field, value)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (b"Cookie: 5ecre7", b"Cookie: ..."),
        (b"Upgrade: a", b"Upgrade: a"),
        (b"=: 5ecre7", None),
    ],
)
def test_of_a_value_that_continues_the_line_before_is_shown(
    line: bytes, shown: bytes | None
) -> None:
    findings = unreadable(REQUEST + line + b"\r\n fold\r\n\r\n").findings
    assert (findings[-1].code, findings[-1].line) == ("obs-fold", shown)


def test_a_fault_that_is_there_often_is_one_finding_with_a_count() -> None:
    findings = unreadable(REQUEST + b": \n" * 250 + b"\r\n").findings
    counted = [(finding.code, finding.times) for finding in findings]
    assert counted == [("bare-lf", 250), ("field-line-malformed", 250)]


def test_faults_of_different_fields_are_apart_and_some_of_them_are_named() -> None:
    lines = b"".join(b"N%d : a\r\nN%d : b\r\n" % (number, number) for number in range(100))
    findings = unreadable(REQUEST + lines + b"\r\n").findings
    assert [(finding.field, finding.times) for finding in findings] == [
        (f"N{number}", 2) for number in range(16)
    ]


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (REQUEST + b"A : b\r\n\r\n", False),
        (REQUEST + b"A : b\r\nUpgrade: c\r\n\r\n", True),
        (REQUEST + b"A : b\r\nUPGRADE:c\r\n\r\n", True),
        (REQUEST + b"Upgrade : a\r\n\r\n", True),
        (REQUEST + b" Upgrade: a\r\n\r\n", True),
        (REQUEST + b"A: b\r\n\tupgrade\t:a\r\n\r\n", True),
        (REQUEST + b"A: b\rUpgrade: c\r\n\r\n", True),
        (REQUEST + b"A: b\nUpgrade: c\r\n\r\n", True),
        (b"GET / HTTP/1.1\rUpgrade: c\r\n\r\n", True),
        (REQUEST + b"A : upgrade: b\r\n\r\n", False),
        (REQUEST + b"Upgrade-Insecure-Requests : 1\r\n\r\n", False),
        (REQUEST + b"X-Upgrade : 1\r\n\r\n", False),
        (REQUEST + b"A : b\r\n\r\nUpgrade: c\r\n", False),
    ],
)
def test_a_broken_head_seems_to_upgrade_if_any_parser_could_see_the_field(
    octets: bytes, expected: bool
) -> None:
    assert unreadable(octets).seems_to_upgrade is expected


@pytest.mark.parametrize(
    ("octets", "limits", "code", "offset", "value"),
    [
        (b"GET /aaa", Limits(max_request_line=6), "request-line-too-long", 0, b"GET /aaa"),
        (b"GETGETGE", Limits(max_request_line=6), "method-too-long", 0, b"GETGETGE"),
        (REQUEST + b"A: bcde", Limits(max_header_line=5), "header-line-too-long", 16, b"A: bcde"),
        (REQUEST + HOST + b"A:\n", Limits(max_header_count=1), "too-many-headers", 25, b"A:\n"),
        (REQUEST + b"Host:", Limits(max_head_bytes=20), "head-too-long", 16, b"Host"),
        (b"\r\n\r\n\r\n", Limits(max_head_bytes=5), "head-too-long", 0, b"\r"),
        (REQUEST + b"\r\n", Limits(max_head_bytes=17), "head-too-long", 16, b"\r"),
    ],
)
def test_what_is_over_a_limit_is_refused_as_soon_as_that_is_known(
    octets: bytes, limits: Limits, code: str, offset: int, value: bytes
) -> None:
    # RFC 9110 5.4: never by leaving something out. Limits at n and n + 1 are test_limits' matter.
    assert RequestScanner(limits).scan(bytearray(octets[:-1])) is None
    outcome = RequestScanner(limits).scan(bytearray(octets + b"aaaaa\r\n\r\n"))
    assert outcome == RequestScanner(limits).scan(bytearray(octets))
    assert isinstance(outcome, Unreadable)
    (finding,) = outcome.findings
    assert (finding.code, finding.offset, finding.value) == (code, offset, value)


@pytest.mark.parametrize(
    ("limits", "mark"),
    [
        (Limits(), len(REQUEST) + DEFAULT_LIMITS.max_header_line + 2),
        (Limits(max_header_line=30), len(REQUEST) + 32),
        (Limits(max_head_bytes=40), 41),
    ],
)
def test_a_scanner_says_up_to_which_length_it_has_nothing_new_to_say(
    limits: Limits, mark: int
) -> None:
    scanner, buffer = RequestScanner(limits), bytearray(REQUEST + b"A: ")
    assert scanner.quiet_below == 0
    assert scanner.scan(buffer) is None
    assert scanner.quiet_below == mark
    buffer += b"b" * (mark - len(buffer) - 1)
    assert scanner.scan(buffer) is None
    buffer += b"b"
    assert isinstance(scanner.scan(buffer), Unreadable)


@pytest.mark.parametrize(
    "octets",
    [
        b"\r\n" + REQUEST + HOST + b"Long-Name: b\r\nC:\r\n\r\n",
        REQUEST + b"A : b\n\rC: d\r\n\n",
        b"PRI * HTTP/2.0\r\n\r\n",
        PROXY_V2,
    ],
)
def test_a_head_is_read_alike_across_any_two_cuts(octets: bytes) -> None:
    whole = scan(octets)
    assert whole is not None
    for first in range(len(octets)):
        for second in range(first, len(octets)):
            pieces = [octets[:first], octets[first:second], octets[second:] + b"GET"]
            assert scan_pieces(pieces, Limits())[0] == whole


# --- The parts, by themselves -------------------------------------------------------------------


def test_read_head_takes_a_whole_head_and_nothing_else() -> None:
    assert read_head(REQUEST + b"A:\r\n\r\n", 77) == HeadParts(
        77, REQUEST + b"A:\r\n\r\n", b"GET", b"/", b"1.1"
    )
    for octets in (b"", REQUEST, REQUEST + b"\r\n ", b"\r\n" + REQUEST + b"\r\n", REQUEST + b"\n"):
        assert read_head(octets, len(octets)) is None


def test_split_fields_splits_at_the_first_colon() -> None:
    assert split_fields(REQUEST + b"\r\n") == ()
    assert split_fields(REQUEST + b"A: b:c\r\nB:\t\r\n\r\n") == ((b"A", b"b:c"), (b"B", b""))


@pytest.mark.parametrize("value", [b"\x0bb\x0c", b"XbX", b"\xa0"])
def test_split_fields_strips_spaces_and_tabs_alone(value: bytes) -> None:
    # RFC 9110 5.6.3. A response may hold controls (5.5).
    assert split_fields(REQUEST + b"A:\t %b \t\r\n\r\n" % value) == ((b"A", value),)


@pytest.mark.parametrize(
    ("raw", "code", "offset"),
    [
        (b"HTTP/1.1  200 OK\r\n\r\n", "status-line-malformed", 0),
        (b"HTTP/1.1 200 OK\n\r\n", "bare-lf", 15),
        (b"HTTP/1.1 200 OK\r\n A: b\r\n\r\n", "leading-whitespace", 17),
        (b"\r\n", "status-line-malformed", 0),
    ],
)
def test_a_broken_response_head_is_diagnosed_alike(raw: bytes, code: str, offset: int) -> None:
    findings: tuple[Finding, ...] = diagnose_head(raw, request=False)
    assert [(finding.code, finding.offset) for finding in findings] == [(code, offset)]


def test_a_sound_head_has_no_diagnosis() -> None:
    assert diagnose_head(REQUEST + HOST + b"\r\n", request=True) == ()
    assert diagnose_head(b"HTTP/1.1 101\r\n" + HOST + b"\r\n", request=False) == ()


def test_a_scanner_that_was_fed_a_part_goes_on_from_there() -> None:
    scanner, buffer = RequestScanner(Limits()), bytearray()
    for piece in (b"\r", b"\nGET", b" / HT", b"TP/1.1\r", b"\nA: b\r\n", b"\r"):
        buffer += piece
        assert scanner.scan(buffer) is None
    buffer += b"\nrest"
    outcome = scanner.scan(buffer)
    assert isinstance(outcome, HeadParts)
    assert (outcome.size, split_fields(outcome.raw)) == (26, ((b"A", b"b"),))


@pytest.mark.parametrize(
    "line",
    [b"Upgrade\x0b: x", b"\x0bUpgrade: x", b"\x00Upgrade:x", b"Upgrade\xa0: x", b" upgrade\t: x"],
)
def test_a_line_that_a_lenient_parser_could_take_for_upgrade_is_noticed(line: bytes) -> None:
    octets = b"GET / HTTP/1.1\r\nHost: a\r\n" + line + b"\r\n\r\n"
    outcome = RequestScanner(Limits()).scan(bytearray(octets))
    assert isinstance(outcome, Unreadable)
    assert outcome.seems_to_upgrade


def test_the_name_in_a_finding_is_bounded_like_its_value() -> None:
    octets = b"GET / HTTP/1.1\r\n" + b"a" * 3000 + b" : x\r\n\r\n"
    outcome = RequestScanner(Limits()).scan(bytearray(octets))
    assert isinstance(outcome, Unreadable)
    (finding,) = outcome.findings
    assert finding.field == "a" * 128
