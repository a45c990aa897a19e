"""An adapter: a negotiation in front of Twisted's own HTTP server, whose site answers what passes.

From ``docs``: ``python -m examples.twisted_server 8080``.
"""

import sys
from typing import Any

from twisted.internet import reactor as installed_reactor
from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer, ITCPTransport
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python import log
from twisted.python.components import proxyForInterface
from twisted.web import http
from twisted.web.resource import Resource
from twisted.web.server import Site
from zope.interface import implementer  # type: ignore[import-untyped]

from httpupgrade import (
    Accept101,
    ConnectionClosed,
    Continue100,
    Event,
    Forward,
    Passthrough,
    Reject,
    RemoteProtocolError,
    Require426,
    ServerNegotiator,
    Signal,
)
from httpupgrade import ServerState as State
from httpupgrade.framing import ResponseProgress as Progress
from httpupgrade.framing import ResponseTracker

from .small_site import LINGER, MOST_BODY, SECONDS, Echo, policy_for

reactor: Any = installed_reactor
web: Any = http  # it has no types
DAY = 86400.0


class Page(Resource):
    """What an ordinary request gets: the body that it has."""

    isLeaf = True  # noqa: N815

    def render(self, request: Any) -> bytes:
        return request.content.read() or b"hello\n"


SITE: Any = Site(Page())  # type: ignore[no-untyped-call]


