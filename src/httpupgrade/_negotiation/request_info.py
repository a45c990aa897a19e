"""A request and its connection, as functions of the caller get them.

Rules for this module: it holds what the caller's callables are given, and decides nothing.
"""

from typing import final

from .._http1.arguments import require, require_flag
from .._http1.copying import Pickled
from .._http1.heads import RequestHead


@final
class RequestInfo(Pickled):
    """A request, and the connection that it came on. It is read-only.

    :param head: see :attr:`head`.
    :param peer: see :attr:`peer`.
    :param secure: see :attr:`secure`.
    """

    __slots__ = ("_head", "_peer", "_secure")

    def __init__(self, head: RequestHead, peer: object = None, secure: bool = False) -> None:
        require("head is a RequestHead", head, RequestHead)
        require_flag("secure", secure)
        self._head = head
        self._peer = peer
        self._secure = secure

    @property
    def head(self) -> RequestHead:
        """The request, as it was received."""
        return self._head

    @property
    def peer(self) -> object:
        """The other end of the connection, as the caller or the adapter names it; None if unknown.

        asyncio and uvicorn: ``transport.get_extra_info("peername")``, for TCP a tuple of the
        address and the port. Behind a proxy it is the proxy.
        """
        return self._peer

    @property
    def secure(self) -> bool:
        """Whether the connection is inside TLS."""
        return self._secure

    def __repr__(self) -> str:
        return f"RequestInfo({self._head!r}, peer={self._peer!r}, secure={self._secure!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RequestInfo):
            return NotImplemented
        return self._value() == other._value()

    def __hash__(self) -> int:
        return hash(self._value())

    def _value(self) -> tuple[object, ...]:
        return self._head, self._peer, self._secure
