"""Fast path: parse a complete head at the start of the buffer.

Rules for this module: it gives the head that ``request_scan`` would find, or None; then
``request_scan`` has to look. It looks at no more octets than a head may have.
"""

from typing import Final

from . import grammar
from .fast_path_patterns import ASKING_LINE, METHOD, TARGET, USUAL_HEAD
from .heads import RequestHead, received_head
from .limits import DEFAULT_LIMITS, Limits
from .line_scan import MODEST, keeps_limits

_MOST: Final = DEFAULT_LIMITS.max_head_bytes


def head_in_front(data: bytes | bytearray, limits: Limits) -> tuple[RequestHead, int] | None:
    """A head, and how many octets it has; None where a scanner has to look."""
    most = _MOST if limits is DEFAULT_LIMITS else limits.max_head_bytes
    captured = None
    # A match of the usual pattern proves all that the other one does, and finds what the decision
    # wants to know. It takes longer, and most requests ask for nothing.
    asked = ASKING_LINE.search(data, 0, MODEST) is not None
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
        asking = None if asked or match.end() > MODEST else False
    end = match.end()
    octets = data if type(data) is bytes and end == len(data) else bytes(data[:end])
    if (end > MODEST or limits is not DEFAULT_LIMITS) and not keeps_limits(octets, limits):
        return None
    return received_head(method, target, http_version, octets, captured, asking), end
