"""HTTP/2 over cleartext TCP, begun by an Upgrade (RFC 7540 3.2; obsoleted by RFC 9113 3.1).

Rules for this module: a request that does not keep to it in full is an ordinary HTTP/1.1 request,
and is never refused for that: the client goes on without HTTP/2. It ends at the 101, before the
first frame.
"""

from binascii import a2b_base64
from types import NoneType
from typing import Final, final

from .._http1.arguments import require
from .._http1.errors import LocalProtocolError
from .._http1.field_values import UpgradeToken
from .._http1.findings import Code, Finding
from .._http1.head_findings import fault, method_fault, read_once
from .._http1.heads import RequestHead, ResponseHead
from .._http1.lazy_pattern import lazy_pattern
from .._http1.redaction import show_length
from .._http1.request_facts import facts_of
from .._http1.values import Value, field
from .._negotiation import finding_codes as rule_codes
from .._negotiation.advice import H2C_TOKEN, Advice, UseHTTP2
from .._negotiation.client_offers import (
    ClientOffer,
    HandshakeFields,
    UpgradeRefusal,
    VerificationFailed,
    Verified,
)
from .._negotiation.decisions import Accept101
from .._negotiation.example_request import Example
from .._negotiation.offers import Agreed, Ignored, Offer, OfferResult

_SETTINGS: Final = "HTTP2-Settings"
# 100 concurrent streams, a window of 65535 octets.
_EXAMPLE_SETTINGS: Final = b"AAMAAABkAAQAAP__"
# RFC 7540 3.2.1: HTTP2-Settings = token68 ; base64url without padding (RFC 4648 5) of a payload of
# one setting or more, six octets each (RFC 7540 6.5.1)
HTTP2_SETTINGS: Final = lazy_pattern(rb"(?:[A-Za-z0-9\-_]{8})+")
_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")

# RFC 9113 6.5.2, RFC 8441 3, RFC 9218 2.1: identifiers whose values have bounds. Others hold any
# value, and those that are not defined are ignored.
_BOUNDS: Final = (
    (0x02, 0, 1),  # SETTINGS_ENABLE_PUSH
    (0x04, 0, 2**31 - 1),  # SETTINGS_INITIAL_WINDOW_SIZE
    (0x05, 2**14, 2**24 - 1),  # SETTINGS_MAX_FRAME_SIZE
    (0x08, 0, 1),  # SETTINGS_ENABLE_CONNECT_PROTOCOL
    (0x09, 0, 1),  # SETTINGS_NO_RFC7540_PRIORITIES
)

# These are not errors: the request stays an HTTP/1.1 request.
HTTP2_SETTINGS_MISSING: Final = Code(
    "http2-settings-missing",
    426,
    "RFC 7540 3.2.1",
    "there is no HTTP2-Settings field",
    "Send it with Upgrade: h2c. If the client did, something on the way removed it.",
)
HTTP2_SETTINGS_REPEATED: Final = Code(
    "http2-settings-repeated",
    426,
    "RFC 7540 3.2.1",
    "HTTP2-Settings is given more than once",
    "Send one HTTP2-Settings field.",
)
HTTP2_SETTINGS_MALFORMED: Final = Code(
    "http2-settings-malformed",
    426,
    "RFC 7540 3.2.1",
    "HTTP2-Settings is not a SETTINGS payload in base64url",
    "Send six octets for each setting, in base64url without padding, values in range.",
)
HTTP2_SETTINGS_OPTION_MISSING: Final = Code(
    "http2-settings-option-missing",
    426,
    "RFC 7540 3.2.1",
    "Connection does not list HTTP2-Settings, which is a hop-by-hop field",
    "Send Connection: Upgrade, HTTP2-Settings. If the client did, something on the way"
    " forwarded only a part of it.",
)


@final
class H2CAgreement(Value):
    """What an HTTP/2 connection begins with; its stream 1 is the request."""

    __slots__ = __match_args__ = ()

    settings: bytes = field(
        "HTTP2-Settings as it came: what ``h2``'s ``initiate_upgrade_connection()`` is given."
    )
    parameters: tuple[tuple[int, int], ...] = field(
        "The client's SETTINGS, identifiers and values in order (RFC 7540 6.5.1)."
    )


