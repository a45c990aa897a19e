"""The decision table: each row decides what it says, and the first that decides, decides."""

from typing import NamedTuple

import pytest
from strategies_decide import KEY, codes, handshake, request

from httpupgrade import (
    Accept101,
    CustomProtocol,
    Decision,
    Finding,
    Limits,
    Passthrough,
    Policy,
    Reject,
    RequestHead,
    Require426,
    UpgradeToken,
    WebSocket,
    decide,
)
from httpupgrade._http1.request_facts import facts_of
from httpupgrade._negotiation.decide import decide_within
from httpupgrade._negotiation.rules import RULES, Case, Rule
from httpupgrade.offers import Agreed, Ignored, Offer, OfferResult


class Always(Offer):
    """An offer of ``own`` that gives the same answer to everything."""

    def __init__(self, answer: OfferResult) -> None:
        self._answer = answer

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (UpgradeToken("own"),)

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        return self._answer


OPTIONAL = Policy(WebSocket(), CustomProtocol("tcp", body="buffer"))
CARELESS = Policy(Always(Agreed(UpgradeToken("own"))))
SHY = Policy(Always(Ignored((Finding("own-note", "not now"),))))
ADVERTISE = Policy(WebSocket(), mode="advertise")
REPORT = Policy(WebSocket(), mode="report")
REQUIRED = Policy(WebSocket(), CustomProtocol("tcp", body="buffer"), mode="required")
NOBODY = Policy(
    WebSocket(), mode="required", rollout=0.0, rollout_key=lambda info: info.head.target
)

# Rows of the table, by what they do. The other two never decide.
UNASKED, MALFORMED, EXPECTATION, BODY, ACCEPT, BROKEN, REQUIRE, PASS = 0, 1, 4, 5, 6, 7, 8, 9


class Row(NamedTuple):
    rule: int
    name: str
    head: RequestHead
    policy: Policy
    status: int | None
    """None for a Passthrough."""
    codes: tuple[str, ...] = ()


UPGRADE = (b"Upgrade", b"tcp")
OPTION = (b"Connection", b"upgrade")
TEAPOT = (b"Expect", b"418-teapot")
NO_KEY = handshake(without=[b"Sec-WebSocket-Key"])
UNHOSTED = RequestHead(b"GET", b"/", [])

