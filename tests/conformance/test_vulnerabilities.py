"""Vulnerabilities of peers, each as the octets that attack and the answer that does not give in.

Rows are CVE numbers. Those about frames and compression stand in ``EXCUSED``.
What the octets show is the mechanism; the exploit against the peer itself may differ in detail.
"""

from collections.abc import Callable
from typing import Final

import pytest
from client_wire import (
    CHAT,
    ClientCase,
    asking,
    asking_nothing,
    field_lines,
    response,
    run,
    sized,
    switch,
    switched,
)
from feeding import feed
from wire import (
    FRAME,
    KEY,
    OPTIONAL,
    TUNNEL,
    Case,
    Rows,
    asks_for,
    cut,
    drive,
    handshake,
    lines_of,
    plain,
)

from httpupgrade import (
    H2C,
    PAUSED,
    TLS,
    Accept101,
    ClientNegotiator,
    ClientState,
    CustomProtocol,
    LocalProtocolError,
    Passthrough,
    Policy,
    Refusal,
    Reject,
    RemoteProtocolError,
    RequestHead,
    Require426,
    ResponseHead,
    ServerNegotiator,
    UpgradeToken,
    WebSocket,
    WebSocketAgreement,
)
from httpupgrade.fields import Extension, escape_octets

rows: Final = Rows("attack")

ROWS: Final = frozenset(
    each
    for line in lines_of("""
    CVE-2026-69243 aiohttp-12723 aiohttp-12746 CVE-2026-59881
    CVE-2023-47627 CVE-2023-47641 CVE-2023-49081 CVE-2023-49082 CVE-2023-37276 CVE-2024-23829
    CVE-2026-34520 CVE-2026-2833 CVE-2026-2835 CVE-2025-64763 CVE-2024-23326 websocket-smuggle
    CVE-2019-17567 CVE-2025-49812 h2c-smuggling CVE-2022-41721 CVE-2026-32136 CVE-2024-37890
    CVE-2021-32640 CVE-2026-48779 CVE-2020-7662 CVE-2020-7663 CVE-2023-43669 CVE-2026-54465
    CVE-2026-61666 CVE-2026-1527 CVE-2026-1525 CVE-2026-2229 CVE-2026-1526 CVE-2026-1528
    CVE-2026-48931 CVE-2025-43859 CVE-2025-22871 CVE-2025-58056 CVE-2025-55315 CVE-2026-33870
    CVE-2026-89044 CVE-2026-42581 CVE-2026-42580 CVE-2026-42584 CVE-2026-42585 CVE-2026-50020
    CVE-2025-67735 CVE-2026-42578 CVE-2019-16869 CVE-2026-28367 CVE-2026-28368 CVE-2026-28369
    CVE-2025-12543 CVE-2025-23167 CVE-2024-27982 CVE-2023-30589 CVE-2022-32213 CVE-2022-32214
    CVE-2022-32215 CVE-2022-35256 CVE-2021-22959 CVE-2021-22960 CVE-2020-8287 CVE-2020-8201
    CVE-2019-15605 CVE-2018-7159 CVE-2016-2086 CVE-2022-32212 CVE-2022-43548 CVE-2020-10108
    CVE-2020-10109 CVE-2022-24801 CVE-2019-12387 CVE-2022-39348 CVE-2024-41671 CVE-2019-16785
    CVE-2019-16786 CVE-2019-16789 CVE-2019-16792 CVE-2020-5236 CVE-2022-24761 GHSA-9298
    CVE-2018-1000164 CVE-2024-1135 CVE-2012-2374 CVE-2025-67724 CVE-2025-67725 CVE-2025-67726
    CVE-2024-52804 CVE-2020-7694 CVE-2020-7695 CVE-2025-58068 CVE-2020-35863 CVE-2021-21299
    CVE-2021-32715 CVE-2020-35884 CVE-2021-38512 CVE-2020-26281 CVE-2020-11076 CVE-2020-11077
    CVE-2021-41136 CVE-2022-24790 CVE-2023-40175 CVE-2024-21647 CVE-2020-25613 CVE-2025-6442
    CVE-2023-38697 CVE-2023-25725 CVE-2019-16276 CVE-2015-5739 CVE-2015-5740 CVE-2015-5741
    CVE-2020-27813 CVE-2018-12122
    CVE-2018-14732 CVE-2019-13209 CVE-2025-24010 CVE-2026-22689 CVE-2026-32815 CVE-2026-34403
    CVE-2026-42283 CVE-2026-44514 CVE-2026-44985 CVE-2026-55883 DNS-rebinding CVE-2021-33880
    CVE-2012-0053
    """)
    for each in line.split()
)
_FRAMES: Final = "frames and their content"
EXCUSED: Final = {
    "CVE-2026-59881": _FRAMES,
    "CVE-2026-48779": _FRAMES,
    "CVE-2026-1526": _FRAMES,
    "CVE-2026-1528": _FRAMES,
    "CVE-2020-27813": _FRAMES,
    "CVE-2018-12122": "slow heads: nothing here has a clock; limits bound what is held",
    "CVE-2021-33880": "nothing here compares a secret",
}

POST: Final = b"POST /chat HTTP/1.1"
SMUGGLED: Final = plain(line=b"GET /admin HTTP/1.1")
CHUNKED: Final = b"Transfer-Encoding: chunked"
END: Final = b"0\r\n\r\n"
SAME_HOST: Final = Policy(WebSocket(origins="same-host"))
LOCAL: Final = Policy(WebSocket(hosts=["localhost", "127.0.0.1", "[::1]"]), mode="required")
BOTH: Final = "content-length-and-transfer-encoding"
NOT_FINAL: Final = "transfer-encoding-not-final"


