"""Where Upgrade cannot be sent: each decision has one that takes its place."""

import json
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_decide import codes, good_handshakes, good_heads, handshake, policies, request

from httpupgrade import (
    TLS,
    Accept101,
    CustomProtocol,
    Finding,
    Passthrough,
    Policy,
    Refusal,
    RefusalReport,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
    UpgradeToken,
    WebSocket,
    decide,
)
from httpupgrade.offers import HandshakeFailed, Offer
from httpupgrade.testing.strategies import changed_handshakes

OPTIONAL: Final = Policy(WebSocket())
ADVERTISE: Final = Policy(WebSocket(), mode="advertise")
REPORT: Final = Policy(WebSocket(), mode="report")
REQUIRED: Final = Policy(WebSocket(), CustomProtocol("tcp"), mode="required")
NEVER: Final = Policy(WebSocket(), mode="required", close="never")
NOBODY: Final = Policy(WebSocket(), mode="required", rollout=0.0)

NOTE: Final = "upgrade-cannot-be-sent"
NO_SWITCH: Final = "switch-not-carried"
OLD: Final = handshake((b"Sec-WebSocket-Version", b"8"))
NO_KEY: Final = handshake(without=[b"Sec-WebSocket-Key"])


class Row(NamedTuple):
    name: str
    head: RequestHead
    policy: Policy
    status: int | None
    """None for a Passthrough."""
    close: bool | None
    codes: tuple[str, ...]


TABLE: Final = [
    Row("plain, optional", request(), OPTIONAL, None, None, ()),
    Row("plain, advertise", request(), ADVERTISE, None, None, ()),
    Row("plain, report", request(), REPORT, None, None, ()),
    Row("plain, required of nobody", request(), NOBODY, None, None, ()),
    Row("plain, required", request(), REQUIRED, 400, False, (NOTE, "upgrade-missing")),
    Row("HEAD", request(method=b"HEAD"), REQUIRED, 400, False, (NOTE, "upgrade-missing")),
    Row("version", OLD, OPTIONAL, 400, True, (NOTE, "websocket-version-unsupported")),
    Row("version, kept", OLD, NEVER, 400, False, (NOTE, "websocket-version-unsupported")),
    Row("broken", NO_KEY, OPTIONAL, 400, True, ("websocket-key-missing",)),
    Row("good, optional", handshake(), OPTIONAL, None, None, (NO_SWITCH,)),
    Row("good, advertise", handshake(), ADVERTISE, None, None, (NO_SWITCH,)),
    Row("good, report", handshake(), REPORT, None, None, (NO_SWITCH,)),
    Row("good, required of nobody", handshake(), NOBODY, None, None, (NO_SWITCH,)),
    Row("good, required", handshake(), REQUIRED, 501, True, (NO_SWITCH,)),
    Row("good, required, kept", handshake(), NEVER, 501, False, (NO_SWITCH,)),
]
ROWS: Final = [pytest.param(row, id=row.name) for row in TABLE]


@pytest.mark.parametrize("row", ROWS)
def test_what_takes_its_place(row: Row) -> None:
    decision = decide(row.head, row.policy, can_send_upgrade=False)
    assert codes(decision) == row.codes
    if row.status is None:
        assert isinstance(decision, Passthrough)
        assert decision.head is row.head
        assert decision.advertisement == ()
        return
    assert isinstance(decision, Reject)
    assert (decision.status_code, decision.close) == (row.status, row.close)
    assert not any(name.lower() == b"upgrade" for name, _ in decision.headers)
    decision.to_bytes()


@pytest.mark.parametrize("row", ROWS)
def test_what_sends_no_upgrade_stays_as_it_is(row: Row) -> None:
    usual = decide(row.head, row.policy)
    sends = isinstance(usual, Accept101 | Require426) or bool(
        isinstance(usual, Passthrough) and usual.advertisement
    )
    withheld = decide(row.head, row.policy, can_send_upgrade=False)
    assert (withheld == usual) is not sends
    assert decide(row.head, row.policy, can_send_upgrade=True) == usual


@pytest.mark.parametrize("policy", [OPTIONAL, REPORT, NOBODY])
def test_a_handshake_that_passes_is_told_of_as_any_other(policy: Policy) -> None:
    head = RequestHead.parse(handshake().to_bytes())
    passed = decide(head, policy, can_send_upgrade=False)
    assert isinstance(passed, Passthrough)
    assert passed.data == head.raw
    assert passed.would_require is (policy is not OPTIONAL)
    # As after any Passthrough, the offer can be taken away.
    assert b"WebSocket" not in passed.without_upgrade().data


def test_the_body_is_that_of_the_426() -> None:
    usual = decide(request(), REQUIRED)
    other = decide(request(), REQUIRED, can_send_upgrade=False)
    assert isinstance(usual, Require426)
    assert isinstance(other, Reject)
    text = other.body.decode()
    assert text.startswith("400 Bad Request\n\nThis resource is served over websocket or tcp only.")
    _, _, wanted = usual.body.decode().partition("* there is no Upgrade field")
    _, _, found = text.partition("* there is no Upgrade field")
    assert found == wanted.replace("Ask for it by GET", "Ask for it in HTTP/1.1 by GET")
    assert "Connection: Upgrade" in found
    assert "Ask over HTTP/1.1, with Connection: Upgrade and Upgrade: websocket, tcp." in text