class H2C(Offer, ClientOffer):
    """The offer of HTTP/2 in the place of HTTP/1.1, on cleartext connections.

    A request's body is read first, at most ``Limits.max_request_body``, and is the content of
    stream 1. The request was judged as HTTP/1.1 alone: whatever stands in front of HTTP/1.1 to
    authenticate or to filter has to stand in front of stream 1, and of all that follow, as well.

    :param settings: a client's SETTINGS, as HTTP2-Settings has them: what ``h2``'s
        ``initiate_upgrade_connection()`` returns. A server needs none.

    Raises :class:`ValueError` for what is no SETTINGS payload in base64url.
    """

    __slots__ = ("_settings",)

    fields: frozenset[bytes] = frozenset((b"http2-settings",))

    def __init__(self, settings: bytes | None = None) -> None:
        require("settings is bytes or None", settings, (bytes, NoneType))
        if settings is not None and _parse_settings(settings) is None:
            raise ValueError("settings is not a SETTINGS payload in base64url")
        self._settings = settings

    def __repr__(self) -> str:
        if self._settings is None:
            return "H2C()"
        return f"H2C(settings={show_length(self._settings)})"

    def tokens(self, *, secure: bool) -> tuple[UpgradeToken, ...]:
        # RFC 7540 3.3: inside TLS, ALPN chooses.
        return () if secure else (H2C_TOKEN,)

    def example_request(self, head: RequestHead, *, secure: bool) -> Example:
        name = _SETTINGS.encode()
        note = "HTTP2-Settings holds the SETTINGS of the client, in base64url without padding."
        fields = ((name, _EXAMPLE_SETTINGS),)
        return Example.of(head, (H2C_TOKEN,), fields, options=(name,), note=note)

    def negotiate(self, head: RequestHead, token: UpgradeToken, *, secure: bool) -> OfferResult:
        agreement, faults = _read_agreement(head)
        if agreement is None:
            return Ignored(faults)
        return Agreed(H2C_TOKEN, agreement=agreement, reads_body=True)

    def check_accept(self, head: RequestHead, accept: Accept101, *, secure: bool) -> None:
        agreement, faults = _read_agreement(head)
        if agreement is None:
            raise LocalProtocolError(f"the request cannot begin HTTP/2: {faults[0].message}")

    def handshake_fields(self, key: bytes) -> HandshakeFields:
        if self._settings is None:
            raise ValueError("a client says its settings: H2C(settings=...)")
        return HandshakeFields(((_SETTINGS.encode(), self._settings),), (_SETTINGS.encode(),))

    def check_request(self, request: RequestHead) -> None:
        agreement, faults = _read_agreement(request)
        if agreement is None:
            raise ValueError(f"the request cannot begin HTTP/2: {faults[0].message}")

    def verify(
        self, request: RequestHead, response: ResponseHead, tokens: tuple[UpgradeToken, ...]
    ) -> Verified | VerificationFailed:
        # RFC 7540 3.2: what the server agrees to is in its first frame.
        verified = super().verify(request, response, tokens)
        if isinstance(verified, VerificationFailed):
            return verified
        return Verified(_read_agreement(request)[0])

    def advise(self, refusal: UpgradeRefusal) -> Advice | None:
        if not refusal.is_named or refusal.was_asked:
            return None
        return UseHTTP2("upgrade", self, refusal.close)


def _read_agreement(head: RequestHead) -> tuple[H2CAgreement | None, tuple[Finding, ...]]:
    """What the request agrees to, or everything that keeps it from that."""
    faults: list[Finding] = []
    if head.method == b"CONNECT":  # its tunnel would be one inside of stream 1
        faults.append(method_fault(head, rule_codes.METHOD_NOT_ALLOWED))
    if b"http2-settings" not in facts_of(head).options:
        faults.append(fault(head, HTTP2_SETTINGS_OPTION_MISSING, "Connection"))
    settings = read_once(head, _SETTINGS, HTTP2_SETTINGS_MISSING, HTTP2_SETTINGS_REPEATED, faults)
    parameters = None if settings is None else _parse_settings(settings)
    if settings is not None and parameters is None:
        faults.append(fault(head, HTTP2_SETTINGS_MALFORMED, _SETTINGS))
    if faults or settings is None or parameters is None:
        return None, tuple(faults)
    return H2CAgreement(settings, parameters), ()


def _parse_settings(value: bytes) -> tuple[tuple[int, int], ...] | None:
    """The payload of a SETTINGS frame (RFC 7540 6.5.1); None for anything else.

    Each setting has six octets, which are eight characters of base64url: none is left to pad.
    """
    if HTTP2_SETTINGS.fullmatch(value) is None:
        return None
    payload = a2b_base64(value.translate(_URL_SAFE))
    parameters = tuple(
        (
            int.from_bytes(payload[place : place + 2], "big"),
            int.from_bytes(payload[place + 2 : place + 6], "big"),
        )
        for place in range(0, len(payload), 6)
    )
    for bounded, least, most in _BOUNDS:
        if any(name == bounded and not least <= value <= most for name, value in parameters):
            return None
    return parameters
