"""What comes of connections that are made of a seed, as a digest that interpreters can compare.

Where two differ on number 17 of the outcomes from 500, ``seeded_connection(SEED, 517)`` is what was
sent, and ``outcome(SEED, 517)`` what was seen.

Rules for this module: a digest depends on octets, numbers and names alone; not on hashes, addresses
or the order of sets. It covers all that a caller sees: decisions, findings, heads as they were
read, what passes, and octets that are sent.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from pythons import DIGITS
from seeded_requests import Draws, seeded_connection, seeded_pieces
from server.test_laws_split import Seen, drive
from transcript import PolicySource

from httpupgrade import (
    H2C,
    Accept101,
    CustomProtocol,
    Forward,
    Limits,
    Passthrough,
    PerMessageDeflate,
    Policy,
    RequestHead,
    WebSocket,
)

SEED: Final = 9110

_OFFERS: Final = (
    WebSocket(subprotocols=("chat",), extensions=(PerMessageDeflate(),)),
    CustomProtocol("tcp", body="buffer"),
    H2C(),
)
_REQUIRED: Final = Policy(*_OFFERS, mode="required")
_POLICIES: Final[tuple[PolicySource, ...]] = (
    _REQUIRED,
    _REQUIRED,
    Policy(*_OFFERS),
    Policy(*_OFFERS, mode="advertise", order="client", close="always"),
    Policy(*_OFFERS, mode="report", close="never"),
    lambda info: None if info.head.target == b"/" else _REQUIRED,
)
_SHORT: Final = Limits(
    max_head_bytes=300, max_request_line=40, max_header_line=80, max_header_count=8
)


def outcome(seed: int, place: int, *, cut: bool = False) -> list[Seen]:
    """What there is to see of one connection."""
    octets = seeded_connection(seed, place)
    draws = Draws(seed, place ^ 1 << 40)
    policy = draws.one_of(_POLICIES)
    limits = _SHORT if draws.below(5) == 0 else Limits()
    secure = draws.below(3) == 0
    refuse = draws.below(8) == 0
    pieces = seeded_pieces(seed, place, octets) if cut else [octets] * bool(octets)
    return drive(policy, limits, pieces, secure=secure, refuse=refuse)


def digest(seen: Iterable[Seen]) -> str:
    """A digest of what there was to see."""
    hashed = sha256()
    for kind, each in seen:
        for part in (kind.encode("ascii"), *_parts(each)):
            hashed.update(b"%d:%b," % (len(part), part))
    return hashed.hexdigest()[:DIGITS]


def _parts(each: object) -> Iterable[bytes]:
    match each:
        case bytes():
            yield each
        case Forward(data, end):
            yield data
            yield b"end" if end else b"more"
        case _:
            yield repr(each).encode("ascii", "backslashreplace")
            if isinstance(each, Passthrough):
                yield each.data
            if isinstance(each, Accept101 | Passthrough):
                yield from _read(each.head)


def _read(head: RequestHead | None) -> Iterable[bytes]:
    if head is not None:
        yield from (head.method, head.target, head.http_version)
        for field in head.headers:
            yield from field
