"""What becomes of the connection behind a refusal, answers to HEAD, and octets that are no head."""

import pytest
from strategies_decide import Field, handshake, request, values

from httpupgrade import (
    TLS,
    Accept101,
    CustomProtocol,
    Limits,
    Passthrough,
    Policy,
    Refusal,
    RefusalReport,
    Reject,
    RequestHead,
    Require426,
    WebSocket,
    decide,
)
from httpupgrade._http1 import finding_codes as http1_codes
from httpupgrade._http1.findings import Code, make_finding
from httpupgrade._http1.line_scan import Unreadable
from httpupgrade._negotiation import finding_codes as rule_codes
from httpupgrade._negotiation.decide import decide_unreadable, decide_within
from httpupgrade._negotiation.refusal_response import reject
from httpupgrade._negotiation.rules import closes_after_refusal
from httpupgrade._negotiation.terms import Close, Mode

H2C = ((b"Upgrade", b"h2c"), (b"Connection", b"Upgrade"))
BODY = (b"Content-Length", b"5")
CHUNKED = (b"Transfer-Encoding", b"chunked")
EXPECT = (b"Expect", b"100-continue")


def requiring(close: Close) -> Policy:
    return Policy(WebSocket(), CustomProtocol("tcp"), mode="required", close=close)


# Requests that are refused, and whether the connection closes when the policy says nothing, and
# when it says never. Always is always.
CLOSING = [
    ("plain", request(), False, False),
    ("plain with a body", request(BODY, method=b"POST"), False, False),
    ("plain with a chunked body", request(CHUNKED, method=b"POST"), False, False),
    ("plain with keep-alive", request((b"Connection", b"keep-alive")), False, False),
    # A proxy in between may believe in a tunnel (websocket-smuggle; kemal 767).
    ("a refused offer", request(*H2C), True, False),
    ("an offer without the option", request((b"Upgrade", b"websocket")), True, False),
    ("an empty offer", request((b"Upgrade", b"")), True, False),
    ("a malformed offer", request((b"Upgrade", b"@")), True, False),
    ("a broken handshake", handshake(without=[b"Sec-WebSocket-Key"]), True, False),
    ("another version", handshake((b"Sec-WebSocket-Version", b"8")), True, False),
    ("an unknown expectation", handshake((b"Expect", b"x")), True, False),
    # RFC 9112 9.6.
    ("the client closes", request((b"Connection", b"close")), True, True),
    ("the client closes, in a list", request((b"Connection", b"te, CLOSE")), True, True),
    ("the client closes, on another line",
     request((b"Connection", b"te"), (b"Connection", b"close")), True, True),
    ("another option", request((b"Connection", b"closed, not-close")), False, False),
    # Anything might stand in it.
    ("a malformed Connection", request((b"Connection", b"@")), True, True),
    # RFC 9112 9.3: its default is to close; its keep-alive is not spoken.
    ("HTTP/1.0", request(http_version=b"1.0"), True, True),
    ("HTTP/1.0 with keep-alive",
     request((b"Connection", b"keep-alive"), http_version=b"1.0"), True, True),
    # RFC 9931 8: what follows may be meant for somebody else.
    ("CONNECT", request(method=b"CONNECT", target=b"a:443"), True, True),
    # RFC 9110 10.1.1: the body may or may not follow now.
    ("an expected 100, with a body", request(EXPECT, BODY, method=b"POST"), True, True),
    ("an expected 100, with a chunked body", request(EXPECT, CHUNKED, method=b"POST"), True, True),
    ("an expected 100, without a body", request(EXPECT), False, False),
    ("another expectation, with a body", request((b"Expect", b"x"), BODY), False, False),
    # RFC 9112 6.3: unclear where it ends.
    ("two lengths", request(BODY, BODY), True, True),
    ("length and chunked", request(BODY, CHUNKED), True, True),
    ("no Host", RequestHead(b"GET", b"/", []), True, True),
]  # fmt: skip
CASES = [pytest.param(*row[1:], id=row[0]) for row in CLOSING]


