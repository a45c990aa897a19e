"""Field values to Python values and back, over all lines of a field."""

import copy
import pickle
import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from httpupgrade import UpgradeToken
from httpupgrade._http1.field_values import (
    generate_nonce,
    is_nonce,
    is_token,
    parse_lengths,
    parse_token_list,
    parse_transfer_codings,
)
from httpupgrade.fields import (
    FieldSyntaxError,
    format_upgrade,
    parse_connection,
    parse_extensions,
    parse_upgrade,
)
from httpupgrade.testing.strategies import field_values, tokens, whitespace

Parser = Callable[[Iterable[bytes]], tuple[object, ...]]

PARSERS: dict[str, Parser] = {
    "Upgrade": parse_upgrade,
    "Connection": parse_connection,
    "Sec-WebSocket-Protocol": parse_token_list,
    "Sec-WebSocket-Extensions": parse_extensions,
    "Transfer-Encoding": parse_transfer_codings,
}
every_list = pytest.mark.parametrize("parse", PARSERS.values(), ids=PARSERS)

# What str methods take for white space, a letter or a comma, and ABNF does not.
UNICODE_LOOKALIKES = (b"\xa0", b"\x85", b"\x0b", b"\x0c", b"\x1c", b"\xe2\x84\xaa", b"\xc5\xbf")


def token_texts() -> SearchStrategy[str]:
    return tokens().map(lambda octets: octets.decode("ascii"))


def upgrade_tokens() -> SearchStrategy[UpgradeToken]:
    return st.builds(UpgradeToken, token_texts(), st.none() | token_texts())


@st.composite
def joined(draw: st.DrawFn, elements: list[bytes]) -> list[bytes]:
    """The same list over any lines, with OWS and empty elements anywhere (RFC 9110 5.3, 5.6.1)."""
    lines = [b""]
    for element in elements:
        gap = draw(whitespace()) + draw(st.sampled_from((b"", b",", b", ,"))) + draw(whitespace())
        if draw(st.booleans()):
            lines.append(gap + element)
        else:
            lines[-1] += b"," + gap + element
        lines[-1] += draw(whitespace())
    return lines


# --- Upgrade tokens -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        ("websocket", "websocket", None),
        ("TLS/1.3", "TLS", "1.3"),
        (b"HTTP/2.0", "HTTP", "2.0"),
        ("connect-udp", "connect-udp", None),
        ("a/b", "a", "b"),
    ],
)
def test_an_upgrade_token_is_a_name_and_perhaps_a_version(
    text: str | bytes, name: str, version: str | None
) -> None:
    token = UpgradeToken.parse(text)
    assert (token.name, token.version) == (name, version)
    assert token == UpgradeToken(name, version)
    assert str(token) == (text if isinstance(text, str) else text.decode("ascii"))
    assert bytes(token) == str(token).encode("ascii")


@pytest.mark.parametrize(
    "text",
    ["", "/", "a/", "/a", "a/b/c", "a b", " a", "a ", "a,b", "a\r\nb", "websoc\u212aet", b"\xe9"],
)
def test_no_upgrade_token_comes_of_anything_else(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=f"^not (an upgrade token|ASCII): {re.escape(repr(text))}"):
        UpgradeToken.parse(text)


@pytest.mark.parametrize(
    ("name", "version"),
    [("", None), ("a/b", None), ("a", ""), ("a", "1 "), ("a", "\uff11"), ("\u017f", None)],
)
def test_an_upgrade_token_cannot_exist_malformed(name: str, version: str | None) -> None:
    with pytest.raises(ValueError, match="not "):
        UpgradeToken(name, version)


def test_names_compare_without_regard_to_ascii_case_and_versions_exactly() -> None:
    # RFC 9110 7.8, 16.7.
    assert UpgradeToken("WebSocket") == UpgradeToken("websocket")
    assert hash(UpgradeToken("WebSocket")) == hash(UpgradeToken("websocket"))
    assert UpgradeToken("TLS", "1.3") != UpgradeToken("TLS", "1.2")
    assert UpgradeToken("a", "x") != UpgradeToken("a", "X")
    assert UpgradeToken("TLS") != UpgradeToken("TLS", "1.2")
    assert UpgradeToken("a") != "a"


def test_an_upgrade_token_cannot_be_changed() -> None:
    token = UpgradeToken("a", "1")
    for name in ("name", "version", "other"):
        with pytest.raises(AttributeError):
            setattr(token, name, "b")


def test_the_repr_of_an_upgrade_token_makes_it_again() -> None:
    assert repr(UpgradeToken("a")) == "UpgradeToken('a')"
    assert repr(UpgradeToken("TLS", "1.3")) == "UpgradeToken('TLS', '1.3')"


