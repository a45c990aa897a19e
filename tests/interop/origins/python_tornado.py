"""The server of Tornado. Usage: python -m interop.origins.python_tornado PORT

The law of this file: it uses the library as its manual says.
"""

import asyncio
import sys
from typing import Any

from tornado.web import Application
from tornado.websocket import WebSocketHandler


class Echo(WebSocketHandler):
    """Each message back."""

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return "chat" if "chat" in subprotocols else None

    def get_compression_options(self) -> dict[str, Any]:
        return {}  # compression, with nothing special about it

    def on_message(self, message: str | bytes) -> None:
        self.write_message(message)


async def main(port: int) -> None:
    """Serve for ever."""
    Application([("/", Echo)]).listen(port, "127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
