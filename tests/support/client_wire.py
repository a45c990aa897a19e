"""Octets of responses, and a client's machine driven over them.

The law of this file: a response is built line by line, so that a table shows what is odd about it,
and whatever the machine says is kept in order.
"""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple, assert_never

import pytest
from feeding import feed
from wire import cut

from httpupgrade import (
    NEED_DATA,
    PAUSED,
    ClientEvent,
    ClientNegotiator,
    ConnectionClosed,
    Content,
    Finding,
    Interim,
    Limits,
    OrdinaryResponse,
    RemoteProtocolError,
    Signal,
    Switched,
    UpgradeRequired,
    WebSocket,
)
from httpupgrade.offers import ClientOffer

# RFC 6455 1.3: the example's key, and the Sec-WebSocket-Accept that answers it.
KEY: Final = b"dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT: Final = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
# RFC 6455 5.7: an unmasked text frame that holds "Hello".
FRAME: Final = b"\x81\x05Hello"
SETTINGS: Final = b"AAMAAABkAAQAoAAAAAIAAAAA"

CHAT: Final = WebSocket(["chat", "superchat"])

_SWITCH: Final = (
    b"Upgrade: websocket",
    b"Connection: Upgrade",
    b"Sec-WebSocket-Accept: " + ACCEPT,
)


def response(
    *lines: bytes, status: bytes = b"200 OK", version: bytes = b"HTTP/1.1", body: bytes = b""
) -> bytes:
    """A response with these field lines, and the octets that follow its head."""
    return b"\r\n".join((version + b" " + status, *lines, b"", b"")) + body


def sized(*lines: bytes, status: bytes = b"200 OK", body: bytes = b"hello") -> bytes:
    """A response whose Content-Length is right."""
    return response(*lines, b"Content-Length: %d" % len(body), status=status, body=body)


def switch(
    *lines: bytes,
    status: bytes = b"101 Switching Protocols",
    version: bytes = b"HTTP/1.1",
    without: bytes = b"",
    body: bytes = b"",
) -> bytes:
    """A good 101 to :func:`asking`, but for ``lines``.

    They take the place of the fields of their names; the fields named in ``without`` are left out.
    """
    given = {_name_of(each) for each in lines} | {name.lower() for name in without.split()}
    kept = (each for each in _SWITCH if _name_of(each) not in given)
    return response(*kept, *lines, status=status, version=version, body=body)


def _name_of(line: bytes) -> bytes:
    return line.partition(b":")[0].strip().lower()


def asking(
    *offers: ClientOffer,
    method: bytes = b"GET",
    target: bytes = b"/chat",
    body: bytes = b"",
    secure: bool = False,
    limits: Limits | None = None,
) -> ClientNegotiator:
    """A client that has sent its request; for a WebSocket unless it says otherwise."""
    negotiator = ClientNegotiator(
        *(offers or (CHAT,)),
        method=method,
        target=target,
        host=b"server.example.com",
        body=body,
        key=KEY,
        secure=secure,
        limits=limits or Limits(),
    )
    negotiator.send_request()
    return negotiator


def asking_nothing(method: bytes = b"GET", limits: Limits | None = None) -> ClientNegotiator:
    """A client that has sent an ordinary request."""
    host = b"server.example.com"
    negotiator = ClientNegotiator(method=method, host=host, limits=limits or Limits())
    negotiator.send_request()
    return negotiator


class Outcome(NamedTuple):
    """What a client's machine made of a connection."""

    events: tuple[ClientEvent, ...]
    """Contents joined; without ``NEED_DATA`` and ``PAUSED``."""
    codes: tuple[str, ...]
    """Of the error that ended it; empty without one."""
    trailing_data: bytes
    findings: tuple[Finding, ...] = ()
    """Of the error that ended it."""

    @property
    def said(self) -> str:
        """Statuses, "refused" and "left" in one line: ``"103, 101"``, ``"426"``, ``"refused"``."""
        said = [*filter(None, map(_said, self.events)), *(["refused"] if self.codes else [])]
        return ", ".join(said)

    @property
    def noted(self) -> tuple[str, ...]:
        """The codes of all findings: those of the events, and then of the error."""
        noted: list[str] = []
        for event in self.events:
            if not isinstance(event, Content | Signal):
                noted += (finding.code for finding in event.findings)
        return (*noted, *self.codes)


