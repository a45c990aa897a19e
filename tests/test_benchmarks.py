"""The benchmarks measure work that was done, and compare within one round."""

import ast
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from benchmarks.__main__ import main
from benchmarks.cases import CASES, Case
from benchmarks.contender import Contender, Job, Outcome, PlainRequest
from benchmarks.contenders import CONTENDERS, OURS
from benchmarks.contenders.handwritten import answer_websocket
from benchmarks.record import ProcessRecord, build_suite, collect_metadata, write_suite
from benchmarks.report import Ratio, describe_all, ratio_of
from benchmarks.run import Entry, Plan, enter_all, measure, our_failures, try_once
from benchmarks.timing import Lane, Timing, calibrate, order_of_round, time_in_rounds
from benchmarks.verdict import Verdict, judge, read_request

DONE: Final = Verdict(True)
ZLIB: Final = "left out: it makes its zlib objects in the same call, which is more work"

# What is not done, and what a 426 still lacks. Everything that is not here is done, wholly.
EXCEPTIONS: Final = {
    ("101-chromium-deflate", "websockets"): Verdict(False, ZLIB),
    ("426-chromium-get", "h11 + wsproto"): Verdict(False, "answers 400"),
    ("426-chromium-get", "websockets"): Verdict(
        True,
        "answers 426 Upgrade Required,"
        " without Connection: upgrade (RFC 9110 7.8) or Sec-WebSocket-Version",
    ),
    ("pass-curl-h2c-post", "websockets"): Verdict(False, "closes without an answer"),
}

# Of each capture's Sec-WebSocket-Key, computed with openssl.
ACCEPTS: Final = {
    "direct__chromium__websocket.bin": b"3tR/YQeH2pBV3OIPPtQKDouX+HI=",
    "direct__firefox-esr__websocket.bin": b"T9IyjH9vE9Pvydpx0gW0aeY/9dA=",
}

# The handshake of RFC 6455 1.3 and its answer.
ASKED: Final = (
    b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Version: 13\r\n\r\n"
)
SWITCHED: Final = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
POSTED: Final = b"POST /chat HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
REQUIRED: Final = (
    b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n"
)


class _Handed:
    """A request that was handed on, as it is given here."""

    def __init__(self, request: PlainRequest) -> None:
        self._request = request

    def plain(self) -> PlainRequest:
        return self._request


def _name(value: object) -> str | None:
    return value.name if isinstance(value, Case | Contender) else None


# The contenders do the work.


@pytest.mark.parametrize("contender", CONTENDERS, ids=_name)
@pytest.mark.parametrize("case", CASES, ids=_name)
def test_every_contender_does_every_job_or_is_known_not_to(
    case: Case, contender: Contender
) -> None:
    expected = EXCEPTIONS.get((case.name, contender.name), DONE)
    assert try_once(case, contender) == expected


@pytest.mark.parametrize("contender", CONTENDERS, ids=_name)
@pytest.mark.parametrize("case", [each for each in CASES if each.capture in ACCEPTS], ids=_name)
def test_every_101_answers_the_captured_key(case: Case, contender: Contender) -> None:
    function = contender.jobs.get(case.job)
    if function is None:
        assert case.job in contender.left_out
        return
    answer = function(case.octets())
    assert isinstance(answer, bytes)
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert b"\r\nSec-WebSocket-Accept: %b\r\n" % ACCEPTS[case.capture] in answer


@pytest.mark.parametrize("contender", CONTENDERS, ids=_name)
def test_a_declined_upgrade_keeps_its_body_wherever_the_request_is_handed_on(
    contender: Contender,
) -> None:
    (case,) = (each for each in CASES if each.name == "pass-curl-h2c-post")
    outcome = contender.jobs[Job.HAND_ON](case.octets())
    if isinstance(outcome, bytes):
        assert (case.name, contender.name) in EXCEPTIONS
    else:
        assert outcome.plain().body == b'{"a":1}'


@pytest.mark.parametrize("contender", CONTENDERS, ids=_name)
@pytest.mark.parametrize(
    ("found", "replaced"),
    [
        pytest.param(b"Connection: Upgrade", b"Connection: keep-alive", id="connection"),
        pytest.param(b"Upgrade: websocket", b"Upgrade: h2c", id="upgrade"),
        pytest.param(b"Version: 13", b"Version: 12", id="version"),
        pytest.param(b"Sec-WebSocket-Key", b"Sec-WebSocket-Kay", id="key"),
        pytest.param(b"GET", b"PUT", id="method"),
    ],
)
def test_every_contender_checks_what_a_handshake_needs(
    contender: Contender, found: bytes, replaced: bytes
) -> None:
    (octets,) = {each.octets() for each in CASES if each.name == "101-chromium"}
    assert found in octets
    answer = contender.jobs[Job.SWITCH](octets.replace(found, replaced, 1))
    assert isinstance(answer, bytes)
    assert answer.startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        pytest.param(b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=", b"400", id="key-padding"),
        pytest.param(b"sec-websocket-key", b"dGhlIHNhbXBsZQ==", b"400", id="key-of-10-octets"),
        pytest.param(b"sec-websocket-key", b"", b"400", id="key-empty"),
        pytest.param(b"sec-websocket-version", b"13, 8", b"426", id="version-list"),
        pytest.param(b"connection", b"not-upgrade", b"426", id="option-matched-whole"),
        pytest.param(b"connection", b"keep-alive, Upgrade", b"101", id="option-in-a-list"),
        pytest.param(b"upgrade", b"WebSocket", b"101", id="token-in-any-case"),
    ],
)
def test_the_hand_written_checks_are_those_of_a_careful_server(
    name: bytes, value: bytes, status: bytes
) -> None:
    fields = {**dict(read_request(ASKED).fields), name: value}
    answer = answer_websocket(b"GET", "1.1", fields.items(), deflate=False)
    assert answer.split(b" ")[1] == status


