"""Codes of findings that only the server's machines make.

Rules for this module: those of the codes in ``_http1``.
"""

from typing import Final

from .._http1.findings import Code

NO_REQUEST: Final = Code(
    "no-request",
    None,
    "RFC 9112 9.6",
    "the connection was closed before any octet arrived",
    "Port scans and TCP health checks do this; nothing is wrong.",
)
DRAIN_TOO_LONG: Final = Code(
    "drain-too-long",
    None,
    "RFC 9112 9.3",
    "the body of a refused request is longer than this server reads and discards",
    "The connection closes instead.",
    "Raise Limits.max_drain to keep it.",
)
EARLY_DATA_TOO_LONG: Final = Code(
    "early-data-too-long",
    400,
    "RFC 9110 7.8",
    "too many octets arrived before the request was answered",
    "Wait for the 101 before you send in the new protocol.",
)
EARLY_DATA_NOT_TAKEN: Final = Code(
    "early-data-not-taken",
    400,
    "RFC 9931 6",
    "octets arrived before the 101 of a protocol that begins after it",
    "Wait for the 101 before you send more; what arrived was discarded.",
)
EARLY_DATA_READ: Final = Code(
    "early-data-read",
    400,
    "RFC 9110 7.8",
    "what followed the request was read as another request before the 101",
    "Wait for the 101 before you send in the new protocol.",
)
REQUEST_UNREADABLE: Final = Code(
    "request-unreadable",
    400,
    "RFC 9112 2.2",
    "the HTTP parser here could not read the request",
    "Look at the octets that were sent: where they are wrong is not known here.",
)
