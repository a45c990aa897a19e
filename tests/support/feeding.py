"""How the tests feed octets: in pieces, one at a time, and with the work counted."""

import gc
import sys
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any, NamedTuple, SupportsIndex, TypeVar, overload

from httpupgrade import (
    ClientEvent,
    ClientNegotiator,
    Event,
    HeadNegotiator,
    Limits,
    RequestHead,
    ServerNegotiator,
)
from httpupgrade._http1.body_reader import ChunkError, PieceReader
from httpupgrade._http1.line_scan import HeadScanner, Unreadable
from httpupgrade._http1.request_scan import HeadParts, RequestScanner
from httpupgrade._http1.response_scan import ResponseParts, ResponseScanner

Outcome = HeadParts | Unreadable | None
ResponseOutcome = ResponseParts | Unreadable | None

_Parts = TypeVar("_Parts", HeadParts, ResponseParts)


@overload
def feed(machine: ServerNegotiator, data: bytes) -> Event: ...
@overload
def feed(machine: ClientNegotiator, data: bytes) -> ClientEvent: ...
def feed(machine: ServerNegotiator | ClientNegotiator, data: bytes) -> Event | ClientEvent:
    """The next event once these octets have arrived."""
    machine.receive_data(data)
    return machine.next_event()


def hear_head(machine: HeadNegotiator, head: RequestHead, *, stopped: bool = False) -> Event:
    """The next event once a parser has read this head, and its end where it has no content."""
    machine.receive_head(head, stopped=stopped)
    if not head.announces_content:
        machine.end_content()
    return machine.next_event()


def singly(octets: bytes) -> list[bytes]:
    """The same octets, each by itself."""
    return [octets[place : place + 1] for place in range(len(octets))]


def calls_of(work: Callable[[], object]) -> int:
    """How many functions of Python and of C are called in doing this."""
    calls = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    gc.disable()  # Hypothesis has itself called for each collection, at any moment
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
        gc.enable()
    return calls - 2  # the work's own, and the one that ends the count


def scan_pieces(pieces: Iterable[bytes], limits: Limits) -> tuple[Outcome, int]:
    """The outcome of a scan, and how many octets had been fed when it came."""
    return _scan(RequestScanner(limits), pieces)


def scan_response_pieces(pieces: Iterable[bytes], limits: Limits) -> tuple[ResponseOutcome, int]:
    """The same of a response."""
    return _scan(ResponseScanner(limits), pieces)


def _scan(
    scanner: HeadScanner[_Parts], pieces: Iterable[bytes]
) -> tuple[_Parts | Unreadable | None, int]:
    buffer = bytearray()
    for piece in pieces:
        buffer += piece
        outcome = scanner.scan(buffer)
        if outcome is not None:
            return outcome, len(buffer)
    return None, len(buffer)


class Read(NamedTuple):
    """What came of reading a body."""

    state: str
    wire: bytes
    content: bytes
    rest: bytes


def read_pieces(reader: PieceReader, pieces: Iterable[bytes]) -> Read:
    buffer, state, wire, content = bytearray(), "incomplete", b"", b""
    for data in pieces:
        buffer += data
        try:
            while state != "broken" and (piece := reader.take(buffer)) is not None:
                wire += piece.wire
                content += piece.content
        except ChunkError:
            state = "broken"
    return Read("complete" if reader.complete else state, wire, content, bytes(buffer))


class CountingBuffer(bytearray):
    """A buffer that counts the octets that somebody looks at."""

    looked_at = 0

    def find(  # type: ignore[override]
        self, wanted: bytes, start: int = 0, end: int | None = None
    ) -> int:
        stop = len(self) if end is None else min(end, len(self))
        found = super().find(wanted, start, stop)
        self.looked_at += (stop if found < 0 else found) - start + len(wanted)
        return found

    def startswith(self, prefix: bytes, *places: int) -> bool:  # type: ignore[override]
        self.looked_at += len(prefix)
        return super().startswith(prefix, *places)

    def __getitem__(self, place: SupportsIndex | slice) -> int | bytearray:  # type: ignore[override]
        if isinstance(place, slice):
            self.looked_at += len(range(*place.indices(len(self))))
        return super().__getitem__(place)
