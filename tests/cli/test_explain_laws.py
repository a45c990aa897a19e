"""Whatever ``explain`` is given, it ends with an exit status, and drives no terminal."""

import contextlib
import io
import json
import sys
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from httpupgrade.cli import main

KEY: Final = b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
PARTS: Final = (
    b"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    + KEY
    + b"\r\n",
    b"GET /chat HTTP/1.0\r\nHost: a\r\nConnection: close\r\n" + KEY + b"\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nhi",
    b"HTTP/2 200 \r\ncontent-type: text/html\r\n\r\n",
    b"HTTP/2 099 \r\n",
    b"HTTP/1.1 103 Early Hints\r\n\r\n" * 2000,
    b"> GET / HTTP/1.1\n> Host: a\n> \n< HTTP/1.1 400 Bad Request\n< \n",
    b"* Connected to a\n* SSL connection\n",
    b"* Empty reply from server\n",
    b'{"log": {"entries": [{"request": {"url": "ws://a/", "method": "GET", "headers": [',
    b'{"name": "a", "value": "\\u001b\\n"}',
    b']}, "response": {"status": 426}}]}}',
    b']}, "response": {"status": true}}]}}',
    b"\x1b[2J\x07\x9b",
    b"\r\n",
    b"\n",
    b":",
    b"\x16\x03\x01",
    b"PRI * HTTP/2.0\r\n\r\n",
    b"\xff\xfe",
)
ARGUMENTS: Final = (
    (),
    ("--require", "websocket"),
    ("--offer", "tcp", "--origin", "same-host", "--secure"),
    ("--input", "raw"),
    ("--input", "curl"),
    ("--input", "har"),
)

inputs = st.lists(st.sampled_from(PARTS) | st.binary(max_size=8), max_size=8).map(b"".join)


@given(inputs, st.sampled_from(ARGUMENTS), st.booleans())
def test_it_ends_with_a_status_and_prints_printable_ascii(
    octets: bytes, arguments: tuple[str, ...], as_json: bool
) -> None:
    out, err, stdin = io.StringIO(), io.StringIO(), sys.stdin
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        sys.stdin = io.TextIOWrapper(io.BytesIO(octets))
        try:
            status = main(["explain", *arguments, "--format", "json" if as_json else "text"])
        finally:
            sys.stdin = stdin
    assert status in (0, 1, 2, 3)
    assert (status == 2) == bool(err.getvalue())
    for text in (out.getvalue(), err.getvalue()):
        assert all(each == "\n" or " " <= each <= "~" for each in text)
    if as_json:
        assert json.loads(out.getvalue())["summary"]["exchanges"] >= 0
