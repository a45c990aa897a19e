"""A Starlette application whose WebSocket says what it is when it is asked plainly.

``uvicorn starlette_app:app --http starlette_app:Http`` serves it, from this directory:
``curl -i http://127.0.0.1:8000/echo`` gets a 426 that names the protocol; a WebSocket is opened
there; every other request is Starlette's, with the body that belongs to it, whatever its Upgrade
field offers.
"""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

import httpupgrade
from httpupgrade.adapters.uvicorn import AutoProtocol

SUBPROTOCOLS = ["chat"]


async def home(request: Request) -> Response:
    """A page."""
    return PlainTextResponse("There is a WebSocket at /echo.\n")


async def shout(request: Request) -> Response:
    """The content of the request, louder."""
    return Response((await request.body()).upper(), media_type="text/plain")


async def echo(websocket: WebSocket) -> None:
    """Every text, sent back."""
    offered = websocket.scope["subprotocols"]
    chosen = next((each for each in SUBPROTOCOLS if each in offered), None)
    await websocket.accept(chosen)
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        pass


app = Starlette(
    routes=[
        Route("/", home),
        Route("/shout", shout, methods=["POST"]),
        WebSocketRoute("/echo", echo),
    ]
)

ONLY_WEBSOCKET = httpupgrade.Policy(httpupgrade.WebSocket(origins="same-host"), mode="required")


class Http(AutoProtocol):
    """What stands in front of uvicorn's HTTP."""

    def policy(self, info: httpupgrade.RequestInfo) -> httpupgrade.Policy | None:
        """A WebSocket from our own pages and nothing else, where there is one."""
        return ONLY_WEBSOCKET if info.head.path == b"/echo" else None
