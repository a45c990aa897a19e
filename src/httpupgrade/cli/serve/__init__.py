"""``httpupgrade serve``: a server to try things on, or to put behind a proxy.

Rules for this folder: ``endpoints.py`` says what each endpoint wants, ``server.py`` puts the
adapter for asyncio in front of the other parts, ``arrivals.py`` keeps what has arrived,
``page/`` is what a browser shows. The standard library alone is enough; ``h2`` and ``trustme`` add
HTTP/2 and TLS.
"""

import argparse
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from ..exits import Exit
from ..output import Output

__all__ = ["add_arguments", "run"]

_PORT: Final = 8426
_LARGEST: Final = 65534
"""The next port is used as well."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--port",
        type=_as_port,
        default=_PORT,
        help=f"where it listens, {_PORT} if not given; inside TLS on the next port",
    )
    parser.add_argument(
        "--bind",
        type=_as_address,
        default=IPv4Address("127.0.0.1"),
        metavar="ADDRESS",
        help="an IP address of this machine to listen on, 127.0.0.1 if not given",
    )
    parser.add_argument(
        "--behind",
        action="store_true",
        help="take the place of the server behind a proxy: every path is a WebSocket, and each "
        "request is printed, with what the proxy did to it",
    )


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Serve until told to stop. Raises :class:`CommandError` where a port cannot be had."""
    from .running import serve  # noqa: PLC0415 - other subcommands need no asyncio

    return serve(options.port, options.bind, output, behind=options.behind)


def _as_port(text: str) -> int:
    """Raises :class:`ValueError`, which argparse tells of."""
    number = int(text)
    if not 0 <= number <= _LARGEST:
        raise argparse.ArgumentTypeError(f"a port is 1 to {_LARGEST}, not {text}")
    return number


def _as_address(text: str) -> IPv4Address | IPv6Address:
    try:
        return ip_address(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an IP address") from None
