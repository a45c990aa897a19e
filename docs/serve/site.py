"""What passes is answered here: the page, what it is made of, and the endpoints.

The law of this file: responses, and nothing of connections. Whatever is put into the page is
escaped.
"""

from collections.abc import Mapping
from enum import Enum
from html import escape
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Final, final

from demo.roles import Request, Response

from .endpoints import ENDPOINTS, Endpoint, Places, path_of

_FOLDER: Final = Path(__file__).resolve().parent / "page"
_PAGE: Final = Template((_FOLDER / "index.html").read_text(encoding="utf-8"))
_ENDPOINT: Final = Template((_FOLDER / "endpoint.html").read_text(encoding="utf-8"))
_COMMAND: Final = Template((_FOLDER / "command.html").read_text(encoding="utf-8"))

_POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    b"img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_ALWAYS: Final = (
    (b"Cache-Control", b"no-store"),
    (b"Content-Security-Policy", _POLICY),
    (b"Referrer-Policy", b"no-referrer"),
    (b"X-Content-Type-Options", b"nosniff"),
)
_ALLOW: Final = (b"Allow", b"GET, HEAD, OPTIONS")


@final
class Over(Enum):
    """What carries a request."""

    CLEARTEXT = "HTTP/1.1"
    TLS = "HTTP/1.1 inside TLS"
    HTTP2 = "HTTP/2"


_SAID: Final[Mapping[bytes, str]] = MappingProxyType(
    {
        b"/optional": "An ordinary answer. Who asks for a WebSocket here gets one.",
        b"/advertise": "An ordinary answer, whose Upgrade field says what else there is.",
        b"/report": "An ordinary answer. Would have been refused so far: {would_require}.",
        b"/tls": "What only TLS carries.",
        b"/h2c": "An ordinary answer.",
    }
)
# Whoever has switched to HTTP/2 asks on without a negotiation: what TLS is required for is not
# there for them.
_ONLY_IN_TLS: Final = frozenset((b"/tls",))


@final
class Site:
    """The answers of one server."""

    def __init__(self, places: Places) -> None:
        self.would_require = 0
        """Requests that passed, and that mode "required" would have refused."""
        page = _PAGE.substitute(
            plain=escape(places.plain),
            secure=escape(places.secure),
            endpoints="\n".join(_render(each, places) for each in ENDPOINTS),
        )
        self._files: Final[Mapping[bytes, tuple[bytes, bytes]]] = {
            b"/": (b"text/html; charset=utf-8", page.encode()),
            b"/style.css": (b"text/css", (_FOLDER / "style.css").read_bytes()),
            b"/page.js": (b"text/javascript", (_FOLDER / "page.js").read_bytes()),
        }

    def answer(self, over: Over, request: Request) -> Response:
        """What a request gets."""
        if request.method == b"OPTIONS":
            return Response(200, (_ALLOW, *_ALWAYS), b"")
        if request.method not in (b"GET", b"HEAD"):
            return _in_text(405, "There are only things to GET here.", _ALLOW)
        path = path_of(request.target)
        if path in self._files:
            media_type, content = self._files[path]
            return Response(200, ((b"Content-Type", media_type), *_ALWAYS), content)
        if path not in _SAID or (path in _ONLY_IN_TLS and over is not Over.TLS):
            return _in_text(404, f"Nothing is here over {over.value}.")
        said = _SAID[path].format(would_require=self.would_require)
        return _in_text(200, f"{said} This came over {over.value}.")


def _in_text(status_code: int, text: str, *fields: tuple[bytes, bytes]) -> Response:
    media_type = (b"Content-Type", b"text/plain; charset=utf-8")
    return Response(status_code, (media_type, *fields, *_ALWAYS), f"{text}\n".encode())


def _render(endpoint: Endpoint, places: Places) -> str:
    path, _, _ = endpoint.target.partition("?")
    commands = (_COMMAND.substitute(command=escape(places.fill(c))) for c in endpoint.commands)
    return _ENDPOINT.substitute(
        name=escape(endpoint.target.strip("/")),
        path=escape(path),
        target=escape(endpoint.target),
        title=escape(endpoint.title),
        says=escape(endpoint.says),
        commands="".join(commands),
    )
