"""A protocol that is not the library's, with every hook of an offer, for both ends.

A request for toy/1 brings a number in Toy-Ticket, which is a field of the hop. Its 101 has the
double of it in Toy-Seat, and no Content-Type.
"""

from typing import Final

from httpupgrade import (
    Accept101,
    Advice,
    Code,
    HandshakeFailed,
    LocalProtocolError,
    RequestHead,
    ResponseHead,
    Retry,
    UpgradeToken,
    VerificationFailed,
    finding,
)
from httpupgrade.fields import Headers
from httpupgrade.offers import (
    Agreed,
    ClientOffer,
    Example,
    HandshakeFields,
    Ignored,
    Offer,
    OfferResult,
    UpgradeRefusal,
    Verified,
)

TOY: Final = UpgradeToken("toy", "1")
TICKET: Final = b"Toy-Ticket"
SEAT: Final = b"Toy-Seat"
TICKET_MISSING: Final = Code(
    "toy-ticket-missing", 403, "Toy 1", "there is not one number in Toy-Ticket", "Get a ticket."
)
SEAT_WRONG: Final = Code("toy-seat-wrong", None, "Toy 1", "the seat is not that of the ticket")


class Toy(Offer, ClientOffer):
    """The offer of toy/1.

    :param ticket: a client's.
    """

    __slots__ = ("_ticket",)

    def __init__(self, ticket: int = 21) -> None:
        self._ticket = ticket

    # Both ends.

    fields: frozenset[bytes] = frozenset((b"toy-ticket", b"toy-seat", b"toy-desk"))

    # The server's end.

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (TOY,)

    @property
    def headers_for_426(self) -> Headers:
        return ((b"Toy-Desk", b"open"),)

    tell_tales: tuple[str, ...] = ("Toy-Ticket",)

    def was_meant(self, head: RequestHead) -> str | None:
        return super().was_meant(head) or ("/toy" if head.path == b"/toy" else None)

    def example_request(self, head: RequestHead, *, secure: bool) -> Example:
        note = "The number is that of your ticket."
        return Example.of(
            head, [TOY], [(TICKET, b"21")], options=[TICKET], target=b"/toy", note=note
        )

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        ticket = head.get(TICKET) or b""
        if ticket == b"0":
            return Ignored()
        if not ticket.isdigit():
            return HandshakeFailed.because(finding(TICKET_MISSING, field="Toy-Ticket"))
        return _agree(int(ticket))

    takes_extended_connect = True

    def negotiate_connect(
        self, head: RequestHead, token: UpgradeToken, *, secure: bool
    ) -> OfferResult:
        ticket = head.get(TICKET) or b""
        return _agree(int(ticket)) if ticket.isdigit() else Ignored()

    def check_accept(self, head: RequestHead, accept: Accept101, *, secure: bool) -> None:
        if (SEAT, seat_of(head)) not in accept.headers:
            raise LocalProtocolError("Toy-Seat is not that of the ticket")

    # The client's end.

    def tokens_to_request(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (TOY,)

    def handshake_fields(self, key: bytes) -> HandshakeFields:
        return HandshakeFields(((TICKET, b"%d" % self._ticket),), (TICKET,))

    def check_request(self, request: RequestHead) -> None:
        if request.path != b"/toy":
            raise ValueError("toy/1 is asked for at /toy")

    @property
    def requires_upgrade_option(self) -> bool:
        return False

    def verify(
        self, request: RequestHead, response: ResponseHead, tokens: tuple[UpgradeToken, ...]
    ) -> Verified | VerificationFailed:
        if response.get(SEAT) != seat_of(request):
            return VerificationFailed((finding(SEAT_WRONG, field="Toy-Seat"),))
        return Verified(agreement=response.get(SEAT))

    def advise(self, refusal: UpgradeRefusal) -> Advice | None:
        if refusal.response.get(b"Toy-Desk") != b"open":
            return None
        return Retry(Toy(self._ticket + 1), TOY, refusal.close)


def seat_of(head: RequestHead) -> bytes:
    ticket = head.get(TICKET) or b""
    return b"%d" % (2 * int(ticket)) if ticket.isdigit() else b""


def _agree(ticket: int) -> Agreed:
    seat = (SEAT, b"%d" % (2 * ticket))
    forbidden = frozenset((b"content-type",))
    return Agreed(TOY, (seat,), ticket, forbidden_headers=forbidden)
