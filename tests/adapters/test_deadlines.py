"""Deadlines that share a clock: each ends in its time, and most touch no timer."""

import asyncio
import gc
import weakref
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from memory_connection import JumpingLoop, run_in_memory

from httpupgrade.adapters._asyncio.deadlines import Deadline


def boom() -> NoReturn:
    raise ZeroDivisionError("boom")


def test_each_ends_in_its_time() -> None:
    ended: list[tuple[str, float]] = []

    async def talk() -> None:
        loop = asyncio.get_running_loop()

        def start(name: str, seconds: float) -> Deadline:
            deadline = Deadline()
            deadline.start(seconds, lambda: ended.append((name, round(loop.time(), 3))))
            return deadline

        start("a", 5)
        await asyncio.sleep(1)
        cancelled = start("b", 5)
        again = start("c", 5)
        start("short", 2)
        await asyncio.sleep(1)
        assert cancelled.runs
        cancelled.cancel()
        cancelled.cancel()
        assert not cancelled.runs
        again.start(5, lambda: ended.append(("c again", round(loop.time(), 3))))
        await asyncio.sleep(20)
        assert not again.runs

    run_in_memory(talk)
    assert ended == [("short", 3.0), ("a", 5.0), ("c again", 7.0)]


def test_one_may_start_anew_when_it_ends() -> None:
    ended: list[float] = []

    async def talk() -> None:
        loop, deadline = asyncio.get_running_loop(), Deadline()

        def end() -> None:
            ended.append(round(loop.time(), 3))
            if len(ended) < 3:
                deadline.start(5, end)

        deadline.start(5, end)
        await asyncio.sleep(30)

    run_in_memory(talk)
    assert ended == [5.0, 10.0, 15.0]


def test_one_that_raises_ends_no_other() -> None:
    ended: list[int] = []

    async def talk() -> None:
        Deadline().start(5, lambda: ended.append(0))
        Deadline().start(5, boom)
        Deadline().start(5, lambda: ended.append(2))
        await asyncio.sleep(6)

    run_in_memory(talk, expect=["ZeroDivisionError('boom')"])
    assert ended == [0, 2]


def test_a_thousand_have_one_timer() -> None:
    timers = 0

    class Counting(JumpingLoop):
        def call_at(self, *arguments: Any, **options: Any) -> asyncio.TimerHandle:  # type: ignore[override]
            nonlocal timers
            timers += 1
            return super().call_at(*arguments, **options)

    async def talk() -> None:
        for _ in range(1000):
            deadline = Deadline()
            deadline.start(10, boom)
            deadline.cancel()
        assert timers == 1

    run_in_memory(talk, loop=Counting)


def test_clocks_go_with_their_loop_even_where_a_deadline_holds_it() -> None:
    loops: weakref.WeakSet[asyncio.AbstractEventLoop] = weakref.WeakSet()

    async def talk() -> None:
        loop = asyncio.get_running_loop()
        loops.add(loop)
        Deadline().start(60, loop.stop)  # as that of a connection does, by way of its transport

    work: Callable[[], Coroutine[Any, Any, None]] = talk
    for _ in range(3):
        run_in_memory(work)
    gc.collect()
    assert not loops
