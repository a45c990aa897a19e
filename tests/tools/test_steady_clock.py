"""Deadlines in the tests that use sockets, on a machine that is busy."""

import asyncio
import time

import pytest
from loopback import run


def test_time_in_which_the_loop_cannot_run_does_not_count_towards_a_deadline() -> None:
    async def work() -> str:
        async with asyncio.timeout(0.05):
            for _ in range(3):
                time.sleep(0.06)
                await asyncio.sleep(0.001)
        return "in time"

    assert run(work) == "in time"


def test_waiting_counts_towards_a_deadline() -> None:
    async def work() -> None:
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await asyncio.Event().wait()
        assert time.monotonic() - began >= 0.05

    run(work)


def test_work_counts_a_little_so_that_every_deadline_comes() -> None:
    async def work() -> None:
        async with asyncio.timeout(0.05):
            while True:
                time.sleep(0.001)
                await asyncio.sleep(0)

    with pytest.raises(TimeoutError):
        run(work)
