"""Devices that are known to be wrong, let in by each adapter."""

import asyncio
from typing import Any

import h11
import pytest
from asyncio_stage import Stage, serve, statuses
from loopback import connected, run
from negotiation.test_prepare_head import CHARGER, CHARGERS, REQUIRED, let_chargers_in, with_fields
from serving_uvicorn import IMPLEMENTATIONS, serving
from wire import ACCEPT, FRAME, plain

from adapters import test_asgi as asgi
from adapters import test_wsgi as wsgi
from adapters.test_uvicorn import Echo
from httpupgrade import (
    Accept101,
    AcceptConnect,
    Policy,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
    WebSocket,
)
from httpupgrade.adapters.asgi import UpgradeMiddleware as ASGIMiddleware
from httpupgrade.adapters.h11 import H11Negotiator
from httpupgrade.adapters.uvicorn import AutoProtocol
from httpupgrade.adapters.wsgi import DECISION
from httpupgrade.adapters.wsgi import UpgradeMiddleware as WSGIMiddleware

ACCEPTED = b"\r\nSec-WebSocket-Accept: %b\r\n" % ACCEPT
BARE = CHARGER.replace(b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n", b"")
"""The same charger, which also leaves out Upgrade and the version."""


def let_bare_chargers_in(info: RequestInfo) -> RequestHead:
    head = info.head
    if head.has(b"upgrade") or not head.path.startswith(b"/CP"):
        return let_chargers_in(info)
    fields = [
        *head.headers,
        (b"Upgrade", b"websocket"),
        (b"Connection", b"Upgrade"),
        (b"Sec-WebSocket-Version", b"13"),
    ]
    return RequestHead(head.method, head.target, fields)


def parse_anew(info: RequestInfo) -> RequestHead:
    return RequestHead.parse(let_bare_chargers_in(info).to_bytes())


# --- asyncio ------------------------------------------------------------------------------------


def test_asyncio_lets_a_charger_in_and_names_its_peer() -> None:
    infos: list[RequestInfo] = []

    def prepare_head(info: RequestInfo) -> RequestHead:
        infos.append(info)
        return let_chargers_in(info)

    answer = serve(Stage(policy=CHARGERS, prepare_head=prepare_head), CHARGER + b"early")
    assert statuses(answer) == [101]
    assert ACCEPTED in answer
    assert answer.endswith(b"\r\n\r\n<>early<end>")
    (info,) = infos
    assert isinstance(info.peer, tuple)
    assert info.peer[0] == "127.0.0.1"
    assert info.secure is False


def test_asyncio_passes_on_what_was_received() -> None:
    def add(info: RequestInfo) -> RequestHead:
        return RequestHead(info.head.method, info.head.target, [*info.head.headers, (b"X", b"1")])

    stage = Stage(policy=lambda info: None, prepare_head=add)
    octets = plain(b"Content-Length: 5", line=b"POST / HTTP/1.1", body=b"hello") + plain()
    assert statuses(serve(stage, octets)) == [200, 200]
    (ordinary,) = stage.ordinaries
    assert ordinary.seen == octets


def test_asyncio_answers_500_when_it_fails() -> None:
    def fail(info: RequestInfo) -> RequestHead:
        raise RuntimeError("it fails")

    expect = ["the policy has failed: RuntimeError"]
    stage = Stage(policy=CHARGERS, prepare_head=fail)
    assert statuses(serve(stage, CHARGER, end=False, expect=expect)) == [500]


# --- uvicorn ------------------------------------------------------------------------------------


@pytest.mark.parametrize("http", IMPLEMENTATIONS)
@pytest.mark.parametrize("ws", ["websockets-sansio", "wsproto"])
@pytest.mark.parametrize(
    ("octets", "prepare"),
    [
        (CHARGER, let_chargers_in),
        (BARE, let_bare_chargers_in),
        (BARE, parse_anew),
    ],
    ids=["no option", "no offer", "parsed anew"],
)
def test_uvicorn_gets_the_mended_handshake_of_a_charger(
    http: type[AutoProtocol], ws: str, octets: bytes, prepare: Any
) -> None:
    class Chargers(http):  # type: ignore[misc,valid-type]
        def prepare_head(self, info: RequestInfo) -> RequestHead:
            assert info.peer is not None
            charges = info.head.path.startswith(b"/CP")
            head: RequestHead = prepare(info) if charges else super().prepare_head(info)
            return head

        def policy(self, info: RequestInfo) -> Policy | None:
            return CHARGERS if info.head.path.startswith(b"/CP") else None

    async def work() -> bytes:
        async with serving(Chargers, ws=ws) as port, connected(port) as client:
            client.send(plain() + octets + FRAME)
            return await client.until(b"Hello")

    answer = run(work)
    assert statuses(answer) == [200, 101]
    assert ACCEPTED in answer
    assert answer.endswith(b"\x81\x05Hello")


@pytest.mark.parametrize("websockets", ["app", "switch"])
def test_uvicorn_lets_a_charger_in_wherever_its_websocket_goes(websockets: Any) -> None:
    class Chargers(AutoProtocol):
        def prepare_head(self, info: RequestInfo) -> RequestHead:
            return let_chargers_in(info)

        def policy(self, info: RequestInfo) -> Policy:
            return CHARGERS

        def switch(self, accept: Accept101) -> asyncio.BaseProtocol:
            return Echo()

    Chargers.websockets = websockets

    async def work() -> bytes:
        async with serving(Chargers) as port, connected(port) as client:
            client.send(CHARGER + FRAME)
            return await client.until(b"\r\n\r\n")

    answer = run(work)
    assert statuses(answer) == [101]
    assert ACCEPTED in answer


def test_uvicorn_refuses_a_charger_by_default() -> None:
    class Chargers(AutoProtocol):
        def policy(self, info: RequestInfo) -> Policy:
            return CHARGERS

    async def work() -> bytes:
        async with serving(Chargers) as port, connected(port) as client:
            client.send(CHARGER)
            return await client.rest()

    assert statuses(run(work)) == [426]


# --- h11 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("octets", "prepare"), [(CHARGER, let_chargers_in), (BARE, let_bare_chargers_in)]
)
def test_h11_lets_a_charger_in(octets: bytes, prepare: Any) -> None:
    infos: list[RequestInfo] = []

    def prepare_head(info: RequestInfo) -> RequestHead:
        infos.append(info)
        head: RequestHead = prepare(info)
        return head

    driver = H11Negotiator(CHARGERS, peer="a charger", prepare_head=prepare_head, secure=True)
    driver.receive_data(octets + FRAME)
    accept = driver.next_event()
    assert isinstance(accept, Accept101)
    assert [each.code for each in accept.findings] == ["head-prepared"]
    assert ACCEPTED in driver.send(accept)
    assert driver.trailing_data == FRAME
    assert driver.next_event() is h11.PAUSED
    (info,) = infos
    assert (info.peer, info.secure) == ("a charger", True)


