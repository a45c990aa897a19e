"""Advice: what a client does to be served, after a response that does not switch.

Rules for this module: it holds values, and the names by which a server says which version of TLS,
HTTP or WebSocket it requires. Choosing among them is for offers and for the client's ``next_step``.
"""

from typing import Final, Literal, final

from .._http1.field_values import UpgradeToken, parse_list
from .._http1.findings import Finding, make_finding
from .._http1.head_findings import read_list
from .._http1.heads import ResponseHead
from .._http1.lazy_pattern import lazy_pattern
from .._http1.values import field
from . import finding_codes as codes
from .client_offers import AdviceValue, ClientOffer

# RFC 9113 3.1, RFC 7540 3.1: the tokens of ALPN and of Upgrade; and what servers write for them.
H2_TOKEN: Final = UpgradeToken("h2")
H2C_TOKEN: Final = UpgradeToken("h2c")
HTTP2_TOKENS: Final = frozenset(
    (H2_TOKEN, H2C_TOKEN, UpgradeToken("HTTP", "2"), UpgradeToken("HTTP", "2.0"))
)
TLS_NAME: Final = "TLS"
WEBSOCKET_TOKEN: Final = UpgradeToken("websocket")
MEANT_BY_VERSIONS: Final = (WEBSOCKET_TOKEN,)
"""What a 426 requires that names versions and no protocol, as those of wsproto and Tornado."""

VERSION_FIELD: Final = "Sec-WebSocket-Version"
# RFC 6455 4.3: version = DIGIT | (NZDIGIT DIGIT) | ("1" DIGIT DIGIT) | ("2" DIGIT DIGIT), 0-255
WEBSOCKET_VERSION: Final = lazy_pattern(rb"25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9]")


@final
class Retry(AdviceValue):
    """Send the request again, and ask for this protocol, in the way that it is asked for.

    A WebSocket is asked for by GET without a body, a tunnel at the offer's ``request_target()``.
    """

    __slots__ = __match_args__ = ()

    offer: ClientOffer = field("The caller's offer of the protocol.")
    token: UpgradeToken = field("The protocol to ask for.")
    reconnect: bool = field("Whether that takes a new connection.")


@final
class UseTLS(AdviceValue):
    """Send the request again inside TLS.

    "upgrade": ask for TLS with ``OPTIONS *`` and ``offer`` first (RFC 2817 3.2). "scheme": connect
    anew, for https or wss.
    """

    __slots__ = __match_args__ = ()

    how: Literal["upgrade", "scheme"] = field("How TLS begins.")
    offer: ClientOffer | None = field('What to ask with; None for "scheme".')
    reconnect: bool = field("Whether that takes a new connection.")


@final
class UseHTTP2(AdviceValue):
    """Send the request again in HTTP/2.

    "upgrade": ask for it with ``offer`` (RFC 7540 3.2). "prior-knowledge": connect anew, and speak
    HTTP/2 from the first octet on (RFC 9113 3.3). "alpn": connect anew with TLS, and have ALPN
    choose ``h2`` (RFC 9113 3.2).
    """

    __slots__ = __match_args__ = ()

    how: Literal["upgrade", "prior-knowledge", "alpn"] = field("How HTTP/2 begins.")
    offer: ClientOffer | None = field('What to ask with; None unless it is "upgrade".')
    reconnect: bool = field("Whether that takes a new connection.")


@final
class UseWebSocketVersion(AdviceValue):
    """Send the request again, and ask for a WebSocket of this version (RFC 6455 4.2.2)."""

    __slots__ = __match_args__ = ()

    version: int = field("The version of the WebSocket protocol.")
    offer: ClientOffer = field("The caller's, with this version alone.")
    reconnect: bool = field("Whether that takes a new connection.")


@final
class NothingInCommon(AdviceValue):
    """There is nothing to try: the finding says why."""

    __slots__ = __match_args__ = ()

    finding: Finding = field("Why.")


Advice = Retry | UseTLS | UseHTTP2 | UseWebSocketVersion | NothingInCommon


def asked_in_vain(*tokens: UpgradeToken, detail: str = "") -> NothingInCommon:
    """The request that was refused did ask for what is required."""
    value = b", ".join(map(bytes, tokens))
    found = make_finding(codes.ASKED_IN_VAIN, field="Upgrade", value=value, detail=detail)
    return NothingInCommon(found)


def names_tls(token: UpgradeToken) -> bool:
    """Whether this names TLS, in whatever version."""
    return token == UpgradeToken(TLS_NAME, token.version)


def listed_versions(head: ResponseHead, faults: list[Finding]) -> tuple[int, ...]:
    """The WebSocket versions that a refusal lists, in the server's order (RFC 6455 4.4).

    None, with a finding, for what is not such a list.
    """
    versions = read_list(head, VERSION_FIELD, _parse_versions, codes.VERSION_LIST_MALFORMED, faults)
    return tuple(dict.fromkeys(versions or ()))


def _parse_versions(values: tuple[bytes, ...]) -> tuple[int, ...]:
    return parse_list(values, _read_version, "a version")


def _read_version(value: bytes, position: int) -> tuple[int, int] | int:
    match = WEBSOCKET_VERSION.match(value, position)
    return position if match is None else (int(match[0]), match.end())
