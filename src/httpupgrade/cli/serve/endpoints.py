"""What each endpoint wants, and how it is tried. Data, and little else.

Rules for this module: policies of the library, and what people read about them. What passes is
answered in ``site.py``.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, final

from ... import H2C, TLS, Policy, RequestHead, RequestInfo, WebSocket
from ..behind import ARRIVED, find_nonce

SUBPROTOCOLS: Final = ("chat.v2", "chat.v1")
REVIEWED: Final = b"/reviewed"
WORD: Final = "open-sesame"


@final
class Parts(NamedTuple):
    """What this server can do besides HTTP/1.1 and WebSockets."""

    tls: bool
    """With ``trustme``, which makes certificates."""
    http2: bool
    """With ``h2``."""


@final
class Places(NamedTuple):
    """Where a server is."""

    plain: str
    """Host and port."""
    secure: str
    """Host and port of what is inside TLS from the start; empty without TLS."""
    roots: str
    """A file with the certificate that vouches for the TLS on the plain port."""
    command: str = "httpupgrade"
    """How this program is called."""
    python: str = "python3"
    """How this interpreter is called."""

    def fill(self, command: str) -> str:
        """A command with the server in it."""
        return command.format_map(self._asdict())


def policies_by_path(parts: Parts, hosts: Sequence[str] | None) -> Mapping[bytes, Policy]:
    """What each path wants.

    :param hosts: the names that this server goes by; None for any.
    """
    # Pages of other sites may not talk to what runs on this machine (RFC 6455 10.2), nor may those
    # that have a name of their own lead here.
    websocket = WebSocket(SUBPROTOCOLS, origins=["same-host"], hosts=hosts, extensions=[])
    by_path = {
        b"/required": Policy(websocket, mode="required"),
        b"/optional": Policy(websocket, mode="optional"),
        b"/advertise": Policy(websocket, mode="advertise"),
        b"/report": Policy(websocket, mode="report"),
        REVIEWED: Policy(websocket, mode="required"),
    }
    if parts.tls:
        tls = TLS("1.3", "1.2")
        by_path[b"/tls"] = Policy(tls, mode="required")
        by_path[b"*"] = Policy(tls, mode="optional")  # RFC 2817 3.2: clients begin with OPTIONS *
    if parts.http2:
        by_path[b"/"] = by_path[b"/h2c"] = Policy(H2C(), mode="optional")
    return by_path


def policy_behind(info: RequestInfo) -> Policy | None:
    """What every path wants of ``serve --behind``, but for the questions of a probe."""
    return None if find_nonce(ARRIVED, info.head.target) else _BEHIND


def _first_of(offered: tuple[str, ...], head: RequestHead) -> str:
    return offered[0]


_BEHIND: Final = Policy(
    WebSocket(select_subprotocol=_first_of, origins=["same-host"], extensions=[]), mode="required"
)


@final
class Endpoint(NamedTuple):
    """What the page says of an endpoint."""

    target: str
    title: str
    says: str
    code: str
    """The policy, as one would write it; ``{hosts}`` stands for the names of this server."""
    mode: str
    """The policy's."""
    docs: tuple[str, ...]
    """Names of pages."""
    commands: tuple[str, ...]
    """With the fields of :class:`Places` in braces."""

    @property
    def path(self) -> str:
        """Without the query."""
        return self.target.partition("?")[0]


def _websocket(mode: str) -> str:
    return f"""\
from httpupgrade import Policy, WebSocket

websocket = WebSocket(
    ["chat.v2", "chat.v1"],
    origins=["same-host"],
    hosts={{hosts}},
    extensions=[],
)
policy = Policy(websocket, mode="{mode}")"""


_TLS: Final = """\
from httpupgrade import TLS, Policy

policy = Policy(TLS("1.3", "1.2"), mode="required")"""
_H2C: Final = """\
from httpupgrade import H2C, Policy

policy = Policy(H2C(), mode="optional")"""


def _ask(path: str) -> str:
    return f"curl -i http://{{plain}}{path}"


def _talk(target: str) -> str:
    return f"websocat ws://{{plain}}{target}"


def _probe(target: str) -> str:
    return f"{{command}} probe ws://{{plain}}{target}"


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
        "An ordinary request is answered with 426, which says what to ask for. A WebSocket opens "
        "and sends every message back.",
        _websocket("required"),
        "required",
        ("docs/decisions.md", "docs/websocket.md"),
        (
            _ask("/required"),
            _upgrade("/required"),
            _probe("/required"),
            _talk("/required"),
        ),
    ),
    Endpoint(
        "/optional",
        "A WebSocket for clients that ask",
        "An ordinary request is answered with 200. A WebSocket opens.",
        _websocket("optional"),
        "optional",
        ("docs/decisions.md",),
        (_ask("/optional"), _talk("/optional")),
    ),
    Endpoint(
        "/advertise",
        "The same, and ordinary responses say so",
        "The 200 has an Upgrade field, from which a client learns that there is a WebSocket, too.",
        _websocket("advertise"),
        "advertise",
        ("docs/decisions.md",),
        (_ask("/advertise"), _talk("/advertise")),
    ),
    Endpoint(
        "/report",
        "Required, but nothing is refused yet",
        "An ordinary request is answered with 200. The body says how many requests would have been "
        "refused so far.",
        _websocket("report"),
        "report",
        ("docs/decisions.md",),
        (_ask("/report"), _talk("/report")),
    ),
    Endpoint(
        "/reviewed",
        "A WebSocket that needs a token",
        "Before the WebSocket opens, an async function of this server looks for a token in the "
        "query. There is none here, so it is answered with 401.",
        _websocket("required"),
        "required",
        ("docs/adapters/asyncio.md",),
        (_talk("/reviewed"), _upgrade("/reviewed")),
    ),
    Endpoint(
        f"/reviewed?token={WORD}",
        "The same with the token",
        "The async function finds the token, and the WebSocket opens.",
        _websocket("required"),
        "required",
        ("docs/adapters/asyncio.md",),
        (
            f"websocat 'ws://{{plain}}/reviewed?token={WORD}'",
            _upgrade(f"/reviewed?token={WORD}"),
        ),
    ),
    Endpoint(
        "/tls",
        "TLS by Upgrade",
        "A request in the clear is answered with 426, which asks for TLS; inside TLS it is "
        "answered with 200. The last two commands begin TLS on the connection that there is "
        "(RFC 2817), as printers do; browsers do not. The first of them is in a checkout of the "
        "project.",
        _TLS,
        "required",
        ("docs/offers.md",),
        (
            _ask("/tls"),
            "curl -ik https://{secure}/tls",
            "openssl s_client -connect {secure}",
            "SSL_CERT_FILE={roots} {python} docs/examples/follow_426.py http://{plain}/tls",
            "lpstat -E -h {plain} -r",
        ),
    ),
    Endpoint(
        "/h2c",
        "HTTP/2 over cleartext",
        "curl asks for HTTP/2 by Upgrade, and gets it. A browser does not ask. There is no "
        "WebSocket here.",
        _H2C,
        "optional",
        ("docs/offers.md", "docs/adapters/h2.md"),
        ("curl -i --http2 http://{plain}/h2c", _ask("/h2c")),
    ),
)
