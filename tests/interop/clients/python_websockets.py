"""The client of websockets, against one URL. Usage: python -m interop.clients.python_websockets URL

The law of this file: it uses the library as its manual says, and prints one line of JSON.
"""

import asyncio
import json
import sys

from websockets.asyncio.client import connect
from websockets.typing import Subprotocol
from websockets.version import version

TEXT = "hello"


async def talk(url: str) -> dict[str, object]:
    """One text there and back."""
    async with connect(url, subprotocols=[Subprotocol("chat")], proxy=None) as websocket:
        await websocket.send(TEXT)
        echoed = await websocket.recv()
        assert isinstance(echoed, str), "the echo is binary"
        await websocket.close()
        assert websocket.response is not None
        return {
            "version": version,
            "status": websocket.response.status_code,
            "outcome": f"echoed {echoed!r} as text, subprotocol {websocket.subprotocol or 'none'}, "
            f"closed {websocket.close_code}",
        }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(talk(sys.argv[1]))))
