"""What ``make interop`` expects, reads and prints, without clients, servers or a network."""

import io
import re
import sys

import pytest
from interop import __main__ as runner
from interop.__main__ import OTHERS
from interop.foreign import FOREIGN
from interop.hosting import Setup
from interop.install import PYTHON, ROOT
from interop.judge import Expected, Row, Sum, count, failed, judge, skipped
from interop.processes import Ran
from interop.readers import Said, UnreadableError, read_curl, read_json, read_nghttp, read_text
from interop.servers import Seen
from interop.shown import SHOWN
from interop.table import Printer

EXPECTED = Expected(("426", "101 websocket"), "echoed")
PLAIN = Seen("none", "426", False)
OFFER = Seen("websocket", "101 websocket", False)


def row(seen: list[Seen], outcome: str = "echoed", version: str = "") -> Row:
    return judge("client", "1.0", EXPECTED, seen, Said(outcome, version))


# --- A row ---------------------------------------------------------------------------------------


def test_a_client_that_comes_out_as_expected_has_passed() -> None:
    assert row([PLAIN, OFFER]).verdict == "passed"
    assert row([PLAIN, OFFER]).faults == ()


def test_how_often_a_client_asks_is_its_own_matter() -> None:
    assert row([PLAIN, PLAIN, OFFER, OFFER]).verdict == "passed"


def test_the_order_is_not() -> None:
    assert row([OFFER, PLAIN]).faults == (
        "decided 101 websocket, then 426, not 426, then 101 websocket",
    )


def test_a_decision_inside_tls_is_another_one() -> None:
    assert row([PLAIN, OFFER._replace(secure=True)]).faults == (
        "decided 426, then 101 websocket in TLS, not 426, then 101 websocket",
    )


def test_both_what_was_decided_and_what_came_of_it_are_held_to_the_table() -> None:
    wrong = row([], "hung up")
    assert wrong.verdict == "failed"
    assert wrong.faults == (
        "decided nothing, not 426, then 101 websocket",
        "came to 'hung up', not 'echoed'",
    )


def test_a_version_that_comes_with_the_outcome_is_the_version() -> None:
    assert row([], version="2.0").version == "2.0"
    assert row([]).version == "1.0"


# --- All of them ---------------------------------------------------------------------------------


def test_the_sum_is_the_last_line() -> None:
    log = io.StringIO()
    rows = [row([PLAIN, OFFER]), failed("b", "", [PLAIN], "[red]"), skipped("c", "no root")]
    Printer(log, 120).table(rows)
    assert log.getvalue().endswith("\n1 passed, 1 failed, 1 skipped\n")
    assert "[red]" in log.getvalue()
    assert "no root" in log.getvalue()


def test_an_offer_and_its_decision_are_together_on_a_narrow_terminal() -> None:
    log = io.StringIO()
    tls = Seen("TLS/1.2,TLS/1.1,TLS/1.0", "101 TLS/1.2", False)
    Printer(log, 80).table([failed("lpstat", "2.4.2", [PLAIN, tls], "no default destination")])
    lines = [line.split("│") for line in log.getvalue().splitlines() if line.startswith("│")]
    cell = "".join(line[3].replace(" ", "") for line in lines)
    assert cell == "none->426TLS/1.2,TLS/1.1,TLS/1.0->101TLS/1.2"


def test_a_client_that_did_not_pass_says_why_at_once() -> None:
    log = io.StringIO()
    printer = Printer(log)
    printer.row(row([PLAIN, OFFER])._replace(stderr="a warning"))
    printer.row(skipped("b", "no root"))
    printer.row(failed("c", "", [], "hung up", "\n".join(map(str, range(20)))))
    last = "".join(f"  | {line}\n" for line in range(5, 20))
    assert log.getvalue() == f"ok client\nskipped b\n  no root\nWRONG c\n  hung up\n{last}"


@pytest.mark.parametrize(
    ("counted", "at_home", "on_ci"),
    [
        (Sum(3, 0, 0), 0, 0),
        (Sum(2, 1, 0), 1, 1),
        (Sum(2, 0, 1), 0, 1),
        (Sum(1, 1, 1), 1, 1),
    ],
)
def test_a_skipped_client_is_wrong_on_ci_alone(counted: Sum, at_home: int, on_ci: int) -> None:
    assert counted.exit_status(on_ci=False) == at_home
    assert counted.exit_status(on_ci=True) == on_ci


