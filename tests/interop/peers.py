"""The clients, and what each of them is to come to. Data, and nothing else.

The law of this file: an entry says what a client is run as, what it meets and what it is to say of
it. Why it was chosen is in docs/interop.md.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, final

from . import install
from .install import Recipe
from .judge import Expected
from .processes import Ran
from .readers import Said, read_curl, read_json, read_nghttp, read_text
from .servers import Scenario


@final
@dataclass(frozen=True)
class Peer:
    """A client. ``{http}``, ``{ws}`` and ``{authority}`` in its command are the server's."""

    name: str
    recipe: Recipe
    scenario: Scenario | None
    """None is the server of ``make serve``."""
    command: tuple[str, ...]
    read: Callable[[Ran], Said]
    expected: Expected
    asks_version: tuple[str, ...] = ()
    """What prints the version; empty if the command itself does."""
    stdin: str = ""


_TALKED: Final = "101, echoed 'hello' as text, subprotocol chat, closed 1000"
_SWITCHED: Final = ("101 websocket",)


def _websocket(name: str, recipe: Recipe, *command: str) -> Peer:
    expected = Expected(_SWITCHED, _TALKED)
    return Peer(name, recipe, Scenario.CHAT, command, read_json, expected)


def _python(module: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"interop.clients.{module}", "{ws}")


_NODE: Final = ("node", str(install.NODE.folder / "client.mjs"))
_GO: Final = str(install.GO.folder / "client")
_RUST: Final = str(install.RUST.folder / "target" / "debug" / "interop")
_JAVA: Final = (
    "java",
    "-cp",
    f"{install.JAVA.folder / 'jars'}/*:{install.JAVA.folder / 'classes'}",
    "Client",
)
_CURL: Final = (
    "curl",
    "--http2",
    "--silent",
    "--show-error",
    "--write-out",
    "\\n%{{http_code}} HTTP/%{{http_version}}\\n",
    "{http}",
)
_NGHTTP: Final = ("nghttp", "--upgrade", "--stat", "{http}")
_CUPS_VERSION: Final = ("dpkg-query", "--showformat=${Version}", "--show", "cups-client")
_DOCKER: Final = ("docker", "--host", "tcp://{authority}")


def _shown(over: str, reported: int, tls: str) -> str:
    """What the page of ``make serve`` shows when each button was pressed."""
    required = "426 (websocket) (upgrade) (13) '426 Upgrade Required'"
    opens = "'hello' chat.v2 none closed 1000"
    ordinary = "An ordinary response"
    optional = f"{ordinary}. A client that asks for a WebSocket here gets one."
    advertised = f"{ordinary}, whose Upgrade field says what else there is."
    came = f"This came over {over}.'"
    return "; ".join(
        (
            f"/required {required}, {opens}",
            f"/optional 200 '{optional} {came}, {opens}",
            f"/advertise 200 (websocket) (upgrade) '{advertised} {came}, {opens}",
            f"/report 200 '{ordinary}. Would have been refused so far: {reported}. {came}, {opens}",
            f"/reviewed {required}, closed 1006",
            f"/reviewed?token=open-sesame {required}, {opens}",
            f"/tls {tls}, closed 1006",
            f"/h2c 200 '{ordinary}. {came}, closed 1006",
        )
    )


_TLS_REQUIRED: Final = "426 (TLS/1.3, TLS/1.2, HTTP/1.1) (upgrade) '426 Upgrade Required'"
_IN_TLS: Final = "HTTP/1.1 inside TLS"
_CARRIED_BY_TLS: Final = f"200 'What is served inside TLS only. This came over {_IN_TLS}.'"
_OPENED: Final = ("passed", "101 websocket")
# The page, then what its buttons ask for, each by fetch() and then by a WebSocket.
_TRIED: Final = (
    "passed",
    *("426", "101 websocket"),
    *(_OPENED * 3),
    *("426", "401"),
    *("426", "101 websocket"),
)
# The page, then the commands with curl that are on it.
_TYPED: Final = (
    *("passed", "426", "101 websocket", "passed"),
    *("401", "101 websocket"),
    *("426", "passed"),
    *("101 h2c", "passed"),
)
_ANSWERED_TO_CURL: Final = (
    "/required 426, 101; /optional 200; /advertise 200; /report 200; /reviewed 401; "
    "/reviewed?token=open-sesame 101; /tls 426, 200; /h2c 101 then 200 by HTTP/2, 200"
)

