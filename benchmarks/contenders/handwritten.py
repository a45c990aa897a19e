"""The handshake as servers write it by hand behind a parser that knows none.

The law of this file: what careful servers check (RFC 6455 4.2.1: method, version, Connection,
Upgrade, Sec-WebSocket-Version, one key of 16 octets), in one pass over the fields, with the answers
prepared, and no more. There are no findings here, no offsets, and no limits but the parser's.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from typing import Final

GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

HANDSHAKE_FIELDS: Final = (
    b"connection",
    b"upgrade",
    b"sec-websocket-version",
    b"sec-websocket-key",
    b"sec-websocket-extensions",
)
_WINDOW_BITS: Final = frozenset(b"%d" % bits for bits in range(8, 16))
_WINDOWS: Final = (b"server_max_window_bits", b"client_max_window_bits")
_FLAGS: Final = (b"server_no_context_takeover", b"client_no_context_takeover")


def _refusal(status: bytes, fields: bytes, text: bytes) -> bytes:
    return (
        b"HTTP/1.1 %b\r\n%bContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%b"
        % (status, fields, len(text), text)
    )


REQUIRED: Final = _refusal(
    b"426 Upgrade Required",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n",
    b"This is a WebSocket endpoint.\n",
)
_METHOD: Final = _refusal(b"405 Method Not Allowed", b"Allow: GET\r\n", b"Use GET.\n")
_KEY: Final = _refusal(b"400 Bad Request", b"", b"Invalid Sec-WebSocket-Key.\n")


def _has(lines: list[bytes], token: bytes) -> bool:
    """Whether a list field over all its lines has a token, whatever its case."""
    return any(token == each.strip().lower() for line in lines for each in line.split(b","))


def content_length(fields: Iterable[tuple[bytes, bytes]]) -> int:
    """The length of a body; names in lower case."""
    for name, value in fields:
        if name == b"content-length":
            return int(value)
    return 0


def asks_for_websocket(fields: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a request is for the WebSocket side of a server; names in lower case."""
    connection: list[bytes] = []
    upgrade: list[bytes] = []
    for name, value in fields:
        if name == b"connection":
            connection.append(value)
        elif name == b"upgrade":
            upgrade.append(value)
    return asks_for(connection, upgrade)


def asks_for(connection: list[bytes], upgrade: list[bytes]) -> bool:
    """Whether these lines of two fields ask for WebSocket."""
    return _has(connection, b"upgrade") and _has(upgrade, b"websocket")


def answer_websocket(
    method: bytes,
    http_version: str,
    fields: Iterable[tuple[bytes, bytes]],
    *,
    deflate: bool,
) -> bytes:
    """The whole answer of a WebSocket endpoint; names in lower case."""
    lines: dict[bytes, list[bytes]] = {name: [] for name in HANDSHAKE_FIELDS}
    for name, value in fields:
        if name in lines:
            lines[name].append(value)
    return answer_lines(method, http_version, *lines.values(), deflate=deflate)


def answer_lines(
    method: bytes,
    http_version: str,
    connection: list[bytes],
    upgrade: list[bytes],
    versions: list[bytes],
    keys: list[bytes],
    extensions: list[bytes],
    *,
    deflate: bool,
) -> bytes:
    """The same, behind a parser that finds the lines of a field by its name."""
    if http_version != "1.1" or not asks_for(connection, upgrade):
        return REQUIRED
    if method != b"GET":
        return _METHOD
    if versions != [b"13"]:
        return REQUIRED
    if len(keys) != 1 or not _is_key(keys[0]):
        return _KEY
    accept = base64.b64encode(hashlib.sha1(keys[0] + GUID, usedforsecurity=False).digest())
    agreed = _agree_on_deflate(extensions) if deflate else b""
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: %b\r\n%b\r\n" % (accept, agreed)
    )


def _is_key(value: bytes) -> bool:
    try:
        return len(base64.b64decode(value, validate=True)) == 16
    except binascii.Error:
        return False


def _agree_on_deflate(lines: list[bytes]) -> bytes:
    """The field's line for the first offer of permessage-deflate that is sound (RFC 7692 7.1)."""
    for offer in b",".join(lines).split(b","):
        name, *parameters = (part.strip() for part in offer.split(b";"))
        if name == b"permessage-deflate" and all(map(is_deflate_parameter, parameters)):
            agreed = [name, *(part for part in parameters if part.startswith(b"server_"))]
            return b"Sec-WebSocket-Extensions: %b\r\n" % b"; ".join(agreed)
    return b""


def is_deflate_parameter(parameter: bytes) -> bool:
    """Whether this is one of permessage-deflate, in an offer or in an answer."""
    name, _, value = parameter.partition(b"=")
    if name in _WINDOWS:
        return value in _WINDOW_BITS or (not value and name == b"client_max_window_bits")
    return parameter in _FLAGS
