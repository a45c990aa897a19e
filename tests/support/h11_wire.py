"""The same octets through both ways of reading a connection, and what there was to see of each.

The law of this file: a passing request is answered 404, at its end; what is seen of it is what h11
reads, whichever way it came.
"""

from collections.abc import Iterable

import h11
from feeding import feed
from wire import PolicySource

from httpupgrade import (
    Accept101,
    ConnectionClosed,
    Continue100,
    Forward,
    Limits,
    Passthrough,
    Reject,
    Require426,
    ServerNegotiator,
    ServerState,
    Signal,
)
from httpupgrade.adapters.h11 import Event, H11Negotiator

Step = tuple[object, ...]
Seen = list[Step]


class Passed:
    """What h11 reads of messages that were passed through as octets."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen
        self.connection = h11.Connection(h11.SERVER, 1 << 20)

    def take(self, octets: bytes) -> None:
        if octets:
            self.connection.receive_data(octets)
        while self.connection.their_state is not h11.ERROR:
            try:
                event = self.connection.next_event()
            except h11.RemoteProtocolError as error:
                self.seen.append(("refused by h11", error.error_status_hint))
                return
            if event in (h11.NEED_DATA, h11.PAUSED):
                return
            see(self.seen, event)
            if isinstance(event, h11.EndOfMessage):
                self.seen.append(("answered",))
                answer(self.connection)


def see(seen: Seen, event: object) -> None:
    """Note an event of h11's, contents joined."""
    match event:
        case h11.Request():
            head = event.method, event.target, event.http_version, event.headers.raw_items()
            seen.append(("request", *head))
        case h11.Data():
            if seen[-1][0] == "content":
                seen[-1] = ("content", bytes(seen[-1][1]) + bytes(event.data))  # type: ignore[call-overload]
            else:
                seen.append(("content", bytes(event.data)))
        case _:
            seen.append((type(event).__name__,))


def answer(connection: h11.Connection) -> None:
    """404, and on to the next request if there may be one."""
    connection.send(h11.Response(status_code=404, headers=[("Content-Length", "0")]))
    connection.send(h11.EndOfMessage())
    if connection.our_state is h11.DONE and connection.their_state is h11.DONE:
        connection.start_next_cycle()


def by_octets(
    pieces: Iterable[bytes],
    policy: PolicySource,
    *,
    limits: Limits | None = None,
    secure: bool = False,
) -> tuple[Seen, bytes]:
    """What is seen where ``ServerNegotiator`` reads, and what trails a switch."""
    seen: Seen = []
    machine = ServerNegotiator(policy, limits=limits or Limits(), secure=secure)
    passed = Passed(seen)
    unfed = list(pieces)
    while unfed and machine.state not in (ServerState.SWITCHED, ServerState.CLOSED):
        event = feed(machine, unfed.pop(0))
        while not isinstance(event, Signal | ConnectionClosed):
            match event:
                case Accept101() | Continue100() | Require426() | Reject():
                    seen.append(("sent", machine.send(event)))
                case Passthrough() | Forward():
                    passed.take(event.data)
            event = machine.next_event()
    if machine.state is ServerState.SWITCHED:
        return [*seen, ("switched",)], machine.trailing_data + b"".join(unfed)
    return [*seen, ("closed",)] if machine.state is ServerState.CLOSED else seen, b""


def by_h11(
    pieces: Iterable[bytes],
    policy: PolicySource,
    *,
    limits: Limits | None = None,
    secure: bool = False,
) -> tuple[Seen, bytes]:
    """The same where h11 reads."""
    seen: Seen = []
    driver = H11Negotiator(policy, limits=limits or Limits(), secure=secure)
    connection = driver.connection
    unfed = list(pieces)
    event: Event = h11.NEED_DATA
    while unfed and connection.our_state not in (h11.SWITCHED_PROTOCOL, h11.MUST_CLOSE):
        driver.receive_data(unfed.pop(0))
        while (event := driver.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            match event:
                case Reject() if event.findings[0].code == "h11-cannot-read":
                    seen.append(("refused by h11", event.status_code))
                    assert driver.send(event) == event.to_bytes()
                case Accept101() | Continue100() | Require426() | Reject():
                    seen.append(("sent", driver.send(event)))
                case h11.EndOfMessage():
                    see(seen, event)
                    seen.append(("answered",))
                    answer(connection)
                case h11.ConnectionClosed():
                    return [*seen, ("closed",)], b""
                case _:
                    see(seen, event)
    if connection.our_state is h11.SWITCHED_PROTOCOL:
        return [*seen, ("switched",)], driver.trailing_data + b"".join(unfed)
    return [*seen, ("closed",)] if connection.our_state is h11.MUST_CLOSE else seen, b""


def in_brief(seen: Seen) -> list[object]:
    """What is the same whoever refuses: statuses, and what h11 saw of what passed."""
    brief: list[object] = []
    for step in seen:
        match step:
            case ("sent", bytes() as octets):
                heads = [each for each in octets.split(b"\r\n") if each.startswith(b"HTTP/1.1 ")]
                brief += [int(each[9:12]) for each in heads]
            case ("refused by h11", status):
                brief.append(status)
            case ("closed",):
                pass
            case _:
                brief.append(step)
    return brief
