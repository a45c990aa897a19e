"""What a contender is: for each job, one function to time and what it is given.

The law of this file: types only. What is timed is ``Work.run`` itself, so it holds all the work and
nothing for the benefit of the benchmark; making its argument and looking at what it returned happen
outside the clock.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, final

Fields = tuple[tuple[bytes, bytes], ...]

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


@final
class Job(Enum):
    """What a contender is asked to do with a request, a response, or the value of a field."""

    SWITCH = "answer 101 without extensions"
    SWITCH_DEFLATE = "answer 101 and agree on permessage-deflate"
    SWITCH_PARSED = "answer 101 to a head that somebody else has parsed"
    REQUIRE = "answer 426 to a request that asks for no upgrade"
    REFUSE = "answer 400 to a handshake with a broken key"
    HAND_ON = "see that the request is not for WebSocket and hand it on, with its body"
    LET_GO = "see that the request is not for WebSocket and let go of it, its body unread"
    READ = "as LET_GO, with limits that allow for any head"
    READ_SLOWLY = "as READ, fed one octet at a time"
    HAND_ON_MANY = "hand on all requests of a pipeline"
    REQUIRE_MANY = "answer 426 to all requests of a pipeline"
    OPEN = "ask for a WebSocket with two subprotocols, and verify the 101 that comes"
    OPEN_DEFLATE = "as OPEN, with permessage-deflate offered"
    OPEN_REFUSE = "as OPEN, and refuse a 101 that does not answer the request"
    OPEN_REQUIRED = "as OPEN, and read the protocols and versions of the 426 that comes"
    PARSE_UPGRADE = "read the value of an Upgrade field"
    WRITE_UPGRADE = "write the value of an Upgrade field"
    PARSE_EXTENSIONS = "read the value of a Sec-WebSocket-Extensions field"
    WRITE_EXTENSIONS = "write the value of a Sec-WebSocket-Extensions field"
    ANSWER_EXTENSIONS = "answer the value of a Sec-WebSocket-Extensions field"


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


@final
class Opened(NamedTuple):
    """A client's request, and what it takes a 101 for."""

    request: bytes
    subprotocol: bytes | None
    extensions: tuple[bytes, ...]
    """Their names."""


@final
class Refused(NamedTuple):
    """A client's request, and its word for a response that it does not take."""

    request: bytes
    words: str


@final
class Required(NamedTuple):
    """A client's request, and what it reads in a 426."""

    request: bytes
    protocols: tuple[bytes, ...]
    versions: tuple[bytes, ...]
    body: bytes


ServerOutcome = bytes | Passed | list[Passed]
"""Octets to send, a value as it was understood, or requests that were handed on."""
ClientOutcome = Opened | Refused | Required
Outcome = ServerOutcome | ClientOutcome


def _as_it_is(given: Any) -> Any:
    return given


@final
class Work(NamedTuple, Generic[_Given, _Made]):
    """How a job is done."""

    run: Callable[[_Given], _Made]
    """What is timed."""
    prepare: Callable[[bytes], _Given] = _as_it_is
    """Its argument from the case's octets: what somebody else has done before."""
    show: Callable[[_Made], Outcome] = _as_it_is
    """What it made, for the verdict."""


Jobs = Mapping[Job, Work[Any, Any]]


@final
class Contender(NamedTuple):
    """One way to do the jobs. Where it has neither job nor excuse, it does not compete."""

    name: str
    distributions: tuple[str, ...]
    """What has to be installed, for the versions in the report."""
    jobs: Jobs
    left_out: Mapping[Job, str] = {}
    """Jobs that would not be the same work here, and why."""
    hold: Callable[[bytes], object] | None = None
    """A connection to which these octets were fed (none: an idle one), for its size in memory."""
    module: str | None = None
    """What a program imports for it."""


def one_by_one(octets: bytes) -> list[bytes]:
    """The same octets, each by itself, as the slowest peer sends them."""
    return [octets[place : place + 1] for place in range(len(octets))]
