"""A server on non-blocking sockets. From ``docs``: ``python -m examples.selectors_server 8080``."""

import sys
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from socket import SHUT_WR, create_server, socket
from time import monotonic

from httpupgrade import Accept101, ConnectionClosed, Forward, Passthrough, ServerNegotiator, Signal
from httpupgrade import ServerState as State

from .small_site import LINGER, SECONDS, Echo, Page, policy_for


class Client:
    """A connection. While something is unsent, nothing is read."""

    def __init__(self, connection: socket) -> None:
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
                self.ended = self.receive(data)
            elif not data:
                raise ConnectionError
        if self.unsent:
            self.unsent = self.unsent[self.socket.send(self.unsent) :]
        if self.ended and not self.unsent and not self.parting:
            self.socket.shutdown(SHUT_WR)
            self.deadline, self.parting = monotonic() + LINGER, True

    def write(self, octets: bytes) -> None:
        """Have it sent. Behind an answer, the time begins anew."""
        self.unsent += octets
        self.deadline = monotonic() + SECONDS if octets else self.deadline

    def receive(self, data: bytes) -> bool:
        """Take octets, nothing at their end, and do what they ask for. Whether that was all."""
        if self.echo is not None:
            self.unsent += self.echo.receive(data)
            return self.echo.closed or not data
        self.negotiator.receive_data(data)
        while True:
            match event := self.negotiator.next_event():
                case _ if self.negotiator.state is State.OPAQUE:  # nobody can tell requests apart
                    self.write(self.negotiator.refuse(400).to_bytes())
                    return True
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
                    self.unsent += self.echo.receive()
                    self.deadline = float("inf")
                    return False
                case ConnectionClosed():
                    return True
                case _:  # 426, another refusal, or 100
                    self.write(self.negotiator.send(event))


def main(port: int) -> None:
    """Listen on loopback."""
    with create_server(("127.0.0.1", port)) as listener, DefaultSelector() as selector:
        selector.register(listener, EVENT_READ)
        while True:
            for key, _ in selector.select(1.0):
                if key.data is None:
                    client, _ = listener.accept()
                    client.setblocking(False)
                    selector.register(client, EVENT_READ, Client(client))
                    continue
                try:
                    key.data.go_on()
                except OSError:
                    key.data.deadline = 0.0
                selector.modify(key.fd, EVENT_WRITE if key.data.unsent else EVENT_READ, key.data)
            for key in list(selector.get_map().values()):
                if key.data is not None and key.data.deadline < monotonic():
                    selector.unregister(key.fileobj)
                    key.data.socket.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))
