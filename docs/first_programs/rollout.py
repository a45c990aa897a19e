"""Require a WebSocket of a tenth of the clients, and print what others would be refused.

Reads request heads as they were captured, each with its empty line, from standard input.
"""

import sys
from collections import Counter

from httpupgrade import (
    Accept101,
    Passthrough,
    Policy,
    RemoteProtocolError,
    RequestHead,
    RequestInfo,
    WebSocket,
    decide,
    describe,
    rollout_by,
)
from httpupgrade.fields import escape_octets

# What stays the same for one client, so that it is always in or always out.
CLIENT = rollout_by(field=b"X-Client")
POLICY = Policy(WebSocket(), mode="required", rollout=0.1, rollout_key=CLIENT)


def judge(octets: bytes) -> str:
    try:
        head = RequestHead.parse(octets)
    except RemoteProtocolError as error:
        return f"unreadable: {error.finding.code}"
    match decision := decide(head, POLICY):
        case Accept101():
            return "switched"
        case Passthrough(would_require=True):
            client = CLIENT(RequestInfo(head))
            name = "without a name" if client is None else escape_octets(client)
            print(f"client {name}: {describe(decision, head)}")
            return "would be refused"
        case Passthrough():
            return "passed"
        case _:
            return f"refused with {decision.status_code}"


def main() -> None:
    heads = sys.stdin.buffer.read().split(b"\r\n\r\n")[:-1]
    counts = Counter(judge(head + b"\r\n\r\n") for head in heads)
    for outcome, count in sorted(counts.items()):
        print(count, outcome)


if __name__ == "__main__":
    main()
