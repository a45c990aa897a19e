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
)
from httpupgrade.fields import escape_octets


def client_of(info: RequestInfo) -> bytes:
    """What stays the same for one client, so that it is always in or always out."""
    return info.head.get(b"x-client") or b""


POLICY = Policy(WebSocket(), mode="required", rollout=0.1, rollout_key=client_of)


def judge(octets: bytes) -> str:
    try:
        head = RequestHead.parse(octets)
    except RemoteProtocolError as error:
        return f"unreadable: {error.finding.code}"
    match decision := decide(head, POLICY):
        case Accept101():
            return "switched"
        case Passthrough(would_require=True):
            client = escape_octets(client_of(RequestInfo(head)))
            print(f"client {client}: {describe(decision, head)}")
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
