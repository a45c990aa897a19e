"""``python -m interop``: clients that others wrote, against servers built on this library.

The exit status is 0 only if each of them came out as expected; with CI=true in the environment,
only if none was skipped.
"""

import argparse
import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from typing import Final

from rich.console import Console

from .install import ENVIRONMENT, ROOT, Installer, UnavailableError
from .judge import Row, count, failed, judge, skipped
from .peers import PEERS, Peer
from .processes import LateError, run
from .readers import UnreadableError
from .servers import serve
from .table import Printer

_SECONDS: Final = 60.0
_WIDTH: Final = 150


def main() -> int:
    """Run them."""
    parser = argparse.ArgumentParser(prog="interop", description=__doc__)
    names = [peer.name for peer in PEERS]
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=names, help="these alone")
    parser.add_argument("--list", action="store_true", help="name all of them, and end")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(names))
        return 0
    chosen = [peer for peer in PEERS if arguments.only is None or peer.name in arguments.only]
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH
    printer = Printer(console)
    rows = asyncio.run(run_all(chosen, printer))
    printer.table(rows)
    return count(rows).exit_status(on_ci=os.environ.get("CI") == "true")


async def run_all(peers: Sequence[Peer], printer: Printer) -> list[Row]:
    """One after the other: what one of them needs, then itself."""
    installer = Installer(lambda what: printer.say(f"... {what}"), root=os.geteuid() == 0)
    rows = []
    for peer in peers:
        try:
            await installer.get(peer.recipe)
        except UnavailableError as error:
            row = skipped(peer.name, str(error))
        else:
            row = await run_one(peer)
        printer.row(row)
        rows.append(row)
    return rows


async def run_one(peer: Peer, seconds: float = _SECONDS) -> Row:
    """One client, against a server of its own."""
    async with serve(peer.scenario) as server:
        authority = f"{server.host}:{server.port}"
        urls = {"authority": authority, "http": f"http://{authority}/", "ws": f"ws://{authority}/"}
        with tempfile.TemporaryDirectory() as home:  # what a client remembers of us goes with it
            environment = {**ENVIRONMENT, "HOME": home, "NO_PROXY": "*", "no_proxy": "*"}
            version = await ask_version(peer, environment, seconds)
            try:
                ran = await run(
                    tuple(part.format(**urls) for part in peer.command),
                    seconds=seconds,
                    environment=environment,
                    where=ROOT,
                    stdin=peer.stdin,
                )
                said = peer.read(ran)
                return judge(peer.name, version, peer.expected, server.seen, said)
            except (OSError, LateError, UnreadableError) as error:
                complaint = str(error)
        return failed(peer.name, version, server.seen, complaint)


async def ask_version(peer: Peer, environment: dict[str, str], seconds: float) -> str:
    """What a client says of itself, when it does not with every run."""
    if not peer.asks_version:
        return ""
    try:
        ran = await run(peer.asks_version, seconds=seconds, environment=environment, where=ROOT)
    except (OSError, LateError):
        return "unknown"
    match = re.search(r"\d+(\.\d+)+[^\s,]*", ran.stdout)
    return match[0] if match else "unknown"


if __name__ == "__main__":
    sys.exit(main())
