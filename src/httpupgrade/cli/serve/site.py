"""What passes is answered here: the page, what it is made of, the endpoints, and what has arrived.

Rules for this module: responses, and nothing of connections. Whatever is put into the page is
escaped.
"""

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from html import escape
from importlib.resources import files
from string import Template
from typing import Any, Final, final

from ... import Policy, PolicySource, Reject, RequestInfo, Require426
from ...diagnosis import diagnose, to_json, to_text
from ..behind import ARRIVED, FIELD, VALUE, find_nonce
from .arrivals import Arrival, Arrivals
from .endpoints import ENDPOINTS, Endpoint, Parts, Places, policies_by_path, policy_behind
from .roles import Request, Response

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


_SAID: Final = {
    b"/optional": "An ordinary response. A client that asks for a WebSocket here gets one.",
    b"/advertise": "An ordinary response, whose Upgrade field says what else there is.",
    b"/report": "An ordinary response. Would have been refused so far: {would_require}.",
    b"/tls": "What is served inside TLS only.",
    b"/h2c": "An ordinary response.",
}
# Whoever has switched to HTTP/2 asks on without a negotiation: what TLS is required for is not
# there for them.
_ONLY_IN_TLS: Final = frozenset((b"/tls",))


@final
class Site:
    """The policies and the answers of one server.

    :param hosts: the names that it goes by; None for any.
    :param behind: whether every path is a WebSocket, for ``serve --behind``.
    """

    def __init__(
        self, places: Places, parts: Parts, hosts: Sequence[str] | None, *, behind: bool = False
    ) -> None:
        self.would_require = 0
        """Requests that passed, and that mode "required" would have refused."""
        self.arrivals: Final = Arrivals()
        self.behind: Final = behind
        self.added: Final = ((FIELD, VALUE),) if behind else ()
        """Fields of every response."""
        self._by_path: Final = {} if behind else policies_by_path(parts, hosts)
        self.policy: Final[PolicySource] = policy_behind if behind else self._policy_for
        self._files: Final = {} if behind else _page(self.endpoints, places, hosts)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Those that this server can serve."""
        return tuple(each for each in ENDPOINTS if each.path.encode("ascii") in self._by_path)

    def _policy_for(self, info: RequestInfo) -> Policy | None:
        """None where no path is known: 404 is the ordinary server's to say."""
        target = info.head.target
        return None if find_nonce(ARRIVED, target) else self._by_path.get(path_of(target))

    def answer(self, over: Over, request: Request) -> Response:
        """What a request gets."""
        response = self._answer(over, request)
        return response._replace(headers=(*response.headers, *_ALWAYS, *self.added))

    def _answer(self, over: Over, request: Request) -> Response:
        if request.method == b"OPTIONS":
            return Response(200, (_ALLOW,), b"")
        if request.method not in (b"GET", b"HEAD"):
            return _in_text(405, "Only GET, HEAD and OPTIONS are answered here.", _ALLOW)
        nonce = find_nonce(ARRIVED, request.target)
        if nonce is not None:
            return self._tell(nonce)
        path = path_of(request.target)
        if path in self._files:
            media_type, content = self._files[path]
            return Response(200, ((b"Content-Type", media_type),), content)
        is_here = path in _SAID and path in self._by_path
        if not is_here or (path in _ONLY_IN_TLS and over is not Over.TLS):
            return _in_text(404, f"Nothing is here over {over.value}.")
        said = _SAID[path].format(would_require=self.would_require)
        return _in_text(200, f"{said} This came over {over.value}.")

    def _tell(self, nonce: str) -> Response:
        """What has arrived with a nonce; to the page, also what is to be said of it."""
        arrived = self.arrivals.of(nonce)
        told = [each.to_json() if self.behind else _diagnosed(each) for each in arrived]
        content = json.dumps({"arrived": told}).encode("ascii")
        return Response(200, ((b"Content-Type", b"application/json"),), content)


def path_of(target: bytes) -> bytes:
    """A target without its query."""
    return target.partition(b"?")[0]


def _diagnosed(arrival: Arrival) -> dict[str, Any]:
    told = arrival.to_json() | {"answer": arrival.answer}
    if arrival.decision is not None:
        diagnosis = diagnose(arrival.info, arrival.decision)
        told["diagnosis"] = to_json(diagnosis)
        told["text"] = to_text(diagnosis)
    if isinstance(arrival.decision, Require426 | Reject):  # a browser hides it from WebSockets
        told["body"] = arrival.decision.body.decode("utf-8", "replace")
    return told


def _in_text(status_code: int, text: str, *fields: tuple[bytes, bytes]) -> Response:
    media_type = (b"Content-Type", b"text/plain; charset=utf-8")
    return Response(status_code, (media_type, *fields), f"{text}\n".encode())


# The page.


def _page(
    endpoints: Sequence[Endpoint], places: Places, hosts: Sequence[str] | None
) -> Mapping[bytes, tuple[bytes, bytes]]:
    """The page and what it loads: media type and content, by path."""
    folder = files(__package__) / "page"
    read = {
        name: (folder / name).read_text("utf-8")
        for name in ("index.html", "endpoint.html", "command.html", "secure.html")
    }
    secure = Template(read["secure.html"]).substitute(secure=escape(places.secure))
    page = Template(read["index.html"]).substitute(
        plain=escape(places.plain),
        command=escape(places.command),
        secure=secure if places.secure else "",
        endpoints="\n".join(_render(each, places, hosts, read) for each in endpoints),
    )
    return {
        b"/": (b"text/html; charset=utf-8", page.encode()),
        b"/style.css": (b"text/css", (folder / "style.css").read_bytes()),
        b"/page.js": (b"text/javascript", (folder / "page.js").read_bytes()),
    }


def _render(
    endpoint: Endpoint, places: Places, hosts: Sequence[str] | None, read: Mapping[str, str]
) -> str:
    command = Template(read["command.html"])
    filled = [places.fill(each) for each in endpoint.commands]
    docs = ", ".join(f"<code>{escape(each)}</code>" for each in endpoint.docs)
    return Template(read["endpoint.html"]).substitute(
        name=escape(endpoint.target.strip("/")),
        target=escape(endpoint.target),
        title=escape(endpoint.title),
        says=escape(endpoint.says),
        mode=escape(endpoint.mode),
        code=escape(endpoint.code.replace("{hosts}", code_of(hosts))),
        docs=docs,
        commands="".join(command.substitute(command=escape(each)) for each in filled),
    )


def code_of(hosts: Sequence[str] | None) -> str:
    """These names as Python."""
    return "None" if hosts is None else json.dumps(list(hosts))
