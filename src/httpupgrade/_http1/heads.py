"""Request and response heads as values.

Rules for this module: a head exists only if it is well formed by RFC 9110 5 and RFC 9112 3 to 5.
Whether it makes sense (Host, framing, versions) is not judged here. Octets are read by the scans.
"""

from collections.abc import Sequence
from typing import Any, Final, TypeVar, final

from . import finding_codes as codes
from . import grammar
from .arguments import listed_headers, require, require_number, require_octets, wrong_type
from .copying import Pickled
from .errors import RemoteProtocolError
from .fast_path_patterns import USUAL_HEAD, Captured, captured_lines
from .field_lines import (
    checked_headers,
    refuse_octets,
    require_pattern,
    require_reason,
    trusted_headers,
)
from .field_values import Headers, HeadersLike
from .findings import make_finding
from .limits import DEFAULT_LIMITS, Limits
from .line_scan import Unreadable, split_fields
from .redaction import show_headers, show_length, show_target
from .request_scan import HeadParts, RequestScanner
from .response_scan import ResponseParts, ResponseScanner, unfold_fields
from .serialize import write_head

_Parts = TypeVar("_Parts", HeadParts, ResponseParts)


class _Head(Pickled):
    """The fields that requests and responses have alike."""

    __slots__ = ("_headers", "_index", "_octets", "_received", "http_version")

    http_version: bytes
    """``b"1.1"``."""
    _octets: bytes | None  # the head on the wire, if it was ever put together there
    _received: bool  # whether it came from there
    # Both are made when they are wanted: most requests that pass through are never looked into.
    _headers: Headers | None
    _index: dict[bytes, list[bytes]] | None

    @property
    def headers(self) -> Headers:
        """Names and values in order, names in the case they came in, values without outer OWS."""
        headers = self._headers
        if headers is None:
            assert self._octets is not None
            headers = self._headers = split_fields(self._octets)
        return headers

    def get_all(self, name: bytes) -> tuple[bytes, ...]:
        """The values of all lines of a field, in order; the name's case does not matter."""
        if type(name) is not bytes:
            raise wrong_type("name is bytes", name)
        return tuple(self._values(name.lower()))

    def get(self, name: bytes) -> bytes | None:
        """The lines of a field combined with ``", "`` (RFC 9110 5.3), or None."""
        if type(name) is not bytes:
            raise wrong_type("name is bytes", name)
        values = self._values(name.lower())
        return b", ".join(values) if values else None

    def has(self, name: bytes) -> bool:
        """Whether there is a line of this field; the name's case does not matter."""
        if type(name) is not bytes:
            raise wrong_type("name is bytes", name)
        return bool(self._values(name.lower()))

    def _values(self, folded: bytes) -> Sequence[bytes]:
        """The values of a field whose name is given in lower case."""
        index = self._index
        if index is None:
            index = {}
            for name, value in self.headers:
                index.setdefault(name.lower(), []).append(value)
            self._index = index
        return index.get(folded, ())

    def offset_of(self, name: bytes, line: int = 0, position: int = 0) -> int | None:
        """Where in the head's octets an octet of a field's value stands.

        ``line`` counts the field's lines, ``position`` the octets of the value. None when the head
        did not come as octets or has no such line.
        """
        if type(name) is not bytes:
            raise wrong_type("name is bytes", name)
        raw = self.raw
        if raw is None:
            return None
        folded, start = raw.lower(), b"\r\n" + name.lower() + b":"
        found = -1
        for _ in range(line + 1):
            found = folded.find(start, found + 1)
            if found < 0:
                return None
        padding = grammar.FOLDED_OWS.match(raw, found + len(start))
        assert padding is not None, "there may be none of it"
        place = padding.end() + position
        if position == 0:  # no fold is before it
            return place
        for fold in grammar.OBS_FOLD.finditer(raw, padding.end()):
            if fold.start() >= place:
                break
            place += fold.end() - fold.start() - 1  # each fold is one SP of the value
        return place

    @property
    def raw(self) -> bytes | None:
        """The very octets this head was parsed from, if it was."""
        return self._octets if self._received else None

    def _start_line(self) -> bytes:
        raise NotImplementedError

    def _value(self) -> tuple[object, ...]:
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._value() == other._value()

    def __hash__(self) -> int:
        return hash(self._value())

    def to_bytes(self) -> bytes:
        """The head on the wire: the very octets it was parsed from, if it was.

        Raises :class:`ValueError` for fields of :meth:`RequestHead.from_parser` that cannot stand
        there.
        """
        if self._octets is not None:
            return self._octets
        return write_head(self._start_line(), checked_headers(self.headers))


