"""The servers that real clients meet, without the clients."""

import asyncio
import logging

from interop import engine, printer
from interop.playground import play
from interop.servers import Scenario, Seen, Service

from httpupgrade.cli.serve.roles import Connection, Request, Response


def ask(connection: Connection, head: str, body: bytes = b"") -> bytes:
    lines = [*head.split("\n"), f"Content-Length: {len(body)}", "Host: a", "", ""]
    return connection.receive("\r\n".join(lines).encode() + body)


def test_each_decision_is_noted_beside_its_offer() -> None:
    service = Service(Scenario.CHAT)
    connection = service.connect().connection
    assert ask(connection, "GET / HTTP/1.1").startswith(b"HTTP/1.1 426 ")
    assert ask(connection, "GET / HTTP/1.1\nUpgrade: h2c").startswith(b"HTTP/1.1 426 ")
    connection = service.connect().connection
    ask(connection, "GET / HTTP/1.1\nUpgrade: websocket\nConnection: Upgrade\nbroken")
    assert service.seen == [
        Seen("none", "426", secure=False),
        Seen("h2c", "426", secure=False),
        Seen("none", "400", secure=False),
    ]
    assert connection.closed


def test_http2_is_offered_and_not_required() -> None:
    service = Service(Scenario.H2C)
    connection = service.connect().connection
    answer = ask(connection, "GET / HTTP/1.1")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\nhello\n")
    offer = "Connection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMAAABk"
    answer = ask(connection, f"GET / HTTP/1.1\n{offer}")
    assert answer.startswith(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n")
    assert [each.decision for each in service.seen] == ["pass", "101 h2c"]


def test_tls_is_required_in_each_version_that_the_printer_speaks() -> None:
    service = Service(Scenario.PRINT)
    connection = service.connect().connection
    answer = ask(connection, "POST / HTTP/1.1")
    assert answer.startswith(b"HTTP/1.1 426 ")
    assert b"\r\nUpgrade: TLS/1.3, TLS/1.2, HTTP/1.1\r\n" in answer
    answer = ask(connection, "OPTIONS * HTTP/1.1\nConnection: Upgrade\nUpgrade: TLS/1.2,TLS/1.1")
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert [each.decision for each in service.seen] == ["426", "101 TLS/1.2"]


def test_the_engine_runs_a_program_behind_the_switch() -> None:
    service = Service(Scenario.ENGINE)
    connection = service.connect().connection
    assert ask(connection, "HEAD /_ping HTTP/1.1").startswith(b"HTTP/1.1 200 ")
    assert ask(connection, "POST /v1.43/containers/c1/exec HTTP/1.1").endswith(b'{"Id": "e1"}')
    start = "POST /v1.43/exec/e1/start HTTP/1.1\nConnection: Upgrade\nUpgrade: tcp"
    assert ask(connection, start, b'{"Tty": true}').startswith(
        b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n"
        b"Content-Type: application/vnd.docker.raw-stream\r\n"
    )
    assert connection.receive(b"hello") == b"HELLO"
    assert connection.receive(b"") == b""
    assert connection.closed
    assert [each.decision for each in service.seen] == ["pass", "pass", "101 tcp"]


def test_a_program_without_a_terminal_says_which_stream_it_prints_to() -> None:
    program = engine.Shout(b"early", tty=False)
    assert program.begin() == b"\x01\0\0\0\0\0\0\x05EARLY"
    assert program.receive(b"late") == b"\x01\0\0\0\0\0\0\x04LATE"
    assert program.receive(b"") == b""
    assert program.closed


def test_the_engine_knows_no_other_routes() -> None:
    response = engine.answer(Request(b"GET", b"/v1.43/images/json", (), b""))
    assert response.status_code == 404


def test_the_printer_repeats_version_and_request_id() -> None:
    asked = b"\x02\x00\x40\x01\x00\x00\x00\x07"
    response = printer.answer(Request(b"POST", b"/", (), asked))
    assert response.body.startswith(b"\x02\x00\x00\x00\x00\x00\x00\x07\x01\x47\x00\x12")
    assert printer.answer(Request(b"OPTIONS", b"*", (), b"")) == Response(200, (), b"")


def test_what_the_server_of_make_serve_logs_is_what_it_decided() -> None:
    async def main() -> list[Seen]:
        async with asyncio.timeout(30), play() as playground:
            reader, writer = await asyncio.open_connection(playground.host, playground.port)
            for target in ("/required", "/optional", "/report"):
                writer.write(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            writer.write(b"nonsense\r\n\r\n")
            await reader.read()
            writer.close()
            await writer.wait_closed()
        assert playground.raised == []
        return playground.seen

    log = logging.getLogger("httpupgrade.asyncio")
    before = log.level, list(log.handlers)
    assert asyncio.run(main()) == [
        Seen("GET /required", "426", secure=False),
        Seen("GET /optional", "passed", secure=False),
        Seen("GET /report", "passed", secure=False),
        Seen("no request", "400", secure=False),
    ]
    assert (log.level, list(log.handlers)) == before
