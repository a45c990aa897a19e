"""Codes, the findings that are made of them, and the status of several."""

import ast
import re
from typing import Any, Final

import pytest
from code_rows import ROWS, assert_is_a_good_row, codes_of, rows_in
from core_sources import CORE, SOURCES
from hypothesis import given
from hypothesis import strategies as st

from httpupgrade import Code, Finding, HandshakeFailed, finding
from httpupgrade._http1 import finding_codes as codes
from httpupgrade._http1.findings import (
    VALUE_BOUND,
    fold,
    implied_status,
    is_empty,
    make_finding,
    received_text,
    told_in_a_line,
)
from httpupgrade._http1.received_lines import Shown

CODES = codes_of(CORE)
every_code = pytest.mark.parametrize("code", CODES.values(), ids=CODES)

OWN = Code("chat-token-missing", 401, "", "there is no token", "Log in first.")


# --- The codes of the library -------------------------------------------------------------------


@every_code
def test_a_code_keeps_the_rules_of_all_codes(code: Code) -> None:
    assert_is_a_good_row(code)


def test_no_two_codes_have_the_same_name_or_say_the_same() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS) > 100
    assert len({code.message for code in CODES.values()}) == len(CODES)


def test_a_constant_is_called_as_its_code_is() -> None:
    for row in ROWS:
        assert row.constant == re.sub("[-.]", "_", row.name).upper()


# What somebody who never saw this library's source cannot know.
PYTHON_NAME = re.compile(r"\w\(|\b[A-Z][A-Za-z]*\.[a-z]|\b[a-z_]+=(?!websocket)|=(?:True|False)\b")
# Their reader runs the client, and can change it.
FOR_WHO_RUNS_THE_CLIENT = {"status-line-too-long", "response-body-too-large"}


def test_no_remote_client_is_told_a_name_of_python() -> None:
    told = {
        code.name for code in CODES.values() if PYTHON_NAME.search(f"{code.message} {code.hint}")
    }
    assert told == FOR_WHO_RUNS_THE_CLIENT
    assert not any(CODES[name].status_code for name in told)


@pytest.mark.parametrize(
    "text",
    ["raise Limits.max_drain", "as request_target() does", "in hosts= here", "with a=True"],
)
def test_names_of_python_are_recognised(text: str) -> None:
    assert PYTHON_NAME.search(text)


def names_of_codes_in(tree: ast.AST) -> set[str]:
    """The texts in a module that are names of codes, but for the rows that declare them.

    A row may name its own page, too.
    """
    declared = {
        id(call.args[0])
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("Code", "how_for_proxies")
    }
    texts = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in declared
    }
    return texts & {row.name for row in ROWS}


