"""Servers that others wrote, on loopback, for applications behind middleware; and their client.

Each listens before it runs, so that nobody has to wait for it.
"""

import asyncio
import http.client
import io
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import WSGIApplication

import h2.connection
import h2.events
import hypercorn.asyncio
import hypercorn.config
import psutil  # type: ignore[import-untyped]
import uvicorn

from httpupgrade.adapters.asgi import ASGIApplication

HOST = "127.0.0.1"
TIMEOUT = 20.0
GET = b"GET %b HTTP/1.1\r\nHost: a.example\r\n\r\n"
KEY = b"dGhlIHNhbXBsZSBub25jZQ=="


def handshake(path: bytes, *lines: bytes) -> bytes:
    """A WebSocket's, with these lines for Connection and Upgrade."""
    fields = b"".join(line + b"\r\n" for line in lines)
    return (
        b"GET %b HTTP/1.1\r\nHost: a.example\r\n%bSec-WebSocket-Key: %b\r\n"
        b"Sec-WebSocket-Version: 13\r\n\r\n" % (path, fields, KEY)
    )


# --- Servers ------------------------------------------------------------------------------------


@contextmanager
def running(work: Callable[[], object]) -> Iterator[None]:
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join(TIMEOUT)
        assert not thread.is_alive()


@contextmanager
def uvicorn_serving(
    app: ASGIApplication, *, http: Literal["h11", "httptools"], **settings: Any
) -> Iterator[int]:
    config = uvicorn.Config(
        app, http=http, log_config=None, log_level="critical", loop="asyncio", **settings
    )
    server = uvicorn.Server(config)
    with closing(socket.create_server((HOST, 0))) as listening:
        port = listening.getsockname()[1]
        with running(partial(server.run, sockets=[listening])):
            try:
                yield port
            finally:
                server.should_exit = True


@contextmanager
def hypercorn_serving(app: ASGIApplication, **settings: Any) -> Iterator[int]:
    config = hypercorn.config.Config()
    config.errorlog = config.accesslog = None
    config.graceful_timeout = 0.1
    for name, value in settings.items():
        setattr(config, name, value)
    listening = socket.create_server((HOST, 0))
    port = listening.getsockname()[1]
    config.bind = [f"fd://{listening.detach()}"]  # hypercorn closes it
    loop, ended = asyncio.new_event_loop(), asyncio.Event()

    def serve() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(
                hypercorn.asyncio.serve(app, config, shutdown_trigger=ended.wait, mode="asgi")  # type: ignore[arg-type]
            )

    with running(serve):
        try:
            yield port
        finally:
            loop.call_soon_threadsafe(ended.set)


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def get_stderr(self) -> Any:
        return io.StringIO()


@contextmanager
def wsgiref_serving(app: WSGIApplication) -> Iterator[int]:
    with WSGIServer((HOST, 0), _Quiet) as server:
        server.set_app(app)
        with running(server.serve_forever):
            try:
                yield server.server_address[1]
            finally:
                server.shutdown()


@contextmanager
def gunicorn_serving(app: str, *options: str) -> Iterator[int]:
    """``app`` is a module of the tests and a name in it, joined by a colon."""
    here = Path(__file__).parent
    with closing(socket.create_server((HOST, 0))) as listening:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", f"--bind=fd://{listening.fileno()}",
             "--log-level=critical", "--graceful-timeout=1", *options, app],
            cwd=here,
            pass_fds=[listening.fileno()],
        )  # fmt: skip
        try:
            yield listening.getsockname()[1]
        finally:
            process.terminate()
            process.wait(TIMEOUT)


def connections_of(port: int) -> list[object]:
    """The server's ends of its connections, in this process and in those that it has started."""
    here = psutil.Process()
    return [
        each
        for process in (here, *here.children(recursive=True))
        for each in process.net_connections("tcp")
        if each.laddr.port == port and each.status != psutil.CONN_LISTEN
    ]


# How a socket closes: at once with a FIN, or with a reset.
FIN = struct.pack("ii", 0, 0)
RST = struct.pack("ii", 1, 0)


