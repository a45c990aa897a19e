"""The walk along the lines of a head that arrives bit by bit.

Rules for this module: the outcome is a function of the octets alone. It is reached at the first
octet that settles it, however the octets were cut, and takes time linear in them. What tells
requests from responses stands in ``request_scan`` and ``response_scan``.
"""

from typing import ClassVar, Final, Generic, TypeVar, final

from . import finding_codes as codes
from . import grammar
from .field_values import Headers
from .findings import MOST_FINDINGS, VALUE_BOUND, Code, Finding, make_finding
from .limits import DEFAULT_LIMITS, Limits
from .received_lines import (
    Shown,
    show_field_line,
    show_first_octets,
    show_request_line,
    show_status_line,
)
from .values import Value, field

_Parts = TypeVar("_Parts")

_CR: Final = 0x0D

# Octets outside of ASCII become one that can be in a target, and neither in a method nor a version.
_ENCODED: Final = bytes(range(0x80)) + b"?" * 0x80


@final
class Unreadable(Value):
    """Octets that are no head we judge by its fields."""

    __slots__ = __match_args__ = ()

    findings: tuple[Finding, ...] = field("What is wrong with them.")
    size: int = field(
        "Octets up to where a lenient parser sees the head end; 0 when that place is not known."
    )
    seems_to_upgrade: bool = field(
        "Whether some parser could take any line so far for an Upgrade field."
    )


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
        self._start = 0  # of the head, after what may stand before it
        self._began = False  # what is there can become a head
        self._line = 0  # start of the line that is being read
        self._searched = 0  # no LF between the line's start and here
        self._in_first_line = True
        self._count = 0  # of field lines
        # While the buffer is shorter and gets no LF, scanning it says nothing new. 0: scan it.
        self.quiet_below = 0

    @property
    def has_begun(self) -> bool:
        """Whether it has seen the first octet of what can become a head."""
        return self._began

    # What a request and a response do each in their own way.

    def _begin(self, buffer: bytearray, known: int) -> Unreadable | None:
        """Look for the first octets of a head, and note in ``_began`` that they are there."""
        raise NotImplementedError

    def _judge_first_line(self, line: bytes) -> Unreadable | None:
        """What says, before the rest arrives, that this is no head at all."""
        raise NotImplementedError

    def _first_line_too_long(self, buffer: bytearray, settled: int) -> Code:
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
            return self._over(codes.HEAD_TOO_LONG, buffer, limit)
        return outcome

    def _scan_lines(self, buffer: bytearray, known: int) -> _Parts | Unreadable | None:
        outcome: _Parts | Unreadable | None
        if not self._began:
            outcome = self._begin(buffer, known)
            if not self._began:
                return outcome
        # Most heads are there as a whole: what is known of a line is in variables until it matters.
        start, searched, count = self._line, self._searched, self._count
        _, longest_start, longest_line, most, *_ = self._limits._values
        longest = longest_start if self._in_first_line else longest_line
        while True:
            feed = buffer.find(b"\n", searched, known)
            end = known if feed < 0 else feed + 1
            settled = start + longest + 2  # where the line ends at the latest, with its CRLF
            if end >= settled and not buffer.startswith(b"\r\n", settled - 2):
                return self._line_too_long(buffer, start, settled)
            if feed < 0:
                self._line, self._searched, self._count = start, known, count
                self.quiet_below = min(settled, self._limits.max_head_bytes + 1)
                return None
            if self._in_first_line:
                self._in_first_line = False
                line = bytes(memoryview(buffer)[start:feed]).removesuffix(b"\r")
                outcome = self._judge_first_line(line)
                if outcome is not None:
                    return outcome
                longest = longest_line
            elif feed < start + 2 and (feed == start or buffer[start] == _CR):
                return self._finish(buffer, end)
            else:
                count += 1
                if count > most:
                    self._line = start
                    return self._over(codes.TOO_MANY_HEADERS, buffer, end)
            start = searched = end

    def _line_too_long(self, buffer: bytearray, start: int, settled: int) -> Unreadable:
        self._line, code = start, codes.HEADER_LINE_TOO_LONG
        if self._in_first_line:
            code = self._first_line_too_long(buffer, settled)
        return self._over(code, buffer, settled)

    def _over(self, code: Code, buffer: bytearray, settled: int) -> Unreadable:
        line = bytes(buffer[self._line : settled])
        first, request = self._in_first_line, self._of_requests
        shown = _show(line, 0, len(line), first=first, request=request, is_cut=True)
        finding = make_finding(code, value=line, offset=self._line - self._start, shown=shown)
        upgrade = grammar.UPGRADE_LIKE_LINE.search(buffer, self._start, settled) is not None
        return Unreadable((finding,), 0, upgrade)

    def _finish(self, buffer: bytearray, end: int) -> _Parts | Unreadable:
        raw = bytes(memoryview(buffer)[self._start : end])
        parts = self._read(raw, end)
        if parts is not None:
            return parts
        upgrade = grammar.UPGRADE_LIKE_LINE.search(raw) is not None
        return Unreadable(diagnose_head(raw, request=self._of_requests), end, upgrade)