@pytest.mark.parametrize("kind", [b"application/json", b"application/problem+json"])
def test_the_body_is_the_same_for_programs(kind: bytes) -> None:
    head = request((b"Accept", kind))
    bodies: list[dict[str, Any]] = []
    for can_send in (True, False):
        decision = decide(head, REQUIRED, can_send_upgrade=can_send)
        assert isinstance(decision, Require426 | Reject)
        bodies.append(json.loads(decision.body))
    usual, other = bodies
    assert (usual["status"], other["status"]) == (426, 400)
    assert other["required"] == usual["required"] == ["websocket", "tcp"]
    assert other["example"] == usual["example"]
    assert other["findings"][1:] == usual["findings"]


class Fussy(Offer):
    """An offer that puts fields into its refusals, one of them in the place of the refusal's."""

    headers_for_426 = ((b"Fussy", b"1"), (b"Cache-Control", b"private"))

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (UpgradeToken("fussy"),)

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> HandshakeFailed:
        return HandshakeFailed((Finding("fussy-mood", "not today", status_code=426),), 426, HINT)


HINT: Final = ((b"Fussy-Mood", b"bad"),)


@pytest.mark.parametrize("body", ["negotiated", "empty", lambda report: (b"text/x", b"no")])
@pytest.mark.parametrize("head", [request(), handshake((b"Upgrade", b"fussy"))])
def test_the_fields_are_those_of_the_426(body: Any, head: RequestHead) -> None:
    refusal = Refusal(headers=[(b"Retry-After", b"5"), (b"Fussy", b"2")], body=body)
    policy = Policy(Fussy(), mode="required", refusal=refusal, close="never")
    usual = decide(head, policy)
    other = decide(head, policy, can_send_upgrade=False)
    assert isinstance(usual, Require426)
    assert isinstance(other, Reject)
    changed = {b"Upgrade", b"Connection", b"Content-Length"}
    assert [field for field in other.headers if field[0] not in changed] == [
        field for field in usual.headers if field[0] not in changed
    ]


def test_a_renderer_is_told_of_the_status_that_is_sent() -> None:
    reports: list[RefusalReport] = []

    def body(report: RefusalReport) -> tuple[bytes, bytes]:
        reports.append(report)
        return b"text/plain", b"no"

    policy = Policy(WebSocket(), mode="required", refusal=Refusal(body=body))
    decide(request(), policy, can_send_upgrade=False)
    assert reports[-1].status_code == 400
    assert reports[-1].example is not None
    assert reports[-1].findings[0].code == NOTE


def test_tls_is_offered_by_name() -> None:
    """RFC 2817 4.2: the token with HTTP/1.1 after it."""
    refused = decide(request(), Policy(TLS("1.3"), mode="required"), can_send_upgrade=False)
    assert isinstance(refused, Reject)
    assert b"served over TLS/1.3 only" in refused.body
    assert b"Upgrade: TLS/1.3, HTTP/1.1." in refused.body


def test_a_share_is_asked_about_the_client_that_could_switch() -> None:
    asked: list[RequestInfo] = []

    def key(info: RequestInfo) -> bytes:
        asked.append(info)
        return b"out"

    policy = Policy(WebSocket(), mode="required", rollout=1e-9, rollout_key=key)
    head = handshake()
    passed = decide(head, policy, peer="peer", secure=True, can_send_upgrade=False)
    assert isinstance(passed, Passthrough)
    assert passed.would_require
    assert asked == [RequestInfo(head, "peer", True)]


@given(st.one_of(changed_handshakes(), good_heads(), good_handshakes()), policies, st.booleans())
def test_what_goes_out_has_no_upgrade_and_says_the_same(
    head: RequestHead, policy: Policy, secure: bool
) -> None:
    usual = decide(head, policy, secure=secure)
    other = decide(head, policy, secure=secure, can_send_upgrade=False)
    match usual, other:
        case (Require426(), Reject(status_code=400)):
            assert codes(other) == (NOTE, *codes(usual))
            assert other.close == usual.close
            assert bool(other.body) == bool(usual.body)
        case (Accept101(), Reject(status_code=501)):
            assert policy.enforces(RequestInfo(head, None, secure))
            assert codes(other) == (NO_SWITCH, *codes(usual))
        case (Accept101(), Passthrough()):
            assert not policy.enforces(RequestInfo(head, None, secure))
            assert codes(other) == (NO_SWITCH, *codes(usual))
        case (Passthrough(), Passthrough()):
            assert other == usual.replace(advertisement=())
        case _:
            assert other == usual
            assert isinstance(other, Reject)
    sent = other.advertisement if isinstance(other, Passthrough) else other.headers
    assert not any(name.lower() == b"upgrade" for name, _ in sent)
    if isinstance(other, Reject):
        other.to_bytes()


@pytest.mark.parametrize("wrong", [None, 0, 1, "no", lambda info: False])
@pytest.mark.parametrize("head", [request(), handshake()])
def test_whether_it_can_be_sent_is_a_bool(wrong: Any, head: RequestHead) -> None:
    with pytest.raises(TypeError, match=r"^can_send_upgrade is True or False, not "):
        decide(head, OPTIONAL, can_send_upgrade=wrong)


def test_a_handshake_that_cannot_be_answered_is_refused_in_the_form_that_it_accepts() -> None:
    policy = Policy(WebSocket(), mode="required")
    head = handshake((b"Accept", b"application/json"))
    decision = decide(head, policy, can_send_upgrade=False)
    assert isinstance(decision, Reject)
    assert json.loads(decision.body)["status"] == decision.status_code == 501
