"""From octets to the parts of a head, or to what is wrong with them.

The law of this file: the outcome is a function of the octets alone. It is reached at the first
octet that settles it, however the octets were cut, and finding it costs time linear in them. A
faster scan may replace this one; the tests hold any two to the same outcomes.
"""

from typing import Final, NamedTuple, final

from . import _grammar
from ._fields import Headers
from ._findings import MOST_FINDINGS, VALUE_BOUND, Finding, find
from ._limits import Limits

_PROXY_V1: Final = b"PROXY "
_PROXY_V2: Final = b"\r\n\r\n\x00\r\nQUIT\n"
_TLS_HANDSHAKE: Final = 0x16
_CR: Final = 0x0D


@final
class HeadParts(NamedTuple):
    """A request head that keeps the grammar."""

    size: int
    """Octets used up: the head and the empty lines in front of it."""
    raw: bytes
    """The head alone, with its last empty line."""
    method: bytes
    target: bytes
    http_version: bytes


@final
class Unreadable(NamedTuple):
    """Octets that are no request head we judge by its fields."""

    findings: tuple[Finding, ...]
    size: int
    """Octets up to where a lenient parser sees the head end; 0 when that place is not known."""
    seems_to_upgrade: bool
    """Whether any line so far could be taken for an Upgrade field by somebody."""


