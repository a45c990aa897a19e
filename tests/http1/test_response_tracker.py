"""Where a server's response ends, told from what it writes."""

import copy
import pickle
from typing import Any

import pytest

from httpupgrade import LocalProtocolError
from httpupgrade._http1.response_tracker import is_whole_response
from httpupgrade.framing import ResponseProgress as Progress
from httpupgrade.framing import ResponseTracker

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"
)
ADVERTISED = ((b"Upgrade", b"websocket"), (b"Connection", b"upgrade"))

COMPLETE = [
    pytest.param(b"GET", OK, id="length"),
    pytest.param(b"GET", CHUNKED, id="chunked"),
    pytest.param(b"GET", CHUNKED.replace(b": chunked", b": gzip, chunked"), id="coded"),
    pytest.param(b"GET", b"HTTP/1.1 200 OK\r\nA: \x0b\r\nContent-Length: 0\r\n\r\n", id="control"),
    pytest.param(b"GET", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", id="empty"),
    pytest.param(b"GET", b"HTTP/1.1 204 No Content\r\n\r\n", id="204"),
    pytest.param(b"GET", b"HTTP/1.1 304 \r\nContent-Length: 5\r\n\r\n", id="304"),
    pytest.param(b"HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", id="head"),
    pytest.param(b"POST", b"HTTP/1.1 100 Continue\r\n\r\n" + OK, id="100"),
    pytest.param(b"GET", b"HTTP/1.1 103 x\r\nLink: a\r\n\r\n" * 3 + CHUNKED, id="103"),
    pytest.param(b"CONNECT", b"HTTP/1.1 403 \r\nContent-Length: 0\r\n\r\n", id="connect-refused"),
    pytest.param(b"CONNECT", b"HTTP/1.1 300 \r\nContent-Length: 0\r\n\r\n", id="connect-300"),
]
# What is written, and how much of it can be taken before the tracker stops looking.
ENDED_OTHERWISE = [
    pytest.param(b"GET", b"HTTP/1.1 101 \r\nUpgrade: a\r\n\r\nnew", Progress.SWITCHED, id="101"),
    pytest.param(b"CONNECT", b"HTTP/1.1 200 OK\r\n\r\nnew", Progress.SWITCHED, id="connect"),
    pytest.param(b"GET", b"HTTP/1.0 200 OK\r\n\r\nuntil", Progress.UNKNOWN, id="until-close"),
    pytest.param(b"GET", b"HTTP/1.1 200 OK\nA: b\n\r\n\r\n", Progress.UNKNOWN, id="bare-lf"),
    pytest.param(b"GET", b"nonsense\r\n\r\nmore", Progress.UNKNOWN, id="no-response"),
    pytest.param(b"GET", b"\r\n\r\n", Progress.UNKNOWN, id="no-start-line"),
    pytest.param(
        b"GET",
        CHUNKED.replace(b": chunked", b": chunked, gzip"),
        Progress.UNKNOWN,
        id="coded-until-close",
    ),
    pytest.param(b"GET", OK + b"x", Progress.UNKNOWN, id="longer-than-it-says"),
    pytest.param(b"GET", b"HTTP/1.1 204 \r\n\r\nx", Progress.UNKNOWN, id="204-with-content"),
    pytest.param(b"GET", CHUNKED + b"x", Progress.UNKNOWN, id="behind-the-last-chunk"),
    pytest.param(b"GET", CHUNKED.replace(b"5;", b"z;"), Progress.UNKNOWN, id="broken-chunk"),
    pytest.param(
        b"GET",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        Progress.UNKNOWN,
        id="two-lengths",
    ),
]


def test_a_whole_response_begins_and_ends_where_the_octets_do() -> None:
    assert is_whole_response(b"GET", OK)
    for method, octets in (
        (b"GET", OK[:-1]),
        (b"GET", OK + b"x"),
        (b"GET", b"x" + OK),
        (b"HEAD", OK),
        (b"CONNECT", OK),
        (b"GET", CHUNKED),
        (b"GET", b""),
    ):
        assert not is_whole_response(method, octets)


@pytest.mark.parametrize("size", [65536, 65537])
def test_a_whole_response_has_a_head_that_is_no_larger_than_most(size: int) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    filled = head.replace(b"OK", b"O" * (size - len(head) + 2))
    assert len(filled) == size
    assert is_whole_response(b"GET", filled) is (size == 65536)
    # However it is seen, it has ended.
    tracker = tracker_for(b"GET")
    assert tracker.send_data(filled) == filled
    assert tracker.progress is Progress.COMPLETE


def tracker_for(method: bytes) -> ResponseTracker:
    tracker = ResponseTracker()
    tracker.expect(method)
    return tracker


@pytest.mark.parametrize(("method", "octets"), COMPLETE)
def test_a_response_is_complete_at_its_last_octet_and_not_before(
    method: bytes, octets: bytes
) -> None:
    for cut in range(len(octets) + 1):
        tracker = tracker_for(method)
        assert tracker.send_data(octets[:cut]) == octets[:cut]
        assert (tracker.progress is Progress.COMPLETE) is (cut == len(octets))
        assert tracker.send_data(octets[cut:]) == octets[cut:]
        assert tracker.progress is Progress.COMPLETE


@pytest.mark.parametrize(("method", "octets"), COMPLETE)
def test_octet_by_octet_the_end_is_the_same_and_the_next_one_is_watched_too(
    method: bytes, octets: bytes
) -> None:
    tracker = ResponseTracker()
    for _ in range(3):
        tracker.expect(method)
        for octet in octets:
            assert tracker.progress is not Progress.COMPLETE
            tracker.send_data(bytes((octet,)))
        assert tracker.progress is Progress.COMPLETE


@pytest.mark.parametrize(("method", "octets", "progress"), ENDED_OTHERWISE)
def test_what_has_no_end_that_could_be_told_ends_the_watching(
    method: bytes, octets: bytes, progress: Progress
) -> None:
    for cut in range(len(octets) + 1):
        tracker = tracker_for(method)
        assert tracker.send_data(octets[:cut]) + tracker.send_data(octets[cut:]) == octets
        assert tracker.progress is progress
        tracker.expect(b"GET")
        tracker.send_data(OK)
        assert tracker.progress is progress


def test_an_answer_that_nobody_asked_for_ends_the_watching() -> None:
    tracker = ResponseTracker()
    assert tracker.send_data(b"") == b""
    assert ResponseTracker().progress is tracker.progress
    assert tracker.send_data(OK) == OK
    assert tracker.progress is Progress.UNKNOWN


def test_a_method_is_octets_of_any_kind() -> None:
    tracker = ResponseTracker()
    method: Any = bytearray(b"HEAD")
    tracker.expect(method)
    tracker.send_data(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
    assert tracker.progress is Progress.COMPLETE


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_what_is_written_is_octets_of_any_kind(kind: type[bytearray | memoryview]) -> None:
    tracker = tracker_for(b"GET")
    written = tracker.send_data(kind(OK))  # type: ignore[arg-type]  # as transports are given
    assert type(written) is bytes
    assert written == OK
    assert tracker.progress is Progress.COMPLETE


def test_a_head_without_end_ends_the_watching() -> None:
    tracker = tracker_for(b"GET")
    line = b"X: " + b"a" * 65533
    for _ in range(16):
        assert tracker.send_data(line) == line
        assert tracker.progress is Progress.HEAD
    tracker.send_data(b"a")
    assert tracker.progress is Progress.UNKNOWN


ADDED = b"Upgrade: websocket\r\nConnection: upgrade\r\n"


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        pytest.param(OK, OK.replace(b"OK\r\n", b"OK\r\n" + ADDED), id="200"),
        pytest.param(
            b"HTTP/1.1 100 Continue\r\n\r\n" + CHUNKED,
            b"HTTP/1.1 100 Continue\r\n\r\n" + CHUNKED.replace(b"OK\r\n", b"OK\r\n" + ADDED),
            id="behind-an-interim-one",
        ),
        pytest.param(
            OK.replace(b"OK\r\n", b"OK\r\nUpgrade: h2c\r\n"),
            OK.replace(b"OK\r\n", b"OK\r\nUpgrade: h2c\r\n"),
            id="that-advertises-by-itself",
        ),
        pytest.param(
            b"HTTP/1.1 101 \r\nUpgrade: a\r\n\r\nnew",
            b"HTTP/1.1 101 \r\nUpgrade: a\r\n\r\nnew",
            id="101",
        ),
        pytest.param(b"nonsense\r\n\r\nmore", b"nonsense\r\n\r\nmore", id="no-response"),
        pytest.param(b"X: " + b"a" * (1 << 20), b"X: " + b"a" * (1 << 20), id="no-end"),
    ],
)
def test_what_is_advertised_goes_into_the_final_response(octets: bytes, expected: bytes) -> None:
    cuts = range(len(octets) + 1) if len(octets) < 1000 else (0, 10, len(octets))
    for cut in cuts:
        tracker = ResponseTracker()
        tracker.expect(b"GET", ADVERTISED)
        assert tracker.send_data(octets[:cut]) + tracker.send_data(octets[cut:]) == expected


