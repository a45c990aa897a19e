"""All captured clients: every distinct WebSocket handshake, octets to 101.

Rules for this module: a handshake is what arrived at a server, its body cut off; the key is not
looked at to tell two of them apart. Who wins is decided for each of them, so that one client who
pays more than the others shows.
"""

import gc
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from statistics import median
from time import thread_time
from typing import Final, NamedTuple, final

from . import derive
from .cases import CAPTURES
from .contender import Contender, Job
from .contenders import OURS, WEBSOCKETS, ZTTP_CHECKS
from .other_tree import slow_path
from .progress import show_progress
from .timing import Lane, time_in_rounds
from .verdict import judge

_CAPTURED: Final = CAPTURES.parent / "captures" / "requests.json"
_KEY: Final = re.compile(rb"(?im)^(sec-websocket-key):[^\r\n]*")
_LIBWEBSOCKETS: Final = b"permessage-deflate; client_no_context_takeover; client_max_window_bits"
"""What it offers; it is not among those who were captured."""

COOKIES: Final = {"none": 0, "0.5k": 512, "2k": 2048, "4k": 4096}
"""Octets of Cookie, by what they are called."""

DEFLATE: Final = "httpupgrade, permessage-deflate"
"""With the policy that an application gets by default; nobody else agrees on it here."""
SLOW: Final = "httpupgrade, its slow path"
OUR_NAMES: Final = (OURS.name, DEFLATE)
NAMES: Final = (*OUR_NAMES, WEBSOCKETS.name, ZTTP_CHECKS.name, SLOW)
COMPARED: Final = (
    *((peer.name, ours) for peer in (WEBSOCKETS, ZTTP_CHECKS) for ours in OUR_NAMES),
    (SLOW, WEBSOCKETS.name),
)
"""Whose times are given as multiples of whose."""


@final
class Handshake(NamedTuple):
    """What one kind of client sends."""

    name: str
    """Of the capture."""
    client: str
    octets: bytes


@final
class HandshakePlan(NamedTuple):
    """How much is measured."""

    processes: int
    rounds: int
    slot: float
    """Seconds that each contender runs, at least, at each handshake in each round."""


@final
class Series(NamedTuple):
    """The times of one contender at one handshake, round by round."""

    cookie: str
    handshake: str
    contender: str
    values: tuple[float, ...]


@final
class Extreme(NamedTuple):
    """A figure, and at whose handshake."""

    figure: float
    handshake: str


@final
class Times(NamedTuple):
    """One contender at all handshakes."""

    contender: str
    median: float
    """Of the medians of all handshakes, in seconds."""
    worst: Extreme
    """The greatest median, in seconds."""
    spread: Extreme
    """The greatest time as a multiple of the contender's own median in the same round."""


@final
class Compared(NamedTuple):
    """The times of one contender as multiples of another's in the same rounds."""

    contender: str
    to: str
    least: Extreme
    median: float
    greatest: Extreme


@final
class HandshakeFigures(NamedTuple):
    """All handshakes with a cookie of one size."""

    cookie: str
    handshakes: int
    octets: int
    """Of the handshake in the middle."""
    times: tuple[Times, ...]
    compared: tuple[Compared, ...]

    def times_of(self, contender: str) -> Times:
        """Of one contender."""
        return next(each for each in self.times if each.contender == contender)

    def ratio(self, contender: str, to: str) -> Compared:
        """Of one contender to another."""
        return next(each for each in self.compared if each[:2] == (contender, to))


def handshakes(cookie: int = 0) -> list[Handshake]:
    """All of them, with a cookie of so many octets."""
    derived = derive.head_of if not cookie else lambda octets: derive.with_cookie(octets, cookie)
    return [each._replace(octets=derived(each.octets)) for each in _distinct()]


def _distinct() -> Iterable[Handshake]:
    entries = json.loads(_CAPTURED.read_text("ascii"))
    found: dict[bytes, Handshake] = {}
    for entry in entries:
        if entry["intent"] == "websocket" and entry["arrived_upgradable"]:
            octets = derive.head_of(entry["octets"].encode("latin-1"))
            handshake = Handshake(entry["name"], entry["client"], octets)
            found.setdefault(_KEY.sub(rb"\1", octets), handshake)
    yield from found.values()
    name = "direct__chromium__websocket"
    (chromium,) = (each for each in found.values() if each.name == name)
    offer = derive.with_value(chromium.octets, b"Sec-WebSocket-Extensions", _LIBWEBSOCKETS)
    yield Handshake("derived__libwebsockets-offer", "libwebsockets' offer", offer)


