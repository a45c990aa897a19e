"""``python -m matrix``: the kit on servers and clients of others.

Rules for this module: whatever goes wrong with one peer is said in a line, and ends no other. A
peer that cannot be had keeps what was found before.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from demo.server import HOST
from interop.__main__ import ask_version
from interop.daemons import DownError
from interop.hosting import host
from interop.install import (
    ROOT,
    BrokenError,
    Installer,
    UnavailableError,
    environment_of_clients,
)

from httpupgrade.testing.conformance import (
    ClientError,
    CommandClient,
    Network,
    Report,
    Verdict,
    check,
    check_client,
)

from .deviation import UnfoundedError, all_deviations
from .deviation_pages import pages as deviation_pages
from .page import page
from .peers import CLIENTS, SERVERS, Client, Server
from .record import Record, Side, read_records, record_of, write_record
from .reviewed import section_of_rows
from .reviewed_rows import ROWS

DOCS: Final = ROOT / "docs"
_TO_COME_UP: Final = 30.0
_OF_A_CLIENT: Final = 20.0
_OF_A_QUESTION: Final = 60.0


def main() -> int:
    """Check peers, keep what is found, and write the pages. Returns an exit status."""
    parser = argparse.ArgumentParser(prog="matrix", description=__doc__.partition("\n")[0])
    names = sorted({each.name for each in SERVERS} | {each.name for each in CLIENTS})
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=names, help="these alone")
    parser.add_argument("--pages", action="store_true", help="check nothing, write the pages")
    arguments = parser.parse_args()
    ours: Iterable[Record] = ()
    if not arguments.pages:
        ours = asyncio.run(_check_all(arguments.only or names))
    try:
        made = pages()
    except UnfoundedError as error:
        say(str(error))
        return 1
    for path, text in made.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return int(any(each.found for each in ours))


def pages() -> Mapping[Path, str]:
    """All pages, made from what is kept. Raises :class:`UnfoundedError`."""
    records = read_records()
    servers = [(each.name, records.get(each.name, {}).get("server")) for each in SERVERS]
    clients = [(each.name, records.get(each.name, {}).get("client")) for each in CLIENTS]
    made: dict[Path, str] = {DOCS / "testing" / "matrix.md": page(servers, clients)}
    for name, text in deviation_pages(all_deviations(), records).items():
        made[DOCS / "deviations" / name] = text
    made[DOCS / "deviations" / "README.md"] += section_of_rows(ROWS, records)
    return made


async def _check_all(names: Sequence[str]) -> Iterable[Record]:
    """Check these, and keep what is found. Returns what was found on this library."""
    installer = Installer(say, root=os.geteuid() == 0)
    ours: Iterable[Record] = ()
    for name in names:
        kept: dict[Side, Record] = dict(read_records().get(name, {}))
        peers: list[Server | Client] = [each for each in SERVERS if each.name == name]
        peers += [each for each in CLIENTS if each.name == name]
        for peer in peers:
            record = await record_peer(peer, installer)
            if record is not None:
                kept["server" if isinstance(peer, Server) else "client"] = record
        if kept:
            write_record(name, kept)
        if name == "httpupgrade":
            ours = kept.values()
    return ours


def say(text: str) -> None:
    """A line of progress."""
    print(text, file=sys.stderr, flush=True)


async def record_peer(peer: Server | Client, installer: Installer) -> Record | None:
    """One peer: installed, started and checked. None, and a line that says why, if it cannot be."""
    version = ""
    try:
        await installer.get(peer.recipe)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
            environment = environment_of_clients(home)
            version = await ask_version(peer.asks_version, environment, _OF_A_QUESTION)
        report = await _check(peer)
    except (UnavailableError, BrokenError, DownError, ClientError, OSError) as error:
        say(f"{peer.name}: {error}")
        return None
    told = ", ".join(f"{count} {verdict.value}" for verdict, count in report.counts().items())
    say(f"{peer.name} {version}: {told}")
    if report.handshake.verdict is not Verdict.PASS:
        say(f"{peer.name}: a valid handshake is not accepted")
        return None
    return record_of(report, version)


async def _check(peer: Server | Client) -> Report:
    match peer:
        case Server():
            async with host(peer.setup, _TO_COME_UP) as hosted:
                return await check(Network(HOST, hosted.port))
        case Client():
            return await check_client(CommandClient(peer.command), seconds=_OF_A_CLIENT, at_once=4)


if __name__ == "__main__":
    sys.exit(main())
