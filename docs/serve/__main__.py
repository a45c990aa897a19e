"""``python -m serve``: the server, until it is told to stop."""

import argparse
import asyncio
import logging
import signal
import sys
from typing import Final

from .console import Console
from .server import PortError, listen

_PORT: Final = 8426
_LARGEST: Final = 65534
"""The next port is used as well."""


def main() -> int:
    """Run the server. The exit status is 0 when it was told to stop, 1 when it could not begin."""
    parser = argparse.ArgumentParser(prog="serve", description="A server to try upgrades on.")
    parser.add_argument(
        "--port",
        type=_as_port,
        default=_PORT,
        help=f"where it listens on loopback, {_PORT} if not given; with TLS on the next port",
    )
    arguments = parser.parse_args()
    try:
        asyncio.run(_serve(arguments.port))
    except PortError as error:
        print(f"serve: {error}; try another one: make serve PORT=8765", file=sys.stderr)
        return 1
    return 0


async def _serve(port: int) -> None:
    console = Console()
    log = logging.getLogger("httpupgrade.asyncio")
    log.setLevel(logging.DEBUG)
    log.addHandler(console)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with listen(port) as server:
        console.greet(server.places)
        await stopped.wait()
    console.say("Stopped.")


def _as_port(text: str) -> int:
    """Raises :class:`ValueError`, which argparse tells of."""
    number = int(text)
    if not 0 <= number <= _LARGEST:
        raise argparse.ArgumentTypeError(f"a port is 1 to {_LARGEST}, not {text}")
    return number


if __name__ == "__main__":
    sys.exit(main())
