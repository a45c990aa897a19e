"""The page of a code, and the list of all."""

import io
import json
from pathlib import Path

import pytest
from code_rows import ROWS

from httpupgrade import Code
from httpupgrade.cli import main
from httpupgrade.cli.exits import Exit
from httpupgrade.cli.explain.codes import CODES
from httpupgrade.cli.explain.pages import show_code
from httpupgrade.cli.output import Output

PAGE = """\
upgrade-missing

  there is no Upgrade field

  status: 426
  clause: RFC 9110 7.8
  https://www.rfc-editor.org/rfc/rfc9110#section-7.8

For the sender:
"""


def explain(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["explain", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_every_code_of_the_library_has_a_page() -> None:
    assert sorted(CODES) == sorted(row.name for row in ROWS)
    assert all(code.name == name for name, code in CODES.items())


@pytest.mark.parametrize("name", CODES)
def test_a_page_says_all_that_the_code_says(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, page, errors = explain(capsys, name)
    assert (status, errors) == (Exit.FINE, "")
    code, words = CODES[name], page.split()
    assert page.startswith(f"{name}\n\n  ")
    # A page does not lead to itself.
    hint, introduction, command = code.hint.partition(" How nginx, Apache httpd and others")
    assert f"httpupgrade explain {name}" not in page
    assert bool(introduction) == command.endswith(f"\n    httpupgrade explain {name}")
    for text in (code.message, code.clause, hint, code.operator):
        assert set(text.split()) <= set(words)
    assert all(len(line) <= 80 for line in page.split("\n") if not line.startswith("      "))


def test_a_page_has_its_parts_in_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    _, page, _ = explain(capsys, "upgrade-missing")
    assert page.startswith(PAGE)


def test_lines_to_paste_are_not_wrapped() -> None:
    stream, line = io.StringIO(), f"    ProxyPass {'a' * 90} upgrade=websocket"
    code = Code("a-code", None, "PROXY protocol 2", "it is wrong", f"Set in httpd:\n{line}")
    show_code(code, (), Output(stream=stream))
    assert stream.getvalue() == (
        "a-code\n\n  it is wrong\n\n  clause: PROXY protocol 2\n\n"
        f"For the sender:\n  Set in httpd:\n  {line}\n"
    )


def test_a_page_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    _, page, _ = explain(capsys, "websocket-refused", "--format=json")
    assert json.loads(page) == {
        "name": "websocket-refused",
        "status_code": 403,
        "clause": "RFC 6455 4.2.2",
        "message": "the application refused this WebSocket",
        "hint": "It may want a login, or another path.",
        "operator": "",
        "explains": [],
        "remedies": [],
    }


def test_the_list_has_a_line_for_each_code(capsys: pytest.CaptureFixture[str]) -> None:
    status, listed, _ = explain(capsys, "--list")
    assert status == Exit.FINE
    lines = listed.removesuffix("\n").split("\n")
    assert [line.split()[0] for line in lines] == list(CODES)
    assert lines[0].endswith(f"  {next(iter(CODES.values())).message}")
    _, listed, _ = explain(capsys, "--list", "--format", "json")
    assert [each["name"] for each in json.loads(listed)["codes"]] == list(CODES)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("upgrade-mising", "; did you mean upgrade-missing or "),
        ("no-such-code", " (httpupgrade explain --list has all codes)"),
    ],
)
def test_of_an_unknown_code_the_nearest_are_named(
    name: str, nearest: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, page, error = explain(capsys, name)
    assert (status, page) == (Exit.WRONG_CALL, "")
    assert error.startswith(f"httpupgrade explain: there is no file and no code {name}{nearest}")


def test_a_file_with_the_name_of_a_code_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("upgrade-missing").write_bytes(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    status, page, _ = explain(capsys, "upgrade-missing")
    assert status == Exit.FINE
    assert page.startswith("upgrade-missing\n  request:  GET / HTTP/1.1\n")
