"""A server on Twisted. From ``docs``: ``python -m examples.twisted_server 8080``."""

import sys
from typing import Any

from twisted.internet import reactor as installed_reactor
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Factory, Protocol
from zope.interface import implementer  # type: ignore[import-untyped]

from httpupgrade import Accept101, ConnectionClosed, Forward, Passthrough, ServerNegotiator, Signal
from httpupgrade import ServerState as State

from .small_site import LINGER, SECONDS, Echo, Page, policy_for

reactor: Any = installed_reactor
DAY = 86400.0


@implementer(IHalfCloseableProtocol)
class Connection(Protocol):
    """One client. While it does not read, nothing is read from it."""

    transport: Any

    def __init__(self) -> None:
        self.negotiator = ServerNegotiator(policy_for)
        self.page: Page | None = None
        self.echo: Echo | None = None
        self.ended = False

    def connectionMade(self) -> None:
        self.transport.registerProducer(self.transport, True)  # stops reading while it is full
        self.deadline = reactor.callLater(SECONDS, self.transport.abortConnection)

    def dataReceived(self, data: bytes) -> None:
        if self.ended:
            return
        if self.echo is None:
            self.ended = self.receive(data)
        else:
            self.transport.write(self.echo.receive(data))
            self.ended = self.echo.closed or not data
        if self.ended:  # what is unsent goes out first
            self.transport.unregisterProducer()
            self.transport.loseWriteConnection()
            self.deadline.reset(LINGER)

    def receive(self, data: bytes) -> bool:
        """Take octets, nothing at their end, and do what they ask for. Whether that was all."""
        self.negotiator.receive_data(data)
        event = self.negotiator.next_event()
        while self.negotiator.state is not State.OPAQUE:  # where nobody can tell requests apart
            match event:
                case Signal():
                    return False
                case Passthrough():
                    self.page = Page(event, self.negotiator)
                    self.write(self.page.begin())
                case Forward():
                    assert self.page is not None
                    self.write(self.page.receive(event))
                    if self.page.closed:
                        return True
                case Accept101():
                    self.write(self.negotiator.send(event))
                    self.echo = Echo(event, self.negotiator.trailing_data)
                    self.transport.write(self.echo.receive())
                    self.deadline.reset(DAY)
                    return False
                case ConnectionClosed():
                    return True
                case _:  # 426, another refusal, or 100
                    self.write(self.negotiator.send(event))
            event = self.negotiator.next_event()
        self.write(self.negotiator.refuse(400).to_bytes())
        return True

    def write(self, octets: bytes) -> None:
        """Write. Behind an answer, the client's time begins anew."""
        self.transport.write(octets)
        if octets:
            self.deadline.reset(SECONDS)

    def readConnectionLost(self) -> None:
        self.dataReceived(b"")
        self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        """We have said that this was all."""

    def connectionLost(self, reason: object = None) -> None:
        if self.deadline.active():
            self.deadline.cancel()


if __name__ == "__main__":
    reactor.listenTCP(int(sys.argv[1]), Factory.forProtocol(Connection), interface="127.0.0.1")
    reactor.run()
