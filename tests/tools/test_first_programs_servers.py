"""The first programs that are servers, each on loopback, against real clients."""

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

import pytest
from example_servers import HOST, PATIENCE, Server, await_port, running_program
from websockets.sync.client import connect

PROGRAMS: Final = ("socket_echo", "asyncio_echo", "h11_echo", "httptools_echo", "asgi_app")
PROGRAM: Final = "import runpy; runpy.run_module('first_programs.{}', run_name='__main__')"
HANDSHAKE: Final = (
    b"GET /chat HTTP/1.1\r\nHost: a.example\r\nConnection: keep-alive, Upgrade\r\n"
    b"Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Version: 13\r\n\r\n"
)
# A masked text frame (RFC 6455 5.2), and its echo.
HELLO, HELLO_BACK = b"\x81\x85\0\0\0\0hello", b"\x81\x05hello"


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Server]]:
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(running_program(PROGRAM.format(name))) for name in PROGRAMS
        }
        for server in running.values():
            await_port(server)
        yield running
        for name, server in running.items():
            assert server.is_up, name
            # uvicorn writes what it does there, and warnings about what its clients do.
            wrong = re.search("Traceback|ERROR", server.complaints)
            assert not (wrong if name == "asgi_app" else server.complaints), server.complaints


@pytest.fixture(params=PROGRAMS)
def name(request: pytest.FixtureRequest) -> str:
    assert isinstance(request.param, str)
    return request.param


@pytest.fixture
def server(name: str, servers: dict[str, Server]) -> Server:
    return servers[name]


def ask(connection: socket.socket, request: bytes) -> tuple[bytes, list[bytes]]:
    """The status line of an answer, and its fields in lower case; its body is read past."""
    connection.sendall(request)
    received = b""
    while b"\r\n\r\n" not in received:
        octets = connection.recv(65536)
        assert octets, received
        received += octets
    head, _, body = received.partition(b"\r\n\r\n")
    status_line, *fields = head.split(b"\r\n")
    fields = [each.lower() for each in fields]
    length = next((int(each[16:]) for each in fields if each.startswith(b"content-length: ")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return status_line, fields


def assert_426(answer: tuple[bytes, list[bytes]]) -> None:
    status_line, fields = answer
    assert status_line == b"HTTP/1.1 426 Upgrade Required"
    assert {b"upgrade: websocket", b"connection: upgrade", b"sec-websocket-version: 13"} <= set(
        fields
    )


def test_a_plain_get_of_the_chat_is_answered_with_a_conforming_426(server: Server) -> None:
    with server.connect() as connection:
        for _ in range(2):  # on the same connection
            assert_426(ask(connection, b"GET /chat HTTP/1.1\r\nHost: a\r\n\r\n"))


@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
def test_another_path_is_the_ordinary_servers(name: str, server: Server, method: bytes) -> None:
    with server.connect() as connection:
        connection.sendall(method + b" / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        received = b""
        while octets := connection.recv(65536):
            received += octets
    status = b"426" if name == "socket_echo" else b"200"
    assert received.startswith(b"HTTP/1.1 " + status)
    assert method == b"GET" or received.endswith(b"\r\n\r\n")


def test_a_method_that_makes_a_tunnel_is_not_answered_with_200(server: Server) -> None:
    with server.connect() as connection:
        status_line, _ = ask(connection, b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n")
    assert status_line[:10] == b"HTTP/1.1 4"


def test_a_body_that_comes_in_two_reads_costs_no_connection(server: Server) -> None:
    post = b"POST /chat HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello"
    with server.connect() as connection:
        assert_426(ask(connection, post))
        assert_426(ask(connection, b"world" + b"GET /chat HTTP/1.1\r\nHost: a\r\n\r\n"))


def test_a_real_client_gets_back_what_it_sends(server: Server) -> None:
    with connect(f"ws://{HOST}:{server.port}/chat", proxy=None) as websocket:
        for message in ("hello", b"\0\xff", "x" * 100_000):
            websocket.send(message)
            assert websocket.recv(PATIENCE) == message
        assert websocket.ping().wait(PATIENCE)
    assert websocket.close_code == 1000


def test_octets_right_after_the_handshake_are_not_lost(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(HANDSHAKE + HELLO + HELLO[:4])
        received = b""
        while received.count(HELLO_BACK) < 1:
            octets = connection.recv(65536)
            assert octets, received
            received += octets
        assert received.startswith(b"HTTP/1.1 101 ")
        assert received.endswith(b"\r\n\r\n" + HELLO_BACK)
        connection.sendall(HELLO[4:])
        assert connection.recv(65536) == HELLO_BACK


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"", id="no frame at all"),
        pytest.param(HELLO[:4], id="half a frame"),
        pytest.param(b"\x81\x05hello", id="a frame that is not masked"),
        pytest.param(b"\xff" * 100, id="no frame that there is"),
        pytest.param(b"\x88\x80\0\0\0\0" * 2, id="two close frames"),
        pytest.param(b"\x89\x80\0\0\0\0" + HELLO, id="a ping and a message"),
    ],
)
def test_a_websocket_that_ends_somehow_breaks_nothing(server: Server, octets: bytes) -> None:
    with server.connect() as connection:
        connection.sendall(HANDSHAKE + octets)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass
    assert server.is_up


@pytest.mark.parametrize("length", [0, 1, 20, len(HANDSHAKE) - 1])
def test_half_a_head_and_the_end_break_nothing(server: Server, length: int) -> None:
    with server.connect() as connection:
        connection.sendall(HANDSHAKE[:length])
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass
    with server.connect() as connection:
        assert_426(ask(connection, b"GET /chat HTTP/1.1\r\nHost: a\r\n\r\n"))


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"\x16\x03\x01\0\0\r\n\r\n", id="TLS"),
        pytest.param(b"G@T\r\n\r\n", id="not a request line"),
        pytest.param(b"\0" * 100, id="NUL"),
    ],
)
def test_what_is_no_http_breaks_nothing(server: Server, octets: bytes) -> None:
    with server.connect() as connection:
        connection.sendall(octets)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass
    assert server.is_up
