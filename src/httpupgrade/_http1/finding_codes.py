"""What each code of a finding means: those of requests, and those that both sides use.

Rules for this module: a code is here once, or in ``response_finding_codes``, with its clause, its
status, its message and its hint. No other file chooses a status or words a message for a code.
Message and hint are for the sender of the request; what is for the server's operator is apart.
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
    """The likely cause and what to change, for the sender; lines to paste on lines of their own."""
    operator: str = ""
    """What the operator of the server can change. It is in the documentation alone."""


REPAIR_HEAD: Final = "The sender must follow RFC 9112; an HTTP library does."
REPAIR_FRAMING: Final = "Frame a body once: by one Content-Length, or by chunked alone."
NGINX: Final = (
    "nginx, in http and in location:\n"
    '    map $http_upgrade $connection_upgrade { default upgrade; "" close; }\n'
    "    proxy_http_version 1.1;\n"
    "    proxy_set_header Upgrade $http_upgrade;\n"
    "    proxy_set_header Connection $connection_upgrade;\n"
    "    proxy_set_header Host $http_host;"
)
"""Host is among them because nginx sends the upstream's name otherwise, and an Origin that is
compared with Host is refused then."""
_PROXY_HOPS: Final = (
    "The client did not send them, or a proxy removed them: it must be told to pass them on.\n"
    f"{NGINX}\n"
    "Apache httpd:\n"
    "    ProxyPass ... upgrade=websocket\n"
    "    ProxyPreserveHost On"
)

REQUEST_MEANINGS: Final[Mapping[str, Meaning]] = MappingProxyType(
    {
        # What arrived is not HTTP/1.
        "not-http": Meaning(
            400,
            "RFC 9112 2.2",
            "the first octets are not an HTTP/1 request line",
            "A client of another protocol connected to an HTTP port, or the line does not end in"
            " HTTP/1.1. First octets of some: 02 LPD, 03 RDP, 04 and 05 SOCKS, 10 MQTT,"
            " 81 and 82 WebSocket frames.",
        ),
        "tls-client-hello": Meaning(
            400,
            "RFC 9112 2.2",
            "a TLS handshake arrived on a cleartext port",
            "Use http:// or ws://, or the port on which the server speaks TLS.",
            "Put TLS in front of this port.",
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
            "a PROXY protocol header arrived before the request",
            "Switch the PROXY protocol off in the load balancer.",
            "Or let something in front of this server consume the header.",
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
            "The peer gave up, or a timeout on the way cut the connection.",
        ),
        "request-line-malformed": Meaning(
            400,
            "RFC 9112 3",
            "the request line is not method SP target SP HTTP-version",
            REPAIR_HEAD,
        ),
        "target-not-encoded": Meaning(
            400,
            "RFC 9112 3.2",
            "the request target holds octets that must be percent-encoded",
            "Encode each octet outside of ASCII as % and two hexadecimal digits.",
        ),
        "target-malformed": Meaning(
            400,
            "RFC 9112 3.2",
            "the request target has none of the four forms, or not the one its method takes",
            "Send a path, or an absolute URI, without a fragment; host:port with CONNECT only,"
            " * with OPTIONS only.",
        ),
        "target-has-userinfo": Meaning(
            400,
            "RFC 9110 4.2.4",
            "the request target carries user information",
            "Leave out the user and the password before the @.",
        ),
        "http-version-unsupported": Meaning(
            505,
            "RFC 9110 15.6.6",
            "the version of the request is not HTTP/1",
            "Send HTTP/1.1.",
        ),
        "bare-cr": Meaning(400, "RFC 9112 2.2", "a CR is not followed by LF", REPAIR_HEAD),
        "bare-lf": Meaning(
            400,
            "RFC 9112 2.2",
            "a line ends in LF without CR",
            "End each line of the head in CR LF.",
        ),
        "leading-whitespace": Meaning(
            400,
            "RFC 9112 2.2",
            "white space follows the start line",
            "Start each field line with the name of the field.",
        ),
        "obs-fold": Meaning(
            400,
            "RFC 9112 5.2",
            "a field value continues on a second line",
            "Send each field value on one line.",
        ),
        "field-line-malformed": Meaning(
            400,
            "RFC 9112 5",
            "a line of the head does not begin with a field name and a colon",
            REPAIR_HEAD,
        ),
        "field-name-space": Meaning(
            400,
            "RFC 9112 5.1",
            "white space is between a field name and its colon",
            "Send the colon right after the name.",
        ),
        "field-value-malformed": Meaning(
            400, "RFC 9110 5.5", "a field value holds a control character", REPAIR_HEAD
        ),
        # Our limits.
        "method-too-long": Meaning(
            501, "RFC 9112 3", "the method is longer than any known method", REPAIR_HEAD
        ),
        "request-line-too-long": Meaning(
            414,
            "RFC 9112 3",
            "the request line is longer than this server accepts",
            "Send a shorter target: parameters can be fields, or in a body.",
            "Or raise Limits.max_request_line.",
        ),
        "header-line-too-long": Meaning(
            431,
            "RFC 9110 5.4",
            "a field line is longer than accepted",
            "Send a shorter one. Often it is a cookie that grew.",
            "Or raise Limits.max_header_line.",
        ),
        "too-many-headers": Meaning(
            431,
            "RFC 9110 5.4",
            "there are more field lines than accepted",
            "Send fewer fields.",
            "Or raise Limits.max_header_count.",
        ),
        "head-too-long": Meaning(
            431,
            "RFC 9110 5.4",
            "the head is longer than accepted",
            "Send fewer or shorter fields.",
            "Or raise Limits.max_head_bytes.",
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
            "Host is not a host with an optional port",
            "Send host or host:port; put an IPv6 address in brackets.",
        ),
        # Framing of the body.
        "content-length-malformed": Meaning(
            400, "RFC 9112 6.3", "Content-Length is not a decimal number", REPAIR_FRAMING
        ),
        "content-length-repeated": Meaning(
            400, "RFC 9112 6.3", "Content-Length is given more than once", REPAIR_FRAMING
        ),
        "content-length-too-large": Meaning(
            413, "RFC 9110 8.6", "Content-Length is larger than any body can be", REPAIR_FRAMING
        ),
        "content-length-and-transfer-encoding": Meaning(
            400,
            "RFC 9112 6.1",
            "the message has both Content-Length and Transfer-Encoding",
            REPAIR_FRAMING,
        ),
        "transfer-encoding-malformed": Meaning(
            400, "RFC 9112 6.1", "Transfer-Encoding is not a list of codings", REPAIR_FRAMING
        ),
        "transfer-encoding-not-final": Meaning(
            400,
            "RFC 9112 6.3",
            "chunked is not the last transfer coding, or is there twice",
            REPAIR_FRAMING,
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
            "The peer gave up, or a timeout on the way cut the connection.",
        ),
        "body-too-large": Meaning(
            413,
            "RFC 9110 15.5.14",
            "the request body is longer than this server reads",
            "Send a shorter body.",
            "Or raise Limits.max_request_body.",
        ),
        "drain-too-long": Meaning(
            None,
            "RFC 9112 9.3",
            "the body of a refused request is longer than this server reads and discards",
            "The connection closes instead.",
            "Raise Limits.max_drain to keep it.",
        ),
        "early-data-too-long": Meaning(
            400,
            "RFC 9110 7.8",
            "too many octets arrived before the request was answered",
            "Wait for the 101 before you send in the new protocol.",
        ),
        "early-data-not-taken": Meaning(
            400,
            "RFC 9931 6",
            "octets arrived before the 101 of a protocol that begins after it",
            "Wait for the 101 before you send more; what arrived was discarded.",
        ),
        # Upgrade and Connection.
        "upgrade-in-http-1.0": Meaning(
            426,
            "RFC 9110 7.8",
            "an HTTP/1.0 request cannot upgrade",
            "Send HTTP/1.1. Old clients and some proxies send HTTP/1.0. nginx before 1.29.7 does"
            " unless told otherwise:\n"
            "    proxy_http_version 1.1;",
        ),
        "upgrade-missing": Meaning(
            426,
            "RFC 9110 7.8",
            "there is no Upgrade field",
            "In HTTP/1.1, send Connection: Upgrade and an Upgrade field that names the protocol."
            " If the client did, something on the way removed the field.",
        ),
        "upgrade-option-missing": Meaning(
            426,
            "RFC 9110 7.6.1",
            "Connection does not list upgrade, without which Upgrade is ignored",
            "Send Connection: Upgrade. If the client did, something on the way removed the option.",
        ),
        "upgrade-malformed": Meaning(
            426,
            "RFC 9110 7.8",
            "Upgrade is not a list of protocols, so it is ignored",
            "Send names with optional versions, separated by commas.",
        ),
        "connection-malformed": Meaning(
            426,
            "RFC 9110 7.6.1",
            "Connection is not a list of options, so it is ignored",
            "Send tokens, separated by commas.",
        ),
        "no-common-protocol": Meaning(
            426,
            "RFC 9110 7.8",
            "this server offers none of the requested protocols",
            "Request one of the protocols in the Upgrade field of the response.",
        ),
        "hop-by-hop-fields-lost": Meaning(
            426,
            "RFC 9110 7.6.1",
            "Sec-WebSocket-Key arrived without Upgrade or without the upgrade option of Connection",
            _PROXY_HOPS,
        ),
        "expectation-unknown": Meaning(
            417,
            "RFC 9110 10.1.1",
            "the expectation is not known here",
            "Send Expect: 100-continue, or no Expect field.",
        ),
        # Any offer.
        "method-not-allowed": Meaning(
            405,
            "RFC 9110 15.5.6",
            "this protocol does not start with this method",
            "Use a method of the Allow field of the response.",
        ),
        "body-not-allowed": Meaning(
            400,
            "RFC 9110 7.8",
            "the request announces a body, which this protocol does not accept",
            "Leave out the body, and wait for the 101 before you send in the new protocol.",
        ),
        # HTTP/2 over cleartext. They are not errors: the request stays an HTTP/1.1 request.
        "http2-settings-missing": Meaning(
            426,
            "RFC 7540 3.2.1",
            "there is no HTTP2-Settings field",
            "Send it with Upgrade: h2c. If the client did, something on the way removed it.",
        ),
        "http2-settings-repeated": Meaning(
            426,
            "RFC 7540 3.2.1",
            "HTTP2-Settings is given more than once",
            "Send one HTTP2-Settings field.",
        ),
        "http2-settings-malformed": Meaning(
            426,
            "RFC 7540 3.2.1",
            "HTTP2-Settings is not a SETTINGS payload in base64url",
            "Send six octets for each setting, in base64url without padding, values in range.",
        ),
        "http2-settings-option-missing": Meaning(
            426,
            "RFC 7540 3.2.1",
            "Connection does not list HTTP2-Settings, which is a hop-by-hop field",
            "Send Connection: Upgrade, HTTP2-Settings. If the client did, something on the way"
            " forwarded only a part of it.",
        ),
        # TLS under HTTP/1.1. It is not an error: the request stays one in cleartext.
        "tls-needs-options": Meaning(
            426,
            "RFC 2817 3.2",
            "TLS begins here with OPTIONS * without a body, and this is another request",
            "Send OPTIONS * with this Upgrade field first, then this request inside TLS.",
        ),
        # Tunnels: connect-udp, connect-ip, connect-tcp.
        "tunnel-needs-get": Meaning(
            400,
            "RFC 9298 3.2",
            "a tunnel is requested by GET in HTTP/1.1, and this is another method",
            "Send GET. In HTTP/2 and HTTP/3, send extended CONNECT.",
        ),
        "tunnel-has-content-field": Meaning(
            400,
            "RFC 9297 3.2",
            "a request for a tunnel has Content-Length, Content-Type or Transfer-Encoding",
            "Leave the field out, Content-Length: 0 as well: capsules follow the 101.",
        ),
        "tunnel-target-unknown": Meaning(
            400,
            "RFC 9298 2",
            "the request target does not fit this server's URI template",
            "Expand the template of the server; encode each colon in a value as %3A.",
        ),
        "tunnel-target-malformed": Meaning(
            400,
            "RFC 9298 3",
            "the request target does not name an end for a tunnel",
            "Name a host without brackets and a port from 1 to 65535; for IP, a prefix and a"
            " protocol.",
        ),
        # Extended CONNECT.
        "extended-connect-malformed": Meaning(
            400,
            "RFC 8441 4",
            "the fields are not those of an extended CONNECT",
            "Send one each of :method, :scheme, :authority, :path and :protocol, and no"
            " hop-by-hop field.",
        ),
        "extended-connect-protocol-unknown": Meaning(
            501,
            "RFC 9220 3",
            "this server does not offer the requested protocol",
            "Request another one, or use HTTP/1.1.",
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
            "Send Sec-WebSocket-Version once, with one version.",
        ),
        "websocket-version-malformed": Meaning(
            400,
            "RFC 6455 4.3",
            "Sec-WebSocket-Version is not a number from 0 to 255",
            "Send Sec-WebSocket-Version: 13.",
        ),
        "websocket-version-unsupported": Meaning(
            426,
            "RFC 6455 4.2.2",
            "this server does not speak this WebSocket version",
            "Use a version of the Sec-WebSocket-Version field of the response.",
        ),
        "websocket-key-missing": Meaning(
            400,
            "RFC 6455 4.2.1",
            "there is no Sec-WebSocket-Key field",
            "Send Sec-WebSocket-Key with 16 random octets in base64; a WebSocket client does. In"
            " HTTP/2 there is no key: a proxy that translates from HTTP/2 must add one"
            " (RFC 8441 5).",
        ),
        "websocket-key-repeated": Meaning(
            400,
            "RFC 6455 11.3.1",
            "Sec-WebSocket-Key is given more than once",
            "Send one Sec-WebSocket-Key field.",
        ),
        "websocket-key-malformed": Meaning(
            400,
            "RFC 6455 4.2.1",
            "Sec-WebSocket-Key is not 16 octets in base64",
            "Send 24 characters, the last two of them ==.",
        ),
        "subprotocols-malformed": Meaning(
            400,
            "RFC 6455 4.3",
            "Sec-WebSocket-Protocol is not a list of one or more tokens",
            "Send tokens, separated by commas. Without a subprotocol, leave the field out: an"
            " empty one is not allowed.",
        ),
        "no-common-subprotocol": Meaning(
            400,
            "RFC 6455 4.2.2",
            "the client offers none of the subprotocols that this server requires",
            "Offer one of this server's subprotocols in the Sec-WebSocket-Protocol field.",
        ),
        "extensions-malformed": Meaning(
            400,
            "RFC 6455 9.1",
            "Sec-WebSocket-Extensions is not a list of extensions",
            "Send names with parameters, separated by commas; a quoted value must be a token"
            " without its quotes. Without an extension, leave the field out.",
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
            "there is no Origin field, which this server requires",
            "Browsers send it; this server does not accept other clients.",
            "Policies accept them with allow_missing_origin=True.",
        ),
        "origin-repeated": Meaning(
            400, "RFC 6454 7.3", "Origin is given more than once", "Send one Origin field."
        ),
        "origin-not-allowed": Meaning(
            403,
            "RFC 6455 10.2",
            "pages of this origin may not connect here",
            "The server's operator can allow this origin. Where it is compared with Host, a proxy"
            " that replaces Host is a likely cause. nginx:\n"
            "    proxy_set_header Host $http_host;",
            "Add the origin to origins=, which can name it and need not compare it with Host.",
        ),
        "host-not-allowed": Meaning(
            403,
            "RFC 6455 10.2",
            "this server does not answer for this host",
            "Use a name of this server. A proxy that replaces Host sends the wrong one. nginx:\n"
            "    proxy_set_header Host $http_host;",
            "Add the host to hosts= if it is yours; otherwise this is DNS rebinding.",
        ),
    }
)
