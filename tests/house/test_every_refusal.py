"""A user's ``Refusal`` holds for every refusal, wherever it comes from.

One table over every place of the core that can refuse. The adapters' stands with their tests.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

import pytest
from feeding import feed
from refusing import (
    KINDS,
    Answer,
    Row,
    each_kind,
    require_as_said,
    require_body,
    require_fields,
    require_no_content,
)
from wire import Response, asks_for, handshake, plain, request

from httpupgrade import (
    ConnectTCP,
    ConnectUDP,
    CustomProtocol,
    Finding,
    Limits,
    Policy,
    Refusal,
    Reject,
    RequestInfo,
    Require426,
    ServerNegotiator,
    WebSocket,
    decide_extended_connect,
)

LIMITS: Final = Limits(max_early_data=8, max_request_body=8)
LATE: Final = Finding("late", "this took too long")


class TroubleError(Exception):
    """What a policy of the caller's may raise."""


def policy_with(refusal: Refusal) -> Policy:
    offers = (
        WebSocket(origins=["https://a"], hosts=["a"]),
        CustomProtocol("tcp", body="buffer"),
        ConnectUDP(),
    )
    return Policy(*offers, mode="required", close="never", refusal=refusal)


def by(octets: Callable[[bytes], bytes], *more: bytes) -> Answer:
    """What the machine says of these octets, and of more that follow."""

    def answer(refusal: Refusal, method: bytes) -> bytes:
        machine = ServerNegotiator(policy_with(refusal), limits=LIMITS)
        event = feed(machine, octets(method))
        for data in more:
            event = feed(machine, data)
        assert isinstance(event, Require426 | Reject), event
        return machine.send(event)

    return answer


def when_asked(status_code: int, octets: Callable[[bytes], bytes], passes: bool = False) -> Answer:
    """What ``refuse()`` makes after these octets."""

    def answer(refusal: Refusal, method: bytes) -> bytes:
        policy = Policy(WebSocket(), refusal=refusal) if passes else policy_with(refusal)
        machine = ServerNegotiator(policy, limits=LIMITS)
        if octets(method):
            feed(machine, octets(method))
        return machine.send(machine.refuse(status_code, LATE))

    return answer


def chosen(info: RequestInfo) -> Policy | None:
    if info.head.target == b"/trouble":
        raise TroubleError
    return None


def without_policy(octets: Callable[[bytes], bytes]) -> Answer:
    """What is said where a callable has chosen no policy."""

    def answer(refusal: Refusal, method: bytes) -> bytes:
        machine = ServerNegotiator(chosen, refusal=refusal)
        with suppress(TroubleError):
            event = feed(machine, octets(method))
            if isinstance(event, Reject):
                return machine.send(event)
        return machine.send(machine.refuse(500, LATE))

    return answer


def line(method: bytes) -> bytes:
    return method + b" /chat HTTP/1.1"


def good(method: bytes, *lines: bytes) -> bytes:
    origin = () if any(each.startswith(b"Origin") for each in lines) else (b"Origin: https://a",)
    return handshake(b"Host: a", *origin, *lines, line=line(method))


def tcp(method: bytes, *lines: bytes) -> bytes:
    return asks_for(b"tcp", *lines, line=line(method))


def udp(method: bytes) -> bytes:
    # It takes GET alone (RFC 9298 3.2), so there is no HEAD to refuse.
    lines = (b"Connection: Upgrade", b"Upgrade: connect-udp", b"Capsule-Protocol: ?1")
    return plain(*lines, line=b"GET /.well-known/masque/udp/a/1/ HTTP/1.1")


