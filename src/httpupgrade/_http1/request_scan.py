"""From octets to the parts of a request head, or to what is wrong with them.

Rules for this module: it knows what tells a request from anything else; ``line_scan`` finds lines.
A faster scan may replace this one; the tests hold any two to the same outcomes.
"""

from typing import ClassVar, Final, final

from . import finding_codes as codes
from . import grammar
from .findings import Code
from .line_scan import HeadScanner, Unreadable, no_head
from .received_lines import show_line
from .values import Value, field

_PROXY_V1: Final = b"PROXY "
_PROXY_V2: Final = b"\r\n\r\n\x00\r\nQUIT\n"
_TLS_HANDSHAKE: Final = 0x16
_CR: Final = 0x0D


@final
class HeadParts(Value):
    """A request head that keeps the grammar."""

    __slots__ = __match_args__ = ()

    size: int = field("Octets used up: the head and the empty lines before it.")
    raw: bytes = field("The head alone, with its last empty line.")
    method: bytes = field("Its method.")
    target: bytes = field("Its target.")
    http_version: bytes = field("Its version, without the name.")


@final
class RequestScanner(HeadScanner[HeadParts]):
    """Finds one request head at the front of a growing buffer."""

    __slots__ = ()

    _of_requests: ClassVar[bool] = True

    def _begin(self, buffer: bytearray, known: int) -> Unreadable | None:
        # RFC 9112 2.2: at least one empty line is ignored.
        start = self._start
        while start + 2 <= known and buffer.startswith(b"\r\n", start):
            start += 2
        self._start = self._line = start
        if start >= known:
            return None
        if grammar.TCHAR.match(buffer, start):
            self._began = True
            self._searched = start
            return None
        code = _classify_stray(buffer, start, known)
        if code is None:
            return None
        # One octet: what else has arrived by now depends on how the octets were cut.
        return no_head(code, bytes(buffer[start : start + 1]))

    def _judge_first_line(self, line: bytes) -> Unreadable | None:
        match = grammar.REQUEST_LINE.fullmatch(line)
        if match is not None:
            if match.groups() == (b"PRI", b"*", b"2.0"):
                return no_head(codes.HTTP2_PREFACE, line, show_line(line, 0, len(line)))
            return None
        if line.startswith(_PROXY_V1):
            return no_head(codes.PROXY_PROTOCOL, line)
        if grammar.MEANT_AS_HTTP.search(line) is None:
            return no_head(codes.NOT_HTTP, line)
        return None

    def _first_line_too_long(self, buffer: bytearray, settled: int) -> Code:
        # RFC 9112 3: 501 for a method, 414 for a target that is longer than those known here.
        has_method = b" " in buffer[self._line : settled]
        return codes.REQUEST_LINE_TOO_LONG if has_method else codes.METHOD_TOO_LONG

    def _read(self, raw: bytes, size: int) -> HeadParts | None:
        return read_head(raw, size)


def read_head(raw: bytes, size: int) -> HeadParts | None:
    """The parts of a request head that was found; None if it breaks the grammar."""
    match = grammar.REQUEST_HEAD.fullmatch(raw)
    if match is None:
        return None
    return HeadParts(size, raw, *match.groups())


def _classify_stray(buffer: bytearray, start: int, known: int) -> Code | None:
    """What begins with an octet that begins no method; None while that cannot be told."""
    if buffer[start] == _TLS_HANDSHAKE:
        if known < start + 2:
            return None
        return codes.TLS_CLIENT_HELLO if buffer[start + 1] == 3 else codes.NOT_HTTP
    if buffer[start] == _CR and known < start + 2:
        return None
    if start == 4 and _PROXY_V2.startswith(bytes(buffer[: min(known, len(_PROXY_V2))])):
        return None if known < len(_PROXY_V2) else codes.PROXY_PROTOCOL
    return codes.NOT_HTTP
