"""What ``make proxies`` makes of what came of a set-up, and what it prints and records."""

import io
from dataclasses import replace

import pytest
from interop.install import Recipe
from proxies.client import TALKED
from proxies.judge import (
    Row,
    Said,
    Trial,
    count,
    in_brief,
    judge_broken,
    judge_healthy,
    said,
)
from proxies.page import END, START, rewritten
from proxies.products import SET_UPS
from proxies.table import Printer
from proxies.values import Product, SetUp, Sight

from httpupgrade import RequestHead
from httpupgrade.diagnosis import Diagnosis, Suspect, Verdict

PRODUCT = Product("nginx", Recipe("nginx"), ("nginx",), ("nginx", "-v"), "nginx", "braces")
BROKEN = SetUp(PRODUCT, "default.conf")
HEALTHY = SetUp(PRODUCT, "correct.conf", broken=False)
NAMED = Said("broken: nginx", "named")
FINE = Said("healthy", "healthy")
BAD = Trial("426", "HTTP/1.0", NAMED, NAMED, NAMED)
GOOD = Trial(TALKED, "HTTP/1.1", FINE, FINE, FINE)


def diagnosed(verdict: Verdict, *products: str) -> Diagnosis:
    suspects = tuple(Suspect(product) for product in products)
    return Diagnosis(verdict, "code", "It broke.", suspects=suspects)


# --- What a side says ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("diagnosis", "text", "sight"),
    [
        (diagnosed("broken", "nginx", "Caddy"), "broken: nginx, Caddy", "named"),
        (diagnosed("broken", "Caddy", "nginx"), "broken: Caddy, nginx", "among"),
        (diagnosed("broken", "nginx", "nginx"), "broken: nginx", "named"),
        (diagnosed("broken", "Caddy"), "broken: Caddy", "wrong"),
        (diagnosed("broken"), "broken", "unnamed"),
        (diagnosed("unclear"), "unclear", "unnamed"),
        (diagnosed("healthy"), "healthy", "healthy"),
        (diagnosed("healthy", "nginx"), "healthy: nginx", "wrong"),
        (None, "nothing arrived", "nothing"),
    ],
)
def test_how_much_is_seen(diagnosis: Diagnosis | None, text: str, sight: str) -> None:
    assert said(diagnosis, "nginx") == (text, sight)


def test_what_arrived_in_brief() -> None:
    head = RequestHead(
        b"GET", b"/", [(b"Host", b"a"), (b"Upgrade", b"x"), (b"Upgrade", b"y")], b"1.0"
    )
    assert in_brief(head) == "HTTP/1.0, Upgrade: x, y, Connection: none"
    assert in_brief(None) == "no request of HTTP/1.1"


# --- Broken set-ups ------------------------------------------------------------------------------


def test_named_and_mended_is_as_expected() -> None:
    assert judge_broken(BROKEN, BAD, "remedy", GOOD) == []


def test_a_handshake_that_succeeds_is_not_broken() -> None:
    assert judge_broken(BROKEN, BAD._replace(talked=TALKED), "remedy", GOOD) == [
        "the handshake succeeds, and should not"
    ]


@pytest.mark.parametrize(
    ("seen", "wanted", "is_enough"),
    [
        ("named", "named", True),
        ("among", "named", False),
        ("named", "among", True),
        ("unnamed", "among", False),
        ("wrong", "unnamed", False),
        ("healthy", "healthy", True),
        ("named", "healthy", False),
        ("healthy", "unnamed", False),
        ("nothing", "nothing", True),
    ],
)
def test_more_than_expected_may_be_seen_but_not_less(
    seen: Sight, wanted: Sight, is_enough: bool
) -> None:
    setup = replace(BROKEN, server=wanted)
    faults = judge_broken(setup, BAD._replace(server=Said("x", seen)), "remedy", GOOD)
    assert faults == (
        [] if is_enough else [f"from the server's side: x, which is {seen}, not {wanted}"]
    )


def test_a_remedy_has_to_be_there_and_to_be_tried() -> None:
    assert judge_broken(BROKEN, BAD, "", None) == ["no remedy for this product"]
    assert judge_broken(BROKEN, BAD, "remedy", None) == ["remedy was not tried"]


def test_a_remedy_has_to_mend() -> None:
    assert judge_broken(BROKEN, BAD, "remedy", GOOD._replace(talked="426")) == [
        "after remedy: the handshake came to 426"
    ]


