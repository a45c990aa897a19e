"""A proxy that runs: its files, its port, its process.

Rules for this module: nothing of what is asked of the proxy, once it is ready.
"""

import asyncio
import itertools
import os
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, final

from demo.server import HOST
from demo.tls import Certificates
from interop.daemons import Daemon, await_port, started
from interop.hosting import filled
from interop.install import environment_of_clients, find_file

from .origin import READY
from .values import CONFIGS, SetUp

_TO_COME_UP: Final = 20.0
# Below those that systems give to whoever asks for any, so that nobody takes one before the proxy.
_PORTS: Final = itertools.cycle(range(20000 + os.getpid() % 4000, 32000))
_BETWEEN_TRIES: Final = 0.05
_TO_END: Final = 3.0


@final
class Place:
    """The directory and the ports of one set-up, in which its proxy is started, and started again.

    :param origin: the port of the server behind it.
    """

    def __init__(self, setup: SetUp, origin: int, where: Path) -> None:
        self._product: Final = setup.product
        self._where: Final = where
        self.port: Final = _take_port()
        self._values: Final = {
            "where": str(where),
            "port": str(self.port),
            "origin": str(origin),
            "config": str(where / setup.config),
            **{name: _find(path) for name, path in setup.product.files},
        }
        self._config: Final = where / setup.config
        self.authority: Final = where / "ca.crt"
        """What vouches for its certificate, where it speaks TLS."""
        self.tls: Final = self._write_certificates() if setup.front else None
        """The client's end of TLS, where it speaks that."""
        for name in (setup.config, *setup.product.shared):
            self._write(where / name, (CONFIGS / setup.product.folder / name).read_text())

    @property
    def config(self) -> str:
        """The text of the configuration."""
        return self._config.read_text(encoding="utf-8")

    @config.setter
    def config(self, text: str) -> None:
        self._write(self._config, text)

    @asynccontextmanager
    async def run(self) -> AsyncIterator[Daemon]:
        """The proxy, until the block ends.

        Raises :class:`.daemons.DownError` and :class:`OSError` if it does not come up.
        """
        argv = tuple(filled(part, self._values) for part in self._product.command)
        settings = {n: filled(each, self._values) for n, each in self._product.environment}
        environment = {**environment_of_clients(str(self._where)), **settings}
        running = started(argv, environment=environment, where=self._where, patience=_TO_END)
        async with running as daemon:
            await await_port(daemon, self.port, _TO_COME_UP)
            await self._settle()
            yield daemon

    def _write_certificates(self) -> ssl.SSLContext:
        certificates = Certificates(HOST)
        certificate, key = certificates.for_others()
        self.authority.write_bytes(certificates.for_those_who_trust())
        for name, octets in (("crt", certificate), ("key", key), ("pem", certificate + key)):
            path = self._where / f"tls.{name}"
            path.write_bytes(octets)
            path.chmod(0o644)
        return certificates.for_client(newest=True)

    async def _settle(self) -> None:
        if self._product.unready:
            async with asyncio.timeout(_TO_COME_UP):
                while not await self._is_ready():
                    await asyncio.sleep(_BETWEEN_TRIES)

    async def _is_ready(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection(HOST, self.port, ssl=self.tls)
            with closing(writer):
                writer.write(b"GET %b HTTP/1.0\r\nHost: localhost\r\n\r\n" % READY)
                return b" %d " % self._product.unready not in await reader.readline()
        except OSError:  # its own certificate, before it has read ours
            return False

    def _write(self, path: Path, text: str) -> None:
        path.write_text(filled(text, self._values), encoding="utf-8")
        path.chmod(0o644)


@asynccontextmanager
async def placed(setup: SetUp, origin: int) -> AsyncIterator[Place]:
    """A place, until the block ends."""
    async with AsyncExitStack() as stack:
        where = Path(stack.enter_context(TemporaryDirectory(ignore_cleanup_errors=True)))
        where.chmod(0o777 if setup.product.own_user else 0o755)
        yield Place(setup, origin, where)


def _take_port() -> int:
    """A port that nobody listens on, and that nobody else is given."""
    for port in _PORTS:
        with suppress(OSError), socket.create_server((HOST, port)):
            return port
    raise AssertionError("it is a cycle")


def _find(path: str) -> str:
    found = find_file(path)
    return str(Path("/usr", path) if found is None else found)
