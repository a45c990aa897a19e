"""websockets' own server: python -m benchmarks.wire.servers.websockets_server.

The law of this file: it uses the library as its manual says. It closes behind every response.
"""

import logging
import socket
from argparse import Namespace
from http import HTTPStatus

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from ..exchanges import BODY
from ..hosting import BACKLOG, run


async def echo(websocket: ServerConnection) -> None:
    """Each message back."""
    async for message in websocket:
        await websocket.send(message)


def answer(connection: ServerConnection, request: Request) -> Response | None:
    """What asks for no upgrade gets a body."""
    if "Upgrade" in request.headers:
        return None
    return connection.respond(HTTPStatus.OK, BODY.decode())


async def begin(listener: socket.socket, options: Namespace) -> object:
    """Without compression."""
    logging.getLogger("websockets").setLevel(logging.CRITICAL + 1)
    return await serve(
        echo,
        sock=listener,
        backlog=BACKLOG,
        compression=None,
        process_request=answer,
        open_timeout=options.timeout,
    )


if __name__ == "__main__":
    run(begin)
