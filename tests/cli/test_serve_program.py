"""``httpupgrade serve`` as a program: how it begins, what it prints, how it ends."""

import argparse
import asyncio
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from captures import captured_requests
from cli_serving import ask_all, serving
from loopback import HOST
from websockets.asyncio.client import connect

import httpupgrade
from httpupgrade import Policy, RequestHead, RequestInfo, WebSocket, decide
from httpupgrade.cli.exits import CommandError
from httpupgrade.cli.output import Output
from httpupgrade.cli.serve import add_arguments
from httpupgrade.cli.serve import run as run_serve
from httpupgrade.cli.serve.arrivals import Arrival
from httpupgrade.cli.serve.console import Console, in_brief, mended
from httpupgrade.cli.serve.endpoints import ENDPOINTS, Parts, Places
from httpupgrade.cli.serve.server import Server, installed_parts
from httpupgrade.cli.serve.site import Site
from httpupgrade.diagnosis import Diagnosis, Evidence, Remedy, Suspect, diagnose

PACKAGE = Path(httpupgrade.__file__).parent
PLACES = Places("127.0.0.1:1", "127.0.0.1:2", "/tmp/roots.pem")
ALL = Parts(tls=True, http2=True)
NO_TERMINAL = {
    **{name: value for name, value in os.environ.items() if name not in ("COLUMNS", "FORCE_COLOR")},
    "PYTHONUNBUFFERED": "1",
}
AS_INSTALLED = (sys.executable, "-X", "dev", "-W", "error", "-m", "httpupgrade", "serve")
# -S: no site-packages, so that whatever is not of the standard library is not found.
WHEEL_ALONE = (
    *(sys.executable, "-I", "-S", "-u", "-W", "error", "-c"),
    (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); from httpupgrade.cli import main;"
        "sys.exit(main(sys.argv[1:]))"
    ),
    *(str(PACKAGE.parent), "serve"),
)

Talk = Callable[[str], Awaitable[None]]


