"""Heads that another parser has read: trusted in what decides nothing, judged as if read here."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies_decide import good_heads, policies

from httpupgrade import (
    H2C,
    Accept101,
    Passthrough,
    Policy,
    Reject,
    RequestHead,
    Require426,
    ResponseHead,
    WebSocket,
    decide,
)
from httpupgrade._http1.request_facts import RequestFacts, facts_of, wants_upgrade
from httpupgrade.testing.strategies import (
    Field,
    changed_handshakes,
    field_values,
    request_heads,
    tokens,
    whitespace,
)

HANDSHAKE: tuple[Field, ...] = (
    (b"Host", b"example.com"),
    (b"Upgrade", b"websocket"),
    (b"Connection", b"Upgrade"),
    (b"Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ=="),
    (b"Sec-WebSocket-Version", b"13"),
)
WEBSOCKET = Policy(WebSocket(), mode="required")
H2C_ONLY = Policy(H2C())

# What can stand in no value, and of it what no recipient may take (RFC 9110 5.5).
LINE_ENDS = (b"\r", b"\n", b"\x00", b"a\r\nUpgrade: websocket", b"\r\n\r\nGET / HTTP/1.1")
CONTROLS = (b"\x01", b"a\x1bb", b"\x7f")
NO_NAMES = (b"", b"a b", b"a:", b"\xe9", b"a\r\nb", b"Upgrade ", b" Upgrade", b"(")

heads = changed_handshakes() | good_heads() | request_heads()
# Octets of any kind, in any place but where a line would end.
hostile = st.binary(max_size=12) | st.sampled_from((*LINE_ENDS, *CONTROLS, *NO_NAMES))


def trusted(*headers: Field, method: bytes = b"GET", version: bytes = b"1.1") -> RequestHead:
    return RequestHead.from_parser(method, b"/chat?a=b", headers, version)


# --- What is taken ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        ((b"Host", b" a\t"), (b"X", b"")),
        [(b"Host", b"a"), (b"X", b"")],
        [[b"Host", b"a"], [b"X", b""]],
        ((bytearray(b"Host"), memoryview(b" a")), (b"X", bytearray(b" "))),
        iter([(b"Host", b"a"), (b"X", b"\t")]),
    ],
    ids=["tuples", "list", "ASGI", "buffers", "iterator"],
)
def test_fields_are_taken_in_every_form_that_servers_have_them_in(headers: Any) -> None:
    head = RequestHead.from_parser(b"GET", b"/", headers, b"1.1")
    assert head.headers == ((b"Host", b"a"), (b"X", b""))
    assert {type(octets) for field in head.headers for octets in field} == {bytes}
    assert head.raw is None


def test_what_the_caller_changes_later_is_not_the_heads() -> None:
    value, pair = bytearray(b"a"), [b"X", b"a"]
    head = RequestHead.from_parser(b"GET", b"/", [(b"Host", value), pair], b"1.1")  # type: ignore[list-item]
    value[:], pair[1] = b"b", b"b"
    assert head.headers == ((b"Host", b"a"), (b"X", b"a"))


@pytest.mark.parametrize(
    "headers",
    [
        {b"Host": b"a"},
        "Host: a",
        b"Host: a",
        [("Host", "a")],
        [(b"Host", "a")],
        [("Host", b"a")],
        [(b"Host", None)],
        [(b"Host", b"a", b"b")],
        [b"ab"],
        [None],
        None,
    ],
)
def test_what_is_no_list_of_octets_is_a_type_error(headers: Any) -> None:
    with pytest.raises(TypeError, match=r"^(in )?headers"):
        RequestHead.from_parser(b"GET", b"/", headers, b"1.1")


@pytest.mark.parametrize("name", ["method", "target", "http_version"])
def test_text_is_a_type_error_in_the_start_line_too(name: str) -> None:
    line: Any = {"method": b"GET", "target": b"/", "http_version": b"1.1", name: "1.1"}
    with pytest.raises(TypeError, match=f"^{name} is bytes, not str"):
        RequestHead.from_parser(headers=(), **line)


@pytest.mark.parametrize("octets", [b"", b"a b", b"/\xe9", *LINE_ENDS, *CONTROLS])
def test_the_start_line_is_checked_at_once(octets: bytes) -> None:
    for line in ((octets, b"/", b"1.1"), (b"GET", octets, b"1.1"), (b"GET", b"/", octets)):
        with pytest.raises(ValueError, match=r"^(method|target|http_version) "):
            RequestHead.from_parser(line[0], line[1], (), line[2])


@pytest.mark.parametrize("value", LINE_ENDS)
@pytest.mark.parametrize("name", [b"Cookie", b"Host", b"Upgrade", b"Origin"])
def test_what_ends_a_line_is_never_taken(name: bytes, value: bytes) -> None:
    with pytest.raises(ValueError, match=f"the value of {name.decode()} must not hold 0x"):
        trusted(*HANDSHAKE, (name, value))


def test_what_is_usual_is_captured_at_once() -> None:
    # So that no field of it is looked up later: only the time that this takes can tell.
    for headers in (HANDSHAKE, [*HANDSHAKE]):
        head = RequestHead.from_parser(b"GET", b"/chat", headers, b"1.1")
        assert head._captured == RequestHead(b"GET", b"/chat", HANDSHAKE)._captured
        assert (head._asking, head._facts) == (True, None)
    plain = trusted(HANDSHAKE[0])
    assert (plain._asking, bool(plain._captured)) == (False, True)
    other = trusted(HANDSHAKE[0], (b"Connection", b"a"), (b"Connection", b"b"))
    assert (other._asking, other._captured, other._facts) == (False, (), None)
    # What was joined is not what get_all() returns, and is kept in the facts alone.
    head = trusted(*HANDSHAKE, (b"Connection", b"TE"))
    assert (head._captured, head._facts is facts_of(head)) == ((), True)
    assert facts_of(head).options == (b"upgrade", b"te")
    assert head.get_all(b"connection") == (b"Upgrade", b"TE")


@pytest.mark.parametrize("name", [b"Connection", b"Upgrade"])
def test_where_a_list_in_two_lines_has_a_fault_is_told(name: bytes) -> None:
    facts = facts_of(trusted(*HANDSHAKE, (name, b"a, @")))
    fault = facts.options_fault if name == b"Connection" else facts.wanted_fault
    assert fault == (1, 3)


# --- What is trusted ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "field",
    [*((b"Cookie", value) for value in CONTROLS), *((name, b"a") for name in NO_NAMES)],
    ids=repr,
)
def test_what_decides_nothing_may_break_the_grammar_but_is_not_written(field: Field) -> None:
    head = trusted(*HANDSHAKE, field)
    assert isinstance(decide(head, WEBSOCKET), Accept101)
    passed = decide(head, H2C_ONLY)
    assert isinstance(passed, Passthrough)
    for write in (head.to_bytes, passed.without_upgrade):
        with pytest.raises(ValueError, match=r"^in headers, "):
            write()


def test_what_can_be_written_is() -> None:
    head = trusted(*HANDSHAKE, (b"Cookie", b" a=1; b=\xff "))
    same = RequestHead(head.method, head.target, head.headers)
    assert head.to_bytes() == same.to_bytes()
    passed, expected = decide(head, H2C_ONLY), decide(same, H2C_ONLY)
    assert isinstance(passed, Passthrough)
    assert isinstance(expected, Passthrough)
    assert passed.without_upgrade() == expected.without_upgrade()


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize("place", range(len(HANDSHAKE)))
def test_what_decides_does_not_decide_if_it_breaks_the_grammar(place: int, control: bytes) -> None:
    fields = list(HANDSHAKE)
    fields[place] = (fields[place][0], fields[place][1] + control)
    refused = decide(trusted(*fields), WEBSOCKET)
    assert isinstance(refused, Reject | Require426)
    assert not any(octet < 0x20 and octet != 0x0A for octet in refused.body)


# --- Laws ---------------------------------------------------------------------------------------


def facts_in(head: RequestHead) -> dict[str, Any]:
    names = {each for each in dir(RequestFacts) if not each.startswith("_")}
    return {each: getattr(facts_of(head), each) for each in names - {"captured"}}


@given(heads, policies, st.booleans(), st.lists(st.tuples(whitespace(), whitespace())))
@example(
    RequestHead(b"GET", b"/", [*HANDSHAKE, (b"Sec-WebSocket-Origin", b"")]), WEBSOCKET, False, []
)
def test_a_head_that_the_constructor_takes_is_the_same_head(
    given_head: RequestHead, policy: Policy, secure: bool, paddings: list[tuple[bytes, bytes]]
) -> None:
    line = (given_head.method, given_head.target)
    version = given_head.http_version
    paddings += [(b"", b"")] * len(given_head.headers)
    headers = [
        (name, before + value + after)
        for (name, value), (before, after) in zip(given_head.headers, paddings, strict=False)
    ]
    constructed = RequestHead(*line, headers, version)
    head = RequestHead.from_parser(*line, headers, version)
    assert wants_upgrade(RequestHead.from_parser(*line, headers, version)) is wants_upgrade(
        constructed
    )
    assert decide(head, policy, secure=secure) == decide(constructed, policy, secure=secure)
    assert facts_in(head) == facts_in(constructed)
    assert (head, hash(head), repr(head)) == (constructed, hash(constructed), repr(constructed))
    trimmed = RequestHead(*line, given_head.headers, version)
    assert head.to_bytes() == trimmed.to_bytes()


@given(st.lists(st.tuples(tokens() | hostile, field_values() | hostile), max_size=4), st.data())
def test_of_a_head_that_the_constructor_refuses_no_octets_get_out(
    drawn: list[Field], data: st.DataObject
) -> None:
    fields = data.draw(st.permutations((*drawn, *HANDSHAKE)))
    policy = data.draw(policies)
    try:
        RequestHead(b"GET", b"/", fields)
    except ValueError:
        pass
    else:
        return
    try:
        head = RequestHead.from_parser(b"GET", b"/", fields, b"1.1")
    except ValueError:
        return
    decision = decide(head, policy)
    assert repr(head).isprintable()
    for write in (head.to_bytes, Passthrough(head).without_upgrade):
        with pytest.raises(ValueError, match=r"^in headers, "):
            write()
    if not isinstance(decision, Passthrough):
        written, _, content = decision.to_bytes().partition(b"\r\n\r\n")
        assert ResponseHead.parse(written + b"\r\n\r\n").status_code < 500
        assert all(octet >= 0x20 or octet == 0x0A for octet in content)
