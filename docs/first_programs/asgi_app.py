"""ASGI: an application under uvicorn, with the middleware that answers 426 and checks origins."""

import sys

import uvicorn

from httpupgrade import Policy, RequestInfo, WebSocket
from httpupgrade.adapters.asgi import Receive, Scope, Send, UpgradeMiddleware
from httpupgrade.adapters.uvicorn import AutoProtocol

CHAT = Policy(WebSocket(origins="same-host"), mode="required")


def policy_for(info: RequestInfo) -> Policy | None:
    return CHAT if info.head.path == b"/chat" else None


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello\n"})
    elif scope["type"] == "websocket":
        while True:
            message = await receive()
            if message["type"] == "websocket.connect":
                await send({"type": "websocket.accept"})
            elif message["type"] == "websocket.receive":
                await send({**message, "type": "websocket.send"})
            else:
                return


app = UpgradeMiddleware(application, policy_for)

if __name__ == "__main__":
    # AutoProtocol, because uvicorn alone loses frames that come together with the handshake.
    uvicorn.run(app, port=int(sys.argv[1]), http=AutoProtocol)
