"""One connection of uvicorn of which not all is for uvicorn: refusals, reviews, switches.

Rules for this module: uvicorn stands behind a transport that watches it, and ``UpgradeProtocol``
says what becomes of each request. This module says what that asks: whose the WebSockets are, who
counts the connection, and when it is idle.
"""

import asyncio
import logging
from typing import Any, ClassVar, Final, TypeVar, cast, final
from urllib.parse import quote

from ... import (
    Accept101,
    Code,
    Decision,
    DecisionInfo,
    Passthrough,
    Policy,
    Reject,
    RequestHead,
    RequestInfo,
    Require426,
    decide,
    finding,
)
from ..._http1.hop_by_hop import MANAGED_FIELDS
from ..._negotiation.decision_info import decision_info
from ..._negotiation.withhold_upgrade import is_carried
from .. import _finding_codes as codes
from .._websocket_app import ABNORMAL, WebSocketApp
from .._websocket_frames import FrameProtocol, Settings
from ..asyncio import Owner, UpgradeProtocol, require_awaitable
from . import objects
from .setup import LOGGER, Chosen, Setup, Site

_LOG: Final = logging.getLogger("uvicorn.error")

_END: Final = b"\r\n"
_CANONICAL: Final = b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n"

_Answer = TypeVar("_Answer", bound=Accept101 | Require426 | Reject)


@final
class Exit(UpgradeProtocol):
    """One connection, from its beginning or from its middle.

    :param http: uvicorn's protocol, if there is one already.
    :param chosen: what was chosen for the first request.
    """

    logger_name: ClassVar[str] = LOGGER

    def __init__(
        self, site: Site, setup: Setup, http: Any = None, chosen: Chosen | None = None
    ) -> None:
        self._site = site
        self._setup = setup
        self._http = http
        self._chosen = chosen
        self._connections = cast(set[Any], site.server_state.connections)
        self._handed: Accept101 | None = None
        self._handed_by: Policy | None = None
        self._carried: bool | None = None
        self._app: WebSocketApp | None = None
        super().__init__(
            self._choose_policy,
            self._make_successor,
            self._make_http,
            review=self._ask if setup.reviews else None,
            hand_over=self._hand_over_head,
            prepare_head=site.prepare_head if setup.mends else None,
            carries=self._carries if setup.doubts else None,
            refusal=site.refusal,
            limits=site.limits,
            head_timeout=site.head_timeout,
            review_timeout=site.review_timeout,
            on_decision=site.on_decision if setup.tells else None,
        )

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

    def take_over(self, transport: asyncio.Transport, *rest: Any, **options: Any) -> None:
        if self._http is None:
            self._connections.add(self)
        super().take_over(transport, *rest, **options)
        if self._http is not None:
            objects.move_answers(self._http)

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
        setup = self._setup
        self._handed = self._carried = None
        chosen, self._chosen = self._chosen, None
        if chosen is None:
            policy = setup.choose(self._site, info)
        elif chosen.error is not None:
            raise chosen.error
        else:
            policy = chosen.policy
        if policy is None or not info.head.has(b"upgrade"):
            return policy
        if setup.has_websockets and setup.websockets != "uvicorn":
            return policy
        decision = decide(info.head, policy, secure=info.secure, peer=info.peer)
        if setup.is_declined(decision):
            return None
        if not setup.is_websocket(decision):
            return policy
        if setup.doubts and not self._carries(self._received()):
            return policy  # a 101 cannot be sent: the machine knows what can
        self._handed = cast(Accept101, decision)
        self._handed_by = policy
        return None

    def _carries(self, received: RequestInfo) -> bool:
        """What the site says of a request, which it is asked once."""
        if self._carried is None:
            self._carried = is_carried(self._site.carries, received)
        return self._carried

    def _received(self) -> RequestInfo:
        """The request as it was received, without what was mended."""
        head = self.negotiator.head
        assert head is not None, "it is decided on a head"
        return RequestInfo(head, self.peer, self.secure)

    def complete(self, decision: _Answer) -> _Answer:
        """Add what uvicorn adds to every response: Date (RFC 9110 6.6.1), Server, its user's."""
        names = {name.lower() for name, _ in decision.headers} | MANAGED_FIELDS
        fields = self._site.server_state.default_headers
        added = [(name, value) for name, value in fields if name.lower() not in names]
        return cast(_Answer, decision.with_headers(added))

    # Switching.

    async def _ask(self, accept: Accept101, info: RequestInfo) -> Accept101 | Require426 | Reject:
        site, setup = self._site, self._setup
        answer = await require_awaitable(site.review(accept, info))
        if setup.websockets != "app" or not setup.is_websocket(answer):
            return answer
        assert isinstance(answer, Accept101)
        scope = setup.scope_of(site, answer, self.transport, secure=self.secure)
        self._app = WebSocketApp(site.config.loaded_app, scope, _LOG)
        task = asyncio.get_running_loop().create_task(self._app.run())
        site.server_state.tasks.add(task)
        task.add_done_callback(site.server_state.tasks.discard)
        decision = await self._app.answer(answer)
        if isinstance(decision, Code):
            decision = self.make_refusal(finding(decision))
        _LOG.info(
            '%s - "WebSocket %s" %s',
            setup.client_of(scope),
            quote(scope["path"]),  # without the query, which may hold a token
            "[accepted]" if isinstance(decision, Accept101) else decision.status_code,
        )
        return decision

    def _make_successor(self, accept: Accept101) -> asyncio.BaseProtocol:
        if self._app is None:
            return self._site.switch(accept)
        config = self._site.config
        settings = Settings(config.ws_max_size, config.ws_ping_interval, config.ws_ping_timeout)
        return FrameProtocol(accept, self._app, settings, self._connections)

    # Passing through.

    def _make_http(self) -> asyncio.Protocol:
        site = self._site
        self._connections.discard(self)
        self._http = self._setup.make_http(
            config=site.config, server_state=site.server_state, app_state=site.app_state
        )
        return cast(asyncio.Protocol, self._http)

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
        if not objects.has_read_handshake(protocol):
            self.refuse_and_close(finding(codes.WEBSOCKET_HEAD_TOO_LARGE))

    # Telling.

    def decided(self, decision: Decision, head: RequestHead | None) -> None:
        """Tell of a decision. That uvicorn takes a WebSocket is no mere passing."""
        make_info = self.negotiator.decision_info
        if self._handed is not None and isinstance(decision, Passthrough):
            decision, make_info = self._handed, self._info_of_handed
        self.tell(decision, make_info)
        # Of what an application refuses, uvicorn's own line was written.
        is_seen = self._app is not None or not self._site.config.access_log
        if isinstance(decision, Require426 | Reject) and head is not None and not is_seen:
            self._setup.log_access(self._site, self.transport, head, decision.status_code)

    def _info_of_handed(self, decision: Decision, seconds: float) -> DecisionInfo:
        return decision_info(decision, self._handed_by, self._received(), self.peer, seconds)

    # Time.

    def idle_changed(self, idle: bool) -> None:
        """Have uvicorn's time for an idle connection run while it is idle, and no longer."""
        if objects.has_idle_timer(self._http):
            (objects.start_idle_timer if idle else objects.stop_idle_timer)(self._http)


def _octets_without_upgrade(head: RequestHead | None) -> bytes:
    """A head without its offer: as it was received, or as it was mended."""
    assert head is not None, "it was decided on a head"
    passed = Passthrough(head, head.raw or b"").without_upgrade()
    assert passed.head is not None, "lines taken away from a head leave a head"
    return passed.head.to_bytes()
