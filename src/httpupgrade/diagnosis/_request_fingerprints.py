"""How proxies are recognised by the requests that they pass on.

Rules for this module: a row is about requests that arrive broken, and is looked at for no other.
Each has its source: a capture of the corpus, or a document of the vendor. What no source shows is
not said. Names of fields are in lower case.
"""

from typing import Final

from ._conditions import (
    At,
    Before,
    Condition,
    Fields,
    Has,
    Holds,
    Is,
    LowerCase,
    Not,
    OneOf,
    Query,
    Spelt,
    Target,
    Token,
    Version,
    has,
    lacks,
)
from ._fingerprint import ON_THE_WAY, Fingerprint

_KEY: Final = b"sec-websocket-key"
_OLD: Final = "before 1.29.7"
_NEW: Final = "1.29.7 and later"
_HTTP_1_0: Final = Version(b"1.0")
_HTTP_1_1: Final = Version(b"1.1")
_CLOSES: Final = Is(b"connection", b"close")
_KEEPS: Final = Is(b"connection", b"keep-alive")
_OPTION: Final = Token(b"connection", b"upgrade")
_NO_UPGRADE: Final = Not(Has(b"upgrade"))
_NO_CONNECTION: Final = Not(Has(b"connection"))
# The name as Go spells it: it writes the names of all fields in one way.
_SPELT_BY_GO: Final = Spelt(b"Sec-Websocket-Key")
# Fields by which other products are recognised.
_OTHER_MARKS: Final = lacks(
    b"via",
    b"x-varnish",
    b"x-vinyl",
    b"x-host",
    b"x-scheme",
    b"x-forwarded-server",
    b"surrogate-capability",
    b"client-ip",
)
# nginx writes the fields of proxy_set_header, then Host and Connection, then those of the client.
_FORWARDED_FIRST: Final = OneOf((Before(b"x-real-ip", _KEY), Before(b"x-forwarded-for", _KEY)))
_SET_FIRST: Final = OneOf((At(0, b"host"), _FORWARDED_FIRST))
_X_FORWARDED: Final = has(b"x-forwarded-for", b"x-forwarded-host")
_APACHE: Final = (*_X_FORWARDED, Has(b"x-forwarded-server"), Not(Has(b"x-forwarded-port")))
_VARNISH: Final = (Has(b"x-varnish"), *lacks(b"fastly-client", b"fastly-ff"))
_VINYL: Final = (Has(b"x-vinyl"),)
_SQUID_VIA: Final = Holds(b"via", b"(squid/")
_ENVOY: Final = OneOf(
    has(
        b"x-envoy-expected-rq-timeout-ms",
        b"x-envoy-attempt-count",
        b"x-envoy-external-address",
        b"x-envoy-original-path",
        b"x-envoy-decorator-operation",
    )
)

_BY_CLOUDFLARE: Final = OneOf((Has(b"cf-ray"), Holds(b"cdn-loop", b"cloudflare")))
_CLOUDFLARED: Final = (
    _SPELT_BY_GO,
    _BY_CLOUDFLARE,
    *lacks(b"x-forwarded-host", b"x-forwarded-server"),
)

_CONNECTION_CLOSE: Final = (b"connection", "nginx writes Connection: close unless told otherwise")
_NGINX_FIRST: Final = (b"connection", "Connection comes first, as nginx writes it")
_UPGRADE_FIRST: Final = (b"upgrade", "Upgrade comes first, as nginx writes it")