def _length(row: str, value: bytes) -> Case:
    """A Content-Length that lenient parsers read as 5."""
    octets = plain(b"Content-Length: " + value, line=POST, body=b"hello" + SMUGGLED)
    return Case(row, f"Content-Length: {value!r}", octets, "400 close", "content-length-malformed")


def _framed(row: str, rule: str, code: str, *lines: bytes, said: str = "400 close") -> Case:
    """A POST with these fields, behind which somebody may see another request."""
    return Case(row, rule, plain(*lines, line=POST, body=END + SMUGGLED), said, code)


def _chunks(row: str, chunks: bytes) -> Case:
    """A chunked body that is read before a switch."""
    octets = asks_for(b"tcp", CHUNKED, body=chunks + SMUGGLED)
    return Case(row, f"{chunks[:32]!r}", octets, "400 close", "chunk-malformed", policy=TUNNEL)


def _head(row: str, octets: bytes, code: str) -> Case:
    return Case(row, f"{octets[:48]!r}", octets, "400 close", code)


def _field(row: str, line: bytes, code: str) -> Case:
    return Case(row, f"{line!r}", handshake(line, body=SMUGGLED), "400 close", code)


def _origin(row: str, origin: bytes) -> Case:
    octets = handshake(b"Origin: " + origin, b"Cookie: session=secret")
    finding = "origin-not-allowed"
    return Case(row, f"Origin: {origin!r}", octets, "403 close", finding, policy=SAME_HOST)


def _host(row: str, host: bytes) -> Case:
    octets = handshake(b"Host: " + host, b"Origin: http://" + host)
    return Case(row, f"Host: {host!r}", octets, "403 close", "host-not-allowed", policy=LOCAL)


HEADS: Final = (
    _field("CVE-2023-37276", b"X-Name: a\rTransfer-Encoding: chunked", "bare-cr"),
    _field("CVE-2024-23829", b"X-N\xe9me: y", "field-line-malformed"),
    _field("CVE-2024-23829", b"X-Name\x00: y", "field-line-malformed"),
    _field("CVE-2026-34520", b"X-Name: a\x00b", "field-value-malformed"),
    _field("CVE-2026-34520", b"X-Name: a\x1fb", "field-value-malformed"),
    _field("CVE-2019-16869", b"Transfer-Encoding : chunked", "field-name-space"),
    _head("CVE-2026-28367", handshake()[:-4] + b"\r\r\r" + SMUGGLED, "bare-cr"),
    _field("CVE-2026-28368", b"X Name: y", "field-line-malformed"),
    _head(
        "CVE-2026-28369",
        plain(line=b"GET / HTTP/1.1\r\n Host: evil.example"),
        "leading-whitespace",
    ),
    _head("CVE-2025-23167", handshake()[:-2] + b"\rX" + SMUGGLED, "bare-cr"),
    _head(
        "CVE-2024-27982",
        b"POST / HTTP/1.1\r\n Content-Length: 5\r\nHost: a\r\n\r\nhello" + SMUGGLED,
        "leading-whitespace",
    ),
    _field("CVE-2023-30589", b"X-Name: y\rContent-Length: 5", "bare-cr"),
    _field("CVE-2022-32214", b"X-Name: y\rTransfer-Encoding: chunked", "bare-cr"),
    _head("CVE-2022-35256", plain()[:-2] + b"\rX: y\r\n\r\n" + SMUGGLED, "bare-cr"),
    _field("CVE-2021-22959", b"Content-Length : 5", "field-name-space"),
    _field("CVE-2020-8201", b"Content\rLength: 5", "bare-cr"),
    _head("CVE-2019-16785", plain().replace(b"\r\n", b"\n") + SMUGGLED, "bare-lf"),
    _head("CVE-2021-41136", plain(b"X-Name: a\nContent-Length: 5"), "bare-lf"),
    _head("CVE-2025-6442", plain(b"X-Name: a\r\rContent-Length: 5"), "bare-cr"),
    _head("CVE-2023-25725", handshake(b": y", b"Content-Length: 5"), "field-line-malformed"),
    _field("CVE-2019-16276", b"Transfer-Encoding : chunked", "field-name-space"),
    _field("CVE-2015-5739", b"Content Length: 5", "field-line-malformed"),
    Case(
        "CVE-2024-37890",
        "fields beyond the limit are no reason to forget the others",
        handshake(*[b"X-Field-%d: y" % each for each in range(256)]),
        "431 close",
        "too-many-headers",
    ),
    Case(
        "CVE-2026-54465",
        "a list of fields that never ends",
        handshake()[:-2] + b"X-Name: y\r\n" * 300,
        "431 close",
        "too-many-headers",
    ),
    Case(
        "CVE-2026-54465",
        "a field that never ends",
        handshake()[:-2] + b"X-Name: " + b"y" * 40000,
        "431 close",
        "header-line-too-long",
    ),
    Case(
        "CVE-2026-54465",
        "empty lines that never end",
        b"\r\n" * 40000,
        "431 close",
        "head-too-long",
    ),
    *(
        _field("CVE-2026-61666", b"Host: " + host, "host-malformed")
        for host in (b"a:b:c", b"a:99999999999", b"[::1", b"\xff", b"xn--\xe9", b"a b")
    ),
    *(
        _field("CVE-2025-12543", b"Host: " + host, "host-malformed")
        for host in (b"a.example/path", b"a.example@evil", b"a.example:80:80", b"<script>")
    ),
    Case(
        "aiohttp-12723",
        "an option that contains the word",
        handshake(b"Connection: notupgrade"),
        "426 close",
        "upgrade-option-missing",
    ),
    Case(
        "CVE-2021-32640",
        "white space between subprotocols is read once",
        handshake(b"Sec-WebSocket-Protocol: a" + b" " * 30000 + b"b"),
        "400 close",
        "subprotocols-malformed",
    ),
    *(
        Case(
            row,
            "an unterminated quoted string is read once",
            handshake(b'Sec-WebSocket-Extensions: a; b="' + rb"\c" * 15000),
            "400 close",
            "extensions-malformed",
        )
        for row in ("CVE-2020-7662", "CVE-2020-7663")
    ),
    Case(
        "CVE-2020-5236",
        "no value takes longer than it is long",
        plain(b"Transfer-Encoding: " + b"\x0b" * 20 + b"chunked" + b" " * 30000 + b"x"),
        "400 close",
    ),
    Case(
        "CVE-2025-67726",
        "nor do parameters",
        handshake(b"Sec-WebSocket-Extensions: a" + b'; b="c"' * 4000 + b'; d="'),
        "400 close",
        "extensions-malformed",
    ),
    Case(
        "CVE-2024-52804",
        "nor do cookies, which are not read at all",
        handshake(b"Cookie: " + b'a="' * 10000),
        "101",
    ),
)