def test_the_hand_written_checks_refuse_http_1_0_and_a_second_key() -> None:
    fields = read_request(ASKED).fields
    again = (*fields, (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="))
    assert answer_websocket(b"GET", "1.1", fields, deflate=False) == SWITCHED
    assert answer_websocket(b"GET", "1.0", fields, deflate=False).startswith(b"HTTP/1.1 426 ")
    assert answer_websocket(b"GET", "1.1", again, deflate=False).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("offer", "agreed"),
    [
        (b"permessage-deflate; client_max_window_bits", b"permessage-deflate"),
        (
            b"x-unknown, permessage-deflate; server_max_window_bits=10",
            b"permessage-deflate; server_max_window_bits=10",
        ),
        (b"permessage-deflate; client_max_window_bits=99", None),
        (b"permessage-deflate; server_max_window_bits", None),
        (b"permessage-deflate; unknown", None),
    ],
)
def test_the_hand_written_checks_negotiate_permessage_deflate(
    offer: bytes, agreed: bytes | None
) -> None:
    fields = (*read_request(ASKED).fields, (b"sec-websocket-extensions", offer))
    answer = answer_websocket(b"GET", "1.1", fields, deflate=True)
    line = b"" if agreed is None else b"Sec-WebSocket-Extensions: %b\r\n" % agreed
    assert answer == SWITCHED.removesuffix(b"\r\n") + line + b"\r\n"


# The verdict can be no.


@pytest.mark.parametrize(
    ("job", "request_octets", "outcome", "done"),
    [
        pytest.param(Job.SWITCH, ASKED, SWITCHED, True, id="101"),
        pytest.param(Job.SWITCH, ASKED, SWITCHED.replace(b"s3p", b"S3p"), False, id="101-accept"),
        pytest.param(Job.SWITCH, ASKED, SWITCHED.replace(b"101", b"200"), False, id="101-status"),
        pytest.param(Job.SWITCH, ASKED, SWITCHED + b"x", False, id="101-content"),
        pytest.param(
            Job.SWITCH, ASKED, SWITCHED.replace(b"websocket", b"h2c"), False, id="101-upgrade"
        ),
        pytest.param(
            Job.SWITCH,
            ASKED,
            SWITCHED.replace(b": Upgrade", b": close"),
            False,
            id="101-connection",
        ),
        pytest.param(Job.SWITCH_DEFLATE, ASKED, SWITCHED, False, id="101-without-extension"),
        pytest.param(Job.SWITCH, ASKED, b"", False, id="101-silence"),
        pytest.param(Job.SWITCH, ASKED, _Handed(read_request(ASKED)), False, id="101-handed-on"),
        pytest.param(Job.REQUIRE, POSTED, REQUIRED, True, id="426"),
        pytest.param(Job.REQUIRE, POSTED, REQUIRED.replace(b"426", b"400"), False, id="426-status"),
        pytest.param(
            Job.REQUIRE, POSTED, REQUIRED.replace(b"websocket", b"h2c"), False, id="426-upgrade"
        ),
        pytest.param(Job.REQUIRE, POSTED, REQUIRED + b"x", False, id="426-length"),
        pytest.param(Job.HAND_ON, POSTED, _Handed(read_request(POSTED)), True, id="pass"),
        pytest.param(
            Job.HAND_ON,
            POSTED,
            _Handed(read_request(POSTED)._replace(body=b"")),
            False,
            id="pass-without-body",
        ),
        pytest.param(Job.HAND_ON, POSTED, REQUIRED, False, id="pass-answered"),
    ],
)
def test_an_outcome_counts_only_if_the_job_was_done(
    job: Job, request_octets: bytes, outcome: Outcome, done: bool
) -> None:
    verdict = judge(job, request_octets, outcome)
    assert verdict.done is done
    assert bool(verdict.words) is not done


# The clock.


class _Bench:
    """A clock that stands still but for the calls of its functions."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls: list[str] = []

    def clock(self) -> float:
        return self.now

    def lane(self, name: str, case: str, cost: float) -> Lane:
        def function(octets: bytes) -> bytes:
            self.calls.append(name)
            self.now += cost
            return octets

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


def test_times_are_seconds_per_call_one_for_each_round() -> None:
    bench = _Bench()
    lanes = [bench.lane("ours", "a", 2.0), bench.lane("theirs", "a", 6.0)]
    ours, theirs = time_in_rounds(lanes, rounds=3, slot=8.0, clock=bench.clock)
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


def test_a_run_times_who_did_the_job_and_reports_who_did_not() -> None:
    entries = enter_all()
    plan = Plan(processes=1, rounds=2, slot=1e-6)
    record = measure(plan)
    assert our_failures(entries) == []
    assert [each.lane for each in record.timings] == [
        entry.name for entry in entries if entry.verdict.done
    ]
    report = "\n".join(describe_all(plan, entries, [record]))
    for entry in entries:
        assert (entry.verdict.words or entry.contender.name) in report
    assert "Not timed" in report


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--output", str(tmp_path / "missing" / "bench.json")])
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
    assert str(Path(__file__).parent) not in file.read_text()


# The shape.


def test_each_foreign_library_is_imported_in_exactly_one_file() -> None:
    root = Path(__file__).parent.parent / "benchmarks"
    importers: dict[str, set[str]] = {}
    for file in root.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [node.module]
            for name in names:
                importers.setdefault(name.partition(".")[0], set()).add(file.name)
    foreign = {"h11", "wsproto", "websockets", "httptools", "pyperf", "httpupgrade"}
    assert {name: len(importers[name]) for name in foreign} == dict.fromkeys(foreign, 1)
