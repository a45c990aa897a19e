"""A protocol of one's own, dice/1, at both ends of a socket pair.

The request says how many sides the dice have, the 101 which game it is; then each octet is
answered with a throw.
"""

import socket
import sys
import threading
from secrets import randbelow

from httpupgrade import (
    Accept101,
    ClientNegotiator,
    Code,
    Policy,
    Reject,
    RequestHead,
    Require426,
    ResponseHead,
    ServerNegotiator,
    Signal,
    Switched,
    UpgradeToken,
    finding,
)
from httpupgrade.offers import (
    Agreed,
    ClientOffer,
    Example,
    HandshakeFailed,
    HandshakeFields,
    Offer,
    OfferResult,
    VerificationFailed,
    Verified,
)

DICE = UpgradeToken("dice", "1")
WRONG = Code("dice-sides-wrong", 400, "", "Dice-Sides is not one number from 2 to 100")
MISSING = Code("dice-game-missing", None, "", "the 101 has no Dice-Game field")
NUMBERS = {b"%d" % number: number for number in range(2, 101)}


class Dice(Offer, ClientOffer):
    fields = frozenset((b"dice-sides", b"dice-game"))

    def __init__(self, sides: int = 6) -> None:
        self.sides = sides

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (DICE,)

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        match head.get_all(b"dice-sides"):
            case [value] if value in NUMBERS:
                return Agreed(DICE, ((b"Dice-Game", b"g1"),), agreement=NUMBERS[value])
        return HandshakeFailed.because(finding(WRONG, field="Dice-Sides"))

    def example_request(self, head: RequestHead, *, secure: bool) -> Example:
        return Example.of(head, [DICE], [(b"Dice-Sides", b"6")])

    def handshake_fields(self, key: bytes) -> HandshakeFields:
        return HandshakeFields(((b"Dice-Sides", b"%d" % self.sides),))

    def verify(
        self, request: RequestHead, response: ResponseHead, tokens: tuple[UpgradeToken, ...]
    ) -> Verified | VerificationFailed:
        game = response.get(b"dice-game")
        if game is None:
            return VerificationFailed((finding(MISSING, field="Dice-Game"),))
        return Verified(agreement=game)


def serve(connection: socket.socket) -> None:
    negotiator = ServerNegotiator(Policy(Dice(), mode="required"))
    with connection:
        while True:
            match event := negotiator.next_event():
                case Signal.NEED_DATA:
                    negotiator.receive_data(connection.recv(4096))
                case Accept101(agreement=int(sides)):
                    connection.sendall(negotiator.send(event))
                    asked = negotiator.trailing_data or connection.recv(4096)
                    while asked:
                        connection.sendall(bytes(1 + randbelow(sides) for _ in asked))
                        asked = connection.recv(4096)
                    return
                case Require426() | Reject():
                    connection.sendall(negotiator.send(event))
                case _:
                    return


def main() -> None:
    ours, theirs = socket.socketpair()
    threading.Thread(target=serve, args=(theirs,)).start()
    client = ClientNegotiator(Dice(int(sys.argv[1])), host=b"dice.example")
    with ours:
        ours.sendall(client.send_request())
        while (event := client.next_event()) is Signal.NEED_DATA:
            client.receive_data(ours.recv(4096))
        if not isinstance(event, Switched):
            sys.exit(f"refused: {event}")
        ours.sendall(b"?")
        print(event.agreement, (client.trailing_data or ours.recv(1))[0])


if __name__ == "__main__":
    main()