@given(upgrade_tokens())
def test_an_upgrade_token_survives_its_wire_form_and_copies(token: UpgradeToken) -> None:
    for again in (
        UpgradeToken.parse(str(token)),
        copy.deepcopy(token),
        pickle.loads(pickle.dumps(token)),
    ):
        assert again == token
        assert (again.name, again.version) == (token.name, token.version)


# --- Round trips --------------------------------------------------------------------------------


@given(st.lists(upgrade_tokens(), min_size=1, max_size=5))
def test_upgrade_round_trip(wanted: list[UpgradeToken]) -> None:
    assert parse_upgrade([format_upgrade(wanted)]) == tuple(wanted)
    assert format_upgrade([str(each) for each in wanted]) == format_upgrade(wanted)
    assert format_upgrade(tuple(wanted)) == format_upgrade(wanted)
    assert format_upgrade(tuple(map(str, wanted))) == format_upgrade(iter(wanted))


@given(st.data())
def test_a_parsed_upgrade_field_formats_to_an_equivalent_one(data: st.DataObject) -> None:
    wanted = data.draw(st.lists(upgrade_tokens(), min_size=1, max_size=4))
    lines = data.draw(joined([str(each).encode("ascii") for each in wanted]))
    assert format_upgrade(parse_upgrade(lines)) == b", ".join(
        str(each).encode("ascii") for each in wanted
    )


@pytest.mark.parametrize("make", [tuple, list, iter])
def test_an_upgrade_field_names_protocols_in_their_order(make: Callable[[object], Any]) -> None:
    one, two = UpgradeToken("WebSocket"), UpgradeToken("TLS", "1.3")
    assert format_upgrade(make([one])) == format_upgrade(make(["WebSocket"])) == b"WebSocket"
    assert format_upgrade(make([one, two])) == format_upgrade(make([one, "TLS/1.3"]))
    assert format_upgrade(make([two, one])) == b"TLS/1.3, WebSocket"


@pytest.mark.parametrize("wanted", [[], ["a b"], ["a", ""], ["a\r\nb"], ["a, b"], ["\u212a"]])
def test_an_upgrade_field_names_protocols_and_at_least_one(wanted: list[str]) -> None:
    with pytest.raises(ValueError, match=r"not |at least one"):
        format_upgrade(wanted)


# --- Lists: RFC 9110 5.3, 5.6.1 -----------------------------------------------------------------


@every_list
@given(data=st.data())
def test_one_line_means_the_same_as_the_list_over_several_lines(
    parse: Parser, data: st.DataObject
) -> None:
    elements = data.draw(st.lists(tokens(), max_size=5))
    assert parse(data.draw(joined(elements))) == parse([b", ".join(elements)])
    assert len(parse(elements)) == len(elements)


@every_list
@pytest.mark.parametrize(
    "lines", [[], [b""], [b" \t"], [b",,"], [b" , ,\t,"], [b"", b","], [b"," * 60000]]
)
def test_empty_elements_are_ignored_however_many(parse: Parser, lines: list[bytes]) -> None:
    # RFC 9110 5.6.1.2.
    assert parse(lines) == ()


@every_list
@pytest.mark.parametrize(
    ("lines", "line", "position"),
    [
        ([b"a b"], 0, 2),
        ([b"a b, c"], 0, 2),
        ([b"a, b c"], 0, 5),
        ([b"a", b"b;,"], 1, 1),
        ([b"", b"a,", b", @"], 2, 2),
        ([b'"a"'], 0, 0),
        ([b"a, (b)"], 0, 3),
        ([b"a\x00"], 0, 1),
        ([b"a" + b" " * 60000 + b"b"], 0, 60001),  # CVE-2021-32640
    ],
)
def test_a_syntax_error_names_the_line_and_the_octet(
    parse: Parser, lines: list[bytes], line: int, position: int
) -> None:
    with pytest.raises(FieldSyntaxError) as raised:
        parse(lines)
    assert (raised.value.line, raised.value.position) == (line, position)
    assert f"in line {line} at octet {position}" in str(raised.value)


@pytest.mark.parametrize(
    ("parse", "wanted"),
    [
        (parse_upgrade, "a protocol"),
        (parse_connection, "an option"),
        (parse_token_list, "a token"),
        (parse_transfer_codings, "a transfer coding"),
        (parse_lengths, "digits"),
    ],
)
def test_a_syntax_error_says_what_was_expected(parse: Parser, wanted: str) -> None:
    with pytest.raises(FieldSyntaxError, match=f"^expected {wanted}, in line 0 at octet 0$"):
        parse([b"@"])
    with pytest.raises(FieldSyntaxError, match=r"^expected a comma, in line 0 at octet 2$"):
        parse([b"1 1"])


