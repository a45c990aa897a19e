"""Captured requests, replayed through the machine, and the table of what became of them.

The law of this file: what should become of a capture is in ``expectations.py``; octets that come
out are held to those that went in.
"""

import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple, final

from httpupgrade import (
    Accept101,
    ConnectionClosed,
    Continue100,
    Decision,
    Forward,
    Passthrough,
    Policy,
    Reject,
    Require426,
    ServerNegotiator,
    Signal,
)

from .corpus import Capture
from .expectations import MODES, Expected, differences, expect, in_brief, policy_for_replay
from .report import Cell, Column, Report


@final
class Outcome(NamedTuple):
    """What became of the octets of one connection."""

    decision: Decision | Continue100
    """The first one."""
    handed_on: bytes
    """Everything that was passed through, in order."""
    held: bytes
    """What the machine holds unread."""

    @property
    def request_body(self) -> bytes:
        """What was read for the new protocol."""
        return self.decision.request_body if isinstance(self.decision, Accept101) else b""


def replay(data: bytes, policy: Policy, step: int) -> Outcome:
    """Feed octets to a fresh machine, ``step`` at a time. Nothing is answered."""
    negotiator = ServerNegotiator(policy)
    first: Decision | Continue100 | None = None
    handed_on = bytearray()
    for start in range(0, len(data), step):
        negotiator.receive_data(data[start : start + step])
        while True:
            event = negotiator.next_event()
            match event:
                case Forward():
                    handed_on += event.data
                case Passthrough():
                    handed_on += event.data
                    first = first or event
                case Accept101() | Continue100() | Require426() | Reject():
                    first = first or event
                case ConnectionClosed() | Signal():
                    break
    if first is None:
        raise ValueError("the octets are not a whole request")
    return Outcome(first, bytes(handed_on), negotiator.trailing_data)


def faults(capture: Capture, expected: Expected, outcome: Outcome) -> list[str]:
    """What is not as expected, octets that were lost among it; nothing if all is."""
    found = differences(expected, outcome.decision)
    match outcome.decision:
        case Passthrough():
            if outcome.handed_on + outcome.held != capture.data:
                found.append("octets of the request were lost or changed on the way through")
        case Accept101(request_body=body):
            chunked = body and b"chunked" in capture.head.lower()  # a body without its framing
            if (body or outcome.held) != capture.rest and not chunked:
                found.append("octets behind the head were lost or changed")
        case _:
            if not outcome.held.endswith(capture.rest):
                found.append("octets behind the head were lost")
    return found


def replay_all(captures: Sequence[Capture], report: Report) -> None:
    """Replay every capture in both modes, whole and octet by octet, and print the table."""
    report.title(f"{len(captures)} captured requests, each in both modes")
    counts: Counter[str] = Counter()
    rows = []
    for capture in report.track(captures, "replaying"):
        try:
            row = _replay_one(capture, report)
        except ValueError as error:
            report.judge(capture.name, [str(error)])
            continue
        counts.update(in_brief(decision).partition(" ")[0] for decision in row)
        rows.append(_cells(capture, row))
    report.table(_COLUMNS, rows)
    _summarise(counts, len(captures), report)


def _replay_one(capture: Capture, report: Report) -> list[Decision | Continue100]:
    decisions = []
    for mode in MODES:
        expected = expect(capture, mode)
        for step in (max(1, len(capture.data)), 1):
            outcome = replay(capture.data, policy_for_replay(mode), step)
            way = "whole" if step > 1 else "octet by octet"
            report.judge(f"{capture.name}, {mode}, {way}", faults(capture, expected, outcome))
        decisions.append(outcome.decision)
    return decisions


_NARROW: Final = 16


_COLUMNS: Final[tuple[Column, ...]] = (
    ("client", _NARROW),
    ("via", _NARROW),
    ("required", 9),
    ("optional", 9),
    ("findings", 25),
)


def _cells(capture: Capture, decisions: Sequence[Decision | Continue100]) -> list[Cell]:
    required, optional = decisions
    client = [(_fold(capture.client), ""), ("\n" + _fold(capture.intent, "  "), "dim")]
    codes = "\n".join(finding.code for finding in required.findings)
    verdicts = [[_verdict(each)] for each in (required, optional)]
    return [client, [(_fold(capture.via), "")], *verdicts, [(codes, "")]]


def _fold(words: str, indent: str = "") -> str:
    """Lines for a narrow column, broken at spaces and hyphens."""
    return textwrap.fill(words, _NARROW, initial_indent=indent, subsequent_indent=indent)


def _verdict(decision: Decision | Continue100) -> tuple[str, str]:
    style = {"101": "green", "pas": "cyan"}.get(in_brief(decision)[:3], "yellow")
    return in_brief(decision).replace(" ", "\n"), style


def _summarise(counts: Counter[str], captures: int, report: Report) -> None:
    listed = ", ".join(f"{count} x {decision}" for decision, count in sorted(counts.items()))
    report.say("")
    report.say(f"{captures} captures in {len(MODES)} modes: {listed}", "bold")
