"""The examples, run against servers on loopback."""

import asyncio
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Coroutine
from contextlib import closing, suppress
from functools import partial
from typing import Any, Literal

import pytest
from demo.connection import HttpConnection, Site
from demo.roles import echo
from demo.server import HOST, Wire, listen
from demo.tls import Certificates, SecureLayer
from demo.transcript import Transcript
from examples.follow_426 import MOST_STEPS, SUPPORTED, Answer, Client

from httpupgrade import (
    TLS,
    CustomProtocol,
    OrdinaryResponse,
    Policy,
    RequestInfo,
    Switched,
    UpgradeRequired,
    WebSocket,
    WebSocketAgreement,
)
from httpupgrade.offers import ClientOffer
from tools.test_docs import ROOT, code_blocks

FOLLOW_426 = ROOT / "docs" / "examples" / "follow_426.py"
CHAT = WebSocket(["chat"])
SECURE = TLS("1.3", "1.2")

Work = Callable[[int], Coroutine[Any, Any, Any]]


async def served(policy: Policy | None, work: Work, certificates: Certificates) -> Any:
    """What comes of some work, given the port of a server that wants this wherever it is asked."""
    beginning = Policy(SECURE)  # RFC 2817 3.2: clients begin TLS with OPTIONS *

    def policy_for(info: RequestInfo) -> Policy | None:
        return beginning if info.head.target == b"*" else policy

    site = Site(policy_for, echo, partial(SecureLayer, certificates.for_server()))
    async with listen(lambda: Wire(HttpConnection(site, Transcript()), lambda: None)) as port:
        return await work(port)


def follow(
    policy: Policy | None, supported: tuple[ClientOffer, ...] = SUPPORTED
) -> tuple[Answer, list[str]]:
    """What the client that follows a 426 comes to, and what it said on the way."""
    said: list[str] = []
    certificates = Certificates(HOST)

    async def work(port: int) -> Answer:
        url, context = f"http://{HOST}:{port}/chat", certificates.for_client(newest=True)
        with closing(Client(url, context, supported, said.append)) as client:
            return await asyncio.to_thread(client.follow)

    return asyncio.run(served(policy, work, certificates)), _in_short(said)


def _in_short(said: list[str]) -> list[str]:
    """Without what advice is made of."""
    return [line.partition("(")[0] for line in said]


def test_a_websocket_is_asked_for_where_one_is_required() -> None:
    answer, said = follow(Policy(CHAT, mode="required"))
    assert isinstance(answer.event, Switched)
    assert isinstance(answer.event.agreement, WebSocketAgreement)
    assert answer.event.agreement.subprotocol == "chat"
    assert said == ["> GET /chat HTTP/1.1", "= Retry", "> GET /chat HTTP/1.1"]


def test_a_new_connection_is_made_where_the_old_one_closes() -> None:
    answer, said = follow(Policy(CHAT, mode="required", close="always"))
    assert isinstance(answer.event, Switched)
    assert said == ["> GET /chat HTTP/1.1", "= Retry", "> GET /chat HTTP/1.1"]


@pytest.mark.parametrize("close", ["auto", "always"])
def test_tls_is_begun_in_place_and_a_websocket_inside(close: Literal["auto", "always"]) -> None:
    answer, said = follow(Policy(SECURE, CHAT, mode="required", close=close))
    assert isinstance(answer.event, Switched)
    # Whoever has to connect anew begins TLS again.
    again = ["> OPTIONS * HTTP/1.1"] if close == "always" else []
    assert said == [
        "> GET /chat HTTP/1.1",
        "= UseTLS",
        "> OPTIONS * HTTP/1.1",
        "> GET /chat HTTP/1.1",
        "= Retry",
        *again,
        "> GET /chat HTTP/1.1",
    ]


def test_tls_alone_has_the_request_answered_inside() -> None:
    answer, said = follow(Policy(SECURE, mode="required"))
    assert isinstance(answer.event, OrdinaryResponse)
    assert answer.data == b"hello\n"
    assert said == [
        "> GET /chat HTTP/1.1",
        "= UseTLS",
        "> OPTIONS * HTTP/1.1",
        "> GET /chat HTTP/1.1",
    ]


def test_whoever_requires_nothing_is_asked_once() -> None:
    answer, said = follow(None)
    assert isinstance(answer.event, OrdinaryResponse)
    assert (answer.event.head.status_code, answer.data) == (200, b"hello\n")
    assert said == ["> GET /chat HTTP/1.1"]


