"""Remedies for Caddy, lighttpd, h2o, nghttpx, tinyproxy, Envoy, Traefik and programs for Node."""

from typing import Final

from .._diagnosis import Paste, Remedy

_ENVOY_UPGRADES: Final = ("upgrade_configs:", "- upgrade_type: websocket")
_BY_WS: Final = (
    "server.on('upgrade', (request, socket, head) => {",
    "  proxy.ws(request, socket, head);",
    "});",
)
_BY_HAND: Final = (
    "server.on('upgrade', (request, socket, head) => {",
    "  const { method, headers } = request;",
    "  const upstream = http.request('http://SERVER' + request.url, { method, headers });",
    "  const pass = (answer) => {",
    "    let text = `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\\r\\n`;",
    "    for (let at = 0; at < answer.rawHeaders.length; at += 2) {",
    "      text += `${answer.rawHeaders[at]}: ${answer.rawHeaders[at + 1]}\\r\\n`;",
    "    }",
    "    socket.write(text + '\\r\\n');",
    "  };",
    "  upstream.on('upgrade', (answer, peer, first) => {",
    "    pass(answer);",
    "    socket.write(first);",
    "    peer.write(head);",
    "    socket.pipe(peer).pipe(socket);",
    "    peer.on('error', () => socket.destroy());",
    "    socket.on('error', () => peer.destroy());",
    "  });",
    "  upstream.on('response', (answer) => {",
    "    pass(answer);",
    "    answer.pipe(socket);",
    "  });",
    "  upstream.on('error', () => socket.destroy());",
    "  upstream.end();",
    "});",
)


def _listen(name: str, package: str, lines: tuple[str, ...]) -> Remedy:
    """For programs of Node.js, whose server hands an upgrade to listeners for that alone."""
    return Remedy(
        name,
        package,
        "pass upgrades on in the upgrade event of the server",
        "",
        (Paste("the end of the program", lines),),
        (),
        "server is what http.createServer() or app.listen() returned. A program must not delete"
        " Upgrade and Connection from the headers.",
        "Node.js documentation: http, Event: 'upgrade'",
    )


