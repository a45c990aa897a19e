"""What went over one connection, both ways, and what was decided in between."""

from typing import Final, Literal, NamedTuple, assert_never, final

from httpupgrade import (
    Accept101,
    Continue100,
    Decision,
    H2CAgreement,
    Passthrough,
    Reject,
    RequestHead,
    Require426,
    TLSAgreement,
    WebSocketAgreement,
)

from .frames import Frame, Framing, http2_frame, split_frames, tls_record, unframed, websocket_frame
from .report import Report, as_text

Side = Literal[">", "<"]
"""Which way octets went: from the client, or to it."""

_MOST_LINES: Final = 40
_MOST_OCTETS: Final = 16


@final
class Step(NamedTuple):
    """Something that went one way, or that was decided."""

    depth: int
    """How many protocols carry it that were switched to."""
    side: Side | Literal["="]
    what: bytes | Frame | Decision | Continue100


@final
class Transcript:
    """The steps of one connection, in order."""

    def __init__(self, steps: list[Step] | None = None, depth: int = 0) -> None:
        self.steps: list[Step] = [] if steps is None else steps
        self._depth = depth
        self._framing: Framing | None = None
        self._unfinished: dict[Side, bytes] = {">": b"", "<": b""}

    def received(self, octets: bytes) -> None:
        """Note what the client sent."""
        self._add(">", octets)

    def sent(self, octets: bytes) -> None:
        """Note what it got."""
        self._add("<", octets)

    def decided(self, decision: Decision | Continue100, _: RequestHead | None) -> None:
        """Note a decision."""
        self.steps.append(Step(self._depth, "=", decision))

    def switched(self, accept: Accept101, trailing_data: bytes) -> None:
        """Move octets that came with a request, but belong to what it switched to, after it."""
        number = max(place for place, step in enumerate(self.steps) if step.side == ">")
        last = self.steps[number]
        assert isinstance(last.what, bytes)
        self.steps[number] = last._replace(what=last.what.removesuffix(trailing_data))
        self._framing = _framing_behind(accept)
        self._add(">", trailing_data)

    def inside(self) -> "Transcript":
        """A part of this one, about the connection that this one carries."""
        return Transcript(self.steps, self._depth + 1)

    def _add(self, side: Side, octets: bytes) -> None:
        if self._framing is None:
            self._add_text(side, octets)
            return
        known = self._unfinished[side] + octets
        frames, self._unfinished[side] = split_frames(self._framing, known)
        self.steps.extend(Step(self._depth, side, frame) for frame in frames)

    def _add_text(self, side: Side, octets: bytes) -> None:
        """Note octets of HTTP/1.1; those that go on in the same way are joined."""
        last = self.steps[-1] if self.steps else None
        if (
            last is not None
            and isinstance(last.what, bytes)
            and (last.depth, last.side) == (self._depth, side)
        ):
            octets = last.what + octets
            self.steps.pop()
        if octets:
            self.steps.append(Step(self._depth, side, octets))

    @property
    def decisions(self) -> list[Decision | Continue100]:
        """The decisions alone."""
        return [step.what for step in self.steps if not isinstance(step.what, bytes | Frame)]

    def frames(self, side: Side) -> list[Frame]:
        """The frames that went one way."""
        steps = [step for step in self.steps if step.side == side]
        return [step.what for step in steps if isinstance(step.what, Frame)]

    def show(self, report: Report) -> None:
        """Print it, and what protocols carry a little to the right."""
        for step in self.steps:
            indent = "  " * step.depth
            report.lines(step.side, [indent + line for line in _describe_step(step)])


def _framing_behind(accept: Accept101) -> Framing:
    match accept.agreement:
        case WebSocketAgreement():
            return websocket_frame
        case H2CAgreement():
            return http2_frame
        case TLSAgreement():
            return tls_record
        case _:
            return unframed


def _describe_step(step: Step) -> list[str]:
    match step.what:
        case bytes() as octets:
            return _describe_octets(octets)
        case Frame() as frame:
            return [str(frame)]
        case decision:
            return describe(decision)


def describe(decision: Decision | Continue100) -> list[str]:
    """A decision with its reasons."""
    return [_name(decision)] + [
        f"  {finding.code} ({finding.clause}): {finding.message}" for finding in decision.findings
    ]


def _name(decision: Decision | Continue100) -> str:
    match decision:
        case Accept101(agreement=WebSocketAgreement() as agreement):
            extensions = ", ".join(str(each) for each in agreement.extensions) or "none"
            subprotocol = agreement.subprotocol or "none"
            return f"Accept101 {decision.token}; subprotocol {subprotocol}; extensions {extensions}"
        case Accept101(agreement=H2CAgreement() as agreement):
            return f"Accept101 {decision.token}; {len(agreement.parameters)} settings"
        case Accept101():
            return f"Accept101 {decision.token}"
        case Continue100():
            return "Continue100"
        case Require426() | Reject():
            name = "Require426" if decision.status_code == 426 else f"Reject {decision.status_code}"
            return f"{name}; the connection {'closes' if decision.close else 'lives on'}"
        case Passthrough():
            would = "; mode required would have refused it" if decision.would_require else ""
            return f"Passthrough{would}"
        case unreachable:
            assert_never(unreachable)


def _describe_octets(octets: bytes) -> list[str]:
    head, empty_line, body = octets.partition(b"\r\n\r\n")
    if not head.isascii():
        return [_elide(octets)]
    lines = [as_text(line) for line in head.split(b"\r\n")]
    if not empty_line:
        return lines
    return [*lines, "", *_describe_body(body)]


def _describe_body(body: bytes) -> list[str]:
    if not body:
        return []
    lines = body.removesuffix(b"\n").split(b"\n")
    if not body.isascii() or b"\0" in body or len(lines) > _MOST_LINES:
        return [_elide(body)]
    return [as_text(line) for line in lines]


def _elide(octets: bytes) -> str:
    return f"({len(octets)} octets: {octets[:_MOST_OCTETS].hex(' ')} ...)"
