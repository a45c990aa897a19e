"""The client's side of a WebSocket's opening handshake (RFC 6455 4.1).

Rules for this module: a 101 is held to the request that it answers, and to nothing else. Whatever
was not offered fails the connection; nothing is corrected. The request may be another client's, who
offered other things than this one would.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final, TypeVar, final

from ..._http1 import grammar
from ..._http1.copying import Pickled
from ..._http1.field_values import Headers, UpgradeToken, parse_token_list
from ..._http1.findings import MOST_FINDINGS, Code, Finding, make_finding
from ..._http1.head_findings import fault, read_list, read_once
from ..._http1.heads import RequestHead, ResponseHead
from ..._negotiation.advice import VERSION_FIELD
from ..._negotiation.client_offers import VerificationFailed, Verified, layer_faults
from . import finding_codes as codes
from .accept_key import ACCEPT_FIELD, KEY_FIELD, accept_key
from .agreement import WebSocketAgreement
from .deflate import answers_any
from .extensions import (
    EXTENSIONS_FIELD,
    Extension,
    OfferableExtension,
    SupportedExtension,
    format_extensions,
    read_extensions,
)
from .subprotocols import PROTOCOL_FIELD

_EXTENSIONS: Final = EXTENSIONS_FIELD.encode()
_KEY: Final = KEY_FIELD.encode()
_PROTOCOL: Final = PROTOCOL_FIELD.encode()
_VERSION: Final = VERSION_FIELD.encode()

_Named = TypeVar("_Named", Extension, OfferableExtension)
_Offers = Mapping[str, Callable[[Extension], bool]]
"""For each extension name that a request offers: whether an answer fits one of its offers."""


@final
class ClientHandshake(Pickled):
    """What a client's offer comes to, worked out once; its parameters are those of WebSocket."""

    __slots__ = ("_extensions", "_fault", "_fields", "_offers", "_require_subprotocol")

    def __init__(
        self,
        subprotocols: tuple[str, ...],
        extensions: tuple[SupportedExtension, ...],
        *,
        require_subprotocol: bool,
    ) -> None:
        self._require_subprotocol = require_subprotocol
        offerable = [each for each in extensions if isinstance(each, OfferableExtension)]
        self._offers: _Offers = {
            name: partial(_answers_any, offers) for name, offers in _by_name(offerable).items()
        }
        # Of no concern to servers, so it is said when a client asks.
        self._fault: str | None = None
        if len(offerable) < len(extensions):
            self._fault = "a client cannot offer an extension that has no offer()"
        elif len(set(subprotocols)) < len(subprotocols):
            self._fault = "subprotocols names one of them twice (RFC 6455 4.1)"
        fields = []
        if subprotocols:
            fields.append((_PROTOCOL, ", ".join(subprotocols).encode("ascii")))
        # Another client's request has others.
        self._extensions: bytes | None = None
        if offerable:
            self._extensions = format_extensions(each.offer() for each in offerable)
            fields.append((_EXTENSIONS, self._extensions))
        self._fields: Headers = tuple(fields)

    def fields(self, key: bytes, version: bytes) -> Headers:
        """What a request carries (RFC 6455 4.1), or a ValueError for what cannot be offered."""
        if self._fault is not None:
            raise ValueError(self._fault)
        return (_VERSION, version), (_KEY, key), *self._fields

    def verify(
        self, request: RequestHead, response: ResponseHead, tokens: tuple[UpgradeToken, ...]
    ) -> Verified | VerificationFailed:
        """Judge a 101 (RFC 6455 4.1)."""
        faults = list(layer_faults(response, tokens))
        accept = _verify_accept(request, response, faults)
        subprotocol = _verify_subprotocol(request, response, faults)
        if self._require_subprotocol and not response.has(_PROTOCOL):
            faults.append(make_finding(codes.SUBPROTOCOL_MISSING, field=PROTOCOL_FIELD))
        agreed = _verify_extensions(response, self._offers_of(request), faults)
        if faults:
            return VerificationFailed(tuple(faults))
        return Verified(WebSocketAgreement(subprotocol, agreed, accept))

    def _offers_of(self, request: RequestHead) -> _Offers:
        """What the request offers: what is offered here, or what another client offered."""
        if request.get(_EXTENSIONS) == self._extensions:
            return self._offers
        offers = read_extensions(request, [])  # what breaks its grammar offers nothing
        return {name: partial(answers_any, same) for name, same in _by_name(offers).items()}


def _by_name(offers: Iterable[_Named]) -> Mapping[str, list[_Named]]:
    found: dict[str, list[_Named]] = {}
    for each in offers:
        found.setdefault(each.name, []).append(each)
    return found


def _answers_any(offers: list[OfferableExtension], answer: Extension) -> bool:
    return any(each.is_answered_by(answer) for each in offers)


def _verify_accept(request: RequestHead, response: ResponseHead, faults: list[Finding]) -> bytes:
    missing, repeated = codes.WEBSOCKET_ACCEPT_MISSING, codes.WEBSOCKET_ACCEPT_REPEATED
    accept = read_once(response, ACCEPT_FIELD, missing, repeated, faults)
    expected = accept_key(request.get(_KEY) or b"")
    if accept not in (None, expected):
        faults.append(fault(response, codes.WEBSOCKET_ACCEPT_WRONG, ACCEPT_FIELD))
    return expected


def _verify_subprotocol(
    request: RequestHead, response: ResponseHead, faults: list[Finding]
) -> str | None:
    lines = response.get_all(_PROTOCOL)
    if not lines:
        return None
    if len(lines) > 1:
        faults.append(fault(response, codes.SUBPROTOCOL_REPEATED, PROTOCOL_FIELD, 1))
    elif grammar.TOKEN.fullmatch(lines[0]) is None:
        faults.append(fault(response, codes.SUBPROTOCOL_MALFORMED, PROTOCOL_FIELD))
    else:
        chosen, malformed = lines[0].decode("ascii"), codes.SUBPROTOCOLS_MALFORMED
        if chosen in (read_list(request, PROTOCOL_FIELD, parse_token_list, malformed, []) or ()):
            return chosen
        faults.append(fault(response, codes.SUBPROTOCOL_NOT_OFFERED, PROTOCOL_FIELD))
    return None


def _verify_extensions(
    response: ResponseHead, offered: _Offers, faults: list[Finding]
) -> tuple[Extension, ...]:
    # RFC 6455 11.3.2 has the field once in a response, 4.2.2 several times. It is a list: what must
    # not be there twice is an extension.
    answers = read_extensions(response, faults)
    seen: set[str] = set()
    most = len(faults) + MOST_FINDINGS
    for answer in answers:
        code = _judge_extension(answer, offered, seen)
        if code is not None and len(faults) < most:
            value = str(answer).encode("ascii")
            faults.append(make_finding(code, field=EXTENSIONS_FIELD, value=value))
        seen.add(answer.name)
    return answers


def _judge_extension(answer: Extension, offered: _Offers, seen: set[str]) -> Code | None:
    fits_an_offer = offered.get(answer.name)
    if fits_an_offer is None:
        return codes.EXTENSION_NOT_OFFERED
    if answer.name in seen:
        return codes.EXTENSION_REPEATED
    return None if fits_an_offer(answer) else codes.EXTENSION_PARAMETERS_WRONG
