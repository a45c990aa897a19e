"""permessage-deflate as servers and clients negotiate it (RFC 7692 7.1).

Rules for this module: one offer in, one agreement or a refusal of that offer out. An offer that
cannot be accepted is declined, which is no error; the client's next offer is looked at instead. An
agreement that answers no offer is an error, and what a client makes of it.
"""

from collections.abc import Iterable
from typing import Final, final

from ..._http1.arguments import require, require_flag, require_number
from ..._http1.errors import LocalProtocolError
from ..._http1.lazy_pattern import lazy_pattern
from ..._http1.values import Value, field
from .extensions import Extension

_NAME: Final = "permessage-deflate"
_FLAGS: Final = ("server_no_context_takeover", "client_no_context_takeover")
_SERVER_BITS: Final = "server_max_window_bits"
_CLIENT_BITS: Final = "client_max_window_bits"
# zlib compresses with windows of 9 to 15 bits only; asked for 8 it silently takes 9, which breaks
# the agreement.
_LEAST_OWN_BITS: Final = 9
_MOST_BITS: Final = 15
# RFC 7692 7.1.2: a window size is 8 to 15, in decimal without leading zeros.
WINDOW_BITS: Final = lazy_pattern(rb"[89]|1[0-5]")


@final
class PerMessageDeflate(Value):
    """Per-message compression (RFC 7692).

    Raises :class:`ValueError` for windows other than of 9 to 15 bits.
    """

    __slots__ = __match_args__ = ()

    server_no_context_takeover: bool = field(
        "The server forgets its window after each message: on a server, whatever is offered; a "
        "client asks for it.",
        default=False,
    )
    client_no_context_takeover: bool = field(
        "The client forgets its window: a server asks for it; a client says that it will.",
        default=False,
    )
    server_max_window_bits: int = field(
        "The largest window the server compresses with, in bits, 9 to 15.", default=_MOST_BITS
    )
    client_max_window_bits: int = field(
        "The largest window the client compresses with, in bits, 9 to 15. A server can say so to "
        "clients whose offer says that they can be told, as those of this class do.",
        default=_MOST_BITS,
    )

    def _check(self) -> None:
        server_forgets, client_forgets, server_bits, client_bits = self._values
        require_flag("server_no_context_takeover", server_forgets)
        require_flag("client_no_context_takeover", client_forgets)
        for name, bits in ((_SERVER_BITS, server_bits), (_CLIENT_BITS, client_bits)):
            require_number(name, bits)
            if not _LEAST_OWN_BITS <= bits <= _MOST_BITS:
                raise ValueError(f"{name} is 9 to 15 bits, not {bits}")

    @property
    def name(self) -> str:
        """``"permessage-deflate"``."""
        return _NAME

    def accept(self, offer: Extension) -> Extension | None:
        """What is agreed on for this offer; None declines it (RFC 7692 5, 7.1)."""
        require("offer is an Extension", offer, Extension)
        offered = _parse_parameters(offer)
        if offered is None:
            return None
        agreed: list[tuple[str, str | None]] = []
        for flag, ours in zip(_FLAGS, self._values[:2], strict=True):
            if ours or flag in offered:
                agreed.append((flag, None))
        server_bits = min(self.server_max_window_bits, offered.get(_SERVER_BITS, _MOST_BITS))
        if server_bits < _LEAST_OWN_BITS:
            return None
        if server_bits < _MOST_BITS or _SERVER_BITS in offered:
            agreed.append((_SERVER_BITS, str(server_bits)))
        # RFC 7692 7.1.2.2: MUST NOT be answered where it was not offered. A client that did not
        # offer it may use 15 bits, which any inflater of ours takes; nor is 8 worth answering,
        # which zlib on the other side could not keep.
        client_bits = min(self.client_max_window_bits, offered.get(_CLIENT_BITS, 0))
        if _LEAST_OWN_BITS <= client_bits < _MOST_BITS:
            agreed.append((_CLIENT_BITS, str(client_bits)))
        return Extension(_NAME, tuple(agreed))

    def offer(self) -> Extension:
        """What a client asks for (RFC 7692 7.1)."""
        parameters: list[tuple[str, str | None]] = [
            (flag, None) for flag, ours in zip(_FLAGS, self._values[:2], strict=True) if ours
        ]
        if self.server_max_window_bits < _MOST_BITS:
            parameters.append((_SERVER_BITS, str(self.server_max_window_bits)))
        # 7.1.2.2: without it, a server that wants to limit our window could not.
        bits = self.client_max_window_bits
        parameters.append((_CLIENT_BITS, str(bits) if bits < _MOST_BITS else None))
        return Extension(_NAME, tuple(parameters))

    def is_answered_by(self, answer: Extension) -> bool:
        """Whether this is what RFC 7692 7.1 lets a server answer to :meth:`offer`."""
        require("answer is an Extension", answer, Extension)
        agreed = _parse_answer(answer)
        if agreed is None or not _may_answer(self.offer(), agreed):
            return False
        return agreed.get(_CLIENT_BITS, _MOST_BITS) >= _LEAST_OWN_BITS


def _parse_parameters(extension: Extension) -> dict[str, int] | None:
    """The parameters by name; None for an undefined, invalid or repeated one (RFC 7692 7.1)."""
    offered: dict[str, int] = {}
    for name, value in extension.parameters:
        if name in offered:
            return None
        if name in _FLAGS and value is None:
            offered[name] = 1
        elif name == _CLIENT_BITS and value is None:
            offered[name] = _MOST_BITS
        elif (
            name not in (_CLIENT_BITS, _SERVER_BITS)
            or value is None
            or WINDOW_BITS.fullmatch(value.encode("ascii", "replace")) is None
        ):
            return None
        else:
            offered[name] = int(value)
    return offered


def _parse_answer(answer: Extension) -> dict[str, int] | None:
    """The parameters of an answer, where client_max_window_bits has a value (RFC 7692 7.1.2.2)."""
    if (_CLIENT_BITS, None) in answer.parameters:
        return None
    return _parse_parameters(answer)


def answers_any(offers: Iterable[Extension], answer: Extension) -> bool:
    """Whether a server may answer this to one of another client's offers (RFC 7692 7.1).

    The offers and the answer have the same name. What the parameters of other extensions mean is
    not known here: any answer fits.
    """
    if answer.name != _NAME:
        return True
    agreed = _parse_answer(answer)
    return agreed is not None and any(_may_answer(each, agreed) for each in offers)


def _may_answer(offer: Extension, agreed: dict[str, int]) -> bool:
    offered = _parse_parameters(offer)
    if offered is None:
        return False
    if "server_no_context_takeover" in offered and "server_no_context_takeover" not in agreed:
        return False
    if agreed.get(_SERVER_BITS, _MOST_BITS) > offered.get(_SERVER_BITS, _MOST_BITS):
        return False
    # A client that did not offer to be limited cannot be.
    return agreed.get(_CLIENT_BITS, 0) <= offered.get(_CLIENT_BITS, 0)


def check_agreed_parameters(answer: Extension, offers: Iterable[Extension]) -> None:
    """Raise :class:`LocalProtocolError` for an answer that breaks RFC 7692 7.1.2.2."""
    if answer.name != _NAME or _CLIENT_BITS not in dict(answer.parameters):
        return
    if not any(each.name == _NAME and _CLIENT_BITS in dict(each.parameters) for each in offers):
        raise LocalProtocolError(f"the client did not offer {_CLIENT_BITS}")
