"""The patterns of the package against the RFCs' own classes, lists and examples."""

import re
import string

import pytest
from abnf_reading import FIELD_OCTET, TCHAR, VCHAR
from pattern_forms import all_patterns

from httpupgrade._http1 import grammar

Pattern = re.Pattern[bytes]

PATTERNS: dict[str, Pattern] = {
    name.rpartition(".")[2]: pattern for name, pattern in all_patterns().items()
}
ALL_OCTETS = [bytes([octet]) for octet in range(256)]


# --- Classes of octets --------------------------------------------------------------------------


def test_tchar_is_the_set_of_rfc_9110_5_6_2() -> None:
    assert {octet for octet in ALL_OCTETS if grammar.TCHAR.fullmatch(octet)} == {
        bytes([octet]) for octet in TCHAR
    }


def test_a_field_value_holds_vchar_obs_text_sp_and_htab_alone() -> None:
    bad = {octet for octet in ALL_OCTETS if grammar.BAD_FIELD_OCTET.fullmatch(octet)}
    assert bad == {octet for octet in ALL_OCTETS if octet[0] not in FIELD_OCTET}


def test_a_request_target_holds_visible_ascii_alone() -> None:
    bad = {octet for octet in ALL_OCTETS if grammar.BAD_TARGET_OCTET.fullmatch(octet)}
    assert bad == {octet for octet in ALL_OCTETS if octet[0] not in VCHAR}


def test_ows_is_sp_and_htab_not_vt_ff_nel_or_nbsp() -> None:
    assert {octet for octet in ALL_OCTETS if grammar.OWS.fullmatch(octet)} == {b" ", b"\t"}


def test_digits_are_the_ten_of_ascii() -> None:
    digits = {octet for octet in ALL_OCTETS if grammar.DIGITS.fullmatch(octet)}
    assert digits == {octet.encode("ascii") for octet in string.digits}


@pytest.mark.parametrize(
    "value", ["\uff11\uff13", "\u0661", "\xb2", "1_3", "+13", "-13", " 13", "13\n", ""]
)
@pytest.mark.parametrize("name", ["DIGITS", "WEBSOCKET_VERSION", "WINDOW_BITS"])
def test_what_int_would_take_beyond_digits_is_no_number(name: str, value: str) -> None:
    assert PATTERNS[name].fullmatch(value.encode()) is None


# --- One table of examples per pattern ----------------------------------------------------------

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="

