"""Servers as ``make interop`` starts and ends them: lines of Python here."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from held import Held
from interop.daemons import Daemon, DownError, await_port, free_port, started
from interop.hosting import Setup, filled, host

ENVIRONMENT = dict(os.environ)
SERVE = """
import socket, sys
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as server:
    while True:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"hello")
"""


def python(code: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code, *arguments)


async def read(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    octets = await reader.read()
    writer.close()
    await writer.wait_closed()
    return octets


@asynccontextmanager
async def serving(
    where: Path, code: str, *, seconds: float = 30, patience: float = 30
) -> AsyncIterator[tuple[Daemon, int]]:
    """What this code serves, from when it takes connections until the block ends."""
    port = free_port()
    running = started(
        python(code, str(port)), environment=ENVIRONMENT, where=where, patience=patience
    )
    async with running as daemon:
        await await_port(daemon, port, seconds)
        yield daemon, port


# --- Up ------------------------------------------------------------------------------------------


def test_a_server_is_up_when_it_takes_connections(tmp_path: Path) -> None:
    async def main() -> bytes:
        async with serving(tmp_path, f"import time; time.sleep(0.3)\n{SERVE}") as (_, port):
            return await read(port)

    assert asyncio.run(main()) == b"hello"


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("print('why'); exit(3)", "the server ended with status 3"),
        ("import time; print('why', flush=True); time.sleep(300)", "no connections in 4 s"),
    ],
)
def test_a_server_that_does_not_come_up_says_why(tmp_path: Path, code: str, complaint: str) -> None:
    async def main() -> None:
        async with serving(tmp_path, code, seconds=4):
            pass

    with pytest.raises(DownError, match=complaint) as raised:
        asyncio.run(main())
    assert raised.value.stderr == "why\n"


def test_what_a_server_says_is_read_while_it_runs(tmp_path: Path) -> None:
    async def main() -> str:
        code = "import sys; print('one', flush=True); print('two', file=sys.stderr)"
        async with serving(tmp_path, code + SERVE) as (daemon, _):
            return daemon.said

    assert asyncio.run(main()) == "one\ntwo\n"


# --- Down ----------------------------------------------------------------------------------------

POLITE = """
import signal, sys
def end(*_):
    open("polite", "w")
    sys.exit()
signal.signal(signal.SIGTERM, end)
"""
STUBBORN = """
import signal, subprocess
subprocess.Popen(["sleep", "300"], stdout=open("held", "w"))
signal.signal(signal.SIGTERM, signal.SIG_IGN)
"""


def test_a_server_is_asked_to_end(tmp_path: Path) -> None:
    async def main() -> int | None:
        async with serving(tmp_path, POLITE + SERVE) as (daemon, _):
            assert daemon.status is None
        return daemon.status

    assert asyncio.run(main()) == 0
    assert (tmp_path / "polite").exists()


def test_a_server_that_does_not_end_is_ended_with_its_children(tmp_path: Path) -> None:
    held = Held(tmp_path)

    async def main() -> int | None:
        async with serving(tmp_path, STUBBORN + SERVE, patience=0.2) as (daemon, _):
            pass
        return daemon.status

    assert asyncio.run(main()) == -9
    assert held.let_go()


# --- A socket that is handed over ----------------------------------------------------------------

TAKE = """
import os, socket
assert os.environ["LISTEN_FDS"] == "1" and int(os.environ["LISTEN_PID"]) == os.getpid()
assert os.read(0, 1) == b""
with socket.socket(fileno=3) as server:
    while True:
        connection, address = server.accept()
        with connection:
            connection.sendall(address[0].encode())
"""


def test_a_socket_is_handed_over_as_libsystemd_expects_it(tmp_path: Path) -> None:
    async def main() -> bytes:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            running = started(
                python(POLITE + TAKE), environment=ENVIRONMENT, where=tmp_path, listener=listener
            )
            async with running:
                return await read(port)

    assert asyncio.run(main()) == b"127.0.0.1"
    assert (tmp_path / "polite").exists()


def test_nobody_waits_for_a_server_that_left_with_its_socket() -> None:
    async def main() -> None:
        async with host(Setup(python("print('why')"), handed_over=True), 30) as hosted:
            await read(hosted.port)

    with pytest.raises((ConnectionError, DownError)):
        asyncio.run(main())


def test_whom_it_is_handed_to_does_not_see_who_is_on_the_same_machine() -> None:
    async def main() -> bytes:
        async with host(Setup(python(TAKE), handed_over=True), 30) as hosted:
            return await read(hosted.port)

    assert asyncio.run(main()) == b"::ffff:127.0.0.1"


# --- What a server is set up with ----------------------------------------------------------------

TELL = """
import pathlib, socket, sys
where = pathlib.Path(sys.argv[2])
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as server:
    while True:
        connection, _ = server.accept()
        with connection:
            connection.sendall((where / "inside" / "own.conf").read_bytes())
"""


def test_what_is_known_of_a_server_is_filled_in() -> None:
    values = {"port": "1", "inner": "2", "where": "/tmp"}
    assert filled("@where@/a:@port@ @inner@ @other@ $port", values) == "/tmp/a:1 2 @other@ $port"


def test_a_server_has_a_directory_of_its_own_and_one_behind_it(tmp_path: Path) -> None:
    (tmp_path / "own" / "inside").mkdir(parents=True)
    (tmp_path / "own" / "inside" / "own.conf").write_text("@where@ @port@ @inner@")
    setup = Setup(
        python(TELL, "@port@", "@where@"),
        behind=python(SERVE, "@inner@"),
        files="own",
        keys=("key",),
        home=tmp_path,
    )

    async def main() -> tuple[Path, list[str]]:
        async with host(setup, 30) as hosted:
            where, port, inner = (await read(hosted.port)).decode().split()
            assert int(port) == hosted.port
            assert await read(int(inner)) == b"hello"
            return Path(where), sorted(each.name for each in Path(where).iterdir())

    where, names = asyncio.run(main())
    assert names == ["inside", "key.crt", "key.key"]
    assert not where.exists()


def test_a_server_behind_that_does_not_come_up_is_the_reason() -> None:
    async def main() -> None:
        setup = Setup(python(SERVE, "@port@"), behind=python("print('why')"))
        async with host(setup, 30):
            pass

    with pytest.raises(DownError, match="ended with status 0") as raised:
        asyncio.run(main())
    assert raised.value.stderr == "why\n"