_NGINX: Final = (
    Fingerprint(
        "nginx-default",
        "lost",
        "nginx",
        "proxy_pass alone, which passes on neither Upgrade nor Connection and speaks HTTP/1.0",
        (_HTTP_1_0, _NO_UPGRADE, _CLOSES, At(0, b"host"), At(1, b"connection")),
        "high",
        "nginx__default__websocket",
        (_CONNECTION_CLOSE,),
        ("nginx-pass-upgrade",),
        _OLD,
    ),
    Fingerprint(
        "nginx-default-forwarded",
        "lost",
        "nginx",
        "proxy_pass with X-Real-IP or X-Forwarded-For, but nothing for Upgrade and Connection",
        (
            _HTTP_1_0,
            _NO_UPGRADE,
            _CLOSES,
            _FORWARDED_FIRST,
            Before(b"connection", _KEY),
            Not(At(1, b"connection")),
        ),
        "high",
        "nginx__default-forwarded__websocket",
        (
            _CONNECTION_CLOSE,
            (b"x-real-ip", "X-Real-IP comes before the fields of the client, as nginx writes it"),
        ),
        ("nginx-pass-upgrade",),
        _OLD,
    ),
    Fingerprint(
        "nginx-http-1.1-only",
        "lost",
        "nginx",
        "proxy_http_version 1.1, but nothing for Upgrade and Connection",
        (_HTTP_1_1, _NO_UPGRADE, _CLOSES, At(0, b"host"), At(1, b"connection"), *_OTHER_MARKS),
        "medium",
        "nginx__http11-only__websocket",
        (_CONNECTION_CLOSE,),
        ("nginx-pass-upgrade",),
        _OLD,
    ),
    Fingerprint(
        "nginx-inherited-dropped",
        "lost",
        "nginx",
        "a proxy_set_header in the location, which drops those for Upgrade and Connection that"
        " stand in server or http",
        (
            _HTTP_1_1,
            _NO_UPGRADE,
            _CLOSES,
            _FORWARDED_FIRST,
            Before(b"connection", _KEY),
            Not(At(1, b"connection")),
            *_OTHER_MARKS,
        ),
        "medium",
        "nginx__location-override__websocket",
        (
            _CONNECTION_CLOSE,
            (b"x-real-ip", "X-Real-IP comes before the fields of the client, as nginx writes it"),
        ),
        ("nginx-pass-upgrade",),
        _OLD,
    ),
    Fingerprint(
        "nginx-1.29.7-default",
        "lost",
        "nginx",
        "proxy_pass without proxy_set_header lines for Upgrade and Connection",
        (_HTTP_1_1, _NO_UPGRADE, _NO_CONNECTION, _SET_FIRST, Not(LowerCase()), *_OTHER_MARKS),
        "medium",
        "nginx__keepalive-upstream__websocket, to which nginx 1.30.6 by default is identical",
        ((b"host", "the fields of the client follow Host, without Connection between them"),),
        ("nginx-pass-upgrade-keepalive",),
        _NEW,
    ),
    Fingerprint(
        "nginx-keepalive",
        "lost",
        "nginx",
        'proxy_set_header Connection "", for connections to the upstream that stay open',
        (_HTTP_1_1, _NO_UPGRADE, _NO_CONNECTION, _SET_FIRST, Not(LowerCase()), *_OTHER_MARKS),
        "medium",
        "nginx__keepalive-upstream__websocket",
        (),
        ("nginx-pass-upgrade-keepalive",),
    ),
    Fingerprint(
        "nginx-http-1.0",
        "lost",
        "nginx",
        "Upgrade and Connection are passed on, but proxy_http_version 1.1 is missing",
        (
            _HTTP_1_0,
            _OPTION,
            OneOf((At(0, b"upgrade"), At(1, b"upgrade"), Before(b"upgrade", b"user-agent"))),
        ),
        "high",
        "nginx__no-http11__websocket",
        (_UPGRADE_FIRST,),
        ("nginx-pass-upgrade",),
        _OLD,
    ),
    Fingerprint(
        "nginx-upgrade-without-connection",
        "lost",
        "nginx",
        "Upgrade is passed on, but not Connection",
        (_HTTP_1_1, At(0, b"upgrade"), _CLOSES, Not(At(1, b"connection"))),
        "high",
        "nginx__upgrade-not-connection__websocket",
        (_CONNECTION_CLOSE,),
        ("nginx-pass-upgrade",),
        _OLD,
    ),
    Fingerprint(
        "nginx-connection-close",
        "lost",
        "nginx",
        'Upgrade is passed on, but Connection is set to "close"',
        (At(0, b"upgrade"), _CLOSES, At(1, b"connection")),
        "high",
        "nginx__connection-close-literal__websocket",
        (_NGINX_FIRST,),
        ("nginx-pass-upgrade",),
    ),
    Fingerprint(
        "nginx-keepalive-upgrade",
        "lost",
        "nginx",
        'Upgrade is passed on, but Connection is set to ""',
        (_HTTP_1_1, At(0, b"upgrade"), _NO_CONNECTION),
        "high",
        "nginx__keepalive-upstream-upgrade__websocket",
        (_UPGRADE_FIRST,),
        ("nginx-pass-upgrade-keepalive",),
    ),
    Fingerprint(
        "nginx-1.29.7-upgrade-without-connection",
        "lost",
        "nginx",
        "Upgrade is passed on, but not Connection",
        (_HTTP_1_1, At(0, b"upgrade"), _NO_CONNECTION),
        "high",
        "nginx__keepalive-upstream-upgrade__websocket, to which nginx 1.30.6 is identical",
        (),
        ("nginx-pass-upgrade-keepalive",),
        _NEW,
    ),
    Fingerprint(
        "nginx-connection-without-upgrade",
        "lost",
        "nginx",
        "Connection is set, but Upgrade is not passed on",
        (At(0, b"connection"), _OPTION, _NO_UPGRADE),
        "high",
        "nginx__connection-not-upgrade__websocket",
        (_NGINX_FIRST,),
        ("nginx-pass-upgrade",),
    ),
    Fingerprint(
        "nginx-no-request-headers",
        "keyless",
        "nginx",
        "proxy_pass_request_headers off, which passes on no field of the client",
        (At(0, b"upgrade"), At(1, b"connection"), At(2, b"host"), Fields(3)),
        "high",
        "nginx__pass-request-headers-off__websocket",
        ((b"host", "Host is the last field: none of the client follows it"),),
        ("nginx-pass-request-headers",),
    ),
    Fingerprint(
        "nginx-literal-upgrade",
        "keyless",
        "nginx",
        "Upgrade is set to websocket for every request",
        (
            At(0, b"upgrade"),
            At(1, b"connection"),
            Not(Fields(3)),
            Not(Has(b"sec-websocket-version")),
        ),
        "medium",
        "nginx__upgrade-literal__plain-get",
        (_UPGRADE_FIRST,),
        ("nginx-pass-upgrade",),
    ),
    Fingerprint(
        "nginx-host",
        "host",
        "nginx",
        "Host is not passed on, so that the server gets the name of the upstream",
        (At(0, b"upgrade"), At(1, b"connection"), At(2, b"host")),
        "low",  # with Host passed on, the order of fields is the same
        "nginx__correct__websocket",
        ((b"host", "nginx writes the name of the upstream into Host unless told otherwise"),),
        ("nginx-pass-host",),
    ),
)

