"""Request and response heads as values.

The law of this file: a head exists only if it is well formed by RFC 9110 5 and RFC 9112 3 to 5.
Whether it makes sense (Host, framing, versions) is not judged here. Reading octets is ``_scan``'s.
"""

from typing import Final, final

from . import _grammar
from ._errors import RemoteProtocolError
from ._fields import Headers, HeadersLike
from ._findings import Finding, find
from ._limits import DEFAULT_LIMITS, Limits
from ._scan import (
    HeadParts,
    RequestScanner,
    Unreadable,
    diagnose_head,
    split_fields,
)


class _Head:
    """The fields that requests and responses have alike."""

    __slots__ = ("_index", "_raw", "headers", "http_version")

    headers: Headers
    """Names and values in order, names in the case they came in, values without outer OWS."""
    http_version: bytes
    """``b"1.1"``."""
    _raw: bytes | None
    _index: dict[bytes, list[bytes]] | None

    def get_all(self, name: bytes) -> tuple[bytes, ...]:
        """The values of all lines of a field, in order; the name's case does not matter."""
        return tuple(self._lines().get(name.lower(), ()))

    def get(self, name: bytes) -> bytes | None:
        """The lines of a field combined with ``", "`` (RFC 9110 5.3), or None."""
        values = self._lines().get(name.lower())
        return None if values is None else b", ".join(values)

    def has(self, name: bytes) -> bool:
        """Whether there is a line of this field; the name's case does not matter."""
        return name.lower() in self._lines()

    def _lines(self) -> dict[bytes, list[bytes]]:
        index = self._index
        if index is None:
            index = {}
            for name, value in self.headers:
                index.setdefault(name.lower(), []).append(value)
            self._index = index
        return index

    def offset_of(self, name: bytes, line: int = 0, position: int = 0) -> int | None:
        """Where in the head's octets an octet of a field's value stands.

        ``line`` counts the field's lines, ``position`` the octets of the value. None when the head
        did not come as octets or has no such line.
        """
        if self._raw is None:
            return None
        folded, start = self._raw.lower(), b"\r\n" + name.lower() + b":"
        found = -1
        for _ in range(line + 1):
            found = folded.find(start, found + 1)
            if found < 0:
                return None
        value = found + len(start)
        while folded[value : value + 1] in (b" ", b"\t"):
            value += 1
        return value + position

    @property
    def raw(self) -> bytes | None:
        """The very octets this head was parsed from, if it was."""
        return self._raw

    def _start_line(self) -> bytes:
        raise NotImplementedError

    def to_bytes(self) -> bytes:
        """The head on the wire: the very octets it was parsed from, if it was."""
        if self._raw is not None:
            return self._raw
        return write_head(self._start_line(), self.headers)


@final
class RequestHead(_Head):
    """A request's line and fields (RFC 9112 3 and 5).

    Raises :class:`ValueError` for anything that cannot stand on the wire, and :class:`TypeError`
    for what is not ``bytes``.
    """

    __slots__ = ("method", "target")

    method: bytes
    target: bytes

    def __init__(
        self,
        method: bytes,
        target: bytes,
        headers: HeadersLike,
        http_version: bytes = b"1.1",
    ) -> None:
        _require(_grammar.TOKEN, method, "method")
        _require_octets(target, "request target")
        if not target or _grammar.BAD_TARGET_OCTET.search(target):
            raise ValueError(f"not a request target: {target!r}")
        _require(_grammar.HTTP_VERSION, http_version, "HTTP version")
        self.method = bytes(method)
        self.target = bytes(target)
        self.http_version = bytes(http_version)
        self.headers = checked_headers(headers)
        self._raw = None
        self._index = None

    @classmethod
    def parse(cls, data: bytes, limits: Limits = DEFAULT_LIMITS) -> "RequestHead":
        """The one head that these octets are, from its method to its empty line.

        Raises :class:`RemoteProtocolError` when they are none, or not yet a whole one, and
        :class:`ValueError` when more octets follow it.
        """
        outcome = RequestScanner(limits).scan(bytearray(data))
        if outcome is None:
            raise RemoteProtocolError((find("head-incomplete", offset=len(data)),))
        if isinstance(outcome, Unreadable):
            raise RemoteProtocolError(outcome.findings)
        if outcome.size < len(data):
            raise ValueError(f"octets follow the head, from {outcome.size} on")
        return head_from_parts(outcome)

    @property
    def announces_content(self) -> bool:
        """Whether octets of a body follow this head (RFC 9112 6.3), however it is framed."""
        lines = self._lines()
        return b"transfer-encoding" in lines or any(
            value.strip(b"0") for value in lines.get(b"content-length", ())
        )

    def _start_line(self) -> bytes:
        return b"%b %b HTTP/%b" % (self.method, self.target, self.http_version)

    def __repr__(self) -> str:
        return (
            f"RequestHead({self.method!r}, {self.target!r}, {list(self.headers)!r},"
            f" {self.http_version!r})"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RequestHead):
            return NotImplemented
        return self._value() == other._value()

    def __hash__(self) -> int:
        return hash(self._value())

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

    def __init__(
        self,
        status_code: int,
        headers: HeadersLike,
        reason: bytes = b"",
        http_version: bytes = b"1.1",
    ) -> None:
        if type(status_code) is not int or not 100 <= status_code <= 999:
            raise ValueError(f"not a status code: {status_code!r}")
        require_reason(reason)
        _require(_grammar.HTTP_VERSION, http_version, "HTTP version")
        self.status_code = status_code
        self.reason = bytes(reason)
        self.http_version = bytes(http_version)
        self.headers = checked_headers(headers)
        self._raw = None
        self._index = None

    @classmethod
    def parse(cls, data: bytes) -> "ResponseHead":
        """The one head that these octets are, from its version to its empty line.

        Raises :class:`RemoteProtocolError` when they are none, or not yet a whole one, and
        :class:`ValueError` when more octets follow it.
        """
        end = _grammar.HEAD_END.search(data)
        if end is None:
            raise RemoteProtocolError((find("head-incomplete", offset=len(data)),))
        if end.end() < len(data):
            raise ValueError(f"octets follow the head, from {end.end()} on")
        match = _grammar.RESPONSE_HEAD.fullmatch(data)
        if match is None:
            raise RemoteProtocolError(diagnose_head(data, _grammar.STATUS_LINE))
        http_version, status_code, reason, lines = match.groups()
        self = cls.__new__(cls)
        self.status_code = int(status_code)
        self.reason = reason or b""
        self.http_version = http_version
        self.headers = split_fields(lines)
        self._raw = data
        self._index = None
        return self

    def _start_line(self) -> bytes:
        # RFC 9112 4: the space in front of an empty reason MUST be sent.
        return b"HTTP/%b %d %b" % (self.http_version, self.status_code, self.reason)

    def __repr__(self) -> str:
        return (
            f"ResponseHead({self.status_code}, {list(self.headers)!r}, {self.reason!r},"
            f" {self.http_version!r})"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ResponseHead):
            return NotImplemented
        return self._value() == other._value()

    def __hash__(self) -> int:
        return hash(self._value())

    def _value(self) -> tuple[object, ...]:
        return self.status_code, self.reason, self.http_version, self.headers


