"""What each code of a finding means that only a client makes.

Rules for this module: those of ``finding_codes``. No code implies a status, because a client
refuses nothing. The reader is who runs the client.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from .finding_codes import NGINX, Meaning

RESPONSE_MEANINGS: Final[Mapping[str, Meaning]] = MappingProxyType(
    {
        # What arrived is not an HTTP/1 response.
        "response-not-http": Meaning(
            None,
            "RFC 9112 4",
            "the first octets are not an HTTP/1 status line",
            "A server of another protocol answers on this port.",
        ),
        "response-is-tls": Meaning(
            None,
            "RFC 9112 4",
            "the server answers in TLS",
            "Use https:// or wss://, or a port where HTTP is spoken without TLS.",
        ),
        "response-is-http2": Meaning(
            None,
            "RFC 9113 3.4",
            "the server answers in HTTP/2, although the request was HTTP/1.1",
            "Speak HTTP/2 from the first octet on, or use another port.",
        ),
        "response-version-unsupported": Meaning(
            None,
            "RFC 9110 2.5",
            "the version of the response is not HTTP/1",
            "Another server answers on this port, or this one names a version it does not speak.",
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
            "the status line is longer than accepted",
            "The server, or something in front of it, is broken; or raise Limits.max_request_line.",
        ),
        "response-missing": Meaning(
            None,
            "RFC 9112 9.6",
            "the connection was closed before a response arrived",
            "The server crashed or refuses the client, or a timeout on the way cut the connection.",
        ),
        "response-unasked": Meaning(
            None,
            "RFC 9112 9.2",
            "octets arrived that do not answer a request",
            "Close the connection: the sender of these octets is not known.",
        ),
        "response-body-too-large": Meaning(
            None,
            "RFC 9110 15.5.22",
            "the body of the 426 is longer than kept here",
            "The rest was dropped; raise Limits.max_response_body to see all of it.",
        ),
        # 101.
        "switch-unasked": Meaning(
            None,
            "RFC 9110 7.8",
            "a 101 answers a request that did not ask for another protocol",
            "The server, or something in front of it, is broken; close the connection.",
        ),
        "switch-in-http-1.0": Meaning(
            None,
            "RFC 9110 15.2",
            "the 101 is an HTTP/1.0 response, and HTTP/1.0 has no 101",
            "The server, or something in front of it, speaks or was sent HTTP/1.0.",
        ),
        "switch-upgrade-missing": Meaning(
            None,
            "RFC 9110 15.2.2",
            "the 101 has no Upgrade field that names the protocol",
            "A proxy on the way removed Upgrade, or the server did not send it.",
        ),
        "switch-upgrade-malformed": Meaning(
            None,
            "RFC 9110 7.8",
            "the 101's Upgrade is not a list of protocols, so the new protocol is not known",
            "The server, or something in front of it, is broken.",
        ),
        "switch-not-asked-for": Meaning(
            None,
            "RFC 9110 7.8",
            "the 101 names a protocol that was not asked for",
            "Close the connection: a server must not switch to it.",
        ),
        "switch-names-several": Meaning(
            None,
            "RFC 9110 7.8",
            "the 101 names several protocols, and only one was expected",
            "Several protocols in a 101 are layers, one above the other; this protocol has none.",
        ),
        "switch-upgrade-repeated": Meaning(
            None,
            "RFC 9110 7.8",
            "the 101 names the same protocol more than once",
            "A server and a proxy may each add an Upgrade field: switch one of them off.",
        ),
        "switch-option-missing": Meaning(
            None,
            "RFC 9110 7.8",
            "the 101's Connection does not list upgrade, so its Upgrade does not count",
            "A proxy on the way may have removed the option, and may still read HTTP.",
        ),
        "switch-connection-malformed": Meaning(
            None,
            "RFC 9110 7.6.1",
            "the 101's Connection is not a list of options, so its Upgrade does not count",
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
            "an interim response announces content, which it cannot have",
            "The field was ignored: what follows the head is not content.",
        ),
        "tls-versions-named": Meaning(
            None,
            "RFC 2817 3.3",
            "the 101 names several versions of TLS instead of one",
            "They were ignored: the TLS handshake agrees on a version.",
        ),
        "tunnel-response-has-content-field": Meaning(
            None,
            "RFC 9297 3.2",
            "the 101 of a tunnel has Content-Length, Content-Type or Transfer-Encoding",
            "The proxy is broken: capsules follow the 101, not content.",
        ),
        "websocket-accept-missing": Meaning(
            None,
            "RFC 6455 4.1",
            "the 101 has no Sec-WebSocket-Accept field",
            "The sender is not a WebSocket server; it may be a cache or a front end.",
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
            "the 101's Sec-WebSocket-Protocol is not one token",
            "The server must choose one of the subprotocols that were offered, or none.",
        ),
        "subprotocol-repeated": Meaning(
            None,
            "RFC 6455 11.3.4",
            "the 101 has Sec-WebSocket-Protocol more than once",
            "The server must choose one of the subprotocols that were offered, or none.",
        ),
        "subprotocol-not-offered": Meaning(
            None,
            "RFC 6455 4.1",
            "the server chose a subprotocol that was not offered",
            "Offer it if it is the right one. Upper and lower case differ.",
        ),
        "subprotocol-missing": Meaning(
            None,
            "RFC 6455 4.1",
            "the server chose none of the subprotocols, and one is required here",
            "Offer a subprotocol that the server speaks.",
        ),
        "extension-not-offered": Meaning(
            None,
            "RFC 6455 4.1",
            "the server chose an extension that was not offered",
            "The server is broken: it may use only what the client offers.",
        ),
        "extension-repeated": Meaning(
            None,
            "RFC 6455 9.1",
            "the server chose an extension more than once",
            "The server is broken: it is not clear what it agrees to.",
        ),
        "extension-parameters-wrong": Meaning(
            None,
            "RFC 7692 7.1",
            "the server agreed to an extension with parameters that do not answer an offer",
            "The server is broken, or asks for a window of 8 bits, which cannot be done here.",
        ),
        # 426.
        "upgrade-list-missing": Meaning(
            None,
            "RFC 9110 15.5.22",
            "the 426 does not say which protocol it requires",
            "Its body or the server's documentation may say; most servers leave the Upgrade"
            " field out.",
        ),
        "upgrade-list-malformed": Meaning(
            None,
            "RFC 9110 7.8",
            "the 426's Upgrade is not a list of protocols",
            "Its body or the server's documentation may say what is required.",
        ),
        "upgrade-list-without-option": Meaning(
            None,
            "RFC 9110 7.8",
            "the 426 has Upgrade, but its Connection does not list upgrade",
            "The list was used all the same; the server left the option out, or a proxy"
            " removed it.",
        ),
        "version-list-malformed": Meaning(
            None,
            "RFC 6455 4.3",
            "the refusal's Sec-WebSocket-Version is not a list of numbers from 0 to 255",
            "The field was ignored.",
        ),
        "asked-in-vain": Meaning(
            None,
            "RFC 9110 7.6.1",
            "the server requires a protocol that the request asked for",
            "A proxy on the way removed Upgrade or Connection and must pass them on. With https or"
            f" wss, most proxies do not see them.\n{NGINX}",
        ),
        "tls-spoken-already": Meaning(
            None,
            "RFC 2817 4.2",
            "the server requires TLS, which is spoken already",
            "A proxy in front of the server ends TLS and does not tell the server.",
        ),
        "no-common-version": Meaning(
            None,
            "RFC 6455 4.2.2",
            "the server speaks none of the WebSocket versions of this client",
            "See the Sec-WebSocket-Version field of the response.",
        ),
        "nothing-in-common": Meaning(
            None,
            "RFC 9110 7.8",
            "the server requires protocols that this client does not speak",
            "See the Upgrade field of the response.",
        ),
    }
)
