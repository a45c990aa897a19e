"""The demo runs as a program: what it prints, and its exit status."""

import asyncio
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from demo import scenes
from demo.clients import connect
from demo.corpus import DEFAULT
from demo.report import Report
from demo.scenes import play_all
from demo.server import Server

ROOT = Path(__file__).resolve().parents[2]


def run_demo(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it as ``make demo`` does, without a terminal, every warning an error."""
    decorating = ("COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
    inherited = {name: value for name, value in os.environ.items() if name not in decorating}
    ran = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-m", "demo", *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env={**inherited, "PYTHONPATH": str(ROOT / "docs"), **environment},
    )
    # On a busy machine, asyncio's debug mode complains of callbacks that take 0.1 s.
    lines = ran.stderr.splitlines(keepends=True)
    ran.stderr = "".join(line for line in lines if not line.startswith("Executing <"))
    return ran


@pytest.fixture(scope="module")
def output() -> str:
    ran = run_demo()
    assert ran.stderr == ""
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


# What differs from run to run: ports, keys and their answers, masked frames.
RANDOM = re.compile(
    r"(?<=Host: 127\.0\.0\.1:)\d+|(?<=-Key: )\S+|(?<=-Accept: )\S+|(?<= octets: )[0-9a-f ]+"
)


def lines_of(text: str) -> str:
    return "\n".join(RANDOM.sub("*", line.rstrip()) for line in text.splitlines())


def test_the_readme_shows_what_the_demo_prints(output: str) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    _, _, transcript = readme.partition("Of what `make demo` prints:\n\n```text\n")
    pieces = lines_of(transcript.partition("\n```")[0]).split("\n...\n")
    assert len(pieces) > 5
    printed = f"\n{lines_of(output)}\n"
    assert [piece for piece in pieces if f"\n{piece.strip()}\n" not in printed] == []


@pytest.mark.parametrize(
    "line",
    [
        "< HTTP/1.1 426 Upgrade Required",
        "< HTTP/1.1 101 Switching Protocols",
        "= Require426; the connection lives on",
        "ok both texts come back, the early one too",
        "= Accept101 websocket; subprotocol chat.v2; extensions permessage-deflate",
        "ok the server's order decides on the subprotocol",
        "ok Content-Length: the body is intact",
        "ok Transfer-Encoding: the body is intact",
        "ok Transfer-Encoding: h11 saw no offer",
        "ok the next request on the connection works",
        "= Passthrough; mode required would have refused it",
        "ok one request would have been refused",
        "= Require426; the connection closes",
        "ok it draws 426, and the findings say why",
        "ok the body names the page with what nginx needs",
        "= Accept101 h2c; 7 settings",
        "ok GET: h2 reads its answer on stream 1, and another one on stream 3",
        "ok POST: h2 reads its answer on stream 1, and another one on stream 3",
        "ok POST: stream 1 brings what was asked for",
        "< Upgrade: TLS/1.3, TLS/1.2, HTTP/1.1",
        "= Accept101 TLS/1.2",
        "ok the client verified the server, and speaks what it asked for",
        "ok inside, OPTIONS * is answered first",
        "ok inside, the GET is answered",
        "50 captured requests, each in both modes",
        "50 captures in 2 modes: 34 x 101, 11 x 400, 25 x 426, 2 x 505, 28 x pass",
        "Everything came out as expected.",
    ],
)
def test_the_demo_shows(output: str, line: str) -> None:
    assert line in output.splitlines()


def test_the_demo_names_what_nginx_took_away(output: str) -> None:
    scene = output.partition("as nginx 1.22 forwards it")[2].partition("captured requests")[0]
    assert "hop-by-hop-fields-lost" in scene
    assert "> GET /chat?p=websocket HTTP/1.0" in scene
    assert "httpupgrade explain hop-by-hop-fields-lost" in scene


def test_the_demo_fits_a_log_of_80_columns(output: str) -> None:
    assert output.isascii()
    assert "\x1b" not in output
    assert max(map(len, output.splitlines())) <= 80


def test_the_demo_writes_to_a_log_that_takes_only_ascii(tmp_path: Path) -> None:
    directory = copy_of_corpus(tmp_path, "nginx__correct__websocket", client="brow\N{SNOWMAN}ser")
    ran = run_demo("--corpus", str(directory), PYTHONIOENCODING="ascii")
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "changed", "said"),
    [
        pytest.param(
            "nginx__correct__websocket",
            {"connection": ["close"]},
            "nginx__correct__websocket, required, whole: expected 426 close, got 101 websocket",
            id="another decision",
        ),
        pytest.param(
            "direct__curl__plain-get",
            {"intent": "websocket"},
            "no finding hop-by-hop-fields-lost",
            id="another finding",
        ),
        pytest.param(
            "direct__curl__plain-get", {"kind": "gopher"}, "kind 'gopher'", id="an unknown kind"
        ),
    ],
)
def test_a_wrong_expectation_fails_the_demo(
    tmp_path: Path, name: str, changed: dict[str, object], said: str
) -> None:
    ran = run_demo("--corpus", str(copy_of_corpus(tmp_path, name, **changed)))
    assert ran.returncode == 1
    assert f"WRONG {name}" in ran.stdout
    assert said in " ".join(ran.stdout.split())
    assert "Everything came out as expected." not in ran.stdout


def test_a_path_that_is_no_corpus_is_named_before_anything_else(tmp_path: Path) -> None:
    ran = run_demo("--corpus", str(tmp_path / "nowhere"))
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr == f"demo: no corpus: {tmp_path / 'nowhere'} is no directory\n"


def report_to(log: io.StringIO) -> Report:
    return Report(log)


def test_an_expectation_that_is_not_met_is_counted_and_repeated_at_the_end() -> None:
    log = io.StringIO()
    report = report_to(log)
    report.expect("one is one", 1, 1)
    assert report.conclude()
    report.expect("one is two", 1, 2)
    assert not report.conclude()
    assert log.getvalue().count("one is two: expected 2, got 1") == 2


def test_a_scene_that_fails_is_counted_and_the_next_one_plays() -> None:
    async def broken(server: Server, report: Report) -> None:
        """It breaks."""
        async with connect(server):
            raise ConnectionError("on purpose")

    log = io.StringIO()
    report = report_to(log)
    asyncio.run(play_all(report, (broken, scenes.reported)))
    assert report.wrong == ["broken: ConnectionError('on purpose')"]
    assert "ok one request would have been refused" in log.getvalue()


def copy_of_corpus(directory: Path, name: str, **changed: object) -> Path:
    """A corpus of one capture, with something else in its index."""
    entries = json.loads((DEFAULT / "index.json").read_text())
    (entry,) = (each for each in entries if Path(each["file"]).stem == name)
    (directory / "requests").mkdir()
    shutil.copy(DEFAULT / entry["file"], directory / entry["file"])
    entry.pop("after_101_file", None)
    (directory / "index.json").write_text(json.dumps([{**entry, **changed}]))
    return directory
