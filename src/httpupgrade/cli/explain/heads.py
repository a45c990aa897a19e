"""Heads of requests and responses, HTTP/2 as people write it included.

Rules for this module: one head at a time, from its octets or its parts. Whatever cannot be read is
a value as well.
"""

import re
from typing import Final

from ... import RemoteProtocolError, RequestHead, ResponseHead
from ..._http1.finding_codes import FIELD_LINE_MALFORMED
from ..._http1.findings import make_finding
from ...fields import Headers
from .exchange import Answer, Exchange

_LATER_REQUEST: Final = re.compile(rb"([A-Z]+) (\S+) HTTP/([23])(?:\.0)?\r\n")
_LATER_STATUS: Final = re.compile(rb"HTTP/([23])(?:\.0)? ([1-9]\d{2})[^\r\n]*\r\n")


def with_request(exchange: Exchange, head: bytes) -> Exchange:
    """The exchange with the request of this head, or with its octets if it cannot be read.

    :param head: with its empty line.
    """
    later = _LATER_REQUEST.match(head)
    if later is not None and later[2] != b"*":  # PRI * HTTP/2.0 is a preface
        method, target, version = later.groups()
        return with_later_request(
            exchange, method, target, _fields(head[later.end() :]), version + b".0"
        )
    try:
        return exchange._replace(request=RequestHead.parse(head))
    except RemoteProtocolError:
        return exchange._replace(octets=head)


def with_later_request(
    exchange: Exchange, method: bytes, target: bytes, headers: Headers, version: bytes
) -> Exchange:
    """The same with a request in HTTP/2 or HTTP/3.

    Raises :class:`ValueError` for what no request can have.
    """
    pseudo = tuple(field for field in headers if field[0].startswith(b":"))
    others = tuple(field for field in headers if not field[0].startswith(b":"))
    host = next((value for name, value in others if name.lower() == b"host"), b"")
    scheme = b"https" if exchange.secure else b"http"
    made = ((b":method", method), (b":scheme", scheme), (b":authority", host), (b":path", target))
    there = {name for name, _ in pseudo}
    added = tuple(field for field in made if field[0] not in there)
    lower = tuple((name.lower(), value) for name, value in others if name.lower() != b"host")
    return exchange._replace(
        request=RequestHead.from_parser(method, target, others, version),
        fields=(*pseudo, *added, *lower),
    )


def response_of(head: bytes) -> Answer:
    """The response of this head, or what is wrong with it.

    :param head: with its empty line.
    """
    later = _LATER_STATUS.match(head)
    try:
        if later is None:
            return ResponseHead.parse(head)
        fields, version = _fields(head[later.end() :]), later[1] + b".0"
        return ResponseHead(int(later[2]), fields, http_version=version)
    except RemoteProtocolError as error:
        return error
    except ValueError:
        return RemoteProtocolError((make_finding(FIELD_LINE_MALFORMED),))


def _fields(lines: bytes) -> Headers:
    """The field lines of a head in HTTP/2, as people write them down."""
    found = []
    for line in lines.split(b"\r\n"):
        # The colon of a pseudo-header field is part of its name.
        name, colon, value = line[1:].partition(b":")
        if colon:
            found.append((line[:1] + name, value.strip(b" \t")))
    return tuple(found)


def is_interim(answer: Answer) -> bool:
    """Whether another response follows (RFC 9110 15.2)."""
    if not isinstance(answer, ResponseHead):
        return False
    return 100 <= answer.status_code < 200 and answer.status_code != 101


def is_tunnel(request: RequestHead | None, answer: Answer | None) -> bool:
    """Whether this is how a client asks its proxy for a tunnel, and gets it (RFC 9110 9.3.6)."""
    if not isinstance(answer, ResponseHead) or not 200 <= answer.status_code < 300:
        return False
    if request is None:  # all that curl -i prints of it
        return answer.reason.lower() == b"connection established"
    return request.method == b"CONNECT" and request.http_version.startswith(b"1.")
