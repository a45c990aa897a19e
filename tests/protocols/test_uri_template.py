"""URI templates, read backwards."""

import re
from typing import Final
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpupgrade import RequestHead
from httpupgrade._protocols.tunnels.uri_template import UriTemplate

DEFAULT: Final = "/.well-known/masque/udp/{target_host}/{target_port}/"


def match(template: str, target: bytes) -> dict[str, bytes] | None:
    head = RequestHead(b"GET", target, [(b"Host", b"a")])
    return UriTemplate(template).match(head)


MATCHES: Final = {
    "the default": (
        DEFAULT,
        b"/.well-known/masque/udp/192.0.2.6/443/",
        {"target_host": b"192.0.2.6", "target_port": b"443"},
    ),
    "IPv6, encoded": (
        DEFAULT,
        b"/.well-known/masque/udp/2001%3Adb8%3a%3A42/443/",
        {"target_host": b"2001:db8::42", "target_port": b"443"},
    ),
    "in absolute-form": (
        DEFAULT,
        b"https://proxy.example:4443/.well-known/masque/udp/a/1/",
        {"target_host": b"a", "target_port": b"1"},
    ),
    "a query, by hand": ("/p?h={a}&p={b}", b"/p?h=x&p=y", {"a": b"x", "b": b"y"}),
    "a query": ("/p{?a,b}", b"/p?a=x&b=y", {"a": b"x", "b": b"y"}),
    "a query with nothing in front": ("/p{?a,b}", b"/p?b=y", {"b": b"y"}),
    "a query with nothing behind": ("/p{?a,b}", b"/p?a=x", {"a": b"x"}),
    "a query with nothing": ("/p{?a,b}", b"/p", {}),
    "a query that goes on": ("/p?k=1{&a,b}", b"/p?k=1&a=x&b=y", {"a": b"x", "b": b"y"}),
    "a list": ("/p/{a,b}", b"/p/x,y", {"a": b"x", "b": b"y"}),
    "an empty value": ("/p/{a}/", b"/p//", {"a": b""}),
    "an empty value in a query": ("/p{?a}", b"/p?a=", {"a": b""}),
    "a wildcard as it is": ("/ip/{a}/{b}/", b"/ip/*/*/", {"a": b"*", "b": b"*"}),
    "a wildcard, encoded": ("/ip/{a}/{b}/", b"/ip/%2A/%2a/", {"a": b"*", "b": b"*"}),
    "decoded once": ("/p/{a}/", b"/p/%2541/", {"a": b"%41"}),
    "any octet": ("/p/{a}/", b"/p/%00%2F%ff/", {"a": b"\x00/\xff"}),
    "no variable": ("/p?user=bob", b"/p?user=bob", {}),
    "an encoded literal": ("/p%20q/{a}", b"/p%20q/x", {"a": b"x"}),
}

STRANGERS: Final = {
    "another path": (DEFAULT, b"/other/a/1/"),
    "too short": (DEFAULT, b"/.well-known/masque/udp/a/1"),
    "too long": (DEFAULT, b"/.well-known/masque/udp/a/1/x"),
    "too much": (DEFAULT, b"/.well-known/masque/udp/a/1/?x"),
    "another case": (DEFAULT, b"/.well-known/Masque/udp/a/1/"),
    "a colon as it is": (DEFAULT, b"/.well-known/masque/udp/2001:db8::42/443/"),
    "brackets": (DEFAULT, b"/.well-known/masque/udp/[::1]/443/"),
    "half an encoded octet": (DEFAULT, b"/.well-known/masque/udp/a%2/443/"),
    "what is no hexadecimal digit": (DEFAULT, b"/.well-known/masque/udp/a%zz/443/"),
    "a slash in a value": (DEFAULT, b"/.well-known/masque/udp/a/b/443/"),
    "the wrong order": ("/p{?a,b}", b"/p?b=y&a=x"),
    "twice": ("/p{?a,b}", b"/p?a=x&a=y"),
    "nothing after a question mark": ("/p{?a}", b"/p?"),
    "a slash before a query": ("/p{?a}", b"/p/?a=x"),
    "the second of a list alone": ("/p/{a,b}", b"/p/x"),
    "another one": ("/p{?a,b}", b"/p?a=x&c=y"),
    "a name without a value": ("/p{?a,b}", b"/p?a"),
    "an asterisk": (DEFAULT, b"*"),
    "an authority": (DEFAULT, b"a.example:443"),
}


