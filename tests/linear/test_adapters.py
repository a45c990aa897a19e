"""Adapters read in work that is linear in what arrives; the tables name what they export."""

import ast
import socket
from contextlib import closing
from io import BytesIO
from types import SimpleNamespace
from typing import Any, Final

import pytest
import trio
from core_sources import SOURCES
from counting import counted_library

from linear.families import Fields, Items
from linear.subjects import (
    ASKING,
    LIBRARY,
    Table,
    Work,
    names_of,
    request,
    with_others,
)

TABLE: Final = Table()
REQUIRED: Final = LIBRARY.Policy(LIBRARY.WebSocket(), mode="required")


# --- What a framework's parser has read ---------------------------------------------------------


def _parsed(**parts: Any) -> Any:
    """What h11 makes of a head. Its own checks are left out: they refuse much of it."""
    headers = SimpleNamespace(raw_items=lambda: parts["fields"])
    return SimpleNamespace(headers=headers, http_version=b"1.1", **parts)


@TABLE.of_fields("h11.head_of", "h11.head_of_response")
def _(fields: Fields) -> Work:
    asked = _parsed(fields=with_others(fields, ASKING), method=b"GET", target=b"/")
    answered = _parsed(fields=fields, status_code=200, reason=b"OK")
    of_h11 = counted_library("adapters.h11")
    return lambda: (of_h11.head_of(asked).headers, of_h11.head_of_response(answered).headers)


@TABLE.of("h11.events_of")
def _(items: Items) -> Work:
    refused = LIBRARY.Reject(503, [(b"x-" + item, b"x") for item in items], b"".join(items))
    return lambda: counted_library("adapters.h11").events_of(refused)


def _scope(fields: Fields) -> dict[str, Any]:
    headers = [(name.lower(), value) for name, value in with_others(fields, ASKING)]
    common = {
        "method": "GET",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "headers": headers,
    }
    return {"type": "http", "http_version": "1.1", "scheme": "http", **common}


async def _application(*_: object) -> None:
    """Answers nothing."""


@TABLE.of_fields("asgi.head_of", "asgi.UpgradeMiddleware")
def _(fields: Fields) -> Work:
    scope, of_asgi = _scope(fields), counted_library("adapters.asgi")
    middleware = of_asgi.UpgradeMiddleware(_application, REQUIRED)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        pass

    def work() -> None:
        of_asgi.head_of(scope)
        with pytest.raises(StopIteration):
            middleware(scope, receive, send).send(None)

    return work


@TABLE.of("asgi.UpgradeMiddleware", kind="a body that is drained")
def _(items: Items) -> Work:
    left = [*items, b"x"]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": left.pop(), "more_body": bool(left)}

    async def send(message: dict[str, Any]) -> None:
        pass

    middleware = counted_library("adapters.asgi").UpgradeMiddleware(_application, REQUIRED)

    def work() -> None:
        with pytest.raises(StopIteration):
            middleware(_scope([(b"Upgrade", b"x"), (b"Content-Length", b"9")]), receive, send).send(
                None
            )
        assert not left

    return work


@TABLE.of_fields("wsgi.head_of", "wsgi.sends_upgrade", "wsgi.UpgradeMiddleware")
def _(fields: Fields) -> Work:
    environ: dict[str, Any] = {"REQUEST_METHOD": "GET", "SERVER_PROTOCOL": "HTTP/1.1"}
    environ |= {"PATH_INFO": "/", "wsgi.url_scheme": "http", "wsgi.input": BytesIO()}
    for name, value in with_others(fields, ASKING):
        key = "HTTP_" + name.decode().upper().replace("-", "_")
        earlier = environ.get(key)
        environ[key] = (
            value.decode("latin-1") if earlier is None else f"{earlier}, {value.decode('latin-1')}"
        )
    of_wsgi = counted_library("adapters.wsgi")
    middleware = of_wsgi.UpgradeMiddleware(lambda *_: [], REQUIRED)

    def work() -> None:
        of_wsgi.head_of(environ)
        of_wsgi.sends_upgrade(environ, b"websocket")
        list(middleware(dict(environ), lambda *_: None))

    return work


