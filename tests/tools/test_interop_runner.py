"""The runner of ``make interop``, with clients and servers that are lines of Python."""

import asyncio
import io
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from held import Held
from interop.__main__ import Other, run_all, run_one
from interop.foreign import Foreign
from interop.hosting import Setup
from interop.install import PYTHON, Recipe
from interop.judge import Expected, Row
from interop.peers import Peer
from interop.readers import read_json, read_text
from interop.servers import Scenario
from interop.table import Printer
from interop.visits import Errand, Wish

ROOT = Path(__file__).parents[2]
ASK = """
import http.client, sys
connection = http.client.HTTPConnection(sys.argv[1])
connection.request("GET", "/")
print(connection.getresponse().status)
"""
HANG = """
import sys, time
print("why", file=sys.stderr, flush=True)
time.sleep(60)
"""
PASSING = Peer(
    "passing",
    PYTHON,
    Scenario.CHAT,
    (sys.executable, "-c", ASK, "{authority}"),
    read_text,
    Expected(("426",), "426"),
)


def run_peer(other: Other, seconds: float = 60) -> Row:
    return asyncio.run(run_one(other, seconds))


def running(code: str) -> Peer:
    literal = code.replace("{", "{{").replace("}", "}}")
    return replace(PASSING, command=(sys.executable, "-c", literal, "{authority}"))


# --- One client ----------------------------------------------------------------------------------


def test_a_client_that_passes() -> None:
    row = run_peer(PASSING)
    assert (row.verdict, row.outcome, row.faults) == ("passed", "426", ())
    assert [seen.decision for seen in row.seen] == ["426"]


def test_a_client_that_hangs() -> None:
    row = run_peer(running(HANG), 3)
    assert (row.verdict, row.faults, row.stderr) == ("failed", ("not done in 3 s",), "why\n")


def test_a_client_that_is_missing() -> None:
    row = run_peer(replace(PASSING, command=("no-such-program",)))
    assert row.verdict == "failed"
    assert "no-such-program" in row.faults[0]


def test_a_client_that_prints_rubbish() -> None:
    code = "import sys; print('{oh'); print('why', file=sys.stderr)"
    row = run_peer(replace(running(code), read=read_json))
    assert (row.verdict, row.stderr) == ("failed", "why\n")
    assert "JSONDecodeError" in row.faults[0]


def test_a_client_that_comes_to_something_else() -> None:
    row = run_peer(running("import sys; print('fine'); print('why', file=sys.stderr)"))
    assert row.faults == ("decided nothing, not 426", "came to 'fine', not '426'")
    assert row.stderr == "why\n"


@pytest.mark.parametrize(
    ("command", "version"),
    [
        ((sys.executable, "-c", "print('client 1.2-3, of today')"), "1.2-3"),
        ((sys.executable, "-c", "print('rubbish')"), "unknown"),
        (("no-such-program", "--version"), "unknown"),
        ((sys.executable, "-c", HANG), "unknown"),
    ],
)
def test_a_version_that_is_not_said_is_unknown(command: tuple[str, ...], version: str) -> None:
    row = run_peer(replace(PASSING, asks_version=command), 5)
    assert (row.verdict, row.version) == ("passed", version)


def test_a_client_is_at_home_in_a_directory_that_goes_with_it() -> None:
    row = run_peer(
        running("import os; print(os.environ['HOME'], os.path.isdir(os.environ['HOME']))")
    )
    home, is_there = row.outcome.split()
    assert is_there == "True"
    assert not os.path.exists(home)


RAISE = """
import http.client, sys
connection = http.client.HTTPConnection(sys.argv[1])
fields = {"Connection": "Upgrade", "Upgrade": "tcp"}
connection.request("POST", "/exec/e1/start", "no JSON", fields)
try:
    connection.getresponse()
except OSError:
    print("fine")
"""


def test_a_server_that_raises_is_a_fault_whatever_the_client_says() -> None:
    peer = replace(
        running(RAISE), scenario=Scenario.ENGINE, expected=Expected(("101 tcp",), "fine")
    )
    row = run_peer(peer)
    assert (row.verdict, row.outcome) == ("failed", "fine")
    (fault,) = row.faults
    assert fault.startswith("the server raised JSONDecodeError(")


