"""The WebSocket frames that the vectors send, and the messages that a server sends back.

Rules for this module: as much of RFC 6455 5 as it takes to know an echo again, compressed or not.
"""

import zlib
from collections.abc import Iterator
from typing import Final

ECHO_TEXT: Final = b"Hello, httpupgrade"
"""The message whose echo the mark ``echo`` stands for."""


def masked_frame(payload: bytes, opcode: int = 1) -> bytes:
    """A whole frame of a client; up to 125 octets of payload."""
    key = b"\x37\xfa\x21\x3d"  # RFC 6455 5.7
    masked = bytes(octet ^ key[index % 4] for index, octet in enumerate(payload))
    return bytes((0x80 | opcode, 0x80 | len(payload))) + key + masked


ECHO_FRAME: Final = masked_frame(ECHO_TEXT)


def messages(octets: bytes) -> Iterator[bytes]:
    """The messages in what a server sent: whole ones; without control frames; inflated."""
    inflate = zlib.decompressobj(wbits=-15)
    parts: list[bytes] = []
    compressed = False
    for first, data in _frames(octets):
        if first & 0x08:
            continue
        if first & 0x0F:  # not a continuation: a message begins
            parts, compressed = [], bool(first & 0x40)
        parts.append(data)
        if not first & 0x80:
            continue
        payload = b"".join(parts)
        if compressed:
            # RFC 7692 7.2.2
            try:
                payload = inflate.decompress(payload + b"\x00\x00\xff\xff")
            except zlib.error:
                return
        yield payload


def _frames(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """The first octet and the payload of each whole frame. A server masks none (RFC 6455 5.1)."""
    at = 0
    while at + 2 <= len(octets):
        first, size = octets[at], octets[at + 1]
        at += 2
        if size in (126, 127):
            width = 2 if size == 126 else 8
            size = int.from_bytes(octets[at : at + width])
            at += width
        if size > len(octets) - at:
            return
        yield first, octets[at : at + size]
        at += size
