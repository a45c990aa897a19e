"""The client's side of a WebSocket's opening handshake (RFC 6455 4.1).

The law of this file: a 101 is held to the request that it answers, and to nothing else. Whatever
was not offered fails the connection; nothing is corrected. The request may be another client's, who
offered other things than this one would.
"""

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple, final

from .. import _grammar
from .._client_offers import Refuted, Verified, layer_faults
from .._fields import (
    Extension,
    FieldSyntaxError,
    Headers,
    UpgradeToken,
    accept_key,
    format_extensions,
    parse_extensions,
    parse_token_list,
)
from .._findings import MOST_FINDINGS, Finding, find
from .._messages import RequestHead, ResponseHead, fault
from .deflate import OfferableExtension, SupportedExtension, may_answer
from .websocket_fields import (
    ACCEPT_FIELD,
    EXTENSIONS_FIELD,
    KEY_FIELD,
    PROTOCOL_FIELD,
    VERSION_FIELD,
    WebSocketAgreement,
    read_extensions,
)

_ACCEPT: Final = ACCEPT_FIELD.encode()
_EXTENSIONS: Final = EXTENSIONS_FIELD.encode()
_KEY: Final = KEY_FIELD.encode()
_PROTOCOL: Final = PROTOCOL_FIELD.encode()
_VERSION: Final = VERSION_FIELD.encode()


class _Offered(NamedTuple):
    """An extension that a request offers."""

    name: str
    is_answered_by: Callable[[Extension], bool]


@final
class ClientHandshake:
    """What a client's offer comes to, worked out once.

    :param subprotocols: in descending preference.
    :param extensions: all are offered, in this order.
    :param require_subprotocol: take no 101 without one.
    """

    __slots__ = (
        "_extensions",
        "_fault",
        "_fields",
        "_offers",
        "_protocol",
        "_require_subprotocol",
        "_subprotocols",
    )

    def __init__(
        self,
        subprotocols: tuple[str, ...],
        extensions: tuple[SupportedExtension, ...],
        *,
        require_subprotocol: bool,
    ) -> None:
        self._subprotocols = subprotocols
        self._require_subprotocol = require_subprotocol
        offerable = [each for each in extensions if isinstance(each, OfferableExtension)]
        self._offers = tuple([_Offered(each.name, each.is_answered_by) for each in offerable])
        # Of no concern to servers, so it is said when a client asks.
        self._fault: str | None = None
        if len(offerable) < len(extensions):
            self._fault = "a client cannot offer an extension that has no offer()"
        elif len(set(subprotocols)) < len(subprotocols):
            self._fault = f"a client offers a subprotocol once (RFC 6455 4.1): {subprotocols}"
        self._fields = _offered_fields(subprotocols, tuple(offerable))
        # Another client's request has others.
        self._protocol = dict(self._fields).get(_PROTOCOL)
        self._extensions = dict(self._fields).get(_EXTENSIONS)

    def fields(self, key: bytes, version: bytes) -> Headers:
        """What a request carries (RFC 6455 4.1).

        Raises :class:`ValueError` for what a client cannot offer.
        """
        if self._fault is not None:
            raise ValueError(self._fault)
        return (_VERSION, version), (_KEY, key), *self._fields

    def verify(
        self, request: RequestHead, response: ResponseHead, tokens: tuple[UpgradeToken, ...]
    ) -> Verified | Refuted:
        """Judge a 101 (RFC 6455 4.1)."""
        faults = list(layer_faults(response, tokens))
        accept = _verify_accept(request, response, faults)
        subprotocol = _verify_subprotocol(response, self._subprotocols_of(request), faults)
        if self._require_subprotocol and not response.has(_PROTOCOL):
            faults.append(find("subprotocol-missing", field=PROTOCOL_FIELD))
        agreed = _verify_extensions(response, self._offers_of(request), faults)
        if faults:
            return Refuted(tuple(faults))
        return Verified(WebSocketAgreement(subprotocol, agreed, accept))

    def _subprotocols_of(self, request: RequestHead) -> tuple[str, ...]:
        if request.get(_PROTOCOL) == self._protocol:
            return self._subprotocols
        try:
            return parse_token_list(request.get_all(_PROTOCOL))
        except FieldSyntaxError:
            return ()

    def _offers_of(self, request: RequestHead) -> tuple[_Offered, ...]:
        """What the request offers: what is offered here, or what another client offered."""
        if request.get(_EXTENSIONS) == self._extensions:
            return self._offers
        try:
            offers = parse_extensions(request.get_all(_EXTENSIONS))
        except FieldSyntaxError:
            return ()  # nobody can have been offered anything by that
        return tuple([_Offered(each.name, partial(may_answer, each)) for each in offers])


def _offered_fields(
    subprotocols: tuple[str, ...], extensions: tuple[OfferableExtension, ...]
) -> Headers:
    fields = []
    if subprotocols:
        fields.append((_PROTOCOL, ", ".join(subprotocols).encode("ascii")))
    if extensions:
        offers = format_extensions(each.offer() for each in extensions)
        fields.append((_EXTENSIONS, offers))
    return tuple(fields)


def _verify_accept(request: RequestHead, response: ResponseHead, faults: list[Finding]) -> bytes:
    lines = response.get_all(_ACCEPT)
    expected = accept_key(request.get(_KEY) or b"")
    if not lines:
        faults.append(find("websocket-accept-missing", field=ACCEPT_FIELD))
    elif len(lines) > 1:
        faults.append(fault(response, "websocket-accept-repeated", ACCEPT_FIELD, 1))
    elif lines[0] != expected:
        faults.append(fault(response, "websocket-accept-wrong", ACCEPT_FIELD))
    return expected


def _verify_subprotocol(
    response: ResponseHead, subprotocols: tuple[str, ...], faults: list[Finding]
) -> str | None:
    lines = response.get_all(_PROTOCOL)
    if not lines:
        return None
    if len(lines) > 1:
        faults.append(fault(response, "subprotocol-repeated", PROTOCOL_FIELD, 1))
    elif _grammar.TOKEN.fullmatch(lines[0]) is None:
        faults.append(fault(response, "subprotocol-malformed", PROTOCOL_FIELD))
    else:
        chosen = lines[0].decode("ascii")
        if chosen in subprotocols:
            return chosen
        faults.append(fault(response, "subprotocol-not-offered", PROTOCOL_FIELD))
    return None


def _verify_extensions(
    response: ResponseHead, offered: tuple[_Offered, ...], faults: list[Finding]
) -> tuple[Extension, ...]:
    # RFC 6455 11.3.2 has the field once in a response, 4.2.2 several times. It is a list: what must
    # not be there twice is an extension.
    answers = read_extensions(response, faults)
    seen: set[str] = set()
    wrong: list[Finding] = []
    for answer in answers:
        code = _judge_extension(answer, offered, seen)
        if code is not None and len(wrong) < MOST_FINDINGS:
            value = str(answer).encode("ascii")
            wrong.append(find(code, field=EXTENSIONS_FIELD, value=value))
        seen.add(answer.name)
    faults += wrong
    return answers


def _judge_extension(
    answer: Extension, offered: tuple[_Offered, ...], seen: set[str]
) -> str | None:
    offers = [each for each in offered if each.name == answer.name]
    if not offers:
        return "extension-not-offered"
    if answer.name in seen:
        return "extension-repeated"
    if not any(each.is_answered_by(answer) for each in offers):
        return "extension-parameters-wrong"
    return None
