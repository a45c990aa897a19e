"""A user's ``Refusal`` holds for every refusal of the adapters.

The second half of the table in ``tests/house/test_every_refusal.py``.
"""

import asyncio
import io
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Literal, NoReturn
from wsgiref.util import setup_testing_defaults

import pytest
from asyncio_stage import Ordinary, Stage
from loopback import answers, connected, listening, run, settled
from refusing import (
    Answer,
    Row,
    each_kind,
    require_as_said,
    require_fields,
    require_no_content,
    the_response,
)
from serving_uvicorn import App, application, port_of, started
from wire import asks_for, handshake, plain

from httpupgrade import (
    Accept101,
    ConnectUDP,
    CustomProtocol,
    Finding,
    Limits,
    Policy,
    Refusal,
    Reject,
    RequestInfo,
    Require426,
    ResponseHead,
    WebSocket,
)
from httpupgrade.adapters import asgi, wsgi
from httpupgrade.adapters.h11 import H11Negotiator
from httpupgrade.adapters.uvicorn import H11Protocol, HttpToolsProtocol

LATE: Final = Finding("late", "this took too long")
Octets = Callable[[bytes], bytes]


def line(method: bytes) -> bytes:
    return method + b" /chat HTTP/1.1"


def ordinary(method: bytes) -> bytes:
    return plain(line=line(method))


def switching(method: bytes) -> bytes:
    return asks_for(b"tcp", line=line(method))


def half_a_head(method: bytes) -> bytes:
    return method + b" /chat HTTP/1.1\r\nHo"


def half_a_body(method: bytes) -> bytes:
    return asks_for(b"tcp", b"Content-Length: 5", line=line(method)) + b"he"


def boom(*_: object) -> NoReturn:
    raise ZeroDivisionError("boom")


# --- asyncio ------------------------------------------------------------------------------------


def policy_with(refusal: Refusal) -> Policy:
    return Policy(CustomProtocol("tcp", body="buffer"), WebSocket(), refusal=refusal)


def by_asyncio(octets: Octets, told: str = "", ordinary: Any = Ordinary, **options: Any) -> Answer:
    """What the protocol answers to these octets."""

    def answer(refusal: Refusal, method: bytes) -> bytes:
        makes = {"policy": policy_with(refusal), "refusal": refusal, **options}
        stage = Stage(ordinary, **makes)

        async def talk() -> bytes:
            async with listening(stage) as port:
                return await answers(port, octets(method), end=False)

        return run(talk, expect=[told] if told else None)

    return answer


async def late(accept: Accept101, info: RequestInfo) -> Accept101:
    await asyncio.sleep(60)
    return accept


async def fails(accept: Accept101, info: RequestInfo) -> Accept101:
    boom()


def none_for(info: RequestInfo) -> None:
    return None


ASYNCIO: Final[Mapping[str, Row]] = {
    "asyncio: half a head": Row(
        408, by_asyncio(half_a_head, head_timeout=0.02), heeds_method=False
    ),
    "asyncio: half a body": Row(408, by_asyncio(half_a_body, head_timeout=0.02)),
    "asyncio: half a head, with a callable": Row(
        408, by_asyncio(half_a_head, head_timeout=0.02, policy=none_for), heeds_method=False
    ),
    "asyncio: the policy fails": Row(
        500, by_asyncio(ordinary, "the policy has failed", policy=boom)
    ),
    "asyncio: the switch fails": Row(
        500, by_asyncio(switching, "the switch has failed", switch=boom)
    ),
    "asyncio: the review fails": Row(
        500, by_asyncio(switching, "the review has failed", review=fails)
    ),
    "asyncio: the review takes too long": Row(
        503, by_asyncio(switching, review=late, review_timeout=0.02)
    ),
    "asyncio: the ordinary server fails": Row(
        500, by_asyncio(ordinary, "the ordinary server has failed", ordinary=boom)
    ),
    "asyncio: handing over fails": Row(
        500, by_asyncio(ordinary, "the ordinary server has failed", hand_over=boom)
    ),
    "asyncio: what is no head, with a callable": Row(
        400, by_asyncio(lambda m: b"\x16\x03\x01", policy=none_for), heeds_method=False
    ),
    "asyncio: open framing, with a callable": Row(
        400,
        by_asyncio(
            lambda m: plain(b"Content-Length: 1", b"Content-Length: 2", line=line(m)),
            policy=none_for,
        ),
    ),
    "asyncio: another HTTP version, with a callable": Row(
        505, by_asyncio(lambda m: plain(line=m + b" / HTTP/2.0"), policy=none_for)
    ),
}


