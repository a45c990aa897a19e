"""The usual request, and the usual answer to it, each proven in one match.

Rules for this module:

* What matches is HTTP/1.1 with a target in origin-form, one valid Host, at most one Content-Length,
  valid, no Transfer-Encoding and no Expect; no field that decides about an upgrade stands in more
  than one line. So a match stands for the checks of all that.
* What is unusual does not match, right or wrong, and is read with care elsewhere. Both paths give
  the same result.
* Repetitions keep to the rules of ``grammar``.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from . import grammar
from .lazy_pattern import lazy_pattern

Captured = tuple[Any, ...]
"""A match's groups: method and target, and the value of each field, None where that is absent.

All are ``bytes``. Empty where there is no match. Of all modules but ``fast_path``, none knows which
place is whose: ask :func:`captured_lines`, or a reader that :func:`captured_values` makes.
"""

_Four = tuple[bytes | None, bytes | None, bytes | None, bytes | None]

_ANY: Final = grammar.FIELD_OCTET + rb"*+"
# A value of any kind ends at its last octet that is not white space.
_TRIMMED: Final = _ANY + rb"(?<![ \t])"
# The fields, and the values that a match proves something about. Those of one first letter stand
# together, the frequent letters first.
_FIELDS: Final = (
    (b"sec-websocket-extensions", _TRIMMED),
    (b"sec-websocket-key", rb"[A-Za-z0-9+/]{22}=="),
    (b"sec-websocket-protocol", _TRIMMED),
    (b"sec-websocket-version", rb"[0-9]{1,3}"),
    (b"connection", _TRIMMED),
    (b"content-length", rb"[0-9]{1,18}"),
    (b"upgrade", _TRIMMED),
    (b"accept", _TRIMMED),
    # A registered name or an IPv4 address, and a port that is surely below 65536. Each class is
    # possessive and takes what it can, so no group is needed: a name holds no colon.
    (b"host", rb"[A-Za-z0-9\-._~!$&'()*+,;=]++:?+[1-5]?+[0-9]{0,4}+(?<!:)"),
    (b"origin", _TRIMMED),
)
# Names that need more care than a match can take; the last one with whatever follows it.
_UNUSUAL: Final = (b"expect", b"transfer-encoding")
_UNUSUAL_PREFIX: Final = b"sec-websocket-"

METHOD: Final = 0
TARGET: Final = 1
PLACES: Final[Mapping[bytes, int]] = MappingProxyType(
    {name: place for place, (name, _) in enumerate(_FIELDS, start=2)}
)
"""Where among the groups the value of a field is."""


def _usual() -> bytes:
    """The source of the pattern of a usual head.

    Lines of one first letter are one alternative, so that most are skipped at a glance. No two
    alternatives match the same line, so a head that fails at its last octet fails in linear time.
    """
    any_line = b"%b*+:%b\r\n" % (grammar.TOKEN_OCTET, _ANY)

    def known_line(name: bytes, rest_of_name: bytes, value: bytes) -> bytes:
        # A second line of this name fails here, and no other alternative takes it.
        once = rb"(?(%d)(?!)|)(%b)" % (PLACES[name] + 1, value)
        return rb"(?i:%b):[ \t]*+%b\r\n" % (re.escape(rest_of_name), once)

    def lines_from(initial: bytes) -> bytes:
        known = {name: value for name, value in _FIELDS if name.startswith(initial)}
        taken = [name[1:] + b":" for name in (*known, *_UNUSUAL) if name.startswith(initial)]
        if _UNUSUAL_PREFIX.startswith(initial):
            taken.append(_UNUSUAL_PREFIX[1:])
        alternatives = [b"(?!(?i:%b))%b" % (b"|".join(taken), any_line)]
        if known:
            common = _common_prefix(*known)
            lines = [known_line(name, name[len(common) :], known[name]) for name in known]
            alternatives.insert(0, b"(?i:%b)(?:%b)" % (common[1:], b"|".join(lines)))
        return b"[%b%b](?:%b)" % (initial, initial.upper(), b"|".join(alternatives))

    # Groups are numbered in this order, as PLACES are.
    initials = dict.fromkeys(name[:1] for name in (*PLACES, *_UNUSUAL, _UNUSUAL_PREFIX))
    lines = [_token_octet_but(initials) + any_line, *map(lines_from, initials)]
    host = PLACES[b"host"] + 1
    any_lines = b"(?:%b)%b" % (b"|".join(lines), grammar.MOST_LINES)
    return rb"%b\r\n%b(?(%d)\r\n|(?!))" % (_START, any_lines, host)


def _common_prefix(*names: bytes) -> bytes:
    first, last = min(names), max(names)
    length = next((place for place in range(len(first)) if first[place] != last[place]), len(first))
    return first[:length]


def _token_octet_but(initials: Iterable[bytes]) -> bytes:
    others = b"".join(initials) + b"".join(initials).upper()
    octets = (b"%c" % octet for octet in range(0x21, 0x7F) if octet not in others)
    return b"[%b]" % b"".join(re.escape(each) for each in octets if grammar.TCHAR.match(each))


# RFC 9112 3.2.1: origin-form, without the fragment that never leaves a client.
_START: Final = rb"(?!CONNECT )(%b++) (/[\x21\x22\x24-\x7e]*+) HTTP/1\.1" % grammar.TOKEN_OCTET
USUAL_HEAD: Final = lazy_pattern(_usual)
"""A whole head, to its empty line."""

_NO_VALUES: Final = (b"",) * len(_FIELDS)


def _parts() -> bytes:
    values = [
        rb"\n(?:(?=[^ \t\n])(%b)%b)" % (value, b"" if name == b"host" else b"|")
        for name, value in _FIELDS
    ]
    return _START + b"".join(values)


USUAL_PARTS: Final = lazy_pattern(_parts)
"""The same for the start line, and a line for the value of each field, empty where it is absent."""


def _places_of_parts() -> Callable[[bytes], int | None]:
    # Nothing else holds the table, so nothing can change it. The place of an unusual field is
    # that of the start line, which is always taken.
    places = {name: place - TARGET for name, place in PLACES.items()}
    return {**places, **dict.fromkeys(_UNUSUAL, 0)}.get


_place_of: Final = _places_of_parts()


def capture(start_line: bytes, headers: Iterable[tuple[bytes, bytes]]) -> Captured:
    """What ``USUAL_HEAD`` captures of a head whose values hold no line ends.

    The fields that decide nothing may break the grammar.
    """
    parts = [start_line, *_NO_VALUES]
    for name, value in headers:
        folded = name.lower()
        place = _place_of(folded)
        if place is None:
            if folded.startswith(_UNUSUAL_PREFIX):
                return ()
        elif parts[place] or not value:
            return ()
        else:
            parts[place] = value
    match = USUAL_PARTS.fullmatch(b"\n".join(parts))
    return () if match is None else match.groups()


def captured_lines(captured: Captured, name: bytes) -> tuple[bytes, ...] | None:
    """The values of a field, by its name in lower case; None if the pattern does not capture it."""
    if name not in PLACES:
        return () if name in _UNUSUAL else None
    value = captured[PLACES[name]]
    return () if value is None else (value,)


def captured_values(*names: bytes) -> Callable[[Captured], _Four]:
    """Make a reader of the values of four fields. The value of an absent field is None."""
    first, second, third, fourth = (PLACES[name] for name in names)

    # Half the time of an itemgetter.
    def read(captured: Captured) -> _Four:
        return captured[first], captured[second], captured[third], captured[fourth]

    return read


ASKING_FIELDS: Final = frozenset((b"sec-websocket-key", b"upgrade"))
"""What asks for an upgrade, or is left of a request that did."""
# Of a head that keeps the grammar: a line of one of them.
ASKING_LINE: Final = lazy_pattern(rb"\n(?:[uU](?i:pgrade)|[sS](?i:ec-websocket-key)):")

# Of such a head: a line that may announce a body, or the end of the connection.
BOUNDARY_LINE: Final = lazy_pattern(
    rb"\n(?:[cC](?i:onnection:(?![ \t]*+keep-alive[ \t]*+\r)|ontent-length:)"
    rb"|[tT](?i:ransfer-encoding:))"
)


def compile_texts(texts: Iterable[bytes]) -> grammar.Pattern:
    """The pattern of any of these texts, in any case."""
    return re.compile(b"(?i:%b)" % b"|".join(map(re.escape, texts)))


# A 101 as our own offers make it. No value of these fields can hold a colon or a line end, so none
# can be anything but the value of the field before it; each field is there once at most.
USUAL_SWITCH: Final = lazy_pattern(
    rb"HTTP/1\.1 101 [\t\x20-\x7e\x80-\xff]*+\r\n"
    rb"Upgrade: ([\x21-\x39\x3b-\x7e]++)\r\nConnection: Upgrade\r\n"
    rb"(?:Sec-WebSocket-Accept: [0-9A-Za-z+/]{27}=\r\n|)"
    rb"(?:Sec-WebSocket-Protocol: [\x21-\x39\x3b-\x7e]++\r\n|)"
    rb"(?:Sec-WebSocket-Extensions: [\x20-\x39\x3b-\x7e]++\r\n|)\r\n"
)

# A final response of a server's, with a body of one valid length and without Transfer-Encoding.
# 204 and 304 have none, whatever their fields say.
_UNFRAMING_LINES: Final = rb"(?:(?!(?i:content-length|transfer-encoding):)%b++:%b\r\n)%b" % (
    grammar.TOKEN_OCTET,
    _ANY,
    grammar.MOST_LINES,
)
USUAL_RESPONSE: Final = lazy_pattern(
    rb"HTTP/1\.1 (?!204|304)[2-5][0-9]{2} [\t\x20-\x7e\x80-\xff]*+\r\n%b"
    rb"(?i:content-length):[ \t]*+([0-9]{1,18})[ \t]*+\r\n%b\r\n"
    % (_UNFRAMING_LINES, _UNFRAMING_LINES)
)
"""A whole head; its group is the length."""