def _said(event: ClientEvent) -> str:
    match event:
        case Switched() | UpgradeRequired() | OrdinaryResponse() | Interim():
            return str(event.head.status_code)
        case ConnectionClosed():
            return "left" if event.findings else ""
        case Content() | Signal():
            return ""
        case unreachable:
            assert_never(unreachable)


def run(negotiator: ClientNegotiator, pieces: Iterable[bytes], *, ends: bool = False) -> Outcome:
    """Feed the pieces, and the end of file if it ``ends``."""
    events: list[ClientEvent] = []
    findings: tuple[Finding, ...] = ()
    left: list[bytes] = []
    try:
        for piece in [*pieces, b""] if ends else pieces:
            if not piece and not (ends and negotiator.state.name != "SWITCHED"):
                continue
            if left or negotiator.state.name == "SWITCHED":
                left.append(piece)  # it is the new protocol's
                continue
            _note(events, feed(negotiator, piece))
            while events and _goes_on(events[-1]) and _note(events, negotiator.next_event()):
                pass
    except RemoteProtocolError as error:
        findings = error.findings
    kept = tuple(each for each in events if each not in (NEED_DATA, PAUSED))
    codes = tuple(finding.code for finding in findings)
    return Outcome(_joined(kept), codes, negotiator.trailing_data + b"".join(left), findings)


def _note(events: list[ClientEvent], event: ClientEvent) -> bool:
    events.append(event)
    return True


def _goes_on(event: ClientEvent) -> bool:
    return event not in (NEED_DATA, PAUSED) and not isinstance(event, ConnectionClosed | Switched)


def _joined(events: tuple[ClientEvent, ...]) -> tuple[ClientEvent, ...]:
    joined: list[ClientEvent] = []
    for event in events:
        last = joined[-1] if joined else None
        if isinstance(event, Content) and isinstance(last, Content):
            joined[-1] = Content(last.data + event.data, event.end)
        elif not (isinstance(event, ConnectionClosed) and isinstance(last, ConnectionClosed)):
            joined.append(event)
    return tuple(joined)


def switched(octets: bytes, negotiator: ClientNegotiator | None = None) -> Switched:
    """The switch that these octets must make."""
    event = feed((negotiator or asking()), octets)
    assert isinstance(event, Switched), event
    return event


def required(octets: bytes, negotiator: ClientNegotiator | None = None) -> UpgradeRequired:
    """The 426 that these octets must be."""
    event = feed((negotiator or asking_nothing()), octets)
    assert isinstance(event, UpgradeRequired), event
    return event


def refused(octets: bytes, negotiator: ClientNegotiator | None = None) -> tuple[str, ...]:
    """The codes of the error that these octets must draw."""
    with pytest.raises(RemoteProtocolError) as raised:
        feed((negotiator or asking()), octets)
    assert str(raised.value)
    return tuple(finding.code for finding in raised.value.findings)


class ClientCase(NamedTuple):
    """Octets of a server, and what a client has to make of them."""

    row: str
    rule: str
    octets: bytes
    said: str
    """``Outcome.said``."""
    code: str = ""
    """Of a finding that has to be there: the refusal is for the right reason."""
    client: Callable[[], ClientNegotiator] = asking
    trailing: bytes | None = None

    def check(self) -> None:
        """Run it in one piece, and octet by octet: the same has to come of both."""
        outcome = run(self.client(), [self.octets])
        assert outcome.said == self.said, f"{outcome.said!r}, not {self.said!r}: {outcome.noted}"
        if self.code:
            assert self.code in outcome.noted, outcome.noted
        if self.trailing is not None:
            assert outcome.trailing_data == self.trailing
        if len(self.octets) < 4096:
            assert run(self.client(), cut(self.octets, 1)) == outcome


def field_lines(negotiator: ClientNegotiator, name: bytes) -> tuple[bytes, ...]:
    """The values of all lines of a field, as they go out."""
    lines = negotiator.head.to_bytes().split(b"\r\n")
    prefix = name.lower() + b": "
    return tuple(each[len(prefix) :] for each in lines if each.lower().startswith(prefix))