# --- uvicorn ------------------------------------------------------------------------------------

Send = Callable[[dict[str, Any]], Awaitable[None]]


async def closes(scope: Any, receive: Any, send: Send) -> None:
    await send({"type": "websocket.close"})


async def returns(scope: Any, receive: Any, send: Send) -> None:
    await receive()


async def raises(scope: Any, receive: Any, send: Send) -> None:
    boom()


async def waits(scope: Any, receive: Any, send: Send) -> None:
    await receive()
    await receive()


async def denies(scope: Any, receive: Any, send: Send) -> None:
    await send({"type": "websocket.http.response.start", "status": 401, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b"Who are you?"})


def site(refusal_: Refusal, *, chooses: bool, base: Any = HttpToolsProtocol, **members: Any) -> Any:
    """A class for ``--http``. The Refusal is that of its policy, or else that of the class."""

    class Site(base):  # type: ignore[misc]
        def policy(self, info: RequestInfo) -> Policy | None:
            return Policy(WebSocket(), refusal=refusal_) if chooses else None

    if not chooses:
        Site.refusal = refusal_
    for name, value in members.items():
        setattr(Site, name, value)
    return Site


def by_uvicorn(
    octets: Octets, app: App = application, *, chooses: bool = True, ws: str = "auto",
    ends: bool = False, **members: Any,
) -> Answer:  # fmt: skip
    """What uvicorn, with a negotiation in front, answers to these octets."""

    def answer(refusal: Refusal, method: bytes) -> bytes:
        http = site(refusal, chooses=chooses, **members)

        async def work() -> bytes:
            async with started(http, app, ws=ws) as server, connected(port_of(server)) as client:
                client.send(octets(method))
                if ends:
                    await settled(lambda: bool(server.server_state.tasks))
                    for connection in list(server.server_state.connections):
                        connection.shutdown()
                return await client.rest()

        return run(work)

    return answer


def opening(method: bytes) -> bytes:
    return handshake()


def huge(method: bytes) -> bytes:
    return handshake(b"Cookie: a=" + b"b" * 9000)


TAKEN: Final[Mapping[str, Any]] = {"websockets": "app"}
UVICORN: Final[Mapping[str, Row]] = {
    "uvicorn: the library takes no such head": Row(
        431, by_uvicorn(huge, ws="websockets-sansio", chooses=False), heeds_method=False
    ),
    "uvicorn: the same over h11": Row(
        431,
        by_uvicorn(huge, ws="websockets-sansio", chooses=False, base=H11Protocol),
        heeds_method=False,
    ),
    "uvicorn: the application closes": Row(
        403, by_uvicorn(opening, closes, **TAKEN), heeds_method=False
    ),
    "uvicorn: the application closes, by the class": Row(
        403, by_uvicorn(opening, closes, chooses=False, **TAKEN), heeds_method=False
    ),
    "uvicorn: the application returns": Row(
        500, by_uvicorn(opening, returns, **TAKEN), heeds_method=False
    ),
    "uvicorn: the application raises": Row(
        500, by_uvicorn(opening, raises, **TAKEN), heeds_method=False
    ),
    "uvicorn: it ends": Row(
        503, by_uvicorn(opening, waits, ends=True, **TAKEN), heeds_method=False
    ),
    "uvicorn: half a head": Row(
        408, by_uvicorn(half_a_head, chooses=False, head_timeout=0.02), heeds_method=False
    ),
}


# --- h11 ----------------------------------------------------------------------------------------


def driver_of(refusal: Refusal, octets: bytes) -> H11Negotiator:
    offers = CustomProtocol("tcp", body="buffer"), ConnectUDP()
    limits = Limits(max_request_body=8, max_early_data=8, max_header_line=200)
    driver = H11Negotiator(Policy(*offers, mode="required", refusal=refusal), limits=limits)
    if octets:
        driver.receive_data(octets)
    return driver


