"""An offer of a user's own, at both ends: each method is checked against what it overrides."""

from typing import assert_never, assert_type

from httpupgrade import (
    Accept101,
    ClientNegotiator,
    Code,
    Policy,
    RequestHead,
    ResponseHead,
    UpgradeToken,
    finding,
)
from httpupgrade.fields import Headers
from httpupgrade.offers import (
    Agreed,
    ClientOffer,
    Example,
    HandshakeFailed,
    HandshakeFields,
    Ignored,
    Offer,
    OfferResult,
    UpgradeRefusal,
    VerificationFailed,
    Verified,
)

ECHO = UpgradeToken("echo", "1")
NO_TICKET = Code("echo-ticket-missing", 403, "", "there is no ticket")


class Echo(Offer, ClientOffer):
    fields = frozenset((b"echo-ticket",))
    tell_tales = ("Echo-Ticket",)
    takes_extended_connect = True

    def __init__(self, ticket: bytes = b"") -> None:
        self.ticket = ticket

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return () if secure else (ECHO,)

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        ticket = head.get(b"echo-ticket")
        if ticket is None:
            return HandshakeFailed.because(finding(NO_TICKET, field="Echo-Ticket"))
        return Agreed(ECHO, ((b"Echo-Seat", ticket),), agreement=ticket) if ticket else Ignored()

    @property
    def headers_for_426(self) -> Headers:
        return ((b"Echo-Desk", b"/desk"),)

    def example_request(self, head: RequestHead, *, secure: bool) -> Example:
        return Example.of(head, [ECHO], [(b"Echo-Ticket", b"a1")], target=b"/echo")

    def check_accept(self, head: RequestHead, accept: Accept101, *, secure: bool) -> None:
        assert_type(accept.token, UpgradeToken)

    def handshake_fields(self, key: bytes) -> HandshakeFields:
        return HandshakeFields(((b"Echo-Ticket", self.ticket),))

    def verify(
        self, request: RequestHead, response: ResponseHead, tokens: tuple[UpgradeToken, ...]
    ) -> Verified | VerificationFailed:
        return Verified(response.get(b"echo-seat"))

    def advise(self, refusal: UpgradeRefusal) -> None:
        assert_type(refusal.request, RequestHead)
        assert_type(refusal.response, ResponseHead)


class Seats(Offer):
    """A class attribute may be one of each object, too."""

    def __init__(self, names: list[bytes]) -> None:
        self.fields = frozenset(names)


class Reversed(Offer):
    takes_extended_connect = "yes"  # type: ignore[assignment]

    def tokens(self) -> tuple[UpgradeToken, ...]:  # type: ignore[override]
        return (ECHO,)

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> bool:  # type: ignore[override]
        return True


class ServerOnly(Offer):
    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (ECHO,)


def used(head: RequestHead, offer: Echo) -> OfferResult:
    Policy(offer, mode="required")
    ClientNegotiator(offer, host=b"a")
    assert_type(offer.fields, frozenset[bytes])
    assert_type(ServerOnly().tell_tales, tuple[str, ...])
    ClientNegotiator(ServerOnly(), host=b"a")  # type: ignore[arg-type]
    return offer.negotiate(head, ECHO, secure=False)


def judged(result: OfferResult) -> str:
    match result:
        case Agreed():
            assert_type(result.headers, Headers)
            return str(result.token)
        case HandshakeFailed():
            return str(result.status_code)
        case Ignored():
            return "ignored"
        case unreachable:
            assert_never(unreachable)


def forgotten(result: OfferResult) -> None:
    match result:
        case Agreed() | Ignored():
            pass
        case failed:
            assert_never(failed)  # type: ignore[arg-type]