PEERS: Final[tuple[Peer, ...]] = (
    _websocket("websockets", install.PYTHON, *_python("python_websockets")),
    _websocket("aiohttp", install.PYTHON, *_python("python_aiohttp")),
    _websocket("ws", install.NODE, *_NODE, "{ws}", "ws"),
    _websocket("undici-websocket", install.NODE, *_NODE, "{ws}", "undici-websocket"),
    Peer(
        "undici-upgrade",
        install.NODE,
        Scenario.CHAT,
        (*_NODE, "{ws}", "undici-upgrade"),
        read_json,
        Expected(_SWITCHED, "101, upgraded to websocket, echoed 'hello' in a frame of its own"),
    ),
    _websocket("gorilla", install.GO, _GO, "{ws}", "gorilla"),
    _websocket("coder", install.GO, _GO, "{ws}", "coder"),
    _websocket("tungstenite", install.RUST, _RUST, "{ws}"),
    _websocket("java-websocket", install.JAVA, *_JAVA, "{ws}", "websocket"),
    _websocket("okhttp", install.JAVA, *_JAVA, "{ws}", "okhttp"),
    Peer(
        "chromium",
        install.CHROMIUM,
        Scenario.CHAT,
        (sys.executable, "-m", "interop.clients.chromium", "{http}"),
        read_json,
        Expected(
            ("426", "101 websocket"),
            "426, page '426 Upgrade Required', fetch() saw 426, then echoed 'hello' as text, "
            "subprotocol chat, closed 1000",
        ),
    ),
    Peer(
        "chromium-serve",
        install.CHROMIUM,
        None,
        (sys.executable, "-m", "interop.clients.chromium_serve", "{http}"),
        read_json,
        Expected(
            (*_TRIED, "426", *_TRIED, "passed"),
            f"200, 16 pressed, 29 copied. {_shown('HTTP/1.1', 1, _TLS_REQUIRED)}. "
            f"TLS: {_shown(_IN_TLS, 2, _CARRIED_BY_TLS)}",
        ),
    ),
    Peer(
        "java-get",
        install.JAVA,
        Scenario.H2C,
        (*_JAVA, "{http}", "get"),
        read_json,
        Expected(("101 h2c",), "200, HTTP_2 'hello', then HTTP_2 'hello'"),
    ),
    Peer(
        "java-post",
        install.JAVA,
        Scenario.H2C,
        (*_JAVA, "{http}", "post"),
        read_json,
        Expected(("101 h2c",), "200, HTTP_2 'posted', then HTTP_2 'posted'"),
    ),
    Peer(
        "curl-get",
        install.CURL,
        Scenario.H2C,
        _CURL,
        read_curl,
        Expected(("101 h2c",), "200 by HTTP/2, body 'hello'"),
        asks_version=("curl", "--version"),
    ),
    Peer(
        "curl-post",
        install.CURL,
        Scenario.H2C,
        (*_CURL, "--data", "posted"),
        read_curl,
        Expected(("101 h2c",), "200 by HTTP/2, body 'posted'"),
        asks_version=("curl", "--version"),
    ),
    Peer(
        "curl-serve",
        install.CURL,
        None,
        (sys.executable, "-m", "interop.clients.curl_serve", "{http}"),
        read_json,
        Expected(_TYPED, "200, " + _ANSWERED_TO_CURL),
        asks_version=("curl", "--version"),
    ),
    Peer(
        "nghttp-get",
        install.NGHTTP,
        Scenario.H2C,
        _NGHTTP,
        read_nghttp,
        Expected(("101 h2c",), "200 by HTTP/2, body 'hello'"),
        asks_version=("nghttp", "--version"),
    ),
    Peer(
        "nghttp-post",
        install.NGHTTP,
        Scenario.H2C,
        (*_NGHTTP, "--data=-"),
        read_nghttp,
        Expected(("101 h2c",), "200 by HTTP/2, body 'posted'"),
        asks_version=("nghttp", "--version"),
        stdin="posted",
    ),
    Peer(
        "lpstat-asked",
        install.LPSTAT,
        Scenario.PRINT,
        ("lpstat", "-h", "{authority}", "-d"),
        read_text,
        Expected(("426", "101 TLS/1.2", "pass in TLS"), "no system default destination"),
        asks_version=_CUPS_VERSION,
    ),
    Peer(
        "lpstat-unasked",
        install.LPSTAT,
        Scenario.PRINT,
        ("lpstat", "-E", "-h", "{authority}", "-r"),
        read_text,
        Expected(("101 TLS/1.2",), "scheduler is running"),
        asks_version=_CUPS_VERSION,
    ),
    Peer(
        "docker-exec",
        install.DOCKER,
        Scenario.ENGINE,
        (*_DOCKER, "exec", "-i", "c1", "cat"),
        read_text,
        Expected(("pass", "101 tcp", "pass"), "HELLO"),
        asks_version=("docker", "--version"),
        stdin="hello\n",
    ),
    Peer(
        "docker-attach",
        install.DOCKER,
        Scenario.ENGINE,
        (*_DOCKER, "attach", "c1"),
        read_text,
        Expected(("pass", "101 tcp", "pass"), "HELLO"),
        asks_version=("docker", "--version"),
        stdin="hello\n",
    ),
)
