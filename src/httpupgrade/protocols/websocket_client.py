"""The client's side of a WebSocket's opening handshake (RFC 6455 4.1).

The law of this file: a 101 is held to the request that it answers, and to nothing else. Whatever
was not offered fails the connection; nothing is corrected.
"""

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
from .._findings import Finding, find
from .._messages import RequestHead, ResponseHead, fault
from .deflate import OfferableExtension
from .websocket_fields import (
    ACCEPT_FIELD,
    EXTENSIONS_FIELD,
    KEY_FIELD,
    PROTOCOL_FIELD,
    VERSION_FIELD,
    WebSocketAgreement,
)

Offered = tuple[OfferableExtension, ...]


def handshake_fields(
    key: bytes, version: bytes, subprotocols: tuple[str, ...], extensions: Offered
) -> Headers:
    """What a request carries (RFC 6455 4.1). Raises :class:`ValueError` for what it must not."""
    fields = [(VERSION_FIELD.encode(), version), (KEY_FIELD.encode(), key)]
    if subprotocols:
        if len(set(subprotocols)) < len(subprotocols):
            raise ValueError(f"a client offers a subprotocol once (RFC 6455 4.1): {subprotocols}")
        fields.append((PROTOCOL_FIELD.encode(), ", ".join(subprotocols).encode("ascii")))
    if extensions:
        offers = format_extensions(each.offer() for each in extensions)
        fields.append((EXTENSIONS_FIELD.encode(), offers))
    return tuple(fields)


def verify_handshake(
    request: RequestHead,
    response: ResponseHead,
    tokens: tuple[UpgradeToken, ...],
    extensions: Offered,
    *,
    require_subprotocol: bool,
) -> Verified | Refuted:
    """Judge a 101 (RFC 6455 4.1)."""
    faults = list(layer_faults(response, tokens))
    accept = _verify_accept(request, response, faults)
    subprotocol = _verify_subprotocol(request, response, faults)
    if subprotocol is None and require_subprotocol and not response.has(PROTOCOL_FIELD.encode()):
        faults.append(find("subprotocol-missing", field=PROTOCOL_FIELD))
    agreed = _verify_extensions(response, extensions, faults)
    if faults:
        return Refuted(tuple(faults))
    return Verified(WebSocketAgreement(subprotocol, agreed, accept))


def _verify_accept(request: RequestHead, response: ResponseHead, faults: list[Finding]) -> bytes:
    lines = response.get_all(ACCEPT_FIELD.encode())
    expected = accept_key(request.get(KEY_FIELD.encode()) or b"")
    if not lines:
        faults.append(find("websocket-accept-missing", field=ACCEPT_FIELD))
    elif len(lines) > 1:
        faults.append(fault(response, "websocket-accept-repeated", ACCEPT_FIELD, 1))
    elif lines[0] != expected:
        faults.append(fault(response, "websocket-accept-wrong", ACCEPT_FIELD))
    return expected


def _verify_subprotocol(
    request: RequestHead, response: ResponseHead, faults: list[Finding]
) -> str | None:
    lines = response.get_all(PROTOCOL_FIELD.encode())
    if not lines:
        return None
    if len(lines) > 1:
        faults.append(fault(response, "subprotocol-repeated", PROTOCOL_FIELD, 1))
    elif _grammar.TOKEN.fullmatch(lines[0]) is None:
        faults.append(fault(response, "subprotocol-malformed", PROTOCOL_FIELD))
    else:
        chosen = lines[0].decode("ascii")
        if chosen in parse_token_list(request.get_all(PROTOCOL_FIELD.encode())):
            return chosen
        faults.append(fault(response, "subprotocol-not-offered", PROTOCOL_FIELD))
    return None


def _verify_extensions(
    response: ResponseHead, extensions: Offered, faults: list[Finding]
) -> tuple[Extension, ...]:
    # RFC 6455 11.3.2 has the field once in a response, 4.2.2 several times. It is a list: what must
    # not be there twice is an extension.
    lines = response.get_all(EXTENSIONS_FIELD.encode())
    try:
        answers = parse_extensions(lines)
    except FieldSyntaxError as error:
        faults.append(
            fault(response, "extensions-malformed", EXTENSIONS_FIELD, error.line, error.position)
        )
        return ()
    if lines and not answers:
        faults.append(fault(response, "extensions-malformed", EXTENSIONS_FIELD))
    seen: set[str] = set()
    for answer in answers:
        code = _judge_extension(answer, extensions, seen)
        if code is not None:
            value = str(answer).encode("ascii")
            faults.append(find(code, field=EXTENSIONS_FIELD, value=value))
            break
        seen.add(answer.name)
    return answers


def _judge_extension(answer: Extension, extensions: Offered, seen: set[str]) -> str | None:
    offers = [each for each in extensions if each.name == answer.name]
    if not offers:
        return "extension-not-offered"
    if answer.name in seen:
        return "extension-repeated"
    if not any(each.is_answered_by(answer) for each in offers):
        return "extension-parameters-wrong"
    return None
