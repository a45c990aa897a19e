"""What curl shows with ``-v``."""

from collections.abc import Iterable
from typing import Final

import pytest

from httpupgrade import ResponseHead
from httpupgrade.cli.exits import CommandError
from httpupgrade.cli.explain.curl import LOOKS_LIKE_CURL, read_curl
from httpupgrade.cli.explain.exchange import MOST_CONTENT, Exchange
from httpupgrade.diagnosis import NoAnswer

METER: Final = b"  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0"
# curl 7.88.1: standard output and standard error in one file.
REFUSED: Final = (
    b"  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"
    b"                                 Dload  Upload   Total   Spent    Left  Speed\n\r"
    + METER
    + b"*   Trying 127.0.0.1:18101...\n"
    b"* Connected to 127.0.0.1 (127.0.0.1) port 18101 (#0)\n"
    b"> GET /a?q=1 HTTP/1.1\r\n> Host: 127.0.0.1:18101\r\n> Accept: */*\r\n> \r\n"
    b"< HTTP/1.1 426 Upgrade Required\r\n< Upgrade: websocket\r\n< Content-Length: 6\r\n< \r\n"
    b"{ [6 bytes data]\n\r"
    b"100     6  100     6    0     0   6230      0 --:--:-- --:--:-- --:--:--  6000\n"
    b"Use ws* Connection #0 to host 127.0.0.1 left intact\n"
)
ASKED: Final = b"> GET /a HTTP/1.1\n> Host: a\n>\n"
CONNECTED: Final = b"* Connected to a (192.0.2.1) port 443 (#0)\n"
TLS: Final = (
    b"* SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384\n* ALPN: server accepted h2\n"
)
PROXY: Final = (
    b"> CONNECT a:443 HTTP/1.1\n> Host: a:443\n> \n< HTTP/1.1 200 Connection established\n< \n"
)


def read(data: bytes) -> list[Exchange]:
    return list(read_curl("c.txt", data))


def statuses(exchanges: Iterable[Exchange]) -> list[object]:
    return [
        each.response.status_code if isinstance(each.response, ResponseHead) else each.response
        for each in exchanges
    ]


def test_an_exchange_is_read() -> None:
    assert LOOKS_LIKE_CURL.match(REFUSED)
    (exchange,) = read(REFUSED)
    assert exchange.name == "c.txt"
    assert exchange.recorded_by == "client"
    assert exchange.request is not None
    assert exchange.request.target == b"/a?q=1"
    assert statuses([exchange]) == [426]
    assert exchange.content.strip(b"\n") == b"Use ws"
    assert not exchange.secure
    assert exchange.notes == ()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        # An interim response, with and without its empty line.
        (ASKED + b"< HTTP/1.1 100 Continue\n< \n< HTTP/1.1 426 No\n< \n", [426]),
        (ASKED + b"< HTTP/1.1 100 Continue\n< HTTP/1.1 426 No\n< \n", [426]),
        # Trailer fields.
        (ASKED + b"< HTTP/1.1 200 OK\n< \nhi\n< Late: 1\n< \n", [200]),
        # A redirect that is followed.
        (
            ASKED + b"< HTTP/1.1 302 Found\n< \nabc\n" + ASKED + b"< HTTP/1.1 426 No\n< \n",
            [302, 426],
        ),
        # A proxy's tunnel is none of the exchanges.
        (PROXY + ASKED + b"< HTTP/1.1 101 Yes\n< \n", [101]),
        (
            ASKED + b"* Empty reply from server\ncurl: (52) Empty reply from server\n",
            [NoAnswer.CLOSED],
        ),
        (ASKED + b"curl: (56) Recv failure: Connection reset by peer\n", [NoAnswer.CLOSED]),
        (ASKED + b"* Operation timed out after 1000 milliseconds\n", [NoAnswer.SILENT]),
        (ASKED, [None]),
        (b"< HTTP/1.1 426 Upgrade Required\n<\n", [426]),
        (b"12:00:00.123456 " + ASKED.replace(b"\n", b"\n12:00:00.123456 ") + b"* x", [None]),
        (METER + ASKED, [None]),
        (ASKED + b">not a header\n<neither\n", [None]),
        (ASKED + b"< HTTP/2 426 \n< upgrade: websocket\n< \n", [426]),
    ],
)
def test_exchanges_are_told_apart(data: bytes, expected: list[object]) -> None:
    assert LOOKS_LIKE_CURL.match(data)
    assert statuses(read(data)) == expected


@pytest.mark.parametrize("data", [b"> \n", b"<\n", b"< Upgrade: websocket\n", b">\n<\nbody\n"])
def test_lines_that_begin_no_head_are_none(data: bytes) -> None:
    with pytest.raises(CommandError, match=r"shows no request and no response$"):
        read(data)
    assert statuses(read(data + ASKED)) == [None]


def test_several_exchanges_are_numbered() -> None:
    names = [each.name for each in read(ASKED + ASKED + ASKED)]
    assert names == ["c.txt, exchange 1", "c.txt, exchange 2", "c.txt, exchange 3"]


def test_tls_holds_until_the_next_connection() -> None:
    data = CONNECTED + TLS + ASKED + ASKED + CONNECTED + ASKED
    assert [each.secure for each in read(data)] == [True, True, False]


def test_a_head_that_is_cut_off_is_read_and_noted() -> None:
    (exchange,) = read(ASKED + b"< HTTP/1.1 426 Upgrade Required\n< Upgrade: websocket\n")
    assert statuses([exchange]) == [426]
    assert exchange.notes == ("a head has no end, and was read as if it were whole",)


def test_content_is_bounded() -> None:
    line = b"x" * 1000 + b"\n"
    (exchange,) = read(ASKED + b"< HTTP/1.1 200 OK\n< \n" + line * 100)
    assert exchange.content == (line * 100)[:MOST_CONTENT]


def test_without_an_exchange_curls_own_error_is_said() -> None:
    with pytest.raises(CommandError, match=r"^c.txt shows no request and no response$"):
        read(b"* Trying\n")
    with pytest.raises(CommandError, match=r": curl: \(7\) Failed to connect$"):
        read(b"*   Trying 127.0.0.1:1...\r\ncurl: (7) Failed to connect\r\n")


def test_hostile_lines_take_linear_time() -> None:
    for line in (b"0" * 500_000, b"* " + b"Recv " * 100_000, b" " * 500_000 + b"1:1:1"):
        assert statuses(read(ASKED + line + b"\n")) == [None]


def test_a_request_that_nobody_can_have_sent_is_said() -> None:
    with pytest.raises(CommandError, match=r"^c.txt: target must not hold 0x80"):
        read(b"> GET /\x80 HTTP/2\n> Host: a\n> \n")
