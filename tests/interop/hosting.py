"""The servers of others, set up in a directory of their own and started.

The law of this file: ports, files, processes, and nothing of what is asked of a server.
"""

import socket
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from demo.server import HOST
from demo.tls import Certificates, SecureClient

from .daemons import Daemon, await_port, free_port, started
from .install import ROOT, UnavailableError, environment_of_clients

ORIGINS: Final = Path(__file__).resolve().parent / "origins"


@final
@dataclass(frozen=True)
class Setup:
    """What a server is started as.

    In commands and files, ``@port@`` is where it listens, ``@inner@`` where the server behind it
    does, and ``@where@`` the directory that is its own.
    """

    command: tuple[str, ...]
    behind: tuple[str, ...] = ()
    """The command of a server that this one passes requests on to."""
    files: str = ""
    """The folder of what is written into its directory."""
    keys: tuple[str, ...] = ()
    """The files there, without .crt and .key, that get its certificate and the key of that."""
    handed_over: bool = False
    """Whether it is handed its socket, as by systemd."""

    home: Path = ORIGINS
    """What has the folder."""


@final
class Hosted:
    """A server that runs."""

    def __init__(self, port: int, daemon: Daemon, certificates: Certificates) -> None:
        self.port: Final = port
        self._daemon = daemon
        self._certificates = certificates

    @property
    def said(self) -> str:
        """On its standard output and its standard error."""
        return self._daemon.said

    def make_tls(self) -> SecureClient:
        """The other end of its TLS, which believes its certificate alone."""
        return SecureClient(self._certificates.for_client(newest=True), HOST)


@asynccontextmanager
async def host(setup: Setup, seconds: float) -> AsyncIterator[Hosted]:
    """A server, until the block ends.

    Raises :class:`.daemons.DownError` and :class:`OSError` for one that does not come up,
    :class:`UnavailableError` for one that cannot be set up on this machine.
    """
    async with AsyncExitStack() as stack:
        where = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        where.chmod(0o755)  # a server that root starts may read it as somebody else
        values = {"where": str(where), "port": str(free_port()), "inner": str(free_port())}
        listener = None
        if setup.handed_over:
            listener = stack.enter_context(_listener())
            values["port"] = str(listener.getsockname()[1])
        certificates = Certificates(HOST)
        _write_files(setup, where, values)
        _write_keys(setup, where, certificates)
        if setup.behind:
            await stack.enter_async_context(_up(setup.behind, values, "inner", seconds))
        daemon = await stack.enter_async_context(
            _up(setup.command, values, "port", seconds, listener)
        )
        yield Hosted(int(values["port"]), daemon, certificates)


@asynccontextmanager
async def _up(
    command: tuple[str, ...],
    values: Mapping[str, str],
    port: str,
    seconds: float,
    listener: socket.socket | None = None,
) -> AsyncIterator[Daemon]:
    argv = tuple(filled(part, values) for part in command)
    environment = environment_of_clients(values["where"])
    running = started(argv, environment=environment, where=ROOT, listener=listener)
    async with running as daemon:
        await await_port(daemon, int(values[port]), seconds)
        yield daemon


def _write_files(setup: Setup, where: Path, values: Mapping[str, str]) -> None:
    folder = setup.home / setup.files
    for path in sorted(folder.rglob("*")) if setup.files else ():
        target = where / path.relative_to(folder)
        if path.is_dir():
            target.mkdir()
        else:
            target.write_text(filled(path.read_text(encoding="utf-8"), values), encoding="utf-8")


def _write_keys(setup: Setup, where: Path, certificates: Certificates) -> None:
    certificate, key = certificates.for_others()
    for name in setup.keys:
        (where / f"{name}.crt").write_bytes(certificate)
        (where / f"{name}.key").write_bytes(key)


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with what is known of a server in it."""
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _listener() -> socket.socket:
    """A socket on loopback whose peers are not seen to be there.

    cupsd asks nobody on the same machine for TLS, but does not take IPv4 in IPv6 for that.
    """
    try:
        return socket.create_server(
            ("::ffff:127.0.0.1", 0), family=socket.AF_INET6, dualstack_ipv6=True
        )
    except (OSError, ValueError) as error:
        raise UnavailableError(f"no IPv4 in IPv6 here: {error}") from None
