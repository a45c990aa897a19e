"""Memory and imports are measured on what they say they are measured on."""

import tracemalloc
from typing import Final

import pytest

from benchmarks.contender import Contender
from benchmarks.contenders import CONTENDERS, H11_CHECKS, OURS
from benchmarks.imports import (
    EVERYTHING,
    FIRST,
    ImportTimes,
    import_in_rounds,
    modules,
    seconds_to_import,
)
from benchmarks.memory import STATES, subjects, traced_growth, weigh

HOLDERS: Final = [each for each in CONTENDERS if each.hold is not None]


@pytest.mark.parametrize("contender", HOLDERS, ids=lambda each: each.name)
def test_each_connection_is_one_of_its_own(contender: Contender) -> None:
    assert contender.hold is not None
    idle, fed = contender.hold(b""), contender.hold(b"GET / HTTP/1.1\r\nHost: a\r\n")
    assert type(idle) is type(fed)
    assert idle is not contender.hold(b"")


def test_everybody_who_holds_a_connection_is_weighed_in_both_states() -> None:
    assert subjects() == [(each.name, state) for each in HOLDERS for state in STATES]
    assert {OURS.name, H11_CHECKS.name} <= {name for name, _ in subjects()}


def test_a_weight_is_what_one_of_many_takes_without_the_list_that_holds_them() -> None:
    tracemalloc.start()
    try:
        assert traced_growth(lambda: None, 100_000) < 0.1
        weight = traced_growth(lambda: bytearray(1000), 100)
    finally:
        tracemalloc.stop()
    assert 1000 < weight < 1200


def test_what_was_fed_weighs_something() -> None:
    idle, fed = (weigh(OURS.name, state, 200) for state in STATES)
    assert (idle.contender, idle.state) == (OURS.name, "idle")
    assert 0 < idle.traced < fed.traced
    assert not tracemalloc.is_tracing()


def test_an_import_is_timed_in_an_interpreter_that_sees_the_same_packages() -> None:
    assert 0.0 < seconds_to_import("httpupgrade") < 60.0


def test_what_is_loaded_when_it_is_asked_for_is_in_the_figure() -> None:
    """A bare ``import httpupgrade`` loads next to nothing."""
    assert OURS.module is not None
    server, everything, first = map(seconds_to_import, (OURS.module, EVERYTHING, FIRST))
    assert server > 0.005
    assert everything > 0.005
    assert first > 0.005
    assert {EVERYTHING, FIRST} < {*modules()}


def test_every_module_is_imported_once_before_and_once_in_each_round() -> None:
    calls: list[str] = []
    told: list[int] = []

    def clock(module: str) -> float:
        calls.append(module)
        return float(len(calls))

    times = import_in_rounds(["a", "b", "c"], rounds=3, clock=clock, tell=told.append)
    assert calls == [*"abc", *"abc", *"bca", *"cab"]
    assert times == [
        ImportTimes("a", (4.0, 9.0, 11.0)),
        ImportTimes("b", (5.0, 7.0, 12.0)),
        ImportTimes("c", (6.0, 8.0, 10.0)),
    ]
    assert told == [0, 1, 2]


def test_our_import_is_among_those_that_are_timed() -> None:
    assert OURS.module in modules()
    assert H11_CHECKS.module in modules()
    assert len(set(modules())) == len(modules())
