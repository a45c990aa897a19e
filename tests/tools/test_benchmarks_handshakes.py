"""Every captured client is timed, and the one who pays most is told."""

import re
from functools import partial
from typing import Final

import pytest
from captures import captured_requests
from feeding import calls_of

from benchmarks import derive
from benchmarks.contender import Job
from benchmarks.contenders import OURS, WEBSOCKETS
from benchmarks.handshakes import (
    COOKIES,
    DEFLATE,
    NAMES,
    SLOW,
    Compared,
    Extreme,
    HandshakePlan,
    Series,
    Times,
    failures,
    handshakes,
    lanes,
    measure,
    runners,
    sum_up,
)
from benchmarks.other_tree import slow_path
from benchmarks.verdict import read_request

KEY: Final = re.compile(rb"(?im)^sec-websocket-key:.*\r\n")


def test_every_distinct_handshake_is_there_once() -> None:
    wanted = {
        KEY.sub(b"KEY\r\n", each.octets.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        for each in captured_requests()
        if each.intent == "websocket" and each.arrived_upgradable
    }
    *captured, derived = handshakes()
    assert len(wanted) > 150
    assert len(captured) == len(wanted)
    assert {KEY.sub(b"KEY\r\n", each.octets) for each in captured} == wanted
    assert len({each.name for each in captured}) == len(captured)
    assert {"chromium", "firefox-esr", "java.net.http WebSocket", "wsproto"} <= {
        each.client for each in captured
    }
    assert b"client_no_context_takeover" in derived.octets


@pytest.mark.parametrize("size", COOKIES.values())
def test_everybody_answers_all_of_them_with_101(size: int) -> None:
    assert [*failures(handshakes(size), runners())] == []


def test_who_answers_otherwise_is_noticed() -> None:
    some = handshakes()[:2]
    run = {"refuses": OURS.jobs[Job.REFUSE].run, "is silent": lambda octets: b""}
    wrong = [*failures(some, run)]
    assert wrong == [f"is silent: {each.name}: closes without an answer" for each in some]


@pytest.mark.parametrize("size", [512, 2048, 4096])
def test_a_cookie_is_of_that_size_and_the_rest_is_as_it_was(size: int) -> None:
    for plain, each in zip(handshakes(), handshakes(size), strict=True):
        *fields, (name, value) = read_request(each.octets).fields
        assert (name, len(value)) == (b"cookie", size)
        assert tuple(fields) == read_request(plain.octets).fields
    assert derive.with_cookie(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nabc", 40).endswith(b"0\r\n\r\n")


def test_the_slow_path_is_one_that_is_off_in_a_copy_alone() -> None:
    (chromium,) = (each for each in handshakes() if each.name == "direct__chromium__websocket")
    slow, ours = (each.jobs[Job.SWITCH].run for each in (slow_path(), OURS))
    assert slow(chromium.octets) == ours(chromium.octets)
    before = calls_of(lambda: ours(chromium.octets))
    assert calls_of(lambda: slow(chromium.octets)) > 2 * before
    assert calls_of(lambda: ours(chromium.octets)) == before


@pytest.mark.parametrize("size", COOKIES.values())
@pytest.mark.parametrize(
    ("name", "middle", "most"), [(OURS.name, 48, 88), (DEFLATE, 48, 88), (SLOW, 600, 750)]
)
def test_no_client_costs_more_calls_than_it_did(
    size: int, name: str, middle: int, most: int
) -> None:
    """Counts of all handshakes: bounds are the counts as they are, and are lowered with them."""
    run = runners()[name]
    asked = [each.octets for each in handshakes(size)]
    for octets in asked:
        run(octets)  # what is made once is made
    calls = sorted(calls_of(partial(run, octets)) for octets in asked)
    assert calls[len(calls) // 2] <= middle
    assert calls[-1] <= most


def test_a_run_times_everybody_at_every_handshake_in_each_round() -> None:
    told: list[int] = []
    series = measure(HandshakePlan(1, 2, 1e-6), lanes(2), told.append)
    assert told == [0, 1]
    assert [each[:3] for each in series] == [
        (cookie, each.name, name)
        for cookie in COOKIES
        for each in handshakes()[:2]
        for name in NAMES
    ]
    assert all(len(each.values) == 2 and min(each.values) > 0 for each in series)


def test_the_worst_is_told_of_each_and_of_each_pair_by_rounds() -> None:
    """Two rounds, of which the second is ten times as slow, in two processes."""
    times = {
        OURS.name: {"a": 1.0, "b": 2.0, "c": 3.0},
        DEFLATE: {"a": 1.0, "b": 1.0, "c": 1.0},
        WEBSOCKETS.name: {"a": 8.0, "b": 8.0, "c": 9.0},
        "zttp + hand-written checks": {"a": 1.0, "b": 1.0, "c": 1.0},
        SLOW: {"a": 4.0, "b": 16.0, "c": 9.0},
    }
    record = [
        Series("2k", handshake, name, (seconds, 10 * seconds))
        for name, some in times.items()
        for handshake, seconds in some.items()
    ]
    (figures,) = sum_up([record, record])
    assert (figures.cookie, figures.handshakes) == ("2k", 3)
    assert figures.times_of(OURS.name) == Times(
        OURS.name, 11.0, Extreme(16.5, "c"), Extreme(1.5, "c")
    )
    assert figures.ratio(WEBSOCKETS.name, OURS.name) == Compared(
        WEBSOCKETS.name, OURS.name, Extreme(3.0, "c"), 4.0, Extreme(8.0, "a")
    )
    slow = figures.ratio(SLOW, WEBSOCKETS.name)
    assert (slow.least, slow.median, slow.greatest) == (Extreme(0.5, "a"), 1.0, Extreme(2.0, "b"))
