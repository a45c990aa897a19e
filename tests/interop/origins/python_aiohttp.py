"""The server of aiohttp. Usage: python -m interop.origins.python_aiohttp PORT

The law of this file: it uses the library as its manual says.
"""

import sys

from aiohttp import WSMsgType, web


async def echo(request: web.Request) -> web.WebSocketResponse:
    """Each text back."""
    websocket = web.WebSocketResponse(protocols=("chat",))
    await websocket.prepare(request)
    async for message in websocket:
        if message.type is WSMsgType.TEXT:
            await websocket.send_str(message.data)
    return websocket


if __name__ == "__main__":
    application = web.Application()
    application.router.add_get("/", echo)
    web.run_app(application, host="127.0.0.1", port=int(sys.argv[1]), print=None)