# What is built on nginx, and is told from it by fields that it adds.
_ON_NGINX: Final = (
    Fingerprint(
        "nginx-proxy-manager",
        "lost",
        "Nginx Proxy Manager",
        "Websockets Support is off for this proxy host",
        (
            _NO_UPGRADE,
            At(0, b"host"),
            At(1, b"x-forwarded-scheme"),
            At(2, b"x-forwarded-proto"),
            At(3, b"x-forwarded-for"),
            At(4, b"x-real-ip"),
        ),
        "high",
        "NginxProxyManager/nginx-proxy-manager: its templates proxy_host.conf and proxy.conf",
        ((b"x-forwarded-scheme", "Nginx Proxy Manager adds X-Forwarded-Scheme to every request"),),
        ("nginx-proxy-manager-websockets",),
    ),
    Fingerprint(
        "ingress-nginx",
        "lost",
        "Kubernetes ingress-nginx",
        "it passes WebSockets on by itself: a load balancer in front of it that speaks HTTP took"
        " Upgrade away",
        (_NO_UPGRADE, Before(b"x-scheme", _KEY), Has(b"x-forwarded-scheme")),
        "medium",
        "kubernetes/ingress-nginx: issue 3746, and its template nginx.tmpl",
        ((b"x-scheme", "ingress-nginx adds X-Scheme to every request"),),
        ("ingress-nginx-tcp",),
        hop=ON_THE_WAY,
    ),
)
_APACHE_MARK: Final = (b"x-forwarded-server", "mod_proxy adds X-Forwarded-Server to every request")
_HTTPD: Final = (
    Fingerprint(
        "apache-default",
        "lost",
        "Apache httpd",
        "ProxyPass without upgrade=websocket",
        (_HTTP_1_1, _NO_UPGRADE, *_APACHE, _KEEPS),
        "high",
        "apache2__default__websocket",
        (
            _APACHE_MARK,
            (b"connection", "mod_proxy puts its own Connection in the place of the client's"),
        ),
        ("apache-pass-upgrade",),
    ),
    Fingerprint(
        "apache-no-keepalive",
        "lost",
        "Apache httpd",
        "ProxyPass without upgrade=websocket, and proxy-nokeepalive",
        (_HTTP_1_1, _NO_UPGRADE, *_APACHE, _CLOSES),
        "high",
        "apache2__nokeepalive__websocket",
        (
            _APACHE_MARK,
            (b"connection", "mod_proxy puts its own Connection in the place of the client's"),
        ),
        ("apache-pass-upgrade",),
    ),
    Fingerprint(
        "apache-http-1.0",
        "lost",
        "Apache httpd",
        "force-proxy-request-1.0, which holds whatever upgrade= says",
        (_HTTP_1_0, _NO_UPGRADE, *_APACHE),
        "high",
        "apache2__force-http10__websocket",
        (_APACHE_MARK,),
        ("apache-http-1.1",),
    ),
    Fingerprint(
        "apache-host",
        "host",
        "Apache httpd",
        "ProxyPreserveHost is off, so that the server gets the name of the backend",
        _APACHE,
        "high",
        "apache2__upgrade-websocket__websocket",
        ((b"x-forwarded-host", "mod_proxy writes the Host of the client into X-Forwarded-Host"),),
        ("apache-preserve-host",),
    ),
)


