"""Codes of findings about the WebSocket handshake (RFC 6455)."""

from typing import Final

from ..._http1.findings import Code
from ..._negotiation.finding_codes import how_for_proxies

# The request.
WEBSOCKET_SCHEME_WRONG: Final = Code(
    "websocket-scheme-wrong",
    400,
    "RFC 6455 4.2.1",
    "the scheme of the request target is not http, https, ws or wss",
    "Send the path as the target: GET /chat HTTP/1.1.",
)
WEBSOCKET_VERSION_MISSING: Final = Code(
    "websocket-version-missing",
    400,
    "RFC 6455 4.2.1",
    "there is no Sec-WebSocket-Version field",
    "Send Sec-WebSocket-Version: 13.",
)
WEBSOCKET_VERSION_REPEATED: Final = Code(
    "websocket-version-repeated",
    400,
    "RFC 6455 11.3.5",
    "Sec-WebSocket-Version is given more than once",
    "Send Sec-WebSocket-Version once, with one version.",
)
WEBSOCKET_VERSION_MALFORMED: Final = Code(
    "websocket-version-malformed",
    400,
    "RFC 6455 4.3",
    "Sec-WebSocket-Version is not a number from 0 to 255",
    "Send Sec-WebSocket-Version: 13.",
)
WEBSOCKET_VERSION_UNSUPPORTED: Final = Code(
    "websocket-version-unsupported",
    426,
    "RFC 6455 4.2.2",
    "this server does not speak this WebSocket version",
    "Use a version of the Sec-WebSocket-Version field of the response.",
)
WEBSOCKET_KEY_MISSING: Final = Code(
    "websocket-key-missing",
    400,
    "RFC 6455 4.2.1",
    "there is no Sec-WebSocket-Key field",
    "Send Sec-WebSocket-Key with 16 random octets in base64; a WebSocket client does. In"
    " HTTP/2 there is no key: a proxy that translates from HTTP/2 must add one"
    " (RFC 8441 5).",
)
WEBSOCKET_KEY_REPEATED: Final = Code(
    "websocket-key-repeated",
    400,
    "RFC 6455 11.3.1",
    "Sec-WebSocket-Key is given more than once",
    "Send one Sec-WebSocket-Key field.",
)
WEBSOCKET_KEY_MALFORMED: Final = Code(
    "websocket-key-malformed",
    400,
    "RFC 6455 4.2.1",
    "Sec-WebSocket-Key is not 16 octets in base64",
    "Send 24 characters, the last two of them ==. The key SGVsbG8sIHdvcmxkIQ== of many examples has"
    " 13 octets.",
)
SUBPROTOCOLS_MALFORMED: Final = Code(
    "subprotocols-malformed",
    400,
    "RFC 6455 4.3",
    "Sec-WebSocket-Protocol is not a list of one or more tokens",
    "Send tokens, separated by commas. Without a subprotocol, leave the field out: an"
    " empty one is not allowed.",
)
NO_COMMON_SUBPROTOCOL: Final = Code(
    "no-common-subprotocol",
    400,
    "RFC 6455 4.2.2",
    "the client offers none of the subprotocols that this server requires",
    "Offer one of this server's subprotocols in the Sec-WebSocket-Protocol field.",
)
EXTENSIONS_MALFORMED: Final = Code(
    "extensions-malformed",
    400,
    "RFC 6455 9.1",
    "Sec-WebSocket-Extensions is not a list of extensions",
    "Send names with parameters, separated by commas; a quoted value must be a token"
    " without its quotes. Without an extension, leave the field out.",
)
EXTENSION_DECLINED: Final = Code(
    "extension-declined",
    None,
    "RFC 7692 5",
    "an extension was offered in a form that is not supported here, and is declined",
    "The connection goes on without it.",
)

