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
        "In the dashboard: Network, WebSockets. It is a setting of the zone.",
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
        " forwards Sec-WebSocket-Key and Sec-WebSocket-Version.",
        "Amazon CloudFront documentation: Use WebSockets with CloudFront distributions",
    ),
    Remedy(
        "fastly-websockets-on",
        "Fastly",
        "switch WebSockets on for the service, and hand them over",
        "",
        (Paste("vcl_recv", ("if (req.http.Upgrade) {", "  return(upgrade);", "}")),),
        (),
        "WebSockets is a product that is enabled for a service first.",
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
