"""A request and its connection, as functions of the caller get them.

Rules for this module: it holds what the caller's callables are given, and decides nothing.
"""

from typing import final

from .._http1.arguments import require, require_flag
from .._http1.heads import RequestHead
from .._http1.values import Value, field


@final
class RequestInfo(Value):
    """A request, and the connection that it came on: what functions of yours decide by."""

    __slots__ = __match_args__ = ()

    head: RequestHead = field(
        "The request, as it was received. A policy and its ``rollout_key`` get what "
        "``prepare_head`` returned, where there is one."
    )
    peer: object = field(
        "The other end of the connection, as the caller or the adapter names it; None if unknown. "
        "In the adapters, for TCP, it is a tuple whose first item is the address, a str. Behind a "
        "proxy it is the proxy.",
        default=None,
    )
    secure: bool = field("Whether the connection is inside TLS.", default=False)
    context: object = field(
        "What the adapter knows besides: the scope in ASGI, the environ in WSGI; None elsewhere. "
        "``repr()`` shows no more than its type, for it holds cookies.",
        default=None,
    )

    @property
    def address(self) -> str | None:
        """The address in :attr:`peer`: the first item of a tuple, if it is a str; else None.

        For TCP it is an IP address, which :func:`ipaddress.ip_address` reads.
        """
        match self.peer:
            case (str(address), *_):
                return address
            case _:
                return None

    def _check(self) -> None:
        require("head is a RequestHead", self.head, RequestHead)
        require_flag("secure", self.secure)