@pytest.mark.parametrize(("template", "target", "expected"), MATCHES.values(), ids=MATCHES)
def test_a_target_gives_its_variables(
    template: str, target: bytes, expected: dict[str, bytes]
) -> None:
    assert match(template, target) == expected


@pytest.mark.parametrize(("template", "target"), STRANGERS.values(), ids=STRANGERS)
def test_another_target_gives_none(template: str, target: bytes) -> None:
    assert match(template, target) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "p/{a}",
        "https://proxy.example/{a}",
        "/{a",
        "/a}",
        "/{}",
        "/{a b}",
        "/{+a}",
        "/{#a}",
        "/{.a}",
        "/{/a}",
        "/{;a}",
        "/{|a}",
        "/{a*}",
        "/{a:3}",
        "/{a,}",
        "/{?}",
        "/{a}#f",
        "/a b",
        "/ä/{a}",
        "/%zz/{a}",
        "/{a}/{a}/",
        "/{?a,a}",
        "/{a}{b}",
        "/{a}x",
        "/{a}-{b}",
        "/{a}%20",
        "/{?a}x",
        "/{?a}{b}",
        "/p{?a,b}&b={c}",
        "/p{?a}?a={c}",
    ],
)
def test_what_would_be_read_in_two_ways_or_none_is_no_template(text: str) -> None:
    with pytest.raises(ValueError, match=r"template|variable|where"):
        UriTemplate(text)


@given(st.lists(st.text(max_size=20), min_size=2, max_size=2))
def test_what_was_expanded_is_found_again(values: list[str]) -> None:
    encoded = [quote(value, safe="").encode() for value in values]
    expected = {name: value.encode() for name, value in zip("ab", values, strict=True)}
    for template, pattern in (
        ("/p/{a}/{b}/", b"/p/%b/%b/"),
        ("/p/{a,b}", b"/p/%b,%b"),
        ("/p{?a,b}", b"/p?a=%b&b=%b"),
        ("/p?k=1{&a,b}", b"/p?k=1&a=%b&b=%b"),
    ):
        assert match(template, pattern % tuple(encoded)) == expected


@given(st.binary(max_size=60))
def test_no_target_breaks_it(octets: bytes) -> None:
    target = b"/" + bytes(octet for octet in octets if 0x21 <= octet <= 0x7E)
    for template in (DEFAULT, "/{a}", "/{?a,b}", "/{a,b}{&c}"):
        found = match(template, target)
        assert found is None or set(found) <= set(UriTemplate(template).names)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("/\xe4", "template is not ASCII: '/\xe4'"),
        ("p", "not a URI template that begins with a slash: 'p'"),
        ("/{a}{?b,a}", "a variable stands in it more than once: '/{a}{?b,a}'"),
        ("/{a}{b}", "where does a end? '/{a}{b}'"),
        ("/p{?a,b,c}x", "where does c end? '/p{?a,b,c}x'"),
    ],
)
def test_an_error_says_what_keeps_a_text_from_being_a_template(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(says)}$"):
        UriTemplate(text)


@pytest.mark.parametrize(
    ("template", "values", "target"),
    [
        ("/{a,b,c}", {"a": "1", "b": "2", "c": "3"}, b"/1,2,3"),
        ("/p{?a,b}{&c}", {"b": "1", "c": "2"}, b"/p?b=1&c=2"),
        ("/p{?a,b}/q", {}, b"/p/q"),
        ("/p{?a}", {"a": "\xfc/ ~*"}, b"/p?a=%C3%BC%2F%20~*"),
    ],
)
def test_values_are_expanded_as_in_rfc_6570(
    template: str, values: dict[str, str], target: bytes
) -> None:
    """RFC 6570 3.2.2, 3.2.8, 3.2.9."""
    assert UriTemplate(template).expand(values, {}) == target
    assert match(template, target) == {name: value.encode() for name, value in values.items()}
