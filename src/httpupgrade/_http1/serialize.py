"""Heads as octets, and the reason phrases of status codes (RFC 9112 4, RFC 9110 15).

Rules for this module: it writes what it is given. Callers check before it, or after it.
"""

from types import MappingProxyType
from typing import Final

from .field_values import HeadersLike

_REASONS: Final = MappingProxyType(
    {
        300: b"Multiple Choices",
        301: b"Moved Permanently",
        302: b"Found",
        303: b"See Other",
        307: b"Temporary Redirect",
        308: b"Permanent Redirect",
        400: b"Bad Request",
        401: b"Unauthorized",
        403: b"Forbidden",
        404: b"Not Found",
        405: b"Method Not Allowed",
        406: b"Not Acceptable",
        407: b"Proxy Authentication Required",
        408: b"Request Timeout",
        409: b"Conflict",
        410: b"Gone",
        413: b"Content Too Large",
        414: b"URI Too Long",
        417: b"Expectation Failed",
        421: b"Misdirected Request",
        426: b"Upgrade Required",
        429: b"Too Many Requests",
        431: b"Request Header Fields Too Large",
        500: b"Internal Server Error",
        501: b"Not Implemented",
        502: b"Bad Gateway",
        503: b"Service Unavailable",
        504: b"Gateway Timeout",
        505: b"HTTP Version Not Supported",
    }
)


def reason_phrase(status_code: int) -> bytes:
    """The usual reason phrase, empty where there is none."""
    return _REASONS.get(status_code, b"")


def write_head(start_line: bytes, headers: HeadersLike) -> bytes:
    """A head on the wire."""
    lines = [name + b": " + value for name, value in headers]
    return b"\r\n".join((start_line, *lines, b"", b""))
