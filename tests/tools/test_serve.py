"""The server of ``make serve``: each endpoint, its page, and how it begins and ends."""

import asyncio
import io
import logging
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, TypeVar

import pytest
from demo.clients import PlainStream, ask_for_http2
from demo.http1 import Answer, Http1Client
from demo.roles import Request
from demo.tls import SecureClient
from interop.servers import noting
from interop.visits import Errand, Visit, Wish
from serve.console import Console
from serve.endpoints import BY_PATH, ENDPOINTS, HOST, Places
from serve.server import PortError, Server, listen
from serve.site import Over, Site
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

T = TypeVar("T")
BEGIN_TLS = b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2\r\n\r\n"
ROOT = Path(__file__).resolve().parents[2]
HANDSHAKE = (
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
)


def serving(visit: Callable[[Server], Awaitable[T]]) -> T:
    """What comes of a visit; the server raises nothing meanwhile."""

    async def main() -> T:
        raised: list[str] = []
        async with asyncio.timeout(30):
            with noting(raised):
                async with listen(0) as server:
                    came = await visit(server)
        assert raised == []
        return came

    return asyncio.run(main())


def insecure() -> ssl.SSLContext:
    """Believes everybody: what ``curl -k`` and a browser's visitor do."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def ask_all(
    address: str,
    requests: Sequence[tuple[str, str, Sequence[tuple[str, str]]]],
    context: ssl.SSLContext | None = None,
) -> list[Answer]:
    """The answers to requests, one after the other over one connection."""
    host, _, port = address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), ssl=context)
    stream = PlainStream(address, reader, writer)
    answers = []
    try:
        for method, target, fields in requests:
            client = Http1Client(address)
            await stream.write(b"".join(client.ask(method, target, fields)))
            while (answer := client.receive(await stream.read())) is None:
                pass
            answers.append(answer)
    finally:
        writer.close()
        await writer.wait_closed()
    return answers


def ask(target: str, *fields: tuple[str, str], method: str = "GET", secure: bool = False) -> Answer:
    async def visit(server: Server) -> Answer:
        address = server.places.secure if secure else server.places.plain
        context = insecure() if secure else None
        (answer,) = await ask_all(address, [(method, target, fields)], context)
        return answer

    return serving(visit)


# --- Ordinary requests ---------------------------------------------------------------------------

WEBSOCKET_REQUIRED = {b"upgrade": b"websocket", b"connection": b"upgrade"}


@pytest.mark.parametrize("secure", [False, True], ids=["cleartext", "TLS"])
@pytest.mark.parametrize(
    ("target", "status_code", "fields", "content"),
    [
        ("/required", 426, WEBSOCKET_REQUIRED, b"served over websocket only"),
        ("/reviewed", 426, WEBSOCKET_REQUIRED, b"served over websocket only"),
        ("/reviewed?token=open-sesame", 426, WEBSOCKET_REQUIRED, b"served over websocket only"),
        ("/optional", 200, {}, b"Who asks for a WebSocket"),
        ("/advertise", 200, WEBSOCKET_REQUIRED, b"whose Upgrade field"),
        ("/report", 200, {}, b"refused so far: 1."),
        ("/h2c", 200, {}, b"An ordinary answer."),
        ("/nowhere", 404, {}, b"Nothing is here"),
    ],
)
def test_an_ordinary_request(
    target: str, status_code: int, fields: dict[bytes, bytes], content: bytes, secure: bool
) -> None:
    answer = ask(target, secure=secure)
    assert answer.status_code == status_code
    assert {name: answer.headers.get(name) for name in WEBSOCKET_REQUIRED} == {
        name: fields.get(name) for name in WEBSOCKET_REQUIRED
    }
    assert content in answer.body
    if status_code == 426:
        assert answer.headers[b"sec-websocket-version"] == b"13"
    else:
        assert b"HTTP/1.1 inside TLS" in answer.body if secure else b"HTTP/1.1." in answer.body


def test_tls_is_required_until_it_is_there() -> None:
    required = ask("/tls")
    assert required.status_code == 426
    assert required.headers[b"upgrade"] == b"TLS/1.3, TLS/1.2, HTTP/1.1"
    inside = ask("/tls", secure=True)
    assert (inside.status_code, inside.body.startswith(b"What only TLS carries.")) == (200, True)


def test_what_is_reported_is_counted_and_a_websocket_is_not() -> None:
    async def visit(server: Server) -> list[bytes]:
        requests = [("GET", "/report", ())] * 2 + [("HEAD", "/report", ()), ("GET", "/report", ())]
        answers = await ask_all(server.places.plain, requests)
        await ask_all(server.places.plain, [("GET", "/report", HANDSHAKE)])
        answers += await ask_all(server.places.plain, [("GET", "/report", ())])
        return [answer.body for answer in answers]

    counted = [re.findall(rb"so far: (\d+)", body) for body in serving(visit)]
    assert counted == [[b"1"], [b"2"], [], [b"4"], [b"5"]]


def test_there_are_only_things_to_get() -> None:
    refused = ask("/optional", method="DELETE")
    assert (refused.status_code, refused.headers[b"allow"]) == (405, b"GET, HEAD, OPTIONS")
    assert ask("/optional", method="OPTIONS").status_code == 200


# --- WebSockets ----------------------------------------------------------------------------------

OPEN = ["/required", "/optional", "/advertise", "/report", "/reviewed?token=open-sesame"]


@pytest.mark.parametrize("secure", [False, True], ids=["ws", "wss"])
def test_a_websocket_echoes(secure: bool) -> None:
    async def talk(url: str, context: ssl.SSLContext | None) -> tuple[object, ...]:
        subprotocols = [Subprotocol("chat.v1"), Subprotocol("chat.v2")]
        async with connect(url, ssl=context, proxy=None, subprotocols=subprotocols) as socket:
            await socket.send("hello")
            await socket.send(b"\0\1")
            echoes = await socket.recv(), await socket.recv()
            await socket.close()
        return *echoes, socket.subprotocol, socket.close_code

    async def visit(server: Server) -> list[tuple[object, ...]]:
        base = f"wss://{server.places.secure}" if secure else f"ws://{server.places.plain}"
        return [await talk(base + target, insecure() if secure else None) for target in OPEN]

    assert serving(visit) == [("hello", b"\0\1", "chat.v2", 1000)] * len(OPEN)


@pytest.mark.parametrize(
    ("target", "origin", "status_code"),
    [
        ("/reviewed", None, 401),
        ("/reviewed?token=", None, 401),
        ("/reviewed?token=open-sesam%C3%A9", None, 401),
        ("/required", "https://example.com", 403),
        ("/tls", None, 426),
        ("/h2c", None, 200),
    ],
)
def test_a_websocket_does_not_open(target: str, origin: str | None, status_code: int) -> None:
    async def visit(server: Server) -> int:
        url = f"ws://{server.places.plain}{target}"
        with pytest.raises(InvalidStatus) as refused:
            await connect(url, proxy=None, origin=None if origin is None else Origin(origin))
        return refused.value.response.status_code

    assert serving(visit) == status_code


def test_who_is_refused_by_the_review_is_told_how_to_ask() -> None:
    answer = ask("/reviewed", *HANDSHAKE)
    assert answer.status_code == 401
    assert answer.headers[b"www-authenticate"].startswith(b"Bearer ")
    assert b"?token=open-sesame" in answer.body


def test_a_name_that_somebody_else_gave_this_machine_opens_nothing() -> None:
    async def visit(server: Server) -> bytes:
        reader, writer = await asyncio.open_connection(*server.places.plain.split(":"))
        lines = ["GET /required HTTP/1.1", "Host: rebound.example"]
        lines += [f"{name}: {value}" for name, value in HANDSHAKE]
        writer.write("\r\n".join((*lines, "", "")).encode())
        status_line = await reader.readline()
        writer.close()
        await writer.wait_closed()
        return status_line

    assert serving(visit) == b"HTTP/1.1 403 Forbidden\r\n"


# --- HTTP/2 and TLS by Upgrade -------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/h2c", "/"])
def test_http2_is_for_who_asks(path: str) -> None:
    async def visit(server: Server) -> dict[int, tuple[int, bytes]]:
        reader, writer = await asyncio.open_connection(*server.places.plain.split(":"))
        stream = PlainStream(server.places.plain, reader, writer)
        switched = await ask_for_http2(stream, "GET", path)
        writer.close()
        await writer.wait_closed()
        streams = switched.streams.items()
        return {number: (answer.status_code, answer.body) for number, answer in streams}

    streams = serving(visit)
    assert [(number, answer[0]) for number, answer in streams.items()] == [(1, 200), (3, 200)]
    content = b"This came over HTTP/2." if path == "/h2c" else b"<title>"
    assert all(content in body for _, body in streams.values())


@pytest.mark.parametrize("path", [path.decode() for path in BY_PATH if path != b"*"])
def test_http2_leads_round_no_requirement(path: str) -> None:
    site = Site(Places("a:1", "a:2", "/roots"))
    required = BY_PATH[path.encode()].mode == "required"
    answer = site.answer(Over.HTTP2, Request(b"GET", path.encode(), (), b""))
    assert answer.status_code == (404 if required else 200)


def test_tls_begins_by_upgrade_and_what_asked_for_it_is_answered_inside() -> None:
    async def visit(server: Server) -> tuple[str, list[tuple[str, bool]]]:
        context = ssl.create_default_context(cafile=server.places.roots)
        port = int(server.places.plain.partition(":")[2])
        run = Visit(Errand((Wish.TLS,), target=b"/tls"), port, lambda: SecureClient(context, HOST))
        outcome = await run.run()
        return outcome, [(seen.decision, seen.secure) for seen in run.seen]

    outcome, seen = serving(visit)
    assert outcome == "200, body 'What only TLS carries. This came over HTTP/1.1 inside TLS.'"
    assert seen[1:] == [("101 TLS/1.3", False), ("200", True), ("200", True)]


def test_the_certificate_of_https_vouches_for_nothing_that_begins_in_the_clear() -> None:
    async def visit(server: Server) -> None:
        context = ssl.create_default_context(cafile=server.places.roots)
        with pytest.raises(ssl.SSLCertVerificationError):
            await ask_all(server.places.secure, [("GET", "/tls", ())], context)

    serving(visit)


def test_a_handshake_that_fails_ends_its_connection_and_no_other() -> None:
    async def visit(server: Server) -> bytes:
        reader, writer = await asyncio.open_connection(*server.places.plain.split(":"))
        writer.write(BEGIN_TLS)
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await reader.read()  # an alert, perhaps, and the end
        writer.close()
        await writer.wait_closed()
        (answer,) = await ask_all(server.places.plain, [("GET", "/optional", ())])
        assert answer.status_code == 200
        return head

    assert serving(visit).startswith(b"HTTP/1.1 101 ")


# --- The page ------------------------------------------------------------------------------------


class Elements(HTMLParser):
    """The elements of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def values(self, name: str) -> list[str | None]:
        return [attributes[name] for _, attributes in self.elements if name in attributes]


