"""Limits as values, and each limit of a head at n and at n + 1."""

from itertools import product

import pytest
from feeding import Outcome, scan_pieces, singly

from httpupgrade import Limits, RemoteProtocolError, RequestHead
from httpupgrade._http1.findings import Finding
from httpupgrade._http1.limits import DEFAULT_LIMITS
from httpupgrade._http1.line_scan import MODEST, Unreadable, keeps_limits, split_fields
from httpupgrade._http1.request_scan import HeadParts
from httpupgrade._http1.values import as_dict

REQUEST = b"GET / HTTP/1.1\r\n"


def same_either_way(octets: bytes, limits: Limits) -> Outcome:
    """The outcome, in one chunk and octet by octet."""
    whole, _ = scan_pieces([octets], limits)
    assert scan_pieces(singly(octets), limits)[0] == whole
    return whole


def only_finding(outcome: Outcome) -> Finding:
    assert isinstance(outcome, Unreadable)
    (finding,) = outcome.findings
    return finding


# --- The value ----------------------------------------------------------------------------------


def test_the_defaults_are_those_of_the_documentation() -> None:
    assert as_dict(Limits()) == {
        "max_head_bytes": 64 * 1024,
        "max_request_line": 8192,
        "max_header_line": 32 * 1024,
        "max_header_count": 256,
        "max_early_data": 64 * 1024,
        "max_request_body": 1024 * 1024,
        "max_drain": 256 * 1024,
        "max_response_body": 64 * 1024,
    }
    assert Limits() == DEFAULT_LIMITS


def test_a_request_line_of_8000_octets_is_taken_by_default() -> None:
    # RFC 9112 3: RECOMMENDED.
    line = b"GET /" + b"a" * (8000 - 14) + b" HTTP/1.1"
    assert len(line) == 8000
    assert RequestHead.parse(line + b"\r\n\r\n").method == b"GET"


