"""aiohttp's low-level server: python -m benchmarks.wire.servers.aiohttp_server.

The law of this file: it uses the library as its manual says, without an application and its router,
which would come on top.
"""

import logging
import socket
from argparse import Namespace

from aiohttp import WSMsgType, web

from ..exchanges import BODY
from ..hosting import listen, run


async def handle(request: web.BaseRequest) -> web.StreamResponse:
    """A WebSocket that gives each message back, or a body."""
    if "Upgrade" not in request.headers:
        return web.Response(body=BODY, content_type="text/plain")
    websocket = web.WebSocketResponse(compress=False)
    await websocket.prepare(request)
    async for message in websocket:
        if message.type is WSMsgType.TEXT:
            await websocket.send_str(message.data)
    return websocket


async def serve(listener: socket.socket, options: Namespace) -> object:
    """It has no deadline for a head."""
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL + 1)
    return await listen(web.Server(handle, access_log=None), listener)


if __name__ == "__main__":
    run(serve)
