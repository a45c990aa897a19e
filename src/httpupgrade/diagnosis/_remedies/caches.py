"""Remedies for caches: Varnish and Vinyl Cache, Squid, Apache Traffic Server."""

from typing import Final

from .._diagnosis import Paste, Remedy

_PIPE: Final = (
    Paste(
        "vcl_recv, after the backend is chosen and before any return",
        (
            'if (req.http.upgrade ~ "(?i)websocket") {',
            "    return (pipe);",
            "}",
        ),
    ),
    Paste(
        "vcl_pipe",
        (
            "if (req.http.upgrade) {",
            "    set bereq.http.upgrade = req.http.upgrade;",
            "    set bereq.http.connection = req.http.connection;",
            "}",
        ),
    ),
)
# Names of fields are written in either case.
_LITERAL: Final = tuple(
    f"set bereq.http.{name}" for name in ("Upgrade", "upgrade", "Connection", "connection")
)
_PIPE_NOTE: Final = (
    "If there is no sub vcl_recv or sub vcl_pipe, write one around the lines. return (pass) cannot"
    " upgrade, even with the fields restored: the client is answered with 503."
)

REMEDIES: Final = (
    Remedy(
        "varnish-pipe",
        "Varnish",
        "pipe WebSockets, and pass Upgrade and Connection on",
        "",
        _PIPE,
        ("varnishreload",),
        _PIPE_NOTE,
        "varnish.pipe.vcl",
    ),
    Remedy(
        "vinyl-cache-pipe",
        "Vinyl Cache",
        "pipe WebSockets, and pass Upgrade and Connection on",
        "",
        _PIPE,
        (),
        _PIPE_NOTE,
        "varnish.pipe.vcl, as run with Vinyl Cache 9",
    ),
    Remedy(
        "varnish-no-literal",
        "Varnish",
        "copy Upgrade and Connection in vcl_pipe instead of setting them in vcl_backend_fetch",
        "",
        (
            Paste(
                "vcl_backend_fetch",
                (),
                instead_of=_LITERAL,
            ),
            *_PIPE,
        ),
        ("varnishreload",),
        _PIPE_NOTE,
        "varnish.pipe.vcl",
    ),
    Remedy(
        "squid-allow-upgrade",
        "Squid",
        "pass upgrades to WebSocket on",
        "5 and later",
        (
            Paste(
                "squid.conf",
                ("http_upgrade_request_protocols websocket allow all",),
                instead_of=("http_upgrade_request_protocols",),
            ),
        ),
        ("squid -k parse && squid -k reconfigure",),
        "Squid compares the name with regard to case: add a line with WebSocket for clients that"
        " spell it so. Squid 4 and earlier cannot pass upgrades on. Clients of a forward proxy can"
        " use wss://"
        " instead, for which they ask it for a tunnel by CONNECT.",
        "squid.upgrade-allow.conf",
    ),
    Remedy(
        "trafficserver-ws-map",
        "Apache Traffic Server",
        "map ws:// in the way that http:// is mapped",
        "",
        (Paste("remap.config", ("map ws://PUBLIC/ ws://SERVER/",)),),
        ("traffic_ctl config reload",),
        "PUBLIC and SERVER are those of the line map http://PUBLIC/ http://SERVER/, which stays."
        " Without such a line, Traffic Server answers handshakes with 404 by itself.",
        "trafficserver.ws-map.remap.config",
    ),
    Remedy(
        "trafficserver-pristine-host",
        "Apache Traffic Server",
        "pass Host on as the client sent it",
        "",
        (
            Paste(
                "records.config",
                ("CONFIG proxy.config.url_remap.pristine_host_hdr INT 1",),
                instead_of=("CONFIG proxy.config.url_remap.pristine_host_hdr",),
            ),
        ),
        ("traffic_ctl config reload",),
        "From 10 on the file is records.yaml.",
        "Apache Traffic Server documentation: proxy.config.url_remap.pristine_host_hdr",
    ),
)