@pytest.mark.parametrize("name", Limits._fields)
@pytest.mark.parametrize("value", [-1, 1.0, "1", None, True], ids=repr)
def test_a_limit_is_a_number_of_octets_or_does_not_exist(name: str, value: object) -> None:
    error = ValueError if value == -1 else TypeError
    with pytest.raises(error, match=f"^{name} is (a number of 0 or more|an int), not "):
        Limits(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", Limits._fields)
def test_a_changed_copy_of_limits_is_checked_like_new_ones(name: str) -> None:
    assert getattr(Limits().replace(**{name: 7}), name) == 7
    with pytest.raises(ValueError, match=f"{name} is a number of 0 or more"):
        Limits().replace(**{name: -1})


# --- Each limit of a head, at n and at n + 1 ----------------------------------------------------


@pytest.mark.parametrize(
    "octets",
    [
        REQUEST + b"\r\n",
        REQUEST + b"Host: a\r\nCookie: " + b"c" * 300 + b"\r\n\r\n",
        b"\r\n" * 3 + REQUEST + b"Host: a\r\n\r\n",
    ],
    ids=["no-fields", "fields", "empty-lines-in-front"],
)
def test_max_head_bytes_counts_the_empty_lines_at_both_ends(octets: bytes) -> None:
    n = len(octets)
    parts = same_either_way(octets, Limits(max_head_bytes=n))
    assert isinstance(parts, HeadParts)
    assert parts.size == n
    finding = only_finding(same_either_way(octets, Limits(max_head_bytes=n - 1)))
    assert (finding.code, finding.status_code) == ("head-too-long", 431)


def test_max_head_bytes_ends_a_head_that_never_ends() -> None:
    # CVE-2026-54465: it fires whether or not a line ever ends.
    for octets in (REQUEST + b"a: b\r\n" * 999, REQUEST + b"a" * 999, b"\r\n" * 500):
        limits = Limits(max_head_bytes=200)
        assert scan_pieces(singly(octets[:200]), limits)[0] is None
        finding = only_finding(same_either_way(octets[:201], limits))
        assert finding.code == "head-too-long"
        assert only_finding(same_either_way(octets, limits)) == finding


def test_max_head_bytes_says_nothing_about_what_follows_the_head() -> None:
    octets = REQUEST + b"\r\n"
    parts = same_either_way(octets + b"x" * 500, Limits(max_head_bytes=len(octets)))
    assert isinstance(parts, HeadParts)
    assert parts.raw == octets


@pytest.mark.parametrize(
    ("line", "over", "code", "status_code"),
    [
        (b"GET /" + b"a" * 100 + b" HTTP/1.1", 113, "request-line-too-long", 414),
        (b"G" * 100 + b" / HTTP/1.1", 110, "request-line-too-long", 414),
        (b"G" * 100 + b" / HTTP/1.1", 98, "method-too-long", 501),
    ],
    ids=["target", "method-and-target", "method"],
)
def test_max_request_line_is_the_longest_line_without_its_crlf(
    line: bytes, over: int, code: str, status_code: int
) -> None:
    # RFC 9112 3: 414 for a target, 501 for a method that is longer than those known here.
    octets = line + b"\r\nHost: a\r\n\r\n"
    for limit in (len(line), len(line) + 1):
        assert isinstance(same_either_way(octets, Limits(max_request_line=limit)), HeadParts)
    finding = only_finding(same_either_way(octets, Limits(max_request_line=over)))
    assert (finding.code, finding.status_code) == (code, status_code)
    assert (finding.value, finding.offset) == (octets[: over + 2], 0)


def test_max_request_line_does_not_bound_field_lines() -> None:
    octets = REQUEST + b"Cookie: " + b"c" * 500 + b"\r\n\r\n"
    assert isinstance(same_either_way(octets, Limits(max_request_line=14)), HeadParts)


@pytest.mark.parametrize(
    ("head", "offset"),
    [(REQUEST, 16), (REQUEST + b"Host: a\r\n", 25), (b"\r\n" + REQUEST, 16)],
    ids=["first", "later", "behind-an-empty-line"],
)
@pytest.mark.parametrize(
    "line", [b"Cookie: " + b"c" * 60, b"c" * 68, b"X:" + b" " * 66], ids=["value", "name", "ows"]
)
def test_max_header_line_is_the_longest_field_line_without_its_crlf(
    head: bytes, offset: int, line: bytes
) -> None:
    octets = head + line + b"\r\n\r\n"
    whole = same_either_way(octets, Limits(max_header_line=68))
    if b":" in line:
        assert isinstance(whole, HeadParts)
    else:
        assert only_finding(whole).code == "field-line-malformed"
    finding = only_finding(same_either_way(octets, Limits(max_header_line=67)))
    assert (finding.code, finding.status_code) == ("header-line-too-long", 431)
    assert (finding.value, finding.offset) == ((line + b"\r\n")[:69], offset)


def test_max_header_line_does_not_bound_the_request_line() -> None:
    octets = b"GET /" + b"a" * 500 + b" HTTP/1.1\r\nA: b\r\n\r\n"
    assert isinstance(same_either_way(octets, Limits(max_header_line=4)), HeadParts)


@pytest.mark.parametrize("n", [0, 1, 2, 100])
def test_max_header_count_is_the_most_field_lines(n: int) -> None:
    # CVE-2024-37890: what is over the limit is refused, never left out.
    limits = Limits(max_header_count=n)
    parts = same_either_way(REQUEST + b"A: b\r\n" * n + b"\r\n", limits)
    assert isinstance(parts, HeadParts)
    assert len(split_fields(parts.raw)) == n
    octets = REQUEST + b"A: b\r\n" * n + b"C: d\r\n"
    finding = only_finding(same_either_way(octets, limits))
    assert (finding.code, finding.status_code) == ("too-many-headers", 431)
    assert finding.value == b"C: d\r\n"
    assert finding.offset == len(octets) - len(b"C: d\r\n")


def test_max_header_count_counts_lines_that_are_no_fields() -> None:
    octets = REQUEST + b"A: b\r\n c\r\n d\r\n\r\n"
    assert only_finding(same_either_way(octets, Limits(max_header_count=2))).code == (
        "too-many-headers"
    )


@pytest.mark.parametrize(
    ("limits", "seems_to_upgrade"),
    [
        (Limits(max_head_bytes=60), True),
        (Limits(max_head_bytes=20), False),
        (Limits(max_header_count=2), True),
        (Limits(max_header_count=0), False),
        (Limits(max_header_line=20), True),
        (Limits(max_header_line=3), False),
    ],
    ids=lambda value: str(value) if isinstance(value, bool) else "",
)
def test_over_a_limit_an_upgrade_field_counts_if_it_stands_in_front(
    limits: Limits, seems_to_upgrade: bool
) -> None:
    octets = REQUEST + b"Host: a\r\nUpgrade: b\r\nCookie: " + b"c" * 90 + b"\r\n\r\n"
    outcome = same_either_way(octets, limits)
    assert isinstance(outcome, Unreadable)
    assert (outcome.seems_to_upgrade, outcome.size) == (seems_to_upgrade, 0)


@pytest.mark.parametrize("name", ["max_head_bytes", "max_request_line", "max_header_line"])
def test_a_limit_of_nothing_takes_nothing(name: str) -> None:
    octets = REQUEST + b"A: b\r\n\r\n"
    finding = only_finding(same_either_way(octets, Limits(**{name: 0})))
    assert finding.status_code in (414, 431, 501)


def test_parse_takes_limits() -> None:
    octets = REQUEST + b"A: b\r\n\r\n"
    assert RequestHead.parse(octets, Limits(max_head_bytes=len(octets))).get(b"a") == b"b"
    with pytest.raises(RemoteProtocolError) as raised:
        RequestHead.parse(octets, Limits(max_head_bytes=len(octets) - 1))
    assert raised.value.finding.code == "head-too-long"


@pytest.mark.parametrize(
    "octets",
    [
        REQUEST + b"\r\n",
        REQUEST + b"A: b\r\nLonger: than the first line\r\n\r\n",
        REQUEST + b"Longer: than the first line\r\nA: b\r\n\r\n",
        b"GET /longer-than-its-field HTTP/1.1\r\nA: b\r\n\r\n",
    ],
)
def test_a_whole_head_is_held_to_its_limits_as_by_the_scanner(octets: bytes) -> None:
    lengths = {0, 1, *map(len, octets.split(b"\r\n")), len(octets)}
    near = sorted({length + more for length in lengths for more in (-1, 0, 1)} - {-1})
    for line, longest, most in product(near, near, range(4)):
        limits = Limits(max_request_line=line, max_header_line=longest, max_header_count=most)
        outcome, _ = scan_pieces([octets], limits)
        assert keeps_limits(octets, limits) is isinstance(outcome, HeadParts)


def test_a_head_that_is_short_is_within_the_default_limits() -> None:
    lines = b"A: b\r\n" * 256
    assert keeps_limits(REQUEST + lines + b"\r\n", DEFAULT_LIMITS)
    assert not keeps_limits(REQUEST + lines + b"A: b\r\n\r\n", DEFAULT_LIMITS)
    line = b"A: " + b"b" * (MODEST - len(REQUEST) - 7)
    for size in (-1, 0, 1):
        head = REQUEST + line[: len(line) + size] + b"b" * max(size, 0) + b"\r\n\r\n"
        assert len(head) == MODEST + size
        assert keeps_limits(head, DEFAULT_LIMITS)
