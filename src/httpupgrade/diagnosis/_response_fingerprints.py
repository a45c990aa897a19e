"""Who made a response what it is: rows of fingerprints, by product.

Rules for this module: a row holds where all its conditions do, for a fault that it names. What has
the name of a capture as its source was seen there; any other source is a document of the vendor, or
a public report, told in words. A row claims no more than its source shows.
"""

from typing import Final, NamedTuple, final

from .._client import finding_codes as client_codes
from .._http1.findings import Code
from .._negotiation import finding_codes as rules
from .._protocols.websocket import finding_codes as websocket
from . import _response_codes as codes
from ._conditions import (
    Before,
    Condition,
    Content,
    Fields,
    Has,
    Holds,
    Is,
    LowerCase,
    Not,
    OneOf,
    Status,
    lacks,
)
from ._diagnosis import Confidence

SENDER: Final = "the hop that sent this response"
ON_THE_WAY: Final = "a hop between the client and the server"
SERVER: Final = "the server itself"


@final
class ResponseFingerprint(NamedTuple):
    """What a response looks like when this product, set up like this, made it."""

    name: str
    product: str
    faults: tuple[Code, ...]
    """What it explains; empty in rows that explain no fault."""
    conditions: tuple[Condition, ...]
    setting: str
    """How it is set up, as a sentence without a full stop."""
    confidence: Confidence
    source: str
    """The name of a capture, or a document in words."""
    remedies: tuple[str, ...] = ()
    """The names of what mends it."""
    hop: str = SENDER
    generation: str = ""


# What a hop that drops Upgrade leads to, as the client sees it.
_IN_VAIN: Final = (rules.ASKED_IN_VAIN,)
_IGNORED: Final = (codes.UPGRADE_IGNORED,)
_DROPPED: Final = (
    rules.ASKED_IN_VAIN,
    rules.HOP_BY_HOP_FIELDS_LOST,
    codes.UPGRADE_IGNORED,
    rules.UPGRADE_MISSING,
    rules.UPGRADE_OPTION_MISSING,
)
_IN_DOUBT: Final = (codes.UPGRADE_NOT_FOUND, codes.UPGRADE_REFUSED)
_426: Final = (rules.ASKED_IN_VAIN, codes.UPGRADE_REQUIRED)
_FAILED: Final = (codes.GATEWAY_FAILED,)
_OLD: Final = (rules.UPGRADE_IN_HTTP_1_0,)
_EXPECTED: Final = (codes.TLS_EXPECTED,)

# What tells the products.
_NGINX: Final = OneOf((Holds(b"server", b"nginx"), Holds(b"server", b"openresty")))
_APACHE: Final = Holds(b"server", b"apache")
_CADDY: Final = OneOf((Is(b"server", b"caddy"), Holds(b"via", b"caddy")))
_H2O: Final = Holds(b"server", b"h2o/")
_LIGHTTPD: Final = Holds(b"server", b"lighttpd")
_NGHTTPX: Final = OneOf((Is(b"server", b"nghttpx"), Holds(b"via", b"nghttpx")))
_SQUID: Final = OneOf(
    (Holds(b"via", b"(squid"), Has(b"x-squid-error"), Has(b"x-cache-lookup")),
)
_TINYPROXY: Final = OneOf((Holds(b"via", b"tinyproxy"), Holds(b"server", b"tinyproxy")))
_TRAFFIC_SERVER: Final = Holds(b"server", b"ats/")
_VARNISH: Final = OneOf((Has(b"x-varnish"), Has(b"x-vinyl")))
_ENVOY: Final = OneOf((Holds(b"server", b"envoy"), Has(b"x-envoy-upstream-service-time")))
_ALB: Final = Holds(b"server", b"awselb/")
_CLOUDFRONT: Final = OneOf((Has(b"x-amz-cf-id"), Holds(b"via", b"cloudfront")))
_CLOUDFLARE: Final = OneOf((Is(b"server", b"cloudflare"), Has(b"cf-ray")))
_FASTLY: Final = OneOf((Has(b"fastly-restarts"), Holds(b"x-served-by", b"cache-")))
_AKAMAI: Final = OneOf((Holds(b"server", b"akamai"), Has(b"akamai-grn")))
_GOOGLE: Final = Holds(b"via", b"1.1 google")
_AZURE_FRONT_DOOR: Final = Has(b"x-azure-ref")
_SPA_SOURCE: Final = "socketio/socket.io, issue 3508: try_files in front of the WebSocket server"
_HTML: Final = Holds(b"content-type", b"text/html")

