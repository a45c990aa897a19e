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
    OnDecision,
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
from ._asgi_and_wsgi import OTHER_STATUS, PATH, WIRE, Case, Judge, Judged, sends_content
from ._log import Teller
from ._websocket_scopes import handshake_of, judge_handshake, require_judgeable

__all__ = [
    "ASGIApplication",
    "Message",
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
    :param on_decision: is called with each decision and its :class:`DecisionInfo`, before it is
        carried out. ``info.request`` is None where the server passed on invalid header fields. What
        it raises is logged, and changes nothing.
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

    Each decision is a line of the logger ``httpupgrade.asgi``: a refusal at level INFO, any other
    at DEBUG.

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
            teller=Teller("httpupgrade.asgi", on_decision),
        )
        if isinstance(policy, Policy):
            require_judgeable(policy)
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a scope, as ASGI 3 has it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        since = self._judge.now()
        judged = self._judge_scope(scope)
        self._judge.tell(judged, since)
        match judged.decision:
            case Passthrough() if judged.is_untouched:
                await self._app(scope, receive, send)
            case Passthrough() as decision:
                if decision.advertisement:
                    send = _advertising(send, decision.advertisement)
                await self._app(_telling(scope, decision), receive, send)
            case Accept101() | AcceptConnect() as decision:
                await self._app(_telling(scope, decision), receive, _checking(send, scope))
            case refused if scope["type"] == "websocket":
                await _deny(refused, scope, receive, send)
            case refused:
                await self._refuse(refused, judged.request, receive, send)

    def _judge_scope(self, scope: Scope) -> Judged:
        is_handshake = scope["type"] == "websocket"
        secure = scope.get("scheme") in ("https", "wss" if is_handshake else "https")
        client = scope.get("client")  # an iterable, or None
        peer = client and tuple(client)
        try:
            head = head_of(scope)
            if is_handshake:
                head = handshake_of(head, scope.get("subprotocols") or ())
        except ValueError:
            upgrades = any(bytes(name).lower() == b"upgrade" for name, _ in scope["headers"])
            # RFC 9113 8.2.2, RFC 9114 4.2: there is no Connection field there.
            closes = not scope.get("http_version", "1.1").startswith(("2", "3"))
            return self._judge.judge_unreadable(
                peer, upgrades=is_handshake or upgrades, secure=secure, closes=closes
            )
        request = RequestInfo(head, peer, secure, scope)
        return self._judge.judge(request, judge_handshake if is_handshake else _judge_request)

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


def _judge_request(case: Case) -> Require426 | Reject | Passthrough:
    decision = case.decide()
    return case.stay_with_http(decision) if isinstance(decision, Accept101) else decision


async def _answer(kind: str, refused: Require426 | Reject, send: Send, *, more: bool) -> None:
    fields = [(name.lower(), value) for name, value in refused.headers]
    await send({"type": f"{kind}.start", "status": refused.status_code, "headers": fields})
    await send({"type": f"{kind}.body", "body": refused.body, "more_body": more})


async def _deny(refused: Require426 | Reject, scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a handshake (ASGI 3.0, "Websocket Denial Response")."""
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