TABLE = [
    # Whoever does not ask is not judged, unless the policy insists.
    Row(UNASKED, "plain, optional", request(), OPTIONAL, None),
    Row(UNASKED, "plain, advertise", request(), ADVERTISE, None),
    Row(UNASKED, "plain, report", request(), REPORT, None),
    Row(UNASKED, "plain, required of nobody", request(), NOBODY, None),
    Row(UNASKED, "malformed, optional", UNHOSTED, OPTIONAL, None),
    Row(UNASKED, "another version, optional", request(http_version=b"2.0"), OPTIONAL, None),
    Row(UNASKED, "Expect, optional", request(TEAPOT), OPTIONAL, None),
    Row(UNASKED, "Connection alone", request(OPTION), OPTIONAL, None),
    Row(UNASKED, "a key, and no Upgrade", handshake(without=[b"Upgrade"]), OPTIONAL, None,
        ("hop-by-hop-fields-lost",)),
    # Whoever asks, or has to, is held to the grammar.
    Row(MALFORMED, "no Host, asking", RequestHead(b"GET", b"/", [UPGRADE]), OPTIONAL, 400,
        ("host-missing",)),
    Row(MALFORMED, "no Host, required", UNHOSTED, REQUIRED, 400, ("host-missing",)),
    Row(MALFORMED, "another version", handshake(http_version=b"2.0"), OPTIONAL, 505,
        ("http-version-unsupported",)),
    Row(MALFORMED, "two lengths", handshake(*((b"Content-Length", b"1"),) * 2), OPTIONAL, 400,
        ("content-length-repeated",)),
    Row(MALFORMED, "before a body that is not allowed",
        handshake((b"Content-Length", b"x")), OPTIONAL, 400, ("content-length-malformed",)),
    Row(MALFORMED, "before an unknown expectation",
        request(UPGRADE, OPTION, TEAPOT, (b"Host", b"a b")), OPTIONAL, 400, ("host-malformed",)),
    # An expectation counts only where something would be accepted.
    Row(EXPECTATION, "unknown", handshake(TEAPOT), OPTIONAL, 417, ("expectation-unknown",)),
    Row(EXPECTATION, "before a body that cannot be read",
        request(UPGRADE, OPTION, TEAPOT, (b"Transfer-Encoding", b"gzip, chunked")), OPTIONAL, 417,
        ("expectation-unknown",)),
    # A body counts only where something would be accepted.
    Row(BODY, "compressed", request(UPGRADE, OPTION, (b"Transfer-Encoding", b"gzip, chunked")),
        OPTIONAL, 501, ("transfer-encoding-unknown",)),
    Row(BODY, "compressed, behind a broken handshake",
        handshake((b"Upgrade", b"websocket, tcp"), (b"Transfer-Encoding", b"gzip, chunked")),
        OPTIONAL, 501, ("body-not-allowed", "transfer-encoding-unknown")),
    Row(BODY, "one that the offer overlooked",
        request((b"Upgrade", b"own"), OPTION, (b"Content-Length", b"1")), CARELESS, 400,
        ("body-not-allowed",)),
    Row(ACCEPT, "websocket, optional", handshake(), OPTIONAL, 101),
    Row(ACCEPT, "websocket, required", handshake(), REQUIRED, 101),
    Row(ACCEPT, "websocket, required of nobody", handshake(), NOBODY, 101),
    Row(ACCEPT, "another token", request(UPGRADE, OPTION), OPTIONAL, 101),
    Row(ACCEPT, "another token, with a body",
        request(UPGRADE, OPTION, (b"Content-Length", b"1")), OPTIONAL, 101),
    Row(ACCEPT, "a broken handshake beside a good one",
        handshake((b"Upgrade", b"websocket, tcp"), without=[b"Sec-WebSocket-Key"]), OPTIONAL, 101,
        ("websocket-key-missing",)),
    Row(ACCEPT, "an unknown token beside a good one", handshake((b"Upgrade", b"h2c, websocket")),
        OPTIONAL, 101),
    # A broken handshake is rejected whatever the mode, but never behind a good one.
    Row(BROKEN, "no key", NO_KEY, OPTIONAL, 400, ("websocket-key-missing",)),
    Row(BROKEN, "no key, required", NO_KEY, REQUIRED, 400, ("websocket-key-missing",)),
    Row(BROKEN, "no key, report", NO_KEY, REPORT, 400, ("websocket-key-missing",)),
    Row(BROKEN, "version", handshake((b"Sec-WebSocket-Version", b"8")), OPTIONAL, 426,
        ("websocket-version-unsupported",)),
    Row(BROKEN, "method", handshake(method=b"PUT"), OPTIONAL, 405, ("method-not-allowed",)),
    Row(BROKEN, "before an expectation", handshake(TEAPOT, without=[b"Sec-WebSocket-Key"]),
        OPTIONAL, 400, ("websocket-key-missing",)),
    # What is left is required, or passes.
    Row(REQUIRE, "plain", request(), REQUIRED, 426, ("upgrade-missing",)),
    Row(REQUIRE, "another token", request((b"Upgrade", b"h2c"), OPTION), REQUIRED, 426,
        ("no-common-protocol",)),
    Row(REQUIRE, "no option", request(UPGRADE), REQUIRED, 426, ("upgrade-option-missing",)),
    Row(REQUIRE, "HTTP/1.0", handshake(http_version=b"1.0"), REQUIRED, 426,
        ("upgrade-in-http-1.0",)),
    Row(REQUIRE, "an empty Upgrade", request((b"Upgrade", b""), OPTION), REQUIRED, 426,
        ("no-common-protocol",)),
    Row(REQUIRE, "a malformed Upgrade", request((b"Upgrade", b"@"), OPTION), REQUIRED, 426,
        ("upgrade-malformed",)),
    Row(REQUIRE, "a malformed Connection", request(UPGRADE, (b"Connection", b"@")), REQUIRED, 426,
        ("connection-malformed",)),
    Row(REQUIRE, "an unknown expectation", request(TEAPOT), REQUIRED, 426, ("upgrade-missing",)),
    Row(REQUIRE, "a key, and nothing of the hop",
        handshake(without=[b"Upgrade", b"Connection"]), REQUIRED, 426,
        ("hop-by-hop-fields-lost", "upgrade-missing", "upgrade-option-missing")),
    Row(REQUIRE, "as nginx before 1.29.7 forwards it by default",
        RequestHead(b"GET", b"/", [(b"Host", b"a"), (b"Connection", b"close"),
                                   (b"Sec-WebSocket-Key", KEY)], b"1.0"), REQUIRED, 426,
        ("hop-by-hop-fields-lost", "upgrade-in-http-1.0", "upgrade-missing",
         "upgrade-option-missing")),
    Row(PASS, "another token", request((b"Upgrade", b"h2c"), OPTION), OPTIONAL, None,
        ("no-common-protocol",)),
    Row(PASS, "another token, required of nobody", request((b"Upgrade", b"h2c"), OPTION), NOBODY,
        None, ("no-common-protocol",)),
    Row(PASS, "an offer that ignores the request", request((b"Upgrade", b"own"), OPTION), SHY,
        None, ("own-note",)),
    Row(PASS, "no option", request(UPGRADE), OPTIONAL, None, ("upgrade-option-missing",)),
    Row(PASS, "HTTP/1.0", handshake(http_version=b"1.0"), OPTIONAL, None,
        ("upgrade-in-http-1.0",)),
    Row(PASS, "an empty Upgrade", request((b"Upgrade", b""), OPTION), OPTIONAL, None,
        ("no-common-protocol",)),
    Row(PASS, "a malformed Upgrade", handshake((b"Upgrade", b"websocket, @")), OPTIONAL, None,
        ("upgrade-malformed",)),
    Row(PASS, "a body that belongs to whoever takes over",
        request((b"Upgrade", b"h2c"), OPTION, (b"Content-Length", b"5")), OPTIONAL, None,
        ("no-common-protocol",)),
    Row(PASS, "an expectation that belongs to whoever takes over",
        request((b"Upgrade", b"h2c"), OPTION, TEAPOT), OPTIONAL, None, ("no-common-protocol",)),
]  # fmt: skip