def no_head(code: Code, octets: bytes, shown: Shown | None = None) -> Unreadable:
    """The outcome for octets that begin no head; by default, the first of them are shown."""
    shown = show_first_octets(octets) if shown is None else shown
    return Unreadable((make_finding(code, value=octets, offset=0, shown=shown),), 0, False)


# A head this short keeps all default limits: a field line has four octets or more.
MODEST: Final = min(
    DEFAULT_LIMITS.max_head_bytes,
    DEFAULT_LIMITS.max_request_line,
    DEFAULT_LIMITS.max_header_line,
    4 * DEFAULT_LIMITS.max_header_count,
)


def keeps_limits(head: bytes, limits: Limits) -> bool:
    """Whether the lines of a whole head, and their number, are within the limits."""
    size = len(head)
    if size <= MODEST and limits is DEFAULT_LIMITS:
        return True
    longest_start: int
    longest_start, longest, most = limits._values[1:4]
    if head.count(b"\n") - 2 > most:
        return False
    if size <= longest_start and size <= longest:  # then no line of it is longer
        return True
    start_line, *lines = head.split(b"\r\n")[:-2]
    return len(start_line) <= longest_start and max(map(len, lines), default=0) <= longest


def split_fields(raw: bytes) -> Headers:
    """The fields of a head that keeps the grammar, and has no line that goes on."""
    split = [line.partition(b":") for line in raw.split(b"\r\n")[1:-2]]
    return tuple([(name, value.strip(b" \t")) for name, _, value in split])


def diagnose_head(raw: bytes, *, request: bool) -> tuple[Finding, ...]:
    """Everything that keeps these octets from being a head; nothing if they are one.

    ``raw`` ends with the line feed of the empty line that ends it. A fault that is there several
    times is one finding with a count.
    """
    faults = _Faults(request=request)
    for line in raw.split(b"\n")[:-1]:
        faults.judge(line)
    return faults.findings()


