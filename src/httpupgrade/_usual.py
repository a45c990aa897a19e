"""The usual request, and the usual answer to it, each proven in one match.

The law of this file: what matches is HTTP/1.1 with a target in origin-form, one valid Host, at most
one Content-Length, valid, no Transfer-Encoding and no Expect; and no field that decides about an
upgrade stands in more than one line. So a match stands for the checks of all that. Whatever is
unusual does not match, right or wrong: it is read with care elsewhere, and nothing but the time it
takes may tell the two ways apart.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from . import _grammar

Usual = tuple[Any, ...]
"""A match's groups: method and target, and the value of each field, None where that is absent.

All are ``bytes``. Empty where there is no match.
"""

_ANY: Final = _grammar.FIELD_OCTET + rb"*+"
# The fields by their first letters, and the values that a match proves something about.
_FIELDS: Final = (
    (b"accept", _ANY),
    (b"connection", _ANY),
    (b"content-length", rb"[0-9]{1,18}"),
    # A registered name or an IPv4 address, and a port that is surely below 65536.
    (b"host", rb"[A-Za-z0-9\-._~!$&'()*+,;=]++(?::(?:[1-5][0-9]{4}|[0-9]{1,4}+))?+"),
    (b"origin", _ANY),
    (b"sec-websocket-extensions", _ANY),
    (b"sec-websocket-key", rb"[A-Za-z0-9+/]{22}=="),
    (b"sec-websocket-protocol", _ANY),
    (b"sec-websocket-version", rb"[0-9]{1,3}"),
    (b"upgrade", _ANY),
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
ACCEPT: Final = PLACES[b"accept"]
CONNECTION: Final = PLACES[b"connection"]
CONTENT_LENGTH: Final = PLACES[b"content-length"]
EXTENSIONS: Final = PLACES[b"sec-websocket-extensions"]
KEY: Final = PLACES[b"sec-websocket-key"]
SUBPROTOCOLS: Final = PLACES[b"sec-websocket-protocol"]
UPGRADE: Final = PLACES[b"upgrade"]
VERSION: Final = PLACES[b"sec-websocket-version"]

# Values of Connection as they usually are: those with the upgrade option, and all that neither ask
# for a close nor hold anything else that matters. None is a field that is not there.
UPGRADING: Final = frozenset((b"Upgrade", b"upgrade", b"keep-alive, Upgrade"))
STAYING: Final = UPGRADING.union((b"keep-alive", b"Keep-Alive", None))


def _compile_usual(start: bytes, colon: bytes, end: bytes) -> _grammar.Pattern:
    """The pattern of a head whose parts are held apart like this.

    Lines of one first letter are one alternative, so that most are skipped at a glance. No two
    alternatives match the same line, so that a head which fails at its last octet fails in linear
    time. The repetition may be possessive, although CPython before 3.13 can get groups inside of
    one wrong (its issue 101955): only where a last round fails after it has set one, and here the
    round that fails is at the empty line, and sets none.
    """
    any_line = b"%b*+%b%b%b" % (_grammar.TOKEN_OCTET, colon, _ANY, end)

    def known_line(name: bytes, rest_of_name: bytes, value: bytes) -> bytes:
        # A second line of this name fails here, and no other alternative takes it.
        once = rb"(?(%d)(?!)|)(%b)(?<![ \t])" % (PLACES[name] + 1, value)
        return b"(?i:%b)%b%b%b" % (re.escape(rest_of_name), colon, once, end)

    def lines_from(initial: bytes) -> bytes:
        known = {name: value for name, value in _FIELDS if name.startswith(initial)}
        taken = [name[1:] + colon for name in (*known, *_UNUSUAL) if name.startswith(initial)]
        if _UNUSUAL_PREFIX.startswith(initial):
            taken.append(_UNUSUAL_PREFIX[1:])
        alternatives = [b"(?!(?i:%b))%b" % (b"|".join(taken), any_line)]
        if known:
            common = _common_prefix(*known)
            lines = [known_line(name, name[len(common) :], known[name]) for name in known]
            alternatives.insert(0, b"(?i:%b)(?:%b)" % (common[1:], b"|".join(lines)))
        return b"[%b%b](?:%b)" % (initial, initial.upper(), b"|".join(alternatives))

    initials = sorted({name[:1] for name in (*PLACES, *_UNUSUAL, _UNUSUAL_PREFIX)})
    lines = [_token_octet_but(initials) + any_line, *map(lines_from, initials)]
    host = PLACES[b"host"] + 1
    return re.compile(b"%b(?:%b)*+(?(%d)%b|(?!))" % (start, b"|".join(lines), host, end))


def _common_prefix(*names: bytes) -> bytes:
    first, last = min(names), max(names)
    length = next((place for place in range(len(first)) if first[place] != last[place]), len(first))
    return first[:length]


def _token_octet_but(initials: Iterable[bytes]) -> bytes:
    others = b"".join(initials) + b"".join(initials).upper()
    octets = (b"%c" % octet for octet in range(0x21, 0x7F) if octet not in others)
    return b"[%b]" % b"".join(re.escape(each) for each in octets if _grammar.TCHAR.match(each))


_METHOD: Final = rb"(" + _grammar.TOKEN_OCTET + rb"++)"
# RFC 9112 3.2.1: origin-form, without the fragment that never leaves a client.
_TARGET: Final = rb"(/[\x21\x22\x24-\x7e]*+)"

USUAL_HEAD: Final = _compile_usual(
    rb"(?!CONNECT )" + _METHOD + rb" " + _TARGET + rb" HTTP/1\.1\r\n", rb":[ \t]*+", rb"\r\n"
)
"""A whole head, to its empty line."""

# Of a head that keeps the grammar: a field that asks for an upgrade, or is left of one that did.
ASKING_LINE: Final = re.compile(rb"\n(?:[uU](?i:pgrade)|[sS](?i:ec-websocket-key)):")

# A 101 as our own offers make it. No value of these fields can hold a colon or a line end, so none
# can be anything but the value of the field in front of it; each field is there once at most.
USUAL_SWITCH: Final = re.compile(
    rb"HTTP/1\.1 101 [\t\x20-\x7e\x80-\xff]*+\r\n"
    rb"Upgrade: ([\x21-\x39\x3b-\x7e]++)\r\nConnection: Upgrade\r\n"
    rb"(?:Sec-WebSocket-Accept: [0-9A-Za-z+/]{27}=\r\n)?+"
    rb"(?:Sec-WebSocket-Protocol: [\x21-\x39\x3b-\x7e]++\r\n)?+"
    rb"(?:Sec-WebSocket-Extensions: [\x20-\x39\x3b-\x7e]++\r\n)?+\r\n"
)

# A final response of a server's, with a body of one valid length and without Transfer-Encoding.
# 204 and 304 have none, whatever their fields say.
_UNFRAMING_LINES: Final = rb"(?:(?!(?i:content-length|transfer-encoding):)%b++:%b\r\n)*+" % (
    _grammar.TOKEN_OCTET,
    _ANY,
)
USUAL_RESPONSE: Final = re.compile(
    rb"HTTP/1\.1 (?!204|304)[2-5][0-9]{2} [\t\x20-\x7e\x80-\xff]*+\r\n%b"
    rb"(?i:content-length):[ \t]*+([0-9]{1,18})[ \t]*+\r\n%b\r\n"
    % (_UNFRAMING_LINES, _UNFRAMING_LINES)
)
"""A whole head; its group is the length."""