_NGINX_ROWS: Final[tuple[ResponseFingerprint, ...]] = (
    ResponseFingerprint(
        "nginx-101-without-accept",
        "nginx",
        (websocket.WEBSOCKET_ACCEPT_MISSING,),
        (_NGINX,),
        "proxy_pass_request_headers off keeps Sec-WebSocket-Key from the server",
        "medium",
        "nginx__pass-request-headers-off__websocket__101",
        ("nginx-pass-request-headers",),
    ),
    ResponseFingerprint(
        "nginx-without-fields",
        "nginx",
        (websocket.WEBSOCKET_VERSION_MISSING, websocket.WEBSOCKET_KEY_MISSING),
        (_NGINX,),
        "proxy_pass_request_headers off keeps the Sec-WebSocket fields from the server",
        "medium",
        "nginx__pass-request-headers-off__websocket: the request as the server gets it",
        ("nginx-pass-request-headers",),
    ),
    ResponseFingerprint(
        "nginx-cached-101",
        "nginx",
        (websocket.WEBSOCKET_ACCEPT_MISSING, websocket.WEBSOCKET_ACCEPT_WRONG),
        (_NGINX,),
        "a cache (proxy_cache_valid any) answers with the response to an earlier request",
        "medium",
        "nginx__cache-valid-any__websocket__101",
        ("nginx-no-cache-of-upgrades",),
    ),
    ResponseFingerprint(
        "nginx-101-without-upgrade",
        "nginx",
        (client_codes.SWITCH_UPGRADE_MISSING,),
        (_NGINX, Has(b"sec-websocket-accept")),
        "proxy_hide_header Upgrade removes the field from each response",
        "high",
        "nginx__hide-upgrade__websocket__101",
        ("nginx-keep-upgrade-of-101",),
    ),
    ResponseFingerprint(
        "nginx-own-426",
        "nginx",
        _426,
        (_NGINX, Status(426, b"")),
        "nginx makes this 426 itself, by return 426 or error_page: its reason phrase is empty",
        "high",
        "nginx__return-426-bare__websocket__426",
        ("nginx-no-own-426",),
    ),
    ResponseFingerprint(
        "nginx-426",
        "nginx",
        _IN_VAIN,
        (_NGINX, Status(426, b"Upgrade Required")),
        "proxy_set_header Upgrade or proxy_set_header Connection is missing at this location",
        "medium",
        "nginx__default__websocket__426",
        ("nginx-pass-upgrade",),
    ),
    ResponseFingerprint(
        "nginx-cached-426",
        "nginx",
        _IN_VAIN,
        (_NGINX, Status(426, b"Upgrade Required")),
        "a cache (proxy_cache_valid any) answers with the 426 for an earlier request",
        "low",
        "nginx__cache-valid-any__websocket__426",
        ("nginx-no-cache-of-upgrades",),
    ),
    ResponseFingerprint(
        "nginx-dropped",
        "nginx",
        (
            codes.UPGRADE_IGNORED,
            rules.UPGRADE_MISSING,
            rules.UPGRADE_OPTION_MISSING,
            rules.HOP_BY_HOP_FIELDS_LOST,
        ),
        (_NGINX,),
        "proxy_set_header Upgrade or proxy_set_header Connection is missing at this location",
        "medium",
        "nginx__default__websocket__200",
        ("nginx-pass-upgrade",),
    ),
    ResponseFingerprint(
        "nginx-http10",
        "nginx",
        _OLD,
        (_NGINX,),
        "proxy_http_version 1.1 is missing, without which it speaks HTTP/1.0 to the server",
        "high",
        "nginx__no-http11__websocket: the request as the server gets it",
        ("nginx-pass-upgrade",),
        generation="before 1.29.7",
    ),
    ResponseFingerprint(
        "nginx-in-doubt",
        "nginx",
        _IN_DOUBT,
        (_NGINX,),
        "proxy_set_header Upgrade or proxy_set_header Connection may be missing at this location",
        "low",
        "nginx__default__websocket__200",
        ("nginx-pass-upgrade",),
    ),
    ResponseFingerprint(
        "nginx-slash",
        "nginx",
        (codes.REDIRECTED_TO_SLASH,),
        (_NGINX,),
        "a location that ends in a slash is asked for without it, which nginx answers with 301",
        "medium",
        "nginx: documentation of the location directive, on prefixes that end in a slash",
    ),
    ResponseFingerprint(
        "nginx-tls-expected",
        "nginx",
        _EXPECTED,
        (_NGINX, Content(b"The plain HTTP request was sent to HTTPS port")),
        "this port is one with listen ... ssl",
        "certain",
        "nginx: its page for status 497, a plain request on a port with ssl",
    ),
    ResponseFingerprint(
        "nginx-gateway",
        "nginx",
        _FAILED,
        (_NGINX,),
        "the server that proxy_pass names is down, too slow, or speaks another protocol",
        "medium",
        "nginx: documentation of proxy_next_upstream and proxy_read_timeout",
    ),
    ResponseFingerprint(
        "nginx-http2-upgrade",
        "nginx",
        (codes.HTTP2_HOP_BY_HOP_FIELD,),
        (_NGINX, Has(b"upgrade")),
        "it copies the server's Upgrade into HTTP/2 responses",
        "high",
        "nginx__tls-h2-front__plain-get__426",
        ("nginx-http2-map-upgrade", "nginx-http2-more-clear"),
        generation="before 1.31.3",  # nginx/nginx, pull request 1476
    ),
)

