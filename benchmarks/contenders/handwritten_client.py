"""A client's opening handshake as it is written by hand around a parser that knows none.

The law of this file: what careful clients check (RFC 6455 4.1: status, version, Connection,
Upgrade, Sec-WebSocket-Accept, nothing agreed on that was not asked for), and no more. There are no
findings here, no offsets, and no limits but the parser's.
"""

import base64
import hashlib
import os
from collections.abc import Iterable
from typing import Final

from ..contender import ClientOutcome, Opened, Refused, Required
from .asked import HOST_OCTETS, KEY_OCTETS, SUBPROTOCOLS, TARGET_OCTETS
from .handwritten import GUID, asks_for, is_deflate_parameter

_OFFERED: Final = tuple(each.encode("ascii") for each in SUBPROTOCOLS)
_OFFERED_LINE: Final = b", ".join(_OFFERED)
_DEFLATE: Final = b"permessage-deflate; client_max_window_bits"
_REQUEST: Final = (
    b"GET %b HTTP/1.1\r\nHost: %b\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: %b\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: %b\r\n%b\r\n"
)

RESPONSE_FIELDS: Final = (
    b"connection",
    b"upgrade",
    b"sec-websocket-accept",
    b"sec-websocket-protocol",
    b"sec-websocket-extensions",
    b"sec-websocket-version",
)


def draw_key() -> bytes:
    """A fresh one is drawn, and the one that the captured responses answer is used."""
    base64.b64encode(os.urandom(16))
    return KEY_OCTETS


def write_request(key: bytes, *, deflate: bool) -> bytes:
    """The whole request."""
    extensions = b"Sec-WebSocket-Extensions: %b\r\n" % _DEFLATE if deflate else b""
    return _REQUEST % (TARGET_OCTETS, HOST_OCTETS, key, _OFFERED_LINE, extensions)


def request_fields(key: bytes, *, deflate: bool) -> list[tuple[bytes, bytes]]:
    """The fields of the same, for a library that writes it."""
    fields = [
        (b"Host", HOST_OCTETS),
        (b"Upgrade", b"websocket"),
        (b"Connection", b"Upgrade"),
        (b"Sec-WebSocket-Key", key),
        (b"Sec-WebSocket-Version", b"13"),
        (b"Sec-WebSocket-Protocol", _OFFERED_LINE),
    ]
    if deflate:
        fields.append((b"Sec-WebSocket-Extensions", _DEFLATE))
    return fields


def read_response(
    request: bytes,
    key: bytes,
    status: int,
    http_version: str,
    fields: Iterable[tuple[bytes, bytes]],
    body: bytes,
    *,
    deflate: bool,
) -> ClientOutcome:
    """What a response is taken for; names in lower case."""
    lines: dict[bytes, list[bytes]] = {name: [] for name in RESPONSE_FIELDS}
    for name, value in fields:
        if name in lines:
            lines[name].append(value)
    return read_lines(request, key, status, http_version, [*lines.values()], body, deflate=deflate)


def read_lines(
    request: bytes,
    key: bytes,
    status: int,
    http_version: str,
    lines: list[list[bytes]],
    body: bytes,
    *,
    deflate: bool,
) -> ClientOutcome:
    """The same, behind a parser that finds the lines of a field by its name."""
    connection, upgrade, accepts, subprotocols, extensions, versions = lines
    if status == 426:
        return Required(request, _elements(upgrade), _elements(versions), body)
    if status != 101:
        return Refused(request, "another status")
    if http_version != "1.1":
        return Refused(request, "another version of HTTP")
    if not asks_for(connection, upgrade) or len(_elements(upgrade)) != 1:
        return Refused(request, "not for WebSocket")
    if accepts != [base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest())]:
        return Refused(request, "another Sec-WebSocket-Accept")
    if subprotocols and (len(subprotocols) > 1 or subprotocols[0] not in _OFFERED):
        return Refused(request, "a subprotocol that was not offered")
    agreed = _elements(extensions)
    if len(agreed) > deflate or not all(map(_is_offered, agreed)):
        return Refused(request, "an extension that was not offered")
    names = tuple([each.partition(b";")[0].strip() for each in agreed])
    return Opened(request, subprotocols[0] if subprotocols else None, names)


def _elements(lines: list[bytes]) -> tuple[bytes, ...]:
    """Those of a list field over all its lines."""
    parts = [each.strip() for line in lines for each in line.split(b",")]
    return tuple([each for each in parts if each])


def _is_offered(extension: bytes) -> bool:
    """Whether this is permessage-deflate as a server may agree on it (RFC 7692 7.1)."""
    name, *parameters = [part.strip() for part in extension.split(b";")]
    return name == b"permessage-deflate" and all(
        part != b"client_max_window_bits" and is_deflate_parameter(part) for part in parameters
    )
