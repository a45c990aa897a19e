"""``python -m interop``: clients and servers that others wrote, against this library.

The exit status is 0 only if each of them came out as expected; with CI=true in the environment,
only if none was skipped.

The law of this file: whatever goes wrong with one of them is said in its row, and ends no other.
"""

import argparse
import asyncio
import os
import re
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final, assert_never

from demo.server import HOST

from .daemons import DownError
from .foreign import FOREIGN, Foreign
from .hosting import Hosted, host
from .install import ROOT, BrokenError, Installer, UnavailableError, environment_of_clients
from .judge import Row, blame, count, failed, judge, skipped
from .peers import PEERS, Peer
from .playground import Met, play
from .probed import PROBED, Probed, read_probe
from .processes import LateError, Ran, run
from .readers import Said, UnreadableError
from .servers import Seen, serve
from .shown import SHOWN, Shown
from .table import Printer
from .visits import Visit

Other = Peer | Foreign | Shown | Probed
"""What somebody else wrote, and how it is met."""

OTHERS: Final[tuple[Other, ...]] = (*PEERS, *FOREIGN, *SHOWN, *PROBED)

_DESCRIPTION: Final = "Clients and servers that others wrote, against this library."
_SECONDS: Final = 60.0
_TO_COME_UP: Final = 20.0
_TERMINATED: Final = 128 + signal.SIGTERM  # as shells say it


def main() -> int:
    """Run them."""
    parser = argparse.ArgumentParser(prog="interop", description=_DESCRIPTION)
    names = [other.name for other in OTHERS]
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=names, help="these alone")
    parser.add_argument("--list", action="store_true", help="name all of them, and end")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(names))
        return 0
    chosen = [each for each in OTHERS if arguments.only is None or each.name in arguments.only]
    printer = Printer()
    try:
        rows = asyncio.run(run_all(chosen, printer))
    except asyncio.CancelledError:
        return _TERMINATED
    printer.table(rows)
    return count(rows).exit_status(on_ci=os.environ.get("CI") == "true")


async def run_all(others: Sequence[Other], printer: Printer) -> list[Row]:
    """One after the other: what one of them needs, then itself."""
    # Each program is in a process group of its own, which gets no signal that is for this one.
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    installer = Installer(lambda what: printer.say(f"... {what}"), root=os.geteuid() == 0)
    rows = []
    for other in others:
        try:
            await installer.get(other.recipe)
        except UnavailableError as error:
            row = skipped(other.name, str(error))
        except BrokenError as error:
            row = failed(other.name, "", (), str(error), error.stderr)
        else:
            row = await run_one(other)
        printer.row(row)
        rows.append(row)
    return rows


async def run_one(other: Other, seconds: float = _SECONDS) -> Row:
    """One client against a server of its own, or one server against our client."""
    # What a program remembers of us goes with its home.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        environment = environment_of_clients(home)
        version = await ask_version(other.asks_version, environment, seconds)
        match other:
            case Peer():
                meeting: AbstractAsyncContextManager[Met] = (
                    play() if other.scenario is None else serve(other.scenario)
                )
                async with meeting as server:
                    row = await meet(other, version, server, environment, seconds)
                return blame(row, server.raised)
            case Foreign():
                return await visit(other, version, seconds)
            case Shown():
                return await show(other, version, environment, seconds)
            case Probed():
                return await probe(other, version, environment, seconds)
            case unreachable:
                assert_never(unreachable)


async def meet(
    peer: Peer, version: str, server: Met, environment: dict[str, str], seconds: float
) -> Row:
    """What comes of a client."""
    ran = await send(peer, server.port, environment, seconds, peer.stdin)
    if not isinstance(ran, Ran):
        complaint, stderr = ran
        return failed(peer.name, version, server.seen, complaint, stderr)
    return take(peer, version, ran, server.seen)


