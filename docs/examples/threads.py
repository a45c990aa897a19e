"""A server with a thread for each client. From ``docs``: ``python -m examples.threads 8080``."""

import socket
import sys
from contextlib import suppress
from math import inf
from threading import TIMEOUT_MAX, Thread
from time import monotonic

from httpupgrade import Accept101, ConnectionClosed, Forward, Passthrough, ServerNegotiator, Signal
from httpupgrade import ServerState as State

from .small_site import LINGER, SECONDS, Echo, Page, policy_for


class Connection:
    """One client."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.deadline = monotonic() + SECONDS

    def in_time(self) -> socket.socket:
        """The socket, whose next call ends at the deadline."""
        left = self.deadline - monotonic()
        self.socket.settimeout(min(max(left, 0.001), TIMEOUT_MAX))
        return self.socket

    def read(self) -> bytes:
        """What arrives; nothing at its end."""
        return self.in_time().recv(65536)

    def write(self, octets: bytes) -> None:
        """Write, and wait for who does not read. Behind an answer, the time begins anew."""
        self.in_time().sendall(octets)
        if octets:
            self.deadline = max(self.deadline, monotonic() + SECONDS)

    def serve(self) -> None:
        """Answer requests, until one of them switches or nothing more can come."""
        negotiator, page = ServerNegotiator(policy_for), None
        event = negotiator.next_event()
        while negotiator.state is not State.OPAQUE:  # where nobody can tell requests apart
            match event:
                case Signal.NEED_DATA:
                    negotiator.receive_data(self.read())
                case Passthrough():
                    page = Page(event, negotiator)
                    self.write(page.begin())
                case Forward():
                    assert page is not None
                    self.write(page.receive(event))
                    if page.closed:
                        return None
                case Accept101():
                    self.write(negotiator.send(event))
                    return self.chat(Echo(event, negotiator.trailing_data))
                case ConnectionClosed() | Signal.PAUSED:
                    return None
                case _:  # 426, another refusal, or 100
                    self.write(negotiator.send(event))
            event = negotiator.next_event()
        return self.write(negotiator.refuse(400).to_bytes())

    def chat(self, echo: Echo) -> None:
        """Speak the new protocol, beginning with what came early."""
        self.write(echo.receive())
        self.deadline = inf
        while not echo.closed and (data := self.read()):
            self.write(echo.receive(data))


def handle(client: socket.socket) -> None:
    """Serve one client, whatever it does."""
    with client, suppress(OSError):  # it has gone, or takes too long
        connection = Connection(client)
        connection.serve()
        client.shutdown(socket.SHUT_WR)
        connection.deadline = monotonic() + LINGER
        while connection.read():
            pass  # until the client knows, too


def main(port: int) -> None:
    """Listen on loopback."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        while True:
            Thread(target=handle, args=listener.accept()[:1], daemon=True).start()


if __name__ == "__main__":
    main(int(sys.argv[1]))
