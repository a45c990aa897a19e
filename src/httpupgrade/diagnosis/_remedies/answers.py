"""Remedies for what happens to responses, and of those that answer in the place of the server."""

from typing import Final

from .._diagnosis import Paste, Remedy

_RELOAD_NGINX: Final = ("nginx -t && nginx -s reload",)
_UPGRADE_OF_101: Final = (
    "map $upstream_status $upgrade_of_101 {",
    "    101     $upstream_http_upgrade;",
    "    default '';",
    "}",
)
_ONLY_IN_101: Final = Paste(
    "location",
    ("proxy_hide_header Upgrade;", "add_header Upgrade $upgrade_of_101 always;"),
    instead_of=("proxy_hide_header Upgrade",),
)

_NGINX: Final = (
    Remedy(
        "nginx-keep-upgrade-of-101",
        "nginx",
        "pass the Upgrade field of a 101 back, and of no other response",
        "",
        (Paste("http", _UPGRADE_OF_101), _ONLY_IN_101),
        _RELOAD_NGINX,
        "Without HTTP/2 towards clients, taking the line with proxy_hide_header Upgrade out does as"
        " well. add_header in a location drops those that it inherits.",
        "nginx.tls-h2-cure-map-add-header.conf",
    ),
    Remedy(
        "nginx-http2-map-upgrade",
        "nginx",
        "send the Upgrade field in a 101 only, so that no HTTP/2 response has it",
        "before 1.31.3",
        (Paste("http", _UPGRADE_OF_101), _ONLY_IN_101),
        _RELOAD_NGINX,
        "proxy_hide_header Upgrade alone would break the 101. add_header in a location drops those"
        " that it inherits.",
        "nginx.tls-h2-cure-map-add-header.conf",
    ),
    Remedy(
        "nginx-http2-more-clear",
        "nginx",
        "remove the Upgrade field from each 426, with the module headers-more",
        "before 1.31.3",
        (Paste("location", ("more_clear_headers -s 426 Upgrade;",)),),
        _RELOAD_NGINX,
        "The module is a package of its own: libnginx-mod-http-headers-more-filter in Debian.",
        "nginx.tls-h2-cure-more-clear.conf",
    ),
    Remedy(
        "nginx-no-own-426",
        "nginx",
        "let the server answer, instead of nginx",
        "",
        (Paste("location", (), instead_of=("return 426", "error_page 426")),),
        _RELOAD_NGINX,
        "proxy_intercept_errors on with an error_page for 426 has the same effect, and replaces"
        " what the server says. Where nginx is to refuse what does not upgrade, put the return into"
        ' if ($http_upgrade = "").',
        "nginx__return-426-bare__websocket__426",
    ),
    Remedy(
        "nginx-no-cache-of-upgrades",
        "nginx",
        "cache no request for an upgrade, and no answer to one",
        "",
        (
            Paste(
                "location",
                ("proxy_no_cache $http_upgrade;", "proxy_cache_bypass $http_upgrade;"),
                instead_of=("proxy_cache_valid any",),
            ),
        ),
        _RELOAD_NGINX,
        "Empty the cache afterwards. A server can send Cache-Control: no-store with each refusal;"
        " this library does.",
        "nginx__cache-valid-any__websocket__426",
    ),
    Remedy(
        "nginx-read-timeout",
        "nginx",
        "keep silent connections for longer than 60 s",
        "",
        (Paste("location", ("proxy_read_timeout 3600s;",), instead_of=("proxy_read_timeout",)),),
        _RELOAD_NGINX,
        "Pings that are sent more often do as well. With ingress-nginx, it is the annotation"
        ' nginx.ingress.kubernetes.io/proxy-read-timeout: "3600".',
        "nginx documentation: WebSocket proxying",
    ),
)

_OTHER_PROXIES: Final = (
    Remedy(
        "apache-keep-426",
        "Apache httpd",
        "leave the server's 426 as it is",
        "",
        (Paste("<VirtualHost>", ("ProxyErrorOverride Off",), instead_of=("ProxyErrorOverride",)),),
        ("apachectl configtest && apachectl graceful",),
        "From 2.4.47 on, ProxyErrorOverride On can be followed by the statuses that it is for:"
        " leave 426 out.",
        "apache2__erroroverride-nodoc__websocket__426",
    ),
    Remedy(
        "caddy-no-handle-response",
        "Caddy",
        "leave the server's 426 as it is",
        "",
        (Paste("reverse_proxy", (), instead_of=("handle_response", "@upgrade status 426")),),
        ("caddy reload",),
        "",
        "caddy__handle-response-426__websocket__426",
    ),
)

_EDGES: Final = (
    Remedy(
        "cloudflared-quic",
        "cloudflared",
        "connect the tunnel by QUIC",
        "",
        (Paste("config.yml", ("protocol: quic",), instead_of=("protocol:",)),),
        (),
        "WebSockets were reported to fail with protocol http2 in several versions.",
        "cloudflare/cloudflared, issue 1208",
    ),
    Remedy(
        "front-door-no-caching",
        "Azure Front Door",
        "switch caching off for the route of the WebSocket",
        "",
        (),
        (),
        "For a route with caching, Front Door does not forward Upgrade.",
        "Microsoft documentation: Azure Front Door WebSocket",
    ),
    Remedy(
        "alb-http1-target-group",
        "AWS Application Load Balancer",
        "use a target group of protocol version HTTP1",
        "",
        (),
        (
            (
                "aws elbv2 create-target-group --name NAME --protocol HTTP --protocol-version HTTP1"
                " --port PORT --vpc-id VPC"
            ),
        ),
        "The protocol version of a target group cannot be changed: make another one, and let the"
        " rule forward to it.",
        "AWS documentation: Troubleshoot your Application Load Balancers",
    ),
    Remedy(
        "google-backend-timeout",
        "Google Cloud load balancer",
        "raise the timeout of the backend service",
        "",
        (),
        ("gcloud compute backend-services update NAME --global --timeout=3600",),
        "It ends a WebSocket even while data flows: clients have to reconnect. In GKE it is"
        " timeoutSec of a BackendConfig.",
        "Google Cloud documentation: backend service timeout",
    ),
)

_APPLICATIONS: Final = (
    Remedy(
        "iis-websocket-on",
        "Microsoft IIS",
        "install the WebSocket Protocol feature",
        "8.0 and later",
        (),
        ("Install-WindowsFeature Web-WebSockets",),
        "Application Request Routing passes WebSockets on from version 3.0, and needs the feature"
        " as well. In Azure App Service, it is the setting Web sockets, in Configuration, General"
        " settings: az webapp config set --web-sockets-enabled true.",
        "Microsoft documentation: WebSocket element of IIS",
    ),
    Remedy(
        "engine-io-allow-eio3",
        "Socket.IO",
        "let the server take clients of Socket.IO 2",
        "3.1 and later",
        (Paste("the program", ("const io = new Server(server, { allowEIO3: true });",)),),
        (),
        "Better: use a client and a server of the same major version.",
        "Socket.IO documentation: Troubleshooting connection issues",
    ),
    Remedy(
        "engine-io-sticky",
        "Socket.IO",
        "send all requests of a session to the same server",
        "",
        (
            Paste(
                "upstream of nginx",
                ("hash $remote_addr consistent;",),
            ),
        ),
        (),
        "Or use WebSockets only, which need no stickiness: transports: ['websocket'] in the"
        " client.",
        "Socket.IO documentation: Using multiple nodes",
    ),
)

REMEDIES: Final = (*_NGINX, *_OTHER_PROXIES, *_EDGES, *_APPLICATIONS)
