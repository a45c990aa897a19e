"""Bodies of refusals as a whole, with findings of one's own: each member, line and mark."""

import json
from typing import Any

import pytest
from strategies_decide import request

from httpupgrade import (
    Finding,
    HandshakeFailed,
    Policy,
    Refusal,
    Reject,
    RequestHead,
    Require426,
    UpgradeToken,
    decide,
)
from httpupgrade.fields import Headers
from httpupgrade.offers import Example, Offer, OfferResult

LINE = b"Connection: a<, b "
MARKED = Finding(
    "own-a",
    "it is A",
    "RFC 9110 7.8",
    "do this\nthen that",
    field="Connection",
    value=b"a<",
    offset=20,
    line=LINE,
    start=12,
    end=14,
    line_number=2,
    line_count=3,
    times=3,
)
PLACED = Finding("own-b", "it is B", offset=0)
VALUED = Finding("own-c", "it is C", field="Upgrade", value=b"\xff")
EMPTY = Finding(
    "own-d", "it is D", field="Upgrade", value=b"", line=b"Upgrade: ", start=9, end=9,
    line_number=1, line_count=1,
)  # fmt: skip
FINDINGS = (MARKED, PLACED, VALUED, EMPTY)


class Refusing(Offer):
    """An offer that refuses with these findings, and says how to ask."""

    def __init__(self, status_code: int, *findings: Finding, headers: Headers = ()) -> None:
        self._failed = HandshakeFailed(findings, status_code, headers)

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (UpgradeToken("own"), UpgradeToken("HTTP", "1.1"), UpgradeToken("more", "2"))

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        return self._failed

    def example_request(self, head: RequestHead, *, secure: bool) -> Example | None:
        fields = ((b"X-Own", b"<1>"),)
        return Example.of(head, self.tokens(secure=secure)[:1], fields, note="Fill in X-Own.")


ASKING = ((b"Upgrade", b"own"), (b"Connection", b"Upgrade"))


def body_of(status_code: int, *findings: Finding, accept: bytes = b"*/*") -> bytes:
    head = request(*ASKING, (b"Accept", accept))
    decision = decide(head, Policy(Refusing(status_code, *findings)))
    assert isinstance(decision, Reject | Require426)
    return decision.body


def test_text_shows_each_finding_with_what_it_has() -> None:
    assert (
        body_of(403, *FINDINGS).decode()
        == """\
403 Forbidden

This request was refused.

What was wrong with the request:

* it is A (RFC 9110 7.8), 3 times
  received, line 2 of 3: Connection: a\\x3c, b\x20
                                     ^^^^^
  do this
  then that

* it is B
  at octet 0 of the head

* it is C
  received in Upgrade: \\xff

* it is D
  received: Upgrade: (it is empty)
"""
    )


def test_text_of_a_426_says_how_to_ask() -> None:
    """HTTP/1.1, which was just refused, is not what to change to."""
    assert (
        body_of(426).decode()
        == """\
426 Upgrade Required

This resource is served over own or more/2 only.

Ask for it by GET with

    Connection: Upgrade
    Upgrade: own
    X-Own: \\x3c1\\x3e

Fill in X-Own.
"""
    )


SHOWN: list[dict[str, Any]] = [
    {
        "code": "own-a",
        "message": "it is A",
        "clause": "RFC 9110 7.8",
        "hint": "do this\nthen that",
        "field": "Connection",
        "line": "Connection: a\\x3c, b ",
        "start": 12,
        "end": 17,
        "line_number": 2,
        "line_count": 3,
        "offset": 20,
        "times": 3,
    },
    {"code": "own-b", "message": "it is B", "offset": 0},
    {"code": "own-c", "message": "it is C", "field": "Upgrade", "value": "\\xff"},
    {
        "code": "own-d",
        "message": "it is D",
        "field": "Upgrade",
        "line": "Upgrade: ",
        "empty": True,
        "start": 9,
        "end": 9,
    },
]
EXAMPLE: dict[str, Any] = {
    "required": ["own", "more/2"],
    "example": ["Connection: Upgrade", "Upgrade: own", "X-Own: \\x3c1\\x3e"],
    "example_note": "Fill in X-Own.",
}


@pytest.mark.parametrize("is_problem", [False, True], ids=["json", "problem"])
@pytest.mark.parametrize(
    ("status_code", "title", "detail", "findings", "more"),
    [
        (403, "Forbidden", "This request was refused: it is A.", FINDINGS, {}),
        (503, "Service Unavailable", "This request could not be answered.", (), {}),
        (
            426,
            "Upgrade Required",
            "This resource is served over own or more/2 only: it is B.",
            (PLACED,),
            EXAMPLE,
        ),
    ],
)
def test_json_has_each_member_and_no_other(
    status_code: int,
    title: str,
    detail: str,
    findings: tuple[Finding, ...],
    more: dict[str, Any],
    is_problem: bool,
) -> None:
    """RFC 9457 3.1: a problem of no type of its own is about:blank."""
    accept = b"application/problem+json" if is_problem else b"application/json"
    body = body_of(status_code, *findings, accept=accept)
    assert body.endswith(b"\n}\n")
    if is_problem:
        start = {"type": "about:blank", "title": title, "detail": detail}
    else:
        start = {"error": title.lower().replace(" ", "_"), "message": detail}
    shown = [each for each in SHOWN if each["code"] in {found.code for found in findings}]
    assert json.loads(body) == {**start, "status": status_code, **more, "findings": shown}


def test_a_status_without_a_usual_reason_has_a_title_all_the_same() -> None:
    assert body_of(599).startswith(b"599 Refused\n\n")


@pytest.mark.parametrize(
    "rendered",
    [None, b"ab", (b"a",), ("a", b"b"), (b"a", "b"), [b"a", b"b"], (b"a", b"b", b"c")],
    ids=repr,
)
def test_a_renderer_returns_two_bytes_objects(rendered: Any) -> None:
    policy = Policy(Refusing(403), refusal=Refusal(body=lambda report: rendered))
    with pytest.raises(TypeError, match=r"^body returns two bytes objects, a media type and a"):
        decide(request(*ASKING), policy)


def test_a_refusal_says_how_it_was_made_without_what_it_carries() -> None:
    made = Refusal([(b"X-Docs", b"here")], body="empty")
    assert repr(made) == "Refusal([X-Docs: <4 octets>], body='empty')"
    assert repr(Refusal()) == "Refusal([], body='negotiated')"
    assert repr(Refusal(body=lambda report: (b"", b""))) == "Refusal([], body=<function>)"


@pytest.mark.parametrize("name", [b"X-Docs", b"x-dOCS"])
def test_a_field_of_the_offer_takes_the_place_of_that_of_every_refusal(name: bytes) -> None:
    docs = (name, b"offer")
    refusal = Refusal([(b"X-Docs", b"all"), (b"X-Id", b"7")])
    policy = Policy(Refusing(403, headers=(docs, (b"Cache-Control", b"private"))), refusal=refusal)
    decision = decide(request(*ASKING), policy)
    assert isinstance(decision, Reject)
    assert decision.headers == (
        docs,
        (b"Cache-Control", b"private"),
        (b"Content-Type", b"text/plain; charset=utf-8"),
        (b"X-Content-Type-Options", b"nosniff"),
        (b"X-Id", b"7"),
        (b"Connection", b"close"),
        (b"Content-Length", b"%d" % len(decision.body)),
    )
