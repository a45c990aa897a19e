"""The line that a log has for a decision."""

import pytest
from wire import handshake, plain

from httpupgrade import (
    Accept101,
    AcceptConnect,
    Continue100,
    Decision,
    Finding,
    Passthrough,
    Policy,
    Reject,
    RequestHead,
    Require426,
    UpgradeToken,
    WebSocket,
    decide,
    describe,
)

WEBSOCKET = UpgradeToken("websocket")
REQUIRED = Policy(WebSocket(), mode="required")
HEAD = RequestHead.parse(plain(line=b"GET /chat?token=secret HTTP/1.1"))
FAULT = Finding("a-fault", "a sentence", field="Host", value=b"a\r\nb")


@pytest.mark.parametrize(
    ("decision", "line"),
    [
        (Accept101(WEBSOCKET), "101 websocket"),
        (AcceptConnect(WEBSOCKET, (), None, HEAD, ()), "200 websocket"),
        (Continue100(), "100"),
        (Require426([WEBSOCKET]), "426"),
        (Reject(400, close=True), "400, closing"),
        (Passthrough(HEAD), "passed"),
        (Passthrough(HEAD, would_require=True), "passed, where required would be 426"),
        (Reject(400, findings=[FAULT]), '400 (a-fault; received "a\\x0d\\x0ab")'),
        (
            Reject(400, findings=[FAULT.replace(times=3, value=None), FAULT.replace(value=None)]),
            "400 (a-fault 3 times, a-fault)",
        ),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_line_says_what_was_decided_and_why(
    decision: Decision | Continue100 | AcceptConnect, line: str
) -> None:
    said = describe(decision, HEAD)
    assert said == f"GET /chat?...: {line}"
    assert describe(decision, None) == f"no request: {line}"


def test_the_line_of_a_decision_shows_the_line_at_fault() -> None:
    head = RequestHead.parse(handshake(b"Connection: a b", without=b"Connection"))
    said = describe(decide(head, REQUIRED), head)
    assert 'received "Connection: a b", wrong at "b"' in said
    assert said.isprintable()
    assert said.isascii()
