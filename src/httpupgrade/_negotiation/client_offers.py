"""What a client's offer is: the base of every protocol's, yours too.

Rules for this module: those of ``offers``, seen from the other end. An offer says what a request
carries to ask for it, judges one 101 that names it, and says what to do after a refusal of it. It
decides nothing about the connection.
"""

from collections.abc import Iterable
from typing import final

from .._http1.arguments import listed
from .._http1.field_values import Headers, UpgradeToken
from .._http1.findings import Finding
from .._http1.head_findings import fault
from .._http1.heads import RequestHead, ResponseHead
from .._http1.values import Value, field
from . import finding_codes as codes
from .offers import ProtocolOffer, require_offer


@final
class HandshakeFields(Value):
    """What a request carries for an offer, besides its name in the Upgrade field."""

    __slots__ = __match_args__ = ()

    headers: Headers = field("The fields.", default=())
    options: tuple[bytes, ...] = field(
        "Connection options for those of the fields that are this hop's alone (RFC 9110 7.6.1).",
        default=(),
    )


@final
class Verified(Value):
    """The 101 answers the request's handshake."""

    __slots__ = __match_args__ = ()

    agreement: object = field(
        "What both ends keep to from here on: ``Switched.agreement``.", default=None
    )
    findings: tuple[Finding, ...] = field(
        "What the 101 has that it should not have, and that does no harm.", default=()
    )


@final
class VerificationFailed(Value):
    """The 101 does not answer the request's handshake: close the connection."""

    __slots__ = __match_args__ = ()

    findings: tuple[Finding, ...] = field("What is wrong with the 101.")


@final
class UpgradeRefusal(Value):
    """A response that does not switch, as :meth:`ClientOffer.advise` sees it."""

    __slots__ = __match_args__ = ()

    token: UpgradeToken = field("The protocol in question: one of ``tokens_to_request()``.")
    request: RequestHead = field("What was asked.")
    response: ResponseHead = field("What was answered: 426, or another 4xx status.")
    was_asked: bool = field("Whether the request asked for the protocol.")
    is_named: bool = field(
        "Whether this is a 426 whose Upgrade names the protocol. If not, other fields of the"
        " response may show that it is about this protocol."
    )
    close: bool = field("Whether the connection cannot be used again (RFC 9112 9.3).")


class AdviceValue(Value):
    """The base of all advice: ``Retry``, ``UseTLS`` and the others."""

    __slots__ = __match_args__ = ()


class ClientOffer(ProtocolOffer):
    """One protocol that a client is willing to switch to. Inherit from it to offer your own.

    :meth:`tokens` or :meth:`tokens_to_request` has to be written; everything else has a default,
    which is that of a protocol that needs no handshake besides its name. An offer never changes:
    several requests may share it.
    """

    __slots__ = ()

    def tokens_to_request(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        """What to ask for, in descending preference. By default it is :meth:`tokens`."""
        return self.tokens(secure=secure)

    def handshake_fields(self, key: bytes) -> HandshakeFields:
        """What the request carries. Nothing besides its name by default.

        ``key`` is a fresh nonce, 16 random octets in base64, for handshakes that need one. Raises
        :class:`ValueError` where the offer lacks what only a client needs.
        """
        return HandshakeFields()

    def check_request(self, request: RequestHead) -> None:
        """Raise :class:`ValueError` unless this request, which is complete, may ask for it.

        By default each may.
        """

    @property
    def requires_upgrade_option(self) -> bool:
        """Whether a 101 is refused that lacks the ``upgrade`` connection option (RFC 9110 7.8).

        True by default. The option proves that nothing on the way passed on a 101 of another
        connection. Where a handshake that authenticates the server follows, a 101 without it may
        be taken, with a finding.
        """
        return True

    def verify(
        self, request: RequestHead, response: ResponseHead, tokens: tuple[UpgradeToken, ...]
    ) -> Verified | VerificationFailed:
        """Judge a 101 whose Upgrade field has ``tokens``, one of which was asked for.

        By default a 101 that names this protocol alone is good. Its version and its connection
        options are judged besides, by the library. A refusal names what is wrong; what this raises
        reaches the caller, and nothing is lost.
        """
        faults = layer_faults(response, tokens)
        return VerificationFailed(faults) if faults else Verified()

    def advise(self, refusal: UpgradeRefusal) -> AdviceValue | None:
        """What to do about a response that does not switch: an ``Advice``.

        It is asked about each 426 that names one of :meth:`tokens_to_request` or no protocol at
        all, and about other 4xx responses to requests that asked for it. None, by default, leaves
        the advice to the library: after a 426 that names the protocol, ask for it unless that
        request did; after any other response, none.
        """
        return None


def client_offers(supported: Iterable[ClientOffer]) -> tuple[ClientOffer, ...]:
    """The offers that advice may choose from. Raises :class:`TypeError` for anything else."""
    offers = listed("supported", supported, "offers of a client")
    for each in offers:
        require_offer(each, ClientOffer, "supported")
    return offers


def layer_faults(response: ResponseHead, tokens: tuple[UpgradeToken, ...]) -> tuple[Finding, ...]:
    """What is wrong with a 101 for a protocol that has no layers (RFC 9110 7.8)."""
    if len(tokens) == 1:
        return ()
    is_repeated = len(set(tokens)) == 1
    code = codes.SWITCH_UPGRADE_REPEATED if is_repeated else codes.SWITCH_NAMES_SEVERAL
    lines = len(response.get_all(b"upgrade"))
    return (fault(response, code, "Upgrade", lines - 1),)
