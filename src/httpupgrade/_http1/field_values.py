"""Field values to Python values and back: Upgrade, Connection, lists.

Rules for this module: a function takes all lines of one field, in order, as octets, and returns
values that exist only if they are well formed, or raises :class:`FieldSyntaxError` with the place.
It knows nothing of heads, policies or decisions.
"""

import os
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Iterable
from types import NoneType
from typing import Final, TypeVar, final

from . import grammar
from .arguments import items, listed, require, wrong_type
from .copying import Pickled

_T = TypeVar("_T")

Headers = tuple[tuple[bytes, bytes], ...]
"""Fields of a message: names and values, in order."""
HeadersLike = Iterable[tuple[bytes, bytes]]
"""What a caller may give for them."""


@final
class FieldSyntaxError(ValueError):
    """A field value breaks its grammar.

    ``line`` is the index of the field line at fault, ``position`` the index of the octet in it.
    """

    def __init__(self, message: str, line: int, position: int) -> None:
        super().__init__(message, line, position)
        self.line = line
        self.position = position

    def __str__(self) -> str:
        return f"{self.args[0]}, in line {self.line} at octet {self.position}"


@final
class UpgradeToken(Pickled):
    """A protocol as the Upgrade field names it: a name and perhaps a version (RFC 9110 7.8).

    Names compare without regard to ASCII case, versions exactly. ``str()`` and ``bytes()`` are
    the wire form. Raises :class:`ValueError` when name or version is not a token.
    """

    __slots__ = ("_key", "_name", "_octets", "_version")

    def __init__(self, name: str, version: str | None = None) -> None:
        require("name is a str", name, str)
        require("version is a str or None", version, (str, NoneType))
        self._name = name
        self._version = version
        self._octets = octets = token_octets(name)
        self._key = (octets.lower(), version)
        if version is not None:
            self._octets += b"/" + token_octets(version)

    @classmethod
    def parse(cls, text: str | bytes) -> "UpgradeToken":
        """The token that a wire form like ``"TLS/1.3"`` stands for."""
        require("text is a str or bytes", text, (str, bytes))
        octets = text if isinstance(text, bytes) else _ascii_octets(text)
        match = grammar.PROTOCOL.fullmatch(octets)
        if match is None:
            raise ValueError(f"not an upgrade token: {text!r}")
        return _token_of(match)

    @property
    def name(self) -> str:
        """The protocol's name, in the case it was written."""
        return self._name

    @property
    def version(self) -> str | None:
        """The protocol's version, if it was named."""
        return self._version

    def __bytes__(self) -> bytes:
        return self._octets

    def __str__(self) -> str:
        return self._octets.decode("ascii")

    def __repr__(self) -> str:
        version = "" if self._version is None else f", {self._version!r}"
        return f"UpgradeToken({self._name!r}{version})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, UpgradeToken):
            return NotImplemented
        return self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


def _ascii_octets(text: str) -> bytes:
    try:
        return text.encode("ascii")
    except UnicodeEncodeError:
        raise ValueError(f"not ASCII: {text!r}") from None


def token_octets(text: str) -> bytes:
    """A token in octets. Raises :class:`ValueError` for what is not one (RFC 9110 5.6.2)."""
    octets = _ascii_octets(text)
    if grammar.TOKEN.fullmatch(octets) is None:
        raise ValueError(f"not a token (RFC 9110 5.6.2): {text!r}")
    return octets


HTTP_1_1: Final = UpgradeToken("HTTP", "1.1")
"""The protocol that a connection speaks before it is anything else."""


def is_token(text: str) -> bool:
    """Whether this text is a token (RFC 9110 5.6.2)."""
    return text.isascii() and grammar.TOKEN.fullmatch(text.encode("ascii")) is not None


def _token_of(match: grammar.Match) -> UpgradeToken:
    name, version = match.groups()
    token = UpgradeToken.__new__(UpgradeToken)  # the match is the check
    token._name = name.decode("ascii")
    token._version = None if version is None else version.decode("ascii")
    token._octets = match[0]
    token._key = (name.lower(), token._version)
    return token


def parse_list(
    values: Iterable[bytes], element: Callable[[bytes, int], tuple[_T, int] | int], what: str
) -> tuple[_T, ...]:
    """The elements of a comma-separated list over all lines of its field (RFC 9110 5.3, 5.6.1).

    ``element`` reads one at a place and returns it with the place after it, or the place where
    it found none. Empty elements are ignored; their number is bounded by the length of the line.
    """
    found: list[_T] = []
    for line, value in enumerate(values):
        position, end = _skip(grammar.LIST_GAP, value, 0), len(value)
        while position < end:
            outcome = element(value, position)
            if isinstance(outcome, int):
                raise FieldSyntaxError(f"expected {what}", line, outcome)
            read, place = outcome
            found.append(read)
            position = _skip(grammar.LIST_GAP, value, place)
            if position < end and value.find(b",", place, position) < 0:
                raise FieldSyntaxError("expected a comma", line, position)
    return tuple(found)


def _skip(pattern: grammar.Pattern, value: bytes, position: int) -> int:
    match = pattern.match(value, position)
    return position if match is None else match.end()