async def run_until_stopped(
    command: Sequence[str], talk: Talk, number: signal.Signals = signal.SIGINT
) -> tuple[int, list[str], str]:
    """Status, lines and errors of a run in which something is said to the server.

    :param talk: gets the first line that the server prints.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=NO_TERMINAL,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        async with asyncio.timeout(30):
            lines = [(await process.stdout.readline()).decode().rstrip()]
            while lines[-1] and not lines[-1].startswith("Ctrl-C"):
                lines.append((await process.stdout.readline()).decode().rstrip())
            await talk(lines[0])
            process.send_signal(number)
            lines += (await process.stdout.read()).decode().splitlines()
            status = await process.wait()
            errors = (await process.stderr.read()).decode().splitlines(keepends=True)
            # asyncio's debug mode tells of whatever takes long, as on a machine that is busy.
            return status, lines, "".join(e for e in errors if not e.startswith("Executing "))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def open_required(line: str) -> None:
    address = line.removeprefix("http://").removesuffix("/")
    async with connect(f"ws://{address}/required", proxy=None) as socket:
        await socket.send("hello")
        assert await socket.recv() == "hello"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_runs_until_it_is_told_to_stop(number: signal.Signals) -> None:
    status, lines, errors = asyncio.run(
        run_until_stopped((*AS_INSTALLED, "--port", "0"), open_required, number)
    )
    assert (status, errors) == (0, "")
    assert re.fullmatch(r"127\.0\.0\.1:\d+ GET /required: 101 websocket", lines[-2])
    assert lines[-1] == "Stopped."
    assert not any("not installed" in line for line in lines)


def test_it_runs_from_the_wheel_alone_and_says_what_is_missing() -> None:
    status, lines, errors = asyncio.run(
        run_until_stopped((*WHEEL_ALONE, "--port", "0"), open_required)
    )
    assert (status, errors) == (0, "")
    assert [line for line in lines if "not installed" in line] == [
        (
            "No TLS: trustme is not installed. No HTTP/2: h2 is not installed. "
            "To have it: python3 -m pip install trustme h2"
        )
    ]
    assert not any("https://" in line or "h2c" in line or "/tls" in line for line in lines)
    assert lines[-2].endswith(" GET /required: 101 websocket")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (*AS_INSTALLED, *arguments),
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
        env=NO_TERMINAL,
    )


def test_a_port_that_is_taken_is_one_line_that_says_what_to_type() -> None:
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
        ran = run("--port", str(port))
    line = (
        f"httpupgrade serve: port {port}: Address already in use; "
        "try another one: httpupgrade serve --port 8765\n"
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", line)


@pytest.mark.parametrize("argument", ["--port=65535", "--port=-1", "--port=http", "--bind=a.b"])
def test_what_is_no_port_and_no_address_is_named(argument: str) -> None:
    ran = run(argument)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert argument.partition("=")[2] in ran.stderr.splitlines()[-1]


# --- What it prints ------------------------------------------------------------------------------


def printed(
    work: Callable[[Console], object], *, behind: bool = False, as_json: bool = False
) -> str:
    stream = io.StringIO()
    work(Console(Output(as_json=as_json, stream=stream), behind=behind))
    return stream.getvalue()


def test_commands_are_printed_on_a_line_each() -> None:
    site = Site(PLACES, ALL, None)
    lines = printed(lambda console: console.greet(site, PLACES, ALL)).splitlines()
    for endpoint in ENDPOINTS:
        assert f"  {PLACES.fill(endpoint.commands[0])}" in lines


def test_what_is_not_installed_is_told_of_in_a_line() -> None:
    plain = PLACES._replace(secure="")
    none = Parts(tls=False, http2=False)
    site = Site(plain, none, None)
    lines = printed(lambda console: console.greet(site, plain, none)).splitlines()
    assert "No TLS: trustme is not installed. No HTTP/2: h2 is not installed. " in lines[-2]
    assert not any("https://" in line for line in lines)
    lines = printed(lambda console: console.greet(site, plain, none), behind=True).splitlines()
    assert lines[-2].endswith(
        "No TLS: trustme is not installed. To have it: python3 -m pip install trustme"
    )


def test_where_to_point_a_proxy() -> None:
    site = Site(PLACES, ALL, None, behind=True)
    lines = printed(lambda console: console.greet(site, PLACES, ALL), behind=True).splitlines()
    assert lines[0] == "Point your proxy at 127.0.0.1:1, and 127.0.0.1:2 inside TLS."
    assert lines[2] == "  httpupgrade probe ws://ADDRESS-OF-THE-PROXY/"
    plain = PLACES._replace(secure="")
    alone = printed(lambda console: console.greet(site, plain, ALL), behind=True).splitlines()
    assert alone[0] == "Point your proxy at 127.0.0.1:1."


def tell_of(*requests: str, behind: bool = False, as_json: bool = False) -> str:
    """What is printed when requests arrive, each a target."""

    async def visit(server: Server) -> None:
        for target in requests:
            await ask_all(server.places.plain, [("GET", target, ())])

    return printed(
        lambda console: serving(visit, behind=behind, tell=console.tell),
        behind=behind,
        as_json=as_json,
    )


def test_what_a_client_sends_is_no_markup_on_the_terminal() -> None:
    assert tell_of("/[red]").endswith(" GET /[red]: passed\n")


def test_each_request_is_a_line() -> None:
    lines = tell_of("/optional", "/optional", "/required").splitlines()
    assert [line.partition(" ")[2] for line in lines] == [
        "GET /optional: passed",
        "GET /optional: passed",
        "GET /required: 426 (upgrade-missing)",
    ]


def test_as_json_each_request_is_a_document() -> None:
    document = json.loads(tell_of("/required", behind=True, as_json=True))
    assert document["request"] == "GET /required"
    assert document["answer"] == "426 (upgrade-missing)"
    assert document["diagnosis"]["verdict"] == "refused"
    assert document["arrived"]["octets"].startswith("GET /required HTTP/1.1\r\n")


def test_what_is_repeated_is_counted() -> None:
    lines = tell_of(*["/a"] * 21, "/b", behind=True).splitlines()
    told = [line.partition(" ")[2] for line in lines if not line.startswith(" ")]
    first = "GET /a: 426 (upgrade-missing)"
    counts = [*range(2, 11), 20]
    again = [f"GET /a: 426, as before ({count} times)" for count in counts]
    assert told == [first, *again, "GET /b: 426 (upgrade-missing)"]


def test_what_differs_in_a_value_is_the_same_and_what_was_added_is_not() -> None:
    def lost(key: str, *more: tuple[str, str]) -> tuple[str, str, tuple[tuple[str, str], ...]]:
        return "GET", "/a", (("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", key), *more)

    keys = ("dGhlIHNhbXBsZSBub25jZQ==", "AAAAAAAAAAAAAAAAAAAAAA==")
    requests = [lost(keys[0]), lost(keys[1]), lost(keys[1], ("Via", "1.1 a"))]

    async def visit(server: Server) -> None:
        for request in requests:
            await ask_all(server.places.plain, [request])

    text = printed(lambda console: serving(visit, behind=True, tell=console.tell), behind=True)
    lines = [line.partition(" ")[2] for line in text.splitlines() if not line.startswith(" ")]
    assert len(lines) == 3
    assert lines[1] == "GET /a: 426, as before (2 times)"
    assert lines[2] == lines[0].replace(*keys)


def test_counting_is_bounded() -> None:
    told = Console(Output(stream=io.StringIO()), behind=True)
    head = b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n"
    for number in range(1000):
        octets = head % number
        info = RequestInfo(RequestHead.parse(octets))
        decision = decide(info.head, Policy(WebSocket(), mode="required"))
        told.tell(Arrival(octets, info, decision, None, False))
    assert len(told._counts) <= 256


def test_a_diagnosis_is_told_in_a_few_lines() -> None:
    remedy = Remedy("x", "nginx", "Pass it on")
    suspects = tuple(Suspect(name, "1.0", "as it comes", confidence="high") for name in "abcd")
    evidence = (
        Evidence("this shows it", "field line 2", "Via: 1.1 a"),
        Evidence("there is no Upgrade field"),
    )
    diagnosis = Diagnosis(
        "broken",
        "hop-by-hop-fields-lost",
        "A proxy removed it.",
        evidence=evidence,
        suspects=suspects,
        remedies=(remedy,),
        next_steps=("Look further.",),
    )
    assert [text for text, _ in in_brief(diagnosis)] == [
        "A proxy removed it.",
        "field line 2: Via: 1.1 a (this shows it)",
        "missing: there is no Upgrade field",
        (
            "suspect: a 1.0: as it comes (very likely); or b 1.0: as it comes (very likely); "
            "or c 1.0: as it comes (very likely)"
        ),
    ]
    unknown = diagnosis.replace(evidence=(), suspects=(Suspect("a"),), remedies=())
    assert [text for text, _ in in_brief(unknown)] == [
        "A proxy removed it.",
        "suspect: a (possible)",
        "try: Look further.",
    ]
    bare = unknown.replace(suspects=(), next_steps=())
    assert [text for text, _ in in_brief(bare)] == ["A proxy removed it."]
    assert list(in_brief(diagnosis.replace(verdict="healthy"))) == []


def test_a_remedy_without_more_is_a_line() -> None:
    remedy = Remedy("x", "nginx", "Pass it on")
    assert [text for text, _ in mended(remedy)] == ["To mend it, in nginx: Pass it on"]


# What nginx 1.22 makes of a browser's handshake unless it is told otherwise.
BY_NGINX = next(
    each.octets for each in captured_requests() if each.name == "nginx__default__websocket"
)


def told_of_nginx(*targets: bytes) -> list[str]:
    """What is printed when it arrives."""
    stream = io.StringIO()
    console = Console(Output(stream=stream), behind=True)
    line, end, fields = BY_NGINX.partition(b"\r\n")
    _, _, version = line.rpartition(b" ")
    for target in targets:
        octets = b"GET " + target + b" " + version + end + fields
        info = RequestInfo(RequestHead.parse(octets))
        decision = decide(info.head, Policy(WebSocket(), mode="required"))
        console.tell(Arrival(octets, info, decision, ("127.0.0.1", 52870), False))
    return stream.getvalue().splitlines()


def test_a_remedy_is_told_once_and_can_be_pasted() -> None:
    lines = told_of_nginx(b"/a", b"/b")
    second = next(place for place, line in enumerate(lines) if "GET /b: 426" in line)
    diagnosis = diagnose(RequestHead.parse(BY_NGINX))
    remedy = diagnosis.remedies[0]
    title = f"  To mend it, in nginx: {remedy.title}"
    for paste in remedy.pastes:
        begin = lines.index(f"  Paste into {paste.place}:") + 1
        pasted = [f"      {line}" for line in paste.lines]
        assert lines[begin : begin + len(pasted)] == pasted
        assert {f"      {line}" for line in paste.instead_of} <= set(lines[:second])
    assert title in lines[:second]
    assert [line for line in lines[second:] if "mend" in line] == [f"{title} (as above)"]
    assert not any("Paste" in line for line in lines[second:])


def test_what_proxies_add_is_named() -> None:
    fields = (
        ("via", "1.1 a"),
        ("X-Forwarded-For", "10.0.0.1"),
        ("x-forwarded-for", "10.0.0.2"),
        ("CF-Ray", "1"),
        ("X-Requested-With", "b"),
        ("Accept", "*/*"),
    )

    async def visit(server: Server) -> None:
        await ask_all(server.places.plain, [("GET", "/a", fields)])

    lines = printed(lambda console: serving(visit, behind=True, tell=console.tell), behind=True)
    assert lines.splitlines()[-1] == (
        "  added on the way, by their names: via, X-Forwarded-For, x-forwarded-for, CF-Ray"
    )


# --- In this process -----------------------------------------------------------------------------


class Stopping(io.StringIO):
    """Tells the process to stop when the server has begun."""

    def write(self, text: str) -> int:
        if text.startswith("Ctrl-C"):
            os.kill(os.getpid(), signal.SIGTERM)
        return super().write(text)


def serve_once(*arguments: str) -> list[str]:
    """What a run prints that is stopped as soon as it has begun."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    stream = Stopping()
    assert run_serve(parser.parse_args(["--port=0", *arguments]), Output(stream=stream)) == 0
    return stream.getvalue().splitlines()


