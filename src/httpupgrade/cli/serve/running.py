"""The server, until it is told to stop."""

import asyncio
import signal
from ipaddress import IPv4Address, IPv6Address

from ..exits import CommandError, Exit
from ..output import Output
from .console import Console
from .endpoints import Parts
from .server import PortError, installed_parts, listen


def serve(port: int, address: IPv4Address | IPv6Address, output: Output, *, behind: bool) -> Exit:
    """Serve until SIGINT or SIGTERM. Raises :class:`CommandError` where a port cannot be had."""
    parts = installed_parts()
    try:
        asyncio.run(_serve(port, address, output, parts, behind=behind))
    except PortError as error:
        raise CommandError(f"{error}; try another one: httpupgrade serve --port 8765") from None
    return Exit.FINE


async def _serve(
    port: int, address: IPv4Address | IPv6Address, output: Output, parts: Parts, *, behind: bool
) -> None:
    console = Console(output, behind=behind)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    listening = listen(port, address=address, parts=parts, behind=behind, tell=console.tell)
    async with listening as server:
        if not address.is_loopback:
            console.warn(f"this is a server for tests, and whoever can reach {address} can use it.")
        console.greet(server.site, server.places, server.parts)
        await stopped.wait()
    output.say("Stopped.")
