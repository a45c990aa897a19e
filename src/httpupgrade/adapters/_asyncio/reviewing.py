"""A review of an acceptance, on the asyncio adapter.

Rules for this module: it awaits the caller's function, and answers nothing itself.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ... import Accept101, Code, Reject, RequestInfo, Require426
from ..._http1.arguments import wrong_type
from .. import _finding_codes as codes

Answer = Accept101 | Require426 | Reject
Review = Callable[[Accept101, RequestInfo], Awaitable[Answer]]

_Awaitable = TypeVar("_Awaitable", bound=Awaitable[object])


def require_awaitable(review: _Awaitable) -> _Awaitable:
    """What a review returned, or a :class:`TypeError` where it is not an async function."""
    if not isinstance(review, Awaitable):
        raise wrong_type("review is an async function, or returns what can be awaited", review)
    return review


async def outcome_of(
    review: Review,
    accept: Accept101,
    info: RequestInfo,
    seconds: float,
    *,
    is_wanted: Callable[[], bool],
    report: Callable[[str, BaseException], None],
) -> Answer | Code:
    """What a review answers, or why it answers nothing.

    :param seconds: that it may take.
    :param is_wanted: whether anybody waits for it; it is cancelled when nobody does.
    :param report: is told what it raises.
    """
    deadline = asyncio.timeout(seconds)
    try:
        async with deadline:
            return await require_awaitable(review(accept, info))
    except (Exception, asyncio.CancelledError) as error:
        if isinstance(error, asyncio.CancelledError) and not is_wanted():
            raise
        # A review's own timeout, or a task that it waits for and that is cancelled, is its
        # failure; only ours is a deadline.
        if isinstance(error, TimeoutError) and deadline.expired():
            return codes.ANSWER_TOO_SLOW
        report("the review has failed", error)
        return codes.SERVER_FAILED
