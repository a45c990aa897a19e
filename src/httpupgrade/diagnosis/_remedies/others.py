"""Remedies for Caddy, lighttpd, h2o, nghttpx, tinyproxy, Envoy, Traefik and programs for Node."""

from typing import Final

from .._diagnosis import Paste, Remedy

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
        (Paste("http_connection_manager", ("upgrade_configs:", "- upgrade_type: websocket")),),
        (),
        "A route can switch it on or off as well, and wins. The timeout of a route ends WebSockets:"
        " timeout: 0s switches it off.",
        "Envoy documentation: HTTP upgrades",
    ),
    Remedy(
        "envoy-no-extended-connect",
        "Envoy",
        "offer no extended CONNECT to HTTP/2 clients, so that they use HTTP/1.1 for WebSockets",
        "",
        (Paste("http2_protocol_options of the listener", (), instead_of=("allow_connect: true",)),),
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
    Remedy(
        "node-pass-upgrade",
        "a proxy written for Node.js",
        "pass upgrades on in the upgrade event of the server",
        "",
        (
            Paste(
                "the program, with http-proxy",
                (
                    "server.on('upgrade', (req, socket, head) => {",
                    "  proxy.ws(req, socket, head);",
                    "});",
                ),
            ),
        ),
        (),
        "http-proxy-middleware: server.on('upgrade', middleware.upgrade). Do not delete Upgrade and"
        " Connection from the headers.",
        "http-proxy.upgrade-listener.js",
    ),
)