@final
class RequestScanner:
    """Finds one request head at the front of a growing buffer.

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

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._start = 0  # of the head, behind empty lines
        self._began = False  # an octet of a method has been seen there
        self._line = 0  # start of the line that is being read
        self._searched = 0  # no LF between the line's start and here
        self._in_first_line = True
        self._count = 0  # of field lines
        # While the buffer is shorter and gets no LF, scanning it says nothing new.
        self.quiet_below = 0

    def scan(self, buffer: bytearray) -> HeadParts | Unreadable | None:
        """The outcome, or None while more octets are needed."""
        limit = self._limits.max_head_bytes
        # Nothing beyond the limit is looked at, so nothing there can change the outcome.
        known = min(len(buffer), limit)
        outcome = self._scan_lines(buffer, known)
        if outcome is None and len(buffer) > limit:
            return self._over("head-too-long", buffer, limit)
        return outcome

    def _scan_lines(self, buffer: bytearray, known: int) -> HeadParts | Unreadable | None:
        outcome: HeadParts | Unreadable | None
        if not self._began:
            outcome = self._skip_to_head(buffer, known)
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

    def _take_line(self, buffer: bytearray, feed: int) -> HeadParts | Unreadable | None:
        content = bytes(memoryview(buffer)[self._line : feed]).removesuffix(b"\r")
        end = feed + 1
        if self._in_first_line:
            self._in_first_line = False
            stray = _judge_first_line(content)
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

    def _skip_to_head(self, buffer: bytearray, known: int) -> Unreadable | None:
        """Past empty lines (RFC 9112 2.2: at least one is ignored) to an octet of a method."""
        start = self._start
        while start + 2 <= known and buffer.startswith(b"\r\n", start):
            start += 2
        self._start = self._line = start
        if start >= known:
            return None
        if _grammar.TCHAR.match(buffer, start):
            self._began = True
            self._searched = start
            return None
        code = _classify_stray(buffer, start, known)
        return None if code is None else Unreadable((find(code, offset=0),), 0, False)

    def _check_line_length(self, buffer: bytearray, end: int) -> Unreadable | None:
        line, settled = self._line, self._longest()
        if end < settled or buffer.startswith(b"\r\n", settled - 2):
            return None
        if not self._in_first_line:
            return self._over("header-line-too-long", buffer, settled)
        # RFC 9112 3: 501 for a method, 414 for a target that is longer than those known here.
        has_method = buffer.find(b" ", line, settled) >= 0
        return self._over(
            "request-line-too-long" if has_method else "method-too-long", buffer, settled
        )

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

    def _finish(self, buffer: bytearray, end: int) -> HeadParts | Unreadable:
        raw = bytes(memoryview(buffer)[self._start : end])
        parts = read_head(raw, end)
        if parts is not None:
            return parts
        upgrade = _grammar.UPGRADE_LIKE_LINE.search(raw) is not None
        return Unreadable(diagnose_head(raw, _grammar.REQUEST_LINE), end, upgrade)


def read_head(raw: bytes, size: int) -> HeadParts | None:
    """The parts of a request head that was found; None if it breaks the grammar."""
    match = _grammar.REQUEST_HEAD.fullmatch(raw)
    if match is None:
        return None
    return HeadParts(size, raw, *match.groups())


def split_fields(raw: bytes) -> Headers:
    """The fields of a head that keeps the grammar."""
    split = [line.partition(b":") for line in raw.split(b"\r\n")[1:-2]]
    return tuple([(name, value.strip(b" \t")) for name, _, value in split])


def _classify_stray(buffer: bytearray, start: int, known: int) -> str | None:
    """What begins with an octet that begins no method; None while that cannot be told."""
    if buffer[start] == _TLS_HANDSHAKE:
        if known < start + 2:
            return None
        return "tls-client-hello" if buffer[start + 1] == 3 else "not-http"
    if buffer[start] == _CR and known < start + 2:
        return None
    if start == 4 and _PROXY_V2.startswith(bytes(buffer[: min(known, len(_PROXY_V2))])):
        return None if known < len(_PROXY_V2) else "proxy-protocol"
    return "not-http"


def _judge_first_line(line: bytes) -> Finding | None:
    """What says, before the rest arrives, that this is no HTTP/1 request at all."""
    match = _grammar.REQUEST_LINE.fullmatch(line)
    if match is not None:
        if match.groups() == (b"PRI", b"*", b"2.0"):
            return find("http2-preface", value=line, offset=0)
        return None
    if line.startswith(_PROXY_V1):
        return find("proxy-protocol", value=line, offset=0)
    if _grammar.MEANT_AS_HTTP.search(line) is None:
        return find("not-http", value=line, offset=0)
    return None


def diagnose_head(raw: bytes, start_line: _grammar.Pattern) -> tuple[Finding, ...]:
    """Everything that keeps these octets from being a head; nothing if they are one.

    ``raw`` ends with the line feed of the empty line that ends it.
    """
    findings: list[Finding] = []
    offset = 0
    for number, line in enumerate(raw.split(b"\n")[:-1]):
        content = line.removesuffix(b"\r")
        if len(content) == len(line):
            findings.append(find("bare-lf", value=line, offset=offset + len(line)))
        stray_cr = content.find(b"\r")
        if stray_cr >= 0:
            findings.append(find("bare-cr", value=content, offset=offset + stray_cr))
        elif number == 0:
            if start_line.fullmatch(content) is None:
                request = start_line is _grammar.REQUEST_LINE
                code = "request-line-malformed" if request else "status-line-malformed"
                findings.append(find(code, value=content, offset=offset))
        elif content and _grammar.FIELD_LINE.fullmatch(content) is None:
            findings.append(_diagnose_field_line(content, offset, first=number == 1))
        offset += len(line) + 1
        if len(findings) >= MOST_FINDINGS:
            break
    return tuple(findings)


def _diagnose_field_line(line: bytes, offset: int, *, first: bool) -> Finding:
    if line.startswith((b" ", b"\t")):
        code = "leading-whitespace" if first else "obs-fold"
        return find(code, value=line, offset=offset)
    name, colon, value = line.partition(b":")
    trimmed = name.rstrip(b" \t")
    if not colon or _grammar.TOKEN.fullmatch(trimmed) is None:
        return find("field-line-malformed", value=line, offset=offset)
    field = trimmed[:VALUE_BOUND].decode("ascii")
    if trimmed != name:
        return find("field-name-space", field=field, value=line, offset=offset + len(trimmed))
    bad = _grammar.BAD_FIELD_OCTET.search(value)
    assert bad is not None, "nothing else keeps this from being a field line"
    return find(
        "field-value-malformed",
        field=field,
        value=value,
        offset=offset + len(name) + 1 + bad.start(),
    )
