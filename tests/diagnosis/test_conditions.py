"""Each condition, where it holds and where it does not; and what evidence shows."""

from typing import Final

import pytest

from httpupgrade import RequestHead, ResponseHead
from httpupgrade.diagnosis import Evidence
from httpupgrade.diagnosis._conditions import (
    CONTENT_BOUND,
    At,
    Before,
    Condition,
    Content,
    Fields,
    Has,
    Holds,
    Is,
    LowerCase,
    Not,
    OneOf,
    Query,
    Spelt,
    Status,
    Subject,
    Target,
    Token,
    Version,
    field_evidence,
    fulfils,
    has,
    lacks,
    start_line_evidence,
    subject_of,
)

REQUEST: Final = subject_of(
    RequestHead(
        b"GET",
        b"/chat?EIO=4&x=1",
        (
            (b"Host", b"a"),
            (b"Via", b"1.1 Name (Squid/5.7)"),
            (b"Connection", b"keep-alive, Upgrade"),
            (b"via", b"1.1 other"),
            (b"Cookie", b"secret"),
        ),
    )
)
RESPONSE: Final = subject_of(
    ResponseHead(426, ((b"server", b"nginx"),), b"Upgrade Required", b"1.0"), b"<center>nginx"
)


@pytest.mark.parametrize(
    ("condition", "of_request", "of_response"),
    [
        (Version(b"1.1"), True, False),
        (Version(b"1.0"), False, True),
        (Target(b"/chat?"), True, False),
        (Target(b"http://"), False, False),
        (Query(b"EIO=4"), True, False),
        (Query(b"EIO=3"), False, False),
        (Status(426), False, True),
        (Status(101), False, False),
        (Status(426, b"Upgrade Required"), False, True),
        (Status(426, b""), False, False),
        (Has(b"host"), True, False),
        (Has(b"server"), False, True),
        (Token(b"connection", b"upgrade"), True, False),
        (Token(b"connection", b"up"), False, False),
        (Is(b"via", b"1.1 other"), True, False),
        (Is(b"server", b"nginx"), False, True),
        (Is(b"connection", b"upgrade"), False, False),
        (Holds(b"via", b"squid/"), True, False),
        (Holds(b"via", b"varnish"), False, False),
        (Spelt(b"Via"), True, False),
        (Spelt(b"HOST"), False, False),
        (LowerCase(), False, True),
        (At(0, b"host"), True, False),
        (At(-1, b"cookie"), True, False),
        (At(-1, b"server"), False, True),
        (At(5, b"host"), False, False),
        (At(-6, b"host"), False, False),
        (Before(b"host", b"cookie"), True, False),
        (Before(b"cookie", b"host"), False, False),
        (Before(b"x", b"host"), False, False),
        (Fields(5), True, True),
        (Fields(4), False, True),
        (Content(b"nginx"), False, True),
        (Content(b"Nginx"), False, False),
        (Not(Has(b"host")), False, True),
        (OneOf((Has(b"x"), Has(b"server"))), False, True),
        (OneOf(()), False, False),
    ],
    ids=str,
)
def test_a_condition_holds_of_what_it_says(
    condition: Condition, of_request: bool, of_response: bool
) -> None:
    assert condition.holds(REQUEST) is of_request
    assert condition.holds(RESPONSE) is of_response


def test_several_conditions_hold_together() -> None:
    assert fulfils(REQUEST, (*has(b"host", b"via"), *lacks(b"x", b"y")))
    assert not fulfils(REQUEST, (*has(b"host", b"x"),))
    assert not fulfils(REQUEST, (*lacks(b"host", b"x"),))


def test_only_the_beginning_of_a_body_is_looked_at() -> None:
    head = ResponseHead(200, ())
    assert not Content(b"x").holds(subject_of(head, b" " * CONTENT_BOUND + b"x"))


@pytest.mark.parametrize(
    ("subject", "field", "line", "evidence"),
    [
        (REQUEST, b"host", 0, Evidence("s", "field line 1", "Host: a", 6, 7)),
        (REQUEST, b"via", 1, Evidence("s", "field line 4", "via: ...", 5, 8)),
        (REQUEST, b"cookie", 0, Evidence("s", "field line 5", "Cookie: ...", 8, 11)),
        (REQUEST, b"upgrade", 0, Evidence("s")),
        (REQUEST, b"host", 1, Evidence("s")),
    ],
)
def test_the_line_of_a_field_is_shown_without_secrets(
    subject: Subject, field: bytes, line: int, evidence: Evidence
) -> None:
    assert field_evidence(subject, field, "s", line) == evidence


def test_the_start_line_is_shown() -> None:
    asked, answered = (start_line_evidence(each, "s") for each in (REQUEST, RESPONSE))
    assert asked == Evidence("s", "request line", "GET /chat?... HTTP/1.1", 14, 22)
    assert answered == Evidence("s", "status line", "HTTP/1.0 426 ...", 9, 12)
