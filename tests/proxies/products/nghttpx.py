"""nghttpx of Debian."""

from typing import Final

from interop import install

from ..values import Product, SetUp

NGHTTPX: Final = Product(
    name="nghttpx",
    recipe=install.NGHTTPX,
    command=("nghttpx", "--conf=@config@"),
    asks_version=("nghttpx", "--version"),
    folder="nghttpx",
    layout="flat",
)

_AS_HTTP_2: Final = "What arrives is HTTP/2, as from others that are set up like this."

SET_UPS: Final = (
    SetUp(NGHTTPX, "backend-h2.conf", server="among", unseen=_AS_HTTP_2),
    SetUp(NGHTTPX, "default.conf", broken=False),
    SetUp(NGHTTPX, "no-via.conf", broken=False),
    SetUp(NGHTTPX, "tls-h2.conf", broken=False, front=True),
)
