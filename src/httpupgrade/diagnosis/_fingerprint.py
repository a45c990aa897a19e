"""A row of the tables that recognise products, and what is made of the rows that fit.

Rules for this module: it knows no product by name.
"""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple, final

from ._conditions import Condition, Subject, fulfils
from ._diagnosis import CONFIDENCES, Confidence, Remedy, Suspect
from ._remedies import REMEDIES

LAST_HOP: Final = "the last hop before this server"
ON_THE_WAY: Final = "somewhere between the client and the last hop"
MOST_REMEDIES: Final = 4
"""In one diagnosis. A reader tries one or two."""

About = Literal[
    "lost", "keyless", "host", "client", "preface", "proxy-protocol", "octets", "response"
]
"""What is wrong where a row is looked at.

- "lost": a request was meant as an upgrade, and lacks Upgrade, its connection option or HTTP/1.1.
- "keyless": it asks for a WebSocket, and has no Sec-WebSocket-Key.
- "host": its Origin or Host is not allowed here.
- "client": it is refused for another reason; these rows are about the client.
- "preface": HTTP/2 arrived in its place.
- "proxy-protocol": a PROXY protocol header arrived before it.
- "octets": other octets did.
- "response": what a client got.
"""


@final
class Fingerprint(NamedTuple):
    """What a product does to a message in one configuration, and how that is recognised."""

    name: str
    about: About
    product: str
    setting: str
    """How it is configured, as a sentence without a full stop."""
    conditions: tuple[Condition, ...]
    confidence: Confidence
    source: str
    """The name of a capture, or a document of the vendor."""
    shows: tuple[tuple[bytes, str], ...] = ()
    """Fields that give it away, in lower case, with what each shows."""
    remedies: tuple[str, ...] = ()
    generation: str = ""
    hop: str = LAST_HOP

    def suspect(self) -> Suspect:
        """The product, as a diagnosis names it."""
        return Suspect(
            self.product,
            self.generation,
            self.setting,
            self.hop,
            self.confidence,
            self.name,
            self.source,
        )


def matching(
    rows: Iterable[Fingerprint], about: About, subject: Subject
) -> tuple[Fingerprint, ...]:
    """The rows that fit, the surest first, in the order of the table."""
    found = [row for row in rows if row.about == about and fulfils(subject, row.conditions)]
    return tuple(sorted(found, key=lambda row: CONFIDENCES.index(row.confidence)))


def remedies_for(rows: Iterable[Fingerprint]) -> tuple[Remedy, ...]:
    """What mends it, the one for the first row first, none twice."""
    names = dict.fromkeys(name for row in rows for name in row.remedies)
    return tuple([REMEDIES[name] for name in names][:MOST_REMEDIES])