# Origin and Host.
ORIGIN_MISSING: Final = Code(
    "origin-missing",
    403,
    "RFC 6455 10.2",
    "there is no Origin field, which this server requires",
    "Browsers send it; this server does not accept other clients.",
    "Policies accept them with allow_missing_origin=True.",
)
ORIGIN_REPEATED: Final = Code(
    "origin-repeated",
    400,
    "RFC 6454 7.3",
    "Origin is given more than once",
    "Send one Origin field.",
)
ORIGIN_NOT_ALLOWED: Final = Code(
    "origin-not-allowed",
    403,
    "RFC 6455 10.2",
    "pages of this origin may not connect here",
    "The server's operator can allow this origin. Where it is compared with Host, the usual cause"
    " is a proxy that replaces Host, or drops its port: it has to keep Host as it came."
    f" {how_for_proxies('origin-not-allowed')}",
    "Add the origin to origins=, which can name it and need not compare it with Host.",
)
HOST_NOT_ALLOWED: Final = Code(
    "host-not-allowed",
    403,
    "RFC 6455 10.2",
    "this server does not answer for this host",
    "Use a name of this server. If the client did, a proxy on the way replaced Host: it has to keep"
    f" Host as it came. {how_for_proxies('host-not-allowed')}",
    "Add the host to hosts= if it is yours; otherwise this is DNS rebinding.",
)

# The 101.
WEBSOCKET_ACCEPT_MISSING: Final = Code(
    "websocket-accept-missing",
    None,
    "RFC 6455 4.1",
    "the 101 has no Sec-WebSocket-Accept field",
    "The sender is not a WebSocket server; it may be a cache or a front end.",
)
WEBSOCKET_ACCEPT_REPEATED: Final = Code(
    "websocket-accept-repeated",
    None,
    "RFC 6455 11.3.3",
    "Sec-WebSocket-Accept is given more than once",
    "The server, or something in front of it, is broken.",
)
WEBSOCKET_ACCEPT_WRONG: Final = Code(
    "websocket-accept-wrong",
    None,
    "RFC 6455 4.1",
    "Sec-WebSocket-Accept does not answer the key that was sent",
    "A cache may have answered, or a proxy changed the key.",
)
SUBPROTOCOL_MALFORMED: Final = Code(
    "subprotocol-malformed",
    None,
    "RFC 6455 4.3",
    "the 101's Sec-WebSocket-Protocol is not one token",
    "The server must choose one of the subprotocols that were offered, or none.",
)
SUBPROTOCOL_REPEATED: Final = Code(
    "subprotocol-repeated",
    None,
    "RFC 6455 11.3.4",
    "the 101 has Sec-WebSocket-Protocol more than once",
    "The server must choose one of the subprotocols that were offered, or none.",
)
SUBPROTOCOL_NOT_OFFERED: Final = Code(
    "subprotocol-not-offered",
    None,
    "RFC 6455 4.1",
    "the server chose a subprotocol that was not offered",
    "Offer it if it is the right one. Upper and lower case differ.",
)
SUBPROTOCOL_MISSING: Final = Code(
    "subprotocol-missing",
    None,
    "RFC 6455 4.1",
    "the server chose none of the subprotocols, and one is required here",
    "Offer a subprotocol that the server speaks: its documentation says which.",
)
EXTENSION_NOT_OFFERED: Final = Code(
    "extension-not-offered",
    None,
    "RFC 6455 4.1",
    "the server chose an extension that was not offered",
    "The server is broken: it may use only what the client offers.",
)
EXTENSION_REPEATED: Final = Code(
    "extension-repeated",
    None,
    "RFC 6455 9.1",
    "the server chose an extension more than once",
    "The server is broken: it is not clear what it agrees to.",
)
EXTENSION_PARAMETERS_WRONG: Final = Code(
    "extension-parameters-wrong",
    None,
    "RFC 7692 7.1",
    "the server agreed to an extension with parameters that do not answer an offer",
    "The server is broken, or asks for a window of 8 bits, which cannot be done here.",
)
NO_COMMON_VERSION: Final = Code(
    "no-common-version",
    None,
    "RFC 6455 4.2.2",
    "the server speaks none of the WebSocket versions of this client",
    "See the Sec-WebSocket-Version field of the response.",
)