def _caches(
    product: str, prefix: str, mark: tuple[Condition, ...], field: bytes, remedy: str, source: str
) -> tuple[Fingerprint, ...]:
    """The rows for Varnish, and for Vinyl Cache, which is its new name."""
    says = f"{product} adds {field.decode('ascii')} to every request"
    shows = ((field.lower(), says),)
    return (
        Fingerprint(
            f"{prefix}-default",
            "lost",
            product,
            "the built-in VCL, which treats a handshake as an ordinary request",
            (*mark, _NO_UPGRADE, _NO_CONNECTION, Is(b"accept-encoding", b"gzip")),
            "high",
            source.format("default"),
            (*shows, (b"accept-encoding", f"{product} writes Accept-Encoding so")),
            (remedy,),
        ),
        Fingerprint(
            f"{prefix}-pass",
            "lost",
            product,
            "return (pass) for handshakes, which cannot be upgraded so",
            (*mark, _NO_UPGRADE, _NO_CONNECTION, Not(Is(b"accept-encoding", b"gzip"))),
            "high",
            source.format("pass"),
            shows,
            (remedy,),
        ),
        Fingerprint(
            f"{prefix}-pipe-without-fields",
            "lost",
            product,
            "return (pipe) for handshakes, but vcl_pipe copies neither Upgrade nor Connection",
            (*mark, _NO_UPGRADE, _CLOSES),
            "high",
            source.format("pipe-no-copy"),
            (
                *shows,
                (b"connection", "a piped request has this Connection unless vcl_pipe sets another"),
            ),
            (remedy,),
        ),
        Fingerprint(
            f"{prefix}-pipe-upgrade-alone",
            "lost",
            product,
            "return (pipe) for handshakes, but vcl_pipe copies Upgrade alone",
            (*mark, Has(b"upgrade"), _CLOSES),
            "high",
            source.format("pipe-copy-upgrade-only"),
            (
                *shows,
                (b"connection", "a piped request has this Connection unless vcl_pipe sets another"),
            ),
            (remedy,),
        ),
    )


_SQUID_MARKS: Final = (
    (b"via", "Via names Squid"),
    (b"surrogate-capability", "Squid adds Surrogate-Capability as an accelerator"),
)
_CACHES: Final = (
    *_caches(
        "Varnish", "varnish", _VARNISH, b"X-Varnish", "varnish-pipe", "varnish__{}__websocket"
    ),
    *_caches(
        "Vinyl Cache",
        "vinyl-cache",
        _VINYL,
        b"X-Vinyl",
        "vinyl-cache-pipe",
        "Vinyl Cache 9, captured as varnish__{}__websocket was",
    ),
    Fingerprint(
        "varnish-literal-upgrade",
        "keyless",
        "Varnish",
        "vcl_backend_fetch sets Upgrade and Connection on every request",
        (*_VARNISH, _OPTION, Not(Has(b"sec-websocket-version"))),
        "high",
        "varnish__pass-restore__plain-get",
        ((b"x-varnish", "Varnish adds X-Varnish to every request"),),
        ("varnish-no-literal",),
    ),
    Fingerprint(
        "squid-accelerator",
        "lost",
        "Squid",
        "http_upgrade_request_protocols does not allow WebSocket",
        (_NO_UPGRADE, _KEEPS, OneOf((_SQUID_VIA, Has(b"via"))), Has(b"surrogate-capability")),
        "high",
        "squid__default__websocket",
        _SQUID_MARKS,
        ("squid-allow-upgrade",),
    ),
    Fingerprint(
        "squid-via-off",
        "lost",
        "Squid",
        "http_upgrade_request_protocols does not allow WebSocket, and via is off",
        (_NO_UPGRADE, _KEEPS, Not(Has(b"via")), Has(b"surrogate-capability")),
        "high",
        "squid__via-off__websocket",
        _SQUID_MARKS[1:],
        ("squid-allow-upgrade",),
    ),
    Fingerprint(
        "squid-forward",
        "lost",
        "Squid",
        "as a forward proxy, http_upgrade_request_protocols does not allow WebSocket",
        (_NO_UPGRADE, _KEEPS, _SQUID_VIA, Not(Has(b"surrogate-capability"))),
        "high",
        "squid__forward-absolute-form__websocket",
        _SQUID_MARKS[:1],
        ("squid-allow-upgrade",),
    ),
    Fingerprint(
        "trafficserver-http-map",
        "lost",
        "Apache Traffic Server",
        "there is no map ws:// line for the address",
        (_NO_UPGRADE, Holds(b"via", b"(apachetrafficserver")),
        "medium",
        "trafficserver__default__h2c, where Upgrade was removed in the same way",
        ((b"via", "Via names Traffic Server"),),
        ("trafficserver-ws-map",),
    ),
    Fingerprint(
        "trafficserver-host",
        "host",
        "Apache Traffic Server",
        "pristine_host_hdr is off, so that the server gets the name of the map line",
        (Holds(b"via", b"(apachetrafficserver"),),
        "high",
        "trafficserver__ws-map__websocket",
        ((b"via", "Via names Traffic Server"),),
        ("trafficserver-pristine-host",),
    ),
)

