"""The walk along the lines of a head that arrives bit by bit.

The law of this file: the outcome is a function of the octets alone. It is reached at the first
octet that settles it, however the octets were cut, and finding it costs time linear in them. What
tells requests from responses stands with each of them.
"""

from typing import ClassVar, Generic, NamedTuple, TypeVar, final

from . import _grammar
from ._fields import Headers
from ._findings import MOST_FINDINGS, VALUE_BOUND, Finding, find
from ._limits import Limits

_Parts = TypeVar("_Parts")


@final
class Unreadable(NamedTuple):
    """Octets that are no head we judge by its fields."""

    findings: tuple[Finding, ...]
    size: int
    """Octets up to where a lenient parser sees the head end; 0 when that place is not known."""
    seems_to_upgrade: bool
    """Whether any line so far could be taken for an Upgrade field by somebody."""


class HeadScanner(Generic[_Parts]):
    """Finds one head at the front of a growing buffer.

    Call :meth:`scan` with the same buffer, grown, until it returns something; then start anew.
    """

    __slots__ = (
        "_began",
        "_count",
        "_in_first_line",
        "_limits",
        "_line",
        "_searched",
        "_start",
        "quiet_below",
    )

    _of_requests: ClassVar[bool]

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._start = 0  # of the head, behind what may stand in front of it
        self._began = False  # what is there can become a head
        self._line = 0  # start of the line that is being read
        self._searched = 0  # no LF between the line's start and here
        self._in_first_line = True
        self._count = 0  # of field lines
        # While the buffer is shorter and gets no LF, scanning it says nothing new.
        self.quiet_below = 0

    # What a request and a response do each in their own way.

    def _begin(self, buffer: bytearray, known: int) -> Unreadable | None:
        """Look for the first octets of a head, and note in ``_began`` that they are there."""
        raise NotImplementedError

    def _judge_first_line(self, line: bytes) -> Finding | None:
        """What says, before the rest arrives, that this is no head at all."""
        raise NotImplementedError

    def _first_line_too_long(self, buffer: bytearray, settled: int) -> str:
        """The code for a first line that is over its limit."""
        raise NotImplementedError

    def _read(self, raw: bytes, size: int) -> _Parts | None:
        """The parts of a head that was found; None if it breaks the grammar."""
        raise NotImplementedError

    # The walk.

    def scan(self, buffer: bytearray) -> _Parts | Unreadable | None:
        """The outcome, or None while more octets are needed."""
        limit = self._limits.max_head_bytes
        # Nothing beyond the limit is looked at, so nothing there can change the outcome.
        known = min(len(buffer), limit)
        outcome = self._scan_lines(buffer, known)
        if outcome is None and len(buffer) > limit:
            return self._over("head-too-long", buffer, limit)
        return outcome

    def _scan_lines(self, buffer: bytearray, known: int) -> _Parts | Unreadable | None:
        outcome: _Parts | Unreadable | None
        if not self._began:
            outcome = self._begin(buffer, known)
            if not self._began:
                return outcome
        while True:
            feed = buffer.find(b"\n", self._searched, known)
            end = known if feed < 0 else feed + 1
            outcome = self._check_line_length(buffer, end)
            if outcome is not None:
                return outcome
            if feed < 0:
                self._searched = known
                self.quiet_below = min(self._longest(), self._limits.max_head_bytes + 1)
                return None
            outcome = self._take_line(buffer, feed)
            if outcome is not None:
                return outcome

    def _take_line(self, buffer: bytearray, feed: int) -> _Parts | Unreadable | None:
        content = bytes(memoryview(buffer)[self._line : feed]).removesuffix(b"\r")
        end = feed + 1
        if self._in_first_line:
            self._in_first_line = False
            stray = self._judge_first_line(content)
            if stray is not None:
                return Unreadable((stray,), 0, False)
        elif not content:
            return self._finish(buffer, end)
        else:
            self._count += 1
            if self._count > self._limits.max_header_count:
                return self._over("too-many-headers", buffer, end)
        self._line = self._searched = end
        return None

    def _check_line_length(self, buffer: bytearray, end: int) -> Unreadable | None:
        settled = self._longest()
        if end < settled or buffer.startswith(b"\r\n", settled - 2):
            return None
        if not self._in_first_line:
            return self._over("header-line-too-long", buffer, settled)
        return self._over(self._first_line_too_long(buffer, settled), buffer, settled)

    def _longest(self) -> int:
        """Where the line that is being read ends at the latest, its CRLF included."""
        limits = self._limits
        limit = limits.max_request_line if self._in_first_line else limits.max_header_line
        return self._line + limit + 2

    def _over(self, code: str, buffer: bytearray, settled: int) -> Unreadable:
        value = bytes(buffer[self._line : min(settled, self._line + VALUE_BOUND)])
        finding = find(code, value=value, offset=self._line - self._start)
        upgrade = _grammar.UPGRADE_LIKE_LINE.search(buffer, self._start, settled) is not None
        return Unreadable((finding,), 0, upgrade)

    def _finish(self, buffer: bytearray, end: int) -> _Parts | Unreadable:
        raw = bytes(memoryview(buffer)[self._start : end])
        parts = self._read(raw, end)
        if parts is not None:
            return parts
        upgrade = _grammar.UPGRADE_LIKE_LINE.search(raw) is not None
        return Unreadable(diagnose_head(raw, request=self._of_requests), end, upgrade)


