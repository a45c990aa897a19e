"""Hosts and ports (RFC 3986 3.2, RFC 9110 7.2), compared as octets.

Rules for this module: two of them are the same only if they are spelt the same, ASCII case aside.
No name is resolved, no address is normalised, no Unicode is decoded: what looks like an address in
a strange form (``0x7f.1``) is a name that equals nothing.
"""

from typing import final

from . import grammar
from .values import Value, field


@final
class Authority(Value):
    """A host in lower case, IPv6 literals in brackets, and a port if one was written."""

    __slots__ = __match_args__ = ()

    host: bytes = field("The host.")
    port: int | None = field("The port, if one was written.")


def parse_authority(value: bytes) -> Authority | None:
    """``host`` or ``host:port``; None for anything else, ports above 65535 among it."""
    match = grammar.HOST_AND_PORT.fullmatch(value)
    if match is None or not is_host(match[1]):
        return None
    port = int(match[2]) if match[2] else None
    if port is not None and port > 65535:
        return None
    return Authority(match[1].lower(), port)


def is_bare_host(host: bytes) -> bool:
    """Whether this is a name or an address, IPv6 without brackets, and nothing is encoded."""
    return grammar.HOST_NAME.fullmatch(host) is not None or ipv6_number(host) is not None


def is_host(host: bytes) -> bool:
    """Whether brackets, if there are any, hold an address; the rest is the pattern's."""
    return not host.startswith(b"[") or host[1:2] in b"vV" or ipv6_number(host[1:-1]) is not None


def ipv4_number(address: bytes) -> int | None:
    """The 32 bits of an IPv4 address; None for anything else (RFC 3986 3.2.2)."""
    if grammar.IPV4.fullmatch(address) is None:
        return None
    return int.from_bytes(bytes(map(int, address.split(b"."))), "big")


def ipv6_number(address: bytes) -> int | None:
    """The 128 bits of an IPv6 address; None for anything else.

    RFC 3986 3.2.2: eight groups, of which ``::`` stands for one or more, an IPv4 for two.
    """
    before, gap, after = address.rpartition(b"::")
    high = _groups(before) if before else []
    low = _groups(after, ends=True) if after or not gap else []
    if high is None or low is None:
        return None
    left_out = 8 - len(high) - len(low)
    if (left_out < 1) if gap else (left_out != 0):
        return None
    number = 0
    for group in (*high, *[0] * left_out, *low):
        number = number << 16 | group
    return number


def _groups(text: bytes, *, ends: bool = False) -> list[int] | None:
    """Groups of 16 bits; an IPv4 address may be the last two, where the address ends."""
    groups = text.split(b":")
    last = ipv4_number(groups[-1]) if ends else None
    if last is not None:
        del groups[-1]
    if any(grammar.H16.fullmatch(group) is None for group in groups):
        return None
    numbers = [int(group, 16) for group in groups]
    return numbers if last is None else [*numbers, last >> 16, last & 0xFFFF]
