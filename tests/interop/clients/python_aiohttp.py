"""The client of aiohttp, against one URL. Usage: python -m interop.clients.python_aiohttp URL

The law of this file: it uses the library as its manual says, and prints one line of JSON.
"""

import asyncio
import json
import sys

import aiohttp

TEXT = "hello"


async def talk(url: str) -> dict[str, object]:
    """One text there and back."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, protocols=("chat",), compress=15) as websocket,
    ):
        await websocket.send_str(TEXT)
        echoed = await websocket.receive_str()
        await websocket.close()
        return {
            "version": aiohttp.__version__,
            # It shows no status, and opens on nothing but a 101.
            "status": 101,
            "outcome": f"echoed {echoed!r} as text, subprotocol {websocket.protocol or 'none'}, "
            f"closed {websocket.close_code}",
        }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(talk(sys.argv[1]))))
