"""What the adapter touches of uvicorn's own objects: one protocol for HTTP, one for WebSockets.

Rules for this module: no other module of the adapter reads or sets an attribute of theirs, and
``PARTS`` names all that are, so that a test fails where a release of uvicorn lacks one.
"""

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

PARTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "http": frozenset(
            (
                "_unset_keepalive_if_required",
                "cycle",
                "flow",
                "on_response_complete",
                "timeout_keep_alive",
                "timeout_keep_alive_handler",
                "timeout_keep_alive_task",
                "transport",
            )
        ),
        "cycle": frozenset(("on_response", "response_complete", "transport")),
        "flow": frozenset(("pause_reading", "resume_reading")),
        "websocket": frozenset(("transport",)),
    }
)
"""The attributes, by the kind of object."""

_HANDSHAKE: Final = "handshake_initiated"
"""What uvicorn's protocol over websockets' ``ServerProtocol`` says of the request."""


def is_idle(http: Any) -> bool:
    """Whether it has answered every request that it got."""
    cycle = http.cycle
    return cycle is None or cycle.response_complete is True


def when_answered(http: Any, call: Callable[[], None]) -> None:
    """Have something called once, after it has answered the request that it has."""

    def answered() -> None:
        http.on_response_complete()
        call()

    http.cycle.on_response = answered


def pause_reading(http: Any) -> None:
    """Pause, until it has answered, or its application wants more of a body."""
    http.flow.pause_reading()


def resume_reading(http: Any) -> None:
    """Read on, where it has paused."""
    http.flow.resume_reading()


def stop_idle_timer(http: Any) -> None:
    """More has arrived, of which it knows nothing yet: the connection is not idle."""
    http._unset_keepalive_if_required()


def start_idle_timer(http: Any) -> None:
    """The connection is idle."""
    if http.timeout_keep_alive_task is None:
        http.timeout_keep_alive_task = asyncio.get_running_loop().call_later(
            http.timeout_keep_alive, http.timeout_keep_alive_handler
        )


def has_idle_timer(http: Any) -> bool:
    """Whether it keeps a time for idle connections, as uvicorn's own classes do."""
    return hasattr(http, "timeout_keep_alive_task")


def move_answers(http: Any) -> None:
    """Have an application that still runs after its answer use the transport that http has now."""
    if http.cycle is not None:
        http.cycle.transport = http.transport


def set_transport(websocket: Any, transport: Any) -> None:
    """Have it write to this."""
    websocket.transport = transport


def has_read_handshake(websocket: Any) -> bool:
    """Whether it has taken the head that it was given.

    The library "websockets" has limits of its own. Its answer to a head that exceeds them is
    written by uvicorn when the next event comes, which is never.
    """
    return getattr(websocket, _HANDSHAKE, True) is True
