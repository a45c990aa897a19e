"""Sec-WebSocket-Extensions to values and back (RFC 6455 9.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from httpupgrade.fields import Extension, FieldSyntaxError, format_extensions, parse_extensions
from httpupgrade.testing.strategies import tokens


def token_texts() -> SearchStrategy[str]:
    return tokens().map(lambda octets: octets.decode("ascii"))


def extensions() -> SearchStrategy[Extension]:
    parameters = st.lists(st.tuples(token_texts(), st.none() | token_texts()), max_size=4)
    return st.builds(Extension, token_texts(), parameters.map(tuple))


@given(st.lists(extensions(), min_size=1, max_size=4))
def test_extensions_round_trip(agreed: list[Extension]) -> None:
    assert parse_extensions([format_extensions(agreed)]) == tuple(agreed)


@given(token_texts(), token_texts(), st.data())
def test_a_quoted_value_means_what_stands_in_it(name: str, value: str, data: st.DataObject) -> None:
    # RFC 9110 5.6.4: a quoted-pair is the octet behind the backslash.
    quoted = "".join(
        f"\\{each}" if data.draw(st.booleans(), label=each) else each for each in value
    )
    field = f'x; {name}="{quoted}"'.encode("ascii")
    assert parse_extensions([field]) == (Extension("x", ((name, value),)),)


def test_an_extensions_field_names_at_least_one() -> None:
    with pytest.raises(ValueError, match="at least one"):
        format_extensions([])


@pytest.mark.parametrize(
    "extension",
    [
        Extension("a\r\nSet-Cookie: b"),
        Extension("a, b"),
        Extension(""),
        Extension("a", (("b;c", None),)),
        Extension("a", (("b", "c, d"),)),
        Extension("a", (("b", ""),)),
        Extension("a", (("b", "c\r\n\r\n"),)),
        Extension("\xe9"),
    ],
)
def test_an_extensions_field_is_written_of_tokens_alone(extension: Extension) -> None:
    # RFC 6455 9.1; CVE-2026-1527: what a caller gives must not turn into fields or elements.
    with pytest.raises(ValueError, match="not "):
        format_extensions([extension])


@pytest.mark.parametrize(
    ("value", "elements"),
    [
        (b"a", [("a", ())]),
        (b"a;b", [("a", (("b", None),))]),
        (b"a ; b = c ;d", [("a", (("b", "c"), ("d", None)))]),
        (b"a;b=1;b=2", [("a", (("b", "1"), ("b", "2")))]),
        (b'a;b="c"', [("a", (("b", "c"),))]),
        (b'a;b="\\c\\d"', [("a", (("b", "cd"),))]),
        (b"a, a;b", [("a", ()), ("a", (("b", None),))]),
        # Single quotes are tchars, so they hold nothing together.
        (b"a;b='c, d'", [("a", (("b", "'c"),)), ("d'", ())]),
    ],
)
def test_extensions_are_names_with_parameters(
    value: bytes, elements: list[tuple[str, tuple[tuple[str, str | None], ...]]]
) -> None:
    assert parse_extensions([value]) == tuple(Extension(*each) for each in elements)


@pytest.mark.parametrize(
    ("value", "position"),
    [
        (b"a;", 1),
        (b"a;;b", 1),
        (b"a;=b", 1),
        (b"a;b=", 3),
        (b"a;b=c d", 6),
        (b'a;b="c', 3),
        (b'a;b="c, permessage-deflate', 3),
        (b'a;b="c\\"', 3),
        (b'a;b=c"d"', 5),
        # RFC 6455 9.1: the value after unescaping MUST conform to the token ABNF.
        (b'a;b=""', 5),
        (b'a;b="c, permessage-deflate"', 5),
        (b'a;b="\\""', 5),
        (b'a;b="c d"', 5),
        (b'a;b="\xe9"', 5),
    ],
)
def test_extensions_that_break_the_grammar_yield_no_element(value: bytes, position: int) -> None:
    # A comma inside quotes, or behind an unterminated one, separates nothing.
    with pytest.raises(FieldSyntaxError) as raised:
        parse_extensions([value])
    assert raised.value.position == position


def test_an_unterminated_quoted_string_is_refused_in_one_pass() -> None:
    # CVE-2020-7662, CVE-2020-7663: exponential there.
    with pytest.raises(FieldSyntaxError):
        parse_extensions([b'a; b="' + b"\\c" * 30000])


def test_an_error_says_that_an_extension_was_expected() -> None:
    with pytest.raises(ValueError, match="an extension"):
        parse_extensions([b"a, ="])
