"""Times are compared within one round, and what is claimed of them is computed from one run."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import pytest

from benchmarks import __main__ as command
from benchmarks.aims import Aim, aims_of, describe_aims
from benchmarks.cases import CASES, Section
from benchmarks.contender import Job
from benchmarks.contenders import (
    BEHIND_HTTPTOOLS,
    BEHIND_ZTTP,
    CONTENDERS,
    FROM_OCTETS,
    OURS,
)
from benchmarks.handshakes import COOKIES, NAMES, OUR_NAMES, SLOW, HandshakePlan, Series
from benchmarks.handshakes import sum_up as sum_up_handshakes
from benchmarks.imports import ImportTimes, modules
from benchmarks.memory import Weight, subjects
from benchmarks.record import ProcessRecord, build_suite, collect_metadata, write_suite
from benchmarks.report import describe_all, describe_case
from benchmarks.run import Entry, Plan, enter_all, lane_of, measure, our_failures
from benchmarks.summary import (
    CaseFigures,
    Figure,
    Ratio,
    Summary,
    ratio_of,
    read_summary,
    sum_up,
    values_of,
    write_summary,
)
from benchmarks.timing import Lane, Timing, calibrate, order_of_round, time_in_rounds
from benchmarks.verdict import Verdict

PLAN: Final = Plan(1, 2, 1e-6, 10, 2, HandshakePlan(processes=1, rounds=2, slot=1e-6))


# The clock.


class _Bench:
    """A clock that stands still but for the calls of its functions."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls: list[str] = []

    def clock(self) -> float:
        return self.now

    def lane(self, name: str, case: str, cost: float) -> Lane:
        def function(given: bytes) -> bytes:
            self.calls.append(name)
            self.now += cost
            return given

        return Lane(name, case, function, b"")


LANES: Final = tuple(_Bench().lane(name, name[0], 1.0) for name in ("a1", "a2", "a3", "b1", "b2"))


@pytest.mark.parametrize("number", range(7))
def test_a_round_times_every_lane_once_and_keeps_cases_together(number: int) -> None:
    order = order_of_round(LANES, number)
    assert sorted(order) == [0, 1, 2, 3, 4]
    assert [LANES[place].case for place in order] == ["a", "a", "a", "b", "b"]


def test_each_lane_of_a_case_has_each_turn_equally_often() -> None:
    turns = [tuple(order_of_round(LANES, number)[:3]) for number in range(6)]
    for turn in range(3):
        assert sorted(order[turn] for order in turns) == [0, 0, 1, 1, 2, 2]


def test_calibration_doubles_the_calls_until_they_fill_the_slot() -> None:
    bench = _Bench()
    assert calibrate(bench.lane("a", "a", 1.0), 5.0, bench.clock) == (8, 8.0)


def test_one_slow_call_does_not_settle_how_many_fill_the_slot() -> None:
    bench = _Bench()
    costs = iter([1.0, 50.0])

    def function(given: bytes) -> bytes:
        bench.now += next(costs, 1.0)
        return given

    assert calibrate(Lane("a", "a", function, b""), 5.0, bench.clock) == (8, 8.0)


def test_times_are_seconds_per_call_one_for_each_round() -> None:
    bench = _Bench()
    lanes = [bench.lane("ours", "a", 2.0), bench.lane("theirs", "a", 6.0)]
    told: list[int] = []
    ours, theirs = time_in_rounds(lanes, rounds=3, slot=8.0, clock=bench.clock, tell=told.append)
    assert told == [0, 1, 2]
    assert ours == Timing("ours", 4, 2.0, (2.0, 2.0, 2.0))
    assert theirs == Timing("theirs", 2, 6.0, (6.0, 6.0, 6.0))
    assert bench.calls[-18:] == [
        *["ours"] * 4,
        *["theirs"] * 2,
        *["ours"] * 4,
        *["theirs"] * 2,
        *["ours"] * 4,
        *["theirs"] * 2,
    ]


# The figures.