PLACES = Places("127.0.0.1:1", "127.0.0.1:2", '/tmp/<&">/roots.pem')


def page_of(places: Places) -> str:
    answer = Site(places).answer(Over.CLEARTEXT, Request(b"GET", b"/", (), b""))
    return answer.body.decode()


def test_the_page_has_a_section_for_each_endpoint() -> None:
    elements = Elements(page_of(PLACES))
    assert elements.values("data-target") == [endpoint.target for endpoint in ENDPOINTS]
    ids = elements.values("id")
    assert len(ids) == len(set(ids))
    assert set(elements.values("aria-labelledby")) <= set(ids)


def test_the_page_brings_nothing_from_elsewhere() -> None:
    links = set(Elements(page_of(PLACES)).values("src") + Elements(page_of(PLACES)).values("href"))
    own = {"/page.js", "/style.css", "data:,"}
    assert links == own | {f"http://{PLACES.plain}/", f"https://{PLACES.secure}/"}


def test_what_is_put_into_the_page_is_text() -> None:
    page = page_of(PLACES)
    assert "/tmp/&lt;&amp;&quot;&gt;/roots.pem" in page
    assert PLACES.roots not in page
    assert "$" not in page


def test_a_script_of_nobody_else_runs_in_the_page() -> None:
    answer = ask("/")
    policy = answer.headers[b"content-security-policy"].decode().split("; ")
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'"} <= set(policy)
    assert "unsafe" not in " ".join(policy)
    elements = Elements(answer.body.decode()).elements
    assert [each for tag, each in elements if tag == "script" and "src" not in each] == []
    assert not {name for _, each in elements for name in each if name.startswith(("on", "style"))}


