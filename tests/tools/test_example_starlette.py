"""The example of a Starlette application, in the loop of a test and from the command line."""

import asyncio
from typing import Final

import pytest
from examples.starlette_app import Http, app
from loopback import HOST, answers, run
from serving_uvicorn import serving, statuses
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from wire import asks_for, plain, read_responses

CLOSING: Final = b"Connection: close"


def ask(octets: bytes) -> bytes:
    async def work() -> bytes:
        async with serving(Http, app) as port:
            return await answers(port, octets, end=False)

    return run(work)


def test_a_plain_request_for_the_websocket_hears_what_to_ask_for() -> None:
    octets = plain(CLOSING, line=b"GET /echo?room=1 HTTP/1.1")
    (response,) = read_responses(ask(octets))
    assert response.status == 426
    assert response.fields(b"upgrade") == (b"websocket",)
    assert response.fields(b"sec-websocket-version") == (b"13",)


def test_other_requests_are_starlettes() -> None:
    home = plain(line=b"GET / HTTP/1.1")
    offer = asks_for(b"h2c", b"Content-Length: 5", line=b"POST /shout HTTP/1.1", body=b"hello")
    missing = plain(CLOSING, line=b"GET /missing HTTP/1.1")
    answer = ask(home + offer + missing)
    assert statuses(answer) == [200, 200, 404]
    assert b"There is a WebSocket" in answer
    assert b"HELLO" in answer


def test_a_websocket_is_opened_from_our_own_pages() -> None:
    async def work() -> str:
        async with serving(Http, app) as port:
            uri = f"ws://{HOST}:{port}/echo"
            with pytest.raises(InvalidStatus) as caught:
                async with connect(uri, origin="http://evil.example"):  # type: ignore[arg-type]
                    pass
            assert caught.value.response.status_code == 403
            origin = f"http://{HOST}:{port}"
            async with connect(uri, origin=origin, subprotocols=["chat"]) as client:  # type: ignore[arg-type,list-item]
                assert client.subprotocol == "chat"
                await client.send("hello")
                async with asyncio.timeout(5):
                    return str(await client.recv())

    assert run(work) == "hello"
