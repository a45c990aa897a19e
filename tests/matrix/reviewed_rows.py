"""The alarms that were read, cause by cause. Data, and nothing else.

Rules for a row: it is one cause, and no alarm is in two rows. Where no clause says MUST, the row
says why the alarm is a warning.
"""

from typing import Final

from .reviewed import Row

_H11_BOTH: Final = ("uvicorn-h11-websockets-sansio", "uvicorn-h11-wsproto")
_SANSIO: Final = ("uvicorn-h11-websockets-sansio", "uvicorn-httptools-websockets-sansio")
_SERVERS_BY_COMMAS: Final = (
    *("coder", "daphne", "gorilla", "granian", "gunicorn-asgi", "jetty", "picows", "sanic"),
    *("tornado", "tungstenite"),
)
"""They take no value of Sec-WebSocket-Extensions apart as its grammar has it."""
_NO_DECODE: Final = (
    *("granian", "hypercorn", "jetty", "tornado", "uvicorn-h11-wsproto"),
    *("uvicorn-httptools-wsproto", "wsproto"),
)
"""They do not decode a key."""
_PORTS: Final = tuple(
    f"rfc9110/9.3.6/connect-{each}" for each in ("empty-port", "port-of-letters", "port-65536")
)

_CLOSES: Final = (
    "A server that refuses MUST answer with an HTTP response; this one closes without. A warning,"
    " because nothing is accepted, and a client can tell."
)
_NO_SWITCH: Final = "A warning, because the request is refused all the same."

