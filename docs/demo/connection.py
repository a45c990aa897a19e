"""A connection of the server, without I/O: HTTP/1.1, and whatever it switches to.

The law of this file: what to answer was decided by the library, from what the site wants; this
hands each decision's octets to whom they belong. What comes after a decision is in other files.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, final

from httpupgrade import (
    Accept101,
    ConnectionClosed,
    Continue100,
    Decision,
    Event,
    Forward,
    H2CAgreement,
    Passthrough,
    Policy,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
    ServerNegotiator,
    Signal,
    TLSAgreement,
    UpgradeToken,
    WebSocketAgreement,
)
from httpupgrade.cli.serve.http2 import Http2Server
from httpupgrade.cli.serve.roles import Application, Connection

from .http1 import OrdinaryServer
from .roles import Recorder
from .websocket import EchoSocket

Follow = Callable[[Accept101, bytes], Connection]
"""Makes what follows an acceptance, from that and what trailed the request."""

_NOTHING: Final[Mapping[UpgradeToken, Follow]] = MappingProxyType({})


@final
class Site(NamedTuple):
    """What a server wants, and what it is made of."""

    policy_for: Callable[[RequestInfo], Policy | None]
    application: Application
    """Answers what passes, and what is asked over HTTP/2."""
    secure: Callable[[Connection], Connection] | None = None
    """Has TLS carry a connection; None where none is offered."""
    by_token: Mapping[UpgradeToken, Follow] = _NOTHING
    """What follows protocols that agree on nothing but their name."""


@final
class HttpConnection:
    """One connection of a server that begins with HTTP/1.1.

    :param secure: whether TLS carries it.
    :param first: a request that was decided on before this connection began, and is answered first.
    """

    def __init__(
        self, site: Site, recorder: Recorder, *, secure: bool = False, first: bytes = b""
    ) -> None:
        self._site = site
        self._recorder = recorder
        self._first = first
        self._negotiator = ServerNegotiator(self._policy_for, secure=secure)
        self._ordinary = OrdinaryServer(site.application)
        self._successor: Connection | None = None
        self._head: RequestHead | None = None
        self._unsent = bytearray()
        self._ended = False

    @property
    def closed(self) -> bool:
        """Whether the transport closes, once everything is written."""
        successor = self._ordinary if self._successor is None else self._successor
        return self._ended or successor.closed

    def begin(self) -> bytes:
        """The answer to the first request, if it came before the connection."""
        self._answer(self._first)
        return self._take_unsent()

    def receive(self, octets: bytes) -> bytes:
        """Take octets, ``b""`` at end of file, and return those to write."""
        self._recorder.received(octets)
        if self._successor is not None:
            self._write(self._successor.receive(octets))
        else:
            self._negotiator.receive_data(octets)
            self._handle(self._negotiator.next_event())
        return self._take_unsent()

    def _policy_for(self, info: RequestInfo) -> Policy | None:
        self._head = info.head
        return self._site.policy_for(info)

    def _handle(self, event: Event) -> None:
        """Do what each event asks for, until more octets are needed."""
        while not isinstance(event, Signal) and not self.closed:
            match event:
                case Accept101():
                    self._note(event)
                    self._write(self._negotiator.send(event))
                    self._switch(event)
                case Continue100() | Require426() | Reject():
                    self._note(event)
                    self._write(self._negotiator.send(event))
                case Passthrough():
                    self._note(event)
                    self._answer(event.without_upgrade().data)
                case Forward():
                    self._answer(event.data)
                case ConnectionClosed():
                    self._ended = True
            event = self._negotiator.next_event()

    def _note(self, decision: Decision | Continue100) -> None:
        self._recorder.decided(decision, self._head)
        if not isinstance(decision, Continue100):  # which another one follows, about the same head
            self._head = None

    def _switch(self, accept: Accept101) -> None:
        """Give the connection to the new protocol, with what came for it already."""
        trailing_data = self._negotiator.trailing_data
        self._recorder.switched(accept, trailing_data)
        self._successor = _follow(self._site, accept, trailing_data, self._recorder)
        self._write(self._successor.begin())

    def _answer(self, octets: bytes) -> None:
        """Let the ordinary server answer."""
        if octets:  # it would take none for the end of the connection
            self._write(self._ordinary.receive(octets))

    def _write(self, octets: bytes) -> None:
        self._recorder.sent(octets)
        self._unsent += octets

    def _take_unsent(self) -> bytes:
        octets = bytes(self._unsent)
        self._unsent.clear()
        return octets


def _follow(site: Site, accept: Accept101, trailing_data: bytes, recorder: Recorder) -> Connection:
    match accept.agreement:
        case WebSocketAgreement():
            return EchoSocket(accept, trailing_data)
        case H2CAgreement():
            return Http2Server(site.application, accept, trailing_data)
        case TLSAgreement():
            assert site.secure is not None, "a site that offers TLS has it"
            assert not trailing_data, "what comes before the 101 is refused"
            # RFC 2817 3.3: what asked for TLS is answered first, inside of it.
            first = without_offer(accept).data
            inside = HttpConnection(site, recorder.inside(), secure=True, first=first)
            return site.secure(inside)
        case _:
            return site.by_token[accept.token](accept, trailing_data)


def without_offer(accept: Accept101) -> Passthrough:
    """The request as the new protocol knows it: its offer was for the hop that has ended."""
    assert accept.head is not None
    assert accept.head.raw is not None
    return Passthrough(accept.head, accept.head.raw).without_upgrade()