def test_who_listens_for_others_is_warned() -> None:
    assert serve_once()[0].startswith("http://127.0.0.1:")
    lines = serve_once("--bind", "0.0.0.0", "--behind")
    assert lines[0] == (
        "Warning: this is a server for tests, and whoever can reach 0.0.0.0 can use it."
    )
    assert lines[1].startswith("Point your proxy at 127.0.0.1:")
    assert lines[-1] == "Stopped."


@pytest.mark.skipif(not socket.has_ipv6, reason="there is no IPv6")
def test_it_listens_on_ipv6() -> None:
    assert serve_once("--bind", "::1")[0].startswith("http://[::1]:")
    assert serve_once("--bind", "::")[1].startswith("http://[::1]:")


def test_a_taken_port_is_wrong_to_ask_for() -> None:
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(CommandError, match=f"port {port}: Address already in use"):
            serve_once(f"--port={port}")


def test_an_address_of_somebody_else_cannot_be_listened_on() -> None:
    with pytest.raises(CommandError, match="port 0: "):
        serve_once("--bind", "192.0.2.1")


def test_what_is_not_installed_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert installed_parts() == ALL
    for foreign, own in (("trustme", "certificates"), ("h2.config", "http2")):
        monkeypatch.setitem(sys.modules, foreign, None)
        monkeypatch.delitem(sys.modules, f"httpupgrade.cli.serve.{own}", raising=False)
    monkeypatch.delitem(sys.modules, "httpupgrade.adapters.h2", raising=False)
    assert installed_parts() == Parts(tls=False, http2=False)


