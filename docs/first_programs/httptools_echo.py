"""httptools over blocking sockets: /chat is a WebSocket that echoes; the rest is answered here."""

import socket
import sys
import threading

import httptools
from wsproto.connection import Connection
from wsproto.events import CloseConnection, Message, Ping

from httpupgrade import (
    Accept101,
    ConnectionClosed,
    Forward,
    HeadNegotiator,
    Passthrough,
    Policy,
    RequestHead,
    RequestInfo,
    Signal,
    WebSocket,
)
from httpupgrade.adapters.wsproto import websocket

CHAT = Policy(WebSocket(), mode="required")
EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
NOT_ALLOWED = b"HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\nContent-Length: 0\r\n\r\n"
MAX_HEAD_BYTES = 65536  # httptools has no limits


def policy_for(info: RequestInfo) -> Policy | None:
    return CHAT if info.head.path == b"/chat" else None


class Reader:
    """Tells the machine what httptools reads and what it leaves unread."""

    def __init__(self, machine: HeadNegotiator) -> None:
        self.machine = machine
        self.parser = httptools.HttpRequestParser(self)
        self.on_message_begin()

    def on_message_begin(self) -> None:
        self.target, self.headers = b"", list[tuple[bytes, bytes]]()
        self.in_head, self.size = True, 0

    def on_url(self, target: bytes) -> None:
        self.target += target

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self.in_head = False
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        head = RequestHead.from_parser(method, self.target, self.headers, version)
        self.machine.receive_head(head, stopped=self.parser.should_upgrade())

    def on_body(self, body: bytes) -> None:
        self.machine.receive_content(body)

    def on_message_complete(self) -> None:
        self.machine.end_content()

    def read(self, data: bytes) -> None:
        """Take octets, nothing at their end."""
        if self.machine.takes_octets or not data:
            return self.machine.receive_data(data)
        self.size += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as stop:
            if unread := data[stop.args[0] :]:
                self.machine.receive_data(unread)
        except httptools.HttpParserError:
            self.machine.cannot_read()
        else:
            if self.in_head and self.size > MAX_HEAD_BYTES:
                self.machine.cannot_read(status_code=431)


def http(peer: socket.socket) -> Connection | None:
    machine = HeadNegotiator(policy_for, peer=peer.getpeername())
    reader = Reader(machine)
    while True:
        match machine.next_event():
            case Signal.NEED_DATA:
                reader.read(machine.take_trailing_data() or peer.recv(65536))
            case Passthrough(head=head):
                plain = head is not None and head.method in (b"GET", b"HEAD")
                peer.sendall(EMPTY if plain else NOT_ALLOWED)
            case Forward():  # the body of a request that httptools has stopped at
                pass
            case Accept101() as accept:
                peer.sendall(machine.send(accept))
                return websocket(accept, machine.trailing_data, max_inflated=1 << 20)
            case ConnectionClosed() | Signal.PAUSED:
                return None
            case refusal:
                peer.sendall(machine.send(refusal))


def echo(peer: socket.socket, chat: Connection) -> None:
    while True:
        for event in chat.events():
            if isinstance(event, Message):
                peer.sendall(chat.send(event))
            elif isinstance(event, Ping | CloseConnection):
                peer.sendall(chat.send(event.response()))
            if isinstance(event, CloseConnection):
                return
        octets = peer.recv(65536)
        if not octets:
            return
        chat.receive_data(octets)


def serve(peer: socket.socket) -> None:
    with peer:
        try:
            chat = http(peer)
            if chat is not None:
                echo(peer, chat)
            peer.shutdown(socket.SHUT_WR)
            while peer.recv(65536):
                pass
        except OSError:
            pass


def main() -> None:
    with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as server:
        while True:
            peer, _ = server.accept()
            peer.settimeout(10)
            threading.Thread(target=serve, args=(peer,), daemon=True).start()


if __name__ == "__main__":
    main()