_APACHE_ROWS: Final[tuple[ResponseFingerprint, ...]] = (
    ResponseFingerprint(
        "apache-unexpected-upgrade",
        "Apache httpd",
        _FAILED,
        (_APACHE, Content(b"Unexpected Upgrade:")),
        "ProxyPass has no upgrade=websocket, so the server's 101 came unexpected",
        "high",
        "apache2__default__websocket__101",
        ("apache-pass-upgrade",),
    ),
    ResponseFingerprint(
        "apache-426-without-upgrade",
        "Apache httpd",
        _IN_VAIN,
        (_APACHE, Status(426), Has(b"sec-websocket-version"), *lacks(b"upgrade")),
        "ProxyPass has no upgrade=websocket: with it, Apache leaves Upgrade in the server's 426",
        "high",
        "apache2__default__websocket__426",
        ("apache-pass-upgrade",),
    ),
    ResponseFingerprint(
        "apache-426-with-upgrade",
        "Apache httpd",
        _IN_VAIN,
        (_APACHE, Status(426), Has(b"upgrade")),
        "force-proxy-request-1.0 is set, or else Apache passes upgrades and another hop does not",
        "medium",
        "apache2__force-http10__websocket__426",
        ("apache-http-1.1",),
    ),
    ResponseFingerprint(
        "apache-own-page",
        "Apache httpd",
        _426,
        (_APACHE, Status(426), Content(b"can only be retrieved\nusing SSL")),
        "ProxyErrorOverride puts Apache's own page, which speaks of SSL, in the place of the"
        " server's: TLS is not what is required",
        "high",
        "apache2__erroroverride-nodoc__websocket__426",
        ("apache-keep-426",),
    ),
    ResponseFingerprint(
        "apache-replaced-page",
        "Apache httpd",
        _426,
        (_APACHE, Status(426), *lacks(b"sec-websocket-version", b"upgrade")),
        "ProxyErrorOverride with ErrorDocument may have replaced what the server said",
        "low",
        "apache2__erroroverride__websocket__426",
        ("apache-keep-426",),
    ),
    ResponseFingerprint(
        "apache-dropped",
        "Apache httpd",
        (
            codes.UPGRADE_IGNORED,
            rules.UPGRADE_MISSING,
            rules.UPGRADE_OPTION_MISSING,
            rules.HOP_BY_HOP_FIELDS_LOST,
        ),
        (_APACHE,),
        "ProxyPass has no upgrade=websocket",
        "medium",
        "apache2__default__websocket__200",
        ("apache-pass-upgrade",),
    ),
    ResponseFingerprint(
        "apache-in-doubt",
        "Apache httpd",
        _IN_DOUBT,
        (_APACHE,),
        "ProxyPass may have no upgrade=websocket",
        "low",
        "apache2__default__websocket__200",
        ("apache-pass-upgrade",),
    ),
    ResponseFingerprint(
        "apache-http10",
        "Apache httpd",
        _OLD,
        (_APACHE,),
        "force-proxy-request-1.0 is set",
        "medium",
        "apache2__force-http10__websocket__426",
        ("apache-http-1.1",),
    ),
    ResponseFingerprint(
        "apache-tls-expected",
        "Apache httpd",
        _EXPECTED,
        (_APACHE,),
        "this port has SSLEngine on",
        "high",
        "Apache httpd: its page for a plain request on a port with SSLEngine",
    ),
)

_HAPROXY_ROWS: Final[tuple[ResponseFingerprint, ...]] = (
    ResponseFingerprint(
        "haproxy-502",
        "HAProxy",
        _FAILED,
        (Status(502), Content(b"The server returned an invalid or incomplete response.")),
        "the server answered 101 to a request without Upgrade, or the server line has proto h2 and"
        " the server speaks HTTP/1.1",
        "high",
        "haproxy__default__post-tcp__101",
        ("haproxy-http-1.1", "haproxy-keep-upgrade"),
    ),
    ResponseFingerprint(
        "haproxy-503",
        "HAProxy",
        _FAILED,
        (Status(503), Content(b"No server is available to handle this request.")),
        "no server of the backend is up, or the server line has proto h2 and the server speaks"
        " HTTP/1.1",
        "high",
        "HAProxy: documentation of errorfile, on status 503",
        ("haproxy-http-1.1",),
    ),
    ResponseFingerprint(
        "haproxy-426-with-accept",
        "HAProxy",
        _IN_VAIN,
        (Has(b"sec-websocket-accept"), Status(426)),
        "it adds Sec-WebSocket-Accept to any response with Upgrade. It passes upgrades on unless a"
        " line changes that (http-request del-header or set-header)",
        "medium",
        "haproxy__del-header-upgrade__websocket__426",
        ("haproxy-keep-upgrade",),
    ),
)

_CADDY_ROWS: Final[tuple[ResponseFingerprint, ...]] = (
    ResponseFingerprint(
        "caddy-empty-200",
        "Caddy",
        _IGNORED,
        (_CADDY, Status(200), Is(b"content-length", b"0")),
        "a header_up line removes Upgrade or changes Connection: the server's 101, which nobody"
        " asked for then, becomes an empty 200",
        "high",
        "caddy__header-up-remove-upgrade__websocket__101",
        ("caddy-keep-upgrade",),
    ),
    ResponseFingerprint(
        "caddy-replaced-page",
        "Caddy",
        _426,
        (_CADDY, Status(426), *lacks(b"sec-websocket-version", b"upgrade")),
        "handle_response makes a response of its own in the place of the server's",
        "medium",
        "caddy__handle-response-426__websocket__426",
        ("caddy-no-handle-response",),
    ),
    ResponseFingerprint(
        "caddy-426",
        "Caddy",
        _DROPPED,
        (_CADDY,),
        "it passes upgrades on unless a header_up line changes them",
        "low",
        "caddy__header-up-connection-close__websocket__426",
        ("caddy-keep-upgrade",),
    ),
    ResponseFingerprint(
        "caddy-502",
        "Caddy",
        _FAILED,
        (_CADDY, Status(502)),
        "the server is down, or the transport speaks HTTP/2 (versions h2c) to a server of HTTP/1.1",
        "medium",
        "caddy__transport-h2c__websocket__101",
        ("caddy-http-1.1",),
    ),
)

