"""Codes of what a client can be told by a response, besides the findings of its machine.

Rules for this module: a message goes on the sentence "... was answered with 404: ...". What is true
of one product only is in ``_response_fingerprints``.
"""

from typing import Final

from .._http1.findings import Code

# The response is there.
UPGRADE_IGNORED: Final = Code(
    "upgrade-ignored",
    None,
    "RFC 9110 7.8",
    "the request asked for another protocol and was answered as an ordinary one",
    "The server does not speak this protocol at this path, or a proxy on the way removed Upgrade or"
    " Connection, or passed the request to another server. The response does not tell which.",
)
UPGRADE_REQUIRED: Final = Code(
    "upgrade-required",
    None,
    "RFC 9110 15.5.22",
    "this path is served over another protocol only, and the request did not ask for one",
    "That is how it is meant, if a page or a program has to upgrade here. Send the upgrade that the"
    " Upgrade field or the body of the response names.",
)
TLS_REQUIRED: Final = Code(
    "tls-required",
    None,
    "RFC 2817 4.2",
    "the server serves this inside TLS only",
    "This is its policy and not a broken handshake: connect with https or wss. Browsers do not act"
    " on a 426: for pages, a server redirects to https (301) instead.",
)
TLS_EXPECTED: Final = Code(
    "tls-expected",
    None,
    "RFC 9112 9.8",
    "this port expects TLS, and the request came without it",
    "Connect with https or wss, or to the port where HTTP is spoken without TLS. Between a proxy"
    " and a server, the proxy has to be told to speak TLS.",
)
HTTP2_REQUIRED: Final = Code(
    "http2-required",
    None,
    "RFC 9110 15.5.22",
    "the server serves this over HTTP/2 only",
    "This is its policy and not a broken handshake: speak HTTP/2, by ALPN or from the first octet"
    " on.",
)
UPGRADE_REDIRECTED: Final = Code(
    "upgrade-redirected",
    None,
    "RFC 9110 15.4",
    "the request is sent to another address, and browsers do not follow that for a WebSocket",
    "Connect to the address in the Location field, with ws or wss in the place of http or https.",
)
REDIRECTED_TO_TLS: Final = Code(
    "redirected-to-tls",
    None,
    "RFC 9110 15.4",
    "the same address is served inside TLS, and browsers do not follow a redirection here",
    "The server, or a proxy in front of it, serves this address inside TLS only. Connect with wss"
    " instead of ws.",
)
REDIRECTED_TO_SLASH: Final = Code(
    "redirected-to-slash",
    None,
    "RFC 9110 15.4",
    "the same path with a slash at its end is served, and browsers do not follow a redirection"
    " here",
    "A proxy, or the server, knows this path with a slash at its end only. Connect to that; or let"
    " the proxy pass on the path without it, too.",
)
CREDENTIALS_REQUIRED: Final = Code(
    "credentials-required",
    None,
    "RFC 9110 15.5.2",
    "the server requires credentials",
    "Send the credentials or the cookie that it expects. A browser cannot add Authorization to a"
    " WebSocket: pages use a cookie, a query parameter or a subprotocol.",
)
PROXY_CREDENTIALS_REQUIRED: Final = Code(
    "proxy-credentials-required",
    None,
    "RFC 9110 15.5.8",
    "a proxy that the client uses requires credentials",
    "Send Proxy-Authorization to that proxy. The server has not seen the request.",
)
UPGRADE_FORBIDDEN: Final = Code(
    "upgrade-forbidden",
    None,
    "RFC 9110 15.5.4",
    "the request is refused for what it is or for where it comes from",
    "Often the Origin is not allowed, or is compared with a Host that a proxy changed; or a"
    " firewall or a proxy does not let upgrades through. The response does not tell the server's"
    " refusal from a proxy's.",
)
UPGRADE_NOT_FOUND: Final = Code(
    "upgrade-not-found",
    None,
    "RFC 9110 15.5.5",
    "nothing is served at this path in this way",
    "The path is wrong, or the proxy sends it to another server, or the server has WebSockets"
    " switched off. Many servers also answer 404 to an upgrade that lost its Upgrade or Connection"
    " on the way: the response does not tell that from a wrong path.",
)
UPGRADE_REFUSED: Final = Code(
    "upgrade-refused",
    None,
    "RFC 9110 15.5",
    "the request is refused",
    "The response does not tell the server's refusal from a proxy's. Ask the server itself, without"
    " the proxies in front of it: if it switches, a proxy is at fault.",
)
PLAIN_REQUEST_REFUSED: Final = Code(
    "plain-request-refused",
    None,
    "RFC 9110 15.5",
    "an ordinary request is refused",
    "The path, the method, the Host or the client is refused; or nothing but upgrades is served"
    " here: some servers answer all other requests with 400 or 404.",
)
TOO_MANY_REQUESTS: Final = Code(
    "too-many-requests",
    None,
    "RFC 6585 4",
    "the client asks too often",
    "Wait as long as Retry-After says, and reconnect less often.",
)
SERVER_ERROR: Final = Code(
    "server-error",
    None,
    "RFC 9110 15.6.1",
    "the server failed while it answered",
    "See the server's log for the time of the request.",
)
GATEWAY_FAILED: Final = Code(
    "gateway-failed",
    None,
    "RFC 9110 15.6.3",
    "a proxy got no answer from the server that it could pass on",
    "The server is down, does not listen where the proxy looks for it, or took longer than the"
    " proxy waits; or it answered 101 to a request in which the proxy had not passed on Upgrade.",
)
INTERIM_ONLY: Final = Code(
    "interim-only",
    None,
    "RFC 9110 15.2",
    "this is an interim response, and the final one is missing",
    "Read on: another response follows.",
)
HTTP2_HOP_BY_HOP_FIELD: Final = Code(
    "http2-hop-by-hop-field",
    None,
    "RFC 9113 8.2.2",
    "an HTTP/2 response carries a field that HTTP/2 does not allow",
    "A proxy copied it from the HTTP/1.1 response of the server. curl, Safari and Node drop the"
    " whole response as a PROTOCOL_ERROR; Chromium and Go do not.",
)
EXTENDED_CONNECT_REFUSED: Final = Code(
    "extended-connect-refused",
    None,
    "RFC 8441 3",
    "an HTTP/2 server does not take this extended CONNECT",
    "The edge speaks HTTP/2 but no WebSocket inside it. Browsers open one over HTTP/2 only where"
    " the server's SETTINGS_ENABLE_CONNECT_PROTOCOL is 1, and use HTTP/1.1 otherwise.",
)
ENGINE_IO_REFUSED: Final = Code(
    "engine-io-refused",
    None,
    "RFC 9110 15.5.1",
    "the Engine.IO server, which Socket.IO uses, refuses the request",
    "The handshake of HTTP reached it; its own check failed.",
)

# It is not.
RESPONSE_SILENT: Final = Code(
    "response-silent",
    None,
    "RFC 9112 9.5",
    "no response came in the time that the client waited",
    "Something on the way took the request and lost the answer, or the server waits for something"
    " that does not come.",
)

# Both ends are known.
REQUEST_NEVER_ARRIVED: Final = Code(
    "request-never-arrived",
    None,
    "RFC 9110 3.7",
    "the request did not reach the server",
    "A proxy in front of the server answered it or dropped it: look at its routes.",
)
ANSWER_LOST: Final = Code(
    "answer-lost",
    None,
    "RFC 9110 3.7",
    "the request reached the server as it was sent, and no switch came back",
    "The server answered otherwise, or a proxy on the way back did not pass the 101 on: the"
    " server's log tells which.",
)
