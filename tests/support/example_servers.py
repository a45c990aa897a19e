"""The servers among the examples, as programs on loopback.

The law of this file: a program is started with the interpreter that runs the tests, with its
warnings as errors, and is ended by its process id.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final, final

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
HOST: Final = "127.0.0.1"
PATIENCE: Final = 20.0

SERVERS: Final = (
    "asyncio_streams",
    "asyncio_protocol",
    "trio_server",
    "anyio_server",
    "threads",
    "selectors_server",
    "twisted_server",
    "tornado_server",
    "aiohttp_server",
    "httptools_server",
)
PROXY: Final = "reverse_proxy"

# The same example, whose clients have less time.
_PROGRAM: Final = """
import runpy, sys
from examples import small_site
small_site.SECONDS = float(sys.argv.pop(2))
runpy.run_module("examples." + sys.argv.pop(1), run_name="__main__", alter_sys=True)
"""


@final
class Server:
    """A program that listens."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, said: IO[bytes]) -> None:
        self._process: Final = process
        self._said: Final = said
        self.port: Final = port

    @property
    def complaints(self) -> str:
        """All that it has said on its standard error."""
        return os.pread(self._said.fileno(), 1 << 20, 0).decode(errors="replace")

    @property
    def is_up(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    @property
    def descriptors(self) -> int:
        """How many files and sockets it has open."""
        return len(os.listdir(f"/proc/{self._process.pid}/fd"))

    def connect(self) -> socket.socket:
        """A connection to it, all of whose calls have a deadline."""
        return socket.create_connection((HOST, self.port), PATIENCE)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server((HOST, 0)) as found:
        port: int = found.getsockname()[1]
        return port


@contextmanager
def running(name: str, seconds: float, *arguments: str) -> Iterator[Server]:
    """An example, until the block ends. It is not waited for: see :func:`await_port`."""
    with running_program(_PROGRAM, (name, str(seconds)), arguments) as server:
        yield server


@contextmanager
def running_program(
    source: str, before: Sequence[str] = (), after: Sequence[str] = ()
) -> Iterator[Server]:
    """The same for a program that can import the examples.

    :param before: arguments in front of the port, and ``after`` behind it.
    """
    port = free_port()
    with TemporaryFile() as said:
        argv = (sys.executable, "-W", "error", "-c", source, *before, str(port), *after)
        process = subprocess.Popen(argv, cwd=DOCS, stderr=said)
        try:
            yield Server(process, port, said)
        finally:
            process.terminate()
            process.wait(PATIENCE)


def await_port(server: Server) -> None:
    """Return when it takes connections."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            server.connect().close()
        except OSError:
            assert server.is_up, server.complaints
            assert time.monotonic() < deadline, "it takes no connections"
            time.sleep(0.02)
        else:
            return


@contextmanager
def all_running(seconds: float) -> Iterator[dict[str, Server]]:
    """All of them, and the proxy in front of one."""
    with ExitStack() as stack:
        servers = {name: stack.enter_context(running(name, seconds)) for name in SERVERS}
        behind = str(servers["asyncio_streams"].port)
        servers[PROXY] = stack.enter_context(running(PROXY, seconds, HOST, behind))
        for server in servers.values():
            await_port(server)
        yield servers