@implementer(IHalfCloseableProtocol, IPushProducer)
class Connection(Protocol):
    """One client. The site has one request at a time, and the next once that is answered."""

    transport: Any

    def connectionMade(self) -> None:
        peer = self.transport.getPeer()
        self.negotiator = ServerNegotiator(policy_for, peer=(peer.host, peer.port))
        self.tracker = ResponseTracker()
        self.channel: Any = None  # the site's end of this connection
        self.echo: Echo | None = None
        self.whole = True  # whether the channel has all of its request
        self.taken = 0  # octets of its body
        self.full = self.ended = False
        self.transport.registerProducer(self, True)
        self.deadline = reactor.callLater(SECONDS, self.timeout)

    def dataReceived(self, data: bytes) -> None:
        if self.ended:
            return
        if self.echo is None:
            self.negotiator.receive_data(data)
            self.go_on()
        else:
            self.transport.write(self.echo.receive(data))
            if self.echo.closed or not data:
                self.finish()

    def go_on(self) -> None:
        """Take up what can be taken up now."""
        try:
            while self.wants_more and not isinstance(event := self.negotiator.next_event(), Signal):
                self.handle(event)
        except Exception:  # of the policy, or of what follows a switch
            log.err()  # type: ignore[no-untyped-call]
            self.refuse(self.negotiator.refuse(500).closing())
        if not self.full:  # what waits for its turn is not read
            reads = self.wants_more or self.ended or self.echo is not None
            (self.transport.resumeProducing if reads else self.transport.pauseProducing)()

    @property
    def wants_more(self) -> bool:
        if self.ended or self.full or self.echo is not None:
            return False
        return not self.whole or self.tracker.progress is Progress.COMPLETE

    def handle(self, event: Event) -> None:
        match event:
            case Passthrough():
                self.pass_on(event)
            case Forward():
                self.whole, self.taken = event.end, self.taken + len(event.data)
                if self.taken > MOST_BODY:
                    self.write(self.negotiator.refuse(413).closing().to_bytes())
                    self.finish()
                else:
                    self.channel.dataReceived(event.data)
            case Accept101():
                self.write(self.negotiator.send(event))
                self.drop_channel()
                self.echo = Echo(event, self.negotiator.trailing_data)
                self.transport.write(self.echo.receive())
                self.deadline.reset(DAY)
            case Continue100():
                self.write(self.negotiator.send(event))
            case Require426() | Reject():
                self.refuse(event)
            case _:
                assert isinstance(event, ConnectionClosed)
                self.finish()

    def refuse(self, refusal: Require426 | Reject) -> None:
        octets = self.negotiator.send(refusal.with_headers([(b"Date", web.datetimeToString())]))
        if self.whole or not self.tracker.has_begun:  # else, its body broke while it is answered
            self.write(octets)
        if self.negotiator.state is State.CLOSED:
            self.finish()

    def pass_on(self, passed: Passthrough) -> None:
        head, findings = passed.head, passed.findings
        try:
            is_framed = head is not None and head.framing is not None
        except RemoteProtocolError as error:
            is_framed, findings = False, error.findings
        if head is None or not is_framed or head.method == b"CONNECT":
            self.refuse(self.negotiator.refuse(400, *findings).closing())
            return
        if self.channel is None:
            self.channel = web.HTTPChannel()
            self.channel.site = self.channel.factory = SITE
            self.channel.requestFactory, self.channel.timeOut = SITE.requestFactory, None
            self.channel.makeConnection(SharedTransport(self))
        self.whole, self.taken = False, 0
        self.tracker.expect(head.method, passed.advertisement)
        self.channel.dataReceived(passed.without_upgrade().data)

    def answer(self, octets: bytes) -> None:
        """What the site writes."""
        if self.channel is not None:
            self.write(self.tracker.send_data(octets))
            if self.tracker.progress is Progress.COMPLETE:
                reactor.callLater(0, self.go_on)  # not inside of a call of the channel

    def write(self, octets: bytes) -> None:
        """Write. After that, the client's time begins anew."""
        self.transport.write(octets)
        self.deadline.reset(SECONDS)

    def timeout(self) -> None:
        state, begun = self.negotiator.state, self.negotiator.trailing_data
        self.deadline = reactor.callLater(SECONDS, self.timeout)
        if state is State.READING_BODY or (state is State.READING_HEAD and begun):
            self.refuse(self.negotiator.refuse(408))
        elif self.full or not self.whole or self.tracker.progress is Progress.COMPLETE:
            self.transport.abortConnection()  # else, the site takes its time

    def finish(self) -> None:
        """Close in stages (RFC 9112 9.6): what is unsent goes out, and what comes is dropped."""
        if self.channel is not None:
            self.transport.write(self.tracker.give_up())
        self.ended = True
        self.drop_channel()
        self.transport.unregisterProducer()
        self.transport.resumeProducing()
        self.transport.loseWriteConnection()
        self.deadline.cancel()
        self.deadline = reactor.callLater(LINGER, self.transport.abortConnection)

    def drop_channel(self) -> None:
        channel, self.channel = self.channel, None
        if channel is not None:
            reactor.callLater(0, channel.connectionLost, connectionDone)

    def readConnectionLost(self) -> None:
        self.dataReceived(b"")
        if self.ended:
            self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        """We have said that this was all."""

    def connectionLost(self, reason: object = None) -> None:
        self.ended = True
        self.drop_channel()
        if self.deadline.active():
            self.deadline.cancel()

    def pauseProducing(self) -> None:
        """More waits to be sent than the client reads."""
        self.full = True
        self.transport.pauseProducing()
        if self.channel is not None:
            self.channel.pauseProducing()

    def resumeProducing(self) -> None:
        self.full = False
        if self.channel is not None:
            self.channel.resumeProducing()
        self.go_on()

    def stopProducing(self) -> None:
        """The connection is lost."""


class SharedTransport(proxyForInterface(ITCPTransport)):  # type: ignore[misc]
    """The channel's transport."""

    disconnecting = False

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection.transport)
        self.connection = connection

    def write(self, data: bytes) -> None:
        self.connection.answer(data)

    def writeSequence(self, data: Any) -> None:
        self.connection.answer(b"".join(data))

    def loseConnection(self) -> None:
        self.connection.finish()


if __name__ == "__main__":
    reactor.listenTCP(int(sys.argv[1]), Factory.forProtocol(Connection), interface="127.0.0.1")
    reactor.run()