def test_what_slows_a_whole_round_does_not_change_its_ratio() -> None:
    assert ratio_of([3.0, 6.0, 30.0], [1.0, 2.0, 10.0]) == Ratio(3.0, 3.0, 3.0)


def test_a_ratio_is_the_median_of_the_rounds_and_not_of_the_times() -> None:
    assert ratio_of([2.0, 4.0, 9.0], [1.0, 4.0, 1.0]) == Ratio(1.5, 2.0, 5.5)


def test_rounds_are_paired_or_refused() -> None:
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        ratio_of([1.0, 2.0], [1.0])


def test_a_run_times_who_did_the_job_with_an_argument_made_before() -> None:
    entries = [each for each in enter_all() if each.case.section is Section.VALUES]
    record = measure(PLAN, entries)
    assert [each.lane for each in record.timings] == [
        entry.name for entry in entries if entry.verdict.done
    ]
    assert all(len(each.values) == PLAN.rounds for each in record.timings)
    theirs = next(each for each in entries if each.contender.name == "websockets")
    assert lane_of(theirs).given == "websocket"


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main(["--output", str(tmp_path / "missing" / "bench.json")])
    assert "no directory" in capsys.readouterr().err


def test_our_own_failure_is_noticed() -> None:
    failure = Entry(CASES[0], OURS, Verdict(False, "answers 400"))
    peers = Entry(CASES[0], CONTENDERS[1], Verdict(False, "answers 400"))
    assert our_failures([failure, peers]) == [failure]


def _record(metadata: dict[str, str | int | float], *series: Sequence[float]) -> ProcessRecord:
    timings = [Timing(f"lane {place}", 8, 0.5, tuple(each)) for place, each in enumerate(series)]
    return ProcessRecord(timings, metadata)


def test_a_recorded_file_keeps_the_order_of_processes_and_rounds(tmp_path: Path) -> None:
    metadata = collect_metadata(["httpupgrade"])
    records = [_record(metadata, [1.0, 3.0], [2.0, 4.0]), _record(metadata, [5.0, 7.0], [6.0, 8.0])]
    file = tmp_path / "bench.json"
    file.write_text("an older one")
    write_suite(build_suite(records), file)
    recorded = json.loads(file.read_text())
    assert [
        [run["values"] for run in benchmark["runs"]] for benchmark in recorded["benchmarks"]
    ] == [[[1.0, 3.0], [5.0, 7.0]], [[2.0, 4.0], [6.0, 8.0]]]


def test_a_recorded_file_names_the_kind_of_machine_and_not_the_machine(tmp_path: Path) -> None:
    metadata = collect_metadata(["httpupgrade", "h11"])
    assert {"date", "cpu_count", "python_version", "version_httpupgrade"} <= metadata.keys()
    assert {"hostname", "python_executable", "python_config_args"}.isdisjoint(metadata)
    file = tmp_path / "bench.json"
    write_suite(build_suite([_record(metadata, [1.0])]), file)
    assert str(Path(__file__).parents[2]) not in file.read_text()


# The summary.

METADATA: Final = {
    **collect_metadata(["httpupgrade", "h11"]),
    "date": "2026-01-02 03:04:05.678",
    "load_avg_1min": 0.5,
}


def _series(cookie: str, handshake: str, contender: str) -> Series:
    """Two rounds, the second of which was twice as slow. With java's client everybody is slower."""
    seconds = {"websockets": 47e-6, "zttp + hand-written checks": 11e-6, SLOW: 40e-6}
    slower = 2.0 if handshake == "java" else 1.0
    mine = seconds.get(contender, 10e-6) * slower
    if cookie == "4k" and handshake == "java" and contender in OUR_NAMES:
        mine *= 1.5
    return Series(cookie, handshake, contender, (mine, 2 * mine))


CLIENTS: Final = ("chromium", "firefox", "java")
HANDSHAKES: Final = sum_up_handshakes(
    [[_series(cookie, each, name) for cookie in COOKIES for each in CLIENTS for name in NAMES]]
)


