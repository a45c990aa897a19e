"""Middleware for ASGI: one policy for the requests and the WebSocket handshakes of an application.

Rules for this module: scopes of other types are passed on as they are. A scope that passes gets the
decision added, and nothing else changes. The scope is all that is known of a request.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, final
from urllib.parse import quote, quote_from_bytes

from .. import (
    DEFAULT_REFUSAL,
    Accept101,
    AcceptConnect,
    Carries,
    Limits,
    Passthrough,
    Policy,
    PolicySource,
    PrepareHead,
    Refusal,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
)
from ..fields import Headers
from ._asgi_and_wsgi import OTHER_STATUS, PATH, WIRE, Judge, sends_content
from ._websocket_scopes import handshake_of, judge_handshake, require_judgeable

__all__ = [
    "ASGIApplication",
    "Decision",
    "Message",
    "OnDecision",
    "Receive",
    "Scope",
    "Send",
    "UpgradeMiddleware",
    "head_of",
]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApplication = Callable[[Scope, Receive, Send], Awaitable[None]]
"""As the specification has them, and Starlette."""

Decision = Accept101 | AcceptConnect | Require426 | Reject | Passthrough
"""The first two for WebSockets alone: over HTTP/1.1, and over HTTP/2 or HTTP/3."""
OnDecision = Callable[[Decision, RequestInfo | None], None]
"""Is called with each decision before it is carried out. None: the header fields are invalid."""


def head_of(scope: Scope) -> RequestHead:
    """The request of an HTTP scope, or of a WebSocket's, as far as the scope tells.

    Lost in it are the method's and the names' case, an authority in the target, what the server
    left out (lines it did not pass on, hop-by-hop fields, HTTP/2's pseudo-header fields), and on
    some servers whether ``root_path`` stood in the target. Raises :class:`ValueError` for what no
    request can hold.
    """
    headers = [(bytes(name), bytes(value)) for name, value in scope["headers"]]
    version = scope.get("http_version", "1.1").encode("ascii")
    return RequestHead(
        scope.get("method", "GET").encode("ascii"),
        _target_of(scope),
        headers,
        version if b"." in version else version + b".0",
    )


def _target_of(scope: Scope) -> bytes:
    # The raw path is optional, and None where a server has it no more.
    raw: bytes = scope.get("raw_path") or quote(scope["path"], PATH, errors="replace").encode()
    query: bytes = scope.get("query_string", b"")
    target = raw + b"?" + query if query else raw
    # Servers let octets through that no request line has (RFC 3986 2.1).
    return quote_from_bytes(target, WIRE).encode() or b"/"


@final
class UpgradeMiddleware:
    """Applies a policy to the requests and WebSocket handshakes of an application.

    Refuses plain requests for routes that are served over another protocol only, and handshakes
    that the policy does not accept: an Origin or Host that is not allowed, no common subprotocol.

    :param app: the application that gets what passes.
    :param policy: what is offered; or a function that says so for each request, None meaning that
        it passes. What it raises goes through to the server.
    :param other_status: what is sent where 426 cannot be: over HTTP/2 and HTTP/3, and where
        ``carries`` says so.
    :param carries: says for a request whether the server, and what is in front of it, lets Upgrade
        and Connection of a response through. None: it does, over HTTP/1.1.
    :param on_decision: is called with each decision and its request, before it is carried out.
        It is
        not called where there is no policy. The request is None where the server passed on invalid
        header fields.
    :param refusal: what a refusal looks like where there is no head, and a callable has chosen no
        policy. A ``Policy`` has its own.
    :param prepare_head: mends heads of devices that are known to be wrong before they are judged,
        as for :class:`ServerNegotiator`. The scope that the application gets is not changed by it.
    :param limits: of these, ``max_drain``: how much of a refused request's body is read past.

    Raises :class:`ValueError` for a status that is not a refusal, or is 426; and for a policy that
    cannot be kept where the server writes the 101: several WebSocket offers, or an offer of your
    own for ``websocket``. A policy that a callable returns is checked when a WebSocket asks for it.
    Raises :class:`TypeError` for a policy that is neither a Policy nor a function, and for
    functions that are async.

    In each :class:`RequestInfo`, ``peer`` is the scope's ``"client"`` as a tuple, and ``context``
    the scope.
    """

    __slots__ = ("_app", "_judge", "_limits")

    def __init__(
        self,
        app: ASGIApplication,
        policy: PolicySource,
        *,
        other_status: int = OTHER_STATUS,
        carries: Carries | None = None,
        on_decision: OnDecision | None = None,
        refusal: Refusal = DEFAULT_REFUSAL,
        prepare_head: PrepareHead | None = None,
        limits: Limits | None = None,
    ) -> None:
        limits = Limits() if limits is None else limits
        self._judge = Judge(
            policy,
            other_status,
            refusal,
            prepare_head,
            limits,
            carries=carries,
            # ASGI forbids applications no field of HTTP/1.1.
            sends=lambda scope, upgrade: True,
            on_decision=on_decision,
        )
        if isinstance(policy, Policy):
            require_judgeable(policy)
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a scope, as ASGI 3 has it."""
        info: RequestInfo | None = None
        decision: Decision | None = None
        if scope["type"] == "http":
            info, decision = self._decide(scope)
        elif scope["type"] == "websocket":
            info, decision = self._decide_handshake(scope)
        if decision is not None:
            self._judge.tell(decision, info)
        match decision:
            case None:
                await self._app(scope, receive, send)
            case Passthrough():
                if decision.advertisement:
                    send = _advertising(send, decision.advertisement)
                await self._app(_telling(scope, decision), receive, send)
            case Accept101() | AcceptConnect():
                await self._app(_telling(scope, decision), receive, _checking(send, scope))
            case _ if scope["type"] == "websocket":
                await _deny(decision, scope, receive, send)
            case _:
                await self._refuse(decision, info, receive, send)

    def _decide(
        self, scope: Scope
    ) -> tuple[RequestInfo | None, Require426 | Reject | Passthrough | None]:
        secure = scope.get("scheme") == "https"
        try:
            info = _info(scope, head_of(scope), secure=secure)
        except ValueError:
            upgrades = any(bytes(name).lower() == b"upgrade" for name, _ in scope["headers"])
            return None, self._refuse_unreadable(scope, upgrades=upgrades, secure=secure)
        case = self._judge.take(info)
        if case is None:
            return info, None
        decision = case.decide()
        if isinstance(decision, Accept101):
            decision = case.stay_with_http(decision)
        return info, case.as_received(decision)

    def _decide_handshake(self, scope: Scope) -> tuple[RequestInfo | None, Decision | None]:
        secure = scope.get("scheme") in ("wss", "https")
        try:
            handshake = handshake_of(head_of(scope), scope.get("subprotocols") or ())
        except ValueError:
            return None, self._refuse_unreadable(scope, upgrades=True, secure=secure)
        info = _info(scope, handshake, secure=secure)
        case = self._judge.take(info)
        return info, None if case is None else case.as_received(judge_handshake(case))

    def _refuse_unreadable(self, scope: Scope, *, upgrades: bool, secure: bool) -> Reject | None:
        # RFC 9113 8.2.2, RFC 9114 4.2: there is no Connection field there.
        closes = not scope.get("http_version", "1.1").startswith(("2", "3"))
        return self._judge.refuse_unreadable(upgrades=upgrades, secure=secure, closes=closes)

    async def _refuse(
        self, refused: Require426 | Reject, info: RequestInfo | None, receive: Receive, send: Send
    ) -> None:
        # What is left unread when a connection closes can take the answer with it.
        unread = info is not None and sends_content(info.head)
        await _answer("http.response", refused, send, more=unread)
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


def _info(scope: Scope, head: RequestHead, *, secure: bool) -> RequestInfo:
    client = scope.get("client")  # an iterable, or None
    return RequestInfo(head, client and tuple(client), secure, scope)


async def _answer(kind: str, refused: Require426 | Reject, send: Send, *, more: bool) -> None:
    refused.to_bytes()  # raises for what must not go out
    fields = [(name.lower(), value) for name, value in refused.headers]
    await send({"type": f"{kind}.start", "status": refused.status_code, "headers": fields})
    await send({"type": f"{kind}.body", "body": refused.body, "more_body": more})


async def _deny(refused: Require426 | Reject, scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a handshake (ASGI 3.0, "Websocket Denial Response")."""
    refused.to_bytes()  # raises for what must not go out
    if (await receive())["type"] != "websocket.connect":
        return  # the client has left
    kind = "websocket.http.response"
    if kind not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close"})  # which the server answers with 403
        return
    await _answer(kind, refused, send, more=False)


def _checking(send: Send, scope: Scope) -> Send:
    """Refuse to send a subprotocol that the client did not offer (RFC 6455 4.2.2)."""
    offered = scope.get("subprotocols") or ()

    async def send_checked(message: Message) -> None:
        if message["type"] == "websocket.accept":
            chosen = message.get("subprotocol")
            if chosen is not None and chosen not in offered:
                raise ValueError("the client did not offer the subprotocol of this answer")
        await send(message)

    return send_checked


def _telling(scope: Scope, decision: Passthrough | Accept101 | AcceptConnect) -> Scope:
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
