"""RFC 9112, HTTP/1.1: every obligation that binds servers and clients, by its row's id.

The rows are those of the project's list of what the standards oblige: a clause, and behind the dash
a counter of that list. A row that binds both ends has tests of both.
"""

from collections.abc import Callable
from typing import Final

import pytest
from client_wire import (
    CHAT,
    SETTINGS,
    asking,
    asking_nothing,
    field_lines,
    run,
    sized,
    switch,
)
from feeding import feed
from reading import read_response
from wire import (
    FRAME,
    OPTIONAL,
    REQUIRED,
    TUNNEL,
    Case,
    Rows,
    asks_for,
    drive,
    handshake,
    lines_of,
    plain,
    request,
)

from httpupgrade import (
    H2C,
    PAUSED,
    ClientNegotiator,
    ClientState,
    ConnectionClosed,
    Limits,
    LocalProtocolError,
    OrdinaryResponse,
    Policy,
    Reject,
    RemoteProtocolError,
    RequestHead,
    ResponseHead,
    ServerNegotiator,
    WebSocket,
)

rows: Final = Rows("RFC 9112")

ROWS: Final = frozenset(
    lines_of("""
    2.1
    2.2-2
    2.2-3
    2.2-4
    2.2-5
    2.2-6
    2.2-8
    2.2-9
    2.3-1
    3-2
    3-4 / 3-5
    3.1-1
    3.2-1 / 3.2-2
    3.2-8
    3.2-9
    3.2.1-1
    3.2.2-2
    3.2.2-3
    3.2.2-4
    3.2.3-1 / 3.2.4-1
    3.3
    4-2..4-4
    5-1
    5.1-1
    5.1-2
    5.2-2
    5.2-4
    6.1-2
    6.1-5
    6.1-6
    6.1-8
    6.1-9
    6.3-1
    6.3-3
    6.3-4b
    6.3-5
    7.1
    7.1.1 / 7.1.2-2
    8-1 / 8-2
    9.2-2
    9.3-6/-7
    9.6
    11.1/11.2
    """)
)

POST: Final = b"POST /chat HTTP/1.1"
CHUNKED: Final = b"Transfer-Encoding: chunked"
LENGTH: Final = b"Content-Length: 5"
LOCAL: Final = Policy(WebSocket(hosts=["localhost"]), mode="required")


def _bad_line(row: str, line: bytes, code: str = "request-line-malformed") -> Case:
    return Case(row, f"{line!r} is refused", handshake(line=line), "400 close", code)


def _bad_field(row: str, line: bytes, code: str) -> Case:
    return Case(row, f"{line!r} is refused", handshake(line), "400 close", code)


def _chunks(row: str, rule: str, chunks: bytes, said: str, code: str = "") -> Case:
    octets = asks_for(b"tcp", CHUNKED, body=chunks)
    return Case(row, rule, octets, said, code, policy=TUNNEL)


