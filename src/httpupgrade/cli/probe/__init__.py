"""``httpupgrade probe URL``: asks a server for a WebSocket in several ways, and says what is wrong.

Rules for this folder: :mod:`.connections`, :mod:`.frames` and :mod:`.engine` do the I/O; steps,
outcomes, what is told of them and the conclusion are pure. What is secret in the URL and in the
options is sent and never shown.
"""

import argparse
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from ..._http1.field_values import is_token
from ..exits import CommandError, Exit
from ..output import Output
from .connections import Dialer, Trust
from .engine import Engine, OverHTTP2
from .place import read_proxy, read_url
from .session import Session
from .steps import Asked, read_header

_LONGEST: Final = 3600.0
_FOR_FRAMES: Final = 3.0
"""Seconds to wait for a frame after a switch, unless --timeout is shorter."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("url", metavar="URL", help="wss://, ws://, https:// or http://")
    add(
        "--origin",
        default="",
        help="the Origin to send: that of the page that connects; the server's own if not given",
    )
    add(
        "--subprotocol",
        action="append",
        default=[],
        metavar="NAME",
        help="a subprotocol to offer; may be repeated",
    )
    add(
        "--header",
        action="append",
        default=[],
        metavar="'NAME: VALUE'",
        help="a field to add to each request, such as Cookie; its value is never shown; may be"
        " repeated",
    )
    add(
        "--proxy",
        metavar="URL",
        help="connect through this proxy, by CONNECT: http://[user:password@]host[:port]",
    )
    add(
        "--insecure",
        action="store_true",
        help="accept any certificate, and say what is wrong with it",
    )
    add(
        "--cacert",
        metavar="FILE",
        help="trust the authorities of this file (PEM) instead of the system's",
    )
    add("--follow", action="store_true", help="follow redirects, and do what a 426 asks for")
    add("--no-frames", action="store_true", help="send no ping and no close frame after a 101")
    add(
        "--show-query",
        action="store_true",
        help="print the query of the URL, which is left out otherwise",
    )
    add(
        "--timeout",
        type=float,
        default=10.0,
        metavar="SECONDS",
        help="how long each step may take; 10 if not given",
    )


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Probe. Raises :class:`CommandError`."""
    place = read_url(options.url)
    if not 0 < options.timeout <= _LONGEST:
        raise CommandError(f"--timeout is a number of seconds up to {_LONGEST:g}")
    asked = Asked(
        options.origin, tuple(options.subprotocol), tuple(map(read_header, options.header))
    )
    if not all(map(is_token, asked.subprotocols)):
        raise CommandError("--subprotocol is a token (RFC 6455 11.3.4): letters, digits, - . _")
    proxy = None if options.proxy is None else read_proxy(options.proxy)
    try:
        verifying = Dialer(Trust(authorities=options.cacert), proxy, options.timeout)
    except OSError:
        raise CommandError("--cacert: not a file of certificates in PEM that can be read") from None
    dialer = verifying
    if options.insecure:
        dialer = Dialer(Trust(verify=False), proxy, options.timeout)
    frames = None if options.no_frames else min(_FOR_FRAMES, options.timeout)
    over_http2 = _over_http2()
    session = Session(
        place,
        asked,
        Engine(dialer, frames, over_http2),
        verifying,
        output,
        http2=over_http2 is not None,
        follow=options.follow,
        show_query=options.show_query,
        insecure=options.insecure,
    )
    return session.run()


def _over_http2() -> OverHTTP2 | None:
    """What speaks HTTP/2, where h2 is installed."""
    if find_spec("h2") is None:
        return None
    over_http2: OverHTTP2 = import_module(".http2", __package__).exchange
    return over_http2
