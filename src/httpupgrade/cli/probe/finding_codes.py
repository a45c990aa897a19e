"""Codes of findings that only a probe makes: what it meets before a response, and after a 101."""

from typing import Final

from ..._http1.findings import Code

HOST_UNKNOWN: Final = Code(
    "host-unknown",
    None,
    "RFC 1035 4.1.1",
    "the name of the host has no address",
    "Check its spelling. A name that only a company's own DNS knows needs that network.",
)
CONNECTION_REFUSED: Final = Code(
    "connection-refused",
    None,
    "RFC 9293 3.10.7.1",
    "nothing listens at this address and port",
    "The server is not running, listens on another port or address, or a firewall answers for it.",
)
HOST_UNREACHABLE: Final = Code(
    "host-unreachable",
    None,
    "RFC 1122 3.2.2.1",
    "no connection came about",
    "The host is off, in another network, or a firewall drops what is sent to it.",
)
PROXY_REFUSED_CONNECT: Final = Code(
    "proxy-refused-connect",
    None,
    "RFC 9110 9.3.6",
    "the proxy did not open a tunnel to the server",
    "407 wants a user name and a password: --proxy http://user:password@host:port. Other statuses"
    " are its rules, or what it met on the way to the server.",
)
CERTIFICATE_NOT_VALID: Final = Code(
    "certificate-not-valid",
    None,
    "RFC 9110 4.3.4",
    "the certificate of the server was not accepted",
    "Browsers refuse it, too, and a WebSocket to it fails without a question. --insecure goes on.",
)
TLS_NOT_SPOKEN: Final = Code(
    "tls-not-spoken",
    None,
    "RFC 8446 5.1",
    "what listens there does not speak TLS",
    "Use ws:// or http://, or the port that has TLS; or switch TLS on for this port.",
)
TLS_HANDSHAKE_FAILED: Final = Code(
    "tls-handshake-failed",
    None,
    "RFC 8446 6.2",
    "the TLS handshake failed",
    "The server's alert says why: a version or a name that it does not have, a client certificate"
    " that it wants.",
)
RESPONSE_ENDLESS: Final = Code(
    "response-endless",
    None,
    "RFC 9110 15.2",
    "interim responses came without end, and no final one",
    "The server, or something in front of it, is broken.",
)
TUNNEL_DEAD: Final = Code(
    "tunnel-dead",
    None,
    "RFC 6455 5.5.2",
    "the 101 is right, and no frame comes back after it",
    "A proxy passed the 101 on and carries no frames: h2o without proxy.websocket, lighttpd without"
    ' "upgrade", Privoxy, a proxy of Node without ws. It still speaks HTTP there.',
)
OWN_ORIGIN_REFUSED: Final = Code(
    "own-origin-refused",
    None,
    "RFC 6455 10.2",
    "the handshake is refused with the server's own Origin, and accepted without one",
    "The server compares Origin with Host, and a proxy in front of it sends another Host; or its"
    " list of origins lacks this one.",
)
SUBPROTOCOLS_REFUSED: Final = Code(
    "subprotocols-refused",
    None,
    "RFC 6455 4.2.2",
    "the handshake is refused with these subprotocols, and accepted without them",
    "The server speaks none of them: check their spelling, and its documentation.",
)
SPELLING_REFUSED: Final = Code(
    "spelling-refused",
    None,
    "RFC 6455 4.2.1",
    "the handshake of one client is refused, and that of another is accepted",
    "Something looks at User-Agent, at fields that browsers add, or at the order of fields: a"
    " firewall for web applications, most often.",
)
