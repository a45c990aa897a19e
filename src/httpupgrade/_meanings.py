"""What each code of a finding means: those of requests, and those that both sides use.

The law of this file: a code stands here once, or in ``_meanings_of_responses``, with its clause,
the status it implies, its message and its hint. No other file chooses a status or words a message
for a code.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Meaning(NamedTuple):
    """A row of the table of codes."""

    status_code: int | None
    """The status a refusal for this reason has; None for what is noted and never refused."""
    clause: str
    message: str
    hint: str


REPAIR_HEAD: Final = "Whoever sent it has to write heads as RFC 9112 has it; libraries for HTTP do."
REPAIR_FRAMING: Final = "A body is framed once: by one Content-Length, or by chunked alone."
_PROXY_HOPS: Final = (
    "A proxy on the way removed them, as proxies must unless told otherwise. nginx: "
    "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
    'proxy_set_header Connection "upgrade"; Apache httpd: ProxyPass ... upgrade=websocket'
)

REQUEST_MEANINGS: Final[Mapping[str, Meaning]] = MappingProxyType(
    {
        # What arrived is no HTTP/1 at all.
        "not-http": Meaning(
            400,
            "RFC 9112 2.2",
            "the first octets are no HTTP/1 request line",
            "Something that does not speak HTTP connected to an HTTP port.",
        ),
        "tls-client-hello": Meaning(
            400,
            "RFC 9112 2.2",
            "a TLS handshake arrived on a cleartext port",
            "Use http:// or ws://, or put TLS in front of this port.",
        ),
        "http2-preface": Meaning(
            505,
            "RFC 9113 3.4",
            "an HTTP/2 connection preface arrived where HTTP/1.1 is spoken",
            "Switch off HTTP/2 towards this server (prior knowledge, proto h2, versions h2c).",
        ),
        "proxy-protocol": Meaning(
            400,
            "PROXY protocol 2",
            "a PROXY protocol header arrived in front of the request",
            "Switch it off in the load balancer, or let something here consume it first.",
        ),
        "no-request": Meaning(
            None,
            "RFC 9112 9.6",
            "the connection was closed before any octet arrived",
            "Port scans and TCP health checks do this; nothing is wrong.",
        ),
        "head-prepared": Meaning(
            None,
            "RFC 9110 2.4",
            "this server changed the head before it judged it",
            "It does that for devices that are known to send wrong heads.",
        ),
        # The head breaks the grammar of RFC 9112.
        "head-incomplete": Meaning(
            400,
            "RFC 9112 8",
            "the connection ended inside a head",
            "The peer gave up, or a time-out in between cut it off.",
        ),
        "request-line-malformed": Meaning(
            400,
            "RFC 9112 3",
            "the request line is not method SP target SP HTTP-version",
            REPAIR_HEAD,
        ),
        "target-malformed": Meaning(
            400,
            "RFC 9112 3.2",
            "the request target has none of the four forms, or not the one its method takes",
            "Percent-encode the target; authority-form goes with CONNECT, * with OPTIONS only.",
        ),
        "target-has-userinfo": Meaning(
            400, "RFC 9110 4.2.4", "the request target carries user information", REPAIR_HEAD
        ),
        "http-version-unsupported": Meaning(
            505,
            "RFC 9110 15.6.6",
            "the message is not HTTP/1",
            "HTTP/1.1 is what is spoken here.",
        ),
        "bare-cr": Meaning(400, "RFC 9112 2.2", "a CR stands without its LF", REPAIR_HEAD),
        "bare-lf": Meaning(400, "RFC 9112 2.2", "a line ends in LF without CR", REPAIR_HEAD),
        "leading-whitespace": Meaning(
            400,
            "RFC 9112 2.2",
            "white space stands between the start line and the first field",
            REPAIR_HEAD,
        ),
        "obs-fold": Meaning(
            400, "RFC 9112 5.2", "a field value goes on over a second line", REPAIR_HEAD
        ),
        "field-line-malformed": Meaning(
            400, "RFC 9112 5", "a line of the head is no field name and colon", REPAIR_HEAD
        ),
        "field-name-space": Meaning(
            400,
            "RFC 9112 5.1",
            "white space stands between a field name and its colon",
            REPAIR_HEAD,
        ),
        "field-value-malformed": Meaning(
            400, "RFC 9110 5.5", "a field value holds a control octet", REPAIR_HEAD
        ),
        # Limits of ours.
        "method-too-long": Meaning(
            501, "RFC 9112 3", "the method is longer than any that is known here", REPAIR_HEAD
        ),
        "request-line-too-long": Meaning(
            414,
            "RFC 9112 3",
            "the request line is longer than this server takes",
            "Move parameters into fields or the body, or raise Limits.max_request_line.",
        ),
        "header-line-too-long": Meaning(
            431,
            "RFC 9110 5.4",
            "a field line is longer than is taken here",
            "Often a cookie that grew. It may be made shorter, or Limits.max_header_line raised.",
        ),
        "too-many-headers": Meaning(
            431,
            "RFC 9110 5.4",
            "there are more field lines than are taken here",
            "There may be fewer, or Limits.max_header_count raised.",
        ),
        "head-too-long": Meaning(
            431,
            "RFC 9110 5.4",
            "the head is longer than is taken here",
            "There may be fewer fields, shorter ones, or Limits.max_head_bytes raised.",
        ),
        # Host.
        "host-missing": Meaning(
            400, "RFC 9112 3.2", "an HTTP/1.1 request has no Host field", "Send a Host field."
        ),
        "host-repeated": Meaning(
            400, "RFC 9112 3.2", "there is more than one Host field", "Send one Host field."
        ),
        "host-malformed": Meaning(
            400,
            "RFC 9112 3.2",
            "the Host is no host with an optional port",
            "Send host or host:port; an IPv6 address stands in brackets.",
        ),
        # Framing of the body.
        "content-length-malformed": Meaning(
            400, "RFC 9112 6.3", "Content-Length is no decimal number", REPAIR_FRAMING
        ),
        "content-length-repeated": Meaning(
            400, "RFC 9112 6.3", "Content-Length is given more than once", REPAIR_FRAMING
        ),
        "content-length-too-large": Meaning(
            413, "RFC 9110 8.6", "Content-Length names more octets than can exist", REPAIR_FRAMING
        ),
        "content-length-and-transfer-encoding": Meaning(
            400,
            "RFC 9112 6.1",
            "Content-Length and Transfer-Encoding contradict each other",
            REPAIR_FRAMING,
        ),
        "transfer-encoding-malformed": Meaning(
            400, "RFC 9112 6.1", "Transfer-Encoding is no list of codings", REPAIR_FRAMING
        ),
        "transfer-encoding-not-final": Meaning(
            400, "RFC 9112 6.3", "chunked is not the last transfer coding, once", REPAIR_FRAMING
        ),
        "transfer-encoding-unknown": Meaning(
            501, "RFC 9112 6.1", "a transfer coding is not known here", "Use chunked alone."
        ),
        "transfer-encoding-in-http-1.0": Meaning(
            400, "RFC 9112 6.1", "an HTTP/1.0 message has Transfer-Encoding", REPAIR_FRAMING
        ),
        "chunk-malformed": Meaning(
            400, "RFC 9112 7.1", "the chunked body breaks its grammar", REPAIR_FRAMING
        ),
        "body-incomplete": Meaning(
            400,
            "RFC 9112 8",
            "the connection ended inside a body",
            "The peer gave up, or a time-out in between cut it off.",
        ),
        "body-too-large": Meaning(
            413,
            "RFC 9110 15.5.14",
            "the request body is longer than this server reads",
            "Send less, or raise Limits.max_request_body.",
        ),
        "drain-too-long": Meaning(
            None,
            "RFC 9112 9.3",
            "the body of a refused request is longer than this server reads past",
            "The connection closes instead; raise Limits.max_drain to keep it.",
        ),
        "early-data-too-long": Meaning(
            400,
            "RFC 9110 7.8",
            "too many octets arrived before the request was answered",
            "A client waits for the 101 before it sends in the new protocol.",
        ),
        "early-data-not-taken": Meaning(
            400,
            "RFC 9931 6",
            "octets arrived before the 101 of a protocol that begins behind it",
            "Wait for the 101 before you send more; what came was thrown away.",
        ),
        # Upgrade and Connection.
        "upgrade-in-http-1.0": Meaning(
            426,
            "RFC 9110 7.8",
            "an HTTP/1.0 request cannot upgrade",
            "Use HTTP/1.1. Behind nginx before 1.29.7: proxy_http_version 1.1;",
        ),
        "upgrade-missing": Meaning(
            426,
            "RFC 9110 7.8",
            "there is no Upgrade field",
            "Ask for it: Connection: Upgrade, and Upgrade with the protocol's name.",
        ),
        "upgrade-option-missing": Meaning(
            426,
            "RFC 9110 7.6.1",
            "Connection does not list upgrade, without which Upgrade does not count",
            "Send Connection: Upgrade. If you did, something on the way removed the option.",
        ),
        "upgrade-malformed": Meaning(
            426,
            "RFC 9110 7.8",
            "Upgrade is no list of protocols, so it is ignored",
            "Send names with optional versions, separated by commas.",
        ),
        "connection-malformed": Meaning(
            426,
            "RFC 9110 7.6.1",
            "Connection is no list of options, so it is ignored",
            "Send tokens, separated by commas.",
        ),
        "no-common-protocol": Meaning(
            426,
            "RFC 9110 7.8",
            "none of the protocols asked for is offered here",
            "Ask for one of the protocols in the Upgrade field of the response.",
        ),
        "hop-by-hop-fields-lost": Meaning(
            426,
            "RFC 9110 7.6.1",
            "Sec-WebSocket-Key arrived, but the fields of the hop that go with it did not",
            _PROXY_HOPS,
        ),
        "expectation-unknown": Meaning(
            417,
            "RFC 9110 10.1.1",
            "an expectation is not known here",
            "100-continue is the only one defined.",
        ),
        # Any offer.
        "method-not-allowed": Meaning(
            405,
            "RFC 9110 15.5.6",
            "the method is not one this protocol starts with",
            "See the Allow field of the response.",
        ),
        "body-not-allowed": Meaning(
            400,
            "RFC 9110 7.8",
            "the request announces a body that this protocol does not take",
            "Leave the body out; nothing of the new protocol goes before the 101.",
        ),
        # HTTP/2 over cleartext. They are no errors: the request is one of HTTP/1.1 then.
        "http2-settings-missing": Meaning(
            426,
            "RFC 7540 3.2.1",
            "there is no HTTP2-Settings field",
            "A client of HTTP/2 sends it with Upgrade: h2c. If you did, something removed it.",
        ),
        "http2-settings-repeated": Meaning(
            426, "RFC 7540 3.2.1", "HTTP2-Settings is given more than once", "Send it once."
        ),
        "http2-settings-malformed": Meaning(
            426,
            "RFC 7540 3.2.1",
            "HTTP2-Settings is no SETTINGS payload in base64url",
            "Six octets for each setting, in base64url without padding, values within bounds.",
        ),
        "http2-settings-option-missing": Meaning(
            426,
            "RFC 7540 3.2.1",
            "Connection does not list HTTP2-Settings, which is a field of this hop alone",
            "Send Connection: Upgrade, HTTP2-Settings. If you did, something forwarded the rest.",
        ),
        # TLS under HTTP/1.1. It is no error: the request is one in the clear then.
        "tls-needs-options": Meaning(
            426,
            "RFC 2817 3.2",
            "TLS is begun here by OPTIONS * without a body, and this is none",
            "Send OPTIONS * with this Upgrade first, and this request inside TLS.",
        ),
        # Tunnels: connect-udp, connect-ip, connect-tcp.
        "tunnel-needs-get": Meaning(
            400,
            "RFC 9298 3.2",
            "a tunnel is asked for by GET in HTTP/1.1, and this is another method",
            "Send GET; CONNECT takes its place in HTTP/2 and HTTP/3.",
        ),
        "tunnel-has-content-field": Meaning(
            400,
            "RFC 9297 3.2",
            "a request for a tunnel has none of Content-Length, Content-Type, Transfer-Encoding",
            "Leave the field out, also where it says 0: capsules follow the 101.",
        ),
        "tunnel-target-unknown": Meaning(
            400,
            "RFC 9298 2",
            "the request target is not made from this server's URI template",
            "Expand the server's template, as request_target() does; encode colons as %3A.",
        ),
        "tunnel-target-malformed": Meaning(
            400,
            "RFC 9298 3",
            "what the request target names is nothing that a tunnel could lead to",
            "A host without brackets and a port from 1 to 65535; for IP, a prefix and a protocol.",
        ),
        # Extended CONNECT.
        "extended-connect-malformed": Meaning(
            400,
            "RFC 8441 4",
            "the fields are not those of an Extended CONNECT",
            "One each of :method, :scheme, :authority, :path and :protocol, and none of a hop.",
        ),
        "extended-connect-protocol-unknown": Meaning(
            501,
            "RFC 9220 3",
            "the protocol asked for is not offered here",
            "Ask for another one, or by HTTP/1.1.",
        ),
        # WebSocket.
        "websocket-scheme-wrong": Meaning(
            400,
            "RFC 6455 4.2.1",
            "the scheme of the request target is not http, https, ws or wss",
            "Send the path as the target: GET /chat HTTP/1.1.",
        ),
        "websocket-version-missing": Meaning(
            400,
            "RFC 6455 4.2.1",
            "there is no Sec-WebSocket-Version field",
            "Send Sec-WebSocket-Version: 13.",
        ),
        "websocket-version-repeated": Meaning(
            400,
            "RFC 6455 11.3.5",
            "Sec-WebSocket-Version is given more than once",
            "Send one version.",
        ),
        "websocket-version-malformed": Meaning(
            400,
            "RFC 6455 4.3",
            "Sec-WebSocket-Version is no number from 0 to 255",
            "Send one version.",
        ),
        "websocket-version-unsupported": Meaning(
            426,
            "RFC 6455 4.2.2",
            "this WebSocket version is not spoken here",
            "Use a version of the Sec-WebSocket-Version field of the response.",
        ),
        "websocket-key-missing": Meaning(
            400,
            "RFC 6455 4.2.1",
            "there is no Sec-WebSocket-Key field",
            "Send 16 random octets in base64; a WebSocket client does.",
        ),
        "websocket-key-repeated": Meaning(
            400, "RFC 6455 11.3.1", "Sec-WebSocket-Key is given more than once", "Send one key."
        ),
        "websocket-key-malformed": Meaning(
            400,
            "RFC 6455 4.2.1",
            "Sec-WebSocket-Key is not 16 octets in base64",
            "It is 24 characters long and ends in ==.",
        ),
        "subprotocols-malformed": Meaning(
            400,
            "RFC 6455 4.3",
            "Sec-WebSocket-Protocol is no list of tokens",
            "Send tokens, separated by commas.",
        ),
        "no-common-subprotocol": Meaning(
            400,
            "RFC 6455 4.2.2",
            "none of the subprotocols this server requires is offered",
            "Offer one that the server speaks.",
        ),
        "extensions-malformed": Meaning(
            400,
            "RFC 6455 9.1",
            "Sec-WebSocket-Extensions is no list of extensions",
            "A quoted parameter is a token once it is unquoted.",
        ),
        "extension-declined": Meaning(
            None,
            "RFC 7692 5",
            "an extension was offered in a form that is not supported here, and is declined",
            "The connection goes on without it.",
        ),
        "origin-missing": Meaning(
            403,
            "RFC 6455 10.2",
            "there is no Origin field, and this server asks for one",
            "Browsers send it; other clients are not meant to connect here.",
        ),
        "origin-repeated": Meaning(
            400, "RFC 6454 7.3", "Origin is given more than once", "Send one Origin."
        ),
        "origin-not-allowed": Meaning(
            403,
            "RFC 6455 10.2",
            "pages of this origin may not connect here",
            "Add the origin to the server's list if the page is yours. Behind a proxy that "
            "rewrites Host, name the origin instead of comparing it with Host.",
        ),
        "host-not-allowed": Meaning(
            403,
            "RFC 6455 10.2",
            "this server does not answer for this host",
            "Add the host to the server's list if it is yours; otherwise this is DNS rebinding.",
        ),
    }
)
