"""Sec-WebSocket-Version: the versions of a server, of a client and of a message (RFC 6455 4.4).

Rules for this module: a version is a number from 0 to 255 in decimal, as the ABNF has it.
"""

from collections.abc import Iterable

from ..._http1.arguments import items
from ..._http1.findings import Finding, make_finding
from ..._http1.head_findings import fault
from ..._http1.heads import RequestHead
from ..._negotiation.advice import (
    VERSION_FIELD,
    WEBSOCKET_TOKEN,
    WEBSOCKET_VERSION,
    NothingInCommon,
    asked_in_vain,
    listed_versions,
)
from ..._negotiation.client_offers import UpgradeRefusal
from . import finding_codes as codes


def checked_versions(versions: Iterable[int]) -> tuple[bytes, ...]:
    """The versions that an offer is made with. Raises :class:`ValueError` for others."""
    checked = tuple([b"%d" % each for each in items("versions", versions, int, "numbers")])
    if not checked or not all(map(WEBSOCKET_VERSION.fullmatch, checked)):
        raise ValueError("versions holds one or more numbers from 0 to 255")
    return checked


def version_fault(head: RequestHead, spoken: tuple[bytes, ...]) -> Finding | None:
    """What is wrong with the version of a request, if anything is (RFC 6455 4.2.1)."""
    lines = head.get_all(VERSION_FIELD.encode())
    if not lines:
        return make_finding(codes.WEBSOCKET_VERSION_MISSING, field=VERSION_FIELD)
    if len(lines) > 1:
        return fault(head, codes.WEBSOCKET_VERSION_REPEATED, VERSION_FIELD, 1)
    if WEBSOCKET_VERSION.fullmatch(lines[0]) is None:
        return fault(head, codes.WEBSOCKET_VERSION_MALFORMED, VERSION_FIELD)
    if lines[0] not in spoken:
        return fault(head, codes.WEBSOCKET_VERSION_UNSUPPORTED, VERSION_FIELD)
    return None


def version_to_try(
    refusal: UpgradeRefusal, spoken: tuple[int, ...]
) -> int | NothingInCommon | None:
    """The version to ask for after a refusal, or why there is none (RFC 6455 4.2.2).

    None where the refusal says nothing of WebSocket: neither its name nor versions.

    :param spoken: the versions of the client, the preferred one first.
    """
    listed = listed_versions(refusal.response, [])
    if not (listed or refusal.is_named):
        return None
    version = next((each for each in spoken if each in (listed or spoken)), None)
    if version is None:
        value = b", ".join(b"%d" % each for each in listed)
        finding = make_finding(codes.NO_COMMON_VERSION, field=VERSION_FIELD, value=value)
        return NothingInCommon(finding)
    if refusal.was_asked and refusal.request.get(VERSION_FIELD.encode()) == b"%d" % version:
        return asked_in_vain(WEBSOCKET_TOKEN)
    return version
