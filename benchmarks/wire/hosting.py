"""A server's process: a socket that listens, what serves there, and what its process weighs.

The law of this file: it knows no library but the one that replaces asyncio's transports. The
process says its port in the first line of stdout, answers each line of stdin with one line of
figures, and ends when stdin does, so that it never outlives who started it.
"""

import asyncio
import gc
import json
import os
import socket
import sys
import threading
import tracemalloc
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable
from typing import Final

import aiofastnet

BACKLOG: Final = 2048

Serve = Callable[[socket.socket, Namespace], Awaitable[object]]
Factory = Callable[[], asyncio.BaseProtocol]


def run(serve: Serve, *kinds: str) -> None:
    """A server's program: ``[KIND] [--timeout SECONDS] [--traced]``.

    Whatever ``serve`` is to begin, it has begun when it returns; or it serves and never returns.
    """
    parser = ArgumentParser()
    if kinds:
        parser.add_argument("kind", choices=kinds)
    parser.add_argument("--timeout", type=float, default=10.0, help="of a head, in seconds")
    parser.add_argument("--traced", action="store_true", help="count what Python allocates")
    options = parser.parse_args()
    if options.traced:
        tracemalloc.start()
    # asyncio turns Nagle's algorithm off for sockets that say that they are TCP's, and no others.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(BACKLOG)
        print(listener.getsockname()[1], flush=True)
        threading.Thread(target=_answer_figures, daemon=True).start()
        asyncio.run(_serve_for_ever(serve, listener, options))


async def _serve_for_ever(serve: Serve, listener: socket.socket, options: Namespace) -> None:
    begun = await serve(listener, options)
    await asyncio.Event().wait()
    del begun  # a server that nobody refers to may be collected


async def listen(
    factory: Factory, listener: socket.socket, *, fast: bool = False
) -> asyncio.AbstractServer:
    """asyncio's server; or with transports in C below the same loop, which picows brings along."""
    loop = asyncio.get_running_loop()
    if fast:
        return await aiofastnet.create_server(loop, factory, sock=listener, backlog=BACKLOG)
    return await loop.create_server(factory, sock=listener, backlog=BACKLOG)


def _answer_figures() -> None:
    for line in sys.stdin:
        if line.startswith("collect"):
            gc.collect()
        if line.startswith("forget"):
            tracemalloc.reset_peak()
        now, peak = tracemalloc.get_traced_memory()
        print(json.dumps({"traced": now, "peak": peak}), flush=True)
    os._exit(0)