def test_what_servers_send_never_becomes_markup() -> None:
    script = (ROOT / "docs/serve/page/page.js").read_text(encoding="utf-8")
    assert "textContent" in script
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script)


@pytest.mark.parametrize(
    ("path", "media_type"), [("/style.css", b"text/css"), ("/page.js", b"text/javascript")]
)
def test_what_the_page_is_made_of(path: str, media_type: bytes) -> None:
    answer = ask(path)
    assert (answer.status_code, answer.headers[b"content-type"]) == (200, media_type)
    assert answer.headers[b"x-content-type-options"] == b"nosniff"


# --- Its end -------------------------------------------------------------------------------------


def test_whatever_is_open_ends_with_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serve.server._HANDSHAKE", 300.0)

    async def main() -> tuple[Path, list[bytes]]:
        async with asyncio.timeout(60):  # a handshake may take longer
            async with listen(0) as server:
                roots = Path(server.places.roots)
                assert roots.exists()
                plain = server.places.plain.split(":")
                secure = server.places.secure.split(":")
                half = await asyncio.open_connection(*plain)
                half[1].write(b"GET / HTTP/1.1\r\nHost:")
                idle = await asyncio.open_connection(*secure, ssl=insecure())
                idle[1].write(b"GET /optional HTTP/1.1\r\nHost: a\r\n\r\n")
                await idle[0].readuntil(b"TLS.\n")
                silent = await asyncio.open_connection(*secure)
                switching = await asyncio.open_connection(*plain)
                switching[1].write(BEGIN_TLS)
                await switching[0].readuntil(b"\r\n\r\n")
                url = f"ws://{server.places.plain}/required"
                socket = await connect(url, proxy=None, ping_interval=None)
            await socket.wait_closed()
            ends = []
            for reader, writer in (half, idle, silent, switching):
                try:
                    ends.append(await reader.read())
                except OSError:
                    ends.append(b"")
                writer.transport.abort()
            assert asyncio.all_tasks() == {asyncio.current_task()}
        return roots, ends

    roots, ends = asyncio.run(main())
    assert not roots.parent.exists()
    assert ends == [b""] * 4