FRAMES: Final = (
    Case(
        "CVE-2026-69243",
        "a handshake with a body, and what follows it",
        handshake(b"Content-Length: %d" % len(SMUGGLED), body=SMUGGLED + SMUGGLED),
        "400 close",
        "body-not-allowed",
    ),
    Case(
        "CVE-2026-69243",
        "and where WebSocket is optional",
        handshake(CHUNKED, body=END + SMUGGLED),
        "400 close",
        "body-not-allowed",
        policy=OPTIONAL,
    ),
    Case(
        "CVE-2022-41721",
        "a body is never the new protocol's",
        plain(
            b"Upgrade: h2c",
            b"Connection: Upgrade, HTTP2-Settings",
            b"HTTP2-Settings: AAMAAABk",
            b"Content-Length: 24",
            line=POST,
            body=b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ),
        "101",
        trailing=b"",
        policy=Policy(H2C()),
    ),
    _length("CVE-2023-47627", b"+5"),
    _length("CVE-2023-47627", b"0_5"),
    _length("CVE-2023-47627", b"-0"),
    _framed("CVE-2023-47641", "CL+TE", BOTH, b"Content-Length: 5", CHUNKED),
    _framed(
        "CVE-2026-2835", "two lines of codings", NOT_FINAL, CHUNKED, b"Transfer-Encoding: x"
    ),
    Case(
        "CVE-2026-2835",
        "a body in HTTP/1.0 does not last until the close",
        plain(line=b"POST / HTTP/1.0", body=SMUGGLED),
        "426 close",
    ),
    _framed(
        "CVE-2026-89044",
        "a coding that ends like chunked",
        NOT_FINAL,
        b"Transfer-Encoding: chunked, xchunked",
    ),
    _framed(
        "CVE-2026-89044",
        "a folded coding",
        "obs-fold",
        b"Transfer-Encoding: x\r\n chunked",
    ),
    _framed("CVE-2026-42581", "CL, then TE", BOTH, b"Content-Length: 0", CHUNKED),
    _framed("CVE-2026-42580", "TE, then CL", BOTH, CHUNKED, b"Content-Length: 99"),
    _framed("CVE-2026-42584", "CL and an unknown TE", BOTH, b"Content-Length: 5",
            b"Transfer-Encoding: br"),
    _framed("CVE-2026-42585", "CL twice", "content-length-repeated", b"Content-Length: 5",
            b"Content-Length: 0"),
    _framed("CVE-2026-50020", "chunked twice", NOT_FINAL, CHUNKED, CHUNKED),
    _framed("CVE-2022-32213", "a coding that begins like chunked", NOT_FINAL,
            b"Transfer-Encoding: chunkedchunked"),
    _framed("CVE-2022-32215", "a coding over two lines", "obs-fold",
            b"Transfer-Encoding:\r\n chunked"),
    _framed("CVE-2020-8287", "codings that contradict each other", NOT_FINAL, CHUNKED,
            b"Transfer-Encoding: identity"),
    _framed("CVE-2019-15605", "a control octet in front of chunked", "field-value-malformed",
            b"Transfer-Encoding: \x0bchunked"),
    _length("CVE-2018-7159", b"5 0"),
    _length("CVE-2016-2086", b"5\t5"),
    _framed("CVE-2020-10108", "CL twice", "content-length-repeated", b"Content-Length: 5",
            b"content-length: 5"),
    _framed("CVE-2020-10109", "CL and TE", BOTH, b"Content-Length: 5", CHUNKED),
    _length("CVE-2022-24801", b"+5"),
    _framed("CVE-2022-24801", "white space that is no OWS", "field-value-malformed",
            b"Transfer-Encoding: chunked\x0c"),
    _chunks("CVE-2022-24801", b"0x5\r\nhello\r\n0\r\n\r\n"),
    _framed("CVE-2019-16786", "codings behind a comma", NOT_FINAL,
            b"Transfer-Encoding: chunked, gzip"),
    _framed("CVE-2019-16789", "odd white space in a coding", "field-value-malformed",
            b"Transfer-Encoding: \x0cchunked"),
    _framed("CVE-2019-16789", "NBSP is none at all", "transfer-encoding-malformed",
            b"Transfer-Encoding: \xa0chunked"),
    _framed("CVE-2019-16792", "CL twice", "content-length-repeated", b"Content-Length: 0",
            b"Content-Length: 5"),
    _length("CVE-2022-24761", b"+5"),
    _chunks("CVE-2022-24761", b"5 \r\nhello\r\n0\r\n\r\n"),
    _framed("CVE-2024-1135", "codings that contradict each other", NOT_FINAL, CHUNKED,
            b"Transfer-Encoding: identity"),
    _framed("CVE-2021-21299", "several codings", NOT_FINAL, CHUNKED, CHUNKED),
    _length("CVE-2021-32715", b"+5"),
    _framed("CVE-2020-35884", "a coding that only contains chunked", NOT_FINAL,
            b"Transfer-Encoding: chunked-nope"),
    _framed("CVE-2021-38512", "CL+TE", BOTH, CHUNKED, b"Content-Length: 5"),
    _framed("CVE-2020-11076", "an unknown coding under chunked", "transfer-encoding-unknown",
            b"Transfer-Encoding: x, chunked", said="501 close"),
    _framed("CVE-2020-11077", "an unknown coding alone", NOT_FINAL, b"Transfer-Encoding: x"),
    _length("CVE-2022-24790", b"5;"),
    _length("CVE-2023-40175", b""),
    _chunks("CVE-2023-40175", b"5\r\nhello\r\n0\r\nX-Name : y\r\n\r\n"),
    _chunks("CVE-2024-21647", b"5;" + b"a" * 100000),
    _framed("CVE-2020-25613", "a coding that only begins like chunked", NOT_FINAL,
            b"Transfer-Encoding: chunked-"),
    _length("CVE-2023-38697", b"+5"),
    _length("CVE-2023-38697", b"0x5"),
    _chunks("CVE-2023-38697", b"+5\r\nhello\r\n0\r\n\r\n"),
    _chunks("CVE-2023-38697", b"5;a\nb\r\nhello\r\n0\r\n\r\n"),
    _framed("CVE-2015-5740", "CL twice", "content-length-repeated", b"Content-Length: 5",
            b"Content-Length: 6"),
    _framed("CVE-2015-5741", "CL+TE", BOTH, b"Content-Length: 5", CHUNKED),
    _chunks("CVE-2021-22960", b"5;\x00\r\nhello\r\n0\r\n\r\n"),
    _chunks("CVE-2025-43859", b"5\r\nhelloXX0\r\n\r\n"),
    _chunks("CVE-2025-22871", b"5\nhello\r\n0\r\n\r\n"),
    _chunks("CVE-2025-58056", b"5;a=b\nhello\r\n0\r\n\r\n"),
    _chunks("CVE-2025-55315", b"5;\nxx\r\nhello\r\n0\r\n\r\n"),
    # RFC 9112 7.1.1: a chunk-ext-val is a token or a whole quoted-string, and CRLF is part of
    # neither. Who skips to the quote's end reads on where others see the chunk.
    _chunks("CVE-2026-33870", b'1;a="\r\nX\r\n0\r\n\r\n'),
    _chunks("CVE-2026-33870", b'1;a="b\\"\r\nX\r\n0\r\n\r\n'),
    _chunks("CVE-2025-58068", b"5\r\nhello\r\n0\r\nGET /admin HTTP/1.1\r\n\r\n"),
)  # fmt: skip

