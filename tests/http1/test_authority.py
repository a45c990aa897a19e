"""Hosts and ports: compared as octets, with nothing resolved or normalised."""

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from httpupgrade import RequestHead
from httpupgrade._http1.authority import (
    Authority,
    ipv4_number,
    ipv6_number,
    parse_authority,
)
from httpupgrade._http1.request_facts import facts_of
from httpupgrade.testing.strategies import Field, hostile_requests, hosts, request_heads


def request(target: bytes, *hosts: bytes, method: bytes = b"GET") -> RequestHead:
    headers: list[Field] = [(b"Host", host) for host in hosts]
    return RequestHead(method, target, headers)


# --- Authorities: RFC 9110 7.2 ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "host", "port"),
    [
        (b"example.com", b"example.com", None),
        (b"EXAMPLE.com", b"example.com", None),
        (b"example.com:", b"example.com", None),
        (b"example.com:8080", b"example.com", 8080),
        (b"example.com:0", b"example.com", 0),
        (b"example.com:00080", b"example.com", 80),
        (b"example.com:65535", b"example.com", 65535),
        (b"127.0.0.1:80", b"127.0.0.1", 80),
        (b"[::1]", b"[::1]", None),
        (b"[2001:DB8::A]:443", b"[2001:db8::a]", 443),
        (b"[::ffff:1.2.3.4]", b"[::ffff:1.2.3.4]", None),
        (b"a_b.%41", b"a_b.%41", None),
        # RFC 9112 3.2: an empty Host is legal.
        (b"", b"", None),
        (b":80", b"", 80),
        # RFC 3986 3.2.2: addresses of versions to come.
        (b"[v1.a:B]:1", b"[v1.a:b]", 1),
        (b"[VF.a]", b"[vf.a]", None),
    ],
)
def test_an_authority_is_a_host_and_perhaps_a_port(
    value: bytes, host: bytes, port: int | None
) -> None:
    assert parse_authority(value) == Authority(host, port)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"a:65536", id="port-too-large"),
        pytest.param(b"a:99999", id="port-far-too-large"),
        pytest.param(b"a:" + b"9" * 5000, id="port-of-5000-digits"),
        pytest.param(b"a:x", id="CVE-2025-12543 port-no-number"),
        pytest.param(b"a:+80", id="port-signed"),
        pytest.param(b"a:8_0", id="port-underscore"),
        pytest.param(b"a:\xef\xbc\x98", id="port-full-width"),
        pytest.param(b"a:80:80", id="two-ports"),
        pytest.param(b"::1", id="bare-ipv6"),
        pytest.param(b"[::1", id="CVE-2026-61666 unbalanced"),
        pytest.param(b"[::1]]", id="unbalanced-end"),
        pytest.param(b"[::1]x", id="behind-the-bracket"),
        pytest.param(b"[]", id="empty-literal"),
        pytest.param(b"[:]", id="one-colon"),
        pytest.param(b"[1::2]]", id="two-brackets"),
        pytest.param(b"[::g]", id="no-hex"),
        pytest.param(b"[fe80::1%25eth0]", id="zone"),
        pytest.param(b"[127.0.0.1]", id="ipv4-in-brackets"),
        pytest.param(b"u@a", id="userinfo"),
        pytest.param(b"http://a", id="url"),
        pytest.param(b"a/", id="path"),
        pytest.param(b"a b", id="blank"),
        pytest.param(b"a,b c", id="list"),
        pytest.param(b"xn--\xe9", id="obs-text"),
        pytest.param(b"a%", id="bad-escape"),
        pytest.param(b"<script>", id="CVE-2022-39348 markup"),
        pytest.param(b"a\x00", id="nul"),
    ],
)
def test_what_is_no_authority_is_none_and_never_an_exception(value: bytes) -> None:
    assert parse_authority(value) is None


@pytest.mark.parametrize(
    "value", [b"0x7f.1", b"10.0.2.555", b"010.0.0.1", b"2130706433", b"127.1", b"127.0.0.1."]
)
def test_an_address_in_a_strange_form_is_a_name_that_equals_no_address(value: bytes) -> None:
    # CVE-2022-32212, CVE-2022-43548: resolvers take these for addresses; DNS rebinding.
    authority = parse_authority(value)
    assert authority == Authority(value, None)
    assert authority not in (parse_authority(b"127.0.0.1"), parse_authority(b"10.0.0.1"))


