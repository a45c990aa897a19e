"""What each code of a finding means that only a client makes.

The law of this file: that of ``_meanings``. None implies a status: a client refuses nothing.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ._meanings import Meaning

RESPONSE_MEANINGS: Final[Mapping[str, Meaning]] = MappingProxyType(
    {
        # What arrived is no HTTP/1 response.
        "response-not-http": Meaning(
            None,
            "RFC 9112 4",
            "the first octets are no HTTP/1 status line",
            "Something that does not speak HTTP answers on this port.",
        ),
        "response-is-tls": Meaning(
            None,
            "RFC 9112 4",
            "the server answers in TLS",
            "Use https:// or wss://, or a port where HTTP is spoken in the clear.",
        ),
        "response-is-http2": Meaning(
            None,
            "RFC 9113 3.4",
            "the server answers in HTTP/2, although nobody asked for that",
            "Speak HTTP/2 to it from the first octet on, or use another port.",
        ),
        "response-version-unsupported": Meaning(
            None,
            "RFC 9110 2.5",
            "the response is not of HTTP/1",
            "Something else answers on this port; or the server names a version it does not speak.",
        ),
        "status-line-malformed": Meaning(
            None,
            "RFC 9112 4",
            "the status line is not HTTP-version SP status-code SP reason",
            "The server, or something in front of it, does not speak HTTP/1 here.",
        ),
        "status-line-too-long": Meaning(
            None,
            "RFC 9112 4",
            "the status line is longer than is taken here",
            "The server, or something in front of it, is broken; or raise Limits.max_request_line.",
        ),
        "response-missing": Meaning(
            None,
            "RFC 9112 9.6",
            "the connection was closed before a response arrived",
            "A server that crashed or refuses the client, or a time-out in between.",
        ),
        "response-unasked": Meaning(
            None,
            "RFC 9112 9.2",
            "octets arrived that answer no request",
            "Close the connection: who sent them is not known, and what they answer is not either.",
        ),
        "response-body-too-large": Meaning(
            None,
            "RFC 9110 15.5.22",
            "the body of the 426 is longer than is kept here",
            "The rest of it was dropped; raise Limits.max_response_body to see all of it.",
        ),
        # 101.
        "switch-unasked": Meaning(
            None,
            "RFC 9110 7.8",
            "a 101 answers a request that asked for no other protocol",
            "The server, or something in front of it, is broken; close the connection.",
        ),
        "switch-in-http-1.0": Meaning(
            None,
            "RFC 9110 15.2",
            "the 101 is of HTTP/1.0, which has none",
            "The server, or something in front of it, speaks HTTP/1.0 or was asked in it.",
        ),
        "switch-upgrade-missing": Meaning(
            None,
            "RFC 9110 15.2.2",
            "the 101 does not name the protocol that it switches to",
            "A proxy on the way may have removed Upgrade, or the server forgot it.",
        ),
        "switch-upgrade-malformed": Meaning(
            None,
            "RFC 9110 7.8",
            "Upgrade is no list of protocols, so nobody knows what was switched to",
            "The server, or something in front of it, is broken.",
        ),
        "switch-not-asked-for": Meaning(
            None,
            "RFC 9110 7.8",
            "the 101 names a protocol that was not asked for",
            "A server MUST NOT switch to it; close the connection.",
        ),
        "switch-names-several": Meaning(
            None,
            "RFC 9110 7.8",
            "the 101 names more than the one protocol that it can switch to",
            "Several protocols in a 101 are layers, one above the other; this one has none.",
        ),
        "switch-option-missing": Meaning(
            None,
            "RFC 9110 7.8",
            "the 101's Connection does not list upgrade, without which Upgrade does not count",
            "A proxy on the way may have removed the option, and cannot be trusted to have let go.",
        ),
        "switch-connection-malformed": Meaning(
            None,
            "RFC 9110 7.6.1",
            "Connection is no list of options, so Upgrade does not count",
            "The server, or something in front of it, is broken.",
        ),
        "transfer-coding-kept": Meaning(
            None,
            "RFC 9110 10.1.4",
            "the response has transfer codings other than chunked, which no TE field asked for",
            "The content is delivered with these codings: undo them in reverse order. The server "
            "should send Content-Encoding, or no coding.",
        ),
        "field-value-control": Meaning(
            None,
            "RFC 9110 5.5",
            "a field value of the response holds a control octet",
            "The value was kept as it came. The server should send text alone; do not forward "
            "the value as it is.",
        ),
        "interim-announces-content": Meaning(
            None,
            "RFC 9110 8.6",
            "an interim response announces content, which it never has",
            "It was ignored: what follows the head is not its content.",
        ),
        "tls-versions-named": Meaning(
            None,
            "RFC 2817 3.3",
            "the 101 names several versions of TLS in the place of one",
            "It was ignored: the handshake agrees on a version.",
        ),
        "tunnel-response-has-content-field": Meaning(
            None,
            "RFC 9297 3.2",
            "the 101 of a tunnel has one of Content-Length, Content-Type, Transfer-Encoding",
            "The proxy is broken: capsules follow the 101, and no content.",
        ),
        "websocket-accept-missing": Meaning(
            None,
            "RFC 6455 4.1",
            "there is no Sec-WebSocket-Accept field",
            "What answered is no WebSocket server, or a cache that knows nothing of it.",
        ),
        "websocket-accept-repeated": Meaning(
            None,
            "RFC 6455 11.3.3",
            "Sec-WebSocket-Accept is given more than once",
            "The server, or something in front of it, is broken.",
        ),
        "websocket-accept-wrong": Meaning(
            None,
            "RFC 6455 4.1",
            "Sec-WebSocket-Accept does not answer the key that was sent",
            "A cache may have answered, or a proxy changed the key.",
        ),
        "subprotocol-malformed": Meaning(
            None,
            "RFC 6455 4.3",
            "Sec-WebSocket-Protocol is no single token",
            "The server has to choose one of the subprotocols that were offered, or none.",
        ),
        "subprotocol-repeated": Meaning(
            None,
            "RFC 6455 11.3.4",
            "Sec-WebSocket-Protocol is given more than once",
            "The server has to choose one of the subprotocols that were offered, or none.",
        ),
        "subprotocol-not-offered": Meaning(
            None,
            "RFC 6455 4.1",
            "the server chose a subprotocol that was not offered",
            "Offer it if it is the right one; case matters.",
        ),
        "subprotocol-missing": Meaning(
            None,
            "RFC 6455 4.1",
            "the server chose none of the subprotocols, and one is required here",
            "Offer one that the server speaks.",
        ),
        "extension-not-offered": Meaning(
            None,
            "RFC 6455 4.1",
            "the server chose an extension that was not offered",
            "The server is broken: it may use those only that the client offers.",
        ),
        "extension-repeated": Meaning(
            None,
            "RFC 6455 9.1",
            "the server chose an extension more than once",
            "The server is broken: what it agrees to is not clear.",
        ),
        "extension-parameters-wrong": Meaning(
            None,
            "RFC 7692 7.1",
            "the server agreed to an extension with parameters that answer no offer",
            "The server is broken, or asks for what cannot be done here, as a window of 8 bits.",
        ),
        # 426.
        "upgrade-list-missing": Meaning(
            None,
            "RFC 9110 15.5.22",
            "the 426 does not say which protocol it requires",
            "Its body or the server's documentation may say; most servers leave the Upgrade "
            "field out.",
        ),
        "upgrade-list-malformed": Meaning(
            None,
            "RFC 9110 7.8",
            "the 426's Upgrade is no list of protocols",
            "Its body or the server's documentation may say what is required.",
        ),
        "upgrade-list-without-option": Meaning(
            None,
            "RFC 9110 7.8",
            "the 426's Connection does not list upgrade, as it has to beside Upgrade",
            "The list was used nevertheless; the server left the option out, or a proxy "
            "removed it.",
        ),
        "version-list-malformed": Meaning(
            None,
            "RFC 6455 4.3",
            "Sec-WebSocket-Version is no list of numbers from 0 to 255",
            "It was ignored.",
        ),
        "asked-in-vain": Meaning(
            None,
            "RFC 9110 7.6.1",
            "the server requires a protocol that was asked for",
            "Something on the way removed the fields of the hop, and has to pass them on. nginx: "
            "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
            'proxy_set_header Connection "upgrade"; outside TLS, https or wss goes past it.',
        ),
        "tls-spoken-already": Meaning(
            None,
            "RFC 2817 4.2",
            "the server requires TLS, which is spoken already",
            "Something in front of the server ends TLS, and does not say so to it.",
        ),
        "no-common-version": Meaning(
            None,
            "RFC 6455 4.2.2",
            "the server speaks none of the WebSocket versions that are spoken here",
            "See the Sec-WebSocket-Version field of the response.",
        ),
        "nothing-in-common": Meaning(
            None,
            "RFC 9110 7.8",
            "the server requires protocols that are not spoken here",
            "See the Upgrade field of the response.",
        ),
    }
)
