"""Where a server's response ends, told from what it writes."""

import pytest

from httpupgrade.adapters._response_end import Progress, ResponseWatch

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
]
# What is written, and how much of it can be taken before the watch stops looking.
ENDED_OTHERWISE = [
    pytest.param(b"GET", b"HTTP/1.1 101 \r\nUpgrade: a\r\n\r\nnew", Progress.SWITCHED, id="101"),
    pytest.param(b"CONNECT", b"HTTP/1.1 200 OK\r\n\r\nnew", Progress.SWITCHED, id="connect"),
    pytest.param(b"GET", b"HTTP/1.0 200 OK\r\n\r\nuntil", Progress.UNKNOWN, id="until-close"),
    pytest.param(b"GET", b"HTTP/1.1 200 OK\nA: b\n\r\n\r\n", Progress.UNKNOWN, id="bare-lf"),
    pytest.param(b"GET", b"nonsense\r\n\r\nmore", Progress.UNKNOWN, id="no-response"),
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


def watch_for(method: bytes) -> ResponseWatch:
    watch = ResponseWatch()
    watch.expect(method)
    return watch


@pytest.mark.parametrize(("method", "octets"), COMPLETE)
def test_a_response_is_complete_at_its_last_octet_and_not_before(
    method: bytes, octets: bytes
) -> None:
    for cut in range(len(octets) + 1):
        watch = watch_for(method)
        assert watch.take(octets[:cut]) == octets[:cut]
        assert (watch.progress is Progress.COMPLETE) is (cut == len(octets))
        assert watch.take(octets[cut:]) == octets[cut:]
        assert watch.progress is Progress.COMPLETE


@pytest.mark.parametrize(("method", "octets"), COMPLETE)
def test_octet_by_octet_the_end_is_the_same_and_the_next_one_is_watched_too(
    method: bytes, octets: bytes
) -> None:
    watch = ResponseWatch()
    for _ in range(3):
        watch.expect(method)
        for octet in octets:
            assert watch.progress is not Progress.COMPLETE
            watch.take(bytes((octet,)))
        assert watch.progress is Progress.COMPLETE


@pytest.mark.parametrize(("method", "octets", "progress"), ENDED_OTHERWISE)
def test_what_has_no_end_that_could_be_told_ends_the_watching(
    method: bytes, octets: bytes, progress: Progress
) -> None:
    for cut in range(len(octets) + 1):
        watch = watch_for(method)
        assert watch.take(octets[:cut]) + watch.take(octets[cut:]) == octets
        assert watch.progress is progress
        watch.expect(b"GET")
        watch.take(OK)
        assert watch.progress is progress


def test_an_answer_that_nobody_asked_for_ends_the_watching() -> None:
    watch = ResponseWatch()
    assert watch.take(b"") == b""
    assert ResponseWatch().progress is watch.progress
    assert watch.take(OK) == OK
    assert watch.progress is Progress.UNKNOWN


def test_a_head_without_end_ends_the_watching() -> None:
    watch = watch_for(b"GET")
    line = b"X: " + b"a" * 65533
    for _ in range(16):
        assert watch.take(line) == line
        assert watch.progress is Progress.HEAD
    watch.take(b"a")
    assert watch.progress is Progress.UNKNOWN


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
        watch = ResponseWatch()
        watch.expect(b"GET", ADVERTISED)
        assert watch.take(octets[:cut]) + watch.take(octets[cut:]) == expected


def test_what_was_advertised_once_is_not_in_the_next_response() -> None:
    watch = ResponseWatch()
    watch.expect(b"GET", ADVERTISED)
    assert ADDED in watch.take(OK)
    watch.expect(b"GET")
    assert watch.take(OK) == OK