_CLOUDFLARED_ROWS: Final = (
    Fingerprint(
        "cloudflared",
        "lost",
        "cloudflared",
        "it took the handshake for an ordinary request, to which it writes Connection: keep-alive",
        (_HTTP_1_1, _NO_UPGRADE, _KEEPS, *_CLOUDFLARED),
        "medium",
        "cloudflare/cloudflared: its source, proxy/proxy.go; issue 1652",
        (
            (b"cf-ray", "Cloudflare adds Cf-Ray to every request"),
            (b"cf-warp-tag-id", "cloudflared adds Cf-Warp-Tag-Id"),
            (b"connection", "cloudflared writes this into what it takes for an ordinary request"),
        ),
        ("cloudflared-http2",),
    ),
    Fingerprint(
        "cloudflared-host",
        "host",
        "cloudflared",
        "httpHostHeader is set, so that the server gets another name than the browser asked for",
        _CLOUDFLARED,
        "medium",
        "Cloudflare documentation: Origin parameters, httpHostHeader",
        ((b"host", "httpHostHeader puts its value here"),),
        ("cloudflared-keep-host",),
    ),
)

_CADDY: Final = (OneOf((Holds(b"via", b"caddy"), _SPELT_BY_GO)), *_X_FORWARDED)
_SPELT_SHOWS: Final = (_KEY, "programs in Go spell the name Sec-Websocket-Key so")
_HOST_FIRST: Final = (LowerCase(), At(0, b"host"), Not(_ENVOY))
_LOWER_SHOWS: Final = (b"host", "the names of all fields are in lower case")
_OTHERS: Final = (
    Fingerprint(
        "lighttpd-default",
        "lost",
        "lighttpd",
        'proxy.header has no "upgrade" => "enable"',
        (_HTTP_1_1, _NO_UPGRADE, _CLOSES, *has(b"x-host", b"x-forwarded-for")),
        "high",
        "lighttpd__default__websocket",
        ((b"x-host", "mod_proxy of lighttpd adds X-Host to every request"),),
        ("lighttpd-enable-upgrade",),
    ),
    Fingerprint(
        "lighttpd-http-1.0",
        "lost",
        "lighttpd",
        'proxy.header has "force-http10" => "enable"',
        (_HTTP_1_0, _NO_UPGRADE, _CLOSES, *has(b"x-host", b"x-forwarded-for")),
        "high",
        "lighttpd__force-http10__websocket",
        ((b"x-host", "mod_proxy of lighttpd adds X-Host to every request"),),
        ("lighttpd-enable-upgrade",),
    ),
    Fingerprint(
        "h2o-default",
        "lost",
        "h2o",
        "proxy.websocket is OFF, as it is by default",
        (_NO_UPGRADE, _KEEPS, At(0, b"connection"), *has(b"via", b"x-forwarded-proto")),
        "high",
        "h2o__default__websocket",
        ((b"connection", "h2o writes Connection first, in lower case"),),
        ("h2o-websocket-on",),
    ),
    Fingerprint(
        "h2o-host",
        "host",
        "h2o",
        "proxy.preserve-host is OFF, so that the server gets the name of the backend",
        (At(0, b"connection"), At(1, b"upgrade"), At(2, b"host"), Spelt(b"connection")),
        "high",
        "h2o__websocket-on__websocket",
        ((b"connection", "h2o writes Connection first, in lower case"),),
        ("h2o-preserve-host",),
    ),
    Fingerprint(
        "tinyproxy",
        "lost",
        "tinyproxy",
        "it removes Upgrade and Connection from every request",
        (Holds(b"via", b"(tinyproxy/"), _NO_UPGRADE),
        "high",
        "tinyproxy__reverse-default__websocket",
        ((b"via", "Via names tinyproxy"),),
        ("tinyproxy-replace",),
    ),
    Fingerprint(
        "tinyproxy-without-via",
        "lost",
        "tinyproxy",
        "it removes Upgrade and Connection from every request, and DisableViaHeader is set",
        (_HTTP_1_1, _NO_UPGRADE, _CLOSES, At(0, b"host"), At(1, b"connection"), *_OTHER_MARKS),
        "low",
        "make proxies, tinyproxy/no-via",
        (),
        ("tinyproxy-replace",),
    ),
    Fingerprint(
        "privoxy-closes",
        "lost",
        "Privoxy",
        "it closes connections, as it does without keep-alive-timeout",
        (_HTTP_1_1, Target(b"http://"), Has(b"upgrade"), _CLOSES),
        "medium",
        "make proxies, privoxy/no-keep-alive",
        ((b"connection", "Privoxy replaces the client's Connection by this"),),
        ("privoxy-around",),
    ),
    Fingerprint(
        "caddy-upgrade-removed",
        "lost",
        "Caddy",
        "header_up removes Upgrade",
        (*_CADDY, _NO_UPGRADE, _OPTION),
        "medium",
        "caddy__header-up-remove-upgrade__websocket",
        (_SPELT_SHOWS, (b"x-forwarded-host", "Caddy adds X-Forwarded-Host to every request")),
        ("caddy-keep-upgrade",),
    ),
    Fingerprint(
        "caddy-connection-replaced",
        "lost",
        "Caddy",
        "header_up replaces Connection",
        (*_CADDY, Has(b"upgrade"), Not(_OPTION)),
        "medium",
        "caddy__header-up-connection-close__websocket",
        (_SPELT_SHOWS, (b"x-forwarded-host", "Caddy adds X-Forwarded-Host to every request")),
        ("caddy-keep-upgrade",),
    ),
    Fingerprint(
        "traefik",
        "lost",
        "Traefik",
        "a middleware removes or replaces Upgrade or Connection, which Traefik passes on by itself",
        (_SPELT_BY_GO, *has(b"x-forwarded-server", b"x-forwarded-port")),
        "medium",
        "Traefik documentation: WebSocket; and its source, forwarded_header.go",
        ((b"x-forwarded-port", "Traefik adds X-Forwarded-Port to every request"), _SPELT_SHOWS),
        ("traefik-keep-upgrade",),
    ),
    Fingerprint(
        "go-reverseproxy",
        "lost",
        "a proxy written in Go",
        "httputil.ReverseProxy passes upgrades on; what is set up around it removes them",
        (_SPELT_BY_GO, *lacks(b"x-forwarded-host", b"x-forwarded-server")),
        "low",
        "go-httputil.reverseproxy__default__websocket, which is spelt in this way",
        (_SPELT_SHOWS,),
    ),
    Fingerprint(
        "haproxy-connection-changed",
        "lost",
        "HAProxy",
        "an http-request rule removes or replaces Connection",
        (*_HOST_FIRST, Has(b"upgrade"), Not(_OPTION)),
        "low",
        "haproxy__del-header-connection__websocket",
        (_LOWER_SHOWS,),
        ("haproxy-keep-upgrade",),
    ),
    Fingerprint(
        "haproxy-upgrade-removed",
        "lost",
        "HAProxy",
        "an http-request rule removes Upgrade",
        (*_HOST_FIRST, _NO_UPGRADE),
        "low",
        "haproxy__del-header-upgrade__websocket",
        (_LOWER_SHOWS,),
        ("haproxy-keep-upgrade",),
    ),
    Fingerprint(
        "node-proxy",
        "lost",
        "a proxy written for Node.js",
        "the program changes Upgrade or Connection",
        (LowerCase(), Not(_ENVOY)),
        "low",
        "node-fetch-proxy__naive__websocket, which is spelt in this way",
        (_LOWER_SHOWS,),
        ("node-pass-upgrade",),
    ),
    Fingerprint(
        "envoy-no-upgrade",
        "lost",
        "Envoy",
        "upgrade_configs does not list websocket",
        (_ENVOY,),
        "medium",
        "Envoy documentation: HTTP upgrades",
        ((b"x-envoy-expected-rq-timeout-ms", "Envoy adds x-envoy-expected-rq-timeout-ms"),),
        ("envoy-enable-upgrade",),
    ),
    Fingerprint(
        "envoy-no-key",
        "keyless",
        "Envoy",
        "it translates a WebSocket over HTTP/2, which has no key, to HTTP/1.1 and adds none",
        (_ENVOY, Has(b"sec-websocket-version")),
        "high",
        "Envoy issue 8547: WebSocket over HTTP/2 does not work",
        (
            (b"x-envoy-expected-rq-timeout-ms", "Envoy adds x-envoy-expected-rq-timeout-ms"),
            (
                b"sec-websocket-version",
                "Sec-WebSocket-Version is there: the client asked for a WebSocket",
            ),
        ),
        ("envoy-no-extended-connect",),
    ),
    Fingerprint(
        "http2-bridge",
        "keyless",
        "a proxy with HTTP/2 towards the client",
        "it translates a WebSocket over HTTP/2, which has no key, to HTTP/1.1 and adds none",
        (Has(b"sec-websocket-version"), Has(b"upgrade"), Not(_ENVOY)),
        "low",
        "RFC 8441 5, and Envoy issue 8547",
        (
            (
                b"sec-websocket-version",
                "Sec-WebSocket-Version is there: the client asked for a WebSocket",
            ),
        ),
        ("no-extended-connect",),
    ),
    Fingerprint(
        "http2-edge",
        "keyless",
        "a proxy with HTTP/2 towards the client",
        "it passes a WebSocket over HTTP/2 on as an ordinary request",
        (Has(b"sec-websocket-version"), _NO_UPGRADE),
        "low",
        "RFC 8441 4 and 5",
        (
            (
                b"sec-websocket-version",
                "Sec-WebSocket-Version is there: the client asked for a WebSocket",
            ),
        ),
        ("no-extended-connect",),
    ),
)