async def show(shown: Shown, version: str, environment: dict[str, str], seconds: float) -> Row:
    """What comes of a client at an example."""
    try:
        async with host(shown.setup, min(seconds, _TO_COME_UP)) as hosted:
            ran = await send(shown, hosted.port, environment, seconds)
            said = hosted.said
    except DownError as error:
        return failed(shown.name, version, (), str(error), error.stderr)
    if not isinstance(ran, Ran):
        complaint, stderr = ran
        return failed(shown.name, version, (), complaint, stderr + said)
    row = take(shown, version, ran, ())
    return blame(row, said.splitlines()[-1:])  # an example that is content says nothing


async def probe(probed: Probed, version: str, environment: dict[str, str], seconds: float) -> Row:
    """What ``httpupgrade probe`` says of a server."""
    try:
        async with host(probed.setup, min(seconds, _TO_COME_UP)) as hosted:
            ran = await send(probed, hosted.port, environment, seconds)
            said = hosted.said
    except UnavailableError as error:
        return skipped(probed.name, str(error))
    except DownError as error:
        return failed(probed.name, version, (), str(error), error.stderr)
    if not isinstance(ran, Ran):
        complaint, stderr = ran
        return failed(probed.name, version, (), complaint, stderr + said)
    try:
        outcome, seen = read_probe(ran)
    except UnreadableError as error:
        return failed(probed.name, version, (), str(error), ran.stderr)
    return judge(probed.name, version, probed.expected, seen, outcome)


async def send(
    client: Peer | Shown | Probed,
    port: int,
    environment: dict[str, str],
    seconds: float,
    stdin: str = "",
) -> Ran | tuple[str, str]:
    """Run a client: what came of it, or a complaint, and what it said beside that."""
    authority = f"{HOST}:{port}"
    urls = {"authority": authority, "http": f"http://{authority}/", "ws": f"ws://{authority}/"}
    try:
        return await run(
            tuple(part.format(**urls) for part in client.command),
            seconds=seconds,
            environment=environment,
            where=ROOT,
            stdin=stdin,
        )
    except OSError as error:
        return str(error), ""
    except LateError as error:
        return str(error), error.stderr


def take(client: Peer | Shown, version: str, ran: Ran, seen: Sequence[Seen]) -> Row:
    """What a client says that it came to."""
    try:
        said = client.read(ran)
    except UnreadableError as error:
        return failed(client.name, version, seen, str(error), ran.stderr)
    row = judge(client.name, version, client.expected, seen, said)
    return row._replace(stderr=ran.stderr)


async def visit(foreign: Foreign, version: str, seconds: float) -> Row:
    """What comes of a server."""
    try:
        async with host(foreign.setup, min(seconds, _TO_COME_UP)) as hosted:
            return await _visit(foreign, version, hosted, seconds)
    except UnavailableError as error:
        return skipped(foreign.name, str(error))
    except DownError as error:
        return failed(foreign.name, version, (), str(error), error.stderr)
    except OSError as error:
        return failed(foreign.name, version, (), str(error))


async def _visit(foreign: Foreign, version: str, hosted: Hosted, seconds: float) -> Row:
    visit = Visit(foreign.errand, hosted.port, hosted.make_tls)
    deadline = asyncio.timeout(seconds)
    try:
        async with deadline:
            said = Said(await visit.run())
    except Exception as error:  # ours, the network's, or of what came behind a switch
        why = f"{type(error).__name__}: {error}"
        complaint = f"not done in {seconds:g} s" if deadline.expired() else why
        return failed(foreign.name, version, visit.seen, complaint, hosted.said)
    row = judge(foreign.name, version, foreign.expected, visit.seen, said)
    return row._replace(stderr=hosted.said)


async def ask_version(argv: tuple[str, ...], environment: dict[str, str], seconds: float) -> str:
    """What a program says of itself, when it does not with every run."""
    if not argv:
        return ""
    try:
        ran = await run(argv, seconds=seconds, environment=environment, where=ROOT)
    except (OSError, LateError):
        return "unknown"
    match = re.search(r"\d+(\.\d+)+[^\s,]*", ran.stdout or ran.stderr)
    return match[0] if match else "unknown"


if __name__ == "__main__":
    sys.exit(main())
