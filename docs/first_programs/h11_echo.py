"""h11 over blocking sockets: /chat is a WebSocket that echoes, everything else is answered here."""

import socket
import sys
import threading

import h11
from wsproto.connection import Connection
from wsproto.events import CloseConnection, Message, Ping

from httpupgrade import Accept101, Continue100, Policy, Reject, RequestInfo, Require426, WebSocket
from httpupgrade.adapters.h11 import H11Negotiator
from httpupgrade.adapters.wsproto import websocket

CHAT = Policy(WebSocket(), mode="required")


def policy_for(info: RequestInfo) -> Policy | None:
    return CHAT if info.head.path == b"/chat" else None


def http(peer: socket.socket) -> Connection | None:
    """Answer requests until the end, or until one of them switches."""
    driver = H11Negotiator(policy_for, peer=peer.getpeername())
    connection = driver.connection
    while True:
        match driver.next_event():
            case h11.NEED_DATA:
                driver.receive_data(peer.recv(65536))
            case Accept101() as accept:
                peer.sendall(driver.send(accept))
                return websocket(accept, driver.trailing_data, max_inflated=1 << 20)
            case Continue100() | Require426() | Reject() as decision:
                peer.sendall(driver.send(decision))
            case h11.Request(method=method):
                status = 200 if method in (b"GET", b"HEAD") else 405
            case h11.EndOfMessage():  # of a request that passes
                headers = [("Allow", "GET, HEAD"), ("Content-Length", "0")]
                response = h11.Response(status_code=status, headers=headers)
                peer.sendall(connection.send(response) or b"")
                connection.send(h11.EndOfMessage())
                if connection.our_state is h11.MUST_CLOSE:
                    return None
                connection.start_next_cycle()
            case h11.ConnectionClosed() | h11.PAUSED:
                return None
            case _:  # h11.Data, of a request that passes
                pass


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