_VARNISH_ROWS: Final[tuple[ResponseFingerprint, ...]] = (
    ResponseFingerprint(
        "varnish-own-426",
        "Varnish",
        _426,
        (_VARNISH, Status(426), Content(b"Guru Meditation")),
        "the VCL makes this 426 itself, by return (synth(426))",
        "high",
        "varnish__synth-426__plain-get__426",
        ("varnish-pipe",),
    ),
    ResponseFingerprint(
        "varnish-503",
        "Varnish",
        _FAILED,
        (_VARNISH, Status(503), Content(b"Backend fetch failed")),
        "the request is not piped, so the server's 101 counts as a failed fetch; or the server is"
        " down",
        "high",
        "varnish__default__websocket__101",
        ("varnish-no-literal",),
    ),
    ResponseFingerprint(
        "varnish-not-piped",
        "Varnish",
        _DROPPED,
        (_VARNISH,),
        "the request is not piped: vcl_recv has no return (pipe) for Upgrade. What is piped has no"
        " X-Varnish",
        "high",
        "varnish__default__websocket__426",
        ("varnish-pipe",),
    ),
)

_SQUID_ROWS: Final[tuple[ResponseFingerprint, ...]] = (
    ResponseFingerprint(
        "squid-502",
        "Squid",
        _FAILED,
        (Holds(b"x-squid-error", b"err_invalid_resp"),),
        "http_upgrade_request_protocols does not allow this protocol, so the server's 101 is"
        " invalid to it",
        "high",
        "squid__default__websocket__101",
        ("squid-allow-upgrade",),
    ),
    ResponseFingerprint(
        "squid-error",
        "Squid",
        _FAILED,
        (Has(b"x-squid-error"),),
        "X-Squid-Error names what went wrong between Squid and the server",
        "medium",
        "squid__default__websocket__101",
    ),
    ResponseFingerprint(
        "squid-dropped",
        "Squid",
        _DROPPED,
        (_SQUID,),
        "http_upgrade_request_protocols, which is needed for upgrades, may be missing",
        "medium",
        "squid__default__websocket__426",
        ("squid-allow-upgrade",),
    ),
)

