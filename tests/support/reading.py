"""A response as a client reads it: what is wrong with it, or its head and its content."""

from typing import NamedTuple, final

from feeding import read_pieces, scan_response_pieces, singly

from httpupgrade import Limits, ResponseHead
from httpupgrade._http1.body_reader import read_body
from httpupgrade._http1.framing import frame_response, kept_codings
from httpupgrade._http1.head_findings import kept_controls
from httpupgrade._http1.heads import response_from_parts
from httpupgrade._http1.line_scan import Unreadable


@final
class Reading(NamedTuple):
    """What came of reading a response."""

    state: str
    """"refused", "broken" inside its chunks, "complete", or "incomplete": more could follow."""
    codes: tuple[str, ...] = ()
    """Of what is refused, and of what is noted about a response that is read."""
    head: ResponseHead | None = None
    content: bytes = b""
    rest: bytes = b""

    def values(self, name: bytes) -> tuple[bytes, ...]:
        """The values of a field of the head."""
        assert self.head is not None, self.codes
        return self.head.get_all(name)


def read_response(octets: bytes, method: bytes = b"GET") -> Reading:
    """Read it in one piece, and octet by octet: the same has to come of both."""
    whole = _read([octets], method)
    assert _read(singly(octets), method) == whole
    return whole


def _read(pieces: list[bytes], method: bytes) -> Reading:
    octets = b"".join(pieces)
    outcome, _ = scan_response_pieces(pieces, Limits())
    if outcome is None:
        return Reading("incomplete", rest=octets)
    if isinstance(outcome, Unreadable):
        return Reading("refused", tuple(finding.code for finding in outcome.findings))
    head = response_from_parts(outcome)
    framing, findings = frame_response(head, method)
    if findings:
        return Reading("refused", tuple(finding.code for finding in findings), head)
    behind = octets[outcome.size :]
    read = read_pieces(read_body(framing), [behind] if len(pieces) == 1 else singly(behind))
    noted = (*kept_codings(head, framing), *kept_controls(head))
    codes = tuple(finding.code for finding in noted)
    return Reading(read.state, codes, head, read.content, read.rest)
