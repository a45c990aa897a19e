"""Client-side verification of a 101 (RFC 9110 7.8, 15.2.2).

Rules for this module: a connection is switched only to what its client asked for, and every check
that fails is found. What a protocol demands besides is its offer's to check.
"""

from typing import Final

from .._http1.arguments import require
from .._http1.errors import LocalProtocolError
from .._http1.field_values import parse_connection, parse_upgrade
from .._http1.findings import Finding, make_finding
from .._http1.head_findings import fault, kept_controls, read_list
from .._http1.heads import RequestHead, ResponseHead
from .._negotiation.client_offers import ClientOffer, VerificationFailed, Verified
from . import finding_codes as codes
from .events import Switched
from .request import Request, request_of_another

_OF_CONTENT: Final = (
    ("Content-Length", b"content-length"),
    ("Transfer-Encoding", b"transfer-encoding"),
)


def verify_switch(
    request: RequestHead, response: ResponseHead, *offers: ClientOffer, secure: bool = False
) -> Switched | VerificationFailed:
    """Judge a 101 that answers a request of any client: what a proxy does before it tunnels.

    :param request: as it went out to the server.
    :param offers: what the switch may be to; of that, what the request asks for. Their
        subprotocols and extensions do not count: the request names its own.
    :param secure: whether the connection to the server is inside TLS.

    Raises :class:`ValueError` for a response that is not a 101.
    """
    require("response is a ResponseHead", response, ResponseHead)
    if response.status_code != 101:
        raise ValueError(f"{response.status_code} switches nothing")
    return judge_switch(request_of_another(request, offers, secure=secure), response)


def judge_switch(request: Request, response: ResponseHead) -> Switched | VerificationFailed:
    """Judge a 101 that answers this request."""
    if not request.offers:
        return VerificationFailed((fault(response, codes.SWITCH_UNASKED, "Upgrade"),))
    faults: list[Finding] = []
    noted: list[Finding] = []
    if response.http_version == b"1.0":
        faults.append(make_finding(codes.SWITCH_IN_HTTP_1_0, value=b"HTTP/1.0", offset=0))
    tokens = read_list(response, "Upgrade", parse_upgrade, codes.SWITCH_UPGRADE_MALFORMED, faults)
    if tokens == ():
        faults.append(fault(response, codes.SWITCH_UPGRADE_MISSING, "Upgrade"))
    tokens = tokens or ()
    token = next((each for each in tokens if each in request.offers), None)
    if tokens and token is None:
        faults.append(fault(response, codes.SWITCH_NOT_ASKED_FOR, "Upgrade"))
    malformed = codes.SWITCH_CONNECTION_MALFORMED
    options = read_list(response, "Connection", parse_connection, malformed, faults)
    if options is not None and b"upgrade" not in options:
        is_required = token is None or request.offers[token].requires_upgrade_option
        missing = fault(response, codes.SWITCH_OPTION_MISSING, "Connection")
        (faults if is_required else noted).append(missing)
    noted += noted_of_interim(response)
    if token is None:
        return VerificationFailed(tuple(faults))
    outcome = request.offers[token].verify(request.head, response, tokens)
    require(
        "verify() returns a Verified or VerificationFailed", outcome, (Verified, VerificationFailed)
    )
    if faults or isinstance(outcome, VerificationFailed):
        faults += outcome.findings
        if not faults:
            raise LocalProtocolError(f"the offer of {token} refuses a 101 and does not say why")
        return VerificationFailed(tuple(faults))
    findings = (*noted, *outcome.findings)
    return Switched(token, tokens, response, outcome.agreement, findings)


def noted_of_interim(response: ResponseHead) -> tuple[Finding, ...]:
    """What is odd about an interim response: controls; content, which it never has (15.2)."""
    announced = [name for name, folded in _OF_CONTENT if response.has(folded)]
    content = [fault(response, codes.INTERIM_ANNOUNCES_CONTENT, name) for name in announced]
    return (*content, *kept_controls(response))
