"""asyncio alone: python -m benchmarks.wire.servers.bare_asyncio [--timeout SECONDS] [--traced].

The law of this file: no check of anything. It is the least that a server in Python takes, and the
measure of what the loop, the sockets and the hand-written protocols take of everybody's time.
"""

import socket
from argparse import Namespace

from ..hosting import listen, run
from .handwritten import Unchecked


async def serve(listener: socket.socket, options: Namespace) -> object:
    """Whatever is asked for."""
    return await listen(Unchecked, listener, fast=options.kind == "fast")


if __name__ == "__main__":
    run(serve, "plain", "fast")