_OTHER_PROXY_ROWS: Final[tuple[ResponseFingerprint, ...]] = (
    ResponseFingerprint(
        "h2o-101-without-upgrade",
        "h2o",
        (client_codes.SWITCH_UPGRADE_MISSING,),
        (_H2O,),
        "proxy.websocket is OFF, its default",
        "high",
        "h2o__default__websocket__101",
        ("h2o-websocket-on",),
    ),
    ResponseFingerprint(
        "h2o-dropped",
        "h2o",
        _DROPPED,
        (_H2O,),
        "proxy.websocket may be OFF, its default",
        "medium",
        "h2o__default__websocket__426",
        ("h2o-websocket-on",),
    ),
    ResponseFingerprint(
        "lighttpd-101-without-option",
        "lighttpd",
        (client_codes.SWITCH_OPTION_MISSING,),
        (_LIGHTTPD, Is(b"content-length", b"0")),
        'proxy.header has no "upgrade" => "enable"',
        "high",
        "lighttpd__default__websocket__101",
        ("lighttpd-enable-upgrade",),
    ),
    ResponseFingerprint(
        "lighttpd-dropped",
        "lighttpd",
        _DROPPED,
        (_LIGHTTPD,),
        'proxy.header may have no "upgrade" => "enable"',
        "medium",
        "lighttpd__default__websocket__426",
        ("lighttpd-enable-upgrade",),
    ),
    ResponseFingerprint(
        "lighttpd-http10",
        "lighttpd",
        _OLD,
        (_LIGHTTPD,),
        'proxy.header may have "force-http10" => "enable"',
        "medium",
        "lighttpd__force-http10__websocket: the request as the server gets it",
        ("lighttpd-enable-upgrade",),
    ),
    ResponseFingerprint(
        "tinyproxy-101",
        "tinyproxy",
        (client_codes.SWITCH_UPGRADE_MISSING,),
        (_TINYPROXY,),
        "it removes Upgrade and Connection in both directions, and cannot be told otherwise",
        "high",
        "tinyproxy__reverse-default__websocket__101",
        ("tinyproxy-replace",),
    ),
    ResponseFingerprint(
        "tinyproxy-dropped",
        "tinyproxy",
        _DROPPED,
        (_TINYPROXY,),
        "it removes Upgrade and Connection in both directions, and cannot be told otherwise",
        "high",
        "tinyproxy__reverse-default__websocket__426",
        ("tinyproxy-replace",),
    ),
    ResponseFingerprint(
        "traffic-server-404",
        "Apache Traffic Server",
        (codes.UPGRADE_NOT_FOUND,),
        (_TRAFFIC_SERVER, Status(404, b"Not Found on Accelerator")),
        "remap.config has no map ws:// rule for this address",
        "high",
        "trafficserver__default__websocket__426",
        ("trafficserver-ws-map",),
    ),
    ResponseFingerprint(
        "traffic-server-101-without-upgrade",
        "Apache Traffic Server",
        (client_codes.SWITCH_UPGRADE_MISSING,),
        (_TRAFFIC_SERVER,),
        "it passes on upgrades to WebSocket only",
        "high",
        "trafficserver__default__post-tcp__101",
    ),
    ResponseFingerprint(
        "traffic-server-426",
        "Apache Traffic Server",
        _DROPPED,
        (_TRAFFIC_SERVER,),
        "with a map ws:// rule it passes WebSockets on, and without one it answers 404: so it is"
        " rather a hop after it",
        "low",
        "trafficserver__ws-map__websocket__426",
    ),
    ResponseFingerprint(
        "nghttpx-502",
        "nghttpx",
        _FAILED,
        (_NGHTTPX, Status(502)),
        "the server is down, or the backend line has proto=h2 and the server speaks HTTP/1.1",
        "medium",
        "nghttpx__backend-h2__plain-get__426",
        ("nghttpx-http-1.1",),
    ),
    ResponseFingerprint(
        "nghttpx-426",
        "nghttpx",
        _DROPPED,
        (_NGHTTPX,),
        "it passes upgrades on in HTTP/1.1: so it is rather a hop after it",
        "low",
        "nghttpx__default__websocket__426",
    ),
    *tuple(
        ResponseFingerprint(
            f"{package}-without-ws",
            package,
            _IGNORED,
            (Is(b"connection", b"upgrade"), *lacks(b"upgrade")),
            "the proxy has neither ws: true nor a listener for upgrade, and copies the request's"
            " Connection into the response",
            "medium",
            source,
            (f"{package}-pass-upgrade",),
        )
        for package, source in (
            ("http-proxy", "http-proxy__web-only__websocket__200"),
            ("http-proxy-3", "make proxies, node/http-proxy-3.web-only"),
            ("http-proxy-middleware", "http-proxy-middleware__no-ws__websocket__200"),
            ("httpxy", "make proxies, node/httpxy.web-only"),
        )
    ),
    ResponseFingerprint(
        "express-no-route",
        "Express",
        (codes.UPGRADE_NOT_FOUND,),
        (Is(b"x-powered-by", b"express"), Content(b"Cannot GET ")),
        "Express has no route for this path, and an upgrade came to it as an ordinary request: it"
        " lost Upgrade on the way, or no WebSocket server listens for upgrade on the HTTP server",
        "medium",
        "http-proxy-middleware__no-ws__tls__426",
        hop=SERVER,
    ),
    ResponseFingerprint(
        "traefik-404",
        "Traefik",
        (codes.UPGRADE_NOT_FOUND,),
        (Status(404), Content(b"404 page not found")),
        "no router of it matches this host and path; servers written in Go answer like this, too",
        "medium",
        "Traefik: FAQ, on 404 Not found",
    ),
    ResponseFingerprint(
        "envoy-403",
        "Envoy",
        (codes.UPGRADE_FORBIDDEN,),
        (_ENVOY, *lacks(b"content-type")),
        "upgrade_configs does not list websocket (upgrade_failed in its log); or it is Envoy"
        " Gateway, and no server is ready",
        "high",
        "envoyproxy/envoy, issue 4740; envoyproxy/gateway, issue 9452",
        ("envoy-enable-upgrade",),
    ),
    ResponseFingerprint(
        "http10-before-envoy",
        "nginx",
        _OLD,
        (_ENVOY, Status(426)),
        "proxy_http_version 1.1 is missing in an nginx in front of Envoy, which refuses HTTP/1.0",
        "medium",
        "envoyproxy/envoy, issue 4243; SigNoz/charts, issue 53",
        ("nginx-pass-upgrade",),
        hop=ON_THE_WAY,
        generation="before 1.29.7",
    ),
    ResponseFingerprint(
        "envoy-502",
        "Envoy",
        _FAILED,
        (_ENVOY, Content(b"reset reason: protocol error")),
        "the cluster speaks HTTP/2 to a server of HTTP/1.1",
        "high",
        "make proxies, envoy/backend-h2",
        ("envoy-http-1.1",),
    ),
    ResponseFingerprint(
        "envoy-503",
        "Envoy",
        _FAILED,
        (_ENVOY, Not(Content(b"reset reason: protocol error"))),
        "the cluster has no healthy server, or speaks another protocol than its server",
        "low",
        "Envoy: documentation of HTTP upgrades, on HTTP/2 hops",
        ("envoy-http-1.1",),
    ),
    ResponseFingerprint(
        "go-502",
        "Go httputil.ReverseProxy",
        _FAILED,
        (Status(502), Is(b"content-length", b"0"), Fields(2), Has(b"date")),
        "the server is down, or a handler around ReverseProxy (http.TimeoutHandler, middleware)"
        " hides http.Hijacker, without which the server's 101 cannot be passed on",
        "medium",
        "make proxies, go/timeout-handler",
        ("go-pass-upgrade",),
    ),
)

