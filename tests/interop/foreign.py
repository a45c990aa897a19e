"""The servers of others, and what our client is to come to at each. Data, and nothing else.

The law of this file: an entry says how a server is set up, what our client is there for, what it is
answered and what comes of it. Why it was chosen is in docs/interop.md.
"""

import sys
from dataclasses import dataclass
from typing import Final, final

from . import install
from .hosting import Setup
from .install import Recipe
from .judge import Expected
from .shown import PROXY
from .visits import Errand, Wish


@final
@dataclass(frozen=True)
class Foreign:
    """A server."""

    name: str
    recipe: Recipe
    setup: Setup
    errand: Errand
    expected: Expected
    asks_version: tuple[str, ...]
    """What prints the version."""


_ASKS_AT_ONCE: Final = Errand((), asks=(Wish.WEBSOCKET,))
_IS_TOLD: Final = Errand((Wish.WEBSOCKET,))
_IS_OLD: Final = Errand((Wish.OLD_WEBSOCKET,), asks=(Wish.OLD_WEBSOCKET,))
_FETCHES_BY_HTTP2: Final = Errand((), asks=(Wish.H2C,), target=b"/hello.txt")

_TALKED: Final = "echoed 'hello' as text, subprotocol chat, permessage-deflate, closed 1000"
_FETCHED: Final = "200 by HTTP/2, body 'hello'"


def _module(name: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name, *arguments)


def _version_of(package: str) -> tuple[str, ...]:
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return (sys.executable, "-c", code)


_WEBSOCKETS: Final = Setup(_module("interop.origins.python_websockets", "@port@"))
_AIOHTTP: Final = Setup(_module("interop.origins.python_aiohttp", "@port@"))
_TORNADO: Final = Setup(_module("interop.origins.python_tornado", "@port@"))
_WS_PROGRAM: Final = ("node", str(install.NODE.folder / "server.mjs"))
_WS: Final = Setup((*_WS_PROGRAM, "@port@"))

_APPLICATION: Final = "interop.origins.asgi:application"
_UVICORN: Final = _module("uvicorn", _APPLICATION, "--log-level=warning")
_HYPERCORN: Final = Setup(
    _module("hypercorn", _APPLICATION, "--workers=0", "--bind=127.0.0.1:@port@")
)

_BEHIND: Final = _module("interop.origins.python_websockets", "@inner@")
_NGINX: Final = Setup(
    ("nginx", "-p", "@where@", "-c", "@where@/nginx.conf", "-e", "stderr"), _BEHIND, "nginx"
)
_NGHTTPX: Final = Setup(
    (
        "nghttpx",
        "--conf=/dev/null",
        "--frontend=127.0.0.1,@port@;no-tls",
        "--backend=127.0.0.1,@inner@",
        "--accesslog-file=/dev/null",
        "--workers=1",
        "--single-process",
    ),
    (*_UVICORN, "--port=@inner@"),
)
_CUPSD: Final = Setup(
    ("cupsd", "-l", "-c", "@where@/cupsd.conf", "-s", "@where@/cups-files.conf"),
    files="cups",
    keys=("localhost", "__ffff_127.0.0.1"),  # as it is known there, and as it may look itself up
    handed_over=True,
)
_FINDINGS_OF_CUPSD: Final = "switch-option-missing, interim-announces-content, tls-versions-named"
# It does not say its own.
_CUPS_VERSION: Final = ("dpkg-query", "--showformat=${Version}", "--show", "libcups2")


def _uvicorn(implementation: str) -> Setup:
    return Setup((*_UVICORN, f"--ws={implementation}", "--port=@port@"))


def _apache(file: str, *behind: str) -> Setup:
    return Setup(("apache2", "-f", f"@where@/{file}", "-DFOREGROUND"), behind, "apache")


def _talks(name: str, setup: Setup, package: str, *answers: str) -> Foreign:
    expected = Expected(answers or ("101 websocket",), _TALKED)
    return Foreign(name, install.PYTHON, setup, _ASKS_AT_ONCE, expected, _version_of(package))


