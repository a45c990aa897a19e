"""The frames of what follows a 101, as far as a transcript tells of them.

The law of this file: it reads the outermost header of a frame, and nothing of what it holds.
"""

from collections.abc import Callable
from typing import Final, NamedTuple, final

_MOST_OCTETS: Final = 16
_MOST_COLUMNS: Final = 74
"""Of a line of a transcript; its mark and what it is indented by come on top."""


@final
class Frame(NamedTuple):
    """What one protocol sends as one piece, and what its header says."""

    kind: str
    notes: tuple[str, ...]
    octets: bytes

    def __str__(self) -> str:
        said = f"{', '.join((self.kind, *self.notes))}, {len(self.octets)} octets: "
        shown = self.octets[: min(_MOST_OCTETS, (_MOST_COLUMNS - len(said)) // len("00 "))]
        more = " ..." if len(self.octets) > len(shown) else ""
        return f"{said}{shown.hex(' ')}{more}"


Framing = Callable[[bytes], Frame | None]
"""The frame that these octets begin with; None while its end is not there."""


def split_frames(framing: Framing, octets: bytes) -> tuple[list[Frame], bytes]:
    """The frames in these octets, and what is left after the last whole one."""
    frames = []
    while octets and (frame := framing(octets)) is not None:
        frames.append(frame)
        octets = octets[len(frame.octets) :]
    return frames, octets


_OPCODES: Final = {1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}


def websocket_frame(octets: bytes) -> Frame | None:
    """RFC 6455 5.2."""
    if len(octets) < 2:
        return None
    short = octets[1] & 0x7F
    extended = {126: 2, 127: 8}.get(short, 0)
    length = int.from_bytes(octets[2 : 2 + extended], "big") if extended else short
    opcode = octets[0] & 0x0F
    name = _OPCODES.get(opcode, f"opcode {opcode}")
    notes = ("compressed",) if octets[0] & 0x40 else ()
    end = 2 + extended + (4 if octets[1] & 0x80 else 0) + length
    return _whole(f"frame: {name}", notes, octets, end)


_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HTTP_2_TYPES: Final = (
    "DATA",
    "HEADERS",
    "PRIORITY",
    "RST_STREAM",
    "SETTINGS",
    "PUSH_PROMISE",
    "PING",
    "GOAWAY",
    "WINDOW_UPDATE",
    "CONTINUATION",
)
_HTTP_2_FLAGS: Final = {
    "DATA": ((0x1, "END_STREAM"),),
    "HEADERS": ((0x1, "END_STREAM"), (0x4, "END_HEADERS")),
    "CONTINUATION": ((0x4, "END_HEADERS"),),
    "SETTINGS": ((0x1, "ACK"),),
    "PING": ((0x1, "ACK"),),
}


def http2_frame(octets: bytes) -> Frame | None:
    """RFC 9113 4.1, or the preface of 3.4."""
    if octets[:3] == _PREFACE[:3]:
        return _whole("connection preface", (), octets, len(_PREFACE))
    if len(octets) < 9:
        return None
    number = octets[3]
    name = _HTTP_2_TYPES[number] if number < len(_HTTP_2_TYPES) else f"type {number}"
    stream = int.from_bytes(octets[5:9], "big") & 0x7FFFFFFF
    flags = [flag for bit, flag in _HTTP_2_FLAGS.get(name, ()) if octets[4] & bit]
    where = [f"stream {stream}"] if stream else []
    end = 9 + int.from_bytes(octets[:3], "big")
    return _whole(f"frame: {name}", (*where, *flags), octets, end)


_RECORDS: Final = {
    20: "change_cipher_spec",
    21: "alert",
    22: "handshake",
    23: "application_data",
}


def tls_record(octets: bytes) -> Frame | None:
    """RFC 8446 5.1."""
    if len(octets) < 5:
        return None
    name = _RECORDS.get(octets[0], f"type {octets[0]}")
    return _whole(f"TLS record: {name}", (), octets, 5 + int.from_bytes(octets[3:5], "big"))


def unframed(octets: bytes) -> Frame | None:
    """A stream of octets, as they come."""
    return Frame("stream", (), octets)


def _whole(kind: str, notes: tuple[str, ...], octets: bytes, end: int) -> Frame | None:
    return Frame(kind, notes, octets[:end]) if len(octets) >= end else None