ROWS: Final = (
    Row(
        peers=("tungstenite",),
        vectors=(
            *("rfc6455/4.2.1/*", "rfc6455/4.3/version-*", "rfc6455/4.4/*", "rfc9110/2.5/http-1-2"),
            *("rfc9110/7.8/*", "rfc9110/10.1.1/*", "rfc7540/*", "rfc9113/3.1/h2c", "rfc9298/*"),
            *("rfc9484/*", "field/*", "rfc9112/3.2/host-missing-in-a-plain-request"),
            "rfc9112/5.1/*",
        ),
        seen="closed *",
        clause="RFC 6455 4.2.1; RFC 9110 3.4; RFC 9112 3.2 and 5.1",
        why=_CLOSES,
    ),
    Row(
        peers=("tungstenite",),
        vectors=("rfc9110/7.6.1/two-lines-other-order", "rfc9110/5.6.1.2/*"),
        seen="closed *",
        clause="RFC 9110 5.2 and 5.6.1.2",
        why="A list in several lines is one list, and empty elements are ignored: a good handshake"
        " is refused. A warning, because a server may ignore Upgrade (7.8).",
    ),
    Row(
        peers=("picows",),
        vectors=("rfc6455/4.3/version-*",),
        seen="closed *",
        clause="RFC 6455 4.2.1",
        why=_CLOSES,
    ),
    Row(
        peers=_SERVERS_BY_COMMAS,
        vectors=("rfc6455/9.1/extensions-*",),
        seen="101 *",
        clause="RFC 6455 9.1",
        why="A value that breaks the ABNF MUST fail the connection, a quoted value that is not a"
        " token among them: the answer is a 101.",
    ),
    Row(
        peers=("tornado", "sanic"),
        vectors=("rfc6455/9.1/extensions-*",),
        seen="500 *",
        clause="RFC 6455 9.1 and 4.2.1; RFC 9110 15.6",
        why="The client is at fault, and a 500 says that the server is. " + _NO_SWITCH,
    ),
    Row(
        peers=("tornado",),
        vectors=("rfc7692/7.1.2.1/server-bits-*", "rfc7692/7.1.2.2/client-bits-16"),
        seen="500 *",
        clause="RFC 7692 7",
        why="An offer with an invalid value MUST be declined, and the handshake goes on; here an"
        " exception ends it with a 500.",
    ),
    Row(
        peers=("daphne", "jetty", "ws"),
        vectors=("rfc7692/*",),
        seen="400 *",
        clause="RFC 7692 5 and 7",
        why="An invalid offer MUST be declined, which leaves a handshake without it or the next"
        " offer. A warning, because no clause forbids to refuse the whole.",
    ),
    Row(
        peers=("gorilla", "jetty"),
        vectors=("rfc7692/*",),
        seen="101 *+extension*",
        clause="RFC 7692 7",
        why="An offer with an invalid or repeated parameter MUST be declined; it is accepted.",
    ),
    Row(
        peers=("aiohttp", "coder", "gorilla", "granian", "jetty", "tungstenite"),
        vectors=("rfc6455/4.3/subprotocols-*",),
        seen="101 *",
        clause="RFC 6455 4.2.1 and 4.3",
        why="Sec-WebSocket-Protocol is 1#token, and a handshake that breaks the ABNF MUST be"
        " refused, if the server has no use for the field, too.",
    ),
    Row(
        peers=("coder", "granian", "jetty", "tungstenite"),
        vectors=("rfc6455/4.3/version-twice-equal",),
        seen="101 *",
        clause="RFC 6455 4.2.1 and 11.3.5",
        why="The field MUST NOT come twice; two lines are the value 13, 13, which is not 13.",
    ),
    Row(
        peers=("granian", "jetty", "tornado"),
        vectors=("rfc6455/4.2.1/key-*-padding", "rfc6455/4.2.1/key-url-*", "*/key-quoted"),
        seen="101 *",
        clause="RFC 6455 4.2.1 item 5 and 4.3",
        why="The value breaks the ABNF of a key, which needs no decoding to see: MUST be refused.",
    ),
    Row(
        peers=_NO_DECODE,
        vectors=("rfc6455/4.2.1/key-*-octets", "field/charger-with-a-key-of-32-octets"),
        seen="101 *",
        clause="RFC 6455 4.2.1 item 5 and 4.2.2 item 4",
        why="The key is not 16 octets. A warning, because a server need not decode it.",
    ),
    Row(
        peers=(
            *("aiohttp", "daphne", "granian", "gunicorn-asgi", "jetty", "picows", "tungstenite"),
            *("uvicorn-h11-websockets-sansio", "uvicorn-httptools-websockets-sansio"),
            *("websockets", "ws"),
        ),
        vectors=("rfc9112/3.2/host-*",),
        seen="101 *",
        clause="RFC 9112 3.2",
        why="A Host with an invalid value MUST be answered with 400; it is answered with 101, and"
        " what reads Host next, such as a check of Origin, may read it in another way.",
    ),
    Row(
        peers=("sanic",),
        vectors=(
            *("rfc6455/4.2.1/*", "rfc6455/4.3/*", "rfc9110/5.5/*", "rfc9112/2.2/bare-cr-*"),
            "rfc9112/3.2/host-with-obs-text",
        ),
        seen="500 *",
        clause="RFC 6455 4.2.1; RFC 9110 5.5 and 15.6; RFC 9112 2.2 and 3.2",
        why="An exception ends the request: the client is at fault, and a 500 says that the server"
        " is. " + _NO_SWITCH,
    ),
    Row(
        peers=("daphne",),
        vectors=("rfc6455/4.3/subprotocols-obs-text",),
        seen="500 *",
        clause="RFC 6455 4.2.1; RFC 9110 15.6",
        why="The client is at fault, and a 500 says that the server is. " + _NO_SWITCH,
    ),
    Row(
        peers=("daphne", "granian", "gunicorn-asgi", "hypercorn", *_H11_BOTH),
        vectors=_PORTS,
        seen="200 *",
        clause="RFC 9110 9.3.6",
        why="A CONNECT to an empty or invalid port MUST be rejected; a 2xx says that a tunnel is"
        " open.",
    ),
    Row(
        peers=("daphne", "granian", "gunicorn-asgi", "hypercorn", *_H11_BOTH),
        vectors=("rfc9112/3.2.3/connect-*",),
        seen="*",
        clause="RFC 9112 3.2 and 3.2.3",
        why="The target of a CONNECT is a host and a port; another SHOULD be answered with 400.",
    ),
    Row(
        peers=("daphne", "gunicorn-asgi"),
        vectors=("rfc9110/9.3.6/no-length-in-a-2xx-to-connect",),
        seen="200 *+length*",
        clause="RFC 9110 9.3.6",
        why="A 2xx to a CONNECT MUST NOT have Content-Length or Transfer-Encoding; it has one.",
    ),
    Row(
        peers=("daphne",),
        vectors=("rfc9110/9.3.6/no-handshake-after-a-connect",),
        seen="200 -> 101 *",
        clause="RFC 9110 9.3.6",
        why="A tunnel begins after a 2xx, and what comes through it is answered by the server: the"
        " client takes its 101 for that of the host behind the tunnel.",
    ),
    Row(
        peers=("daphne", "jetty"),
        vectors=("rfc9931/8/nothing-after-a-refused-connect",),
        seen="* -> 200 *",
        clause="RFC 9931 8",
        why="The request after a CONNECT is read as one. A warning, because the MUST is for"
        " proxies, and these are origin servers.",
    ),
    Row(
        peers=("daphne", "gunicorn-asgi", "uvicorn-h11-wsproto", "wsproto"),
        vectors=("rfc9931/4/early-frame-is-kept",),
        seen="101 *",
        clause="RFC 9110 7.8; RFC 6455 4.1",
        why="Octets after the head are of the new protocol, and the frame is lost. A warning,"
        " because a client has to wait for the 101.",
    ),
    Row(
        peers=(
            *("aiohttp", "coder", "daphne", "gorilla", "granian", "gunicorn-asgi", "hypercorn"),
            *("jetty", "picows", "tornado", "tungstenite", *_H11_BOTH, "websockets", "ws"),
            *("uvicorn-httptools-websockets-sansio", "uvicorn-httptools-wsproto", "wsproto"),
        ),
        vectors=("rfc9112/3/request-line-*",),
        seen="101 *",
        clause="RFC 9112 3.2",
        why="An invalid request line SHOULD be answered with 400, or a redirect.",
    ),
    Row(
        peers=("jetty",),
        vectors=("rfc9112/2.3/version-lower-case",),
        seen="101 *",
        clause="RFC 9112 2.3 and 3",
        why="HTTP-version is in capitals; an invalid request line SHOULD be answered with 400.",
    ),
    Row(
        peers=(
            *("aiohttp", *_H11_BOTH, "uvicorn-httptools-websockets-sansio"),
            *("uvicorn-httptools-wsproto", "wsproto"),
        ),
        vectors=("rfc9110/2.5/http-*",),
        seen="101 *",
        clause="RFC 9110 2.5 and 15.6.6",
        why="Another major version is another syntax, and Upgrade is of HTTP/1.1. A warning,"
        " because RFC 6455 4.2.1 says HTTP/1.1 or higher, and 505 is no MUST.",
    ),
    Row(
        peers=("daphne", "gunicorn-asgi", "jetty", "picows", "tornado", "ws", *_SANSIO),
        vectors=("rfc9110/5.6.1.2/empty-elements-of-upgrade",),
        seen="[24]00 *",
        clause="RFC 9110 5.6.1.2",
        why="Empty elements MUST be parsed and ignored. A warning, because a server may ignore"
        " Upgrade (7.8).",
    ),
    Row(
        peers=("coder", "granian", "jetty", "ws"),
        vectors=("rfc9112/6.1/handshake-chunk-malformed",),
        seen="101 *+closes*",
        clause="RFC 9110 7.8; RFC 9112 8",
        why="The new protocol begins after the request, which is never complete. A warning, because"
        " the 101 may have been sent before the content was read, and the connection ends.",
    ),
    Row(
        peers=("uvicorn-h11-websockets-sansio", "uvicorn-httptools-websockets-sansio"),
        vectors=("rfc9110/5.5/*", "rfc9112/6.1/handshake-*", "rfc9110/7.8/content-*"),
        seen="silent",
        clause="RFC 9110 3.4; RFC 9112 6.1 and 6.3",
        why="The request gets no answer, and the connection stays open. A warning, because nothing"
        " is accepted.",
    ),
    Row(
        peers=_H11_BOTH,
        vectors=("rfc9113/3.3/*",),
        seen="200 *",
        clause="RFC 9113 3.3 and 3.4; RFC 9110 2.5",
        why="The preface of HTTP/2, PRI * HTTP/2.0, is answered with 200 as a request of HTTP/1.1."
        " A warning, because what follows it is refused.",
    ),
    Row(
        peers=("hypercorn",),
        vectors=("rfc7540/3.2.1/settings-*",),
        seen="101 *",
        clause="RFC 7540 3.2.1 and 6.5",
        why="HTTP2-Settings is no payload of SETTINGS, and the answer is a 101. A warning, because"
        " the Upgrade to h2c is withdrawn (RFC 9113 3.1), and no MUST names the answer.",
    ),
    Row(
        peers=("coder",),
        vectors=("rfc9110/2.5/a-refusal-says-http-1-1",),
        seen="426 *",
        clause="RFC 9110 6.2",
        why="A response SHOULD have the highest version of the server, not that of the request.",
    ),
    Row(
        side="client",
        peers=("aiohttp", "okhttp", "tungstenite", "undici", "websockets", "ws"),
        vectors=("rfc9110/2.5/minor-version-2",),
        seen="refused*",
        clause="RFC 9110 2.5",
        why="A higher minor version SHOULD be read as the highest that is known.",
    ),
    Row(
        side="client",
        peers=(
            *("aiohttp", "java.net.http", "okhttp", "tungstenite", "undici", "websockets", "ws"),
        ),
        vectors=("rfc9112/5.2/folded-connection",),
        seen="refused*",
        clause="RFC 9112 5.2",
        why="A user agent MUST read a fold as spaces. A warning, because to refuse is safe.",
    ),
    Row(
        side="client",
        peers=("tungstenite",),
        vectors=("*octet-by-octet",),
        seen="refused*",
        clause="RFC 9112 2.2",
        why="TCP may split a head anywhere; this client counts small pieces as an attack. A"
        " warning, because no clause speaks of it.",
    ),
    Row(
        side="client",
        peers=("coder", "tungstenite"),
        vectors=("rfc6455/11.3.4/subprotocol-in-two-lines",),
        seen="accepted*",
        clause="RFC 6455 11.3.4",
        why="The field MUST NOT come twice in a response. A warning, because the clause does not"
        " say what a client does then.",
    ),
    Row(
        side="client",
        peers=("coder", "gorilla", "websocket-client"),
        vectors=("rfc9110/17.5/*",),
        seen="accepted*",
        clause="RFC 9110 17.5",
        why="A client ought to limit what it holds. A warning, because no limit is named.",
    ),
    Row(
        side="client",
        peers=("okhttp", "ws"),
        vectors=("rfc7692/7.1.2.1/window-with-a-leading-zero",),
        seen="accepted*",
        clause="RFC 7692 7.1 and 7.1.2.1",
        why="The value has no leading zeros; a client MUST fail the connection for an invalid one.",
    ),
    Row(
        side="client",
        peers=("websockets",),
        vectors=("rfc9112/4/status-with-a-leading-zero",),
        seen="accepted*",
        clause="RFC 9112 4",
        why="A status is three digits. A warning, because the clause does not say what a client"
        " does with four.",
    ),
)
