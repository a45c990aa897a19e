"""From octets to the parts of a response head, or to what is wrong with them.

Rules for this module: it knows what tells a response from anything else; ``line_scan`` finds
lines. A response begins with its status line: only a server skips empty lines (RFC 9112 2.2).
"""

from typing import ClassVar, Final, final

from . import finding_codes as codes
from . import grammar
from .field_values import Headers
from .findings import Code
from .limits import Limits
from .line_scan import HeadScanner, Unreadable, keeps_limits, no_head, split_fields
from .received_lines import show_status_line
from .values import Value, field

_HTTP_NAME: Final = b"HTTP/"
# RFC 8446 5.1: a record begins with its type, alert or handshake, and with 3.
_TLS_RECORDS: Final = b"\x15\x16"
_TLS_MAJOR: Final = 3
# RFC 9113 3.4, 4.1: a server begins with SETTINGS: 24 bits of length, and the type.
_HTTP2_LENGTH: Final = b"\x00\x00"
_HTTP2_SETTINGS: Final = 4


@final
class ResponseParts(Value):
    """A response head that keeps the grammar."""

    __slots__ = __match_args__ = ()

    size: int = field("Octets used up: those of the head.")
    raw: bytes = field("The head, with its last empty line, as it came.")
    http_version: bytes = field("Its version, without the name.")
    status_code: int = field(
        "From 0 to 999 (RFC 9110 15: what has no class there is treated as 5xx)."
    )
    reason: bytes = field("Its reason phrase; empty without one.")


@final
class ResponseScanner(HeadScanner[ResponseParts]):
    """Finds one response head at the front of a growing buffer."""

    __slots__ = ()

    _of_requests: ClassVar[bool] = False

    def _begin(self, buffer: bytearray, known: int) -> Unreadable | None:
        for size in range(1, known + 1):  # the sixth octet settles it, if none before it does
            front = bytes(buffer[:size])
            if _HTTP_NAME.startswith(front):
                continue
            if grammar.DIGITS.fullmatch(front, len(_HTTP_NAME)):
                self._began = True
                return None
            code = _classify_stray(front)
            if code is not None:  # settled by this octet, whatever came with it
                return no_head(code, front)
        return None

    def _judge_first_line(self, line: bytes) -> Unreadable | None:
        if line.startswith(b"HTTP/1"):
            return None
        shown = show_status_line(line, 0, len(line.partition(b" ")[0]))
        return no_head(codes.RESPONSE_VERSION_UNSUPPORTED, line, shown)

    def _first_line_too_long(self, buffer: bytearray, settled: int) -> Code:
        return codes.STATUS_LINE_TOO_LONG

    def _read(self, raw: bytes, size: int) -> ResponseParts | None:
        match = grammar.RESPONSE_HEAD.fullmatch(raw)
        if match is None:
            return None
        http_version, status_code, reason = match.groups()
        return ResponseParts(size, raw, http_version, int(status_code), reason or b"")


def response_in_front(data: bytearray, limits: Limits) -> ResponseParts | None:
    """Fast path: a complete head at the start of ``data``; None where a scanner has to look."""
    match = grammar.SHORT_RESPONSE_HEAD.match(data, 0, limits.max_head_bytes)
    if match is None:
        return None
    http_version, status_code, reason = match.groups()
    raw = match[0]
    if not http_version.startswith(b"1.") or not keeps_limits(raw, limits):
        return None
    return ResponseParts(len(raw), raw, http_version, int(status_code), reason or b"")


def unfold_fields(raw: bytes) -> Headers:
    """The fields of a response head that keeps the grammar.

    RFC 9112 5.2: a user agent MUST replace each obs-fold by SP before it reads the value.
    """
    if b"\n " in raw or b"\n\t" in raw:
        raw = grammar.OBS_FOLD.sub(b" ", raw)
    return split_fields(raw)


def _classify_stray(front: bytes) -> Code | None:
    """What begins with octets that begin no response; None while that cannot be told."""
    if front[0] in _TLS_RECORDS:
        if len(front) < 2:
            return None
        return codes.RESPONSE_IS_TLS if front[1] == _TLS_MAJOR else codes.RESPONSE_NOT_HTTP
    if front[: len(_HTTP2_LENGTH)] == _HTTP2_LENGTH[: len(front)]:
        if len(front) < 4:
            return None
        return codes.RESPONSE_IS_HTTP2 if front[3] == _HTTP2_SETTINGS else codes.RESPONSE_NOT_HTTP
    return codes.RESPONSE_NOT_HTTP
