"""Sec-WebSocket-Version: the versions of a server, of a client and of a message (RFC 6455 4.4).

Rules for this module: a version is a number from 0 to 255 in decimal, as the ABNF has it.
"""

import re
from collections.abc import Iterable
from typing import Final

from ..._http1.arguments import items
from ..._http1.findings import Finding, make_finding
from ..._http1.head_findings import fault
from ..._http1.heads import RequestHead
from . import finding_codes as codes

VERSION_FIELD: Final = "Sec-WebSocket-Version"

# RFC 6455 4.3: version = DIGIT | (NZDIGIT DIGIT) | ("1" DIGIT DIGIT) | ("2" DIGIT DIGIT), 0-255
WEBSOCKET_VERSION: Final = re.compile(rb"25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9]")


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
