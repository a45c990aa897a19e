"""The one table of codes, and what follows from it."""

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import httpupgrade
from httpupgrade import Finding
from httpupgrade._http1.finding_codes import REQUEST_MEANINGS, Meaning
from httpupgrade._http1.findings import MEANINGS, VALUE_BOUND, find, implied_status
from httpupgrade._http1.received_lines import Shown

SOURCES = sorted(Path(httpupgrade.__file__).parent.rglob("*.py"))
CODE = re.compile(r"[a-z0-9.]+(?:-[a-z0-9.]+)+")

# RFC 9110 15.5, 15.6: what a refusal of a request can be.
STATUSES = {None, 400, 403, 405, 413, 414, 417, 426, 431, 501, 505}

every_code = pytest.mark.parametrize(("code", "meaning"), MEANINGS.items(), ids=MEANINGS)


def constants(tree: ast.AST) -> set[str]:
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def codes_given_to_makers(tree: ast.AST) -> set[str]:
    """What looks like a code among the arguments of the functions that make findings."""
    makers = {"find", "fault", "note", "_note", "refuse", "_over", "_end", "_close"}
    makers |= {"method_fault", "target_fault", "version_fault"}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [
        call
        for call in calls
        if (isinstance(call.func, ast.Name) and call.func.id in makers)
        or (isinstance(call.func, ast.Attribute) and call.func.attr in makers)
    ]
    return {
        text
        for call in named
        for argument in call.args
        for text in constants(argument)
        if CODE.fullmatch(text)
    }


# --- The table ----------------------------------------------------------------------------------


@every_code
def test_a_code_is_words_of_lower_case_joined_by_hyphens(code: str, meaning: Meaning) -> None:
    assert CODE.fullmatch(code)


@every_code
def test_a_meaning_names_its_clause(code: str, meaning: Meaning) -> None:
    assert re.fullmatch(r"RFC \d{4} \d+(\.\d+)*|PROXY protocol 2", meaning.clause)


@every_code
def test_a_message_is_one_sentence_without_its_full_stop(code: str, meaning: Meaning) -> None:
    assert meaning.message
    assert not meaning.message.endswith((".", " "))
    assert ". " not in meaning.message


@every_code
def test_a_meaning_says_what_to_do(code: str, meaning: Meaning) -> None:
    assert meaning.hint


@every_code
def test_messages_and_hints_can_stand_in_any_body_and_log(code: str, meaning: Meaning) -> None:
    for line in (meaning.message, *meaning.hint.split("\n"), meaning.operator):
        assert line.isascii()
        assert line.isprintable()


# What somebody who never saw this library's source cannot know.
PYTHON_NAME = re.compile(r"\w\(|\b[A-Z][A-Za-z]*\.[a-z]|\b[a-z_]+=(?!websocket)|=(?:True|False)\b")


@pytest.mark.parametrize(("code", "meaning"), REQUEST_MEANINGS.items(), ids=REQUEST_MEANINGS)
def test_no_remote_client_is_told_a_name_of_python(code: str, meaning: Meaning) -> None:
    assert not PYTHON_NAME.search(meaning.message)
    assert not PYTHON_NAME.search(meaning.hint)


@pytest.mark.parametrize(
    "text",
    ["raise Limits.max_drain", "as request_target() does", "in hosts= here", "with a=True"],
)
def test_names_of_python_are_recognised(text: str) -> None:
    assert PYTHON_NAME.search(text)


HARD_WORDS = re.compile(
    r"\b(?:(?<!there )is no|are no|nobody|whoever|behind|draws|besides|mean no good)\b",
    re.IGNORECASE,
)


@every_code
def test_messages_and_hints_are_in_plain_words(code: str, meaning: Meaning) -> None:
    assert not HARD_WORDS.search(f"{meaning.message} {meaning.hint} {meaning.operator}")


@every_code
def test_a_meaning_implies_a_status_that_fits(code: str, meaning: Meaning) -> None:
    assert meaning.status_code in STATUSES


def test_no_two_codes_say_the_same() -> None:
    assert len({meaning.message for meaning in MEANINGS.values()}) == len(MEANINGS)


def test_every_code_is_used_and_every_used_code_is_in_the_table() -> None:
    used: set[str] = set()
    made: set[str] = set()
    for source in SOURCES:
        if not source.name.endswith("finding_codes.py"):
            tree = ast.parse(source.read_text("utf-8"))
            used |= constants(tree)
            made |= codes_given_to_makers(tree)
    assert set(MEANINGS) <= used
    assert len(made) > 30
    assert made <= set(MEANINGS)


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        MEANINGS["not-http"] = MEANINGS["bare-cr"]  # type: ignore[index]


# --- Findings -----------------------------------------------------------------------------------


@every_code
def test_a_finding_takes_everything_but_the_place_from_the_table(
    code: str, meaning: Meaning
) -> None:
    shown = Shown(b"Host: a b", 7, 8)
    finding = find(code, field="Host", value=b"a b", offset=7, shown=shown, lines=(2, 3))
    assert finding == Finding(
        code=code,
        message=meaning.message,
        clause=meaning.clause,
        hint=meaning.hint,
        field="Host",
        value=b"a b",
        offset=7,
        line=b"Host: a b",
        start=7,
        end=8,
        line_number=2,
        line_count=3,
        times=1,
    )
    assert finding.status_code == meaning.status_code


def test_what_the_server_knows_goes_before_the_hint() -> None:
    hint = find("no-common-subprotocol", detail="This server speaks a.").hint
    assert hint == f"This server speaks a. {MEANINGS['no-common-subprotocol'].hint}"


def test_a_finding_without_a_place_says_so() -> None:
    finding = find("host-missing")
    assert (finding.field, finding.value, finding.offset) == (None, None, None)
    assert (finding.line, finding.start, finding.end) == (None, None, None)
    assert (finding.line_number, finding.line_count, finding.times) == (1, 1, 1)


@pytest.mark.parametrize(("length", "kept"), [(0, 0), (127, 127), (128, 128), (129, 128)])
def test_a_finding_keeps_128_octets_of_a_value_at_most(length: int, kept: int) -> None:
    assert VALUE_BOUND == 128
    assert find("bare-cr", value=b"v" * length).value == b"v" * kept


def test_a_code_that_is_not_in_the_table_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        find("no-such-code")


def test_an_offer_makes_findings_with_codes_of_its_own() -> None:
    finding = Finding("irc-nick-taken", "the nick is taken")
    assert (finding.clause, finding.hint, finding.status_code) == ("", "", None)


def test_a_finding_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        find("host-missing").code = "other"  # type: ignore[misc]


# --- Which status a refusal takes ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("codes", "status_code"),
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
    codes: tuple[str, ...], status_code: int
) -> None:
    assert implied_status(find(code) for code in codes) == status_code
    assert implied_status(find(code) for code in reversed(codes)) == status_code


@given(st.lists(st.sampled_from(sorted(MEANINGS)), min_size=1))
def test_the_status_is_one_that_a_finding_implies_in_any_order(codes: list[str]) -> None:
    found = [find(code) for code in codes]
    implied = {finding.status_code for finding in found} - {None} or {400}
    assert implied_status(found) in implied
    assert implied_status(found) == implied_status(reversed(found))


@every_code
def test_alone_a_finding_brings_its_own_status(code: str, meaning: Meaning) -> None:
    assert implied_status([find(code)]) == (meaning.status_code or 400)
