"""Fast path: parse a complete head at the start of the buffer.

Rules for this module: it gives the head that ``request_scan`` would find, or None; then
``request_scan`` has to look. It looks at no more octets than a head may have.
"""

from typing import Final

from . import grammar
from .fast_path_patterns import ASKING_LINE, METHOD, TARGET, USUAL_HEAD
from .heads import RequestHead, received_head
from .limits import DEFAULT_LIMITS, Limits

_MOST: Final = DEFAULT_LIMITS.max_head_bytes
# A head this short keeps all default limits: a field line has four octets or more.
_MODEST: Final = min(
    _MOST,
    DEFAULT_LIMITS.max_request_line,
    DEFAULT_LIMITS.max_header_line,
    4 * DEFAULT_LIMITS.max_header_count,
)


def head_in_front(data: bytes | bytearray, limits: Limits) -> tuple[RequestHead, int] | None:
    """A head, and how many octets it has; None where a scanner has to look."""
    most = _MOST if limits is DEFAULT_LIMITS else limits.max_head_bytes
    captured = None
    # A match of the usual pattern proves all that the other one does, and finds what the decision
    # wants to know. It takes longer, and most requests ask for nothing.
    asked = ASKING_LINE.search(data, 0, _MODEST) is not None
    match = USUAL_HEAD.match(data, 0, most) if asked else None
    if match is not None:
        captured = match.groups()
        method, target, http_version = captured[METHOD], captured[TARGET], b"1.1"
        asking = None
    else:
        match = grammar.SHORT_REQUEST_HEAD.match(data, 0, most)
        if match is None:
            return None
        method, target, http_version = match.groups()
        if http_version == b"2.0":  # it may be the preface of HTTP/2
            return None
        # A match may lie after this head; where there is none, only the beginning was searched.
        asking = None if asked or match.end() > _MODEST else False
    end = match.end()
    octets = data if type(data) is bytes and end == len(data) else bytes(data[:end])
    if (end > _MODEST or limits is not DEFAULT_LIMITS) and not _keeps(limits, octets):
        return None
    return received_head(method, target, http_version, octets, captured, asking), end


def _keeps(limits: Limits, head: bytes) -> bool:
    longest_start: int
    longest_start, longest, most = limits._values[1:4]
    start_line, *lines = head.split(b"\r\n")[:-2]
    return (
        len(start_line) <= longest_start
        and len(lines) <= most
        and max(map(len, lines), default=0) <= longest
    )
