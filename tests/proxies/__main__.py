"""``python -m proxies``: the proxies of others in front of this library."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from typing import Final

from interop.daemons import DownError
from interop.install import Installer, UnavailableError

from .client import ask_for_websocket, ask_plainly, talk
from .hosting import placed
from .origin import serve
from .products import SET_UPS
from .values import SetUp

_AT_ONCE: Final = 3


def main() -> int:
    """Run them."""
    parser = argparse.ArgumentParser(prog="proxies", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="set-ups or products, alone")
    parser.add_argument("--list", action="store_true", help="name all of them, and end")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(setup.name for setup in SET_UPS))
        return 0
    chosen = [
        each
        for each in SET_UPS
        if not arguments.only or {each.name, each.product.folder} & set(arguments.only)
    ]
    return asyncio.run(run_all(chosen))


async def run_all(setups: Sequence[SetUp]) -> int:
    """All of them, a few at once."""
    installer = Installer(lambda what: print(f"... {what}"), root=os.geteuid() == 0)
    places = asyncio.Semaphore(_AT_ONCE)
    for product in dict.fromkeys(each.product for each in setups):
        try:
            await installer.get(product.recipe)
        except UnavailableError as error:
            print(f"skipped {product.name}: {error}")
    async with asyncio.TaskGroup() as tasks:
        for setup in setups:
            tasks.create_task(run_one(setup, places))
    return 0


async def run_one(setup: SetUp, places: asyncio.Semaphore) -> None:
    """One of them."""
    async with places, serve() as origin, placed(setup, origin.port) as place:
        try:
            async with place.run():
                came = await talk(place.port)
                exchange = await ask_for_websocket(place.port)
                plain = await ask_plainly(place.port)
        except DownError as error:
            print(setup.name, error, error.stderr)
            return
        arrived = [arrival.head.raw if arrival.head else None for arrival in origin.arrivals]
        print(setup.name, came, arrived[:1], exchange.response, plain.response)


if __name__ == "__main__":
    sys.exit(main())
