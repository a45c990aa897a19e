"""Where a response's body ends (RFC 9112 6.3).

Rules for this module: those of ``framing``. What a response means alone decides first, then what was
asked for.
"""

from typing import Final

from .field_values import FieldSyntaxError, parse_lengths, parse_transfer_codings
from .findings import Finding
from .framing import (
    NO_CONTENT,
    UNTIL_CLOSE,
    Framing,
    frame_by_codings,
    frame_by_digits,
)
from .head_findings import fault
from .heads import ResponseHead

# RFC 9110 15.3.5, 15.4.5: No Content and Not Modified.
_BODILESS: Final = frozenset((204, 304))
_CODED_UNTIL_CLOSE: Final = Framing(None, coded=True, until_close=True)


def frame_response(head: ResponseHead, method: bytes) -> tuple[Framing, tuple[Finding, ...]]:
    """How the body of this response to a request with ``method`` is framed, and what is wrong.

    With findings, where the body ends is unknown and the framing means nothing.
    """
    if _has_no_body(head.status_code, method):
        return NO_CONTENT, ()
    lengths = head.get_all(b"content-length")
    codings = head.get_all(b"transfer-encoding")
    if not codings:
        return _frame_by_lengths(head, lengths) if lengths else (UNTIL_CLOSE, ())
    faults: list[Finding] = []
    if lengths:
        faults.append(fault(head, "content-length-and-transfer-encoding", "Content-Length"))
    elif _ends_with_the_connection(head, codings):
        return _CODED_UNTIL_CLOSE, ()
    framing, more = frame_by_codings(head, codings, None)
    return framing, (*faults, *more)


def kept_codings(head: ResponseHead, framing: Framing) -> tuple[Finding, ...]:
    """The finding for content that is delivered as it is coded.

    RFC 9110 10.1.4: without TE, which is never sent, a server uses no coding but chunked.
    """
    if not framing.coded:
        return ()
    return (fault(head, "transfer-coding-kept", "Transfer-Encoding"),)


def _ends_with_the_connection(head: ResponseHead, lines: tuple[bytes, ...]) -> bool:
    """Whether the last coding is not chunked (RFC 9112 6.3, item 4).

    In HTTP/1.0, the framing is faulty whatever the codings are (6.1).
    """
    try:
        names = [name for name, _ in parse_transfer_codings(lines)]
    except FieldSyntaxError:
        return False
    return names[-1:] not in ([], [b"chunked"]) and head.http_version != b"1.0"


def _has_no_body(status_code: int, method: bytes) -> bool:
    """Whether it ends at its empty line, whatever its fields say (RFC 9112 6.3, 1 and 2)."""
    status_class = status_code // 100
    if status_class == 1 or status_code in _BODILESS:
        return True
    # What follows a 2xx to CONNECT is no body, but the tunnel.
    return method == b"HEAD" or (method == b"CONNECT" and status_class == 2)


def _frame_by_lengths(
    head: ResponseHead, lines: tuple[bytes, ...]
) -> tuple[Framing, tuple[Finding, ...]]:
    def refuse(code: str, line: int, position: int = 0) -> tuple[Framing, tuple[Finding, ...]]:
        return NO_CONTENT, (fault(head, code, "Content-Length", line, position),)

    try:
        values = parse_lengths(lines)
    except FieldSyntaxError as error:
        return refuse("content-length-malformed", error.line, error.position)
    if not values:
        return refuse("content-length-malformed", 0)
    # RFC 9112 6.3, 5: the same valid value, given more than once, counts as one.
    for line, value in enumerate(lines):
        if any(each != values[0] for each in parse_lengths((value,))):
            return refuse("content-length-repeated", line)
    return frame_by_digits(head, values[0])
