"""A client that does what a 426 asks for, over blocking sockets.

``python follow_426.py http://127.0.0.1:8080/chat`` asks plainly first. Where the server requires a
WebSocket, it asks again for one; where it requires TLS, it begins TLS on the connection there is.
"""

import socket
import ssl
import sys
from collections.abc import Callable
from contextlib import closing
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from httpupgrade import (
    TLS,
    ClientNegotiator,
    ConnectionClosed,
    Content,
    NothingInCommon,
    OrdinaryResponse,
    Retry,
    Signal,
    Switched,
    UpgradeRequired,
    UseHTTP2,
    UseTLS,
    UseWebSocketVersion,
    WebSocket,
)
from httpupgrade.offers import ClientOffer

SUPPORTED: tuple[ClientOffer, ...] = (WebSocket(["chat"], extensions=()), TLS("1.3", "1.2"))
MOST_STEPS = 4  # a server could send a client round for ever
SECONDS = 10.0


class Answer(NamedTuple):
    """What came of a request."""

    event: Switched | UpgradeRequired | OrdinaryResponse
    data: bytes
    """The first octets of the new protocol, or the body of the response."""


class Client:
    """One resource of one server, and a connection to it."""

    def __init__(
        self,
        url: str,
        context: ssl.SSLContext,
        supported: tuple[ClientOffer, ...] = SUPPORTED,
        say: Callable[[str], None] = print,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http":
            raise ValueError(f"this client begins in the clear, with http: {url}")
        self.address = parts.hostname or "", parts.port or 80
        self.host = parts.netloc.encode("ascii")
        self.target = urlunsplit(("", "", parts.path or "/", parts.query, "")).encode("ascii")
        self.context, self.supported, self.say = context, supported, say
        self.tls: ClientOffer | None = None
        self.connection = socket.create_connection(self.address, SECONDS)

    def close(self) -> None:
        """End the connection."""
        self.connection.close()

    def follow(self) -> Answer:
        """Ask, and go on asking in the ways that the server requires."""
        answer = self.exchange(b"GET", self.target)
        for _ in range(MOST_STEPS):
            if isinstance(answer.event, Switched):
                break
            step = answer.event.next_step(self.supported)
            match step:
                case Retry(offer=offer) | UseWebSocketVersion(offer=offer):
                    self.say(f"= {step}")
                    if step.reconnect:
                        self.reconnect()
                    answer = self.exchange(b"GET", self.target, offer)
                case UseTLS(how="upgrade", offer=offer) if offer is not None:
                    self.say(f"= {step}")
                    if step.reconnect:
                        self.reconnect()
                    self.begin_tls(offer)
                    answer = self.exchange(b"GET", self.target)
                case NothingInCommon(finding=finding):
                    self.say(f"= {finding.message}. {finding.hint}")
                    break
                case UseTLS() | UseHTTP2() | None:
                    break  # other schemes and HTTP/2 are not supported here
        return answer

    def reconnect(self) -> None:
        """A new connection, in TLS if the old one was."""
        self.close()
        self.connection = socket.create_connection(self.address, SECONDS)
        if self.tls is not None:
            self.begin_tls(self.tls)

    def begin_tls(self, offer: ClientOffer) -> None:
        """TLS on this connection, by ``OPTIONS *`` (RFC 2817 3.2)."""
        answer = self.exchange(b"OPTIONS", b"*", offer)
        if not isinstance(answer.event, Switched) or answer.data:
            raise ConnectionError(f"the server does not begin TLS: {answer}")
        host, _ = self.address
        self.connection = self.context.wrap_socket(self.connection, server_hostname=host)
        self.tls = offer
        self.exchange(b"OPTIONS", b"*", sent=True)  # its answer comes inside (RFC 2817 3.3)

    def exchange(
        self, method: bytes, target: bytes, *offers: ClientOffer, sent: bool = False
    ) -> Answer:
        """A request, unless it was ``sent`` already, and its final response."""
        secure = isinstance(self.connection, ssl.SSLSocket)
        negotiator = ClientNegotiator(
            *offers, method=method, target=target, host=self.host, secure=secure
        )
        request = negotiator.send_request()
        if not sent:
            self.say(f"> {request.splitlines()[0].decode('ascii')}")
            self.connection.sendall(request)
        return self.read(negotiator)

    def read(self, negotiator: ClientNegotiator) -> Answer:
        """The final response, whose body is read to its end."""
        ordinary, body = None, b""
        while True:
            event = negotiator.next_event()
            match event:
                case Signal.NEED_DATA:
                    negotiator.receive_data(self.connection.recv(65536))
                case Switched():
                    return Answer(event, negotiator.trailing_data)
                case UpgradeRequired():
                    negotiator.next_event()  # raises for octets that answer nothing
                    return Answer(event, event.body)
                case OrdinaryResponse():
                    ordinary = event
                case Content(data=data, end=end):
                    body += data
                    if end and ordinary is not None:
                        negotiator.next_event()
                        return Answer(ordinary, body)
                case ConnectionClosed():
                    raise ConnectionError(f"no response: {event.findings}")
                case _:
                    pass  # an interim response; another one follows


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python follow_426.py http://host[:port]/path")
    with closing(Client(sys.argv[1], ssl.create_default_context())) as client:
        print(f"= {client.follow().event.head.status_code}")