def runners() -> dict[str, Callable[[bytes], bytes]]:
    """What is timed, by its name."""

    def of(contender: Contender, job: Job = Job.SWITCH) -> Callable[[bytes], bytes]:
        run: Callable[[bytes], bytes] = contender.jobs[job].run
        return run

    return {
        OURS.name: of(OURS),
        DEFLATE: of(OURS, Job.SWITCH_DEFLATE),
        WEBSOCKETS.name: of(WEBSOCKETS),
        ZTTP_CHECKS.name: of(ZTTP_CHECKS),
        SLOW: of(slow_path(), Job.SWITCH_DEFLATE),
    }


def failures(
    asked: Sequence[Handshake], run: Mapping[str, Callable[[bytes], bytes]]
) -> Iterator[str]:
    """Who does not answer whom with 101."""
    for handshake in asked:
        offers = b"permessage-deflate" in handshake.octets
        for name, answer in run.items():
            deflates = offers and name in (DEFLATE, SLOW)
            job = Job.SWITCH_DEFLATE if deflates else Job.SWITCH
            verdict = judge(job, handshake.octets, answer(handshake.octets))
            if not verdict.done:
                yield f"{name}: {handshake.name}: {verdict.words}"


def lanes(limit: int | None = None) -> list[Lane]:
    """All that is timed; ``limit`` takes so many handshakes only.

    Raises :class:`AssertionError` where somebody answers otherwise than with 101.
    """
    run = runners()
    asked = {name: handshakes(size)[:limit] for name, size in COOKIES.items()}
    for some in asked.values():
        assert not (wrong := [*failures(some, run)]), wrong
    return [
        Lane(name, f"{cookie} {each.name}", answer, each.octets)
        for cookie, some in asked.items()
        for each in some
        for name, answer in run.items()
    ]


def measure(
    plan: HandshakePlan, timed: Sequence[Lane], tell: Callable[[int], None] = lambda number: None
) -> list[Series]:
    """All rounds of one process, by the time that this thread ran: slots are short."""
    timings = time_in_rounds(
        timed, rounds=plan.rounds, slot=plan.slot, clock=thread_time, tell=tell
    )
    series = []
    for lane, timing in zip(timed, timings, strict=True):
        cookie, _, handshake = lane.case.partition(" ")
        series.append(Series(cookie, handshake, lane.name, timing.values))
    return series


def measure_alone(plan: HandshakePlan, process: int) -> list[Series]:
    """As :func:`measure`, in a process that does nothing else."""
    timed = lanes()
    gc.collect()
    gc.freeze()
    return measure(
        plan,
        timed,
        lambda number: show_progress(
            f"clients: process {process + 1} of {plan.processes},"
            f" round {number + 1} of {plan.rounds}"
        ),
    )


def sum_up(records: Sequence[Sequence[Series]]) -> tuple[HandshakeFigures, ...]:
    """The figures of one run, for each size of cookie."""
    values: dict[tuple[str, str, str], list[float]] = {}
    for record in records:
        for each in record:
            values.setdefault(each[:3], []).extend(each.values)
    return tuple(_figures(cookie, values) for cookie in dict.fromkeys(key[0] for key in values))


def _figures(cookie: str, values: Mapping[tuple[str, str, str], list[float]]) -> HandshakeFigures:
    table: dict[str, dict[str, list[float]]] = {}
    for (each, handshake, contender), series in values.items():
        if each == cookie:
            table.setdefault(contender, {})[handshake] = series
    sizes = [len(each.octets) for each in handshakes(COOKIES[cookie])]
    return HandshakeFigures(
        cookie,
        len(table[OURS.name]),
        int(median(sizes)),
        tuple(_times(name, table[name]) for name in NAMES),
        tuple(_compared(name, to, table[name], table[to]) for name, to in COMPARED),
    )


def _times(contender: str, table: Mapping[str, list[float]]) -> Times:
    medians = {name: median(series) for name, series in table.items()}
    of_rounds = [median(each) for each in zip(*table.values(), strict=True)]
    spreads = {name: median(_ratios(series, of_rounds)) for name, series in table.items()}
    return Times(contender, median(medians.values()), _greatest(medians), _greatest(spreads))


def _compared(
    contender: str, to: str, theirs: Mapping[str, list[float]], base: Mapping[str, list[float]]
) -> Compared:
    ratios = {name: median(_ratios(theirs[name], base[name])) for name in base}
    least = min(ratios, key=lambda name: ratios[name])
    return Compared(
        contender, to, Extreme(ratios[least], least), median(ratios.values()), _greatest(ratios)
    )


def _ratios(theirs: Sequence[float], base: Sequence[float]) -> list[float]:
    return [their / its for their, its in zip(theirs, base, strict=True)]


def _greatest(figures: Mapping[str, float]) -> Extreme:
    name = max(figures, key=lambda each: figures[each])
    return Extreme(figures[name], name)