def split_fields(raw: bytes) -> Headers:
    """The fields of a head that keeps the grammar, and has no line that goes on."""
    split = [line.partition(b":") for line in raw.split(b"\r\n")[1:-2]]
    return tuple([(name, value.strip(b" \t")) for name, _, value in split])


def diagnose_head(raw: bytes, *, request: bool) -> tuple[Finding, ...]:
    """Everything that keeps these octets from being a head; nothing if they are one.

    ``raw`` ends with the line feed of the empty line that ends it.
    """
    findings: list[Finding] = []
    offset = 0
    start_line = _grammar.REQUEST_LINE if request else _grammar.STATUS_LINE
    for number, line in enumerate(raw.split(b"\n")[:-1]):
        content = line.removesuffix(b"\r")
        if len(content) == len(line):
            findings.append(find("bare-lf", value=line, offset=offset + len(line)))
        stray_cr = content.find(b"\r")
        if stray_cr >= 0:
            findings.append(find("bare-cr", value=content, offset=offset + stray_cr))
        elif number == 0:
            if start_line.fullmatch(content) is None:
                code = "request-line-malformed" if request else "status-line-malformed"
                findings.append(find(code, value=content, offset=offset))
        elif content.startswith((b" ", b"\t")):
            findings += _diagnose_blank(content, offset, first=number == 1, request=request)
        elif content and _grammar.FIELD_LINE.fullmatch(content) is None:
            findings += _diagnose_field_line(content, offset, request=request)
        offset += len(line) + 1
        if len(findings) >= MOST_FINDINGS:
            break
    return tuple(findings)


def _diagnose_blank(line: bytes, offset: int, *, first: bool, request: bool) -> list[Finding]:
    """What is wrong with a line that begins with white space."""
    if first or request:
        code = "leading-whitespace" if first else "obs-fold"
        return [find(code, value=line, offset=offset)]
    # RFC 9112 5.2: in a response, it continues the previous line.
    bad = _grammar.NUL.search(line)
    if bad is None:
        return []
    return [find("field-value-malformed", value=line, offset=offset + bad.start())]


def _diagnose_field_line(line: bytes, offset: int, *, request: bool) -> list[Finding]:
    name, colon, value = line.partition(b":")
    trimmed = name.rstrip(b" \t")
    if not colon or _grammar.TOKEN.fullmatch(trimmed) is None:
        return [find("field-line-malformed", value=line, offset=offset)]
    field = trimmed[:VALUE_BOUND].decode("ascii")
    if trimmed != name:
        return [find("field-name-space", field=field, value=line, offset=offset + len(trimmed))]
    # RFC 9110 5.5: of the controls, a response may hold all but CR, LF and NUL.
    bad = (_grammar.BAD_FIELD_OCTET if request else _grammar.NUL).search(value)
    if bad is None:
        return []
    place = offset + len(name) + 1 + bad.start()
    return [find("field-value-malformed", field=field, value=value, offset=place)]
