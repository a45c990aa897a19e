"""Refusals whose bodies say who broke the request."""

import json
from typing import Any, Final

import pytest

from httpupgrade import (
    Policy,
    Refusal,
    Reject,
    RequestHead,
    Require426,
    ServerNegotiator,
    WebSocket,
    decide,
    diagnosis,
)
from httpupgrade.diagnosis import diagnose, to_json, to_text

PLAIN: Final = Policy(WebSocket(origins="same-host"), mode="required")
TELLING: Final = Policy(
    WebSocket(origins="same-host"), mode="required", refusal=Refusal(body=diagnosis.render)
)
# As nginx passes it on with proxy_pass alone.
LOST: Final = (
    (b"Host", b"127.0.0.1:8000"),
    (b"Connection", b"close"),
    (b"Cookie", b"session=s3cr3t"),
    (b"Sec-WebSocket-Version", b"13"),
    (b"Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ=="),
)
FOREIGN: Final = (
    (b"Host", b"a"),
    (b"Upgrade", b"websocket"),
    (b"Connection", b"Upgrade"),
    (b"Origin", b"https://elsewhere.example"),
    *LOST[3:],
)


def refused(head: RequestHead, policy: Policy) -> Require426 | Reject:
    decision = decide(head, policy)
    assert isinstance(decision, Require426 | Reject)
    return decision


@pytest.mark.parametrize(
    ("fields", "version", "status_code", "verdict"),
    [(LOST, b"1.0", 426, "broken"), (FOREIGN, b"1.1", 403, "refused")],
)
@pytest.mark.parametrize(
    "accept", [b"*/*", b"text/plain", b"application/json", b"application/problem+json"]
)
def test_the_diagnosis_follows_the_negotiated_body(
    fields: tuple[tuple[bytes, bytes], ...],
    version: bytes,
    status_code: int,
    verdict: str,
    accept: bytes,
) -> None:
    head = RequestHead(b"GET", b"/chat?token=s3cr3t", (*fields, (b"Accept", accept)), version)
    plain, telling = refused(head, PLAIN), refused(head, TELLING)
    expected = diagnose(head, plain)
    assert telling.status_code == status_code
    assert expected.verdict == verdict
    assert [each for each in telling.headers if each[0] != b"Content-Length"] == [
        each for each in plain.headers if each[0] != b"Content-Length"
    ]
    if b"json" in accept:
        content: dict[str, Any] = json.loads(telling.body)
        assert content.pop("diagnosis") == to_json(expected)
        assert content == json.loads(plain.body)
    else:
        assert telling.body.startswith(plain.body)
        assert telling.body.endswith(to_text(expected).encode())
    assert b"s3cr3t" not in telling.to_bytes()


def test_octets_that_are_no_request_are_diagnosed() -> None:
    negotiator = ServerNegotiator(TELLING)
    negotiator.receive_data(b"\x16\x03\x01\x00\xa5")
    decision = negotiator.next_event()
    assert isinstance(decision, Reject)
    assert b"More about this: httpupgrade explain tls-client-hello\n" in decision.body
    assert decision.body.isascii()


def test_an_answer_to_head_has_no_body() -> None:
    assert refused(RequestHead(b"HEAD", b"/chat", LOST), TELLING).body == b""
