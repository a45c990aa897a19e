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

SET_UPS: Final = (
    SetUp(NGHTTPX, "backend-h2.conf", server="among"),
    SetUp(NGHTTPX, "default.conf", broken=False),
    SetUp(NGHTTPX, "no-via.conf", broken=False),
)