@pytest.mark.parametrize(("head", "auto", "never"), CASES)
def test_a_connection_is_kept_unless_it_must_or_should_close(
    head: RequestHead, auto: bool, never: bool
) -> None:
    """RFC 9931 5: a refused upgrade does not call for closing in general; the policy says."""
    closing: dict[Close, bool] = {"auto": auto, "never": never, "always": True}
    for close, closes in closing.items():
        decision = decide(head, requiring(close))
        assert isinstance(decision, Require426 | Reject)
        assert decision.close is closes
        (option,) = values(decision.headers, b"connection") or [b""]
        assert (b"close" in option) is closes
        assert (b"upgrade" in option) is (decision.status_code == 426)


@pytest.mark.parametrize(("head", "auto", "never"), CASES)
def test_a_refusal_of_the_callers_closes_where_ours_would(
    head: RequestHead, auto: bool, never: bool
) -> None:
    if head.has(b"host"):  # a missing one is no question of what follows the head
        assert closes_after_refusal(head, requiring("auto"), Limits()) is auto
        assert closes_after_refusal(head, requiring("never"), Limits()) is never
        assert closes_after_refusal(head, requiring("always"), Limits()) is True
        assert closes_after_refusal(head, None, Limits()) is auto


@pytest.mark.parametrize(("length", "closes"), [(0, False), (9, False), (10, False), (11, True)])
@pytest.mark.parametrize("close", ["auto", "never"])
def test_a_body_too_long_to_be_read_past_closes(length: int, closes: bool, close: Close) -> None:
    """At n and n + 1. RFC 9112 9.3: read it whole, or close."""
    head = request((b"Content-Length", b"%d" % length), method=b"POST")
    limits = Limits(max_drain=10)
    decision, *_ = decide_within(limits, head, requiring(close), secure=False)
    assert isinstance(decision, Require426)
    assert decision.close is closes
    assert closes_after_refusal(head, requiring(close), limits) is closes


def test_a_chunked_body_may_yet_be_short_enough() -> None:
    head = request(CHUNKED, method=b"POST")
    decision, *_ = decide_within(Limits(max_drain=0), head, requiring("auto"), secure=False)
    assert isinstance(decision, Require426)
    assert decision.close is False


REFUSED = [
    ("426", request(method=b"HEAD"), 426),
    ("405", handshake(method=b"HEAD"), 405),
    ("400", request((b"Host", b"a b"), method=b"HEAD"), 400),
    ("505", request(method=b"HEAD", http_version=b"2.0"), 505),
]


@pytest.mark.parametrize(
    ("head", "status_code"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED]
)
def test_head_gets_the_fields_without_the_content(head: RequestHead, status_code: int) -> None:
    """RFC 9110 9.3.2, 8.6: the length is that of the content a GET would get."""
    decision = decide(head, requiring("auto"))
    assert isinstance(decision, Require426 | Reject)
    assert decision.status_code == status_code
    assert decision.body == b""
    assert decision.to_bytes().endswith(b"\r\n\r\n")
    (length,) = values(decision.headers, b"content-length")
    assert int(length) > 100
    if status_code == 426:
        got = decide(RequestHead(b"GET", head.target, head.headers), requiring("auto"))
        assert isinstance(got, Require426)
        assert got.headers == decision.headers


def test_head_in_lower_case_is_another_method() -> None:
    """RFC 9112 3.1."""
    decision = decide(request(method=b"head"), requiring("auto"))
    assert isinstance(decision, Require426)
    assert decision.body


