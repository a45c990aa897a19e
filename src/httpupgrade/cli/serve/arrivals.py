"""What has arrived at the server: heads, as they came, for who asks with the right nonce.

Rules for this module: what is kept is bounded, whatever arrives, and has no secrets.
"""

import re
from typing import Any, Final, NamedTuple, final

from ... import Decision, RequestInfo, describe
from ..behind import PROBE, find_nonce

MOST_NONCES: Final = 64
MOST_HEADS: Final = 16
"""Of one nonce. Those that follow are not kept."""
MOST_OCTETS: Final = 8192
"""Of one head. The rest of a longer one is cut off."""

# A field whose value nobody else may see, with lines that continue it. A bare CR may begin a line
# of what cannot be read.
_SECRET: Final = re.compile(
    rb"(?i)(?<![^\r\n])([ \t]*(?:cookie|authorization|proxy-authorization)[ \t]*:)"
    rb"(?:[^\n]|\n[ \t])*?(?=\r?\n(?![ \t])|\Z)"
)


@final
class Arrival(NamedTuple):
    """A request that has arrived, or what could not be read as one."""

    octets: bytes
    """The head as it came, or the first octets."""
    info: RequestInfo | None
    """None where it could not be read."""
    decision: Decision | None
    """None where the connection ended before the head did."""
    peer: object
    """As asyncio names it."""
    secure: bool
    """Whether it came inside TLS."""

    @property
    def request(self) -> str:
        """Its method and target, escaped, without the query."""
        return self._describe()[0]

    @property
    def answer(self) -> str:
        """What was decided, and why, in a few words."""
        return self._describe()[1]

    def _describe(self) -> tuple[str, str]:
        if self.decision is None:
            return "no request", "ended before it was whole"
        head = None if self.info is None else self.info.head
        request, _, answer = describe(self.decision, head).partition(": ")
        return request, answer

    @property
    def place(self) -> str:
        """The peer's address and port."""
        match self.peer:
            case (str(host), int(port), *_):
                return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            case _:
                return "-"

    def to_json(self) -> dict[str, Any]:
        """What a probe is told."""
        return {
            "octets": self.octets.decode("latin-1"),
            "peer": self.place,
            "secure": self.secure,
        }


@final
class Arrivals:
    """The last requests that had a nonce."""

    def __init__(self) -> None:
        self._by_nonce: Final[dict[str, list[Arrival]]] = {}

    def keep(self, arrival: Arrival) -> None:
        """Keep it if its first line has a nonce."""
        nonce = find_nonce(PROBE, arrival.octets.partition(b"\n")[0])
        if nonce is None:
            return
        kept = self._by_nonce.setdefault(nonce, [])
        if len(kept) < MOST_HEADS:
            kept.append(arrival)
        if len(self._by_nonce) > MOST_NONCES:
            del self._by_nonce[next(iter(self._by_nonce))]

    def of(self, nonce: str) -> tuple[Arrival, ...]:
        """What came with a nonce, in order."""
        return tuple(self._by_nonce.get(nonce, ()))


def without_secrets(octets: bytes) -> bytes:
    """The head in front of octets, bounded, the values of fields with secrets left out."""
    head, blank_line, _ = octets[:MOST_OCTETS].partition(b"\r\n\r\n")
    return _SECRET.sub(rb"\1 ...", head + blank_line)
