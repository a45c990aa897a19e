"""HTTP archives, as Chromium and Firefox save them."""

import base64
import json
from typing import Any, Final

import pytest

from httpupgrade import ResponseHead
from httpupgrade.cli.exits import CommandError
from httpupgrade.cli.explain.exchange import Exchange
from httpupgrade.cli.explain.har import read_har
from httpupgrade.diagnosis import NoAnswer

KEY: Final = {"name": "Sec-WebSocket-Key", "value": "dGhlIHNhbXBsZSBub25jZQ=="}
ACCEPT: Final = {"name": "Sec-WebSocket-Accept", "value": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="}
SENT: Final = [
    {"name": "Host", "value": "server.example"},
    {"name": "Connection", "value": "keep-alive, Upgrade"},
    {"name": "Upgrade", "value": "websocket"},
    {"name": "Sec-WebSocket-Version", "value": "13"},
    KEY,
]
SWITCHED: Final = {
    "status": 101,
    "statusText": "Switching Protocols",
    "httpVersion": "HTTP/1.1",
    "headers": [
        {"name": "Upgrade", "value": "websocket"},
        {"name": "Connection", "value": "Upgrade"},
        ACCEPT,
    ],
    "content": {"size": 0, "mimeType": "x-unknown"},
}


def entry(url: str = "wss://server.example/chat?token=s3cr3t", **members: Any) -> dict[str, Any]:
    request = {"method": "GET", "url": url, "httpVersion": "HTTP/1.1", "headers": SENT}
    return {"request": request, "response": SWITCHED, **members}


def read(*entries: object) -> tuple[list[Exchange], list[str]]:
    complaints: list[str] = []
    data = json.dumps({"log": {"entries": entries}}).encode()
    return list(read_har("p.har", data, complaints.append)), complaints


def read_one(given: object) -> Exchange:
    (exchange,), complaints = read(given)
    assert complaints == []
    return exchange


def test_a_websocket_of_firefox_is_read() -> None:
    exchange = read_one(entry())
    assert exchange.name == "p.har, entry 1: GET wss://server.example/chat"
    assert exchange.request is not None
    assert exchange.request.target == b"/chat?token=s3cr3t"
    assert exchange.request.get_all(b"connection") == (b"keep-alive, Upgrade",)
    assert isinstance(exchange.response, ResponseHead)
    assert exchange.response.status_code == 101
    assert exchange.secure
    assert exchange.has_key
    assert not exchange.opened
    assert exchange.recorded_by == "client"
    assert exchange.notes == ()


def test_a_websocket_of_chromium_has_messages_and_may_lack_its_response() -> None:
    exchange = read_one(
        entry(
            _resourceType="websocket",
            _webSocketMessages=[{"type": "receive", "time": 1.5, "opcode": 1, "data": "hi"}],
            response={"status": 0, "statusText": "", "httpVersion": "", "headers": []},
        )
    )
    assert exchange.opened
    assert exchange.response is None


def test_what_the_archive_leaves_out_of_a_handshake_is_filled_in_and_noted() -> None:
    request = {"method": "GET", "url": "ws://server.example", "httpVersion": "http/1.1"}
    exchange = read_one({"request": request, "response": SWITCHED})
    assert exchange.request is not None
    assert exchange.request.target == b"/"
    assert exchange.request.headers[0] == (b"Host", b"server.example")
    assert exchange.request.get_all(b"upgrade") == (b"websocket",)
    assert not exchange.has_key
    assert not exchange.secure
    (note,) = exchange.notes
    assert note == (
        "the archive leaves out Upgrade, Connection, Sec-WebSocket-Version, Sec-WebSocket-Key,"
        " which every browser sends"
    )
    exchange = read_one(entry() | {"request": request | {"headers": [KEY]}})
    assert exchange.has_key
    assert len(exchange.notes) == 1


def test_nothing_is_filled_into_ordinary_requests() -> None:
    request = {"method": "GET", "url": "https://me:pw@server.example/a", "headers": []}
    exchange = read_one({"request": request, "response": {"status": 200}})
    assert exchange.name == "p.har, entry 1: GET https://server.example/a"
    assert exchange.request is not None
    assert exchange.request.headers == ((b"Host", b"server.example"),)


@pytest.mark.parametrize(
    ("version", "headers"),
    [
        ("h2", []),
        ("HTTP/2", [{"name": "Host", "value": "server.example"}]),
        ("http/2.0", [{"name": ":path", "value": "/"}]),
        ("", [{"name": ":method", "value": "GET"}, {"name": ":authority", "value": "a"}]),
    ],
)
def test_http2_may_have_pseudo_header_fields_or_none(
    version: str, headers: list[dict[str, str]]
) -> None:
    request = {"method": "GET", "url": "https://server.example/", "httpVersion": version}
    response = {
        "status": 426,
        "httpVersion": version,
        "headers": [{"name": ":status", "value": "426"}],
    }
    exchange = read_one({"request": request | {"headers": headers}, "response": response})
    assert exchange.request is not None
    assert exchange.request.http_version == b"2.0"
    assert exchange.fields is not None
    assert {b":method", b":scheme", b":authority", b":path"} <= {
        name for name, _ in exchange.fields
    }
    assert isinstance(exchange.response, ResponseHead)
    assert exchange.response.headers == ()
    assert exchange.response.http_version == b"2.0"


def test_http3_is_told_from_http2() -> None:
    request = {"method": "GET", "url": "https://a/", "httpVersion": "h3"}
    exchange = read_one({"request": request, "response": {"status": 200}})
    assert exchange.request is not None
    assert exchange.request.http_version == b"3.0"


def test_values_that_chromium_joins_are_taken_apart() -> None:
    joined = {"name": "Set-Cookie", "value": "a=1\nb=2"}
    exchange = read_one(entry(response={"status": 200, "headers": [joined]}))
    assert isinstance(exchange.response, ResponseHead)
    assert exchange.response.get_all(b"set-cookie") == (b"a=1", b"b=2")


@pytest.mark.parametrize(
    ("content", "octets"),
    [
        ({"text": "No \u00e9"}, "No \u00e9".encode()),
        ({"text": base64.b64encode(b"\x00No").decode(), "encoding": "base64"}, b"\x00No"),
        ({"text": "A", "encoding": "base64"}, b""),
        ({}, b""),
        (None, b""),
        ({"text": None}, b""),
    ],
)
def test_content_is_text_or_base64(content: object, octets: bytes) -> None:
    assert read_one(entry(response={"status": 426, "content": content})).content == octets


@pytest.mark.parametrize(
    ("members", "answer"),
    [
        ({"response": {"status": 0, "_error": "net::ERR_EMPTY_RESPONSE"}}, NoAnswer.CLOSED),
        ({"response": {"status": 0}, "_error": "net::ERR_CONNECTION_RESET"}, NoAnswer.CLOSED),
        ({"response": {"status": 0, "_error": "net::ERR_TIMED_OUT"}}, NoAnswer.SILENT),
        ({"response": {"status": 0, "_error": "net::ERR_ABORTED"}}, None),
        ({"response": {"status": None}}, None),
        ({"response": None}, None),
    ],
)
def test_a_response_may_be_missing(members: dict[str, Any], answer: object) -> None:
    assert read_one(entry(**members)).response is answer


@pytest.mark.parametrize(
    ("told", "answer"),
    [
        ("Error during WebSocket handshake: Unexpected response code: 426", 426),
        ("Error in connection establishment: net::ERR_CONNECTION_RESET", NoAnswer.CLOSED),
        ("Error during WebSocket handshake: Unexpected response code: 4260", None),
        ("WebSocket is closed before the connection is established", None),
    ],
)
def test_chromium_tells_of_a_handshake_that_failed_in_a_message(told: str, answer: object) -> None:
    message = {"type": "error", "time": 1.5, "opcode": -1, "data": told}
    exchange = read_one(entry(response={"status": 0}, _webSocketMessages=[message]))
    assert not exchange.opened
    response = exchange.response
    if isinstance(response, ResponseHead):
        assert response.status_code == answer
        assert exchange.notes == (
            "the archive has the status of the response alone, and none of its fields",
        )
    else:
        assert response is answer
        assert exchange.notes == ()


@pytest.mark.parametrize(
    "given",
    [
        entry("data:text/plain,hi"),
        entry("blob:https://a/1"),
        entry("https://server.example/aborted", response={"status": 0}),
        {},
        None,
        [],
        {"request": 1},
        entry("https://server.example/", response={"status": True}),
        entry("https://server.example/", response={"status": 2e2}),
    ],
)
def test_what_is_no_exchange_is_left_out(given: object) -> None:
    assert read(given) == ([], [])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (entry("wss://[server/chat"), "Invalid IPv6 URL"),
        (entry(response={"status": 42}), "status_code is not a status code of three digits: 42"),
        (entry(response={"status": 200, "headers": [{"name": "a b", "value": ""}]}), ""),
    ],
)
def test_an_entry_that_cannot_be_read_is_said_and_the_others_are_read(
    given: object, message: str
) -> None:
    exchanges, (complaint,) = read(given, entry())
    assert complaint.startswith(f"p.har, entry 1: {message}")
    assert [each.name for each in exchanges] == ["p.har, entry 2: GET wss://server.example/chat"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{", "p.har cannot be read as JSON: "),
        (b'{"\xff": 1}', "p.har cannot be read as JSON: "),
        (b'{"a": ' + b"1" * 5000 + b"}", "p.har cannot be read as JSON: "),
        (b"[" * 100_000, "p.har is JSON that is nested too deeply"),
        (b"[]", "p.har is JSON, but not a HAR: it has no log.entries"),
        (b'{"log": 1}', "p.har is JSON, but not a HAR: it has no log.entries"),
        (b'{"log": {"entries": {}}}', "p.har is JSON, but not a HAR: it has no log.entries"),
    ],
)
def test_what_is_no_archive_is_said(data: bytes, message: str) -> None:
    with pytest.raises(CommandError) as raised:
        list(read_har("p.har", data, pytest.fail))
    assert str(raised.value).startswith(message)
