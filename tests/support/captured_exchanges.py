"""The captured responses with the requests that they answer, and what is right to say of each.

What is right follows from what was sent, from what the server behind the proxy answered, and from
what other programs saw; never from the library.
"""

import base64
import hashlib
import re
from functools import cache
from typing import Final, NamedTuple, final

from captures import CapturedResponse, captured_requests, captured_responses

from httpupgrade import RequestHead, ResponseHead
from httpupgrade.diagnosis import Diagnosis, NoAnswer, diagnose_response

# Which captured request was sent through the proxies under this name.
_SENT: Final = {
    "plain-get": "direct__curl__plain-get",
    "websocket": "direct__chromium__websocket",
    "websocket-early": "direct__python-websockets__websocket",
    "websocket-conn-list": "direct__firefox-esr__websocket__subprotocols",
    "h2c": "direct__curl__h2c",
    "tls": "direct__cups-lpstat-e__tls",
    "post-tcp": "direct__docker-py-exec__other",
}
# Requests that ask for an upgrade in a way that no server may take up (RFC 9110 7.8, RFC 6455 4.1).
_WRONG: Final = frozenset(
    (
        "no-version",
        "no-key",
        "short-key",
        "no-connection",
        "connection-close",
        "no-upgrade",
        "nginx-default",
        "http10",
        "post",
    )
)
# Requests that are served in HTTP/1.1 as well.
_OPTIONAL: Final = frozenset(("h2c", "tls"))
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@final
class Exchange(NamedTuple):
    """A request that was sent, and what came back."""

    capture: CapturedResponse
    request: RequestHead
    response: ResponseHead | NoAnswer
    content: bytes

    def diagnose(self) -> Diagnosis:
        """What the library makes of it."""
        return diagnose_response(self.request, self.response, content=self.content)


def split_head(octets: bytes) -> tuple[bytes, bytes]:
    """A head, and what follows it."""
    head, _, rest = octets.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", rest


@cache
def exchanges() -> tuple[Exchange, ...]:
    """All captures of HTTP/1; those over HTTP/2 are what curl printed."""
    return tuple(
        _exchange(each)
        for each in captured_responses()
        if each.probe in _SENT or each.request
        if not each.octets or each.octets.startswith(b"HTTP/1")
    )


def _exchange(capture: CapturedResponse) -> Exchange:
    request = RequestHead.parse(split_head(_sent(capture))[0])
    if not capture.octets:
        how = NoAnswer.CLOSED if capture.closed == "eof" else NoAnswer.SILENT
        return Exchange(capture, request, how, b"")
    head, content = split_head(capture.octets)
    return Exchange(capture, request, ResponseHead.parse(head), content)


def _sent(capture: CapturedResponse) -> bytes:
    if capture.request:
        return capture.request
    (octets,) = (each.octets for each in captured_requests() if each.name == _SENT[capture.probe])
    if capture.probe == "websocket-conn-list":
        return octets.replace(b"Connection: Upgrade", b"Connection: keep-alive, Upgrade")
    return octets


def right_verdict(exchange: Exchange) -> str:
    """What to say of an exchange."""
    capture, status = exchange.capture, exchange.capture.status
    if capture.probe in _WRONG:
        return "broken"
    if status is None or status >= 500:
        return "broken"
    if status == 101:
        return "healthy" if _switches(exchange) else "broken"
    is_plain = capture.probe == "plain-get"
    if status < 400:
        return "healthy" if is_plain or capture.probe in _OPTIONAL else "broken"
    if status == 426 and not is_plain and _requires_what_was_asked(exchange):
        return "broken"
    return "refused"


def _field(exchange: Exchange, name: bytes) -> list[bytes]:
    head, _ = split_head(exchange.capture.octets)
    return re.findall(rb"(?im)^%s: *(.*?) *\r$" % name, head)


def _switches(exchange: Exchange) -> bool:
    """Whether a 101 has what RFC 9110 7.8 and RFC 6455 4.1 want, as regular expressions see it."""
    asked = re.findall(rb"(?im)^upgrade: *(.*?)\r$", exchange.request.to_bytes())
    upgrade, connection = _field(exchange, b"upgrade"), _field(exchange, b"connection")
    options = b",".join(connection).lower().replace(b" ", b"").split(b",")
    tokens = b",".join(asked).lower().replace(b" ", b"").split(b",")
    if len(upgrade) != 1 or upgrade[0].lower() not in tokens or b"upgrade" not in options:
        return False
    if upgrade[0].lower() != b"websocket":
        return True
    (key,) = re.findall(rb"(?im)^sec-websocket-key: *(.*?)\r$", exchange.request.to_bytes())
    accept = base64.b64encode(hashlib.sha1(key + _GUID).digest())
    return _field(exchange, b"sec-websocket-accept") == [accept]


def _requires_what_was_asked(exchange: Exchange) -> bool:
    """Whether a 426 wants what the request offers, or does not say what it wants."""
    upgrade = b",".join(_field(exchange, b"upgrade")).lower()
    versions = b",".join(_field(exchange, b"sec-websocket-version"))
    version = re.findall(rb"(?im)^sec-websocket-version: *(.*?)\r$", exchange.request.to_bytes())
    if version and versions and version[0] not in versions.replace(b" ", b"").split(b","):
        return False
    asked = re.findall(rb"(?im)^upgrade: *(.*?)\r$", exchange.request.to_bytes())
    return not upgrade or (bool(asked) and upgrade in asked[0].lower())


# Who was there, as suspects are called.
_PRODUCTS: Final = {
    "apache2": "Apache httpd",
    "caddy": "Caddy",
    "h2o": "h2o",
    "haproxy": "HAProxy",
    "http-proxy": "http-proxy",
    "http-proxy-3": "http-proxy-3",
    "http-proxy-middleware": "http-proxy-middleware",
    "httpxy": "httpxy",
    "lighttpd": "lighttpd",
    "nghttpx": "nghttpx",
    "nginx": "nginx",
    "squid": "Squid",
    "tinyproxy": "tinyproxy",
    "trafficserver": "Apache Traffic Server",
    "varnish": "Varnish",
}


def right_product(exchange: Exchange) -> str | None:
    """The proxy that broke the exchange by its configuration; None where none did.

    A correct proxy in front of a server that answers as it should not is at no fault.
    """
    capture = exchange.capture
    is_wrong = capture.config_kind in ("misconfig", "default") or capture.status in (502, 503)
    if not is_wrong or right_verdict(exchange) != "broken":
        return None
    if capture.arrived_upgradable and capture.backend_answer != "101":
        return None  # the server did that
    return _PRODUCTS.get(capture.proxy or "")