def test_each_verdict_is_counted() -> None:
    rows = [row([PLAIN, OFFER]), row([]), skipped("c", "d"), skipped("e", "f")]
    assert count(rows) == Sum(1, 1, 2)


def test_names_are_unique_and_what_they_are_built_from_is_there() -> None:
    names = [other.name for other in OTHERS]
    assert len(names) == len(set(names))
    for other in OTHERS:
        assert not other.recipe.steps or other.recipe.sources.is_dir()


def texts_of(setup: Setup) -> list[str]:
    """All that something is filled in."""
    files = (setup.home / setup.files).rglob("*") if setup.files else ()
    return [*setup.command, *setup.behind, *(each.read_text() for each in files if each.is_file())]


def test_what_servers_are_set_up_with_is_there_and_is_all_filled_in() -> None:
    for setup in [*(each.setup for each in FOREIGN), *(each.setup for each in SHOWN)]:
        assert not setup.files or (setup.home / setup.files).is_dir()
        names = {name for text in texts_of(setup) for name in re.findall(r"@(\w+)@", text)}
        assert names <= {"port", "inner", "where"}
        assert ("port" in names) is not setup.handed_over
        assert not setup.behind or "inner" in names


def test_the_page_has_a_row_for_each_of_them() -> None:
    page = (ROOT / "docs" / "interop.md").read_text(encoding="utf-8")
    rows = [line.split(" | ")[0] for line in page.splitlines() if line.startswith("| ")]
    heads = {"| Run", "| ---"}
    names = [row.removeprefix("| ") for row in rows if row not in heads]
    assert names == [other.name for other in OTHERS]


# --- What clients print --------------------------------------------------------------------------


def test_a_line_of_json_is_read_behind_other_lines() -> None:
    printed = 'warning\n{"version": "8.1", "status": 101, "outcome": "echoed"}\n'
    assert read_json(Ran(0, printed, "")) == Said("101, echoed", "8.1")


@pytest.mark.parametrize(
    ("ran", "complaint"),
    [
        (Ran(1, "", "one\nError: refused\n  at two\n"), "Error: refused"),
        (Ran(1, "", "java.net.ConnectException: refused\n\tat A\n\t... 6 more\n"), "refused"),
        (Ran(1, "", "one\nlast\n"), "last"),
        (Ran(3, "", ""), "exit status 3"),
        (Ran(0, "", ""), "exit status 0"),
        (Ran(0, "{}\n{}\n", ""), "{}"),
        (Ran(0, "{oh\n", ""), "JSONDecodeError"),
        (Ran(0, '{"version": "1"}\n', ""), "KeyError('status')"),
        (Ran(0, '{"version": "1", "status": null, "outcome": ""}\n', ""), "TypeError"),
    ],
)
def test_what_is_no_line_of_json_is_a_complaint(ran: Ran, complaint: str) -> None:
    with pytest.raises(UnreadableError) as raised:
        read_json(ran)
    assert complaint in str(raised.value)


def test_curl_says_by_which_version_the_body_came() -> None:
    assert read_curl(Ran(0, "a\nb\n200 HTTP/2\n", "")) == Said("200 by HTTP/2, body 'a\\nb'")
    with pytest.raises(UnreadableError, match=r"curl: \(7\)"):
        read_curl(Ran(7, "\n000 HTTP/0\n", "curl: (7) an error"))


def test_nghttp_says_it_in_its_statistics() -> None:
    table = "posted***** Statistics *****\n id  responseEnd ... code size request path\n"
    line = " 13     +1.17ms       +143us     1.03ms  200    6 /\n"
    assert read_nghttp(Ran(0, table + line, "")) == Said("200 by HTTP/2, body 'posted'")
    with pytest.raises(UnreadableError, match="Upgrade failed"):
        read_nghttp(Ran(0, "", "[ERROR] HTTP Upgrade failed"))


def test_other_output_is_one_line() -> None:
    assert read_text(Ran(0, "a\n b\n", "")) == Said("a b")
    with pytest.raises(UnreadableError, match="no"):
        read_text(Ran(1, "a", "no"))


# --- The runner -----------------------------------------------------------------------------------


def test_python_needs_nothing_but_the_environment_it_runs_in() -> None:
    assert (PYTHON.programs, PYTHON.steps) == ((), ())


def test_the_names_can_be_listed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["interop", "--list"])
    assert runner.main() == 0
    assert capsys.readouterr().out.split() == [other.name for other in OTHERS]
