"""What went over one connection, both ways, and what was decided in between."""

from typing import Final, Literal, NamedTuple, assert_never, final

from httpupgrade import (
    Accept101,
    Continue100,
    Decision,
    Passthrough,
    Reject,
    Require426,
    WebSocketAgreement,
)

from .report import Report, as_text

Side = Literal[">", "<"]
"""Which way octets went: from the client, or to it."""

_MOST_LINES: Final = 40
_MOST_OCTETS: Final = 16
_OPCODES: Final = {1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}


@final
class Octets(NamedTuple):
    """Octets that went one way."""

    side: Side
    octets: bytes
    framed: bool
    """Whether they are WebSocket frames."""


@final
class Frame(NamedTuple):
    """The header of a WebSocket frame (RFC 6455 5.2), and its octets."""

    opcode: int
    compressed: bool
    octets: bytes

    def __str__(self) -> str:
        name = _OPCODES.get(self.opcode, f"opcode {self.opcode}")
        how = ", compressed" if self.compressed else ""
        shown = self.octets[:_MOST_OCTETS].hex(" ")
        more = " ..." if len(self.octets) > _MOST_OCTETS else ""
        return f"frame: {name}{how}, {len(self.octets)} octets: {shown}{more}"


@final
class Transcript:
    """The steps of one connection, in order."""

    def __init__(self) -> None:
        self.steps: list[Octets | Decision] = []

    def add(self, side: Side, octets: bytes, *, framed: bool = False) -> None:
        """Note octets; those that go on in the same way are joined."""
        last = self.steps[-1] if self.steps else None
        if isinstance(last, Octets) and (last.side, last.framed) == (side, framed):
            octets = last.octets + octets
            self.steps.pop()
        if octets:
            self.steps.append(Octets(side, octets, framed))

    def move_to_frames(self, octets: bytes) -> None:
        """Move octets that came with a request, but belong to what it switched to, behind it."""
        for number, step in enumerate(self.steps):
            if octets and isinstance(step, Octets) and step.octets.endswith(octets):
                self.steps[number] = step._replace(octets=step.octets.removesuffix(octets))
        self.add(">", octets, framed=True)

    def decide(self, decision: Decision) -> None:
        """Note a decision."""
        self.steps.append(decision)

    @property
    def decisions(self) -> list[Decision]:
        """The decisions alone."""
        return [step for step in self.steps if not isinstance(step, Octets)]

    def frames(self, side: Side) -> list[Frame]:
        """The frames that went one way."""
        steps = [step for step in self.steps if isinstance(step, Octets)]
        sent = [step.octets for step in steps if step.framed and step.side == side]
        return split_frames(b"".join(sent))

    def show(self, report: Report) -> None:
        """Print it."""
        for step in self.steps:
            if isinstance(step, Octets):
                report.lines(step.side, _describe_octets(step))
            else:
                report.lines("=", describe(step))


def split_frames(octets: bytes) -> list[Frame]:
    """The WebSocket frames in these octets (RFC 6455 5.2)."""
    frames = []
    while octets:
        short = octets[1] & 0x7F
        extended = {126: 2, 127: 8}.get(short, 0)
        length = int.from_bytes(octets[2 : 2 + extended], "big") if extended else short
        end = 2 + extended + (4 if octets[1] & 0x80 else 0) + length
        frames.append(Frame(octets[0] & 0x0F, bool(octets[0] & 0x40), octets[:end]))
        octets = octets[end:]
    return frames


def describe(decision: Decision) -> list[str]:
    """A decision with its reasons."""
    return [_name(decision)] + [
        f"  {finding.code} ({finding.clause}): {finding.message}" for finding in decision.findings
    ]


def _name(decision: Decision) -> str:
    match decision:
        case Accept101(agreement=WebSocketAgreement() as agreement):
            extensions = ", ".join(str(each) for each in agreement.extensions) or "none"
            subprotocol = agreement.subprotocol or "none"
            return f"Accept101 {decision.token}; subprotocol {subprotocol}; extensions {extensions}"
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


def _describe_octets(step: Octets) -> list[str]:
    if step.framed:
        return [str(frame) for frame in split_frames(step.octets)]
    head, empty_line, body = step.octets.partition(b"\r\n\r\n")
    if not head.isascii():
        return [_elide(step.octets)]
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