def by_h11(octets: Octets) -> Answer:
    """What h11, with a negotiation in front, answers to these octets."""

    def answer(refusal: Refusal, method: bytes) -> bytes:
        driver = driver_of(refusal, octets(method))
        event = driver.next_event()
        assert isinstance(event, Require426 | Reject), event
        return driver.send(event)

    return answer


def asked_of_h11(status_code: int, octets: Octets, *, passes: bool = False) -> Answer:
    """What ``refuse()`` makes after these octets."""

    def answer(refusal: Refusal, method: bytes) -> bytes:
        driver = H11Negotiator(none_for, refusal=refusal) if passes else driver_of(refusal, b"")
        driver.receive_data(octets(method) or b"\r\n")
        driver.next_event()
        return driver.send(driver.refuse(status_code, LATE))

    return answer


def udp(method: bytes) -> bytes:
    lines = (b"Connection: Upgrade", b"Upgrade: connect-udp", b"Capsule-Protocol: ?1")
    return plain(*lines, line=b"GET /.well-known/masque/udp/a/1/ HTTP/1.1") + b"early"


H11: Final[Mapping[str, Row]] = {
    "h11: an upgrade is required": Row(426, by_h11(ordinary), closes=False),
    "h11: what h11 cannot read": Row(
        400, by_h11(lambda m: b"\x16\x03\r\n\r\n"), heeds_method=False
    ),
    "h11: controls in a value": Row(400, by_h11(lambda m: plain(b"A: a\x01", line=line(m)))),
    "h11: too long a line": Row(431, by_h11(lambda m: plain(b"A: " + b"a" * 300, line=line(m)))),
    "h11: too long a body": Row(
        413, by_h11(lambda m: asks_for(b"tcp", b"Transfer-Encoding: chunked", line=line(m))
        + b"9\r\n123456789\r\n"),
    ),
    "h11: a broken chunk": Row(
        400,
        by_h11(lambda m: asks_for(b"tcp", b"Transfer-Encoding: chunked", line=line(m)) + b"x\r\n"),
    ),
    "h11: early data that is not taken": Row(400, by_h11(udp), heeds_method=False),
    "h11: 408 before a request": Row(408, asked_of_h11(408, lambda m: b""), heeds_method=False),
    "h11: 408 after half a head": Row(408, asked_of_h11(408, half_a_head), heeds_method=False),
    "h11: 408 after half a body": Row(408, asked_of_h11(408, half_a_body)),
    "h11: 503 in place of an acceptance": Row(503, asked_of_h11(503, switching)),
    "h11: 502 for what passes": Row(502, asked_of_h11(502, ordinary, passes=True), closes=False),
}  # fmt: skip


# --- ASGI and WSGI ------------------------------------------------------------------------------


def written(status_code: int, fields: list[tuple[bytes, bytes]], body: bytes) -> bytes:
    """A response as a server writes it."""
    return ResponseHead(status_code, fields, b"").to_bytes() + body


def scope_of(method: bytes, *fields: tuple[bytes, bytes], version: str, kind: str) -> Any:
    method_if_any = {"method": method.decode()} if kind == "http" else {}
    return {
        **method_if_any,
        "type": kind,
        "http_version": version,
        "scheme": "http",
        "path": "/chat",
        "query_string": b"",
        "headers": [(b"host", b"a"), *fields],
        "extensions": {"websocket.http.response": {}},
    }


def by_asgi(
    *fields: tuple[bytes, bytes],
    version: str = "1.1",
    kind: str = "http",
    mode: Literal["optional", "required"] = "required",
    callable_: bool = False,
) -> Answer:
    """What the middleware for ASGI answers."""

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    def answer(refusal: Refusal, method: bytes) -> bytes:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        policy = Policy(WebSocket(origins=["https://a"]), mode=mode, refusal=refusal)
        source = none_for if callable_ else policy
        middleware = asgi.UpgradeMiddleware(boom, source, refusal=refusal)
        asyncio.run(
            middleware(scope_of(method, *fields, version=version, kind=kind), receive, send)
        )
        start, body = sent
        return written(start["status"], start["headers"], body["body"])

    return answer