_CLOUDFLARE_5XX: Final = (
    (520, "the server closed the connection or sent what is not HTTP"),
    (521, "the server refuses the connection"),
    (522, "the connection to the server timed out"),
    (523, "the server's address cannot be reached"),
    (524, "the server took the connection and did not answer in time"),
    (525, "the TLS handshake with the server failed"),
    (526, "the certificate of the server is not valid"),
    (530, "the server's name cannot be resolved, or its tunnel is not running"),
)
_EDGE_ROWS: Final[tuple[ResponseFingerprint, ...]] = (
    *tuple(
        ResponseFingerprint(
            f"cloudflare-{status}",
            "Cloudflare",
            _FAILED,
            (_CLOUDFLARE, Status(status)),
            setting,
            "high",
            "Cloudflare: documentation of its 5xx errors",
        )
        for status, setting in _CLOUDFLARE_5XX
    ),
    ResponseFingerprint(
        "cloudflared-502",
        "Cloudflare",
        _FAILED,
        (_CLOUDFLARE, Status(502)),
        "the server or its cloudflared does not answer as expected. WebSockets were reported to"
        " fail like this with cloudflared --protocol http2",
        "low",
        "cloudflare/cloudflared, issues 560, 1083 and 1208",
        ("cloudflared-quic",),
    ),
    ResponseFingerprint(
        "cloudflare-1xxx",
        "Cloudflare",
        (codes.UPGRADE_FORBIDDEN,),
        (_CLOUDFLARE, Content(b"error code: 1")),
        "a rule of Cloudflare refuses the client: the number in the body says which kind",
        "high",
        "Cloudflare: documentation of its 1xxx errors",
    ),
    ResponseFingerprint(
        "cloudflare-dropped",
        "Cloudflare",
        (*_DROPPED, *_IN_DOUBT, codes.UPGRADE_FORBIDDEN),
        (_CLOUDFLARE,),
        "Network, WebSockets may be off for this zone",
        "low",
        "Cloudflare: documentation of WebSockets",
        ("cloudflare-websockets-on",),
        hop=ON_THE_WAY,
    ),
    ResponseFingerprint(
        "cloudfront-dropped",
        "Amazon CloudFront",
        (
            *_DROPPED,
            *_IN_DOUBT,
            websocket.WEBSOCKET_KEY_MISSING,
            websocket.WEBSOCKET_VERSION_MISSING,
        ),
        (_CLOUDFRONT,),
        "the origin request policy may not forward Sec-WebSocket-Key and Sec-WebSocket-Version",
        "medium",
        "Amazon CloudFront: Use WebSockets with CloudFront distributions",
        ("cloudfront-forward-key",),
        hop=ON_THE_WAY,
    ),
    ResponseFingerprint(
        "alb-464",
        "AWS Application Load Balancer",
        (codes.UPGRADE_REFUSED,),
        (Status(464),),
        "the target group's protocol version is HTTP/2 or gRPC, and the request is HTTP/1.1",
        "high",
        "AWS: Troubleshoot your Application Load Balancers, on HTTP 464",
        ("alb-http1-target-group",),
    ),
    ResponseFingerprint(
        "alb-5xx",
        "AWS Application Load Balancer",
        _FAILED,
        (_ALB,),
        "the target closed the connection, sent a response that is not valid, or is not healthy",
        "high",
        "AWS: Troubleshoot your Application Load Balancers",
    ),
    ResponseFingerprint(
        "alb-4xx",
        "AWS Application Load Balancer",
        (codes.UPGRADE_REFUSED, codes.UPGRADE_FORBIDDEN, codes.UPGRADE_NOT_FOUND),
        (_ALB,),
        "the load balancer answers this itself: a rule, its firewall, or a request that it takes"
        " for malformed",
        "high",
        "AWS: Troubleshoot your Application Load Balancers",
    ),
    ResponseFingerprint(
        "api-gateway-403",
        "Amazon API Gateway",
        (codes.UPGRADE_FORBIDDEN,),
        (Status(403), Content(b"Missing Authentication Token")),
        "the REST API has no such resource; a WebSocket API has another address",
        "medium",
        "AWS: Missing Authentication Token errors of an API Gateway REST API endpoint",
    ),
    ResponseFingerprint(
        "iis-dropped",
        "Microsoft IIS",
        (*_DROPPED, *_IN_DOUBT, *_FAILED),
        (Holds(b"server", b"microsoft-iis"),),
        "its WebSocket Protocol feature is not installed, or Web sockets is off in the settings of"
        " the Azure App Service",
        "medium",
        "Microsoft: WebSocket element of IIS, on setup; websockets/ws, issue 699",
        ("iis-websocket-on",),
    ),
    ResponseFingerprint(
        "fastly-dropped",
        "Fastly",
        (*_DROPPED, *_IN_DOUBT, codes.UPGRADE_FORBIDDEN),
        (_FASTLY,),
        "WebSockets are off by default, and do not go together with shielding",
        "medium",
        "Fastly: product documentation of WebSockets",
        ("fastly-websockets-on",),
        hop=ON_THE_WAY,
    ),
    ResponseFingerprint(
        "akamai-dropped",
        "Akamai",
        (*_DROPPED, *_IN_DOUBT, codes.UPGRADE_FORBIDDEN),
        (_AKAMAI,),
        "the property may not have the WebSockets behaviour",
        "medium",
        "Akamai: documentation of WebSockets in Property Manager",
        ("akamai-websockets-on",),
        hop=ON_THE_WAY,
    ),
    ResponseFingerprint(
        "front-door-dropped",
        "Azure Front Door",
        (*_DROPPED, *_IN_DOUBT),
        (_AZURE_FRONT_DOOR,),
        "caching may be on for the route: Front Door does not forward Upgrade then",
        "medium",
        "Microsoft: Azure Front Door WebSocket",
        ("front-door-no-caching",),
        hop=ON_THE_WAY,
    ),
    ResponseFingerprint(
        "google-5xx",
        "Google Cloud load balancer",
        _FAILED,
        (_GOOGLE,),
        "the backend service has no healthy backend, or its timeout passed",
        "medium",
        "Google Cloud: documentation of load balancing, on the backend service timeout",
    ),
)