def test_without_its_parts_it_serves_the_rest() -> None:
    async def visit(server: Server) -> list[int]:
        assert server.places.secure == ""
        targets = ("/", "/required", "/tls", "/h2c")
        requests = [("GET", target, ()) for target in targets]
        return [each.status_code for each in await ask_all(server.places.plain, requests)]

    assert serving(visit, parts=Parts(tls=False, http2=False)) == [200, 426, 404, 404]


def test_the_program_is_called_as_it_can_be(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def visit(server: Server) -> tuple[str, str]:
        return server.places.command, server.places.python

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    python = sys.executable
    assert serving(visit) == (f"{python} -m httpupgrade", python)
    program = tmp_path / "httpupgrade"
    program.touch(0o755)
    monkeypatch.setattr("sys.executable", str(tmp_path / "bin" / "python3"))
    assert serving(visit) == ("httpupgrade", "bin/python3")
    program.unlink()
    monkeypatch.setattr("sys.argv", [str(tmp_path / "bin" / "httpupgrade")])
    assert serving(visit) == ("bin/httpupgrade", "bin/python3")


@pytest.mark.parametrize("argument", ["--port=65535", "--port=-1", "--port=http", "--bind=a.b"])
def test_a_wrong_call_says_how_to_call_it(
    argument: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        serve_once(argument)
    assert argument.partition("=")[2] in capsys.readouterr().err