EXAMPLES: dict[str, tuple[tuple[bytes, ...], tuple[bytes, ...]]] = {
    "TOKEN": ((b"a", b"!#$%&'*+-.^_`|~", b"0"), (b"", b"a b", b"a/b", b"a,", b"\xe9", b"a\n")),
    # RFC 9112 2.3: the name is case-sensitive, one digit each.
    "HTTP_VERSION": ((b"1.1", b"0.9"), (b"1.10", b"11", b"1,1", b"1.1\n", b"1.", b"")),
    "REQUEST_LINE": (
        (b"GET / HTTP/1.1", b"m-search * HTTP/1.0", b"CONNECT a:1 HTTP/1.1"),
        (
            b"GET  / HTTP/1.1",
            b"GET /  HTTP/1.1",
            b"GET\t/\tHTTP/1.1",
            b" GET / HTTP/1.1",
            b"GET / HTTP/1.1 ",
            b"GET / http/1.1",
            b"GET / HTTP/1.10",
            b"GET / HTTP/11",
            b"GET / HTTP/1",
            b"GET /",
            b"GET  HTTP/1.1",
            b"GET /a b HTTP/1.1",
            b"GET /\xe9 HTTP/1.1",
            b"GET /\x7f HTTP/1.1",
            b"G(T / HTTP/1.1",
            b"GET / HTTP/1.1\r",
            b"GET / HTTP/1.1\n",
        ),
    ),
    # RFC 9112 4: the reason may be empty; its space may be missing with it.
    "STATUS_LINE": (
        (
            b"HTTP/1.1 200 OK",
            b"HTTP/1.1 200 ",
            b"HTTP/1.1 200",
            b"HTTP/1.0 999 \xe9\ta b",
            b"HTTP/1.1 000 ",
        ),
        (
            b"HTTP/1.1 20 OK",
            b"HTTP/1.1 2000 OK",
            b"HTTP/1.1  200 OK",
            b"HTTP/1.1 200OK",
            b"http/1.1 200 OK",
            b"HTTP/1.1 200 O\x00K",
            b"HTTP/1.1 200 OK\r",
            b"HTTP/1.1 \xb2\xb2\xb2 OK",
            b"ICY 200 OK",
        ),
    ),
    # RFC 9112 5.2: a client reads what goes on over lines, but not in front of the first field.
    "RESPONSE_HEAD": (
        (
            b"HTTP/1.1 200 OK\r\n\r\n",
            b"HTTP/1.1 099\r\nA:b\r\nC: d\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\t\r\n d\r\nE:\r\n\r\n",
        ),
        (
            b"HTTP/1.1 200 OK\r\n",
            b"HTTP/1.1 200 OK\r\n A: b\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n \r\n\r\n",
            b"HTTP/1.1 200 OK\r\nA: b\r\n\x0bc\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nA: b\n c\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nA: b\r\n c\x00\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nA\r\n : b\r\n\r\n",
        ),
    ),
    # RFC 9112 5.2: a sender MUST NOT fold. RFC 9110 15: status codes are from 100 to 599.
    "SENT_RESPONSE_HEAD": (
        (b"HTTP/1.1 101 a\r\n\r\n", b"HTTP/1.1 426 \r\nA: b\r\n\r\n", b"HTTP/1.1 999 \r\n\r\n"),
        (b"HTTP/1.1 426 \r\nA: b\r\n c\r\n\r\n", b"HTTP/1.1 099 \r\n\r\n", b"HTTP/1.1 426 \r\n"),
    ),
    # obs-fold = OWS CRLF RWS
    "OBS_FOLD": (
        (b"\r\n ", b"\r\n\t", b" \t\r\n\t "),
        (b"", b" ", b"\r\n", b" \r\n", b"\n ", b"\r ", b"\r\n\x0b", b"\r\n a", b"\r\n \r\n "),
    ),
    "FOLDED_OWS": (
        (b"", b" ", b"\r\n ", b" \r\n\t\r\n  "),
        (b"\r\n", b" \r\n", b"\xa0", b"\r\n a"),
    ),
    "FIELD_LINE": (
        (b"A:", b"A: b", b"A:\tb\t", b"A::", b"a:\xff"),
        (
            b":",
            b": b",
            b"A",
            b"A : b",
            b" A: b",
            b"A\x00: b",
            b"A: \x00",
            b"A: b\r",
            b"A: b\n",
            b"",
        ),
    ),
    "PROTOCOL": (
        (b"websocket", b"TLS/1.3", b"HTTP/2.0"),
        (b"", b"/1", b"a/", b"a/b/c", b"a /b", b"web socket", b"websoc\xe2\x84\xaaet"),
    ),
    "WEBSOCKET_KEY": (
        (KEY, b"AAAAAAAAAAAAAAAAAAAAAA==", b"+/+/+/+/+/+/+/+/+/+/+w=="),
        (b"", KEY[:-1], KEY + b"=", b" " + KEY, KEY + b"\n", KEY.replace(b"d", b"-"), b"AAAA" * 6),
    ),
    "WEBSOCKET_VERSION": (
        (b"0", b"8", b"13", b"99", b"100", b"199", b"249", b"255"),
        (b"", b"00", b"013", b"256", b"260", b"300", b"1000", b"13, 8", b"0x0d", b"13.0"),
    ),
    "WINDOW_BITS": (
        (b"8", b"9", b"10", b"15"),
        (b"", b"0", b"7", b"08", b"16", b"015", b"1", b"150", b"10.0", b"0xa"),
    ),
    # CVE-2023-38697, CVE-2022-24801: signs, prefixes, blanks and underscores in chunk sizes.
    "CHUNK_HEADER": (
        (b"0", b"5", b"fF", b"0000000000000005", b"5;a", b"5 ;\ta=b", b'5;a="b;c\\"\xff";d = e'),
        (
            b"",
            b" 5",
            b"5 ",
            b"+5",
            b"-5",
            b"0x5",
            b"5_0",
            b"5h",
            b";a",
            b"5,6",
            b"5 a",
            b"5;",
            b"5;;a",
            b"5;a=",
            b'5;a="b',
            b'5;a="b\\"',
            b"5;\xff",
            b"5\x0b;a",
            b"5;a\x00",
            b"5;a\rb",
            b"5;a\n",
            b"5\r",
            b"\xef\xbc\x95",
            b"1" * 17,
        ),
    ),
    "TRANSFER_CODING": (
        (b"chunked", b"gzip", b"a;b=c", b'a ; b = "c;\\" d"'),
        (b"", b"a;", b"a;b", b"a;=c", b"\x0bchunked", b"chunked\x00", b'a;b="c'),
    ),
    "MEDIA_RANGE": (
        (b"*/*", b"text/html", b"text/*"),
        (b"", b"text", b"text/", b"/html", b"text /html", b"text/html;a=b"),
    ),
    # RFC 9110 5.6.6: an empty one is none.
    "MEDIA_PARAMETER": (
        (b";", b" ;\t", b";a=b", b'; q="c,\\"d"'),
        (b"", b";a", b";a=", b";a =b", b"a=b", b';a="b', b";a=b;"),
    ),
    # RFC 9110 12.4.2: three decimals at most.
    "WEIGHT": (
        (b"0", b"1", b"0.", b"0.5", b"0.125", b"1.", b"1.000"),
        (b"", b"2", b".5", b"0.1234", b"1.001", b"1.0000", b"-1", b"1e0", b"00", b"0,5"),
    ),
    "HOST_AND_PORT": (
        (
            b"",
            b"a",
            b"a:",
            b"a:80",
            b":80",
            b"a.b-c_d~e",
            b"%41",
            b"1.2.3.4:65535",
            b"10.0.2.555",
            b"[::1]",
            b"[::1]:8080",
            b"[v1.a:b]",
            b"!$&'()*+,;=",
        ),
        # CVE-2025-12543, CVE-2026-61666: what must be neither taken nor fatal.
        (
            b"a:b",
            b"a:1:2",
            b"::1",
            b"[::1",
            b"::1]",
            b"[]",
            b"[::1%25eth0]",
            b"[::1]a",
            b"[v1.]",
            b"a b",
            b" a",
            b"a@b",
            b"a/b",
            b"a?b",
            b"a#b",
            b"a\\b",
            b"%4",
            b"%zz",
            b"\xe9",
            b"a:123456",
            b"a:-1",
            b"a\n",
        ),
    ),
    "H16": ((b"0", b"aF", b"1234"), (b"", b"12345", b"g", b":")),
    "IPV4": (
        (b"0.0.0.0", b"1.2.3.4", b"255.255.255.255"),
        (b"", b"1.2.3", b"1.2.3.256", b"01.2.3.4", b"1.2.3.4.5", b"1.2.3."),
    ),
    "ORIGIN": (
        (b"http://a", b"https://a:8443", b"chrome-extension://abc", b"http://[::1]:80"),
        (b"", b"null", b"http:a", b"//a", b"http://a/", b"http://a:", b"http://u@a", b"http://a b"),
    ),
    "ABSOLUTE_FORM": (
        (b"http://a", b"http://a/b?c", b"HTTPS://a:1/", b"http://u@a?b", b"ws:///x"),
        (b"", b"/", b"*", b"a:1", b"http:/a", b"1http://a", b"http://a#b"),
    ),
}


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, (accepted, _) in EXAMPLES.items() for value in accepted],
)
def test_pattern_takes(name: str, value: bytes) -> None:
    assert PATTERNS[name].fullmatch(value) is not None


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, (_, refused) in EXAMPLES.items() for value in refused],
)
def test_pattern_refuses(name: str, value: bytes) -> None:
    assert PATTERNS[name].fullmatch(value) is None


def test_a_fold_is_looked_for_at_the_beginning_of_white_space_alone() -> None:
    # From within, each octet of a long run would be the start of another search to its end.
    octets = b"a" + b" " * 9 + b"\r\n b"
    matching = [place for place in range(len(octets)) if grammar.OBS_FOLD.match(octets, place)]
    assert matching == [1, 10]


@pytest.mark.parametrize(
    "octets",
    [
        b"\nUpgrade: a",
        b"\r\nUPGRADE:",
        b"\rupgrade:a",
        b"\n Upgrade: a",
        b"\n\tupgrade \t:",
        b"x\r\nA: b\r\r\nUpgrade: c",
    ],
)
def test_a_lenient_parser_may_see_an_upgrade_field_there(octets: bytes) -> None:
    assert grammar.UPGRADE_LIKE_LINE.search(octets) is not None


@pytest.mark.parametrize(
    "octets",
    [b"Upgrade: a", b"\nX-Upgrade: a", b"\nUpgrade-Insecure-Requests: 1", b"\nA: upgrade:"],
)
def test_nobody_sees_an_upgrade_field_there(octets: bytes) -> None:
    assert grammar.UPGRADE_LIKE_LINE.search(octets) is None
