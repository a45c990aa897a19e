"""Remedies for Apache httpd."""

from typing import Final

from .._diagnosis import Paste, Remedy

_RELOAD: Final = ("apachectl configtest && apachectl graceful",)
_UPGRADE: Final = Paste(
    "the end of the ProxyPass line", ("upgrade=websocket",), instead_of=("upgrade=",)
)
_HOST: Final = Paste("<VirtualHost>", ("ProxyPreserveHost On",), instead_of=("ProxyPreserveHost",))
# With upgrade=websocket, fields that are set by hand break requests that ask for nothing.
_NO_LITERAL: Final = _HOST.replace(
    instead_of=(*_HOST.instead_of, "RequestHeader set Upgrade", "RequestHeader set Connection")
)

REMEDIES: Final = (
    Remedy(
        "apache-pass-upgrade",
        "Apache httpd",
        "let mod_proxy_http pass upgrades to WebSocket on, and keep Host",
        "2.4.47 and later",
        (_UPGRADE, _NO_LITERAL),
        _RELOAD,
        "The ProxyPass line is then: ProxyPass /path http://server/path upgrade=websocket. Before"
        " 2.4.47, load mod_proxy_wstunnel and use ws:// in the place of http:// for the path.",
        "apache2.upgrade-websocket.conf",
    ),
    Remedy(
        "apache-http-1.1",
        "Apache httpd",
        "speak HTTP/1.1 to the server",
        "",
        (
            Paste(
                "<VirtualHost>",
                (),
                instead_of=(
                    "SetEnv force-proxy-request-1.0",
                    "SetEnv proxy-nokeepalive",
                    "SetEnv proxy-initial-not-pooled",
                ),
            ),
            _UPGRADE,
            _HOST,
        ),
        _RELOAD,
        "force-proxy-request-1.0 holds whatever upgrade= says. It may stand outside of the"
        " <VirtualHost> as well.",
        "apache2.upgrade-websocket.conf",
    ),
    Remedy(
        "apache-preserve-host",
        "Apache httpd",
        "pass Host on as the client sent it",
        "",
        (_HOST,),
        _RELOAD,
        "",
        "apache2.default-preservehost.conf",
    ),
)