GOOD: Final = (
    (b"connection", b"Upgrade"),
    (b"upgrade", b"websocket"),
    (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),
    (b"sec-websocket-version", b"13"),
    (b"origin", b"https://a"),
)
EVIL: Final = (*GOOD[:4], (b"origin", b"https://b"))


def by_wsgi(
    *fields: tuple[bytes, bytes], protocol: str = "HTTP/1.1", callable_: bool = False
) -> Answer:
    """What the middleware for WSGI answers. Its server says whether the connection closes."""

    def answer(refusal: Refusal, method: bytes) -> bytes:
        sent: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> Any:
            sent.append((int(status.split(maxsplit=1)[0]), headers))

        environ: dict[str, Any] = {"SERVER_PROTOCOL": protocol, "HTTP_HOST": "a"}
        environ |= {"REQUEST_METHOD": method.decode(), "wsgi.input": io.BytesIO()}
        for name, value in fields:
            environ["HTTP_" + name.decode().upper().replace("-", "_")] = value.decode("latin-1")
        setup_testing_defaults(environ)
        policy = Policy(WebSocket(origins=["https://a"]), mode="required", refusal=refusal)
        source = none_for if callable_ else policy
        middleware = wsgi.UpgradeMiddleware(boom, source, refusal=refusal)
        body = b"".join(middleware(environ, start_response))
        ((status_code, headers),) = sent
        pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers]
        return written(status_code, pairs, body)

    return answer


MIDDLEWARE: Final[Mapping[str, Row]] = {
    "ASGI: an upgrade is required": Row(426, by_asgi(), closes=False),
    "ASGI: what no head can hold": Row(400, by_asgi((b"a b", b"c")), heeds_method=False),
    "ASGI: the same, with a callable": Row(
        400, by_asgi((b"a b", b"c"), callable_=True), heeds_method=False
    ),
    "ASGI: HTTP/2 has no 426": Row(400, by_asgi(version="2"), closes=False),
    "ASGI: nobody can switch": Row(501, by_asgi(*GOOD)),
    "ASGI: a WebSocket of another Origin": Row(
        403, by_asgi(*EVIL, kind="websocket"), heeds_method=False
    ),
    "ASGI: a WebSocket whose Upgrade is ignored": Row(
        400,
        by_asgi((b"connection", b"@"), *GOOD[1:], kind="websocket", mode="optional"),
        heeds_method=False,
    ),
    "ASGI: a WebSocket over HTTP/2": Row(
        403, by_asgi(*EVIL[3:], kind="websocket", version="2"), closes=False, heeds_method=False
    ),
    "WSGI: an upgrade is required": Row(400, by_wsgi(), closes=False),
    "WSGI: what no head can hold": Row(
        400, by_wsgi((b"a b", b"c")), closes=False, heeds_method=False
    ),
    "WSGI: the same, with a callable": Row(
        400, by_wsgi((b"a b", b"c"), callable_=True), closes=False, heeds_method=False
    ),
    "WSGI: nobody can switch": Row(501, by_wsgi(*GOOD), closes=False),
}

ROWS: Final = {**ASYNCIO, **UVICORN, **H11, **MIDDLEWARE}
rows = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)


@each_kind
@rows
def test_a_refusal_of_an_adapter_is_as_the_user_said(row: Row, kind: str) -> None:
    require_as_said(row, kind)


@each_kind
@rows
def test_an_answer_of_an_adapter_to_head_has_no_content(row: Row, kind: str) -> None:
    require_no_content(row, kind)


def test_a_review_of_asyncio_keeps_its_body_and_gets_the_fields() -> None:
    async def review(accept: Accept101, info: RequestInfo) -> Reject:
        return Reject(401, body=b"Who are you?")

    refusal = Refusal([(b"X-Ours", b"1")], body="empty")
    response = the_response(by_asyncio(switching, review=review)(refusal, b"GET"))
    assert (response.status, response.body) == (401, b"Who are you?")
    require_fields(response)


def test_a_denial_of_an_application_keeps_its_body_and_gets_the_fields() -> None:
    refusal = Refusal([(b"X-Ours", b"1")], body="empty")
    response = the_response(by_uvicorn(opening, denies, **TAKEN)(refusal, b"GET"))
    assert (response.status, response.body) == (401, b"Who are you?")
    require_fields(response)