_APPLICATION_ROWS: Final[tuple[ResponseFingerprint, ...]] = (
    ResponseFingerprint(
        "engine-io-revision",
        "Engine.IO",
        (codes.ENGINE_IO_REFUSED,),
        (
            OneOf(
                (
                    Content(b"Unsupported protocol version"),
                    Content(b"unsupported version of the Socket.IO or Engine.IO protocols"),
                )
            ),
        ),
        "the client speaks another revision of the protocol (EIO=3 of Socket.IO 2, EIO=4 of"
        " Socket.IO 3 and later) than the server",
        "high",
        "Socket.IO: Troubleshooting connection issues, on error code 5",
        ("engine-io-allow-eio3",),
        hop=SERVER,
    ),
    ResponseFingerprint(
        "engine-io-session",
        "Engine.IO",
        (codes.ENGINE_IO_REFUSED,),
        (Content(b"Session ID unknown"),),
        "the request came to another server than the one that has the session: sticky sessions are"
        " not enabled",
        "high",
        "Socket.IO: Troubleshooting connection issues, on error code 1",
        ("engine-io-sticky",),
        hop=SERVER,
    ),
    ResponseFingerprint(
        "engine-io-other",
        "Engine.IO",
        (codes.ENGINE_IO_REFUSED,),
        (
            OneOf(
                (
                    Content(b"Transport unknown"),
                    Content(b"Bad handshake method"),
                    Content(b"Bad request"),
                    Content(b"Forbidden"),
                )
            ),
        ),
        "the transport is not enabled there, allowRequest refuses the client, or a proxy changed"
        " the query",
        "medium",
        "Socket.IO: Troubleshooting connection issues, on error codes 0, 2, 3 and 4",
        hop=SERVER,
    ),
    ResponseFingerprint(
        "page-of-an-application",
        "the page of a single-page application",
        _IGNORED,
        (_HTML, Status(200), OneOf((Content(b'id="root"'), Content(b'id="app"')))),
        "a server of files answers each path that it does not know with the application's page:"
        " this path is not passed on to the WebSocket server",
        "medium",
        _SPA_SOURCE,
        hop=ON_THE_WAY,
    ),
    ResponseFingerprint(
        "any-page",
        "a server of web pages",
        _IGNORED,
        (_HTML, Status(200)),
        "it answers this path with a page: the path may not be passed on to the WebSocket server",
        "low",
        _SPA_SOURCE,
        hop=ON_THE_WAY,
    ),
)

IDLE_FINGERPRINTS: Final[tuple[ResponseFingerprint, ...]] = (
    ResponseFingerprint(
        "nginx-idle",
        "nginx",
        (),
        (_NGINX,),
        "nginx closes a switched connection on which the server sends nothing for 60 s, unless"
        " proxy_read_timeout is longer (in Kubernetes, the annotation"
        " nginx.ingress.kubernetes.io/proxy-read-timeout)",
        "high",
        "nginx: documentation of WebSocket proxying, on proxy_read_timeout",
        ("nginx-read-timeout",),
    ),
    ResponseFingerprint(
        "cloudflare-idle",
        "Cloudflare",
        (),
        (_CLOUDFLARE,),
        "Cloudflare closes a WebSocket on which nothing was sent for some time, about 100 s by"
        " reports, and all of them when it updates its servers",
        "medium",
        "Cloudflare: documentation of WebSockets; for the time, buildbot/buildbot, issue 4078",
    ),
    ResponseFingerprint(
        "alb-idle",
        "AWS Application Load Balancer",
        (),
        (Holds(b"set-cookie", b"awsalb"),),
        "An AWS Application Load Balancer closes a connection on which nothing is sent for 60 s,"
        " unless its attribute idle_timeout.timeout_seconds is longer",
        "high",
        "AWS: Edit attributes for your Application Load Balancer, Connection idle timeout",
        ("alb-idle-timeout",),
    ),
    ResponseFingerprint(
        "cloudfront-idle",
        "Amazon CloudFront",
        (),
        (_CLOUDFRONT,),
        "CloudFront closes a WebSocket on which the server sends nothing for 10 minutes",
        "high",
        "Amazon CloudFront: Quotas, Quotas on WebSockets",
    ),
    ResponseFingerprint(
        "front-door-idle",
        "Azure Front Door",
        (),
        (_AZURE_FRONT_DOOR,),
        "Azure Front Door closes a WebSocket on which nothing is sent for 5 minutes, and each"
        " after 4 hours",
        "high",
        "Microsoft: Azure Front Door WebSocket",
    ),
    ResponseFingerprint(
        "google-idle",
        "Google Cloud load balancer",
        (),
        (_GOOGLE,),
        "Google's load balancer closes a WebSocket after the timeout of the backend service, busy"
        " or not: 30 s unless it is set",
        "high",
        "Google Cloud: documentation of load balancing, on the backend service timeout",
        ("google-backend-timeout",),
    ),
)
"""What ends a switched connection sooner or later, which is no fault of a 101."""