rows.add(
    (
        Case("2.1", "a response is no request", b"HTTP/1.1 200 OK\r\n\r\n", "400 close"),
        Case(
            "2.2-2",
            "octets are never Unicode: NEL and LINE SEPARATOR end no line",
            handshake(b"X-Name: a\xc2\x85Upgrade: h2c\xe2\x80\xa8Host: b"),
            "101",
        ),
        Case(
            "2.2-3",
            "a bare LF is no line end here",
            handshake().replace(b"\r\n", b"\n"),
            "400 close",
            "bare-lf",
        ),
        Case(
            "2.2-4",
            "a bare CR ends no line",
            handshake(b"X-Name: a\rTransfer-Encoding: chunked"),
            "400 close",
            "bare-cr",
        ),
        Case(
            "2.2-4",
            "not in the request line either",
            handshake(line=b"GET /\r HTTP/1.1"),
            "400 close",
        ),
        Case("2.2-6", "an empty line in front is ignored", b"\r\n" + handshake(), "101"),
        Case("2.2-6", "between requests, too", plain(body=b"\r\n\r\n" + handshake()), "426, 101"),
        Case(
            "2.2-8",
            "white space between the request line and the first field is refused",
            handshake(b"X: y", line=b"GET /chat HTTP/1.1\r\n Host: evil.example"),
            "400 close",
            "leading-whitespace",
        ),
        *(
            Case("2.2-9", f"{octets!r} gets 400 and a close", octets, "400 close", code)
            for octets, code in (
                (b"\x16\x03\x01\x02\x00\x01\x00", "tls-client-hello"),
                (b"SSH-2.0-OpenSSH_9.2\r\n", "not-http"),
                (b"\x00\x00\x00\x01", "not-http"),
                (b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n", "proxy-protocol"),
            )
        ),
        *(
            _bad_line("2.3-1", b"GET /chat " + version)
            for version in (b"http/1.1", b"HTTP/1.10", b"HTTP/01.1", b"HTTP/1,1", b"HTTP/1")
        ),
        Case(
            "2.3-1",
            "full-width digits are no digits",
            handshake(line=b"GET /chat HTTP/\xef\xbc\x91.1"),
            "400 close",
        ),
        *(
            _bad_line("3-2", line)
            for line in (
                b"GET  /chat HTTP/1.1",
                b"GET /chat  HTTP/1.1",
                b"GET\t/chat HTTP/1.1",
                b"GET /chat HTTP/1.1 ",
                b"GET /chat\x0bHTTP/1.1 HTTP/1.1",
            )
        ),
        Case("3-4 / 3-5", "an over-long method gets 501", b"A" * 9000, "501 close"),
        Case("3-4 / 3-5", "an over-long target gets 414", b"GET /" + b"a" * 9000, "414 close"),
        Case(
            "3-4 / 3-5",
            "a request line of 8000 octets is read",
            handshake(line=b"GET /" + b"a" * (8000 - 14) + b" HTTP/1.1"),
            "101",
        ),
        Case(
            "3.1-1",
            "methods are case-sensitive",
            handshake(line=b"get /chat HTTP/1.1"),
            "405 close",
            "method-not-allowed",
        ),
        _bad_line("3.1-1", b"G(T /chat HTTP/1.1"),
        _bad_line("3.2-1 / 3.2-2", b"GET /chat room HTTP/1.1"),
        _bad_line("3.2-1 / 3.2-2", b"GET /caf\xe9 HTTP/1.1", "target-not-encoded"),
        _bad_line("3.2-1 / 3.2-2", b"GET chat HTTP/1.1", "target-malformed"),
        _bad_line("3.2-1 / 3.2-2", b"GET http:chat HTTP/1.1", "target-malformed"),
        # A fragment is no part of any form. Servers and their filters read it differently
        # (CVE-2025-32395).
        _bad_line("3.2-1 / 3.2-2", b"GET /chat#/admin HTTP/1.1", "target-malformed"),
        _bad_line("3.2-1 / 3.2-2", b"GET http://a.example/#b HTTP/1.1", "target-malformed"),
        Case("3.2-8", "no Host", handshake(without=b"Host"), "400 close", "host-missing"),
        Case("3.2-8", "none without an offer", request(), "400 close", "host-missing"),
        Case("3.2-8", "an empty Host is legal", handshake(b"Host:"), "101"),
        Case(
            "3.2-8",
            "HTTP/1.0 needs none",
            request(line=b"GET / HTTP/1.0"),
            "426 close",
            "upgrade-missing",
        ),
        Case(
            "3.2-9",
            "two Host lines",
            handshake(b"Host: a.example", b"Host: b.example"),
            "400 close",
            "host-repeated",
        ),
        Case(
            "3.2-9",
            "two equal ones",
            handshake(b"Host: a.example", b"host: a.example"),
            "400 close",
            "host-repeated",
        ),
        *(
            _bad_field("3.2-9", b"Host: " + host, "host-malformed")
            for host in (
                b"a.example:x",
                b"a.example:80:80",
                b"a.example:99999",
                b"user@a.example",
                b"a.example/path",
                b"a example",
                b"a.example, b.example",
                b"::1",
                b"[::1",
                b"[::1]x",
                b"[::g]",
                b"[1.2.3.4]",
                b"caf\xe9.example",
                b"%zz.example",
            )
        ),
        *(
            Case("3.2-9", f"{host!r} is valid", handshake(b"Host: " + host), "101")
            for host in (
                b"a.example:",
                b"a.example:8080",
                b"[::1]:80",
                b"[v1.x:y]",
                b"under_score",
                b"xn--caf-dma.example",
                b"caf%C3%A9.example",
            )
        ),
        Case(
            "3.2.2-3",
            "Host is ignored where the target has an authority",
            handshake(b"Host: localhost", line=b"GET http://evil.example/ HTTP/1.1"),
            "403 close",
            "host-not-allowed",
            policy=LOCAL,
        ),
        Case(
            "3.2.2-3",
            "in both directions",
            handshake(b"Host: evil.example", line=b"GET http://localhost/ HTTP/1.1"),
            "101",
            policy=LOCAL,
        ),
        *(
            Case(
                "3.2.2-4",
                f"{target!r} is accepted",
                handshake(line=b"GET " + target + b" HTTP/1.1"),
                "101",
            )
            for target in (
                b"http://server.example.com/chat",
                b"https://server.example.com:443",
                b"HTTP://[::1]/?q",
            )
        ),
        _bad_line("3.2.3-1 / 3.2.4-1", b"GET a.example:80 HTTP/1.1", "target-malformed"),
        _bad_line("3.2.3-1 / 3.2.4-1", b"GET * HTTP/1.1", "target-malformed"),
        _bad_line("3.2.3-1 / 3.2.4-1", b"CONNECT /chat HTTP/1.1", "target-malformed"),
        _bad_line("3.2.3-1 / 3.2.4-1", b"CONNECT * HTTP/1.1", "target-malformed"),
        Case("3.2.3-1 / 3.2.4-1", "OPTIONS takes *", plain(line=b"OPTIONS * HTTP/1.1"), "426"),
        Case(
            "3.2.3-1 / 3.2.4-1",
            "CONNECT takes an authority",
            plain(line=b"CONNECT a.example:443 HTTP/1.1"),
            "426 close",
        ),
        _bad_line("3.3", b"GET http:///chat HTTP/1.1", "target-malformed"),
        _bad_line("3.3", b"GET http://:80/chat HTTP/1.1", "target-malformed"),
        Case(
            "3.3",
            "an empty Host equals no host of a list",
            handshake(b"Host:"),
            "403 close",
            "host-not-allowed",
            policy=LOCAL,
        ),
        Case("5-1", "OWS is optional", handshake(b"Host:a.example"), "101"),
        *(
            _bad_field("5-1", line, "field-line-malformed")
            for line in (b": empty", b"no colon", b"X(y): z", b"\xe9t\xe9: z", b'"X": y')
        ),
        _bad_field("5.1-1", b"X-Name : y", "field-name-space"),
        _bad_field("5.1-1", b"Transfer-Encoding\t: chunked", "field-name-space"),
        Case(
            "5.1-2",
            "nothing but OWS is stripped",
            handshake(b"Connection: \xa0Upgrade\xa0"),
            "426 close",
            "connection-malformed",
        ),
        _bad_field("5.2-2", b"X-Name: a\r\n b", "obs-fold"),
        _bad_field("5.2-2", b"Connection: keep-alive,\r\n\tUpgrade", "obs-fold"),
        Case(
            "6.1-6",
            "an unknown transfer coding gets 501",
            plain(b"Transfer-Encoding: br, chunked", line=POST),
            "501 close",
            "transfer-encoding-unknown",
        ),
        Case(
            "6.1-6",
            "a known one that nobody here undoes does, too",
            asks_for(b"tcp", b"Transfer-Encoding: gzip, chunked", line=POST),
            "501 close",
            "transfer-encoding-unknown",
            policy=TUNNEL,
        ),
        *(
            Case(row, rule, octets, "400 close", "content-length-and-transfer-encoding")
            for row in ("6.1-8", "6.3-3")
            for rule, octets in (
                ("CL and TE", plain(LENGTH, CHUNKED, line=POST, body=b"0\r\n\r\n" + plain())),
                ("in a handshake", handshake(CHUNKED, b"Content-Length: 0", body=b"0\r\n\r\n")),
            )
        ),
        Case(
            "6.1-9",
            "Transfer-Encoding in HTTP/1.0",
            plain(CHUNKED, line=b"POST / HTTP/1.0", body=b"0\r\n\r\n" + plain()),
            "400 close",
            "transfer-encoding-in-http-1.0",
        ),
        *(
            Case(
                "6.3-4b",
                f"{codings!r} does not end in chunked",
                plain(b"Transfer-Encoding:" + codings, line=POST, body=b"0\r\n\r\n" + plain()),
                "400 close",
                "transfer-encoding-not-final",
            )
            for codings in (
                b" gzip",
                b" chunked, gzip",
                b" identity",
                b" xchunked",
                b" chunked, chunked",
                b" chunked;a=b",
                b"",
            )
        ),
        *(
            Case(
                "6.3-5",
                f"Content-Length: {length!r} is refused",
                plain(b"Content-Length: " + length, line=POST, body=b"hello" + plain()),
                "400 close",
                "content-length-malformed",
            )
            for length in (b"+5", b"-5", b"0x5", b"5_0", b"5 5", b"5.0", b"", b"\xb2", b"5;a=b")
        ),
        Case(
            "6.3-5",
            "leading zeros are digits",
            plain(b"Content-Length: 0005", line=POST, body=b"hello" + handshake()),
            "426, 101",
        ),
        _chunks("7.1", "chunks are read", b"3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", "101"),
        _chunks("7.1", "a size with leading zeros", b"00000003\r\nabc\r\n0\r\n\r\n", "101"),
        *(
            _chunks("7.1", f"{chunks[:24]!r} is refused", chunks, "400 close", "chunk-malformed")
            for chunks in (
                b"3\nabc\r\n0\r\n\r\n",
                b"3\r\nabc\n0\r\n\r\n",
                b"3\r\nabcX\r\n0\r\n\r\n",
                b"3;a\nb\r\nabc\r\n0\r\n\r\n",
                b"3\r\nabc\r\n0\r\n\n",
                b"+3\r\nabc\r\n0\r\n\r\n",
                b"0x3\r\nabc\r\n0\r\n\r\n",
                b"3 \r\nabc\r\n0\r\n\r\n",
                b" 3\r\nabc\r\n0\r\n\r\n",
                b"\r\n0\r\n\r\n",
                b"g\r\n",
                b"FFFFFFFFFFFFFFFFF\r\n",
                b"3;" + b"a" * 5000,
            )
        ),
        _chunks(
            "7.1.1 / 7.1.2-2",
            "chunk extensions are ignored",
            b'3;a;b=c ; d="e;\\"f"\r\nabc\r\n0;last\r\n\r\n',
            "101",
        ),
        Case(
            "8-1 / 8-2",
            "an incomplete request may get no answer",
            handshake()[:-1],
            "",
        ),
        Case(
            "9.3-6/-7",
            "the body of a refused request is read to its end",
            plain(CHUNKED, line=POST, body=b"3\r\nabc\r\n0\r\n\r\n" + handshake(body=FRAME)),
            "426, 101",
            trailing=FRAME,
        ),
        Case(
            "9.3-6/-7",
            "or the connection closes",
            plain(b"Content-Length: 9999999", line=POST, body=b"abc"),
            "426 close",
        ),
        Case(
            "9.6",
            "a refusal closes where the client asks for it",
            plain(b"Connection: close", body=handshake()),
            "426 close",
        ),
        # RFC 9112 9.6: a server MUST NOT process requests behind the one with the option.
        Case(
            "9.6",
            "nothing behind a request with close is processed, passed through or not",
            plain(b"Connection: close", body=handshake()),
            "pass, closed",
            policy=OPTIONAL,
        ),
        Case(
            "9.6",
            "with a body and a declined offer",
            asks_for(b"h2c", b"Connection: close", LENGTH, body=b"hello" + handshake()),
            "pass, closed",
            policy=OPTIONAL,
        ),
        # RFC 9112 9.3: an HTTP/1.0 connection persists with keep-alive only.
        Case(
            "9.6",
            "HTTP/1.0 without keep-alive closes",
            plain(line=b"GET / HTTP/1.0", body=handshake()),
            "pass, closed",
            policy=OPTIONAL,
        ),
        Case(
            "9.6",
            "HTTP/1.0 with keep-alive goes on",
            plain(b"Connection: keep-alive", line=b"GET / HTTP/1.0", body=handshake()),
            "pass, 101",
            policy=OPTIONAL,
        ),
        Case(
            "9.6",
            "a switch ends the HTTP on a connection either way",
            handshake(b"Connection: close, Upgrade"),
            "101",
        ),
    )
)


@rows("4-2..4-4")
def the_space_in_front_of_an_empty_reason_is_sent() -> None:
    assert ResponseHead(299, []).to_bytes().startswith(b"HTTP/1.1 299 \r\n")
    assert Reject(499).to_bytes().startswith(b"HTTP/1.1 499 \r\n")


# --- How a client reads a response --------------------------------------------------------------

OK: Final = b"HTTP/1.1 200 OK\r\n"
FIVE: Final = LENGTH + b"\r\n"


@rows("2.2-2")
def a_response_is_octets_and_no_text() -> None:
    value = b"a\xc2\x85Upgrade: h2c\xe2\x80\xa8Location: b"
    read = read_response(OK + b"X-Name: " + value + b"\r\n" + FIVE + b"\r\nhello")
    assert (read.state, read.values(b"x-name"), read.values(b"upgrade")) == (
        "complete",
        (value,),
        (),
    )


@rows("2.2-3")
def a_bare_lf_ends_no_line_of_a_response() -> None:
    for octets in (b"HTTP/1.1 200 OK\n\n", OK + b"A: b\n\r\n", OK + b"\n"):
        assert "bare-lf" in read_response(octets).codes


@rows("2.2-4")
def a_bare_cr_makes_a_response_invalid() -> None:
    for octets in (b"HTTP/1.1 200 O\rK\r\n\r\n", OK + b"A: b\rUpgrade: c\r\n\r\n"):
        assert read_response(octets).codes == ("bare-cr",)


@rows("2.2-8")
def white_space_between_the_status_line_and_the_first_field_is_refused() -> None:
    for line in (b" Upgrade: websocket", b"\tA: b\r\n c", b" "):
        read = read_response(OK + line + b"\r\nServer: a\r\n\r\n")
        assert read.codes == ("leading-whitespace",)


@rows("2.3-1")
def the_version_of_a_response_is_digit_dot_digit_behind_a_name_in_capitals() -> None:
    for version in (b"HTTP/1.10", b"HTTP/11", b"HTTP/1,1", b"HTTP/1"):
        assert read_response(version + b" 200 OK\r\n\r\n").codes == ("status-line-malformed",)
    for version in (b"http/1.1", b"Http/1.1", b"HTTP/\xef\xbc\x91.1"):
        assert read_response(version + b" 200 OK\r\n\r\n").codes == ("response-not-http",)
    assert read_response(b"HTTP/1.9 204 \r\n\r\n").state == "complete"


@rows("4-2..4-4")
def a_status_code_is_three_digits_and_the_reason_means_nothing() -> None:
    for code in (b"20", b"2000", b"2 0", b"2xx", b"+20", b"\xb2\xb2\xb2"):
        assert read_response(b"HTTP/1.1 " + code + b" OK\r\n\r\n").codes == (
            "status-line-malformed",
        )
    for reason in (b"", b" ", b" OK", b" 426 Upgrade Required", b" \xe9", b"  "):
        read = read_response(b"HTTP/1.1 204" + reason + b"\r\n\r\n")
        assert read.head is not None
        assert (read.state, read.head.status_code) == ("complete", 204)


@rows("5-1")
def a_field_line_of_a_response_is_a_token_a_colon_and_a_value() -> None:
    for line in (b": empty", b"no colon", b"X(y): z", b"\xe9t\xe9: z", b'"X": y'):
        assert read_response(OK + line + b"\r\n\r\n").codes == ("field-line-malformed",)
    assert read_response(OK + b"Server : a\r\n\r\n").codes == ("field-name-space",)
    assert read_response(OK + b"Server:a\r\n\r\n").values(b"server") == (b"a",)


@rows("5.1-2")
def nothing_but_ows_is_taken_off_a_value_of_a_response() -> None:
    read = read_response(OK + b"A:\t b \t\r\nA: \xa0c\x85\r\n\r\n")
    assert read.values(b"a") == (b"b", b"\xa0c\x85")
    assert read_response(OK + b"A:\x0b b\x0b \r\n\r\n").values(b"a") == (b"\x0b b\x0b",)


@rows("5.2-4")
def a_fold_in_a_response_is_read_as_a_space() -> None:
    read = read_response(
        OK + b"Upgrade: h2c,\r\n\twebsocket\r\nContent-Length:\r\n 5\r\n\r\nhelloHTTP"
    )
    assert read.values(b"upgrade") == (b"h2c, websocket",)
    assert (read.state, read.content, read.rest) == ("complete", b"hello", b"HTTP")


@rows("6.1-9")
def a_transfer_encoding_in_an_http_1_0_response_is_faulty_framing() -> None:
    octets = b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert read_response(octets).codes == ("transfer-encoding-in-http-1.0",)


@rows("6.3-1")
def what_has_no_content_ends_at_its_empty_line() -> None:
    for fields in (b"", FIVE, CHUNKED + b"\r\n", FIVE + CHUNKED + b"\r\n"):
        for code in (100, 101, 103, 204, 304):
            read = read_response(b"HTTP/1.1 %d \r\n%b\r\nhello" % (code, fields))
            assert (read.state, read.content, read.rest) == ("complete", b"", b"hello")
        read = read_response(OK + fields + b"\r\nhello", b"HEAD")
        assert (read.state, read.rest) == ("complete", b"hello")
        read = read_response(OK + fields + b"\r\nhello", b"CONNECT")
        assert (read.state, read.rest) == ("complete", b"hello")


@rows("6.3-3")
def a_response_with_both_framings_is_an_error() -> None:
    octets = OK + FIVE + CHUNKED + b"\r\n\r\n0\r\n\r\n"
    assert read_response(octets).codes == ("content-length-and-transfer-encoding",)


@rows("6.3-5")
def a_response_with_an_invalid_length_is_an_error_unless_it_repeats_a_valid_one() -> None:
    for value in (b"+5", b"-5", b"0x5", b"5_0", b"5 5", b"5.0", b"", b"\xb2", b"5;a=b", b"5, x"):
        read = read_response(OK + b"Content-Length: " + value + b"\r\n\r\nhello")
        assert read.codes == ("content-length-malformed",)
    for fields in (b"Content-Length: 5, 6\r\n", FIVE + b"Content-Length: 6\r\n"):
        assert read_response(OK + fields + b"\r\nhello").codes == ("content-length-repeated",)
    for fields in (b"Content-Length: 5, 5\r\n", FIVE + FIVE):
        read = read_response(OK + fields + b"\r\nhelloHTTP")
        assert (read.state, read.content, read.rest) == ("complete", b"hello", b"HTTP")


@rows("7.1")
def the_chunks_of_a_response_are_read_as_strictly_as_those_of_a_request() -> None:
    head = OK + CHUNKED + b"\r\n\r\n"
    read = read_response(head + b"0003\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\nHTTP")
    assert (read.state, read.content, read.rest) == ("complete", b"abc0123456789", b"HTTP")
    for chunks in (
        b"3\nabc\r\n",
        b"3\r\nabcX\r\n",
        b"0x3\r\n",
        b"3 \r\n",
        b"FFFFFFFFFFFFFFFFF\r\n",
    ):
        assert read_response(head + chunks).state == "broken"


@rows("7.1.1 / 7.1.2-2")
def extensions_of_chunks_are_ignored_and_trailers_stay_apart() -> None:
    read = read_response(
        OK + CHUNKED + b'\r\n\r\n3;a="b"\r\nabc\r\n0\r\nUpgrade: websocket\r\n\r\nHTTP'
    )
    assert (read.state, read.content, read.rest) == ("complete", b"abc", b"HTTP")
    assert read.values(b"upgrade") == ()


@rows("8-1 / 8-2")
def a_response_that_is_cut_off_is_not_complete() -> None:
    for octets in (
        OK,
        OK + FIVE + b"\r\nhell",
        OK + CHUNKED + b"\r\n\r\n3\r\nabc\r\n",
        OK + CHUNKED + b"\r\n\r\n3\r\nabc\r\n0\r\n",
    ):
        assert read_response(octets).state == "incomplete"


# --- What is left of the server's rows ----------------------------------------------------------


@rows("6.1-5")
def a_101_never_has_a_transfer_encoding() -> None:
    accepted = drive(handshake()).accepted
    forced = accepted.replace(headers=(*accepted.headers, (b"transfer-encoding", b"chunked")))
    with pytest.raises(LocalProtocolError, match="transfer-encoding"):
        drive(handshake(), substitute=forced)
    with pytest.raises(LocalProtocolError, match="transfer-encoding"):
        accepted.with_headers([(b"Transfer-Encoding", b"chunked")])


@rows("7.1")
def broken_chunks_of_a_passed_message_end_it_with_a_400() -> None:
    octets = plain(CHUNKED, line=POST, body=b"3\r\nabc\r\nX\r\n" + handshake())
    run = drive(octets, OPTIONAL)
    assert run.said == "pass, 400 close"
    assert run.passed == (plain(CHUNKED, line=POST, body=b"3\r\nabc\r\n"),)


@rows("7.1.1 / 7.1.2-2")
def trailers_are_never_merged_into_the_head() -> None:
    chunks = b"3\r\nabc\r\n0\r\nUpgrade: websocket\r\nHost: evil.example\r\n\r\n"
    run = drive(asks_for(b"tcp", CHUNKED, body=chunks + FRAME), TUNNEL)
    assert run.said == "101"
    assert (run.accepted.request_body, run.trailing) == (b"abc", FRAME)
    assert run.accepted.head is not None
    assert run.accepted.head.get_all(b"host") == (b"server.example.com",)
    assert run.accepted.head.get_all(b"upgrade") == (b"tcp",)


@rows("8-1 / 8-2")
def a_request_that_is_cut_off_ends_in_an_event_that_says_so() -> None:
    machine = ServerNegotiator(REQUIRED)
    feed(machine, handshake()[:-1])
    event = feed(machine, b"")
    assert isinstance(event, ConnectionClosed)
    assert [finding.code for finding in event.findings] == ["head-incomplete"]


@rows("9.3-6/-7")
def a_refused_body_is_read_up_to_the_limit_and_not_one_octet_further() -> None:
    octets = plain(LENGTH, line=POST, body=b"hello" + handshake())
    assert drive(octets, limits=Limits(max_drain=5)).said == "426, 101"
    assert drive(octets, limits=Limits(max_drain=4)).said == "426 close"


@rows("11.1/11.2")
def no_octet_of_a_callers_value_can_end_a_line() -> None:
    for value in (b"a\r\nX-Evil: 1", b"a\nX-Evil: 1", b"a\rX-Evil: 1", b"a\x00"):
        with pytest.raises(LocalProtocolError):
            Reject(400, [(b"X-Name", value)]).to_bytes()
        with pytest.raises(LocalProtocolError):
            Reject(400, [(value, b"y")]).to_bytes()
        with pytest.raises(ValueError, match="must not hold"):
            RequestHead(b"GET", b"/" + value, [])
        with pytest.raises(ValueError, match="must not hold"):
            RequestHead(b"GET", b"/", [(b"X-Name", value)])


# --- What a client sends, and what it makes of a connection -------------------------------------

HOST: Final = b"server.example.com"


@rows("2.1")
def a_client_expects_responses_alone() -> None:
    for octets in (handshake(), plain(), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
        assert run(asking(), [octets]).codes == ("response-not-http",)


@rows("2.2-5", "6.1-2")
def a_request_begins_with_its_line_and_ends_with_its_content() -> None:
    for negotiator, content in (
        (ClientNegotiator(CHAT, host=HOST), b""),
        (ClientNegotiator(host=HOST), b""),
        (ClientNegotiator(host=HOST, method=b"POST"), b""),
        (ClientNegotiator(H2C(settings=SETTINGS), host=HOST, method=b"PUT", body=b"hi"), b"hi"),
    ):
        octets = negotiator.send_request()
        head, _, rest = octets.partition(b"\r\n\r\n")
        assert head.startswith(negotiator.head.method + b" / HTTP/1.1\r\nHost: ")
        assert rest == content
        # A body is counted, and never chunked: there is nothing that could be chunked twice.
        assert field_lines(negotiator, b"Transfer-Encoding") == ()
        length = [b"%d" % len(content)] if content or negotiator.head.method == b"POST" else []
        assert list(field_lines(negotiator, b"Content-Length")) == length
    for name in (b"Transfer-Encoding", b"TE", b"Content-Length"):
        with pytest.raises(ValueError, match="follows from"):
            ClientNegotiator(host=HOST, headers=[(name, b"chunked")])


@rows("3.2.1-1")
def an_origin_is_asked_for_a_path() -> None:
    assert ClientNegotiator(host=HOST).head.target == b"/"
    for target in (b"", b"?room=1", b"chat", b"#top"):
        with pytest.raises(ValueError, match="target"):
            ClientNegotiator(host=HOST, target=target)


@rows("3.2.2-2")
def host_is_sent_with_every_form_of_a_target() -> None:
    for method, target, host in (
        (b"GET", b"/", HOST),
        (b"GET", b"http://server.example.com/", HOST),
        (b"OPTIONS", b"*", HOST),
        (b"CONNECT", b"server.example.com:443", b"server.example.com:443"),
    ):
        negotiator = ClientNegotiator(host=host, method=method, target=target)
        assert field_lines(negotiator, b"Host") == (host,)


@rows("9.2-2")
def what_arrives_without_a_request_is_no_response() -> None:
    early = ClientNegotiator(CHAT, host=HOST)
    with pytest.raises(RemoteProtocolError) as raised:
        feed(early, switch())
    assert raised.value.finding.code == "response-unasked"
    outcome = run(asking(), [sized(status=b"404 Not Found") + switch()])
    assert (outcome.said, outcome.codes) == ("404, refused", ("response-unasked",))
    split = run(asking(), [sized(), b"H"])
    assert split.codes == ("response-unasked",)


@rows("9.6")
def nothing_behind_a_response_that_closes_is_read() -> None:
    for lines, version in (
        ((b"Connection: close",), b"HTTP/1.1"),
        ((b"Connection: keep-alive, CLOSE",), b"HTTP/1.1"),
        ((), b"HTTP/1.0"),
    ):
        negotiator = asking_nothing()
        octets = sized(*lines).replace(b"HTTP/1.1", version)
        outcome = run(negotiator, [octets + sized(), sized()])
        declined = outcome.events[0]
        assert isinstance(declined, OrdinaryResponse)
        assert declined.close
        assert (outcome.said, outcome.codes) == ("200", ())
        assert (negotiator.state, negotiator.trailing_data) == (ClientState.CLOSED, b"")


@rows("9.6")
def a_response_that_persists_leaves_the_connection_to_the_next_request() -> None:
    for lines, version in (
        ((), b"HTTP/1.1"),
        ((b"Connection: keep-alive",), b"HTTP/1.0"),
    ):
        negotiator = asking_nothing()
        outcome = run(negotiator, [sized(*lines).replace(b"HTTP/1.1", version)])
        declined = outcome.events[0]
        assert isinstance(declined, OrdinaryResponse)
        assert not declined.close
        assert (negotiator.state, negotiator.next_event()) == (ClientState.DONE, PAUSED)


@rows("11.1/11.2")
def no_octet_of_a_clients_caller_can_end_a_line() -> None:
    for value in (b"a\r\nX-Evil: 1", b"a\nX-Evil: 1", b"a\rX-Evil: 1", b"a\x00"):
        for arguments in (
            {"target": b"/" + value},
            {"method": value},
            {"headers": [(b"X-Name", value)]},
            {"headers": [(value, b"y")]},
            {"host": value},
        ):
            with pytest.raises(ValueError, match=r"(is not|must not hold|target)"):
                ClientNegotiator(**{"host": HOST, **arguments})  # type: ignore[arg-type]


@pytest.mark.parametrize("check", rows.checks, ids=rows.ids)
def test_row_of_rfc_9112(check: Callable[[], None]) -> None:
    check()


def test_every_row_of_rfc_9112_is_tested() -> None:
    assert rows.covered == ROWS