_PREFACE: Final = (
    Fingerprint(
        "haproxy-proto-h2",
        "preface",
        "HAProxy",
        "proto h2 in the server line",
        (),
        "low",
        "haproxy__server-proto-h2__websocket",
        (),
        ("haproxy-http-1.1",),
    ),
    Fingerprint(
        "caddy-h2c",
        "preface",
        "Caddy",
        "versions h2c in transport http",
        (),
        "low",
        "caddy__transport-h2c__websocket",
        (),
        ("caddy-http-1.1",),
    ),
    Fingerprint(
        "nghttpx-h2",
        "preface",
        "nghttpx",
        "proto=h2 in the backend option",
        (),
        "low",
        "nghttpx__backend-h2__websocket",
        (),
        ("nghttpx-http-1.1",),
    ),
    Fingerprint(
        "envoy-h2",
        "preface",
        "Envoy",
        "http2_protocol_options in explicit_http_config of the cluster",
        (),
        "low",
        "make proxies, envoy/backend-h2",
        (),
        ("envoy-http-1.1",),
    ),
    Fingerprint(
        "aws-nlb-proxy-protocol",
        "proxy-protocol",
        "AWS Network Load Balancer",
        "proxy_protocol_v2.enabled is set for the target group",
        (),
        "low",
        "AWS documentation: Edit target group attributes for your Network Load Balancer",
        (),
        ("aws-nlb-no-proxy-protocol",),
    ),
    Fingerprint(
        "haproxy-send-proxy",
        "proxy-protocol",
        "HAProxy",
        "send-proxy or send-proxy-v2 in the server line",
        (),
        "low",
        "HAProxy configuration manual: send-proxy and send-proxy-v2",
        (),
        ("haproxy-no-proxy-protocol",),
    ),
)


