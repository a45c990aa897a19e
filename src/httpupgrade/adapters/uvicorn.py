"""What ``uvicorn --http`` takes: uvicorn's own HTTP protocols, with a negotiation in front.

Rules for this module: a request that asks for no WebSocket reaches uvicorn without its offer, and a
WebSocket only when its handshake is good. What uvicorn does with a request is uvicorn's.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar, Final, Literal, TypeVar, cast
from urllib.parse import quote, unquote

from uvicorn.config import HTTP_PROTOCOLS, Config
from uvicorn.importer import import_from_string
from uvicorn.protocols.utils import get_client_addr, get_local_addr, get_remote_addr
from uvicorn.server import ServerState

from .. import (
    DEFAULT_LIMITS,
    DEFAULT_REFUSAL,
    Accept101,
    Code,
    Limits,
    Passthrough,
    PerMessageDeflate,
    Policy,
    Refusal,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
    WebSocket,
    decide,
    finding,
)
from .._http1.grammar import TARGET_PATH
from .._http1.hop_by_hop import MANAGED_FIELDS
from .._negotiation.policy import policy_for, require_policy_function
from ..fields import parse_token_list
from . import _finding_codes as codes
from ._websocket_app import ABNORMAL, WebSocketApp
from ._websocket_frames import FrameProtocol, Settings
from ._websocket_scopes import WEBSOCKET, require_one_websocket
from .asyncio import Owner, UpgradeProtocol, require_awaitable

__all__ = ["AutoProtocol", "H11Protocol", "HttpToolsProtocol"]

_LOG: Final = logging.getLogger("uvicorn.error")

_END: Final = b"\r\n"
_CANONICAL: Final = b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
_HANDSHAKE: Final = "handshake_initiated"
"""What uvicorn's protocol over websockets' ``ServerProtocol`` says of the request."""

_Answer = TypeVar("_Answer", bound=Accept101 | Require426 | Reject)


class AutoProtocol(UpgradeProtocol):
    """One connection of uvicorn, in front of the HTTP implementation that it would choose itself.

    ``uvicorn --http httpupgrade.adapters.uvicorn:AutoProtocol`` declines every offer but a
    WebSocket's. For more, write a subclass and name that.

    :cvar http: the HTTP server: a name that ``uvicorn --http`` takes, an import string or a
        class.
    :cvar websockets: who has those whose handshake is good. "uvicorn": itself, as ``--ws`` says;
        "app": the application, too, but the handshake is made here and the frames by ``wsproto``;
        "switch": :meth:`switch`.
    :cvar refusal: what refusals look like; a ``Policy`` that :meth:`policy` returns has its own.
    :cvar limits: how much is read and held.
    :cvar head_timeout: seconds that a head may take; see :class:`UpgradeProtocol`.
    :cvar review_timeout: seconds that :meth:`review` may take.
    :ivar config: uvicorn's.
    :ivar server_state: uvicorn's, of all connections. A protocol that :meth:`switch` returns may
        add itself to ``server_state.connections`` while it is connected: then its ``shutdown()`` is
        called when uvicorn ends, and uvicorn waits until it has left.
    :ivar app_state: what the lifespan of the application left for its scopes.
    """

    http: ClassVar[str | Callable[..., asyncio.Protocol]] = "auto"
    websockets: ClassVar[Literal["uvicorn", "app", "switch"]] = "uvicorn"
    refusal: ClassVar[Refusal] = DEFAULT_REFUSAL
    limits: ClassVar[Limits] = DEFAULT_LIMITS
    head_timeout: ClassVar[float] = 10.0
    review_timeout: ClassVar[float] = 30.0

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        require_policy_function(self.policy)
        asks = self.websockets == "app" or type(self).review is not AutoProtocol.review
        mends = type(self).prepare_head is not AutoProtocol.prepare_head
        super().__init__(
            self._choose_policy,
            self._make_successor,
            self._make_http,
            review=self._ask if asks else None,
            hand_over=self._hand_over_head,
            prepare_head=self.prepare_head if mends else None,
            refusal=self.refusal,
            limits=self.limits,
            head_timeout=self.head_timeout,
            review_timeout=self.review_timeout,
        )
        self.config = config
        self.server_state = server_state
        self.app_state = app_state
        self._connections = cast(set[Any], server_state.connections)
        self._http: Any = None
        # A subclass that switches to them by itself needs none of uvicorn's.
        self._has_websockets = self.websockets == "switch" or config.ws_protocol_class is not None
        self._default = (
            _policy_with(config.ws_per_message_deflate, self.refusal)
            if self._has_websockets
            else None
        )
        self._handed: Accept101 | None = None
        self._app: WebSocketApp | None = None

    # What a subclass says.

    def policy(self, info: RequestInfo) -> Policy | None:
        """What is offered to this request. ``info.peer`` is the transport's ``"peername"``.

        None, as here, leaves it to uvicorn, without its offer unless that is a WebSocket's.
        """
        return None

    def prepare_head(self, info: RequestInfo) -> RequestHead:
        """Mend a head of a device that is known to be wrong; see :class:`UpgradeProtocol`.

        It is called before :meth:`policy`, which gets what it returns. So does uvicorn, where a
        WebSocket's handshake is left to it; other requests reach it as they were received.
        """
        return info.head

    def switch(self, accept: Accept101) -> asyncio.BaseProtocol:
        """Make what speaks the protocol that was agreed on; see :class:`UpgradeProtocol`."""
        raise NotImplementedError(f"{type(self).__name__} switches to {accept.token}: how?")

    async def review(self, accept: Accept101, info: RequestInfo) -> Accept101 | Require426 | Reject:
        """Say what to answer in place of an acceptance, when you know.

        ``info.head`` is the request as it was received.
        A WebSocket that is left to uvicorn is its application's to accept, and does not come here.
        """
        return accept

    # What uvicorn calls.

    def shutdown(self) -> None:
        """Close: uvicorn ends, and none of its own protocols has seen a request on this."""
        match self.owner:
            case Owner.NOBODY:
                pass  # the last answer is on its way
            case Owner.REVIEW:
                self.refuse_and_close(finding(codes.SERVER_ENDS))
            case _:
                self.transport.close()

    # Who counts the connection: this, while there is no protocol of uvicorn's that does.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._connections.discard(self)
        if self._app is not None:
            self._app.leave(ABNORMAL)

    def eof_received(self) -> bool:
        """The client has sent everything. A WebSocket needs both directions, and is not begun."""
        if self.owner is Owner.REVIEW and self._app is not None:
            return False
        return super().eof_received()

    def owner_changed(self, owner: Owner) -> None:
        if owner is Owner.SUCCESSOR:
            self._connections.discard(self)
        elif owner is Owner.NOBODY:
            self._connections.add(self)

    # Negotiating.

    def _choose_policy(self, info: RequestInfo) -> Policy | None:
        head = info.head
        self._handed = None
        policy = policy_for(self.policy, info) or self._default
        taken = self._has_websockets and self.websockets != "uvicorn"
        if policy is None or not head.has(b"upgrade"):
            return policy
        if self.websockets != "switch":
            require_one_websocket(policy)
        if taken:
            return policy
        decision = decide(head, policy, secure=info.secure, peer=info.peer)
        if not isinstance(decision, Accept101) or decision.token != WEBSOCKET:
            return policy
        if self._has_websockets:
            self._handed = decision
        return None

    def complete(self, decision: _Answer) -> _Answer:
        """Add what uvicorn adds to every response: Date (RFC 9110 6.6.1), Server, its user's."""
        names = {name.lower() for name, _ in decision.headers} | MANAGED_FIELDS
        fields = self.server_state.default_headers
        added = [(name, value) for name, value in fields if name.lower() not in names]
        return cast(_Answer, decision.with_headers(added))

    # Switching.

    async def _ask(self, accept: Accept101, info: RequestInfo) -> Accept101 | Require426 | Reject:
        answer = await require_awaitable(self.review(accept, info))
        is_websocket = isinstance(answer, Accept101) and answer.token == WEBSOCKET
        if not isinstance(answer, Accept101) or not is_websocket or self.websockets != "app":
            return answer
        scope = self._scope(answer)
        self._app = WebSocketApp(self.config.loaded_app, scope, _LOG)
        task = asyncio.get_running_loop().create_task(self._app.run())
        self.server_state.tasks.add(task)
        task.add_done_callback(self.server_state.tasks.discard)
        decision = await self._app.answer(answer)
        if isinstance(decision, Code):
            decision = self.make_refusal(finding(decision))
        _LOG.info(
            '%s - "WebSocket %s" %s',
            get_client_addr(scope),
            quote(scope["path"]),  # without the query, which may hold a token
            "[accepted]" if isinstance(decision, Accept101) else decision.status_code,
        )
        return decision

    def _make_successor(self, accept: Accept101) -> asyncio.BaseProtocol:
        if self._app is None:
            return self.switch(accept)
        config = self.config
        settings = Settings(config.ws_max_size, config.ws_ping_interval, config.ws_ping_timeout)
        return FrameProtocol(accept, self._app, settings, self._connections)

    def _scope(self, accept: Accept101) -> Any:
        head, config = accept.head, self.config
        assert head is not None
        path = TARGET_PATH.match(head.target)
        raw_path = b"/" if path is None else path[1]
        _, _, query = head.target.partition(b"?")
        return {
            "type": "websocket",
            "asgi": {"version": config.asgi_version, "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "wss" if self.secure else "ws",
            "server": get_local_addr(self.transport),
            "client": get_remote_addr(self.transport),
            "root_path": config.root_path,
            "path": config.root_path + unquote(raw_path.decode("ascii")),
            "raw_path": config.root_path.encode("ascii") + raw_path,
            "query_string": query,
            "headers": [(name.lower(), value) for name, value in head.headers],
            "subprotocols": list(parse_token_list(head.get_all(b"sec-websocket-protocol"))),
            "state": self.app_state.copy(),
            "extensions": {"websocket.http.response": {}},
        }

    # Passing through.

    def _make_http(self) -> asyncio.Protocol:
        self._connections.discard(self)
        make = _import(self.http) if isinstance(self.http, str) else self.http
        made = make(config=self.config, server_state=self.server_state, app_state=self.app_state)
        self._http = made
        return cast(asyncio.Protocol, made)

    def _hand_over_head(self, passed: Passthrough) -> bytes:
        left, self._handed = self._handed, None
        if passed.head is None or (left is None and not passed.head.has(b"upgrade")):
            return passed.data
        if left is None:
            return passed.without_upgrade().data
        if left.interim is not None:  # RFC 9110 7.8: the 100 comes before the 101
            self.transport.write(left.interim.to_bytes())
        # uvicorn reads the last line of either field, and compares the one to its whole.
        return _octets_without_upgrade(left.head).removesuffix(_END) + _CANONICAL

    def handed_over(self, protocol: asyncio.BaseProtocol) -> None:
        # The library "websockets" has limits of its own. Its answer to a head that exceeds them is
        # written by uvicorn when the next event comes, which is never.
        if not getattr(protocol, _HANDSHAKE, True):
            self.refuse_and_close(finding(codes.WEBSOCKET_HEAD_TOO_LARGE))

    # Time.

    def idle_changed(self, idle: bool) -> None:
        """Have uvicorn's time for an idle connection run while it is idle, and no longer."""
        http = self._http
        if not hasattr(http, "timeout_keep_alive_task"):
            return
        if http.timeout_keep_alive_task is None and idle:
            http.timeout_keep_alive_task = asyncio.get_running_loop().call_later(
                http.timeout_keep_alive, http.timeout_keep_alive_handler
            )
        elif http.timeout_keep_alive_task is not None and not idle:
            http.timeout_keep_alive_task.cancel()
            http.timeout_keep_alive_task = None


class HttpToolsProtocol(AutoProtocol):
    """The same, in front of ``uvicorn --http httptools``."""

    http: ClassVar[str | Callable[..., asyncio.Protocol]] = "httptools"


class H11Protocol(AutoProtocol):
    """The same, in front of ``uvicorn --http h11``."""

    http: ClassVar[str | Callable[..., asyncio.Protocol]] = "h11"


def _octets_without_upgrade(head: RequestHead | None) -> bytes:
    """A head without its offer: as it was received, or as it was mended."""
    assert head is not None, "it was decided on a head"
    passed = Passthrough(head, head.raw or b"").without_upgrade()
    assert passed.head is not None, "lines taken away from a head leave a head"
    return passed.head.to_bytes()


@cache
def _import(http: str) -> Any:
    return import_from_string(HTTP_PROTOCOLS.get(http, http))


@cache
def _policy_with(deflate: bool, refusal: Refusal) -> Policy:
    extensions = (PerMessageDeflate(),) if deflate else ()
    return Policy(WebSocket(extensions=extensions), refusal=refusal)
