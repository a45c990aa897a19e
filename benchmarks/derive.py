"""Messages made from captured ones, where no client or server sends what a case needs.

The law of this file: each function says what it changed, takes a capture's octets and works on
nothing but octets. A case that uses one is called derived in its title.
"""

from typing import Final

_END: Final = b"\r\n\r\n"
_FILLER_LINE: Final = 1000
_HANDSHAKE: Final = (
    b"host",
    b"connection",
    b"upgrade",
    b"sec-websocket-key",
    b"sec-websocket-version",
)


def minimal(handshake: bytes) -> bytes:
    """Without the fields that a WebSocket handshake can do without (RFC 6455 4.1)."""
    start, lines = _split(handshake)
    return _join(start, [line for line in lines if _name(line) in _HANDSHAKE])


def with_value(message: bytes, name: bytes, value: bytes) -> bytes:
    """With another value of a field that it has; its body as it was."""
    start, lines = _split(message)
    _, _, body = message.partition(_END)
    line = name + b": " + value
    return _join(start, [line if _name(each) == name.lower() else each for each in lines]) + body


def with_cookie(request: bytes, size: int) -> bytes:
    """With a Cookie behind its own fields, as a browser has after some visits; its body cut off.

    ``size`` octets of value, in pairs of about 40.
    """
    start, lines = _split(request)
    pairs = (b"_id%02d=%b; " % (each, b"GA1.2.%026d" % each) for each in range(size // 30))
    return _join(start, [*lines, b"Cookie: " + b"".join(pairs)[: size - 1] + b"0"])


def head_of(message: bytes) -> bytes:
    """Without what follows its head."""
    start, lines = _split(message)
    return _join(start, lines)


def with_fields(request: bytes, count: int) -> bytes:
    """With its first ``count`` fields; with more of them behind its own if it has fewer."""
    start, lines = _split(request)
    more = [b"X-Filler-%d: %d" % (each, each * each) for each in range(count - len(lines))]
    return _join(start, (lines + more)[:count])


def padded(request: bytes, size: int) -> bytes:
    """``size`` octets long, by lines of at most 1000 octets behind its own."""
    start, lines = _split(request)
    while (missing := size - len(_join(start, lines))) > 0:
        longest = missing if missing <= _FILLER_LINE else min(_FILLER_LINE, missing - 20)
        name = b"X-Filler-%d: " % len(lines)
        lines.append(name + b"v" * (longest - len(name) - 2))
    return _join(start, lines)


def repeated(request: bytes, count: int) -> bytes:
    """As often as that, one behind the other."""
    return request * count


def value_of(request: bytes, name: bytes) -> bytes:
    """Of one of its fields; nothing else."""
    _, lines = _split(request)
    (value,) = (line.partition(b":")[2].strip() for line in lines if _name(line) == name)
    return value


def _split(request: bytes) -> tuple[bytes, list[bytes]]:
    head, _, _ = request.partition(_END)
    start, *lines = head.split(b"\r\n")
    return start, lines


def _join(start: bytes, lines: list[bytes]) -> bytes:
    return b"\r\n".join((start, *lines)) + _END


def _name(line: bytes) -> bytes:
    return line.partition(b":")[0].lower()