def _on_the_way(
    name: str,
    product: str,
    mark: Condition,
    field: bytes,
    setting: str,
    source: str,
    *remedies: str,
) -> Fingerprint:
    """A network or load balancer that the request came through, by a field that it adds."""
    shows = ((field.lower(), f"{product} adds {field.decode('ascii')}"),)
    found = (mark,)
    return Fingerprint(
        name, "lost", product, setting, found, "low", source, shows, remedies, hop=ON_THE_WAY
    )


_CLOUDS: Final = (
    _on_the_way(
        "cloudflare",
        "Cloudflare",
        _BY_CLOUDFLARE,
        b"Cf-Ray",
        "WebSockets are switched off for the zone",
        "Cloudflare documentation: Cloudflare HTTP headers; WebSockets",
        "cloudflare-websockets-on",
    ),
    _on_the_way(
        "cloudfront",
        "Amazon CloudFront",
        Has(b"x-amz-cf-id"),
        b"X-Amz-Cf-Id",
        "it passes WebSockets on by itself; look at the hops after it first",
        "Amazon CloudFront documentation: Use WebSockets with CloudFront distributions",
    ),
    Fingerprint(
        "cloudfront-no-key",
        "keyless",
        "Amazon CloudFront",
        "the origin request policy does not forward Sec-WebSocket-Key and Sec-WebSocket-Version",
        (Has(b"x-amz-cf-id"),),
        "medium",
        "Amazon CloudFront documentation: Use WebSockets with CloudFront distributions",
        ((b"x-amz-cf-id", "CloudFront adds X-Amz-Cf-Id to every request"),),
        ("cloudfront-forward-key",),
    ),
    _on_the_way(
        "fastly",
        "Fastly",
        OneOf(has(b"fastly-client", b"fastly-ff")),
        b"Fastly-Client",
        "WebSockets are not switched on for the service, or not handed over by return(upgrade)",
        "Fastly documentation: WebSockets passthrough; Fastly-Client",
        "fastly-websockets-on",
    ),
    _on_the_way(
        "akamai",
        "Akamai",
        Has(b"x-akamai-config-log-detail"),
        b"X-Akamai-CONFIG-LOG-DETAIL",
        "the property has no WebSockets behavior",
        "Akamai documentation: WebSockets, Property Manager; for the field, a log published as"
        " How to determine the HTTP Headers sent by a CDN",
        "akamai-websockets-on",
    ),
    _on_the_way(
        "aws-alb",
        "AWS Application Load Balancer",
        Has(b"x-amzn-trace-id"),
        b"X-Amzn-Trace-Id",
        "it passes WebSockets on by itself; look at the hops after it first",
        "AWS documentation: Request tracing for your Application Load Balancer; Listeners for your"
        " Application Load Balancers, WebSockets",
    ),
    _on_the_way(
        "google-lb",
        "Google Cloud load balancer",
        OneOf((Holds(b"via", b"1.1 google"), Has(b"x-cloud-trace-context"))),
        b"Via",
        "it passes WebSockets on by itself; look at the hops after it first",
        "Google Cloud documentation: External Application Load Balancer overview, Target proxies",
    ),
    Fingerprint(
        "front-door",
        "lost",
        "Azure Front Door",
        "caching is on for the route: Front Door does not forward Upgrade then",
        (Has(b"x-azure-fdid"),),
        "medium",
        "Microsoft documentation: Azure Front Door WebSocket; Protocol support for HTTP headers in"
        " Azure Front Door",
        ((b"x-azure-fdid", "Azure Front Door adds X-Azure-FDID"),),
        ("front-door-no-caching",),
        hop=ON_THE_WAY,
    ),
    _on_the_way(
        "azure-application-gateway",
        "Azure Application Gateway",
        Has(b"x-appgw-trace-id"),
        b"X-AppGW-Trace-Id",
        "it passes WebSockets on by itself; look at the hops after it first",
        "Microsoft documentation: Overview of WebSocket support in Application Gateway; How an"
        " application gateway works",
    ),
    _on_the_way(
        "iis-arr",
        "Microsoft IIS with Application Request Routing",
        Has(b"x-arr-log-id"),
        b"X-ARR-LOG-ID",
        "its WebSocket Protocol feature is not installed, or Web sockets is off in the settings of"
        " the Azure App Service",
        "Microsoft: New features in ARR 3.0; dotnet/AspNetCore.Docs, issue 2384, for the field",
        "iis-websocket-on",
    ),
    _on_the_way(
        "kong",
        "Kong Gateway",
        Has(b"x-kong-request-id"),
        b"X-Kong-Request-Id",
        "it passes WebSockets on by itself; look at the hops after it first",
        "Kong/kong, issue 6691",
    ),
)

