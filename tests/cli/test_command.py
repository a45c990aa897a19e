"""The command as a whole: how it is called, and how it ends."""

import argparse
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

import httpupgrade
from httpupgrade.cli import command, main
from httpupgrade.cli.exits import Exit
from httpupgrade.cli.output import Output

SOURCES = Path(httpupgrade.__file__).parents[1]
WEBSOCKET = (
    b"GET /chat HTTP/1.1\r\nHost: server.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
# -S: no site-packages, so that what is not of the standard library is not found.
SCRIPT = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from httpupgrade.cli import main;"
    "sys.exit(main())"
)
ALONE = (sys.executable, "-I", "-S", "-W", "error", "-c", SCRIPT, str(SOURCES))


def run_alone(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the command with the standard library alone."""
    return subprocess.run([*ALONE, *arguments], input=stdin, capture_output=True, check=False)


def test_it_needs_the_standard_library_alone() -> None:
    completed = run_alone("explain", stdin=WEBSOCKET)
    assert completed.stderr == b""
    assert completed.returncode == 0
    assert b"decision: 101, switch to websocket" in completed.stdout


def test_the_module_and_the_script_are_the_command() -> None:
    script = Path(sys.executable).with_name("httpupgrade")
    installed = [[str(script)]] if script.exists() else []
    for program in ([sys.executable, "-m", "httpupgrade"], *installed):
        completed = subprocess.run(
            [*program, "--version"], capture_output=True, check=True, text=True
        )
        assert completed.stdout == f"httpupgrade {httpupgrade.__version__}\n"


def test_help_names_the_subcommands_and_the_exit_statuses(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for arguments in (["--help"], ["explain", "--help"]):
        with pytest.raises(SystemExit) as raised:
            main(arguments)
        assert raised.value.code == 0
        shown = capsys.readouterr().out
        assert "exit status:\n  0  nothing is wrong\n" in shown
        assert all(len(line) <= 80 for line in shown.split("\n"))
    assert "FILE|CODE" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "httpupgrade: the following arguments are required: COMMAND; see httpupgrade --help"),
        (["explain", "--nope"], "httpupgrade: unrecognized arguments: --nope; see "),
        (["\x1b[2J"], r"httpupgrade: argument COMMAND: invalid choice: '\x1b[2J'"),
        (["explain", "--nope\x1b"], r"httpupgrade: unrecognized arguments: --nope\x1b; see "),
        (["--format", "xml", "explain"], "httpupgrade: argument --format: invalid choice: 'xml'"),
    ],
)
def test_a_wrong_call_is_a_line_on_standard_error(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == Exit.WRONG_CALL
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(message)
    assert captured.err.count("\n") == 1
    assert "\x1b" not in captured.err


def test_the_arguments_are_those_of_the_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["httpupgrade", "explain", "upgrade-missing"])
    assert main() == 0
    assert "upgrade-missing" in capsys.readouterr().out


def test_the_format_may_stand_before_and_after_the_subcommand(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for arguments in (
        ["--format", "json", "explain", "upgrade-missing"],
        ["explain", "upgrade-missing", "--format", "json"],
        ["--format", "text", "explain", "--format=json", "upgrade-missing"],
    ):
        assert main(arguments) == Exit.FINE
        assert json.loads(capsys.readouterr().out)["name"] == "upgrade-missing"


def _raising(error: BaseException) -> SimpleNamespace:
    def run(options: argparse.Namespace, output: Output) -> Exit:
        raise error

    return SimpleNamespace(add_arguments=lambda parser: None, run=run)


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (KeyboardInterrupt(), 130, "httpupgrade explain: interrupted\n"),
        (BrokenPipeError(), 141, ""),
        (
            OSError(28, "No space left on device"),
            2,
            "httpupgrade explain: No space left on device\n",
        ),
        (OSError("odd"), 2, "httpupgrade explain: odd\n"),
    ],
)
def test_what_ends_a_subcommand_is_an_exit_status(
    error: BaseException,
    status: int,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "import_module", lambda *_: _raising(error))
    monkeypatch.setattr(sys, "stdout", sys.stdout)  # it is taken away from the interpreter
    assert main(["explain"]) == status
    assert capsys.readouterr().err == message


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = subprocess.Popen(
        [*ALONE, "explain", "--list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    with process:
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only some systems have it")
def test_a_full_disk_is_a_line_on_standard_error() -> None:
    with open("/dev/full", "wb") as full:
        completed = subprocess.run(
            [*ALONE, "explain", "--list"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert completed.stderr == b"httpupgrade explain: No space left on device\n"
    assert completed.returncode == 2


def test_closed_streams_are_no_error() -> None:
    for closing in (">&-", "2>&-", "<&-"):
        shell = f'exec "$@" {closing}'
        completed = subprocess.run(
            ["/bin/sh", "-c", shell, "sh", *ALONE, "explain", "upgrade-missing"],
            capture_output=True,
            check=False,
        )
        assert completed.returncode == 0, closing
        assert completed.stderr == b""


def test_an_interrupt_is_said_and_no_traceback() -> None:
    # A shell starts its background jobs with SIGINT ignored, and so may whoever runs the tests.
    heeded = f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n{SCRIPT}"
    process = subprocess.Popen(
        [*(heeded if each == SCRIPT else each for each in ALONE), "explain"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    with process:
        assert process.stdin is not None
        assert process.stderr is not None
        # More than a pipe holds: once it is written, the command is about to wait for more.
        process.stdin.write(b"GET /" + b"a" * 300_000)
        process.stdin.flush()
        # Python heeds a signal that comes between two reads with the one that comes next.
        for _ in range(10):
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(2)
                break
        else:
            process.kill()
        assert process.stderr.read() == b"httpupgrade explain: interrupted\n"
    assert process.returncode == 130
