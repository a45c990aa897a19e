"""Proxies written with packages of Node, and one without any."""

from typing import Final

from ..values import Product, SetUp
from .programs import NODE

_MODULES: Final = NODE.folder / "node_modules"


def _product(name: str, package: str = "") -> Product:
    version = f"require('{_MODULES / package}/package.json').version" if package else "''"
    return Product(
        name=name,
        recipe=NODE,
        command=("node", "@config@"),
        asks_version=("node", "--print", version),
        folder="node",
        layout="flat",
        environment=(("NODE_PATH", str(_MODULES)),),
    )


HTTP_PROXY: Final = _product("http-proxy", "http-proxy")
HTTP_PROXY_3: Final = _product("http-proxy-3", "http-proxy-3")
MIDDLEWARE: Final = _product("http-proxy-middleware", "http-proxy-middleware")
HTTPXY: Final = _product("httpxy", "httpxy")
BY_HAND: Final = _product("a proxy written for Node.js")

_LOST: Final = "The request arrives as it should; the 101 is lost, and leaves no trace."


def _no_listener(product: Product, config: str) -> SetUp:
    """Node hands an upgrade to whoever listens for it, and closes or waits where nobody does."""
    return SetUp(product, config, server="healthy", client="unnamed", both="among", unseen=_LOST)


SET_UPS: Final = (
    _no_listener(HTTP_PROXY, "http-proxy.web-only.js"),
    _no_listener(HTTP_PROXY, "http-proxy.web-agent.js"),
    _no_listener(HTTP_PROXY_3, "http-proxy-3.web-only.js"),
    _no_listener(MIDDLEWARE, "http-proxy-middleware.no-ws.js"),
    _no_listener(HTTPXY, "httpxy.web-only.mjs"),
    _no_listener(BY_HAND, "by-hand.requests-only.js"),
    SetUp(HTTP_PROXY, "http-proxy.upgrade-listener.js", broken=False),
    SetUp(HTTP_PROXY, "http-proxy.ws-true.js", broken=False),
    SetUp(HTTP_PROXY_3, "http-proxy-3.upgrade-listener.js", broken=False),
    SetUp(HTTP_PROXY_3, "http-proxy-3.ws-true.js", broken=False),
    SetUp(MIDDLEWARE, "http-proxy-middleware.upgrade-listener.js", broken=False),
    SetUp(HTTPXY, "httpxy.upgrade-listener.mjs", broken=False),
)