ROWS: Final[Mapping[str, Row]] = {
    # The rules.
    "an upgrade is required": Row(426, by(lambda m: plain(line=line(m))), closes=False),
    "the same, with a body": Row(
        426, by(lambda m: plain(b"Content-Length: 1", line=line(m))), closes=False
    ),
    "malformed Host": Row(400, by(lambda m: request(b"Host: a b", line=line(m)))),
    "two lengths": Row(
        400, by(lambda m: plain(b"Content-Length: 1", b"Content-Length: 2", line=line(m)))
    ),
    "another HTTP version": Row(505, by(lambda m: plain(line=m + b" / HTTP/2.0"))),
    "no key": Row(
        400, by(lambda m: good(m).replace(b"Sec-WebSocket-Key", b"X")), closes=False
    ),
    "another version of WebSocket": Row(
        426, by(lambda m: good(m, b"Sec-WebSocket-Version: 8")), closes=False
    ),
    "an Origin that is not allowed": Row(
        403, by(lambda m: good(m, b"Origin: https://b")), closes=False
    ),
    "an unknown expectation": Row(417, by(lambda m: good(m, b"Expect: x")), closes=False),
    "too long a body": Row(413, by(lambda m: tcp(m, b"Content-Length: 9")), closes=False),
    # What cannot be read.
    "obs-fold": Row(
        400, by(lambda m: plain(b"Upgrade: a", b" b", line=line(m))), heeds_method=False
    ),
    "too long a target": Row(414, by(lambda m: m + b" /" + b"a" * 9000), heeds_method=False),
    "too long a head": Row(
        431, by(lambda m: plain(b"A: " + b"a" * 70000, line=line(m))), heeds_method=False
    ),
    "TLS": Row(400, by(lambda m: b"\x16\x03\x01"), heeds_method=False),
    # What follows a head.
    "a body that grows too long": Row(
        413,
        by(lambda m: tcp(m, b"Transfer-Encoding: chunked"), b"9\r\n123456789\r\n"),
    ),
    "a broken chunk": Row(400, by(lambda m: tcp(m, b"Transfer-Encoding: chunked"), b"x\r\n")),
    "early data that is not taken": Row(400, by(udp, b"early"), heeds_method=False),
    "too much early data": Row(400, by(tcp, b"123456789")),
    # Deadlines and failures.
    "408 before a request": Row(408, when_asked(408, lambda m: b""), heeds_method=False),
    "408 after half a head": Row(408, when_asked(408, lambda m: m + b" /"), heeds_method=False),
    "408 after half a body": Row(
        408, when_asked(408, lambda m: tcp(m, b"Content-Length: 2") + b"a")
    ),
    "503 in place of an acceptance": Row(503, when_asked(503, tcp), closes=False),
    "500 in place of a refusal": Row(
        500, when_asked(500, lambda m: plain(line=line(m))), closes=False
    ),
    "502 for what passed": Row(
        502, when_asked(502, lambda m: plain(line=line(m)), passes=True), closes=False
    ),
    "500 for octets that passed": Row(
        500, when_asked(500, lambda m: b"\x16\x03\x01", passes=True), heeds_method=False
    ),
    # Without a policy.
    "a callable chose none": Row(
        500, without_policy(lambda m: plain(line=line(m))), closes=False
    ),
    "a callable raised": Row(500, without_policy(lambda m: plain(line=m + b" /trouble HTTP/1.1"))),
    "a callable was not asked": Row(
        400, without_policy(lambda m: plain(b"Upgrade : a", line=line(m))), heeds_method=False
    ),
}  # fmt: skip
rows = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)


@each_kind
@rows
def test_a_refusal_is_as_the_user_said(row: Row, kind: str) -> None:
    require_as_said(row, kind)


@each_kind
@rows
def test_an_answer_to_head_has_the_fields_and_no_content(row: Row, kind: str) -> None:
    require_no_content(row, kind)


# HTTP/2 and HTTP/3.

CONNECT: Final = (
    (b":method", b"CONNECT"),
    (b":scheme", b"https"),
    (b":authority", b"a"),
    (b":path", b"/"),
    (b":protocol", b"websocket"),
    (b"sec-websocket-version", b"13"),
    (b"origin", b"https://a"),
)
CONNECTS: Final[Mapping[str, tuple[int, tuple[tuple[bytes, bytes], ...]]]] = {
    "malformed": (400, CONNECT[1:]),
    "malformed authority": (400, (*CONNECT[:2], (b":authority", b"a:b"), *CONNECT[3:])),
    "an Origin that is not allowed": (403, (*CONNECT[:6], (b"origin", b"https://b"))),
    "another version of WebSocket": (
        400, (*CONNECT[:5], (b"sec-websocket-version", b"8"), CONNECT[6])
    ),
    "an unknown protocol": (501, (*CONNECT[:4], (b":protocol", b"x"))),
}  # fmt: skip


@each_kind
@pytest.mark.parametrize(("status_code", "fields"), CONNECTS.values(), ids=CONNECTS)
def test_a_refusal_of_extended_connect_is_as_the_user_said(
    status_code: int, fields: tuple[tuple[bytes, bytes], ...], kind: str
) -> None:
    policy = Policy(WebSocket(origins=["https://a"]), ConnectTCP(), refusal=KINDS[kind])
    decision = decide_extended_connect(fields, policy)
    assert isinstance(decision, Reject)
    response = Response(decision.status_code, decision.headers, decision.body)
    assert response.status == status_code
    require_fields(response)
    require_body(kind, status_code, response)
    assert not response.fields(b"connection")
