"""Other programs that serve until they are told to end.

The law of this file: a server leads a process group of its own. It is up when it takes connections,
and is ended, like whatever is left of its group, by its id.
"""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final, final

from demo.server import HOST

_BETWEEN_TRIES: Final = 0.02
_TO_END: Final = 5.0

# libsystemd takes the descriptors from 3 on, where it is told that they are this process's.
_HAND_OVER: Final = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@" 3<&0 0</dev/null'


class DownError(Exception):
    """A server did not come up; the message says how.

    :param stderr: all that it said.
    """

    def __init__(self, complaint: str, stderr: str) -> None:
        super().__init__(complaint)
        self.stderr: Final = stderr


_MOST_SAID: Final = 1 << 20


@final
class Daemon:
    """A running server, and all that it has said."""

    def __init__(self, process: asyncio.subprocess.Process, output: BinaryIO) -> None:
        self._process = process
        self._output = output

    @property
    def said(self) -> str:
        """On its standard output and its standard error."""
        return os.pread(self._output.fileno(), _MOST_SAID, 0).decode(errors="replace")

    @property
    def status(self) -> int | None:
        """That of its exit; None while it runs."""
        return self._process.returncode


@asynccontextmanager
async def started(
    argv: tuple[str, ...],
    *,
    environment: Mapping[str, str],
    where: Path,
    listener: socket.socket | None = None,
    patience: float = _TO_END,
) -> AsyncIterator[Daemon]:
    """A server, until the block ends. Raises :class:`OSError` for one that is not there.

    :param listener: a listening socket that is handed to it as systemd does; it goes with it.
    :param patience: the seconds that it has to end, once it is told to.
    """
    with TemporaryFile() as output:
        process = await asyncio.create_subprocess_exec(
            *(argv if listener is None else ("sh", "-c", _HAND_OVER, "sh", *argv)),
            stdin=asyncio.subprocess.DEVNULL if listener is None else listener.fileno(),
            stdout=output,
            stderr=output,
            cwd=where,
            env=environment,
            start_new_session=True,
        )
        try:
            if listener is not None:
                listener.close()
            yield Daemon(process, output)
        finally:
            await _end(process, patience)


async def _end(process: asyncio.subprocess.Process, patience: float) -> None:
    """Politely, so that it can remove what it wrote elsewhere; then not."""
    try:
        with suppress(ProcessLookupError):  # it has ended by itself
            process.terminate()
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await process.wait()
    finally:
        with suppress(ProcessLookupError):  # nobody is left of the group
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def await_port(daemon: Daemon, port: int, seconds: float) -> None:
    """Return when a server takes connections. Raises :class:`DownError`."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while daemon.status is None:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection(HOST, port)
                    writer.close()
                    await writer.wait_closed()
                    return
                await asyncio.sleep(_BETWEEN_TRIES)
        raise DownError(f"the server ended with status {daemon.status}", daemon.said)
    raise DownError(f"the server takes no connections in {seconds:g} s", daemon.said)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server((HOST, 0)) as found:
        port: int = found.getsockname()[1]
        return port