def _read_token(value: bytes, position: int) -> tuple[bytes, int] | int:
    match = grammar.TOKEN.match(value, position)
    return position if match is None else (match[0], match.end())


def _read_upgrade_token(value: bytes, position: int) -> tuple[UpgradeToken, int] | int:
    match = grammar.PROTOCOL.match(value, position)
    return position if match is None else (_token_of(match), match.end())


def _read_transfer_coding(value: bytes, position: int) -> tuple[tuple[bytes, bool], int] | int:
    match = grammar.TRANSFER_CODING.match(value, position)
    return position if match is None else ((match[1].lower(), bool(match[2])), match.end())


def _read_digits(value: bytes, position: int) -> tuple[bytes, int] | int:
    match = grammar.DIGITS.match(value, position)
    return position if match is None else (match[0], match.end())


_LINES: Final = "field lines in bytes"


def field_lines(values: Iterable[bytes]) -> tuple[bytes, ...]:
    """The lines that a caller gives of one field. Raises :class:`TypeError` for anything else."""
    lines = values if type(values) is tuple else listed("values", values, _LINES)
    for line in lines:
        if type(line) is not bytes:
            raise wrong_type(f"values holds {_LINES}", line)
    return lines


def parse_upgrade(values: Iterable[bytes]) -> tuple[UpgradeToken, ...]:
    """The protocols of an Upgrade field, in order, repetitions kept (RFC 9110 7.8).

    ``values`` are all lines of the field. Raises :class:`FieldSyntaxError`, a :class:`ValueError`.
    """
    lines = field_lines(values)
    if len(lines) == 1 and (alone := grammar.PROTOCOL.fullmatch(lines[0])) is not None:
        return (_token_of(alone),)  # what nearly always arrives
    return parse_list(lines, _read_upgrade_token, "a protocol")


def upgrade_token(token: "UpgradeToken | str") -> UpgradeToken:
    """The token that a caller names. Raises :class:`TypeError` for anything else."""
    if isinstance(token, UpgradeToken):
        return token
    require("token is a str or an UpgradeToken", token, str)
    return UpgradeToken.parse(token)


def upgrade_tokens(tokens: Iterable[UpgradeToken]) -> tuple[UpgradeToken, ...]:
    """The tokens that a caller gives. Raises :class:`TypeError` for anything else."""
    return items("tokens", tokens, UpgradeToken, "UpgradeTokens")


def format_upgrade(tokens: Iterable[UpgradeToken | str]) -> bytes:
    """The value of an Upgrade field that names these protocols in this order (RFC 9110 7.8).

    Raises :class:`ValueError` for a string that is no protocol, and for no protocols at all.
    """
    if type(tokens) is tuple and len(tokens) == 1 and type(tokens[0]) is UpgradeToken:
        return tokens[0]._octets  # what is nearly always asked
    listed = items("tokens", tokens, (UpgradeToken, str), "upgrade tokens")
    written = [
        bytes(each if isinstance(each, UpgradeToken) else UpgradeToken.parse(each))
        for each in listed
    ]
    if not written:
        raise ValueError("an Upgrade field names at least one protocol")
    return b", ".join(written)


def parse_connection(values: Iterable[bytes]) -> tuple[bytes, ...]:
    """The options of a Connection field, in lower case and in order (RFC 9110 7.6.1).

    ``values`` are all lines of the field. Raises :class:`FieldSyntaxError`, a :class:`ValueError`.
    """
    lines = field_lines(values)
    if len(lines) == 1 and grammar.TOKEN.fullmatch(lines[0]) is not None:
        return (lines[0].lower(),)  # what nearly always arrives
    return tuple([option.lower() for option in parse_list(lines, _read_token, "an option")])


def parse_token_list(values: Iterable[bytes]) -> tuple[str, ...]:
    """The tokens of a list field, case kept (RFC 9110 5.6.1).

    ``values`` are all lines of the field. Raises :class:`FieldSyntaxError`, a :class:`ValueError`.
    """
    tokens = parse_list(field_lines(values), _read_token, "a token")
    return tuple([token.decode("ascii") for token in tokens])


def parse_transfer_codings(values: Iterable[bytes]) -> tuple[tuple[bytes, bool], ...]:
    """The codings of a Transfer-Encoding field: lower-case name, and whether it has parameters.

    Raises :class:`FieldSyntaxError` (RFC 9112 6.1).
    """
    return parse_list(values, _read_transfer_coding, "a transfer coding")


def parse_lengths(values: Iterable[bytes]) -> tuple[bytes, ...]:
    """The elements of a Content-Length field that was given more than once, digits as they stand.

    Raises :class:`FieldSyntaxError` (RFC 9112 6.3).
    """
    return parse_list(values, _read_digits, "digits")


_NONCE_LENGTH: Final = 16


def generate_nonce() -> bytes:
    """16 octets of the system's randomness in base64."""
    return b2a_base64(os.urandom(_NONCE_LENGTH), newline=False)


def is_nonce(octets: bytes) -> bool:
    """Whether this is 16 octets in base64."""
    try:
        return len(a2b_base64(octets, strict_mode=True)) == _NONCE_LENGTH
    except ValueError:
        return False