_CLIENTS: Final = (
    Fingerprint(
        "hixie-76",
        "client",
        "a WebSocket client of a draft before RFC 6455",
        "Sec-WebSocket-Key1 and -Key2 are those of hixie-76, of 2010",
        has(b"sec-websocket-key1", b"sec-websocket-key2"),
        "high",
        "draft-hixie-thewebsocketprotocol-76",
        ((b"sec-websocket-key1", "RFC 6455 has no such field"),),
        hop="",
    ),
    Fingerprint(
        "hybi-draft",
        "client",
        "a WebSocket client of a draft before RFC 6455",
        "versions before 13 are those of drafts, of 2010 and 2011",
        (OneOf(tuple([Is(b"sec-websocket-version", b"%d" % each) for each in range(13)])),),
        "high",
        "RFC 6455 11.6",
        ((b"sec-websocket-version", "RFC 6455 is version 13"),),
        hop="",
    ),
    Fingerprint(
        "engine.io-polling",
        "client",
        "a client of Engine.IO or Socket.IO",
        "it begins with HTTP long polling, unless its transports are set to websocket alone",
        (Query(b"transport=polling"), OneOf((Query(b"EIO=3"), Query(b"EIO=4")))),
        "high",
        "direct__engine.io-client__plain-get__polling",
        hop="",
    ),
    Fingerprint(
        "engine.io-3",
        "client",
        "a client of Engine.IO 3, which Socket.IO 2 uses",
        "servers of Socket.IO 3 and later speak EIO=4, and refuse EIO=3 unless allowEIO3 is set",
        (Query(b"EIO=3"), Not(Query(b"transport=polling"))),
        "high",
        "Socket.IO 3.1.0 release notes: allowEIO3",
        hop="",
    ),
)

REQUEST_FINGERPRINTS: Final = (
    *_CLIENTS,
    *_NGINX,
    *_ON_NGINX,
    *_HTTPD,
    *_CACHES,
    *_OTHERS,
    *_CLOUDFLARED_ROWS,
    *_PREFACE,
    *_CLOUDS,
)
"""All rows; where several fit equally well, the first is the most likely."""
