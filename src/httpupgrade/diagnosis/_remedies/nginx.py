"""Remedies for nginx."""

from typing import Final

from .._diagnosis import Paste, Remedy

_RELOAD: Final = ("nginx -t && nginx -s reload",)
_NOTE: Final = (
    "proxy_set_header in a location drops all that it inherits from server and http: repeat there"
    " those that you need, such as X-Forwarded-For. A WebSocket over which nothing is sent for 60"
    " seconds is closed: send pings, or set proxy_read_timeout 3600s; in the location."
)
_MAP: Final = Paste(
    "http",
    (
        "map $http_upgrade $connection_upgrade {",
        "    default upgrade;",
        "    ''      close;",
        "}",
    ),
    instead_of=("map $http_upgrade $connection_upgrade",),
)
_KEEPALIVE_MAP: Final = Paste(
    "http",
    (
        "map $http_upgrade $connection_upgrade {",
        "    default upgrade;",
        "    ''      '';",
        "}",
    ),
    instead_of=("map $http_upgrade $connection_upgrade",),
)
_SET: Final = (
    "proxy_set_header Upgrade $http_upgrade;",
    "proxy_set_header Connection $connection_upgrade;",
    "proxy_set_header Host $http_host;",
)
_TAKE_OUT: Final = (
    "proxy_set_header Upgrade",
    "proxy_set_header Connection",
    "proxy_set_header Host",
)
_WITH_VERSION: Final = Paste(
    "location", ("proxy_http_version 1.1;", *_SET), instead_of=("proxy_http_version", *_TAKE_OUT)
)

REMEDIES: Final = (
    Remedy(
        "nginx-pass-upgrade",
        "nginx",
        "pass Upgrade and Connection on, over HTTP/1.1, and keep Host",
        "before 1.29.7; later versions take it as well",
        (_MAP, _WITH_VERSION),
        _RELOAD,
        _NOTE,
        "nginx.correct.conf",
    ),
    Remedy(
        "nginx-pass-upgrade-keepalive",
        "nginx",
        "pass Upgrade and Connection on, and keep idle connections to the upstream",
        "",
        (_KEEPALIVE_MAP, _WITH_VERSION),
        _RELOAD,
        f"1.29.7 and later speak HTTP/1.1 without proxy_http_version, too. {_NOTE}",
        "nginx.correct.conf, and nginx documentation: ngx_http_upstream_module, keepalive",
    ),
    Remedy(
        "nginx-pass-request-headers",
        "nginx",
        "pass the fields of the request on",
        "",
        (Paste("location", (), instead_of=("proxy_pass_request_headers off",)),),
        _RELOAD,
        "Without its fields a request has no Sec-WebSocket-Key, no Cookie and no Origin.",
        "nginx.correct-literal.conf",
    ),
    Remedy(
        "nginx-pass-host",
        "nginx",
        "pass Host on as the client sent it",
        "",
        (
            Paste(
                "location",
                ("proxy_set_header Host $http_host;",),
                instead_of=("proxy_set_header Host",),
            ),
        ),
        _RELOAD,
        "nginx sends the name of the upstream otherwise, and $host drops the port. "
        + _NOTE.partition(" A WebSocket")[0],
        "nginx documentation: ngx_http_proxy_module, proxy_set_header",
    ),
    Remedy(
        "nginx-proxy-manager-websockets",
        "Nginx Proxy Manager",
        "switch Websockets Support on for the proxy host",
        "",
        (),
        (),
        "Edit the proxy host: Details, Websockets Support. A custom location that has"
        " proxy_set_header lines of its own drops those for Upgrade and Connection: repeat them"
        " there.",
        "NginxProxyManager/nginx-proxy-manager: its template proxy_host.conf",
    ),
    Remedy(
        "ingress-nginx-tcp",
        "Kubernetes ingress-nginx",
        "let the load balancer in front pass octets on, instead of HTTP",
        "",
        (
            Paste(
                "annotations of the Service of ingress-nginx",
                ("service.beta.kubernetes.io/aws-load-balancer-backend-protocol: tcp",),
                instead_of=("service.beta.kubernetes.io/aws-load-balancer-backend-protocol",),
            ),
        ),
        (),
        "This is for AWS, where a Classic Load Balancer drops Upgrade if its protocol is http or"
        " https. With tcp it adds no X-Forwarded-For: for the addresses of clients, switch the"
        " PROXY protocol on at both ends, by the annotation"
        ' service.beta.kubernetes.io/aws-load-balancer-proxy-protocol: "*" and by'
        ' use-proxy-protocol: "true" in the ConfigMap.',
        "kubernetes/ingress-nginx, issue 3746",
    ),
)
