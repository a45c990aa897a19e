"""The cost of octets is linear in them, one at a time or many requests at once.

Calls are counted, of Python and of C, not seconds: CVE-2023-43669 was a parser that began anew with
every read. What one call may cost is bounded by the octets that are new to it.
"""

import pytest
from feeding import calls_of, feed
from transcript import (
    TCP_BUFFERED,
    TCP_POST,
    WEBSOCKET_OPTIONAL,
    WEBSOCKET_REQUIRED,
    PolicySource,
)
from wire import handshake, plain, request

from httpupgrade import (
    NEED_DATA,
    PAUSED,
    Accept101,
    ConnectionClosed,
    Continue100,
    Event,
    Limits,
    Reject,
    Require426,
    ServerNegotiator,
)
from httpupgrade._http1.body_reader import read_body
from httpupgrade._http1.framing import UNTIL_CLOSE
from httpupgrade._http1.response_scan import ResponseScanner

SMALL, LARGE = 8 * 1024, 64 * 1024
SLACK = 1.3

WIDE = Limits(*[LARGE * 2] * len(Limits._fields))
CHUNKED = b"Transfer-Encoding: chunked"
TCP = request(*TCP_POST, CHUNKED, line=b"POST / HTTP/1.1")
GET = b"GET / HTTP/1.1\r\n"

# What is fed first, and what is repeated from there on, an octet at a time.
SLOWLY: dict[str, tuple[PolicySource, bytes, bytes]] = {
    "empty lines": (WEBSOCKET_OPTIONAL, b"", b"\r\n"),
    "target": (WEBSOCKET_OPTIONAL, b"GET /", b"a"),
    "field value": (WEBSOCKET_OPTIONAL, GET + b"A: ", b"b"),
    "field lines": (WEBSOCKET_OPTIONAL, GET, b"A: bcdefgh\r\n"),
    "requests": (WEBSOCKET_REQUIRED, b"", plain()),
    "junk": (WEBSOCKET_OPTIONAL, b"\x16\x03", b"\x00"),
    "drained body": (WEBSOCKET_REQUIRED, plain(b"Content-Length: 99999"), b"a"),
    "drained chunks": (WEBSOCKET_REQUIRED, plain(CHUNKED), b"1\r\na\r\n"),
    "forwarded body": (WEBSOCKET_OPTIONAL, plain(b"Content-Length: 99999"), b"a"),
    "body": (TCP_BUFFERED, TCP + b"ffff\r\n", b"a"),
    "chunks": (TCP_BUFFERED, TCP, b"1\r\na\r\n"),
}
# Many messages in one read.
AT_ONCE: dict[str, tuple[PolicySource, bytes]] = {
    "requests": (WEBSOCKET_REQUIRED, plain()),
    "requests behind empty lines": (WEBSOCKET_REQUIRED, b"\r\n\r\n" + plain()),
    "requests with bodies": (WEBSOCKET_REQUIRED, plain(CHUNKED) + b"1\r\na\r\n0\r\n\r\n"),
    "messages": (WEBSOCKET_OPTIONAL, plain(b"Content-Length: 5") + b"hello"),
    "field lines": (WEBSOCKET_REQUIRED, plain(*[b"X: y"] * 40)),
}


def answer(machine: ServerNegotiator, event: Event) -> None:
    while event not in (NEED_DATA, PAUSED) and not isinstance(event, ConnectionClosed):
        if isinstance(event, Accept101 | Continue100 | Require426 | Reject):
            machine.send(event)
        event = machine.next_event()


def calls_for_octets(policy: PolicySource, start: bytes, again: bytes, size: int) -> int:
    machine = ServerNegotiator(policy, limits=WIDE)
    answer(machine, feed(machine, start) if start else machine.next_event())
    octets = again * (size // len(again))
    pieces = [octets[place : place + 1] for place in range(len(octets))]

    def work() -> None:
        for piece in pieces:
            answer(machine, feed(machine, piece))

    return calls_of(work)


def calls_at_once(policy: PolicySource, message: bytes, count: int) -> int:
    machine = ServerNegotiator(policy, limits=WIDE)
    octets = message * count
    return calls_of(lambda: answer(machine, feed(machine, octets)))


@pytest.mark.parametrize(("policy", "start", "again"), SLOWLY.values(), ids=SLOWLY)
def test_octets_that_come_one_at_a_time_cost_alike(
    policy: PolicySource, start: bytes, again: bytes
) -> None:
    few = calls_for_octets(policy, start, again, SMALL)
    many = calls_for_octets(policy, start, again, LARGE)
    assert few >= SMALL // 2, "nothing was fed"
    assert many <= few * (LARGE / SMALL) * SLACK


@pytest.mark.parametrize(("policy", "message"), AT_ONCE.values(), ids=AT_ONCE)
def test_messages_that_come_together_cost_alike(policy: PolicySource, message: bytes) -> None:
    few = calls_at_once(policy, message, 16)
    many = calls_at_once(policy, message, 128)
    assert few >= 16 * 10, "nothing was fed"
    assert many <= few * 8 * SLACK


def test_early_data_that_comes_one_octet_at_a_time_costs_alike() -> None:
    def calls(size: int) -> int:
        machine = ServerNegotiator(WEBSOCKET_REQUIRED, limits=WIDE)
        feed(machine, handshake())

        def work() -> None:
            for _ in range(size):
                assert feed(machine, b"\x81") is PAUSED

        return calls_of(work)

    assert calls(LARGE) <= calls(SMALL) * (LARGE / SMALL) * SLACK


# What is fed first of a response, and what is repeated from there on, an octet at a time.
STATUS = b"HTTP/1.1 200 OK\r\n"
RESPONSES: dict[str, tuple[bytes, bytes]] = {
    "reason": (b"HTTP/1.1 200 ", b"a"),
    "field value": (STATUS + b"A: ", b"b"),
    "field lines": (STATUS, b"A: bcdefgh\r\n"),
    "folds": (STATUS + b"A: b", b" \r\n\tb"),
    "white space": (STATUS + b"A:", b" "),
}


@pytest.mark.parametrize(("start", "again"), RESPONSES.values(), ids=RESPONSES)
def test_octets_of_a_response_head_that_come_one_at_a_time_cost_alike(
    start: bytes, again: bytes
) -> None:
    def calls(size: int) -> int:
        scanner, buffer = ResponseScanner(WIDE), bytearray(start)

        def work() -> None:
            for octet in again * (size // len(again)):
                buffer.append(octet)
                assert scanner.scan(buffer) is None

        return calls_of(work)

    assert calls(SMALL) >= SMALL // 2, "nothing was fed"
    assert calls(LARGE) <= calls(SMALL) * (LARGE / SMALL) * SLACK


def test_a_body_that_ends_with_the_connection_costs_alike() -> None:
    def calls(size: int) -> int:
        reader, buffer = read_body(UNTIL_CLOSE), bytearray()

        def work() -> None:
            for _ in range(size):
                buffer.append(0x61)
                reader.take(buffer)

        return calls_of(work)

    assert calls(LARGE) <= calls(SMALL) * (LARGE / SMALL) * SLACK


def test_a_read_costs_no_more_calls_when_more_is_held() -> None:
    machine = ServerNegotiator(WEBSOCKET_OPTIONAL, limits=WIDE)
    feed(machine, GET + b"A: ")
    first = calls_of(lambda: answer(machine, feed(machine, b"b")))
    feed(machine, b"b" * LARGE)
    assert calls_of(lambda: answer(machine, feed(machine, b"b"))) <= first