AROUND: Final = (
    Case(
        "websocket-smuggle",
        "behind a 426 for the version nothing is answered",
        handshake(b"Sec-WebSocket-Version: 12", body=SMUGGLED),
        "426 close",
    ),
    Case(
        "websocket-smuggle",
        "in optional mode as well",
        handshake(b"Sec-WebSocket-Version: 1337", body=SMUGGLED),
        "400 close",
        policy=OPTIONAL,
    ),
    Case(
        "CVE-2025-64763",
        "octets behind a refused CONNECT are nobody's",
        plain(line=b"CONNECT a.example:443 HTTP/1.1", body=SMUGGLED),
        "426 close",
    ),
    Case(
        "CVE-2025-64763",
        "octets behind one that passes are not read",
        plain(line=b"CONNECT a.example:443 HTTP/1.1", body=handshake()),
        "pass",
        policy=OPTIONAL,
    ),
    Case(
        "CVE-2025-49812",
        "TLS is not offered: nothing changes",
        asks_for(b"TLS/1.0", line=b"OPTIONS * HTTP/1.1") + SMUGGLED,
        "pass, pass",
        policy=OPTIONAL,
    ),
    Case(
        "h2c-smuggling",
        "h2c is never switched to by itself",
        plain(b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk", b"Connection: Upgrade"),
        "426 close",
        "no-common-protocol",
    ),
    Case(
        "CVE-2026-32136",
        "nor where it is asked for beside WebSocket",
        handshake(b"Upgrade: h2c, websocket"),
        "101",
        carries=(b"upgrade: websocket",),
    ),
    Case(
        "GHSA-9298",
        "what is pipelined behind a request that closes is not processed",
        plain(b"Content-Length: x", line=POST, body=SMUGGLED) + SMUGGLED,
        "400 close",
    ),
    Case(
        "CVE-2024-41671",
        "pipelined requests are answered one by one, in order",
        plain() + plain(b"Content-Length: 5", line=POST, body=b"hello") + handshake(body=FRAME),
        "426, 426, 101",
        trailing=FRAME,
    ),
    Case(
        "CVE-2020-35863",
        "a GET may have a body",
        plain(b"Content-Length: %d" % len(SMUGGLED), body=SMUGGLED + handshake()),
        "426, 101",
    ),
    Case(
        "CVE-2020-26281",
        "the body of a refused request is no request",
        plain(b"Content-Length: %d" % len(SMUGGLED), line=POST, body=SMUGGLED) + handshake(),
        "426, 101",
    ),
    _origin("CVE-2018-14732", b"http://evil.example"),
    _origin("CVE-2019-13209", b"https://evil.example"),
    _origin("CVE-2025-24010", b"http://server.example.com:5173"),
    _origin("CVE-2026-22689", b"http://server.example.com.evil.example"),
    _origin("CVE-2026-32815", b"http://notserver.example.com"),
    _origin("CVE-2026-34403", b"http://evil.example/server.example.com"),
    _origin("CVE-2026-42283", b"http://server.example.com@evil.example"),
    _origin("CVE-2026-44514", b"http://serverXexample.com"),
    _origin("CVE-2026-44985", b"null"),
    _origin("CVE-2026-55883", b"http://evil.example#http://server.example.com"),
    _host("DNS-rebinding", b"rebind.evil.example"),
    _host("DNS-rebinding", b"localhost.evil.example"),
    _host("DNS-rebinding", b"127.0.0.1.evil.example"),
    _host("DNS-rebinding", b""),
    *(_host("CVE-2022-32212", host) for host in (b"10.0.2.555", b"1.09.0.0", b"127.0.0.1.")),
    *(_host("CVE-2022-43548", host) for host in (b"0177.0.0.1", b"0x7f.1", b"2130706433")),
    Case(
        "DNS-rebinding",
        "the target's authority counts, not Host",
        handshake(b"Host: localhost", line=b"GET http://evil.example/ HTTP/1.1"),
        "403 close",
        "host-not-allowed",
        policy=LOCAL,
    ),
)


rows.add((*HEADS, *FRAMES, *AROUND))


@rows("CVE-2026-2833")
def nothing_behind_a_head_is_seen_before_the_101_is_sent() -> None:
    machine = ServerNegotiator(OPTIONAL)
    accepted = feed(machine, handshake(body=SMUGGLED))
    assert isinstance(accepted, Accept101)
    assert feed(machine, SMUGGLED) is PAUSED
    assert machine.trailing_data == SMUGGLED * 2
    assert drive(handshake(body=SMUGGLED), substitute=Reject(401)).said == "401 close"


@rows("CVE-2023-43669")
def a_long_head_in_small_pieces_is_not_read_again_for_each() -> None:
    octets = handshake(b"Cookie: a=" + b"b" * 30000, b"X-Name: " + b"y" * 30000)
    assert drive(cut(octets, 1)).said == "101"


@rows("CVE-2025-67725")
def lines_of_one_field_are_not_joined_again_for_each() -> None:
    assert drive(handshake(*[b"Sec-WebSocket-Protocol: " + b"a," * 100] * 240)).said == "101"


@rows("h2c-smuggling")
def a_declined_offer_can_be_taken_out_of_what_is_handed_on() -> None:
    for connection in (b"Upgrade, HTTP2-Settings", b"upgrade", b"HTTP2-Settings,upgrade, te"):
        lines = (b"HTTP2-Settings: AAMAAABk", b"Connection: " + connection, b"TE: trailers")
        (decision,) = drive(plain(b"Upgrade: h2c", *lines), OPTIONAL).decisions
        assert isinstance(decision, Passthrough)
        left = decision.without_upgrade().data.lower()
        assert b"h2c" not in left
        assert b"upgrade" not in left
        assert b"http2-settings" not in left
        assert b"te: trailers" in left


@rows("CVE-2026-1527", "CVE-2023-49082", "CVE-2026-42578")
def no_token_method_or_field_can_carry_a_line_end() -> None:
    for evil in ("websocket\r\nX: y", "websocket\n", "a b", "", "websocket\x00"):
        with pytest.raises(ValueError, match="not a"):
            UpgradeToken.parse(evil)
        with pytest.raises(ValueError, match="not a"):
            CustomProtocol(evil)
        with pytest.raises(ValueError, match="not a"):
            RequestHead(evil.encode(), b"/", [])
        with pytest.raises(ValueError, match="not a"):
            RequestHead(b"CONNECT", b"a:1", [(evil.encode(), b"y")])


@rows("CVE-2023-49081", "CVE-2025-67735", "CVE-2019-12387")
def no_version_or_target_can_carry_a_line_end() -> None:
    for evil in (b"1.1\r\nX: y", b"1.1\n", b"1.10", b""):
        with pytest.raises(ValueError, match="http_version is not"):
            RequestHead(b"GET", b"/", [], evil)
    for evil in (b"/\r\nX: y", b"/ HTTP/1.1\r\nX: y", b"/\n", b"/\x00", b""):
        with pytest.raises(ValueError, match=r"target (must not hold|is empty)"):
            RequestHead(b"GET", evil, [])


@rows("CVE-2018-1000164", "CVE-2012-2374", "CVE-2020-7695")
def no_field_of_a_response_can_split_it() -> None:
    for evil in (b"a\r\nSet-Cookie: b=c", b"a\nb", b"a\rb", b"a\x00b", b"a\r\n\r\n<html>"):
        for refused in (Reject(400), Require426([UpgradeToken("websocket")])):
            with pytest.raises(LocalProtocolError):
                refused.with_headers([(b"X-Name", evil)]).to_bytes()
            with pytest.raises(LocalProtocolError):
                drive(plain(), substitute=refused.with_headers([(evil, b"y")]))
        with pytest.raises(LocalProtocolError):
            Accept101(UpgradeToken("tcp"), headers=[(b"X-Name", evil)]).to_bytes()
        with pytest.raises(ValueError, match="must not hold"):
            Refusal(headers=[(b"X-Name", evil)])


@rows("CVE-2025-67724")
def no_reason_can_split_a_response() -> None:
    for evil in (b"OK\r\nX: y", b"OK\n", b"OK\x00"):
        with pytest.raises(LocalProtocolError):
            Accept101(UpgradeToken("tcp"), reason=evil).to_bytes()
        with pytest.raises(ValueError, match="reason"):
            CustomProtocol("tcp", reason=evil)
        with pytest.raises(ValueError, match="reason"):
            ResponseHead(200, [], evil)


@rows("CVE-2026-1525")
def a_length_in_another_case_is_a_second_length() -> None:
    lengths = (b"Content-Length: 5", b"content-length: 5", b"CONTENT-LENGTH: 6")
    run = drive(plain(*lengths, line=POST, body=b"hello"))
    assert (run.said, run.codes) == ("400 close", ("content-length-repeated",))
    for name in (b"content-length", b"Content-Length", b"CONTENT-LENGTH"):
        with pytest.raises(LocalProtocolError):
            Reject(400, [(name, b"5")]).to_bytes()


@rows("CVE-2026-2229")
def a_window_of_any_spelling_is_accepted_or_declined_and_never_raises() -> None:
    for bits in (b"16", b"7", b"1" * 5000, b"1e309", b"0", b"-1", b"15.0", b"0xf", b"015"):
        offer = b"permessage-deflate; server_max_window_bits=" + bits
        run = drive(handshake(b"Sec-WebSocket-Extensions: " + offer))
        assert isinstance(run.accepted.agreement, WebSocketAgreement)
        assert run.accepted.agreement.extensions == ()
        assert run.codes == ("extension-declined",)


@rows("CVE-2022-39348")
def what_was_received_is_no_markup_in_a_refusal() -> None:
    for kind in (b"text/html", b"application/json", b"application/problem+json"):
        octets = handshake(b"Host: <script>alert(1)</script>", b"Accept: " + kind)
        run = drive(octets)
        assert run.said == "400 close"
        assert b"<script>" not in run.last.body
        assert b"script" in run.last.body
        assert run.last.fields(b"x-content-type-options") == (b"nosniff",)
        assert not run.last.fields(b"content-type")[0].startswith(b"text/html")


@rows("CVE-2020-7694")
def what_was_received_cannot_steer_a_terminal() -> None:
    run = drive(handshake(b"Sec-WebSocket-Key: \x9b2J\xff" + KEY))
    (finding,) = run.decisions[-1].findings
    assert finding.value is not None
    assert escape_octets(finding.value + b"\x1b[2J\r\n").isprintable()
    assert run.last.body.isascii()
    assert b"\x1b" not in run.last.body


@rows("CVE-2012-0053")
def a_refusal_does_not_tell_a_script_what_it_may_not_read() -> None:
    # An attacker's script can make a browser's Cookie line too long, and read the answer: what
    # HttpOnly hides from it must not stand there. The same holds for other credentials.
    secret = b"session=s3cr3t"
    for accept in (b"Accept: text/plain", b"Accept: application/json"):
        for octets in (
            plain(accept, b"Cookie: " + secret + b"; a=" + b"b" * 40000),
            plain(accept, b"Cookie: " + secret + b"\x01"),
            plain(accept, b"Cookie : " + secret),
            plain(accept, b"Authorization: Basic " + secret + b"\r\n folded"),
            plain(accept, b"Proxy-Authorization: " + secret + b"\x7f"),
        ):
            run = drive(octets)
            assert run.last.status in (400, 431)
            assert b"s3cr3t" not in run.last.body


# Clients, and proxies built on them: the server attacks, or somebody in front of it.

HOST: Final = b"server.example.com"
EXTENSIONS: Final = b"Sec-WebSocket-Extensions: "
NO_ACCEPT: Final = b"Sec-WebSocket-Accept"


def _split(row: str, rule: str, code: str, *lines: bytes, body: bytes = END) -> ClientCase:
    """A response with these fields, behind which somebody may see another one."""
    return ClientCase(row, rule, response(*lines, body=body + sized()), "refused", code)


rows.add(
    (
        *(
            ClientCase(
                "aiohttp-12746",
                f"{options!r} has the option, among others",
                switch(b"Connection: " + options, body=FRAME),
                "101",
                trailing=FRAME,
            )
            for options in (b"Upgrade, Keep-Alive", b"keep-alive,upgrade", b"close, UPGRADE")
        ),
        ClientCase(
            "aiohttp-12746",
            "over two lines",
            switch(b"Connection: Upgrade", b"Connection: Keep-Alive"),
            "101",
        ),
        *(
            ClientCase(
                row,
                f"{status.decode()} opens no tunnel, whatever its fields say",
                switch(b"Content-Length: 7", status=status, body=b"\x81\x05Hello"),
                status[:3].decode(),
                trailing=b"",
            )
            for row in ("CVE-2024-23326", "CVE-2019-17567", "websocket-smuggle")
            for status in (b"200 OK", b"201 Created", b"426 Upgrade Required", b"502 Bad Gateway")
        ),
        ClientCase(
            "CVE-2026-48931",
            "a second response behind the first answers nothing",
            sized(status=b"404 Not Found") + switch(body=FRAME),
            "404, refused",
            "response-unasked",
        ),
        *(
            ClientCase(
                "CVE-2026-54465",
                rule,
                octets,
                "refused",
                code,
            )
            for rule, octets, code in (
                ("fields", switch()[:-2] + b"X-Name: y\r\n" * 300, "too-many-headers"),
                ("a field", switch()[:-2] + b"X-Name: " + b"y" * 40000, "header-line-too-long"),
                ("a status line", b"HTTP/1.1 101 " + b"y" * 40000, "status-line-too-long"),
                (
                    "a folded field",
                    switch()[:-2] + b"X-Name: y\r\n" + b" z\r\n" * 300,
                    "too-many-headers",
                ),
                ("interim heads", response(status=b"103 x")[:-2] + b"A: b\r\n" * 9000,
                 "too-many-headers"),
            )
        ),
        *(
            ClientCase(
                "CVE-2026-2229",
                f"an answer with {parameter[:40]!r} fails the connection and raises nothing else",
                switch(EXTENSIONS + b"permessage-deflate; " + parameter),
                "refused",
                "extension-parameters-wrong",
            )
            for name in (b"server_max_window_bits", b"client_max_window_bits")
            for parameter in (
                name,
                *(
                    name + b"=" + bits
                    for bits in (b"16", b"7", b"0", b"-1", b"1e309", b"015", b"1" * 5000, b"none")
                ),
                name + b'="16"',
            )
        ),
        *(
            ClientCase(
                row,
                "an unterminated quoted string is read once",
                switch(EXTENSIONS + b'a; b="' + rb"\c" * 15000),
                "refused",
                "extensions-malformed",
            )
            for row in ("CVE-2020-7662", "CVE-2020-7663")
        ),
        ClientCase(
            "CVE-2021-32640",
            "white space in a subprotocol is read once",
            switch(b"Sec-WebSocket-Protocol: chat" + b" " * 30000 + b"chat"),
            "refused",
            "subprotocol-malformed",
        ),
        _split("CVE-2023-47641", "CL+TE", BOTH, b"Content-Length: 5", CHUNKED),
        _split(
            "CVE-2019-16792",
            "CL twice",
            "content-length-repeated",
            b"Content-Length: 5",
            b"content-length: 0",
        ),
        _split("CVE-2023-47627", "CL +5", "content-length-malformed", b"Content-Length: +5"),
        # RFC 9112 6.3, item 4: all that follows is content, up to the close.
        ClientCase(
            "CVE-2026-89044",
            "a coding that ends like chunked",
            response(b"Transfer-Encoding: chunked, xchunked", body=END + sized()),
            "200",
            "transfer-coding-kept",
        ),
        *(
            ClientCase(
                row,
                f"{chunks!r}",
                response(CHUNKED, body=chunks + sized()),
                "200, refused",
                "chunk-malformed",
            )
            for row, chunks in (
                ("CVE-2025-43859", b"5\r\nhelloXX0\r\n\r\n"),
                ("CVE-2025-22871", b"5\nhello\r\n0\r\n\r\n"),
                ("CVE-2025-58056", b"5;a=b\nhello\r\n0\r\n\r\n"),
                ("CVE-2023-38697", b"0x5\r\nhello\r\n0\r\n\r\n"),
            )
        ),
        *(
            ClientCase(row, f"{line!r}", switch(line), "refused", code)
            for row, line, code in (
                ("CVE-2019-16869", b"Transfer-Encoding : chunked", "field-name-space"),
                ("CVE-2023-37276", b"X-Name: a\rTransfer-Encoding: chunked", "bare-cr"),
                ("CVE-2026-34520", b"X-Name: a\x00b", "field-value-malformed"),
                ("CVE-2023-25725", b": y", "field-line-malformed"),
                ("CVE-2019-16785", b"X-Name: a\nUpgrade: h2c", "bare-lf"),
            )
        ),
        ClientCase(
            "CVE-2026-28369",
            "a first line that is a fold of nothing",
            switch(status=b"101 x\r\n Upgrade: h2c"),
            "refused",
            "leading-whitespace",
        ),
    )
)  # fmt: skip


@rows("CVE-2026-48931")
def a_response_that_was_there_before_its_request_is_none() -> None:
    staged = sized(body=b"poison")
    idle = ClientNegotiator(CHAT, host=HOST)
    with pytest.raises(RemoteProtocolError) as raised:
        feed(idle, staged)
    assert raised.value.finding.code == "response-unasked"
    with pytest.raises(LocalProtocolError):
        idle.send_request()
    # Nor does it become one when it arrives behind a response that was read, in whatever pieces.
    for pieces in ([sized() + staged], [sized(), staged], cut(sized() + staged, 1)):
        outcome = run(asking_nothing(), pieces)
        assert (outcome.said, outcome.codes) == ("200, refused", ("response-unasked",))


@rows("CVE-2026-1527", "CVE-2023-49082", "CVE-2026-42578", "CVE-2023-49081", "CVE-2025-67735")
def no_argument_of_a_client_can_carry_a_line_end() -> None:
    for evil in (b"a\r\nX: y", b"a\n", b"a\x00", b"a\r\n\r\nGET /admin HTTP/1.1"):
        wrong: tuple[dict[str, object], ...] = (
            {"method": evil},
            {"target": b"/" + evil},
            {"host": evil},
            {"headers": [(b"X-Name", evil)]},
            {"headers": [(evil, b"y")]},
            {"method": b"CONNECT", "target": evil + b":1", "host": evil + b":1"},
        )
        for arguments in wrong:
            with pytest.raises(ValueError, match=r"(is not|must not hold|target)"):
                ClientNegotiator(**{"host": HOST, **arguments})  # type: ignore[arg-type]
        for make in (CustomProtocol, lambda text: WebSocket([text])):
            with pytest.raises(ValueError, match="not a"):
                make(evil.decode())
        with pytest.raises(ValueError, match="SETTINGS"):
            H2C(settings=evil)

    class Injecting:
        name = "x-evil"

        def accept(self, offer: Extension) -> Extension | None:
            raise AssertionError(offer)

        def offer(self) -> Extension:
            return Extension(self.name, (("a", "b\r\nX: y"),))

        def is_answered_by(self, answer: Extension) -> bool:
            raise AssertionError(answer)

    with pytest.raises(ValueError, match="token"):
        ClientNegotiator(WebSocket(extensions=[Injecting()]), host=HOST)


@rows("CVE-2026-1525")
def a_client_sends_one_length_in_whatever_case_it_is_given() -> None:
    for name in (b"Content-Length", b"content-length", b"CONTENT-LENGTH"):
        with pytest.raises(ValueError, match="follows from"):
            ClientNegotiator(host=HOST, method=b"POST", body=b"hello", headers=[(name, b"5")])
    posting = ClientNegotiator(host=HOST, method=b"POST", body=b"hello")
    assert field_lines(posting, b"Content-Length") == (b"5",)


@rows("CVE-2023-43669")
def a_long_response_head_in_small_pieces_is_not_read_again_for_each() -> None:
    octets = switch(b"Set-Cookie: a=" + b"b" * 30000, b"X-Name: " + b"y" * 20000, body=FRAME)
    outcome = run(asking(), cut(octets, 1))
    assert (outcome.said, outcome.trailing_data) == ("101", FRAME)


@rows("CVE-2025-67725")
def lines_of_one_field_of_a_response_are_not_joined_again_for_each() -> None:
    octets = switch(*[b"Connection: " + b"a," * 100] * 240, b"Connection: Upgrade")
    assert run(asking(), [octets]).said == "101"


@rows("CVE-2025-49812")
def tls_begins_behind_a_101_that_was_asked_for_and_behind_nothing_else() -> None:
    tls = TLS("1.2")
    for octets in (
        switch(b"Upgrade: websocket"),
        switch(b"Upgrade: TLS/1.0, HTTP/1.1", without=NO_ACCEPT),
        switch(b"Upgrade: HTTP/1.1", without=NO_ACCEPT),
    ):
        outcome = run(asking(tls, method=b"OPTIONS", target=b"*"), [octets])
        assert outcome.codes == ("switch-not-asked-for",)
    unasked = switch(b"Upgrade: TLS/1.2, HTTP/1.1", without=NO_ACCEPT)
    assert run(asking_nothing(), [unasked]).codes == ("switch-unasked",)
    assert run(asking(), [unasked]).codes == ("switch-not-asked-for",)
    # What follows in the clear is for TLS to refuse: it is no response to anything.
    client = asking(tls, method=b"OPTIONS", target=b"*")
    assert switched(unasked + sized(), client).token == UpgradeToken("TLS", "1.2")
    assert client.trailing_data == sized()
    with pytest.raises(LocalProtocolError):
        feed(client, sized())


@rows("websocket-smuggle")
def behind_a_426_there_is_http_and_no_tunnel() -> None:
    smuggled = sized(body=b"secret")
    client = asking()
    octets = sized(b"Upgrade: websocket", b"Connection: Upgrade", status=b"426 Upgrade Required")
    outcome = run(client, [octets + smuggled])
    assert (outcome.said, outcome.codes) == ("426, refused", ("response-unasked",))
    assert (client.state, client.trailing_data) == (ClientState.CLOSED, b"")


@pytest.mark.parametrize("check", rows.checks, ids=rows.ids)
def test_an_attack_does_not_succeed(check: Callable[[], None]) -> None:
    check()


def test_every_vulnerability_is_tested_or_excused() -> None:
    assert rows.covered | EXCUSED.keys() == ROWS
    assert not rows.covered & EXCUSED.keys()


@pytest.mark.parametrize("case", [*HEADS, *FRAMES], ids=lambda case: f"{case.row}: {case.rule}")
def test_where_nothing_is_required_no_attack_makes_a_second_request(case: Case) -> None:
    run = drive(case.octets, OPTIONAL)
    if run.passed:
        (passed,) = run.passed
        assert case.octets.startswith(passed)
        assert run.said in ("pass", "pass, closed", "pass, 400 close")
    else:
        assert run.said == case.said