def test_h11_passes_on_and_refuses_what_was_received() -> None:
    driver = H11Negotiator(CHARGERS, prepare_head=let_chargers_in)
    driver.receive_data(plain())
    assert isinstance(driver.next_event(), Require426)
    other = H11Negotiator(lambda info: None, prepare_head=let_chargers_in)
    other.receive_data(CHARGER)
    event = other.next_event()
    assert isinstance(event, h11.Request)
    assert all(name != b"connection" for name, _ in event.headers)
    assert other.passed is not None
    assert [each.code for each in other.passed.findings] == ["head-prepared"]


# --- ASGI ---------------------------------------------------------------------------------------

WITHOUT_OPTION = [field for field in asgi.GOOD if field[0] != b"connection"]


class Adding:
    """Adds fields to every head, and remembers what it was given."""

    def __init__(self, *fields: tuple[bytes, bytes]) -> None:
        self.fields = fields
        self.infos: list[RequestInfo] = []

    def __call__(self, info: RequestInfo) -> RequestHead:
        self.infos.append(info)
        return with_fields(info.head, *self.fields)


OPTION = (b"Connection", b"Upgrade")


def test_asgi_judges_the_mended_head_and_passes_the_scope_as_it_was() -> None:
    adding = Adding(OPTION)
    told: list[Any] = []
    scope = asgi.scope_of(headers=WITHOUT_OPTION, client=("192.0.2.7", 5), scheme="https")
    seen: list[RequestHead] = []

    def policy(info: RequestInfo) -> Policy:
        seen.append(info.head)
        return Policy(WebSocket())

    exchange = asgi.Exchange().serve(
        scope, policy, prepare_head=adding, on_decision=lambda each, info: told.append(each)
    )
    (info,) = adding.infos
    assert (info.peer, info.secure) == (("192.0.2.7", 5), True)
    assert [head.has(b"connection") for head in seen] == [True]
    passed = exchange.decision
    assert passed.head is info.head
    assert [each.code for each in passed.findings] == ["switch-not-possible", "head-prepared"]
    assert told == [passed]
    (served,) = exchange.seen
    assert served["headers"] == WITHOUT_OPTION


