"""What a contender is: one function from request octets to its answer, for each job.

The law of this file: types only. What is timed is the function itself, so it holds all the work and
nothing for the benefit of the benchmark; looking at what it returned happens outside the clock.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import NamedTuple, Protocol, final

Fields = tuple[tuple[bytes, bytes], ...]


@final
class Job(Enum):
    """What a contender is asked to do with a request."""

    SWITCH = "answer 101 without extensions"
    SWITCH_DEFLATE = "answer 101 and agree on permessage-deflate"
    REQUIRE = "answer 426 to a request that asks for no upgrade"
    HAND_ON = "see that the request is not for WebSocket and hand it on, with its body"


@final
class PlainRequest(NamedTuple):
    """A request that was handed on, the same for every contender."""

    method: bytes
    target: bytes
    fields: Fields
    """Names in lower case."""
    body: bytes


class Passed(Protocol):
    """A request that was handed on, as the contender's library has it."""

    def plain(self) -> PlainRequest:
        """The same for every contender. Never timed."""
        ...


Outcome = bytes | Passed
"""The response's octets, or a request that was handed on."""
Answer = Callable[[bytes], Outcome]


@final
class Contender(NamedTuple):
    """One way to do the jobs."""

    name: str
    distributions: tuple[str, ...]
    """What has to be installed, for the versions in the report."""
    jobs: Mapping[Job, Answer]
    left_out: Mapping[Job, str] = {}
    """Jobs that would not be the same work here, and why."""
