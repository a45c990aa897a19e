"""The fast path of an offer: what it answers at once, and what it leaves to negotiate()."""

import pytest
from toy_protocol import TOY, Toy
from transcript import Transcript

from httpupgrade import (
    Accept101,
    Agreed,
    Answer,
    ClientNegotiator,
    Offer,
    Policy,
    RequestHead,
    UpgradeToken,
)
from httpupgrade._http1.request_facts import RequestFacts

QUICK = UpgradeToken("quick")


class Quick(Offer):
    """An offer with a fast path, which says which way it was asked."""

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (QUICK,)

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> Answer:
        return Agreed(token, agreement="with care")

    def agree_at_once(
        self, head: RequestHead, facts: RequestFacts, *, secure: bool
    ) -> tuple[Agreed, bytes | None] | None:
        if head.target == b"/slow":
            return None
        written = (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: quick\r\nConnection: Upgrade\r\n\r\n"
        )
        return Agreed(QUICK, agreement="at once"), None if head.target == b"/checked" else written


@pytest.mark.parametrize(
    ("target", "field", "agreement"),
    [
        (b"/", (b"X", b"y"), "at once"),
        (b"/checked", (b"X", b"y"), "at once"),
        (b"/slow", (b"X", b"y"), "with care"),
        (b"/", (b"Expect", b"100-continue"), "with care"),
    ],
)
def test_an_offer_may_have_a_fast_path(
    target: bytes, field: tuple[bytes, bytes], agreement: str
) -> None:
    offering = ((b"Host", b"a"), (b"Upgrade", b"quick"), (b"Connection", b"Upgrade"), field)
    talk = Transcript(Policy(Quick()))
    accept = talk.hears(RequestHead(b"GET", target, offering).to_bytes(), Accept101)
    assert accept.agreement == agreement
    assert talk.answers() == accept.to_bytes()


@pytest.mark.parametrize(
    ("more", "reason"),
    [((b"X", b"y"), b"At Once"), ((b"Expect", b"100-continue"), b"Switching Protocols")],
)
def test_a_protocol_from_outside_may_have_one(more: tuple[bytes, bytes], reason: bytes) -> None:
    octets = ClientNegotiator(Toy(), host=b"a", target=b"/toy").request()
    head = RequestHead.parse(octets)
    asking = RequestHead(head.method, head.target, [*head.headers, more])
    accept = Transcript(Policy(Toy())).hears(asking.to_bytes(), Accept101)
    assert (accept.token, accept.agreement, accept.reason) == (TOY, 21, reason)
