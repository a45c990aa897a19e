"""Remedies for load balancers and networks that are rented."""

from typing import Final

from .._diagnosis import Paste, Remedy

REMEDIES: Final = (
    Remedy(
        "cloudflare-websockets-on",
        "Cloudflare",
        "switch WebSockets on",
        "",
        (),
        (),
        "In the dashboard: Network, WebSockets. It is a setting of the zone. By the API: PATCH"
        ' /zones/ZONE/settings/websockets with {"value": "on"}.',
        "Cloudflare documentation: WebSockets",
    ),
    Remedy(
        "cloudfront-forward-key",
        "Amazon CloudFront",
        "forward all fields of the viewer to the origin",
        "",
        (),
        (),
        "Attach the managed origin request policy AllViewer to the cache behavior, or one that"
        " forwards Sec-WebSocket-Key and Sec-WebSocket-Version. AllViewer forwards Host, too: for"
        " an origin that expects its own name there, use AllViewerExceptHostHeader.",
        "Amazon CloudFront documentation: Use WebSockets with CloudFront distributions",
    ),
    Remedy(
        "fastly-websockets-on",
        "Fastly",
        "switch WebSockets on for the service, and hand them over",
        "",
        (Paste("vcl_recv", ("if (req.http.Upgrade) {", "  return (upgrade);", "}")),),
        (),
        "WebSockets is a product that costs, and is enabled for a service first, for all of its"
        " versions at once. It does not go together with shielding, nor with the Next-Gen WAF:"
        " what is handed over passes no WAF.",
        "Fastly documentation: WebSockets passthrough",
    ),
    Remedy(
        "akamai-websockets-on",
        "Akamai",
        "add the WebSockets behavior to the property",
        "",
        (),
        (),
        "The number of WebSockets is limited, and clients have to be ready for refusals.",
        "Akamai documentation: WebSockets, Property Manager",
    ),
    Remedy(
        "cloudflared-http2",
        "cloudflared",
        "connect the tunnel by HTTP/2",
        "",
        (Paste("config.yml", ("protocol: http2",), instead_of=("protocol:",)),),
        (),
        "For a tunnel that is set up in the dashboard, run cloudflared with --protocol http2. By"
        " QUIC, which is the default, handshakes were reported to lose Upgrade; by HTTP/2, others"
        " were reported to fail with 502. cloudflared passes on no other protocol than WebSocket.",
        "cloudflare/cloudflared, issues 990, 1208 and 1652",
    ),
    Remedy(
        "cloudflared-keep-host",
        "cloudflared",
        "pass Host on as the browser sent it",
        "",
        (Paste("originRequest in config.yml", (), instead_of=("httpHostHeader",)),),
        (),
        "In the dashboard it is HTTP Host Header, among the settings of the published application."
        " Or allow the public origin in the server.",
        "Cloudflare documentation: Origin parameters, httpHostHeader",
    ),
    Remedy(
        "alb-idle-timeout",
        "AWS Application Load Balancer",
        "keep silent connections for longer than 60 s",
        "",
        (),
        (
            (
                "aws elbv2 modify-load-balancer-attributes --load-balancer-arn ARN"
                " --attributes Key=idle_timeout.timeout_seconds,Value=3600"
            ),
        ),
        "ARN is that of the load balancer. Pings that are sent more often do as well.",
        "AWS documentation: Edit attributes for your Application Load Balancer",
    ),
    Remedy(
        "aws-nlb-no-proxy-protocol",
        "AWS Network Load Balancer",
        "send no PROXY protocol header to the targets",
        "",
        (),
        (
            (
                "aws elbv2 modify-target-group-attributes --target-group-arn ARN"
                " --attributes Key=proxy_protocol_v2.enabled,Value=false"
            ),
        ),
        "ARN is that of the target group. With preserve_client_ip.enabled=true the server sees the"
        " client's address without the header.",
        "AWS documentation: Edit target group attributes for your Network Load Balancer",
    ),
)