def two_ports() -> int:
    """A free port in front of a free one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind((HOST, 0))
            port: int = first.getsockname()[1]
            try:
                second.bind((HOST, port + 1))
            except (OSError, OverflowError):
                continue
            return port


@pytest.mark.parametrize("taken", [0, 1])
def test_a_port_that_is_taken_is_named_and_the_other_one_is_let_go(taken: int) -> None:
    port = two_ports()

    async def main() -> str:
        with pytest.raises(PortError) as refused:
            async with listen(port):
                raise AssertionError
        return str(refused.value)

    with socket.create_server((HOST, port + taken)):
        assert asyncio.run(main()) == f"port {port + taken}: Address already in use"
        with socket.create_server((HOST, port + 1 - taken)):
            pass


# --- The program ---------------------------------------------------------------------------------


def start(*arguments: str) -> tuple[Any, ...]:
    """How the Makefile does it, every warning an error."""
    return sys.executable, "-X", "dev", "-W", "error", "-m", "serve", *arguments


ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name not in ("COLUMNS", "FORCE_COLOR")},
    "PYTHONPATH": str(ROOT / "docs"),
    "PYTHONUNBUFFERED": "1",
}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_runs_until_it_is_told_to_stop(number: signal.Signals) -> None:
    async def main() -> tuple[int, list[str], str]:
        process = await asyncio.create_subprocess_exec(
            *start("--port", "0"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=ENVIRONMENT,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            async with asyncio.timeout(30):
                lines = [(await process.stdout.readline()).decode().rstrip()]
                while not lines[-1].startswith("Ctrl-C"):
                    lines.append((await process.stdout.readline()).decode().rstrip())
                address = lines[0].removeprefix("http://").removesuffix("/")
                async with connect(f"ws://{address}/required", proxy=None):
                    lines.append((await process.stdout.readline()).decode().rstrip())
                    process.send_signal(number)
                    lines.append((await process.stdout.read()).decode().rstrip())
                status = await process.wait()
                return status, lines, (await process.stderr.read()).decode()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    status, lines, errors = asyncio.run(main())
    assert (status, errors) == (0, "")
    assert re.fullmatch(r"127\.0\.0\.1:\d+ GET /required: 101 websocket", lines[-2])
    assert lines[-1] == "Stopped."


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        start(*arguments),
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
        env=ENVIRONMENT,
    )


def test_a_port_that_is_taken_is_one_line_that_says_what_to_type() -> None:
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
        ran = run("--port", str(port))
    line = f"serve: port {port}: Address already in use; try another one: make serve PORT=8765\n"
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", line)


@pytest.mark.parametrize("port", ["65535", "-1", "http"])
def test_what_is_no_port_is_named(port: str) -> None:
    ran = run(f"--port={port}")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert port in ran.stderr.splitlines()[-1]


def test_commands_are_printed_on_a_line_each_however_narrow_the_terminal() -> None:
    log = io.StringIO()
    Console(log).greet(PLACES)
    lines = log.getvalue().splitlines()
    for endpoint in ENDPOINTS:
        assert f"  {PLACES.fill(endpoint.commands[0])}" in lines


def test_what_a_client_sends_is_no_markup_on_the_terminal() -> None:
    async def visit(server: Server) -> None:
        await ask_all(server.places.plain, [("GET", "/[red]", ())])

    log = io.StringIO()
    console = Console(log)
    logger = logging.getLogger("httpupgrade.asyncio")
    level = logger.level
    logger.addHandler(console)
    logger.setLevel(logging.DEBUG)
    try:
        serving(visit)
    finally:
        logger.removeHandler(console)
        logger.setLevel(level)
    assert log.getvalue().endswith(" GET /[red]: passed\n")