REMEDIES: Final = (
    Remedy(
        "caddy-keep-upgrade",
        "Caddy",
        "take out what removes or replaces Upgrade and Connection",
        "",
        (
            Paste(
                "reverse_proxy",
                (),
                instead_of=(
                    "header_up -Upgrade",
                    "header_up -Connection",
                    "header_up Upgrade",
                    "header_up Connection",
                ),
            ),
        ),
        ("caddy validate && caddy reload",),
        "reverse_proxy passes upgrades on without any setting. request_header in the site block"
        " can remove fields as well.",
        "caddy.default.Caddyfile",
    ),
    Remedy(
        "caddy-http-1.1",
        "Caddy",
        "speak HTTP/1.1 to the server",
        "",
        (Paste("transport http", (), instead_of=("versions",)),),
        ("caddy validate && caddy reload",),
        "",
        "caddy.default.Caddyfile",
    ),
    Remedy(
        "lighttpd-enable-upgrade",
        "lighttpd",
        "pass upgrades on, over HTTP/1.1",
        "1.4.46 and later",
        (
            Paste(
                "lighttpd.conf",
                ('proxy.header = ( "upgrade" => "enable" )',),
                instead_of=("proxy.header =",),
            ),
        ),
        ("lighttpd -tt -f /etc/lighttpd/lighttpd.conf && systemctl reload lighttpd",),
        "Keep what else the old proxy.header list holds, map-urlpath for example, but not"
        " force-http10.",
        "lighttpd.upgrade-enable.conf",
    ),
    Remedy(
        "h2o-websocket-on",
        "h2o",
        "pass WebSockets on",
        "",
        (Paste("the top level", ("proxy.websocket: ON",), instead_of=("proxy.websocket:",)),),
        ("h2o -t -c /etc/h2o/h2o.conf && systemctl reload h2o",),
        "It can stand in a host or a path, too.",
        "h2o.websocket-on.yaml",
    ),
    Remedy(
        "h2o-preserve-host",
        "h2o",
        "pass Host on as the client sent it",
        "",
        (
            Paste(
                "the top level",
                ("proxy.preserve-host: ON",),
                instead_of=("proxy.preserve-host:",),
            ),
        ),
        ("h2o -t -c /etc/h2o/h2o.conf && systemctl reload h2o",),
        "",
        "h2o.preserve-host.yaml",
    ),
    Remedy(
        "nghttpx-http-1.1",
        "nghttpx",
        "speak HTTP/1.1 to the server",
        "",
        (Paste("the end of the backend option", (), instead_of=(";proto=h2", "proto=h2")),),
        ("systemctl reload nghttpx",),
        "",
        "nghttpx.default.cmd",
    ),
    Remedy(
        "tinyproxy-replace",
        "tinyproxy",
        "put another proxy in its place",
        "",
        (),
        (),
        "tinyproxy removes Upgrade and Connection from every request, and has no setting for that."
        " Clients of a forward proxy can use wss:// instead, for which they ask it for a tunnel by"
        " CONNECT.",
        "tinyproxy__reverse-default__websocket",
    ),
    Remedy(
        "envoy-enable-upgrade",
        "Envoy",
        "pass upgrades to WebSocket on",
        "",
        (
            Paste(
                "typed_config, that of the HttpConnectionManager",
                _ENVOY_UPGRADES,
                instead_of=_ENVOY_UPGRADES,
            ),
        ),
        (),
        "A route can switch it on or off by upgrade_configs of its own, with enabled: false, and"
        " wins. The timeout of a route ends WebSockets: timeout: 0s switches it off.",
        "Envoy documentation: HTTP upgrades",
    ),
    Remedy(
        "envoy-http-1.1",
        "Envoy",
        "speak HTTP/1.1 to the server",
        "",
        (
            Paste(
                "explicit_http_config, of the cluster",
                ("http_protocol_options: {}",),
                instead_of=("http2_protocol_options",),
            ),
        ),
        (),
        "Or keep HTTP/2, with allow_connect: true, for a server with extended CONNECT (RFC 8441).",
        "Envoy documentation: HTTP upgrades",
    ),
    Remedy(
        "envoy-no-extended-connect",
        "Envoy",
        "offer no extended CONNECT to HTTP/2 clients, so that they use HTTP/1.1 for WebSockets",
        "",
        (
            Paste(
                "http2_protocol_options, of the HttpConnectionManager",
                ("allow_connect: false",),
                instead_of=("allow_connect:",),
            ),
        ),
        (),
        "Or let the client send a Sec-WebSocket-Key, which browsers do not do over HTTP/2.",
        "Envoy issue 8547: WebSocket over HTTP/2 does not work",
    ),
    Remedy(
        "no-extended-connect",
        "a proxy with HTTP/2 towards the client",
        "offer no extended CONNECT to HTTP/2 clients, so that they use HTTP/1.1 for WebSockets",
        "",
        (),
        (),
        "SETTINGS_ENABLE_CONNECT_PROTOCOL offers it. A proxy that offers it must add a"
        " Sec-WebSocket-Key and ask for the upgrade in HTTP/1.1 itself.",
        "RFC 8441 3 and 5",
    ),
    Remedy(
        "traefik-keep-upgrade",
        "Traefik",
        "take out the headers middleware that sets Connection or Upgrade",
        "",
        (
            Paste(
                "customRequestHeaders",
                (),
                instead_of=("Connection", "Upgrade"),
            ),
        ),
        (),
        "Traefik passes WebSockets on without any setting.",
        "Traefik documentation: WebSocket",
    ),
    _listen("http-proxy-pass-upgrade", "http-proxy", _BY_WS),
    _listen("http-proxy-3-pass-upgrade", "http-proxy-3", _BY_WS),
    _listen(
        "http-proxy-middleware-pass-upgrade",
        "http-proxy-middleware",
        ("server.on('upgrade', middleware.upgrade);",),
    ),
    _listen("httpxy-pass-upgrade", "httpxy", _BY_WS),
    Remedy(
        "vite-proxy-ws",
        "Vite",
        "pass upgrades on for this path",
        "",
        (
            Paste(
                "server.proxy in vite.config.js",
                ("'/PATH': { target: 'http://SERVER', ws: true },",),
                instead_of=("'/PATH':",),
            ),
        ),
        (),
        "changeOrigin replaces Host by that of the target: a server that compares Origin with it"
        " refuses then. Leave rewriteWsOrigin out: it makes pages of any site look like yours.",
        "Vite documentation: server.proxy",
    ),
    Remedy(
        "webpack-dev-server-proxy-ws",
        "webpack-dev-server",
        "pass upgrades on for this path",
        "5 and later",
        (
            Paste(
                "devServer.proxy in webpack.config.js",
                ("{ context: ['/PATH'], target: 'http://SERVER', ws: true },",),
                instead_of=("{ context: ['/PATH']",),
            ),
        ),
        (),
        "The path /ws is that of its own WebSocket, unless webSocketServer moves it.",
        "as run with webpack-dev-server 5.2.7",
    ),
    _listen("node-pass-upgrade", "a proxy written for Node.js", _BY_HAND),
    Remedy(
        "go-pass-upgrade",
        "Go httputil.ReverseProxy",
        "let ReverseProxy have the ResponseWriter of net/http",
        "",
        (
            Paste(
                "the program",
                (
                    "proxy.Transport = &http.Transport{ResponseHeaderTimeout: 30 * time.Second}",
                    "handler := http.Handler(proxy)",
                ),
                instead_of=("handler := http.TimeoutHandler(",),
            ),
        ),
        (),
        "http.TimeoutHandler, and middleware with a ResponseWriter of its own, hide http.Hijacker,"
        " without which no 101 can be passed on: wrap other routes in them, or give that"
        " ResponseWriter an Unwrap method.",
        "Go documentation: net/http, TimeoutHandler",
    ),
    Remedy(
        "privoxy-around",
        "Privoxy",
        "let WebSockets go around it, or through it by CONNECT",
        "",
        (),
        (),
        "Privoxy passes a handshake on if keep-alive-timeout is set, and carries nothing after the"
        " 101. Clients can use wss://, for which they ask for a tunnel by CONNECT.",
        "make proxies, privoxy/default",
    ),
)
