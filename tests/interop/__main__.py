"""``python -m interop``: clients that others wrote, against servers built on this library.

The exit status is 0 only if each of them came out as expected; with CI=true in the environment,
only if none was skipped.

The law of this file: whatever goes wrong with a client is said in its row, and ends no other.
"""

import argparse
import asyncio
import os
import re
import signal
import sys
import tempfile
from collections.abc import Sequence
from typing import Final

from .install import ROOT, BrokenError, Installer, UnavailableError, environment_of_clients
from .judge import Row, blame, count, failed, judge, skipped
from .peers import PEERS, Peer
from .processes import LateError, run
from .readers import UnreadableError
from .servers import Service, serve
from .table import Printer

_DESCRIPTION: Final = "Clients that others wrote, against servers built on this library."
_SECONDS: Final = 60.0
_TERMINATED: Final = 128 + signal.SIGTERM  # as shells say it


def main() -> int:
    """Run them."""
    parser = argparse.ArgumentParser(prog="interop", description=_DESCRIPTION)
    names = [peer.name for peer in PEERS]
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=names, help="these alone")
    parser.add_argument("--list", action="store_true", help="name all of them, and end")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(names))
        return 0
    chosen = [peer for peer in PEERS if arguments.only is None or peer.name in arguments.only]
    printer = Printer()
    try:
        rows = asyncio.run(run_all(chosen, printer))
    except asyncio.CancelledError:
        return _TERMINATED
    printer.table(rows)
    return count(rows).exit_status(on_ci=os.environ.get("CI") == "true")


async def run_all(peers: Sequence[Peer], printer: Printer) -> list[Row]:
    """One after the other: what one of them needs, then itself."""
    # A client is in a process group of its own, which gets no signal that is for this one.
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    installer = Installer(lambda what: printer.say(f"... {what}"), root=os.geteuid() == 0)
    rows = []
    for peer in peers:
        try:
            await installer.get(peer.recipe)
        except UnavailableError as error:
            row = skipped(peer.name, str(error))
        except BrokenError as error:
            row = failed(peer.name, "", (), str(error), error.stderr)
        else:
            row = await run_one(peer)
        printer.row(row)
        rows.append(row)
    return rows


async def run_one(peer: Peer, seconds: float = _SECONDS) -> Row:
    """One client, against a server of its own."""
    # What a client remembers of us goes with its home.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        async with serve(peer.scenario) as server:
            row = await meet(peer, server, environment_of_clients(home), seconds)
    return blame(row, server.raised)


async def meet(peer: Peer, server: Service, environment: dict[str, str], seconds: float) -> Row:
    """What comes of it."""
    authority = f"{server.host}:{server.port}"
    urls = {"authority": authority, "http": f"http://{authority}/", "ws": f"ws://{authority}/"}
    version = await ask_version(peer, environment, seconds)
    try:
        ran = await run(
            tuple(part.format(**urls) for part in peer.command),
            seconds=seconds,
            environment=environment,
            where=ROOT,
            stdin=peer.stdin,
        )
    except OSError as error:
        return failed(peer.name, version, server.seen, str(error))
    except LateError as error:
        return failed(peer.name, version, server.seen, str(error), error.stderr)
    try:
        said = peer.read(ran)
    except UnreadableError as error:
        return failed(peer.name, version, server.seen, str(error), ran.stderr)
    return judge(peer.name, version, peer.expected, server.seen, said)._replace(stderr=ran.stderr)


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