RESPONSE_FINGERPRINTS: Final[tuple[ResponseFingerprint, ...]] = (
    *_NGINX_ROWS,
    *_APACHE_ROWS,
    *_HAPROXY_ROWS,
    *_CADDY_ROWS,
    *_VARNISH_ROWS,
    *_SQUID_ROWS,
    *_OTHER_PROXY_ROWS,
    *_EDGE_ROWS,
    *_APPLICATION_ROWS,
)


@final
class NoAnswerFingerprint(NamedTuple):
    """Who takes a request and gives no answer. It is recognised by the request, or not at all."""

    name: str
    product: str
    setting: str
    confidence: Confidence
    source: str
    remedies: tuple[str, ...] = ()
    generation: str = ""
    passes_request: bool = True
    """Whether the request reaches the server, as HTTP/1.1."""
    arrives: tuple[Condition, ...] = ()
    """What holds for the request as the server gets it."""


# Node writes all names in lower case; http-proxy and what is built on it turn the order round.
_TURNED_BY_NODE: Final = (LowerCase(), Before(b"sec-websocket-key", b"host"))
_KEPT_BY_NODE: Final = (LowerCase(), Before(b"host", b"sec-websocket-key"))
NO_ANSWER_FINGERPRINTS: Final[tuple[NoAnswerFingerprint, ...]] = (
    NoAnswerFingerprint(
        "vite-silent",
        "Vite",
        "server.proxy has no ws: true for this path: the development server keeps the upgrade and"
        " does not answer it",
        "medium",
        "vitejs/vite, issue 864; Vite documentation: server.proxy; seen with Vite 8.4.0",
        ("vite-proxy-ws",),
        passes_request=False,
    ),
    NoAnswerFingerprint(
        "webpack-dev-server-silent",
        "webpack-dev-server",
        "devServer.proxy has no ws: true for this path: the development server keeps the upgrade"
        " and does not answer it",
        "medium",
        "facebook/create-react-app, pull request 1090; seen with webpack-dev-server 5.2.7",
        ("webpack-dev-server-proxy-ws",),
        passes_request=False,
    ),
    NoAnswerFingerprint(
        "http-proxy-silent",
        "http-proxy",
        "the proxy has neither ws: true nor a listener for upgrade: the server's 101 is lost",
        "medium",
        "http-proxy__web-only__websocket__101",
        ("http-proxy-pass-upgrade",),
        arrives=_TURNED_BY_NODE,
    ),
    NoAnswerFingerprint(
        "http-proxy-middleware-silent",
        "http-proxy-middleware",
        "no listener for upgrade, or ws: true alone, which listens after a first request only",
        "medium",
        "http-proxy-middleware__ws-true-cold__websocket__101",
        ("http-proxy-middleware-pass-upgrade",),
        arrives=_TURNED_BY_NODE,
    ),
    NoAnswerFingerprint(
        "http-proxy-3-silent",
        "http-proxy-3",
        "the proxy has neither ws: true nor a listener for upgrade: the server's 101 is lost",
        "medium",
        "make proxies, node/http-proxy-3.web-only",
        ("http-proxy-3-pass-upgrade",),
        arrives=_KEPT_BY_NODE,
    ),
    NoAnswerFingerprint(
        "httpxy-silent",
        "httpxy",
        "no listener for upgrade calls proxy.ws: the server's 101 is lost",
        "medium",
        "make proxies, node/httpxy.web-only",
        ("httpxy-pass-upgrade",),
        arrives=_KEPT_BY_NODE,
    ),
    NoAnswerFingerprint(
        "node-silent",
        "a proxy written for Node.js",
        "it has no listener for upgrade: the server's 101 is lost",
        "medium",
        "node-fetch-proxy__naive__websocket__101",
        ("node-pass-upgrade",),
        arrives=_KEPT_BY_NODE,
    ),
    NoAnswerFingerprint(
        "haproxy-h2-silent",
        "HAProxy",
        "the server line has proto h2, and the server speaks HTTP/1.1",
        "low",
        "haproxy__server-proto-h2__websocket__101",
        ("haproxy-http-1.1",),
        generation="2.6",
        passes_request=False,
    ),
    NoAnswerFingerprint(
        "nghttpx-h2-silent",
        "nghttpx",
        "the backend line has proto=h2, and the server speaks HTTP/1.1",
        "low",
        "nghttpx__backend-h2__websocket__101",
        ("nghttpx-http-1.1",),
        passes_request=False,
    ),
)
