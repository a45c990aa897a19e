"""Middleware for ASGI: a 426 where a route is served over another protocol only.

The law of this file: nothing but HTTP requests is looked at, and what passes is passed on with what
was decided, and nothing else changed. The scope is all that is known of a request.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from string import ascii_letters, digits, punctuation
from typing import Any, Final, final
from urllib.parse import quote, quote_from_bytes

from .. import (
    Accept101,
    Headers,
    Limits,
    Passthrough,
    Reject,
    RequestHead,
    Require426,
)
from ._gateway import (
    OTHER_STATUS,
    PolicySource,
    judge,
    judge_unreadable,
    policy_for,
    require_status,
    stay_with_http,
)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApplication = Callable[[Scope, Receive, Send], Awaitable[None]]
"""As the specification has them, and Starlette."""

Carries = Callable[[Scope, bytes], bool]
"""Whether the server lets Connection and an Upgrade field of this value through."""
Observer = Callable[[Scope, Require426 | Reject | Passthrough], None]
"""Is told of each decision before it is carried out."""

# RFC 3986 3.3, and the octets of a request line: what may stand in a path, and on the wire.
_PATH: Final = "/:@!$&'()*+,;="
_WIRE: Final = ascii_letters + digits + punctuation


def head_of(scope: Scope) -> RequestHead:
    """The request of an HTTP scope, or of a WebSocket's, as far as the scope tells.

    Lost in it are the method's and the names' case, an authority in the target, what the server
    left out (lines it did not pass on, hop-by-hop fields, HTTP/2's pseudo-header fields), and on
    some servers whether ``root_path`` stood in the target. Raises :class:`ValueError` for what no
    request can hold.
    """
    headers = [(bytes(name), bytes(value)) for name, value in scope["headers"]]
    version = scope["http_version"].encode("ascii")
    return RequestHead(
        scope.get("method", "GET").encode("ascii"),
        _target_of(scope),
        headers,
        version if b"." in version else version + b".0",
    )


def _target_of(scope: Scope) -> bytes:
    # The raw path is optional, and None where a server has it no more.
    raw: bytes = scope.get("raw_path") or quote(scope["path"], _PATH, errors="replace").encode()
    query: bytes = scope.get("query_string", b"")
    target = raw + b"?" + query if query else raw
    # Servers let octets through that no request line has (RFC 3986 2.1).
    return quote_from_bytes(target, _WIRE).encode() or b"/"


def carries_upgrade(scope: Scope, upgrade: bytes) -> bool:
    """True: ASGI forbids applications no field of HTTP/1.1."""
    return True


@final
class UpgradeMiddleware:
    """Answers for the routes that are served over another protocol only; all else it passes on.

    :param app: the application behind it.
    :param policy: what is offered; or a callable that says so for each head, None meaning that the
        request passes. What it raises goes through to the server.
    :param other_status: what is sent where 426 cannot be: over HTTP/2 and HTTP/3, and where
        ``carries`` says so.
    :param carries: whether the server lets Upgrade and Connection of a response through.
    :param on_decision: is told of each request that a policy is for, and of what was decided.
    :param limits: of these, ``max_drain``: how much of a refused request's body is read past.

    Raises :class:`ValueError` for a status that is no refusal, or is 426.
    """

    __slots__ = ("_app", "_carries", "_limits", "_on_decision", "_other_status", "_policy")

    def __init__(
        self,
        app: ASGIApplication,
        policy: PolicySource,
        *,
        other_status: int = OTHER_STATUS,
        carries: Carries = carries_upgrade,
        on_decision: Observer | None = None,
        limits: Limits | None = None,
    ) -> None:
        require_status(other_status)
        self._app = app
        self._policy = policy
        self._other_status = other_status
        self._carries = carries
        self._on_decision = on_decision
        self._limits = Limits() if limits is None else limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a scope, as ASGI 3 has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        head, decision = self._judge(scope)
        if decision is not None and self._on_decision is not None:
            self._on_decision(scope, decision)
        match decision:
            case None:
                await self._app(scope, receive, send)
            case Passthrough():
                if decision.advertise:
                    send = _advertising(send, decision.advertise)
                await self._app(_telling(scope, decision), receive, send)
            case _:
                await self._refuse(decision, head, receive, send)

    def _judge(
        self, scope: Scope
    ) -> tuple[RequestHead | None, Require426 | Reject | Passthrough | None]:
        secure = scope.get("scheme") == "https"
        try:
            head = head_of(scope)
        except ValueError:
            return None, judge_unreadable(self._policy, secure=secure)
        policy = policy_for(self._policy, head)
        if policy is None:
            return head, None
        decision = judge(
            policy,
            head,
            self._other_status,
            lambda upgrade: self._carries(scope, upgrade),
            self._limits,
            secure=secure,
        )
        if isinstance(decision, Accept101):
            return head, stay_with_http(policy, decision, secure=secure)
        return head, decision

    async def _refuse(
        self, refused: Require426 | Reject, head: RequestHead | None, receive: Receive, send: Send
    ) -> None:
        refused.to_bytes()  # raises for what must not go out
        fields = [(name.lower(), value) for name, value in refused.headers]
        start = {"type": "http.response.start", "status": refused.status_code, "headers": fields}
        await send(start)
        # What is left unread when a connection closes can take the answer with it. A client that
        # waits for a 100 sends nothing.
        unread = head is not None and head.announces_content and not head.has(b"expect")
        await send({"type": "http.response.body", "body": refused.body, "more_body": unread})
        if unread and await self._drain(receive):
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _drain(self, receive: Receive) -> bool:
        """Read past the request's body, within bounds. False: the client has left."""
        left = self._limits.max_drain
        while left >= 0:
            message = await receive()
            if message["type"] == "http.disconnect":
                return False
            left -= len(message.get("body", b""))
            if not message.get("more_body", False):
                break
        return True


def _telling(scope: Scope, decision: Passthrough) -> Scope:
    """A copy, as the specification wants it of middleware, that says what was decided."""
    extensions = {**(scope.get("extensions") or {}), "httpupgrade": {"decision": decision}}
    return {**scope, "extensions": extensions}


def _advertising(send: Send, advertisement: Headers) -> Send:
    added = [(name.lower(), value) for name, value in advertisement]

    async def send_advertising(message: Message) -> None:
        if message["type"] == "http.response.start":
            fields = list(message.get("headers", ()))
            # An application that speaks of Upgrade itself knows better.
            if all(bytes(name).lower() != b"upgrade" for name, _ in fields):
                message = {**message, "headers": [*fields, *added]}
        await send(message)

    return send_advertising