@given(hosts(), st.none() | st.integers(0, 65535))
def test_an_authority_is_the_same_in_any_ascii_case(host: bytes, port: int | None) -> None:
    written = host if port is None else b"%b:%d" % (host, port)
    assert parse_authority(written) == Authority(host.lower(), port)
    assert parse_authority(written.upper()) == parse_authority(written)


@given(hosts(), hosts())
def test_two_authorities_are_equal_only_if_they_are_spelt_alike(one: bytes, other: bytes) -> None:
    assert (parse_authority(one) == parse_authority(other)) is (one.lower() == other.lower())


@given(st.binary(max_size=40) | hostile_requests())
@example(b"[")
@example(b"\xe2\x84\xaa")
def test_whatever_stands_there_is_an_authority_or_none(value: bytes) -> None:
    authority = parse_authority(value)
    assert authority is None or authority.host == authority.host.lower()
    assert authority is None or authority.port is None or 0 <= authority.port <= 65535


# --- Whom a request addresses: RFC 9112 3.2, 3.3 ------------------------------------------------


@pytest.mark.parametrize(
    ("head", "authority"),
    [
        pytest.param(request(b"/", b"A:80"), Authority(b"a", 80), id="host"),
        pytest.param(request(b"*", b"a", method=b"OPTIONS"), Authority(b"a", None), id="asterisk"),
        pytest.param(request(b"/", b""), Authority(b"", None), id="empty-host"),
        pytest.param(request(b"/http://b", b"a"), Authority(b"a", None), id="url-in-path"),
        # RFC 9112 3.2.2: Host MUST be ignored behind a target in absolute-form (DNS rebinding).
        pytest.param(request(b"http://b", b"a"), Authority(b"b", None), id="absolute"),
        pytest.param(request(b"http://b/x?y", b"a"), Authority(b"b", None), id="absolute-path"),
        pytest.param(request(b"http://B:81?y", b"a"), Authority(b"b", 81), id="absolute-query"),
        pytest.param(request(b"ws://[::1]:81/", b"a"), Authority(b"[::1]", 81), id="absolute-ipv6"),
        pytest.param(request(b"http://b"), Authority(b"b", None), id="absolute-without-host"),
        pytest.param(
            request(b"b:443", b"a", method=b"CONNECT"), Authority(b"b", 443), id="authority-form"
        ),
        pytest.param(
            RequestHead(b"GET", b"/", [], b"1.0"), Authority(b"", None), id="no-host-in-1.0"
        ),
        pytest.param(request(b"/", b"a", b"b"), None, id="two-hosts"),
        pytest.param(request(b"/", b"a", b"a"), None, id="the-same-host-twice"),
        pytest.param(request(b"/", b"a:x"), None, id="broken-host"),
        pytest.param(request(b"http://u@b/", b"a"), None, id="userinfo"),
        pytest.param(request(b"http://b:x/", b"a"), None, id="broken-port"),
        pytest.param(request(b"http://[::1/", b"a"), None, id="broken-literal"),
        # Only what is in origin-form or asterisk-form leaves the host to Host.
        pytest.param(request(b"http://b#c", b"a"), None, id="fragment"),
        pytest.param(request(b"http:b", b"a"), None, id="no-authority"),
        pytest.param(request(b"b:443", b"a"), None, id="authority-form-without-connect"),
    ],
)
def test_a_request_addresses_its_targets_authority_or_else_its_host(
    head: RequestHead, authority: Authority | None
) -> None:
    assert facts_of(head).authority == authority