# --- One server ----------------------------------------------------------------------------------

REQUIRE = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(426)
        self.send_header("Upgrade", "irc")
        self.send_header("Connection", "Upgrade")
        self.send_header("Content-Length", "0")
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
SWITCH = """
import socket, sys
print("why", file=sys.stderr, flush=True)
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as server:
    while True:
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 101\\r\\n\\r\\n")
"""
REQUIRING = Foreign(
    "requiring",
    PYTHON,
    Setup((sys.executable, "-c", REQUIRE, "@port@")),
    Errand((Wish.WEBSOCKET,)),
    Expected(("426 irc",), "nothing to try: nothing-in-common"),
    asks_version=(sys.executable, "-c", "import sys; print('server/1.2.3', file=sys.stderr)"),
)


def serving(code: str) -> Foreign:
    return replace(REQUIRING, setup=Setup((sys.executable, "-c", code, "@port@")))


def test_a_server_that_passes() -> None:
    row = run_peer(REQUIRING)
    assert (row.verdict, row.version, row.faults) == ("passed", "1.2.3", ())
    assert [(seen.offered, seen.decision) for seen in row.seen] == [("none", "426 irc")]
    assert '"GET / HTTP/1.1" 426' in row.stderr


def test_a_server_that_comes_to_something_else() -> None:
    row = run_peer(replace(REQUIRING, expected=Expected(("426 tcp",), "")))
    assert row.faults == (
        "decided 426 irc, not 426 tcp",
        "came to 'nothing to try: nothing-in-common', not ''",
    )


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("import sys; sys.exit('why')", "the server ended with status 1"),
        (HANG, "the server takes no connections in 4 s"),
        (SWITCH, "did not ask for another protocol"),
        (SWITCH.replace("HTTP", "nonsense"), "not an HTTP/1 status line"),
        (SWITCH.replace("connection.sendall", "import time; time.sleep(60)"), "not done in 4 s"),
    ],
)
def test_a_server_of_which_nothing_comes(code: str, fault: str) -> None:
    row = run_peer(serving(code), 4)
    assert (row.verdict, row.stderr) == ("failed", "why\n")
    assert fault in row.faults[0]


def test_a_server_that_is_missing() -> None:
    row = run_peer(replace(REQUIRING, setup=Setup(("no-such-program",))))
    assert row.verdict == "failed"
    assert "no-such-program" in row.faults[0]


# --- All of them ---------------------------------------------------------------------------------


def test_what_is_wrong_with_one_client_ends_no_other(tmp_path: Path) -> None:
    log = io.StringIO()
    fails = (("false",),)
    unavailable = Recipe("a", fetches=fails, home=tmp_path, built=tmp_path / "built")
    broken = Recipe("b", compiles=fails, home=tmp_path, built=tmp_path / "built")
    for recipe in (unavailable, broken):
        recipe.sources.mkdir()
    others: list[Other] = [
        replace(PASSING, name="a", recipe=unavailable),
        replace(PASSING, name="b", recipe=broken),
        replace(PASSING, name="c", command=("no-such-program",)),
        replace(PASSING, name="d", asks_version=("no-such-program",)),
        replace(REQUIRING, name="e", recipe=unavailable),
        replace(REQUIRING, name="f", setup=Setup(("no-such-program",))),
        replace(REQUIRING, name="g", asks_version=("no-such-program",)),
    ]
    rows = asyncio.run(run_all(others, Printer(log)))
    assert "".join(row.verdict[0] for row in rows) == "sffpsfp"


END = """
import os, signal, time
held = open(HELD, "w")
os.kill(os.getppid(), signal.SIGTERM)
time.sleep(300)
"""


def test_sigterm_ends_the_client_as_well(tmp_path: Path) -> None:
    held = Held(tmp_path)
    code = END.replace("HELD", repr(str(tmp_path / "held")))
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run_all([running(code)], Printer(io.StringIO())))
    assert held.let_go()


def test_it_starts_with_the_path_that_make_gives_it() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    path = re.search(r"PYTHONPATH=(\S+) \S+ -m interop", makefile)
    assert path is not None
    environment = {**os.environ, "PYTHONPATH": path[1]}
    command = (sys.executable, "-m", "interop", "--list")
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
