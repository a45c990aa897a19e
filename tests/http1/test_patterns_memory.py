"""What one match may take in memory while it lasts.

A pattern keeps a context for each line of a head, and for each parameter or escape of a value. The
lines of a head are bounded or counted, and a value is one line or less. Nothing here needs a
library besides pytest.
"""

import contextlib
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from feeding import feed

from httpupgrade import (
    Accept101,
    ClientNegotiator,
    Limits,
    OrdinaryResponse,
    Policy,
    RemoteProtocolError,
    RequestHead,
    ServerNegotiator,
    WebSocket,
)
from httpupgrade._http1.fast_path_patterns import USUAL_HEAD

REQUESTS: Final = Path(__file__).parents[1] / "corpus" / "requests"
CHROMIUM: Final = (REQUESTS / "direct__chromium__websocket.bin").read_bytes()
REQUIRED: Final = Policy(WebSocket(), mode="required")
GET_ROOT: Final = b"GET / HTTP/1.1\r\nHost: a\r\n"
KEYED: Final = CHROMIUM.removesuffix(b"\r\n")
OK_200: Final = b"HTTP/1.1 200 OK\r\n"
MANY_LINES: Final = {
    "no request that asks": (GET_ROOT, b"a:\r\n", b"\r\n"),
    "a handshake": (KEYED, b"a:\r\n", b"\r\n"),
    "a handshake that is broken at its end": (KEYED, b"a:\r\n", b"\n"),
    "a handshake without an end": (KEYED, b"a:\r\n", b"a"),
    "a handshake after an empty line": (b"\r\n" + KEYED, b"a:\r\n", b"\r\n"),
    "lines of a frequent name": (KEYED, b"Sec-WebSocket: a\r\n", b"\r\n"),
}
LONG_VALUES: Final = {
    "quoted pairs of an extension": (KEYED + b'Sec-WebSocket-Extensions: a;b="', b"\\a", b'"'),
    "parameters of an extension": (GET_ROOT + b"Sec-WebSocket-Extensions: a", b";a", b""),
    "parameters of a transfer coding": (GET_ROOT + b"Transfer-Encoding: a", b";a=b", b""),
    "quoted pairs of a transfer coding": (GET_ROOT + b'Transfer-Encoding: a;b="', b"\\a", b'"'),
    "a host": (b"GET / HTTP/1.1\r\nHost: ", b"%41", b""),
    "quoted pairs of a media range": (GET_ROOT + b'Accept: a/b;c="', b"\\a", b'"'),
}


def filled(start: bytes, again: bytes, end: bytes, size: int) -> bytes:
    return start + again * ((size - len(start) - len(end)) // len(again)) + end


def peak_of(work: Callable[[], object]) -> int:
    work()
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def fed(octets: bytes, size: int) -> None:
    machine = ServerNegotiator(REQUIRED)
    for place in range(0, len(octets), size):
        feed(machine, octets[place : place + size])


def read_response(octets: bytes, size: int) -> None:
    machine = ClientNegotiator(WebSocket(), host=b"a")
    machine.send_request()
    with contextlib.suppress(RemoteProtocolError):
        for place in range(0, len(octets), size):
            feed(machine, octets[place : place + size])


@pytest.mark.parametrize("size", [65536, 4096])
@pytest.mark.parametrize("parts", MANY_LINES.values(), ids=MANY_LINES)
def test_a_head_of_many_lines_takes_little_memory(
    parts: tuple[bytes, bytes, bytes], size: int
) -> None:
    octets = filled(*parts, 65536)
    assert peak_of(lambda: fed(octets, size)) <= 640 * 1024


@pytest.mark.parametrize("size", [65536, 4096])
@pytest.mark.parametrize("line", [b"a:\r\n", b"a:\r\n b\r\n"], ids=["lines", "folds"])
@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"a"])
def test_a_response_of_many_lines_takes_little_memory(line: bytes, end: bytes, size: int) -> None:
    octets = filled(OK_200, line, end, 65536)
    assert peak_of(lambda: read_response(octets, size)) <= 400 * 1024


def test_a_head_with_as_many_lines_as_allowed_takes_little_memory() -> None:
    octets = filled(KEYED, b"a:" + b"b" * 200 + b"\r\n", b"\r\n", 49_000)
    assert 200 < octets.count(b"\n") < 256
    assert peak_of(lambda: fed(octets, 65536)) <= 5 * len(octets)


def test_a_head_made_of_many_fields_takes_little_more_than_its_fields() -> None:
    fields = [(b"a%d" % number, b"") for number in range(16_384)]
    kept = peak_of(lambda: RequestHead(b"GET", b"/", fields, b"1.0"))
    assert peak_of(lambda: RequestHead(b"GET", b"/", [(b"Host", b"a"), *fields])) <= 3 * kept


@pytest.mark.parametrize("count", [511, 512, 513, 600])
def test_a_head_of_more_lines_than_the_short_way_takes_is_read_with_care(count: int) -> None:
    wide = Limits(max_header_count=1000)
    machine = ServerNegotiator(REQUIRED, limits=wide)
    octets = KEYED + b"a:\r\n" * (count - KEYED.count(b"\n") + 1) + b"\r\n"
    event = feed(machine, octets)
    assert isinstance(event, Accept101)
    assert event.head == RequestHead.parse(octets, wide)
    assert len(event.head.headers) == count
    assert (USUAL_HEAD.fullmatch(octets) is None) is (count > 512)


@pytest.mark.parametrize("count", [511, 512, 513, 600])
def test_a_response_of_more_lines_than_the_short_way_takes_is_read_with_care(count: int) -> None:
    machine = ClientNegotiator(WebSocket(), host=b"a", limits=Limits(max_header_count=1000))
    machine.send_request()
    event = feed(machine, OK_200 + b"a:\r\n" * count + b"\r\n")
    assert isinstance(event, OrdinaryResponse)
    assert len(event.head.headers) == count


@pytest.mark.parametrize("parts", LONG_VALUES.values(), ids=LONG_VALUES)
def test_a_value_as_long_as_its_limit_takes_less_than_2_mib(
    parts: tuple[bytes, bytes, bytes],
) -> None:
    start, again, end = parts
    octets = filled(start, again, end + b"\r\n\r\n", 32768)
    assert peak_of(lambda: fed(octets, 65536)) <= 2 * 1024 * 1024