@final
class RequestHead(_Head):
    """A request's line and fields (RFC 9112 3 and 5).

    Raises :class:`ValueError` for anything that cannot stand on the wire, and :class:`TypeError`
    for what is not ``bytes``.
    """

    __slots__ = ("_asking", "_captured", "_facts", "method", "target")

    method: bytes
    target: bytes
    http_version: bytes
    # All are None until they are wanted.
    _asking: bool | None
    _captured: Captured | None  # by the usual pattern
    _facts: Any  # the RequestFacts, of which this module knows nothing

    def __init__(
        self, method: bytes, target: bytes, headers: HeadersLike, http_version: bytes = b"1.1"
    ) -> None:
        pairs = headers if type(headers) is tuple else listed_headers(headers)
        self._received = False
        self._index = self._asking = self._facts = None
        if http_version == b"1.1" and self._take_usual(method, target, pairs):
            return
        self._set_start_line(method, target, http_version)
        self._captured = ()
        self._headers, self._octets = checked_headers(pairs), None

    def _set_start_line(self, method: bytes, target: bytes, http_version: bytes) -> None:
        require_pattern(grammar.TOKEN, method, "method", "a token (RFC 9110 9.1)")
        require_octets("target", target)
        if not target:
            raise ValueError("target is empty: it is b'/' at least")
        refuse_octets(grammar.BAD_TARGET_OCTET, target, "target")
        _require_version(http_version)
        self.method = bytes(method)
        self.target = bytes(target)
        self.http_version = bytes(http_version)

    def _take_usual(self, method: bytes, target: bytes, pairs: Headers) -> bool:
        """Whether these parts, put together, are a usual head, and so need no other check."""
        try:
            octets = write_head(method + b" " + target + b" HTTP/1.1", pairs)
            names = b"".join([name for name, _ in pairs])
        except (TypeError, ValueError):
            return False
        match = USUAL_HEAD.fullmatch(octets)
        # On the wire, parts that hold a colon or a line end would be others.
        if match is None or b":" in names or octets.count(b"\r\n") != len(pairs) + 2:
            return False
        self._captured = captured = match.groups()
        self.method, self.target = captured[:2]
        self.http_version = b"1.1"
        self._headers, self._octets = None, octets
        return True

    @classmethod
    def from_parser(
        cls, method: bytes, target: bytes, headers: HeadersLike, http_version: bytes
    ) -> "RequestHead":
        """The head that another parser has read: h11, httptools, an ASGI server …

        Takes less time than the constructor, and lenient parsers' heads: of the fields that decide
        nothing, names and control characters are checked only by :meth:`to_bytes`, which raises
        :class:`ValueError` for what cannot stand on the wire. What decides is checked in full.

        :param headers: pairs of a name and a value, in order, every line by itself.
        :param http_version: ``b"1.1"``, ``b"1.0"``; of HTTP/2 ``b"2.0"``.

        Raises :class:`TypeError` for what is not ``bytes``, and :class:`ValueError` for a method, a
        target or a version that cannot stand on the wire, and for CR, LF and NUL, which no
        recipient may let pass (RFC 9110 5.5).
        """
        head = _blank(cls)
        head._set_start_line(method, target, http_version)
        head._headers = trusted_headers(headers)
        head._received = False
        head._octets = head._index = head._captured = head._asking = head._facts = None
        return head

    @classmethod
    def parse(cls, data: bytes, limits: Limits = DEFAULT_LIMITS) -> "RequestHead":
        """The one head that these octets are, from its method to its empty line.

        Raises :class:`RemoteProtocolError` when they are none, or not yet a whole one, and
        :class:`ValueError` when more octets follow it.
        """
        _require_parsing(data, limits)
        outcome = _only_outcome(RequestScanner(limits).scan(bytearray(data)), len(data))
        return head_from_parts(outcome)

    @property
    def path(self) -> bytes:
        """The path of the target, without its query, percent-decoded once: what routers go by.

        Ask this which policy a request has: ``/chat``, ``/chat?a=1`` and ``/%63hat`` are one path
        (RFC 3986 6.2.2.2). Empty where there is none: an authority, or ``*`` (RFC 9112 3.2).
        """
        match = grammar.TARGET_PATH.match(self.target)
        if match is None:
            return b"/" if grammar.ABSOLUTE_FORM.fullmatch(self.target) else b""
        path = match[1]
        if b"%" not in path:
            return path
        return grammar.PERCENT_ENCODED.sub(lambda each: bytes((int(each[1], 16),)), path)

    @property
    def announces_content(self) -> bool:
        """Whether octets of a body follow this head (RFC 9112 6.3), however it is framed."""
        if self._values(b"transfer-encoding"):
            return True
        return any(value.strip(b"0") for value in self._values(b"content-length"))

    def _values(self, folded: bytes) -> Sequence[bytes]:
        if self._captured:
            lines = captured_lines(self._captured, folded)
            if lines is not None:
                return lines
        return super()._values(folded)

    def _start_line(self) -> bytes:
        return b"%b %b HTTP/%b" % (self.method, self.target, self.http_version)

    def __repr__(self) -> str:
        method, version = self.method.decode("ascii"), self.http_version.decode("ascii")
        line = f"{method} {show_target(self.target)} HTTP/{version}"
        return f"<RequestHead {line} {show_headers(self.headers)}>"

    def _value(self) -> tuple[object, ...]:
        return self.method, self.target, self.http_version, self.headers


