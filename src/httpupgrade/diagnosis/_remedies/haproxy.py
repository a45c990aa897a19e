"""Remedies for HAProxy."""

from typing import Final

from .._diagnosis import Paste, Remedy

_RELOAD: Final = ("haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy",)
_RULES: Final = (
    "http-request del-header Upgrade",
    "http-request del-header Connection",
    "http-request set-header Connection",
    "http-request replace-header Connection",
)

REMEDIES: Final = (
    Remedy(
        "haproxy-keep-upgrade",
        "HAProxy",
        "take out the rules that remove or replace Upgrade and Connection",
        "",
        (
            Paste("backend", (), instead_of=_RULES),
            Paste("frontend", (), instead_of=_RULES),
        ),
        _RELOAD,
        "HAProxy passes upgrades on without any rule. Set timeout tunnel, or WebSockets end with"
        " timeout server.",
        "haproxy.default.cfg",
    ),
    Remedy(
        "haproxy-http-1.1",
        "HAProxy",
        "speak HTTP/1.1 to the server",
        "",
        (Paste("the end of the server line", (), instead_of=("proto h2", "alpn h2")),),
        _RELOAD,
        "ws h1 at the end of the server line keeps HTTP/2 for all but WebSockets, from 2.4 on.",
        "haproxy.default.cfg",
    ),
    Remedy(
        "haproxy-no-proxy-protocol",
        "HAProxy",
        "send no PROXY protocol header to the server",
        "",
        (
            Paste(
                "the end of the server line",
                (),
                instead_of=("send-proxy-v2-ssl", "send-proxy-v2", "send-proxy"),
            ),
        ),
        _RELOAD,
        "option forwardfor tells the server the client's address in X-Forwarded-For.",
        "HAProxy configuration manual: send-proxy and send-proxy-v2",
    ),
)
