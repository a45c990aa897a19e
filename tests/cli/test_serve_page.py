"""The page of ``httpupgrade serve``."""

import asyncio
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from cli_serving import ask, ask_all, serving

import httpupgrade
from httpupgrade import RequestHead, decide
from httpupgrade.cli.serve.endpoints import (
    ENDPOINTS,
    Endpoint,
    Parts,
    Places,
    policies_by_path,
)
from httpupgrade.cli.serve.roles import Request
from httpupgrade.cli.serve.server import Server
from httpupgrade.cli.serve.site import Over, Site, code_of


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


PAGE = Path(httpupgrade.__file__).parent / "cli/serve/page"
PLACES = Places("127.0.0.1:1", "127.0.0.1:2", '/tmp/<&">/roots.pem')


def page_of(places: Places) -> str:
    answer = Site(places, Parts(tls=True, http2=True), None).answer(
        Over.CLEARTEXT, Request(b"GET", b"/", (), b"")
    )
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
    script = (PAGE / "page.js").read_text(encoding="utf-8")
    assert "textContent" in script
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script)


@pytest.mark.parametrize(
    ("path", "media_type"), [("/style.css", b"text/css"), ("/page.js", b"text/javascript")]
)
def test_what_the_page_is_made_of(path: str, media_type: bytes) -> None:
    answer = ask(path)
    assert (answer.status_code, answer.headers[b"content-type"]) == (200, media_type)
    assert answer.headers[b"x-content-type-options"] == b"nosniff"


# --- What the page asks for ----------------------------------------------------------------------

NONCE = "0123456789abcdef" * 2


def test_the_page_is_told_what_the_server_saw() -> None:
    async def visit(server: Server) -> Any:
        probed = f"/required?httpupgrade-probe={NONCE}"
        requests = [("GET", probed, ()), ("GET", f"/required?httpupgrade-arrived={NONCE}", ())]
        _, answer = await ask_all(server.places.plain, requests)
        assert answer.headers[b"content-type"] == b"application/json"
        assert b"httpupgrade-behind" not in answer.headers
        return json.loads(answer.body)

    (told,) = serving(visit)["arrived"]
    assert told["octets"].startswith(f"GET /required?httpupgrade-probe={NONCE} HTTP/1.1\r\n")
    assert told["answer"] == "426 (upgrade-missing)"
    assert told["diagnosis"]["verdict"] == "refused"
    assert told["text"].isascii()
    assert told["body"].startswith("426 Upgrade Required\n")
    assert told["diagnosis"]["summary"] in " ".join(told["text"].split())


def test_the_page_is_told_of_a_request_that_was_never_whole() -> None:
    async def visit(server: Server) -> Any:
        reader, writer = await asyncio.open_connection(*server.places.plain.split(":"))
        writer.write(f"GET /?httpupgrade-probe={NONCE} HTTP/1.1\r\nHos".encode())
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
        question = ("GET", f"/?httpupgrade-arrived={NONCE}", ())
        (answer,) = await ask_all(server.places.plain, [question])
        return json.loads(answer.body)

    (told,) = serving(visit)["arrived"]
    assert told["answer"] == "ended before it was whole"
    assert "diagnosis" not in told


# --- The code that it shows ----------------------------------------------------------------------

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: %b\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Protocol: chat.v1, chat.v2\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate\r\n%b\r\n"
)
REQUESTS = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    HANDSHAKE % (b"websocket", b"Host: localhost\r\n"),
    HANDSHAKE % (b"websocket", b"Host: elsewhere\r\n"),
    HANDSHAKE % (b"websocket", b"Host: localhost\r\nOrigin: http://localhost\r\n"),
    HANDSHAKE % (b"websocket", b"Host: localhost\r\nOrigin: http://elsewhere\r\n"),
    HANDSHAKE % (b"TLS/1.2, h2c", b"Host: localhost\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"),
)


@pytest.mark.parametrize("hosts", [["127.0.0.1", "localhost"], None])
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.target)
def test_the_code_is_that_of_the_policy(endpoint: Endpoint, hosts: list[str] | None) -> None:
    code = endpoint.code.replace("{hosts}", code_of(hosts))
    names: dict[str, Any] = {}
    exec(code, names)
    shown = names["policy"]
    real = policies_by_path(Parts(tls=True, http2=True), hosts)[endpoint.path.encode()]
    assert shown.mode == real.mode == endpoint.mode
    assert code.count(f'mode="{endpoint.mode}"') == 1
    for request in REQUESTS:
        head = RequestHead.parse(request)
        assert decide(head, shown) == decide(head, real)