@final
class ResponseHead(_Head):
    """A response's status line and fields (RFC 9112 4 and 5).

    Raises :class:`ValueError` for anything that cannot stand on the wire, and :class:`TypeError`
    for what is not ``bytes``.
    """

    __slots__ = ("reason", "status_code")

    status_code: int
    reason: bytes
    http_version: bytes

    def __init__(
        self,
        status_code: int,
        headers: HeadersLike,
        reason: bytes = b"",
        http_version: bytes = b"1.1",
    ) -> None:
        require_number("status_code", status_code)
        if not 100 <= status_code <= 999:
            raise ValueError(f"status_code is not a status code of three digits: {status_code}")
        require_reason(reason)
        _require_version(http_version)
        self.status_code = status_code
        self.reason = bytes(reason)
        self.http_version = bytes(http_version)
        self._headers = checked_headers(headers)
        self._octets = None
        self._received = False
        self._index = None

    @classmethod
    def parse(cls, data: bytes, limits: Limits = DEFAULT_LIMITS) -> "ResponseHead":
        """The one head that these octets are, from its version to its empty line.

        A value that goes on over several lines is read as one line (RFC 9112 5.2).

        Raises :class:`RemoteProtocolError` when they are none, or not yet a whole one, and
        :class:`ValueError` when more octets follow it.
        """
        _require_parsing(data, limits)
        outcome = _only_outcome(ResponseScanner(limits).scan(bytearray(data)), len(data))
        return response_from_parts(outcome)

    def _start_line(self) -> bytes:
        # RFC 9112 4: the space before an empty reason MUST be sent.
        return b"HTTP/%b %d %b" % (self.http_version, self.status_code, self.reason)

    def __repr__(self) -> str:
        line = f"HTTP/{self.http_version.decode('ascii')} {self.status_code}"
        reason = f" {show_length(self.reason)}" if self.reason else ""
        return f"<ResponseHead {line}{reason} {show_headers(self.headers)}>"

    def _value(self) -> tuple[object, ...]:
        return self.status_code, self.reason, self.http_version, self.headers


def _require_version(http_version: bytes) -> None:
    require_pattern(grammar.HTTP_VERSION, http_version, "http_version", "a digit, a dot, a digit")


def _require_parsing(data: bytes, limits: Limits) -> None:
    require_octets("data", data)
    require("limits is a Limits", limits, Limits)


def _only_outcome(outcome: _Parts | Unreadable | None, length: int) -> _Parts:
    """The head that octets of this length are, and nothing else."""
    if outcome is None:
        raise RemoteProtocolError((make_finding(codes.HEAD_INCOMPLETE, offset=length),))
    if isinstance(outcome, Unreadable):
        raise RemoteProtocolError(outcome.findings)
    if outcome.size < length:
        raise ValueError(f"octets follow the head, from {outcome.size} on")
    return outcome


_blank: Final = RequestHead.__new__


def received_head(
    method: bytes,
    target: bytes,
    http_version: bytes,
    octets: bytes,
    captured: Captured | None = None,
    asking: bool | None = None,
) -> RequestHead:
    """The head that was found in octets; it is not checked again."""
    head = _blank(RequestHead)
    head.method = method
    head.target = target
    head.http_version = http_version
    head._octets = octets
    head._received = True
    head._captured = captured
    head._asking = asking
    head._headers = head._index = head._facts = None
    return head


def head_from_parts(parts: HeadParts) -> RequestHead:
    """The head that the scan found."""
    return received_head(parts.method, parts.target, parts.http_version, parts.raw)


def response_from_parts(parts: ResponseParts) -> ResponseHead:
    """The head that the scan of a response found."""
    head = ResponseHead.__new__(ResponseHead)
    head.status_code = parts.status_code
    head.reason = parts.reason
    head.http_version = parts.http_version
    head._octets = parts.raw
    head._received = True
    head._headers = unfold_fields(parts.raw)
    head._index = None
    return head
