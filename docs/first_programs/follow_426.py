"""A client that does what a 426 says: asks again, on the same connection or on a new one."""

import socket
import sys

from httpupgrade import (
    ClientNegotiator,
    Interim,
    OrdinaryResponse,
    RemoteProtocolError,
    Retry,
    Signal,
    Switched,
    UpgradeRequired,
    UseWebSocketVersion,
    WebSocket,
)
from httpupgrade.offers import ClientOffer

CHAT = WebSocket(["chat"], extensions=())
MAX_REQUESTS = 4  # a server could send its clients round for ever

Answer = Switched | UpgradeRequired | OrdinaryResponse


def ask(connection: socket.socket, negotiator: ClientNegotiator) -> Answer:
    connection.sendall(negotiator.send_request())
    while True:
        match event := negotiator.next_event():
            case Signal.NEED_DATA:
                negotiator.receive_data(connection.recv(65536))
            case Interim():
                pass  # the final response comes after it
            case Switched() | UpgradeRequired() | OrdinaryResponse():
                return event
            case _:
                raise ConnectionError("the server has left")


def follow(host: str, port: int, target: bytes) -> str:
    offers: list[ClientOffer] = []  # an ordinary request, at first
    connection = socket.create_connection((host, port), timeout=10)
    try:
        for _ in range(MAX_REQUESTS):
            authority = f"{host}:{port}".encode("ascii")
            negotiator = ClientNegotiator(*offers, target=target, host=authority)
            event = ask(connection, negotiator)
            if isinstance(event, Switched):
                return f"switched to {event.token}"
            match step := event.next_step([CHAT]):
                case Retry(offer=offer) | UseWebSocketVersion(offer=offer):
                    offers = [offer]
                case _:
                    return f"{event.head.status_code}, {step}"
            # A refusal other than 426 has a body to read before the connection is free.
            if step.reconnect or negotiator.next_event() is not Signal.PAUSED:
                connection.close()
                connection = socket.create_connection((host, port), timeout=10)
            print("asking again")
        return "too many requests"
    finally:
        connection.close()


if __name__ == "__main__":
    try:
        print(follow(sys.argv[1], int(sys.argv[2]), sys.argv[3].encode("ascii")))
    except (RemoteProtocolError, ConnectionError) as error:
        sys.exit(f"failed: {error}")