LINES = b" HTTP/1.1\r\nA: b\r\nHost: c\r\nHOST:d\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "faults"),
    [
        (request(b"/", b"a"), []),
        (request(b"*", b"a", method=b"OPTIONS"), []),
        (request(b"b:1", b"a", method=b"CONNECT"), []),
        (request(b"http://b/", b"a"), []),
        (request(b"/"), [("host-missing", "Host", None)]),
        (RequestHead(b"GET", b"/", [], b"1.0"), []),
        (request(b"/", b"a", b"b"), [("host-repeated", "Host", b"b")]),
        (
            RequestHead(b"GET", b"/", [(b"Host", b"a")] * 2, b"1.0"),
            [("host-repeated", "Host", b"a")],
        ),
        (request(b"/", b"a b"), [("host-malformed", "Host", b"a b")]),
        (
            RequestHead(b"GET", b"/", [(b"Host", b"a b")], b"1.0"),
            [("host-malformed", "Host", b"a b")],
        ),
        (request(b"/", b"a" * 300 + b" "), []),
        (request(b"/", b"a" * 300 + b"?"), [("host-malformed", "Host", b"a" * 128)]),
        (request(b"*", b"a"), [("target-malformed", None, b"*")]),
        (request(b"a", b"a"), [("target-malformed", None, b"a")]),
        (request(b"/#b", b"a"), [("target-malformed", None, b"/#b")]),
        (request(b"http://", b"a"), [("target-malformed", None, b"http://")]),
        (request(b"http://:80", b"a"), [("target-malformed", None, b"http://:80")]),
        (request(b"http://b:x", b"a"), [("target-malformed", None, b"http://b:x")]),
        (request(b"http://u@b", b"a"), [("target-has-userinfo", None, b"http://u@b")]),
        # RFC 9110 9.3.6: a CONNECT names a host and a port, which is not 0.
        *(
            (request(bad, b"a", method=b"CONNECT"), [("target-malformed", None, bad)])
            for bad in (b"b", b"b:", b":1", b"b:0", b"b:65536", b"/", b"*", b"http://b:1")
        ),
        # Both are told, what Host is first.
        (request(b"a"), [("host-missing", "Host", None), ("target-malformed", None, b"a")]),
    ],
)
def test_what_is_wrong_with_host_and_target(
    head: RequestHead, faults: list[tuple[str, str | None, bytes | None]]
) -> None:
    found = facts_of(head).address_faults
    assert [(each.code, each.field, each.value) for each in found] == faults


def test_the_second_host_is_the_one_too_many() -> None:
    (found,) = facts_of(RequestHead.parse(b"GET /" + LINES)).address_faults
    assert (found.code, found.line, found.start) == ("host-repeated", b"HOST:d", 5)
    assert (found.line_number, found.line_count) == (2, 2)


@given(request_heads())
def test_whom_a_request_addresses_is_never_an_exception(head: RequestHead) -> None:
    authority = facts_of(head).authority
    if authority is not None and head.target.startswith(b"/"):
        assert authority == parse_authority(head.get(b"host") or b"")


# --- RFC 3986 3.2.2: IPv6address ----------------------------------------------------------------


def is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return "%" not in text


GROUPS = st.text("0123456789abcdefABCDEF", min_size=0, max_size=5)


@given(
    st.lists(GROUPS | st.sampled_from(("", "1.2.3.4", "1.2.3.256", "01.2.3.4")), max_size=9).map(
        ":".join
    )
)
@example("::")
@example("1:2:3:4:5:6:7::")
@example("::2:3:4:5:6:7:8")
@example("1::3:4:5:6:7:8")
@example("1:2:3:4:5:6:1.2.3.4")
@example("1:2:3:4:5:6:7:1.2.3.4")
@example("::1.2.3.4")
@example(":::")
@example("1::2::3")
@example("1:2:3:4:5:6:7:8::")
@example("12345::")
def test_an_ip_literal_is_what_the_standard_library_calls_an_ipv6_address(text: str) -> None:
    found = parse_authority(b"[" + text.encode("ascii") + b"]") is not None
    assert found == is_ipv6(text)
    number = int(ipaddress.IPv6Address(text)) if found else None
    assert ipv6_number(text.encode("ascii")) == number


@pytest.mark.parametrize("before", range(9))
@pytest.mark.parametrize("behind", range(9))
def test_a_double_colon_stands_for_one_group_or_more(before: int, behind: int) -> None:
    text = ":".join(["1"] * before) + "::" + ":".join(["2"] * behind)
    found = parse_authority(b"[" + text.encode("ascii") + b"]") is not None
    assert found == (before + behind <= 7)


@given(st.text("0123456789.", max_size=16) | st.ip_addresses(v=4).map(str))
def test_an_ipv4_address_is_32_bits(text: str) -> None:
    try:
        number: int | None = int(ipaddress.IPv4Address(text))
    except ValueError:
        number = None
    assert ipv4_number(text.encode("ascii")) == number