def _summary(seconds: Callable[[Entry], float] = lambda entry: 2e-5) -> Summary:
    """Of a run in which every lane took what it is said to take, in two rounds."""
    entries = enter_all()
    timings = [
        Timing(each.name, 1, 0.0, (seconds(each), 2 * seconds(each)))
        for each in entries
        if each.verdict.done
    ]
    weights = [
        Weight(name, state, 1000.0 if name == OURS.name else 2000.0, 3000.0)
        for name, state in subjects()
    ]
    imports = [
        ImportTimes(each, (0.5, 0.5) if each == "h11" else (0.25, 0.5)) for each in modules()
    ]
    records = [ProcessRecord(timings, METADATA)]
    return sum_up(PLAN, entries, records, weights, imports, HANDSHAKES)


def test_a_summary_has_the_median_and_the_ratio_of_everybody_who_was_timed() -> None:
    summary = _summary(lambda entry: 1e-5 if entry.contender is OURS else 3e-5)
    for case in CASES:
        figures = summary.case(case.name).figures
        assert figures[0].contender == OURS.name
        assert figures[0].seconds == pytest.approx(1.5e-5)
        assert figures[0].ratio == Ratio(1.0, 1.0, 1.0)
        for figure in figures[1:]:
            assert figure.seconds == pytest.approx(4.5e-5)
            assert figure.ratio == pytest.approx((3.0, 3.0, 3.0))
    ours, theirs = (
        next(each for each in summary.imports if each.contender == module)
        for module in ("httpupgrade", "h11")
    )
    assert ours == Figure("httpupgrade", 0.375, Ratio(1.0, 1.0, 1.0))
    assert theirs == Figure("h11", 0.5, Ratio(1.25, 1.5, 1.75))


