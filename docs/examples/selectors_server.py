"""A server on non-blocking sockets. From ``docs``: ``python -m examples.selectors_server 8080``."""

import sys
from math import inf
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from socket import SHUT_WR, create_server, socket
from time import monotonic

from httpupgrade import Accept101, ConnectionClosed, Forward, Passthrough, ServerNegotiator, Signal
from httpupgrade import ServerState as State

from .small_site import BAD_REQUEST, LINGER, SECONDS, Echo, Page, policy_for


class Client:
    """A connection. While something is unsent, nothing is read."""

    def __init__(self, connection: socket) -> None:
        connection.setblocking(False)
        self.socket, self.deadline = connection, monotonic() + SECONDS
        self.negotiator = ServerNegotiator(policy_for)
        self.page: Page | None = None
        self.echo: Echo | None = None
        self.unsent, self.ended, self.parting = b"", False, False

    def go_on(self) -> None:
        """Write what is unsent, or read. Raises :class:`OSError` at the end."""
        if not self.unsent:
            data = self.socket.recv(65536)
            if not self.ended:
                self.receive(data)
            elif not data:
                raise ConnectionError
        if self.unsent:
            self.unsent = self.unsent[self.socket.send(self.unsent) :]
        if self.ended and not self.unsent and not self.parting:
            self.socket.shutdown(SHUT_WR)
            self.deadline, self.parting = monotonic() + LINGER, True

    def write(self, octets: bytes) -> None:
        """Have it sent. Behind an answer, the client's time begins anew."""
        self.unsent += octets
        self.deadline = monotonic() + SECONDS if octets else self.deadline

    def receive(self, data: bytes) -> None:
        """Take octets, nothing at their end, and do what they ask for."""
        if self.echo is not None:
            self.unsent += self.echo.receive(data)
            self.ended = self.echo.closed or not data
            return
        event = self.negotiator.receive_data(data)
        while not isinstance(event, Signal) and not self.ended:
            match event:
                case Passthrough():
                    self.page = Page(event)
                    self.write(self.page.begin())
                case Forward():
                    assert self.page is not None
                    self.write(self.page.receive(event))
                    self.ended = self.page.closed
                case Accept101():
                    self.write(self.negotiator.send(event))
                    self.echo = Echo(event, self.negotiator.trailing_data)
                    self.unsent += self.echo.receive()
                    self.deadline = inf
                    return
                case ConnectionClosed():
                    self.ended = True
                case _:  # 426, another refusal, or 100
                    self.write(self.negotiator.send(event))
            event = self.negotiator.next_event()
            if self.negotiator.state is State.OPAQUE:  # nobody can tell where this request ends
                self.write(BAD_REQUEST)
                self.ended = True


def main(port: int) -> None:
    """Listen on loopback."""
    with create_server(("127.0.0.1", port)) as listener, DefaultSelector() as selector:
        selector.register(listener, EVENT_READ)
        while True:
            for key, _ in selector.select(1.0):
                if key.data is None:
                    client = Client(listener.accept()[0])
                    selector.register(client.socket, EVENT_READ, client)
                    continue
                try:
                    key.data.go_on()
                except OSError:
                    key.data.deadline = -inf
                selector.modify(key.fd, EVENT_WRITE if key.data.unsent else EVENT_READ, key.data)
            for client in [key.data for key in selector.get_map().values() if key.data is not None]:
                if client.deadline < monotonic():
                    selector.unregister(client.socket)
                    client.socket.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))
