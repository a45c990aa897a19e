"""What came of each set-up, beside what should have.

Rules for this module: no I/O. Whatever is otherwise than expected is a fault of the row.
"""

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple, final

from httpupgrade import RequestHead
from httpupgrade.diagnosis import Diagnosis

from .client import TALKED
from .values import SetUp, Sight

Verdict = Literal["passed", "failed", "skipped"]

_HOW_MUCH: Final[tuple[Sight, ...]] = ("unnamed", "among", "named")
"""How much is seen of a fault, from the least to the most."""


@final
class Said(NamedTuple):
    """What one side said."""

    text: str
    sight: Sight | Literal["wrong"]
    """"wrong": another product is accused first, and this one not at all."""


@final
class Trial(NamedTuple):
    """A handshake and a plain request through a proxy, and what was said of them."""

    talked: str
    """What the client of ``websockets`` came to."""
    arrived: str
    server: Said
    client: Said
    both: Said
    plain: tuple[str, ...] = ()
    """What was said of a plain request, though nothing is wrong with it."""


@final
class Row(NamedTuple):
    """A line of the table."""

    setup: SetUp
    version: str
    before: Trial | None
    remedy: str
    after: Trial | None
    faults: tuple[str, ...]
    skipped: str = ""
    """Why the product cannot be had."""
    fault: str = ""
    """What the first suspect is said to have done."""
    notes: str = ""
    """What the programs said, of a row that failed."""

    @property
    def verdict(self) -> Verdict:
        """How it came out."""
        if self.skipped:
            return "skipped"
        return "failed" if self.faults else "passed"


def said(diagnosis: Diagnosis | None, product: str) -> Said:
    """What a diagnosis says, and how much of a product's fault it sees."""
    if diagnosis is None:
        return Said("nothing arrived", "nothing")
    suspects = list(dict.fromkeys(suspect.product for suspect in diagnosis.suspects))
    text = diagnosis.verdict + (f": {', '.join(suspects)}" if suspects else "")
    if diagnosis.verdict == "healthy":
        return Said(text, "wrong" if suspects else "healthy")
    if not suspects:
        return Said(text, "unnamed")
    if product not in suspects:
        return Said(text, "wrong")
    return Said(text, "named" if suspects[0] == product else "among")


def in_brief(head: RequestHead | None) -> str:
    """What of an arrived request decides whether it is an upgrade."""
    if head is None:
        return "no request of HTTP/1.1"
    version = head.http_version.decode("ascii")
    fields = (f"{name}: {_value(head, name)}" for name in ("Upgrade", "Connection"))
    return ", ".join((f"HTTP/{version}", *fields))


def _value(head: RequestHead, name: str) -> str:
    values = head.get_all(name.encode("ascii"))
    return ", ".join(value.decode("ascii", "backslashreplace") for value in values) or "none"


def judge_broken(setup: SetUp, before: Trial, remedy: str, after: Trial | None) -> list[str]:
    """The faults of a set-up in which handshakes are to fail, and to be mended."""
    faults = [*_judge_sights(setup, before)]
    if before.talked == TALKED:
        faults.append("the handshake succeeds, and should not")
    if setup.incurable:
        return faults
    if after is None:
        faults.append("no remedy for this product" if not remedy else f"{remedy} was not tried")
        return faults
    return [*faults, *(f"after {remedy}: {fault}" for fault in judge_healthy(after))]


def judge_healthy(trial: Trial) -> list[str]:
    """The faults of a set-up in which handshakes succeed."""
    faults = [] if trial.talked == TALKED else [f"the handshake came to {trial.talked}"]
    for side, view in _sides(trial):
        if view.sight != "healthy":
            faults.append(f"false alarm from {side}: {view.text}")
    return [*faults, *(f"false alarm at a plain request: {text}" for text in trial.plain)]


def _judge_sights(setup: SetUp, trial: Trial) -> Iterator[str]:
    for (side, view), wanted in zip(
        _sides(trial), (setup.server, setup.client, setup.both), strict=True
    ):
        if not _is_enough(view.sight, wanted):
            yield f"from {side}: {view.text}, which is {view.sight}, not {wanted}"


def _is_enough(sight: str, wanted: Sight) -> bool:
    if sight == wanted:
        return True
    return (
        sight in _HOW_MUCH
        and wanted in _HOW_MUCH
        and _HOW_MUCH.index(sight) > _HOW_MUCH.index(wanted)
    )


def _sides(trial: Trial) -> tuple[tuple[str, Said], ...]:
    return (
        ("the server's side", trial.server),
        ("the client's side", trial.client),
        ("both sides", trial.both),
    )


@final
class Sum(NamedTuple):
    """How many came out how."""

    passed: int
    failed: int
    skipped: int
    broken: int
    """Those that are broken, of all that were tried."""
    products: int
    """Of those."""
    mended: int
    healthy: int

    def __str__(self) -> str:
        return (
            f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped: "
            f"{self.broken} broken set-ups of {self.products} products, {self.mended} mended; "
            f"{self.healthy} healthy ones"
        )

    def exit_status(self, *, on_ci: bool) -> int:
        """0 if nothing is wrong. A continuous integration that skips checks nothing."""
        return int(self.failed > 0 or (on_ci and self.skipped > 0))


def count(rows: Sequence[Row]) -> Sum:
    """Sum them up."""
    tried = [row for row in rows if not row.skipped]
    broken = [row for row in tried if row.setup.broken]
    verdicts = [row.verdict for row in rows]
    return Sum(
        verdicts.count("passed"),
        verdicts.count("failed"),
        verdicts.count("skipped"),
        len(broken),
        len({row.setup.product.name for row in broken}),
        sum(row.after is not None and row.after.talked == TALKED for row in broken),
        len(tried) - len(broken),
    )