def test_a_summary_is_the_same_when_it_is_read_again(tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    write_summary(_summary(lambda entry: len(entry.name) * 1e-6 / 7), first)
    summary = read_summary(first)
    write_summary(summary, second)
    assert read_summary(second) == summary
    assert second.read_text() == first.read_text()
    assert max(map(len, first.read_text().splitlines())) < 200


def test_a_summary_keeps_nothing_of_the_machine_but_its_kind(tmp_path: Path) -> None:
    file = tmp_path / "latest.json"
    write_summary(_summary(), file)
    summary = json.loads(file.read_text())
    assert summary["about"].keys() <= {
        "python_implementation",
        "python_version",
        "cpu_model_name",
        "cpu_count",
        "platform",
    }
    assert summary["date"] == "2026-01-02 03:04:05"
    assert summary["versions"].keys() == {"httpupgrade", "h11"}
    assert str(Path(__file__).parents[2]) not in file.read_text()


def test_values_of_a_lane_come_in_the_order_of_processes_and_rounds() -> None:
    records = [_record({}, [1.0, 3.0], [2.0, 4.0]), _record({}, [5.0, 7.0], [6.0, 8.0])]
    assert values_of(records, "lane 1") == [2.0, 4.0, 6.0, 8.0]


# The report.


def test_the_report_names_every_case_every_contender_and_every_excuse() -> None:
    summary = _summary()
    report = "\n".join(describe_all(summary))
    for case in CASES:
        assert f"({case.name}, " in report
    for contender in CONTENDERS:
        assert contender.name in report
    for shortfall in summary.shortfalls:
        assert shortfall.words in report
    for section in Section:
        assert f"\n{section.value}\n" in report
    for figures in summary.handshakes:
        assert f"3 handshakes {'with' if COOKIES[figures.cookie] else 'as'}" in report
    assert "20.0 us" in report
    assert "3.13   java; at most 4.70" in report


@pytest.mark.parametrize(
    ("section", "octets", "time"),
    [
        (Section.SWITCH, 500, "64.00 us"),
        (Section.SIZE, 1000, "64.00 ns/octet"),
        (Section.PIPELINE, 1000, "1.0 us/req."),
    ],
)
def test_a_table_has_ratio_spread_time_and_our_time(
    section: Section, octets: int, time: str
) -> None:
    figures = (
        Figure(OURS.name, 64e-6, Ratio(1.0, 1.0, 1.0)),
        Figure("other", 128e-6, Ratio(1.9, 2.0, 2.25)),
    )
    *_, ours, theirs = describe_case(CaseFigures("a", "A", section.value, octets, figures))
    assert ours.split() == [OURS.name, "1.00", *time.split(), *time.split()]
    assert theirs.split()[:5] == ["other", "2.00", "1.90", "to", "2.25"]
    assert theirs.endswith(time)


def test_load_that_is_not_our_own_is_pointed_out() -> None:
    busy = _summary()._replace(loads=(0.9, 1.4))
    assert "Other work ran meanwhile" in "\n".join(describe_all(busy))
    quiet = _summary()._replace(loads=(0.9, 1.1))
    assert "Other work ran meanwhile" not in "\n".join(describe_all(quiet))


# The aims.


def _seconds(entry: Entry) -> float:
    """A run in which all aims are met, some of them by a hair."""
    per_octet = {"octets": 1e-6, "whole": 1e-8}.get(entry.case.name.split("-")[0])
    if per_octet is not None:
        flat = 1.0 if entry.contender is OURS or entry.case.name.endswith("-1k") else 1.1
        return per_octet * flat * len(entry.case.octets())
    if entry.case.job is Job.SWITCH_PARSED:
        named = {FROM_OCTETS: 100e-6, OURS.name: 90e-6, BEHIND_HTTPTOOLS: 80e-6}
        return (named | {BEHIND_ZTTP: 91e-6}).get(entry.contender.name, 10e-6)
    if entry.contender is OURS:
        return {Job.REQUIRE: 17e-6, Job.REFUSE: 40e-6}.get(entry.case.job, 10e-6)
    return {"h11 + wsproto": 81e-6, "websockets": 46e-6}.get(entry.contender.name, 10.1e-6)


def test_aims_are_computed_from_one_run() -> None:
    aims = list(aims_of(_summary(_seconds)))
    figures = [aim.figure for aim in aims]
    clients = [4.7, 2.0, 40 / 47] * 3 + [4.7 / 1.5, 3.0, 40 / 47]
    passing, refusals = [1 / 1.01, 1 / 1.01], [25.5, 4.0]
    assert figures == pytest.approx(
        [8.1, 4.6, 1 / 1.01, *clients, *passing, *refusals, 0.9, 0.8, 0.91, 1, 1500, 1000, 2 / 3]
    )
    bounds = [aim.bound for aim in aims]
    assert bounds == pytest.approx(
        [8, 4.5, 1, *[4.5, 2.5, 1] * 4, 1, 1.5, 24.5, 4, 0.9, 0.9, 0.9, 1.3, 1650, 2000, 1.1]
    )
    unmet = [aim.words for aim in aims if not aim.met]
    assert unmet == [
        "every client, 4096 octets of cookie: websockets as a multiple of us, at least",
        "every client, 4096 octets of cookie: the slowest as a multiple of our median",
        "426 to Chromium's GET, against 1.5 x letting go + 2 us",
        "101 to a head that zttp parsed, as a share of octets to 101",
    ]


@pytest.mark.parametrize(
    ("figure", "at_least", "met"),
    [(2.0, False, True), (2.1, False, False), (2.0, True, True), (1.9, True, False)],
)
def test_an_aim_is_met_or_not(figure: float, at_least: bool, met: bool) -> None:
    assert Aim("a", figure, 2.0, at_least=at_least).met is met


def test_the_report_says_of_each_aim_whether_it_is_met() -> None:
    summary = _summary(_seconds)
    lines = list(describe_aims(aims_of(summary)))
    assert len(lines) == len(list(aims_of(summary)))
    assert [line.startswith("  not met  ") for line in lines].count(True) == 4
    assert all(line.startswith(("  met  ", "  not met  ")) for line in lines)