UPGRADING = Unreadable((make_finding(http1_codes.OBS_FOLD, value=b" x", offset=3),), 40, True)
OTHER = Unreadable((make_finding(http1_codes.BARE_LF, value=b"x", offset=3),), 40, False)
UNKNOWN = Unreadable((make_finding(http1_codes.TLS_CLIENT_HELLO, offset=0),), 0, False)
MODES: list[Mode] = ["optional", "advertise", "report", "required"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("unreadable", [UPGRADING, OTHER, UNKNOWN])
def test_octets_that_are_no_head_are_refused_if_they_seem_to_upgrade_or_must(
    unreadable: Unreadable, mode: Mode
) -> None:
    policy = Policy(WebSocket(), mode=mode)
    decision = decide_unreadable(unreadable, policy, policy.refusal, b"data", secure=False)
    assert decision.findings == unreadable.findings
    if unreadable.seems_to_upgrade or mode == "required":
        assert isinstance(decision, Reject)
        assert (decision.status_code, decision.close) == (400, True)
        assert b"400 Bad Request" in decision.body
    else:
        assert isinstance(decision, Passthrough)
        assert (decision.head, decision.data, decision.advertisement) == (None, b"data", ())
        assert decision.would_require is (mode == "report")


def test_without_a_policy_nothing_is_required() -> None:
    """A callable that chooses one needs a head."""
    passed = decide_unreadable(OTHER, None, Refusal(), b"data", secure=False)
    assert isinstance(passed, Passthrough)
    assert (passed.data, passed.would_require) == (b"data", False)
    assert isinstance(decide_unreadable(UPGRADING, None, Refusal(), b"data", secure=False), Reject)


def test_where_only_a_share_is_enforced_octets_that_are_no_head_pass_and_are_reported() -> None:
    policy = Policy(
        WebSocket(), mode="required", rollout=0.999, rollout_key=lambda info: info.head.target
    )
    decision = decide_unreadable(OTHER, policy, policy.refusal, b"data", secure=False)
    assert isinstance(decision, Passthrough)
    assert decision.would_require is True


def test_what_is_unreadable_is_refused_as_the_policy_has_it() -> None:
    refusal = Refusal([(b"X-Id", b"7")], body="empty")
    policy = Policy(WebSocket(), refusal=refusal)
    decision = decide_unreadable(UPGRADING, policy, policy.refusal, b"data", secure=False)
    assert isinstance(decision, Reject)
    assert values(decision.headers, b"x-id") == [b"7"]
    assert decision.body == b""


@pytest.mark.parametrize("secure", [False, True])
def test_a_renderer_is_told_what_is_offered_beside_octets_that_are_no_head(secure: bool) -> None:
    reports: list[RefusalReport] = []

    def render(report: RefusalReport) -> tuple[bytes, bytes]:
        reports.append(report)
        return b"text/plain", b""

    refusal = Refusal(body=render)
    policy = Policy(TLS("1.3"), WebSocket(), refusal=refusal)
    for chosen in (policy, None):
        decide_unreadable(UPGRADING, chosen, refusal, b"data", secure=secure)
    offered = policy.tokens(secure=secure)
    assert reports == [
        RefusalReport(400, tokens, UPGRADING.findings, None) for tokens in (offered, ())
    ]


@pytest.mark.parametrize(
    ("code", "status_code"),
    [
        (http1_codes.REQUEST_LINE_TOO_LONG, 414),
        (http1_codes.HEADER_LINE_TOO_LONG, 431),
        (http1_codes.METHOD_TOO_LONG, 501),
        (http1_codes.HTTP2_PREFACE, 505),
        (http1_codes.CHUNK_MALFORMED, 400),
        (rule_codes.BODY_TOO_LARGE, 413),
        # What cannot ask for an upgrade is not 426.
        (Code("own-code", 426, "", "a sentence"), 400),
    ],
)
def test_what_could_not_be_read_has_the_status_of_its_finding(code: Code, status_code: int) -> None:
    finding = make_finding(code)
    for head in (None, request(BODY, method=b"POST"), request(method=b"HEAD")):
        decision = reject(Refusal(), head, (finding,))
        assert (decision.status_code, decision.close) == (status_code, True)
        assert decision.findings == (finding,)
        assert bool(decision.body) is (head is None or head.method != b"HEAD")
        decision.to_bytes()


def test_an_accept_says_nothing_about_closing() -> None:
    fields: list[Field] = [(b"Connection", b"close, Upgrade")]
    decision = decide(handshake(*fields), requiring("always"))
    assert isinstance(decision, Accept101)
    assert values(decision.headers, b"connection") == [b"Upgrade"]