def test_asgi_refuses_as_the_mended_head_deserves() -> None:
    scope = asgi.scope_of(headers=WITHOUT_OPTION)
    assert asgi.Exchange().serve(scope, REQUIRED).status == 426
    exchange = asgi.Exchange().serve(scope, REQUIRED, prepare_head=Adding(OPTION))
    assert exchange.status == 501


@pytest.mark.parametrize(("version", "closes"), [("1.1", True), ("2", False)])
def test_asgi_closes_where_it_does_for_what_was_received(version: str, closes: bool) -> None:
    """HTTP/2 has no field for that."""
    headers = [*asgi.PLAIN, (b"connection", b"close")]
    scope = asgi.scope_of(headers=headers, http_version=version)
    adding = Adding((b"Connection", b""))
    fields = asgi.Exchange().serve(scope, REQUIRED, prepare_head=adding).fields
    assert (b"close" in fields.get(b"connection", b"")) is closes


@pytest.mark.parametrize("version", ["1.1", "2"])
def test_asgi_mends_the_handshake_of_a_websocket(version: str) -> None:
    policy = Policy(WebSocket(origins=["file://"]))
    headers = [*asgi.PLAIN, (b"origin", b"file:///app/"), (b"sec-websocket-version", b"13")]
    scope = asgi.scope_of(
        type="websocket", scheme="ws", headers=headers, http_version=version, client=("a", 1)
    )
    told: list[Any] = []

    def serve(**options: Any) -> asgi.Exchange:
        exchange = asgi.Exchange({"type": "websocket.connect"})
        return exchange.serve(
            scope, policy, on_decision=lambda each, info: told.append(each), **options
        )

    assert serve().sent == [{"type": "websocket.close"}]
    adding = Adding((b"Origin", b"file://"))
    (seen,) = serve(prepare_head=adding).seen
    assert seen["headers"] == headers
    refused, accepted = told
    assert isinstance(refused, Reject)
    assert isinstance(accepted, Accept101 if version == "1.1" else AcceptConnect)
    assert [each.code for each in accepted.findings] == ["head-prepared"]
    assert [info.peer for info in adding.infos] == [("a", 1)]


@pytest.mark.parametrize("middleware", [ASGIMiddleware, WSGIMiddleware])
def test_a_middleware_takes_a_plain_function(middleware: Any) -> None:
    async def prepare_head(info: RequestInfo) -> RequestHead:
        return info.head

    with pytest.raises(TypeError, match="prepare_head is a function"):
        middleware(None, REQUIRED, prepare_head=prepare_head)


# --- WSGI ---------------------------------------------------------------------------------------


def test_wsgi_hands_a_mended_handshake_to_who_can_switch() -> None:
    environ = wsgi.environ_of(**wsgi.GOOD, REMOTE_ADDR="192.0.2.7")
    del environ["HTTP_CONNECTION"]
    handed: list[Any] = []

    def switch(environ: Any, start_response: Any) -> list[bytes]:
        handed.append(environ[DECISION])
        return []

    wsgi.Exchange(dict(environ), REQUIRED, switch=switch)
    assert handed == []
    adding = Adding(OPTION)
    wsgi.Exchange(environ, REQUIRED, switch=switch, prepare_head=adding)
    (accept,) = handed
    assert isinstance(accept, Accept101)
    assert [each.code for each in accept.findings] == ["head-prepared"]
    assert [info.peer for info in adding.infos] == [("192.0.2.7", None)]
    assert "HTTP_CONNECTION" not in environ


def test_wsgi_passes_on_what_was_received() -> None:
    environ = wsgi.environ_of(HTTP_X="1")
    wsgi.Exchange(environ, Policy(WebSocket()), prepare_head=Adding((b"x", b"2")))
    passed = environ[DECISION]
    assert passed.head.get(b"x") == b"1"
    assert [each.code for each in passed.findings][-1] == "head-prepared"
    assert environ["HTTP_X"] == "1"


# --- What is no head ------------------------------------------------------------------------------


def never_asked(info: RequestInfo) -> RequestHead:
    raise AssertionError("there is no head")


@pytest.mark.parametrize(("policy", "passes"), [(REQUIRED, False), (Policy(WebSocket()), True)])
def test_what_is_no_head_is_not_prepared_and_the_policy_holds(policy: Policy, passes: bool) -> None:
    environ = wsgi.environ_of(**wsgi.BAD)
    gateway = wsgi.Exchange(environ, policy, prepare_head=never_asked)
    assert gateway.status == ("200 OK" if passes else "400 Bad Request")
    exchange = asgi.Exchange().serve(asgi.BAD, policy, prepare_head=never_asked)
    assert bool(exchange.seen) is passes