def leave(client: "Client", ending: bytes) -> None:
    """Close the connection in this way."""
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ending)
    client.socket.close()


def assert_nothing_is_left(port: int) -> None:
    """The server has closed all its connections, or does so soon."""
    deadline = time.monotonic() + TIMEOUT
    while connections_of(port):
        assert time.monotonic() < deadline, connections_of(port)
        time.sleep(0.01)


# --- Clients ------------------------------------------------------------------------------------


class Answer(NamedTuple):
    """A response as a client reads it."""

    status: int
    headers: dict[str, list[str]]
    body: bytes

    def tokens(self, name: str) -> list[str]:
        return [each.strip() for value in self.headers.get(name, []) for each in value.split(",")]


class Client:
    """A connection of HTTP/1.1."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), TIMEOUT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(self, octets: bytes) -> Answer:
        self.socket.sendall(octets)
        return self.read(octets.partition(b" ")[0].decode())

    def read(self, method: str = "GET") -> Answer:
        response = http.client.HTTPResponse(self.socket, method=method)
        with closing(response):
            response.begin()
            headers: dict[str, list[str]] = {}
            for name, value in response.getheaders():
                headers.setdefault(name.lower(), []).append(value)
            return Answer(response.status, headers, response.read())

    def ended(self) -> bool:
        """Whether the server ends the connection, and says no more."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True


def read_responses(client: Client, count: int) -> list[Answer]:
    """Several answers with a Content-Length each, which may come in one segment."""
    found: list[Answer] = []
    buffer = b""
    while len(found) < count:
        head, blank, rest = buffer.partition(b"\r\n\r\n")
        lines = [line.split(b": ", 1) for line in head.split(b"\r\n")[1:]] if blank else []
        headers = {name.decode().lower(): [value.decode()] for name, value in lines}
        length = int(headers["content-length"][0]) if blank else 0
        if not blank or len(rest) < length:
            received = client.socket.recv(65536)
            assert received, "the server closed"
            buffer += received
            continue
        found.append(Answer(int(head[9:12]), headers, rest[:length]))
        buffer = rest[length:]
    assert buffer == b""
    return found


def ask(port: int, octets: bytes) -> Answer:
    with Client(port) as client:
        return client.ask(octets)


def ask_octet_by_octet(port: int, octets: bytes) -> Answer:
    """The same, in as many segments as there are octets."""
    with Client(port) as client:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in octets:
            client.socket.sendall(bytes((octet,)))
        return client.read(octets.partition(b" ")[0].decode())


def ask_http2(port: int, method: str, path: str, body: bytes = b"") -> Answer:
    """Over HTTP/2, with prior knowledge."""
    connection = h2.connection.H2Connection()
    connection.initiate_connection()
    authority = [(":method", method), (":path", path), (":scheme", "http"), (":authority", "a")]
    fields = [*authority, ("content-length", str(len(body)))] if body else authority
    connection.send_headers(1, fields, end_stream=not body)
    if body:
        connection.send_data(1, body, end_stream=True)
    headers: dict[str, list[str]] = {}
    content = b""
    with closing(socket.create_connection((HOST, port), TIMEOUT)) as wire:
        while True:
            wire.sendall(connection.data_to_send())
            for event in connection.receive_data(wire.recv(65536)):
                match event:
                    case h2.events.ResponseReceived():
                        for name, value in event.headers or []:
                            headers.setdefault(bytes(name).decode(), []).append(
                                bytes(value).decode()
                            )
                    case h2.events.DataReceived():
                        content += event.data or b""
                    case h2.events.StreamEnded():
                        return Answer(int(headers.pop(":status")[0]), headers, content)
                    case _:
                        pass


def send_10_megabytes(port: int, path: bytes) -> int | None:
    """The answer's status to a field this long, None where the connection was cut instead."""
    with Client(port) as client, suppress(ConnectionError, http.client.HTTPException):
        with suppress(ConnectionError):
            client.socket.sendall(b"GET %b HTTP/1.1\r\nHost: a.example\r\nX: " % path)
            for _ in range(160):
                client.socket.sendall(b"x" * 65536)
            client.socket.sendall(b"\r\n\r\n")
        return client.read().status
    return None