def test_what_nothing_mends_is_only_to_be_named() -> None:
    setup = replace(BROKEN, incurable="it cannot")
    assert judge_broken(setup, BAD, "", None) == []
    assert judge_broken(setup, BAD._replace(both=Said("broken", "unnamed")), "", None) == [
        "from both sides: broken, which is unnamed, not named"
    ]


# --- Healthy set-ups -----------------------------------------------------------------------------


def test_no_alarm_is_as_expected() -> None:
    assert judge_healthy(GOOD) == []


def test_false_alarms() -> None:
    assert judge_healthy(GOOD._replace(client=NAMED, plain=("broken",))) == [
        "false alarm from the client's side: broken: nginx",
        "false alarm at a plain request: broken",
    ]


# --- The sum -------------------------------------------------------------------------------------

ROWS = (
    Row(BROKEN, "1.0", BAD, "remedy", GOOD, ()),
    Row(HEALTHY, "1.0", GOOD, "", None, ()),
    Row(BROKEN, "1.0", BAD, "remedy", BAD, ("it did not | mend",), notes="a\nb"),
)
SKIPPED = Row(BROKEN, "", None, "", None, (), "not in Debian")


def test_the_sum() -> None:
    assert str(count([*ROWS, SKIPPED])) == (
        "2 passed, 1 failed, 1 skipped: 2 broken set-ups of 1 products, 1 mended; 1 healthy ones"
    )


def test_the_exit_status() -> None:
    assert count(ROWS[:2]).exit_status(on_ci=True) == 0
    assert count(ROWS).exit_status(on_ci=False) == 1
    assert count([SKIPPED]).exit_status(on_ci=False) == 0
    assert count([SKIPPED]).exit_status(on_ci=True) == 1


# --- What is printed -----------------------------------------------------------------------------


def printed(*rows: Row) -> str:
    file = io.StringIO()
    printer = Printer(file, width=170)
    for row in rows:
        printer.row(row)
    return file.getvalue()


def test_a_line_for_each_set_up() -> None:
    assert printed(*ROWS, SKIPPED) == (
        "ok nginx/default: 426; broken: nginx; remedy: 101, echo\n"
        "ok nginx/correct: 101, echo, and no alarm\n"
        "WRONG nginx/default: 426; broken: nginx; remedy: 426\n"
        "  it did not | mend\n"
        "  | a\n"
        "  | b\n"
        "skipped nginx/default: not in Debian\n"
    )


def test_what_did_not_come_up_says_so() -> None:
    row = Row(BROKEN, "1.0", None, "", None, ("the server ended with status 1",))
    assert printed(row) == (
        "WRONG nginx/default: did not come up\n  the server ended with status 1\n"
    )


def test_what_cannot_be_mended_says_why() -> None:
    row = Row(replace(BROKEN, incurable="it cannot"), "1.0", BAD, "", None, ())
    assert printed(row) == "ok nginx/default: 426; broken: nginx; it cannot\n"


def test_the_table_ends_with_the_sum() -> None:
    file = io.StringIO()
    Printer(file, width=170).table([*ROWS, SKIPPED])
    assert file.getvalue().splitlines()[-1] == str(count([*ROWS, SKIPPED]))


# --- The page ------------------------------------------------------------------------------------


def test_the_tables_stand_between_the_markers() -> None:
    page = rewritten(f"before\n{START}\nold\n{END}\nafter\n", [*ROWS, SKIPPED])
    assert page.startswith(f"before\n{START}\n\n{count([*ROWS, SKIPPED])}.\n\n### Broken\n\n|")
    assert page.endswith(f"|\n\n{END}\nafter\n")
    assert "old" not in page
    correct = "[nginx/correct](../tests/proxies/configs/nginx/correct.conf)"
    default = "[nginx/default](../tests/proxies/configs/nginx/default.conf)"
    assert f"| {correct} | 1.0 | 101, echo | HTTP/1.1 | none |\n" in page
    assert f"| {default} |  | not in Debian |" in page


def test_the_page_says_why_a_side_sees_less_and_why_nothing_mends_it() -> None:
    setup = replace(BROKEN, client="unnamed", unseen="It adds nothing.", incurable="It cannot.")
    page = rewritten(f"{START}{END}", [Row(setup, "1.0", BAD, "", None, ())])
    default = "[nginx/default](../tests/proxies/configs/nginx/default.conf)"
    assert f"| {default} | It adds nothing. It cannot. |\n" in page


def test_no_two_set_ups_have_the_same_name() -> None:
    names = [setup.name for setup in SET_UPS]
    assert len(names) == len(set(names))


def test_a_page_is_written_again_as_it_is() -> None:
    page = rewritten(f"{START}{END}", ROWS)
    assert rewritten(page, ROWS) == page