def test_where_nothing_is_in_common_the_426_is_the_end_of_it() -> None:
    answer, said = follow(Policy(CustomProtocol("irc/6.9"), mode="required"))
    assert isinstance(answer.event, UpgradeRequired)
    assert b"irc/6.9" in answer.data
    asked, reason = said
    assert asked == "> GET /chat HTTP/1.1"
    assert "protocols that this client does not speak" in reason


@pytest.mark.parametrize("close", ["auto", "always"])
def test_the_client_of_the_readme_opens_a_websocket(close: Literal["auto", "always"]) -> None:
    (block,) = [each for each in code_blocks(ROOT / "README.md") if "def open_chat" in each]
    namespace: dict[str, Any] = {"__name__": "example"}
    exec(compile(block, "README.md", "exec"), namespace)

    async def work(port: int) -> Switched:
        def connect() -> socket.socket:
            return socket.create_connection((HOST, port), 10)

        opened = await asyncio.to_thread(namespace["open_chat"], connect, b"a.example")
        connection, event, octets = opened
        connection.close()
        assert isinstance(event, Switched)
        assert octets == b""
        return event

    policy = Policy(CHAT, mode="required", close=close)
    event = asyncio.run(served(policy, work, Certificates(HOST)))
    assert event.agreement.subprotocol == "chat"
    with pytest.raises(ConnectionError, match="no WebSocket here: NothingInCommon"):
        asyncio.run(
            served(Policy(CustomProtocol("tcp"), mode="required"), work, Certificates(HOST))
        )


def test_the_example_is_a_program() -> None:
    async def work(port: int) -> tuple[bytes, bytes, int | None]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(FOLLOW_426),
            f"http://{HOST}:{port}/chat",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        stdout, stderr = await process.communicate()
        return stdout, stderr, process.returncode

    policy = Policy(CHAT, mode="required")
    stdout, stderr, status = asyncio.run(served(policy, work, Certificates(HOST)))
    assert (stderr, status) == (b"", 0)
    assert stdout.decode().splitlines() == [
        "> GET /chat HTTP/1.1",
        (
            "= Retry(offer=WebSocket(<1 subprotocol>, versions=(13,)), "
            "token=UpgradeToken('websocket'), reconnect=False)"
        ),
        "> GET /chat HTTP/1.1",
        "= 101",
    ]


LISTED = b"HTTP/1.1 426 \r\nConnection: upgrade\r\nContent-Length: 0\r\nUpgrade: "
TO_8 = b"HTTP/1.1 400 \r\nSec-WebSocket-Version: 8\r\nContent-Length: 0\r\n\r\n"


def follow_script(
    *answers: bytes, supported: tuple[ClientOffer, ...]
) -> tuple[Answer, list[bytes]]:
    """What the client comes to at a server that gives these answers, and the requests it made."""
    requests: list[bytes] = []

    async def run() -> Answer:
        ended = asyncio.Event()

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(asyncio.IncompleteReadError):  # the client has enough
                for octets in answers:
                    requests.append(await reader.readuntil(b"\r\n\r\n"))
                    writer.write(octets)
            writer.close()
            await writer.wait_closed()
            ended.set()

        async with await asyncio.start_server(answer, HOST, 0) as server:
            port = server.sockets[0].getsockname()[1]
            context = Certificates(HOST).for_client()
            url = f"http://{HOST}:{port}/?room=1"
            with closing(Client(url, context, supported, lambda _: None)) as client:
                answered = await asyncio.to_thread(client.follow)
            await ended.wait()
            return answered

    return asyncio.run(run()), requests


def test_another_version_is_asked_for_where_the_first_is_refused() -> None:
    both = WebSocket(versions=(13, 8))
    listed = LISTED + b"websocket\r\n\r\n"
    answer, requests = follow_script(listed, TO_8, TO_8, supported=(both,))
    assert isinstance(answer.event, OrdinaryResponse)  # of version 8 as well
    assert [re.findall(rb"Version: (\d+)", each) for each in requests] == [[], [b"13"], [b"8"]]
    assert all(each.startswith(b"GET /?room=1 HTTP/1.1\r\n") for each in requests)


def test_a_server_that_leads_nowhere_is_not_followed_for_ever() -> None:
    supported = (WebSocket(), CustomProtocol("tcp"))
    round_and_round = [LISTED + token + b"\r\n\r\n" for token in (b"websocket", b"tcp")] * 9
    answer, requests = follow_script(*round_and_round, supported=supported)
    assert isinstance(answer.event, UpgradeRequired)
    assert len(requests) == 1 + MOST_STEPS


def test_the_client_that_follows_begins_in_the_clear() -> None:
    with pytest.raises(ValueError, match="begins in the clear"):
        Client(f"https://{HOST}/", Certificates(HOST).for_client())
