"""The server of websockets. Usage: python -m interop.origins.python_websockets PORT

The law of this file: it uses the library as its manual says.
"""

import asyncio
import sys

from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol


async def echo(websocket: ServerConnection) -> None:
    """Each message back."""
    async for message in websocket:
        await websocket.send(message)


async def main(port: int) -> None:
    """Serve for ever."""
    async with serve(echo, "127.0.0.1", port, subprotocols=[Subprotocol("chat")]) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