def test_what_was_advertised_once_is_not_in_the_next_response() -> None:
    tracker = ResponseTracker()
    tracker.expect(b"GET", ADVERTISED)
    assert ADDED in tracker.send_data(OK)
    tracker.expect(b"GET")
    assert tracker.send_data(OK) == OK


# --- One request at a time ----------------------------------------------------------------------


def test_a_second_request_waits_for_the_response_to_the_first() -> None:
    tracker = tracker_for(b"GET")
    for octets in (b"", OK[:-5], OK[-5:-1]):
        tracker.send_data(octets)
        with pytest.raises(LocalProtocolError, match=r"^the last request is being answered: a "):
            tracker.expect(b"GET")
    tracker.send_data(OK[-1:])
    tracker.expect(b"GET")
    assert tracker.progress is Progress.HEAD


@pytest.mark.parametrize("advertised", [(), ADVERTISED])
def test_what_was_not_written_can_be_answered_by_somebody_else(
    advertised: tuple[tuple[bytes, bytes], ...],
) -> None:
    tracker = ResponseTracker()
    assert tracker.has_begun, "there is nothing that could be answered"
    tracker.expect(b"GET", advertised)
    assert not tracker.has_begun
    tracker.send_data(OK[:9])
    assert tracker.has_begun is (not advertised)
    tracker.send_data(OK[9:])
    assert tracker.has_begun


