"""What a client's offer is: the interface that every protocol, yours too, fills.

The law of this file: that of ``offers``, seen from the other end. An offer says what a request
carries to ask for it, and judges one 101 that names it; it decides nothing about the connection.
"""

from collections.abc import Iterable
from typing import Protocol, final

from .._http1.arguments import listed, wrong_type
from .._http1.field_values import Headers, UpgradeToken
from .._http1.findings import Finding
from .._http1.head_findings import fault
from .._http1.heads import RequestHead, ResponseHead
from .._http1.values import Value, field
from . import finding_codes as codes


@final
class Asked(Value, match_args=False):
    """What a request carries for an offer, besides its name in the Upgrade field."""

    headers: Headers = field("The fields.", default=())
    options: tuple[bytes, ...] = field(
        "Connection options for those of the fields that are this hop's alone (RFC 9110 7.6.1).",
        default=(),
    )


@final
class Verified(Value, match_args=False):
    """The 101 answers the request's handshake."""

    agreement: object = field(
        "What both ends keep to from here on: ``Switched.agreement``.",
        default=None,
    )
    findings: tuple[Finding, ...] = field(
        "What the 101 has that it should not have, and that does no harm.",
        default=(),
    )


@final
class Refuted(Value, match_args=False):
    """The 101 does not: the connection is of no use any more."""

    findings: tuple[Finding, ...] = field("What is wrong with the 101.")


class ClientOffer(Protocol):
    """One protocol that a client is willing to switch to. Write your own; nothing is inherited."""

    def wanted(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        """What to ask for, in descending preference; empty where it must not be.

        ``secure`` says whether the connection is inside TLS already.
        """
        ...

    def ask(self, key: bytes) -> Asked:
        """What the request carries; ``key`` is a fresh Sec-WebSocket-Key, for whom it concerns.

        Raises :class:`ValueError` where the offer lacks what only a client needs.
        """
        ...

    def check_request(self, request: RequestHead) -> None:
        """Raise :class:`ValueError` unless this request, which is complete, may ask for it."""
        ...

    def verify(
        self, request: RequestHead, response: ResponseHead, tokens: tuple[UpgradeToken, ...]
    ) -> Verified | Refuted:
        """Judge a 101 whose Upgrade field has ``tokens``, one of which is one of :meth:`wanted`.

        Its version and its connection options are judged besides, by the library. A refusal names
        what is wrong; what this raises reaches the caller, and nothing is lost.
        """
        ...


def client_offers(supported: Iterable[ClientOffer]) -> tuple[ClientOffer, ...]:
    """The offers that advice may choose from. Raises :class:`TypeError` for anything else."""
    offers = listed("supported", supported, "offers of a client")
    for each in offers:
        require_offer(each, "supported")
    return offers


def require_offer(offer: object, name: str = "offers") -> None:
    """Raise :class:`TypeError` for what is no offer that a client can make.

    isinstance() of a protocol class takes longer than all the rest of a request.
    """
    is_one = (
        hasattr(offer, "wanted")
        and hasattr(offer, "ask")
        and hasattr(offer, "check_request")
        and hasattr(offer, "verify")
    )
    if not is_one or isinstance(offer, type):
        rule = f"each of {name} is an object with wanted(), ask(), check_request() and verify()"
        raise wrong_type(f"{rule}, such as WebSocket() or Token('tcp')", offer)


def layer_faults(response: ResponseHead, tokens: tuple[UpgradeToken, ...]) -> tuple[Finding, ...]:
    """What is wrong with a 101 for a protocol that is no stack of several (RFC 9110 7.8)."""
    if len(tokens) == 1:
        return ()
    is_repeated = len(set(tokens)) == 1
    code = codes.SWITCH_UPGRADE_REPEATED if is_repeated else codes.SWITCH_NAMES_SEVERAL
    lines = len(response.get_all(b"upgrade"))
    return (fault(response, code, "Upgrade", lines - 1),)
