"""Codes of findings about HTTP/1.1 on the wire: requests, responses and their framing.

Rules for every module of codes: a code stands once, beside what uses it, with its status, clause,
message and hint. No other code chooses a status or words a message. Message and hint are for the
sender of the request; what is for the server's operator is apart. A client refuses nothing: its
codes have no status, and their reader runs the client.
"""

from typing import Final

from .findings import Code

_REPAIR_HEAD: Final = "The sender must follow RFC 9112; an HTTP library does."
_REPAIR_FRAMING: Final = "Frame a body once: by one Content-Length, or by chunked alone."

# What arrived is not an HTTP/1 request.
NOT_HTTP: Final = Code(
    "not-http",
    400,
    "RFC 9112 2.2",
    "the first octets are not an HTTP/1 request line",
    "A client of another protocol connected to an HTTP port, or the line does not end in"
    " HTTP/1.1. First octets of some: 02 LPD, 03 RDP, 04 and 05 SOCKS, 10 MQTT,"
    " 81 and 82 WebSocket frames.",
)
TLS_CLIENT_HELLO: Final = Code(
    "tls-client-hello",
    400,
    "RFC 9112 2.2",
    "a TLS handshake arrived on a cleartext port",
    "Use http:// or ws://, or the port on which the server speaks TLS.",
    "Put TLS in front of this port.",
)
HTTP2_PREFACE: Final = Code(
    "http2-preface",
    505,
    "RFC 9113 3.4",
    "an HTTP/2 connection preface arrived where HTTP/1.1 is spoken",
    "Switch off HTTP/2 towards this server (prior knowledge, proto h2, versions h2c).",
)
PROXY_PROTOCOL: Final = Code(
    "proxy-protocol",
    400,
    "PROXY protocol 2",
    "a PROXY protocol header arrived before the request",
    "Switch the PROXY protocol off in the load balancer.",
    "Or let something in front of this server consume the header.",
)
HTTP_VERSION_UNSUPPORTED: Final = Code(
    "http-version-unsupported",
    505,
    "RFC 9110 15.6.6",
    "the version of the request is not HTTP/1",
    "Send HTTP/1.1.",
)

# What arrived is not an HTTP/1 response.
RESPONSE_NOT_HTTP: Final = Code(
    "response-not-http",
    None,
    "RFC 9112 4",
    "the first octets are not an HTTP/1 status line",
    "A server of another protocol answers on this port.",
)
RESPONSE_IS_TLS: Final = Code(
    "response-is-tls",
    None,
    "RFC 9112 4",
    "the server answers in TLS",
    "Use https:// or wss://, or a port where HTTP is spoken without TLS.",
)
RESPONSE_IS_HTTP2: Final = Code(
    "response-is-http2",
    None,
    "RFC 9113 3.4",
    "the server answers in HTTP/2, although the request was HTTP/1.1",
    "Speak HTTP/2 from the first octet on, or use another port.",
)
RESPONSE_VERSION_UNSUPPORTED: Final = Code(
    "response-version-unsupported",
    None,
    "RFC 9110 2.5",
    "the version of the response is not HTTP/1",
    "Another server answers on this port, or this one names a version it does not speak.",
)

# The head breaks the grammar of RFC 9112.
HEAD_INCOMPLETE: Final = Code(
    "head-incomplete",
    400,
    "RFC 9112 8",
    "the connection ended inside a head",
    "The peer gave up, or a timeout on the way cut the connection.",
)
REQUEST_LINE_MALFORMED: Final = Code(
    "request-line-malformed",
    400,
    "RFC 9112 3",
    "the request line is not method SP target SP HTTP-version",
    _REPAIR_HEAD,
)
STATUS_LINE_MALFORMED: Final = Code(
    "status-line-malformed",
    None,
    "RFC 9112 4",
    "the status line is not HTTP-version SP status-code SP reason",
    "The server, or something in front of it, does not speak HTTP/1 here.",
)
TARGET_NOT_ENCODED: Final = Code(
    "target-not-encoded",
    400,
    "RFC 9112 3.2",
    "the request target holds octets that must be percent-encoded",
    "Encode each octet outside of ASCII as % and two hexadecimal digits.",
)
BARE_CR: Final = Code("bare-cr", 400, "RFC 9112 2.2", "a CR is not followed by LF", _REPAIR_HEAD)
BARE_LF: Final = Code(
    "bare-lf",
    400,
    "RFC 9112 2.2",
    "a line ends in LF without CR",
    "End each line of the head in CR LF.",
)
LEADING_WHITESPACE: Final = Code(
    "leading-whitespace",
    400,
    "RFC 9112 2.2",
    "white space follows the start line",
    "Start each field line with the name of the field.",
)
OBS_FOLD: Final = Code(
    "obs-fold",
    400,
    "RFC 9112 5.2",
    "a field value continues on a second line",
    "Send each field value on one line.",
)
FIELD_LINE_MALFORMED: Final = Code(
    "field-line-malformed",
    400,
    "RFC 9112 5",
    "a line of the head does not begin with a field name and a colon",
    _REPAIR_HEAD,
)
FIELD_NAME_SPACE: Final = Code(
    "field-name-space",
    400,
    "RFC 9112 5.1",
    "white space is between a field name and its colon",
    "Send the colon right after the name.",
)
FIELD_VALUE_MALFORMED: Final = Code(
    "field-value-malformed",
    400,
    "RFC 9110 5.5",
    "a field value holds a control character",
    _REPAIR_HEAD,
)
FIELD_VALUE_CONTROL: Final = Code(
    "field-value-control",
    None,
    "RFC 9110 5.5",
    "a field value of the response holds a control octet",
    "The value was kept as it came. The server should send text alone; do not forward "
    "the value as it is.",
)