def read_names(tree: ast.AST) -> set[str]:
    """The names that a module reads, those of attributes among them."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name, ctx=ast.Load()):
                found.add(name)
            case _:
                pass
    return found


def test_no_code_is_named_by_a_text_outside_its_row() -> None:
    # Diagnosis reads findings, which have the name of their code and not the code; what is wrong
    # with a message that is sent to others has names of its own.
    others = ("diagnosis", "cli", "testing")
    makers = [tree for room, tree in SOURCES.items() if not room.startswith(others)]
    assert not set().union(*map(names_of_codes_in, makers))


def test_a_hint_sends_to_the_page_of_its_own_code_alone() -> None:
    sent = {code.name: re.findall(r"explain (\S+)", code.hint) for code in CODES.values()}
    assert {name: pages for name, pages in sent.items() if pages not in ([], [name])} == {}
    assert sent["hop-by-hop-fields-lost"]


def test_a_code_explains_codes_that_there_are_and_not_itself() -> None:
    for code in CODES.values():
        assert {*code.explains} <= CODES.keys() - {code.name}


def test_every_code_is_used() -> None:
    assert {row.constant for row in ROWS} <= set().union(*map(read_names, SOURCES.values()))


def test_every_code_is_a_constant_at_the_top_of_a_module() -> None:
    made = 0
    for tree in SOURCES.values():
        called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
        made += sum(isinstance(each, ast.Name) and each.id == "Code" for each in called)
    assert made == len(ROWS)


def test_the_readers_of_sources_see_codes() -> None:
    source = 'BARE_CR: Final = Code("bare-cr", 400)\nif x == "bare-cr":\n    use(y.BARE_CR)'
    tree = ast.parse(source)
    assert [row.name for row in rows_in(tree)] == ["bare-cr"]
    assert names_of_codes_in(tree) == {"bare-cr"}
    assert not names_of_codes_in(ast.parse('Code("bare-cr", 400)'))
    assert read_names(tree) == {"Final", "Code", "x", "y", "use", "BARE_CR"}


# --- Codes --------------------------------------------------------------------------------------


def test_a_code_says_what_it_was_given() -> None:
    code = Code("a-b-1.0", 404, "own 1", "why", "Do it.", "Or change it.")
    assert (code.name, code.status_code, code.clause) == ("a-b-1.0", 404, "own 1")
    assert (code.message, code.hint, code.operator) == ("why", "Do it.", "Or change it.")
    assert (OWN.hint, OWN.operator) == ("Log in first.", "")


@pytest.mark.parametrize("name", ["", "-", "a-", "-a", "a--b", "A", "a_b", "a b", "\N{SNOWMAN}"])
def test_the_name_of_a_code_is_words_of_lower_case_joined_by_hyphens(name: str) -> None:
    with pytest.raises(ValueError, match=r"^name is lower-case words joined by hyphens, not "):
        Code(name, 400, "", "why")


@pytest.mark.parametrize("status_code", [0, 101, 200, 299, 304, 600])
def test_the_status_of_a_code_is_one_of_a_refusal(status_code: int) -> None:
    with pytest.raises(ValueError, match=f" of a refusal, not {status_code}$"):
        Code("own", status_code, "", "why")


@pytest.mark.parametrize("status_code", [None, 300, 303, 305, 401, 426, 599])
def test_a_code_may_have_any_status_of_a_refusal_or_none(status_code: int | None) -> None:
    assert Code("own", status_code, "", "why").status_code == status_code


@pytest.mark.parametrize("wrong", ["a-code", ["a-code"], (b"a-code",), (None,)])
def test_a_code_explains_a_tuple_of_names(wrong: Any) -> None:
    with pytest.raises(TypeError, match="explains is a"):
        Code("own", 400, "", "why", explains=wrong)


# --- Findings -----------------------------------------------------------------------------------


@every_code
def test_a_finding_takes_everything_but_the_place_from_its_code(code: Code) -> None:
    shown = Shown(b"Host: a b", 7, 8)
    made = make_finding(code, field="Host", value=b"a b", offset=7, shown=shown, lines=(2, 3))
    assert made == Finding(
        code=code.name,
        message=code.message,
        clause=code.clause,
        hint=code.hint,
        status_code=code.status_code,
        field="Host",
        value=b"a b",
        offset=7,
        line=b"Host: a b",
        start=7,
        end=8,
        line_number=2,
        line_count=3,
        explains=code.explains,
        times=1,
    )


def test_an_author_makes_findings_of_own_codes_as_the_library_does() -> None:
    made = finding(OWN, field="Authorization", value=b"x", offset=9)
    assert made == make_finding(OWN, field="Authorization", value=b"x", offset=9)
    assert (made.code, made.status_code) == ("chat-token-missing", 401)
    assert finding(OWN, detail="Rooms are for members.").hint == (
        "Rooms are for members. Log in first."
    )


def test_what_the_server_knows_goes_before_the_hint() -> None:
    hint = make_finding(codes.BARE_LF, detail="This server speaks a.").hint
    assert hint == f"This server speaks a. {codes.BARE_LF.hint}"


def test_a_finding_without_a_place_says_so() -> None:
    made = finding(codes.HOST_MISSING)
    assert (made.field, made.value, made.offset) == (None, None, None)
    assert (made.line, made.start, made.end) == (None, None, None)
    assert (made.line_number, made.line_count, made.times) == (1, 1, 1)


@pytest.mark.parametrize(("length", "kept"), [(0, 0), (127, 127), (128, 128), (129, 128)])
def test_a_finding_keeps_128_octets_of_a_value_at_most(length: int, kept: int) -> None:
    assert VALUE_BOUND == 128
    assert finding(codes.BARE_CR, value=b"v" * length).value == b"v" * kept


def test_a_finding_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        finding(codes.HOST_MISSING).code = "other"  # type: ignore[misc]


# --- Which status a refusal takes ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "status_code"),
    [
        ((), 400),
        (("extension-declined",), 400),
        (("drain-too-long", "no-request"), 400),
        (("host-missing",), 400),
        (("origin-not-allowed",), 403),
        (("origin-not-allowed", "host-missing"), 400),
        (("expectation-unknown", "origin-not-allowed"), 403),
        (("websocket-key-missing", "websocket-version-unsupported"), 426),
        (("upgrade-missing", "method-not-allowed"), 405),
        (("http-version-unsupported", "host-missing", "upgrade-in-http-1.0"), 505),
        (("request-line-too-long", "bare-lf"), 414),
        (("too-many-headers", "upgrade-missing"), 431),
        (("transfer-encoding-unknown", "content-length-and-transfer-encoding"), 400),
        (("body-too-large", "transfer-encoding-unknown"), 413),
    ],
)
def test_the_status_is_that_of_what_has_to_be_mended_first(
    names: tuple[str, ...], status_code: int
) -> None:
    found = [finding(CODES[name]) for name in names]
    assert implied_status(found) == status_code
    assert implied_status(reversed(found)) == status_code


@given(st.lists(st.sampled_from(list(CODES.values())), min_size=1))
def test_the_status_is_one_that_a_finding_implies_in_any_order(those: list[Code]) -> None:
    found = [make_finding(code) for code in those]
    implied = {each.status_code for each in found} - {None} or {400}
    assert implied_status(found) in implied
    assert implied_status(found) == implied_status(reversed(found))


@every_code
def test_alone_a_finding_brings_its_own_status(code: Code) -> None:
    assert implied_status([make_finding(code)]) == (code.status_code or 400)


def own(status_code: int | None) -> Finding:
    return finding(Code("own", status_code, "", "why"))


@pytest.mark.parametrize(
    ("statuses", "status_code"),
    [
        ((401,), 401),
        ((None, 401), 401),
        ((302, None), 302),
        # Where the library's codes rank none of them, the first counts.
        ((401, 429), 401),
        ((429, 401), 429),
        # Those that the library's codes have go before any other.
        ((401, 403), 403),
        ((503, 400, 401), 400),
    ],
)
def test_an_author_s_finding_brings_its_status(
    statuses: tuple[int | None, ...], status_code: int
) -> None:
    found = tuple(map(own, statuses))
    assert implied_status(found) == status_code
    assert HandshakeFailed.because(*found).status_code == status_code


# --- Causes, and what follows from them ----------------------------------------------------------

CAUSE: Final = Code("cause", 400, "", "this came first", explains=("follows", "follows-too"))
FOLLOWS: Final = Code("follows", 400, "", "this followed")
FOLLOWS_TOO: Final = Code("follows-too", 400, "", "this did, too", explains=("own",))


def folded(*codes: Code) -> list[tuple[str, list[str]]]:
    found = fold([finding(each) for each in codes])
    return [(cause.code, [each.code for each in following]) for cause, following in found]


def test_what_follows_from_a_finding_is_told_beneath_it() -> None:
    assert folded() == []
    assert folded(CAUSE) == [("cause", [])]
    assert folded(CAUSE, OWN, FOLLOWS_TOO, FOLLOWS) == [
        ("cause", ["follows-too", "follows"]),
        ("chat-token-missing", []),
    ]
    assert folded(CAUSE, CAUSE, FOLLOWS) == [("cause", ["follows"]), ("cause", [])]


def test_what_comes_before_a_finding_does_not_follow_from_it() -> None:
    assert folded(FOLLOWS, CAUSE, FOLLOWS) == [("follows", []), ("cause", ["follows"])]


def test_what_is_told_beneath_a_finding_explains_nothing() -> None:
    other = Code("own", 400, "", "why")
    assert folded(CAUSE, FOLLOWS_TOO, other) == [("cause", ["follows-too"]), ("own", [])]


@pytest.mark.parametrize(
    ("line", "empty"),
    [
        (b"Host:", True),
        (b"Host: ", True),
        (b"Host:\t ", True),
        (b"Host: a", False),
        (b"Host: a:", False),
        (b"Host", False),
        (None, False),
    ],
)
def test_a_field_with_an_empty_value_is_called_empty(line: bytes | None, empty: bool) -> None:
    shown = None if line is None else Shown(line, len(line), len(line))
    found = make_finding(OWN, field="Host", value=b"", shown=shown)
    assert is_empty(found) is empty
    assert ("which is empty" in (received_text(found) or "")) is empty
    assert not is_empty(found.replace(field=None))


# --- What a finding says of itself ---------------------------------------------------------------


def told(**changes: Any) -> str:
    return told_in_a_line(Finding("own", "why").replace(**changes))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "why"),
        ({"clause": "RFC 1 2"}, "why (RFC 1 2)"),
        ({"times": 2}, "why, 2 times"),
        (
            {"clause": "own 1", "times": 3, "offset": 0},
            "why (own 1), 3 times, at octet 0 of the head",
        ),
        # A line, and a value that may be shown, say more than a place does.
        ({"offset": 9, "value": b"a<", "field": "Host"}, r'why: received "a\x3c"'),
        ({"offset": 9, "value": b"a", "field": "Cookie"}, "why, at octet 9 of the head"),
        ({"offset": 9, "value": b"a"}, "why, at octet 9 of the head"),
        ({"offset": 9, "line": b"A: b c", "start": 3, "end": 6}, 'why: received "A: b c"'),
        ({"line": b"A: b c", "start": 3}, 'why: received "A: b c"'),
        ({"line": b"A: b c", "start": 5}, 'why: received "A: b c", wrong at "c"'),
        ({"line": b"A: b c", "end": 1}, 'why: received "A: b c", wrong at "A"'),
        ({"line": b"A: b c", "start": 3, "end": 4}, 'why: received "A: b c", wrong at "b"'),
        ({"line": b"A: b c", "start": 4, "end": 4}, 'why: received "A: b c", wrong at its end'),
        (
            {"line": b"A: b<c", "start": 4, "end": 5, "line_number": 2, "line_count": 3},
            r'why: received "A: b\x3cc", line 2 of 3, wrong at "\x3c"',
        ),
        (
            {"line": b"A: \t", "field": "A", "start": 4, "end": 4, "line_count": 2},
            r'why: received "A: \x09", which is empty, line 1 of 2',
        ),
        ({"line": b"A: ", "start": 3, "end": 3}, 'why: received "A: "'),
        # The first colon ends the name: no value is empty because it ends in one.
        ({"line": b"A: b:", "field": "A", "start": 3, "end": 5}, 'why: received "A: b:"'),
    ],
)
def test_a_finding_is_told_with_its_clause_its_line_and_its_place(
    changes: dict[str, Any], text: str
) -> None:
    assert told(**changes) == text