ROWS = [pytest.param(row, id=f"row {row.rule}: {row.name}") for row in TABLE]


def status(decision: Decision) -> int | None:
    match decision:
        case Accept101():
            return 101
        case Require426() | Reject():
            return decision.status_code
        case _:
            assert isinstance(decision, Passthrough)
            return None


@pytest.mark.parametrize("row", ROWS)
def test_each_request_gets_its_answer(row: Row) -> None:
    decision = decide(row.head, row.policy)
    assert status(decision) == row.status
    assert codes(decision) == row.codes


@pytest.mark.parametrize("row", ROWS)
def test_each_request_is_decided_by_its_row(row: Row) -> None:
    case = Case(row.head, row.policy, False, None)
    decided = [number for number, rule in enumerate(RULES) if rule.apply(case) is not None]
    assert decided[0] == row.rule


def test_every_row_that_decides_is_tested() -> None:
    deciding = {row.rule for row in TABLE}
    assert deciding | {2, 3} == set(range(len(RULES)))


def test_the_rows_that_read_never_decide() -> None:
    for row in TABLE:
        case = Case(row.head, row.policy, False, None)
        case.facts = facts_of(row.head)  # as row 1 does
        assert [RULES[number].apply(case) for number in (2, 3)] == [None, None]


def test_the_last_row_always_decides() -> None:
    for row in TABLE:
        case = Case(row.head, row.policy, False, None)
        assert isinstance(RULES[-1].apply(case), Passthrough)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.when)
def test_every_row_says_when_what_and_why(rule: Rule) -> None:
    assert rule.when[0].isupper()
    assert rule.then
    assert rule.clause.startswith("RFC ")


def test_a_passthrough_has_the_head_and_its_octets() -> None:
    octets = b"GET / HTTP/1.1\r\nhOST:a \r\n\r\n"
    parsed = RequestHead.parse(octets)
    decision = decide(parsed, OPTIONAL)
    assert isinstance(decision, Passthrough)
    assert decision.head is parsed
    assert decision.data == octets