def _require_octets(value: bytes, what: str) -> None:
    if not isinstance(value, bytes | bytearray):
        raise TypeError(f"a {what} is bytes, not {type(value).__name__}")


def head_from_parts(parts: HeadParts) -> RequestHead:
    """The head that the scan found; it is not checked again."""
    head = RequestHead.__new__(RequestHead)
    head.method = parts.method
    head.target = parts.target
    head.http_version = parts.http_version
    head.headers = parts.headers
    head._raw = parts.raw
    head._index = None
    return head


def fault(head: RequestHead, code: str, field: str, line: int = 0, position: int = 0) -> Finding:
    """The finding about a field of a head, with what one of its lines has from ``position`` on."""
    name = field.encode("ascii")
    values = head.get_all(name)
    if line >= len(values):
        return find(code, field=field)
    offset = head.offset_of(name, line, position)
    return find(code, field=field, value=values[line][position:], offset=offset)


def require_reason(reason: bytes) -> None:
    """Raises :class:`ValueError` for what is no reason phrase (RFC 9112 4)."""
    _require_octets(reason, "reason phrase")
    if _grammar.BAD_FIELD_OCTET.search(reason):
        raise ValueError(f"not a reason phrase: {reason!r}")


def _require(pattern: _grammar.Pattern, value: bytes, what: str) -> None:
    _require_octets(value, what)
    if pattern.fullmatch(value) is None:
        raise ValueError(f"not a {what}: {value!r}")


MANAGED_FIELDS: Final = frozenset(
    (b"upgrade", b"connection", b"content-length", b"transfer-encoding")
)
"""Fields of an answer that follow from the decision, and are never a caller's to give."""


def added_headers(headers: HeadersLike) -> Headers:
    """Fields that a caller adds to every answer of a kind.

    Raises :class:`ValueError` for what cannot stand on the wire and for :data:`MANAGED_FIELDS`.
    """
    added = checked_headers(headers)
    for name, _ in added:
        if name.lower() in MANAGED_FIELDS:
            raise ValueError(f"{name.decode('ascii')} follows from the decision")
    return added


def checked_headers(headers: HeadersLike) -> Headers:
    """Fields that can stand on the wire, values without outer OWS (RFC 9110 5.5).

    Raises :class:`ValueError` or :class:`TypeError` for others.
    """
    checked = []
    for name, value in headers:
        _require(_grammar.TOKEN, name, "field name")
        _require_octets(value, "field value")
        if _grammar.BAD_FIELD_OCTET.search(value):
            raise ValueError(f"not a value for field {name!r}: {value!r}")
        checked.append((bytes(name), bytes(value).strip(b" \t")))
    return tuple(checked)


def write_head(start_line: bytes, headers: HeadersLike) -> bytes:
    """A head on the wire. It writes what it is given: everything here was checked before."""
    lines = [start_line]
    lines.extend(b"%b: %b" % field for field in headers)
    return b"\r\n".join(lines) + b"\r\n\r\n"
