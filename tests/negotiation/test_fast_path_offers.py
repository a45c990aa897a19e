"""The fast path of an offer: what it answers at once, and what it leaves to negotiate()."""

import pytest
from transcript import Transcript

from httpupgrade import Accept101, Policy, Reject, RequestHead, UpgradeToken
from httpupgrade._http1.request_facts import RequestFacts
from httpupgrade.offers import Agreed, Offer, OfferResult

QUICK = UpgradeToken("quick")


class Quick(Offer):
    """An offer with a fast path, which says which way it was asked."""

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        return (QUICK,)

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        return Agreed(token, agreement="with care")

    def _agree_at_once(
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
        (b"/", (b"Content-Length", b"0"), "at once"),
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


def test_a_request_with_a_body_is_not_asked_at_once() -> None:
    # The octets of the 101 would be written in the place of the refusal.
    body = b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
    talk = Transcript(Policy(Quick()))
    refused = talk.hears(body + b"Upgrade: quick\r\nConnection: Upgrade\r\n\r\n", Reject)
    assert talk.answers() == refused.to_bytes()
