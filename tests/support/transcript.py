"""Dialogues with a ServerNegotiator, written down as they are held.

The law of this file: every line of a dialogue checks what kind of event it draws, so that a test
reads from top to bottom as the connection went.
"""

from collections.abc import Callable
from typing import TypeVar

import h11
import pytest
from feeding import feed

from httpupgrade import (
    NEED_DATA,
    PAUSED,
    Accept101,
    ConnectionClosed,
    Continue100,
    CustomProtocol,
    Decision,
    Event,
    Finding,
    Limits,
    LocalProtocolError,
    Policy,
    Reject,
    RequestInfo,
    Require426,
    ServerNegotiator,
    ServerState,
    WebSocket,
)

PolicySource = Policy | Callable[[RequestInfo], Policy | None]
Kind = TypeVar("Kind", bound=Event)

WEBSOCKET_REQUIRED = Policy(WebSocket(), mode="required")
WEBSOCKET_OPTIONAL = Policy(WebSocket())
TCP_BUFFERED = Policy(CustomProtocol("tcp", body="buffer"), mode="required")

TCP_POST = (b"Host: a", b"Upgrade: tcp", b"Connection: Upgrade")
"""Field lines of a request that switches to ``tcp``."""


class Transcript:
    """One connection to one machine."""

    def __init__(
        self,
        policy: PolicySource = WEBSOCKET_REQUIRED,
        *,
        limits: Limits | None = None,
        secure: bool = False,
    ) -> None:
        self.machine = ServerNegotiator(policy, limits=limits or Limits(), secure=secure)
        self._last: Event = NEED_DATA

    @property
    def state(self) -> ServerState:
        return self.machine.state

    @property
    def trailing(self) -> bytes:
        return self.machine.trailing_data

    def hears(self, octets: bytes, kind: type[Kind]) -> Kind:
        """Octets arrive at once; the next event is of this kind."""
        return self._of_kind(feed(self.machine, octets), kind)

    def hears_slowly(self, octets: bytes, kind: type[Kind]) -> Kind:
        """Octets arrive one at a time; only the last of them draws an event, of this kind."""
        for place in range(len(octets) - 1):
            event = feed(self.machine, octets[place : place + 1])
            assert event is NEED_DATA, f"{event} after {octets[: place + 1]!r}"
        return self.hears(octets[-1:], kind)

    def hears_and_waits(self, octets: bytes) -> None:
        """Octets arrive, and more are needed."""
        event = feed(self.machine, octets)
        assert event is NEED_DATA, event

    def goes_on(self, kind: type[Kind]) -> Kind:
        """Without more octets, the next event is of this kind."""
        return self._of_kind(self.machine.next_event(), kind)

    def waits(self) -> None:
        """Nothing happens before more octets arrive."""
        event = self.machine.next_event()
        assert event is NEED_DATA, event

    def pauses(self) -> None:
        """Nothing happens before something is sent."""
        event = self.machine.next_event()
        assert event is PAUSED, event

    def answers(self, decision: Decision | Continue100 | None = None) -> bytes:
        """What is written for this decision, or for the last one that was drawn."""
        if decision is None:
            assert isinstance(self._last, Accept101 | Continue100 | Require426 | Reject)
            decision = self._last
        return self.machine.send(decision)

    def refuses(self, decision: Decision | Continue100) -> None:
        """This must not go out; nothing does, and the machine is where it was."""
        before = self.state, self.trailing
        with pytest.raises(LocalProtocolError):
            self.machine.send(decision)
        assert (self.state, self.trailing) == before

    def ends(self) -> ConnectionClosed:
        """The peer has sent all it will."""
        return self.hears(b"", ConnectionClosed)

    def _of_kind(self, event: Event, kind: type[Kind]) -> Kind:
        assert isinstance(event, kind), f"{event}, not {kind.__name__}"
        self._last = event
        return event


def codes(findings: tuple[Finding, ...]) -> list[str]:
    """The codes of findings, in order."""
    return [finding.code for finding in findings]


def chunked(*chunks: bytes, trailers: bytes = b"") -> bytes:
    """A body in the chunked coding (RFC 9112 7.1)."""
    pieces = [b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks]
    return b"".join((*pieces, b"0\r\n", trailers, b"\r\n"))


BODIES = {
    "content-length": (b"Content-Length: 5", b"hello"),
    "chunked": (b"Transfer-Encoding: chunked", chunked(b"he", b"llo", trailers=b"X: y\r\n")),
}
"""One content in both framings: the field line, and the octets of the body."""


def statuses(written: bytes, method: bytes = b"GET") -> list[int]:
    """The status codes of these responses to one request, as h11's client reads them to the end."""
    client = h11.Connection(h11.CLIENT)
    switching = [("Host", "a"), ("Upgrade", "any"), ("Connection", "upgrade")]
    client.send(h11.Request(method=method, target="/", headers=switching))
    client.send(h11.EndOfMessage())
    client.receive_data(written)
    found: list[int] = []
    while isinstance(
        event := client.next_event(), h11.InformationalResponse | h11.Response | h11.Data
    ):
        if not isinstance(event, h11.Data):
            found.append(event.status_code)
    assert isinstance(event, h11.EndOfMessage) == (found[-1] >= 200)
    assert client.trailing_data[0] == b""
    return found
