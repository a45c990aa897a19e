"""What each endpoint wants, and how it is tried. Data, and nothing else.

The law of this file: policies of the library, and what people read about them. What passes is
answered in ``site.py``.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, final

from httpupgrade import H2C, TLS, Policy, RequestInfo, WebSocket

HOST: Final = "127.0.0.1"
SUBPROTOCOLS: Final = ("chat.v2", "chat.v1")
REVIEWED: Final = b"/reviewed"
WORD: Final = "open-sesame"

# Pages of other sites may not talk to what runs on this machine (RFC 6455 10.2), nor may those
# that have a name of their own lead here.
_SOCKET: Final = WebSocket(
    subprotocols=SUBPROTOCOLS, origins=("same-host",), hosts=(HOST, "localhost")
)
_SECURED: Final = TLS("1.3", "1.2")

BY_PATH: Final[Mapping[bytes, Policy]] = MappingProxyType(
    {
        b"/": Policy(H2C()),
        b"/required": Policy(_SOCKET, mode="required"),
        b"/optional": Policy(_SOCKET, mode="optional"),
        b"/advertise": Policy(_SOCKET, mode="advertise"),
        b"/report": Policy(_SOCKET, mode="report"),
        REVIEWED: Policy(_SOCKET, mode="required"),
        b"/tls": Policy(_SECURED, mode="required"),
        b"/h2c": Policy(H2C()),
        b"*": Policy(_SECURED),  # RFC 2817 3.2: clients begin TLS with OPTIONS *
    }
)


def path_of(target: bytes) -> bytes:
    """A target without its query."""
    return target.partition(b"?")[0]


def policy_for(info: RequestInfo) -> Policy | None:
    """None where no path is known: 404 is the ordinary server's to say."""
    return BY_PATH.get(path_of(info.head.target))


@final
class Places(NamedTuple):
    """Where a server is."""

    plain: str
    """Host and port."""
    secure: str
    """Host and port of what is inside TLS from the start."""
    roots: str
    """A file with the certificate that vouches for the TLS on the plain port."""

    def fill(self, command: str) -> str:
        """A command with the server in it."""
        return command.format_map(self._asdict())


@final
class Endpoint(NamedTuple):
    """What the page says of an endpoint."""

    target: str
    title: str
    says: str
    commands: tuple[str, ...]
    """With the fields of :class:`Places` in braces."""


def _ask(path: str) -> str:
    return f"curl -i http://{{plain}}{path}"


def _talk(target: str) -> str:
    return f"websocat ws://{{plain}}{target}"


def _upgrade(target: str) -> str:
    return (
        "curl -i --max-time 2 -H 'Connection: Upgrade' -H 'Upgrade: websocket' "
        "-H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' "
        f"'http://{{plain}}{target}'"
    )


ENDPOINTS: Final = (
    Endpoint(
        "/required",
        "A WebSocket, and nothing else",
        "An ordinary request gets a 426 that says what to ask for. A WebSocket opens, "
        "and sends every message back.",
        (
            _ask("/required"),
            _upgrade("/required"),
            _talk("/required"),
            ".venv/bin/python -m websockets ws://{plain}/required",
        ),
    ),
    Endpoint(
        "/optional",
        "A WebSocket for who asks",
        "An ordinary request gets an ordinary 200; a WebSocket opens.",
        (_ask("/optional"), _talk("/optional")),
    ),
    Endpoint(
        "/advertise",
        "The same, said aloud",
        "The ordinary 200 has an Upgrade field, from which a client learns what else there is.",
        (_ask("/advertise"), _talk("/advertise")),
    ),
    Endpoint(
        "/report",
        "Required, but only on trial",
        "Nothing is refused. What would have been is counted, and the body says how often.",
        (_ask("/report"), _talk("/report")),
    ),
    Endpoint(
        "/reviewed",
        "Somebody is asked first",
        "A WebSocket is required, and before it opens, a coroutine looks for a token. "
        "There is none here: 401.",
        (_talk("/reviewed"), _upgrade("/reviewed")),
    ),
    Endpoint(
        f"/reviewed?token={WORD}",
        "Somebody is asked, and agrees",
        "The same endpoint, with the token that it wants.",
        (
            f"websocat 'ws://{{plain}}/reviewed?token={WORD}'",
            _upgrade(f"/reviewed?token={WORD}"),
        ),
    ),
    Endpoint(
        "/tls",
        "TLS, begun by Upgrade",
        "A request in the clear gets a 426 that asks for TLS. The two last commands begin it on "
        "the connection that there is (RFC 2817), as printers and their clients do; browsers do "
        "not. Inside TLS it is a 200.",
        (
            _ask("/tls"),
            "curl -ik https://{secure}/tls",
            "openssl s_client -connect {secure}",
            "SSL_CERT_FILE={roots} .venv/bin/python docs/examples/follow_426.py http://{plain}/tls",
            "lpstat -E -h {plain} -r",
        ),
    ),
    Endpoint(
        "/h2c",
        "HTTP/2 over cleartext",
        "curl asks for HTTP/2 by Upgrade, and gets it. A browser does not ask, "
        "and there is no WebSocket.",
        ("curl -i --http2 http://{plain}/h2c", _ask("/h2c")),
    ),
)
