"""An application for the servers that speak ASGI. It greets over HTTP.

The law of this file: ASGI 3, and nothing of any server.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """One connection, or one request."""
    match scope["type"]:
        case "lifespan":
            await _live(receive, send)
        case "websocket":
            await _echo(scope, receive, send)
        case _:
            await _greet(send)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _echo(scope: Message, receive: Receive, send: Send) -> None:
    subprotocol = "chat" if "chat" in scope["subprotocols"] else None
    await receive()
    await send({"type": "websocket.accept", "subprotocol": subprotocol})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


async def _greet(send: Send) -> None:
    fields = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": fields})
    await send({"type": "http.response.body", "body": b"hello\n"})
