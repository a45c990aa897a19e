"""Where a response sends its client: a redirect, or what a 426 asks for.

Rules for this module: no I/O. Cookies and credentials do not go to another host, nor out of TLS.
"""

from typing import Final, assert_never, final
from urllib.parse import urljoin

from ... import (
    NothingInCommon,
    ResponseHead,
    Retry,
    UpgradeRequired,
    UseHTTP2,
    UseTLS,
    UseWebSocketVersion,
    WebSocket,
)
from ..._client.ordinary_response import read_requirements
from ..._http1.values import Value, field
from ..exits import CommandError
from .outcomes import Exchange
from .place import Place, bracketed, read_url
from .steps import Asked, Over

MOST: Final = 5
"""How often a response is followed."""

_LONGEST: Final = 256
"""Characters of a URL that are shown."""
_VERSIONS: Final = (13, 8)
_TO_WEBSOCKET: Final = {"https": "wss", "http": "ws"}
_TO_HTTP: Final = {"wss": "https", "ws": "http"}


@final
class Onward(Value):
    """What to try next."""

    __slots__ = __match_args__ = ()

    place: Place = field("Where.")
    asked: Asked = field("What is sent there.")
    says: str = field("What that is, in a few words.")
    over: Over = field("What to go over.", default=Over.HTTP1)
    version: int = field("The version of the WebSocket protocol.", default=13)


def onward(place: Place, asked: Asked, exchange: Exchange, *, http2: bool) -> Onward | str:
    """What to try after this response, or why there is nothing.

    :param http2: whether HTTP/2 can be spoken here.
    """
    head = exchange.response
    if not isinstance(head, ResponseHead):
        return "there is no response to follow"
    location = head.get(b"location")
    if 300 <= head.status_code <= 399 and location is not None:
        return _redirected(place, asked, location)
    if head.status_code != 426:
        return f"{head.status_code} says nothing to follow"
    return _required(place, asked, exchange, head, http2=http2)


def _redirected(place: Place, asked: Asked, location: bytes) -> Onward | str:
    """RFC 9110 10.2.2. What was asked for as a WebSocket goes on as one."""
    base = place.replace(scheme=_TO_HTTP.get(place.scheme, place.scheme), credentials="")
    try:
        joined = urljoin(base.shown(query=True), location.decode("utf-8").partition("#")[0])
        there = read_url(joined)
    except (CommandError, ValueError):
        return "its Location is no URL that can be followed"
    if place.scheme in _TO_HTTP:
        scheme = _TO_WEBSOCKET.get(there.scheme, there.scheme)
        there = there.replace(scheme=scheme)
    return Onward(there, _for(place, there, asked), f"at {_shortened(there.shown())}")


def _shortened(url: str) -> str:
    return url if len(url) <= _LONGEST else f"{url[:_LONGEST]}..."


def _for(here: Place, there: Place, asked: Asked) -> Asked:
    """What may be sent there of what was to be sent here: all of it to the same origin, or to the
    same host by the usual port of TLS."""
    is_same = here.origin == there.origin or there.origin == f"https://{bracketed(here.host)}"
    return asked if is_same else asked.replace(headers=())


def _required(
    place: Place, asked: Asked, exchange: Exchange, head: ResponseHead, *, http2: bool
) -> Onward | str:
    tokens, versions, findings = read_requirements(head)
    required = UpgradeRequired(
        tokens,
        versions,
        head,
        exchange.content,
        True,
        tuple(findings),
        exchange.request,
        place.secure,
    )
    offer = WebSocket(asked.subprotocols, versions=_VERSIONS)
    step = required.next_step((offer,), tls=True, http2=http2)
    match step:
        case UseTLS():
            port = 443 if place.port == 80 else place.port
            there = place.replace(scheme="wss", port=port)
            return Onward(there, asked, f"inside TLS, at {there.shown()}")
        case UseHTTP2(how="alpn"):
            there = place if place.secure else place.replace(scheme="wss")
            return Onward(there, asked, "over HTTP/2", Over.EXTENDED_CONNECT)
        case UseHTTP2():
            return "it wants HTTP/2 without TLS, which browsers do not speak"
        case UseWebSocketVersion(version=version):
            return Onward(place, asked, f"with version {version}", version=version)
        case Retry():
            return Onward(place, asked, "once more")
        case NothingInCommon(finding=finding):
            return finding.message
        case unreachable:
            assert_never(unreachable)
