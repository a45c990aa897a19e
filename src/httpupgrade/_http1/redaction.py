"""How values show themselves: in repr(), in the texts of exceptions and in log lines.

Rules for this module: what may carry a secret is shown by its name and its length. That is every
value of a field but those that are named here, and every query, user name, subprotocol, body and
other data. Tracebacks and logs are read by more people than requests are. Fields of protocols are
named here, too, and nowhere else: no offer decides alone what may be shown.
"""

from collections.abc import Iterable
from typing import Any, Final

SHOWN_FIELDS: Final = frozenset(
    (
        b"connection",
        b"host",
        b"origin",
        b"sec-websocket-extensions",
        b"sec-websocket-version",
        b"upgrade",
    )
)
"""Fields, in lower case, whose values are shown. Subprotocols are not: they carry bearer tokens."""
SHOWN_IN_FINDINGS: Final = SHOWN_FIELDS.union(
    (
        b"content-length",
        b"content-type",
        b"expect",
        b"http2-settings",
        b"sec-websocket-accept",
        b"sec-websocket-key",
        b"sec-websocket-origin",
        b"transfer-encoding",
    )
)
"""The same, and those whose value alone says what is wrong with them. A page may read the body of a
refusal, but not the cookies and credentials of its request."""
URI_FIELDS: Final = frozenset((b"host", b"origin", b"sec-websocket-origin"))
"""These are made of parts of a URI, and a wrong one may hold any part of it."""

_MOST_SHOWN: Final = 128
# Fields that hold octets. replace() can put text there, which may be secret as well.
OCTETS: Final = frozenset(
    ("advertisement", "body", "content", "data", "headers", "request_body", "wire")
)
# Fields whose values are of the caller's types.
_FOREIGN: Final = ("agreement", "context")
_PACKAGE: Final = __name__.partition(".")[0]


def show_length(value: bytes | str) -> str:
    """``<5 octets>`` in the place of a value."""
    unit = "character" if isinstance(value, str) else "octet"
    return f"<{len(value)} {unit}{'' if len(value) == 1 else 's'}>"


def show_octets(value: bytes, field: bytes) -> str:
    """A value of this field, or its length."""
    # A user name with its password, or a query, has no place in the fields that are shown.
    if field.lower() not in SHOWN_FIELDS or b"@" in value or b"?" in value:
        return show_length(value)
    shown = repr(bytes(value[:_MOST_SHOWN]))
    return shown if len(value) <= _MOST_SHOWN else f"{shown}... of {len(value)} octets"


def show_headers(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """All fields, each with its value or its length: ``[Host: b'a', Cookie: <9 octets>]``."""
    shown = [f"{_show_text(name)}: {show_octets(value, name)}" for name, value in headers]
    return f"[{', '.join(shown)}]"


def bare_target(target: bytes) -> bytes:
    """A request target without user name, query and fragment."""
    bare = target.partition(b"?")[0].partition(b"#")[0]
    begin, at = user_information(bare, 0, len(bare))
    return bare[:begin] + bare[at + 1 :] if at >= 0 else bare


def user_information(uri: bytes, begin: int, stop: int) -> tuple[int, int]:
    """Where it begins (RFC 3986 3.2.1), and the place of its ``@``, which is -1 if there is none.

    Without a scheme, all before the last ``@`` may be user information, unless it is a path.
    """
    scheme = uri.find(b"://", begin, stop)
    is_path = uri.startswith(b"/", begin)
    if scheme < 0 or (b"@" in uri[begin:scheme] and not is_path):
        return begin, -1 if is_path else uri.rfind(b"@", begin, stop)
    slash = uri.find(b"/", scheme + 3, stop)
    return scheme + 3, uri.rfind(b"@", scheme + 3, stop if slash < 0 else slash)


def show_target(target: bytes) -> str:
    """The same, and how long the query is: ``/chat?<9 octets>``."""
    _, mark, query = target.partition(b"?")
    return _show_text(bare_target(target)) + (f"?{show_length(query)}" if mark else "")


def show_fields(value: Any, *, field: str | None = None) -> str:
    """The repr() of a value. ``field`` is the one that the octets in it are of."""
    name = (field or "").encode("ascii", "replace")
    members = zip(value._fields, value._values, strict=True)
    shown = [
        f"{each}={_show_member(each, part, value._hidden, name)}"
        for each, part in members
        if not each.startswith("_")
    ]
    return f"{type(value).__name__}({', '.join(shown)})"


def _show_member(name: str, value: object, hidden: tuple[str, ...], field: bytes) -> str:
    if name in _FOREIGN:
        return show_foreign(value)
    return _show(value, name in hidden or name in OCTETS, field)


def show_foreign(value: object) -> str:
    """A value that a caller gave: in full if it is one of ours, else the name of its type."""
    ours = type(value).__module__.partition(".")[0] == _PACKAGE
    return repr(value) if ours or value is None else f"<{type(value).__qualname__}>"


def _show(value: object, hidden: bool, field: bytes) -> str:
    match value:
        case bytes():
            return show_octets(value, field)
        case str() if hidden:
            return show_length(value)
        case None | bool() | int() | float() | str():
            return repr(value)
        case tuple() if type(value) is tuple:
            if value and all(map(_is_field, value)):
                return show_headers(value)
            shown = ", ".join(_show(each, hidden, field) for each in value)
            return f"({shown},)" if len(value) == 1 else f"({shown})"
        case frozenset():
            return f"{{{', '.join(sorted(map(_show_text, value)))}}}"
        case _:
            return show_foreign(value)


def _is_field(value: object) -> bool:
    return type(value) is tuple and [type(each) for each in value] == [bytes, bytes]


def _show_text(octets: bytes) -> str:
    """Octets as text in ASCII, escaped as in a bytes literal."""
    return repr(bytes(octets))[2:-1]
