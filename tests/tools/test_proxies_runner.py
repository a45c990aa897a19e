"""The runner of ``make proxies``, with proxies that are lines of Python."""

import asyncio
import sys
from dataclasses import replace

import pytest
from interop.install import Recipe
from proxies.__main__ import choose
from proxies.products import SET_UPS
from proxies.runner import ask_version_of, run_one
from proxies.values import Product, SetUp

# Octets there and back: what HAProxy does in mode tcp.
PASS_ON = """
import asyncio, sys

async def pipe(reader, writer):
    while octets := await reader.read(65536):
        writer.write(octets)
    writer.close()

async def connect(reader, writer):
    there = await asyncio.open_connection("127.0.0.1", int(sys.argv[2]))
    await asyncio.gather(pipe(reader, there[1]), pipe(there[0], writer))

async def main():
    server = await asyncio.start_server(connect, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()

asyncio.run(main())
"""


def product(code: str) -> Product:
    command = (sys.executable, "-c", code, "@port@", "@origin@")
    return Product("nginx", Recipe("lines"), command, (sys.executable, "-V"), "nginx", "braces")


def test_a_proxy_that_changes_nothing_is_healthy() -> None:
    row = asyncio.run(run_one(SetUp(product(PASS_ON), "correct.conf", broken=False), "1"))
    assert row.faults == ()
    assert row.before is not None
    assert row.before.talked == "101, echo"
    assert row.before.arrived == "HTTP/1.1, Upgrade: websocket, Connection: Upgrade"


def test_a_healthy_proxy_is_no_broken_one() -> None:
    row = asyncio.run(run_one(SetUp(product(PASS_ON), "default.conf"), "1"))
    assert "the handshake succeeds, and should not" in row.faults
    assert row.verdict == "failed"


def test_a_proxy_that_does_not_come_up_is_a_row() -> None:
    code = "import sys; sys.exit('not today')"
    row = asyncio.run(run_one(SetUp(product(code), "default.conf"), "1"))
    assert row.faults == ("the server ended with status 1",)
    assert "not today" in row.notes


def test_a_program_that_is_not_there_is_a_row() -> None:
    missing = replace(product(""), command=("no-such-program",))
    row = asyncio.run(run_one(SetUp(missing, "default.conf"), "1"))
    assert "no-such-program" in row.faults[0]


def test_a_program_says_its_version() -> None:
    version = asyncio.run(ask_version_of(product("")))
    assert sys.version.startswith(version)


def test_set_ups_are_chosen_by_their_name_or_product() -> None:
    chosen = choose(SET_UPS, ["nginx/default", "squid"])
    assert {each.product.folder for each in chosen} == {"nginx", "squid"}
    assert [each.name for each in chosen if each.product.folder == "nginx"] == ["nginx/default"]
    assert choose(SET_UPS, None) == list(SET_UPS)
    with pytest.raises(KeyError):
        choose(SET_UPS, ["nobody"])
