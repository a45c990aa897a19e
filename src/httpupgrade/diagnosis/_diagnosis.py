"""What a diagnosis says, as values.

Rules for this module: every text is printable ASCII, apart from line breaks in blocks to paste, and
holds nothing that may be a secret: what was received is escaped and redacted before it gets here.
"""

from typing import Final, Literal, final

from .._http1.values import Value, field

Confidence = Literal["certain", "high", "medium", "low"]
"""How sure a statement is: no other cause is possible; no other was ever seen; a few products do
the same; it is one of many possibilities."""

Verdict = Literal["healthy", "refused", "broken", "unclear"]
"""What a diagnosis comes to.

- "healthy": nothing is wrong.
- "refused": the request arrived as it was meant, and the server said no: a plain request where a
  WebSocket is required, an Origin that is not allowed, a version that it does not speak.
- "broken": a hop on the way, or one of the two ends, broke the exchange.
- "unclear": what is there does not tell.
"""

CONFIDENCES: Final[tuple[Confidence, ...]] = ("certain", "high", "medium", "low")


@final
class Evidence(Value):
    """Something that was received, or that is missing, and what it shows."""

    __slots__ = __match_args__ = ()

    says: str = field("What it shows, as a sentence without a full stop.")
    place: str = field(
        'Where it is: ``"request line"``, ``"field line 3"``, ``"first octets"``; empty for what is'
        " missing.",
        default="",
    )
    line: str = field(
        "The received line, escaped, without secrets; empty for what is missing.", default=""
    )
    start: int = field("The index in ``line`` where the part that matters begins.", default=0)
    end: int = field("The index in ``line`` where it ends.", default=0)


@final
class Suspect(Value):
    """A product that may have done it."""

    __slots__ = __match_args__ = ()

    product: str = field('Its name: ``"nginx"``.')
    generation: str = field(
        'Which of its versions: ``"before 1.29.7"``; empty for all.', default=""
    )
    setting: str = field("How it is configured, as a sentence without a full stop.", default="")
    hop: str = field('Where it stands: ``"the last hop before this server"``.', default="")
    confidence: Confidence = field("How sure this is.", default="low")
    fingerprint: str = field(
        "The name of the row of the table that recognised it; empty if there is none.", default=""
    )
    source: str = field(
        "What the row was made from: a capture of the corpus or a document of the vendor.",
        default="",
    )


@final
class Paste(Value):
    """Lines for one place of a configuration file."""

    __slots__ = __match_args__ = ()

    place: str = field(
        'Where they go: ``"http"``, ``"location"``, ``"<VirtualHost>"``. Where it is'
        ' ``"the end of"`` a line, what is to paste and to take out are words of that line.'
    )
    lines: tuple[str, ...] = field("The lines, without a common indent.")
    instead_of: tuple[str, ...] = field(
        "Lines of that place to take out first, each told by how it begins.", default=()
    )


@final
class Remedy(Value):
    """A change to the configuration of one product."""

    __slots__ = __match_args__ = ()

    name: str = field('A stable name: ``"nginx-pass-upgrade"``.')
    product: str = field("The product.")
    title: str = field("What it does, as a sentence without a full stop.")
    generation: str = field("Which versions it is for; empty for all.", default="")
    pastes: tuple[Paste, ...] = field("What to paste, and where.", default=())
    commands: tuple[str, ...] = field(
        "Commands that make it hold: ``nginx -t && nginx -s reload``.", default=()
    )
    note: str = field("What else matters, in sentences; it may be empty.", default="")
    source: str = field(
        "The configuration of the corpus that was seen to work, or a document of the vendor.",
        default="",
    )


@final
class Diagnosis(Value):
    """What went wrong with a handshake, who did it, and how to mend it."""

    __slots__ = __match_args__ = ()

    verdict: Verdict = field("What it comes to.")
    code: str = field(
        "The name of the finding to read about with ``httpupgrade explain CODE``; empty where"
        " nothing is wrong."
    )
    summary: str = field("What happened, in a sentence with its full stop.")
    cause: str = field("Why, in sentences; empty where that is not known.", default="")
    consequences: tuple[str, ...] = field(
        "What follows from the cause and is mended with it, each a sentence without a full stop.",
        default=(),
    )
    evidence: tuple[Evidence, ...] = field("What shows it.", default=())
    suspects: tuple[Suspect, ...] = field(
        "Who may have done it, the most likely first; several where the evidence fits several.",
        default=(),
    )
    remedies: tuple[Remedy, ...] = field(
        "What mends it, the one for the first suspect first.", default=()
    )
    next_steps: tuple[str, ...] = field(
        "What to try if there is no remedy, or if it does not help, each a sentence with its full"
        " stop.",
        default=(),
    )
