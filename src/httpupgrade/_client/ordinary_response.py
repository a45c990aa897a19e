"""Final responses as a client reads them: 426 (RFC 9110 15.5.22), and all others.

Rules for this module: whatever is wrong with a 426 is a finding. It says at least that nothing is
served here without an upgrade, which is what its client has to know.
"""

from collections.abc import Iterable
from typing import final

from .._http1.field_values import UpgradeToken, parse_connection, parse_upgrade
from .._http1.findings import Finding, make_finding
from .._http1.head_findings import fault, read_list
from .._http1.heads import RequestHead, ResponseHead
from .._http1.values import Value, field
from .._negotiation.advice import (
    MEANT_BY_VERSIONS,
    Advice,
    NothingInCommon,
    asked_in_vain,
    listed_versions,
)
from .._negotiation.client_offers import ClientOffer, client_offers
from . import finding_codes as codes
from .next_step import Adviser, nothing_in_common
from .request import indicated_tokens


@final
class UpgradeRequired(Value):
    """The server asks for another protocol: 426 (RFC 9110 15.5.22)."""

    __slots__ = __match_args__ = ()

    tokens: tuple[UpgradeToken, ...] = field(
        "The protocols that it wants, in its order; empty if it does not say."
    )
    versions: tuple[int, ...] = field(
        "Of Sec-WebSocket-Version, in the server's order (RFC 6455 4.4)."
    )
    head: ResponseHead = field("Its head.")
    body: bytes = field("Its content, at most ``Limits.max_response_body`` octets of it.")
    close: bool = field("Whether the connection cannot be used again (RFC 9112 9.3).")
    findings: tuple[Finding, ...] = field(
        "What is wrong with it: most servers' 426 does not name a protocol."
    )
    request: RequestHead = field("What was asked.")
    secure: bool = field("Whether that was inside TLS.")

    def next_step(
        self, supported: Iterable[ClientOffer], *, tls: bool = False, http2: bool = False
    ) -> Advice:
        """What to do to be served.

        :param supported: what the caller can speak after an Upgrade. What is tried first is the
            server's choice.
        :param tls: whether the caller could connect anew with https or wss.
        :param http2: whether the caller could speak HTTP/2 without an Upgrade.
        """
        offers = client_offers(supported)
        step = Adviser(
            self.request,
            self.head,
            offers,
            closing=self.close,
            secure=self.secure,
            tls=tls,
            http2=http2,
        ).after_426(self.tokens)
        if step is not None:
            return step
        if self.versions:
            return nothing_in_common(MEANT_BY_VERSIONS)
        asked = indicated_tokens(self.request)
        if asked and not any(self.head.get_all(b"upgrade")):
            return asked_in_vain(*asked, detail="The 426 does not say which protocol it requires.")
        reasons = (each for each in self.findings if each.field == "Upgrade")
        not_said = make_finding(codes.UPGRADE_LIST_MISSING, field="Upgrade")
        return NothingInCommon(next(reasons, not_said))


@final
class OrdinaryResponse(Value):
    """The server has answered in HTTP, and not switched; with a 200 as with a 404.

    The response is an ordinary one: redirects, challenges and Retry-After are in its head. Its body
    comes as :class:`Content`; but after a 2xx to CONNECT, what comes is the tunnel's, as after
    :class:`Switched`.
    """

    __slots__ = ()
    __match_args__ = ("head",)

    head: ResponseHead = field("Its head.")
    close: bool = field(
        "Whether the connection cannot be used again after the body (RFC 9112 9.3)."
    )
    request: RequestHead = field("What was asked.")
    findings: tuple[Finding, ...] = field(
        "What is odd about it: controls in its fields; transfer codings that are still on its "
        "content.",
        default=(),
    )

    def next_step(self, supported: Iterable[ClientOffer]) -> Advice | None:
        """What to try after a 4xx that refuses what was asked for, if one of the offers knows.

        Many servers refuse the version of a WebSocket by another status than 426: 400 with
        Sec-WebSocket-Version (RFC 6455 4.4). What to do then is ``UseWebSocketVersion``.
        """
        offers = client_offers(supported)
        if not 400 <= self.head.status_code <= 499:
            return None
        return Adviser(self.request, self.head, offers, closing=self.close).after_another_refusal()


def read_requirements(
    head: ResponseHead,
) -> tuple[tuple[UpgradeToken, ...], tuple[int, ...], list[Finding]]:
    """The protocols and the versions that a 426 names, and what is wrong with how it does."""
    faults: list[Finding] = []
    tokens = read_list(head, "Upgrade", parse_upgrade, codes.UPGRADE_LIST_MALFORMED, faults)
    if tokens == ():
        faults.append(fault(head, codes.UPGRADE_LIST_MISSING, "Upgrade"))
    elif tokens:
        # RFC 9110 7.6.1 would have it ignored, as forwarded by mistake. A 426 that was forwarded
        # says what the server wants all the same, and trying does no harm.
        without = codes.UPGRADE_LIST_WITHOUT_OPTION
        options = read_list(head, "Connection", parse_connection, without, faults)
        if options is not None and b"upgrade" not in options:
            faults.append(fault(head, without, "Connection"))
    return tuple(dict.fromkeys(tokens or ())), listed_versions(head, faults), faults
