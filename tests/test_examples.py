"""The examples, run against servers on loopback."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Coroutine
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest
from demo.connection import HttpConnection, Site
from demo.roles import echo
from demo.server import HOST, Wire, listen
from demo.tls import Certificates, SecureLayer
from demo.transcript import Transcript
from examples.follow_426 import Answer, Client

from httpupgrade import (
    TLS,
    Declined,
    Policy,
    RequestHead,
    Switched,
    Token,
    UpgradeRequired,
    WebSocket,
    WebSocketAgreement,
)

FOLLOW_426 = Path(__file__).parent.parent / "docs" / "examples" / "follow_426.py"
CHAT = WebSocket(["chat"])
SECURE = TLS("1.3", "1.2")

Work = Callable[[int], Coroutine[Any, Any, Any]]


async def served(policy: Policy | None, work: Work, certificates: Certificates) -> Any:
    """What comes of some work, given the port of a server that wants this wherever it is asked."""
    beginning = Policy(SECURE)  # RFC 2817 3.2: clients begin TLS with OPTIONS *

    def policy_for(head: RequestHead) -> Policy | None:
        return beginning if head.target == b"*" else policy

    site = Site(policy_for, echo, partial(SecureLayer, certificates.for_server()))
    async with listen(lambda: Wire(HttpConnection(site, Transcript()), lambda: None)) as port:
        return await work(port)


def follow(policy: Policy | None) -> tuple[Answer, list[str]]:
    """What the client that follows a 426 comes to, and what it said on the way."""
    said: list[str] = []
    certificates = Certificates(HOST)

    async def work(port: int) -> Answer:
        url, context = f"http://{HOST}:{port}/chat", certificates.for_client(newest=True)
        with closing(Client(url, context, said.append)) as client:
            return await asyncio.to_thread(client.follow)

    return asyncio.run(served(policy, work, certificates)), said


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
    assert isinstance(answer.event, Declined)
    assert answer.data == b"hello\n"
    assert said == [
        "> GET /chat HTTP/1.1",
        "= UseTLS",
        "> OPTIONS * HTTP/1.1",
        "> GET /chat HTTP/1.1",
    ]


def test_whoever_requires_nothing_is_asked_once() -> None:
    answer, said = follow(None)
    assert isinstance(answer.event, Declined)
    assert (answer.event.head.status_code, answer.data) == (200, b"hello\n")
    assert said == ["> GET /chat HTTP/1.1"]


def test_where_nothing_is_in_common_the_426_is_the_end_of_it() -> None:
    answer, said = follow(Policy(Token("irc/6.9"), mode="required"))
    assert isinstance(answer.event, UpgradeRequired)
    assert b"irc/6.9" in answer.data
    assert said == ["> GET /chat HTTP/1.1", "= NothingInCommon"]


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
        "= Retry",
        "> GET /chat HTTP/1.1",
        "= Switched",
    ]
