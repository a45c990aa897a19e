"""The adapter for asyncio: python -m benchmarks.wire.servers.ours stay|let-go|fast.

The law of this file: it alone imports httpupgrade, of its adapters the one for asyncio. *stay*
judges every request of a connection, *let-go* the first one, *fast* is *stay* on transports in C.
What is switched to and what serves the rest is written by hand, the least there can be.
"""

import asyncio
import socket
from argparse import Namespace
from typing import Final

from httpupgrade import Policy, WebSocket
from httpupgrade.adapters.asyncio import UpgradeProtocol

from ..hosting import listen, run
from .handwritten import Echo, Plain

_POLICY: Final = Policy(WebSocket())


async def serve(listener: socket.socket, options: Namespace) -> object:
    """WebSocket handshakes are accepted; what asks for none passes."""

    def protocol() -> asyncio.Protocol:
        return UpgradeProtocol(
            _POLICY,
            lambda accept: Echo(),
            Plain,
            stay=options.kind != "let-go",
            head_timeout=options.timeout,
        )

    return await listen(protocol, listener, fast=options.kind == "fast")


if __name__ == "__main__":
    run(serve, "stay", "let-go", "fast")