def test_the_head_of_a_caller_passes_without_octets() -> None:
    head = request()
    decision = decide(head, OPTIONAL)
    assert isinstance(decision, Passthrough)
    assert (decision.head, decision.data) == (head, b"")


def test_an_accept_has_the_head_it_answers() -> None:
    head = handshake()
    decision = decide(head, REQUIRED)
    assert isinstance(decision, Accept101)
    assert decision.head is head


# RFC 9110 10.1.1, 7.8: whatever is expected, and what comes of it where an offer agrees.
EXPECTATIONS = [
    ("leave to go on", [b"100-continue"], 101, True),
    ("without case", [b"100-Continue"], 101, True),
    ("twice", [b"100-continue", b"100-CONTINUE"], 101, True),
    ("in a list", [b", 100-continue ,"], 101, True),
    ("nothing", [b""], 101, False),
    ("commas", [b",,"], 101, False),
    ("something else", [b"200-ok"], 417, False),
    ("something else as well", [b"100-continue, 200-ok"], 417, False),
    ("something else on another line", [b"100-continue", b"200-ok"], 417, False),
    ("with a parameter", [b"100-continue; a=b"], 417, False),
    ("malformed", [b"100-continue @"], 417, False),
    ("obs-text", [b"100-continue\xa0"], 417, False),
    ("longer", [b"100-continued"], 417, False),
]


@pytest.mark.parametrize(
    ("lines", "expected", "interim"), [pytest.param(*row[1:], id=row[0]) for row in EXPECTATIONS]
)
def test_only_100_continue_can_be_expected_and_it_is_answered_first(
    lines: list[bytes], expected: int, interim: bool
) -> None:
    decision = decide(handshake(*((b"Expect", line) for line in lines)), OPTIONAL)
    assert status(decision) == expected
    if isinstance(decision, Accept101):
        assert (decision.interim is not None) is interim
        assert decision.to_bytes().startswith(b"HTTP/1.1 100 " if interim else b"HTTP/1.1 101 ")
    else:
        (finding,) = decision.findings
        assert (finding.code, finding.field) == ("expectation-unknown", "Expect")


def test_a_100_never_goes_to_http_1_0() -> None:
    """RFC 9110 10.1.1, 15.2."""
    head = handshake((b"Expect", b"100-continue"), http_version=b"1.0")
    decision = decide(head, REQUIRED)
    assert isinstance(decision, Require426)
    assert not decision.to_bytes().startswith(b"HTTP/1.1 1")


def test_a_100_is_not_sent_on_behalf_of_whoever_takes_over() -> None:
    head = request((b"Expect", b"100-continue"), (b"Content-Length", b"5"), method=b"POST")
    assert isinstance(decide(head, OPTIONAL), Passthrough)


def test_an_expected_100_goes_out_before_the_body_and_the_101_behind_it() -> None:
    head = request(UPGRADE, OPTION, (b"Expect", b"100-continue"), (b"Content-Length", b"5"))
    decision = decide(head, OPTIONAL)
    assert isinstance(decision, Accept101)
    assert decision.interim is not None
    assert decision.awaits_body is True
    assert decision.to_bytes().startswith(b"HTTP/1.1 101 ")


@pytest.mark.parametrize(("length", "expected"), [(0, 101), (9, 101), (10, 101), (11, 413)])
def test_a_body_is_read_up_to_the_limit(length: int, expected: int) -> None:
    """At n and n + 1. Alone, ``decide`` does not know how much its caller reads."""
    head = request(UPGRADE, OPTION, (b"Content-Length", b"%d" % length))
    limited, *_ = decide_within(Limits(max_request_body=10), head, OPTIONAL, secure=False)
    assert status(limited) == expected
    assert status(decide(head, OPTIONAL)) == 101
    if expected == 413:
        (finding,) = limited.findings
        assert (finding.code, finding.value) == ("body-too-large", b"11")


def test_a_chunked_body_has_no_length_to_limit_yet() -> None:
    head = request(UPGRADE, OPTION, (b"Transfer-Encoding", b"chunked"))
    limited, *_ = decide_within(Limits(max_request_body=0), head, OPTIONAL, secure=False)
    assert isinstance(limited, Accept101)
    assert limited.awaits_body is True
