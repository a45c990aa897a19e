"""Codes of findings about tunnels: connect-udp, connect-ip, connect-tcp.

Rules for this module: those of the codes in ``_http1``.
"""

from typing import Final

from ..._http1.findings import Code

TUNNEL_NEEDS_GET: Final = Code(
    "tunnel-needs-get",
    400,
    "RFC 9298 3.2",
    "a tunnel is requested by GET in HTTP/1.1, and this is another method",
    "Send GET. In HTTP/2 and HTTP/3, send extended CONNECT.",
)
TUNNEL_HAS_CONTENT_FIELD: Final = Code(
    "tunnel-has-content-field",
    400,
    "RFC 9297 3.2",
    "a request for a tunnel has Content-Length, Content-Type or Transfer-Encoding",
    "Leave the field out, Content-Length: 0 as well: capsules follow the 101.",
)
TUNNEL_TARGET_UNKNOWN: Final = Code(
    "tunnel-target-unknown",
    400,
    "RFC 9298 2",
    "the request target does not fit this server's URI template",
    "Expand the template of the server; encode each colon in a value as %3A.",
)
TUNNEL_TARGET_MALFORMED: Final = Code(
    "tunnel-target-malformed",
    400,
    "RFC 9298 3",
    "the request target does not name an end for a tunnel",
    "Name a host without brackets and a port from 1 to 65535; for IP, a prefix and a protocol.",
)
TUNNEL_RESPONSE_HAS_CONTENT_FIELD: Final = Code(
    "tunnel-response-has-content-field",
    None,
    "RFC 9297 3.2",
    "the 101 of a tunnel has Content-Length, Content-Type or Transfer-Encoding",
    "The proxy is broken: capsules follow the 101, not content.",
)