@TABLE.of("h2.header_list")
def _(items: Items) -> Work:
    head = request([(b"Connection", b", ".join(items)), *names_of(items)])
    return lambda: counted_library("adapters.h2").header_list(head)


# --- What was read before, and is read again ----------------------------------------------------


@TABLE.of("sockets.BufferedSocket")
def _(items: Items) -> Work:
    octets = b"".join(items)

    def work() -> None:
        one, other = socket.socketpair()
        with closing(one), closing(other):
            of_sockets = counted_library("adapters.sockets")
            each = of_sockets.BufferedSocket(one, octets)
            assert b"".join([each.recv(1) for _ in octets]) == octets
            assert of_sockets.BufferedSocket(one, octets).makefile("rb").read(5) == octets[:5]

    return work


@TABLE.of("trio.BufferedReceiveStream")
def _(items: Items) -> Work:
    async def read() -> None:
        stream = counted_library("adapters.trio").BufferedReceiveStream(
            trio.testing.MemoryReceiveStream(), octets
        )
        for octet in octets:
            assert await stream.receive_some(1) == bytes((octet,))

    octets = b"".join(items)
    return lambda: trio.run(read)


test_twice_the_input_is_twice_the_work = TABLE.test()


# --- What is not measured -----------------------------------------------------------------------

_MACHINE: Final = "hands on what arrives to ServerNegotiator"
_SERVERS: Final = "hands on what arrives to asyncio.UpgradeProtocol or to the server's own parser"
_LIBRARIES: Final = "hands on what arrives to the library that it adapts"
_NOTHING: Final = "reads nothing that was received"
NOT_MEASURED: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            *("anyio.negotiate", "asyncio_streams.negotiate", "sockets.negotiate"),
            "trio.negotiate",
        ),
        _MACHINE,
    ),
    **dict.fromkeys(
        (
            *("daphne.UpgradeServer", "gunicorn.ASGIWorker", "hypercorn.UpgradeServer"),
            *("sanic.SanicProtocol", "uvicorn.AutoProtocol", "uvicorn.H11Protocol"),
            *("uvicorn.HttpToolsProtocol", "uvicorn.ZttpProtocol", "uvicorn_http2.HTTP2Protocol"),
            "hypercorn.Mended",
        ),
        _SERVERS,
    ),
    **dict.fromkeys(
        (
            "h2.ExtendedConnectClient",
            "h2.H2CClient",
            "h2.http2",
            "ssl.TLSLayer",
            "wsproto.websocket",
        ),
        _LIBRARIES,
    ),
    **dict.fromkeys(
        (
            *("asyncio.Owner", "asyncio.require_awaitable", "daphne.Command", "h2.Begun"),
            *("h2.StreamAnswer", "h2.StreamData", "h2.StreamFailure", "h2.Upgraded"),
            *("anyio.Options", "asyncio_streams.Options", "sockets.Options", "trio.Options"),
            *("ssl.Carried", "ssl.versions", "wsproto.Connection"),
        ),
        _NOTHING,
    ),
}
_STREAMED: Final = {"h11.H11Negotiator", "asyncio.UpgradeProtocol"}


def _public_names() -> set[str]:
    """The classes and functions of the package that adapters export."""
    defined = {
        node.name
        for room, tree in SOURCES.items()
        if room.startswith("adapters.")
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    }
    return {
        f"{room.removeprefix('adapters.')}.{name}"
        for room, tree in SOURCES.items()
        if room.startswith("adapters.") and "._" not in room
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        for name in ast.literal_eval(node.value)
        if name in defined
    }


def test_each_public_name_is_measured_or_excepted_with_a_reason() -> None:
    measured = TABLE.names | _STREAMED
    assert measured.isdisjoint(NOT_MEASURED)
    assert measured.union(NOT_MEASURED) == _public_names()