# Our limits.
METHOD_TOO_LONG: Final = Code(
    "method-too-long", 501, "RFC 9112 3", "the method is longer than any known method", _REPAIR_HEAD
)
REQUEST_LINE_TOO_LONG: Final = Code(
    "request-line-too-long",
    414,
    "RFC 9112 3",
    "the request line is longer than this server accepts",
    "Send a shorter target: parameters can be fields, or in a body.",
    "Or raise Limits.max_request_line.",
)
STATUS_LINE_TOO_LONG: Final = Code(
    "status-line-too-long",
    None,
    "RFC 9112 4",
    "the status line is longer than accepted",
    "The server, or something in front of it, is broken; or raise Limits.max_request_line.",
)
HEADER_LINE_TOO_LONG: Final = Code(
    "header-line-too-long",
    431,
    "RFC 9110 5.4",
    "a field line is longer than accepted",
    "Send a shorter one. Often it is a cookie that grew.",
    "Or raise Limits.max_header_line.",
)
TOO_MANY_HEADERS: Final = Code(
    "too-many-headers",
    431,
    "RFC 9110 5.4",
    "there are more field lines than accepted",
    "Send fewer fields.",
    "Or raise Limits.max_header_count.",
)
HEAD_TOO_LONG: Final = Code(
    "head-too-long",
    431,
    "RFC 9110 5.4",
    "the head is longer than accepted",
    "Send fewer or shorter fields.",
    "Or raise Limits.max_head_bytes.",
)

# Target and Host.
TARGET_MALFORMED: Final = Code(
    "target-malformed",
    400,
    "RFC 9112 3.2",
    "the request target has none of the four forms, or not the one its method takes",
    "Send a path, or an absolute URI, without a fragment; host:port with CONNECT only,"
    " * with OPTIONS only.",
)
TARGET_HAS_USERINFO: Final = Code(
    "target-has-userinfo",
    400,
    "RFC 9110 4.2.4",
    "the request target carries user information",
    "Leave out the user and the password before the @.",
)
HOST_MISSING: Final = Code(
    "host-missing",
    400,
    "RFC 9112 3.2",
    "an HTTP/1.1 request has no Host field",
    "Send a Host field.",
)
HOST_REPEATED: Final = Code(
    "host-repeated",
    400,
    "RFC 9112 3.2",
    "there is more than one Host field",
    "Send one Host field.",
)
HOST_MALFORMED: Final = Code(
    "host-malformed",
    400,
    "RFC 9112 3.2",
    "Host is not a host with an optional port",
    "Send host or host:port; put an IPv6 address in brackets.",
)

# Framing of the body.
CONTENT_LENGTH_MALFORMED: Final = Code(
    "content-length-malformed",
    400,
    "RFC 9112 6.3",
    "Content-Length is not a decimal number",
    _REPAIR_FRAMING,
)
CONTENT_LENGTH_REPEATED: Final = Code(
    "content-length-repeated",
    400,
    "RFC 9112 6.3",
    "Content-Length is given more than once",
    _REPAIR_FRAMING,
)
CONTENT_LENGTH_TOO_LARGE: Final = Code(
    "content-length-too-large",
    413,
    "RFC 9110 8.6",
    "Content-Length is larger than any body can be",
    _REPAIR_FRAMING,
)
CONTENT_LENGTH_AND_TRANSFER_ENCODING: Final = Code(
    "content-length-and-transfer-encoding",
    400,
    "RFC 9112 6.1",
    "the message has both Content-Length and Transfer-Encoding",
    _REPAIR_FRAMING,
)
TRANSFER_ENCODING_MALFORMED: Final = Code(
    "transfer-encoding-malformed",
    400,
    "RFC 9112 6.1",
    "Transfer-Encoding is not a list of codings",
    _REPAIR_FRAMING,
)
TRANSFER_ENCODING_NOT_FINAL: Final = Code(
    "transfer-encoding-not-final",
    400,
    "RFC 9112 6.3",
    "chunked is not the last transfer coding, or is there twice",
    _REPAIR_FRAMING,
)
TRANSFER_ENCODING_UNKNOWN: Final = Code(
    "transfer-encoding-unknown",
    501,
    "RFC 9112 6.1",
    "a transfer coding is not known here",
    "Use chunked alone.",
)
TRANSFER_ENCODING_IN_HTTP_1_0: Final = Code(
    "transfer-encoding-in-http-1.0",
    400,
    "RFC 9112 6.1",
    "an HTTP/1.0 message has Transfer-Encoding",
    _REPAIR_FRAMING,
)
TRANSFER_CODING_KEPT: Final = Code(
    "transfer-coding-kept",
    None,
    "RFC 9110 10.1.4",
    "the response has transfer codings other than chunked, which no TE field asked for",
    "The content is delivered with these codings: undo them in reverse order. The server "
    "should send Content-Encoding, or no coding.",
)
CHUNK_MALFORMED: Final = Code(
    "chunk-malformed", 400, "RFC 9112 7.1", "the chunked body breaks its grammar", _REPAIR_FRAMING
)
BODY_INCOMPLETE: Final = Code(
    "body-incomplete",
    400,
    "RFC 9112 8",
    "the connection ended inside a body",
    "The peer gave up, or a timeout on the way cut the connection.",
)
