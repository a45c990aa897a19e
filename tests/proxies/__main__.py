"""``python -m proxies``: proxies that others wrote, in front of a server of ours.

The exit status is 0 only if each set-up came out as expected; with CI=true in the environment, only
if none was skipped.
"""

import argparse
import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from typing import Final

from interop import install
from interop.install import BrokenError, Installer, Recipe, UnavailableError

from .judge import Row, count
from .page import record
from .products import SET_UPS
from .runner import ask_version_of, run_one
from .table import Printer
from .values import Product, SetUp

_DESCRIPTION: Final = (
    "Starts proxies that others wrote in front of a server of ours, diagnoses handshakes through "
    "them, applies the remedy and tries again."
)
_AT_ONCE: Final = 3
_TERMINATED: Final = 128 + signal.SIGTERM  # as shells say it


def main() -> int:
    """Run them."""
    parser = argparse.ArgumentParser(prog="proxies", description=_DESCRIPTION)
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", help="these set-ups alone, or those of a product"
    )
    parser.add_argument("--list", action="store_true", help="name all of them, and end")
    parser.add_argument(
        "--record", action="store_true", help="write the table into docs/behind-a-proxy.md"
    )
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(setup.name for setup in SET_UPS))
        return 0
    try:
        chosen = choose(SET_UPS, arguments.only)
    except KeyError as error:
        parser.error(f"there is no set-up and no product {error}")
    if arguments.record and arguments.only:
        parser.error("the table has all of them: --record goes without --only")
    return run(chosen, Printer(), recorded=arguments.record)


def choose(setups: Sequence[SetUp], names: Sequence[str] | None) -> list[SetUp]:
    """Those of these names, or of products of these names. Raises KeyError."""
    known = {name for each in setups for name in _names(each)}
    for name in names or ():
        if name not in known:
            raise KeyError(name)
    return [each for each in setups if not names or {*_names(each)} & {*names}]


def _names(setup: SetUp) -> tuple[str, str]:
    return setup.name, setup.product.folder


def run(setups: Sequence[SetUp], printer: Printer, *, recorded: bool) -> int:
    """Run them, print what comes of them, and return the exit status."""
    began = time.monotonic()
    try:
        rows = asyncio.run(run_all(setups, printer))
    except asyncio.CancelledError:
        return _TERMINATED
    printer.table(rows)
    printer.say(f"in {time.monotonic() - began:.0f} s")
    if recorded:
        record(rows)
    return count(rows).exit_status(on_ci=os.environ.get("CI") == "true")


async def run_all(setups: Sequence[SetUp], printer: Printer) -> list[Row]:
    """All of them, a few at once, each product as soon as it is there."""
    # Each program is in a process group of its own, which gets no signal that is for this one.
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    installer = Installer(lambda what: printer.say(f"... {what}"), root=os.geteuid() == 0)
    slots = asyncio.Semaphore(_AT_ONCE)

    async def run_in_turn(setup: SetUp, version: str) -> Row:
        async with slots:
            row = await run_one(setup, version)
            printer.row(row)
            return row

    tasks: list[asyncio.Task[Row]] = []
    rows: dict[SetUp, Row] = {}
    async with asyncio.TaskGroup() as group:
        for recipes, those in _by_needs(setups):
            try:
                for recipe in recipes:
                    await installer.get(recipe)
            except (UnavailableError, BrokenError) as error:
                rows |= {each: Row(each, "", None, "", None, (), str(error)) for each in those}
                printer.say(f"skipped {', '.join(each.name for each in those)}: {error}")
            else:
                version = await ask_version_of(those[0].product)
                tasks += [group.create_task(run_in_turn(each, version)) for each in those]
    rows |= {row.setup: row for row in (task.result() for task in tasks)}
    return [rows[setup] for setup in setups]


def _by_needs(setups: Sequence[SetUp]) -> list[tuple[tuple[Recipe, ...], list[SetUp]]]:
    """The set-ups of each product with what they need; those that need more come last."""
    by_needs: dict[tuple[Product, bool], list[SetUp]] = {}
    for setup in sorted(setups, key=lambda each: each.front):
        by_needs.setdefault((setup.product, setup.front), []).append(setup)
    return [
        ((product.recipe, *((install.CURL, install.CHROMIUM) if front else ())), those)
        for (product, front), those in by_needs.items()
    ]


if __name__ == "__main__":
    sys.exit(main())
