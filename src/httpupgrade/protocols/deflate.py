"""permessage-deflate as a server negotiates it (RFC 7692 7.1).

The law of this file: one offer in, one agreement or a refusal of that offer out. An offer that
cannot be accepted is declined, which is no error; the client's next offer is looked at instead.
"""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple, Protocol, final

from .. import _grammar
from .._errors import LocalProtocolError
from .._fields import Extension

_NAME: Final = "permessage-deflate"
_FLAGS: Final = ("server_no_context_takeover", "client_no_context_takeover")
# zlib compresses with windows of 9 to 15 bits only; asked for 8 it silently takes 9, which breaks
# the agreement.
_LEAST_OWN_BITS: Final = 9
_MOST_BITS: Final = 15


class SupportedExtension(Protocol):
    """A WebSocket extension that a server supports. Write your own; none need inherit this."""

    @property
    def name(self) -> str:
        """The extension token (RFC 6455 9.1)."""
        ...

    def accept(self, offer: Extension) -> Extension | None:
        """What is agreed on for one offer of this name, or None to decline that offer."""
        ...


class _DeflateFields(NamedTuple):
    server_no_context_takeover: bool
    client_no_context_takeover: bool
    server_max_window_bits: int
    client_max_window_bits: int


@final
class PerMessageDeflate(_DeflateFields):
    """Per-message compression (RFC 7692).

    :param server_no_context_takeover: forget our window after each message, whatever is offered.
    :param client_no_context_takeover: ask the client to.
    :param server_max_window_bits: the largest window we compress with, in bits, 9 to 15.
    :param client_max_window_bits: the largest window we let the client compress with, in bits,
        9 to 15, where its offer says that it can be told.

    Raises :class:`ValueError` for other windows.
    """

    __slots__ = ()

    def __new__(
        cls,
        server_no_context_takeover: bool = False,
        client_no_context_takeover: bool = False,
        server_max_window_bits: int = _MOST_BITS,
        client_max_window_bits: int = _MOST_BITS,
    ) -> "PerMessageDeflate":
        for bits in (server_max_window_bits, client_max_window_bits):
            if type(bits) is not int or not _LEAST_OWN_BITS <= bits <= _MOST_BITS:
                raise ValueError(f"a window has 9 to 15 bits, not {bits!r}")
        return super().__new__(
            cls,
            server_no_context_takeover,
            client_no_context_takeover,
            server_max_window_bits,
            client_max_window_bits,
        )

    @classmethod
    def _make(cls, iterable: Iterable[Any]) -> "PerMessageDeflate":  # type: ignore[override]
        # What _replace() is made of; a changed copy is checked like a new one.
        return cls(*iterable)

    @property
    def name(self) -> str:
        """``"permessage-deflate"``."""
        return _NAME

    def accept(self, offer: Extension) -> Extension | None:
        """What is agreed on for this offer; None declines it (RFC 7692 5, 7.1)."""
        offered = _parse_offer(offer)
        if offered is None:
            return None
        agreed: list[tuple[str, str | None]] = []
        for flag, ours in zip(_FLAGS, self[:2], strict=True):
            if ours or flag in offered:
                agreed.append((flag, None))
        server_bits = min(
            self.server_max_window_bits, offered.get("server_max_window_bits", _MOST_BITS)
        )
        if server_bits < _LEAST_OWN_BITS:
            return None
        if server_bits < _MOST_BITS or "server_max_window_bits" in offered:
            agreed.append(("server_max_window_bits", str(server_bits)))
        # RFC 7692 7.1.2.2: MUST NOT be answered where it was not offered. A client that did not
        # offer it may use 15 bits, which any inflater of ours takes; nor is 8 worth answering,
        # which zlib on the other side could not keep.
        client_bits = min(self.client_max_window_bits, offered.get("client_max_window_bits", 0))
        if _LEAST_OWN_BITS <= client_bits < _MOST_BITS:
            agreed.append(("client_max_window_bits", str(client_bits)))
        return Extension(_NAME, tuple(agreed))


def _parse_offer(offer: Extension) -> dict[str, int] | None:
    """The parameters by name; None for an undefined, invalid or repeated one (RFC 7692 7.1)."""
    offered: dict[str, int] = {}
    for name, value in offer.parameters:
        if name in offered:
            return None
        if name in _FLAGS:
            if value is not None:
                return None
            offered[name] = 1
        elif name == "client_max_window_bits" and value is None:
            offered[name] = _MOST_BITS
        elif name in ("client_max_window_bits", "server_max_window_bits"):
            if (
                value is None
                or _grammar.WINDOW_BITS.fullmatch(value.encode("ascii", "replace")) is None
            ):
                return None
            offered[name] = int(value)
        else:
            return None
    return offered


def check_agreed_parameters(answer: Extension, offers: Iterable[Extension]) -> None:
    """Hold an answer of a caller's to RFC 7692 7.1.2.2, where a wrong one breaks the connection.

    Raises :class:`LocalProtocolError`.
    """
    limit = "client_max_window_bits"
    if answer.name != _NAME or limit not in dict(answer.parameters):
        return
    if not any(each.name == _NAME and limit in dict(each.parameters) for each in offers):
        raise LocalProtocolError(f"the client did not offer {limit}")
