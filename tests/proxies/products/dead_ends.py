"""Proxies of Debian that cannot carry another protocol, however they are set up."""

from typing import Final

from interop.install import Program, Recipe

from ..values import Product, SetUp

TINYPROXY: Final = Product(
    name="tinyproxy",
    recipe=Recipe("tinyproxy", (Program("tinyproxy", "tinyproxy-bin"),)),
    command=("tinyproxy", "-d", "-c", "@config@"),
    asks_version=("tinyproxy", "-v"),
    folder="tinyproxy",
    layout="flat",
)

PRIVOXY: Final = Product(
    name="Privoxy",
    recipe=Recipe(
        "privoxy",
        (
            Program(
                "privoxy",
                "privoxy",
                unpacked=True,
                libraries=(
                    "libbrotli1",
                    "libmbedcrypto7",
                    "libmbedtls14",
                    "libmbedx509-1",
                    "libpcre3",
                ),
            ),
        ),
    ),
    command=("privoxy", "--no-daemon", "@config@"),
    asks_version=("privoxy", "--version"),
    folder="privoxy",
    layout="flat",
)

_TINYPROXY_CANNOT: Final = "it drops Upgrade, and has no setting for that"
_PRIVOXY_CANNOT: Final = "it carries nothing after the 101"

_ALIKE: Final = "Without Via, tinyproxy leaves what an nginx without any setting leaves."
_NO_TRACE: Final = "Privoxy adds no field, to a request or to a response."

SET_UPS: Final = (
    SetUp(TINYPROXY, "reverse.conf", incurable=_TINYPROXY_CANNOT),
    SetUp(TINYPROXY, "via-default.conf", incurable=_TINYPROXY_CANNOT),
    SetUp(
        TINYPROXY,
        "no-via.conf",
        server="among",
        client="unnamed",
        both="among",
        unseen=_ALIKE,
        incurable=_TINYPROXY_CANNOT,
    ),
    SetUp(
        PRIVOXY,
        "default.conf",
        server="healthy",
        client="unnamed",
        both="unnamed",
        unseen=_NO_TRACE,
        incurable=_PRIVOXY_CANNOT,
    ),
    SetUp(
        PRIVOXY,
        "no-keep-alive.conf",
        client="unnamed",
        unseen=_NO_TRACE,
        incurable=_PRIVOXY_CANNOT,
    ),
)