def _is_too_new(name: str, setup: Setup, package: str) -> Foreign:
    expected = Expected(("426 version 13 (upgrade-list-missing)", "101 websocket"), _TALKED)
    return Foreign(name, install.PYTHON, setup, _IS_OLD, expected, _version_of(package))


FOREIGN: Final[tuple[Foreign, ...]] = (
    _talks("websockets-server", _WEBSOCKETS, "websockets"),
    Foreign(
        "websockets-426",
        install.PYTHON,
        _WEBSOCKETS,
        _IS_TOLD,
        Expected(("426 websocket (upgrade-list-without-option)", "101 websocket"), _TALKED),
        _version_of("websockets"),
    ),
    _talks("aiohttp-server", _AIOHTTP, "aiohttp"),
    _talks("uvicorn", _uvicorn("websockets-sansio"), "uvicorn"),
    _talks("uvicorn-wsproto", _uvicorn("wsproto"), "uvicorn"),
    _is_too_new("uvicorn-version", _uvicorn("wsproto"), "uvicorn"),
    _talks("hypercorn", _HYPERCORN, "hypercorn", "101 WebSocket"),
    Foreign(
        "hypercorn-h2c",
        install.PYTHON,
        _HYPERCORN,
        _FETCHES_BY_HTTP2,
        Expected(("101 h2c",), _FETCHED),
        _version_of("hypercorn"),
    ),
    _talks("tornado", _TORNADO, "tornado"),
    _is_too_new("tornado-version", _TORNADO, "tornado"),
    Foreign(
        "ws-server",
        install.NODE,
        _WS,
        _ASKS_AT_ONCE,
        Expected(("101 websocket",), _TALKED),
        (*_WS_PROGRAM, "--version"),
    ),
    Foreign(
        "ws-426",
        install.NODE,
        _WS,
        _IS_TOLD,
        Expected(("426 (upgrade-list-missing)",), "nothing to try: upgrade-list-missing"),
        (*_WS_PROGRAM, "--version"),
    ),
    Foreign(
        "nginx",
        install.NGINX,
        _NGINX,
        _IS_TOLD,
        Expected(("426 websocket (upgrade-list-without-option)", "101 websocket"), _TALKED),
        ("nginx", "-v"),
    ),
    Foreign(
        "apache-h2c",
        install.APACHE,
        _apache("h2c.conf"),
        _FETCHES_BY_HTTP2,
        Expected(("101 h2c",), _FETCHED),
        ("apache2", "-v"),
    ),
    Foreign(
        "apache-proxy",
        install.APACHE,
        _apache("proxy.conf", *_BEHIND),
        _IS_TOLD,
        Expected(("426 websocket", "101 websocket"), _TALKED),
        ("apache2", "-v"),
    ),
    Foreign(
        "apache-wstunnel",
        install.APACHE,
        _apache("wstunnel.conf", *_BEHIND),
        Errand((Wish.H2C, Wish.WEBSOCKET), asks=(Wish.H2C,)),
        Expected(("426 WebSocket", "101 websocket"), _TALKED),
        ("apache2", "-v"),
    ),
    Foreign(
        "nghttpx",
        install.NGHTTPX,
        _NGHTTPX,
        _FETCHES_BY_HTTP2,
        Expected(("101 h2c",), _FETCHED),
        ("nghttpx", "--version"),
    ),
    Foreign(
        "cupsd",
        install.CUPSD,
        _CUPSD,
        Errand((Wish.TLS,), target=b"/hello.txt"),
        Expected(
            (
                "426 TLS/1.2, TLS/1.1, TLS/1.0 (upgrade-list-without-option)",
                f"101 TLS/1.2 ({_FINDINGS_OF_CUPSD})",
                "200 in TLS",
            ),
            "200, body 'hello'",
        ),
        _CUPS_VERSION,
    ),
    Foreign(
        "proxy-websockets",
        install.PYTHON,
        Setup(PROXY, _BEHIND),
        _IS_TOLD,
        Expected(("426 websocket", "101 websocket"), _TALKED),
        _version_of("websockets"),
    ),
    _talks("proxy-uvicorn", Setup(PROXY, (*_UVICORN, "--port=@inner@")), "uvicorn"),
)