def test_lengths_keep_their_digits() -> None:
    assert parse_lengths([b"007, 7", b"8"]) == (b"007", b"7", b"8")


@every_list
@pytest.mark.parametrize("octets", UNICODE_LOOKALIKES)
@pytest.mark.parametrize("form", [b"%b", b"%ba", b"a%b", b"a,%b,b", b"a%bb"])
def test_only_sp_and_htab_are_white_space_and_only_ascii_is_a_token(
    parse: Parser, form: bytes, octets: bytes
) -> None:
    with pytest.raises(FieldSyntaxError):
        parse([form % octets])


@every_list
@given(st.lists(field_values() | st.binary(max_size=20), max_size=4))
@example([b'a;b="'])
@example([b'a;b="\\'])
@example([b'a;b="c', b'd"'])
def test_whatever_arrives_parses_or_is_a_syntax_error_inside_the_field(
    parse: Parser, lines: list[bytes]
) -> None:
    fault: FieldSyntaxError | None = None
    try:
        parse(lines)
    except FieldSyntaxError as error:
        fault = error
    if fault is not None:
        assert 0 <= fault.line < len(lines)
        assert 0 <= fault.position <= len(lines[fault.line])


def test_a_syntax_error_survives_pickling() -> None:
    with pytest.raises(FieldSyntaxError) as raised:
        parse_upgrade([b"a", b"b c"])
    again = pickle.loads(pickle.dumps(raised.value))
    assert str(again) == str(raised.value)
    assert (again.line, again.position) == (1, 2)


# --- Each field ---------------------------------------------------------------------------------


def test_upgrade_keeps_order_repetitions_and_spelling() -> None:
    wanted = parse_upgrade([b"h2c, WebSocket", b"TLS/1.3,h2c"])
    assert [str(each) for each in wanted] == ["h2c", "WebSocket", "TLS/1.3", "h2c"]


@pytest.mark.parametrize("value", [b"a/", b"/a", b"a/b/c", b"a / b", b"a//b", b"a/ b"])
def test_upgrade_takes_one_version_without_white_space(value: bytes) -> None:
    with pytest.raises(FieldSyntaxError):
        parse_upgrade([value])


def test_connection_options_are_lower_cased_tokens_in_order() -> None:
    # RFC 9110 7.6.1.
    assert parse_connection([b"Keep-Alive", b" UPGRADE ,\tx"]) == (b"keep-alive", b"upgrade", b"x")
    assert parse_connection([b"notupgrade, upgrade-x"]) == (b"notupgrade", b"upgrade-x")


def test_subprotocols_keep_their_case() -> None:
    assert parse_token_list([b"Chat, chat", b"v1.json"]) == ("Chat", "chat", "v1.json")


def test_transfer_codings_are_lower_cased_names_that_may_have_parameters() -> None:
    codings = parse_transfer_codings([b"GZip, a;b=c", b'Chunked; d="e,f"'])
    assert codings == ((b"gzip", False), (b"a", True), (b"chunked", True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", True), ("!#$%&'*+-.^_`|~", True), ("", False), ("a b", False), ("\xe9", False)],
)
def test_is_token(text: str, expected: bool) -> None:
    assert is_token(text) is expected


# --- Nonces -------------------------------------------------------------------------------------

NONCE = b"dGhlIHNhbXBsZSBub25jZQ=="


@pytest.mark.parametrize("octets", [NONCE, b"A" * 22 + b"==", b"+/" * 11 + b"=="])
def test_a_nonce_is_16_octets_in_base64(octets: bytes) -> None:
    assert is_nonce(octets)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        NONCE[:-1],
        NONCE + b"=",
        NONCE + b"\n",
        b" " + NONCE,
        b"=" + NONCE[:-1],
        NONCE[:23] + b"A",
        NONCE.replace(b"d", b"-"),
        NONCE.replace(b"d", b"\xe9"),
        NONCE[:8] + b"\r\n" + NONCE[8:],
        b"A" * 20,
        b"A" * 24,
        b"A" * 23 + b"=",
    ],
)
def test_everything_else_is_not_a_nonce(octets: bytes) -> None:
    assert not is_nonce(octets)


def test_a_generated_nonce_is_one_and_is_fresh() -> None:
    nonces = {generate_nonce() for _ in range(50)}
    assert len(nonces) == 50
    assert all(map(is_nonce, nonces))