@final
class _Faults:
    """The faults of the lines of a head, each kind once, in the order of the first of each."""

    __slots__ = ("_counts", "_found", "_line", "_number", "_offset", "_previous", "_request")

    _line: bytes
    _previous: bytes

    def __init__(self, *, request: bool) -> None:
        self._request = request
        self._found: dict[tuple[str, str | None], Finding] = {}
        self._counts: dict[tuple[str, str | None], int] = {}
        self._number = self._offset = 0

    def findings(self) -> tuple[Finding, ...]:
        """What was found, with counts."""
        return tuple([each.replace(times=self._counts[kind]) for kind, each in self._found.items()])

    def judge(self, line: bytes) -> None:
        """Look at the next line; its LF is not part of it."""
        content = line.removesuffix(b"\r")
        self._line = content
        if len(content) == len(line):
            self._note(codes.BARE_LF, len(line), line + b"\n")
        stray_cr = content.find(b"\r")
        if stray_cr >= 0:
            self._note(codes.BARE_CR, stray_cr)
        elif self._number == 0:
            self._judge_start_line(content)
        elif content.startswith((b" ", b"\t")):
            self._judge_blank(content)
        elif content and grammar.FIELD_LINE.fullmatch(content) is None:
            self._judge_field_line(content)
        self._number += 1
        self._offset += len(line) + 1
        self._previous = content

    def _judge_start_line(self, line: bytes) -> None:
        if not self._request:
            if grammar.STATUS_LINE.fullmatch(line) is None:
                self._note(codes.STATUS_LINE_MALFORMED, 0, end=len(line))
        elif grammar.REQUEST_LINE.fullmatch(line) is None:
            if grammar.REQUEST_LINE.fullmatch(line.translate(_ENCODED)) is None:
                self._note(codes.REQUEST_LINE_MALFORMED, 0, end=len(line))
            else:
                bad = grammar.BAD_TARGET_OCTET.search(line, line.find(b" ") + 1)
                assert bad is not None, "nothing else keeps this from being a request line"
                self._note(codes.TARGET_NOT_ENCODED, bad.start())

    def _judge_blank(self, line: bytes) -> None:
        """A line that begins with white space."""
        if self._number == 1:
            self._note(codes.LEADING_WHITESPACE, 0)
        elif self._request:
            # What is shown is the line that it continues.
            self._note(codes.OBS_FOLD, 0, shown=_show_value(self._previous))
        else:
            # RFC 9112 5.2: in a response, it continues the previous line.
            bad = grammar.NUL.search(line)
            if bad is not None:
                self._note(codes.FIELD_VALUE_MALFORMED, bad.start())

    def _judge_field_line(self, line: bytes) -> None:
        name, colon, value = line.partition(b":")
        trimmed = name.rstrip(b" \t")
        if not colon or grammar.TOKEN.fullmatch(trimmed) is None:
            self._note(codes.FIELD_LINE_MALFORMED, 0, end=len(name))
            return
        field = trimmed[:VALUE_BOUND].decode("ascii")
        if trimmed != name:
            self._note(codes.FIELD_NAME_SPACE, len(trimmed), end=len(name), field=field)
            return
        # RFC 9110 5.5: of the controls, a response may hold all but CR, LF and NUL.
        bad = (grammar.BAD_FIELD_OCTET if self._request else grammar.NUL).search(value)
        if bad is not None:
            place = len(name) + 1 + bad.start()
            self._note(codes.FIELD_VALUE_MALFORMED, place, field=field, value=value)

    def _note(
        self,
        code: Code,
        place: int,
        line: bytes | None = None,
        *,
        end: int | None = None,
        field: str | None = None,
        value: bytes | None = None,
        shown: Shown | None = None,
    ) -> None:
        """Count a fault that begins at a place in the line, and describe the first of its kind."""
        kind = code.name, field
        if kind in self._found:
            self._counts[kind] += 1
        elif len(self._found) < MOST_FINDINGS:
            line = self._line if line is None else line
            if shown is None:
                end = place + 1 if end is None else end
                shown = _show(line, place, end, first=self._number == 0, request=self._request)
            value = self._line if value is None else value
            offset = self._offset + place
            self._found[kind] = make_finding(
                code, field=field, value=value, offset=offset, shown=shown
            )
            self._counts[kind] = 1


def _show(
    line: bytes, start: int, end: int, *, first: bool, request: bool, is_cut: bool = False
) -> Shown | None:
    """A line as far as it may be shown."""
    if not first:
        return show_field_line(line, start, end, is_cut=is_cut)
    if not request:
        return show_status_line(line, start, end)
    return show_request_line(line, start, end, is_cut=is_cut)


def _show_value(line: bytes) -> Shown | None:
    """A field line whose value is at fault."""
    return show_field_line(line, line.find(b":") + 1, len(line))