@pytest.mark.parametrize("advertised", [(), ADVERTISED])
def test_a_server_that_closes_loses_nothing(
    advertised: tuple[tuple[bytes, bytes], ...],
) -> None:
    tracker = ResponseTracker()
    tracker.expect(b"GET", advertised)
    written = tracker.send_data(OK[:9])
    assert written + tracker.give_up() == OK[:9]
    assert tracker.progress is Progress.UNKNOWN
    assert tracker.give_up() == b""
    assert tracker.send_data(OK[9:]) == OK[9:]


def test_what_cannot_stand_on_the_wire_is_not_advertised() -> None:
    tracker = ResponseTracker()
    with pytest.raises(ValueError, match="the value of Upgrade must not hold 0x0d"):
        tracker.expect(b"GET", [(b"Upgrade", b"a\r\nb")])
    assert tracker.progress is Progress.COMPLETE


@pytest.mark.parametrize("octets", [OK, CHUNKED])
def test_a_deep_copy_goes_on_by_itself(octets: bytes) -> None:
    for cut in range(len(octets)):
        tracker = ResponseTracker()
        tracker.expect(b"GET", ADVERTISED)
        written = tracker.send_data(octets[:cut])
        other = copy.deepcopy(tracker)
        assert other.send_data(octets[cut:]) == tracker.send_data(octets[cut:]) != written
        assert other.progress is tracker.progress is Progress.COMPLETE
    for duplicate in (copy.copy, pickle.dumps):
        with pytest.raises(TypeError, match="ResponseTracker"):
            duplicate(tracker)
