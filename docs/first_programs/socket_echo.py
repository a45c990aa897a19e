"""Blocking sockets and threads: /chat is a WebSocket that echoes, everything else gets 426."""

import socket
import sys
import threading

from wsproto.connection import Connection
from wsproto.events import CloseConnection, Message, Ping

from httpupgrade import (
    Accept101,
    ConnectionClosed,
    Continue100,
    Forward,
    Passthrough,
    Policy,
    Reject,
    Require426,
    ServerNegotiator,
    Signal,
    WebSocket,
)
from httpupgrade.adapters.wsproto import websocket

CHAT = Policy(WebSocket(), mode="required")


def negotiate(peer: socket.socket) -> Connection | None:
    negotiator = ServerNegotiator(CHAT)
    while True:
        match negotiator.next_event():
            case Signal.NEED_DATA:
                negotiator.receive_data(peer.recv(65536))
            case Accept101(head=head) as accept if head is not None and head.path == b"/chat":
                peer.sendall(negotiator.send(accept))
                return websocket(accept, negotiator.trailing_data, max_inflated=1 << 20)
            case Accept101():
                peer.sendall(negotiator.send(negotiator.refuse(404)))
            case Continue100() | Require426() | Reject() as answer:
                peer.sendall(negotiator.send(answer))
            case ConnectionClosed() | Passthrough() | Forward() | Signal.PAUSED:
                return None


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
            chat = negotiate(peer)
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
