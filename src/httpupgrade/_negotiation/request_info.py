"""A request and its connection, as functions of the caller get them.

Rules for this module: it holds what the caller's callables are given, and decides nothing.
"""

from typing import final

from .._http1.arguments import require, require_flag
from .._http1.heads import RequestHead
from .._http1.values import Value, field


@final
class RequestInfo(Value):
    """A request, and the connection that it came on."""

    __slots__ = __match_args__ = ()

    head: RequestHead = field("The request, as it was received.")
    peer: object = field(
        "The other end of the connection, as the caller or the adapter names it; None if unknown. "
        'asyncio and uvicorn: ``transport.get_extra_info("peername")``, for TCP a tuple of the '
        "address and the port. Behind a proxy it is the proxy.",
        default=None,
    )
    secure: bool = field("Whether the connection is inside TLS.", default=False)

    def _check(self) -> None:
        require("head is a RequestHead", self.head, RequestHead)
        require_flag("secure", self.secure)
